"""Time stamps: what MediaWiki writes in each of its languages, in time zones, and what people write besides."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.site import SiteInfo
from apibot.data.dates import ENGLISH, MESSAGES, DateWords, find_timestamps, newest
from apibot.sandbox import Sandbox

SIZE = 1 << 21
SECONDS = 8.0  # generous, for slow machines
SCRIPT = Path(__file__).parents[1] / "support/stamps.php"
TIMES = [
    *("20240105000400", "20240205230800", "20240306091200", "20240410121600", "20240521112000", "20240613102400"),
    *("20240716012800", "20240822023200", "20240925203600", "20241029034000", "20241130074400", "20241231235900"),
]
"""An instant in each month, on all days of the week."""
LANGUAGES = [
    *(
        "ar",
        "bg",
        "ce",
        "cdo",
        "ckb",
        "cs",
        "da",
        "de",
        "en",
        "eo",
        "et",
        "fa",
        "fi",
        "fr",
        "gl",
        "hi",
        "hr",
        "hu",
        "ja",
    ),
    *("ka", "km", "ko", "ku-arab", "lt", "lv", "lzh", "mwl", "my", "nan", "nl", "oc", "pt-br", "ro", "ru", "se", "sv"),
    *("szy", "th", "uk", "ur", "uz", "vi", "vo", "zh-hans"),
]
"""Each kind of date format is that of one of them."""
CLOCKS = {  # around the changes of the clock, and in zones whose abbreviation is an offset, or not that of English
    "Europe/Berlin": ["20240331005900", "20240331010000", "20241027003000", "20241027013000", "20241027020000"],
    "America/New_York": ["20241103053000", "20241103063000", "20240701120000"],
    "Europe/London": ["20241027003000", "20241027013000"],
    "Asia/Tehran": ["20210921193000", "20210921203000", "20240101000000"],
    "Asia/Tashkent": ["20240101220000"],
    "Australia/Lord_Howe": ["20240406143000", "20240406151000"],
    "America/Sao_Paulo": ["20180217233000", "20180218013000", "20180218023000"],
    "Asia/Tokyo": ["20231231150000"],
    "UTC": ["20001231235900"],
}


def wiki_in(zone: str, minutes: int = 0) -> SiteInfo:
    return SiteInfo({"general": {"timezone": zone, "timeoffset": minutes}, "namespaces": {}})


UTC_WIKI = wiki_in("UTC")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def signed_in(wiki: Sandbox, languages: list[str]) -> Any:
    order = {"messages": MESSAGES, "times": TIMES, "zones": CLOCKS, "languages": languages}
    return json.loads(wiki.maintenance(str(SCRIPT), input=json.dumps(order)))


@pytest.fixture(scope="module")
def signed(apibot_wiki: Sandbox) -> Any:
    return signed_in(apibot_wiki, LANGUAGES)


def misread(languages: Any) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for code, language in languages.items():
        words = DateWords.from_messages(language["messages"])
        lines = [
            f"* Yes. [[User:May 3|Mar 5]] ([[User talk:May 3|2024]]) {stamp} ({language['messages']['timezone-utc']})"
            for stamp in language["stamps"].values()
        ]
        found = find_timestamps("\n".join(lines), UTC_WIKI, words)
        if [f"{stamp.time:%Y%m%d%H%M%S}" for stamp in found] != TIMES:
            wrong[code] = lines[0]
    return wrong


def test_languages_are_read(signed: Any) -> None:
    assert misread(signed["languages"]) == {}
    assert set(signed["languages"]) == set(LANGUAGES)


@pytest.mark.long
def test_every_language_is_read(apibot_wiki: Sandbox) -> None:
    languages = signed_in(apibot_wiki, [])["languages"]
    assert misread(languages) == {}
    assert len(languages) > 300


@pytest.mark.parametrize("zone", CLOCKS)
def test_every_zone_is_read(signed: Any, zone: str) -> None:
    found = {
        instant: [f"{stamp.time:%Y%m%d%H%M%S}" for stamp in find_timestamps(stamp, wiki_in(zone))]
        for instant, stamp in signed["zones"][zone].items()
    }
    assert found == {instant: [instant] for instant in CLOCKS[zone]}, signed["zones"][zone]


SETTINGS = "$wgLanguageCode = $_GET['language'] ?? 'en'; $wgLocaltimezone = $_GET['zone'] ?? 'UTC';"


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The api.php of a wiki whose language and time zone each request says."""
    with Sandbox("polyglot", settings=SETTINGS, home=tmp_path_factory.mktemp("polyglot")) as wiki:
        yield wiki.api


