"""Where the sections of a text are: which headings it has, what belongs to each.

A heading counts if it stands in no template, argument or tag, as in MediaWiki (Parser::extractSections, 1.39).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from apibot.data.wikitext.headings import anchors
from apibot.data.wikitext.node import Node, Pieces, flat, is_open, merged, walked, written
from apibot.data.wikitext.scan import INCLUDED
from apibot.data.wikitext.view import OPEN, loose_tags

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

TRANSPARENT = frozenset({"brackets", "link", "variant"})
"""Constructs that a heading shows through: the preprocessor takes their signs for text."""

_SHINING = frozenset({*TRANSPARENT, "table", "text"})
"""And those that a change left; a table is looked up anew when it is changed again."""


class OutlineRow(NamedTuple):
    """A section: which pieces are its own, and where it is among the others."""

    heading: Node | None
    """None for the text before the first heading."""
    start: int
    end: int
    """End of its own pieces, where the next heading is."""
    number: int
    """That of the API; headings in templates count too, though they begin no section of the page."""
    parent: int | None
    """Which row it is a subsection of."""


class Chunk(NamedTuple):
    """A section's own pieces, heading first, and what is known of them; they are not to be changed."""

    pieces: Pieces
    above: int
    """How many headings the wiki counts up to its own, with that and those in templates of its title."""
    below: int
    """How many it counts in what follows, all of them in templates and the like."""
    closed: bool
    """Whether it can stand beside any others and is read the same: all signs in it that open or close something do."""
    tags: tuple[str, ...]
    """Tags in it that tell what is included (``<noinclude>``), as they begin, if they do not close each other."""


class Outline:
    """The sections of a text at a moment.  Making it takes brackets and tables apart that stand around a heading.

    Parameters: ``document``; ``chunks`` of it if they are known.
    """

    def __init__(self, document: Wikitext, chunks: Sequence[Chunk] | None = None) -> None:
        if chunks is None:
            document.pieces[:] = opened(document.pieces)
            document.places = {}
            chunks = [chunk_of(pieces, document) for pieces in divided(document.pieces)]
        self.document = document
        self.pieces = document.pieces
        self._chunks = chunks
        self._stamp = document.stamp
        self.rows = list(_rows(chunks))
        self.places = {id(row.heading): at for at, row in enumerate(self.rows)}

    @property
    def current(self) -> bool:
        """Whether the sections are still there."""
        return self._stamp == self.document.stamp

    @cached_property
    def lasts(self) -> list[int]:
        """For each row the one after its last subsection."""
        ends = list(range(1, len(self.rows) + 1))
        for at in range(len(self.rows) - 1, 0, -1):
            parent = self.rows[at].parent
            if parent is not None:
                ends[parent] = max(ends[parent], ends[at])
        return ends

    @cached_property
    def children(self) -> list[list[int]]:
        """For each row its subsections, without theirs."""
        found: list[list[int]] = [[] for _row in self.rows]
        for at, row in enumerate(self.rows):
            if row.parent is not None:
                found[row.parent].append(at)
        return found

    @cached_property
    def anchors(self) -> list[str | None]:
        """For each row how links call it."""
        return [None, *anchors([row.heading for row in self.rows if row.heading], self.document)]

    @cached_property
    def offsets(self) -> list[int]:
        """For each row where it begins in the text, in characters from 0, and where the text ends."""
        return list(accumulate((len(written(chunk.pieces)) for chunk in self._chunks), initial=0))

    def chunks(self) -> list[Pieces]:
        """Return each row's own pieces, which are not to be changed."""
        return [chunk.pieces for chunk in self._chunks]

    @property
    def known(self) -> dict[int, Chunk]:
        """What is known of the pieces that ``chunks`` gives, by their ids."""
        return {id(chunk.pieces): chunk for chunk in self._chunks}


def outline_of(document: Wikitext) -> Outline:
    """Return the sections of a text as they are now."""
    outline = document.outline
    if outline is None or not outline.current:
        outline = document.outline = Outline(document)
    return outline


def divided(pieces: Pieces) -> list[Pieces]:
    """Return pieces divided before each heading; the first list has none."""
    starts = [at for at, piece in enumerate(pieces) if isinstance(piece, Node) and piece.kind == "heading"]
    return [pieces[start:end] for start, end in zip([0, *starts], [*starts, len(pieces)], strict=True)]


def chunk_of(pieces: Pieces, document: Wikitext) -> Chunk:
    """Return a section's own pieces with what is to be known of them."""
    tags = document.site.tags
    above = _counted(pieces[:1], tags) if _heading(pieces) else 0
    halves = _halves(pieces)
    return Chunk(pieces, above, _counted(pieces, tags) - above, not halves and _is_closed(pieces, tags), halves)


