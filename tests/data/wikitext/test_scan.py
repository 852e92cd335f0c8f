"""The scanner: each text comes out as it went in, in time in proportion to its length."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.site import USUAL_TAGS
from apibot.data.wikitext.node import Node, Pieces, walked, written
from apibot.data.wikitext.scan import scan

TAGS = frozenset(USUAL_TAGS.split())
PIECES = """
    {{ }} {{{ }}} [[ ]] [ ] { } | = == === -{ }- <!-- --> <ref> </ref> <nowiki> </nowiki> <nowiki/> <includeonly>
    <noinclude> </noinclude> <pre </pre> > < a b ~ # * : '' ''' {| |} |- ! http://x File:a.png Category:B é 中
""".split()
LINES = ["\n", " ", "\n==", "\n= "]
wikitext = st.lists(st.sampled_from([*PIECES, *LINES]) | st.text(max_size=3), max_size=40).map("".join)

RUNS = """
    {{ [[ {{{ {{a| {{a|b= {{{a| [[a| {{[[ -{ -{{ }} ]] [ { < = | <div> <ref <ref> <ref>x</ref> <!-- <includeonly>
    <nowiki> {{a}} [http://a &amp '' <ref/ </ref> {{a|[[ [[{{
""".split()
HOSTILE = [*RUNS, "\n=", "\n==a", "\n== a ", "{{a|\n=", "\n*", "{|\n", "\n", "== a ==\n", "<ref "]
SECONDS = 60
"""Far more than needed (0.5 s), far less than what takes time with the square of the length (hours)."""


@given(wikitext)
def test_what_is_read_is_written_as_it_was(text: str) -> None:
    assert written(scan(text, TAGS)) == text


@given(wikitext)
def test_texts_next_to_each_other_are_one(text: str) -> None:
    def looked_at(pieces: Pieces) -> None:
        kinds = [isinstance(piece, str) for piece in pieces]
        assert not any(one and other for one, other in pairwise(kinds))
        assert "" not in pieces

    pieces = scan(text, TAGS)
    looked_at(pieces)
    for node in walked(pieces):
        for part in node.parts:
            looked_at(part)


def _bounded(text: str) -> list[Node]:
    start = time.monotonic()
    pieces = scan(text, TAGS)
    assert written(pieces) == text
    nodes = list(walked(pieces))
    assert time.monotonic() - start < SECONDS
    return nodes


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_texts_end(piece: str) -> None:
    _bounded(piece * (2**18 // len(piece)))


NESTED = {"{{a|": "}}", "[[": "]]", "{": "}", "-{": "}-", "<ref>": "</ref>", "{{a|[[b|": "]]}}"}


@pytest.mark.parametrize("opening", NESTED)
def test_deeply_nested_texts_end(opening: str) -> None:
    closing = NESTED[opening]
    count = 2**18 // len(opening + closing)
    nodes = _bounded(opening * count + closing * count)
    assert len(nodes) > count / 3 or opening == "<ref>"  # which ends at the first closing


@pytest.mark.long
@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_texts_of_two_mebibytes_end(piece: str) -> None:
    _bounded(piece * (2**21 // len(piece)))
