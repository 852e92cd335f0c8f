"""The writer of tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data import Column, Raw, Title, wikitable
from apibot.data.tables import TableRow
from apibot.data.wikitext.document import Wikitext

SITE = SiteInfo(
    {"general": {"case": "first-letter"}, "namespaces": {"0": {"id": 0, "name": "", "case": "first-letter"}}}
)


def test_rows_of_mappings_and_of_values() -> None:
    rows: list[TableRow] = [{"a": "x|y", "b": 1, "other": "z"}, ["[[x]]", Raw("[[x]]")], {"b": None}]
    assert wikitable(rows, ["a", "b"]) == (
        '{| class="wikitable sortable"\n! a !! b\n|-\n| x&#124;y || 1\n|-\n'
        "| &#91;&#91;x&#93;&#93; || [[x]]\n|-\n| ||\n|}"
    )


def test_a_table_without_rows_has_its_headings() -> None:
    assert wikitable([], ["a", "b"]) == '{| class="wikitable sortable"\n! a !! b\n|}'
    assert wikitable([], [], classes=()) == "{|\n|}"


def test_all_about_columns_and_rows() -> None:
    columns: list[Column | str] = [
        Column(name="who", title="User | name", heading=True),
        Column(name="n", title=Raw("'''n'''"), sort="number", align="right", thousands=","),
        "when",
    ]
    rows: list[dict[str, str | int | float | Title | date]] = [
        {"who": Title.parse("a b", SITE), "n": -1234567, "when": datetime(2026, 1, 31, 12, tzinfo=UTC)},
        {"who": "b", "n": 1234.5, "when": date(2026, 1, 2)},
    ]
    found = wikitable(
        rows,
        columns,
        classes=["wikitable"],
        caption="All = many",
        attributes={"style": "width:100%"},
        row_attributes=lambda row: {"style": "background:#fee"} if isinstance(row, dict) and row["who"] == "b" else {},
        one_line=False,
    )
    assert (
        found
        == """{| class="wikitable" style="width:100%"
|+ All &#61; many
! User &#124; name
! data-sort-type="number" | '''n'''
! when
|-
! scope="row" | [[A b]]
| style="text-align:right" | -1,234,567
| 2026-01-31 12:00 (UTC)
|- style="background:#fee"
! scope="row" | b
| style="text-align:right" | 1,234.5
| 2026-01-02
|}"""
    )


def test_a_cell_of_several_lines_ends_its_line() -> None:
    found = wikitable([["a", Raw("\n* b\n* c"), "d", "e"]], list("wxyz"), classes=())
    assert found == "{|\n! w !! x !! y !! z\n|-\n| a ||\n* b\n* c\n| d || e\n|}"


def test_rows_above_the_limit_are_counted() -> None:
    rows = ([str(number)] for number in range(10))
    assert wikitable(rows, ["a"], classes=(), limit=1) == "{|\n! a\n|-\n| 0\n|}\n9 more were skipped."
    assert wikitable([["x"]] * 3, ["a"], limit=2, skipped="''{count} left''").endswith("|}\n''1 left''")
    assert wikitable([["x"]] * 3, ["a"], limit=2, skipped=lambda more: "#" * more).endswith("|}\n#")
    assert wikitable([["x"]] * 2, ["a"], limit=2).endswith("| x\n|}")
    assert wikitable([["x"]] * 2, ["a"], classes=(), limit=0) == "{|\n! a\n|}\n2 more were skipped."


@pytest.mark.parametrize(("row", "error"), [(["a", "b"], BadParameter), ("a", BadParameter), ([Raw("[[")], BadText)])
def test_rows_that_are_none(row: list[str] | str, error: type[BadParameter]) -> None:
    with pytest.raises(error):
        wikitable([row], ["x"])


value = st.text(st.sampled_from("ab |!{}[]<>'-+=*#:;\n&~_/"), max_size=8) | st.integers() | st.decimals(allow_nan=False)


@given(
    rows=st.lists(st.lists(value, min_size=2, max_size=2), max_size=4),
    one_line=st.booleans(),
    thousands=st.sampled_from(["", ","]),
)
def test_what_is_written_has_its_rows_and_cells(
    *, rows: list[list[str | int | Decimal]], one_line: bool, thousands: str
) -> None:
    columns = [Column(name="a|!", heading=True), Column(name="b", thousands=thousands, align="right")]
    found = wikitable(rows, columns, one_line=one_line)
    (one,) = Wikitext(found, SITE).tables
    assert [len(row) for row in one.cells] == [2] * (len(rows) + 1)
    assert wikitable([[Raw(text) for text in row] for row in one.lists], columns, one_line=one_line) == found


NAIVE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize("rows", [[[10**5000]], [None], [5], ["a"], [["a", "b"]], [[NAIVE]]])
def test_what_can_be_no_row_is_refused(rows: Any) -> None:
    with pytest.raises(BadParameter):
        wikitable(rows, ["a"])


def test_one_name_is_one_name() -> None:
    assert wikitable([["x"]], "page", classes="wikitable").startswith('{| class="wikitable"\n! page\n')
