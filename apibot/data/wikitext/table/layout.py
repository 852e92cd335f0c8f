"""Where tables are, and what their parts are: the rules of MediaWiki's Parser::handleTables (1.39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from apibot.data.wikitext.node import Node, Pieces, spans, walked, written
from apibot.data.wikitext.table.parts import TablePart
from apibot.data.wikitext.table.text import BLANK, OPAQUE, THROUGH, Cut, Seen

_EDGE = re.compile(rf"^[{BLANK}]*+(?::*+[{BLANK}]*+\{{\||\|[}}-])", re.MULTILINE)
"""What begins a table or a row, or ends a table."""
WITHIN = frozenset({"includeonly", "indicator", "ref", "references"})
"""Tags whose content may hold tables."""
DEEPEST = 20
"""How many tables may be around one that is looked for again: to compare the texts of all takes so much longer."""


class Layout:
    """The tables in a list of pieces, as nodes that stand aside until one of them is changed.

    Parameters: ``home``, the pieces.
    """

    __slots__ = ("_before", "_depths", "_out", "_seen", "home", "installed", "newer", "nodes")

    def __init__(self, home: Pieces) -> None:
        seen = Seen(home, whole=True)
        self.home = home
        self.installed = False
        self._seen = seen.source
        self._before = seen.tables
        self.newer: dict[int, Found] | None = None
        """Where its tables are by their numbers since another layout took its place; None while none did."""
        self.nodes: list[Node] = []
        """The tables in their order; each has as parts what is before its first row, its rows, and how it ends."""
        self._depths: list[int] = []
        self._out: Pieces = []
        found = list(_edges(seen.text))
        opened: list[Node] = []
        target = self._out
        edges = [edge for edge, _cut in found]
        for edge, pieces in zip(["", *edges], seen.divided(*(cut for _edge, cut in found)), strict=True):
            if edge == "{|":
                node = Node("table", "", [[]])
                target.append(node)
                self._depths.append(len(opened))
                opened.append(node)
                self.nodes.append(node)
            elif edge == "|}":
                opened.pop()
            elif edge:
                opened[-1].parts.append([])
            target = opened[-1].parts[-1] if opened else self._out
            target += pieces

    def install(self, number: int) -> Found | None:
        """Put the tables in the place of what they were read from.

        Parameters: ``number`` of the table that is to be changed.
        Returns the layout that is there now, another one if something else was changed meanwhile, and which table it is
        in it; None if it is not there any more.
        """
        found = self.current(number)
        if found is not None:
            found.layout.put_in()
        return found

    def put_in(self) -> None:
        """Put the tables in the place of what they were read from, which must be there still."""
        if not self.installed:
            for node in self._before:
                node.kind = "text"  # their views are not alive any more
            self.home[:] = self._out
            self.installed = True

    def current(self, number: int) -> Found | None:
        """Return where a table is now, found anew if something else was changed; None if it is not there any more."""
        found = self.newest(number)
        if found is None or found.layout is not self:
            return found and found.layout.current(found.number)
        if not self._has_grown() if self.installed else Seen(self.home, whole=True).source == self._seen:
            return found
        self._follow(Layout(self.home))
        return self.current(number)

    def _has_grown(self) -> bool:
        """Say whether something stands behind a table that is not closed, and so belongs to it."""
        last = next((at for at in range(len(self.home) - 1, -1, -1) if self.home[at] is self._out[-1]), 0)
        ends = self._out[-1]
        is_open = isinstance(ends, Node) and ends.kind == "table" and not TablePart(ends.parts[-1]).closes
        return is_open and any(map(str, self.home[last + 1 :]))

    def outer(self) -> Pieces:
        """Return the pieces with the tables as nodes among them: what is in these is in none of the others."""
        return self.home if self.installed else self._out

    def span(self, number: int) -> tuple[int, int]:
        """Return where a table begins in the text of the pieces, and where it ends."""
        return next((one.start, one.end) for one in spans(self.outer()) if one.node is self.nodes[number])

    def newest(self, number: int) -> Found | None:
        """Return where a table was found last; None if it was not there any more."""
        found: Found | None = Found(self, number)
        while found is not None and found.layout.newer is not None:
            found = found.layout.newer.get(found.number)
        return found

    def check(self) -> None:
        """Find the tables anew if other lines make rows of them than did."""
        newer = Layout(self.home)
        if [*map(_own, self.nodes)] != [*map(_own, newer.nodes)]:
            self._follow(newer)

    def _follow(self, newer: Layout) -> None:
        """Let another layout take its place; tables are found again if as many of the same text are there."""
        self.newer = {}
        theirs = newer.by_text()
        for text, ours in self.by_text().items():
            others = theirs.get(text, [])
            if len(others) == len(ours):
                self.newer |= {one: Found(newer, other) for one, other in zip(ours, others, strict=True)}

    def by_text(self) -> dict[str, list[int]]:
        """Return the numbers of the tables by their texts; without those that were taken out since, or are too deep."""
        out: dict[str, list[int]] = {}
        for number, (node, depth) in enumerate(zip(self.nodes, self._depths, strict=True)):
            if node.kind == "table" and depth < DEEPEST:
                out.setdefault(str(node), []).append(number)
        return out


class Found(NamedTuple):
    """A table of a layout."""

    layout: Layout
    number: int

    @property
    def node(self) -> Node:
        """The table."""
        return self.layout.nodes[self.number]


def _own(node: Node) -> list[str]:
    """Return the parts of a table as they are written; tables in it are one sign each."""
    return [
        written([OPAQUE if isinstance(piece, Node) and piece.kind == "table" else piece for piece in part])
        for part in node.parts
    ]


def is_one(seen: Seen, *, first: bool, last: bool) -> bool:
    """Say whether pieces are one part of a table for sure; in others than these nothing must have been changed."""
    found = [*_EDGE.finditer(seen.text)]
    if len(found) != 1 or found[0].start() or seen.holds_tables:
        return False
    sign = found[0][0][-2:]
    return (sign == "{|") == first and (last or (sign != "|}" and seen.text.endswith("\n")))


def layouts_of(pieces: Pieces) -> list[Layout]:
    """Return the tables in pieces, and in the tags there whose content may hold some."""
    inner = (node for node in walked(pieces) if node.name in WITHIN)
    homes = [pieces, *(part for node in inner for part in node.parts)]
    return [Layout(home) for home in homes if any(map(_may_hold, home))]


def _may_hold(piece: str | Node) -> bool:
    if isinstance(piece, str):
        return "{" in piece
    return piece.kind in {"table", "text"} or (piece.kind in THROUGH and "{|" in str(piece))


def _edges(text: str) -> Iterator[tuple[str, Cut]]:
    """Give where tables (``{|``), their rows (``|-``) and their last lines (``-``) begin, where they end (``|}``)."""
    depth = 0
    for found in _EDGE.finditer(text):
        sign = found[0][-2:]
        if sign == "{|":
            depth += 1
            yield sign, Cut(found.end() - len(found[0].lstrip(BLANK)), unseen=True)
        elif depth:
            yield sign if sign == "|-" else "-", Cut(found.start(), unseen=True)
            if sign == "|}":
                depth -= 1
                yield sign, Cut(found.end(), unseen=False)


__all__ = ["DEEPEST", "WITHIN", "Found", "Layout", "is_one", "layouts_of"]
