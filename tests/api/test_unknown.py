"""Replies that are lost: the wiki is asked, and nothing is sent twice."""

# ruff: noqa: PLR0917, FBT001  # pytest gives fixtures and parameters by name

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import pytest
import requests
import urllib3

from apibot.bridge import Bridge
from apibot.core.errors import EditConflict, OutcomeUnknown
from apibot.data.pages import Page
from tests.api.conftest import Connect
from tests.support.people import Person
from tests.support.proxy import (
    HALF_REPLY,
    IDLE_CLOSED,
    LOST_REPLY,
    LOST_REQUEST,
    Fault,
    Recorded,
    Wire,
    answered,
    api_error,
)

OLD = "Old.\n\n== One ==\nFirst."
HTML = "<html><body>Bad gateway</body></html>"
LATE = {
    "reply dropped": LOST_REPLY,
    "half a reply": HALF_REPLY,
    "HTML with status 502": answered(502, HTML, forward=True),
    "HTML with status 200": answered(200, HTML, forward=True),
    "nothing with status 200": answered(200, "", forward=True),
    "status 504": answered(504, b"", forward=True),
    "truncated JSON": answered(200, b'{"edit":{"result":"Succ', {"Content-Type": "application/json"}, forward=True),
    "a list": answered(200, [], forward=True),
    "an object that says nothing of it": answered(200, {"batchcomplete": True}, forward=True),
    "an edit without a result": answered(200, {"edit": {}}, forward=True),
    "another program": answered(200, {"status": "ok"}, forward=True),
    "an error inside": Fault(answer=api_error("internal_api_error_DBQueryError").answer),
}
"""The wiki saves, and the client does not learn it."""
BEFORE = {
    "dropped": LOST_REQUEST,
    "idle connection closed": IDLE_CLOSED,
    "HTML with status 502": answered(502, HTML),
    "HTML with status 503": answered(503, HTML),
    "HTML with status 200": answered(200, HTML),
}
"""The wiki never gets it, and the client does not learn that."""
CHANGES: dict[str, dict[str, Any]] = {
    "text": {"text": "New."},
    "append": {"append": "\nMore."},
    "prepend": {"prepend": "Before.\n"},
    "section": {"section": 1, "text": "== One ==\nChanged."},
    "section=new": {"section": "new", "sectiontitle": "Two", "text": "Second."},
}


@pytest.fixture
def old(human: Person, title: str) -> int:
    return human.save(title, OLD)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("fault", [LOST_REPLY, HALF_REPLY], ids=["dropped", "half"])
def test_every_kind_of_edit_is_found_when_its_reply_is_lost(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, change: str, fault: Fault
) -> None:
    wire.once("edit", fault)
    result = bridge.edit(title, **CHANGES[change])
    newest, *older = human.page(title)["revisions"]
    assert [one["revid"] for one in older] == [old]
    assert result.confirmed_late
    assert result.changed
    assert (result.revid, result.base, result.created) == (newest["revid"], old, False)
    assert (result.title, result.pageid) == (title, human.page(title)["pageid"])
    assert len(wire.of("edit")) == 1


@pytest.mark.parametrize("name", LATE)
def test_an_edit_whose_reply_is_lost_is_found(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, name: str
) -> None:
    page = bridge.fetch(title)
    page.text = "New."
    wire.once("edit", LATE[name])
    result = bridge.edit(page)
    assert result.confirmed_late
    assert human.texts(title) == ["New.", OLD]
    assert len(wire.of("edit")) == 1
    question = next(one for one in wire.requests if one.params.get("prop") == "revisions" and one.method == "POST")
    assert question.number > wire.of("edit")[0].number, "the primary database is asked"
    page.text = "Newer."
    assert not bridge.edit(page).confirmed_late, "the page object knows the revision that landed"
    assert human.texts(title) == ["Newer.", "New.", OLD]


