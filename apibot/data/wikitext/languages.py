"""Links to the same page in other languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.core.errors import BadParameter
from apibot.data.titles.title import Title
from apibot.data.wikitext import foot
from apibot.data.wikitext.lines import remove_with_lines
from apibot.data.wikitext.links import target_of
from apibot.data.wikitext.node import Node, flat, flatten

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext


def put(document: Wikitext, to: Title) -> bool:
    """Link to the page in another language; see `Wikitext.set_language_link`."""
    text = to.as_link()[2:-2].removeprefix(":")
    node = Node("link", "[[", [[text]], sep="|", end="]]")
    target = target_of(node, document)
    if target is None or target.kind != "language":
        msg = f"{to} is no page in another language: give a title with a language's prefix that the wiki has."
        raise BadParameter(msg)
    home = document.pieces
    home[:] = flat(home)
    links = document.language_links
    same = [link for link in links if link.language == to.interwiki]
    if same:
        changed = same[0].title != to  # the first counts
        if changed:
            same[0].target = text
        return changed
    foot.add(document, node, links)
    return True


def remove(document: Wikitext, language: str) -> bool:
    """Take the links to a language out; see `Wikitext.remove_language_link`."""
    flatten(document.pieces)
    found = [link for link in document.language_links if link.language == language.lower()]
    remove_with_lines(document, found)
    return bool(found)


__all__ = ["put", "remove"]
