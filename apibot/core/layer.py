"""The levels that a request passes: each is an instance with a label, the one below it, hooks and a logger."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar, cast

from apibot.core.hooks import Hooks, hookable
from apibot.core.request import Query, Request, Task

if TYPE_CHECKING:
    from apibot.core.core import Core

R = TypeVar("R")
Q = TypeVar("Q", bound=Request)


class Layer:
    """One level of a stack.

    Parameters: ``core``; ``label``, by which hooks and settings name it; ``below``, the next level down.
    """

    def __init__(self, core: Core, label: str, below: Layer | None) -> None:
        self.core = core
        self.label = label
        self.below = below

    @property
    def hooks(self) -> Hooks:
        """The hooks of the core."""
        return self.core.hooks

    @property
    def log(self) -> logging.Logger:
        """The logger of this level."""
        return self.core.log.named(self.label)

    def stack(self) -> list[Layer]:
        """Return this level and all below it, top down."""
        return [self, *(self.below.stack() if self.below else [])]

    def __repr__(self) -> str:
        return f"<{self.label}>"


@dataclass(frozen=True)
class Attempt(Generic[R]):
    """A write brought into a form whose second copy the wiki refuses or answers with "no change".

    It is made before anything is sent, and holds what is needed to send it, to ask whether it landed, to show it
    for review and to do it later.
    """

    request: Task[R]
    """The request as it would be repeated: page and base revision pinned, functions and texts resolved."""
    params: Mapping[str, object]
    """Parameters of the module."""
    title: str = ""
    base_revid: int | None = None
    """Revision it was made on, 0 for a page that is missing; None where there is no such thing."""
    before: str | None = None
    """Text of the base revision."""
    after: str | None = None
    """Text that the page will have."""
    done: R | None = None
    """The result, where nothing needs to be sent."""
    expected: R | None = None
    """The result as far as it can be foretold, for who only plans."""
    tied_to: str | None = None
    """Part of the old text that the change depends on: it is not made again where that has become another."""
    since: int = 0
    """Id of the last log entry of the same kind before it was sent, where ``landed`` needs it."""


class BackendTask(Protocol):
    """Level 3 of a task: what a backend offers to level 4."""

    def go(self, request: Task[R], seen: object, /) -> R:
        """Do it."""
        ...

    def fence(self, request: Task[R], seen: object, /) -> Attempt[R]:
        """Say what would be done, and do nothing."""
        ...


class BackendQuery(Protocol):
    """Level 3 of a query: what a backend offers to level 4."""

    def batches(self, query: Query[object], wanted: Wanted, cursor: str | None, /) -> Iterator[Batch]:
        """Give the rows in the batches in which they come."""
        ...


class Wanted(NamedTuple):
    """What is wanted of the pages of a query, besides their titles."""

    pages: bool = False
    """Whether pages are wanted (the query works as a generator), or its own rows."""
    info: bool = False
    """Size, redirect or not, and what else ``prop=info`` says."""
    text: bool = False
    hashes: bool = False
    """The hash of the text instead of it."""
    categories: bool = False


class Batch(NamedTuple):
    """Rows that came together."""

    rows: list[dict[str, object]]
    cursor: str | None
    """Where the next batch begins; None at the end."""


class TopLayer(Layer):
    """Level 4: fills in what the settings give where the call gives none.

    Parameters: as Layer; ``defaults``, the fields that the settings give.
    """

    def __init__(self, core: Core, label: str, below: Layer, defaults: Mapping[str, object]) -> None:
        super().__init__(core, label, below)
        self.defaults = defaults

    def filled(self, request: Q) -> Q:
        """Return the request with the fields of the settings that it does not name."""
        if not self.defaults:
            return request
        named = request.named()
        missing = {name: value for name, value in self.defaults.items() if name not in named}
        return request.replaced(**missing) if missing else request


class TaskLayer(TopLayer, Generic[R]):
    """Level 4 of a task: knows no backend, passes the request to the one chosen."""

    @hookable
    def go(self, request: Task[R], seen: object) -> R:
        """Perform the task; ``seen`` is what the caller has fetched of its object already."""
        return cast("BackendTask", self.below).go(self.filled(request), seen)

    @hookable
    def fence(self, request: Task[R], seen: object) -> Attempt[R]:
        """Say what performing it would do, for a plan."""
        return cast("BackendTask", self.below).fence(self.filled(request), seen)


class QueryLayer(TopLayer):
    """Level 4 of a query."""

    @hookable
    def batches(self, query: Query[object], wanted: Wanted, cursor: str | None) -> Iterator[Batch]:
        """Give the rows in batches."""
        below = cast("BackendQuery", self.below)
        for batch in below.batches(self.filled(query), wanted, cursor):
            rows = [row for one in batch.rows if (row := self.element(one)) is not None]
            yield batch._replace(rows=rows)

    @hookable
    def element(self, row: dict[str, object]) -> dict[str, object] | None:
        """Give one row, as the wiki names its parts; None leaves it out."""
        return row


__all__ = ["Attempt", "BackendQuery", "BackendTask", "Batch", "Layer", "QueryLayer", "TaskLayer", "TopLayer", "Wanted"]
