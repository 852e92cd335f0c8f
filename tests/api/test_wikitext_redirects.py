"""What we take for a redirect, and where it leads, against what the wiki itself says of the text.

The wiki is in Turkish, whose word for it has an I with a dot: it has no small letter where capitals make no difference.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import requests

from apibot.core.site import BLOCKS, SiteInfo
from apibot.data import Wikitext
from apibot.sandbox import Sandbox

TURKISH = r"""
$wgLanguageCode = 'tr';
$wgLocalInterwikis = [ 'self' ];
$wgInterwikiCache = [
	'__list:__global' => 'acme self fr',
	'__global:acme' => '0 https://acme.example/wiki/$1',
	'__global:self' => '1 http://127.0.0.1/self/$1',
	'__global:fr' => '0 https://fr.example/wiki/$1',
];
"""
PAGE = "Kullanıcı:A/B"
BEGINNINGS = ["", "\n \t", "\u00a0", "\u2003", "<!-- x -->", "x", "=", "{{x}}"]
WORDS = """
    #REDIRECT #redirect #Redirect #YÖNLENDİRME #yönlendİrme #yönlendirme #YÖNLENDIRME #YÖNLENDİR #REDİRECT
    #redırect #REDIRECTS \uff03REDIRECT #OHJAUS REDIRECT ##REDIRECT
""".split()
BETWEEN = [" ", "", "\n", ":", " : ", "\n:\n", "::", "\u00a0", " to ", "<!-- x -->", "'''"]
OPENINGS = ["[[", "[", "[[["]
TARGETS = """
    a a_b a#b :a ::a ::a%20b #b a%20b a%23b a%5Bb a&amp;b a&#91;b a%26amp;b ı i İ category:A :Kategori:A Dosya:a.png
    file:A.png Medya:a.png fr:a :fr:a acme:a acme: self:a self: self:#b self:Kategori:A /u ../v ./w a/../b Şablon:t
    Special:Search Özel:Ara/x Special:MyPage Özel:Sayfam Special:Mytalk/x Special:Mylog Special:Userlogout
    Özel:OturumuKapat Special:Redirect/page/1 Special:Filepath Special:none http://a //a mailto:a a<b a{b a[b a]b
    a<!--c--> {{a}} a{{!}}b a~~~b . Talk: User:#x User:1.2.3.004 100% 50%25 %E9 %C3%A9 a\u200eb \ufeffa é
""".split()
TARGETS += ["", " ", " a ", "_a_", "a\nb", "a\tb", "a\u00a0b", "x" * 255, "x" * 256]
TEXTS = ["", "|", "|b", "|b|c", "|b [[c]] d", "|{{b", "|<nowiki>", "|b\nc", "|-{b", "|]"]
ENDINGS = ["]]", "]", "]]]", "]]]]", "", "\n]]"]
BEHIND = ["", " x", "\n[[x]]", "[[x]]", "]]", "{{x}}\n", " == h =="]


def texts(seed: int, count: int) -> Iterator[str]:
    """Give texts most of whose parts are as they should be."""
    source = random.Random(seed)

    def part(choices: Sequence[str]) -> str:
        return source.choice(choices) if source.random() < 1 / 3 else choices[0]

    for _ in range(count):
        yield "".join(map(part, (BEGINNINGS, WORDS, BETWEEN, OPENINGS, TARGETS, TEXTS, ENDINGS, BEHIND)))


@pytest.fixture(scope="module")
def turkish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox("redirects", settings=TURKISH, home=tmp_path_factory.mktemp("redirects")) as wiki:
        yield wiki


@pytest.fixture(scope="module")
def site(turkish: Sandbox) -> SiteInfo:
    query = {"action": "query", "meta": "siteinfo", "siprop": "|".join(BLOCKS), "format": "json", "formatversion": 2}
    return SiteInfo.from_api(requests.post(turkish.api, query, timeout=60).json()["query"])


SHOWN = re.compile(r'<ul class="redirectText"><li><a [^>]*>([^<]*)</a>')


def parsed(wiki: Sandbox, text: str) -> Any:
    props = "text|links|categories|sections"
    data = {"action": "parse", "text": text, "title": PAGE, "prop": props, "contentmodel": "wikitext"}
    return requests.post(wiki.api, {**data, "format": "json", "formatversion": "2"}, timeout=60).json()["parse"]


def theirs(wiki: Sandbox, text: str) -> str | None:
    """Return what the wiki shows as the target at the top of a redirect."""
    found = SHOWN.search(parsed(wiki, text)["text"])
    return html.unescape(found[1]) if found else None


def ours(site: SiteInfo, text: str) -> str | None:
    wikitext = Wikitext(text, site, PAGE)
    assert str(wikitext) == text
    title = wikitext.redirect.title if wikitext.redirect else None
    return f"{title}{'#' if title.fragment else ''}{title.fragment}" if title else None


@pytest.mark.parametrize("seed", range(4))
def test_redirects_are_those_of_the_wiki(turkish: Sandbox, site: SiteInfo, seed: int) -> None:
    found = 0
    for text in texts(seed, 100):
        found += ours(site, text) is not None
        assert ours(site, text) == theirs(turkish, text), json.dumps(text)
    assert found > 20


@pytest.mark.parametrize("target", TARGETS, ids=json.dumps)
def test_targets_are_those_of_the_wiki(turkish: Sandbox, site: SiteInfo, target: str) -> None:
    text = f"#REDIRECT [[{target}]]"
    assert ours(site, text) == theirs(turkish, text)


@pytest.mark.parametrize(
    "before", [beginning + word + "~" for beginning in BEGINNINGS for word in WORDS], ids=json.dumps
)
def test_words_are_those_of_the_wiki(turkish: Sandbox, site: SiteInfo, before: str) -> None:
    text = before.replace("~", " [[a]]")
    assert ours(site, text) == theirs(turkish, text)


@pytest.mark.parametrize(
    "text",
    [
        "#REDIRECT [[a|[[b]] c]] [[d]]",
        "#REDIRECT [[Kategori:A|[[Kategori:B]]\n[[Kategori:C]]",
        "#REDIRECT [[a|<nowiki>]] [[b]] </nowiki> [[c]]",
        "#REDIRECT [[a|{{b]] [[c|}}]]",
        "#REDIRECT [[a]]]] [[b]]",
        "#REDIRECT [[a]] == H ==\n[[b]]",
        "#REDIRECT [[a]]\n== H ==\n[[Kategori:A]]",
    ],
)
def test_what_follows_is_read_as_the_wiki_reads_it(turkish: Sandbox, site: SiteInfo, text: str) -> None:
    wikitext, reply = Wikitext(text, site, PAGE), parsed(turkish, text)
    assert {str(link.title) for link in wikitext.links} == {row["title"] for row in reply["links"]}
    assert [category.name for category in wikitext.categories] == [row["category"] for row in reply["categories"]]
    headings = [node for node in wikitext.pieces if not isinstance(node, str) and node.kind == "heading"]
    assert len(headings) == len(reply["sections"])
