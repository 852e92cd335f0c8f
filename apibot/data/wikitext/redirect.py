"""Redirects: the magic word at the beginning of a page, in the wiki's language, and the link after it.

Rule: MediaWiki's WikitextContent::getRedirectTargetAndText (1.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.data.titles.title import Title
from apibot.data.wikitext.links import Link, target_of
from apibot.data.wikitext.node import Node
from apibot.data.wikitext.view import embedded

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

WORD = "#REDIRECT"
"""In English; all wikis take it."""


def redirect_of(document: Wikitext) -> Link | None:
    """Return the link by which a page redirects."""
    before, node = [*document.pieces[:2], "", ""][:2]
    words = document.site.word("redirect") or (WORD,)
    if isinstance(before, str) and isinstance(node, Node) and _is_word(before, words):
        found = target_of(node, document)
        return Link(document, document.pieces, node) if found and found.title else None
    return None


def _is_word(before: str, words: tuple[str, ...]) -> bool:
    """Say whether a text is the magic word, with nothing but a colon after it."""
    text = before.strip(" \t\n\r\0\x0b")
    return any(text[: len(word)].lower() == word.lower() and text[len(word) :].strip() in {"", ":"} for word in words)


def redirect_to(document: Wikitext, to: Title | str) -> None:
    """Let a page redirect; see `Wikitext.redirect_to`."""
    target = to if isinstance(to, str) else to.as_link()[2:-2]
    found = redirect_of(document)
    if found:
        found.target = target
        return
    word = (document.site.word("redirect") or (WORD,))[0]
    node = embedded(target, "link", "[[", "]]", document.site.tags, parts=1)
    document.pieces[:0] = [f"{word} ", node, *(["\n"] if document.pieces else [])]


__all__ = ["WORD", "redirect_of", "redirect_to"]
