"""Values that must never be seen: passwords and tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Never, cast


class Secret:
    """A text that shows itself only to who asks by name.

    It has no readable repr, can not be pickled, copied into JSON or compared by accident.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself; for the wire only."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Never:
        msg = "a secret can not be written down"
        raise TypeError(msg)


def secrets_in(value: object) -> Iterator[Secret]:
    """Give the secrets that settings, a target or the like hold, however deep."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        yield from secrets_in(tuple(cast("Mapping[object, object]", value).values()))
    elif isinstance(value, tuple):
        for part in cast("tuple[object, ...]", value):
            yield from secrets_in(part)
    elif is_dataclass(value):
        yield from secrets_in(tuple(getattr(value, field.name) for field in fields(value)))


__all__ = ["Secret", "secrets_in"]
