"""What is read in well-formed articles, against mwparserfromhell: templates, parameters, links, what an edit makes."""

from __future__ import annotations

import mwparserfromhell
from hypothesis import given, settings
from hypothesis import strategies as st
from mwparserfromhell.wikicode import Wikicode

from apibot.data.wikitext import Wikitext
from tests.support.wikitexts import read

WORDS = [
    "Berlin",
    "town",
    "of 1900",
    "''old''",
    "'''Foo'''",
    "E = mc²",
    "5 > 3",
    "&nbsp;",
    "http://x.y/?a=b&c",
    "中",
    "",
]
TARGETS = ["Berlin", "Land (x)", "a b#c", ":Kategorie:A", ":fr:Ville", "Benutzer:X/y", "acme:Z"]
NAMES = ["Infobox Ort", "cite web", "flag", "Vorlage:Nested", "t"]
GAPS = ["", " ", "\n", "\n "]
word, gap = st.sampled_from(WORDS), st.sampled_from(GAPS)


def joined(parts: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=1, max_size=most).map(" ".join)


def links(text: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(TARGETS), st.none() | text).map(
        lambda one: f"[[{one[0]}]]" if not one[1] else f"[[{one[0]}|{one[1]}]]"
    )


def templates(value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    named = st.tuples(gap, st.sampled_from(["a", "bb", "name 1", "2"]), gap, gap, value, gap).map(
        lambda one: f"{one[0]}{one[1]}{one[2]}={one[3]}{one[4]}{one[5]}"
    )
    plain = value.filter(lambda text: "=" not in text)
    return st.tuples(st.sampled_from(NAMES), gap, st.lists(named | plain, max_size=4)).map(
        lambda one: "{{" + "|".join([one[0] + one[1], *one[2]]) + "}}"
    )


def level(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What may hold what a level below may be."""
    return (
        links(word)
        | templates(joined(inner))
        | inner.map(lambda text: f"<ref>{text}</ref>" if "<ref" not in text else text)
        | word.map(lambda text: f"<!-- {text} -->")
        | word.map(lambda text: f"<nowiki>[[{text}]] {{{{{text}|</nowiki>")
    )


inline = st.recursive(word, level, max_leaves=8)
BLOCKS = ["\n== %s ==\n", "\n* %s\n", "\n{|\n! %s\n|-\n| %s || x\n|}\n", "\n\n%s\n", "\n: %s"]
block = st.tuples(st.sampled_from(BLOCKS), inline).map(lambda one: one[0].replace("%s", one[1]))
articles = st.lists(block, min_size=1, max_size=5).map("".join)


def theirs(text: str) -> Wikicode:
    return mwparserfromhell.parse(text, skip_style_tags=True)


def seen(code: object) -> str:
    """The wikitext of a value without comments of its own, as ours is."""
    again = theirs(str(code))
    for comment in again.filter_comments(recursive=False):
        again.remove(comment)
    return str(again).strip()


def templates_of(code: Wikicode) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (seen(one.name), [(seen(parameter.name), seen(parameter.value)) for parameter in one.params])
        for one in code.filter_templates()
    ]


def ours(w: Wikitext) -> list[tuple[str, list[tuple[str, str]]]]:
    return [(one.name, [(two.name, two.value.strip()) for two in one.parameters]) for one in w.templates]


def links_of(code: Wikicode) -> list[tuple[str, str]]:
    return [(seen(one.title), str(one.text or "")) for one in code.filter_wikilinks()]


@settings(max_examples=500)
@given(articles)
def test_templates_and_parameters_are_the_same(text: str) -> None:
    assert sorted(ours(read(text))) == sorted(templates_of(theirs(text)))


@settings(max_examples=500)
@given(articles)
def test_links_are_the_same(text: str) -> None:
    assert sorted((one.target, one.text or "") for one in read(text).links) == sorted(links_of(theirs(text)))


@settings(max_examples=300)
@given(articles, st.sampled_from(["a", "bb", "neu"]), word.filter(bool))
def test_after_a_change_they_read_what_we_do(text: str, name: str, value: str) -> None:
    w = read(text)
    for one in w.templates[:1]:
        one.set(name, value)
    for link in w.links[-1:]:
        link.retarget("New page")
    code = theirs(str(w))
    assert sorted(ours(w)) == sorted(templates_of(code))
    assert sorted((one.target, one.text or "") for one in w.links) == sorted(links_of(code))
