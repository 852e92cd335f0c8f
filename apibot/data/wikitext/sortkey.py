"""The key by which a page is sorted in all its categories (``{{DEFAULTSORT:...}}``).

Rule: MediaWiki's CoreParserFunctions::defaultsort (1.39).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from apibot.core.errors import BadText
from apibot.data.wikitext import foot
from apibot.data.wikitext.node import flat
from apibot.data.wikitext.places import place_of
from apibot.data.wikitext.view import embedded

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext
    from apibot.data.wikitext.templates import Template

KEEPS = "defaultsort_noreplace"
"""Name of the word after a key that leaves one that stands before it."""


def key_of(document: Wikitext) -> str | None:
    """Return the key; see `Wikitext.default_sortkey`."""
    found = _effective(document)
    return found.argument if found else None


def set_key(document: Wikitext, key: str | None) -> None:
    """Give the page another key; see `Wikitext.default_sortkey`."""
    if key is not None and not key.strip():
        raise BadText(key, "a sort key can not be empty; None takes it away")
    found = _effective(document)
    if key is None:
        for one in reversed(list(_all(document))):  # inner ones first
            one.remove()
    elif found:
        old = found.argument
        for one in [one for one in _all(document) if one.argument == old]:  # the wiki warns of keys that differ
            one.argument = key
    else:
        _add(document, key)


def _effective(document: Wikitext) -> Template | None:
    """Return the function that counts: the last one that has a key."""
    words = {word.lower() for word in document.site.word(KEEPS) or ("noreplace",)}
    found: Template | None = None
    for one in _all(document):
        keeps = any(parameter.value.strip().lower() in words for parameter in one.parameters[:1])
        if one.argument and not (keeps and found):
            found = one
    return found


def _all(document: Wikitext) -> Iterator[Template]:
    others = foot.included(document)
    return (one for one in document.functions if one.function == foot.SORTKEY and id(one.node) not in others)


def _add(document: Wikitext, key: str) -> None:
    """Put the first key on a page: before its categories, or where they would be."""
    word = (document.site.word(foot.SORTKEY) or ("DEFAULTSORT:",))[0].removesuffix(":")
    node = embedded(key.strip(), "template", f"{{{{{word}:", "}}", document.site.tags, parts=1)
    home = document.pieces
    home[:] = flat(home)
    own = foot.own_nodes(document, [link for link in document.categories if not link.included])
    if not own:
        foot.add(document, node, [], document.language_links)
        return
    at = place_of(home, own[0])
    before = home[at - 1] if at else "\n"
    begins = isinstance(before, str) and before.endswith("\n")
    home[at:at] = [node, "\n"] if begins else [node]


__all__ = ["KEEPS", "key_of", "set_key"]
