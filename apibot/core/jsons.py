"""JSON as types: what comes from outside is looked at once, here, and not trusted further."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import cast

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]
NOTHING: Mapping[str, Json] = MappingProxyType({})
"""An empty object that nobody can fill."""


def block(value: object) -> JsonObject:
    """Return a JSON object, {} for anything else."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def rows(value: object) -> list[JsonObject]:
    """Return the objects in a JSON list, [] for anything else."""
    found = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("JsonObject", one) for one in found if isinstance(one, dict)]


def text(value: object) -> str | None:
    """Return a text, None for anything else."""
    return value if isinstance(value, str) else None


def number(value: object) -> int | None:
    """Return a whole number, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def texts(value: object) -> tuple[str, ...]:
    """Return the texts in a JSON list, () for anything else."""
    found = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(one for one in found if isinstance(one, str))


def when(value: object) -> datetime | None:
    """Return the time that a text tells (ISO 8601), None for anything else, also for ``infinite``."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def real(value: object) -> float | None:
    """Return a number that can be counted with, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


__all__ = ["NOTHING", "Json", "JsonObject", "block", "number", "real", "rows", "text", "texts", "when"]
