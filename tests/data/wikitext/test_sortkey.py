"""The key by which a page is sorted in all its categories, and the functions that it is one of."""

from __future__ import annotations

import pytest
from hypothesis import given

from apibot.core.errors import BadParameter, BadText
from tests.support.wikitexts import packed, read, texts, titles

PLACED = {
    "": "{{SORTIERUNG:k}}",
    "a": "a\n\n{{SORTIERUNG:k}}",
    "a\n": "a\n\n{{SORTIERUNG:k}}\n",
    "a\n\n[[Kategorie:A]]\n[[Kategorie:B]]\n": "a\n\n{{SORTIERUNG:k}}\n[[Kategorie:A]]\n[[Kategorie:B]]\n",
    "a [[Kategorie:A]]": "a {{SORTIERUNG:k}}[[Kategorie:A]]",
    "a\n\n[[fr:X]]\n": "a\n\n{{SORTIERUNG:k}}\n\n[[fr:X]]\n",
    "{{DEFAULTSORT: x <!-- c --> }}": "{{DEFAULTSORT: k <!-- c --> }}",
    "{{DEFAULTSORT:x|noerror}}{{DEFAULTSORT:}}": "{{DEFAULTSORT:k|noerror}}{{DEFAULTSORT:}}",
    "{{DEFAULTSORT:x}}{{DEFAULTSORT:y|noreplace}}": "{{DEFAULTSORT:k}}{{DEFAULTSORT:y|noreplace}}",
}


@pytest.mark.parametrize("text", PLACED)
def test_a_key_is_set_where_one_is_or_before_the_categories(text: str) -> None:
    w = read(text)
    w.default_sortkey = "k"
    assert str(w) == PLACED[text]
    w.default_sortkey = "k"
    assert str(w) == PLACED[text]


def test_a_template_has_its_own_key() -> None:
    w = read("a", "Vorlage:V")
    w.default_sortkey = "k"
    assert str(w) == "a<noinclude>{{SORTIERUNG:k}}</noinclude>"


@pytest.mark.parametrize("key", ["", " ", "a|b", "a}}", "{{", "<!--"])
def test_what_can_be_no_key(key: str) -> None:
    for text in ("a", "{{SORTIERUNG:x}}"):
        w = read(text)
        with pytest.raises(BadText):
            w.default_sortkey = key
        assert str(w) == text


@given(texts, titles)
def test_a_key_comes_and_goes_with_nothing_else(text: str, title: str | None) -> None:
    w = read(text, title)
    try:
        w.default_sortkey = "Schmidt"
        after = str(w)
    except BadText:
        return
    assert read(after, title).default_sortkey == "Schmidt"
    w.default_sortkey = None
    assert w.default_sortkey is None
    once, again = read(after, title), read(text, title)
    once.default_sortkey = again.default_sortkey = None
    left, other = (packed(str(one)).replace("<noinclude></noinclude>", "") for one in (once, again))
    assert left == other


FUNCTIONS = {
    "{{SORTIERUNG: a }}": ("defaultsort", "a"),
    "{{defaultsort:a:b|c}}": ("defaultsort", "a:b"),
    "{{SEITENNAME}}": ("pagename", None),
    "{{PAGENAME}}": ("pagename", None),
    "{{#if: {{t|:}} | b}}": ("if", "{{t|:}}"),
    "{{subst:#if:a:b|c}}": ("if", "a:b"),
    "{{<!-- : -->#if:a<!-- c -->}}": ("if", "a"),
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_functions_are_told_by_their_names_in_the_program(text: str) -> None:
    [one] = read(text).functions
    assert (one.function, one.argument) == FUNCTIONS[text]
    assert one.is_function


def test_an_argument_is_set_and_all_else_stays() -> None:
    w = read("{{#if: a <!-- c --> | b }} {{PAGENAME}} {{t}}")
    one, other = w.functions
    one.argument = "{{x|y}}=:"
    assert str(w) == "{{#if: {{x|y}}=: <!-- c --> | b }} {{PAGENAME}} {{t}}"
    for view in (other, *w.templates):
        assert view.argument is None
        with pytest.raises(BadParameter, match="no parser function with a colon"):
            view.argument = "a"
    assert w.templates[0].function == ""


def test_what_is_found_is_true_also_if_it_is_empty() -> None:
    assert read("{{t}}").templates[0]
    assert read("{|\n|}").tables[0]


def test_keys_that_are_the_same_stay_the_same() -> None:
    w = read("{{SORTIERUNG:a}}{{SORTIERUNG:b}}x{{DEFAULTSORT:b}}")
    w.default_sortkey = "K"
    assert str(w) == "{{SORTIERUNG:a}}{{SORTIERUNG:K}}x{{DEFAULTSORT:K}}"


def test_a_key_in_a_key_and_one_that_gives_way() -> None:
    w = read("{{SORTIERUNG:{{SORTIERUNG:z}}}} x")
    w.default_sortkey = None
    assert str(w) == "x"
    w = read("{{SORTIERUNG:a}}{{SORTIERUNG:b|NoReplace}}")
    assert w.default_sortkey == "a"
    assert read("{{SORTIERUNG:a}}{{SORTIERUNG:b|noerror|noreplace}}").default_sortkey == "b"


def test_a_key_is_put_into_no_table() -> None:
    w = read("{|[[\n|}[[Kategorie:A]]]]")
    w.default_sortkey = "k"
    assert str(w) == "{|[[\n|}[[Kategorie:A]]]]\n\n{{SORTIERUNG:k}}"
    w = read("{|\n| [[Kategorie:A]]\n|}\n")
    w.default_sortkey = "k"
    assert str(w) == "{|\n| [[Kategorie:A]]\n|}\n\n{{SORTIERUNG:k}}\n"
