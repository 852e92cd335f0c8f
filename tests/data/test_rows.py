"""Row classes: columns typed and checked when read, rows that do not change, JSON both ways, what is shown of them."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot import data
from apibot.core.errors import BadParameter, BadReply, BadText, NotFetched
from apibot.data import (
    AbuseLogEntry,
    Block,
    DataRow,
    File,
    FileVersion,
    LangLink,
    LogEntry,
    PageCategory,
    PageLink,
    PageRef,
    RecentChange,
    Revision,
    Tag,
    User,
    row_class,
)
from apibot.data.rows import columns
from apibot.data.rows.base import column
from apibot.data.rows.kinds import ROW_CLASSES

Raw = dict[str, object]
REAL = cast("dict[str, list[Raw]]", json.loads((Path(__file__).parent / "rows.json").read_text()))
"""Rows by module as MediaWiki 1.39.17 with AbuseFilter and Gadgets gave them, each with its page."""
EACH = [(name, number) for name, rows in REAL.items() for number in range(len(rows))]
TYPES: dict[str, tuple[type, ...]] = {
    columns.TEXT.what: (str,),
    columns.NUMBER.what: (int,),
    columns.DIGITS.what: (int,),
    columns.REAL.what: (float,),
    columns.FLAG.what: (bool,),
    columns.TIME.what: (datetime, type(None)),
    columns.BLOCK.what: (Mapping,),
    columns.WORDS.what: (tuple,),
    columns.TEXTS.what: (tuple,),
    columns.NUMBERS.what: (tuple,),
}
RC: Raw = {
    "type": "edit",
    "ns": 0,
    "title": "A",
    "user": "X",
    "revid": 7,
    "minor": True,
    "oldlen": 10,
    "newlen": 14,
    "timestamp": "2024-01-02T03:04:05Z",
    "tags": ["a", "b"],
    "logparams": {"deep": {"list": [1]}},
    "novel": {"x": [1]},
}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
raws = st.dictionaries(st.sampled_from([*RecentChange.columns(), "novel", ""]) | st.text(), values, max_size=6)


def real(name: str, number: int) -> DataRow:
    return row_class(name).from_api(REAL[name][number])


# Real rows.


def test_there_are_real_rows_of_every_kind() -> None:
    assert REAL.keys() == ROW_CLASSES.keys()
    assert [name for name, rows in REAL.items() if not rows] == []
    assert row_class("siteinfo") is DataRow


@pytest.mark.parametrize(("name", "number"), EACH)
def test_the_columns_of_real_rows_have_their_types(name: str, number: int) -> None:
    row = real(name, number)
    assert row.columns()
    for attribute in row.columns():
        kind = getattr(type(row), attribute).kind
        assert isinstance(getattr(row, attribute), TYPES.get(kind.what, (tuple,))), attribute


@pytest.mark.parametrize(("name", "number"), EACH)
def test_real_rows_come_back_from_json_and_pickle_whole(name: str, number: int) -> None:
    row = real(name, number)
    for back in (type(row).from_json(row.to_json()), pickle.loads(pickle.dumps(row)), copy.deepcopy(row)):  # noqa: S301  # our own data
        assert back == row
        assert type(back) is type(row)
        assert hash(back) == hash(row)
        assert dict(back) == REAL[name][number]
    assert json.loads(row.to_json()) == REAL[name][number]


@pytest.mark.parametrize("name", sorted({kind.__name__ for kind in ROW_CLASSES.values()}))
def test_an_empty_row_has_the_empty_values(name: str) -> None:
    kind: type[DataRow] = next(one for one in ROW_CLASSES.values() if one.__name__ == name)
    row = kind({})
    for attribute in kind.columns():
        assert getattr(row, attribute) == getattr(kind, attribute).kind.empty
    for attribute in kind.columns():
        assert getattr(kind(dict.fromkeys([getattr(kind, attribute).name])), attribute) == getattr(row, attribute)
    assert len(row) == 0


@pytest.mark.parametrize("kind", ROW_CLASSES.values(), ids=lambda kind: kind.__name__)
def test_no_column_stands_in_the_way_of_the_mapping(kind: type[DataRow]) -> None:
    assert {name for name in dir(Mapping) if not name.startswith("_")} & set(kind.columns()) == set()


def test_public_names_are_there() -> None:
    assert [name for name in data.__all__ if not hasattr(data, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _nothing = data.Nothing  # pyright: ignore[reportAttributeAccessIssue]  # that is the point


# Columns.


def test_columns_are_read_and_all_else_is_kept() -> None:
    row = RecentChange(RC)
    assert (row.type, row.user, row.revid, row.minor, row.bot) == ("edit", "X", 7, True, False)
    assert (row.size, row.diff, row.tags, row.page) == (14, 4, ("a", "b"), PageRef("A", None, 0))
    assert row.timestamp == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (row["timestamp"], row["novel"], row.get("nothing")) == ("2024-01-02T03:04:05Z", {"x": [1]}, None)
    assert row.logparams == {"deep": {"list": [1]}}
    assert RecentChange.user.name == "user"
    assert set(row) == set(RC)
    with pytest.raises(KeyError):
        _gone = row["nothing"]


WRONG: list[tuple[type[DataRow], str, object, str]] = [
    (RecentChange, "user", 5, "a text, and is 5"),
    (RecentChange, "user", ["X"], r"a text, and is \['X'\]"),
    (RecentChange, "revid", "7", "a whole number, and is '7'"),
    (RecentChange, "revid", 7.0, "a whole number"),
    (RecentChange, "revid", True, "a whole number, and is True"),
    (RecentChange, "minor", 1, "true or false, and is 1"),
    (RecentChange, "minor", "yes", "true or false"),
    (RecentChange, "timestamp", "yesterday", "a time"),
    (RecentChange, "timestamp", "2024-01-02T03:04:05", "a time"),
    (RecentChange, "timestamp", "2024-13-02T03:04:05Z", "a time"),
    (RecentChange, "timestamp", 1704164645, "a time"),
    (RecentChange, "timestamp", True, "a time"),
    (RecentChange, "tags", "a", "a list of texts"),
    (RecentChange, "tags", ["a", 1], "a list of texts"),
    (RecentChange, "tags", {"a": 1}, "a list of texts"),
    (LogEntry, "params", [1], "an object"),
    (LogEntry, "params", "x", "an object"),
    (User, "groupmemberships", ["x"], "a list of objects"),
    (Block, "restrictions", "x", "an object"),
    (Block, "restrictions", ["x"], "an object"),
    (AbuseLogEntry, "revid", "x", "a whole number, be it as text"),
    (AbuseLogEntry, "revid", "1_0", "a whole number, be it as text"),
    (AbuseLogEntry, "revid", "9" * 5000, "a whole number, be it as text"),
    (AbuseLogEntry, "result", ["x"], "words"),
    (FileVersion, "duration", 10**400, "a number"),
    (FileVersion, "duration", "1", "a number"),
    (Block, "expiry", "0001-01-01T00:00:00+05:00", "a time"),
]


@pytest.mark.parametrize(("kind", "name", "value", "message"), WRONG)
def test_a_value_of_another_kind_is_an_error_that_names_it(
    kind: type[DataRow], name: str, value: object, message: str
) -> None:
    row = kind({name: value})
    with pytest.raises(BadReply, match=rf"{kind.__name__}: the column '{name}' should be .*{message}"):
        getattr(row, name)
    assert row[name] == value
    assert repr(row)
    assert kind.from_json(row.to_json()) == row


def test_a_long_value_of_another_kind_is_shown_in_part() -> None:
    with pytest.raises(BadReply) as caught:
        _user = RecentChange({"user": ["x" * 10_000]}).user
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("written", ["infinity", "infinite", "indefinite", "never", "", False, None])
def test_times_that_never_come(written: object) -> None:
    assert Block({"expiry": written}).expiry is None


def test_times_of_other_zones_are_brought_to_utc() -> None:
    there = datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    found = Block({"expiry": there.isoformat()}).expiry
    assert found == there
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(("written", "is_set"), [(True, True), (False, False), ("", True), (None, False)])
def test_flags_as_old_extensions_write_them(written: object, *, is_set: bool) -> None:
    assert row_class("abusefilters")({"enabled": written}).enabled is is_set  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # AbuseFilter


@pytest.mark.parametrize(("written", "number"), [("", 0), ("12", 12), (12, 12), (None, 0)])
def test_numbers_written_as_text(written: object, number: int) -> None:
    assert AbuseLogEntry({"revid": written}).revid == number


def test_phps_empty_objects() -> None:
    assert LogEntry({"params": []}).params == {}
    assert Block({"restrictions": []}).restrictions.namespaces == ()


def test_a_column_may_have_another_name_in_the_api() -> None:
    class Own(DataRow):
        __slots__ = ()
        from_ = column(columns.TEXT, "from")

    assert Own({"from": "A"}).from_ == "A"
    assert Own.columns() == ("from_",)


# Helpers.


def test_pages_of_rows() -> None:
    about = {"pageid": 3, "ns": 0, "title": "A"}
    link = PageLink({"ns": 10, "title": "Template:T", "page": about})
    assert (link.page, link.other) == (PageRef("A", 3, 0), PageRef("Template:T", None, 10))
    category = PageCategory({"ns": 14, "title": "Category:C", "page": about})
    assert (category.page, category.other) == (PageRef("A", 3, 0), PageRef("Category:C", None, 14))
    assert LangLink({"lang": "de", "title": "B", "page": about}).page == PageRef("A", 3, 0)
    for row in (Revision({"revid": 5}), Revision({"revid": 5, "page": "A"}), LogEntry({"actionhidden": True})):
        with pytest.raises(NotFetched, match="names no page"):
            _page = row.page


def test_versions_that_are_no_list_of_objects() -> None:
    wrongs: list[object] = ["x", [1], {"a": {}}, [{}, None]]
    for wrong in wrongs:
        with pytest.raises(BadReply, match="File: the column 'imageinfo' should be a list of objects"):
            _versions = File({"title": "File:A.png", "imageinfo": wrong}).versions
    assert File({"title": "File:A.png", "imageinfo": [{"size": 5}]}).size == 5
    assert File({"title": "File:A.png"}).size == 0


def test_the_text_of_a_revision() -> None:
    slots = {"main": {"contentmodel": "wikitext", "content": "x"}}
    assert (Revision({"slots": slots}).text, Revision({"slots": slots}).contentmodel) == ("x", "wikitext")
    assert Revision({"content": "x", "contentmodel": "json"}).text == "x"
    assert Revision({"texthidden": True}).texthidden
    with pytest.raises(NotFetched):
        _text = Revision({"slots": {"main": {"texthidden": True}}}).text


# Rows do not change.


def test_a_row_can_not_be_changed_by_what_it_gives_out() -> None:
    row = RecentChange(copy.deepcopy(RC))
    cast("dict[str, list[int]]", row["novel"])["x"].append(2)
    cast("list[str]", row["tags"]).clear()
    cast("Raw", row.logparams)["deep"] = None
    cast("dict[str, Raw]", row.get("logparams"))["deep"]["list"] = None
    for value in row.values():
        if isinstance(value, dict):
            cast("Raw", value).clear()
    assert dict(row) == RC


@pytest.mark.parametrize("name", ["user", "page", "size", "novel", "x"])
def test_nothing_of_a_row_can_be_set(name: str) -> None:
    row = RecentChange(RC)
    with pytest.raises(AttributeError, match=name):
        setattr(row, name, "x")
    assert not hasattr(row, "__dict__")
    with pytest.raises(TypeError):
        row["user"] = "Y"  # type: ignore[index]  # pyright: ignore[reportIndexIssue]  # that is the point


@pytest.mark.parametrize("kind", ROW_CLASSES.values(), ids=lambda kind: kind.__name__)
def test_a_row_is_one_small_object(kind: type[DataRow]) -> None:
    assert not hasattr(kind({}), "__dict__")


def test_rows_are_equal_if_class_and_content_are() -> None:
    row, same = RecentChange(RC), RecentChange(json.loads(json.dumps(RC)))
    assert row == same
    assert {row, same} == {row}
    other = RecentChange(RC | {"revid": 8})
    assert row != other
    assert len({row, other, Revision(RC)}) == 3
    assert (row == RC, row == Revision(RC), row == None) == (False, False, False)  # noqa: E711  # compares


@settings(deadline=None)
@given(one=raws, two=raws)
def test_equal_rows_have_equal_hashes(one: Raw, two: Raw) -> None:
    for left, right in ((one, two), (one, copy.deepcopy(one))):
        same = RecentChange(left) == RecentChange(right)
        assert same == (left == right)
        if same:
            assert hash(RecentChange(left)) == hash(RecentChange(right))


# JSON.


@settings(deadline=None)
@given(raw=raws)
def test_any_row_comes_back_from_json(raw: Raw) -> None:
    text = RecentChange(raw).to_json()
    assert RecentChange.from_json(text) == RecentChange(raw)
    assert "\n" not in text
    text.encode()  # so that any file takes it


@settings(deadline=None)
@given(raw=raws)
def test_any_row_reads_as_its_types_or_as_an_error(raw: Raw) -> None:
    row = RecentChange(raw)
    for name in RecentChange.columns():
        kind = getattr(RecentChange, name).kind
        try:
            found = getattr(row, name)
        except BadReply as exc:
            assert repr(name) in str(exc)  # noqa: PT017  # both ends are looked at
        else:
            assert isinstance(found, TYPES[kind.what])
    assert repr(row)


def test_characters_stand_as_they_are_but_for_halves() -> None:
    text = Tag({"name": "Ж\U0001f600", "description": "\ud83d"}).to_json()
    assert text == '{"name": "Ж\U0001f600", "description": "\\ud83d"}'
    assert Tag.from_json(text).description == "\ud83d"


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "Expecting value"),
        ('{"a": 1', 7, "Expecting"),
        ('{"a": 1} x', 9, "Extra data"),
        ('{"a": NaN}', 0, "NaN is no number of JSON"),
        ('{"a": -Infinity}', 0, "-Infinity"),
        ('{"a": ' + "9" * 10_000 + "}", 0, "is no JSON"),
        ("  [1]", 2, "an object is expected"),
        ("null", 0, "an object is expected"),
        ("[" * 200_000, 0, "nested too deep"),
    ],
    ids=["empty", "cut", "more", "NaN", "infinity", "huge", "list", "null", "deep"],
)
def test_what_is_no_row_is_refused_with_the_position(text: str, position: int, message: str) -> None:
    with pytest.raises(BadText, match=message) as caught:
        RecentChange.from_json(text)
    assert (caught.value.text, caught.value.position) == (text, position)
    assert "RecentChange" in str(caught.value)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_how_deep_a_row_may_be_nested(opening: str) -> None:
    closing = "]" if opening == "[" else "}"

    def nested(levels: int) -> str:
        return f'{{"x": {opening * (levels - 1)}1{closing * (levels - 1)}}}'.replace("[1]", "[]")

    row = RecentChange.from_json(nested(100))
    assert row == RecentChange.from_json(row.to_json())
    assert hash(row)
    assert row["x"]
    assert repr(row)
    assert row._repr_html_()
    for levels in (102, 500, 900):
        with pytest.raises(BadText, match="nested too deep"):
            RecentChange.from_json(nested(levels))


@settings(max_examples=300, deadline=None)
@given(text=st.text() | st.text(alphabet='{}[]":,0e-tru \\'))
def test_any_text_is_a_row_or_an_error(text: str) -> None:
    try:
        assert isinstance(RecentChange.from_json(text), RecentChange)
    except BadText as exc:
        assert 0 <= exc.position <= len(text)  # noqa: PT017  # both ends are looked at


@pytest.mark.parametrize("value", [datetime(2024, 1, 2, tzinfo=UTC), float("nan"), b"x", {1}], ids=repr)
def test_a_row_of_what_json_does_not_know_can_not_be_written(value: object) -> None:
    with pytest.raises(BadParameter, match="can not be written as JSON"):
        RecentChange({"user": value}).to_json()


# What is shown.


def test_a_row_reads_well_in_a_console() -> None:
    assert repr(Tag({"name": "a", "hitcount": 5})) == "Tag(name='a', hitcount=5)"
    long = repr(Revision({"comment": "x" * 1000, "slots": {"main": {"content": "y" * 10_000}}}))
    assert long.startswith("Revision(comment='xxx")
    assert len(long) < 400
    assert repr(Tag({"name": "\x1b[2J\u202e", "\x1b[2J": 1})).isprintable()
