"""Rows and columns of a table whose cells may span several of them, as HTML lays them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from apibot.core.errors import BadParameter
from apibot.data.wikitext.node import Node, Pieces, walked
from apibot.data.wikitext.table.parts import Cell, TablePart

T = TypeVar("T")

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


Above: TypeAlias = "Mapping[int, tuple[Spanning, int]]"
"""What reaches into a row from above: by column the cell, and into how many rows from this one on."""


class Laid(NamedTuple):
    """What is known of a row, or of what follows the last one."""

    above: Above
    width: int
    """How many columns it takes."""
    slots: int
    """How many places it takes, if any cell in it spans several rows."""


NOTHING = Laid({}, 0, 0)
"""What follows the last row of a table whose cells end in it."""


def laid_out(row: GridRow, above: Above) -> tuple[Mapping[int, Spanning], Above]:
    """Return the cells of a row by column, and what reaches into the next; one that spans several columns is in each.

    Raises BadParameter where it takes more than MOST_SLOTS places.
    Rules: https://html.spec.whatwg.org/multipage/tables.html#forming-a-table
    """
    above = {} if row.apart else above
    line = {column: cell for column, (cell, _left) in above.items()}
    below = {column: (cell, left - 1) for column, (cell, left) in above.items() if left > 1}
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
        if len(line) > MOST_SLOTS:
            raise BadParameter(TOO_LARGE)
    return line, below


class Grid:
    """Rows and columns of a table.

    A part that changes is put in the place of the one before, and only what it has to do with is told anew.

    Parameters: ``parts``.
    """

    def __init__(self, parts: Sequence[TablePart]) -> None:
        self.parts: list[TablePart] = []
        self.rows: list[GridRow] = []
        """The rows with cells."""
        self.heads = 0
        """How many rows of headings there are above all others."""
        self._rows_of: dict[TablePart, list[GridRow]] = {}
        self._holders: dict[Node, TablePart] = {}
        """The parts by the nodes in them, and by those that were: one that was taken out is asked for too."""
        self._latest = 0
        """Which part was put in its place last."""
        self._shift = 0
        """How much larger the number of a part was than that of its row when one was looked for last."""
        self._numbers: dict[str, int] | None = None
        self._laid: list[Laid] | None = None
        """The rows, and what follows them; None until they are asked for."""
        self._widths: Counter[int] = Counter()
        """How many rows take so many columns."""
        self._slots = 0
        self.open_tags = 0
        """How many parts have a tag that is not closed in them."""
        self.put(0, 0, parts)

    def put(self, at: int, count: int, parts: Sequence[TablePart]) -> None:
        """Put parts in the place of others.

        Parameters: ``at``, number of the first that goes; ``count``, how many go; ``parts``.
        """
        row = self._rows_before(at)
        gone = sum(len(self._rows_of.pop(part)) for part in self.parts[at : at + count])
        self.open_tags += sum(part.has_open_tag for part in parts)
        self.open_tags -= sum(part.has_open_tag for part in self.parts[at : at + count])
        self.parts[at : at + count] = parts
        self._latest = at
        self._rows_of.update((part, rows_of(part)) for part in parts)
        self._holders.update(_held(parts))
        added = [one for part in parts for one in self._rows_of[part]]
        self.rows[row : row + gone] = added
        heads = min(self.heads, row)
        while heads < len(self.rows) and all(one.heading for one in self.rows[heads].cells):
            heads += 1
        if row < max(heads, self.heads):
            self._numbers = None
        self.heads = heads
        if self._laid is not None:
            try:
                self._lay(self._laid, row, gone, len(added))
            except BadParameter:  # whoever asks for it is told so
                self._laid = None

    def _lay(self, laid: list[Laid], row: int, gone: int, added: int) -> None:
        """Lay out rows that are new, and those below until what reaches into them is as it was.

        Parameters: ``laid``, as it was; ``row``, number of the first new row; ``gone``, how many were there in their
        place; ``added``, how many are new.
        """
        new: list[Laid] = []
        last = len(laid)
        slots = self._slots
        for number, one in enumerate(self._laid_from(row, laid[row].above)):
            old = row + gone + number - added
            if number >= added and laid[old].above == one.above:
                last = old
                break
            new.append(one)
            slots += one.slots
            if slots > MOST_SLOTS:
                raise BadParameter(TOO_LARGE)
        self._slots = slots - sum(one.slots for one in laid[row:last])
        self._widths.subtract(one.width for one in laid[row:last])
        self._widths.update(one.width for one in new)
        self._widths = +self._widths
        laid[row:last] = new

    def _laid_from(self, row: int, above: Above) -> Iterator[Laid]:
        """Give what is known of the rows from one on, and of what follows the last one."""
        for number in range(row, len(self.rows)):
            one = self.rows[number]
            if above or any(cell.rows > 1 for cell in one.cells):
                line, below = laid_out(one, above)
                yield Laid(above, max(line) + 1, len(line))
                above = below
            else:
                yield Laid(above, sum(cell.columns for cell in one.cells), 0)
        yield Laid(above, 0, 0)

    @property
    def _lines(self) -> list[Laid]:
        """What is known of the rows; BadParameter if cells that span several take more than MOST_SLOTS places."""
        if self._laid is None:
            self._slots, self._widths = 0, Counter()
            laid = [NOTHING]
            self._lay(laid, 0, 0, len(self.rows))
            self._laid = laid
        return self._laid

    @property
    def columns(self) -> int:
        """How many columns there are; BadParameter if all rows together have more than MOST_SLOTS places."""
        most = max(self._widths, default=0) if self._lines else 0
        if most * len(self.rows) > MOST_SLOTS:
            raise BadParameter(TOO_LARGE)
        return most

    def line(self, row: int) -> Mapping[int, Spanning]:
        """Return the cells of a row by column."""
        return laid_out(self.rows[row], self._lines[row].above)[0]

    def spanned(self, row: int) -> bool:
        """Say whether a cell reaches from above into a row; the number behind the last one is below the table."""
        above = self._lines[row].above
        if not above or row == len(self.rows):
            return bool(above)
        line = self.line(row)
        return any(line.get(column) is cell for column, (cell, _left) in above.items())

    @property
    def numbers(self) -> Mapping[str, int]:
        """Numbers of the columns by their names."""
        columns = self.columns
        if self._numbers is None or len(self._numbers) != columns:
            lines = [self.line(row) for row in range(self.heads)]
            header = names([{at: one.cell.text for at, one in line.items()} for line in lines], columns)
            self._numbers = {name: number for number, name in enumerate(header)}
        return self._numbers

    @property
    def header(self) -> list[str]:
        """Names of all columns."""
        return list(self.numbers)

    def texts(self) -> list[list[str]]:
        """Return the texts of the rows below the headings."""
        every = range(self.columns)
        lines = (self.line(row) for row in range(self.heads, len(self.rows)))
        return [[line[at].cell.text if at in line else "" for at in every] for line in lines]

    def holding(self, nodes: Sequence[Node]) -> Sequence[int]:
        """Return which parts nodes are in."""
        found = {self._holders.get(node) for node in nodes}
        return [_near(self.parts, part, self._latest) for part in found if part and part in self._rows_of]

    def unlike(self, pieces: Sequence[Pieces]) -> Sequence[int]:
        """Return which parts are others now; ``pieces`` of all of them."""
        self._holders.update(_held(self.parts))  # what is in the others may be other nodes of the same text
        return [at for at, part in enumerate(self.parts) if not part.is_of(pieces[at])]

    def place(self, row: int, part: TablePart | None = None) -> int:
        """Return the number of the part that a row is in; a negative one counts from the end.

        Parameters: ``row``; ``part``, another part that a cell in the row is of, since it reaches into it.
        """
        row %= len(self.rows)
        at = _near(self.parts, part or self.rows[row].cells[0].part, row + self._shift)
        self._shift = at - row
        return at

    def _rows_before(self, at: int) -> int:
        """Return how many rows there are before a part."""
        while at and not self._rows_of[self.parts[at - 1]]:
            at -= 1
        if not at:
            return 0
        last = self._rows_of[self.parts[at - 1]][-1]
        row = _near(self.rows, last, at - 1 - self._shift)
        self._shift = at - 1 - row
        return row + 1


def _held(parts: Iterable[TablePart]) -> Iterator[tuple[Node, TablePart]]:
    """Give all nodes in parts, each with its part."""
    return ((node, part) for part in parts for node in walked(part.pieces))


def _near(things: Sequence[T], wanted: T, guess: int) -> int:
    """Return the number of a thing, which is looked for from a guess on: parts have a row each, but for a few."""
    places = (at for by in range(len(things) + abs(guess)) for at in (guess - by, guess + by))
    return next(at for at in places if 0 <= at < len(things) and things[at] is wanted)


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


__all__ = [
    "MOST_SLOTS",
    "NOTHING",
    "TOO_LARGE",
    "Above",
    "Grid",
    "GridRow",
    "Laid",
    "Spanning",
    "laid_out",
    "names",
    "rows_of",
]
