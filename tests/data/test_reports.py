"""Pages of reports, and whether a new one says anything new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data import Title, renewed, report, same_but_stamp

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
STAMP = "Update: <onlyinclude>2026-01-31 12:00 (UTC)</onlyinclude>"
SITE = SiteInfo(
    {
        "general": {},
        "namespaces": {"0": {"id": 0, "name": ""}, "14": {"id": 14, "name": "Kategorie", "canonical": "Category"}},
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


@pytest.mark.parametrize("name", ["", " ", "a]]", "a|b", "{{a}}", "a\nb"])
def test_what_can_be_no_category(name: str) -> None:
    with pytest.raises(BadText):
        report("", stamp=NOON, categories=[name])


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
