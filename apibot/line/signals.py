"""Signals: what slots pass to each other."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import NamedTuple

DEFAULT_KEY = "*"
"""Key of the data block that slots work on unless told otherwise."""


class LogEntry(NamedTuple):
    """What a slot noted on a signal."""

    kind: str
    """feeder, fetcher, filter, worker or writer."""
    name: str
    job: str


@dataclass
class Block:
    """A data block: an element, what it is, and its place in the succession it came in."""

    element: object
    type: str = "object/page"
    """A MIME-like type: ``object/page``, ``object/row``, ``string/title``."""
    key: int | str = 0


@dataclass
class Signal:
    """What all signals have: parameters in groups, and a log."""

    params: dict[str, dict[str, object]] = field(default_factory=dict[str, dict[str, object]])
    """Group, then name, then value; a slot takes over the group named like its kind or like itself."""
    log: list[LogEntry] = field(default_factory=list[LogEntry])

    def note(self, kind: str, name: str, job: str) -> None:
        """Add a line to the log."""
        self.log.append(LogEntry(kind, name, job))


@dataclass
class Start(Signal):
    """Begins a stream."""

    source: str = ""
    """The feeder, as text."""


@dataclass
class End(Signal):
    """Ends a stream."""

    count: int = 0
    """Elements that the feeder fed."""


@dataclass
class Data(Signal):
    """Carries one element, or several in data blocks of their own."""

    number: int = 0
    """Of the element in its stream; copies on other branches have the same."""
    blocks: dict[str, Block] = field(default_factory=dict[str, Block])

    @property
    def element(self) -> object:
        """The element of the default block."""
        return self.blocks[DEFAULT_KEY].element

    @element.setter
    def element(self, value: object) -> None:
        self.blocks[DEFAULT_KEY].element = value

    def copy_block(self, key: str, to: str) -> None:
        """Copy a block; the element itself is copied too."""
        self.blocks[to] = copy.deepcopy(self.blocks[key])

    def rename_block(self, key: str, to: str) -> None:
        """Give a block another key."""
        self.blocks[to] = self.blocks.pop(key)

    def swap_blocks(self, one: str, other: str) -> None:
        """Exchange two blocks."""
        self.blocks[one], self.blocks[other] = self.blocks[other], self.blocks[one]

    def delete_block(self, key: str) -> None:
        """Take a block away."""
        del self.blocks[key]

    def branched(self) -> Data:
        """Return a copy for another branch, so that neither spoils the other's data."""
        blocks = {key: replace(block, element=copy.copy(block.element)) for key, block in self.blocks.items()}
        params = {group: dict(values) for group, values in self.params.items()}
        return Data(params, list(self.log), self.number, blocks)


__all__ = ["DEFAULT_KEY", "Block", "Data", "End", "LogEntry", "Signal", "Start"]
