"""Redirects: the magic word at the beginning of a page, in the wiki's language, and the link after it.

Rule: MediaWiki's WikitextContent::getRedirectTargetAndText and Title::isValidRedirectTarget (1.39).  The wiki takes the
link out before it reads the page, so that the link ends at the first ``]]`` whatever is in its text, leads to a
category without putting the page in it, and is never relative to the page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from apibot.core.errors import BadText, InvalidTitle
from apibot.core.site import SiteInfo
from apibot.core.siteinfo import MagicWord
from apibot.data.titles.title import Title
from apibot.data.wikitext.node import Node, Pieces, flat, merged, written
from apibot.data.wikitext.scan import scan
from apibot.data.wikitext.view import embedded

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

WORD = MagicWord("redirect", ("#REDIRECT",), case_sensitive=False, raw={})
"""In English; all wikis take it."""
NAME = "redirect"
"""Name of the node of a redirect's link."""
NO_TARGETS = frozenset({"Filepath", "Mypage", "Mytalk", "Redirect", "Userlogout"})
"""Special pages to which nothing can redirect ($wgInvalidRedirectTargets as it is by default, and one more)."""
_BLANK = r"[\t\n\v\f\r ]"
_I = re.compile("[iI\u0130\u0131]")
_MARGINS = re.compile(r"([\s_]*:?[\s_]*)(?:.*[^\s_])?([\s_]*)")


class Redirect(NamedTuple):
    """What makes a page a redirect."""

    node: Node
    """The link."""
    title: Title


def read(text: str, site: SiteInfo) -> Pieces:
    """Read the text of a page: what follows the link of a redirect is read on its own."""
    found = site.kept(_pattern).match(text)
    if not found or _title(found["target"], site) is None:
        return scan(text, site.tags)
    parts = [merged([part]) for part in f"{found['target']}{found['text']}".split("|")]
    node = Node("link", "[[", parts, sep="|", end="]]", name=NAME)
    return merged([found["word"], node, found["after"], *scan(text[found.end() :], site.tags)])


def redirect_of(document: Wikitext) -> Redirect | None:
    """Return what makes a page a redirect; its node has NAME from here on."""
    before = ""
    for piece in flat(document.pieces):
        if isinstance(piece, str):
            before += piece
            continue
        found = document.site.kept(_pattern).fullmatch(before + written([piece])) if piece.kind == "link" else None
        title = found and _title(found["target"], document.site)
        if not title:
            break
        piece.name = NAME
        return Redirect(piece, title)
    return None


def _pattern(site: SiteInfo) -> re.Pattern[str]:
    """Return what a redirect looks like on a wiki, up to what follows its link."""
    word = site.magic_words.get(WORD.name, WORD)
    words = "|".join(map(re.escape, sorted(word.aliases or WORD.aliases, key=len, reverse=True)))
    if not word.case_sensitive:
        words = f"(?i:{_I.sub(_only, words)})"
    begin = rf"(?P<word>[ \t\n\r\0\x0b]*+(?:{words}){_BLANK}*+(?::{_BLANK}*+)?)"
    link = r"\[\[(?P<target>[^\[\]{}|<>\n]+)(?P<text>(?:\|[^\n]*?)?)\]\]"
    return re.compile(f"{begin}{link}(?P<after>{_BLANK}*)")


def _only(letter: re.Match[str]) -> str:
    """Keep the letters i apart, which are all one to Python where capitals make no difference."""
    return "(?-i:[iI])" if letter[0] in "iI" else f"(?-i:{letter[0]})"


def _title(target: str, site: SiteInfo) -> Title | None:
    """Return where a redirect leads, by its link's target as it is written; None if nothing can lead there."""
    try:
        title = Title.parse(unquote(target.lstrip(":")) if "%" in target else target, site)
    except InvalidTitle:
        return None
    special = title.special
    return title if title.name and not (special and special.name in NO_TARGETS) else None


def redirect_to(document: Wikitext, to: Title | str) -> None:
    """Let a page redirect; see `Wikitext.redirect_to`."""
    target = to.strip() if isinstance(to, str) else to.as_link()[2:-2]
    node = embedded(target, "link", "[[", "]]", document.site.tags, parts=1)
    if _title(target, document.site) is None:
        raise BadText(target, "nothing can redirect there")
    found = redirect_of(document)
    if found:
        name = target.removeprefix(":")
        new = _MARGINS.sub(lambda old: f"{old[1]}{name}{old[2]}", written(found.node.parts[0]), count=1)
        found.node.parts[0] = [new]
        return
    node.name = NAME
    word = (document.site.word(WORD.name) or WORD.aliases)[0]
    document.pieces[:0] = [f"{word} ", node, *(["\n"] if document.pieces else [])]


__all__ = ["NAME", "NO_TARGETS", "WORD", "Redirect", "read", "redirect_of", "redirect_to"]
