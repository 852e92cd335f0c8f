"""Archiving threads: nothing is lost, nothing doubled, all else stays."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data.archive import THREAD, Archived, archived, older_than
from apibot.data.wikitext.document import Wikitext
from apibot.data.wikitext.sections import Section

NAMES = {0: "", 2: "User", 3: "User talk", 10: "Template", 14: "Category"}
BLOCKS = {
    "general": {"sitename": "W", "wikiid": "w", "lang": "en", "case": "first-letter", "timezone": "UTC"},
    "namespaces": {
        str(id): {"id": id, "name": name, "canonical": name, "case": "first-letter"} for id, name in NAMES.items()
    },
    "interwikimap": [{"prefix": "fr", "url": "https://fr.example/$1", "language": "français"}],
}
SITE = SiteInfo.from_api(BLOCKS)
PAGE = "Head.\n\n== A ==\na {{done}}\n\n== B ==\nb\n\n== C ==\nc {{Done}}\n=== C1 ===\nc1\n\n\n== D ==\n{{done}}"


def read(text: str) -> Wikitext:
    return Wikitext(text, SITE)


def is_done(thread: Section) -> bool:
    return "{{done}}" in thread.whole.lower()


def run(source: str, archive: str | None, **more: Any) -> Archived:
    return archived(read(source), None if archive is None else read(archive), **{"when": is_done, **more})


def test_threads_go_to_the_end_of_the_archive_in_their_order() -> None:
    found = run(PAGE, "Old.\n\n== Z ==\nz\n")
    assert found.source == "Head.\n\n== B ==\nb"
    assert found.archive == (
        "Old.\n\n== Z ==\nz\n\n== A ==\na {{done}}\n\n== C ==\nc {{Done}}\n=== C1 ===\nc1\n\n== D ==\n{{done}}\n"
    )
    assert (found.moved, found.added) == (("A", "C", "D"), 3)


def test_a_new_archive_has_a_header() -> None:
    found = run(PAGE, None, header="{{archive}}\n", keep=3)
    assert found.archive == "{{archive}}\n\n== A ==\na {{done}}"
    assert found.source == PAGE.replace("== A ==\na {{done}}\n\n", "")
    assert run(PAGE, " \n", header="{{archive}}", keep=3).archive == found.archive
    assert run(PAGE, None, keep=3).archive == "== A ==\na {{done}}"
    assert run(PAGE, "x", header="{{archive}}", keep=3).archive == "x\n\n== A ==\na {{done}}"


@pytest.mark.parametrize(
    ("more", "moved"),
    [
        ({}, ("A", "C", "D")),
        ({"keep": 1}, ("A", "C", "D")),
        ({"keep": 2}, ("A", "C")),
        ({"keep": 4}, ()),
        ({"keep": 9}, ()),
        ({"at_least": 3}, ("A", "C", "D")),
        ({"at_least": 4}, ()),
        ({"at_least": 3, "keep": 2}, ()),
        ({"level": 3}, ()),
        ({"stay": ["done"]}, ()),
        ({"stay": ["Template:Done", "other"]}, ()),
        ({"when": lambda thread: thread.title != "B", "stay": ["x"]}, ("A", "C", "D")),
        ({"when": lambda thread: thread.title == "C1", "level": 3}, ("C1",)),
    ],
)
def test_which_threads_are_moved(more: dict[str, Any], moved: tuple[str, ...]) -> None:
    found = run(PAGE, "Old.\n", **more)
    assert found.moved == moved
    if not moved:
        assert found == Archived(PAGE, "Old.\n", (), 0)


@pytest.mark.parametrize("more", [{"level": 0}, {"level": 7}, {"keep": -1}, {"at_least": 0}])
def test_numbers_that_make_no_sense(more: dict[str, Any]) -> None:
    with pytest.raises(BadParameter, match="they are 1 to 6"):
        run(PAGE, None, **more)


def test_neither_text_is_changed() -> None:
    source, archive = read(PAGE), read("Old.")
    section = source.sections[1]
    archived(source, archive, when=is_done)
    assert (str(source), str(archive)) == (PAGE, "Old.")
    section.text = "still mine"


@pytest.mark.parametrize("archive", ["Old. <!-- never closed", "== Z ==\n<nowiki>"])
def test_an_archive_that_would_swallow_a_thread(archive: str) -> None:
    with pytest.raises(BadText, match="not closed") as caught:
        run("== A ==\n{{done}} </nowiki>", archive)
    assert caught.value.text[caught.value.position :].startswith("== A ==")


def test_a_page_that_would_lose_a_heading() -> None:
    page = "== A ==\n{{x\n\n== B ==\n[[y\n\n== C ==\n}}"
    assert run(page, "", when=lambda thread: thread.title == "B") == Archived(page, "", (), 0, ("B",))


def test_a_thread_that_is_not_closed_stays_and_the_others_go() -> None:
    page = "== A ==\n{{done}}\n\n== B ==\n{{done}} <!-- b\n\n== C ==\n{{done}}"
    assert run(page, "Old.") == Archived(
        "== B ==\n{{done}} <!-- b\n\n== C ==\n{{done}}", "Old.\n\n== A ==\n{{done}}", ("A",), 1, ("B",)
    )
    assert run(page, "Old.", at_least=2) == Archived(page, "Old.", (), 0, ("B",))


FEET = ["[[Category:T]]", "{{DEFAULTSORT:t}}\n[[Category:T]]\n<!-- c -->\n[[Category:U]] [[Category:V]]\n", "[[fr:T]]"]


@pytest.mark.parametrize("foot", FEET)
def test_what_a_page_ends_with_stays_its_end(foot: str) -> None:
    found = run(f"Head.\n\n== A ==\na\n\n== B ==\n{{{{done}}}}\n\n{foot}", f"Old.\n\n== Z ==\nz\n\n{foot}")
    assert found.source == f"Head.\n\n== A ==\na\n\n{foot}"
    assert found.archive == f"Old.\n\n== Z ==\nz\n\n== B ==\n{{{{done}}}}\n\n{foot}"
    again = run(found.source, found.archive)
    assert again == Archived(found.source, found.archive, (), 0)
    alone = run(f"== A ==\n{{{{done}}}}\n{foot}", None)
    assert (alone.source, alone.archive) == (foot, "== A ==\n{{done}}")


@pytest.mark.parametrize("end", ["see [[Category:T]]", "[[:Category:T]]", "{{PAGENAME}}", "<!-- c -->", "{{t}}"])
def test_what_belongs_to_a_thread_goes_with_it(end: str) -> None:
    found = run(f"== A ==\n{{{{done}}}}\n{end}", "")
    assert (found.source, found.archive) == ("", f"== A ==\n{{{{done}}}}\n{end}")


def test_what_a_condition_changes_is_not_kept() -> None:
    def when(thread: Section) -> bool:
        thread.append("seen")
        return thread.title == "A"

    assert run(PAGE, "", when=when).archive == "== A ==\na {{done}}"
    with pytest.raises(BadParameter, match="not in the text any more"):
        run(PAGE, "", when=lambda thread: bool(thread.delete()) and bool(thread.text))


# By age.

NOW = datetime(2024, 5, 10, tzinfo=UTC)


def signed(day: int, month: str = "May", year: int = 2024) -> str:
    return f"text [[User:Ann|Ann]] 12:00, {day} {month} {year} (UTC)"


@pytest.mark.parametrize(
    ("thread", "old"),
    [
        (signed(1), True),
        (signed(3), False),
        (f"{signed(1)}\n:{signed(5)}", False),
        (f"{signed(1)}\n=== sub ===\n{signed(5)}", False),
        (f"{signed(5)}\n:{signed(1)}", False),
        (f"{signed(1)}\n:{signed(5, year=2099)}", True),
        (f"{signed(1)} <!-- {signed(5)} -->", True),
        ("nobody signed", False),
    ],
)
def test_old_threads(thread: str, old: bool) -> None:  # noqa: FBT001  # a table's column
    section = read(f"{signed(9)}\n== A ==\n{thread}\n== B ==\n{signed(9)}").section("A")
    assert section
    assert older_than(7, NOW)(section) is old


def test_now_needs_a_zone() -> None:
    with pytest.raises(BadParameter, match="time zone"):
        older_than(7, datetime(2024, 5, 10))  # noqa: DTZ001  # that is the point


# Properties.

BODIES = [
    "a",
    "b\n\nc",
    "{{done}}",
    "{{keep}}",
    "* l",
    "",
    "<!-- c -->",
    "x {{",
    "[[x",
    "=== s ===\n{{done}}",
    "<nowiki>\n== n ==\n</nowiki>",
]
THREADS = st.builds(
    lambda title, body, gap: f"== {title} ==\n{body}{gap}",
    st.sampled_from("ABCD"),
    st.sampled_from(BODIES),
    st.sampled_from(["\n", "\n\n", "\n\n\n"]),
)
LEADS = st.sampled_from(["", "Lead.\n\n", "{{talk}}\n", "\n"])
PAGES = st.builds(lambda lead, threads: lead + "".join(threads).rstrip(), LEADS, st.lists(THREADS, max_size=7))
OPTIONS = st.fixed_dictionaries(
    {"keep": st.integers(0, 4), "at_least": st.integers(1, 3), "stay": st.sampled_from([(), ("keep",)])}
)


def threads(*texts: str) -> Counter[str]:
    return Counter(one for text in texts for one in threads_of(text))


def threads_of(text: str) -> list[str]:
    return [one.whole for one in read(text).sections if one.level == THREAD]


def lead(text: str) -> str:
    return read(text).sections[0].whole


@given(PAGES, PAGES, OPTIONS)
def test_nothing_is_lost_or_doubled(source: str, archive: str, options: dict[str, Any]) -> None:
    found = run(source, archive, **options)
    before, on_both = threads(source, archive), threads(source) & threads(archive)
    after = threads(found.source, found.archive)
    doubled = len(found.moved) - found.added
    assert before - after <= on_both  # what both pages had is taken for the trace of a save that failed
    assert (before - after).total() == doubled
    assert after <= before
    assert (lead(found.source), lead(found.archive)) == (lead(source), lead(archive))
    assert threads(archive) <= threads(found.archive)
    assert set(before) == set(after)


@given(PAGES, OPTIONS)
def test_all_threads_are_there_with_a_new_archive(source: str, options: dict[str, Any]) -> None:
    found = run(source, None, header="Head.", **options)
    assert threads(found.source, found.archive) == threads(source)
    assert len(found.moved) == found.added
    for text in (found.source, found.archive):
        left = iter(threads_of(source))
        assert all(one in left for one in threads_of(text))  # in the same order


@given(PAGES, PAGES, OPTIONS)
def test_to_run_again_moves_nothing(source: str, archive: str, options: dict[str, Any]) -> None:
    first = run(source, archive, **options)
    again = run(first.source, first.archive, **options)
    assert again == Archived(first.source, first.archive, (), 0)


@given(PAGES, PAGES, OPTIONS)
def test_to_run_after_only_the_archive_was_saved_doubles_nothing(
    source: str, archive: str, options: dict[str, Any]
) -> None:
    first = run(source, archive, **options)
    again = run(source, first.archive.rstrip(), **options)
    assert again == Archived(first.source, first.archive.rstrip(), first.moved, 0)


ODD = [
    *(
        "a",
        "{{done}}",
        "b {{done}}",
        "{{done}} <!-- x",
        "[[Category:T]]",
        "see [[Category:U]]",
        "[[fr:T]]",
        "<!-- c -->",
    ),
    *(
        "{{DEFAULTSORT:k}}",
        "{{done",
        "}}",
        "[[x",
        "]]",
        "<nowiki>",
        "</nowiki>",
        "=== s ===",
        "-{",
        "<ref>",
        "</ref>",
        "",
    ),
]
ODD_THREADS = st.tuples(st.integers(0, 999), st.lists(st.sampled_from(ODD), max_size=4)).map(
    lambda found: "\n".join([f"== T{found[0]} ==", *found[1]])
)
ODD_PAGES = st.tuples(st.lists(ODD_THREADS, max_size=5, unique=True), st.lists(st.sampled_from(ODD), max_size=2)).map(
    lambda found: "\n".join([*found[0], *found[1]])
)


def lines(*texts: str) -> Counter[str]:
    return Counter(line.strip() for text in texts for line in text.split("\n") if line.strip())


@given(ODD_PAGES, ODD_PAGES.map(lambda text: text.replace("== T", "== A")))
def test_no_line_is_lost_or_doubled_whatever_is_not_closed(source: str, archive: str) -> None:
    try:
        found = run(source, archive)
    except BadText:
        return
    assert lines(found.source, found.archive) == lines(source, archive)
    again = run(source, found.archive)
    assert (again.source, again.archive) == (found.source, found.archive)


SECONDS = 60


def test_many_threads_end() -> None:
    count = 2**12
    source = "".join(f"== T {number} ==\n{{{{done}}}} {signed(1)}\n\n" for number in range(count))
    start = time.monotonic()
    found = run(source, source[: len(source) // 2], when=older_than(7, NOW + timedelta(days=1)), stay=["x"])
    assert time.monotonic() - start < SECONDS
    assert len(found.moved) == count
    assert found.source.strip() == ""
