"""Titles agree with the real wiki: thousands of them, nasty ones too, are sent to its API and compared one by one."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

from apibot.bridge import Bridge
from apibot.core.errors import InvalidTitle
from apibot.core.site import BLOCKS, SiteInfo
from apibot.data.titles.letters import ARABIC, DOTTED, MALAYALAM
from apibot.data.titles.rules import (
    BLANK,
    COLON,
    DOUBLE,
    EMPTY,
    ILLEGAL,
    NAMELESS,
    PLAIN,
    RELATIVE,
    TILDES,
    TOO_LONG,
    UNREADABLE,
    TitleRules,
)
from apibot.data.titles.title import Title
from apibot.sandbox import Sandbox
from tests.support.nasty_titles import SEPARATOR, cased, made_up

BATCH = 50
OTHER_WIKI = r"""
$wgLanguageCode = 'tr';
$wgCapitalLinks = false;
$wgCapitalLinkOverrides[NS_HELP] = true;
$wgExtraNamespaces[120] = 'Über_Ort';
$wgExtraNamespaces[121] = 'Über_Ort_Talk';
$wgExtraNamespaces[130] = 'Flat';
$wgExtraNamespaces[131] = 'Flat_talk';
$wgNamespaceAliases['ÜO'] = 120;
$wgNamespaceAliases['ΛΌΓΟΣ'] = 130;
$wgNamespaceAliases['WP'] = NS_PROJECT;
$wgNamespacesWithSubpages[120] = true;
$wgNamespacesWithSubpages[NS_MAIN] = true;
$wgMetaNamespace = 'Proje_X';
$wgLocalInterwikis = [ 'self', 'me' ];
$wgInterwikiCache = [
	'__list:__global' => 'acme self me de w nowhere örg BIG',
	'__global:acme' => '0 https://acme.example/wiki/$1',
	'__global:self' => '1 http://127.0.0.1/self/$1',
	'__global:me' => '1 http://127.0.0.1/self/$1',
	'__global:de' => '0 //de.example.org/wiki/$1?x=1',
	'__global:w' => '1 https://w.example.org/w/index.php?title=$1',
	'__global:nowhere' => '0 https://nowhere.example/',
	'__global:BIG' => '0 https://big.example/$1',
	'__global:örg' => '0 https://oerg.example/$1',
];
"""
"""Turkish, case-sensitive but for some namespaces, with namespaces, aliases and prefixes of its own."""

REASONS = {
    "is empty or contains only": (EMPTY, NAMELESS),
    "invalid UTF-8 sequence": (UNREADABLE,),
    "talk page that cannot exist": (DOUBLE,),
    "invalid characters": (ILLEGAL,),
    "has relative path": (RELATIVE,),
    "magic tilde": (TILDES,),
    "too long": tuple(TOO_LONG.format(most=most) for most in (255, 512)),
    "invalid colon at the beginning": (COLON,),
    "page title is invalid": (BLANK,),
}
"""What the wiki says of titles that it refuses, and what Apibot says."""


@dataclass
class Told:
    """What a wiki said of the titles it was sent."""

    normal: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    invalid: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, Any] = field(default_factory=dict)

    def title(self, text: str) -> str:
        """What became of a text."""
        clean = self.normal.get(quote(text, safe="", errors="surrogatepass"), text)
        return self.normal.get(clean, clean)


def ask(wiki: Sandbox, **params: object) -> Any:
    body = urlencode({"action": "query", "format": "json", "formatversion": 2, **params}, errors="surrogatepass")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return requests.post(wiki.api, body, headers=headers, timeout=60).json()["query"]


def tell(wiki: Sandbox, texts: list[str], **params: object) -> Told:
    told = Told()
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        found = ask(wiki, titles=SEPARATOR + SEPARATOR.join(batch), iwurl=1, **params)
        told.normal |= {row["from"]: row["to"] for row in found.get("normalized", ())}
        told.elsewhere |= {row["title"]: row for row in found.get("interwiki", ())}
        for page in found.get("pages", ()):
            if page.get("invalid"):
                told.invalid[page["title"]] = page["invalidreason"]
            else:
                told.pages[page["title"]] = page
    return told


@pytest.fixture(scope="module")
def site(apibot_wiki: Sandbox) -> SiteInfo:
    return SiteInfo.from_api(ask(apibot_wiki, meta="siteinfo", siprop="|".join(BLOCKS)))


@pytest.fixture(scope="module")
def other_wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox("titles", settings=OTHER_WIKI, home=tmp_path_factory.mktemp("titles")) as wiki:
        yield wiki


@pytest.fixture(scope="module")
def other_site(other_wiki: Sandbox) -> SiteInfo:
    return SiteInfo.from_api(ask(other_wiki, meta="siteinfo", siprop="|".join(BLOCKS)))


def reason_of(said: str) -> tuple[str, ...]:
    (found,) = [ours for theirs, ours in REASONS.items() if theirs in said]
    return found


def as_the_wiki_shows(title: Title) -> str:
    """The full title; of a special page with the name that the wiki itself uses."""
    special = title.special
    if special is None:
        return title.full
    name = title.site.special_pages[special.name][0].replace("_", " ")
    slash = "/" if "/" in title.name else ""
    return f"{title.namespace}:{title.site.kept(TitleRules).capital(name)}{slash}{special.subpage}"


def nfc(text: str) -> str:
    """What the API shows of a text: it normalises its answers too, also where a capital is in no normal form."""
    return unicodedata.normalize("NFC", text)


def difference(text: str, site: SiteInfo, told: Told) -> str | None:
    """What is different from what the wiki said, None if nothing is."""
    theirs = told.title(text)
    try:
        title = Title.parse(text, site)
    except InvalidTitle as error:
        if theirs not in told.invalid:
            return f"refused: {error}; the wiki has {theirs!r}"
        if not 0 <= error.position <= len(text) or not error.reason.endswith(reason_of(told.invalid[theirs])):
            return f"refused: {error}; the wiki says: {told.invalid[theirs]}"
        return None
    ours = nfc(as_the_wiki_shows(title))
    if ours != theirs or (theirs in told.invalid and theirs not in told.pages):
        return f"{ours!r}; the wiki has {theirs!r} {told.invalid.get(theirs, '')}"
    if title.external:
        row = told.elsewhere[theirs]
        return (
            None if (row["iw"], row["url"]) == (title.interwiki, title.without_fragment.url) else f"{title.url} {row}"
        )
    if not title.name:
        return None  # a place on whatever page: the wiki says no more of it
    page = told.pages[theirs]
    if page["ns"] != title.ns:
        return f"namespace {title.ns}; the wiki has {page['ns']}"
    if title.ns < 0:
        return None
    beside = title.subject if title.is_talk else title.talk
    if (page["fullurl"], page["associatedpage"]) != (title.without_fragment.url, nfc(beside.full)):
        return f"{title.url} {beside.full}; the wiki has {page['fullurl']} {page['associatedpage']}"
    return None


def compare(texts: list[str], site: SiteInfo, wiki: Sandbox) -> dict[str, str]:
    told = tell(wiki, texts, prop="info", inprop="url|associatedpage")
    assert len(told.normal) > 10
    return {text: found for text in texts if (found := difference(text, site, told))}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
def test_made_up_titles(seed: int, site: SiteInfo, apibot_wiki: Sandbox) -> None:
    assert compare(made_up(site, seed), site, apibot_wiki) == {}


@pytest.mark.parametrize("seed", [4, pytest.param(5, marks=pytest.mark.long), pytest.param(6, marks=pytest.mark.long)])
def test_made_up_titles_on_a_wiki_with_its_own_ways(seed: int, other_site: SiteInfo, other_wiki: Sandbox) -> None:
    assert other_site.general.lang == "tr"
    assert other_site.namespaces[0].case == "case-sensitive"
    assert compare(made_up(other_site, seed), other_site, other_wiki) == {}


def test_every_letter_with_two_cases_as_the_first(site: SiteInfo, apibot_wiki: Sandbox) -> None:
    letters = cased()
    assert len(letters) > 2500
    assert compare([f"{letter}x" for letter in letters], site, apibot_wiki) == {}


def test_the_titles_are_of_all_kinds(site: SiteInfo) -> None:
    """What is compared above is worth comparing."""
    kinds: Counter[str] = Counter()
    for text in made_up(site, 1):
        try:
            title = Title.parse(text, site)
        except InvalidTitle as error:
            kinds[
                next(reason for reasons in REASONS.values() for reason in reasons if error.reason.endswith(reason))
            ] += 1
        else:
            kinds["external" if title.external else f"namespace {title.ns}"] += 1
            kinds["special"] += title.special is not None
            kinds["fragment"] += bool(title.fragment)
            kinds["plain"] += PLAIN.fullmatch(text) is not None
    rare = {kind: count for kind, count in kinds.items() if count < 5}
    assert set(rare) <= {TOO_LONG.format(most=512)}
    assert {reason for reasons in REASONS.values() for reason in reasons} <= set(kinds)
    assert {f"namespace {ns}" for ns in site.namespaces} | {"external", "special", "fragment", "plain"} <= set(kinds)


INSIDE = """<?php
use MediaWiki\\MediaWikiServices as S;
$told = [];
foreach ( json_decode( file_get_contents( '%(asked)s' ) ) as [ $text, $ns ] ) {
	try {
		$t = Title::newFromTextThrow( S::getInstance()->getContentLanguage()->normalize( $text ), $ns );
	} catch ( MalformedTitleException $e ) {
		$told[] = null;
		continue;
	}
	$told[] = [ $t->getInterwiki(), $t->getNamespace(), $t->getText(), $t->getFragment(), $t->getPrefixedText(),
		$t->getDBkey(), $t->getFullURL( '', false, PROTO_HTTP ),
		$t->getBaseText(), $t->getRootText(), $t->getSubpageText() ];
}
echo json_encode( $told );
"""
"""PHP: what the wiki's own objects say of texts that have a namespace of their own."""