@pytest.mark.parametrize("name", ["half a reply", "status 504", "another program", "an error inside"])
def test_a_creation_whose_reply_is_lost_is_found(
    bridge: Bridge, wire: Wire, human: Person, title: str, name: str
) -> None:
    wire.once("edit", LATE[name])
    result = bridge.edit(title, text="Made.")
    [revision] = human.page(title)["revisions"]
    assert result.confirmed_late
    assert result.created
    assert (result.revid, result.base) == (revision["revid"], 0)
    assert len(wire.of("edit")) == 1


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize("exists", [True, False], ids=["edit", "creation"])
def test_a_request_that_never_arrived_is_unknown_and_not_sent_again(
    bridge: Bridge, wire: Wire, human: Person, title: str, name: str, exists: bool
) -> None:
    if exists:
        human.save(title, OLD)
    wire.once("edit", BEFORE[name])
    with pytest.raises(OutcomeUnknown) as caught:
        bridge.edit(title, text="New.", summary="S")
    assert human.texts(title) == ([OLD] if exists else [])
    assert len(wire.of("edit")) == 1
    assert wire.requests[-1].method == "POST", "the wiki was asked"
    assert title in str(caught.value) or str(human.page(title).get("pageid")) in str(caught.value)
    assert caught.value.request is not None
    assert caught.value.request["summary"] == "S"
    assert "token" not in caught.value.request or caught.value.request["token"] == "***"


