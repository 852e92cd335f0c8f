"""Other people who edit, delete or move a page between its reading and its saving."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, EditConflict, PageExists, PageMissing
from apibot.tasks import Edit
from tests.api.conftest import LINES, SECTIONS
from tests.api.test_edits import CHANGES
from tests.support.people import Person
from tests.support.proxy import LOST_REPLY, Wire


@pytest.mark.parametrize("theirs", ["Theirs.", SECTIONS.replace("First.", "Theirs.")])
def test_a_whole_text_is_never_put_over_somebody_elses(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, theirs: str
) -> None:
    page = bridge.fetch(title)
    human.save(title, theirs)
    page.text = SECTIONS.replace("First.", "Ours.")
    with pytest.raises(EditConflict) as caught:
        bridge.edit(page)
    assert caught.value.code == "editconflict"
    assert human.texts(title) == [theirs, SECTIONS]
    assert len(wire.of("edit")) == 1


def test_the_bots_own_other_process_is_somebody_else(
    bridge: Bridge, wire: Wire, other_bot: Person, title: str, old: int
) -> None:
    """With time stamps MediaWiki overlooks conflicts with the own account."""
    page = bridge.fetch(title)
    other_bot.save(title, "Of the other process.")
    page.text = "Of this one."
    with pytest.raises(EditConflict):
        bridge.edit(page)
    assert other_bot.texts(title) == ["Of the other process.", SECTIONS]


DERIVED = {name: change for name, (change, _after) in CHANGES.items() if name != "text"}


@pytest.mark.parametrize("name", DERIVED)
def test_a_change_that_follows_from_the_text_is_made_again(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, name: str
) -> None:
    changed = SECTIONS.replace("First.", "First of theirs.").replace("Third.", "Third of theirs.")
    theirs = f"Theirs.\n\n{changed}\n\nTheirs too."
    wire.before("edit", lambda: human.save(title, theirs))
    if name in {"lead", "one section", "last section"}:  # what it replaces is not the same any more
        with pytest.raises(EditConflict):
            bridge.edit(title, **DERIVED[name])
        assert human.texts(title) == [theirs, SECTIONS]
        return
    bridge.edit(title, **DERIVED[name])
    text, *rest = human.texts(title)
    assert rest == [theirs, SECTIONS]
    if "section" not in DERIVED[name]:
        assert theirs in text
    elif "append" in DERIVED[name] or DERIVED[name]["section"] in {0, "new"}:
        assert "First of theirs." in text
        assert "Theirs too." in text
    else:
        assert "Lead." in text
        assert "Theirs." in text


def test_somebody_who_is_always_faster(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    count = iter(range(99))
    wire.before("edit", lambda: human.save(title, f"Theirs {next(count)}."), 20)
    with pytest.raises(EditConflict):
        bridge.edit(title, append="Ours.")
    assert len(wire.of("edit")) <= 5
    assert not [text for text in human.texts(title) if "Ours." in text]


def test_a_change_by_a_function_is_made_again_on_the_new_text(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    wire.before("edit", lambda: human.save(title, "Theirs.\n\nFirst."))
    result = bridge.change(title, lambda text: text.replace("First.", "Ours."))
    assert human.texts(title) == ["Theirs.\n\nOurs.", "Theirs.\n\nFirst.", SECTIONS]
    assert result.changed


def test_the_wiki_merges_what_lies_apart_and_we_know(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    human.save(title, LINES)
    page = bridge.fetch(title)
    theirs = human.save(title, LINES.replace("Line 0.", "Theirs."))
    page.text = LINES.replace("Line 8.", "Ours.")
    result = bridge.edit(page)
    both = LINES.replace("Line 0.", "Theirs.").replace("Line 8.", "Ours.")
    assert human.text(title) == both
    assert result.merged
    assert result.changed
    assert page.text == page.original == both
    assert page.revid == result.revid > theirs
    page.text = both + "\n\nOnce more."
    assert not bridge.edit(page).merged
    assert human.text(title) == both + "\n\nOnce more."


def test_a_merged_edit_stays_a_success_when_the_page_can_not_be_read_again(
    bridge: Bridge, wire: Wire, human: Person, title: str
) -> None:
    """Whoever takes the error for a failed edit would make the change twice."""
    human.save(title, LINES)
    page = bridge.fetch(title)
    human.save(title, LINES.replace("Line 0.", "Theirs."))
    page.text = LINES.replace("Line 8.", "Ours.")
    wire.clear()
    wire.schedule = lambda request, _number: LOST_REPLY if "rvprop" in request.params and wire.of("edit") else None
    assert bridge.edit(page).merged
    assert len(wire.of("edit")) == 1


def test_a_page_that_a_sysop_deleted_is_not_made_again(
    bridge: Bridge, wire: Wire, human: Person, sysop: Person, title: str, old: int
) -> None:
    page = bridge.fetch(title)
    sysop.do("delete", title=title)
    page.text = "Back again."
    with pytest.raises(PageMissing):
        bridge.edit(page)
    assert "missing" in human.page(title)
    with pytest.raises(PageMissing):
        bridge.edit(page)
    assert "missing" in human.page(title)


@pytest.mark.parametrize("change", [{"append": "More."}, {"section": 1, "text": "== One ==\nX."}])
def test_an_added_text_does_not_make_a_deleted_page_again(
    bridge: Bridge, wire: Wire, human: Person, sysop: Person, title: str, old: int, change: dict[str, Any]
) -> None:
    wire.before("edit", lambda: sysop.do("delete", title=title))
    with pytest.raises(PageMissing):
        bridge.edit(title, **change)
    assert "missing" in human.page(title)


def test_an_edit_follows_a_page_that_was_moved(
    bridge: Bridge, wire: Wire, human: Person, sysop: Person, title: str, old: int
) -> None:
    page = bridge.fetch(title)
    sysop.do("move", to=f"{title} moved", **{"from": title})
    page.text = SECTIONS.replace("First.", "Ours.")
    result = bridge.edit(page)
    assert result.title == f"{title} moved"
    assert human.text(f"{title} moved") == page.text
    assert human.text(title) == f"#REDIRECT [[{title} moved]]"


def test_an_added_text_follows_a_page_that_was_moved(
    bridge: Bridge, wire: Wire, human: Person, sysop: Person, title: str, old: int
) -> None:
    wire.before("edit", lambda: sysop.do("move", to=f"{title} moved", **{"from": title}))
    bridge.edit(title, append="\nMore.")
    assert human.text(f"{title} moved") == f"{SECTIONS}\nMore."
    assert human.text(title) == f"#REDIRECT [[{title} moved]]"


def test_creating_when_somebody_else_was_faster(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    wire.before("edit", lambda: human.save(title, "Theirs."))
    with pytest.raises(PageExists):
        bridge.edit(title, text="Ours.", create="only")
    assert human.texts(title) == ["Theirs."]


def test_a_page_seen_to_be_missing_and_made_meanwhile(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    page = bridge.fetch(title)
    assert not page.exists
    human.save(title, "Theirs.")
    page.text = "Ours."
    with pytest.raises((PageExists, EditConflict)):
        bridge.edit(page)
    assert human.texts(title) == ["Theirs."]


def test_adding_to_a_page_that_is_made_meanwhile(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    """What is added follows from the text, also where that was empty: both texts must be there."""
    wire.before("edit", lambda: human.save(title, "Theirs."))
    bridge.edit(title, append="\nOurs.")
    assert human.texts(title) == ["Theirs.\nOurs.", "Theirs."]


def test_an_old_revision_can_be_put_back(bridge: Bridge, human: Person, title: str, old: int) -> None:
    """Its text is not the current one: saving it must save it or be refused, not pass for done."""
    newer = human.save(title, "Vandalised.")
    page = bridge.fetch(title, revid=old)
    assert page.text == SECTIONS
    try:
        result = bridge.edit(page, summary="Back")
    except (EditConflict, BadParameter):
        assert human.text(title) == "Vandalised."
    else:
        assert human.text(title) == SECTIONS
        assert result.revid > newer


def test_an_append_through_a_page_object_after_somebody_elses_edit(
    bridge: Bridge, human: Person, title: str, old: int
) -> None:
    page = bridge.fetch(title)
    human.save(title, "Theirs.")
    bridge.edit(page, append="\nOurs.")
    assert human.texts(title) == ["Theirs.\nOurs.", "Theirs.", SECTIONS]
    assert page.text == "Theirs.\nOurs."
    assert page.revid == human.page(title)["revisions"][0]["revid"]


def test_a_planned_edit_is_stale_when_the_page_has_changed(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    attempt = bridge.core.fence(Edit(title, append="\nMore."))
    human.save(title, "Theirs.")
    with pytest.raises(EditConflict):
        bridge.perform(attempt.request)
    assert human.text(title) == "Theirs."
