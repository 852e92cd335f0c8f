"""Behaviour switches: magic words between double underscores, in the wiki's language (``__NOTOC__``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apibot.core.errors import BadParameter
from apibot.core.site import SiteInfo
from apibot.data.wikitext.node import strings

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

FORM = re.compile(r"__\w+?__|＿＿\w+?＿＿")  # noqa: RUF001  # full-width underscores, as in Japanese
USUAL = ("notoc", "forcetoc", "toc", "noeditsection", "newsectionlink", "nonewsectionlink", "nogallery", "hiddencat")
"""Those of wikis that do not tell their magic words."""


def words_of(site: SiteInfo) -> dict[str, tuple[str, ...]]:
    """Return the ways to write each switch, by its name in the program."""
    found = {
        name: tuple(alias for alias in word.aliases if FORM.fullmatch(alias)) for name, word in site.magic_words.items()
    }
    return {name: aliases for name, aliases in found.items() if aliases} or {
        name: (f"__{name.upper()}__",) for name in USUAL
    }


def _pattern(site: SiteInfo, aliases: tuple[str, ...], name: str) -> re.Pattern[str]:
    word = site.magic_words.get(name)
    return re.compile("|".join(map(re.escape, aliases)), 0 if word and word.case_sensitive else re.IGNORECASE)


def switches_of(document: Wikitext) -> list[str]:
    """Return the switches in a text, by their names in the program."""
    found: dict[str, int] = {}
    texts = [text for _home, _at, text in strings(document.pieces) if "_" in text or "＿" in text]  # noqa: RUF001
    for name, aliases in words_of(document.site).items():
        pattern = _pattern(document.site, aliases, name)
        if any(pattern.search(text) for text in texts):
            found[name] = 1
    return list(found)


def add(document: Wikitext, name: str) -> bool:
    """Add a switch; see `Wikitext.add_switch`."""
    word = _known(document.site, name)[0]
    if name in switches_of(document):
        return False
    document.pieces[:0] = [f"{word}\n" if document.pieces else word]
    return True


def remove(document: Wikitext, name: str) -> bool:
    """Take a switch out; see `Wikitext.remove_switch`."""
    pattern = _pattern(document.site, _known(document.site, name), name)
    alone = re.compile(rf"^[ \t]*(?:{pattern.pattern})[ \t]*(?:\n|\Z)", pattern.flags | re.MULTILINE)
    changed = False
    for home, at, text in list(strings(document.pieces)):
        new = pattern.sub("", alone.sub("", text))
        if new != text:
            home[at] = new
            changed = True
    return changed


def _known(site: SiteInfo, name: str) -> tuple[str, ...]:
    words = words_of(site)
    if name not in words:
        msg = f"The wiki has no behaviour switch {name!r}; it has: {', '.join(sorted(words))}."
        raise BadParameter(msg)
    return words[name]


__all__ = ["FORM", "USUAL", "add", "remove", "switches_of", "words_of"]
