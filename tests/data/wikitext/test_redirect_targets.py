"""Redirects as wikitext: what is one and where it leads, and that nothing but the target changes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data import Title, Wikitext
from tests.support.made_up_wiki import BLOCKS

LANGUAGES: list[dict[str, Any]] = [
    {"name": "redirect", "aliases": ["#WEITERLEITUNG", "#REDIRECT"]},
    {"name": "redirect", "aliases": ["#перенаправление", "#перенапр", "#REDIRECT"]},
    {"name": "redirect", "aliases": ["#تغییر_مسیر", "#REDIRECT"]},
    {"name": "redirect", "aliases": ["#転送", "#リダイレクト", "\uff03転送", "#REDIRECT"]},
    {"name": "redirect", "aliases": ["#YÖNLENDİRME", "#REDIRECT"]},
    {"name": "redirect", "aliases": ["#Strict"], "case-sensitive": True},
    {"name": "other", "aliases": ["#OTHER"]},
]
GERMAN, RUSSIAN, PERSIAN, JAPANESE, TURKISH, STRICT, SILENT = (
    SiteInfo.from_api(
        {
            **BLOCKS,
            "magicwords": [word],
            "specialpagealiases": [
                {"realname": "Mypage", "aliases": ["Meine_Seite", "MyPage"]},
                {"realname": "Userlogout", "aliases": ["Abmelden"]},
                {"realname": "Search", "aliases": ["Suche"]},
            ],
        }
    )
    for word in LANGUAGES
)


def target(text: str, site: SiteInfo = GERMAN, title: str | None = None) -> str | None:
    """Return where a text leads, with the fragment."""
    found = leads_to(Wikitext(text, site, title))
    return f"{found}{'#' if found.fragment else ''}{found.fragment}" if found else None


def leads_to(wikitext: Wikitext) -> Title | None:
    return wikitext.redirect.title if wikitext.redirect else None


CASES = [
    ("#REDIRECT [[Target]]", "Target"),
    ("#redirect[[target]]", "Target"),
    ("#REDIRECT: [[Target]]", "Target"),
    ("#REDIRECT :[[Target]]", "Target"),
    ("\n \t\n#REDIRECT\n:\v\f\n[[Target]]\n", "Target"),
    ("#weiterLeitung [[Ziel]]", "Ziel"),
    ("#REDIRECT [[Target|label]]", "Target"),
    ("#REDIRECT [[Target|]]", "Target"),
    ("#REDIRECT [[Target|a [[b]] c]]", "Target"),
    ("#REDIRECT [[Target|{{a|<nowiki>]]", "Target"),
    ("#REDIRECT [[Target#Section|x|y]] behind", "Target#Section"),
    ("#REDIRECT [[Target#A_b]]", "Target#A b"),
    ("#REDIRECT [[Target#]]", "Target"),
    ("#REDIRECT [[ :Category:Big__things ]]", "Kategorie:Big things"),
    ("#REDIRECT [[category:Big__things]]", "Kategorie:Big things"),
    ("#REDIRECT [[Bild:a.png|thumb]]", "Datei:A.png"),
    ("#REDIRECT [[acme:Elsewhere]]", "acme:Elsewhere"),
    ("#REDIRECT [[fr:ailleurs]]", "fr:ailleurs"),
    ("#REDIRECT [[_small\u00a0_ title_]]", "Small title"),
    ("#REDIRECT [[A%20b%23C]]", "A b#C"),
    ("#REDIRECT [[::A%20b]]", "A b"),
    ("#REDIRECT [[100% wool]]", "100% wool"),
    ("#REDIRECT [[AT&amp;T]]", "AT&T"),
    ("#REDIRECT [[Rock&#39;n&#x27;roll]]", "Rock'n'roll"),
    ("#REDIRECT [[A&copyB]]", "A&copyB"),
    ("#REDIRECT [[A]] and [[B]]", "A"),
    ("#REDIRECT [[https://a]]", "Https://a"),
    ("#REDIRECT [[Spezial:Suche/x]]", "Spezial:Suche/x"),
    ("", None),
    ("Text. #REDIRECT [[Target]]", None),
    ("<!-- x -->#REDIRECT [[Target]]", None),
    ("\u00a0#REDIRECT [[Target]]", None),
    ("#REDIRECT\u00a0[[Target]]", None),
    ("#OTHER [[Target]]", None),
    ("#See [[Target]]", None),
    ("#REDIRECT Target", None),
    ("#REDIRECT to [[Target]]", None),
    ("#REDIRECT :: [[Target]]", None),
    ("#REDIRECT '''[[Target]]'''", None),
    ("# REDIRECT [[Target]]", None),
    ("#REDIRECT [[]]", None),
    ("#REDIRECT [[ : ]]", None),
    ("#REDIRECT [[::A]]", None),
    ("#REDIRECT [[#Section]]", None),
    ("#REDIRECT [[acme:]]", None),
    ("#REDIRECT [[|label]]", None),
    ("#REDIRECT [[Target", None),
    ("#REDIRECT [[[Target]]]", None),
    ("#REDIRECT [[Tar\nget]]", None),
    ("#REDIRECT [[Target|la\nbel]]", None),
    ("#REDIRECT [[{{Target}}]]", None),
    ("#REDIRECT [[Tar<!-- x -->get]]", None),
    ("#REDIRECT [[A%5BB]]", None),
    ("#REDIRECT [[../x]]", None),
    ("#REDIRECT [[Spezial:Meine Seite]]", None),
    ("#REDIRECT [[Special:abmelden]]", None),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_target(text: str, expected: str | None) -> None:
    assert target(text) == expected
    assert str(Wikitext(text, GERMAN)) == text


@pytest.mark.parametrize(
    ("site", "text", "expected"),
    [
        (RUSSIAN, "#Перенаправление [[Цель]]", "Цель"),
        (PERSIAN, "#تغییر_مسیر [[هدف]]", "هدف"),
        (JAPANESE, "\uff03転送 [[東京]]", "東京"),
        (JAPANESE, "\uff03REDIRECT [[東京]]", None),
        (TURKISH, "#yönlendİrme [[Hedef]]", "Hedef"),
        (TURKISH, "#yönlendirme [[Hedef]]", None),
        (TURKISH, "#redirect [[Hedef]]", "Hedef"),
        (TURKISH, "#redırect [[Hedef]]", None),
        (TURKISH, "#REDİRECT [[Hedef]]", None),
        (STRICT, "#Strict [[A]]", "A"),
        (STRICT, "#strict [[A]]", None),
        (STRICT, "#StrIct [[A]]", None),
        (SILENT, "#redirect [[A]]", "A"),
        (GERMAN, "#перенаправление [[Цель]]", None),
    ],
)
def test_words_are_those_of_the_wiki(site: SiteInfo, text: str, expected: str | None) -> None:
    assert target(text, site) == expected


def test_a_target_is_never_relative_to_the_page() -> None:
    assert target("#REDIRECT [[/Unter]]", title="Vorlage:A") == "/Unter"


def test_what_follows_the_link_is_read_on_its_own() -> None:
    text = Wikitext("#REDIRECT [[Kategorie:A|[[Kategorie:B]] == H ==\n{{c}}[[Kategorie:D]][[Datei:E.png]]", GERMAN)
    assert [node.kind for node in text.pieces if not isinstance(node, str)] == [
        "link",
        "heading",
        "template",
        "link",
        "link",
    ]
    assert [link.target for link in text.links] == ["Kategorie:A"]
    assert [link.name for link in text.categories] == ["D"]
    assert [template.name for template in text.templates] == ["c"]


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("#REDIRECT [[A]]", "B", "#REDIRECT [[B]]"),
        ("\n#Weiterleitung : [[ A_1 |x]]\t{{R}}\n[[C]]<!-- [[A]] -->\r\n", "B", None),
        ("#REDIRECT [[A|x [[y]] z]]", "B", "#REDIRECT [[B|x [[y]] z]]"),
        ("#REDIRECT [[:_A_1_ ]]", "B", "#REDIRECT [[:_B_ ]]"),
        ("#REDIRECT [[:Category:A]]", "Category:B", "#REDIRECT [[:Kategorie:B]]"),
        ("#REDIRECT [[Category:A]]", "Category:B", "#REDIRECT [[Kategorie:B]]"),
        ("#REDIRECT [[A%20b]]", "100% c", "#REDIRECT [[100% c]]"),
        ("#REDIRECT [[A#Part]]", "B", "#REDIRECT [[B]]"),
        ("#REDIRECT [[A#Part]]", "B#Other_one", "#REDIRECT [[B#Other one]]"),
        ("#REDIRECT [[A]]", "B#50%25 [sic] %", "#REDIRECT [[B#50%2525 %5Bsic%5D %]]"),
    ],
)
def test_nothing_but_the_target_changes(text: str, to: str, expected: str | None) -> None:
    wikitext, title = Wikitext(text, GERMAN), Title.parse(to, GERMAN)
    wikitext.redirect_to(title)
    assert str(wikitext) == (expected or text.replace("A_1", to))
    assert leads_to(wikitext) == title


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("#REDIRECT [[A|x]]", "b_c", "#REDIRECT [[b_c|x]]"),
        ("#REDIRECT [[ :A]]", " :category:B ", "#REDIRECT [[ :category:B]]"),
        ("#REDIRECT [[A]]", "B%23c", "#REDIRECT [[B%23c]]"),
        ("", "B", "#WEITERLEITUNG [[B]]"),
        ("Text.", ":category:B", "#WEITERLEITUNG [[:category:B]]\nText."),
    ],
)
def test_a_target_may_be_given_as_it_is_to_be_written(text: str, to: str, expected: str) -> None:
    wikitext = Wikitext(text, GERMAN)
    wikitext.redirect_to(to)
    assert str(wikitext) == expected
    assert target(expected) == target(f"#REDIRECT [[{to}]]")


@pytest.mark.parametrize("part", ["Part_1", "x%5B1%5D", "50% off", "caf%C3%A9", "a&amp;b"])
def test_a_redirect_can_keep_its_own_fragment(part: str) -> None:
    """MediaWiki's own fixer of double redirects does (DoubleRedirectJob, T16904)."""
    wikitext = Wikitext(f"#REDIRECT [[A#{part}]]", GERMAN)
    old = leads_to(wikitext)
    assert old
    new = Title.parse("B", GERMAN).with_fragment(old.fragment)
    wikitext.redirect_to(new)
    assert leads_to(wikitext) == new
    assert target(str(wikitext)) == f"B#{old.fragment}"


