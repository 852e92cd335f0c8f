"""Signatures: who signed and when."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from apibot.core.errors import BadParameter
from apibot.core.site import SiteInfo
from apibot.data.dates import DateWords
from apibot.data.wikitext.document import Wikitext
from tests.support import made_up_wiki

NAMES = {0: "", 1: "Talk", 2: "User", 3: "User talk", 10: "Template", -1: "Special"}
BLOCKS = {
    "general": {"sitename": "W", "wikiid": "w", "lang": "en", "case": "first-letter", "timezone": "UTC"},
    "namespaces": {
        str(id): {"id": id, "name": name, "canonical": name, "case": "first-letter"} for id, name in NAMES.items()
    },
    "interwikimap": [{"prefix": "de", "language": "Deutsch", "url": "https://de.example.org/wiki/$1"}],
    "specialpagealiases": [{"realname": "Contributions", "aliases": ["Contributions", "Contribs"]}],
}
SITE = SiteInfo.from_api(BLOCKS)
STAMP = "12:34, 5 March 2021 (UTC)"
TIME = datetime(2021, 3, 5, 12, 34, tzinfo=UTC)

CASES = [
    (f"Hello. [[User:Ann|Ann]] ([[User talk:Ann|talk]]) {STAMP}", "Ann"),
    (f"Hello. [[user talk:ann_b|x]] {STAMP}", "Ann b"),
    (f"[[User:Bob]] wrote to [[User:Ann]] {STAMP}", "Ann"),
    (f"[[Special:Contributions/192.0.2.1|192.0.2.1]] {STAMP}", "192.0.2.1"),
    (f"[[Special:Contribs/ann]] {STAMP}", "Ann"),
    (f"[[User:Ann/sig|Ann]] <small>(a)</small> {STAMP}", "Ann"),
    (f"{STAMP}", None),
    (f"[[User:Ann]]\n{STAMP}", None),
    (f"[[User:Ann]] {'x ' * 200} {STAMP}", None),
    (f"[[Page]] [[:de:User:Ann]] [[Special:Contributions]] {STAMP}", None),
    (f"<!-- [[User:Bob]] --><nowiki>[[User:Bob]]</nowiki> {STAMP}", None),
    (f"{{{{quote|[[User:Ann]] {STAMP}}}}}", "Ann"),
]


def read(text: str) -> Wikitext:
    return Wikitext(text, SITE)


@pytest.mark.parametrize(("text", "user"), CASES)
def test_who_signed(text: str, user: str | None) -> None:
    (found,) = read(text).signatures()
    assert (found.user, found.time) == (user, TIME)
    assert STAMP in text[found.start : found.end]
    assert text[found.start : found.end].startswith("[[" if user else STAMP[:5])


def test_each_signature_has_its_own_link() -> None:
    other = "13:00, 6 March 2021 (UTC)"
    text = f"a [[User:Ann]] {STAMP}\n:b [[User:Bob]] {other} {STAMP}\n"
    assert [(one.user, one.time.hour) for one in read(text).signatures()] == [("Ann", 12), ("Bob", 13), (None, 12)]


@pytest.mark.parametrize("text", [f"<!-- [[User:A]] {STAMP} -->", f"<nowiki>[[User:A]] {STAMP}</nowiki>", "[[User:A]]"])
def test_what_is_no_signature(text: str) -> None:
    assert read(text).signatures() == []


def test_another_language() -> None:
    words = DateWords.from_messages({"march": "März", "timezone-utc": "UTC"})
    w = read("x [[User:Ann]] 12:34, 5. März 2021 (UTC)")
    assert w.signatures() == []
    (found,) = w.signatures(words)
    assert (found.user, found.time) == ("Ann", TIME)


def test_those_of_a_section() -> None:
    w = read(
        f"[[User:A]] {STAMP}\n== T ==\n[[User:B]] {STAMP}\n=== U ===\n[[User:C]] {STAMP}\n== V ==\n[[User:D]] {STAMP}"
    )
    thread = w.section("T")
    assert thread
    assert [one.user for one in thread.signatures()] == ["B", "C"]


SECONDS = 60


@pytest.mark.parametrize("piece", [f"[[User:A]] {STAMP} ", "[[User:A]] ", f"{STAMP} ", "<!-- x -->", "(UTC) "])
def test_hostile_texts_end(piece: str) -> None:
    start = time.monotonic()
    read(piece * (2**17 // len(piece))).signatures()
    assert time.monotonic() - start < SECONDS


def test_words_are_needed_where_dates_are_not_english() -> None:
    with pytest.raises(BadParameter, match="date_words"):
        Wikitext("[[Benutzer:A]] 12:00, 1. Mai 2024 (CEST)", made_up_wiki.SITE).signatures()
