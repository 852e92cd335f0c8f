"""Values that must never be seen: passwords and tokens."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Never
from unicodedata import normalize
from urllib.parse import quote, quote_plus

SECRET_ENDINGS = ("token", "password", "retype", "secret")
"""How names of parameters end that no log may show."""
HIDDEN = "***"
"""What stands in a secret's place."""
LONGEST_SHOWN = 200
"""Characters of a parameter that a log shows."""
SHORTEST = 8
"""Characters of a secret that is looked for wherever it may be; shorter ones would be found by chance."""
MOST_PASSING = 300
"""Secrets of which there are ever new ones, like tokens, that are looked for: the last ones."""
TOKEN_END = "+\\"  # noqa: S105  # all tokens of MediaWiki end so, and that of who is not logged in is no more
OPEN_COOKIES = ("username", "userid")
"""How names of cookies end whose values are no secrets."""
_ATTRIBUTES = {"expires", "max-age", "domain", "path", "samesite"}
_BETWEEN_COOKIES = re.compile(r";|, (?=[^;,=\s]+=)")


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


def secrets_among(params: Mapping[str, str]) -> dict[str, str]:
    """Return those parameters that hold secrets."""
    return {name: value for name, value in params.items() if is_secret(name) or isinstance(value, Revealed)}


def without_secrets(params: Mapping[str, str]) -> dict[str, str]:
    """Return parameters fit for a log: secrets hidden, long texts cut."""
    shown = {name: f"{text[:LONGEST_SHOWN]}…" if len(text) > LONGEST_SHOWN else text for name, text in params.items()}
    return shown | dict.fromkeys(secrets_among(params), HIDDEN)


def is_open_cookie(name: str) -> bool:
    """Say whether a cookie's value may be seen, by its name."""
    return name.lower().endswith(OPEN_COOKIES)


def secret_cookies(header: str) -> Iterator[str]:
    """Give the secret values of cookies in a header ``Cookie`` or ``Set-Cookie``."""
    for part in _BETWEEN_COOKIES.split(header):
        name, _mark, value = part.strip().partition("=")
        if name.lower() not in _ATTRIBUTES and not is_open_cookie(name):
            yield value


class Shroud:
    """Hides secrets in texts, wherever they turn up there: in plain, or as addresses, JSON, HTML and Python have them.

    Parameters: ``most``, how many of the passing secrets it keeps.
    """

    def __init__(self, most: int = MOST_PASSING) -> None:
        self._most = most
        self._lasting: dict[str, frozenset[str]] = {}
        self._passing: dict[str, frozenset[str]] = {}
        """Secrets with their forms, those that were learned last at the end."""
        self._forms: list[str] = []
        """All forms, a longer one first: it may hold a shorter one.  Replaced as a whole, so no lock to read it."""
        self._lock = threading.Lock()

    def learn(self, texts: Iterable[str], *, passing: bool = False) -> None:
        """Hide these secrets from now on, but for those that are too short.

        Parameters: ``texts``; ``passing``, there are ever new ones of that kind, and only the last are kept.
        """
        with self._lock:
            changed = False
            for text in map(_looked_for, texts):
                if len(text) >= SHORTEST and text not in self._lasting:
                    forms = self._passing.pop(text, None)
                    changed |= forms is None or not passing
                    (self._passing if passing else self._lasting)[text] = forms or frozenset(_forms(str(text)))
            if changed:
                for text in list(self._passing)[: -self._most]:
                    del self._passing[text]
                found = frozenset[str]().union(*self._lasting.values(), *self._passing.values())
                self._forms = sorted(found, key=len, reverse=True)

    def over(self, text: str) -> str:
        """Return a text without the secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text


def _looked_for(text: str) -> str:
    """Return a secret without the end that all tokens have."""
    short = text.removesuffix(TOKEN_END)
    return Revealed(short if len(short) >= SHORTEST else text)


def _forms(secret: str) -> Iterator[str]:
    """Give a secret in all forms in which it may turn up."""
    for text in {secret, normalize("NFC", secret)}:  # the latter is what MediaWiki makes of it
        escaped = html.escape(text)
        jsons = [json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
        found = (
            text,
            *(form(text, safe="", errors="surrogatepass") for form in (quote, quote_plus)),
            *(escaped, escaped.replace("&#x27;", "&#039;"), html.escape(text, quote=False)),
            *(jsons + [one.replace("/", "\\/") for one in jsons]),
            repr(text)[1:-1],
        )
        yield from map(Revealed, found)


__all__ = [
    "HIDDEN",
    "LONGEST_SHOWN",
    "MOST_PASSING",
    "OPEN_COOKIES",
    "SECRET_ENDINGS",
    "SHORTEST",
    "TOKEN_END",
    "Revealed",
    "Secret",
    "Shroud",
    "is_open_cookie",
    "is_secret",
    "secret_cookies",
    "secrets_among",
    "without_secrets",
]
