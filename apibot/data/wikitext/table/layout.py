"""Where tables are, and what their parts are: the rules of MediaWiki's Parser::handleTables (1.39)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apibot.data.wikitext.node import Node, Pieces, walked
from apibot.data.wikitext.table.text import BLANK, THROUGH, Cut, Seen

_EDGE = re.compile(rf"^[{BLANK}]*+(?::*+[{BLANK}]*+\{{\||\|[}}-])", re.MULTILINE)
"""What begins a table or a row, or ends a table."""
WITHIN = frozenset({"includeonly", "indicator", "ref", "references"})
"""Tags whose content may hold tables."""


class Layout:
    """The tables in a list of pieces, as nodes that stand aside until one of them is changed.

    Parameters: ``home``, the pieces.
    """

    __slots__ = ("_before", "_newer", "_out", "_seen", "home", "installed", "nodes")

    def __init__(self, home: Pieces) -> None:
        seen = Seen(home, whole=True)
        self.home = home
        self.installed = False
        self._seen = seen.source
        self._before = seen.tables
        self._newer: Layout | None = None
        self.nodes: list[Node] = []
        """The tables in their order; each has as parts what is before its first row, its rows, and how it ends."""
        self._out: Pieces = []
        found = list(_edges(seen.text))
        opened: list[Node] = []
        target = self._out
        edges = [edge for edge, _cut in found]
        for edge, pieces in zip(["", *edges], seen.divided(*(cut for _edge, cut in found)), strict=True):
            if edge == "{|":
                node = Node("table", "", [[]])
                target.append(node)
                opened.append(node)
                self.nodes.append(node)
            elif edge == "|}":
                opened.pop()
            elif edge:
                opened[-1].parts.append([])
            target = opened[-1].parts[-1] if opened else self._out
            target += pieces

    def install(self, number: int) -> Layout | None:
        """Put the tables in the place of what they were read from.

        Parameters: ``number`` of the table that is to be changed.
        Returns the layout that is there now: another one if something else was changed meanwhile; None if the table
        is not there any more.
        """
        if self.installed:
            return self
        if self._newer is None and Seen(self.home, whole=True).source != self._seen:
            self._newer = Layout(self.home)
        if self._newer is not None:
            same = len(self._newer.nodes) > number and str(self._newer.nodes[number]) == str(self.nodes[number])
            return self._newer.install(number) if same or self._newer.installed else None
        for node in self._before:
            node.kind = "text"  # their views are not alive any more
        self.home[:] = self._out
        self.installed = True
        return self


def layouts_of(pieces: Pieces) -> list[Layout]:
    """Return the tables in pieces, and in the tags there whose content may hold some."""
    inner = (node for _home, node in walked(pieces) if node.name in WITHIN)
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


__all__ = ["WITHIN", "Layout", "layouts_of"]
