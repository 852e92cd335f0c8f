"""Where constructs are: among which pieces, and in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from apibot.data.wikitext.node import Node, Pieces, spans, walked

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext


class Place(NamedTuple):
    """Where a node is: the pieces that it is one of, and which."""

    home: Pieces
    at: int
    owner: Node | None = None
    """The construct that these pieces are a part of; None for those of the page."""


def located(document: Wikitext, node: Node) -> Place:
    """Return the pieces that a node in the text is one of, and which.

    Where all were is remembered until one is not there any more, so that to ask for many takes no more time.
    """
    place = document.places.get(id(node), NOWHERE)
    if place.at >= len(place.home) or place.home[place.at] is not node:
        homes = [(document.pieces, None), *((part, one) for one in walked(document.pieces) for part in one.parts)]
        document.places = {
            id(piece): Place(home, at, owner)
            for home, owner in homes
            for at, piece in enumerate(home)
            if isinstance(piece, Node)
        }
        place = document.places[id(node)]
    return place


NOWHERE = Place([], 0)


def place_of(home: Pieces, node: Node) -> int:
    """Return which of the pieces a node is."""
    return next(at for at, piece in enumerate(home) if piece is node)


def span_of(document: Wikitext, node: Node) -> tuple[int, int] | None:
    """Return where a node begins in the text as it is now, and where it ends; None if it is not in it."""
    stamp, places = document.spans
    if stamp != document.stamp:
        places = {one.node: (one.start, one.end) for one in spans(document.pieces)}
        document.spans = document.stamp, places
    return places.get(node)


def part_start(document: Wikitext, part: Pieces) -> int | None:
    """Return where the pieces of the page, or of the only part of a construct, begin in the text.

    None if they are not in it.
    """
    if part is document.pieces:
        return 0
    found = (node for node in walked(document.pieces) if node.parts and node.parts[0] is part)
    return next(((span_of(document, node) or (0, 0))[0] + len(node.begin) for node in found), None)


__all__ = ["NOWHERE", "Place", "located", "part_start", "place_of", "span_of"]
