"""SiteInfo: what titles and wikitext mean on a wiki, from its siteinfo alone, so that it works offline."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Any, Literal, Self, TypeVar

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
_FINAL_SIGMA = (8, 3)  # the PHP that began to know it
_CAPITALS = re.compile("[A-Z]+")

T = TypeVar("T")


class SiteInfo:
    """What titles and wikitext mean on a wiki: its namespaces, prefixes, special pages, magic words, tags.

    Each is made of the wiki's rows when it is first looked at.

    Parameters: ``blocks``, of siteinfo (formatversion=2), by name.
    """

    def __init__(self, blocks: Mapping[str, Json]) -> None:
        self._blocks = blocks
        self._kept: dict[Hashable, Any] = {}  # by what made it

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
    def namespace_ids(self) -> dict[str, int]:
        """Numbers of the namespaces by all they are called, in small letters: name, aliases, canonical name."""
        spaces = self.namespaces.values()
        found = {self.lower(one.name): one.id for one in spaces}
        found |= {self.lower(alias): one.id for one in spaces for alias in one.aliases}
        # MediaWiki lets canonical names win, and makes them small in ASCII only.
        return found | {small(one.canonical): one.id for one in spaces if one.canonical}

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

    def namespace_id(self, name: str) -> int | None:
        """Return the number of a namespace by its name, canonical name or alias in any case, None for no namespace.

        Underscores and blanks are the same; "" is the main namespace.
        """
        return self.namespace_ids.get(self.lower(" ".join(name.replace("_", " ").split())))

    def lower(self, text: str) -> str:
        """Return a text in small letters as the wiki makes them, to compare names of namespaces and prefixes.

        PHP before 8.3 knows no special small sigma for the end of a word.
        """
        return (text if self._final_sigma else text.replace("\u03a3", "\u03c3")).lower()

    @cached_property
    def _final_sigma(self) -> bool:
        return siteinfo.version(self.general.php) >= _FINAL_SIGMA

    def kept(self, make: Callable[[Self], T]) -> T:
        """Return what a function or class makes of this wiki's info; it is made once and kept as long as this is."""
        if make not in self._kept:
            self._kept[make] = make(self)
        found: T = self._kept[make]
        return found

    def word(self, name: str) -> tuple[str, ...]:
        """Return the ways to write a magic word, () if the wiki has none of that name in the program."""
        found = self.magic_words.get(name)
        return found.aliases if found else ()

    def names(self, block: Literal["functionhooks", "variables"]) -> tuple[str, ...]:
        """Return the names in the program of the parser functions, or the variables; () if it does not tell."""
        return texts(self._blocks.get(block))

    def setting(self, name: str) -> str:
        """Return a text of the general block as the wiki has it, "" if it has none: ``linktrail``."""
        return text(self.general.raw.get(name)) or ""

    def __reduce__(self) -> tuple[type[Self], tuple[Mapping[str, Json]]]:
        return type(self), (self._blocks,)

    def __repr__(self) -> str:
        return f"<SiteInfo {self.general.sitename!r} {self.id}>"


def small(text: str) -> str:
    """Return a text with the capitals of ASCII made small, as PHP 8 does."""
    return _CAPITALS.sub(lambda found: found[0].lower(), text)


__all__ = ["BLOCKS", "NEEDED", "USUAL_TAGS", "SiteInfo", "small"]
