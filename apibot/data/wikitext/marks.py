"""Marked places: what stands between ``<!-- NAME -->`` and ``<!-- END NAME -->``, where only the bot writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.core.errors import BadText
from apibot.data.wikitext.node import Node, Pieces, flatten, forget, is_open, merged, spans, walked, written
from apibot.data.wikitext.places import located, place_of
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
    pieces = _read(text, document.site.tags)
    marks = [node for node in walked(pieces) if node.kind == "comment" and _mark(node) in {name, f"END {name}"}]
    if marks:
        raise BadText(text, f"{marks[0]} in it would be a second mark", text.find(marks[0].begin))
    forget(home[start:end])
    home[start:end] = pieces
    return True


def _read(text: str, tags: frozenset[str]) -> Pieces:
    """Read a text as it stands between marks: what it begins with stands on the line of the first one.

    Raises BadText if something in it is not closed, or it ends with a heading: this would take in the second mark.
    """
    pieces = whole(text, tags)
    if text.startswith("="):
        first, *others = whole(f"x{text}", tags)
        pieces = merged([str(first)[1:], *others])
    last = pieces[-1] if pieces else ""
    if isinstance(last, Node) and last.kind == "heading":
        raise BadText(text, "the heading that it ends with needs a line end after it", len(text) - len(str(last)))
    return pieces


def _between(document: Wikitext, name: str) -> tuple[Pieces, int, int]:
    """Return the pieces that hold both marks, and the places of what is between them."""
    flatten(document.pieces)
    begins, ends = (_comments(document, mark) for mark in (name, f"END {name}"))
    text = written(document.pieces)
    for found, mark in ((begins, name), (ends, f"END {name}")):
        if len(found) != 1:
            reason = f"it has {len(found) or 'no'} marks <!-- {mark} -->, not one: put it there once (capitals matter)"
            raise BadText(text, reason, _position(document, found))
    (home, begin), (other, end) = begins[0], ends[0]
    if home is not other or place_of(home, begin) > place_of(home, end):
        raise BadText(
            text, f"<!-- END {name} --> does not close <!-- {name} -->", _position(document, [*begins, *ends])
        )
    return home, place_of(home, begin) + 1, place_of(home, end)


def _comments(document: Wikitext, mark: str) -> list[tuple[Pieces, Node]]:
    found = (node for node in walked(document.pieces) if node.kind == "comment" and _mark(node) == mark)
    return [(located(document, node).home, node) for node in found]


def _mark(comment: Node) -> str:
    """Return what stands in a comment; nothing if it is never closed."""
    return "" if is_open(comment) else comment.begin[4:-3].strip()


def _position(document: Wikitext, found: list[tuple[Pieces, Node]]) -> int:
    """Return where the second of some comments is, 0 if there is none."""
    second = found[1][1] if len(found) > 1 else None
    return next((span.start for span in spans(document.pieces) if span.node is second), 0)


__all__ = ["marked", "set_marked"]