NO_TARGETS = [
    "",
    " ",
    ":",
    "#Part",
    "A]]",
    "A|b",
    "A\nb",
    "{{A}}",
    "<b>",
    "B<!-- x -->",
    "acme:",
    "Spezial:Meine Seite",
]


@pytest.mark.parametrize("text", ["", "Text.", "#REDIRECT [[A]]"])
@pytest.mark.parametrize("to", NO_TARGETS)
def test_what_can_be_no_target_is_refused(text: str, to: str) -> None:
    wikitext = Wikitext(text, GERMAN)
    with pytest.raises(BadText):
        wikitext.redirect_to(to)
    assert str(wikitext) == text


def test_it_is_a_redirect_as_long_as_the_word_and_the_link_come_first() -> None:
    wikitext = Wikitext("<!-- x -->#REDIRECT [[Kategorie:A]]", GERMAN)

    def seen() -> tuple[str | None, list[str]]:
        link = wikitext.redirect
        found = str(link.title) if link else None
        assert target(str(wikitext)) == found
        return found, [category.name for category in wikitext.categories]

    assert seen() == (None, ["A"])
    wikitext.comments[0].remove()
    assert seen() == ("Kategorie:A", [])
    with pytest.raises(BadText, match="redirect"):
        wikitext.prepend("Text. ")
    assert seen() == ("Kategorie:A", [])
    wikitext.read("").redirect_to("Kategorie:A")
    assert seen() == ("Kategorie:A", [])
    with pytest.raises(BadParameter, match="the page redirects by it"):
        wikitext.links[0].unlink()
    wikitext.links[0].remove()
    assert seen() == (None, [])
    assert str(wikitext) == "#WEITERLEITUNG "


