"""Replacing in the text itself, outside of constructs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadPattern, PatternTimeout
from apibot.data.wikitext.replacing import CONSTRUCTS, LOOKS, USUAL
from tests.support.wikitexts import read, texts

RAW = "<nowiki>x</nowiki> <pre>x</pre> <math>x</math>"
KEPT: dict[str, list[tuple[str, str]]] = {
    "argument": [("x {{{x|x}}} x", "y {{{x|x}}} y")],
    "category": [("x [[Kategorie:X|x]] [[:Kategorie:X|x]]", "y [[Kategorie:X|x]] [[:Kategorie:X|y]]")],
    "comment": [("x <!-- x --> x", "y <!-- x --> y"), ("x <!-- x", "y <!-- x")],
    "file": [("x [[Datei:A.png|x]] [[a|x]]", "y [[Datei:A.png|x]] [[a|y]]")],
    "gallery": [("x <gallery>A.png|x</gallery>", "y <gallery>A.png|x</gallery>")],
    "heading": [("x\n== x ==\nx", "y\n== x ==\ny"), ("== x == <!--c-->\nx", "== x == <!--c-->\ny"), ("=x", "=y")],
    "language": [("x [[fr:x]] [[:fr:a|x]]", "y [[fr:x]] [[:fr:a|y]]")],
    "link": [("x [[a|x]] [[Kategorie:A|x]]", "y [[a|x]] [[Kategorie:A|y]]"), ("x [[x", "y [[y")],
    "nowiki": [(f"x {RAW} <ref>x</ref>", f"y {RAW} <ref>y</ref>")],
    "reference": [("x <ref name=x>x</ref> <ref name=x/>", "y <ref name=x>x</ref> <ref name=x/>")],
    "target": [
        ("x [[x|x]] {{x|x}} [[x]]", "y [[x|y]] {{x|y}} [[x]]"),
        ("<gallery>x.png|x</gallery>", "<gallery>x.png|y</gallery>"),
    ],
    "parameter": [
        ("{{a|x=x|x|b=x}} x", "{{a|x=y|y|b=y}} y"),
        ("[[Datei:A.png|mini=x|alternativtext=x|x]]", "[[Datei:A.png|mini=x|alternativtext=y|y]]"),
        ("<gallery>A.png|link=x|x</gallery>", "<gallery>A.png|link=x|y</gallery>"),
    ],
    "tag": [('x <ref name="x">x</ref> <ref name=x/>', 'y <ref name="x">y</ref> <ref name=x/>')],
    "switch": [("x __NOTOC__ x", "y __NOTOC__ y")],
    "template": [("x {{a|x|{{b|x}}}} x", "y {{a|x|{{b|x}}}} y"), ("x {{x", "y {{y")],
    "address": [
        ("x http://a.b/x [//a/x x] mailto:x@a.b x", "y http://a.b/x [//a/x y] mailto:x@a.b y"),
        ("x HTTPS://x ftp://x irc://x news:x //x x", "y HTTPS://x ftp://x irc://x news:x //y y"),
    ],
    "markup": [('x <span class="x">x</span> x<x', 'y <span class="x">y</span> y<y')],
}


def test_all_constructs_are_tried() -> None:
    assert KEPT.keys() == CONSTRUCTS.keys() | LOOKS.keys()


@pytest.mark.parametrize(("name", "text", "after"), [(name, *case) for name, cases in KEPT.items() for case in cases])
def test_what_is_to_be_left_alone_is_left_alone(name: str, text: str, after: str) -> None:
    w = read(text)
    count = w.replace("x", "y", word=True, outside=[name])
    assert str(w) == after
    assert count == sum(1 for one, other in zip(text, after, strict=True) if one != other)
    everywhere = read(text)
    everywhere.replace("x", "y", outside=[])
    assert "x" not in str(everywhere)


PLACES: list[tuple[tuple[str, str, str | Callable[..., str]], dict[str, Any], int, str]] = [
    (("teh teh tehx", "teh", "the"), {"word": True}, 2, "the the tehx"),
    (("C++ C++x .C++.", "C++", "D"), {"word": True}, 2, "D C++x .D."),
    (("straße Straße", "Straße", "Weg"), {"ignore_case": True}, 2, "Weg Weg"),
    (("éa a", "a", "b"), {"word": True}, 1, "éa b"),
    (("a.b axb", "a.b", "c"), {}, 1, "c axb"),
    (("a a a", "a", "b"), {"count": 2}, 2, "b b a"),
    (("a", "a", r"\1\g<0>"), {}, 1, r"\1\g<0>"),
    (("ab ac", r"a(\w)", r"<\1>"), {"regex": True}, 2, "<b> <c>"),
    (("ab ac", r"a(?P<n>\w)", lambda found: found["n"].upper()), {"regex": True}, 2, "B C"),
    (("ab", "a", lambda found: found[0] * 3), {}, 1, "aaab"),
    (("a\nb", r"a\nb", "c"), {"regex": True}, 1, "c"),
    (("a", "b", "c"), {}, 0, "a"),
    (("A ab a", "(?i)a", "c"), {"regex": True, "word": True}, 2, "c ab c"),
    (("{{s}} {{s}}s", "{{s}}", "c"), {"regex": True, "word": True, "outside": []}, 1, "c {{s}}s"),
    (("a [[a]] a", "a [[a]]", "b"), {}, 0, "a [[a]] a"),  # it reaches into what is left alone
    (("a<!-- b -->c", "[ac]", "x"), {"regex": True}, 2, "x<!-- b -->x"),
    (("<!-- b -->", "^", "x"), {"regex": True}, 1, "x<!-- b -->"),
]


@pytest.mark.parametrize(("asked", "how", "count", "after"), PLACES)
def test_places_are_found(
    asked: tuple[str, str, str | Callable[..., str]], how: dict[str, Any], count: int, after: str
) -> None:
    text, old, new = asked
    w = read(text)
    assert w.replace(old, new, **how) == count
    assert str(w) == after


@given(texts, st.sampled_from(["t", "text", "A", "|", "[", "\n", "=", "c"]), st.sets(st.sampled_from(sorted(KEPT))))
def test_what_is_left_alone_stays_and_the_rest_is_replaced(text: str, old: str, outside: set[str]) -> None:
    w = read(text)
    count = w.replace(old, "\u2603", outside=outside)
    after = str(w)
    assert after.count("\u2603") == count
    assert after.replace("\u2603", old) == text
    everywhere = read(text)
    assert everywhere.replace(old, "\u2603", outside=()) == text.count(old) >= count
    if "comment" in outside:
        assert all(str(one) in after for one in read(text).comments)


@given(texts, st.sampled_from(["text", "a", "T"]))
def test_replacing_is_undone_by_replacing_back(text: str, old: str) -> None:
    w = read(text)
    count = w.replace(old, "\u2603")
    assert w.replace("\u2603", old) == count
    assert str(w) == text


def test_views_of_before_are_refused_if_there_was_a_place() -> None:
    w = read("a [[b]]")
    link = w.links[0]
    assert w.replace("x", "y") == 0
    link.text = "c"
    assert w.replace("a", "d") == 1
    with pytest.raises(BadParameter, match="any more"):
        link.unlink()
    w.links[0].unlink()
    assert str(w) == "d c"


def test_what_is_wrong_is_refused() -> None:
    w = read("a" * 40 + "!")
    for old in ("", "(", "[a", "a)(b", "a)|(?:b"):
        with pytest.raises(BadPattern):
            w.replace(old, "b", regex=True)
        with pytest.raises(BadPattern) as caught:
            w.replace(old, "b", regex=True, word=True)
        assert caught.value.text == old
    with pytest.raises(BadPattern):
        w.replace("a", r"\2", regex=True)
    with pytest.raises(BadParameter, match=f"no constructs 'nonsense'; there are: argument, .*{USUAL[-1]}"):
        w.replace("a", "b", outside=["nonsense"])
    with pytest.raises(PatternTimeout):
        w.replace(r"(a|aa)+$", "b", regex=True)
    assert str(w) == "a" * 40 + "!"


def test_big_texts_take_time_in_proportion() -> None:
    line = "x [[x|x]] {{x|x=x}} <!-- x --> http://x/x <ref>x</ref> <b x>\n"
    count = 2**18 // len(line)
    w = read(line * count)
    assert w.replace("x", "y", outside=sorted(KEPT)) == count
    assert w.replace("x", "z") == 3 * count
    assert str(w) == "y [[x|z]] {{x|x=z}} <!-- x --> http://x/x <ref>z</ref> <b x>\n" * count
    for hostile in ("<", "[//", "http:", "x:", "<a ", "[[x", "{{x|", "== x "):
        w = read(hostile * (2**17 // len(hostile)))
        w.replace("x", "y", outside=sorted(KEPT))


def test_what_would_be_replaced_can_be_found() -> None:
    w = read("teh {{Teh|teh}} <nowiki>teh</nowiki> [[teh|Teh]]")
    assert [(found.start(), found[0]) for found in w.find("teh")] == [(0, "teh"), (10, "teh")]
    assert [found[0] for found in w.find("teh", ignore_case=True)] == ["teh", "teh", "Teh"]
    assert [found[1] for found in w.find(r"\bt(e)h\b", regex=True, outside="template")] == ["e", "e", "e"]
    assert w.find("the") == []
    for text, count in (("teh", 2), ("Teh", 1), ("nothing", 0)):
        assert len(w.find(text)) == read(str(w)).replace(text, "x") == count
    with pytest.raises(BadPattern):
        w.find("(", regex=True)
    with pytest.raises(BadParameter, match="no constructs 'templates'"):
        w.find("teh", outside="templates")


def test_names_and_options_are_left_alone_unless_asked_for() -> None:
    begin = "{{Box|left=left left}} [[Datei:A|left|x left]]"
    text = f'{begin} <ref name="left">left</ref> <b class="left">left</b> __TOC__ TOC'
    w = read(text)
    assert w.replace("left", "right") == 5
    assert w.replace("TOC", "Inhalt") == 1
    after = '{{Box|left=right right}} [[Datei:A|left|x right]] <ref name="left">right</ref> <b class="left">right</b>'
    assert str(w) == f"{after} __TOC__ Inhalt"
    assert read(text).replace("left", "right", outside="comment") == 9


def test_one_construct_can_be_given_by_its_name_alone() -> None:
    w = read("a {{a}} [[a]]")
    assert w.replace("a", "b", outside="template") == 2
    assert str(w) == "b {{a}} [[b]]"


def test_a_function_that_returns_no_text_is_refused() -> None:
    w = read("a")
    nothing: Any = lambda _found: None  # noqa: E731  # as an untyped caller has it
    with pytest.raises(BadParameter, match="returned None, no text"):
        w.replace("a", nothing)
    assert str(w) == "a"
