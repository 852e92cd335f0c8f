"""All that can be hooked in a live core, and the table of docs/hooks.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from apibot.core.core import Core
from apibot.core.hooks import Hooked, Hooks

TABLE = Path(__file__).parents[2] / "docs" / "hooks.md"


def parts(core: Core) -> Iterator[Hooked]:
    """Give each part of a core that has a label, as far as they have been made."""
    seen: set[int] = set()
    waiting: list[object] = [core]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list | tuple | set):
            waiting += one
        elif type(one).__module__.startswith("apibot.") and hasattr(one, "__dict__"):
            waiting += vars(one).values()
            if isinstance(getattr(one, "label", None), str) and isinstance(getattr(one, "hooks", None), Hooks):
                yield one  # type: ignore[misc]  # as was just seen


def hookable_methods(part: Hooked) -> set[str]:
    """Return the names of a part's methods that can be hooked."""
    names = {name for kind in type(part).__mro__ for name in vars(kind)}
    return {name for name in names if "default" in getattr(getattr(type(part), name, None), "__dict__", {})}


def seams(core: Core) -> dict[str, set[str]]:
    """Return the hookable methods by label."""
    found: dict[str, set[str]] = {}
    for part in parts(core):
        methods = hookable_methods(part)
        if methods:
            found.setdefault(part.label, set()).update(methods)
    return found


def table() -> list[str]:
    """Return the hooks that the documentation lists, ``*`` standing for the name of a module or request."""
    return re.findall(r"^\|[^|]*\| `([\w*]+::\w+)` \|", TABLE.read_text(), re.MULTILINE)


def fits(name: str, hook: str) -> bool:
    """Say whether a hook's name is one of those that a row of the table stands for."""
    return fnmatchcase(name, hook)


__all__ = ["fits", "hookable_methods", "parts", "seams", "table"]
