"""What settings give a request where the call gives none: fields, and the order of backends."""

from __future__ import annotations

import typing

from apibot.core.errors import SettingsError
from apibot.core.request import Request
from apibot.core.retrieval import sections
from apibot.core.schema import Settings
from apibot.core.settings import convert

BACKENDS = "backends"
"""Key of the order of backends, in sections that are meant for no backend."""


def backend_order(settings: Settings, label: str) -> tuple[str, ...]:
    """Return the order in which backends are tried for a request.

    Parameters: ``label`` of level 4, like ``Task_Edit``: ``[layers.Task]``, ``[layers.Task_Edit]`` and the like may
    have ``backends``; otherwise that of all requests holds.
    Raises SettingsError if it is no list of names.
    """
    found = settings.layer(label, {BACKENDS}).get(BACKENDS)
    if not found:
        return settings.backends
    return typing.cast("tuple[str, ...]", convert(tuple[str, ...], found, f"layers: {BACKENDS} of {label}"))


def request_defaults(settings: Settings, label: str, kind: type[Request]) -> dict[str, object]:
    """Return the fields that settings give a kind of request, where the call gives none.

    Parameters: ``label`` of level 3, like ``API_Task_Edit``, which has the sections of level 4 among its own.
    Raises SettingsError for an unknown key in a section that names the request, and for a value of a wrong type.
    """
    if not settings.layers:
        return {}
    kind.compiled()
    hints = typing.get_type_hints(kind)
    known = sorted(set(kind.field_names()) - set(kind.positional()))
    found: dict[str, object] = {}
    for section in sections(label):
        for key, value in settings.layers.get(section.name, {}).items():
            if key in known:
                found[key] = convert(hints[key], value, f"layers.{section.name}: {key}")
            elif section.special and (key != BACKENDS or section.backend):
                more = [] if section.backend else [BACKENDS]
                msg = f"layers.{section.name}: unknown key {key!r}. Known: {', '.join([*known, *more])}."
                raise SettingsError(msg)
    return found


__all__ = ["BACKENDS", "backend_order", "request_defaults"]
