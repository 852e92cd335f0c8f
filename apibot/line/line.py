"""Line: slots strung up, run, planned, or written as text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import cast

from apibot.core.errors import BadParameter
from apibot.core.request import Query
from apibot.core.words import split_line
from apibot.data.pages import Page, PageRef
from apibot.line.engine import Engine, LineResult
from apibot.line.signals import Data
from apibot.line.slots import SLOTS, Slot, slot_from_words
from apibot.runs.apply import page_sets
from apibot.runs.performer import Performer
from apibot.runs.plan import Planner, Producer, Record


class Line:
    """Slots linked with each other.

    ``a | b`` copies its parts into a new line; ``a.link_with(b)`` links the slots themselves, and ``Line([a])`` takes
    all that can be reached from them.

    Parameters: ``heads``, the slots that nothing is before.
    """

    def __init__(self, heads: Sequence[Slot]) -> None:
        self.heads = list(heads)

    @property
    def slots(self) -> list[Slot]:
        """The slots that elements can reach, as they are linked now."""
        found: dict[Slot, None] = {}
        for head in self.heads:
            found.update(dict.fromkeys([head, *head.following()]))
        return list(found)

    @classmethod
    def parse(cls, text: str) -> Line:
        """Make a line from its text: ``allpages namespace=0 | keep size>=1000 | replace teh the | edit``.

        Raises BadParameter naming what is wrong.
        """
        slots = [slot_from_words(words) for words in split_line(text)]
        for before, after in pairwise(slots):
            before.link_with(after)
        return cls(slots[:1])

    def __or__(self, after: Slot | Line) -> Line:
        mine, more = _copies(self), _copies(after if isinstance(after, Line) else Line([after]))
        for end in [slot for slot in mine.slots if not slot.links]:
            for head in more.heads:
                end.link_with(head)
        return mine

    def __str__(self) -> str:
        """Return the line as text, from which ``parse`` makes it again; only for a line without branches."""
        if self.branched:
            msg = "A line with branches can not be written as text."
            raise BadParameter(msg)
        return " | ".join(map(str, self.slots))

    @property
    def branched(self) -> bool:
        """Whether it is more than a string of slots."""
        forks = any(len(slot.links) > 1 or slot.reject_links or len(slot.sources) > 1 for slot in self.slots)
        return forks or len(self.heads) != 1

    @property
    def producer(self) -> Producer:
        """What can make its plan again: its text, or only this process if it has slots that no text stands for."""
        if self.branched or any(type(slot.spec) is not SLOTS.get(slot.word) for slot in self.slots):
            return "python"
        return cast("Producer", {"line": str(self)})

    def run(
        self,
        bridge: Performer,
        *,
        progress: Callable[[int], object] | None = None,
        say: Callable[[str], object] | None = None,
    ) -> LineResult:
        """Run the line.

        Parameters: ``bridge``, whose wiki it works on; ``progress``, called with the number of elements fed so far;
        ``say``, takes what ``echo`` shows, stdout if None.
        Returns what became of the elements.  Raises ApibotError that ends the whole run.
        """
        engine = self._engine(bridge, progress, say)
        for _signal in engine.signals():
            pass
        return engine.result

    def elements(self, bridge: Performer) -> Iterator[Page]:
        """Run the line and give each element that reaches its end."""
        return (cast("Page", signal.element) for signal in self.signals(bridge))

    def signals(self, bridge: Performer) -> Iterator[Data]:
        """Run the line and give each data signal that reaches its end: the element, and what each slot did to it."""
        return self._engine(bridge, None, None).signals()

    def plan(
        self,
        bridge: Performer,
        path: str | Path,
        *,
        progress: Callable[[int], object] | None = None,
        say: Callable[[str], object] | None = None,
    ) -> LineResult:
        """Write down in a plan what the line would change, and change nothing; the file appears when it is whole."""
        with Planner(bridge.core, path, self.producer) as planner:
            return self.run(planner, progress=progress, say=say)

    def fed_by(self, query: Query[object]) -> Line:
        """Return the same line with other pages fed into it."""
        copy = _copies(self)
        for slot in copy.heads:
            slot.spec = query
        return copy

    def _engine(
        self, bridge: Performer, progress: Callable[[int], object] | None, say: Callable[[str], object] | None
    ) -> Engine:
        slots = self.slots
        if not slots:
            msg = "A line begins with a feeder; this one is empty."
            raise BadParameter(msg)
        for slot in slots:
            if (slot.kind == "feeder") != (slot in self.heads):
                where = "begins with a feeder" if slot.kind != "feeder" else "has feeders only at its beginning"
                msg = f"A line {where}; {slot.word} does not belong there."
                raise BadParameter(msg)
        return Engine(slots, bridge, say or _to_stdout, progress)


def _to_stdout(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _copies(line: Line) -> Line:
    """Return a line of copies, linked as the slots are."""
    copies: Mapping[Slot, Slot] = {slot: slot.copied() for slot in line.slots}
    for slot, copy in copies.items():
        for after in slot.links:
            copy.link_with(copies[after])
        for after in slot.reject_links:
            copy.rejects_link_with(copies[after])
    return Line([copies[head] for head in line.heads])


def replan(planner: Planner, producer: Producer, stale: Sequence[Record]) -> None:
    """Run a line again, in a plan, for the pages of stale records alone."""
    line = Line.parse(str(cast("Mapping[str, object]", producer)["line"]))
    refs = [cast("PageRef", record.request.given()["page"]) for record in stale]
    for query in page_sets(refs):
        line.fed_by(query).run(planner)


__all__ = ["Line", "LineResult", "replan"]
