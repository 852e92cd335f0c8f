"""docs/wire.md says of each event what the table of decisions says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apibot.backends.api.decisions import TABLE, Decision, rule

WORDS = {
    "wait": Decision.WAIT,
    "again, in the body": Decision.POST,
    "new token": Decision.TOKEN,
    "log in": Decision.LOGIN,
    "sign anew": Decision.SIGN,
    "ask whether": Decision.SETTLE,
    "raise": Decision.RAISE,
}
ROWS = re.findall(
    r"^\| (?!event|-)(.*?) \| (.*?) \| (.*?) \| (.*?) \|$",
    (Path(__file__).parents[2] / "docs" / "wire.md").read_text(),
    re.MULTILINE,
)
EVENTS = [(event.replace("*", "x"), row) for row in ROWS for event in re.findall(r"`([\w*-]+)`", row[0])]
STATUSES = [(f"http-{status}", row) for row in ROWS for status in re.findall(r"\b[45]\d\d\b", row[0])]

IN_WORDS = {
    "http-5*",
    "http-503",
    "http-[6-9]*",
    "lost",
    "mwoauth-nonce",
    "oversized",
    "timeout",
    "tls",
    "truncatedresult",
}
"""What the page tells without its name."""


def said(cell: str, before: str) -> Decision:
    text = before if cell in {"the same", ""} else cell
    return next(decision for word, decision in WORDS.items() if text.startswith(word))


@pytest.mark.parametrize(("event", "row"), [*EVENTS, *STATUSES])
def test_the_page_tells_the_table(event: str, row: tuple[str, str, str, str]) -> None:
    _, read, idempotent, write = row
    found = rule(event)
    assert found.read is said(read, read)
    assert found.idempotent is said(idempotent, read)
    assert found.write is said(write, read)


def test_all_that_is_not_just_raised_is_told() -> None:
    told = {rule(event) for event, _ in [*EVENTS, *STATUSES]}
    special = [one for one in TABLE if {one.read, one.idempotent, one.write} != {Decision.RAISE}]
    left = [one.event for one in special if one not in told]
    assert set(left) <= IN_WORDS
