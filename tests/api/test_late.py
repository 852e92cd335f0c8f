"""Replies that come too late: the client has given up, the wiki has not."""

# ruff: noqa: PLR0917, FBT001  # pytest gives fixtures and parameters by name

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import OutcomeUnknown
from tests.api.conftest import Connect
from tests.support.people import Person
from tests.support.proxy import (
    Fault,
    Wire,
    held,
)

OLD = "Old.\n\n== One ==\nFirst."


@pytest.fixture
def old(human: Person, title: str) -> int:
    return human.save(title, OLD)


@pytest.fixture
def event() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("exists", [True, False], ids=["edit", "creation"])
def test_no_answer_in_time(
    connect_via: Connect, wire: Wire, human: Person, title: str, exists: bool, event: threading.Event
) -> None:
    if exists:
        human.save(title, OLD)
    bridge = connect_via(timeout=1.0)
    wire.once("edit", held(event))
    result = bridge.edit(title, text="New.")
    assert result.confirmed_late
    assert human.texts(title) == ["New.", OLD][: 1 + exists]
    assert len(wire.of("edit")) == 1


def test_a_request_that_arrives_only_after_the_question(
    connect_via: Connect, wire: Wire, human: Person, title: str, old: int, event: threading.Event
) -> None:
    bridge = connect_via(timeout=1.0)
    wire.once("edit", Fault(wait_before=event))
    with pytest.raises(OutcomeUnknown):
        bridge.edit(title, text="New.")
    assert human.texts(title) == [OLD]
    event.set()
    assert len(wire.of("edit")) == 1


def test_a_save_that_takes_longer_than_the_client_waits(
    connect_switched: Callable[..., Bridge], switches: Path, switched_wire: Wire, switched_sysop: Person, title: str
) -> None:
    """No question can see what the server is still working on: unknown, not sent again, and one edit in the end."""
    base = switched_sysop.save(title, OLD)
    bridge = connect_switched(timeout=1.0)
    page = bridge.fetch(title)
    page.text = "New."
    (switches / "hold").touch()
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(bridge.edit, page)
        with pytest.raises(OutcomeUnknown):
            saving.result(30)
        assert (switches / "holding").exists(), "the wiki was at work"
        [edit] = switched_wire.of("edit")
        assert not edit.over.is_set(), "and still is"
        assert switched_sysop.texts(title) == [OLD]
        (switches / "hold").unlink()
    assert edit.over.wait(10)
    assert edit.answer["edit"]["oldrevid"] == base
    assert switched_sysop.texts(title) == ["New.", OLD]
    assert len(switched_wire.of("edit")) == 1


def test_late_replies_do_not_disturb_what_follows(
    connect_via: Connect, wire: Wire, human: Person, title: str, event: threading.Event
) -> None:
    bridge = connect_via(timeout=1.0)
    wire.once("edit", held(event))
    assert bridge.edit(title, text="One.").confirmed_late
    event.set()
    assert bridge.edit(title, text="Two.").changed
    assert bridge.fetch(title).text == "Two."
    assert human.texts(title) == ["Two.", "One."]
