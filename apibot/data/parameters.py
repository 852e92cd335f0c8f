"""Pages on a wiki by which people steer a bot, checked against a model: JSON, lists of lines, templates.

A page like this is written by hand, by anyone. Nothing in it is evaluated; what is wrong in it is said all at once,
with its place, so that whoever wrote the page can correct it. Models are pydantic's (or a dataclass, a TypedDict, a
``list`` of these, ...), which is loaded with the first page.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn, TypeVar, cast

from apibot.core.arguments import checked
from apibot.core.errors import BadParameter, ParameterPageError, Problem
from apibot.core.visible import visible
from apibot.data.wikitext.templates import Template

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")
Extra = Literal["forbid", "ignore", "allow"] | None
"""What becomes of keys that the model does not have; None leaves it to the model."""
DEEPEST = 50
"""Levels of lists and objects in a JSON page at most."""
DIGITS = 300
"""Digits of a whole number at most."""
LONGEST = 2**18
"""Characters of a JSON page at most: what is wrong in it is gathered, and may be each second one."""
MOST_PROBLEMS = 100
"""After so many entries that are wrong a list is not read on."""
_SHOWN = 60
_SPACES = re.compile(r"[ \t\n\r]*")
_HALVES = re.compile("[\ud800-\udfff]")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_MISSING, _UNKNOWN, _JSON = "missing", "extra_forbidden", "json_invalid"  # pydantic's names of errors
Path = tuple[str | int, ...]
"""Keys and numbers that lead to a value."""


class Line(NamedTuple):
    """An entry of a list of lines."""

    text: str
    """Without spaces around it and without its comment."""
    number: int
    """Of the line, from 1."""
    position: int
    """Of the entry in the page's text, in characters from 0."""


@checked
def read_json(text: str, model: type[T], *, extra: Extra = "forbid") -> T:
    """Read a JSON page.

    Parameters: ``text``, of the page; ``model``, what it is to be; ``extra``, what becomes of unknown keys.
    Returns an instance of the model. Raises ParameterPageError: for a text that is no JSON, keys that stand twice,
    numbers that are none or too large, more than DEEPEST levels or LONGEST characters, half characters, and all that
    the model refuses.
    """
    from pydantic import ValidationError

    if len(text) > LONGEST:
        problem = Problem("", "", f"longer than {LONGEST} characters", _Lines(text).number(LONGEST), LONGEST)
        raise ParameterPageError(text, [problem])
    places = _Places(text)
    try:
        found = _adapter(model).validate_json(text, extra=extra)
    except ValidationError as exc:
        kept = (place for place in _refused(exc) if not (places.problems and place.kind == _JSON))
        raise ParameterPageError(text, sorted([*places.problems, *map(places.problem, kept)], key=_where)) from None
    except RecursionError:
        places.fail("nested too deep", 0)
    if places.problems:
        raise ParameterPageError(text, places.problems)
    return found


@checked
def read_list(text: str) -> list[Line]:
    """Read a page with an entry on each line; ``#`` at its beginning or after a space begins a comment.

    Parameters: ``text``, of the page. Returns the entries; lines without one are left out.
    """
    entries: list[Line] = []
    position = 0
    for number, whole in enumerate(text.split("\n"), 1):
        entry = _COMMENT.sub("", whole)
        if stripped := entry.strip():
            entries.append(Line(stripped, number, position + entry.index(stripped)))
        position += len(whole) + 1
    return entries


@checked
def read_items(text: str, model: type[T]) -> list[T]:
    """Read a page with an entry on each line, and check each.

    Parameters: ``text``, of the page, as of ``read_list``; ``model``, what an entry is to be, made of a text.
    Returns the entries. Raises ParameterPageError, which names the lines that the model refuses, MOST_PROBLEMS or so.
    """
    from pydantic import ValidationError

    adapter = _adapter(model)
    found: list[T] = []
    problems: list[Problem] = []
    for line in read_list(text):
        try:
            found.append(adapter.validate_strings(line.text))
        except ValidationError as exc:
            problems += (
                Problem(_named(one.path), _brief(one.value), one.reason, line.number, line.position)
                for one in _refused(exc)
            )
            if len(problems) >= MOST_PROBLEMS:
                break
    if problems:
        raise ParameterPageError(text, problems)
    return found


@checked
def read_template(given: Template | Mapping[str, str], model: type[T], *, extra: Extra = "forbid") -> T:
    """Read the parameters of a template.

    Parameters: ``given``, the template, or values by name, which have no places to name in errors; an empty value
    counts as not given, spaces around one are dropped; ``model``, what they are to be, each made of a text; ``extra``,
    what becomes of unknown names.
    Returns an instance of the model. Raises ParameterPageError, with the text that the template is in.
    """
    from pydantic import ValidationError

    values = {name.strip(): text for name, value in given.items() if (text := _value(name, value))}
    try:
        return _adapter(model).validate_strings(values, extra=extra)
    except ValidationError as exc:
        refused = list(_refused(exc))
    if isinstance(given, Template):
        text, places, start = str(given.document), given.places(), given.span[0]
    else:
        text, places, start = "", dict[str, int](), 0
    lines = _Lines(text)
    problems: list[Problem] = []
    for one in refused:
        at = places.get(str(one.path[0]), start) if one.path else start
        problems.append(Problem(_named(one.path), _brief(one.value), one.reason, lines.number(at) if text else 0, at))
    raise ParameterPageError(text, sorted(problems, key=_where))


