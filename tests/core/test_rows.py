"""apibot.core.rows: batches fetched one ahead, totals, and cursors, with a core that only counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import cast

import pytest

from apibot.bridge.rows import PageRows
from apibot.core.core import Core
from apibot.core.errors import ConnectionLost
from apibot.core.layer import Batch, Wanted
from apibot.core.request import Query
from apibot.core.rows import Rows, prefetched
from apibot.data.pages import Page, PageRef
from apibot.queries import AllPages, ByName, PageInfo, Titles

NAME = "apibot-prefetch"
LONG = 20
"""Seconds after which a test that hangs fails."""


def batch(number: int, cursor: str | None) -> Batch:
    return Batch([{"title": f"{number}-{row}"} for row in range(2)], cursor)


class Source:
    """Gives numbered batches; knows how many were asked for, and in which threads."""

    def __init__(self, number: int, fails_at: int | None = None) -> None:
        self.number = number
        self.fails_at = fails_at
        self.asked = 0
        self.threads: list[str] = []
        self.got = threading.Condition()

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        with self.got:
            at, self.asked = self.asked, self.asked + 1
            self.threads.append(threading.current_thread().name)
            self.got.notify_all()
        if at == self.fails_at:
            msg = f"batch {at}"
            raise ConnectionLost(msg)
        if at >= self.number:
            raise StopIteration
        return batch(at, f"c{at + 1}" if at + 1 < self.number else None)

    def wait_for(self, asked: int) -> bool:
        with self.got:
            return self.got.wait_for(lambda: self.asked >= asked, LONG)


def prefetching() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(NAME)]


# Fetching ahead.


def test_nothing_is_asked_before_the_first_batch_is_wanted() -> None:
    source = Source(3)
    batches = prefetched(source)
    assert source.asked == 0
    next(batches)
    assert source.threads[0] == threading.current_thread().name
    batches.close()  # type: ignore[attr-defined]  # it is a generator


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_all_batches_come_in_order(number: int) -> None:
    source = Source(number)
    assert [one.rows[0]["title"] for one in prefetched(source)] == [f"{n}-0" for n in range(number)]
    assert source.asked == max(number, 1), "nothing is asked after a batch that says it is the last"
    assert prefetching() == []


def test_one_batch_starts_no_thread() -> None:
    source = Source(1)
    assert len(list(prefetched(source))) == 1
    assert source.threads == [threading.current_thread().name]


def test_one_batch_ahead_and_never_more() -> None:
    source = Source(6)
    for number, _batch in enumerate(prefetched(source), 1):
        ahead = min(number + 1, 6)
        assert source.wait_for(ahead), "the next batch is fetched while this one is worked on"
        assert source.asked == ahead
    assert {name.rpartition("_")[0] for name in source.threads[1:]} == {NAME}


def test_a_source_that_ends_although_it_gave_a_cursor() -> None:
    given = [batch(0, "c1"), batch(1, "c2")]
    assert list(prefetched(iter(given))) == given


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_error_reaches_who_iterates_after_the_batches_before_it(at: int) -> None:
    source = Source(4, fails_at=at)
    seen: list[object] = []

    def iterate() -> None:
        for one in prefetched(source):
            seen.append(one.rows[0]["title"])  # noqa: PERF401  # what came before the error is kept

    with pytest.raises(ConnectionLost, match=f"batch {at}"):
        iterate()
    assert seen == [f"{n}-0" for n in range(at)]
    assert source.asked == at + 1
    assert prefetching() == []


def test_leaving_early_leaves_no_thread() -> None:
    source = Source(9)
    batches = prefetched(source)
    next(batches)
    next(batches)
    batches.close()  # type: ignore[attr-defined]  # it is a generator
    assert prefetching() == []
    assert source.asked <= 3


def test_leaving_while_the_next_batch_is_on_its_way_leaves_no_thread() -> None:
    release = threading.Event()

    def slow() -> Iterator[Batch]:
        yield batch(0, "c1")
        assert release.wait(LONG)
        yield batch(1, "c2")

    batches = prefetched(slow())
    next(batches)
    closing = threading.Thread(target=batches.close)  # type: ignore[attr-defined]  # it is a generator
    closing.start()
    release.set()
    closing.join(LONG)
    assert not closing.is_alive()
    assert prefetching() == []


def test_an_error_in_a_batch_that_nobody_wanted_is_nobodys() -> None:
    source = Source(4, fails_at=1)
    for _batch in prefetched(source):
        assert source.wait_for(2)
        break
    assert prefetching() == []


def test_an_error_of_who_iterates_ends_the_thread() -> None:
    source = Source(9)

    def iterate() -> None:
        for _batch in prefetched(source):
            raise KeyError

    with pytest.raises(KeyError):
        iterate()
    assert prefetching() == []


# Totals.


@pytest.mark.parametrize(("old", "new", "expected"), [(None, 1, 1), (5, 1, 1), (5, 9, 5), (1, 1, 1)])
def test_limited_only_makes_smaller(old: int | None, new: int, expected: int) -> None:
    query = AllPages(namespace=0, limit=old)
    assert query.limited(new) == AllPages(namespace=0, limit=expected)
    assert ByName("list", "x", limit=old).limited(new) == ByName("list", "x", limit=expected)
    assert query.limit == old


def test_the_first_of_a_page_set() -> None:
    assert Titles(("A", "B")).limited(1) == Titles(("A",))


# Rows of a query.


class FakeCore:
    """Notes what is asked, and gives numbered batches from a cursor on."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.calls: list[tuple[Query[object], Wanted, str | None]] = []

    def batches(self, query: Query[object], wanted: Wanted, cursor: str | None = None) -> Iterator[Batch]:
        self.calls.append((query, wanted, cursor))
        for at in range(int(cursor[1:]) if cursor else 0, self.number):
            yield batch(at, f"c{at + 1}" if at + 1 < self.number else None)


