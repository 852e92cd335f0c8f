"""Marked places, and what is put at the end or the beginning of a text."""

from __future__ import annotations

import pytest
from hypothesis import given

from apibot.core.errors import BadParameter, BadText
from apibot.data.wikitext.node import written
from tests.support.wikitexts import changed, packed, read, seen, texts

SET = [
    ("a<!-- X -->b<!-- END X -->c", "n", "a<!-- X -->n<!-- END X -->c"),
    ("<!--X--><!--END X-->", "[[n]] {{t|a}}", "<!--X-->[[n]] {{t|a}}<!--END X-->"),
    ("<!--  X  -->b<!-- END X -->", "", "<!--  X  --><!-- END X -->"),
    ("<!-- X -->\nb\n<!-- END X -->", "\n== h ==\n* n\n", "<!-- X -->\n== h ==\n* n\n<!-- END X -->"),
    ("<!-- X -->b<!-- END X -->", "== h ==", "<!-- X -->== h ==<!-- END X -->"),  # on the mark's line it is none
    ("<!-- X -->b<!-- END X -->", "\n{|\n|-\n| n\n|}\n", "<!-- X -->\n{|\n|-\n| n\n|}\n<!-- END X -->"),
    ("<!-- X -->b<!-- END X -->", "<!-- Y -->n<!-- END Y -->", "<!-- X --><!-- Y -->n<!-- END Y --><!-- END X -->"),
    ("{{t|<!-- X -->b<!-- END X -->}}", "n", "{{t|<!-- X -->n<!-- END X -->}}"),
    (
        "<noinclude><!-- X -->b<!-- END X --></noinclude>",
        "[[Kategorie:N]]",
        "<noinclude><!-- X -->[[Kategorie:N]]<!-- END X --></noinclude>",
    ),
    (
        "<nowiki><!-- X --></nowiki><!-- X -->b<!-- END X -->",
        "n",
        "<nowiki><!-- X --></nowiki><!-- X -->n<!-- END X -->",
    ),
]


@pytest.mark.parametrize(("text", "new", "after"), SET)
def test_only_what_is_between_the_marks_changes(text: str, new: str, after: str) -> None:
    assert changed(text, lambda w: w.set_marked("X", new)) == after
    w = read(after)
    assert w.marked("X") == new
    assert not w.set_marked("X", new)
    assert str(w) == after


MARKS = [
    ("a", "no marks <!-- X -->", 0),
    ("<!-- X -->", "no marks <!-- END X -->", 0),
    ("<!-- X --><!-- X --><!-- END X -->", "2 marks <!-- X -->", 10),
    ("<!-- X --><!-- END X --><!-- END X -->", "2 marks <!-- END X -->", 24),
    ("<!-- END X --><!-- X -->", "does not close", 0),
    ("<!-- X -->{{t|<!-- END X -->}}", "does not close", 14),
    ("<!-- X --><!-- END Xabc", "no marks <!-- END X -->", 0),  # it is never closed
    ("<!-- X --><nowiki><!-- END X --></nowiki>", "no marks <!-- END X -->", 0),
    ("<!-- x --><!-- END x -->", "no marks <!-- X -->", 0),
]


@pytest.mark.parametrize(("text", "reason", "position"), MARKS)
def test_marks_that_are_no_pair_are_refused(text: str, reason: str, position: int) -> None:
    w = read(text)
    for edit in (lambda: w.marked("X"), lambda: w.set_marked("X", "n")):
        with pytest.raises(BadText, match=reason) as found:
            edit()
        assert found.value.position == position
    assert str(w) == text


NOT_WHOLE = [
    "{{",
    "}}",
    "[[",
    "<!--",
    "<ref>",
    "</ref>",
    "<nowiki>",
    "<!-- X -->",
    "<!-- END X -->",
    "\n== h ==",
    "a\n= b =",
]


