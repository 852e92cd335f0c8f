"""First letters of titles: what a wiki makes of them where titles begin with a capital."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from apibot.core.site import SiteInfo
from apibot.core.target import WIKIMEDIA

DOTTED = frozenset({"az", "gag", "kaa", "kiu", "kk-latn", "kk-tr", "lez", "lzz", "tr"})
"""Languages whose capital of i is İ; MediaWiki has a rule for some, the others borrow theirs from these."""
ARABIC = frozenset({"aeb-arab", "ar", "arq", "ary", "arz"})
"""Languages in which MediaWiki stores Arabic presentation forms as letters."""
MALAYALAM = frozenset({"ml"})
"""Languages in which MediaWiki stores chillu letters as one character each."""

_KEPT = (
    (0xDF, 0xDF), (0x149, 0x149), (0x1C5, 0x1C5), (0x1C8, 0x1C8), (0x1CB, 0x1CB), (0x1F0, 0x1F0), (0x1F2, 0x1F2),
    (0x345, 0x345), (0x390, 0x390), (0x3B0, 0x3B0), (0x587, 0x587), (0x10D0, 0x10FA), (0x10FD, 0x10FF),
    (0x1E96, 0x1E9A), (0x1F50, 0x1F50), (0x1F52, 0x1F52), (0x1F54, 0x1F54), (0x1F56, 0x1F56), (0x1F88, 0x1F8F),
    (0x1F98, 0x1F9F), (0x1FA8, 0x1FAF), (0x1FB2, 0x1FB2), (0x1FB4, 0x1FB4), (0x1FB6, 0x1FB7), (0x1FBC, 0x1FBC),
    (0x1FC2, 0x1FC2), (0x1FC4, 0x1FC4), (0x1FC6, 0x1FC7), (0x1FCC, 0x1FCC), (0x1FD2, 0x1FD3), (0x1FD6, 0x1FD7),
    (0x1FE2, 0x1FE4), (0x1FE6, 0x1FE7), (0x1FF2, 0x1FF2), (0x1FF4, 0x1FF4), (0x1FF6, 0x1FF7), (0x1FFC, 0x1FFC),
    (0x2170, 0x217F), (0x24D0, 0x24E9), (0xA7B9, 0xA7B9), (0xFB00, 0xFB06), (0xFB13, 0xFB17), (0x16E60, 0x16E7F),
)  # fmt: skip
_TITLED = ((0x1F80, 0x1F87, 8), (0x1F90, 0x1F97, 8), (0x1FA0, 0x1FA7, 8), (0x1FB3, 0x1FB3, 9), (0x1FC3, 0x1FC3, 9),
           (0x1FF3, 0x1FF3, 9))  # fmt: skip
WIKIMEDIA_CAPITALS: Mapping[str, str] = {
    **{chr(code): chr(code) for first, last in _KEPT for code in range(first, last + 1)},
    **{chr(code): chr(code + up) for first, last, up in _TITLED for code in range(first, last + 1)},
}
"""First letters that Wikimedia's wikis treat otherwise than PHP: they keep what old PHP made of them.

That is ``$wgOverrideUcfirstCharacters`` there (wmf-config/UcfirstOverrides.php of operations/mediawiki-config), which
siteinfo does not tell.
"""

_FORMS = ((0xFB50, 0xFBB1), (0xFBD3, 0xFD3D), (0xFD50, 0xFD8F), (0xFD92, 0xFDC7), (0xFDF0, 0xFDFC), (0xFE70, 0xFE72),
          (0xFE74, 0xFE74), (0xFE76, 0xFEFC))  # fmt: skip
_CHILLUS = {
    f"{letter}\u0d4d\u200d": chr(chillu)
    for chillu, letter in enumerate("\u0d23\u0d28\u0d30\u0d32\u0d33\u0d15", start=0x0D7A)
}


def capitals(site: SiteInfo) -> dict[str, str]:
    """Return the first letters that a wiki makes other capitals of than Unicode does (and PHP)."""
    found = dict(WIKIMEDIA_CAPITALS) if _is_wikimedia(site) else {}
    return found | {"i": "\u0130"} if _speaks(site, DOTTED) else found


def spellings(site: SiteInfo) -> tuple[dict[int, str], dict[str, str]]:
    """Return what a wiki's language writes otherwise in all that is sent to it: characters, and longer sequences."""
    both = bool(site.general.raw.get("allunicodefixes"))
    arabic = both or _speaks(site, ARABIC)
    malayalam = both or _speaks(site, MALAYALAM)
    return (dict(_arabic()) if arabic else {}), (dict(_CHILLUS) if malayalam else {})


def _speaks(site: SiteInfo, codes: frozenset[str]) -> bool:
    return site.general.lang in codes


def _is_wikimedia(site: SiteInfo) -> bool:
    host = urlsplit(site.general.server).hostname or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in WIKIMEDIA)


def _arabic() -> dict[int, str]:
    """Return Arabic presentation forms, each with the letters it stands for."""
    found = {
        code: unicodedata.normalize("NFKC", chr(code)) for first, last in _FORMS for code in range(first, last + 1)
    }
    return found | {0xFBDD: "\u0677"}


__all__ = ["ARABIC", "DOTTED", "MALAYALAM", "WIKIMEDIA_CAPITALS", "capitals", "spellings"]
