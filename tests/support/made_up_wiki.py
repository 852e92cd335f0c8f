"""A German wiki that is made up: what it would say of itself."""

from __future__ import annotations

from typing import Any

from apibot.core.site import SiteInfo

NAMES = {
    -2: ("Medium", "Media"), -1: ("Spezial", "Special"), 0: ("", ""), 1: ("Diskussion", "Talk"),
    2: ("Benutzer", "User"), 3: ("Benutzer Diskussion", "User talk"), 4: ("Wiki", "Project"),
    5: ("Wiki Diskussion", "Project talk"),
    6: ("Datei", "File"), 7: ("Datei Diskussion", "File talk"), 10: ("Vorlage", "Template"),
    14: ("Kategorie", "Category"), 100: ("Flach", "Flat"),
}  # fmt: skip
GENERAL = {
    "sitename": "W", "wikiid": "w", "lang": "de", "case": "first-letter", "mainpage": "Wiki:Hauptseite",
    "base": "https://w.example/wiki/Wiki:Hauptseite", "server": "//w.example", "articlepath": "/wiki/$1",
    "script": "/w/index.php", "phpversion": "8.2.1",
}  # fmt: skip
BLOCKS: dict[str, Any] = {
    "general": GENERAL,
    "namespaces": {
        str(id): {
            "id": id,
            "name": name,
            "canonical": canonical,
            "case": "first-letter",
            "subpages": id in {1, 2, 3, 10},
        }
        for id, (name, canonical) in NAMES.items()
    },
    "namespacealiases": [{"id": 6, "alias": "Bild"}, {"id": 2, "alias": "Benutzerin"}, {"id": 100, "alias": "ΛΌΓΟΣ"}],
    "interwikimap": [
        {"prefix": "acme", "url": "https://acme.example/wiki/$1"},
        {"prefix": "own", "url": "https://w.example/wiki/$1", "local": True, "localinterwiki": True},
        {"prefix": "fr", "url": "https://fr.example/w/index.php?title=$1", "language": "français", "local": True},
        {"prefix": "RFC", "url": "https://rfc.example/$1"},
        {"prefix": "bare", "url": "https://bare.example/"},
    ],
    "specialpagealiases": [
        {"realname": "Whatlinkshere", "aliases": ["Linkliste", "Links_hierher"]},
        {"realname": "Version", "aliases": ["Version"]},
    ],
}


def site_of(**general: object) -> SiteInfo:
    return SiteInfo.from_api({**BLOCKS, "general": {**GENERAL, **general}})


SITE = site_of()
OTHER = site_of(wikiid="other")
