"""The tree that wikitext is read into: it holds each character of the text, and is written out as it was read.

One class stands for all constructs.  A node is written as its opening, its parts with the separator between them, and
its closing; a part is a list of pieces, which are text or nodes.  An edit changes a node or a list of pieces in place,
so that all else stays as it was, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

Kind = Literal[
    "argument",  # {{{name|default}}}
    "brackets",  # [[...]] that can not be a link
    "comment",
    "equals",  # between the name and the value of a parameter
    "heading",  # its title, then what follows on the line
    "ignored",  # the tags noinclude and onlyinclude
    "link",
    "root",
    "tag",  # of an extension, and includeonly
    "template",  # also parser functions and variables
    "variant",  # -{...}- of language conversion
]


class Node:
    """A construct of wikitext.

    Parameters: ``kind``; ``begin``, how it begins; ``parts``, lists of pieces; ``sep``, what stands between them;
    ``end``, how it ends; ``name``, of a tag, in small letters.
    """

    __slots__ = ("begin", "end", "kind", "name", "parts", "sep")

    def __init__(
        self, kind: Kind, begin: str, parts: list[Pieces], *, sep: str = "", end: str = "", name: str = ""
    ) -> None:
        self.kind: Kind = kind
        self.begin = begin
        self.parts = parts
        self.sep = sep
        self.end = end
        self.name = name

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


def visible(pieces: Sequence[str | Node]) -> str:
    """Return the wikitext of pieces without comments, as names and targets are read."""
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    return written([piece for piece in pieces if isinstance(piece, str) or piece.kind not in {"comment", "ignored"}])


def plain(pieces: Sequence[str | Node]) -> str | None:
    """Return the text of pieces without comments; None if it holds constructs, so that only the wiki can tell it."""
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    kept = [piece for piece in pieces if isinstance(piece, str) or piece.kind not in {"comment", "ignored"}]
    strings = [piece if isinstance(piece, str) else "=" for piece in kept if _is_text(piece)]
    return "".join(strings) if len(strings) == len(kept) else None


def _is_text(piece: str | Node) -> bool:
    return isinstance(piece, str) or piece.kind == "equals"


def walked(pieces: Pieces) -> Iterator[tuple[Pieces, Node]]:
    """Give all nodes in pieces, outer ones first, each with the pieces that it is one of."""
    left: list[Iterator[tuple[Pieces, Node]]] = [_nodes(pieces)]
    while left:
        for home, node in left[-1]:
            yield home, node
            if node.parts:
                left.append(_inner(node))
                break
        else:
            left.pop()


def _nodes(pieces: Pieces) -> Iterator[tuple[Pieces, Node]]:
    return iter([(pieces, piece) for piece in pieces if not isinstance(piece, str)])


def _inner(node: Node) -> Iterator[tuple[Pieces, Node]]:
    return iter([(part, piece) for part in node.parts for piece in part if not isinstance(piece, str)])


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


__all__ = ["Kind", "Node", "Pieces", "merged", "plain", "visible", "walked", "written"]
