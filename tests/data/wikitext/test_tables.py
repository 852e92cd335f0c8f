"""Tables: what is read in them, what changing them writes, and that all else stays as it was."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import USUAL_TAGS, SiteInfo
from apibot.data.wikitext.document import Wikitext
from apibot.data.wikitext.node import visible
from apibot.data.wikitext.scan import scan
from apibot.data.wikitext.table.table import Table
from apibot.data.wikitext.table.writing import REFERENCES

SITE = SiteInfo({"general": {}, "namespaces": {"0": {"id": 0, "name": "", "case": "first-letter"}}})
TAGS = frozenset(USUAL_TAGS.split())


def table(text: str) -> tuple[Wikitext, Table]:
    document = Wikitext(text, SITE)
    return document, document.tables[0]


INLINE = """Before.
{| class="wikitable sortable" style='color:red'
|+ The caption
! Name !! Size || Note
|-
| A || 1 || [[x|y]]
|- style="background:#fee"
| B || 2 || {{t|a||b}}
|}
After."""
LINES = """{|
!Name
!Size
|-
|A
|1
|-
|B
|2
|-
|}"""
HEADED = """:{|
! scope="col" | Name
! scope="col" | Size
|-
! scope="row" title="a" | A
| 1
|-
! scope="row" | B
| 2
<!-- here -->|}"""


def test_what_is_read() -> None:
    _document, one = table(INLINE)
    assert one.attributes == {"class": "wikitable sortable", "style": "color:red"}
    assert one.caption == "The caption"
    assert one.header == ["Name", "Size", "Note"]
    assert one.rows == [
        {"Name": "A", "Size": "1", "Note": "[[x|y]]"},
        {"Name": "B", "Size": "2", "Note": "{{t|a||b}}"},
    ]
    assert one.lists == [["A", "1", "[[x|y]]"], ["B", "2", "{{t|a||b}}"]]
    assert [[cell.heading for cell in row] for row in one.cells] == [[True] * 3, [False] * 3, [False] * 3]
    assert len(one) == 2
    assert table(HEADED)[1].cells[1][0] == ("A", {"scope": "row", "title": "a"}, True)


HEADERS = [
    ("! a !! a !! a (2) !! a", ["a", "a (2)", "a (2) (2)", "a (3)"]),
    ("! !! b !!", ["1", "b", "3"]),
    ("| x || y", ["1", "2"]),
    ("! h\n| x", ["1", "2"]),
    (
        "! rowspan=2 | Name !! colspan=2 | Score\n|-\n! Home !! Away\n|-\n| x || 1 || 2",
        ["Name", "Score Home", "Score Away"],
    ),
    ("! a\n|-\n| 1 || 2", ["a", "2"]),
    ("! <!-- c -->[[a|b]]<ref>c</ref>", ["[[a|b]]<ref>c</ref>"]),
    ("", []),
]


@pytest.mark.parametrize(("lines", "names"), HEADERS)
def test_columns_have_names_that_differ(lines: str, names: list[str]) -> None:
    assert table(f"{{|\n{lines}\n|}}")[1].header == names


SPANS = [
    ("| rowspan=2 | a || b\n|-\n| c", [["a", "b"], ["a", "c"]]),
    ("| colspan=2 | a || b\n|-\n| c || d || e || f", [["a", "a", "b", ""], ["c", "d", "e", "f"]]),
    ("| a\n|-\n| b || c", [["a", ""], ["b", "c"]]),
    ("| rowspan=0 | a || b\n|-\n| c\n|-\n| d", [["a", "b"], ["a", "c"], ["a", "d"]]),
    ('| a || rowspan="2" colspan=2 | b\n|-\n| c || d', [["a", "b", "b", ""], ["c", "b", "b", "d"]]),
    ("| rowspan=9 | a\n|-\n| b", [["a", ""], ["a", "b"]]),
    ("| rowspan=x colspan=-1 | a\n|-\n| b", [["a"], ["b"]]),
    ("| rowspan=2 | a\n|+ c\n| b\n|-\n| d", [["a"], ["b"], ["d"]]),
]


@pytest.mark.parametrize(("lines", "rows"), SPANS)
def test_cells_that_span_are_spread_out(lines: str, rows: list[list[str]]) -> None:
    assert table(f"{{|\n{lines}\n|}}")[1].lists == rows


def test_tables_in_tables_and_in_tags() -> None:
    first = "{|\n| a\n{| id=b\n| c\n|}\n| d\n|}\n"
    text = f"{first}<ref>\n{{| id=e\n|}}</ref>\n<nowiki>\n{{|\n|}}</nowiki>{{{{t|\n{{|\n}}}}\n{{| id=f\n| g"
    tables = Wikitext(text, SITE).tables
    assert [one.attributes.get("id", "") for one in tables] == ["", "b", "f", "e"]
    assert tables[0].lists == [["a\n{| id=b\n| c\n|}", "d"]]
    assert tables[2].lists == [["g"]]


def appended(row: object) -> Callable[[Table], None]:
    return lambda one: one.append(row)  # type: ignore[arg-type]  # also what is refused


CHANGES: list[tuple[str, Callable[[Table], object], str, str]] = [
    (INLINE, appended(["C", "3", ""]), "|}\nAfter", "|-\n| C || 3 ||\n|}\nAfter"),
    (INLINE, appended({"Note": "a|b", "Name": "C"}), "|}\nAfter", "|-\n| C || || a&#124;b\n|}\nAfter"),
    (INLINE, appended(["C", "\n* a\n* b", "d"]), "|}\nAfter", "|-\n| C ||\n* a\n* b\n| d\n|}\nAfter"),
    (INLINE, appended(["[[a|b]] | {{c|d}} || e!!f"]), "|}\nA", "|-\n| [[a|b]] &#124; {{c|d}} &#124;&#124; e!!f\n|}\nA"),
    (INLINE, appended(["a <b", "<nowiki>", "</ref>"]), "|}\nA", "|-\n| a &lt;b || &lt;nowiki> || &lt;/ref>\n|}\nA"),
    (LINES, appended(["-3", "}"]), "|-\n|}", "|-\n| -3\n| }\n|-\n|}"),
    (HEADED, appended(["C", "\n!x\n|y"]), "|}", '|-\n! scope="row" | C\n|\n&#33;x\n&#124;y\n|}'),
    (HEADED, appended(["a!!b"]), "|}", '|-\n! scope="row" | a&#33;!b\n|\n|}'),
    (INLINE, lambda one: one.insert(0, ["x"]), "|-\n| A", "|-\n| x\n|-\n| A"),
    (INLINE, lambda one: one.insert(-1, ["x"]), "|- style", "|-\n| x\n|- style"),
    (INLINE, lambda one: one.insert(9, ["x"]), "|}\nAfter", "|-\n| x\n|}\nAfter"),
    ("{|\n| a\n|}", lambda one: one.insert(0, ["x"]), "| a", "|-\n| x\n|-\n| a"),
    (INLINE, lambda one: one.remove_row(0), "|-\n| A || 1 || [[x|y]]\n", ""),
    ("{|\n| a\n|-\n| b\n|}", lambda one: one.remove_row(0), "| a\n", ""),
    (INLINE, lambda one: one.set(0, "Size", "9"), "|| 1 ||", "|| 9 ||"),
    (INLINE, lambda one: one.set(-1, 2, "a|b"), "{{t|a||b}}", "a&#124;b"),
    (INLINE, lambda one: one.set(0, "Name", "\n* x"), "| A || 1", "| \n* x \n| 1"),
    (INLINE, lambda one: one.set(0, "Name", ""), "| A ||", "|  ||"),
    (LINES, lambda one: one.set(0, "Name", "+x"), "|A", "| +x"),
    ("{|\n! a !! b\n|-\n| x\n|}", lambda one: one.set(0, "b", "y"), "| x", "| x\n| y"),
    (
        "{|\n| a || b\n|-\n| x || y\n|-\n| z || || c || d\n|}",
        lambda one: one.set(1, 3, "y"),
        "x || y",
        "x || y || || y",
    ),
    ("{|\n| x\n|-\n! h !! i || j\n|}", lambda one: one.set(1, "3", "a!!b"), "|| j", "|| a&#33;!b"),
    ("{|\n| x || y || z || z\n|-\n! h || i\n|}", lambda one: one.set(1, 3, "a!!b"), "|| i", "|| i !! !! a&#33;!b"),
    ("{|\n|\n* a\n|}", lambda one: one.set(0, 0, "* b"), "|\n* a", "| * b"),
    ("{|\n|\n* a\n|}", lambda one: one.set(0, 0, "\n# b"), "* a", "# b"),
    ("{|\n| id=x | <!-- c --> a <!-- d -->\n|}", lambda one: one.set(0, 0, "b"), " a ", " b "),
    ("{|\n||\n|}", lambda one: one.set(0, 0, "b"), "||", "|| b"),
    (INLINE, lambda one: one.sort(lambda row: row["Size"], reverse=True), "", ""),
    (INLINE, lambda one: setattr(one, "caption", "New | one"), "The caption", "New &#124; one"),
    (INLINE, lambda one: setattr(one, "caption", None), "|+ The caption\n", ""),
    (LINES, lambda one: setattr(one, "caption", "New"), "{|\n", "{|\n|+ New\n"),
    (INLINE, lambda one: one.remove(), INLINE[8:-7], ""),
]


@pytest.mark.parametrize(("text", "change", "old", "new"), CHANGES)
def test_only_what_is_changed_changes(text: str, change: Callable[[Table], object], old: str, new: str) -> None:
    document, one = table(text)
    change(one)
    if old:
        assert str(document) == text.replace(old, new, 1)
    else:
        a, b = "|-\n| A || 1 || [[x|y]]\n", '|- style="background:#fee"\n| B || 2 || {{t|a||b}}\n'
        assert str(document) == text.replace(a + b, b + a)


REFUSED: list[tuple[str, Callable[[Table], object], type[BadParameter], str]] = [
    (INLINE, appended(["[[x"]), BadText, "not closed"),
    (INLINE, appended(["ab <!-- x -- >"]), BadText, "not closed"),
    (INLINE, appended(["<includeonly>x"]), BadText, "not closed"),
    (INLINE, appended(["\n{|\n| a"]), BadText, "not closed"),
    (INLINE, appended(["a</td>"]), BadText, "would end the cell"),
    (INLINE, appended(["<table><tr>"]), BadText, "not closed"),
    (INLINE, appended(["a [[b||c]]"]), BadText, "a link in it"),
    (INLINE, appended({"Nmae": "x"}), BadParameter, "no column 'Nmae'"),
    (INLINE, appended(["a"] * 4), BadParameter, "no row of 3 cells"),
    (INLINE, appended("abc"), BadParameter, "no row of 3 cells"),
    (INLINE, appended([]), BadParameter, "no row of 3 cells"),
    (INLINE, lambda one: one.set(2, 0, "x"), BadParameter, "no row 2"),
    (INLINE, lambda one: one.set(0, 3, "x"), BadParameter, "no column 3"),
    (INLINE, lambda one: one.remove_row(-3), BadParameter, "no row -3"),
    ("{|\n| rowspan=2 | a || b\n|-\n| c\n|}", lambda one: one.remove_row(1), BadParameter, "spans other rows"),
    ("{|\n| rowspan=2 | a || b\n|-\n| c\n|}", lambda one: one.remove_row(0), BadParameter, "spans other rows"),
    ("{|\n| rowspan=2 | a || b\n|-\n| c\n|}", lambda one: one.insert(1, ["x"]), BadParameter, "over the place"),
    ("{|\n| rowspan=2 | a || b\n|-\n| c\n|}", lambda one: one.sort(str), BadParameter, "several rows"),
    ("{|\n| rowspan=2 | a || b\n|}", appended(["x"]), BadParameter, "below the last row"),
    ("{|\n| a\n|+ b\n| c\n|}", lambda one: one.remove_row(0), BadParameter, "caption"),
    ("{|\n| a\n{|\n| b", appended(["x"]), BadText, "not closed"),
]


@pytest.mark.parametrize(("text", "change", "error", "reason"), REFUSED)
def test_what_is_refused_changes_nothing(
    text: str, change: Callable[[Table], object], error: type[BadParameter], reason: str
) -> None:
    document, one = table(text)
    with pytest.raises(error, match=reason):
        change(one)
    assert str(document) == text


PLACES = [
    ("{{c}}<!-- d --> [[e||f]]", 16),
    ("{{c}} </td>", 6),
    (" \n \n{{c}} </td>", 10),
    ("  a [[b", 4),
    ("\na {{b", 3),
    ("ab<!-- c", 2),
    ("{{c}} <includeonly>", 6),
    ("a\n{|\n", 2),
    ("a<table><td>", 1),
]


@pytest.mark.parametrize(("text", "position"), PLACES)
def test_a_refused_text_has_its_place(text: str, position: int) -> None:
    with pytest.raises(BadText) as caught:
        table(INLINE)[1].append(["ab", text])
    assert (caught.value.text, caught.value.position) == (text, position)


def test_rows_are_added_all_or_none() -> None:
    document, one = table(INLINE)
    with pytest.raises(BadText):
        one.extend([["a"], ["{{b"]])
    assert str(document) == INLINE
    one.extend([["a"], ["b"]])
    one.extend([])
    assert str(document) == INLINE.replace("|}\nA", "|-\n| a\n|-\n| b\n|}\nA")


def test_a_table_that_is_not_closed_runs_to_the_end() -> None:
    document, one = table("{|\n| a")
    one.append(["b"])
    assert str(document) == "{|\n| a\n|-\n| b\n"
    assert one.lists == [["a"], ["b"]]


def test_links_in_tables_can_be_changed_with_them() -> None:
    document, one = table(INLINE)
    link = document.links[0]
    one.append(["[[z]]"])
    link.target = "w"
    document.links[-1].target = "v"
    assert one.lists[0][2] == "[[w|y]]"
    assert one.lists[2][0] == "[[v]]"
    assert str(document) == INLINE.replace("[[x|", "[[w|").replace("|}\nA", "|-\n| [[v]]\n|}\nA")


def test_tables_that_were_looked_up_together_can_all_be_changed() -> None:
    text = f"{INLINE}\n\n{LINES}"
    document = Wikitext(text, SITE)
    first, second = document.tables
    document.append("\nMore.")
    second.append(["C", "3"])
    first.remove_row(0)
    second.remove_row(0)
    assert [len(one) for one in document.tables] == [1, 2]
    assert str(document) == (
        text.replace("|-\n| A || 1 || [[x|y]]\n", "")
        .replace("|-\n|A\n|1\n", "")
        .replace("|-\n|}", "|-\n|C\n|3\n|-\n|}")
        + "\nMore."
    )


GONE: list[tuple[Callable[[Table], object], int]] = [
    (lambda one: one.set(0, 0, "x"), 1),
    (lambda one: one.remove_row(0), 1),
    (lambda one: one.remove(), 0),
]


@pytest.mark.parametrize(("change", "first"), GONE)
def test_a_table_that_is_gone_can_not_be_changed(change: Callable[[Table], object], first: int) -> None:
    document = Wikitext("{|\n| a\n{|\n| b\n|}\n|}", SITE)
    tables = document.tables
    change(tables[0])
    text = str(document)
    for one in tables[first:]:
        with pytest.raises(BadParameter, match="look it up"):
            one.append(["y"])
    assert str(document) == text


def test_a_table_that_another_view_changed_is_looked_up_anew() -> None:
    document, one = table(LINES)
    other = document.tables[0]
    other.append(["x"])
    with pytest.raises(BadParameter, match="look it up"):
        one.append(["y"])
    document.tables[0].append(["y"])
    with pytest.raises(BadParameter, match="look it up"):
        other.append(["z"])
    assert document.tables[0].lists == [["A", "1"], ["B", "2"], ["x", ""], ["y", ""]]


PIECES = """
    {| |} |- |+ || | ! !! {{ }} {{t|a||b}} [[ ]] [[a|b]] [[a||b]] <!-- --> <!--c--> <nowiki> </nowiki> <ref> </ref> <b>
    </b> <span </td> <table> </table> <includeonly> </includeonly> <noinclude> -{ }- a b * : # = == ~ - + } { é &amp;
