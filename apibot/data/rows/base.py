"""Rows of the API: a typed view of what it gave, nothing lost.

A row costs one small object that holds what the API gave.  Its columns are read, and their types checked, when they
are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, Never, Self, TypeVar, cast, overload

from apibot.core.errors import SHOWN, BadReply, NotFetched
from apibot.core.jsons import NOTHING, rows
from apibot.data.pages import PageRef
from apibot.data.rows.columns import FLAG, NUMBER, TEXT, TIME, Kind, copied

T = TypeVar("T")
_HASHED = 4
"""Levels of a row that its hash is made of; rows that differ further down only are rare."""


class column(Generic[T]):  # noqa: N801  # read as a keyword of the row classes
    """One column of a row: its kind and its name in the API.

    Parameters: ``kind``; ``name``, the column's name in the API where it differs from the attribute's.
    Reading it gives the kind's empty value where the row has no such column, or null; it raises BadReply for a value
    of another kind.
    """

    def __init__(self, kind: Kind[T], name: str = "") -> None:
        self.kind = kind
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
        row = obj._row  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001  # columns are parts of the row
        value = row.get(self.name)
        if value is None:
            return self.kind.empty
        try:
            return self.kind.read(value)
        except ValueError:
            raise _unfit(obj, self.name, self.kind.what) from None

    def __set__(self, obj: DataRow, value: Never) -> None:
        msg = f"{type(obj).__name__}: a row is what the wiki gave and does not change, so {self.name!r} can not be set."
        raise AttributeError(msg)


class DataRow(Mapping[str, object]):
    """A row of the API: a mapping with all it gave, and attributes for what its kind has.

    Parameters: ``data``, the row as the API gave it (formatversion 2); it is held, not copied.
    A row does not change: what it gives out of lists and objects are copies.  Rows are equal if they are of one class
    and hold the same, and may be members of sets and keys of dicts, whatever is in them.
    """

    __slots__ = ("_row",)

    def __init__(self, data: Mapping[str, object]) -> None:
        self._row = data

    @classmethod
    def from_api(cls, row: Mapping[str, object]) -> Self:
        """Make a row from what the API gave."""
        return cls(row)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Return the names of the columns that have a type, as attributes."""
        kinds = reversed(cls.__mro__)
        return tuple(dict.fromkeys(name for kind in kinds for name, one in vars(kind).items() if _is_column(one)))

    def __getitem__(self, key: str) -> object:
        return copied(self._row[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._row == other._row

    def __hash__(self) -> int:
        return hash((type(self), _hashable(self._row)))

    def __repr__(self) -> str:
        import reprlib

        short = reprlib.Repr()
        short.maxstring = short.maxother = 80
        short.maxlevel = 3
        named = {key if key.isidentifier() else short.repr(key): short.repr(value) for key, value in self._row.items()}
        return f"{type(self).__name__}({', '.join(f'{key}={value}' for key, value in named.items())})"

    def _repr_html_(self) -> str:
        """Return a table of two columns for notebooks; nothing of what the wiki gave can run in it."""
        from apibot.data.rows.table import html_of_one

        return html_of_one(self)

    def to_json(self) -> str:
        """Return the whole row as JSON on one line.

        Raises BadParameter for a row made by hand of what JSON does not know.
        """
        from apibot.data.json_text import to_text

        return to_text(dict(self._row))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Make a row from JSON as ``to_json`` writes it.

        Raises BadText, with the position, for what is no JSON object.
        """
        from apibot.data.json_text import object_in

        return cls(object_in(text, cls.__name__))


def _unfit(row: DataRow, name: str, what: str) -> BadReply:
    """Return the error for a column whose value is of another kind."""
    value = f"{row[name]!r}"
    shown = value if len(value) <= SHOWN else f"{value[:SHOWN]}..."
    msg = (
        f"{type(row).__name__}: the column {name!r} should be {what}, and is {shown}; row[{name!r}] has it as it came."
    )
    return BadReply(msg)


def _is_column(value: object) -> bool:
    return isinstance(value, column)


def _hashable(value: object, levels: int = _HASHED) -> object:
    """Return a value of which equals are equal and which has a hash: of what JSON knows, so many levels deep."""
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping) and levels:
        inner = cast("Mapping[str, object]", value)
        return frozenset((key, _hashable(one, levels - 1)) for key, one in inner.items())
    if isinstance(value, list) and levels:
        return tuple(_hashable(one, levels - 1) for one in cast("list[object]", value))
    return None


Row_co = TypeVar("Row_co", bound=DataRow, covariant=True)


def part(make: type[Row_co]) -> Kind[Row_co]:
    """Return the kind of objects in a row that are rows themselves."""
    return Kind("an object", make({}), _maker(make))


def parts(make: type[Row_co]) -> Kind[tuple[Row_co, ...]]:
    """Return the kind of lists of objects in a row that are rows themselves."""
    one = _maker(make)

    def read(value: object) -> tuple[Row_co, ...]:
        if isinstance(value, list):
            return tuple(map(one, cast("list[object]", value)))
        raise ValueError

    return Kind("a list of objects", (), read)


def _maker(make: type[Row_co]) -> Callable[[object], Row_co]:
    def read(value: object) -> Row_co:
        if isinstance(value, Mapping):
            return make(cast("Mapping[str, object]", value))
        if value == []:  # how PHP writes an empty object
            return make({})
        raise ValueError

    return read


class PageRow(DataRow):
    """A row that is about a page."""

    __slots__ = ()

    title = column(TEXT)
    """With its namespace."""
    ns = column(NUMBER)

    @property
    def page(self) -> PageRef:
        """The page that the row is about; NotFetched where the row does not tell it or hides it."""
        return _ref(self, self._row)

    def _parts(self, name: str, make: type[Row_co]) -> tuple[Row_co, ...]:
        """Return the objects in a column as rows of this page."""
        value = self._row.get(name)
        found = rows(value)
        if value is not None and not (isinstance(value, list) and len(found) == len(cast("list[object]", value))):
            raise _unfit(self, name, "a list of objects")
        page = {key: self._row[key] for key in ("pageid", "ns", "title", "missing") if key in self._row}
        return tuple(make({**one, "page": page}) for one in found)


class PropertyRow(DataRow):
    """A row of a property of a page."""

    __slots__ = ()

    @property
    def page(self) -> PageRef:
        """The page whose property it is; NotFetched where the row does not tell it."""
        about = self._row.get("page")
        return _ref(self, cast("Mapping[str, object]", about) if isinstance(about, Mapping) else NOTHING)


class PageLink(PropertyRow):
    """A page that a page links to, includes or shows; ``page`` has the link, ``other`` is linked.

    Source: API:Links, API:Templates, API:Images.
    """

    __slots__ = ()

    title = column(TEXT)
    """Of the other page, with its namespace."""
    ns = column(NUMBER)

    @property
    def other(self) -> PageRef:
        """The other page."""
        return _ref(self, self._row)


def _ref(row: DataRow, about: Mapping[str, object]) -> PageRef:
    if about.get("title") or about.get("pageid"):
        return PageRef.from_api(about)
    msg = f"{type(row).__name__}: the row names no page; the wiki hides it, or it was not asked for: {row!r:.200}"
    raise NotFetched(msg)


class ActPart(DataRow):
    """What rows tell of who did something when and why."""

    __slots__ = ()

    user = column(TEXT)
    """Name of the account, or address; empty if hidden."""
    userid = column(NUMBER)
    """0 for an address."""
    timestamp = column(TIME)
    """None if not asked for."""
    comment = column(TEXT)
    """Wikitext; empty if hidden."""
    parsedcomment = column(TEXT)
    """HTML."""


class HidingPart(DataRow):
    """What rows tell of what is hidden in them from most; who may see it gets it all the same."""

    __slots__ = ()

    userhidden = column(FLAG)
    commenthidden = column(FLAG)
    suppressed = column(FLAG)
    """Whether what is hidden is hidden from administrators too."""


__all__ = [
    "ActPart",
    "DataRow",
    "HidingPart",
    "PageLink",
    "PageRow",
    "PropertyRow",
    "column",
    "part",
    "parts",
]
