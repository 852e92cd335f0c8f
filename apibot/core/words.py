"""Requests written as words, the way the shell and lines do: ``allpages namespace=0 | edit summary=typo``."""

from __future__ import annotations

import re
import shlex
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar, cast

from apibot.core.errors import BadParameter
from apibot.core.jsons import Json
from apibot.core.request import Request

K = TypeVar("K", bound=Request)
_NAMED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_WORDS = re.compile(r"""(?:[^ \t\r\n"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'\\])+""", re.DOTALL)


def split_line(text: str) -> list[list[str]]:
    """Split a line's text into its parts, and these into words.

    Parameters: ``text``; a pipe is a ``|`` between blanks outside quotes, quotes are as in sh.
    Returns the words of each part.  Raises BadParameter for a missing quote or an empty part.
    """
    parts: list[list[str]] = [[]]
    for raw in cast("list[str]", _WORDS.findall(text)):
        if raw == "|":
            parts.append([])
            continue
        try:
            parts[-1] += shlex.split(raw)
        except ValueError as exc:
            msg = f"{text!r}: {exc}; close the quotes."
            raise BadParameter(msg) from None
    if not all(parts):
        msg = f"{text!r}: nothing stands before or after a | ; name a slot there."
        raise BadParameter(msg)
    return parts


def from_words(kind: type[K], words: Sequence[str]) -> K:
    """Make a request from words: positional ones in their order, others as ``name=value``.

    ``name=@FILE`` reads the file, ``name=@@x`` is the text ``@x``; several values stand with ``|`` between.
    Raises BadParameter for a word too many, an unknown name, a name given twice or a value of a wrong type.
    """
    names = {name.rstrip("_"): name for name in kind.field_names()}
    several = _several(kind)
    fields: dict[str, object] = {}
    for word in words:
        name, value = _named(kind, names, fields, word)
        if name in fields:
            msg = f"{kind.__name__}: {name} is given twice."
            raise BadParameter(msg)
        text = _text(value)
        fields[name] = _parts(text, alone=several[name]) if name in several else text
    return kind.from_fields(fields)


def _named(kind: type[Request], names: dict[str, str], fields: dict[str, object], word: str) -> tuple[str, str]:
    """Return the field that a word is for, and its value."""
    found = _NAMED.fullmatch(word)
    if found and found[1] in names:
        return names[found[1]], found[2]
    free = next((name for name in kind.positional() if name not in fields), None)
    if free is not None:
        return free, word
    fault = f"there is no {found[1]!r}" if found else f"{word!r} is one word too many; write name=value"
    msg = f"{kind.__name__}: {fault}. Names: {', '.join(names)}."
    raise BadParameter(msg)


def _text(value: str) -> str:
    """Return a value, from its file where it names one."""
    if not value.startswith("@"):
        return value
    if value.startswith("@@"):
        return value[1:]
    try:
        return Path(value[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        msg = f"{value[1:]!r}: can not be read as text ({exc}). A text that begins with @ is written with @@."
        raise BadParameter(msg) from None


def _several(kind: type[Request]) -> dict[str, bool]:
    """Return the fields that take several values, each with whether one value may stand alone."""
    found: dict[str, bool] = {}
    for name, hint in typing.get_type_hints(kind).items():
        options = [hint, *typing.get_args(hint)]
        if any(typing.get_origin(option) is Sequence for option in options):
            found[name] = typing.get_origin(hint) is not Sequence
    return found


def _parts(text: str, *, alone: bool) -> object:
    if "|" not in text and alone:
        return text
    return text.split("|") if text else []


def to_words(request: Request) -> list[str]:
    """Return the words that make a request again.

    Raises BadParameter for a request with a part that has no words (another request, a pinned revision).
    """
    given = request.to_fields()
    names = {name.rstrip("_") for name in request.field_names()}
    positional = [name for name in request.positional() if name in given]
    words: list[str] = []
    for name in [*positional, *(name for name in given if name not in positional)]:
        text = _written(request, name, given[name])
        value = f"@{text}" if text.startswith("@") else text
        found = _NAMED.fullmatch(value)
        plain = name in positional and not (found and found[1] in names)
        words.append(value if plain else f"{name.rstrip('_')}={value}")
    return words


def _written(request: Request, name: str, value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        parts = [_written(request, name, one) for one in value]
        if not any("|" in part for part in parts) and parts != [""]:
            return "|".join(parts)
    elif isinstance(value, dict):
        if value.keys() == {"title"}:  # a page by its title alone
            return str(value["title"])
    elif value is not None:
        return str(value)
    msg = f"{type(request).__name__}: its {name} can not be written as a word."
    raise BadParameter(msg)


__all__ = ["from_words", "split_line", "to_words"]
