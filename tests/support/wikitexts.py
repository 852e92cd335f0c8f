"""Texts to try edits on, and what must hold after each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from apibot.core.errors import BadText
from apibot.core.site import SiteInfo
from apibot.data.wikitext import Wikitext
from apibot.data.wikitext.node import written
from apibot.data.wikitext.view import View
from tests.support.made_up_wiki import BLOCKS

WORDS: dict[str, tuple[str, ...]] = {
    "notoc": ("__KEIN_INHALTSVERZEICHNIS__", "__NOTOC__", "＿＿目次非表示＿＿", "__विषयसूचीहीन__", "__بی‌فهرست__"),
    "toc": ("__INHALTSVERZEICHNIS__", "__TOC__", "＿＿目次＿＿"),
    "noeditsection": ("__ABSCHNITTE_NICHT_BEARBEITEN__", "__NOEDITSECTION__"),
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
        **BLOCKS,
        "interwikimap": [
            *BLOCKS["interwikimap"],
            {"prefix": "it", "url": "https://it.example/$1", "language": "italiano"},
        ],
        "magicwords": [{"name": name, "aliases": list(aliases)} for name, aliases in WORDS.items()],
        "functionhooks": ["defaultsort"],
        "variables": ["pagename"],
    }
)
Edit = Callable[[Wikitext], object]
PIECES = """
    [[a]] [[b|c]] [[Kategorie:A]] [[Category:a|k]] [[Kategorie:B]] [[fr:T]] [[it:U]] [[Datei:A.png|mini|x]] {{t}}
    {{t|a|b=c}} {{u|{{t|x=1}}}} {{t|[[Kategorie:A]]|[[fr:T]]}} {{SORTIERUNG:x}} <ref>r</ref>
    <ref>[[Kategorie:A]]</ref> <ref name=n/> __TOC__ <!--c--> <!--X--> <!--/X-->
    <nowiki>[[Kategorie:A]]__TOC__</nowiki> <noinclude> </noinclude> <includeonly/>
    <includeonly>[[Kategorie:A]]__TOC__</includeonly> text __ TOC NO { } [ ] | {{ }} [[ ]] < > * : = == <!-- <ref>
    </ref> <ref>[[a]] {{t|y}}</ref> ''
""".split()
texts = st.lists(st.sampled_from([*PIECES, "\n", "\n", "\n\n", " ", "\n== h ==\n"]), max_size=14).map("".join)
titles = st.sampled_from([None, "Seite", "Vorlage:V", "Diskussion:Seite"])


def read(text: str, title: str | None = None) -> Wikitext:
    return Wikitext(text, SITE, title)


def seen(w: Wikitext) -> dict[str, list[str]]:
    """What is found in a text."""
    views: dict[str, Sequence[View]] = {
        "links": w.links,
        "categories": w.categories,
        "languages": w.language_links,
        "files": w.files,
        "templates": w.templates,
        "functions": w.functions,
        "tags": w.tags,
        "comments": w.comments,
    }
    return {name: list(map(str, found)) for name, found in views.items()} | {"switches": w.switches}


def changed(text: str, edit: Edit, title: str | None = None) -> str | None:
    """The text that an edit makes; None if it was refused.  It must be read as the edit left it."""
    w = read(text, title)
    if refusal := _refusal(w, edit):
        assert written(w.pieces) == text
        assert 0 <= refusal.position <= len(refusal.text)
        return None
    try:
        after = str(w)
    except BadText:
        return None
    assert seen(w) == seen(read(after, title))
    return after


def _refusal(w: Wikitext, edit: Edit) -> BadText | None:
    try:
        edit(w)
    except BadText as exc:
        return exc
    return None


def packed(text: str) -> str:
    """A text without white space."""
    return "".join(text.split())