""".split()
snippets = st.lists(
    st.sampled_from([*PIECES, "\n", "\n", "\n|", "\n!", "\n|-\n", " ", "<span title='a|b'>"]), max_size=12
)
value = snippets.map("".join)
line = st.sampled_from(
    ["| ", "|", "! ", "!", "|| ", "| a || ", "! a !! ", "|-", "|+", "", "| title=x | ", "| rowspan=2 | "]
)
lines = st.lists(st.tuples(line, value).map("".join), max_size=8).map("\n".join)
STARTS = ["{|\n", "x\n:{| class=a\n! a !! b\n|-\n", "{|\n|-\n|a||b\n|-\n|c\n"]
tables = st.tuples(st.sampled_from(STARTS), lines).map("".join)
texts = st.tuples(tables, st.sampled_from(["", "\n", "\n|}", "\n|-\n|}\nend", "\n|}\n{|\n|}"])).map("".join)

BROKEN = re.compile(r"<(?!/?\w+[^<>]*>|!--.*?-->)", re.DOTALL)
"""A tag or a comment that is not closed and takes in what is put behind it."""


@given(texts)
def test_reading_changes_nothing(text: str) -> None:
    document = Wikitext(text, SITE)
    for one in document.tables:
        assert (one.header, one.lists, one.rows, one.cells, one.caption, one.attributes, str(one)) is not None
    assert str(document) == text


def unreferenced(text: str) -> str:
    for sign, reference in REFERENCES.items():
        text = text.replace(reference, sign)
    return re.sub("<includeonly>.*?</includeonly>", "", text, flags=re.DOTALL)  # nothing of it is on the page


def plain(text: str) -> str:
    return unreferenced(visible(scan(text, TAGS))).strip()


@settings(max_examples=300)
@given(texts, st.lists(value, min_size=1, max_size=3))
def test_appending_adds_just_lines_which_read_the_same(text: str, row: list[str]) -> None:
    assume(not BROKEN.search(text))
    document = Wikitext(text, SITE)
    one = document.tables[0]
    before, columns, count = one.lists, len(one.header), len(document.tables)
    try:
        one.append(row)
    except BadParameter:
        assert str(document) == text
        return
    new = str(document)
    start = next((at for at, (a, b) in enumerate(zip(text, new, strict=False)) if a != b), len(text))
    assert new.endswith(text[start:])
    again = Wikitext(new, SITE).tables[0]
    assert [cells[:columns] for cells in again.lists[:-1]] == before
    assert [unreferenced(cell).strip() for cell in again.lists[-1][: len(row)]] == [plain(cell) for cell in row]
    assert again.lists == one.lists
    assert len(Wikitext(new, SITE).tables) >= count


@settings(max_examples=300)
@given(texts, value, st.data())
def test_setting_a_cell_changes_no_other(text: str, new: str, data: st.DataObject) -> None:
    assume(not BROKEN.search(text))
    document = Wikitext(text, SITE)
    number = data.draw(st.integers(0, len(document.tables) - 1))
    one = document.tables[number]
    assume(len(one) and one.header)
    at, column = data.draw(st.integers(0, len(one) - 1)), data.draw(st.integers(0, len(one.header) - 1))
    before, attributes = one.lists, [[cell.attributes for cell in row] for row in one.cells]
    spans = any("span" in name for row in attributes for cell in row for name in cell)
    try:
        one.set(at, column, new)
    except BadParameter:
        assert str(document) == text
        return
    again = Wikitext(str(document), SITE).tables[number]
    assert again.lists == one.lists
    assert unreferenced(again.lists[at][column]).strip() == plain(new)
    if not spans:
        before[at][column] = again.lists[at][column]
        assert again.lists == before
    text = str(document)
    one.set(at, column, again.lists[at][column])
    assert str(document) == text


@given(st.sampled_from([INLINE, LINES, HEADED]), value, st.integers(0, 2))
def test_a_row_that_is_put_in_and_taken_out_leaves_nothing(text: str, new: str, at: int) -> None:
    document, one = table(text)
    try:
        one.insert(at, [new])
    except BadText:
        return
    one.remove_row(at)
    assert str(document) == text


RUNS = """
    {| |} |- || ! !! | {|| |} |a [[a||b]] [[ ]] {{ <b <span </td> <!-- --> -{ }- : = <ref>{|
""".split()
ROWS = [
    "\n{|",
    "{|\n",
    "\n|-",
    "\n|",
    "\n||",
    "\n!!a",
    "\n|}",
    "\n|+",
    "\n| a || b",
    "\n|colspan=1000|",
    "\n|rowspan=0|a||b\n|-",
]
HOSTILE = [*RUNS, *ROWS, "[[a\n|", " ", "\n:", "|colspan=1000 rowspan=60000|", "\n|-\n|rowspan=60000|", "a=", "<b |"]
SECONDS = 60
"""Far more than needed (10 s for 2 MiB), far less than what takes time with the square of the length."""


def _bounded(piece: str, size: int) -> None:
    text = "{|\n|" + piece * (size // len(piece))
    start = time.monotonic()
    document = Wikitext(text, SITE)
    found = document.tables
    first = found[0]
    for read in (lambda: first.lists, lambda: first.rows, lambda: first.header, lambda: first.append(["a"])):
        try:
            read()
        except BadParameter:
            assert str(document) == text  # too large, or it is not closed
    assert sum(map(len, first.cells)) <= len(text)
    assert all(isinstance(one.attributes, dict) for one in found[:10])
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_tables_end(piece: str) -> None:
    _bounded(piece, 2**17)


@pytest.mark.long
@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_tables_of_two_mebibytes_end(piece: str) -> None:
    _bounded(piece, 2**21)


def test_many_changes_of_a_large_table_end() -> None:
    document, one = table(
        "{|\n! a !! b\n" + "".join(f"|-\n| {number} || {{{{t|{number}}}}}\n" for number in range(2000)) + "|}"
    )
    start = time.monotonic()
    for number in range(300):
        one.set(number * 6, "b", str(number))
        one.append([str(number), "x"])
    one.extend([str(number), "y"] for number in range(5000))
    assert len(one) == 7300
    assert len(document.tables[0].lists) == 7300
    assert time.monotonic() - start < SECONDS
