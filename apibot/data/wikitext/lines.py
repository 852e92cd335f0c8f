"""Taking constructs out of a text, with their lines where nothing else stood on these."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from math import isqrt
from typing import TYPE_CHECKING, Literal

from apibot.core.errors import BadText
from apibot.data.wikitext.node import UNSEEN, Node, Pieces, flatten, forget, merged, written
from apibot.data.wikitext.places import located
from apibot.data.wikitext.switchwords import refuse_new_words

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext
    from apibot.data.wikitext.view import View

_MEANS = re.compile(r"\n[*#:;=!| \t{-]|[|!][|!+}-]|~~|__")
"""A sign, and one before it, that mean something together."""
_BEGINS = re.compile(r"[*#:;=!]|----")
"""What means something at the beginning of a line only."""
TABLES = re.compile(r"\{?\|")
"""What does so in tables too, where it can not go to another line either."""
_TABLE_LINE = re.compile(r"[\s:]*(?:\{\||[|!])")


def remove_with_lines(document: Wikitext, views: Sequence[View]) -> None:
    """Take links that show nothing out of the text; where nothing else stood on the line, the line goes too.

    The text must be flattened (`node.flatten`).  Raises BadText as ``cut`` does.
    """
    gone = {id(view.node) for view in views}
    places = (located(document, view.node) for view in views)
    cuts = [
        (home, cut(home, gone, starts=home is document.pieces, ends=home is document.pieces, joins=True))
        for home in {id(place.home): place.home for place in places}.values()
    ]
    for home, kept in cuts:
        refuse_new_words(home, kept, document.site)
    for home, kept in cuts:
        home[:] = kept
    for view in views:
        forget([view.node])


def take_out(document: Wikitext, node: Node, *, joins: bool, block: bool) -> None:
    """Take a node out; where nothing else stood on its line, the line goes too.

    Parameters: ``document``; ``node``; ``joins``, as of ``cut``; ``block``, whether it parts what stands before and
    after it: then its line stays, empty, between two lines of text, which would become one paragraph.
    All others keep their numbers among the pieces.
    Raises BadText as ``cut`` does.
    """
    home, at, owner = located(document, node)
    first, last = _around(home, at)
    old = home[first:last]
    apart = (owner is not None and owner.kind == "text") or any(map(_is_taken_apart, old))
    apart = apart or _goes_on(home, first, -1) or _goes_on(home, last - 1, 1)
    if apart or sum(map(_is_nothing, old)) > 2 * isqrt(len(home)) + FEW:
        flatten(document.pieces)  # or what is taken out would be passed over again and again
        document.places = {}
        take_out(document, node, joins=joins, block=block)
        return
    page = home is document.pieces
    head, before = _before(old[0], starts=page and not first) if first < at else ("", "")
    after, rest = _after(old[-1]) if last - 1 > at else ("", "")
    if first < at and not head and not _is_unseen(before) and "\n" not in str(before):  # something stands on the line
        _leave(document, home, at, old)
        return
    starts, ends = page and not first and not head, page and last == len(home) and not rest
    middle = [piece for piece in old[first < at : at - first + 1] if not _is_nothing(piece)]
    line = [piece for piece in [before, *middle, after] if piece]
    kept = cut(line, {id(node)}, starts=starts, ends=ends, joins=joins)
    refuse_new_words([head, *line, rest], merged([head, *kept, rest]), document.site)
    goes = _line_ends(kept) < _line_ends(piece for piece in line if piece is not node)
    indented = isinstance(before, str) and not before.endswith("\n") and bool(before)
    parts = goes and block and _is_text(_line_beside(home, at, -1)) and _is_text(_line_beside(home, at, 1))
    if parts or (not goes and (indented or node.kind == "comment")):  # without a comment the line began as it does now
        home[at] = ""
    else:
        home[first:last] = _in_places(head, kept, rest, old, at - first)


def _leave(document: Wikitext, home: Pieces, at: int, around: Pieces) -> None:
    """Take a node out of the middle of a line."""
    before, after = around[0], around[-1]
    if isinstance(before, str) and isinstance(after, str):
        beside: Pieces = [before[-LONGEST:], after[:LONGEST]]
        refuse_new_words(beside, merged(beside), document.site)
    home[at] = ""


LONGEST = 100
"""Characters that a word beside what is taken out may have at most."""


def _around(home: Pieces, at: int) -> tuple[int, int]:
    """Return where a piece's line begins, or what stands on it before the piece, and behind which piece it goes on."""
    first, last = at, at + 1
    while first and at - first < MOST and (_is_nothing(home[first - 1]) or _is_unseen(home[first - 1])):
        first -= 1
    while last < len(home) and _is_nothing(home[last]):
        last += 1
    return first - (first > 0), last + (last < len(home))


