"""What our scanner reads in a text, against the parse tree of MediaWiki's own preprocessor, construct by construct."""

from __future__ import annotations

import random
import re
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest

from apibot.bridge import Bridge
from apibot.data.wikitext.node import Node, Pieces, written
from apibot.data.wikitext.scan import scan

TAGS = ["nowiki", "pre", "gallery", "ref", "includeonly", "noinclude", "onlyinclude", "REF"]
SNIPPETS = [
    *("{{", "}}", "{{{", "}}}", "[[", "]]", "[", "]", "{", "}", "|", "=", "==", "===", "\n", "\n", "\n", "\n=", "\n=="),
    *("-{", "}-", "-", "<!--", "-->", "<!-- c -->", " ", "  ", "\t", "a", "b", ":", "#if:", "x=y", "File:a.png", "'''"),
    *(
        "\n== h ==\n",
        "\n=== {{t}} ===\n",
        "[[a|b]]",
        "{{t|a=b|c}}",
        "{{{1|d}}}",
        "\n{|\n|-\n| x\n|}\n",
        "*",
        "http://a",
    ),
    *(f"<{name}>" for name in TAGS),
    *(f"</{name}>" for name in TAGS),
    *(f"<{name} a='b'/>" for name in TAGS[:4]),
    *(
        "<ref name=x>",
        "<nowiki/>",
        "< nowiki>",
        "<ref",
        "/>",
        "<",
        ">",
        "</ref >",
        "<NoWiki>",
        "</NOWIKI>",
        "<b>",
        "</b>",
    ),
]
CASES = [
    "{{a}}",
    "{{{{{a}}}}}",
    "{{{{a}}}}",
    "-{{a}}-",
    "-{{{a}} b}-",
    "{{a|-{b}}",
    "{{a|[[b}}",
    "== a == <!-- c --> <!-- d -->\nx",
    "x\n<!-- c -->\n== a ==\n",
    "<!-- c -->== a ==\n",
    "=====\n",
    "======= a =======\n",
    "== a ==<!-- b",
    "== a == <!-- b --> <!-- c",
    "{{a|\n== h ==\n|b=c=d}}",
    "{{a|\n=x=\n}}",
    "== a [[b ==\n== c ==",
    "<includeonly>{{a</includeonly>}}",
    "<ref name=>x</ref><ref/><ref>",
    "<nowiki>{{a}}",
    "{{a|<!-- | -->b}}",
    "<noinclude>{{a|</noinclude>b}}",
]


def generated(count: int, seed: int) -> list[str]:
    """Texts of snippets at random.

    All end alike: white space at the end is cut off by the wiki, and where a comment that is never closed ends in
    equals signs, the preprocessor takes these for the end of a heading.
    """
    source = random.Random(seed)
    texts = ("".join(source.choices(SNIPPETS, k=source.randint(2, 24))) for _ in range(count))
    return [text.lstrip() + "\nend" for text in texts]


def drawn(pieces: Pieces, *, top: bool = True) -> str:
    """Our pieces as the preprocessor's XML, without the numbers of headings and the names of what has none."""
    return "".join(_one(piece, top=top) for piece in pieces)


def _one(piece: str | Node, *, top: bool) -> str:
    if isinstance(piece, str):
        return escape(piece)
    inner = [drawn(part, top=False) for part in piece.parts]
    if piece.kind in {"template", "argument"}:
        tag = "template" if piece.kind == "template" else "tplarg"
        parts = "".join(f"<part>{_part(part)}</part>" for part in piece.parts[1:])
        return f"<{tag}><title>{inner[0]}</title>{parts}</{tag}>"
    if piece.kind == "heading":
        tag, sign = ("h" if top else "possible-h"), piece.begin
        return f"<{tag}>{sign}{inner[0]}{sign}{inner[1]}</{tag}>"
    if piece.kind == "comment":
        return f"<comment>{escape(piece.begin)}</comment>"
    if piece.kind == "ignored" or (piece.kind == "tag" and piece.name == "includeonly"):
        return f"<ignore>{escape(written([piece]))}</ignore>"
    if piece.kind == "tag":
        return f"<ext>{escape(written([piece]))}</ext>"
    if piece.kind == "equals":
        return "="
    return escape(piece.begin) + escape(piece.sep).join(drawn(part, top=top) for part in piece.parts) + piece.end


def _part(part: Pieces) -> str:
    at = next((n for n, piece in enumerate(part) if not isinstance(piece, str) and piece.kind == "equals"), None)
    if at is None:
        return f"<name/><value>{drawn(part, top=False)}</value>"
    return (
        f"<name>{drawn(part[:at], top=False)}</name><equals>=</equals><value>{drawn(part[at + 1 :], top=False)}</value>"
    )


def theirs(xml: str) -> str:
    """The preprocessor's XML brought into the same form."""
    return "".join(_told(ET.fromstring(xml)))


def _told(element: ET.Element, above: str = "") -> str:
    name = element.tag
    inside = escape(element.text or "") + "".join(_told(child, name) + escape(child.tail or "") for child in element)
    if name == "root" or (name == "equals" and above != "part"):  # of a template that is none
        return "=" if name == "equals" else inside
    if name == "comment":  # white space around it belongs to the text
        found = re.fullmatch(r"(\s*)(.*?)(\s*)", inside, re.DOTALL)
        assert found
        return f"{found[1]}<comment>{found[2]}</comment>{found[3]}"
    if name == "ext":
        tag, attributes = element.findtext("name"), element.findtext("attr") or ""
        inner, close = element.findtext("inner"), element.findtext("close") or ""
        return f"<ext>{escape(f'<{tag}{attributes}' + ('/>' if inner is None else f'>{inner}{close}'))}</ext>"
    if name == "name" and element.get("index"):
        return "<name/>"
    return f"<{name}>{inside}</{name}>"


def parse_tree(bridge: Bridge, text: str) -> str:
    reply = bridge.by_name("action", "parse", text=text, prop="parsetree", contentmodel="wikitext", title="T")
    found = reply["parse"]
    assert isinstance(found, dict)
    return theirs(str(found["parsetree"]))


@pytest.mark.parametrize("text", CASES)
def test_texts_are_read_as_the_preprocessor_does(bridge: Bridge, text: str) -> None:
    assert drawn(scan(text, bridge.info.site.tags)) == parse_tree(bridge, text)


@pytest.mark.parametrize("seed", range(4))
def test_generated_texts_are_read_as_the_preprocessor_does(bridge: Bridge, seed: int) -> None:
    tags = bridge.info.site.tags
    for text in generated(150, seed):
        assert drawn(scan(text, tags)) == parse_tree(bridge, text), repr(text)