def rows_of(number: int, cursor: str | None = None) -> tuple[FakeCore, Rows[PageRef]]:
    core = FakeCore(number)
    return core, Rows(cast("Core", core), AllPages(limit=50), PageRef.from_api, cursor=cursor)


def test_rows_are_lazy_and_may_be_iterated_again() -> None:
    core, rows = rows_of(3)
    assert core.calls == []
    first = [row.title for row in rows]
    assert first == ["0-0", "0-1", "1-0", "1-1", "2-0", "2-1"]
    assert [row.title for row in rows] == first
    assert core.calls == [(AllPages(limit=50), Wanted(), None)] * 2


def test_two_iterations_at_once_do_not_mix() -> None:
    _core, rows = rows_of(3)
    assert [(one.title, two.title) for one, two in zip(rows, rows, strict=True)] == [
        (f"{n}-{m}", f"{n}-{m}") for n in range(3) for m in range(2)
    ]


def test_batches_come_as_the_wiki_sends_them() -> None:
    _core, rows = rows_of(2)
    assert [[row.title for row in one] for one in rows.batches()] == [["0-0", "0-1"], ["1-0", "1-1"]]


def test_first_asks_for_one_row_only() -> None:
    core, rows = rows_of(3)
    assert rows.first() == PageRef("0-0")
    assert core.calls == [(AllPages(limit=1), Wanted(), None)]
    assert rows_of(0)[1].first() is None


def test_first_passes_empty_batches_by() -> None:
    core = FakeCore(0)
    empty_then_full = [Batch([], "c1"), Batch([], "c2"), batch(2, None)]
    core.batches = lambda *_args: iter(empty_then_full)  # type: ignore[method-assign]  # a stand-in
    assert Rows(cast("Core", core), AllPages(), PageRef.from_api).first() == PageRef("2-0")


@pytest.mark.parametrize(("number", "expected"), [(0, 0), (1, 2), (4, 8)])
def test_count(number: int, expected: int) -> None:
    assert rows_of(number)[1].count() == expected


def test_the_cursor_is_where_the_batch_in_hand_begins() -> None:
    _core, rows = rows_of(3)
    assert rows.cursor is None
    seen = [(row.title, rows.cursor) for row in rows]
    assert seen == [("0-0", None), ("0-1", None), ("1-0", "c1"), ("1-1", "c1"), ("2-0", "c2"), ("2-1", "c2")]
    assert rows.cursor is None


@pytest.mark.parametrize("stop", range(6))
def test_a_later_run_begins_at_the_cursor_and_misses_nothing(stop: int) -> None:
    _core, rows = rows_of(3)
    everything = [row.title for row in rows]
    done: list[str | None] = []
    for row in rows:
        if len(done) == stop:
            break
        done.append(row.title)
    core, later = rows_of(3, rows.cursor)
    rest = [row.title for row in later]
    assert core.calls[0][2] == rows.cursor
    assert done[: len(done) // 2 * 2] + rest == everything


def test_a_look_at_the_first_row_does_not_move_the_cursor_of_a_run() -> None:
    _core, rows = rows_of(3)
    running = iter(rows)
    assert [next(running).title for _row in range(3)][-1] == "1-0"
    assert rows.cursor == "c1"
    rows.first()
    assert rows.cursor == "c1"


def test_pages_begin_where_their_rows_do_and_want_what_was_asked() -> None:
    core = FakeCore(3)
    rows = PageRows(cast("Core", core), AllPages(), PageRef.from_api, cursor="c2")
    pages = rows.pages(text=True, categories=True)
    assert [type(page) for page in pages] == [Page, Page]
    assert core.calls == [(AllPages(), Wanted(pages=True, text=True, categories=True), "c2")]


def test_properties_are_wanted_of_the_pages_that_were_named() -> None:
    core = FakeCore(1)
    named = Titles(("A",))
    rows = Rows(cast("Core", core), PageInfo(pages=named), PageRef.from_api)
    assert rows.count() == 2
    assert core.calls[0][0] == PageInfo(pages=named)
