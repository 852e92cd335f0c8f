"""Our sections against the wiki's own: numbers, levels, places, anchors, and the text of each."""

from __future__ import annotations

import random

import pytest
import requests

from apibot.bridge import Bridge
from apibot.core.jsons import JsonObject, block, rows
from apibot.data.wikitext.document import Wikitext
from apibot.sandbox import Sandbox

HEADINGS = [
    *("A", "a", "A b", "A_b", " A  b ", "a = b", "=", "'''x''' ''y''", "''x", "it's", "a <b>b</b>", "<i>c", "é ß 中"),
    *(
        "[[x]]",
        "[[x|y z]]",
        "[[:Category:X]]",
        "[[x|''y'']]",
        "<nowiki>''n''</nowiki>",
        "a &amp; b",
        "&lt;b&gt;",
        "C&nbsp;d",
        "a&#128;b",
        "&notit; &copy &#00000065;",
        "&#1; &#xD800;",
    ),
    *(
        "[http://x.org y]",
        "http://x.org",
        "a<!-- c -->b",
        "<!-- c -->a",
        "100%",
        "a#b",
        "{{ns:1}}",
        "{{#if:}}",
        "-",
        "x ",
    ),
    *(
        "'''''b'''''",
        "''''q''''",
        "[[x]]s",
        "<span id='q'>s</span>",
        "A_2",
        "a 2",
        "<foo>",
        "|",
        "a|b",
        "<u>u</u> <s>s</s>",
    ),
]
BODIES = [
    "",
    "",
    "a",
    "b\n\nc",
    "* l",
    "{{t|x=y}}",
    "<nowiki>\n== n ==\n</nowiki>",
    "<!--\n== c ==\n-->",
    " p",
    "[[x]]",
    "{{x",
    "x]]",
]
NESTED = ["{{t|\n== in ==\n}}", "[[x\n== through ==\ny]]", "{{t|\n=== in ===\n|\n== in ==\n}}", "{{{a|\n== in ==\n}}}"]
TAILS = ["", " ", "<!-- e -->", " <!-- e --> <!-- f -->", "x"]


def page(source: random.Random, *, nested: bool) -> str:
    bodies = [*BODIES, *NESTED] if nested else BODIES
    parts = [source.choice(bodies)]
    for _section in range(source.randint(1, 12)):
        sign, space = "=" * source.randint(1, 6), source.choice(["", " "])
        parts.append(f"{sign}{space}{source.choice(HEADINGS)}{space}{sign}{source.choice(TAILS)}")
        parts.append(source.choice(bodies) + source.choice(["", "", "\n", "\n\n"]))
    return "\n".join(parts).strip() + "\nend"


def theirs(bridge: Bridge, text: str) -> list[JsonObject]:
    reply = bridge.by_name("action", "parse", text=text, prop="sections", contentmodel="wikitext", title="T")
    return [one for one in rows(block(reply["parse"])["sections"]) if str(one["index"]).isdigit()]


@pytest.mark.parametrize("seed", range(4))
def test_sections_are_those_of_the_wiki(bridge: Bridge, seed: int) -> None:
    source = random.Random(seed)
    compared = 0
    for _page in range(30):
        text = page(source, nested=True)
        w = Wikitext(text, bridge.info.site, "T")
        found = theirs(bridge, text)
        place = 0
        ours = {}
        for one in w.sections:
            ours[str(one.number)] = (str(one.level), place)
            place += len(one.raw)
        assert {str(one["index"]): (one["level"], one["byteoffset"]) for one in found} == {
            number: row for number, row in ours.items() if number != "0"
        }, repr(text)
        compared += len(found)
        compared += len(found)
    assert compared > 100


UNKNOWN = {"{{ns:1}}", "{{#if:}}", "<foo>"}
"""Only the wiki can tell what these are called."""


@pytest.mark.parametrize("title", HEADINGS)
def test_anchors_are_those_of_the_wiki(bridge: Bridge, title: str) -> None:
    text = f"== {title} =="
    ours = Wikitext(text, bridge.info.site).sections[1].anchor
    if title in UNKNOWN:
        assert ours is None
    else:
        assert [ours] == [one["anchor"] for one in theirs(bridge, text)]


@pytest.mark.parametrize("seed", range(10))
def test_anchors_of_many_are_told_apart_as_on_the_wiki(bridge: Bridge, seed: int) -> None:
    known = [title for title in HEADINGS if title not in UNKNOWN]
    text = "\n".join(f"== {title} ==" for title in random.Random(seed).choices(known, k=40))
    ours = [one.anchor for one in Wikitext(text, bridge.info.site).sections[1:]]
    assert ours == [one["anchor"] for one in theirs(bridge, text)]


@pytest.mark.parametrize("seed", range(3))
def test_the_text_of_sections_is_that_of_the_wiki(bridge: Bridge, seed: int) -> None:
    text = page(random.Random(100 + seed), nested=True)
    for one in Wikitext(text, bridge.info.site).sections:
        reply = bridge.by_name(
            "action", "parse", text=text, prop="wikitext", contentmodel="wikitext", title="T", section=one.number
        )
        found = reply["parse"]
        assert isinstance(found, dict)
        assert found["wikitext"] == one.whole, repr(text)


QUERY = "action=query&format=json&formatversion=2&prop=revisions&rvprop=content&rvslots=main"


def test_the_text_of_sections_of_a_page_is_that_of_the_wiki(bridge: Bridge, apibot_wiki: Sandbox, title: str) -> None:
    text = "lead\n\n== A ==\na\n\n=== A1 ===\n{{x|\n== in ==\n}}\n\n== B ==\n\nb"
    bridge.edit(title, text=text, summary="test")
    w = Wikitext(bridge.fetch(title).text, bridge.info.site, title)
    for one in w.sections:
        asked = f"{apibot_wiki.api}?{QUERY}&rvsection={one.number}"
        (row,) = requests.get(asked, {"titles": title}, timeout=60).json()["query"]["pages"]
        assert row["revisions"][0]["slots"]["main"]["content"] == one.whole
    b = w.section("B")
    assert b
    b.append(": c")
    bridge.edit(title, section=b.number, text=b.whole, summary="test")
    assert bridge.fetch(title).text == str(w)
