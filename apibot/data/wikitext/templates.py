"""Templates: their names and parameters, changed without touching how the rest of them is set out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.data.title import Title
from apibot.data.wikitext.node import Node, Pieces, flat, plain, visible, written
from apibot.data.wikitext.view import View, embedded, margins

if TYPE_CHECKING:
    from apibot.core.site import SiteInfo

TEMPLATE = 10
"""The namespace, the same on all wikis."""
MODIFIERS = ("subst", "safesubst", "msg", "msgnw", "raw")
"""Magic words that may stand before a template's name."""

USUAL_FUNCTIONS = (
    "anchorencode basepagename canonicalurl defaultsort displaytitle filepath formatnum fullpagename fullurl gender "
    "grammar int lc lcfirst localurl namespace ns nse numberofpages padleft padright pagename pagesincategory plural "
    "protectionlevel rootpagename subjectpagename subpagename talkpagename uc ucfirst urlencode"
).split()
"""Parser functions without a number sign, of the wikis that do not tell theirs (block ``functionhooks``)."""
USUAL_VARIABLES = (
    "! = basepagename currentday currentmonth currentmonthname currenttime currenttimestamp currentyear fullpagename "
    "localday localmonth localtime localyear namespace namespacenumber numberofarticles numberofpages numberofusers "
    "pageid pagename revisionid revisiontimestamp revisionuser rootpagename server sitename subjectpagename "
    "subpagename talkpagename"
).split()
"""Variables of the wikis that do not tell theirs (block ``variables``)."""


class Parameter(NamedTuple):
    """A parameter as it is given to a template."""

    name: str
    """Without white space around it; its number for one that is not named."""
    value: str
    """Wikitext; without white space around it, if it is named, as the wiki takes it."""
    named: bool


class Template(View):
    """A template that is used."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name as it is written, without comments and white space around it."""
        return visible(self._node.parts[0]).strip()

    @name.setter
    def name(self, value: str) -> None:
        self._alive()
        before, after = margins(self._node.parts[0])
        node = embedded(value, "template", "{{", "}}", self._document.site.tags, parts=1)
        self._node.parts[0] = [*before, *node.parts[0], *after]

    @property
    def title(self) -> Title | None:
        """The page that is included; None where other templates make its name, or it is a function."""
        return template_title(self._node, self._document.site, self._document.title)

    @property
    def is_function(name: str, site: SiteInfo, *, alone: bool) -> bool:
    """Say whether what stands in braces is a parser function or a variable.

    Parameters: ``name``, what stands before the first pipe; ``site``; ``alone``, nothing stands after it.
    """
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
    return _words(site, [name for name in site.names("functionhooks") if name in site.magic_words] or USUAL_FUNCTIONS)


def _variables(site: SiteInfo) -> _Words:
    return _words(site, site.names("variables") or USUAL_VARIABLES)


def _words(site: SiteInfo, names: Iterable[str]) -> _Words:
    spellings = [(site.magic_words[name].case_sensitive if name in site.magic_words else False, name) for name in names]
    aliases = [(exact, alias.removesuffix(":")) for exact, name in spellings for alias in site.word(name) or (name,)]
    return _Words(
        frozenset(alias for exact, alias in aliases if exact),
        frozenset(alias.lower() for exact, alias in aliases if not exact),
    )


__all__ = ["MODIFIERS", "TEMPLATE", "USUAL_FUNCTIONS", "USUAL_VARIABLES", "Parameter", "Template", "is_function", "template_title"]
