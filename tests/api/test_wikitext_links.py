"""What we take for links, categories, files, languages, templates, against what the wiki itself makes of the text."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from apibot.core.errors import BadText
from apibot.core.site import BLOCKS, SiteInfo
from apibot.data.titles.title import Title
from apibot.data.wikitext.document import Wikitext
from apibot.sandbox import Sandbox

GERMAN = r"""
$wgLanguageCode = 'de';
$wgLocalInterwikis = [ 'self' ];
$wgInterwikiCache = [
	'__list:__global' => 'acme self fr it',
	'__global:acme' => '0 https://acme.example/wiki/$1',
	'__global:self' => '1 http://127.0.0.1/self/$1',
	'__global:fr' => '0 https://fr.example/wiki/$1',
	'__global:it' => '0 https://it.example/wiki/$1',
];
"""
PAGES = ("Seite", "Project:Seite/Unter", "Diskussion:Seite")
"""An article, a page with subpages, a talk page, where links to other languages are ordinary ones."""

TARGETS = """
    a A_b a#b :a #b a%20b a&amp;b Kategorie:A Category:b :Kategorie:A kategorie:_c_ Datei:A.png Bild:b.png File:c.png
    :Datei:A.png image:d.png fr:a FR:b :fr:a acme:a self:a self:Kategorie:A it:x#y Benutzer:A /u ../v ../ Vorlage:t
    Spezial:Suche http://a //a mailto:a a<b a{b a[b <!--c-->a a<!--c--> a|b a~~~b . ../../.. Hilfe:: talk:a ::
    Media:a.png
""".split()
TEXTS = [
    "",
    "",
    "|b",
    "|b c",
    "|b|c",
    "|thumb",
    "|thumb|100px|b",
    "|left|alt=x|b",
    "|b [[c]] d",
    "|[http://x y]",
    "|{{lc:X}}",
]
NAMES = "t T Vorlage:t template:u :s {{v}} #if:x t<!--c--> t<b Benutzer:A /r ../q self:t".split()
FUNCTIONS = "{{lc:A}} {{PAGENAME}} {{!}} {{uc:[[F]]}} {{NAMENSRAUM}} {{SERVERNAME}} {{ns:6}}".split()
PARTS = ["", "|a", "|a=b", "|a={{t2|b}}", "|[[in link]]", "|x=[[Kategorie:Z]]"]
OTHERS = """
    <nowiki>[[n]]{{n}}</nowiki> <!--[[n]]{{n}}--> <ref>[[r]]{{r}}</ref> <pre>[[n]]</pre> <noinclude>[[m]]</noinclude>
    <includeonly>[[n]]{{n}}</includeonly> text [[ ]] {{ }} ]] ] '' <nowiki> <b>[[k]]</b>
    <gallery>Datei:G.png|[[g]]\\nh.png\\nBenutzer:i.png|x\\na<b.png</gallery>
""".split()


def made(source: random.Random) -> str:
    kind = source.randrange(10)
    if kind < 5:
        return f"[[{source.choice(TARGETS)}{source.choice(TEXTS)}]]"
    if kind == 5:
        return source.choice(FUNCTIONS)
    if kind < 8:
        return f"{{{{{source.choice(NAMES)}{source.choice(PARTS)}}}}}"
    return source.choice(OTHERS).replace("\\n", "\n")


def generated(seed: int, count: int) -> list[tuple[str, str]]:
    source = random.Random(seed)

    def text() -> str:
        return source.choice(["", " ", "\n"]).join(made(source) for _ in range(source.randint(1, 8)))

    return [(source.choice(PAGES), text()) for _ in range(count)]


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox("wikitext", settings=GERMAN, home=tmp_path_factory.mktemp("wikitext")) as wiki:
        yield wiki


def ask(wiki: Sandbox, **params: object) -> Any:
    data = {"format": "json", "formatversion": 2, **params}
    return requests.post(wiki.api, data, timeout=60).json()


@pytest.fixture(scope="module")
def site(german: Sandbox) -> SiteInfo:
    return SiteInfo.from_api(ask(german, action="query", meta="siteinfo", siprop="|".join(BLOCKS))["query"])


def theirs(wiki: Sandbox, text: str, title: str) -> dict[str, set[str]]:
    props = "links|categories|langlinks|images|templates|iwlinks"
    reply = ask(wiki, action="parse", text=text, title=title, prop=props, contentmodel="wikitext")["parse"]
    return {
        "links": {row["title"] for row in reply["links"]} | {row["title"] for row in reply["iwlinks"]},
        "categories": {
            f"{row['category']}|{row['sortkey']}" for row in reply["categories"] if "defekt" not in row["category"]
        },
        "languages": {f"{row['lang']}:{row['title']}" for row in reply["langlinks"]},
        "files": {name.replace("_", " ") for name in reply["images"]},
        "templates": {row["title"] for row in reply["templates"]},
    }


def ours(site: SiteInfo, text: str, title: str) -> dict[str, set[str]]:
    page = Title.parse(title, site)
    whole = Wikitext(text, site, page)
    shown = _without(whole)
    links = [link.title for link in shown.links if link.title is not None]
    media = {link.name for link in links if link.ns == -2}
    pages = {link.full for link in links if link.name and link.ns >= 0 and link.without_fragment != page}
    keys = {link.title.key: _evaluated(link.sortkey or "") for link in shown.categories if link.title}
    languages = {link.language: _said(link.title) for link in reversed(shown.language_links) if link.title}
    return {
        "links": pages | {title for template in shown.templates for title in _missing(template.title)},
        "categories": {f"{name}|{key}" for name, key in keys.items()},  # the last of several counts
        "languages": set(languages.values()),  # the first
        "files": media | {link.name for link in shown.files},
        "templates": {one.title.full for one in shown.templates if one.title and not one.title.interwiki},
    }


def _said(title: Title) -> str:
    return f"{title.full}#{title.fragment}" if title.interwiki and title.fragment else title.full


def _evaluated(text: str) -> str:
    return text.replace("{{lc:X}}", "x")


def _missing(title: Title | None) -> list[str]:
    """What does not exist is shown as a link."""
    return [title.full] if title is not None else []


def _without(whole: Wikitext) -> Wikitext:
    """The text as the page has it: what is for others only is not there, and arguments of missing templates neither."""
    for tag in whole.tags:
        if tag.name == "includeonly":
            tag.remove()
    for template in whole.templates:
        if template.title:
            del template.node.parts[1:]
    return Wikitext(str(whole), whole.site, whole.title)


@pytest.mark.parametrize("seed", range(4))
def test_links_are_those_of_the_wiki(german: Sandbox, site: SiteInfo, seed: int) -> None:
    for title, text in generated(seed, 100):
        assert ours(site, text, title) == theirs(german, text, title), json.dumps([title, text])


def test_edits_have_their_effect_on_the_wiki(german: Sandbox, site: SiteInfo) -> None:
    tried = 0
    for title, text in generated(99, 60):
        w = Wikitext(text, site, title)
        links = w.links
        for link in links:
            link.retarget("Neues Ziel")
        w.add_category("Neu", "k")
        if w.title and not w.title.is_talk:
            w.set_language_link("it:Altrove")
        try:
            after = str(w)
        except BadText:
            continue  # something joined
        tried += 1
        found = theirs(german, after, title)
        assert "Neu|k" in found["categories"], after
        shown = _without(Wikitext(after, site, title)).links
        assert ("Neues Ziel" in found["links"]) == bool(shown), after
        if not title.startswith("Diskussion"):
            assert "it:Altrove" in found["languages"], after
    assert tried > 50
