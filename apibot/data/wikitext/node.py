"""The tree that wikitext is read into: it holds each character of the text, and is written out as it was read.

One class stands for all constructs.  A node is written as its opening, its parts with the separator between them, and
its closing; a part is a list of pieces, which are text or nodes.  An edit changes a node or a list of pieces in place,
so that all else stays as it was, byte for byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

Kind = Literal[
    "argument",  # {{{name|default}}}
    "brackets",  # [[...]] that can not be a link
    "comment",
    "entry",  # a line of a gallery
    "equals",  # between the name and the value of a parameter
    "heading",  # its title, then what follows on the line
    "ignored",  # the tags noinclude and onlyinclude
    "link",
    "table",  # one that was changed: what is before its first row, its rows, how it ends
    "tag",  # of an extension, and includeonly
    "text",  # what is left of a construct that was taken apart
    "template",  # also parser functions and variables
    "variant",  # -{...}- of language conversion
]


class Node:
    """A construct of wikitext.

    Parameters: ``kind``; ``begin``, how it begins; ``parts``, lists of pieces; ``sep``, what stands between them;
    ``end``, how it ends; ``name``, of a tag, in small letters, or "redirect" of a redirect's link; ``raw``, whether the
    content is no wikitext.
    """

    __slots__ = ("begin", "end", "kind", "name", "parts", "raw", "sep")

    def __init__(
        self,
        kind: Kind,
        begin: str,
        parts: list[Pieces],
        *,
        sep: str = "",
        end: str = "",
        name: str = "",
        raw: bool = False,
    ) -> None:
        self.kind: Kind = kind
        self.begin = begin
        self.parts = parts
        self.sep = sep
        self.end = end
        self.name = name
        self.raw = raw

    def __str__(self) -> str:
        return written([self])

    def __repr__(self) -> str:
        return f"<{self.kind} {written([self])[:40]!r}>"


Pieces: TypeAlias = "list[str | Node]"


def written(pieces: Sequence[str | Node]) -> str:
    """Return the wikitext of pieces."""
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    out: list[str] = []
    left: list[str | Node] = list(reversed(pieces))  # a stack of its own: nesting may be deeper than Python's
    while left:
        piece = left.pop()
        if isinstance(piece, str):
            out.append(piece)
            continue
        out.append(piece.begin)
        left.append(piece.end)
        for number in range(len(piece.parts) - 1, -1, -1):
            left += reversed(piece.parts[number])
            if number:
                left.append(piece.sep)
    return "".join(out)


def visible(pieces: Pieces) -> str:
    """Return the wikitext of pieces without comments, as names and targets are read."""
    return written([piece for piece in flat(pieces) if isinstance(piece, str) or piece.kind not in UNSEEN])


def plain(pieces: Pieces) -> str | None:
    """Return the text of pieces without comments; None if it holds constructs, so that only the wiki can tell it."""
    seen = [piece for piece in flat(pieces) if isinstance(piece, str) or piece.kind not in UNSEEN]
    if any(isinstance(piece, Node) and piece.kind != "equals" for piece in seen):
        return None
    return written(seen)


def is_unseen(pieces: Pieces) -> bool:
    """Say whether nothing of pieces is seen: ``visible`` would be empty."""
    return all(isinstance(piece, Node) and piece.kind in UNSEEN for piece in flat(pieces) if piece)


UNSEEN = frozenset({"comment", "ignored"})
"""Kinds that leave nothing on the page."""


def flat(pieces: Pieces) -> Pieces:
    """Return pieces with what is left of constructs that were taken apart put among the others."""
    if not any(piece.kind == "text" if isinstance(piece, Node) else not piece for piece in pieces):
        return pieces
    out: Pieces = []
    left: Pieces = list(reversed(pieces))
    while left:
        piece = left.pop()
        if isinstance(piece, Node) and piece.kind == "text":
            for part in reversed(piece.parts):
                left += reversed(part)
        else:
            out.append(piece)
    return merged(out)


def walked(pieces: Pieces, skip: Collection[str] = ()) -> Iterator[Node]:
    """Give all nodes in pieces, outer ones first.

    Parameters: ``pieces``; ``skip``, names of tags whose content is not looked at.
    """
    left = _nodes([pieces])
    while left:
        node = left.pop()
        yield node
        if node.parts and node.name not in skip:
            left += _nodes(node.parts)


def _nodes(parts: list[Pieces]) -> list[Node]:
    """Return the nodes in parts, the last one first."""
    return [piece for part in reversed(parts) for piece in reversed(part) if not isinstance(piece, str)]


def strings(pieces: Pieces, skip: Collection[str] = ()) -> Iterator[tuple[Pieces, int, str]]:
    """Give all texts in pieces that are wikitext, each with the pieces that it is one of and where in them.

    Parameters: ``pieces``; ``skip``, names of tags whose content is not looked at.
    """
    nodes = (node for node in walked(pieces, skip) if not node.raw and node.name not in skip)
    homes = [pieces, *(part for node in nodes for part in node.parts)]
    for home in homes:
        for at, piece in enumerate(home):
            if isinstance(piece, str):
                yield home, at, piece


def flatten(pieces: Pieces) -> None:
    """Put what is left of constructs that were taken apart among the others, everywhere in pieces."""
    for home in [pieces, *(part for node in walked(pieces) for part in node.parts)]:
        home[:] = merged(flat(home))


def forget(gone: Pieces, kept: Pieces | None = None) -> None:
    """Mark the nodes of pieces that were taken out of a text: a change of them is refused then, and not lost.

    Parameters: ``gone``, the pieces; ``kept``, those of them that are in the text all the same.
    """
    there = {id(node) for node in walked(kept or [])}
    for node in list(walked(gone)):
        if id(node) not in there:
            node.kind = "text"


def is_open(node: Node) -> bool:
    """Say whether a construct goes on to the end of the text because it is not closed there."""
    if node.kind == "tag":
        return bool(node.parts) and not node.end
    return node.kind == "comment" and not node.begin[len("<!--") :].endswith("-->")


def runs_to_the_end(piece: str | Node) -> bool:
    """Say whether it is a comment or the like that is never closed, after which nothing is seen."""
    return isinstance(piece, Node) and is_open(piece)


def is_silent(piece: str | Node, blank: str | None = None) -> bool:
    """Say whether a piece is a comment that is closed, or white space: of the characters in ``blank`` if given."""
    return not piece.strip(blank) if isinstance(piece, str) else piece.kind == "comment" and not is_open(piece)


class Span(NamedTuple):
    """Where a node is in the text, in characters from 0; ``end`` is that of what follows."""

    node: Node
    start: int
    ends: tuple[int, ...]
    """Ends of its parts."""
    end: int

    @property
    def first(self) -> int:
        """End of its first part: of the target, the name, the title."""
        return self.ends[0] if self.ends else self.end


def spans(pieces: Pieces) -> Iterator[Span]:
    """Give all nodes in pieces with their places, inner ones first."""
    position = 0
    open_: list[tuple[int, list[int]]] = []
    left: list[str | Node | _Mark] = list(reversed(pieces))
    while left:
        piece = left.pop()
        if isinstance(piece, str):
            position += len(piece)
        elif isinstance(piece, Node):
            open_.append((position, []))
            position += len(piece.begin)
            left.append(_Mark(piece, last=True))
            for number in range(len(piece.parts) - 1, -1, -1):
                left.append(_Mark(piece, last=False))
                left += reversed(piece.parts[number])
                if number:
                    left.append(piece.sep)
        elif piece.last:
            position += len(piece.node.end)
            start, ends = open_.pop()
            yield Span(piece.node, start, tuple(ends), position)
        else:
            open_[-1][1].append(position)


class _Mark(NamedTuple):
    """A place in the walk: the end of a node, or of one of its parts."""

    node: Node
    last: bool


def merged(pieces: Iterable[str | Node]) -> Pieces:
    """Return pieces with texts that follow each other made one, and no empty ones."""
    out: Pieces = []
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
            continue
        if whole := "".join(run):
            out.append(whole)
        run.clear()
        out.append(piece)
    if whole := "".join(run):
        out.append(whole)
    return out


__all__ = [
    "UNSEEN",
    "Kind",
    "Node",
    "Pieces",
    "Span",
    "flat",
    "flatten",
    "forget",
    "is_open",
    "is_silent",
    "is_unseen",
    "merged",
    "plain",
    "runs_to_the_end",
    "spans",
    "strings",
    "visible",
    "walked",
    "written",
]
