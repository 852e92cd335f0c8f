"""Conditions on pages as data: ``page.size >= 1000``, ``page.title.matches("^A") & ~page.redirect``.

A check is written once for a kind of value (text, number, flag); a property is a row of ``PROPERTIES``.
"""

from __future__ import annotations

import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Never, cast

from apibot.core.errors import BadParameter, BadPattern
from apibot.core.patterns import compiled
from apibot.data.pages import Page

Value = str | int | bool
Check = Callable[[Value, Value], bool]


def _on_text(check: Callable[[str, str], bool]) -> Check:
    return lambda value, operand: check(cast("str", value), cast("str", operand))


def _on_number(check: Callable[[int, int], bool]) -> Check:
    return lambda value, operand: check(cast("int", value), cast("int", operand))


CHECKS: Mapping[str, Mapping[str, Check]] = {
    "text": {
        "=": operator.eq,
        "!=": operator.ne,
        "~": _on_text(lambda value, pattern: compiled(pattern).search(value) is not None),
        "!~": _on_text(lambda value, pattern: compiled(pattern).search(value) is None),
        "^=": _on_text(str.startswith),
        "$=": _on_text(str.endswith),
        "*=": _on_text(lambda value, part: part in value),
    },
    "number": {
        "=": operator.eq,
        "!=": operator.ne,
        "<": _on_number(operator.lt),
        "<=": _on_number(operator.le),
        ">": _on_number(operator.gt),
        ">=": _on_number(operator.ge),
    },
    "flag": {"=": operator.eq},
}
"""Kind of value, then the sign by which a check is written, then the check."""

PROPERTIES: Mapping[str, tuple[str, str]] = {
    "exists": ("flag", "the wiki has such a page"),
    "ns": ("number", "number of the namespace"),
    "redirect": ("flag", "the page is a redirect"),
    "size": ("number", "bytes of its text"),
    "text": ("text", "its wikitext"),
    "title": ("text", "its full title"),
}
"""What can be looked at: name, kind of value, and what it is; the name is the attribute of Page."""
FLAGS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
WORD = re.compile(r"(\w+)(!=|!~|\^=|\$=|\*=|<=|>=|=|<|>|~)(.*)", re.DOTALL)


class Condition(ABC):
    """Says of a page whether it is kept; combine with ``&``, ``|`` and ``~``."""

    @abstractmethod
    def __call__(self, page: Page) -> bool:
        """Say whether it holds for a page."""

    @abstractmethod
    def properties(self) -> frozenset[str]:
        """Return the names of the properties that it looks at."""

    @abstractmethod
    def words(self) -> list[str]:
        """Return the words by which the shell writes it."""

    def __and__(self, other: Condition) -> Condition:
        return All((self, other))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((self, other))

    def __invert__(self) -> Condition:
        return Not(self)

    def __bool__(self) -> Never:
        msg = "A condition is data and has no truth value; combine conditions with & | ~, not with and, or, not."
        raise TypeError(msg)


@dataclass(frozen=True)
class Compare(Condition):
    """One property compared with a value.

    Raises BadParameter for an unknown property or check, or a wrong type of value, BadPattern for a pattern that is
    none; PatternTimeout when a page is looked at and that takes too long.
    """

    name: str
    sign: str
    value: Value

    def __post_init__(self) -> None:
        if self.name not in PROPERTIES:
            msg = f"Pages have no property {self.name!r} to compare; there are: {', '.join(PROPERTIES)}."
            raise BadParameter(msg)
        kind = PROPERTIES[self.name][0]
        if self.sign not in CHECKS[kind]:
            msg = f"{self.name} is a {kind} and can not be compared by {self.sign!r}; use {' '.join(CHECKS[kind])}."
            raise BadParameter(msg)
        object.__setattr__(self, "value", _operand(self.name, kind, self.value))
        if self.sign in {"~", "!~"}:
            try:
                compiled(str(self.value))
            except BadPattern as exc:
                raise BadPattern(exc.text, f"{self.name}{self.sign}: {exc.reason}", exc.position) from None

    @cached_property
    def _check(self) -> Check:
        return CHECKS[PROPERTIES[self.name][0]][self.sign]

    def __call__(self, page: Page) -> bool:
        """Compare the page's property."""
        return self._check(getattr(page, self.name), self.value)

    def properties(self) -> frozenset[str]:
        """Return the property."""
        return frozenset({self.name})

    def words(self) -> list[str]:
        """Return it as one word."""
        value = ("no", "yes")[self.value] if isinstance(self.value, bool) else self.value
        return [f"{self.name}{self.sign}{value}"]


@dataclass(frozen=True)
class All(Condition):
    """All of several conditions hold."""

    parts: tuple[Condition, ...]

    def __call__(self, page: Page) -> bool:
        """Say whether all hold."""
        return all(part(page) for part in self.parts)

    def properties(self) -> frozenset[str]:
        """Return what any of them looks at."""
        return frozenset[str]().union(*(part.properties() for part in self.parts))

    def words(self) -> list[str]:
        """Return them one after the other."""
        return [word for part in self.parts for word in _grouped(part, AnyOf)]


@dataclass(frozen=True)
class AnyOf(Condition):
    """One of several conditions holds."""

    parts: tuple[Condition, ...]

    def __call__(self, page: Page) -> bool:
        """Say whether one holds."""
        return any(part(page) for part in self.parts)

    def properties(self) -> frozenset[str]:
        """Return what any of them looks at."""
        return frozenset[str]().union(*(part.properties() for part in self.parts))

    def words(self) -> list[str]:
        """Return them with ``or`` between."""
        first, *rest = (part.words() for part in self.parts)
        return [*first, *(word for part in rest for word in ("or", *part))]


