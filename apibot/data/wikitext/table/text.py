"""The text of tables as MediaWiki's rules for them see it: constructs in it have no characters of their own.

Templates and tags are one sign each, which divides nothing; comments are none at all; links are read through where
their text holds what could divide cells, since MediaWiki looks for tables before it looks for links.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from apibot.data.wikitext.node import UNSEEN, Node, Pieces, merged, written
from apibot.data.wikitext.scan import INCLUDED

OPAQUE = "\ufdd0"
"""Stands for a construct that divides nothing."""
LINK = "\ufdd1"
"""Stands for a link, or the like; before a pipe there can be no attributes with one."""
BLANK = " \t\r\v\f\0"
"""White space in a line, as PHP's ``trim`` and ``\\s`` have it."""
SPACE = f"{BLANK}\n"
THROUGH = frozenset({"brackets", "link", "variant"})
"""Kinds that are read through."""
_BREAKS = re.compile(r"\|\||!!|\n[ \t\r\v\f]*+(?:[|!]|:*+[ \t\r\v\f]*+\{\|)")
"""What in a link can divide a table."""
_NAMES = """
    abbr b bdi bdo big blockquote br caption center cite code data dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i
    ins kbd li link mark meta ol p pre q rb rp rt rtc ruby s samp small span strike strong sub sup table td th time tr
    tt u ul var wbr
"""
HTML = frozenset(_NAMES.split())
"""HTML that wikitext may hold (MediaWiki's Sanitizer::getRecognizedTagData)."""
_TAG = rf"</?(?:{'|'.join(sorted(HTML))})(?![^\t\n\v />\0])[^<>]*"
MARKUP = re.compile(f"{_TAG}>", re.IGNORECASE)
"""A tag of HTML; MediaWiki has made its attributes harmless before it looks for tables."""
OPEN_TAG = re.compile(rf"{_TAG}\Z", re.IGNORECASE)
"""A tag that goes on to the next ``>`` in what follows."""
_HARMFUL = str.maketrans(dict.fromkeys("|!\n", OPAQUE))


class Cut(NamedTuple):
    """A place where pieces are divided."""

    at: int
    """In characters of the text."""
    unseen: bool
    """Whether comments that stand there belong to what is before it."""


class Seen:
    """What is seen of pieces.

    Parameters: ``pieces``; ``whole``, whether tables that were changed are read through too, not taken for one sign.
    """

    __slots__ = ("_entries", "_groups", "_starts", "plain", "source", "tables", "text")

    def __init__(self, pieces: Pieces, *, whole: bool = False) -> None:
        self.source: Pieces = []
        """The pieces without what is left of others; behind links that are read through, how they are written."""
        self.tables: list[Node] = []
        """Tables that were read through."""
        self._entries: Pieces = []
        self._starts: list[int] = []
        self._groups: dict[int, tuple[int, Node]] = {}
        out: list[str] = []
        at = group = depth = 0
        groups: list[tuple[int, Node]] = []
        left: list[str | Node | None] = list(reversed(pieces))  # None ends a link that is read through
        while left:
            piece = left.pop()
            if piece is None:
                group, node = groups.pop()
                self._groups[group] = (len(self._entries), node)
                depth -= 1
                continue
            if isinstance(piece, str):
                shown = piece
            elif piece.kind == "text" or (whole and piece.kind == "table"):
                if piece.kind == "table":
                    self.tables.append(piece)
                for part in reversed(piece.parts):
                    left += reversed(part)
                continue
            elif piece.kind in THROUGH and (depth or _BREAKS.search(written([piece]))):
                if not depth:
                    self.source += [piece, written([piece])]
                groups.append((len(self._entries), piece))
                depth += 1
                left.append(None)
                left += reversed(_literal(piece))
                continue
            else:
                shown = _sign(piece)
            if not depth:
                self.source.append(piece)
            self._entries.append(piece)
            self._starts.append(at)
            out.append(shown)
            at += len(shown)
        self._starts.append(at)
        joined = "".join(out)
        self.plain = joined if all(isinstance(piece, str) for piece in self._entries) else None
        """The text as it is written; None if there are constructs in it."""
        self.text = MARKUP.sub(lambda found: found[0].translate(_HARMFUL), joined)
        """One sign for each that divides nothing; as long as what the places are counted in."""

    @property
    def holds_tables(self) -> bool:
        """Whether there are tables in it that were changed."""
        return any(isinstance(piece, Node) and piece.kind == "table" for piece in self._entries)

    @property
    def broken(self) -> int | None:
        """Where the first link is that holds what can divide a table; None if none does."""
        return self._starts[min(self._groups)] if self._groups else None

    def divided(self, *cuts: Cut) -> list[Pieces]:
        """Return the pieces between places, which are in order; one list more than there are places."""
        out: list[Pieces] = []
        place = (0, 0)
        for cut in (*cuts, Cut(self._starts[-1] + 1, unseen=True)):
            run, place = self._run(place, cut)
            out.append(run)
        return out

    def between(self, first: Cut, last: Cut) -> Pieces:
        """Return the pieces between two places."""
        find = bisect_right if first.unseen else bisect_left
        number = find(self._starts, first.at)
        if first.unseen or number == len(self._starts) or self._starts[number] > first.at:
            number -= 1
        return self._run((number, first.at - self._starts[number]), last)[0]

    def _run(self, place: tuple[int, int], cut: Cut) -> tuple[Pieces, tuple[int, int]]:
        """Take pieces up to a place.

        Parameters: ``place``, the entry in hand, and how many of its characters are taken already; ``cut``.
        Returns the pieces, and the place.
        """
        number, taken = place
        entries, starts = self._entries, self._starts
        run: Pieces = []
        while number < len(entries):
            piece, start, end = entries[number], starts[number], starts[number + 1]
            if start + taken > cut.at or (start + taken == cut.at and not (start == end and cut.unseen)):
                break
            last, node = self._groups.get(number, (number, piece))
            if last > number and not taken and starts[last] <= cut.at:
                run.append(node)
                number = last
            elif end <= cut.at:
                run.append(piece[taken:] if isinstance(piece, str) else piece)
                number, taken = number + 1, 0
            else:
                run.append(str(piece)[taken : cut.at - start])
                taken = cut.at - start
        return merged(run), (number, taken)


def _literal(node: Node) -> Pieces:
    """Return what a link is written as, with the constructs in it."""
    out: Pieces = [node.begin]
    for number, part in enumerate(node.parts):
        out += [node.sep, *part] if number else part
    return [*out, node.end]


def _sign(node: Node) -> str:
    if node.kind in UNSEEN or (node.kind == "tag" and node.name == INCLUDED):
        return ""
    return LINK if node.kind in THROUGH else OPAQUE


__all__ = ["BLANK", "HTML", "LINK", "MARKUP", "OPAQUE", "OPEN_TAG", "SPACE", "THROUGH", "Cut", "Seen"]