def test_a_request_that_never_connected_is_sent_again(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    """What certainly was not sent may be repeated."""
    wire.once("edit", api_error("readonly"), api_error("maxlag"), answered(429, "", {"Retry-After": "1"}))
    result = bridge.edit(title, text="New.")
    assert not result.confirmed_late
    assert len(wire.of("edit")) == 4
    assert human.texts(title) == ["New.", OLD]


@pytest.mark.parametrize("fault", [LOST_REQUEST, LOST_REPLY], ids=["never arrived", "landed"])
def test_the_question_is_repeated_when_its_own_answer_is_lost(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, fault: Fault
) -> None:
    bad = [fault, LOST_REPLY, HALF_REPLY]

    def schedule(request: Recorded, _number: int) -> Fault | None:
        after = bool(wire.of("edit"))
        return bad.pop(0) if after and bad else None

    wire.schedule = schedule
    if fault is LOST_REPLY:
        assert bridge.edit(title, text="New.").confirmed_late
    else:
        with pytest.raises(OutcomeUnknown):
            bridge.edit(title, text="New.")
    assert len(wire.of("edit")) == 1


def test_nothing_can_be_asked(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    """The wiki is gone after the edit: that it is unknown must not get lost behind why the question failed."""

    def schedule(request: Recorded, _number: int) -> Fault | None:
        return LOST_REPLY if wire.of("edit") else None

    wire.schedule = schedule
    with pytest.raises(OutcomeUnknown):
        bridge.edit(title, text="New.")
    assert len(wire.of("edit")) == 1


def test_an_account_blocked_while_the_question_is_asked(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    """A question that the wiki refuses leaves the outcome unknown."""

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.action == "edit":
            return LOST_REPLY
        return api_error("readapidenied") if wire.of("edit") else None

    wire.schedule = schedule
    with pytest.raises(OutcomeUnknown):
        bridge.edit(title, text="New.")


def landed_and_then(wire: Wire, act: Callable[[], object]) -> None:
    """Let the first edit land, then something else happen, then its reply be lost."""

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.action != "edit" or len(wire.of("edit")) > 1:
            return None
        wire.send_again(request)  # the wiki gets it here, so that what follows comes after it
        act()
        return LOST_REQUEST

    wire.schedule = schedule


def lost_while(wire: Wire, act: Callable[[], object]) -> None:
    """Let the first edit never arrive, and something else happen in its place."""

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.action != "edit" or len(wire.of("edit")) > 1:
            return None
        act()
        return LOST_REQUEST

    wire.schedule = schedule


def test_somebody_elses_edit_after_ours(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    landed_and_then(wire, lambda: human.save(title, "Theirs."))
    result = bridge.edit(title, text="Ours.")
    revisions = human.page(title)["revisions"]
    assert [one["content"] for one in revisions] == ["Theirs.", "Ours.", OLD]
    assert result.confirmed_late
    assert result.revid == revisions[1]["revid"]


def test_somebody_undid_ours(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    landed_and_then(wire, lambda: human.save(title, OLD))
    result = bridge.edit(title, append="\nOurs.")
    assert result.confirmed_late
    assert human.texts(title) == [OLD, f"{OLD}\nOurs.", OLD]


def test_a_page_object_after_somebody_elses_edit_after_ours(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    """The object must not pretend that ours is the current text, or theirs would be lost or not be noticed."""
    page = bridge.fetch(title)
    page.text = "Ours."
    landed_and_then(wire, lambda: human.save(title, "Theirs."))
    bridge.edit(page)
    wire.clear()
    page.text = "Ours again."
    with pytest.raises(EditConflict):
        bridge.edit(page)
    assert human.text(title) == "Theirs."


def test_a_merged_edit_whose_reply_is_lost(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    lines = "\n\n".join(f"Line {number}." for number in range(9))
    human.save(title, lines)
    page = bridge.fetch(title)
    human.save(title, lines.replace("Line 0.", "Theirs."))
    page.text = lines.replace("Line 8.", "Ours.")
    wire.once("edit", LOST_REPLY)
    both = lines.replace("Line 0.", "Theirs.").replace("Line 8.", "Ours.")
    try:
        result = bridge.edit(page)
    except OutcomeUnknown:  # the revision is neither on our base nor has it our text: doubt is right
        pass
    else:
        assert (result.confirmed_late, result.merged, page.text) == (True, True, both)
    assert human.text(title) == both
    assert len(wire.of("edit")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Signed ~~~~",
        "{{subst:PAGENAME}}",
        "{{ Subst:PAGENAME}}",
        "{{SAFESUBST:PAGENAME}}",
        "[[Main Page|]]",
        "[[|Main Page]]",
        "e\u0301\r\nX  \n\n",
        "a\x07b",
    ],
)
def test_texts_that_the_wiki_changes_are_found_too(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, text: str
) -> None:
    wire.once("edit", LOST_REPLY)
    assert bridge.edit(title, text=text).confirmed_late
    assert len(human.texts(title)) == 2


def test_a_page_that_was_moved_and_the_reply_lost(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    landed_and_then(wire, lambda: human.do("move", to=f"{title} moved", **{"from": title}))
    result = bridge.edit(title, text="Ours.")
    assert result.confirmed_late
    assert human.texts(f"{title} moved")[1:] == ["Ours.", OLD]


def test_a_page_that_was_deleted_after_our_edit(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int
) -> None:
    landed_and_then(wire, lambda: human.do("delete", title=title))
    with pytest.raises(OutcomeUnknown):
        bridge.edit(title, text="Ours.")
    assert "missing" in human.page(title)
    assert len(wire.of("edit")) == 1


@pytest.mark.parametrize("how", ["title", "fetched", "listed"])
def test_a_creation_that_a_sysop_deleted_at_once(
    bridge: Bridge, wire: Wire, human: Person, title: str, how: str
) -> None:
    page: str | Page = title
    if how == "fetched":
        page = bridge.fetch(title)
    elif how == "listed":
        [page] = bridge.titles(title).pages(text=True)
    landed_and_then(wire, lambda: human.do("delete", title=title))
    result = bridge.edit(page, text="Made.")
    assert result.confirmed_late
    assert result.created
    assert "missing" in human.page(title)
    assert len(wire.of("edit")) == 1


def test_a_creation_with_somebody_elses_edit_after_it(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    landed_and_then(wire, lambda: human.save(title, "Theirs."))
    result = bridge.edit(title, text="Made.")
    revisions = human.page(title)["revisions"]
    assert [one["content"] for one in revisions] == ["Theirs.", "Made."]
    assert result.revid == revisions[1]["revid"]
    assert result.confirmed_late


def test_a_creation_that_never_arrived_and_an_older_one_of_the_same_title(
    bridge: Bridge, wire: Wire, other_bot: Person, human: Person, title: str
) -> None:
    """What the account made and a sysop deleted before is not the creation that is asked about."""
    other_bot.save(title, "Of old.")
    human.do("delete", title=title)
    page = bridge.fetch(title)
    page.text = "New."
    wire.once("edit", LOST_REQUEST)
    with pytest.raises(OutcomeUnknown):
        bridge.edit(page)
    assert "missing" in human.page(title)


def test_a_creation_that_never_arrived_while_somebody_else_made_the_page(
    bridge: Bridge, wire: Wire, human: Person, title: str
) -> None:
    lost_while(wire, lambda: human.save(title, "Theirs."))
    with pytest.raises(OutcomeUnknown):
        bridge.edit(title, text="Ours.")
    assert human.texts(title) == ["Theirs."]


@pytest.mark.parametrize("theirs", ["Of the other process.", OLD + " And more."])
def test_another_edit_of_the_same_account_is_not_ours(
    bridge: Bridge, wire: Wire, other_bot: Person, title: str, old: int, theirs: str
) -> None:
    """The same bot in another process made a different edit on the same revision, while ours never arrived."""

    lost_while(wire, lambda: other_bot.save(title, theirs))
    with pytest.raises(OutcomeUnknown):
        bridge.edit(title, text="Ours.")
    assert other_bot.texts(title) == [theirs, OLD]


def test_another_creation_of_the_same_account_is_not_ours(
    bridge: Bridge, wire: Wire, other_bot: Person, title: str
) -> None:
    lost_while(wire, lambda: other_bot.save(title, "Of the other process."))
    with pytest.raises(OutcomeUnknown):
        bridge.edit(title, text="Ours.")
    assert other_bot.texts(title) == ["Of the other process."]


def test_the_other_process_edits_after_ours_landed(
    bridge: Bridge, wire: Wire, other_bot: Person, title: str, old: int
) -> None:
    landed_and_then(wire, lambda: other_bot.save(title, "Of the other process."))
    result = bridge.edit(title, text="Ours.")
    revisions = other_bot.page(title)["revisions"]
    assert [one["content"] for one in revisions] == ["Of the other process.", "Ours.", OLD]
    assert result.revid == revisions[1]["revid"]


def test_the_session_is_lost_with_the_reply(bridge: Bridge, wire: Wire, human: Person, title: str, old: int) -> None:
    """After the loss the wiki no longer knows the session: the question logs in again, and asks as the same account."""

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.action == "edit":
            return LOST_REPLY
        asked = [
            one for one in wire.requests if one.params.get("assertuser") and one.number > wire.of("edit")[0].number
        ]
        return api_error("assertnameduserfailed") if len(asked) == 1 and asked[0] is request else None

    page = bridge.fetch(title)
    bridge.core.backends["api"].tokens.get("csrf")  # type: ignore[attr-defined]  # so that the edit comes first
    wire.clear()
    wire.schedule = schedule
    page.text = "New."
    assert bridge.edit(page).confirmed_late
    assert human.texts(title) == ["New.", OLD]


def test_an_action_that_nothing_is_known_about_is_not_sent_again(
    bridge: Bridge, connect_via: Connect, wire: Wire, human: Person, title: str, old: int
) -> None:
    wire.once("watch", LOST_REPLY)
    with pytest.raises(OutcomeUnknown):
        bridge.by_name("action", "watch", titles=[title])
    assert len(wire.of("watch")) == 1


def test_a_tls_error_after_the_request_was_sent(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such errors come not only from the handshake, when nothing was sent yet, but also while the answer is read."""
    real = requests.Session.send
    bad_record = ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed or bad record mac")

    def send(self: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        reply = real(self, request, **kwargs)
        if "action=edit" in str(request.body):
            reply.close()
            raise requests.exceptions.SSLError(urllib3.exceptions.SSLError(bad_record))
        return reply

    monkeypatch.setattr(requests.Session, "send", send)
    assert bridge.edit(title, text="New.").confirmed_late
    assert human.texts(title) == ["New.", OLD]
    assert len(wire.of("edit")) == 1
