"""JSON as types: what comes from outside is looked at once, here, and not trusted further."""

from __future__ import annotations

from typing import cast

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]


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


__all__ = ["Json", "JsonObject", "block", "number", "rows", "text"]