def ask(api: str, **params: str) -> Any:
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"{api}?{urlencode({**params, 'format': 'json', 'formatversion': '2'})}", timeout=60) as reply:
        return json.loads(reply.read())


@pytest.mark.parametrize(
    ("language", "zone"),
    [
        ("en", "UTC"),
        ("de", "Europe/Berlin"),
        ("ru", "Europe/Moscow"),
        ("ja", "Asia/Tokyo"),
        ("fa", "Asia/Tehran"),
        ("ar", "UTC"),
        ("th", "Asia/Bangkok"),
        ("pt-br", "America/Sao_Paulo"),
    ],
)
def test_a_signature_gives_its_time_back(polyglot: str, language: str, zone: str) -> None:
    where = {"language": language, "zone": zone}
    about = ask(polyglot, action="query", meta="siteinfo|allmessages", siprop="general|namespaces",
                ammessages="|".join(MESSAGES), amlang=language, **where)["query"]  # fmt: skip
    words = DateWords.from_messages({row["name"]: row["content"] for row in about["allmessages"] if "content" in row})
    reply = ask(polyglot, action="parse", pst="1", onlypst="1", text="A. ~~~~\n:B. ~~~~~", contentmodel="wikitext",
                title="Talk:A", curtimestamp="1", **where)  # fmt: skip
    text = reply["parse"]["text"]
    site = SiteInfo.from_api(about)
    assert (site.general.timezone, site.general.lang) == (zone, language)
    found = find_timestamps(text, site, words)
    assert len(found) == 2, text
    for stamp in found:
        assert timedelta() <= datetime.fromisoformat(reply["curtimestamp"]) - stamp.time < timedelta(minutes=2), text
        assert text[stamp.start : stamp.end] in text.replace("\n", " ")
    assert text.endswith(text[found[1].start : found[1].end])
    assert newest(text, site, words) == found[1].time


GERMAN = DateWords.from_messages({"january": "Januar", "jan": "Jan.", "may_long": "Mai", "timezone-cest": "MESZ"})
JAPANESE = DateWords.from_messages({"january": "1月", "jan": "1月"})

CASES = [
    ("12:34, 5 January 2024 (UTC)", ENGLISH, ["2024-01-05T12:34"]),
    ("0:04, January 5, 2024 (UTC)", ENGLISH, ["2024-01-05T00:04"]),
    ("2024-01-05 12:34 (UTC)", ENGLISH, ["2024-01-05T12:34"]),
    ("12:34, 13.1.2024 (UTC)", ENGLISH, ["2024-01-13T12:34"]),
    ("12:34, 1/13/2024 (UTC)", ENGLISH, ["2024-01-13T12:34"]),
    ("12.34, 2024.1.13 (UTC)", ENGLISH, ["2024-01-13T12:34"]),
    ("13.1.2024 12:34 (UTC)", ENGLISH, ["2024-01-13T12:34"]),
    ("2024年1月5日 (金) 12:34 (UTC)", JAPANESE, ["2024-01-05T12:34"]),
    ("2024年11月5日 (金) 12:34 (UTC)", JAPANESE, ["2024-11-05T12:34"]),
    ("12:34, 5 January 2024 (GMT)", ENGLISH, ["2024-01-05T12:34"]),
    ("12:34, 5 January 2567 (UTC)", ENGLISH, ["2024-01-05T12:34"]),
    ("a 12:34, 5 May 2024 (UTC) b 12:35, 5 May 2024 (UTC)\n12:36, 5 May 2024 (UTC)", ENGLISH,
     ["2024-05-05T12:34", "2024-05-05T12:35", "2024-05-05T12:36"]),
    ("12:34, 29 February 2024 (UTC) 12:34, 29 February 2023 (UTC)", ENGLISH, ["2024-02-29T12:34"]),
    ("12:34, 5 January 2024 (CET)", ENGLISH, []),
    ("12:34, 5 January 2024 (utc)", ENGLISH, []),
    ("12:34, 5 January 2024", ENGLISH, []),
    ("12:34, 5 Jnuary 2024 (UTC)", ENGLISH, []),
    ("24:00, 5 January 2024 (UTC) 12:60, 5 January 2024 (UTC) 12:3, 5 January 2024 (UTC)", ENGLISH, []),
    ("12:34, 5 January 24 (UTC) 12:34, 5 January 02024 (UTC) 12:34, 5 January 0000 (UTC)", ENGLISH, []),
    ("12-34, 5 January 2024 (UTC)", ENGLISH, []),
    ("12:34, 5 January\n2024 (UTC)", ENGLISH, []),
    ("12:34, [[5 January]] 2024 (UTC)", ENGLISH, []),
    ("2024, 2024 5 January 12:34 2024 (UTC)", ENGLISH, []),
    ("1, 2, 3, 4, 5 (UTC) (UTC)", ENGLISH, []),
    ("(UTC)", ENGLISH, []),
    ("", ENGLISH, []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "times"), CASES, ids=[text[:40] for text, *_ in CASES])