def _value(name: str, value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    msg = f"read_template: {name} is to be a text, as in wikitext, not {value!r:.200}."
    raise BadParameter(msg)


def _adapter(model: type[T]) -> TypeAdapter[T]:
    """Return what checks values against a model; BadParameter for what is none."""
    from pydantic import PydanticUserError, TypeAdapter

    why = "it is a text"  # which pydantic would take for the name of a class that it may find later
    try:
        if not isinstance(model, str):
            return TypeAdapter(model)
    except PydanticUserError as exc:
        why = exc.message
    msg = f"{model!r:.200} can be no model of a page of parameters: {why}"
    raise BadParameter(msg)


class _Refused(NamedTuple):
    """What a model says of a value."""

    kind: str
    path: Path
    value: object
    reason: str


def _refused(error: ValidationError) -> Iterator[_Refused]:
    for one in error.errors(include_url=False, include_context=False):
        value: object = one["input"]
        yield _Refused(one["type"], one["loc"], None if one["type"] == _MISSING else (value,), one["msg"])


def _brief(value: object) -> str:
    """Show a value, which is wrapped in a tuple, None if there is none."""
    if value is None:
        return ""
    [inner] = cast("tuple[object]", value)
    if isinstance(inner, dict | list):
        return "{...}" if isinstance(inner, dict) else "[...]"
    shown = visible(repr(inner[: _SHOWN + 1] if isinstance(inner, str) else inner))
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


def _named(path: Path) -> str:
    """Write a path: ``jobs[0].name``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{visible(part[:_SHOWN])}" for part in path)
    return "".join(parts).removeprefix(".")


def _where(problem: Problem) -> int:
    return problem.position


class _Lines:
    """Tells the number of the line of a position."""

    def __init__(self, text: str) -> None:
        self._ends = [found.start() for found in re.finditer("\n", text)]

    def number(self, position: int) -> int:
        return bisect_right(self._ends, position - 1) + 1


class _Places:
    """Walks through a JSON text: where each value stands, and what is wrong that a model does not see.

    Parameters: ``text``. Raises ParameterPageError where it is no JSON.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self._lines = _Lines(text)
        self._values: dict[Path, int] = {}
        self._keys: dict[Path, int] = {}
        self._decoder = json.JSONDecoder(parse_int=_whole, parse_float=_real, parse_constant=_real)
        end = self._space(self._value((), self._space(0)))
        if end < len(text):
            self.fail("more text after the end of the JSON", end)

    def problem(self, one: _Refused) -> Problem:
        """Return what a model refuses with its place: of the key if that is what is wrong, else of the value."""
        path = one.path
        while path not in self._values:
            path = path[:-1]
        at = self._keys.get(path, 0) if one.kind == _UNKNOWN else self._values[path]
        return Problem(_named(one.path), _brief(one.value), one.reason, self._lines.number(at), at)

    def fail(self, reason: str, at: int) -> NoReturn:
        problem = Problem("", "", reason, self._lines.number(at), at)
        raise ParameterPageError(self.text, sorted([*self.problems, problem], key=_where)) from None

    def _note(self, path: Path, value: str, reason: str, at: int) -> None:
        self.problems.append(Problem(_named(path), _brief((value,)), reason, self._lines.number(at), at))

    def _space(self, at: int) -> int:
        found = _SPACES.match(self.text, at)
        return found.end() if found else at

    def _value(self, path: Path, at: int) -> int:
        """Walk through the value that begins here; return where it ends."""
        self._values[path] = at
        mark = self.text[at : at + 1]
        if mark and mark in "{[":
            if len(path) >= DEEPEST:
                self.fail(f"more than {DEEPEST} levels", at)
            return self._members(path, at, "}" if mark == "{" else "]")
        try:
            value, end = self._decoder.raw_decode(self.text, at)
        except json.JSONDecodeError as exc:
            self.fail(exc.msg, exc.pos)
        if value is _Odd:
            self._note(path, self.text[at:end], "no number that can be counted with", at)
        if isinstance(value, str) and (half := _HALVES.search(value)):
            self._note(path, value[half.start() :], "half a character", at)
        return end

    def _members(self, path: Path, at: int, closing: str) -> int:
        """Walk through an object or a list; return where it ends."""
        at = self._space(at + 1)
        if self.text.startswith(closing, at):
            return at + 1
        number = 0
        while True:
            inner = (*path, number)
            number += 1
            if closing == "}":
                inner, at = self._key(path, at)
            at = self._space(self._value(inner, at))
            if self.text.startswith(closing, at):
                return at + 1
            if not self.text.startswith(",", at):
                self.fail(f"expected a comma or {closing}", at)
            at = self._space(at + 1)

    def _key(self, path: Path, at: int) -> tuple[Path, int]:
        """Read a key and its colon; return the path of the value and where that begins."""
        if not self.text.startswith('"', at):
            self.fail("expected a key in double quotes", at)
        try:
            key, end = self._decoder.raw_decode(self.text, at)
        except json.JSONDecodeError as exc:
            self.fail(exc.msg, exc.pos)
        inner = (*path, str(key))
        if inner in self._keys:
            self._note(inner, str(key), "the key stands twice", at)
        if half := _HALVES.search(str(key)):
            self._note(path, str(key)[half.start() :], "half a character", at)
        self._keys[inner] = at
        end = self._space(end)
        if not self.text.startswith(":", end):
            self.fail("expected a colon", end)
        return inner, self._space(end + 1)


class _Odd:
    """Stands for a number that is none, or is too large."""


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= DIGITS else _Odd


def _real(digits: str) -> object:
    return _Odd if digits[-1] in "Ny" or not math.isfinite(float(digits)) else float(digits)


__all__ = [
    "DEEPEST",
    "DIGITS",
    "LONGEST",
    "MOST_PROBLEMS",
    "Extra",
    "Line",
    "Path",
    "read_items",
    "read_json",
    "read_list",
    "read_template",
]
