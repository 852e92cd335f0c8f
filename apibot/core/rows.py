"""Rows: a query bound to a core; lazy, and may be iterated again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from apibot.core.layer import Batch, Wanted
from apibot.core.request import Query

if TYPE_CHECKING:
    from apibot.core.core import Core

T = TypeVar("T")
Make = Callable[[Mapping[str, object]], T]


class Rows(Generic[T]):
    """The rows of a query, fetched in batches as they are iterated, the next batch while one is worked on.

    Parameters: ``core``; ``query``; ``make``, turns a row of the API into what is given; ``wanted``, properties of
    pages to fetch along; ``cursor``, where to begin, as ``.cursor`` of an earlier iteration gave it.
    """

    def __init__(
        self,
        core: Core,
        query: Query[object],
        make: Make[T],
        wanted: Wanted | None = None,
        cursor: str | None = None,
    ) -> None:
        self.core = core
        self.query = query
        self.wanted = wanted or Wanted()
        self.cursor = cursor
        """Where the batch in hand begins: a later run begins there and misses nothing."""
        self.begin = cursor
        self._make = make

    def __iter__(self) -> Iterator[T]:
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[T]]:
        """Give the rows in the batches in which the wiki sends them; the next is fetched meanwhile."""
        at = self.begin
        for batch in prefetched(self.core.batches(self.query, self.wanted, at)):
            self.cursor = at
            make = self._make
            yield [make(row) for row in batch.rows]
            at = batch.cursor
        self.cursor = at

    def first(self) -> T | None:
        """Return the first row, asking for no more; None if there is none."""
        for batch in self.core.batches(self.query.limited(1), self.wanted, self.begin):
            for row in batch.rows:
                return self._make(row)
        return None

    def count(self) -> int:
        """Fetch all and return how many rows there are."""
        return sum(len(batch) for batch in self.batches())


def prefetched(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Give each batch and fetch the one after it in a thread meanwhile (depth 1).

    A query that ends with its first batch never starts a thread.
    """
    first = next(batches, None)
    if first is None:
        return
    if first.cursor is None:
        yield first
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1, "apibot-prefetch") as pool:
        batch: Batch | None = first
        while batch is not None:
            ahead = pool.submit(next, batches, None) if batch.cursor is not None else None
            yield batch
            batch = ahead.result() if ahead else None


__all__ = ["Make", "Rows", "prefetched"]