def inside(wiki: Sandbox, folder: Path, code: str, asked: object) -> Any:
    """Run PHP inside of a wiki."""
    (folder / "asked.json").write_text(json.dumps(asked))
    (folder / "code.php").write_text(code % {"asked": folder / "asked.json"})
    return json.loads(wiki.maintenance("eval.php", input=f"include '{folder}/code.php';\n"))


def as_told(text: str, ns: int, site: SiteInfo) -> list[object] | None:
    try:
        title = Title.parse(text, site, ns=ns)
    except InvalidTitle:
        return None
    where = [title.interwiki, title.ns, title.name, title.fragment, title.full, title.key, title.url]
    return where if title.external else [*where, title.name[: title._divider], title.parts[0], title.subpage]


def test_names_places_addresses_and_subpages(other_site: SiteInfo, other_wiki: Sandbox, tmp_path: Path) -> None:
    rng = Random(7)
    texts = [
        text + rng.choice(("", "#a b/c:d%20&é~\x7f", f"#{'ä_' * 600}", "/b", "//", "/c d/"))
        for text in made_up(other_site, 7)
    ]
    asked = [(text, rng.choice([*other_site.namespaces])) for text in texts if text.isprintable() or text.isascii()]
    told = inside(other_wiki, tmp_path, INSIDE, asked)
    wrong = {
        text: (ours, theirs)
        for (text, ns), theirs in zip(asked, told, strict=True)
        if (ours := as_told(text, ns, other_site)) != (theirs[:7] if theirs and theirs[0] else theirs)
    }
    assert len(asked) > 2000
    assert wrong == {}


