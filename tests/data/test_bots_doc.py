"""docs/bots.md says of each case what the rule says; and the rule sees the templates that the wiki sees."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from apibot.data.bots import may_edit
from apibot.sandbox import Sandbox
from tests.support.people import Person

PAGE = (Path(__file__).parents[2] / "docs" / "bots.md").read_text()
CASES = re.findall(r"^\| `(.*)` \| (yes|no) \| (?:\*\*)?(yes|no)(?:\*\*)? \|$", PAGE, re.MULTILINE)
MESSAGES = re.findall(r"^\| `(.*)` \| (?!yes|no \|)([a-z ]+) \| (yes|no) \|$", PAGE, re.MULTILINE)


def text_of(cell: str) -> str:
    return cell.replace(r"\|", "|").replace(r"\n", "\n")


@pytest.mark.parametrize(("cell", "told", "_pywikibot"), CASES)
def test_the_page_tells_the_rule(cell: str, told: str, _pywikibot: str) -> None:  # a column of the table
    assert may_edit(text_of(cell), "MyBot") is (told == "yes")


@pytest.mark.parametrize(("cell", "messages", "told"), MESSAGES)
def test_the_page_tells_the_rule_for_messages(cell: str, messages: str, told: str) -> None:
    assert may_edit(text_of(cell), "MyBot", messages.split()) is (told == "yes")


def test_every_row_was_read_and_differences_are_marked() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(CASES) + len(MESSAGES) == len(rows) > 45
    marked = [line for line in rows if "**" in line]
    assert len(marked) == sum(ours != theirs for _, ours, theirs in CASES) > 5


PARTS = [
    *("{{nobots}}", "{{nobots}}", "{{", "}}", "{", "}", "{{x|", "{{{", "}}}", "[[", "]]", "[[a|", "|", "=", "nobots"),
    *("Nobots", "<!--", "-->", "<!-- x -->", "<nowiki>", "</nowiki>", "<NOWIKI >", "</nowiki >", "<nowiki/>", "<pre>"),
    *("</pre>", "<pre", ">", "/>", "<b>", " ", "\n", "_", "Template:", "x", "== ", "{|", "|}", "* "),
]


@pytest.fixture(scope="module")
def reader(apibot_wiki: Sandbox) -> Person:
    everything = "".join(f"{{{{{{{number}|}}}}}}" for number in range(1, 12)) + "{{{nobots|}}}{{{|}}}{{{x|}}}"
    apibot_wiki.import_pages([("Template:Nobots", "BANNED"), ("Template:X", everything), ("Template:Bots", "x")])
    return Person(apibot_wiki.api, apibot_wiki.bot.user, apibot_wiki.bot.password.reveal())


def expanded(reader: Person, text: str) -> str:
    reply: Any = reader.call(action="expandtemplates", text=text, prop="wikitext", title="Sandbox")
    return str(reply["expandtemplates"]["wikitext"])


def test_the_wiki_sees_the_same_templates(reader: Person) -> None:
    """A {{nobots}} that MediaWiki expands is seen, one that it takes for text is not."""
    chance = random.Random(7)
    texts = ["".join(chance.choices(PARTS, k=chance.randint(2, 9))) for _ in range(250)]
    wiki = {text: "BANNED" in expanded(reader, text) for text in texts}
    assert [text for text, seen in wiki.items() if seen is may_edit(text, "MyBot")] == []
    assert len(set(wiki.values())) == 2
