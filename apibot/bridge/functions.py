"""Bridge functions made from request classes; editors and type checkers see the request's own signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar, cast, overload

from apibot.bridge.rows import PageRows
from apibot.core.request import Query, Task
from apibot.data.pages import Page

if TYPE_CHECKING:
    from apibot.runs import Performer

P = ParamSpec("P")
R = TypeVar("R")
Out = TypeVar("Out")


class Function(Generic[P, Out]):
    """A function of the Bridge that follows from a request class.

    Parameters: ``kind``, the class; ``run``, what is done with a request, given who performs it and the fetched
    page among the arguments.
    """

    def __init__(self, kind: Callable[P, object], run: Callable[[Performer, object, Page | None], Out]) -> None:
        self.kind = kind
        self.run = run
        self.__doc__ = kind.__doc__

    @overload
    def __get__(self, obj: None, owner: type) -> Function[P, Out]: ...
    @overload
    def __get__(self, obj: Performer, owner: type) -> Callable[P, Out]: ...
    def __get__(self, obj: Performer | None, owner: type) -> Function[P, Out] | Callable[P, Out]:
        if obj is None:
            return self
        performer = obj

        def call(*args: P.args, **kwargs: P.kwargs) -> Out:
            seen = next((value for value in (*args, *kwargs.values()) if isinstance(value, Page)), None)
            return self.run(performer, self.kind(*args, **kwargs), seen)

        call.__doc__ = self.__doc__
        call.__dict__["__wrapped__"] = self.kind  # help() shows the request's signature
        return call


def performs(kind: Callable[P, Task[R]]) -> Function[P, R]:
    """Return a function that performs a task."""
    return Function(kind, lambda performer, task, seen: performer.perform(cast("Task[R]", task), seen))


def generates(kind: Callable[P, Query[R]]) -> Function[P, PageRows[R]]:
    """Return a function that gives the rows of a query that can list pages."""

    def run(performer: Performer, request: object, _seen: Page | None) -> PageRows[R]:
        query = cast("Query[R]", request)
        return PageRows(performer.core, query, query.make_row)

    return Function(kind, run)


__all__ = ["Function", "generates", "performs"]
