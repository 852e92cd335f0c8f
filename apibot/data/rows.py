"""Rows that are no pages: a typed view of what the API gave, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, Self, TypeVar, cast, overload

from apibot.data.pages import PageRef

T = TypeVar("T")


class column(Generic[T]):  # noqa: N801  # read as a keyword of the row classes
    """One column of a row: its type and its name in the API.

    Parameters: ``empty``, given where the row has no such column, and whose type is the column's; ``name``, the
    column's name in the API where it differs from the attribute's.
    """

    def __init__(self, empty: T, name: str = "") -> None:
        self.empty = empty
        self.name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    @overload
    def __get__(self, obj: None, owner: type) -> column[T]: ...
    @overload
    def __get__(self, obj: DataRow, owner: type) -> T: ...
    def __get__(self, obj: DataRow | None, owner: type) -> column[T] | T:
        if obj is None:
            return self
        return cast("T", obj.data.get(self.name, self.empty))


class DataRow(Mapping[str, object]):
    """A row of the API: a mapping with all it gave, and attributes for what its kind always has.

    Parameters: ``data``, the row as the API gave it (formatversion 2).
    """

    __slots__ = ("data",)

    def __init__(self, data: Mapping[str, object]) -> None:
        self.data = data

    @classmethod
    def from_api(cls, row: Mapping[str, object]) -> Self:
        """Make a row from what the API gave."""
        return cls(row)

    def __getitem__(self, key: str) -> object:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self.data)!r})"


class _OnPage(DataRow):
    """A row that is about a page."""

    __slots__ = ()

    title = column("")
    ns = column(0)

    @property
    def page(self) -> PageRef:
        """The page that the row is about."""
        return PageRef.from_api(self.data)


class QueryPageRow(_OnPage):
    """A row of a special page's list: the page, and the value it is sorted by where there is one."""

    __slots__ = ()

    value = column("")


class RecentChange(_OnPage):
    """A recent change."""

    __slots__ = ()

    type = column("")
    """``edit``, ``new``, ``log``, ``categorize``, ``external``."""
    pageid = column(0)
    revid = column(0)
    old_revid = column(0)
    rcid = column(0)
    user = column("")
    timestamp = column("")
    comment = column("")
    bot = column(empty=False)
    minor = column(empty=False)
    new = column(empty=False)
    oldlen = column(0)
    newlen = column(0)


class Revision(DataRow):
    """A revision of a page; ``page`` tells which."""

    __slots__ = ()

    revid = column(0)
    parentid = column(0)
    user = column("")
    timestamp = column("")
    comment = column("")
    size = column(0)
    minor = column(empty=False)

    @property
    def page(self) -> PageRef:
        """The page."""
        return _page_of(self.data)


class PageCategory(DataRow):
    """A category that a page is in; ``page`` tells which page."""

    __slots__ = ()

    title = column("")
    """Of the category, with its namespace."""
    sortkeyprefix = column("")
    hidden = column(empty=False)

    @property
    def page(self) -> PageRef:
        """The page."""
        return _page_of(self.data)


class PageInfoRow(_OnPage):
    """What ``prop=info`` says of a page."""

    __slots__ = ()

    pageid = column(0)
    lastrevid = column(0)
    length = column(0)
    touched = column("")
    redirect = column(empty=False)
    missing = column(empty=False)


def _page_of(data: Mapping[str, object]) -> PageRef:
    return PageRef.from_api(cast("Mapping[str, object]", data["page"]))


__all__ = ["DataRow", "PageCategory", "PageInfoRow", "QueryPageRow", "RecentChange", "Revision", "column"]
