"""Parts of a table, and which lines make cells in them: the rules of MediaWiki's Parser::handleTables (1.39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from apibot.data.wikitext.attributes import attributes_of
from apibot.data.wikitext.node import Node, Pieces, visible, written
from apibot.data.wikitext.table.text import BLANK, LINK, OPEN_TAG, SPACE, Cut, Seen

_OPENING = re.compile(rf"[{BLANK}]*+(?::*+[{BLANK}]*+\{{\||\|-++)(.*)")
"""The first line of a part."""
_LINE = re.compile(rf"^[{BLANK}]*+(\|\+|[|!])(.*)", re.MULTILINE)
"""Another line that is not only text of a cell."""
_CLOSING = re.compile(rf"[{BLANK}]*+\|\}}")
_NUMBER = re.compile(r"[ \t\n\f\r]*+\+?(\d{1,9})")
_NO_ATTRIBUTES = re.compile(rf"\[\[|-\{{|{LINK}")
"""What before a pipe shows that no attributes stand there."""
BEGINS = re.compile(r"[*#:;]|----")
"""What means something at the beginning of a line only."""
MOST_COLUMNS, MOST_ROWS = 1000, 65534
"""Of a cell, in HTML."""


class Cell(NamedTuple):
    """A cell of a table."""

    text: str
    """Wikitext without comments and white space around it.

    A line end stands before what means something at the beginning of a line (``*``, ``{|``) and is set out so.
    """
    attributes: dict[str, str]
    """By their names in small letters, character references decoded."""
    heading: bool
    """Whether it is a heading (``!``)."""

    @property
    def colspan(self) -> int:
        """How many columns it spans."""
        return min(_number(self.attributes.get("colspan")) or 1, MOST_COLUMNS)

    @property
    def rowspan(self) -> int:
        """How many rows it spans; MOST_ROWS where it is to span all that follow (``rowspan=0``)."""
        found = _number(self.attributes.get("rowspan"))
        return MOST_ROWS if found == 0 else min(found or 1, MOST_ROWS)


def _number(text: str | None) -> int | None:
    found = _NUMBER.match(text or "")
    return int(found[1]) if found else None


class Placed(NamedTuple):
    """Where in a part a cell, or a caption, is; in characters of what is seen of it."""

    mark: str
    """What it begins with: ``|``, ``!``, ``||``, ``!!``; ``|+`` for captions."""
    heading: bool
    start: int
    """Of its mark; of the line if that begins it."""
    attributes: tuple[int, int] | None
    inner: int
    """Behind its mark and attributes."""
    first: int
    last: int
    """First and last of its text, without white space."""
    end: int
    """Where the next one begins."""


class TablePart:
    """A part of a table: what is before its first row mark, or a row mark with what follows.

    Parameters: ``pieces``.
    """

    __slots__ = (
        "_kept",
        "_written",
        "captions",
        "cells",
        "closes",
        "has_open_tag",
        "new_row",
        "opening",
        "pieces",
        "seen",
    )

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = list(pieces)
        self.seen = Seen(pieces)
        self._written = written(pieces) if any(isinstance(piece, Node) for piece in pieces) else None
        self.cells: list[Placed] = []
        self.captions: list[Placed] = []
        self.new_row: set[int] = set()
        """Numbers of the cells that begin another row, since a caption stands before them."""
        opening = _OPENING.match(self.seen.text)
        self.opening = opening.span(1) if opening else None
        """Where the attributes of the table, or of the row, are."""
        self._kept: dict[int, Cell] = {}
        self.closes = _CLOSING.match(self.seen.text) is not None
        """Whether it is the end of a table."""
        self.has_open_tag = OPEN_TAG.match(self.seen.text, max(self.seen.text.rfind("<"), 0)) is not None
        """Whether a tag of HTML in it goes on to the next ``>``, in whichever part that is."""
        for placed in () if self.closes else _placed(self.seen.text, opening.end() if opening else 0):
            if placed.mark != "|+":
                self.cells.append(placed)
                continue
            self.captions.append(placed)
            if self.cells:
                self.new_row.add(len(self.cells))
        self.new_row.discard(len(self.cells))

    def is_of(self, pieces: Pieces) -> bool:
        """Say whether it is what these pieces are now."""
        return self.pieces == pieces and (self._written is None or self._written == written(pieces))

    @property
    def attributes(self) -> dict[str, str]:
        """Attributes of the table, or of the row."""
        return self._attributes(self.opening)

    def cell(self, number: int) -> Cell:
        """Return a cell."""
        found = self._kept.get(number)
        if found is None:
            placed = self.cells[number]
            found = Cell(self.text(placed), self._attributes(placed.attributes), placed.heading)
            self._kept[number] = found
        return found

    def spans(self, number: int) -> tuple[int, int]:
        """Return how many columns and rows a cell spans."""
        place = self.cells[number].attributes
        if place is None or "span" not in self.seen.text[slice(*place)].lower():
            return 1, 1
        cell = self.cell(number)
        return cell.colspan, cell.rowspan

    def text(self, placed: Placed) -> str:
        """Return the text of a cell or a caption."""
        pieces = self._between(placed.first, placed.last)
        lone = self.is_lone(placed) and begins(pieces)
        return "\n" * lone + visible(pieces)

    def is_lone(self, placed: Placed) -> bool:
        """Say whether a cell's text begins at the beginning of a line."""
        return placed.first > placed.inner and self.seen.text[placed.first - 1] == "\n"

    def _attributes(self, place: tuple[int, int] | None) -> dict[str, str]:
        return attributes_of(visible(self._between(*place))) if place and place[0] < place[1] else {}

    def _between(self, start: int, end: int) -> Pieces:
        if self.seen.plain is not None:
            return [self.seen.plain[start:end]]
        return self.seen.between(Cut(start, unseen=True), Cut(end, unseen=False))


def begins(pieces: Pieces) -> bool:
    """Say whether a text begins with what means something at the beginning of a line only."""
    first = pieces[0] if pieces else ""
    return BEGINS.match(first) is not None if isinstance(first, str) else first.kind in {"heading", "table"}


def _placed(text: str, start: int) -> Iterator[Placed]:
    """Give the cells and captions in a part, from a place on."""
    before: Placed | None = None
    for line in _LINE.finditer(text, start):
        for one in _in_line(line[1], line.start(), line[2], line.start(2)):
            if before:
                yield _trimmed(before, text, one.start)
            before = one
    if before:
        yield _trimmed(before, text, len(text))


def _in_line(mark: str, start: int, body: str, at: int) -> Iterator[Placed]:
    """Give the cells of a line; where they end is not told yet.

    Parameters: ``mark``, which the line begins with; ``start`` of the line; ``body``, what follows the mark; ``at``,
    where that begins.
    """
    heading = mark == "!"
    first = 0
    for cell in (body.replace("!!", "||") if heading else body).split("||"):
        end = first + len(cell)
        pipe = cell.find("|")
        inner, attributes = at + first, None
        if pipe >= 0 and not _NO_ATTRIBUTES.search(cell, 0, pipe):
            attributes, inner = (inner, inner + pipe), inner + pipe + 1
        yield Placed(mark, heading, start, attributes, inner, inner, inner, inner)
        start = at + end
        mark = mark if mark == "|+" else body[end : end + 2]
        first = end + 2


def _trimmed(placed: Placed, text: str, end: int) -> Placed:
    """Return a cell that ends there, without the white space around its text."""
    inner = text[placed.inner : end]
    kept = inner.lstrip(SPACE)
    first = placed.inner + (len(inner) - len(kept) if kept else 0)
    return placed._replace(first=first, last=first + len(kept.rstrip(SPACE)), end=end)


__all__ = ["BEGINS", "MOST_COLUMNS", "MOST_ROWS", "Cell", "Placed", "TablePart", "begins"]
