"""Putting a page in categories, and taking it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.core.errors import BadText
from apibot.data.titles.title import Title
from apibot.data.wikitext.braces import TEMPLATE, is_function
from apibot.data.wikitext.lines import insert_after, insert_before, place_of, remove_with_lines
from apibot.data.wikitext.links import CATEGORY, CategoryLink, LanguageLink
from apibot.data.wikitext.node import Node, Pieces
from apibot.data.wikitext.view import embedded

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext


def add(document: Wikitext, title: Title, sortkey: str | None) -> bool:
    """Put the page in a category; see `Wikitext.add_category`."""
    there = [link for link in document.categories if not link.included]
    same = _of(there, title)
    if same:
        changed = sortkey is not None and same[0].sortkey != sortkey
        if changed:
            same[0].sortkey = sortkey
        return changed
    if sortkey == "":
        reason = "a sort key can not be empty; None stands for the page's own"
        raise BadText(sortkey, reason)
    text = title.full if sortkey is None else f"{title.full}|{sortkey}"
    link: Pieces = [embedded(text, "link", "[[", "]]", document.site.tags, parts=1 if sortkey is None else 2)]
    own = [one for one in there if one.home is document.pieces]
    if own:
        insert_after(document.pieces, own[-1].node, link)
    else:
        _first(document, link)
    return True


def _first(document: Wikitext, link: Pieces) -> None:
    """Place a page's first category: at the end of what is not included, before links to other languages."""
    home = document.pieces
    closing = _last_noinclude(home)
    if closing is None and document.title and document.title.ns == TEMPLATE:
        begin, end = Node("ignored", "<noinclude>", []), Node("ignored", "</noinclude>", [])
        home += [begin, *link, end]  # on the same line: a line end would be part of the template
        return
    at = len(home) if closing is None else closing
    for view in reversed([one for one in document.language_links if one.home is home]):
        after = home[place_of(home, view.node) + 1 : at]
        if any(not isinstance(piece, str) or piece.strip() for piece in after):
            break
        at = place_of(home, view.node)
    while at and _runs_to_the_end(home[at - 1]):
        at -= 1
    gap = "\n" if closing is not None or _is_function(document, home[:at]) else "\n\n"
    insert_before(home, at, link, gap=gap)


def _last_noinclude(home: Pieces) -> int | None:
    """Return where the last ``</noinclude>`` is that nothing but white space follows."""
    for at in range(len(home) - 1, -1, -1):
        piece = home[at]
        if isinstance(piece, Node):
            return at if piece.kind == "ignored" and piece.begin.lower().startswith("</noinclude") else None
        if piece.strip():
            return None
    return None


def _runs_to_the_end(piece: str | Node) -> bool:
    """Say whether it is a comment or the like that is never closed, after which nothing is seen."""
    if isinstance(piece, str):
        return False
    unclosed = piece.kind == "comment" and not piece.begin.endswith("-->")
    return unclosed or (piece.kind == "tag" and bool(piece.parts) and not piece.end)


def _is_function(document: Wikitext, before: Pieces) -> bool:
    """Say whether the last thing is a function, like the sort key for all categories."""
    found = [piece for piece in before if isinstance(piece, Node) or piece.strip()]
    last = found[-1] if found else ""
    return isinstance(last, Node) and last.kind == "template" and is_function(last, document.site)


def remove(document: Wikitext, title: Title) -> bool:
    """Take the page out of a category; see `Wikitext.remove_category`."""
    found = _of(document.categories, title)
    remove_with_lines(found)
    return bool(found)


def replace(document: Wikitext, old: Title, new: Title) -> bool:
    """Put the page in another category in place of one; see `Wikitext.replace_category`."""
    links = document.categories
    found = [] if old == new else _of(links, old)
    there = {link.included for link in _of(links, new)}
    double: list[CategoryLink] = []
    for link in found:
        if link.included in there:
            double.append(link)
        else:
            there.add(link.included)
            link.target = new.full
    remove_with_lines(double)
    return bool(found)


def _of(links: list[CategoryLink], title: Title) -> list[CategoryLink]:
    return [link for link in links if link.title and link.title.without_fragment == title]


__all__ = ["CATEGORY", "LanguageLink", "add", "remove", "replace"]