def _goes_on(home: Pieces, at: int, step: Literal[-1, 1]) -> bool:
    """Say whether a piece of white space goes on in the next one, so that only both together tell what stands there."""
    space = home[at]
    if not isinstance(space, str) or space.strip():
        return False
    while 0 <= (at := at + step) < len(home) and not home[at]:
        pass
    other = home[at] if 0 <= at < len(home) else ""
    edge = other[-1 if step < 0 else 0 :][:1] if isinstance(other, str) else ""
    return edge.isspace() and "\n" in space + edge


def _before(piece: str | Node, *, starts: bool) -> tuple[str, str | Node]:
    """Divide what stands before a line: the text that stays, and the white space that may go."""
    if isinstance(piece, Node):
        return "", piece
    kept = piece.rstrip()
    space = piece[len(kept) :]
    return (kept, space) if "\n" in space or (starts and not kept) else ("", piece)


def _after(piece: str | Node) -> tuple[str | Node, str]:
    """Divide what stands behind a construct: the white space that may go, and the text that stays."""
    if isinstance(piece, Node):
        return piece, ""
    rest = piece.lstrip()
    space = piece[: len(piece) - len(rest)]
    return (space, rest) if "\n" in space else (piece, "")


def _in_places(head: str, kept: Pieces, rest: str, old: Pieces, near: int) -> Pieces:
    """Return as many pieces as there were: nodes where they were, texts near a place, where one looks for them next."""
    places = {id(piece): at for at, piece in enumerate(old)}
    out: Pieces = [""] * len(old)
    end = len(old)
    for piece in reversed(kept):
        end = min(near, end - 1) if isinstance(piece, str) else places[id(piece)]
        out[end] = piece
    if head:
        out[0] = f"{head}{out[0]}"
    if rest:
        out[-1] = f"{out[-1]}{rest}"
    return out


def _is_taken_apart(piece: str | Node) -> bool:
    return isinstance(piece, Node) and piece.kind == "text" and not _is_nothing(piece)


def harmless(document: Wikitext, node: Node, pieces: Pieces) -> Pieces:
    """Return pieces that are to stand in the place of a node, with a sign that would begin a list there as a reference.

    It would also begin a cell of a table, or a line that is shown as it is.
    """
    home, at, _owner = located(document, node)
    while at and _is_nothing(home[at - 1]):
        at -= 1
    before = home[at - 1] if at else "\n" * (home is document.pieces)
    first = pieces[0] if pieces else ""
    if isinstance(first, Node) or isinstance(before, Node) or not _MEANS.match(before[-1:] + first[:1]):
        return pieces
    return [f"&#{ord(first[0])};{first[1:]}", *pieces[1:]]


FEW, MOST = 50, 1000
"""How many pieces that are taken out may stay in their places, besides; how many are looked at on a line."""


def _line_ends(pieces: Iterable[str | Node]) -> int:
    return sum(piece.count("\n") for piece in pieces if isinstance(piece, str))


def _line_beside(home: Pieces, at: int, step: Literal[-1, 1]) -> str:
    """Return the text of the line before that of a piece (-1), or after it (1); of the constructs in it, links only."""
    found = ""
    ends = 0
    for place in range(at + step, min(at + MOST, len(home)) if step > 0 else max(at - MOST, -1), step):
        piece = home[place]
        for number, line in enumerate(piece.split("\n")[::step] if isinstance(piece, str) else [_shown(piece)]):
            ends += number > 0
            if ends > 1:
                return found
            if ends:
                found = found + line if step > 0 else line + found
    return found


def _shown(node: Node) -> str:
    """Return a link to a page as it is written, nothing for other constructs."""
    return str(node) if node.kind == "link" and ":" not in written(node.parts[0]) else ""


def _is_text(line: str) -> bool:
    """Say whether a line is one of a paragraph or a list, and not one of a table."""
    return bool(line.strip()) and not _TABLE_LINE.match(line)


def _is_nothing(piece: str | Node) -> bool:
    """Say whether a piece is what is left of one that was taken out."""
    return not piece if isinstance(piece, str) else piece.kind == "text" and not any(piece.parts)


def _is_unseen(piece: str | Node) -> bool:
    """Say whether a piece leaves its line empty."""
    return not piece.strip(" \t") if isinstance(piece, str) else piece.kind in UNSEEN


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
            if removed and not whole:
                _join(kept, begin, text, joins=joins)
            if whole and ends and at + 1 == len(home) and not text.strip():  # it ends as it did
                _strip_line(kept, last=True)
                text = piece.lstrip(" \t") if kept or not starts else text
            empty = not text.rpartition("\n")[2].strip()
            blank = (blank or "\n" in text) and empty
            unseen = (unseen or "\n" in text) and empty
            removed = whole = False
            if text:
                kept.append(text)
    return merged(kept)


def _join(kept: Pieces, begin: int, text: str, *, joins: bool) -> None:
    """Let no sign in a text come to begin a line; ``begin``, where in what is kept that line begins."""
    if TABLES.match(text):
        raise BadText(text, "without what stands before it it would begin a line of a table")
    if joins and _BEGINS.match(text):
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


__all__ = ["FEW", "LONGEST", "MOST", "TABLES", "cut", "harmless", "remove_with_lines", "take_out"]
