"""Replacing in the text itself, outside of given constructs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from apibot.core.errors import BadParameter
from apibot.core.patterns import Pattern
from apibot.data.wikitext.links import target_of
from apibot.data.wikitext.node import Span, spans

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

ADDRESS = re.compile(r"(?:https?:|ftp:|\b(?=//))//[^\s<>\[\]\"|{}]+", re.IGNORECASE)
MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
USUAL = ("comment", "nowiki", "address", "target")
"""What is left alone unless something else is said."""

Within = Callable[["Wikitext", Span], tuple[int, int] | None]


def _kind(*kinds: str) -> Within:
    return lambda _document, span: (span.start, span.end) if span.node.kind in kinds else None


def _tag(*names: str) -> Within:
    return lambda _document, span: (span.start, span.end) if span.node.name in names else None


def _link(kind: str) -> Within:
    def within(document: Wikitext, span: Span) -> tuple[int, int] | None:
        found = target_of(span.node, document)
        return (span.start, span.end) if found and found.kind == kind else None

    return within


def _raw(_document: Wikitext, span: Span) -> tuple[int, int] | None:
    return (span.start, span.end) if span.node.raw else None


def _first(_document: Wikitext, span: Span) -> tuple[int, int] | None:
    return (span.start, span.first) if span.node.kind in {"entry", "link", "template"} else None


CONSTRUCTS: Mapping[str, Within] = {
    "argument": _kind("argument"),
    "category": _link("category"),
    "comment": _kind("comment"),
    "file": _link("file"),
    "gallery": _tag("gallery"),
    "heading": _kind("heading"),
    "language": _link("language"),
    "link": _link("page"),
    "nowiki": _raw,  # also pre, math, syntaxhighlight and the like
    "reference": _tag("ref"),
    "target": _first,  # of links and files, names of templates
    "template": _kind("template"),
}
"""Constructs that can be left alone, and how they are told."""
PATTERNS = {"address": ADDRESS, "markup": MARKUP}
"""Those that are told by their look: addresses of external links, tags of HTML with their attributes."""


def replace(
    document: Wikitext, pattern: Pattern, new: Callable[[re.Match[str]], str], outside: Collection[str], count: int
) -> int:
    """Replace outside of constructs; see `Wikitext.replace`."""
    text = str(document)
    kept = _protected(document, text, outside)
    pieces: list[str] = []
    done = found_so_far = 0
    for start, end, instead in _places(pattern, new, text, kept):
        pieces += text[done:start], instead
        done = end
        found_so_far += 1
        if found_so_far == count:
            break
    if found_so_far:
        document.read("".join([*pieces, text[done:]]))
    return found_so_far
