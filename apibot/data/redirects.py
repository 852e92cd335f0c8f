"""The wikitext of redirect pages: where one leads, and how to turn it elsewhere.

Read as MediaWiki reads it (WikitextContent::getRedirectTargetAndText, 1.39): after white space a magic word, a colon
perhaps, and a link.  The magic word has many names (``#REDIRECT``, ``#WEITERLEITUNG``, ``#OHJAUS``), each a number
sign, in Japanese also a full-width one, and a word.  A numbered list that begins a page with ``#See [[Page]]`` looks
the same, so that only the wiki can say whether a page is a redirect (`apibot.data.Page.redirect`).
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote, unquote

from apibot.core.errors import BadParameter

_REDIRECT = re.compile(r"[\s\0]*[#\uFF03][^\s:|\[\]]+\s*(?::\s*)?\[\[([^\[\]{}|<>\n]+)(?:\|.*?)?\]\]")
_LEADING = re.compile(r"[\s_]*:?[\s_]*")
_SPACES = re.compile(r"[\s_]+")
_CHARACTER_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z0-9]+);")
_NOT_IN_TITLES = re.compile(r"[\[\]{}|<>\n]")
_ENCODED_IN_FRAGMENTS = re.compile(r"[%\[\]{}|<>\n]")


def redirect_target(text: str) -> str | None:
    """Return where the wikitext of a redirect page leads.

    Parameters: ``text``, wikitext.
    Returns the target with its fragment (``Title#Section``): white space and underscores single spaces, a leading
    colon gone, percent signs and character references decoded as in links; otherwise as it is written, so neither
    namespace nor first letter are brought into the wiki's form.  None if the text does not begin as a redirect does.
    """
    found = _REDIRECT.match(text)
    return (found and _cleaned(found[1])) or None


def with_redirect_target(text: str, target: str) -> str:
    """Return the wikitext of a redirect page with another target; all else stays as it is, byte for byte.

    A target without a fragment keeps the fragment that the redirect has.  This is the rule of MediaWiki's own fixer
    of double redirects (DoubleRedirectJob, T16904), which knows of no other fragment; one that the new target brings
    is taken, since whoever gives it has chosen it.

    Parameters: ``text``, wikitext; ``target``, a title, with a fragment or without; what a link can not hold is
    percent-encoded in the fragment.
    Raises BadParameter if the text is no redirect's, or the target can not be that of a link.
    """
    found = _REDIRECT.match(text)
    old = found and _cleaned(found[1])
    if not found or not old:
        msg = f"This is not the text of a redirect page, so it can not lead to {target!r}: {text[:40]!r}"
        raise BadParameter(msg)
    title, sign, fragment = target.partition("#")
    if not title.strip() or _NOT_IN_TITLES.search(title):
        msg = f"{target!r} can not be the target of a redirect. Give a title."
        raise BadParameter(msg)
    if not sign:
        sign, fragment = old.partition("#")[1:]
    encoded = _ENCODED_IN_FRAGMENTS.sub(lambda found: quote(found[0]), fragment)
    leading = _LEADING.match(found[1])
    start = found.start(1) + (leading.end() if leading else 0)
    end = found.start(1) + len(found[1].rstrip(" \t_"))
    return f"{text[:start]}{title}{sign}{encoded}{text[end:]}"


def _cleaned(written: str) -> str:
    """Return a link's target as the title and fragment that it stands for, "" if that can be no title."""
    if "%" in written:
        written = unquote(written)
    written = _CHARACTER_REFERENCE.sub(lambda found: html.unescape(found[0]), written)
    title, sign, fragment = written.partition("#")
    title = _SPACES.sub(" ", _LEADING.sub("", title, count=1)).strip()
    if _NOT_IN_TITLES.search(title):
        return ""
    return f"{title}{sign}{_SPACES.sub(' ', fragment).rstrip()}".removesuffix("#")


__all__ = ["redirect_target", "with_redirect_target"]
