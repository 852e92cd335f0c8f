"""The foot of a page: its sort key, categories and links to other languages, and where new ones go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from apibot.data.titles.rules import TEMPLATE
from apibot.data.wikitext.braces import function_of
from apibot.data.wikitext.lines import TABLES
from apibot.data.wikitext.links import may_be_special, target_of
from apibot.data.wikitext.node import Node, Pieces, is_silent, merged, runs_to_the_end, walked
from apibot.data.wikitext.places import place_of
from apibot.data.wikitext.scan import INCLUDED
from apibot.data.wikitext.table.layout import Layout

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext
    from apibot.data.wikitext.view import View

SORTKEY = "defaultsort"
"""Name in the program of the function that is the sort key."""


def add(document: Wikitext, node: Node, after: Sequence[View], before: Sequence[View] | None = None) -> None:
    """Put a construct that shows nothing at the foot of a page, on a line of its own.

    Parameters: ``document``; ``node``, the new one; ``after``, those of its kind that are there; ``before``, those
    of another kind that it goes before, if there are none of its own; None for what goes last, apart from the others.
    """
    home = document.pieces
    if own := own_nodes(document, after):
        insert_after(home, own[-1], [node])
        return
    at, inline = end_of(document)
    if inline:
        home.insert(at, node)
        return
    followers = {id(one.node) for one in before or ()}
    place = back = at
    while back and (is_blank(home[back - 1]) or id(home[back - 1]) in followers):
        back -= 1
        place = place if is_blank(home[back]) else back
    closed = at < len(home) and is_tag(home[at], "</noinclude")
    gap = "\n\n" if before is None else gap_after(document, home[:place])
    insert_before(home, place, [node], gap="\n" if closed else gap)


def own_nodes(document: Wikitext, views: Sequence[View]) -> list[Node]:
    """Return the nodes of those views that stand in the page itself and say something of it alone."""
    home = document.pieces
    there = outside_tables(home)
    found = [view.node for view in views if id(view.node) in there]
    if not is_template(document):
        return found
    alone = not_included(home).nodes
    return [node for node in found if id(node) in alone]


def outside_tables(home: Pieces) -> frozenset[int]:
    """Return the ids of the nodes among pieces that are in no table."""
    found = frozenset(id(piece) for piece in home if isinstance(piece, Node))
    if not any(isinstance(piece, str) and "{|" in piece for piece in home):
        return found
    return found & {id(piece) for piece in Layout(home).outer()}


def gap_after(document: Wikitext, before: Pieces) -> str:
    """Return the line ends between a text and what is put after it: one after a function, as the sort key."""
    found = [piece for piece in before if isinstance(piece, Node) or piece.strip()]
    last = found[-1] if found else ""
    is_function = isinstance(last, Node) and last.kind == "template" and function_of(last, document.site) is not None
    return "\n" if is_function else "\n\n"


def included(document: Wikitext) -> Collection[int]:
    """Return the ids of the nodes in ``<includeonly>``, which are for the pages that include this one."""
    tags = (node for node in walked(document.pieces) if node.kind == "tag" and node.name == INCLUDED)
    return {id(node) for tag in tags for part in tag.parts for node in walked(part)}


def foot_start(pieces: Pieces, document: Wikitext) -> int:
    """Return where the foot of a page begins, in the pieces that the page ends with: on a line of its own.

    Comments and white space in it and after it are part of it.
    """
    at = first = len(pieces)
    while at and (is_silent(pieces[at - 1]) or _is_foot(pieces[at - 1], document)):
        at -= 1
        if _is_foot(pieces[at], document) and (not at or str(pieces[at - 1]).endswith("\n")):
            first = at
    return first


def _is_foot(piece: str | Node, document: Wikitext) -> bool:
    """Say whether a piece is a category, a link to another language, or the sort key."""
    if isinstance(piece, str) or piece.kind not in {"link", "template"}:
        return False
    if piece.kind == "template":
        return function_of(piece, document.site) == SORTKEY
    found = target_of(piece, document) if may_be_special(piece) else None
    return found is not None and found.kind in {"category", "language"}


def insert_after(home: Pieces, node: Node, pieces: Pieces) -> None:
    """Put pieces on the line after that of a node: after comments that end it, before any other text on it."""
    at = end = place_of(home, node) + 1
    while end < len(home) and is_silent(home[end], " \t"):
        end += 1
    rest = home[end] if end < len(home) else "\n"
    line, sign, _others = rest.partition("\n") if isinstance(rest, str) else ("", "", "")
    if not sign or line.strip():  # something else stands on the line
        home[at:at] = pieces if TABLES.match(line.lstrip(" \t")) else ["\n", *pieces]
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


class Inside(NamedTuple):
    """What stands in such a tag: ids of the nodes, and whether it is open at the end."""

    nodes: frozenset[int]
    open: bool


def not_included(home: Pieces) -> Inside:
    """Return which of the nodes in some pieces belong to the page alone (``<noinclude>``)."""
    return inside(home, "noinclude")


def inside(home: Pieces, name: str) -> Inside:
    """Return which of the nodes in some pieces stand in ``<noinclude>``, or ``<onlyinclude>``."""
    now = False
    nodes: set[int] = set()
    for piece in home:
        if is_tag(piece, f"<{name}") or is_tag(piece, f"</{name}"):
            now = is_tag(piece, f"<{name}")
        elif now:
            nodes.add(id(piece))
    return Inside(frozenset(nodes), now)


def is_template(document: Wikitext) -> bool:
    """Say whether the page is a template, as far as its title is known."""
    return document.title is not None and document.title.ns == TEMPLATE and not document.title.interwiki


def is_tag(piece: str | Node, begin: str) -> bool:
    """Say whether a piece is one of the tags that tell pages from what includes them."""
    return isinstance(piece, Node) and piece.kind == "ignored" and piece.begin.lower().startswith(begin)


def is_blank(piece: str | Node) -> bool:
    """Say whether a piece is white space."""
    return isinstance(piece, str) and not piece.strip()


__all__ = [
    "SORTKEY",
    "End",
    "Inside",
    "add",
    "end_of",
    "foot_start",
    "gap_after",
    "included",
    "insert_after",
    "insert_before",
    "inside",
    "is_blank",
    "is_tag",
    "is_template",
    "not_included",
    "outside_tables",
    "own_nodes",
]
