"""What we read in tables, against the HTML that MediaWiki makes of them, cell by cell."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter
from apibot.core.site import SiteInfo
from apibot.data.wikitext.document import Wikitext
from apibot.data.wikitext.table.table import Table

OPEN = [
    "{|",
    '{| class="wikitable" title="a"',
    ":{| title=b",
    " {|",
    ":: {| title='c d' | title=x",
    "<!-- c -->{|",
    "{|title=é",
]
ROW = ["|-", "|- title=r", "|------", " |-", "|-title='|'", "<!-- c -->|-", "|- <!-- c --> title=y", "|-+"]
CAPTION = ["|+ W", "|+ title=c | W", "|+W||W", " |+ W", "|+ [[A]] W | W"]
CELL = """
| W
|W
| W || W
|W||W||W
|| W
! W
! W !! W
! W || W
!W!!!W
! W | W !! title=x | W
| title="a" | W
| colspan=2 | W || rowspan=3 title=b| W
|rowspan=0|W||colspan="x"|W
| W | W | W
| title='a | b' | W
| [[A|W]] | W
| [[A]] W | W
|[[A|W]]||W
| [[A|W || W]] W
| [[A|W
| W -{ x | W }- W
| -{W}- | W
| W <!-- | W --> | W
| W <!-- || W -->|| W
|<!-- c -->| W
| {{lc:W|x}} | W
| {{lc:W||x}} || W
| class={{lc:W}} | W
| <nowiki>|</nowiki> W
|<nowiki/>| W
| <nowiki>W||W</nowiki> || W
| <span title="a|b">W</span> | W
| <span title="a||b">W</span>
! <span title="a!!b">W</span> !! W
| <foo title="a||b">W
| <span
 title="|b">W</span> || W
| < W || > W
|
| ||
| W ||
!
!!W
<!-- c -->| W
 | W
	! W || W
| W <noinclude>|| W</noinclude>
<noinclude>| W</noinclude>
| W<includeonly>|| W</includeonly>|| W
| {{{1|W}}} || W
| W }} || W
| W ]] W | W
| http://a|W
| {{!}} W
|&#124; W || W
| '''W''' || ''W
| W {| W
|+W
""".strip("\n").split("\n")
CLOSE = ["|}", " |}", "|} W", "|}} W", "<!-- c -->|}", "|}|| W"]
TEXT = [
    "W",
    "* W",
    "W || W",
    "W | W !! W",
    "",
    " ",
    "<!-- c -->",
    ": W",
    "== W ==",
    " W",
    "\u00a0| W",
    "----",
    "[[A|b",
    "}}",
]
KINDS = {"open": OPEN, "row": ROW, "cell": CELL, "caption": CAPTION, "close": CLOSE, "text": TEXT}
CELLS = [line for line in "\n".join(CELL).replace("| <span\n title", "| <span title").split("\n") if line != "|+W"]


def generated(source: random.Random) -> str:
    """Return a table with whatever may stand in one; others stand only in cells, or HTML ends the one around them."""
    lines = [source.choice(OPEN)]
    in_cell = [False]
    for _ in range(source.randint(2, 14)):
        kind = source.choices(list(KINDS), weights=[1, 5, 14, 1, 1, 4])[0]
        if kind in {"open", "text"} and in_cell and not in_cell[-1]:
            kind = "cell"
        if kind != "open" and not in_cell:
            break
        if kind == "open":
            in_cell.append(False)
        elif kind == "close":
            in_cell.pop()
        elif kind != "text":
            in_cell[-1] = kind != "row"
        lines.append(source.choice(CELLS if kind == "cell" else KINDS[kind]))
    text = "\n".join(lines)
    numbers = iter(range(1000))
    return re.sub(r"\bW\b", lambda _found: f"w{next(numbers)}", text)


def words(text: str) -> list[str]:
    return re.findall(r"\bw\d+\b", text)


EMPTY: list[Any] = [[(False, [], {})]]
"""What MediaWiki makes of a table without rows."""
SHOWN = {"rowspan", "colspan", "title"}


def own_words(text: str, site: SiteInfo) -> list[str]:
    """The words in a cell's text but not in tables in it."""
    inner = Wikitext(text, site)
    while tables := inner.tables:
        tables[0].remove()
    return words(str(inner))


def own_text(element: ET.Element) -> str:
    inner = (own_text(child) + (child.tail or "") for child in element)
    return "" if element.tag == "table" else (element.text or "") + "".join(inner)


def ours(tables: list[Table], site: SiteInfo) -> list[Any]:
    found = [
        [
            [
                (cell.heading, own_words(cell.text, site), {k: v for k, v in cell.attributes.items() if k in SHOWN})
                for cell in row
            ]
            for row in table.cells
        ]
        for table in tables
    ]
    return [[] if table == EMPTY else table for table in found]


def theirs(html: str) -> list[Any]:
    """The cells of tables in HTML."""
    root = html5lib.parse(html, namespaceHTMLElements=False)
    found = [
        [
            [
                (cell.tag == "th", words(own_text(cell)), {k: v for k, v in cell.attrib.items() if k in SHOWN})
                for cell in row
            ]
            for row in rows(table)
        ]
        for table in root.iter("table")
    ]
    return [[] if table == EMPTY else table for table in found]


def rows(table: ET.Element) -> Iterator[ET.Element]:
    for group in table:
        if group.tag == "tbody":
            yield from group


def shown(bridge: Bridge, text: str) -> str:
    reply = bridge.by_name(
        "action", "parse", text=text, prop="text", contentmodel="wikitext", title="T", disablelimitreport=True
    )
    found = reply["parse"]
    assert isinstance(found, dict)
    return str(found["text"])


@pytest.mark.parametrize("seed", range(4))
def test_generated_tables_are_read_as_mediawiki_does(bridge: Bridge, seed: int) -> None:
    source = random.Random(seed)
    site = bridge.info.site
    for _ in range(100):
        text = generated(source)
        assert ours(Wikitext(text, site).tables, site) == theirs(shown(bridge, text)), (
            f"{text}\n\n{shown(bridge, text)}"
        )


@pytest.mark.parametrize("line", CELLS, ids=repr)
def test_lines_of_cells_are_read_as_mediawiki_does(bridge: Bridge, line: str) -> None:
    numbers, site = iter(range(1000)), bridge.info.site
    text = re.sub(r"\bW\b", lambda _found: f"w{next(numbers)}", f"{{|\n{line}\n|}}\n")
    assert ours(Wikitext(text, site).tables, site) == theirs(shown(bridge, text)), shown(bridge, text)


NEW = [
    "w900",
    "w900 | w901",
    "a || w900",
    "\n* w900 !! w901",
    "[[A|w900]] | w901",
    "- w900",
    "}w900",
    "{{lc:w900|x}}",
    "!w900!",
    "",
]


@pytest.mark.parametrize("seed", range(2))
def test_tables_that_were_changed_are_read_as_mediawiki_does(bridge: Bridge, seed: int) -> None:
    source = random.Random(seed)
    site = bridge.info.site
    changed = 0
    for _ in range(60):
        text = generated(source)
        document = Wikitext(text, site)
        one = source.choice(document.tables)
        try:
            one.append(source.choices(NEW, k=min(2, len(one.header) or 2)))
            one.set(0, len(one.header) - 1, source.choice(NEW))
            one.caption = source.choice(NEW)
            one.insert(source.randrange(len(one)), [source.choice(NEW)])
            one.remove_row(source.randrange(len(one)))
        except BadParameter as error:  # cells that span, captions among cells, tables that are not closed
            assert re.search("reaches|spans|caption|not closed|row", str(error)), error  # noqa: PT017  # each is one of these
        changed += str(document) != text
        again = str(document)
        assert ours(Wikitext(again, site).tables, site) == theirs(shown(bridge, again)), f"{text}\n\n{again}"
    assert changed > 20