def test_cases(text: str, words: DateWords, times: list[str]) -> None:
    found = find_timestamps(text, UTC_WIKI, words)
    assert [stamp.time for stamp in found] == [utc(one) for one in times]
    assert newest(text, UTC_WIKI, words) == max((utc(one) for one in times), default=None)


def test_where_it_stands() -> None:
    text = "Yes. [[User:A|A]] 12:34, 5 January 2024 (UTC) No."
    [stamp] = find_timestamps(text, UTC_WIKI)
    assert text[stamp.start : stamp.end] == "12:34, 5 January 2024 (UTC)"


def test_the_abbreviation_tells_the_hour_that_comes_twice() -> None:
    berlin = wiki_in("Europe/Berlin", 120)
    text = "02:30, 27. Okt. 2024 (CEST) 02:30, 27. Okt. 2024 (CET) 12:34, 5. Juli 2024 (CET)"
    words = DateWords({"Okt.": 10, "Juli": 7}, {})
    times = [utc("2024-10-27T00:30"), utc("2024-10-27T01:30"), utc("2024-07-05T11:34")]
    assert [stamp.time for stamp in find_timestamps(text, berlin, words)] == times


def test_a_wiki_may_have_words_of_its_own_for_a_zone() -> None:
    text = "14:34, 5. Mai 2024 (MESZ) 14:34, 5. Mai 2024 (CEST)"
    assert [stamp.time for stamp in find_timestamps(text, wiki_in("Europe/Berlin"), GERMAN)] == [
        utc("2024-05-05T12:34")
    ] * 2


@pytest.mark.parametrize("zone", ["", "No/Where", "../../etc/passwd", "\0"])
def test_a_zone_that_is_not_known_here_leaves_utc(zone: str) -> None:
    text = "12:34, 5 January 2024 (UTC) 12:34, 5 January 2024 (CET)"
    assert [stamp.time for stamp in find_timestamps(text, wiki_in(zone, 60))] == [utc("2024-01-05T12:34")]


def test_the_ends_of_the_calendar() -> None:
    assert find_timestamps("00:00, 1 January 0001 (JST)", wiki_in("Asia/Tokyo")) == []
    assert find_timestamps("00:00, 1 January 0001 (CEST)", wiki_in("Europe/Berlin")) == []
    assert find_timestamps("23:59, 31 December 9999 (EST)", wiki_in("America/New_York")) == []


def test_messages_that_are_missing_are_no_words() -> None:
    words = DateWords.from_messages(
        {"january": "", "february": "5.", "timezone-local": "Local", "timezone-useoffset-x": "x"}
    )
    assert (words.months, words.zones) == ({}, {})
    assert [stamp.time for stamp in find_timestamps("2024-01-05 12:34 (UTC)", UTC_WIKI, words)] == [
        utc("2024-01-05T12:34")
    ]


UNITS = [
    *("(UTC)", "(", "（", "1 ", "5 January 2024 (UTC)", "12:34, 5 January 2024 ", "12:34, 5 January 2024 (UTC)", "1"),
    *("May", "May (UTC)", "(UTC)\n", ") (UTC", "١", "\n", "12:34,"),
]


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (SIZE // len(unit)) + " (UTC)"
    started = time.process_time()
    find_timestamps(text, UTC_WIKI)
    assert time.process_time() - started < SECONDS


PARTS = st.sampled_from(
    ["12:34", ", ", "5", " January ", "2024", " (UTC)", "\n", " (", ")", "May", "13", ":", ".", "年", "٢", "一"]
)


@settings(max_examples=400, deadline=None, database=None)
@given(st.lists(PARTS, max_size=20).map("".join))
def test_any_text_gives_stamps_in_order(text: str) -> None:
    found = find_timestamps(text, UTC_WIKI)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(text[one.start : one.end].endswith("(UTC)") and one.time.tzinfo is UTC for one in found)


@settings(max_examples=400, deadline=None, database=None)
@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # hypothesis wants them so
def test_any_time_comes_back(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    text = f"{moment:%H:%M}, {moment.day} {moment:%B} {moment.year} (UTC)"
    assert newest(text, UTC_WIKI) == moment
