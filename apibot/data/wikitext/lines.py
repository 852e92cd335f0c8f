"""Lines of their own: taking constructs out together with theirs, and giving new ones one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apibot.data.wikitext.node import Node, Pieces, forget

if TYPE_CHECKING:
    from apibot.data.wikitext.view import View


def remove_with_lines(views: Sequence[View]) -> None:
    """Take constructs out of the text; where nothing else stood on the line, the line goes too."""
    gone = {id(view.node) for view in views}
    for home in {id(view.home): view.home for view in views}.values():
        home[:] = _without(home, gone)
    for view in views:
        forget([view.node])


def strip_after(view: View, root: Pieces) -> None:
    """Take off the white space that would begin a line without a construct: such a line is shown as it is.

    Parameters: ``view``, the construct; ``root``, the pieces of the whole text, which begin a line.
    """
    home = view.home
    at = next((at for at, piece in enumerate(home) if piece is view.node), len(home))
    before, after = home[at - 1] if at else "", home[at + 1] if at + 1 < len(home) else ""
    begins = before.endswith("\n") if at and isinstance(before, str) else not at and home is root
    if begins and isinstance(after, str) and (rest := after.lstrip(" \t")) and not rest.startswith("\n"):
        home[at + 1] = rest


def _without(home: Pieces, gone: set[int]) -> Pieces:
    kept: Pieces = []
    blank = True  # whether nothing but white space stands on the line so far
    removed = whole = False  # whether a construct at the beginning of the line goes, and whether the line does
    for at, piece in enumerate(home):
        if isinstance(piece, Node) and id(piece) in gone:
            rest = home[at + 1] if at + 1 < len(home) else "\n"
            whole = blank and isinstance(rest, str) and "\n" in rest and not rest.partition("\n")[0].strip()
            removed = removed or blank
            if blank:
                _strip_line(kept, last=at + 1 == len(home))
        elif isinstance(piece, Node):
            kept.append(piece)
            blank = removed = whole = False
        else:
            text = _rest_of_line(kept, piece, whole=whole) if removed else piece
            blank = (blank or "\n" in text) and not text.rpartition("\n")[2].strip()
            removed = whole = False
            if text:
                kept.append(text)
    return kept


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
    """Put pieces on the line after a node's."""
    at = place_of(home, node) + 1
    home[at:at] = ["\n", *pieces]


def insert_before(home: Pieces, at: int, pieces: Pieces, *, gap: str) -> None:
    """Put pieces on a line of their own before a place, with the white space that stood there after them.

    Parameters: ``at``, the place; ``gap``, line ends that set them off from what is before.
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


__all__ = ["insert_after", "insert_before", "place_of", "remove_with_lines", "strip_after"]
