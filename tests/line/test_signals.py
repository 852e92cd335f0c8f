"""Slots of one's own that work on signals: parameters for slots after them, data blocks, the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, cast

from apibot.bridge import Bridge
from apibot.data.pages import Page
from apibot.line import Slot, allpages, append, edit, keep, replace
from apibot.line import page as condition
from apibot.line.signals import DEFAULT_KEY, Data, LogEntry
from apibot.line.slots import Kind, Work
from apibot.runs import read_plan
from tests.line.conftest import MakePages
from tests.support.people import Person


class Directs(Work):
    """Tell the next ``replace`` what to put, from the page's own title, and keep a copy of the page."""

    kind: ClassVar[Kind] = "worker"
    needs_text: ClassVar[bool] = True

    def work(self, page: Page, _say: Callable[[str], object], /) -> str | None:
        """Say what is put."""
        return f"put {page.title[-1]}"

    def on_data(self, signal: Data, say: Callable[[str], object], /) -> str | None:
        """Set the parameter."""
        page = cast("Page", signal.element)
        signal.copy_block(DEFAULT_KEY, "before")
        signal.params["replace"] = {"new": page.title[-1]}
        return self.work(page, say)


def test_a_slot_directs_another_by_parameters(bridge: Bridge, prefix: str, pages: MakePages, human: Person) -> None:
    titles = pages("a", "b")
    line = (
        allpages(prefix=prefix)
        | replace("a", "A")
        | Slot("directs", Directs())
        | append("x", newline=False)
        | replace("x", "never")
        | edit(summary="directed")
    )
    signals = list(line.signals(bridge))
    assert [human.text(title) for title in titles] == ["A0", "b1"]
    assert [cast("Page", signal.blocks["before"].element).text for signal in signals] == ["A", "b"]
    assert [signal.log for signal in signals] == [
        [
            LogEntry("feeder", "allpages", "fed"),
            LogEntry("worker", "replace", replaced),
            LogEntry("worker", "directs", f"put {number}"),
            LogEntry("worker", "append", "appended"),
            LogEntry("worker", "replace", "1 replaced"),
            LogEntry("writer", "edit", "saved"),
        ]
        for number, replaced in enumerate(("1 replaced", "0 replaced"))
    ]
    assert not any(signal.params for signal in signals), "what a slot took is gone"


def test_a_line_with_branches_is_planned_too(
    bridge: Bridge, prefix: str, pages: MakePages, human: Person, tmp_path: Path
) -> None:
    titles = pages("a", "b")
    line = allpages(prefix=prefix) | keep(condition.title.endswith("0"))
    sieve = line.slots[-1]
    sieve.link_with(append("kept")).link_with(edit(summary="kept"))
    sieve.rejects_link_with(append("rejected")).link_with(edit(summary="rejected"))
    path = tmp_path / "plan.jsonl"
    assert line.plan(bridge, path).changed == 2
    assert [human.text(title) for title in titles] == ["a", "b"]
    assert read_plan(path).header.producer == "python"
    assert bridge.apply(path).applied == 2
    assert [human.text(title) for title in titles] == ["a\nkept", "b\nrejected"]