def _halves(pieces: Pieces) -> tuple[str, ...]:
    """Return the tags that tell what is included, in small letters; none if all of them are closed."""
    ignored = (piece.begin for piece in pieces if isinstance(piece, Node) and piece.kind == "ignored")
    found = tuple(begin.lower().rstrip("> \t\n") for begin in ignored if not begin.endswith("/>"))
    pairs = all(one.replace("<", "</") == other for one, other in zip(found[::2], found[1::2], strict=False))
    return () if pairs and len(found) % 2 == 0 else found


def inclusion(chunks: Iterable[Chunk]) -> tuple[dict[int, str], str]:
    """Return which tag is open where each of some chunks begins, by the ids of their pieces, and which at the end."""
    now = ""
    found: dict[int, str] = {}
    for chunk in chunks:
        found[id(chunk.pieces)] = now
        for tag in chunk.tags:
            now = "" if tag.startswith("</") else tag
    return found, now


def _counted(pieces: Pieces, tags: frozenset[str]) -> int:
    return sum(1 for node in walked(pieces, {INCLUDED, *tags}) if node.kind == "heading")


def _heading(pieces: Pieces) -> Node | None:
    first = pieces[0] if pieces else ""
    return first if isinstance(first, Node) and first.kind == "heading" else None


def _is_closed(pieces: Pieces, tags: frozenset[str]) -> bool:
    heading = _heading(pieces)
    for piece in [*pieces, *(heading.parts[0] if heading else [])]:
        if isinstance(piece, Node):
            if piece.kind in {"table", "text"} or is_open(piece):
                return False
        elif any(sign in piece for sign in OPEN) or ("<" in piece and loose_tags(tags).search(piece)):
            return False
    return not pieces or _has_its_line(pieces, 0)


def _rows(chunks: Sequence[Chunk]) -> Iterator[OutlineRow]:
    above: list[tuple[int, int]] = []  # levels of the sections that the next one may belong to, and which rows
    start = counted = 0
    for at, (pieces, before, after, _closed, _tags) in enumerate(chunks):
        heading = _heading(pieces)
        level = len(heading.begin) if heading else 0
        while above and above[-1][0] >= level:
            above.pop()
        counted += before
        yield OutlineRow(heading, start, start + len(pieces), counted, above[-1][1] if above else None)
        if heading:
            above.append((level, at))
        start += len(pieces)
        counted += after


def opened(pieces: Pieces) -> Pieces:
    """Return pieces with all headings that begin sections among them, and nothing that was taken apart."""
    holders = [piece for piece in pieces if isinstance(piece, Node) and piece.kind in _SHINING]
    for node in _around_headings(holders):
        inner: Pieces = [node.begin]
        for number, part in enumerate(node.parts):
            inner += [node.sep, *part] if number else part
        node.kind, node.parts = "text", [[*inner, node.end]]
        node.begin = node.end = node.sep = ""
    whole = merged(flat(pieces))
    glued = {at for at, piece in enumerate(whole) if isinstance(piece, Node) and not _has_its_line(whole, at)}
    return merged(written([piece]) if at in glued else piece for at, piece in enumerate(whole)) if glued else whole


def _has_its_line(pieces: Pieces, at: int) -> bool:
    """Say whether a heading still has its line to itself; what was put beside it makes it text.  Others always have."""
    node = pieces[at]
    if isinstance(node, str) or node.kind != "heading":
        return True
    before = pieces[at - 1] if at else "\n"
    after = pieces[at + 1] if at + 1 < len(pieces) else "\n"
    free = not after.partition("\n")[0].strip(" \t") if isinstance(after, str) else after.kind == "comment"
    return free and isinstance(before, str) and before.endswith("\n")


def _around_headings(nodes: list[Node]) -> Iterator[Node]:
    """Give the transparent constructs among nodes and in them that hold headings, inner ones first."""
    for outer in nodes:
        left: list[tuple[Node, Iterator[Node]]] = [(outer, _shining(outer))]
        holding: set[int] = set()
        while left:
            node, inside = left[-1]
            inner = next(inside, None)
            if inner is None:
                left.pop()
                if id(node) in holding:
                    if left:
                        holding.add(id(left[-1][0]))
                    if node.kind != "text":
                        yield node
            elif inner.kind == "heading":
                holding.add(id(node))
            else:
                left.append((inner, _shining(inner)))


def _shining(node: Node) -> Iterator[Node]:
    """Give what a heading may stand in, and headings, in a construct."""
    inner = [piece for part in node.parts for piece in part if isinstance(piece, Node)]
    return iter([piece for piece in inner if piece.kind == "heading" or piece.kind in _SHINING])


__all__ = ["TRANSPARENT", "Chunk", "Outline", "OutlineRow", "chunk_of", "divided", "inclusion", "opened", "outline_of"]
