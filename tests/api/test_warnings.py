"""What the wiki warns of is shown, each warning once; an answer that it cut is no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadReply
from tests.support.proxy import Fault, Recorded, Wire, answered

CUT = {"code": "truncatedresult", "module": "result", "text": "This result was truncated."}


def warning(text: str, code: str = "deprecation") -> dict[str, str]:
    return {"code": code, "module": "query", "text": text}


def rows(number: int, **more: Any) -> Fault:
    """Return a batch of allpages."""
    row = {"pageid": number, "ns": 0, "title": f"Page {number}"}
    return answered(200, {"batchcomplete": True, "query": {"allpages": [row]}, **more})


def test_each_warning_is_shown_once(bridge: Bridge, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    many = [warning("One."), warning("Two.\nWith a second line.")]
    wire.once("query", *[rows(number, warnings=many) for number in range(3)], rows(3, warnings=[warning("Three.")]))
    for _ in range(4):
        assert bridge.allpages().count() == 1
    shown = [one.getMessage() for one in caplog.records if "API_Exchanger" in one.name and one.levelname == "WARNING"]
    assert [text.partition(":")[2].split(".")[0].strip() for text in shown] == ["One", "Two", "Three"]


def test_warnings_of_a_strange_kind_do_no_harm(bridge: Bridge, wire: Wire) -> None:
    strange: list[Any] = ["text", 17, {"query": {"*": "old form"}}, [None, "x", {}], {"code": ["truncatedresult"]}]
    wire.once("query", *[rows(1, warnings=one) for one in strange])
    for _ in strange:
        assert bridge.allpages().count() == 1


def test_a_cut_answer_with_continuation_goes_on(bridge: Bridge, wire: Wire) -> None:
    wire.once("query", rows(1, warnings=[CUT], **{"continue": {"apcontinue": "B"}}), rows(2))
    assert [row.title for row in bridge.allpages()] == ["Page 1", "Page 2"]
    asked = [one.params.get("apcontinue") for one in wire.requests]
    assert asked == [None, "B"]


def test_a_cut_answer_without_continuation_is_an_error(bridge: Bridge, wire: Wire) -> None:
    seen: list[Recorded] = []

    def schedule(request: Recorded, _number: int) -> Fault:
        seen.append(request)
        return rows(1, warnings=[warning("One."), CUT])

    wire.schedule = schedule
    with pytest.raises(BadReply, match="truncated"):
        list(bridge.allpages())
    assert len(seen) == 1, "asking again gives the same"


def test_a_property_that_is_one_object_is_one_row(bridge: Bridge, title: str) -> None:
    bridge.edit(title, text="__NOINDEX__")
    [row] = bridge.titles(title).property("pageprops")
    assert "noindex" in row


@pytest.mark.parametrize("found", [17, "text", {"a": 1}, [17], [None], ["text"]])
def test_rows_that_are_none_are_not_missing_in_silence(bridge: Bridge, wire: Wire, found: Any) -> None:
    wire.always(answered(200, {"batchcomplete": True, "query": {"allpages": found, "pages": found}}))
    asks: list[Callable[[], int]] = [bridge.allpages().count, bridge.titles("A").pages(text=True).count]
    for ask in asks:
        with pytest.raises(BadReply, match="no rows"):
            ask()


def test_a_purge_that_is_not_answered_is_none(bridge: Bridge, wire: Wire) -> None:
    wire.always(answered(200, {"batchcomplete": True}))
    with pytest.raises(BadReply, match="no rows"):
        bridge.purge("A")
