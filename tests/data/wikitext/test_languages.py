"""Links to the same page in other languages."""

from __future__ import annotations

import pytest
from hypothesis import given

from apibot.core.errors import BadParameter, InvalidTitle
from tests.support.wikitexts import changed, packed, read, seen, texts, titles

SET = [
    ("T", "fr:X", None, "T\n\n[[fr:X]]"),
    ("T\n\n[[Kategorie:A]]\n", "fr:X", None, "T\n\n[[Kategorie:A]]\n\n[[fr:X]]\n"),
    ("T\n[[fr:X]]", "it:Y", None, "T\n[[fr:X]]\n[[it:Y]]"),
    ("T\n[[fr:X]] <!-- x -->\n", "it:Y", None, "T\n[[fr:X]] <!-- x -->\n[[it:Y]]\n"),
    ("T\n[[ FR:x |y]]", "fr:Z", None, "T\n[[ fr:Z |y]]"),
    ("[[fr:X]][[fr:Y]]", "fr:Z", None, "[[fr:Z]][[fr:Y]]"),  # the first one counts
    ("T [[:fr:X]]", "fr:Y", None, "T [[:fr:X]]\n\n[[fr:Y]]"),
    ("T", "fr:X#y z", None, "T\n\n[[fr:X#y z]]"),
    ("T<!-- c", "fr:X", None, "T\n\n[[fr:X]]\n<!-- c"),
    ("V", "fr:X", "Vorlage:V", "V<noinclude>[[fr:X]]</noinclude>"),
    ("V<noinclude>d</noinclude>", "fr:X", "Vorlage:V", "V<noinclude>d\n[[fr:X]]\n</noinclude>"),
    (
        "[[fr:X]]<noinclude>[[it:Y]]</noinclude>",
        "fr:Z",
        "Vorlage:V",
        "[[fr:Z]]<noinclude>[[it:Y]]</noinclude>",
    ),
]


@pytest.mark.parametrize(("text", "to", "title", "after"), SET)
def test_a_language_has_one_link(text: str, to: str, title: str | None, after: str) -> None:
    assert changed(text, lambda w: w.set_language_link(to), title) == after
    assert changed(after, lambda w: w.set_language_link(to), title) == after


def test_what_is_no_language_is_refused() -> None:
    for to in ("acme:X", "X", "Kategorie:A"):
        w = read("T")
        with pytest.raises(BadParameter, match="no page in another language"):
            w.set_language_link(to)
        assert str(w) == "T"
    w = read("T", "Diskussion:T")  # where they are links like others
    with pytest.raises(BadParameter):
        w.set_language_link("fr:X")
    with pytest.raises(InvalidTitle):
        read("T").set_language_link("fr:a[b")


REMOVED = [
    ("T\n\n[[fr:X]]\n[[it:Y]]", "T\n\n[[it:Y]]"),
    ("T\n\n[[fr:X]]", "T"),
    ("T\n[[FR:X|y]][[fr:Z]]\nU", "T\nU"),
    ("T\n[[fr:X]]# U", "T# U"),
    ("[[:fr:X]]", "[[:fr:X]]"),
    ("{{t|[[fr:X]] }}", "{{t| }}"),
]


@pytest.mark.parametrize(("text", "after"), REMOVED)
def test_a_language_goes_with_its_lines(text: str, after: str) -> None:
    assert changed(text, lambda w: w.remove_language_link("FR")) == after


@given(texts, titles)
def test_setting_changes_one_link_and_nothing_else(text: str, title: str | None) -> None:
    if title == "Diskussion:Seite":
        return
    after = changed(text, lambda w: w.set_language_link("it:Neu"), title)
    if after is None:
        return
    before, now = seen(read(text, title)), seen(read(after, title))
    assert "[[it:Neu]]" in now["languages"]
    assert {**now, "languages": []} == {**before, "languages": []} or "{{" in text
    assert changed(after, lambda w: w.set_language_link("it:Neu"), title) == after


@given(texts)
def test_a_language_that_was_added_can_be_taken_out(text: str) -> None:
    if "[[it:" in text:
        return
    after = changed(text, lambda w: w.set_language_link("it:Neu"))
    back = after and changed(after, lambda w: w.remove_language_link("it"))
    if back is not None:
        assert packed(back) == packed(text)


@given(texts)
def test_languages_and_categories_commute(text: str) -> None:
    one = changed(text, lambda w: [w.set_language_link("it:Neu"), w.remove_category("B")])
    other = changed(text, lambda w: [w.remove_category("B"), w.set_language_link("it:Neu")])
    if one is not None and other is not None:
        assert packed(one) == packed(other)
