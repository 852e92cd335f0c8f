"""Escaping: harmless text stays as it is, the rest is written by references; the real wiki's word is in tests/api."""

from __future__ import annotations

import html
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter
from apibot.data import Raw, escaped
from apibot.data.escaping import attributes_text

HARMLESS = [
    "",
    "Plain words.",
    'It\'s 5 > 3 & so on (a_b) - ok, 12:00; 100 % \u2013 "quoted" #1 *2 50+50 Yes! ~5',
    "Ünïcödé ＿ 中文 \u05d0\u05d1",
    "AT&T, R&D etc.",
    "News: today",
    "RFC, PMID and ISBN",
    "a~~b",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    assert escaped(text) == text


CASES = [
    ("a|b", "a&#124;b"),
    ("{{a}}", "&#123;&#123;a&#125;&#125;"),
    ("[[a]]", "&#91;&#91;a&#93;&#93;"),
    ("<b>", "&lt;b>"),
    ("&amp;", "&amp;amp;"),
    ("&", "&amp;"),
    ("''a'", "&#39;&#39;a&#39;"),
    ("*a*", "&#42;a*"),
    (" a", "&#32;a"),
    ("-5", "&#45;5"),
    ("a\nb\r\nc", "a&#10;b&#10;c"),
    ("x=1", "x&#61;1"),
    ("__TOC__", "&#95;&#95;TOC&#95;&#95;"),
    ("a ~~~~", "a &#126;&#126;&#126;&#126;"),
    ("https://a", "https&#58;//a"),
    ("mailto:a", "mailto&#58;a"),
    ("RFC 1", "&#82;FC 1"),
    ("__RFC 1", "&#95;&#95;&#82;FC 1"),
    ("__urn:x", "&#95;&#95;urn&#58;x"),
    ("hotel:5", "hotel:5"),
    ("a!!b", "a&#33;&#33;b"),
    ("a\x00\x7f\ud800", "a\ufffd\ufffd\ufffd"),
    ("\u0338a\u0338", "&#824;a\u0338"),
    ("\u0327\u0338", "&#807;\u0338"),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_the_rest_is_written_by_references(text: str, wanted: str) -> None:
    assert escaped(text) == wanted


def test_line_ends_may_be_breaks() -> None:
    assert escaped("a\nb", line_end="<br>") == "a<br>b"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_what_is_shown_is_the_text(text: str) -> None:
    assert html.unescape(escaped(text)) == text
    assert not set(escaped(text)) & set("<|{}[]=")


@given(st.text(), st.text())
def test_texts_that_are_put_together_are_still_escaped(first: str, second: str) -> None:
    both = escaped(first) + escaped(second)
    assert not any(sign in both for sign in ("~~~", "''", "__", "://", "{{", "[["))


@pytest.mark.parametrize("piece", ["~", "'", "_", "&", "RFC  ", " ", "http:", "&#", "RFC", "!", "<", "&a", "~~ "])
def test_hostile_texts_end(piece: str) -> None:
    start = time.monotonic()
    assert escaped(piece * (2**21 // len(piece)))
    assert time.monotonic() - start < 20


def test_raw_is_text() -> None:
    assert Raw("[[a]]") == "[[a]]"


def test_attributes() -> None:
    assert attributes_text({"style": "color:#fee", "title": 'a "b" | {{c}}\n'}) == (
        ' style="color:#fee" title="a &quot;b&quot; &#124; &#123;&#123;c&#125;&#125;&#10;"'
    )
    assert attributes_text({}) == ""
    with pytest.raises(BadParameter, match="no name"):
        attributes_text({"a b": "c"})
