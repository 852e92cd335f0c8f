"""Wikitexts of a German wiki that is made up, and what is found in them."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from apibot.core.site import SiteInfo
from apibot.data.wikitext import Wikitext

SPACES = {
    -2: "Medium", -1: "Spezial", 0: "", 1: "Diskussion", 2: "Benutzer", 3: "Benutzer Diskussion", 4: "Projekt",
    6: "Datei", 7: "Datei Diskussion", 10: "Vorlage", 11: "Vorlage Diskussion", 14: "Kategorie",
}  # fmt: skip
ENGLISH = {6: "File", 10: "Template", 14: "Category"}
WORDS = {
    "notoc": ("__KEIN_INHALTSVERZEICHNIS__", "__NOTOC__"),
    "toc": ("__INHALTSVERZEICHNIS__", "__TOC__", "＿＿目次＿＿"),
    "redirect": ("#WEITERLEITUNG", "#REDIRECT"),
    "img_thumbnail": ("mini", "thumb"),
    "img_width": ("$1px",),
    "img_framed": ("gerahmt", "framed", "frame"),
    "img_frameless": ("rahmenlos", "frameless"),
    "img_manualthumb": ("mini=$1", "thumb=$1"),
    "img_right": ("rechts", "right"),
    "img_none": ("ohne", "none"),
    "img_link": ("verweis=$1", "link=$1"),
    "img_page": ("seite=$1", "seite_$1", "page=$1"),
    "img_lang": ("sprache=$1", "lang=$1"),
    "img_border": ("rand", "border"),
    "img_text_top": ("text-oben", "text-top"),
    "img_alt": ("alternativtext=$1", "alt=$1"),
    "img_upright": ("hochkant", "hochkant=$1", "upright", "upright=$1"),
    "img_left": ("links", "left"),
    "defaultsort": ("SORTIERUNG:", "DEFAULTSORT:"),
    "pagename": ("SEITENNAME", "PAGENAME"),
}
SITE = SiteInfo.from_api(
    {
        "general": {"sitename": "W", "wikiid": "w", "lang": "de", "case": "first-letter"},
        "namespaces": {
            str(id): {
                "id": id,
                "name": name,
                "canonical": ENGLISH.get(id, name),
                "case": "first-letter",
                "subpages": id != 0,
            }
            for id, name in SPACES.items()
        },
        "namespacealiases": [{"id": 6, "alias": "Bild"}],
        "interwikimap": [
            {"prefix": "fr", "url": "https://fr.example/$1", "language": "français"},
            {"prefix": "it", "url": "https://it.example/$1", "language": "italiano"},
            {"prefix": "acme", "url": "https://acme.example/$1"},
        ],
        "magicwords": [{"name": name, "aliases": list(aliases)} for name, aliases in WORDS.items()],
        "functionhooks": ["defaultsort"],
        "variables": ["pagename"],
    }
)
Edit = Callable[[Wikitext], object]


def read(text: str, title: str | None = None) -> Wikitext:
    return Wikitext(text, SITE, title)


def shape(w: Wikitext) -> list[list[str]]:
    """What is found in a text."""
    found = (w.links, w.categories, w.language_links, w.files, w.templates, w.functions, w.tags, w.comments)
    return [list(map(str, views)) for views in found] + [w.switches]


PIECES = """
    [[a]] [[b|c]] [[Kategorie:A]] [[Kategorie:B|k]] [[fr:T]] [[Datei:A.png|mini|x]] {{t}} {{t|a|b=c}} {{u|{{t|x=1}}}}
    <ref>r</ref> <ref>[[a]] {{t|y}}</ref> <!--c--> <nowiki>[[a]]</nowiki> __TOC__ text = { } [ ] | {{ }} [[ ]] < > '' *
    <noinclude> </noinclude> <includeonly>[[Kategorie:A]]</includeonly> ==
""".split()
texts = st.lists(st.sampled_from([*PIECES, "\n", "\n", " ", "\n== h ==\n"]), max_size=14).map("".join)