RELATIVE_LINKS = """<?php
$told = [];
foreach ( json_decode( file_get_contents( '%(asked)s' ) ) as [ $page, $link ] ) {
	$shown = '';
	$t = Title::newFromText( Linker::normalizeSubpageLink( Title::newFromText( $page ), $link, $shown ) );
	$told[] = $t ? [ $t->getPrefixedText(), $t->getFragment() ] : null;
}
echo json_encode( $told );
"""
"""PHP: where links on pages lead to."""


def test_relative_links(other_site: SiteInfo, other_wiki: Sandbox, tmp_path: Path) -> None:
    rng = Random(8)
    pages = ["A", "A/B", "A/B/C", "Yardım:A/B", "Flat:A/B", "Talk:A/B c/d", "/x", "ÜO:A/ b/c", "A//B", "User:1.2.3.4/a"]
    pieces = ["/", "/", "../", "../", "../..", "x", "#f", "./", ":", "Talk:", "acme:", "|", "//", "..", "é", " ", "_"]
    links = ["".join(rng.choices(pieces, k=rng.randint(1, 4))) for _ in range(800)]
    asked = [(page, link) for page in pages for link in {*links, "../", "/x/", "../x/", "#", "", "/", "/#a"}]
    wrong = {}
    for (page, link), theirs in zip(asked, inside(other_wiki, tmp_path, RELATIVE_LINKS, asked), strict=True):
        try:
            title = Title.parse(page, other_site).relative(link)
        except InvalidTitle:
            ours = None
        else:
            ours = [title.full, title.fragment]
        # MediaWiki does not name the page itself.
        there = [Title.parse(page, other_site).full, theirs[1]] if theirs and not theirs[0] else theirs
        if ours != there:
            wrong[page, link] = ours, there
    assert wrong == {}


