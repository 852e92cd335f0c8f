"""Values that must never be seen: passwords and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Never

SECRET_ENDINGS = ("token", "password", "retype", "secret")
"""How names of parameters end that no log may show."""
HIDDEN = "***"
"""What stands in a secret's place."""
LONGEST_SHOWN = 200
"""Characters of a parameter that a log shows."""


class Revealed(str):
    """A secret on its way to the wire: a text, but one that no repr shows, nor that of a list or dict with it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(HIDDEN)


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
        return f"Secret({HIDDEN})"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Never:
        msg = "a secret can not be written down"
        raise TypeError(msg)


def is_secret(name: str) -> bool:
    """Say whether a parameter holds a secret, by its name."""
    return name.lower().endswith(SECRET_ENDINGS)


def without_secrets(params: Mapping[str, str]) -> dict[str, str]:
    """Return parameters fit for a log: secrets hidden, long texts cut."""
    shown: dict[str, str] = {}
    for name, value in params.items():
        cut = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"
        shown[name] = HIDDEN if is_secret(name) or isinstance(value, Revealed) else cut
    return shown


__all__ = ["HIDDEN", "LONGEST_SHOWN", "SECRET_ENDINGS", "Revealed", "Secret", "is_secret", "without_secrets"]
