"""Marked places: what stands between ``<!-- NAME -->`` and ``<!-- END NAME -->``, where only the bot writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.core.errors import BadText
from apibot.data.wikitext.lines import place_of
from apibot.data.wikitext.node import Node, Pieces, forget, walked, written
from apibot.data.wikitext.view import whole

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext


def marked(document: Wikitext, name: str) -> str:
    """Return what stands between two marks; see `Wikitext.marked`."""
    home, start, end = _between(document, name)
    return written(home[start:end])


def set_marked(document: Wikitext, name: str, text: str) -> bool:
    """Put wikitext between two marks; see `Wikitext.set_marked`."""
    home, start, end = _between(document, name)
    if written(home[start:end]) == text:
        return False
    pieces = whole(text, document.site.tags)
    marks = [node for _home, node in walked(pieces) if node.kind == "comment" and _mark(node) in {name, f"END {name}"}]
    if marks:
        raise BadText(text, f"{marks[0]} in it would be a second mark", text.find(marks[0].begin))
    forget(home[start:end])
    home[start:end] = pieces
    document.changes += 1
    return True


def _between(document: Wikitext, name: str) -> tuple[Pieces, int, int]:
    """Return the pieces that hold both marks, and the places of what is between them."""
    begins, ends = (_comments(document, mark) for mark in (name, f"END {name}"))
    text = written(document.pieces)
    for found, mark in ((begins, name), (ends, f"END {name}")):
        if len(found) != 1:
            raise BadText(text, f"it has {len(found) or 'no'} marks <!-- {mark} -->, not one", _position(text, found))
    (home, begin), (other, end) = begins[0], ends[0]
    if home is not other or place_of(home, begin) > place_of(home, end):
        raise BadText(text, f"<!-- END {name} --> does not close <!-- {name} -->", text.find(end.begin))
    return home, place_of(home, begin) + 1, place_of(home, end)


def _comments(document: Wikitext, mark: str) -> list[tuple[Pieces, Node]]:
    found = ((home, node) for home, node in walked(document.pieces) if node.kind == "comment")
    return [(home, node) for home, node in found if _mark(node) == mark]


def _mark(comment: Node) -> str:
    return comment.begin[4:-3].strip()


def _position(text: str, found: list[tuple[Pieces, Node]]) -> int:
    """Return where the second of some comments is, 0 if there is none."""
    if len(found) < 2:  # noqa: PLR2004  # the second
        return 0
    first = text.find(found[0][1].begin)
    return text.find(found[1][1].begin, first + 1)


__all__ = ["marked", "set_marked"]
