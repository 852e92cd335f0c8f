"""No text makes a lookup hang: all that can be asked of a text, and of what is found in it, comes in a bound."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from apibot.core.errors import BadParameter, BadText
from tests.data.wikitext.test_scan import HOSTILE, NESTED, SECONDS
from tests.support.wikitexts import read

MORE = [
    *("[[a|b]] ", "[[Kategorie:A]]\n", "[[fr:A]]\n", "[[Datei:A.png|mini|c]]\n", "{{t|a|b=c}}\n", "__TOC__", "__"),
    *("{|\n! a\n|-\n| b\n|}\n", "<gallery>\nA.png|b\n</gallery>", "<ref name=a/>", '<ref name="a" group=b>c</ref>'),
    *("[[/b|c]]", "[[a#b|", "\n|-\n| a || b", "[[User:A|A]] 12:00, 1 May 2020 (UTC)\n", "{{#if:a|b}}", "== [[a]] ==\n"),
    *("#REDIRECT [[A]]\n", " ", "a=", "'", "&lt;", "_", ":", "%C3"),
]
OPENED = [
    "<ref a",
    "<ref ",
    "{{t|a=",
    "[[Datei:A.png|",
    "{|\n| a\n",
    "{| ",
    "{|\n|-",
    "<gallery>\nA.png|",
    "== ",
    "#REDIRECT [[",
]
ENDS = {
    "<ref a": ">b</ref>",
    "<ref ": ">b</ref>",
    "{{t|a=": "}}",
    "[[Datei:A.png|": "]]",
    "<gallery>\nA.png|": "</gallery>",
    "#REDIRECT [[": "]]",
    "== ": " ==",
}
INSIDE = [" ", "a ", "a=b ", "\t\n", "''", "&amp;", "<!--c-->", "|", "|a=", "/", '"', "_", "%20", "{{a}}", "[[b]]"]
DEEP = {**NESTED, "{{": "}}", "{{{": "}}}", "[[Datei:A|": "]]", "[[a|": "]]", "{{#if:": "}}", "-{[[{{": "}}]]}-"}
SIZE = 2**15
SHOWN = 20
"""How many of each kind are asked, from the first and from the last."""


def asked(thing: object) -> Iterator[object]:
    """All answers of a thing."""
    for name in dir(type(thing)):
        if isinstance(getattr(type(thing), name), property):
            try:
                yield getattr(thing, name)
            except (BadParameter, BadText):  # too large, or of another kind
                continue


def all_ends(text: str, seconds: float = SECONDS) -> None:
    start = time.monotonic()
    w = read(text, "Diskussion:S")
    for found in asked(w):
        several = found if isinstance(found, list) else [found]
        for view in [*several[:SHOWN], *several[-SHOWN:]]:
            for answer in asked(view):
                str(answer)
    assert str(w) == text
    assert time.monotonic() - start < seconds


FLAT = [*HOSTILE, *MORE]


def filled(opening: str, closing: str, size: int) -> str:
    """A text of openings and as many closings."""
    count = size // len(opening + closing)
    return opening * count + closing * count


@pytest.mark.parametrize("piece", FLAT, ids=repr)
def test_lookups_end(piece: str) -> None:
    all_ends(filled(piece, "", SIZE))


@pytest.mark.parametrize("opening", DEEP)
def test_lookups_in_what_is_nested_end(opening: str) -> None:
    all_ends(filled(opening, DEEP[opening], SIZE))


@pytest.mark.parametrize("opening", OPENED, ids=repr)
def test_lookups_in_one_construct_end(opening: str) -> None:
    for piece in INSIDE:
        all_ends(opening + filled(piece, "", SIZE) + ENDS.get(opening, "\n|}"))


@pytest.mark.long
@pytest.mark.parametrize(("piece", "end"), [*dict.fromkeys(FLAT, "").items(), *DEEP.items()])
def test_lookups_in_two_mebibytes_end(piece: str, end: str) -> None:
    all_ends(filled(piece, end, 2**21), seconds=SECONDS * 10)


@pytest.mark.long
@pytest.mark.parametrize("opening", OPENED, ids=repr)
@pytest.mark.parametrize("piece", INSIDE, ids=repr)
def test_lookups_in_one_construct_of_two_mebibytes_end(opening: str, piece: str) -> None:
    all_ends(opening + filled(piece, "", 2**21) + ENDS.get(opening, "\n|}"), seconds=SECONDS * 10)
