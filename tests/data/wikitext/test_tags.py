"""Comments, tags with their attributes and content, footnotes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.data.wikitext import Wikitext
from apibot.data.wikitext.node import written
from tests.support.wikitexts import changed, read, texts

SECONDS = 60
ATTRIBUTES = [
    ('<ref name="a" group=b>', {"name": "a", "group": "b"}),
    ("<ref name='a \"b\"' GROUP = b />", {"name": 'a "b"', "group": "b"}),
    ("<ref name=a/b/>", {"name": "a/b"}),
    ("<ref name=it's />", {"name": "it's"}),
    ("<ref name=a name=b>", {"name": "b"}),
    ("<ref name>", {"name": ""}),
    ('<ref name="a\n  b ">', {"name": "a b"}),
    ('<ref name="a&amp;b&#233;&eacute;&lt;">', {"name": "a&béé<"}),
    ('<ref name="a&copyb &amp">', {"name": "a&copyb &amp"}),  # without a semicolon it is none
    ('<ref name="a">', {"name": "a"}),
    ("<ref\nname=a\n>", {"name": "a"}),
    ("<ref>", {}),
    ("<ref name=&#xD800;&#1114112;&nosuch;>", {"name": "\ufffd\ufffd&nosuch;"}),
    ('<ref name="a  b=c>', {"name": "a b=c"}),
]


@pytest.mark.parametrize(("opening", "attributes"), ATTRIBUTES)
def test_attributes_are_those_that_the_wiki_takes(opening: str, attributes: dict[str, str]) -> None:
    closing = "" if opening.endswith("/>") else "x</ref>"
    assert read(f"{opening}{closing}").tags[0].attributes == attributes


SET = [
    ("<ref>x</ref>", "name", "a", '<ref name="a">x</ref>'),
    ("<ref/>", "name", "a", '<ref name="a"/>'),
    ("<ref />", "name", "a", '<ref name="a" />'),
    ("<ref name=a group=g />", "name", "b", '<ref name="b" group=g />'),
    ("<ref name='a'  group=g>x</ref>", "name", None, "<ref  group=g>x</ref>"),
    ("<ref NAME=a name=b>x</ref>", "name", "c", '<ref name="c">x</ref>'),
    ("<ref name=a name=b>x</ref>", "name", None, "<ref>x</ref>"),
    ("<ref>x</ref>", "name", None, "<ref>x</ref>"),
    ("<ref>x</ref>", "name", '<"&">', '<ref name="&lt;&quot;&amp;&quot;&gt;">x</ref>'),
    ("<ref name=a/b />", "group", "g", '<ref name=a/b group="g" />'),
]


@pytest.mark.parametrize(("text", "name", "value", "after"), SET)
def test_an_attribute_is_set_and_the_others_stay(text: str, name: str, value: str | None, after: str) -> None:
    w = read(text)
    w.tags[0].set(name, value)
    assert str(w) == after
    assert read(after).tags[0].attributes.get(name) == value
    w.tags[0].set(name, value)
    assert str(w) == after


@given(
    st.text(st.sampled_from("ab \"'<>&/=|é{}[];")), st.sampled_from(["<ref>x</ref>", "<ref name=a/>", "<ref a='b' />"])
)
def test_a_label_can_be_any_text(label: str, text: str) -> None:
    w = read(f"{{{{t|{text}}}}} {text}")
    w.references[0].label = label
    again = read(str(w))
    assert again.references[0].label == " ".join(label.split())
    assert str(again.references[1]) == text
    assert len(again.templates[0]) == 1
    w.references[0].label = ""
    assert "name" not in read(str(w)).references[0].attributes


def test_attributes_that_are_not_closed_take_in_no_others() -> None:
    w = read("<ref name='a>x</ref>")
    with pytest.raises(BadText, match="not closed"):
        w.references[0].group = "g"
    assert str(w) == "<ref name='a>x</ref>"
    w.references[0].label = "b"
    w.references[0].group = "g"
    assert str(w) == '<ref name="b" group="g">x</ref>'


def test_attributes_come_in_time_in_proportion_to_their_length() -> None:
    for inner in (" ", "a ", "a", "=", "a=", "a= ", '"', "a='", "/ ", "&amp;"):
        w = read(f"<ref {inner * 2**16}x>y</ref>")
        start = time.monotonic()
        assert isinstance(w.references[0].attributes, dict)
        w.references[0].label = "z"
        assert time.monotonic() - start < SECONDS


def test_names_that_can_be_no_attribute_are_refused() -> None:
    w = read("<ref>x</ref>")
    for name in ("", "a b", "a=b", "a>", '"'):
        with pytest.raises(BadText, match="no name of an attribute"):
            w.tags[0].set(name, "x")
    assert str(w) == "<ref>x</ref>"


def test_references_have_labels_and_groups() -> None:
    w = read('<ref name="a" group="g">x</ref><ref name=a group=g /><references group="g"/>')
    assert [(one.label, one.group, one.content) for one in w.references] == [("a", "g", "x"), ("a", "g", None)]
    for one in w.references:
        one.label, one.group = "b", ""
    assert str(w) == '<ref name="b">x</ref><ref name="b" /><references group="g"/>'


CONTENTS = [
    ("<ref>x</ref>", "y", "<ref>y</ref>"),
    ("<REF >x</ref >", "y", "<REF >y</ref >"),
    ("<ref name=a />", "y", "<ref name=a>y</ref>"),
    ("<ref name=a/>", "", "<ref name=a></ref>"),
    ("<ref>x</ref>", "{{t|a=b}} [[c|d]]", "<ref>{{t|a=b}} [[c|d]]</ref>"),
    ("<ref>x</ref>", "a|b [[ {{ <!--", "<ref>a|b [[ {{ <!--</ref>"),  # it stays in it
    ("{{t|<ref>x</ref>}}", "}} | {{", "{{t|<ref>}} | {{</ref>}}"),
    ("<nowiki>x</nowiki>", "[[a]] <ref>", "<nowiki>[[a]] <ref></nowiki>"),
    ("<gallery>a.png</gallery>", "\nb.png|c\n", "<gallery>\nb.png|c\n</gallery>"),
    ("<includeonly>x", "y", "<includeonly>y</includeonly>"),
]


@pytest.mark.parametrize(("text", "content", "after"), CONTENTS)
def test_the_content_is_what_is_in_the_tag(text: str, content: str, after: str) -> None:
    def edit(w: Wikitext) -> None:
        tag = w.tags[0]
        tag.content = content
        assert tag.content == content

    assert changed(text, edit) == after
    assert changed(after, edit) == after


def test_content_that_would_end_the_tag_is_refused() -> None:
    w = read("<ref>x</ref>")
    for content in ("a</ref>", "a</REF >b"):
        with pytest.raises(BadText, match="would end <ref>") as found:
            w.tags[0].content = content
        assert content[found.value.position :].startswith("</")
    assert str(w) == "<ref>x</ref>"


def test_a_new_closing_tag_that_another_would_take_is_refused() -> None:
    w = read("<ref> a <ref/> b")
    w.tags[0].content = "x"
    with pytest.raises(BadText, match="something else"):
        str(w)


def test_what_was_in_a_tag_can_not_be_changed_any_more() -> None:
    w = read("<ref>[[a]] {{t}}</ref>")
    link, template = w.links[0], w.templates[0]
    w.tags[0].content = "[[a]] {{t}}"
    for edit in (link.unlink, template.remove):
        with pytest.raises(BadParameter, match="any more"):
            edit()
    assert str(w) == "<ref>[[a]] {{t}}</ref>"


COMMENTS = ["x", "", " x ", ">", "->", "-", "--", "a--", "<!--", "{{t|", "\n", "--&gt;"]


@pytest.mark.parametrize("text", COMMENTS)
def test_a_comment_takes_any_text_that_does_not_end_it(text: str) -> None:
    w = read("[[a]]<!--c-->[[b]]")
    w.comments[0].text = text
    assert w.comments[0].text == text
    again = read(str(w))
    assert [one.text for one in again.comments] == [text]
    assert len(again.links) == 2


def test_a_comment_that_is_not_closed_is_closed_by_a_new_text() -> None:
    w = read("a<!-- b")
    assert w.comments[0].text == " b"
    w.comments[0].text = "c"
    assert str(w) == "a<!--c-->"
    for text in ("-->", "a-->b"):
        with pytest.raises(BadText, match="would end the comment") as found:
            w.comments[0].text = text
        assert found.value.position == text.index("-->")


@given(texts, st.sampled_from(["new", "{{n|a}}", "[[n]]", "<nowiki/>"]))
def test_a_new_content_changes_nothing_outside_of_the_tag(text: str, content: str) -> None:
    found = read(text).references
    if not found:
        return
    after = changed(text, lambda w: setattr(w.references[-1], "content", content))
    if after is None:
        return
    old, new = str(found[-1]), str(read(after).references[-1])
    if text.count(old) == 1:
        assert after == text.replace(old, new)
    assert read(after).references[-1].content == content


def test_big_and_deep_texts_take_time_in_proportion() -> None:
    w = read("<ref/> <ref name=a>x</ref> <!--c-->\n" * (2**18 // 36))
    for one in w.references:
        one.content, one.label = "y", "b"
    for comment in w.comments:
        comment.text = "d"
    assert str(w).startswith('<ref name="b">y</ref> <ref name="b">y</ref> <!--d-->\n')
    count = 2**18 // 5
    deep = read("<ref>" + "{{" * count + "x" + "}}" * count + "</ref>")
    deep.references[0].label = "a"
    assert written(deep.pieces) == str(deep)
    deep.references[0].content = "y"
    assert str(deep) == '<ref name="a">y</ref>'
