"""Putting a page in categories, and taking it out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apibot.core.errors import BadText
from apibot.data.titles.title import Title
from apibot.data.wikitext import foot
from apibot.data.wikitext.lines import remove_with_lines
from apibot.data.wikitext.links import CategoryLink, target_of
from apibot.data.wikitext.node import Pieces, flat, flatten, runs_to_the_end, visible
from apibot.data.wikitext.scan import scan
from apibot.data.wikitext.view import embedded

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext


def add(document: Wikitext, title: Title, sortkey: str | None) -> bool:
    """Put the page in a category; see `Wikitext.add_category`."""
    home = document.pieces
    home[:] = flat(home)
    there = [link for link in document.categories if not link.included]
    same = _of(there, title)
    if same:
        last = same[-1]  # its key counts
        changed = sortkey is not None and last.sortkey != sortkey
        if changed:
            last.sortkey = sortkey
        return changed
    if sortkey == "":
        reason = "a sort key can not be empty; None stands for the page's own"
        raise BadText(sortkey, reason)
    text = title.full if sortkey is None else f"{title.full}|{sortkey}"
    node = embedded(text, "link", "[[", "]]", document.site.tags)
    if sortkey is not None and target_of(node, document) is None:
        raise BadText(sortkey, "it can be no sort key: it holds a link, or nothing", max(sortkey.find("[["), 0))
    foot.add(document, node, there, document.language_links)
    return True


def remove(document: Wikitext, title: Title) -> bool:
    """Take the page out of a category; see `Wikitext.remove_category`."""
    flatten(document.pieces)
    found = _of(document.categories, title)
    remove_with_lines(document, found)
    return bool(found)


def replace(document: Wikitext, old: Title, new: Title) -> bool:
    """Put the page in another category in place of one; see `Wikitext.replace_category`."""
    flatten(document.pieces)
    links = document.categories
    found = [] if old == new else _of(links, old)
    there = {link.included for link in _of(links, new)}
    last = {link.included: link.sortkey for link in found}  # its key counts
    double: list[CategoryLink] = []
    others: list[CategoryLink] = []
    for link in found:
        (double if link.included in there else others).append(link)
        there.add(link.included)
    remove_with_lines(document, double)
    for link in others:
        link.target = new.full
        if link.sortkey != last[link.included]:
            link.sortkey = last[link.included]
    return bool(found)


def neat(document: Wikitext) -> bool:
    """Set out categories and links to other languages; see `Wikitext.neat`."""
    home = document.pieces
    flatten(home)
    own = foot.outside_tables(home) - foot.not_included(home).nodes - foot.inside(home, "onlyinclude").nodes
    groups = [[one for one in links if id(one.node) in own] for links in (document.categories, document.language_links)]
    text = "\n\n".join("\n".join(map(str, links)) for links in groups if links)
    before = re.sub(r"[ \t]+(?=\n)", "", visible(home[: _last(home)])).rstrip()
    there = before.endswith(text) and before.removesuffix(text)[-1:] in {"", "\n"}
    if foot.is_template(document) or not text or there:
        return False
    remove_with_lines(document, [one for links in groups for one in links])
    at = _last(home)
    foot.insert_before(home, at, scan(text, document.site.tags), gap=foot.gap_after(document, home[:at]))
    return True


def _last(home: Pieces) -> int:
    """Return where pieces end, before what is never closed."""
    at = len(home)
    while at and runs_to_the_end(home[at - 1]):
        at -= 1
    return at


def _of(links: list[CategoryLink], title: Title) -> list[CategoryLink]:
    return [link for link in links if link.is_for(title)]


__all__ = ["add", "neat", "remove", "replace"]
