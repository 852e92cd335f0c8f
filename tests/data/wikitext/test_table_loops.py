"""Loops over the rows of a table: what they do is counted, and it grows as the table does, not with its square."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from apibot.data.wikitext import Wikitext
from tests.support.wikitexts import read

HEADS = {
    "one row": "! a !! b !! c",
    "two rows": "! rowspan=2 | a !! colspan=2 | b\n|-\n! b !! c",
    "empty rows": "! a !! b !! c\n|-\n|-\n|-",
    "no headings": "| a || b || c",
}
ROW = ["x", "y"]
SMALL, LARGE = 40, 160
MARGIN = 1.25
"""How much more than in proportion is let through; with the square it would be `LARGE / SMALL`."""


def page(size: int, head: str) -> Wikitext:
    table = f"{{|\n{head}" + "\n|-\n| r || {{t|1}}" * size + "\n|}\n"
    return read(table + table)


def loops(w: Wikitext) -> dict[str, Callable[[int], object]]:
    """What is done for each row; the number of the row is given."""
    first, second = w.tables
    templates = w.templates

    def both(at: int) -> None:
        templates[at].set(1, "2")
        first.set(at, 0, "y")

    def moved(_at: int) -> None:
        second.append(ROW)
        first.remove_row(0)

    return {
        "set": lambda at: first.set(at, 1, "x"),
        "set by name": lambda at: first.set(at, first.header[1], "x"),
        "set backwards": lambda at: first.set(-at - 1, 1, "x"),
        "set what is lacking": lambda at: first.set(at, 2, "x"),
        "append": lambda _at: first.append(ROW),
        "append a dict": lambda _at: first.append({first.header[0]: "x"}),
        "insert": lambda _at: first.insert(0, ROW),
        "insert at each": lambda at: first.insert(at * 2, ROW),
        "remove_row": lambda _at: first.remove_row(0),
        "remove the last": lambda _at: first.remove_row(-1),
        "with a template": both,
        "two tables": moved,
    }


def steps(size: int, head: str, name: str) -> int:
    """How many calls a loop over all rows makes."""
    one = loops(page(size, head))[name]
    one(0)
    count = 0

    def counted(_frame: FrameType, _event: str, _what: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        for at in range(size - 1):
            one(at)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", loops(page(2, HEADS["one row"])))
def test_a_loop_over_rows_takes_work_in_proportion(name: str, head: str) -> None:
    few, many = (steps(size, HEADS[head], name) for size in (SMALL, LARGE))
    assert many < few * LARGE / SMALL * MARGIN
