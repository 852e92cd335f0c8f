"""Rows, pages and times from odd input: whatever is given, there is a value, or an error of the one tree."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import ApibotError, BadParameter, BadReply, BadText
from apibot.core.site import SiteInfo
from apibot.core.siteinfo import version
from apibot.data import ArchivedFile, DataRow, Page, Revision, User, older_than
from apibot.data.dates import find_timestamps
from apibot.data.rows.kinds import ROW_CLASSES

ROWS: list[type[DataRow]] = [DataRow, *dict.fromkeys(ROW_CLASSES.values())]
KEYS = (
    *("title", "pageid", "ns", "missing", "revisions", "revid", "timestamp", "slots", "main", "content", "size"),
    *("categories", "length", "lastrevid", "imageinfo", "page", "category", "redirlinks", "restrictions", "pages"),
    *("row", "asked", "text", "info", "userid", "blockexpiry", "contentmodel"),
)
ODD = st.sampled_from([{}, [], [{}], [None], "", 0, -1, 10**300, 1e300, "9" * 5000, "\ud800", "0001-01-01T00:00+05:00"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 20) | st.floats(allow_nan=False) | st.text(max_size=3) | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), ODD | VALUES, max_size=12)
PAGES = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS[:13], ODD | VALUES))
often = settings(max_examples=200, deadline=None)


def attributes(kind: type) -> Iterator[str]:
    """Give the names of all that can be read of a row or page and takes no parameters."""
    fields = ((name, one) for name, one in ((name, getattr(kind, name)) for name in dir(kind)) if name[0] != "_")
    yield from (name for name, one in fields if hasattr(one, "__get__") and not callable(one))


def looked_at(one: DataRow | Page) -> None:
    """Read all there is; nothing but errors of the tree may be raised."""
    for name in attributes(type(one)):
        try:
            repr(getattr(one, name))
        except ApibotError as exc:
            assert str(exc)  # noqa: PT017  # both ends are right
    for show in (one.__repr__, one._repr_html_):
        try:
            assert show()
        except ApibotError as exc:
            assert str(exc)  # noqa: PT017  # both ends are right


def test_there_is_something_to_look_at() -> None:
    assert {"text", "texthidden", "page", "revid"} <= set(attributes(Revision))
    assert {"text", "size", "categories", "row", "base"} <= set(attributes(Page))


@often
@given(kind=st.sampled_from(ROWS), given_row=OBJECTS)
def test_any_json_object_makes_a_row(kind: type[DataRow], given_row: dict[str, object]) -> None:
    try:
        row = kind.from_json(json.dumps(given_row))
    except BadText:
        return  # infinity is no JSON
    looked_at(row)
    assert hash(row) == hash(kind.from_json(row.to_json()))


@often
@given(
    given_row=PAGES,
    asked=st.fixed_dictionaries({name: st.booleans() for name in ("text", "categories", "info")}),
    text=st.text(st.characters(), max_size=3),
)
def test_any_json_object_makes_a_page(given_row: dict[str, object], asked: dict[str, bool], text: str) -> None:
    whole = json.dumps({"row": given_row, "asked": asked, "text": text})
    try:
        page = Page.from_json(whole)
    except BadText:
        return  # infinity is no JSON
    looked_at(page)
    assert page.text == text


@often
@given(OBJECTS)
def test_any_other_json_object_is_no_page(given_object: dict[str, object]) -> None:
    try:
        looked_at(Page.from_json(json.dumps(given_object)))
    except BadText as exc:
        assert exc.text  # noqa: PT017  # both ends are right


@pytest.mark.parametrize("value", [None, {}, "x", [{}], [{"title": 5}], [None, {"title": "Category:A"}]], ids=repr)
def test_categories_that_are_none(value: object) -> None:
    with pytest.raises(BadReply, match="A: its categories should be a list of rows with a title, and are"):
        _found = Page({"title": "A", "categories": value}, categories=True).categories


def test_the_size_of_a_text_with_half_a_character() -> None:
    page = Page({"title": "A", "revisions": [{"slots": {"main": {"content": "a\ud800b"}}}]}, info=False)
    assert page.size == len("a\ufffdb".encode())


def test_digits_without_end() -> None:
    with pytest.raises(BadReply, match="should be a whole number, be it as text, and is '9999"):
        _size = row_of("filearchive", {"size": "9" * 5000}).size
    assert version("MediaWiki " + "9" * 5000)
    assert version("MediaWiki 1.39.17") == (1, 39, 17)


def row_of(module: str, row: dict[str, object]) -> ArchivedFile:
    found = ROW_CLASSES[module](row)
    assert isinstance(found, ArchivedFile)
    return found


def nested(levels: int, inner: object) -> object:
    for _level in range(levels):
        inner = [{"a": inner}]
    return inner


@pytest.mark.parametrize("value", [nested(5000, 1), nested(20, 1), {1}, [{1}], {"a": bytearray()}, (1, [2])], ids=type)
def test_the_hash_of_a_row_with_anything_in_it(value: object) -> None:
    rows = {User({"name": "A", "x": value}), User({"name": "B", "x": value})}
    assert len(rows) == 2
    assert User({"name": "B", "x": value}) in rows


def test_rows_that_differ_in_something_nested_have_other_hashes() -> None:
    rows = [Revision({"revid": 1, "page": {"title": f"A{number}"}, "tags": ["x"]}) for number in range(1000)]
    assert len({hash(row) for row in rows}) == 1000


NOW = datetime(2024, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize("days", [math.inf, -math.inf, math.nan, 1e9, 1e300, 10**400, 800_000, -1, -0.5])
def test_ages_that_make_no_sense(days: float) -> None:
    with pytest.raises(BadParameter, match="a number from 0 on is needed"):
        older_than(days, NOW)
    for possible in (0, 0.5, 700_000):
        assert callable(older_than(possible, NOW))


@pytest.mark.parametrize("offset", [10**12, 1440, -1440, "60", None, [], 1e300])
def test_an_offset_that_no_time_zone_has(offset: object) -> None:
    general = {"timezone": "Nowhere/Atall", "timeoffset": offset}
    site = SiteInfo.from_api({"general": general, "namespaces": {"0": {"id": 0, "name": ""}}})
    [stamp] = find_timestamps("12:00, 1 May 2024 (UTC)", site)
    assert stamp.time == datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "\0", "..", "/etc", "a" * 5000, "\ud800", "Europe"])
def test_a_time_zone_that_is_none(zone: str) -> None:
    general = {"timezone": zone, "timeoffset": 60}
    site = SiteInfo.from_api({"general": general, "namespaces": {"0": {"id": 0, "name": ""}}})
    assert [one.time.hour for one in find_timestamps("12:00, 1 May 2024 (UTC)", site)] == [12]


def test_what_a_page_gives_out_changes_nothing_in_it() -> None:
    page = Page({"title": "A", "revisions": [{"slots": {"main": {"content": "old"}}}]})
    whole = page.to_json()
    inner = page.row["revisions"]
    assert isinstance(inner, list)
    inner[0]["slots"]["main"]["content"] = "new"
    inner.clear()
    assert page.to_json() == whole
    assert page.row["revisions"] == [{"slots": {"main": {"content": "old"}}}]
