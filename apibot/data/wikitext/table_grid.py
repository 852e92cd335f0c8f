"""Rows and columns of a table whose cells may span several of them, as HTML lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from apibot.core.errors import BadParameter

MOST_SLOTS = 2_000_000
"""More than any table needs; a few cells could span more."""
TOO_LARGE = f"Table: it has more than {MOST_SLOTS} places, by cells that span many or by one very long row."


class Spanning(NamedTuple):
    """A cell as it lies in a table."""

    chunk: int
    """Number of the chunk that it is in."""
    number: int
    """Of the cell in its chunk."""
    columns: int
    """How many it spans."""
    rows: int


class Row(NamedTuple):
    """A row of a table."""

    cells: Sequence[Spanning]
    apart: bool = False
    """Whether cells above end before it, even if they were to span it."""


def laid_out(rows: Iterable[Row]) -> list[dict[int, Spanning]]:
    """Return the cells by column for each row; a cell that spans several is there several times.

    Raises BadParameter where this would take more than MOST_SLOTS places.
    Rules: https://html.spec.whatwg.org/multipage/tables.html#forming-a-table
    """
    out: list[dict[int, Spanning]] = []
    held: dict[int, tuple[Spanning, int]] = {}  # cells of rows above by column, and how many rows more they span
    slots = 0
    for row in rows:
        line = {} if row.apart else {column: cell for column, (cell, _left) in held.items()}
        below = {} if row.apart else {column: (cell, left - 1) for column, (cell, left) in held.items() if left > 1}
        column = 0
        for cell in row.cells:
            while column in line:
                column += 1
            for at in range(column, column + cell.columns):
                line[at] = cell
                below.pop(at, None)
                if cell.rows > 1:
                    below[at] = (cell, cell.rows - 1)
            column += cell.columns
            if slots + len(line) > MOST_SLOTS:
                raise BadParameter(TOO_LARGE)
        slots += len(line)
        held = below
        out.append(line)
    return out


def width(lines: Sequence[Mapping[int, object]]) -> int:
    """Return how many columns there are.

    Raises BadParameter if all rows together have more than MOST_SLOTS places.
    """
    most = max((max(line, default=-1) + 1 for line in lines), default=0)
    if most * len(lines) > MOST_SLOTS:
        raise BadParameter(TOO_LARGE)
    return most


def names(headings: Sequence[Mapping[int, str]], columns: int) -> list[str]:
    """Return names for all columns: their headings, from above down.

    Several rows of headings make one name, each different text once (``Score Home``).  A column without a heading is
    called by its number, from 1; one whose name is taken gets a number behind it: ``Score (2)``.
    """
    out: list[str] = []
    taken: set[str] = set()
    last: dict[str, int] = {}
    for column in range(columns):
        texts = dict.fromkeys(line[column].strip() for line in headings if column in line)
        name = " ".join(text for text in texts if text) or str(column + 1)
        number, unique = last.get(name, 1), name
        while unique in taken:
            number += 1
            unique = f"{name} ({number})"
        last[name] = number
        taken.add(unique)
        out.append(unique)
    return out


__all__ = ["MOST_SLOTS", "TOO_LARGE", "Row", "Spanning", "laid_out", "names", "width"]
