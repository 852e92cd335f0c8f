"""Replacing in the text itself, outside of given constructs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from apibot.core.arguments import each
from apibot.core.errors import BadParameter, BadPattern
from apibot.core.patterns import Pattern, Template, compiled
from apibot.core.site import SiteInfo
from apibot.data.addresses import PROTOCOLS
from apibot.data.wikitext.files import option_end
from apibot.data.wikitext.links import target_of
from apibot.data.wikitext.node import Node, Span, flat, spans
from apibot.data.wikitext.switchwords import Switches

if TYPE_CHECKING:
    import regex

    from apibot.data.wikitext.document import Wikitext

ADDRESS = re.compile(rf"(?:(?<=\[)//|\b(?:{PROTOCOLS}))[^\s<>\[\]\"|{{}}]+", re.IGNORECASE)
MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
USUAL = ("comment", "nowiki", "address", "target", "parameter", "tag", "markup", "switch")
"""What is left alone unless something else is said."""

Match: TypeAlias = "regex.Match[str]"
Place: TypeAlias = tuple[int, int]
Within = Callable[["Wikitext", Span], Iterable[Place]]
"""Gives the places of a construct that are to be left alone."""


def _kind(*kinds: str) -> Within:
    return lambda _document, span: [(span.start, span.end)] if span.node.kind in kinds else []


def _tag(*names: str) -> Within:
    return lambda _document, span: [(span.start, span.end)] if span.node.name in names else []


def _link(kind: str) -> Within:
    def within(document: Wikitext, span: Span) -> list[Place]:
        found = target_of(span.node, document)
        return [(span.start, span.end)] if found and found.kind == kind else []

    return within


def _raw(_document: Wikitext, span: Span) -> list[Place]:
    return [(span.start, span.end)] if span.node.raw else []


def _first(_document: Wikitext, span: Span) -> list[Place]:
    return [(span.start, span.first)] if span.node.kind in {"entry", "link", "template"} else []


def _opening(_document: Wikitext, span: Span) -> list[Place]:
    return [(span.start, span.start + len(span.node.begin))] if span.node.kind == "tag" else []


def _names(document: Wikitext, span: Span) -> Iterator[Place]:
    """Give the names of a template's parameters, and the parameters of a file but for its caption and its alt text."""
    node = span.node
    if node.kind not in {"entry", "link", "template"} or len(node.parts) < 2:  # noqa: PLR2004  # the first is no parameter
        return
    target = None if node.kind == "template" else target_of(node, document)
    for part, before in zip(node.parts[1:], span.ends, strict=False):
        start = before + len(node.sep)
        name, *others = flat(part) or [""]
        if isinstance(name, Node):
            continue
        if node.kind == "template" and others and getattr(others[0], "kind", "") == "equals":
            yield start, start + len(name)
        elif target and target.kind == "file" and not others:
            yield start, start + option_end(name, document.site, gallery=node.kind == "entry")


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
    "parameter": _names,  # names of parameters of templates, parameters of files
    "reference": _tag("ref"),
    "tag": _opening,  # of extensions, with their attributes, not what is in them
    "target": _first,  # of links and files, names of templates
    "template": _kind("template"),
}
"""Constructs that can be left alone, and how they are told."""


def _matches(pattern: re.Pattern[str]) -> Callable[[str, SiteInfo], Iterator[Place]]:
    return lambda text, _site: (found.span() for found in pattern.finditer(text))


def _switches(text: str, site: SiteInfo) -> Iterator[Place]:
    return (found.span() for _name, found in site.kept(Switches).places(text))


LOOKS: Mapping[str, Callable[[str, SiteInfo], Iterator[Place]]] = {
    "address": _matches(ADDRESS),
    "markup": _matches(MARKUP),
    "switch": _switches,
}
"""Those that are told by their look: addresses of external links, tags of HTML with their attributes, ``__NOTOC__``."""


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
    names = [*CONSTRUCTS, *LOOKS]
    if unknown := [name for name in outside if name not in names]:
        msg = f"There are no constructs {', '.join(map(repr, unknown))}; there are: {', '.join(names)}."
        raise BadParameter(msg)
    tests = [CONSTRUCTS[name] for name in outside if name in CONSTRUCTS]
    places = [place for span in spans(document.pieces) for test in tests for place in test(document, span)]
    places += [place for name in outside if name in LOOKS for place in LOOKS[name](text, document.site)]
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
    "LOOKS",
    "MARKUP",
    "NOWHERE",
    "USUAL",
    "Match",
    "Place",
    "Within",
    "find",
    "replace",
    "sought",
]
