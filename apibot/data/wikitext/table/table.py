"""Tables: their rows as dicts, and ways to change them that leave all other lines as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Never, Protocol, TypeAlias

from apibot.core.arguments import checked_class
from apibot.core.errors import BadParameter, BadText
from apibot.data.wikitext.node import Node, Pieces, forget, is_open, merged
from apibot.data.wikitext.places import part_start
from apibot.data.wikitext.table import writing
from apibot.data.wikitext.table.grid import Grid
from apibot.data.wikitext.table.layout import Found, Layout, is_one, layouts_of
from apibot.data.wikitext.table.parts import Cell, TablePart
from apibot.data.wikitext.table.text import Cut
from apibot.data.wikitext.view import Told, View, changed_since, whole

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

NewRow: TypeAlias = "Mapping[str, str] | Sequence[str]"
"""A row as it is given: wikitext by the names of columns, or in their order."""


class Sortable(Protocol):
    """What can be put in order."""

    def __lt__(self, other: Never, /) -> bool: ...


def tables_of(document: Wikitext) -> list[Table]:
    """Return the tables of a text: first those in the text itself, outer ones first, then those in tags."""
    layouts = layouts_of(document.pieces)
    return [Table(document, layout, number) for layout in layouts for number in range(len(layout.nodes))]


_MARK = re.compile(r"[ \t]*+(\|-++)")
"""How a row begins."""


@checked_class
class Table(View):
    """A table.

    Changes of links, templates and tables in it show.  What else was changed in it, by methods of the whole text, may
    show only when it is looked up anew; until then it refuses to be changed.
    Cells are wikitext, without their attributes, comments, and white space around them.  What templates make of a
    table is not seen; a cell that is in a template is text of that.

    Rows are counted from 0 and begin below the headings: the rows at the top that have nothing but headings (``!``).
    Columns have the names of `header`.  A cell that spans several rows or columns is in each of them.
    A link or file around it is taken apart when it is changed, and found again when the page is read anew.
    Cells that are written: pipes that would divide them become character references (``&#124;``).  What was broken
    before, such as a tag without its ``>``, may take in what is added behind it.
    """

    __slots__ = ("_grid", "_known_at", "_layout", "_number")

    def __init__(self, document: Wikitext, layout: Layout, number: int) -> None:
        super().__init__(document, layout.nodes[number])
        self._layout = layout
        self._number = number
        self._grid: Grid | None = None
        self._known_at = document.changes  # which change was the last when it was looked at

    @property
    def node(self) -> Node:
        """The construct in the tree, or that it will be when it is changed."""
        self._take(self._layout.newest(self._number))
        return self._node

    @property
    def span(self) -> tuple[int, int]:
        """Where it is in the text as that is now, in characters from 0: its beginning, and that of what follows.

        Raises BadParameter if it is not in the text any more.
        """
        self._grid = self._now  # with what was changed in it
        found = self._layout.current(self._number)
        if found is None or self._reading != self._document.reading or self._node.kind == "text":
            raise self._gone()
        self._take(found)
        start = part_start(self._document, found.layout.home)
        if start is None:
            raise self._gone()
        begin, end = found.layout.span(found.number)
        return start + begin, start + end

    # What is in it.

    @property
    def attributes(self) -> dict[str, str]:
        """Its attributes, names in small letters."""
        return self._now.parts[0].attributes

    @property
    def caption(self) -> str | None:
        """Its caption (``|+``) as wikitext; None if it has none.  Set it to None to take it out."""
        found = (part.text(placed) for part in self._now.parts for placed in part.captions)
        return next(found, None)

    @caption.setter
    def caption(self, value: str | None) -> None:
        self._alive()
        now = self._now
        at = next((at for at, part in enumerate(now.parts) if part.captions), None)
        if at is not None:
            self._set_caption(at, value)
        elif value is not None:
            self._add_caption(value)
        self._divide(now, [at or 0])  # there may be a table in it

    @property
    def header(self) -> list[str]:
        """Names of the columns, all different, as wikitext.

        Headings above each other make one name (``Score Home``).  A column without a heading is called by its number,
        from 1; one whose name is taken has a number behind it: ``Score (2)``.
        """
        return list(self._now.header)

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows as dicts by the names of the columns; "" where a row has no cell.

        They are what was read; ``set`` changes a cell.
        """
        header = self._now.header
        return [Told(zip(header, row, strict=True)) for row in self._now.texts()]

    @property
    def lists(self) -> list[list[str]]:
        """The rows as lists, all of them as long as the header."""
        return self._now.texts()

    @property
    def cells(self) -> list[list[Cell]]:
        """All rows with their cells as they are written, headings too."""
        return [[one.cell for one in row.cells] for row in self._now.rows]

    def __len__(self) -> int:
        return len(self._now.rows) - self._now.heads

    @property
    def _now(self) -> Grid:
        """How it is now."""
        grid = self._grid
        if grid is None or self._known_at != self._document.changes:
            grid = self._grid = self._looked_at()
            self._known_at = self._document.changes
        return grid

    def _looked_at(self) -> Grid:
        """Return how it is now that something was changed, perhaps elsewhere, perhaps in it."""
        self._take(self._layout.newest(self._number))
        if self._node.kind == "table":
            self._divide(*self._read_anew())
        return self._grid or Grid([TablePart(pieces) for pieces in self._node.parts])

    def _read_anew(self) -> tuple[Grid, Sequence[int]]:
        """Read parts anew that were changed elsewhere; return how the table is, and which parts may have been."""
        grid, pieces = self._grid, self._node.parts
        nodes = changed_since(self._document, self._known_at)
        if grid is None:
            grid = self._grid = Grid([TablePart(part) for part in pieces])
            return grid, grid.holding(nodes) if nodes is not None else range(len(pieces))
        places = grid.holding(nodes) if nodes is not None else grid.unlike(pieces)
        for at in places:
            grid.put(at, 1, [TablePart(pieces[at])])
        return grid, places

    def _divide(self, grid: Grid, places: Sequence[int]) -> None:
        """Find the table anew where it is not sure that parts that were changed begin and end where they did."""
        last = len(grid.parts) - 1
        one = (is_one(grid.parts[at].seen, first=not at, last=at == last) for at in places)
        if places and (grid.open_tags or not all(one)):
            self._layout.check()
            self._take(self._layout.newest(self._number))

    def _take(self, found: Found | None) -> None:
        """Be the table that was found, if it is another one."""
        if found is not None and found.layout is not self._layout:
            self._layout, self._number = found
            self._node, self._grid = found.node, None

    # Changes.

    def append(self, row: NewRow) -> None:
        """Add a row below all others, set out like the last one; see ``extend``."""
        self.extend([row])

    def extend(self, rows: Iterable[NewRow]) -> None:
        """Add rows below all others, set out like the last one: all of them, or none if one can not be a row.

        Parameters: ``rows``, each a mapping from names of columns to wikitext ("" for those that it lacks), or texts in
        the order of the columns.  A cell in the place of a heading is one too.
        Raises BadText for a text that can be no cell; BadParameter for unknown columns, or if a cell above reaches
        into the new rows.
        """
        self._alive()
        now = self._now
        last = self._node.parts[-1][-1:]
        if any(isinstance(piece, Node) and _is_open(piece) for piece in last):
            raise BadText(str(self), "something in its last cell is not closed")
        self._refuse(now.spanned(len(now.rows)), "a cell reaches below the last row")
        added = [self._made(row, now, -1) for row in rows]
        if added:
            at = now.place(-1) if now.rows else 0
            self._end_line(at)
            self._node.parts[at + 1 : at + 1] = added
            now.put(at + 1, 0, [TablePart(pieces) for pieces in added])

    def insert(self, at: int, row: NewRow) -> None:
        """Add a row before another one, set out like that; below all others if there are not so many.

        Parameters: ``at``, number of that row from 0, negative from the end; ``row`` as for ``extend``.
        Raises what ``extend`` does.
        """
        count = len(self)
        at = max(at + count, 0) if at < 0 else at
        if at >= count:
            self.append(row)
            return
        self._alive()
        now = self._now
        number = now.heads + at
        self._refuse(now.spanned(number), "a cell reaches over the place")
        added = self._made(row, now, number)
        place = self._part_of(number)
        self._node.parts.insert(place, added)
        now.put(place, 0, [TablePart(added)])

    def remove_row(self, at: int) -> None:
        """Take a row out.

        Parameters: ``at``, its number from 0, negative from the end.
        Raises BadParameter if there is none, if a cell in it reaches over other rows, or if a row of headings below it
        would become one of those at the top.
        """
        self._alive()
        number = self._row_number(at)
        now = self._now
        reaches = now.spanned(number) or (number + 1 < len(now.rows) and now.spanned(number + 1))
        self._refuse(reaches, f"a cell of row {at} spans other rows")
        self._refuse_heading(now, number + 1 if number == now.heads else now.heads)
        place = self._part_of(number)
        forget(self._node.parts.pop(place))
        now.put(place, 1, [])

    def set(self, at: int, column: str | int, value: str) -> None:
        """Give a cell another text; its attributes, and white space and comments around it, stay.

        A row that is too short gets the cells that it lacks.  A cell that spans several rows or columns changes in all.

        Parameters: ``at``, number of the row from 0, negative from the end; ``column``, its name, or its number
        from 0; ``value``, wikitext.
        Raises BadText for a text that can be no cell; BadParameter if there is no such row or column.
        """
        self._alive()
        now = self._now
        row, number = self._row_number(at), self._column(column, now)
        place = now.line(row).get(number)
        if place is None:
            last = now.rows[row].cells[-1]
            line = now.line(row)
            lacking = sum(1 for at in range(number + 1) if at not in line)
            pieces = writing.lengthened(last.part, last.number, [*[""] * (lacking - 1), value], self._tags)
            self._put(now.place(row), pieces)
        elif place.cell.text != value:
            pieces = writing.cell_set(place.part, place.number, value, self._tags)
            self._put(now.place(row, place.part), pieces)

    def sort(self, key: Callable[[dict[str, str]], Sortable], *, reverse: bool = False) -> None:
        """Put the rows in another order, each with all its lines; those that are equal keep theirs.

        Parameters: ``key``, a function from a row as in ``rows`` to what it is sorted by; ``reverse``.
        Raises BadParameter if a cell spans several rows, or if a row of headings came first.
        """
        self._alive()
        now, rows = self._now, self.rows
        self._refuse(any(map(now.spanned, range(now.heads, len(now.rows)))), "a cell spans several rows")
        order = sorted(range(len(rows)), key=lambda at: key(rows[at]), reverse=reverse)
        if order == list(range(len(rows))):
            return
        self._refuse_heading(now, now.heads + order[0])
        for number in range(now.heads, len(now.rows)):
            self._refuse_captions(now, number)
        self._end_line(now.place(-1))
        self._part_of(now.heads)
        places = [now.place(number) for number in range(now.heads, len(now.rows))]
        moved = [(self._node.parts[place], now.parts[place]) for place in places]
        parts = [*now.parts]
        for place, at in zip(places, order, strict=True):
            self._node.parts[place], parts[place] = moved[at]
        self._grid = Grid(parts)

    def _set_caption(self, at: int, value: str | None) -> None:
        part = self._now.parts[at]
        placed = part.captions[0]
        if value is None:
            before, _gone, after = part.seen.divided(Cut(placed.start, unseen=True), Cut(placed.end, unseen=True))
            self._put(at, merged([*before, *after]))
        elif value != part.text(placed):
            self._put(at, writing.text_set(part, placed, value, None, self._tags))

    def _add_caption(self, value: str) -> None:
        added = whole(f"|+ {writing.fitted(value, self._tags)}\n", self._tags)
        self._end_line(0)
        part = self._now.parts[0]
        end = part.opening[1] if part.opening else 0
        before, after = part.seen.divided(Cut(end + 1, unseen=True))
        self._put(0, merged([*before, *added, *after]))

    # Ways to change.

    @property
    def _is_block(self) -> bool:
        return True

    def _alive(self) -> None:
        self._grid = self._now  # with what was changed elsewhere: this change is not to count as such
        super()._alive()
        found = self._layout.install(self._number)
        if found is None:
            msg = "Table: what is around it was changed; look it up there anew."
            raise BadParameter(msg)
        self._take(found)
        super()._alive()  # it may be another node now
        self._known_at = self._document.changes

    def _become(self, pieces: Pieces) -> None:
        self._alive()
        for part in self._node.parts:
            forget(part)
        super()._become(pieces)
        self._grid = None

    @property
    def _tags(self) -> frozenset[str]:
        return self._document.site.tags

    def _refuse(self, wrong: bool, reason: str) -> None:  # noqa: FBT001  # what was looked at
        if wrong:
            msg = f"Table: {reason}; such a table is to be changed as a whole (replace)."
            raise BadParameter(msg)

    def _row_number(self, at: int) -> int:
        count = len(self)
        if not -count <= at < count:
            msg = f"Table: there is no row {at}; there are {count}, counted from 0."
            raise BadParameter(msg)
        return self._now.heads + at % count

    def _column(self, column: str | int, now: Grid) -> int:
        number = column if isinstance(column, int) else now.numbers.get(column, -1)
        if not 0 <= number < now.columns:
            msg = f"Table: there is no column {column!r}; there are: {', '.join(now.header) or 'none'}."
            raise BadParameter(msg)
        return number

    def _made(self, row: NewRow, now: Grid, like: int) -> Pieces:
        """Return the lines of a new row, set out like another one."""
        if isinstance(row, Mapping):
            for name in row:
                self._column(name, now)
            cells = [row.get(name, "") for name in now.header]
        else:
            cells = [*row] if _is_list(row) else []
        if not cells or len(cells) > (now.columns or len(cells)):
            msg = f"Table: {row!r} is no row of {now.columns} cells."
            raise BadParameter(msg)
        if not now.rows:
            return writing.row("|-", cells, writing.USUAL, self._tags)
        found = now.rows[like].cells
        styles = writing.styles(found[0].part, [one.number for one in found])
        if like % len(now.rows) < now.heads:
            styles = [writing.unheaded(style) for style in styles]
        lacking = next((at for at, style in enumerate(styles) if not style.heading), 0) + 1 - len(cells)
        mark = _MARK.match(found[0].part.seen.text)
        cells += [""] * lacking  # with headings alone it would be one more row of these
        return writing.row(mark[1] if mark else "|-", cells, styles, self._tags)

    def _part_of(self, number: int) -> int:
        """Return which part a row is; one without a mark of its own gets one."""
        now = self._now
        self._refuse_captions(now, number)
        at = now.place(number)
        if at:
            return at
        part = now.parts[0]
        before, after = part.seen.divided(Cut(part.cells[0].start, unseen=True))
        both = [before, merged(["|-\n", *after])]
        self._node.parts[:1] = both
        now.put(0, 1, [TablePart(pieces) for pieces in both])
        return 1

    def _refuse_heading(self, now: Grid, first: int) -> None:
        """Refuse to let a row of nothing but headings follow those at the top, whose it would become one."""
        headings = first < len(now.rows) and all(one.heading for one in now.rows[first].cells)
        self._refuse(headings, "a row of headings would come to be one of those at the top")

    def _refuse_captions(self, now: Grid, number: int) -> None:
        """Refuse to move a row if a caption stands in its lines."""
        cells = now.rows[number].cells
        part = cells[0].part
        first = part is now.parts[0]
        captions = [one for one in part.captions if not first or one.start > part.cells[0].start]
        self._refuse(bool(captions) or len(cells) < len(part.cells), "its caption stands among the cells of a row")

    def _end_line(self, at: int) -> None:
        """Let the lines of a part end."""
        part = self._now.parts[at]
        if not part.seen.text.endswith("\n"):
            self._put(at, merged([*part.pieces, "\n"]))

    def _put(self, at: int, pieces: Pieces) -> None:
        """Give a part other pieces."""
        now = self._now
        forget(now.parts[at].pieces, pieces)
        self._node.parts[at][:] = pieces
        now.put(at, 1, [TablePart(pieces)])


def _is_list(row: object) -> bool:
    """Say whether what a caller gives is a list of cells, and not the letters of a text."""
    return isinstance(row, Sequence) and not isinstance(row, str | bytes)


def _is_open(node: Node) -> bool:
    return not TablePart(node.parts[-1]).closes if node.kind == "table" else is_open(node)


__all__ = ["NewRow", "Sortable", "Table", "tables_of"]
