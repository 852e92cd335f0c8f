"""Lines of their own: taking constructs out together with theirs, and giving new ones one."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.errors import BadText
from apibot.data.wikitext.braces import TEMPLATE
from apibot.data.wikitext.node import UNSEEN, Node, Pieces, forget, is_open, is_silent, merged, spans, walked, written

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext
    from apibot.data.wikitext.view import View

_BEGINS = re.compile(r"[*#:;=!]|----")
"""What means something at the beginning of a line only."""
_TABLES = re.compile(r"\{?\|")
"""What does so in tables too, where it can not go to another line either."""


def remove_with_lines(document: Wikitext, views: Sequence[View]) -> None:
    """Take links that show nothing out of the text; where nothing else stood on the line, the line goes too.

    The text must be settled.  Raises BadText as ``cut`` does.
    """
    gone = {id(view.node) for view in views}
    places = (located(document, view.node) for view in views)
    cuts = [
        (home, cut(home, gone, starts=home is document.pieces, ends=home is document.pieces, joins=True))
        for home in {id(place.home): place.home for place in places}.values()
    ]
    for home, kept in cuts:
        home[:] = kept
    for view in views:
        forget([view.node])


class Place(NamedTuple):
    """Where a node is: the pieces that it is one of, and which."""

    home: Pieces
    at: int


def located(document: Wikitext, node: Node) -> Place:
    """Return the pieces that a node in the text is one of, and which.

    Where all were is remembered until one is not there any more, so that to ask for many takes no more time.
    """
    place = document.places.get(id(node), NOWHERE)
    if place.at >= len(place.home) or place.home[place.at] is not node:
        homes = [document.pieces, *(part for one in walked(document.pieces) for part in one.parts)]
        document.places = {
            id(piece): Place(home, at) for home in homes for at, piece in enumerate(home) if isinstance(piece, Node)
        }
        place = document.places[id(node)]
    return place


NOWHERE = Place([], 0)


def take_out(document: Wikitext, node: Node, *, joins: bool) -> None:
    """Take a node out; where nothing else stood on its line, the line goes too.

    That of a table stays, empty, between two lines of text, which would become one paragraph.

    Parameters: ``document``; ``node``; ``joins``, as of ``cut``.  All others keep their numbers among the pieces.
    Raises BadText as ``cut`` does.
    """
    home, at = located(document, node)
    first, last = at, at + 1
    while first and (_is_nothing(home[first - 1]) or _is_unseen(home[first - 1])):
        first -= 1
    first -= first > 0  # with the text in which the line begins
    while last < len(home) and _is_nothing(home[last]):
        last += 1
    last += last < len(home)
    page = home is document.pieces
    if node.kind == "table" and _parts(home[first:at], home[at + 1 : last]):
        home[at] = ""
        return
    line = [piece for piece in home[first:last] if not _is_nothing(piece)]
    kept = cut(line, {id(node)}, starts=page and not first, ends=page and last == len(home), joins=joins)
    before = min(at - first, last - first - len(kept))  # near the place, where what is removed next looks for them
    home[first:last] = [*[""] * before, *kept, *[""] * (last - first - len(kept) - before)]


def _parts(before: Pieces, after: Pieces) -> bool:
    """Say whether without what stands between them the lines before and after would become one paragraph."""
    above, below = written(before), written(after)
    return not above.endswith("\n\n") and not below.startswith("\n\n") and bool(above.strip() and below.strip())


def _is_nothing(piece: str | Node) -> bool:
    """Say whether a piece is what is left of one that was taken out."""
    return not piece if isinstance(piece, str) else piece.kind == "text" and not any(piece.parts)


def _is_unseen(piece: str | Node) -> bool:
    """Say whether a piece leaves its line empty."""
    return not piece.strip(" \t") if isinstance(piece, str) else piece.kind in UNSEEN


def span_of(document: Wikitext, node: Node) -> tuple[int, int] | None:
    """Return where a node begins in the text as it is now, and where it ends; None if it is not in it."""
    stamp, places = document.spans
    if stamp != document.stamp:
        places = {one.node: (one.start, one.end) for one in spans(document.pieces)}
        document.spans = document.stamp, places
    return places.get(node)


def cut(home: Pieces, gone: Collection[int], *, starts: bool, ends: bool, joins: bool) -> Pieces:
    """Return pieces without some of them, and without the lines that nothing else stood on.

    Parameters: ``home``, the pieces; ``gone``, ids of the nodes; ``starts`` and ``ends``, whether they begin and end
    with lines, as those of the page do; what is before and after others is not known; ``joins``, whether a sign that
    would come to begin a line, and mean a list or the like, goes to the end of the line before: that is where the wiki
    shows what follows a category.
    Raises BadText if it would begin a line of a table.
    """
    kept: Pieces = []
    blank = unseen = starts  # whether nothing but white space stands on the line so far, or nothing that is seen
    removed = whole = False  # whether a construct at the beginning of the line goes, and whether the line does
    begin = 0  # after which of what is kept the line begins
    for at, piece in enumerate(home):
        if isinstance(piece, Node) and id(piece) in gone:
            rest = home[at + 1] if at + 1 < len(home) else "\n" * ends
            whole = blank and isinstance(rest, str) and "\n" in rest and not rest.partition("\n")[0].strip()
            removed = removed or unseen
            if blank:
                _strip_line(kept, last=ends and at + 1 == len(home))
                begin = len(kept)
        elif isinstance(piece, Node):
            begin = len(kept) if blank else begin
            kept.append(piece)
            blank = whole = False
            unseen = unseen and piece.kind in UNSEEN
            removed = removed and unseen
        else:
            text = _rest_of_line(kept, piece, whole=whole) if removed else piece
            if joins and removed and not whole:
                _join(kept, begin, text)
            if whole and ends and at + 1 == len(home) and not text.strip():  # it ends as it did
                _strip_line(kept, last=True)
                text = piece.lstrip(" \t") if kept else text
            empty = not text.rpartition("\n")[2].strip()
            blank = (blank or "\n" in text) and empty
            unseen = (unseen or "\n" in text) and empty
            removed = whole = False
            if text:
                kept.append(text)
    return merged(kept)


def _join(kept: Pieces, begin: int, text: str) -> None:
    """Let no sign in a text come to begin a line; ``begin``, where in what is kept that line begins."""
    if _TABLES.match(text):
        raise BadText(text, "without what stands before it it would begin a line of a table")
    if _BEGINS.match(text):
        before = kept[:begin]
        _strip_line(before, last=True)
        kept[:begin] = before


def _rest_of_line(kept: Pieces, text: str, *, whole: bool) -> str:
    """Return what is left of a text that follows a place at the beginning of a line that is empty now.

    A blank line before and one after become one; white space would begin a line that is shown as it is.
    """
    if not whole:
        return text.lstrip(" \t")
    rest = text.partition("\n")[2]
    before = kept[-1] if kept else "\n\n"
    return rest.removeprefix("\n") if isinstance(before, str) and before.endswith("\n\n") else rest


def _strip_line(kept: Pieces, *, last: bool) -> None:
    """Take off the white space that the line begins with, and all line ends before it if nothing follows."""
    while kept and isinstance(kept[-1], str) and (last or "\n" not in kept[-1]) and not kept[-1].strip():
        kept.pop()
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip() if last else kept[-1].rstrip(" \t")


def place_of(home: Pieces, node: Node) -> int:
    """Return which of the pieces a node is."""
    return next(at for at, piece in enumerate(home) if piece is node)


def insert_after(home: Pieces, node: Node, pieces: Pieces) -> None:
    """Put pieces on the line after that of a node: after comments that end it, before any other text on it."""
    at = end = place_of(home, node) + 1
    while end < len(home) and is_silent(home[end], " \t"):
        end += 1
    rest = home[end] if end < len(home) else "\n"
    line, sign, _others = rest.partition("\n") if isinstance(rest, str) else ("", "", "")
    if not sign or line.strip():  # something else stands on the line
        home[at:at] = pieces if _TABLES.match(line.lstrip(" \t")) else ["\n", *pieces]
    elif end < len(home) and isinstance(rest, str):
        home[end : end + 1] = merged([f"{line}\n", *pieces, rest[len(line) :]])
    else:
        home += ["\n", *pieces]


def insert_before(home: Pieces, at: int, pieces: Pieces, *, gap: str) -> None:
    """Put pieces on a line of their own before a place, with the white space that stood there after them.

    Parameters: ``home``; ``at``, the place; ``gap``, line ends that set them off from what is before.
    """
    space = ""
    before = home[at - 1] if at else ""
    if isinstance(before, str) and at:
        kept = before.rstrip()
        space = before[len(kept) :]
        home[at - 1 : at] = [kept] if kept else []
        at -= not kept
    end = space if at == len(home) else (space if "\n" in space else f"{space}\n")
    home[at:at] = [*([gap] if at else []), *pieces, *([end] if end else [])]


class End(NamedTuple):
    """The end of what belongs to a page alone; ``inline``, whether what is put there must begin no line."""

    at: int
    inline: bool


def end_of(document: Wikitext) -> End:
    """Return where a page ends: before its last ``</noinclude>``, and before what is never closed.

    A template that has none is given one, on the same line: a line end would be part of the template.
    """
    home = document.pieces
    at = len(home)
    while at and runs_to_the_end(home[at - 1]):
        at -= 1
    last = at
    while last and is_blank(home[last - 1]):
        last -= 1
    if last and is_tag(home[last - 1], "</noinclude"):
        return End(last - 1, inline=False)
    if not is_template(document) or not_included(home[:at]).open:
        return End(at, inline=False)
    before = home[at - 1] if at else ""
    if at and isinstance(before, str):
        kept = before.rstrip()
        home[at - 1 : at] = [kept, before[len(kept) :]] if kept else [before]
        at -= not kept
    home[at:at] = [Node("ignored", "<noinclude>", []), Node("ignored", "</noinclude>", [])]
    return End(at + 1, inline=True)


class NotIncluded(NamedTuple):
    """What stands in ``<noinclude>``: ids of the nodes, and whether it is open at the end."""

    nodes: frozenset[int]
    open: bool


def not_included(home: Pieces) -> NotIncluded:
    """Return which of the nodes in some pieces belong to the page alone."""
    inside = False
    nodes: set[int] = set()
    for piece in home:
        if is_tag(piece, "<noinclude") or is_tag(piece, "</noinclude"):
            inside = is_tag(piece, "<noinclude")
        elif inside:
            nodes.add(id(piece))
    return NotIncluded(frozenset(nodes), inside)


def is_template(document: Wikitext) -> bool:
    """Say whether the page is a template, as far as its title is known."""
    return document.title is not None and document.title.ns == TEMPLATE and not document.title.interwiki


def is_tag(piece: str | Node, begin: str) -> bool:
    """Say whether a piece is one of the tags that tell pages from what includes them."""
    return isinstance(piece, Node) and piece.kind == "ignored" and piece.begin.lower().startswith(begin)


def is_blank(piece: str | Node) -> bool:
    """Say whether a piece is white space."""
    return isinstance(piece, str) and not piece.strip()


def runs_to_the_end(piece: str | Node) -> bool:
    """Say whether it is a comment or the like that is never closed, after which nothing is seen."""
    return isinstance(piece, Node) and is_open(piece)


__all__ = [
    "NOWHERE",
    "End",
    "NotIncluded",
    "Place",
    "cut",
    "end_of",
    "insert_after",
    "insert_before",
    "is_blank",
    "is_tag",
    "is_template",
    "located",
    "not_included",
    "place_of",
    "remove_with_lines",
    "runs_to_the_end",
    "span_of",
    "take_out",
]
