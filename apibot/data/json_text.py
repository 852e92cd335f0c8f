"""Rows and pages as text: JSON that every reader takes, and typed errors for what is none."""

from __future__ import annotations

import json
import re
from typing import Never, cast

from apibot.core.errors import BadParameter, BadText
from apibot.core.jsons import Json, JsonObject

DEEPEST = 100
"""How deep lists and objects may be nested; what api.php gives is far from it, and all that reads it recurses."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def to_text(value: object) -> str:
    """Write a value as JSON on one line.

    Characters stand as they are, but for half characters (surrogates), which no file takes.
    Raises BadParameter for what JSON does not know, as a row made by hand may hold.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as exc:
        msg = f"This can not be written as JSON ({exc}). Make rows of what JSON knows: texts, numbers, lists, objects."
        raise BadParameter(msg) from exc
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def object_in(text: str, what: str) -> JsonObject:
    """Read a JSON object.

    Parameters: ``text``; ``what`` it is to be, for the message.
    Raises BadText with the position where the text ceases to be JSON, or begins to be something else than an object.
    """
    try:
        found = cast("Json", json.loads(text, parse_constant=_refuse))
    except json.JSONDecodeError as exc:
        raise BadText(text, f"is no JSON, so no {what}: {exc.msg}", exc.pos) from None
    except RecursionError:
        raise BadText(text, f"is nested too deep for {what}") from None
    except ValueError as exc:
        raise BadText(text, f"is no JSON, so no {what}: {exc}") from None
    if not isinstance(found, dict):
        raise BadText(text, f"is no {what}: an object is expected", beginning(text))
    if _deeper(found, DEEPEST):
        raise BadText(text, f"is nested too deep for {what}", beginning(text))
    return found


def _deeper(value: Json, most: int) -> bool:
    """Say whether lists and objects are nested deeper than so many."""
    level: list[Json] = [value]
    depth = 0
    while level and depth <= most:
        insides = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for inside in insides for one in inside]
        depth += 1
    return bool(level)


def beginning(text: str) -> int:
    """Return where the value begins, behind white space."""
    return len(text) - len(text.lstrip())


def _refuse(constant: str) -> Never:
    msg = f"{constant} is no number of JSON"
    raise ValueError(msg)


__all__ = ["DEEPEST", "beginning", "object_in", "to_text"]
