"""Escaped text on the real wiki: it shows as the text, whatever it stands in, and saving does not change it."""

from __future__ import annotations

import random
from xml.etree import ElementTree as ET

import html5lib
import pytest

from apibot.bridge import Bridge
from apibot.data import Column, escaped, wikitable
from apibot.data.pages import cleaned
from tests.support.people import Person

SIGNS = """
    | || ! !! { } {{ }} {| |} |- |+ [ ] [[ ]] < > <b> </b> <nowiki> </nowiki> <pre> <ref> <!-- --> & &amp; &lt &#65;
    &nbsp; ' '' ''' ~ ~~ ~~~ ~~~~ ~~~~~ _ __ __NOTOC__ __TOC__ = == * # : ; - ---- -{ }- {{PAGENAME}} http://
    {{subst:PAGENAME}} https://example.org/a?b=c//d //example.org mailto:a@b.c news:a urn:x [http://a ISBN RFC PMID 822
    0-7475-3269-9 12345 10 a b Word é 中文 \u05d0 \u200f \u00a0 \u0301 ﬁ #REDIRECT [[Main [[File:A.png|thumb]] {{Show}}
    [[Category:X]] {{{1}}} <br> <span style='x'> </div> </td> \\ / ? . , % $1 \x7f \u2028 ＿ ＿＿ « » subst: MediaWiki:
    I&#x26; &zwnj; &רלמ; tel:1 ://
""".split(" ")
SIGNS = [sign.strip("\n") for sign in SIGNS if sign.strip("\n")] + [
    " ",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n*",
    "\n ",
    "\t",
    "\r\n",
    "\u0338",
    "\u0327\u0338",
]
FIXED = [
    "RFC 822 PMID 123 ISBN 0-7475-3269-9",
    "RFC\u00a0822",
    "'''a'''",
    "~~~~",
    "* a",
    " a",
    "; a : b",
    "----",
    "-",
    "+",
    "}",
    "!",
    "=",
    "== a ==",
    "|}",
    "[[|a]]",
    "[[a (b)|]]",
    "</nowiki>",
    "&",
    "&am",
    "-5",
    "a\n\nb",
    "a\n b",
    "http://a b https:",
    "{{subst:PAGENAME}}",
    "#REDIRECT [[Main Page]]",
    "__NOTOC__ __NOEDITSECTION__",
]


def texts(seed: int, count: int) -> list[str]:
    source = random.Random(seed)
    found = ("".join(source.choices(SIGNS, k=source.randint(1, 9))) for _ in range(count))
    return [text for text in found if text.strip()]


def flat(text: str) -> str:
    """The text as a browser shows it: white space is one blank."""
    return " ".join(cleaned(text).replace("\x7f", "\ufffd").split())


PLACES = {
    "paragraph": "{}",
    "list": "* {}",
    "heading": "== {} ==",
    "cell": "{{|\n|{}\n|}}",
    "second cell": "{{|\n| x || {} || y\n|}}",
    "heading of a row": "{{|\n! x !! {} !! y\n|}}",
    "caption": "{{|\n|+ {}\n|}}",
    "parameter": "{{{{Show|{}}}}}",
    "named parameter": "{{{{Show|1={}}}}}",
    "link": "[[Main Page|{}]]",
    "in quotes": "<span>''{}''</span>",
    "in a tag": "<b>{}</b>",
    "behind a comment": "{{|\n|<!-- c -->{}\n|}}",
}
WITHIN = {
    "paragraph": "p",
    "list": "ul/li",
    "heading": "h2/span[@class='mw-headline']",
    "cell": "table//td",
    "second cell": "table//td[2]",
    "heading of a row": "table//th[2]",
    "caption": "table/caption",
    "parameter": "p/b",
    "named parameter": "p/b",
    "link": "p/a",
    "in quotes": "p/span/i",
    "in a tag": "p/b",
    "behind a comment": "table//td",
}


@pytest.fixture(scope="session")
def _show(sysop: Person) -> None:
    sysop.save("Template:Show", "<b>{{{1}}}</b>")


def shown(bridge: Bridge, texts: list[str]) -> list[ET.Element]:
    """The elements that a wiki makes of texts."""
    whole = "\n".join(f'<div id="t{number}">\n{text}\n</div>' for number, text in enumerate(texts))
    text = f"{whole}\n__NOTOC__"
    reply = bridge.by_name(
        "action", "parse", text=text, title="T", prop="text", contentmodel="wikitext", disableeditsection=True
    )
    found = reply["parse"]
    assert isinstance(found, dict)
    root = html5lib.parse(str(found["text"]), namespaceHTMLElements=False)
    by_id = {element.get("id"): element for element in root.iter("div")}
    return [by_id[f"t{number}"] for number in range(len(texts))]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.usefixtures("_show")
def test_escaped_text_shows_as_the_text(bridge: Bridge, place: str) -> None:
    wanted = FIXED + texts(len(place), 150)
    found = shown(bridge, [PLACES[place].format(escaped(text)) for text in wanted])
    for text, element in zip(wanted, found, strict=True):
        (inner,) = element.findall(WITHIN[place])
        html = ET.tostring(element, "unicode")
        assert list(inner) == [], (text, escaped(text), html)
        assert flat(inner.text or "") == flat(text), (text, escaped(text), html)


def test_saving_changes_nothing(human: Person, title: str) -> None:
    wanted = "\n\n".join(escaped(text) for text in FIXED + texts(99, 300))
    human.save(title, wanted)
    assert human.text(title) == cleaned(wanted).rstrip()
    assert human.call(action="query", prop="links|categories|templates|extlinks|images", titles=title)["query"][
        "pages"
    ][0].keys() == {"pageid", "ns", "title"}


NAMES = ["A!!B", "!!", "A!!!", "''A''", "A__B", "\u0338A", "A!", "C", "A&B", "A  B", "=A=", "*A", "A//B"]


def test_titles_and_attributes_stay_in_their_cells(bridge: Bridge) -> None:
    titles = [bridge.title(name) for name in NAMES]
    columns = [
        Column(name=str(number), title=title, heading=number % 2 == 0, attributes={"title": name}, align="left")
        for number, (name, title) in enumerate(zip(NAMES, titles, strict=True))
    ]
    text = wikitable([titles, NAMES], columns, caption=titles[0], row_attributes=lambda _row: {"title": "a!!b || c"})
    (element,) = shown(bridge, [text])
    lines = [[flat("".join(cell.itertext())) for cell in row] for row in element.iter("tr")]
    assert lines == [[title.full for title in titles], [title.full for title in titles], [flat(name) for name in NAMES]]
    heads = next(element.iter("tr")).findall("th")
    assert [flat(head.get("title") or "") for head in heads] == [flat(name) for name in NAMES]
    assert [row.get("title") for row in element.iter("tr")][1:] == ["a!!b || c"] * 2


def test_a_table_that_is_written_shows_its_values(bridge: Bridge) -> None:
    values = texts(5, 60)
    rows = [values[number : number + 3] for number in range(0, len(values) - 2, 3)]
    (element,) = shown(bridge, [wikitable(rows, ["a", "b|c", "d"])])
    lines = [[flat("".join(cell.itertext())) for cell in row] for row in element.iter("tr")]
    assert lines == [["a", "b|c", "d"], *([flat(cell) for cell in row] for row in rows)]
