"""Replacing in the text itself, outside of given constructs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, TypeAlias

from apibot.core.arguments import each
from apibot.core.errors import BadParameter, BadPattern
from apibot.core.patterns import Pattern, Template, compiled
from apibot.data.addresses import PROTOCOLS
from apibot.data.wikitext.links import target_of
from apibot.data.wikitext.node import Span, spans

if TYPE_CHECKING:
    import regex

    from apibot.data.wikitext.document import Wikitext

ADDRESS = re.compile(rf"(?:(?<=\[)//|\b(?:{PROTOCOLS}))[^\s<>\[\]\"|{{}}]+", re.IGNORECASE)
MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
USUAL = ("comment", "nowiki", "address", "target")
"""What is left alone unless something else is said."""

Match: TypeAlias = "regex.Match[str]"
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


def sought(old: str, *, regex: bool, word: bool, ignore_case: bool) -> Pattern:
    """Return what to look for."""
    if not old:
        raise BadPattern(old, "nothing to look for")
    text = old if regex else re.escape(old)
    compiled(text, ignore_case=ignore_case)  # by itself first, so that no ) in it ends what is written around it
    return compiled(rf"(?<!\w)(?:{text})(?!\w)" if word else text, ignore_case=ignore_case)


def find(document: Wikitext, pattern: Pattern, outside: Collection[str]) -> list[Match]:
    """Find outside of constructs; see `Wikitext.find`."""
    text = str(document)
    where = _outside(text, _protected(document, text, outside))
    return [found for found in pattern.finditer(text) if where(found)]


def replace(
    document: Wikitext, pattern: Pattern, new: Template | Callable[[Match], str], outside: Collection[str], count: int
) -> int:
    """Replace outside of constructs; see `Wikitext.replace`."""
    text = str(document)
    kept = _protected(document, text, outside)
    after, places = pattern.subn(new, text, count, where=_outside(text, kept))
    if places:
        document.read(after)
    return places


def _outside(text: str, kept: list[tuple[int, int]]) -> Callable[[Match], bool]:
    """Say of each place in turn whether it touches nothing that is left alone."""
    left = iter(kept)
    start, end = next(left, NOWHERE)

    def outside(found: Match) -> bool:
        nonlocal start, end
        while end <= found.start() and start < len(text):
            start, end = next(left, NOWHERE)
        return found.end() <= start or found.start() >= end

    return outside


def _protected(document: Wikitext, text: str, outside: Collection[str]) -> list[tuple[int, int]]:
    """Return the places of what is left alone, in order, none in another."""
    outside = each(outside)
    names = [*CONSTRUCTS, *PATTERNS]
    if unknown := [name for name in outside if name not in names]:
        msg = f"There are no constructs {', '.join(map(repr, unknown))}; there are: {', '.join(names)}."
        raise BadParameter(msg)
    tests = [CONSTRUCTS[name] for name in outside if name in CONSTRUCTS]
    places = [place for span in spans(document.pieces) for test in tests if (place := test(document, span))]
    places += [found.span() for name in outside if name in PATTERNS for found in PATTERNS[name].finditer(text)]
    kept: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


NOWHERE = (sys.maxsize, sys.maxsize)

__all__ = [
    "ADDRESS",
    "CONSTRUCTS",
    "MARKUP",
    "NOWHERE",
    "PATTERNS",
    "USUAL",
    "Match",
    "Within",
    "find",
    "replace",
    "sought",
]
