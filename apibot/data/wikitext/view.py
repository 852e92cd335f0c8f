"""Views: what a construct of wikitext means, and the ways to change it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Never

from apibot.core.arguments import checked_class
from apibot.core.errors import SHOWN, BadParameter, BadText
from apibot.data.wikitext.lines import take_out
from apibot.data.wikitext.node import Kind, Node, Pieces, flat, forget, is_open, merged, written
from apibot.data.wikitext.places import Place, span_of
from apibot.data.wikitext.scan import scan

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext


@checked_class
class View:
    """A construct of a text.  Changing it changes the text; two views of the same construct are equal.

    Parameters: ``document``, the text; ``node``, the construct in its tree.
    """

    __slots__ = ("_document", "_node", "_reading")

    def __init__(self, document: Wikitext, node: Node) -> None:
        self._document = document
        self._node = node
        self._reading = document.reading

    @property
    def node(self) -> Node:
        """The construct in the tree."""
        return self._node

    @property
    def document(self) -> Wikitext:
        """The text that it is in."""
        return self._document

    @property
    def span(self) -> tuple[int, int]:
        """Where it is in the text as that is now, in characters from 0: its beginning, and that of what follows.

        Raises BadParameter if it is not in the text any more.
        """
        found = span_of(self._document, self._node)
        if found is None or self._node.kind == "text":
            raise self._gone()
        return found

    def __eq__(self, other: object) -> bool:
        return self._node is other._node if isinstance(other, View) else NotImplemented

    def __hash__(self) -> int:
        return id(self._node)

    def __bool__(self) -> bool:
        return True  # it is there, also if nothing is in it: a template without parameters

    def __str__(self) -> str:
        return written([self.node])

    def __repr__(self) -> str:
        text = str(self)
        return f"<{type(self).__name__} {text if len(text) <= SHOWN else f'{text[:SHOWN]}…'}>"

    def __reduce__(self) -> Never:
        msg = f"{self!r}: what is found in a text can not be copied; copy the Wikitext and look it up there."
        raise BadParameter(msg)

    def replace(self, text: str) -> None:
        """Put any wikitext in its place.

        Raises BadText for what would not be whole there: braces, brackets or tags that are not closed.
        """
        self._become(whole(text, self._document.site.tags))

    def remove(self) -> None:
        """Take it out of the text; where nothing else stood on its line, the line goes too.

        Between two lines of text the line of a table, a template or the like stays, empty: they were two paragraphs.
        """
        self._alive_in_place()
        self._refuse_around([])
        take_out(self._document, self._node, joins=self._shows_nothing, block=self._is_block)
        forget([self._node])

    @property
    def _shows_nothing(self) -> bool:
        """Whether nothing of it is seen on the page where it stands."""
        return False

    @property
    def _is_block(self) -> bool:
        """Whether what stands before it and after it on lines of their own are different paragraphs."""
        return False

    def _become(self, pieces: Pieces) -> None:
        self._alive_in_place()
        self._refuse_around(pieces)
        node = self._node
        for part in node.parts:
            forget(part, pieces)
        node.kind, node.name, node.begin, node.end, node.sep, node.parts = "text", "", "", "", "", [pieces]
        node.raw = False
        for at, piece in enumerate(pieces):
            if isinstance(piece, Node):
                self._document.places[id(piece)] = Place(pieces, at, node)

    def _refuse_around(self, pieces: Pieces) -> None:
        """Refuse pieces in its place by which what is around it would become something else."""

    def _set_part(self, number: int, pieces: Pieces) -> None:
        """Give a part other pieces."""
        forget(self._node.parts[number], pieces)
        self._node.parts[number] = pieces

    def _alive(self) -> None:
        """Refuse a change that would be lost."""
        if self._reading != self._document.reading or self._node.kind == "text":
            raise self._gone()
        self._document.changes += 1
        self._document.places = {}
        self._document.recent.append((self._document.changes, self._node))

    def _alive_in_place(self) -> None:
        """Refuse a change that would be lost; this one leaves all other constructs where they are."""
        places = self._document.places
        self._alive()
        if self._node.kind != "table":  # which is put into the tree first
            self._document.places = places

    def _gone(self) -> BadParameter:
        return BadParameter(f"{type(self).__name__}: it is not in the text any more; look it up there anew.")


def changed_since(document: Wikitext, number: int) -> list[Node] | None:
    """Return the constructs that were changed by their views since a change; None if other things may have been.

    Such a change is one of the construct, of what is in it, and of texts beside it.

    Parameters: ``document``; ``number`` of the change, which `Wikitext.changes` was then.
    """
    found = [node for change, node in document.recent if change > number]
    return found if len(found) == document.changes - number else None


RECENT = 100
"""How many changes are remembered."""


class Told(dict[str, str]):
    """What was read, as a dict; to change that would change nothing in the text, so it is refused."""

    def __setitem__(self, key: str, value: str) -> None:
        msg = f"{key!r} can not be set here: this was read from the text; set() of what it came from changes that."
        raise BadParameter(msg)

    def __delitem__(self, key: str) -> None:
        self[key] = ""

    def __reduce__(self) -> tuple[type[dict[str, str]], tuple[dict[str, str]]]:
        return dict, (dict(self),)  # a copy is one's own


def margins(part: Pieces) -> tuple[Pieces, Pieces]:
    """Return the white space and comments that a part begins and ends with; an empty one begins with its first line."""
    pieces = flat(part)
    held = [at for at, piece in enumerate(pieces) if not _is_margin(piece)]
    if not held:
        line, sign, rest = (pieces[0] if pieces and isinstance(pieces[0], str) else "").partition("\n")
        others = pieces[1:] if line or sign else pieces
        return merged([line]), merged([sign, rest, *others])
    first, last = pieces[held[0]], pieces[held[-1]]
    before = first[: len(first) - len(first.lstrip())] if isinstance(first, str) else ""
    after = last[len(last.rstrip()) :] if isinstance(last, str) else ""
    return merged([*pieces[: held[0]], before]), merged([after, *pieces[held[-1] + 1 :]])


def framed(new: Pieces, before: Pieces, after: Pieces) -> Pieces:
    """Return new pieces with white space and comments around them; without comments that they have already."""
    own = notes(new)
    start, end = ([piece for piece in margin if str(piece) not in own] for margin in (before, after))
    return [*start, *new, *end]


def notes(pieces: Pieces) -> set[str]:
    """Return the comments among pieces, as they are written."""
    return {str(piece) for piece in pieces if isinstance(piece, Node) and piece.kind == "comment"}


def _is_margin(piece: str | Node) -> bool:
    return not piece.strip() if isinstance(piece, str) else piece.kind == "comment"


def embedded(
    value: str, kind: Kind, before: str, after: str, tags: frozenset[str], *, parts: int | None = None
) -> Node:
    """Return the construct that a text makes together with what stands around it.

    Parameters: ``value``, the text; ``kind`` of the construct; ``before`` and ``after`` it; ``tags`` of the wiki;
    ``parts``, how many the construct must have.
    Raises BadText if it makes anything else: by a pipe, by braces that are not closed, by a line end.
    """
    pieces = scan(f"{before}{value}{after}", tags)
    node = pieces[0] if len(pieces) == 1 else ""
    if isinstance(node, str) or node.kind != kind or len(node.parts) != (parts or len(node.parts)):
        raise BadText(value, f"it can not stand in a {kind}", offence(value, tags))
    return node


SIGNS = ("|", "{{", "}}", "[[", "]]", "-{", "}-", "<!--", "\n")
"""What makes a text something else, or is left over where it is not closed."""


def offence(value: str, tags: frozenset[str]) -> int:
    """Return where the first of the signs stands in a text, outside of its own constructs; 0 if none does."""
    position = 0
    for piece in scan(value, tags):
        if isinstance(piece, str) and (found := [at for sign in SIGNS if (at := piece.find(sign)) >= 0]):
            return position + min(found)
        position += len(written([piece]))
    return 0


def whole(text: str, tags: frozenset[str], *, loose: bool = False) -> Pieces:
    """Return the pieces of a text that is to stand between others.

    Parameters: ``text``; ``tags`` of the wiki; ``loose``, whether halves of tags are let through.
    Raises BadText if something in it is not closed, so that it would take in what follows.
    """
    pieces = scan(text, tags)
    position = 0
    for piece in pieces:
        if isinstance(piece, str) and (found := [at for sign in OPEN if (at := piece.find(sign)) >= 0]):
            raise BadText(text, "something in it is not closed, or not opened", position + min(found))
        if not loose and isinstance(piece, str) and (tag := loose_tags(tags).search(piece)):
            raise BadText(text, f"{tag[0]} in it is not closed, or not opened", position + tag.start())
        if isinstance(piece, Node) and is_open(piece):
            raise BadText(text, f"its {piece.name or piece.kind} is not closed", position)
        position += len(written([piece]))
    return pieces


@lru_cache(maxsize=64)
def loose_tags(tags: frozenset[str]) -> re.Pattern[str]:
    """Return what finds tags of extensions that stayed text, since their other half is missing."""
    return re.compile(rf"</?(?:{'|'.join(map(re.escape, sorted(tags)))})(?=[\s/>])", re.IGNORECASE)


OPEN = ("{{", "}}", "[[", "]]", "-{")
"""What stays text only where its other half is missing."""

__all__ = [
    "OPEN",
    "RECENT",
    "SIGNS",
    "Told",
    "View",
    "changed_since",
    "embedded",
    "framed",
    "loose_tags",
    "margins",
    "notes",
    "offence",
    "whole",
]
