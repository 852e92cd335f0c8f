"""What a pair of braces is: a template, a parser function or a variable.

Rule: MediaWiki's Parser::braceSubstitution (1.39).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from apibot.core.errors import InvalidTitle
from apibot.core.site import SiteInfo
from apibot.data.titles.title import Title
from apibot.data.wikitext.node import UNSEEN, Node, flat, plain

TEMPLATE = 10
"""The namespace, the same on all wikis."""
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
    name = _without_modifiers(text.strip(), site)
    if "\n" in name or _is_function(name, site, alone=len(node.parts) == 1):
        return None
    try:
        if page is not None and name.startswith(("/", "../")) and site.namespaces[page.ns].subpages:
            return page.relative(name)
        return Title.parse(name, site, ns=TEMPLATE)
    except InvalidTitle:
        return None


def _without_modifiers(name: str, site: SiteInfo) -> str:
    """Return a name without ``subst:`` and the like."""
    words = [alias for word in MODIFIERS for alias in site.word(word) or (f"{word}:",)]
    for _time in MODIFIERS:
        lower = name.lower()
        found = next((word for word in words if lower.startswith(word.lower())), "")
        name = name[len(found) :].lstrip()
    return name


def with_modifiers(name: str, old: str, site: SiteInfo) -> str:
    """Return a name with ``subst:`` and the like of an old one, if it has none of its own."""
    own = name != _without_modifiers(name, site)
    return name if own else f"{old.removesuffix(_without_modifiers(old, site))}{name}"


def is_function(node: Node, site: SiteInfo) -> bool:
    """Say whether a pair of braces is a parser function or a variable."""
    text = "".join(_sign(piece) for piece in flat(node.parts[0]))
    name = _without_modifiers(text.strip(), site)
    return _is_function(name, site, alone=len(node.parts) == 1)


def _sign(piece: str | Node) -> str:
    """Return a text, or one sign for a construct: what is in that makes no name."""
    return piece if isinstance(piece, str) else "" if piece.kind in UNSEEN else "\ufdd0"


def _is_function(name: str, site: SiteInfo, *, alone: bool) -> bool:
    before, colon, _argument = name.partition(":")
    if colon:
        return name.startswith("#") or site.kept(_functions).has(before)
    return alone and site.kept(_variables).has(name)


class _Words(NamedTuple):
    """Magic words in all their spellings."""

    exact: frozenset[str]
    folded: frozenset[str]
    """In small letters: their case does not matter."""

    def has(self, name: str) -> bool:
        """Say whether a name is one of them."""
        return name in self.exact or name.lower() in self.folded


def _functions(site: SiteInfo) -> _Words:
    """Return the parser functions that need no number sign."""
    return _words(
        site, [name for name in site.names("functionhooks") if name in site.magic_words] or USUAL_FUNCTIONS.split()
    )


def _variables(site: SiteInfo) -> _Words:
    return _words(site, site.names("variables") or USUAL_VARIABLES.split())


def _words(site: SiteInfo, names: Iterable[str]) -> _Words:
    known = site.magic_words
    spellings = [(name in known and known[name].case_sensitive, name) for name in names]
    aliases = [(exact, alias.removesuffix(":")) for exact, name in spellings for alias in site.word(name) or (name,)]
    return _Words(
        frozenset(alias for exact, alias in aliases if exact),
        frozenset(alias.lower() for exact, alias in aliases if not exact),
    )


__all__ = [
    "MODIFIERS",
    "TEMPLATE",
    "USUAL_FUNCTIONS",
    "USUAL_VARIABLES",
    "is_function",
    "template_title",
    "with_modifiers",
]
