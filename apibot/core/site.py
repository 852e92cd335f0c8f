"""SiteInfo: what titles and wikitext mean on a wiki, from its siteinfo alone, so that it works offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Self

from apibot.core import siteinfo
from apibot.core.errors import BadParameter
from apibot.core.jsons import Json, JsonObject, block, text, texts
from apibot.core.siteinfo import General, Interwiki, MagicWord, Namespace

NEEDED = ("general", "namespaces")
"""Blocks of siteinfo without which nothing can be read."""
BLOCKS = (
    *NEEDED,
    "namespacealiases",
    "interwikimap",
    "specialpagealiases",
    "magicwords",
    "extensiontags",
    "functionhooks",
    "variables",
)
"""Blocks that are looked at; what is missing has no interwikis, no aliases and so on."""
USUAL_TAGS = (
    "categorytree ce charinsert chem gallery graph hiero imagemap indicator inputbox langconvert mapframe maplink math "
    "nowiki poem pre ref references score section source syntaxhighlight templatedata templatestyles timeline"
)
"""Extension tags of the wikis that do not tell theirs (block ``extensiontags``)."""

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


class SiteInfo:
    """What titles and wikitext mean on a wiki: its namespaces, prefixes, special pages, magic words, tags.

    Each is made of the wiki's rows when it is first looked at.

    Parameters: ``blocks``, of siteinfo (formatversion=2), by name.
    """

    def __init__(self, blocks: Mapping[str, Json]) -> None:
        self._blocks = blocks

    @classmethod
    def from_api(cls, query: Mapping[str, object]) -> Self:
        """Make it of a reply's ``query`` (``meta=siteinfo``, formatversion=2), with the BLOCKS asked for.

        Raises BadParameter if the general block or the namespaces are missing.
        """
        blocks = {name: found for name, found in block(query).items() if name in BLOCKS}
        if missing := [name for name in NEEDED if not block(blocks.get(name))]:
            msg = f"Not a siteinfo: {', '.join(missing)} missing. Ask for siprop={'|'.join(BLOCKS)}, formatversion=2."
            raise BadParameter(msg)
        return cls(blocks)

    def to_api(self) -> JsonObject:
        """Return the blocks as the wiki gave them: JSON, which ``from_api`` takes."""
        return dict(self._blocks)

    @cached_property
    def general(self) -> General:
        """The wiki as a whole: name, language, case of titles, paths."""
        return siteinfo.general(block(self._blocks.get("general")))

    @cached_property
    def namespaces(self) -> dict[int, Namespace]:
        """The namespaces by number."""
        return siteinfo.namespaces(self._blocks.get("namespaces"), self._blocks.get("namespacealiases"))

    @cached_property
    def interwikis(self) -> dict[str, Interwiki]:
        """Where interwiki prefixes lead to, by prefix."""
        return siteinfo.interwikis(self._blocks.get("interwikimap"))

    @cached_property
    def special_pages(self) -> dict[str, tuple[str, ...]]:
        """How special pages are called, the name that the wiki itself uses first; by their names in the program."""
        return siteinfo.special_pages(self._blocks.get("specialpagealiases"))

    @cached_property
    def magic_words(self) -> dict[str, MagicWord]:
        """The magic words by their names in the program."""
        return siteinfo.magic_words(self._blocks.get("magicwords"))

    @cached_property
    def tags(self) -> frozenset[str]:
        """Names of the extension tags, in small letters: ``nowiki``, ``ref``; USUAL_TAGS where it does not tell."""
        found = texts(self._blocks.get("extensiontags")) or USUAL_TAGS.split()
        return frozenset(name.strip("<>").lower() for name in found)

    @property
    def id(self) -> str:
        """What tells this wiki from others: its name in its farm, or its address."""
        return self.general.wikiid or self.general.base

    def word(self, name: str) -> tuple[str, ...]:
        """Return the ways to write a magic word, () if the wiki has none of that name in the program."""
        found = self.magic_words.get(name)
        return found.aliases if found else ()

    @cached_property
    def _functions(self) -> tuple[frozenset[str], frozenset[str]]:
        """Names of parser functions: as they are written, and in small letters where their case does not matter."""
        hooks = texts(self._blocks.get("functionhooks"))
        return self._spellings([name for name in hooks if self.magic_words.get(name)] or USUAL_FUNCTIONS.split())

    @cached_property
    def _variables(self) -> tuple[frozenset[str], frozenset[str]]:
        return self._spellings(texts(self._blocks.get("variables")) or USUAL_VARIABLES.split())

    def _spellings(self, names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
        words = [self.magic_words.get(name) or MagicWord(name, (name,), False, {}) for name in names]
        exact = frozenset(alias.removesuffix(":") for word in words if word.case_sensitive for alias in word.aliases)
        folded = (alias.removesuffix(":") for word in words if not word.case_sensitive for alias in word.aliases)
        return exact, frozenset(alias.lower() for alias in folded)

    def is_function(self, name: str) -> bool:
        """Say whether ``{{name:...}}`` is a parser function, which then has no number sign."""
        exact, folded = self._functions
        return name in exact or name.lower() in folded

    def is_variable(self, name: str) -> bool:
        """Say whether ``{{name}}`` is a variable like ``{{PAGENAME}}``."""
        exact, folded = self._variables
        return name in exact or name.lower() in folded

    def setting(self, name: str) -> str:
        """Return a text of the general block as the wiki has it, "" if it has none: ``linktrail``."""
        return text(self.general.raw.get(name)) or ""

    def __repr__(self) -> str:
        return f"<SiteInfo {self.general.sitename!r} {self.id}>"


__all__ = ["BLOCKS", "NEEDED", "USUAL_FUNCTIONS", "USUAL_TAGS", "USUAL_VARIABLES", "SiteInfo"]
