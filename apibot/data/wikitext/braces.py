"""What a pair of braces is: a template, a parser function or a variable.

Rule: MediaWiki's Parser::braceSubstitution (1.39).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from apibot.core.errors import InvalidTitle
from apibot.core.site import SiteInfo
from apibot.data.titles.rules import TEMPLATE
from apibot.data.titles.title import Title
from apibot.data.wikitext.node import UNSEEN, Node, flat, plain

MODIFIERS = ("subst", "safesubst", "msg", "msgnw", "raw")
"""Magic words that may stand before a template's name."""
USUAL_FUNCTIONS = (
    "anchorencode basepagename canonicalurl defaultsort displaytitle filepath formatnum fullpagename fullurl gender "
    "grammar int lc lcfirst localurl namespace ns nse numberofpages padleft padright pagename pagesincategory plural "
    "protectionlevel rootpagename subjectpagename subpagename talkpagename uc ucfirst urlencode"
)
"""Parser functions without a number sign, of the wikis that do not tell theirs (block ``functionhooks``)."""
USUAL_VARIABLES = (
    "! = basepagename currentday currentmonth currentmonthname currenttime currenttimestamp currentyear fullpagename "
    "localday localmonth localtime localyear namespace namespacenumber numberofarticles numberofpages numberofusers "
    "pageid pagename revisionid revisiontimestamp revisionuser rootpagename server sitename subjectpagename "
    "subpagename talkpagename"
)
"""Variables of the wikis that do not tell theirs (block ``variables``)."""


def template_title(node: Node, site: SiteInfo, page: Title | None) -> Title | None:
    """Return the page that a pair of braces includes; None for a function, or where templates make its name."""
    text = plain(node.parts[0])
    if text is None:
        return None
    name = without_modifiers(text.strip(), site)
    if "\n" in name or _function(name, site, alone=len(node.parts) == 1) is not None:
        return None
    try:
        if page is not None and name.startswith(("/", "../")) and site.namespaces[page.ns].subpages:
            return page.relative(name)
        return Title.parse(name, site, ns=TEMPLATE)
    except InvalidTitle:
        return None


def without_modifiers(name: str, site: SiteInfo) -> str:
    """Return a name without ``subst:`` and the like."""
    words = site.kept(_modifiers)
    for _time in MODIFIERS:
        lower = name.lower()
        found = next((word for word in words if lower.startswith(word)), "")
        name = name[len(found) :].lstrip()
    return name


def _modifiers(site: SiteInfo) -> tuple[str, ...]:
    """Return what may stand before a template's name, in small letters."""
    return tuple(alias.lower() for word in MODIFIERS for alias in site.word(word) or (f"{word}:",))


def with_modifiers(name: str, old: str, site: SiteInfo) -> str:
    """Return a name with ``subst:`` and the like of an old one, if it has none of its own."""
    own = name != without_modifiers(name, site)
    return name if own else f"{old.removesuffix(without_modifiers(old, site))}{name}"


def function_of(node: Node, site: SiteInfo) -> str | None:
    """Return which parser function or variable a pair of braces is, by its name in the program; None for others."""
    text = "".join(_sign(piece) for piece in flat(node.parts[0]))
    return _function(without_modifiers(text.strip(), site), site, alone=len(node.parts) == 1)


def _sign(piece: str | Node) -> str:
    """Return a text, or one sign for a construct: what is in that makes no name."""
    return piece if isinstance(piece, str) else "" if piece.kind in UNSEEN else "\ufdd0"


def _function(name: str, site: SiteInfo, *, alone: bool) -> str | None:
    before, colon, _argument = name.partition(":")
    if not colon:
        return site.kept(_variables).name(name) if alone else None
    found = site.kept(_functions).name(before.removeprefix("#"))
    return found or (before[1:].lower() if name.startswith("#") else None)


class _Words(NamedTuple):
    """Magic words by all their spellings."""

    exact: Mapping[str, str]
    folded: Mapping[str, str]
    """By those in small letters: their case does not matter."""

    def name(self, spelling: str) -> str | None:
        """Return the name in the program of one of them."""
        return self.exact.get(spelling) or self.folded.get(spelling.lower())


def _functions(site: SiteInfo) -> _Words:
    """Return the parser functions that need no number sign."""
    return _words(
        site, [name for name in site.names("functionhooks") if name in site.magic_words] or USUAL_FUNCTIONS.split()
    )


def _variables(site: SiteInfo) -> _Words:
    return _words(site, site.names("variables") or USUAL_VARIABLES.split())


def _words(site: SiteInfo, names: Iterable[str]) -> _Words:
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    for name in names:
        known = site.magic_words.get(name)
        for alias in site.word(name) or (name,):
            spelling = alias.removesuffix(":").removeprefix("#")
            if known and known.case_sensitive:
                exact[spelling] = name
            else:
                folded[spelling.lower()] = name
    return _Words(exact, folded)


__all__ = [
    "MODIFIERS",
    "USUAL_FUNCTIONS",
    "USUAL_VARIABLES",
    "function_of",
    "template_title",
    "with_modifiers",
    "without_modifiers",
]
