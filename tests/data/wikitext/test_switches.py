"""Behaviour switches, in all scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data.wikitext import Wikitext
from tests.support.made_up_wiki import BLOCKS
from tests.support.wikitexts import WORDS, changed, packed, read, seen, texts


@pytest.mark.parametrize(("name", "word"), [(name, word) for name in ("notoc", "toc") for word in WORDS[name]])
def test_a_switch_is_known_however_it_is_written(name: str, word: str) -> None:
    for spelling in (word, word.lower()):
        assert read(f"T {spelling} U").switches == [name]
        assert changed(f"T\n{spelling}\nU", lambda w: w.remove_switch(name)) == "T\nU"


@pytest.mark.parametrize(
    "text",
    [
        "<nowiki>__TOC__</nowiki>",
        "<!-- __TOC__ -->",
        "<includeonly>__TOC__</includeonly>",
        "__ TOC __",
        "_TOC_",
        "__T__",
    ],
)
def test_what_is_no_switch_of_the_page(text: str) -> None:
    assert read(text).switches == []


ADDED = [
    ("", "__INHALTSVERZEICHNIS__"),
    ("T", "__INHALTSVERZEICHNIS__\nT"),
    ("== h ==", "__INHALTSVERZEICHNIS__\n== h =="),
    ("T __toc__", "T __toc__"),
    ("#WEITERLEITUNG [[a]]", "#WEITERLEITUNG [[a]]\n__INHALTSVERZEICHNIS__"),
    ("#redirect [[a]] {{t}}\nT", "#redirect [[a]]\n__INHALTSVERZEICHNIS__ {{t}}\nT"),
    ("<includeonly>__TOC__</includeonly>", "__INHALTSVERZEICHNIS__\n<includeonly>__TOC__</includeonly>"),
]


@pytest.mark.parametrize(("text", "after"), ADDED)
def test_a_switch_goes_to_the_top(text: str, after: str) -> None:
    assert changed(text, lambda w: w.add_switch("toc")) == after
    assert changed(after, lambda w: w.add_switch("toc")) == after


REMOVED = [
    ("T\n__TOC__\nU", "T\nU"),
    ("T\n\n__TOC__\n\nU", "T\n\nU"),
    ("__TOC__ __toc__\nU", "U"),
    ("T __TOC__ U", "T  U"),
    ("[[a]] __TOC__ [[b]]", "[[a]]  [[b]]"),
    ("[[a]]__TOC__\nU", "[[a]]\nU"),
    ("T<!-- c -->__TOC__\nU", "T<!-- c -->\nU"),
    ("{{t|__TOC__\n|b}}", "{{t|\n|b}}"),
    ("{{t|a\n__TOC__\nb}}", "{{t|a\nb}}"),
    ("<includeonly>__TOC__</includeonly>", "<includeonly></includeonly>"),
    ("<nowiki>__TOC__</nowiki>", "<nowiki>__TOC__</nowiki>"),
    ("T\n__TOC__* U", "T\n* U"),  # the wiki takes switches out before it looks for lists
]


@pytest.mark.parametrize(("text", "after"), REMOVED)
def test_a_switch_goes_with_its_line(text: str, after: str) -> None:
    assert changed(text, lambda w: w.remove_switch("toc")) == after


@pytest.mark.parametrize(
    ("text", "name"), [("a __NO__TOC__TOC__", "toc"), ("a __NO__NOTOC__TOC__", "notoc"), ("__T__TOC__OC__", "toc")]
)
def test_no_other_switch_comes_out_of_one(text: str, name: str) -> None:
    w = read(text)
    with pytest.raises(BadText, match="another switch would come out") as found:
        w.remove_switch(name)
    assert str(w) == text
    assert text[found.value.position :].startswith("__")


def test_switches_share_no_sign() -> None:
    w = read("__TOC__NOTOC__TOC__")
    assert w.switches == ["toc"]
    assert w.remove_switch("toc")
    assert str(w) == "NOTOC"


def test_unknown_switches_are_refused_with_those_there_are() -> None:
    for edit in (read("T").add_switch, read("T").remove_switch):
        with pytest.raises(BadParameter, match="noeditsection, notoc, toc"):
            edit("nonsense")


def test_a_wiki_that_tells_no_magic_words_has_the_usual_ones() -> None:
    w = Wikitext("__NOTOC__ __noindex__", SiteInfo.from_api(BLOCKS))
    assert w.switches == ["notoc", "noindex"]
    assert w.add_switch("hiddencat")
    assert w.remove_switch("noindex")
    assert str(w) == "__HIDDENCAT__\n__NOTOC__ "


@given(texts)
def test_removing_takes_one_switch_out_and_nothing_else(text: str) -> None:
    after = changed(text, lambda w: w.remove_switch("toc"))
    if after is None:
        return
    before, now = seen(read(text)), seen(read(after))
    assert now["switches"] == [name for name in before["switches"] if name != "toc"]
    gone = len(packed(text)) - len(packed(after))
    assert gone % len("__TOC__") == 0
    assert gone >= len("__TOC__") * ("toc" in before["switches"])
    assert changed(after, lambda w: w.remove_switch("toc")) == after


@given(texts, st.sampled_from(["notoc", "noeditsection"]))
def test_a_switch_that_was_added_can_be_taken_out(text: str, name: str) -> None:
    after = changed(text, lambda w: w.add_switch(name))
    if after is None or after == text:
        return
    assert name in read(after).switches
    back = changed(after, lambda w: w.remove_switch(name))
    assert back in {text, None} or text[:1].isspace()


def test_big_texts_take_time_in_proportion() -> None:
    w = read("a {__TOC__ {{t|__TOC__}}\n" * (2**18 // 25))
    assert w.remove_switch("toc")
    assert w.switches == []


def test_a_switch_of_a_template_is_not_one_of_its_users() -> None:
    w = read("x", "Vorlage:V")
    assert w.add_switch("notoc")
    assert str(w) == "<noinclude>__KEIN_INHALTSVERZEICHNIS__</noinclude>x"
    assert not w.add_switch("notoc")
    assert w.remove_switch("notoc")
    assert str(w) == "<noinclude></noinclude>x"
    w = read("#WEITERLEITUNG [[Vorlage:W]]", "Vorlage:V")
    assert w.add_switch("notoc")
    assert w.redirect is not None
    assert str(w) == "#WEITERLEITUNG [[Vorlage:W]]\n__KEIN_INHALTSVERZEICHNIS__"
