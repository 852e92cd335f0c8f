"""Values that must never be seen: passwords and tokens."""

from __future__ import annotations

from typing import Never


class Revealed(str):
    """A secret on its way to the wire: a text, but one that no repr shows, nor that of a list or dict with it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class Secret:
    """A text that shows itself only to who asks by name.

    It has no readable repr, can not be pickled, copied into JSON or compared by accident.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself; for the wire only.  Its repr shows nothing, like that of what holds it."""
        return Revealed(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Never:
        msg = "a secret can not be written down"
        raise TypeError(msg)


__all__ = ["Revealed", "Secret"]