TITLES = st.text(st.characters(exclude_characters="[]{}|<>#%_:&~/.", exclude_categories=("C", "Z", "M")), min_size=1)


@given(TITLES, TITLES, TITLES, st.sampled_from(["", "|label", "|a|b", "|a [[b"]), st.text())
def test_any_target_can_be_set_and_read(old: str, new: str, fragment: str, label: str, behind: str) -> None:
    wikitext = Wikitext(f"\n#REDIRECT: [[{old}{label}]]{behind}", GERMAN)
    title = Title.parse(f"{new}#{fragment}", GERMAN)
    wikitext.redirect_to(title)
    written = f"\n#REDIRECT: [[{title}#{title.fragment}{label}]]{behind}"
    assert str(wikitext) == written
    assert leads_to(Wikitext(written, GERMAN)) == title


@pytest.mark.parametrize("part", [" ", "\n:", "#REDIRECT ", "|", "[[", "_", "#REDIRECT [[a|", "%41", "&amp;"])
def test_hostile_texts_take_little_time(part: str) -> None:
    begun = time.perf_counter()
    for begin in ("", "#REDIRECT", "#REDIRECT [[", "#REDIRECT [[a|"):
        assert target(begin + part * 50_000) is None
    assert time.perf_counter() - begun < 10
