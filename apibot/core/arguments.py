"""Arguments of the wrong type: refused at the door, as the signature has it, before anything is done.

For callers whose code no type checker sees: a number out of JSON, None for a page without a title.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from functools import cache, wraps
from itertools import chain, repeat
from numbers import Real
from types import FunctionType, NoneType
from typing import NamedTuple, NoReturn, ParamSpec, TypeVar, cast

from apibot.core.errors import SHOWN, BadParameter

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_KINDS = {"None": NoneType, "bool": bool, "float": Real, "int": int, "str": str}
_NAMES = {NoneType: "None", bool: "true or false", Real: "a number", int: "a whole number", str: "a text"}


class _Rule(NamedTuple):
    """What an argument is to be."""

    name: str
    kinds: tuple[type, ...]
    """One of these; ``object`` where nothing is asked."""


class _Rules(NamedTuple):
    """What the arguments of a function are to be, by their places and by their names."""

    placed: list[_Rule]
    further: _Rule
    named: dict[str, _Rule]


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function refuse arguments of the wrong type.

    Looked at are parameters whose annotation is a class, or several with ``|`` between them; of ``Collection[str]``
    and the like only whether it is such a collection.  It raises BadParameter.
    """
    rules = cache(lambda: _rules(function))  # with the first call: the classes may stand further down

    @wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        known = rules()
        for value, rule in zip(args, chain(known.placed, repeat(known.further)), strict=False):
            if not isinstance(value, rule.kinds):
                _refuse(function, rule, value)
        for name, value in kwargs.items():
            if name in known.named and not isinstance(value, known.named[name].kinds):
                _refuse(function, known.named[name], value)
        return function(*args, **kwargs)

    return door


def checked_class(kind: type[T]) -> type[T]:
    """Let all public methods of a class, and what sets its properties, refuse arguments of the wrong type."""
    for name, one in list(vars(kind).items()):
        if name.startswith("_") and not name.endswith("__"):
            continue
        if isinstance(one, property) and one.fset:
            setattr(kind, name, one.setter(checked(one.fset)))
        elif isinstance(one, FunctionType) and one.__annotations__.keys() - {"return"}:
            setattr(kind, name, checked(one))
    return kind


def each(given: Iterable[T]) -> list[T]:
    """Return what was given as a list; a text is one text, not its letters: ``classes="wikitable"``."""
    return [cast("T", given)] if isinstance(given, str) else [*given]


def _rules(function: Callable[..., object]) -> _Rules:
    parameters = inspect.signature(function).parameters.values()
    known = getattr(function, "__globals__", {})
    rules = {one.name: _Rule(one.name, _kinds(str(one.annotation), known)) for one in parameters}
    placed = [rules[one.name] for one in parameters if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}]
    further = next((rules[one.name] for one in parameters if one.kind == one.VAR_POSITIONAL), _Rule("", (object,)))
    return _Rules(placed, further, rules)


def _kinds(annotation: str, known: dict[str, object]) -> tuple[type, ...]:
    """Return the classes that an annotation names; ``object`` if it says more than these can tell."""
    names = re.sub(r"\[.*?\]+(?= \||$)", "", annotation).split(" | ")
    found = [_KINDS.get(name) or known.get(name) for name in names]
    return tuple(one if isinstance(one, type) and not getattr(one, "_is_protocol", False) else object for one in found)


def _refuse(function: Callable[..., object], rule: _Rule, value: object) -> NoReturn:
    names = " or ".join(_NAMES.get(kind) or f"a {kind.__name__}" for kind in rule.kinds)
    given = repr(value)
    given = given if len(given) <= SHOWN else f"{given[:SHOWN]}..."
    advice = f" Give str({given})." if str in rule.kinds and isinstance(value, int | float) else ""
    msg = f"{function.__qualname__}: {rule.name} is to be {names}, not {given}.{advice}"
    raise BadParameter(msg)


__all__ = ["checked", "checked_class", "each"]
