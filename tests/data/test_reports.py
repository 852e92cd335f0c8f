"""Pages of reports, and whether a new one says anything new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.core.site import SiteInfo
from apibot.data import Title, Wikitext, renewed, report, same_but_stamp
from apibot.data.pages import UNSTABLE

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
STAMP = "Update: <onlyinclude>2026-01-31 12:00 (UTC)</onlyinclude>"
SITE = SiteInfo(
    {
        "general": {},
        "interwikimap": [{"prefix": "de", "url": "//de.example.org/$1", "language": "Deutsch"}],
        "namespaces": {
            "0": {"id": 0, "name": ""},
            "1": {"id": 1, "name": "Talk"},
            "14": {"id": 14, "name": "Kategorie", "canonical": "Category"},
        },
    }
)


def test_how_a_report_is_set_out() -> None:
    assert report("{|\n|}", stamp=NOON) == f"{STAMP}\n\n{{|\n|}}"
    categories: list[str | Title] = ["Reports", Title.parse("Category:Lists", SITE)]
    found = report("\nBody.\n", stamp=NOON, intro="{{header}}\n\n", categories=categories, label="As of ")
    assert found == (
        "{{header}}\nAs of <onlyinclude>2026-01-31 12:00 (UTC)</onlyinclude>\n\nBody.\n\n"
        "[[Category:Reports]]\n[[Kategorie:Lists]]"
    )
    assert report("", stamp=NOON) == STAMP


def test_times_of_other_zones_are_told_in_utc() -> None:
    there = datetime(2026, 1, 31, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert "2026-01-30 20:00 (UTC)" in report("", stamp=there)
    with pytest.raises(BadParameter, match="no time zone"):
        report("", stamp=datetime(2026, 1, 31))  # noqa: DTZ001  # which is refused


@pytest.mark.parametrize("stamp", ["0001-01-01T00:00+05:00", "9999-12-31T23:00-05:00"])
def test_times_that_utc_does_not_have(stamp: str) -> None:
    with pytest.raises(BadParameter, match="can not be told in UTC"):
        report("", stamp=datetime.fromisoformat(stamp))


NO_NAMES = [
    *[("", 0), (" ", 1), ("a]]", 1), ("a|b", 1), ("{{a}}", 0), ("a\nb", 1), ("a#b", 1), ("a#", 1), ("..", 0)],
    *[("~~~~", 0), ("a ~~~", 2), ("\x00", 0), ("a\x7f", 1), ("\ud800", 0), ("a\ufffd", 1), (":a", 0)],
    *[("{{subst:a}}", 0), ("{{{a}}}", 0), ("<!-- a -->", 0), ("a" * 256, 255), ("%5B", 0), ("&#91;", 1)],
]


@pytest.mark.parametrize(("name", "position"), NO_NAMES, ids=[ascii(name[:20]) for name, _at in NO_NAMES])
def test_what_can_be_no_category(name: str, position: int) -> None:
    with pytest.raises(InvalidTitle) as caught:
        report("", stamp=NOON, categories=[name])
    assert (caught.value.text, caught.value.position) == (name, position)


@pytest.mark.parametrize("title", ["Lists", "Talk:Lists", "de:Kategorie:Lists", ":#Lists"])
def test_titles_that_are_no_categories(title: str) -> None:
    with pytest.raises(BadParameter, match="no category of this wiki"):
        report("", stamp=NOON, categories=[Title.parse(title, SITE)])


@given(st.text() | st.text("ab ~:#&;%.{}[]|<>_\n\u200e"))
def test_any_name_is_that_of_a_category_or_refused(name: str) -> None:
    """What is taken is one link, to the category, and saving it changes nothing."""
    try:
        text = report("", stamp=NOON, categories=[name])
    except InvalidTitle:
        return
    page = Wikitext(text, SITE)
    assert [str(link) for link in page.categories] == [text.removeprefix(f"{STAMP}\n\n")]
    assert not UNSTABLE.search(text)


def test_there_is_one_time() -> None:
    with pytest.raises(BadText, match="around its time") as caught:
        report("", stamp=NOON, intro="a <OnlyInclude>x</onlyinclude>")
    assert caught.value.position == 2


OLD = report("Body <onlyinclude>2026-01-01 00:00 (UTC)</onlyinclude>.", stamp=NOON)
SAME = [
    (OLD, OLD, True),
    (OLD, OLD.replace("12:00", "13:07"), True),
    (OLD, OLD.replace("12:00", "13:07") + "\n \n", True),
    (OLD.replace("\n", "\r\n"), OLD.replace("12:00", "13:07"), True),
    (OLD, OLD.replace("12:00", "13:07").replace("Body", "body"), False),
    (OLD, OLD.replace("00:00", "13:07"), False),  # it is not the first one
    (OLD, OLD.replace("12:00", "13:7"), False),
    (OLD, OLD.replace("12:00 (UTC)", "noon"), False),
    ("<onlyinclude>1</onlyinclude>", "<onlyinclude>2</onlyinclude>", False),
    ("a", "a", True),
    ("", "a", False),
]


@pytest.mark.parametrize(("old", "new", "same"), SAME)
def test_a_time_alone_makes_no_new_report(old: str, new: str, *, same: bool) -> None:
    assert same_but_stamp(old, new) is same
    assert same_but_stamp(new, old) is same
    assert renewed(old, new) == (old if same else new)


def test_the_first_report() -> None:
    assert renewed(None, OLD) == OLD


def test_a_report_that_is_too_short_is_not_saved() -> None:
    assert renewed("old", "12345", least=5) == "12345"
    with pytest.raises(BadText, match="at least 6 characters, this one 5"):
        renewed("old", "12345", least=6)


def test_one_category_is_one_category() -> None:
    assert report("x", stamp=datetime(2026, 1, 1, tzinfo=UTC), categories="Reports").endswith(
        "\n\n[[Category:Reports]]"
    )
