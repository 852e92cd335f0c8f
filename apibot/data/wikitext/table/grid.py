"""Rows and columns of a table whose cells may span several of them, as HTML lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from apibot.core.errors import BadParameter
from apibot.data.wikitext.table.parts import Cell, TablePart

MOST_SLOTS = 1_000_000
"""More than any table needs; a few cells could span more."""
TOO_LARGE = f"Table: it has more than {MOST_SLOTS} places, by cells that span many or by one very long row."


class Spanning(NamedTuple):
    """A cell as it lies in a table."""

    part: TablePart
    number: int
    """Of the cell in its part."""
    columns: int
    """How many it spans."""
    rows: int

    @property
    def cell(self) -> Cell:
        """The cell."""
        return self.part.cell(self.number)

    @property
    def heading(self) -> bool:
        """Whether it is a heading."""
        return self.part.cells[self.number].heading


class GridRow(NamedTuple):
    """A row of a table."""

    cells: Sequence[Spanning]
    apart: bool = False
    """Whether cells above end before it, even if they were to span it."""


def rows_of(part: TablePart) -> list[GridRow]:
    """Return the rows of a part: none or one, if no caption divides it."""
    cells = [Spanning(part, at, *part.spans(at)) for at in range(len(part.cells))]
    starts = sorted({0, *part.new_row})
    ends = [*starts[1:], len(cells)]
    return [GridRow(cells[start:end], apart=start > 0) for start, end in zip(starts, ends, strict=True) if end > start]


def laid_out(rows: Iterable[GridRow]) -> list[Mapping[int, Spanning]]:
    """Return the cells by column for each row; a cell that spans several is there several times.

    Raises BadParameter where this would take more than MOST_SLOTS places.
    Rules: https://html.spec.whatwg.org/multipage/tables.html#forming-a-table
    """
    out: list[Mapping[int, Spanning]] = []
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


class Grid:
    """Rows and columns of a table as it is now.

    Parameters: ``parts``; ``known``, rows of those that were looked at before.
    """

    def __init__(self, parts: list[TablePart], known: Mapping[TablePart, list[GridRow]]) -> None:
        self.parts = parts
        self.known = {part: known[part] if part in known else rows_of(part) for part in parts}
        """Rows by their parts."""
        self.rows = [row for rows in self.known.values() for row in rows]
        """The rows with cells."""
        self.flat = not any(cell.rows > 1 for row in self.rows for cell in row.cells)
        """Whether no cell spans several rows."""
        self.heads = 0
        """How many rows of headings there are above all others."""
        while self.heads < len(self.rows) and all(one.heading for one in self.rows[self.heads].cells):
            self.heads += 1

    @cached_property
    def lines(self) -> list[Mapping[int, Spanning]]:
        """The cells of the rows by column, and behind the last row what reaches below it."""
        return laid_out([*self.rows, GridRow([])])

    @cached_property
    def columns(self) -> int:
        """How many columns there are; BadParameter if all rows together have more than MOST_SLOTS places."""
        if self.flat:
            most = max((sum(one.columns for one in row.cells) for row in self.rows), default=0)
        else:
            most = max(max(line, default=-1) for line in self.lines[:-1]) + 1
        if most * len(self.rows) > MOST_SLOTS:
            raise BadParameter(TOO_LARGE)
        return most

    def line(self, row: int) -> Mapping[int, Spanning]:
        """Return the cells of a row by column."""
        return laid_out([self.rows[row]])[0] if self.flat else self.lines[row]

    def spanned(self, row: int) -> bool:
        """Say whether a cell reaches from above into a row; the number behind the last one is below the table."""
        if self.flat or not row:
            return False
        above = self.lines[row - 1]
        return any(above.get(column) is cell for column, cell in self.lines[row].items())

    @cached_property
    def header(self) -> list[str]:
        """Names of all columns."""
        columns = self.columns
        lines = [self.line(row) for row in range(self.heads)]
        return names([{at: one.cell.text for at, one in line.items()} for line in lines], columns)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Numbers of the columns by their names."""
        return {name: number for number, name in enumerate(self.header)}

    def texts(self) -> list[list[str]]:
        """Return the texts of the rows below the headings."""
        every = range(self.columns)
        lines = [self.line(row) for row in range(self.heads, len(self.rows))]
        return [[line[at].cell.text if at in line else "" for at in every] for line in lines]

    def place(self, row: int) -> int:
        """Return the number of the part that a row is in."""
        return self.parts.index(self.rows[row].cells[0].part)


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


__all__ = ["MOST_SLOTS", "TOO_LARGE", "Grid", "GridRow", "Spanning", "laid_out", "names", "rows_of"]
