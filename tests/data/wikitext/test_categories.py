"""Categories: where a new one goes, what taking one out leaves, on pages and templates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.data import Title
from tests.support.wikitexts import changed, packed, read, seen, texts, titles

ADDED = [
    # On a page.
    ("", None, "[[Kategorie:N]]"),
    ("\n", None, "[[Kategorie:N]]\n"),
    ("T", None, "T\n\n[[Kategorie:N]]"),
    ("T\n\n\n", None, "T\n\n[[Kategorie:N]]\n\n\n"),
    ("T\n{{Navi}}\n{{stub}}", None, "T\n{{Navi}}\n{{stub}}\n\n[[Kategorie:N]]"),
    ("T\n{{SORTIERUNG:t}}", None, "T\n{{SORTIERUNG:t}}\n[[Kategorie:N]]"),
    ("T\n[[Kategorie:A]]\n\n\n[[fr:T]]", None, "T\n[[Kategorie:A]]\n[[Kategorie:N]]\n\n\n[[fr:T]]"),
    ("T [[fr:T]]\n\n[[it:T]]\n", None, "T\n\n[[Kategorie:N]] \n[[fr:T]]\n\n[[it:T]]\n"),
    ("[[fr:T]]\nT", None, "[[fr:T]]\nT\n\n[[Kategorie:N]]"),
    ("[[fr:T]]", None, "[[Kategorie:N]]\n[[fr:T]]"),
    # What follows the last one stays with it, or where it is.
    ("[[Kategorie:A]] <!-- a -->\nT", None, "[[Kategorie:A]] <!-- a -->\n[[Kategorie:N]]\nT"),
    ("[[Kategorie:A]]<!-- a -->", None, "[[Kategorie:A]]<!-- a -->\n[[Kategorie:N]]"),
    ("[[Kategorie:A]] T", None, "[[Kategorie:A]]\n[[Kategorie:N]] T"),
    ("[[Kategorie:A]]  \nT", None, "[[Kategorie:A]]  \n[[Kategorie:N]]\nT"),
    # One in a template or a footnote is no place for others.
    ("{{t|[[Kategorie:A]]}}", None, "{{t|[[Kategorie:A]]}}\n\n[[Kategorie:N]]"),
    ("<nowiki>[[Kategorie:A]]</nowiki>", None, "<nowiki>[[Kategorie:A]]</nowiki>\n\n[[Kategorie:N]]"),
    ("[[:Kategorie:A]]", None, "[[:Kategorie:A]]\n\n[[Kategorie:N]]"),
    # What is never closed would take it in.
    ("T<!-- c", None, "T\n\n[[Kategorie:N]]\n<!-- c"),
    ("T\n<includeonly>x", None, "T\n\n[[Kategorie:N]]\n<includeonly>x"),
    ("T [[x", None, "T [[x\n\n[[Kategorie:N]]"),
    ("T {{x|", None, "T {{x|\n\n[[Kategorie:N]]"),
    # On a template: only what is in <noinclude> is its own.
    ("V", "Vorlage:V", "V<noinclude>[[Kategorie:N]]</noinclude>"),
    ("V\n", "Vorlage:V", "V<noinclude>[[Kategorie:N]]</noinclude>\n"),
    ("V<!-- c", "Vorlage:V", "V<noinclude>[[Kategorie:N]]</noinclude><!-- c"),
    ("V[[Kategorie:A]]", "Vorlage:V", "V[[Kategorie:A]]<noinclude>[[Kategorie:N]]</noinclude>"),
    (
        "[[Kategorie:A]]<noinclude>{{Doku}}</noinclude>",
        "Vorlage:V",
        "[[Kategorie:A]]<noinclude>{{Doku}}\n[[Kategorie:N]]\n</noinclude>",
    ),
    (
        "V<noinclude>\n[[Kategorie:A]]\n</noinclude>[[Kategorie:B]]",
        "Vorlage:V",
        "V<noinclude>\n[[Kategorie:A]]\n[[Kategorie:N]]\n</noinclude>[[Kategorie:B]]",
    ),
    ("V<noinclude>{{Doku}}", "Vorlage:V", "V<noinclude>{{Doku}}\n\n[[Kategorie:N]]"),
    ("<NoInclude>d</NOINCLUDE>\n", "Vorlage:V", "<NoInclude>d\n[[Kategorie:N]]\n</NOINCLUDE>\n"),
    (
        "<includeonly>[[Kategorie:N]]</includeonly>",
        "Vorlage:V",
        "<includeonly>[[Kategorie:N]]</includeonly><noinclude>[[Kategorie:N]]</noinclude>",
    ),
]


@pytest.mark.parametrize(("text", "title", "after"), ADDED)
def test_a_new_category_goes_where_it_belongs(text: str, title: str | None, after: str) -> None:
    assert changed(text, lambda w: w.add_category("N"), title) == after
    assert changed(after, lambda w: w.add_category("Category:n"), title) == after


REMOVED = [
    ("T\n\n[[Kategorie:A]]", "T"),
    ("T\n\n[[Kategorie:A]]\n", "T\n"),
    ("[[Kategorie:A]]\n", ""),
    ("T\n[[Kategorie:A]]\nU", "T\nU"),
    ("T\n\n[[Kategorie:A]]\n\nU", "T\n\nU"),
    ("[[Kategorie:A]]\nU", "U"),
    ("T\n  [[ category : a |k]]  \nU", "T\nU"),
    ("T\n[[Kategorie:A]][[Kategorie:A|k]]\nU", "T\nU"),
    ("T [[Kategorie:A]]", "T "),
    ("T\n[[Kategorie:A]] U", "T\nU"),
    ("T\n[[Kategorie:A]]{{t}}", "T\n{{t}}"),
    ("T\n[[Kategorie:A]]<!-- a -->\nU", "T\n<!-- a -->\nU"),
    # The wiki shows what follows a category at the end of what is before it.
    ("T\n[[Kategorie:A]]* U", "T* U"),
    ("T\n\n[[Kategorie:A]]  == h ==\nU", "T== h ==\nU"),
    ("T\n[[Kategorie:A]]<!-- a -->* U", "T<!-- a -->* U"),
    ("T\n<!-- a --> [[Kategorie:A]]* U", "T<!-- a --> * U"),
    ("T\n<!-- a -->[[Kategorie:A]]\nU", "T\n<!-- a -->\nU"),
    ("T\n[[a]] [[Kategorie:A]]* U", "T\n[[a]] * U"),
    ("<noinclude>[[Kategorie:A]]\n</noinclude>", "<noinclude>\n</noinclude>"),
    # The first and last lines of a value are not known to be whole.
    ("{{t| [[Kategorie:A]] x}}", "{{t|  x}}"),
    ("{{t|[[Kategorie:A]]\n|b}}", "{{t|\n|b}}"),
    ("{{t|x\n[[Kategorie:A]]}}", "{{t|x\n}}"),
    ("{{t|\n[[Kategorie:A]]\n|b}}", "{{t|\n|b}}"),
    ("<noinclude>\n[[Kategorie:A]]\n</noinclude>", "<noinclude>\n</noinclude>"),
    ("<includeonly>[[Kategorie:A]]</includeonly>[[Kategorie:A]]", "<includeonly></includeonly>"),
    ("<includeonly/>[[Kategorie:B]]", "<includeonly/>[[Kategorie:B]]"),
    ("<nowiki>[[Kategorie:A]]</nowiki> [[:Kategorie:A]]", "<nowiki>[[Kategorie:A]]</nowiki> [[:Kategorie:A]]"),
]


@pytest.mark.parametrize(("text", "after"), REMOVED)
def test_a_category_goes_with_its_line(text: str, after: str) -> None:
    assert changed(text, lambda w: w.remove_category("A")) == after


@pytest.mark.parametrize(
    "text",
    [
        "== h == [[Kategorie:A]]\n",
        "[[Kategorie:A]]== h ==",
        "{[[Kategorie:A]]{t}}",
        "T\n[[Kategorie:A]]{| U",
        "{|\n| T\n[[Kategorie:A]]<!-- c -->| U\n|}",
    ],
)
def test_what_would_become_something_else_is_refused(text: str) -> None:
    assert read(text).categories
    assert changed(text, lambda w: w.remove_category("A")) is None


SORTED = [
    ("[[Kategorie:A]]", "k", "[[Kategorie:A|k]]"),
    ("[[Kategorie:A|x]]", "k", "[[Kategorie:A|k]]"),
    ("[[Kategorie:A|x]]", None, "[[Kategorie:A|x]]"),
    ("[[Kategorie:A|x]][[Kategorie:A|y]]", "k", "[[Kategorie:A|x]][[Kategorie:A|k]]"),  # the last one counts
    ("[[Kategorie:A|x]][[Kategorie:A|k]]", "k", "[[Kategorie:A|x]][[Kategorie:A|k]]"),
    ("[[Kategorie:A]]", "{{lc:X}} é", "[[Kategorie:A|{{lc:X}} é]]"),
    ("[[Kategorie:A]]", " ", "[[Kategorie:A| ]]"),
    ("[[Kategorie:A]]", "a|b", "[[Kategorie:A|a|b]]"),
]


@pytest.mark.parametrize(("text", "key", "after"), SORTED)
def test_a_sort_key_is_set_where_it_counts(text: str, key: str | None, after: str) -> None:
    w = read(text)
    assert w.add_category("A", key) == (text != after)
    assert str(w) == after
    assert w.categories[-1].sortkey == (key if key is not None else "x")


def test_sort_keys_are_changed_one_by_one() -> None:
    w = read("[[Kategorie:A|x]][[Kategorie:B]]")
    first, second = w.categories
    first.sortkey, second.sortkey = None, "y"
    assert str(w) == "[[Kategorie:A]][[Kategorie:B|y]]"


@pytest.mark.parametrize("key", ["", "a]]b", "[[x]]", "a{{b", "<!--"])
def test_what_can_be_no_sort_key_is_refused(key: str) -> None:
    for text in ("T", "[[Kategorie:N]]"):
        w = read(text)
        with pytest.raises(BadText):
            w.add_category("N", key)
        assert str(w) == text


@pytest.mark.parametrize("name", ["a[b", "", "fr:A", ":fr:A", "Datei:A.png"])
def test_what_is_no_category_is_refused(name: str) -> None:
    w = read("T")
    for edit in (w.add_category, w.remove_category):
        if name != "Datei:A.png":  # which is a category of that name, of namespace Kategorie, for who gives a text
            with pytest.raises((BadParameter, InvalidTitle)):
                edit(name)
    assert str(w) == "T"


REPLACED = [
    ("[[Kategorie:A|k]]", "[[Kategorie:N|k]]"),
    ("[[ Category:a <!-- c --> |k]]", "[[ Kategorie:N <!-- c --> |k]]"),
    ("T\n[[Kategorie:A]]\n[[Kategorie:N|k]]\n", "T\n[[Kategorie:N|k]]\n"),
    ("[[Kategorie:A]]\n[[Kategorie:A|k]]\n", "[[Kategorie:N|k]]\n"),
    (
        "<includeonly>[[Kategorie:A]]</includeonly>[[Kategorie:N]]",
        "<includeonly>[[Kategorie:N]]</includeonly>[[Kategorie:N]]",
    ),
]


@pytest.mark.parametrize(("text", "after"), REPLACED)
def test_a_category_is_replaced_in_its_place(text: str, after: str) -> None:
    assert changed(text, lambda w: w.replace_category("A", "N")) == after
    assert changed(after, lambda w: w.replace_category("A", "N")) == after


@given(texts, titles)
def test_adding_adds_a_category_and_nothing_else(text: str, title: str | None) -> None:
    after = changed(text, lambda w: w.add_category("Neu", "s"), title)
    if after is None:
        return
    before, now = seen(read(text, title)), seen(read(after, title))
    names = [name for name in now["categories"] if name != "[[Kategorie:Neu|s]]"]
    assert names == before["categories"]
    assert {**now, "categories": []} == {**before, "categories": []}
    without = packed(after).replace("[[Kategorie:Neu|s]]", "", 1)
    assert packed(text) in {without, without.replace("<noinclude></noinclude>", "", 1)}
    assert changed(after, lambda w: w.add_category("Neu", "s"), title) == after


@given(texts, titles)
def test_removing_takes_a_category_out_and_nothing_else(text: str, title: str | None) -> None:
    after = changed(text, lambda w: w.remove_category("A"), title)
    if after is None:
        return
    gone = [one for one in read(text, title).categories if one.name == "A"]
    assert len(packed(after)) == len(packed(text)) - sum(len(packed(str(one))) for one in gone)
    assert not [one for one in read(after, title).categories if one.name == "A"]
    assert changed(after, lambda w: w.remove_category("A"), title) == after


@given(texts)
def test_replacing_is_undone_by_replacing_back(text: str) -> None:
    w = read(text)
    spellings = {one.target for one in w.categories if one.name == "A"}
    count = sum(1 for one in w.categories if one.name == "A" and not one.included)
    after = changed(text, lambda one: one.replace_category("A", "Neu"))
    if after is not None and spellings <= {"Kategorie:A"} and count < 2:
        assert changed(after, lambda one: one.replace_category("Neu", "A")) in {text, None} or "includeonly" in text


@given(texts, st.permutations(["A", "B"]))
def test_the_order_of_removals_does_not_matter(text: str, names: list[str]) -> None:
    one, other = read(text), read(text)
    try:
        for name, last in zip(names, reversed(names), strict=True):
            one.remove_category(name)
            other.remove_category(last)
        assert packed(str(one)) == packed(str(other))
    except BadText:  # one of them can not go
        return


@pytest.mark.parametrize(
    ("opening", "closing"), [("{{t|", "}}"), ("[[Datei:A.png|", "]]"), ("{{{a|", "}}}"), ("-{", "}-")]
)
def test_nesting_may_be_deep(opening: str, closing: str) -> None:
    count = 2**16 // len(opening + closing)
    text = f"{opening * count}[[Kategorie:A]]{closing * count}"
    w = read(text)
    assert str(w) == text
    assert w == read(text)
    assert w.switches == []
    assert not [*w.links, *w.language_links, *w.tags, *w.functions, *w.tables]
    assert len(w.templates) + len(w.files) in {0, count}
    assert w.remove_category("A")
    assert w.add_category("N")
    assert w.replace("t", "u", outside=["target"]) == 0
    assert str(w).endswith(f"{closing}\n\n[[Kategorie:N]]")


def test_big_texts_take_time_in_proportion() -> None:
    line = "[[Kategorie:A]] [[Kategorie:B]] {[[Kategorie:A]]\n"
    w = read(line * (2**18 // len(line)))
    assert w.remove_category("A")
    for one in w.categories:
        one.sortkey = "k"
    assert w.replace_category("B", "C")
    for one in w.categories:
        one.remove()
    assert w.add_category("C")
    assert len(w.categories) == 1
    languages = read("T\n" + "[[fr:T]]\n" * (2**18 // 9))
    assert languages.add_category("C")
    assert str(languages).startswith("T\n\n[[Kategorie:C]]\n[[fr:T]]")


NEAT = [
    ("T", "T"),
    ("[[fr:T]]\n[[Kategorie:A|k]]T\n[[Kategorie:B]] u\n", "T\nu\n\n[[Kategorie:A|k]]\n[[Kategorie:B]]\n\n[[fr:T]]\n"),
    ("T\n\n[[Kategorie:A]]\n\n[[fr:T]]\n[[it:T]]", "T\n\n[[Kategorie:A]]\n\n[[fr:T]]\n[[it:T]]"),
    ("T\n[[Kategorie:A]]\n{{SORTIERUNG:t}}\n", "T\n{{SORTIERUNG:t}}\n[[Kategorie:A]]\n"),
    ("[[Kategorie:A]]", "[[Kategorie:A]]"),
    ("{{t|[[Kategorie:A]]}} [[Kategorie:B]]\nT", "{{t|[[Kategorie:A]]}} \nT\n\n[[Kategorie:B]]"),
    ("[[Kategorie:A]]T<!-- c", "T\n\n[[Kategorie:A]]\n<!-- c"),
    (
        "[[Kategorie:A]]\n<noinclude>[[Kategorie:B]]</noinclude>\nT",
        "<noinclude>[[Kategorie:B]]</noinclude>\nT\n\n[[Kategorie:A]]",
    ),
    ("[[:Kategorie:A]] T", "[[:Kategorie:A]] T"),
]


@pytest.mark.parametrize(("before", "after"), NEAT)
def test_a_page_is_set_out(before: str, after: str) -> None:
    w = read(before)
    assert w.neat() == (before != after)
    assert str(w) == after
    assert not w.neat()
    assert str(w) == after


def test_a_template_is_left_as_it_is() -> None:
    w = read("[[Kategorie:A]]V", "Vorlage:V")
    assert not w.neat()
    assert str(w) == "[[Kategorie:A]]V"


@given(texts)
def test_what_is_set_out_says_the_same(text: str) -> None:
    after = changed(text, lambda w: w.neat(), "Seite")
    if after is not None:
        before, found = seen(read(text, "Seite")), seen(read(after, "Seite"))
        assert {name: sorted(one) for name, one in found.items()} == {name: sorted(one) for name, one in before.items()}
        assert changed(after, lambda w: w.neat(), "Seite") == after


def test_the_link_to_a_category() -> None:
    w = read("[[Kategorie:A|x]] [[category:a|y]] <includeonly>[[Kategorie:B]]</includeonly> [[Kategorie:{{t}}]]")
    found = w.category("A")
    assert found is not None
    assert (found.name, found.sortkey) == ("A", "y"), "the last key counts"
    assert w.category("Kategorie:A") == w.category(Title.parse("Category:a", w.site)) == found
    assert w.category("B") is None
    assert w.category("C") is None
    with pytest.raises(BadParameter, match="no category"):
        w.category("Datei:A.png")
    with pytest.raises(InvalidTitle):
        w.category("[")


def test_the_key_that_counts_is_kept_when_a_category_is_replaced() -> None:
    for text, after in {
        "[[Kategorie:A|k]][[Kategorie:A|z]]": "[[Kategorie:D|z]]",
        "[[Kategorie:A|k]][[Kategorie:A]]": "[[Kategorie:D]]",
        "[[Kategorie:A]][[Kategorie:A|z]]": "[[Kategorie:D|z]]",
        "[[Kategorie:A|k]][[Kategorie:D|z]]": "[[Kategorie:D|z]]",
    }.items():
        w = read(text)
        assert w.replace_category("A", "D")
        assert str(w) == after


def test_a_key_may_hold_pipes_and_not_nothing() -> None:
    w = read("a")
    assert w.add_category("A", "b|c")
    assert str(w) == "a\n\n[[Kategorie:A|b|c]]"
    with pytest.raises(BadText, match="can be no sort key"):
        w.add_category("B", "<!-- c -->")


def test_comments_between_categories_do_not_make_them_untidy() -> None:
    text = "a\n\n[[Kategorie:A]] <!-- why -->\n[[Kategorie:B]]"
    w = read(text)
    assert not w.neat()
    assert str(w) == text
    w = read("<onlyinclude>[[Kategorie:A]]</onlyinclude> a\n\n[[Kategorie:B]]")
    assert not w.neat()