@pytest.mark.parametrize("new", NOT_WHOLE)
def test_what_would_not_stay_between_the_marks_is_refused(new: str) -> None:
    text = "<!-- X -->b<!-- END X -->c"
    w = read(text)
    with pytest.raises(BadText) as found:
        w.set_marked("X", new)
    assert 0 <= found.value.position < len(new)
    assert str(w) == text


def test_what_was_between_the_marks_can_not_be_changed_any_more() -> None:
    w = read("<!-- X -->[[a]] {{t|[[b]]}}<!-- END X -->[[c]]")
    views = [*w.links, *w.templates]
    w.set_marked("X", "n")
    for view in views:
        if str(view) != "[[c]]":
            with pytest.raises(BadParameter, match="any more"):
                view.remove()
    w.links[0].unlink()
    assert str(w) == "<!-- X -->n<!-- END X -->c"


def test_marks_are_found_beside_what_was_taken_apart() -> None:
    w = read("[[a]]<!-- X -->[[b]]<!-- END X -->")
    for link in w.links:
        link.unlink()
    assert w.marked("X") == "b"
    w.templates_named("t")
    w.prepend("{{t}}\n")
    w.templates[0].replace("<!-- Y --><!-- END Y -->")
    w.set_marked("Y", "n")
    assert str(w) == "<!-- Y -->n<!-- END Y -->\na<!-- X -->b<!-- END X -->"


@given(texts, texts)
def test_a_marked_text_comes_back(text: str, new: str) -> None:
    whole = f"[[a]]\n<!-- M -->old<!-- END M -->\n{text}"
    after = changed(whole, lambda w: w.set_marked("M", new))
    if after is None:
        return
    assert after == f"[[a]]\n<!-- M -->{new}<!-- END M -->\n{text}"
    assert read(after).marked("M") == new
    assert changed(after, lambda w: w.set_marked("M", "old")) == whole


ENDS = [
    ("a", "\nb", "a\nb"),
    ("", "== h ==", "== h =="),
    ("a\n", "== h ==\n", "a\n== h ==\n"),
    ("{{t}}", "[[b]]", "{{t}}[[b]]"),
    ("a [[", "b", "a [[b"),
]


@pytest.mark.parametrize(("text", "new", "after"), ENDS)
def test_text_is_put_at_the_end(text: str, new: str, after: str) -> None:
    assert changed(text, lambda w: w.append(new)) == after
    assert changed(new, lambda w: w.prepend(text)) in {after, None}


@given(texts, texts)
def test_what_is_put_at_an_end_leaves_the_rest(text: str, new: str) -> None:
    if "__" in text + new:  # two halves of a switch are not told from one
        return
    before = seen(read(text))
    for edit, expected in ((lambda w: w.append(new), text + new), (lambda w: w.prepend(new), new + text)):
        after = changed(text, edit)
        if after is not None:
            assert after == expected
            assert len(packed(after)) == len(packed(text)) + len(packed(new))
            now = seen(read(after))
            both = seen(read(new))
            for name in ("links", "categories", "templates", "tags", "comments"):
                assert sorted(now[name]) == sorted([*before[name], *both[name]])


def test_views_stay_alive_when_something_is_put_at_the_ends() -> None:
    w = read("[[a]]")
    link = w.links[0]
    w.prepend("{{t}}\n")
    w.append("\n{{u}}")
    link.unlink()
    assert str(w) == "{{t}}\na\n{{u}}"


def test_big_texts_take_time_in_proportion() -> None:
    count = 2**18 // 24
    w = read("<!-- a -->[[b]]<!-- c -->\n" * count + "<!-- X -->old<!-- END X -->")
    for number in range(20):
        w.set_marked("X", f"[[n{number}]]")
    assert w.marked("X") == "[[n19]]"
    for _time in range(2000):
        w.append("\n{{t}}")
    assert len(w.templates) == 2000
    assert written(w.pieces) == str(w)