@dataclass(frozen=True)
class Not(Condition):
    """A condition does not hold."""

    part: Condition

    def __call__(self, page: Page) -> bool:
        """Say whether it does not."""
        return not self.part(page)

    def properties(self) -> frozenset[str]:
        """Return what it looks at."""
        return self.part.properties()

    def words(self) -> list[str]:
        """Return it with ``not`` before."""
        return ["not", *_grouped(self.part, All, AnyOf)]


def _grouped(part: Condition, *looser: type[Condition]) -> list[str]:
    return ["(", *part.words(), ")"] if isinstance(part, looser) else part.words()


def _operand(name: str, kind: str, value: Value) -> Value:
    """Bring what a property is compared with to the property's kind."""
    if kind == "flag":
        given: object = FLAGS.get(value.lower()) if isinstance(value, str) else value
        wanted, right = "yes or no", isinstance(given, bool)
    elif kind == "number":
        given = int(value) if isinstance(value, str) and re.fullmatch(r"-?\d+", value) else value
        wanted, right = "a whole number", isinstance(given, int) and not isinstance(given, bool)
    else:
        given, wanted, right = value, "a text", isinstance(value, str)
    if not right:
        msg = f"{name} is compared with {wanted}, not with {value!r}."
        raise BadParameter(msg)
    return cast("Value", given)


def parse(words: Sequence[str]) -> Condition:
    """Read a condition from words: ``size>=1000 not redirect``, ``( title^=A or title^=B ) ns=0``.

    All must hold unless ``or`` stands between; ``not`` turns the next one round; ``( )`` are words of their own.
    Raises BadParameter.
    """
    left = list(words)
    condition = _any_of(left)
    if left:
        msg = f"{' '.join(words)!r}: a ) without its ( ."
        raise BadParameter(msg)
    return condition


def _any_of(left: list[str]) -> Condition:
    parts = [_all_of(left)]
    while left[:1] == ["or"]:
        left.pop(0)
        parts.append(_all_of(left))
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _all_of(left: list[str]) -> Condition:
    parts: list[Condition] = []
    while left and left[0] not in {"or", ")"}:
        parts.append(_one(left))
    if not parts:
        msg = "A condition is missing; write name, sign and value, like size>=1000."
        raise BadParameter(msg)
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _one(left: list[str]) -> Condition:
    word = left.pop(0)
    if word == "not":
        if not left:
            msg = "A condition is missing after not."
            raise BadParameter(msg)
        return Not(_one(left))
    if word == "(":
        inner = _any_of(left)
        if left[:1] != [")"]:
            msg = "A ( without its ) ."
            raise BadParameter(msg)
        left.pop(0)
        return inner
    found = WORD.fullmatch(word)
    if found:
        return Compare(found[1], found[2], found[3])
    if PROPERTIES.get(word, ("", ""))[0] == "flag":
        return Compare(word, "=", value=True)
    msg = f"{word!r} is no condition; write name, sign and value, like size>=1000. Names: {', '.join(PROPERTIES)}."
    raise BadParameter(msg)


class Text:
    """A property that is a text."""

    __hash__ = None  # type: ignore[assignment]  # comparing makes a condition

    def __init__(self, name: str) -> None:
        self._name = name

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]  # a condition, not a truth value
        return Compare(self._name, "=", cast("str", other))

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]  # a condition, not a truth value
        return Compare(self._name, "!=", cast("str", other))

    def matches(self, regex: str) -> Condition:
        """Say that the regular expression is found in it."""
        return Compare(self._name, "~", regex)

    def startswith(self, text: str) -> Condition:
        """Say that it begins with the text."""
        return Compare(self._name, "^=", text)

    def endswith(self, text: str) -> Condition:
        """Say that it ends with the text."""
        return Compare(self._name, "$=", text)

    def contains(self, text: str) -> Condition:
        """Say that the text is in it."""
        return Compare(self._name, "*=", text)


class Number:
    """A property that is a number."""

    __hash__ = None  # type: ignore[assignment]  # comparing makes a condition

    def __init__(self, name: str) -> None:
        self._name = name

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]  # a condition, not a truth value
        return Compare(self._name, "=", cast("int", other))

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]  # a condition, not a truth value
        return Compare(self._name, "!=", cast("int", other))

    def __lt__(self, other: int) -> Condition:
        return Compare(self._name, "<", other)

    def __le__(self, other: int) -> Condition:
        return Compare(self._name, "<=", other)

    def __gt__(self, other: int) -> Condition:
        return Compare(self._name, ">", other)

    def __ge__(self, other: int) -> Condition:
        return Compare(self._name, ">=", other)


class PageProperties:
    """The properties of the page in hand, for conditions: ``page.size``, ``page.title``, ..."""

    exists: Condition = Compare("exists", "=", value=True)
    ns = Number("ns")
    redirect: Condition = Compare("redirect", "=", value=True)
    size = Number("size")
    text = Text("text")
    title = Text("title")


page = PageProperties()

__all__ = [
    "CHECKS",
    "FLAGS",
    "PROPERTIES",
    "WORD",
    "All",
    "AnyOf",
    "Check",
    "Compare",
    "Condition",
    "Not",
    "Number",
    "PageProperties",
    "Text",
    "Value",
    "page",
    "parse",
]
