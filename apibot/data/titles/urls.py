"""Addresses of titles, and titles of addresses, as MediaWiki writes and reads them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

from apibot.core.errors import InvalidTitle
from apibot.core.site import SiteInfo

_UNENCODED = ";@$!*(),/~:"
"""Characters of a title that MediaWiki leaves as they are, beside letters, digits, ``-``, ``.`` and ``_``."""
_FRAGMENT_BLANKS = re.compile("[\t\n\f\r ]")
_ESCAPE = re.compile("%(?=[0-9A-Fa-f]{2})")
_LONGEST_FRAGMENT = 1024
"""Characters of a fragment that get into an address."""


def encoded(title: str) -> str:
    """Return a title as a part of an address (MediaWiki's wfUrlencode)."""
    return quote(title.replace(" ", "_"), safe=_UNENCODED)


def fragment_of(fragment: str, *, foreign: bool) -> str:
    """Return a fragment as the end of an address, with its ``#``; "" for none.

    Parameters: ``foreign``, whether it is for another wiki, whose fragments are written the old way, in ASCII
    (``$wgFragmentMode`` and ``$wgExternalInterwikiFragmentMode`` as they are by default).
    """
    if not fragment:
        return ""
    short = fragment[:_LONGEST_FRAGMENT]
    if foreign:
        return "#" + quote(short.replace(" ", "_"), safe="").replace("~", "%7E").replace("%3A", ":").replace("%", ".")
    return "#" + _ESCAPE.sub("%25", _FRAGMENT_BLANKS.sub("_", short))


def page_url(site: SiteInfo, full: str) -> str:
    """Return the address of a page of the wiki itself."""
    general = site.general
    if general.raw.get("mainpageisdomainroot") and full == general.mainpage:
        return f"{server(site)}/"
    return server(site) + general.articlepath.replace("$1", encoded(full))


def server(site: SiteInfo) -> str:
    """Return the wiki's address without path; a wiki with several schemes has that of its main page's address."""
    found = site.general.server
    return f"{urlsplit(site.general.base).scheme or 'https'}:{found}" if found.startswith("//") else found


def read_url(url: str, site: SiteInfo) -> tuple[str, str]:
    """Return the title in an address, with the interwiki prefix if it leads to another wiki, and its fragment.

    Raises InvalidTitle for an address of another place, or of none of a page.
    """
    address, _hash, fragment = url.partition("#")
    try:
        title = _own(address, site)
    except ValueError:  # brackets around what is no IPv6
        title = None
    if title is None:
        title = _foreign(address, site)
    if title is None:
        raise InvalidTitle(url, f"it is no address of a page of {server(site)}, nor of a wiki with a prefix there")
    return title, unquote(fragment).replace("_", " ")


def _own(address: str, site: SiteInfo) -> str | None:
    """Return the title in an address of the wiki itself, None if it leads elsewhere."""
    general = site.general
    path = _without(address, server(site))
    if path is None:
        return None
    plain, _question, query = path.partition("?")
    asked = parse_qs(query).get("title")
    if asked and plain in {general.script, general.articlepath.partition("?")[0], "/"}:
        return asked[-1]
    if general.raw.get("mainpageisdomainroot") and plain in {"", "/"}:
        return general.mainpage
    for pattern in (general.articlepath, f"{general.script}/$1"):
        found = _between(plain, pattern)
        if found:
            return unquote(found, errors="replace")
    return None


def _without(address: str, home: str) -> str | None:
    """Return an address without that of the wiki, with which it begins; the scheme makes no difference."""
    ours, given = urlsplit(home), urlsplit(address)
    if given.netloc.lower() != ours.netloc.lower():
        return address if not given.scheme and not given.netloc and address.startswith("/") else None
    return address[address.index(given.netloc) + len(given.netloc) :]


def _between(text: str, pattern: str) -> str | None:
    before, mark, after = pattern.partition("$1")
    if not mark or "?" in pattern or not text.startswith(before) or not text.endswith(after):
        return None
    return text[len(before) : len(text) - len(after)]


def _foreign(address: str, site: SiteInfo) -> str | None:
    """Return the title in an address of another wiki by the longest pattern that fits."""
    best, title = -1, None
    for prefix, row in site.interwikis.items():
        before, mark, after = row.url.partition("$1")
        known = prefix == site.lower(prefix)  # others are never found as prefixes
        if known and mark and len(row.url) > best and address.startswith(before) and address.endswith(after):
            name = unquote(address[len(before) : len(address) - len(after)], errors="replace")
            best, title = len(row.url), f"{prefix}:{name}"
    return title


__all__ = ["encoded", "fragment_of", "page_url", "read_url", "server"]
