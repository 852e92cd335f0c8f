"""Edits: the fenced form at the wire, and what a second copy of it does."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, PageExists, PageMissing
from apibot.tasks import Edit
from tests.api.conftest import SECTIONS, Connect
from tests.support.people import Person
from tests.support.proxy import Recorded, Wire


def the_edit(wire: Wire) -> Recorded:
    """Return the one edit that went over the wire."""
    [edit] = wire.of("edit")
    return edit


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "text": ({"text": "New."}, "New."),
    "append": ({"append": "\nMore."}, f"{SECTIONS}\nMore."),
    "prepend": ({"prepend": "Before.\n"}, f"Before.\n{SECTIONS}"),
    "both": ({"prepend": "A ", "append": " Z"}, f"A {SECTIONS} Z"),
    "lead": ({"section": 0, "text": "Led."}, SECTIONS.replace("Lead.", "Led.")),
    "one section": ({"section": 1, "text": "== One ==\nChanged."}, SECTIONS.replace("First.", "Changed.")),
    "subsections": (
        {"section": 2, "text": "== Two ==\nShort."},
        SECTIONS.replace("Second.\n\n=== Two a ===\nDeep.", "Short."),
    ),
    "last section": ({"section": 4, "text": "== Three ==\nEnd."}, SECTIONS.replace("Third.", "End.")),
    "append to section": ({"section": 1, "append": " And."}, SECTIONS.replace("First.", "First. And.")),
    "prepend to lead": ({"section": 0, "prepend": "Hm. "}, "Hm. " + SECTIONS),
    "new section": (
        {"section": "new", "sectiontitle": "Four", "text": "Fourth."},
        f"{SECTIONS}\n\n== Four ==\n\nFourth.",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_edit_is_fenced_and_a_copy_of_it_changes_nothing(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, name: str
) -> None:
    change, wanted = CHANGES[name]
    result = bridge.edit(title, summary="Why", **change)
    page = human.page(title)
    assert [one["content"] for one in page["revisions"]] == [wanted, SECTIONS]
    assert (result.title, result.pageid, result.base) == (title, page["pageid"], old)
    assert (result.revid, result.changed, result.created) == (page["revisions"][0]["revid"], True, False)
    assert not result.merged
    assert not result.confirmed_late
    edit = the_edit(wire)
    sent = dict(edit.params)
    assert sent.pop("token").endswith("+\\")
    assert sent.pop("text").rstrip() == wanted
    assert sent == {
        "action": "edit",
        "pageid": str(page["pageid"]),
        "baserevid": str(old),
        "nocreate": "1",
        "summary": "Why",
        "notminor": "1",
        "bot": "1",
        "watchlist": "nochange",
        "assertuser": "Bot",
        "maxlag": "5",
        "format": "json",
        "formatversion": "2",
        "errorformat": "plaintext",
        "errorlang": "en",
    }
    assert edit.method == "POST"
    assert "?" not in edit.target, "no part of the edit is in the address"
    copy = wire.send_again(edit)
    refused = copy.get("errors", [{}])[0].get("code") == "editconflict"
    assert refused or "nochange" in copy["edit"], copy
    assert human.texts(title) == [wanted, SECTIONS]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "New."},
        {"append": "New."},
        {"prepend": "New."},
        {"section": "new", "sectiontitle": "H", "text": "New."},
    ],
)
def test_a_creation_is_fenced_and_a_copy_of_it_is_refused(
    bridge: Bridge, wire: Wire, human: Person, title: str, change: dict[str, Any]
) -> None:
    result = bridge.edit(title, **change)
    page = human.page(title)
    assert result.created
    assert result.changed
    assert (result.base, result.pageid) == (0, page["pageid"])
    assert result.revid == page["revisions"][0]["revid"]
    edit = the_edit(wire)
    assert edit.params["createonly"] == "1"
    assert edit.params["title"] == title
    assert not {"nocreate", "pageid", "basetimestamp", "starttimestamp", "recreate"} & edit.params.keys()
    assert wire.send_again(edit)["errors"][0]["code"] == "articleexists"
    assert len(human.texts(title)) == 1


def test_what_was_read_is_not_read_again(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    page = bridge.fetch(title)
    page.text = "First change."
    first = bridge.edit(page)
    assert page.revid == first.revid
    assert (page.text, page.original, page.changed) == ("First change.", "First change.", False)
    page.text = "Second change."
    second = bridge.edit(page)
    assert [one.action for one in wire.requests if one.params.get("meta") != "tokens"] == ["query", "edit", "edit"]
    assert second.base == first.revid
    assert human.texts(title) == ["Second change.", "First change.", SECTIONS]


@pytest.mark.parametrize(
    "same",
    [
        SECTIONS,
        SECTIONS + "\n\n  \t",
        SECTIONS.replace("\n", "\r\n"),
        SECTIONS.replace("\n", "\r"),
    ],
)
def test_nothing_is_sent_when_nothing_changes(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, same: str
) -> None:
    page = bridge.fetch(title)
    wire.clear()
    page.text = same
    assert not page.changed
    result = bridge.edit(page)
    assert (result.changed, result.revid, result.base) == (False, old, old)
    assert wire.requests == []
    assert not bridge.edit(title, text=same).changed
    assert wire.of("edit") == []
    assert human.texts(title) == [SECTIONS]


def test_decomposed_characters_change_nothing(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    human.save(title, "é Å ﬁ")
    page = bridge.fetch(title)
    page.text = "e\u0301 A\u030a ﬁ"
    assert not bridge.edit(page).changed
    assert not bridge.edit(title, append="\n").changed
    assert wire.of("edit") == []


def test_what_the_wiki_normalises_is_what_the_page_object_holds(
    bridge: Bridge, human: Person, title: str, old: int
) -> None:
    page = bridge.fetch(title)
    page.text = "e\u0301\r\nX  \n\n"
    bridge.edit(page)
    assert page.text == human.text(title) == "é\nX"
    assert not page.changed


def test_a_null_edit_is_answered_without_a_change(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    """The base is known, the text is not: the wiki says that nothing changed."""
    ref = bridge.allpages(prefix=title).first()
    assert ref is not None
    result = bridge.edit(ref, text=SECTIONS)
    assert not result.changed
    assert result.revid == old


def test_creating_only(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    assert bridge.edit(title, text="Made.", create="only").created
    wire.clear()
    with pytest.raises(PageExists):
        bridge.edit(title, text="Made again.", create="only")
    assert wire.of("edit") == []
    assert human.texts(title) == ["Made."]


def test_creating_never(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    changes: list[dict[str, Any]] = [{"text": "No."}, {"append": "No."}]
    for change in changes:
        with pytest.raises(PageMissing):
            bridge.edit(title, create="never", **change)
    with pytest.raises(PageMissing):
        bridge.edit(title, section=1, text="No.")
    assert wire.of("edit") == []
    assert "missing" in human.page(title)


def test_a_page_object_of_a_new_page_knows_that_it_was_made(bridge: Bridge, human: Person, title: str) -> None:
    page = bridge.fetch(title)
    page.text = "Made."
    assert bridge.edit(page).created
    assert page.exists
    page.text = "Changed."
    assert not bridge.edit(page).created
    assert human.texts(title) == ["Changed.", "Made."]


def test_a_page_object_keeps_what_it_knows_when_it_is_saved(bridge: Bridge, human: Person, title: str) -> None:
    human.save(f"Template:{title}", "Old. [[Category:X]]")
    page = bridge.fetch(f"Template:{title}", categories=True)
    before = (page.title, page.pageid, page.ns, page.exists, page.contentmodel)
    page.text = "New. [[Category:X]]"
    bridge.edit(page)
    assert (page.title, page.pageid, page.ns, page.exists, page.contentmodel) == before
    assert page.size == len("New. [[Category:X]]")


def test_pages_from_lists_can_be_edited(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    ref = bridge.allpages(prefix=title).first()
    assert ref is not None
    bridge.edit(ref, append="\nMore.")
    assert human.text(title) == f"{SECTIONS}\nMore."
    [page] = bridge.allpages(prefix=title).pages(text=True)
    page.text = "All new."
    wire.clear()
    bridge.edit(page)
    assert [one.action for one in wire.requests] == ["edit"]
    assert human.text(title) == "All new."


def test_a_page_object_and_a_change_of_its_own(bridge: Bridge, human: Person, title: str, old: int) -> None:
    page = bridge.fetch(title)
    bridge.edit(page, append="\nMore.")
    assert page.text == f"{SECTIONS}\nMore."
    bridge.edit(page, text="Given.")
    assert page.text == "Given."
    assert human.text(title) == "Given."


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"text": "A", "append": "B"},
        {"section": "new", "text": "A"},
        {"section": "new", "sectiontitle": "A"},
        {"sectiontitle": "A", "text": "B"},
        {"section": -1, "text": "A"},
    ],
)
def test_edits_that_make_no_sense_are_refused_before_anything_is_sent(
    bridge: Bridge, wire: Wire, title: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(BadParameter):
        bridge.edit(title, **wrong)
    assert wire.requests == []


def test_a_human_account_marks_nothing_as_a_bots(connect_via: Connect, wire: Wire, human: Person, title: str) -> None:
    bridge = connect_via("human")
    bridge.edit(title, text="By a human.", minor=True)
    assert "bot" not in the_edit(wire).params
    bridge.edit(title, text="Changed.", minor=True)
    assert human.page(title)["revisions"][0]["minor"]


def test_flags_of_an_edit(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    bridge.edit(title, text="Loud.", bot=False, minor=True, summary=" Ä | B ")
    sent = the_edit(wire).params
    assert "bot" not in sent
    assert sent["minor"] == "1"
    assert "notminor" not in sent
    assert human.page(title)["revisions"][0]["comment"] == "Ä | B"
    [change] = human.ask(list="recentchanges", rctitle=title, rcprop="flags", rclimit=1)["recentchanges"]
    assert not change["bot"]


@pytest.mark.parametrize("text", ["a|b", "|", "a\x1fb", "+\\", "x" * 30_000, "a\x00b", "&amp; %7C é", "𝄞\u200e"])
def test_a_text_arrives_as_it_is(bridge: Bridge, human: Person, title: str, text: str) -> None:
    result = bridge.edit(title, text=text)
    other = f"{title} by the wiki"
    human.save(other, text)
    assert human.text(title) == human.text(other)
    assert result.created


def test_an_empty_text_blanks_a_page(bridge: Bridge, human: Person, title: str, old: int) -> None:
    assert bridge.edit(title, text="").changed
    assert human.text(title) == ""


def test_a_page_can_be_made_empty(bridge: Bridge, human: Person, title: str) -> None:
    assert bridge.edit(title, text="").created
    assert human.texts(title) == [""]


def test_templates_are_transcluded_when_saved(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    """The stored text is not the one that was sent: a page object must not claim otherwise unseen."""
    page = bridge.fetch(title)
    page.text = "Signed ~~~~"
    bridge.edit(page)
    stored = human.text(title)
    assert stored is not None
    assert "~~~~" not in stored
    page.text = page.text + "\n\nMore."
    bridge.edit(page)
    assert human.text(title) == f"{stored}\n\nMore."


def test_planning_an_edit_sends_no_edit(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    attempt = bridge.core.fence(Edit(title, append="\nMore."))
    assert (attempt.before, attempt.after, attempt.base_revid) == (SECTIONS, f"{SECTIONS}\nMore.", old)
    assert wire.of("edit") == []
    bridge.perform(attempt.request)
    assert human.text(title) == f"{SECTIONS}\nMore."


def test_a_plan_may_be_carried_out_twice_and_changes_once(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    attempt = bridge.core.fence(Edit(title, append="\nMore."))
    assert bridge.perform(attempt.request).changed
    assert not bridge.perform(attempt.request).changed
    assert human.texts(title) == [f"{SECTIONS}\nMore.", SECTIONS]


@pytest.mark.parametrize("name", ["Special:Version", "Bad<title", "A|B", "wikipedia:X", "", "x" * 300, "A\ud800"])
def test_what_is_no_page_can_not_be_edited(bridge: Bridge, wire: Wire, name: str) -> None:
    with pytest.raises(BadParameter):
        bridge.edit(name, text="X.")
    assert wire.of("edit") == []


@pytest.mark.parametrize("field", ["text", "summary", "append"])
def test_a_text_that_is_no_unicode_is_refused(
    bridge: Bridge, wire: Wire, human: Person, title: str, field: str
) -> None:
    with pytest.raises(BadParameter):
        bridge.edit(title, **({"text": "X."} if field == "summary" else {}), **{field: "half a pair: \ud800"})  # type: ignore[arg-type]  # one of them
    assert wire.of("edit") == []
    assert "missing" in human.page(title)
