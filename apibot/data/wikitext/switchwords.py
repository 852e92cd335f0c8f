"""Words that mean something wherever they stand: behaviour switches (``__NOTOC__``), signatures (``~~~~``)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from apibot.core.errors import BadText
from apibot.core.site import SiteInfo
from apibot.core.siteinfo import MagicWord
from apibot.data.wikitext.node import Pieces, strings, written

FORM = re.compile(r"__\S+?__|＿＿\S+?＿＿")  # noqa: RUF001  # full-width underscores, as in Japanese
"""How they look.  Not all is letters: Indic scripts have vowel signs, Persian words an invisible sign in them."""
USUAL = (
    *("notoc", "forcetoc", "toc", "noeditsection", "newsectionlink", "nonewsectionlink", "nogallery", "hiddencat"),
    *("expectunusedcategory", "index", "noindex", "staticredirect", "notitleconvert", "nocontentconvert"),
)
"""Those of wikis that do not tell their magic words."""


class Switches:
    """The behaviour switches of a wiki; USUAL where it does not tell its magic words.

    Parameters: ``site``.
    """

    def __init__(self, site: SiteInfo) -> None:
        words = [*site.magic_words.values()] or [
            MagicWord(name, (f"__{name.upper()}__",), case_sensitive=False, raw={}) for name in USUAL
        ]
        self.aliases = {
            word.name: aliases for word in words if (aliases := tuple(filter(FORM.fullmatch, word.aliases)))
        }
        """All ways to write each, the wiki's own first, by their names in the program: ``notoc``."""
        exact = {word.name for word in words if word.case_sensitive}
        ways = (
            f"((?{'' if name in exact else 'i'}:{'|'.join(map(re.escape, aliases))}))"
            for name, aliases in self.aliases.items()
        )
        self._names = list(self.aliases)
        self._pattern = re.compile("|".join(ways) or "(?!)")

    def places(self, text: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Give the switches in a text, each with its name; as on the wiki none shares a sign with another."""
        if FORM.search(text):
            for found in self._pattern.finditer(text):
                yield self._names[(found.lastindex or 1) - 1], found


_SIGNATURE = re.compile("~{3,5}")


def refuse_new_words(old: Pieces, new: Pieces, site: SiteInfo) -> None:
    """Refuse what puts texts beside each other that are such a word together.

    Parameters: ``old`` pieces, and ``new`` ones in their place; ``site``.  Raises BadText.
    """
    text = written(new)
    if "__" in text or "\uff3f" in text or "~~~" in text:
        found = _words(new, site) - _words(old, site)
        if found:
            word = next(iter(found))
            raise BadText(text, f"what stood apart would be something else together: {word}", max(text.find(word), 0))


def _words(pieces: Pieces, site: SiteInfo) -> Counter[str]:
    """Count the words in the single texts of pieces."""
    known = site.kept(Switches)
    texts = [text for _home, _at, text in strings(pieces)]
    switches = (found[0] for text in texts for _name, found in known.places(text))
    return Counter([*switches, *(found[0] for text in texts for found in _SIGNATURE.finditer(text))])


__all__ = ["FORM", "USUAL", "Switches", "refuse_new_words"]