LANGUAGES = """<?php
use MediaWiki\\MediaWikiServices as S;
$told = [];
[ $codes, $texts ] = json_decode( file_get_contents( '%(asked)s' ) );
foreach ( $codes ?: array_keys( S::getInstance()->getLanguageNameUtils()->getLanguageNames() ) as $code ) {
	$language = S::getInstance()->getLanguageFactory()->getRawLanguage( $code );
	$told[$code] = [ $language->ucfirst( 'ix' ) ];
	foreach ( $texts as $text ) {
		$told[$code][] = $language->normalize( $text );
	}
}
echo json_encode( $told );
"""
"""PHP: what each language makes of a first letter, and of texts."""


SOME = sorted(DOTTED | ARABIC | MALAYALAM | {"crh-latn", "de", "fa", "kk", "kk-cyrl", "ru", "tt-latn", "ug"})


@pytest.mark.parametrize("codes", [SOME, pytest.param([], id="all", marks=pytest.mark.long)])
def test_languages_with_letters_of_their_own(
    codes: list[str], site: SiteInfo, apibot_wiki: Sandbox, tmp_path: Path
) -> None:
    forms = "".join(map(chr, [*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)]))
    chillus = "".join(f"{chr(letter)}\u0d4d\u200d" for letter in range(0xD00, 0xD80))
    told = inside(apibot_wiki, tmp_path, LANGUAGES, [codes, [forms, chillus]])
    assert len(told) >= len(SOME)
    wrong = {}
    for code, theirs in told.items():
        general = {**site.general.raw, "lang": code}
        rules = TitleRules(SiteInfo.from_api({**site.to_api(), "general": general}))
        ours = [rules.capital("ix"), *(rules.cleaned(text) for text in (forms, chillus))]
        if ours != theirs:
            wrong[code] = [mine for mine, other in zip(ours, theirs, strict=True) if mine != other]
    assert wrong == {}


def test_links_lead_to_the_titles_they_are_of(other_site: SiteInfo, other_wiki: Sandbox) -> None:
    wanted: set[str] = set()
    links: list[str] = []
    for text in made_up(other_site, 9, 1500):
        try:
            title = Title.parse(text, other_site)
        except InvalidTitle:
            continue
        if (
            title.ns < 0
            or title.external
            or not title.name
            or Title.parse(title.full, other_site) != title.without_fragment
        ):
            continue
        links += [title.as_link(), title.as_link("shown")]
        wanted.add(title.full)
    body = {
        "action": "parse",
        "text": "\n\n".join(links),
        "contentmodel": "wikitext",
        "title": "Flat:X",
        "prop": "links|categories",
    }
    found = requests.post(other_wiki.api, {**body, "format": "json", "formatversion": 2}, timeout=60).json()["parse"]
    assert len(wanted) > 400
    assert found["categories"] == []
    assert {row["title"] for row in found["links"]} == wanted


def test_the_bridge_reads_titles_by_its_wiki(bridge: Bridge) -> None:
    title = bridge.title("talk:foo bar#Top")
    assert (title.full, title.fragment, title.subject.full) == ("Talk:Foo bar", "Top", "Foo bar")
    assert bridge.title("foo", 10) == Title.parse("Template:Foo", bridge.info.site)
    with pytest.raises(InvalidTitle):
        bridge.title("<")
