"""Rows as tables: hostile content stays text, in HTML and on a terminal, and much is shown in part."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.visible import HIDDEN
from apibot.data import DataRow, Page, PageRef, RecentChange, Table, Tag

HOSTILE = [
    "\ufdd0\uffff\U0001ffff",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><iframe src='https://example.org'>",
    "\"'><svg/onload=alert(1)>",
    "&lt;b&gt;&#60;script&#62;",
    "$\\href{javascript:alert(1)}{x}$",
    "\u202eevil\u2066",
    "\x1b[2J\x1b]0;title\x07",
    "{{7*7}} `x` ![x](https://example.org/x.png)",
    "\ud83d",
    "<!--",
    "]]>",
]
ALLOWED = {"table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
ATTRIBUTES = {("class", "apibot tex2jax_ignore mathjax_ignore"), ("dir", "auto")}


def check(html: str) -> list[str]:
    """See that a browser finds a table of text and nothing else; return the texts in it."""
    tree = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True).parseFragment(html)
    elements = [one for one in tree.iter() if one is not tree]
    assert {one.tag for one in elements} <= ALLOWED  # a comment's tag is a function
    assert {pair for one in elements for pair in one.items()} <= ATTRIBUTES
    assert not HIDDEN.search(html)
    html.encode()
    return [one.text for one in elements if one.text]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_a_wiki_holds_is_never_markup(text: str) -> None:
    row = RecentChange({"comment": text, text: text, "tags": [text], "logparams": {text: [text]}, "title": text})
    for html in (row._repr_html_(), Table([row, row])._repr_html_()):
        assert "comment" in check(html)
    shown = repr(Table([row]))
    assert not HIDDEN.search(shown)
    assert len(shown.splitlines()) <= 3
    page = Page({"title": text, "revisions": [{"slots": {"main": {"content": text}}}]})
    check(page._repr_html_())
    check(Table([page])._repr_html_())


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()), max_size=4), max_size=4)
)
def test_any_rows_are_shown_safely(rows: list[dict[str, object]]) -> None:
    table = Table([DataRow(row) for row in rows])
    check(table._repr_html_())
    assert not HIDDEN.search(repr(table))
    assert len(repr(table).split("\n")) <= len(table) + 2
    for row in table:
        check(row._repr_html_())


def test_a_table_reads_well_in_a_console() -> None:
    rows = [
        Tag({"name": "a", "hitcount": 5, "active": True}),
        Tag({"name": "日本語", "source": ["manual", "extension"]}),
    ]
    assert repr(Table(rows)).splitlines() == [
        "name    hitcount  active  source",
        "a       5         yes",
        "日本語                    manual, extension",
    ]
    assert str(Table(rows)) == repr(Table(rows))
    assert repr(Table[DataRow]([])) == "(No rows.)"


def test_a_long_table_is_shown_in_part() -> None:
    table = Table(Tag({"name": f"tag {number}"}) for number in range(1234))
    assert (len(table), table[1233]["name"]) == (1234, "tag 1233")
    lines = repr(table).splitlines()
    assert (len(lines), lines[-1]) == (52, "(Not shown: 1,184 more rows.)")
    html = table._repr_html_()
    assert "tag 49" in html
    assert "tag 50" not in html
    assert "<p>1,184 more not shown.</p>" in html
    assert repr(Table(table, shown=2)).splitlines()[-1] == "(Not shown: 1,232 more rows.)"
    assert "not shown" not in Table(table[:50])._repr_html_()


def test_many_and_long_columns_are_shown_in_part() -> None:
    row = DataRow({f"column {number}": "x" * 1000 for number in range(10)})
    lines = repr(Table([row])).splitlines()
    assert len(lines) == 3
    assert all(len(line) <= 160 for line in lines)
    assert lines[1].startswith(f"{'x' * 39}…")
    assert lines[2].startswith("(Not shown: columns column 3, column 4")
    cells = check(Table([row])._repr_html_())
    assert cells[:10] == list(row)
    assert set(cells[10:]) == {f"{'x' * 299}…"}


def test_a_slice_of_a_table_is_a_table() -> None:
    table = Table([Tag({"name": name}) for name in "abc"], shown=1)
    assert [row.name for row in table[1:]] == ["b", "c"]
    assert isinstance(table[1:], Table)
    assert table[1:].shown == 1
    assert table[0] in table
    assert table.index(Tag({"name": "b"})) == 1


def test_pages_and_references_have_tables_too() -> None:
    row: dict[str, object] = {"title": "A", "pageid": 3, "ns": 0, "lastrevid": 7}
    revision = {"revid": 7, "timestamp": "2024-01-02T03:04:05Z", "slots": {"main": {"content": "text"}}}
    page = Page(row | {"revisions": [revision]})
    assert repr(Table([page])).splitlines() == [
        "title  pageid  ns  exists  revid  timestamp             text",
        "A      3       0   yes     7      2024-01-02T03:04:05Z  text",
    ]
    assert "text" not in repr(Table([Page(row, text=False)]))
    assert repr(Table([PageRef("A", 3, 0)])).splitlines() == ["title  pageid  ns", "A      3       0"]
    assert check(page._repr_html_())[:5] == ["Page", "title", "A", "pageid", "3"]
