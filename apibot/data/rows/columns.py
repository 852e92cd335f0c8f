"""Kinds of values in the API's rows: how each is read, and what it is where the row has none.

The readers take what api.php of MediaWiki 1.39 really gives (formatversion 2): it writes an empty object as ``[]``,
some modules write numbers as texts, extensions write a flag that is set as ``""``, and a time that there is none of is
``""``, ``false`` or one of the words for infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Generic, NamedTuple, TypeVar, cast

from apibot.core.jsons import NOTHING, Json, JsonObject, real

T = TypeVar("T")
ENDLESS = frozenset({"infinite", "infinity", "indefinite", "never"})
"""How the API writes a time that never comes (ApiResult::formatExpiry, and what logs keep)."""


class Kind(NamedTuple, Generic[T]):
    """A kind of value."""

    what: str
    """What its values are, in words."""
    empty: T
    """Given where there is none."""
    read: Callable[[object], T]
    """Reads a value as JSON has it; raises ValueError for one of another kind."""


def copied(value: object) -> object:
    """Return a JSON value, lists and objects copied, so that the one who gets it can not change the original."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [copied(one) for one in cast("list[object]", value)]
    return value


def utc(value: object) -> datetime | None:
    """Read a time: ISO 8601 with its zone; None for one that never comes or that there is none of.

    Raises ValueError for anything else.
    """
    if not isinstance(value, str):
        if value is False:
            return None
        raise ValueError
    if not value or value in ENDLESS:
        return None
    found = datetime.fromisoformat(value)
    if found.tzinfo is UTC:
        return found
    if found.tzinfo is None:
        raise ValueError
    try:
        return found.astimezone(UTC)
    except OverflowError as exc:  # at the ends of all time
        raise ValueError from exc


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError


def _digits(value: object) -> int:
    if isinstance(value, str) and (not value or (value.isascii() and value.isdigit())):
        return int(value or 0)
    return _number(value)


def _real(value: object) -> float:
    found = real(value)
    if found is None:
        raise ValueError
    return found


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value == "":
        return True
    raise ValueError


def _block(value: object) -> Mapping[str, Json]:
    if isinstance(value, dict):
        return cast("JsonObject", copied(cast("object", value)))
    if value == []:
        return {}
    raise ValueError


def _words(value: object) -> tuple[str, ...]:
    return tuple(one.strip() for one in _text(value).split(",") if one.strip())


def _list_of(kind: Kind[T], what: str) -> Kind[tuple[T, ...]]:
    """Return the kind of lists whose members are of a kind."""

    def read(value: object) -> tuple[T, ...]:
        if isinstance(value, list):
            return tuple(map(kind.read, cast("list[object]", value)))
        raise ValueError

    return Kind(what, (), read)


TEXT = Kind("a text", "", _text)
NUMBER = Kind("a whole number", 0, _number)
DIGITS = Kind("a whole number, be it as text", 0, _digits)
REAL = Kind("a number", 0.0, _real)
FLAG = Kind("true or false", False, _flag)  # noqa: FBT003  # the empty value of the kind
TIME: Kind[datetime | None] = Kind("a time (ISO 8601) or a word for infinity", None, utc)
BLOCK: Kind[Mapping[str, Json]] = Kind("an object", NOTHING, _block)
WORDS: Kind[tuple[str, ...]] = Kind("a text of words with commas between", (), _words)
TEXTS = _list_of(TEXT, "a list of texts")
NUMBERS = _list_of(NUMBER, "a list of whole numbers")
BLOCKS = _list_of(BLOCK, "a list of objects")

__all__ = [
    "BLOCK",
    "BLOCKS",
    "DIGITS",
    "ENDLESS",
    "FLAG",
    "NUMBER",
    "NUMBERS",
    "REAL",
    "TEXT",
    "TEXTS",
    "TIME",
    "WORDS",
    "Kind",
    "copied",
    "utc",
]
