"""Behaviour switches: magic words between double underscores, in the wiki's language (``__NOTOC__``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.errors import BadParameter
from apibot.core.site import SiteInfo
from apibot.core.siteinfo import MagicWord
from apibot.data.wikitext.lines import insert_after
from apibot.data.wikitext.node import strings
from apibot.data.wikitext.redirect import redirect_of

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

FORM = re.compile(r"__\w+?__|＿＿\w+?＿＿")  # noqa: RUF001  # full-width underscores, as in Japanese
USUAL = ("notoc", "forcetoc", "toc", "noeditsection", "newsectionlink", "nonewsectionlink", "nogallery", "hiddencat")
"""Those of wikis that do not tell their magic words."""


class Switch(NamedTuple):
    """A behaviour switch."""

    name: str
    """In the program: ``notoc``."""
    aliases: tuple[str, ...]
    """All ways to write it, the wiki's own first."""
    pattern: re.Pattern[str]


def switches_by_name(site: SiteInfo) -> dict[str, Switch]:
    """Return the switches that a wiki has; USUAL where it does not tell its magic words."""
    words = site.magic_words.values() or [
        MagicWord(name, (f"__{name.upper()}__",), case_sensitive=False, raw={}) for name in USUAL
    ]
    found = ((word, tuple(alias for alias in word.aliases if FORM.fullmatch(alias))) for word in words)
    return {word.name: Switch(word.name, aliases, _pattern(word, aliases)) for word, aliases in found if aliases}


def _pattern(word: MagicWord, aliases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, aliases)), 0 if word.case_sensitive else re.IGNORECASE)


def switches_of(document: Wikitext) -> list[str]:
    """Return the switches in a text, by their names in the program."""
    texts = [text for _home, _at, text in strings(document.pieces) if FORM.search(text)]
    known = document.site.kept(switches_by_name).values()
    return [one.name for one in known if any(one.pattern.search(text) for text in texts)]


def add(document: Wikitext, name: str) -> bool:
    """Add a switch; see `Wikitext.add_switch`."""
    word = _known(document.site, name).aliases[0]
    if name in switches_of(document):
        return False
    page = document.pieces
    if (found := redirect_of(document)) and found.node in page:  # the page must begin with it
        insert_after(page, found.node, [word])
    else:
        page[:0] = [f"{word}\n" if page else word]
    return True


def remove(document: Wikitext, name: str) -> bool:
    """Take a switch out; see `Wikitext.remove_switch`."""
    pattern = _known(document.site, name).pattern
    alone = re.compile(rf"^[ \t]*(?:{pattern.pattern})[ \t]*(?:\n|\Z)", pattern.flags | re.MULTILINE)
    changed = False
    for home, at, text in list(strings(document.pieces)):
        new = pattern.sub("", alone.sub("", text))
        if new != text:
            home[at] = new
            changed = True
    return changed


def _known(site: SiteInfo, name: str) -> Switch:
    known = site.kept(switches_by_name)
    if name not in known:
        msg = f"The wiki has no behaviour switch {name!r}; it has: {', '.join(sorted(known))}."
        raise BadParameter(msg)
    return known[name]


__all__ = ["FORM", "USUAL", "Switch", "add", "remove", "switches_by_name", "switches_of"]
