"""How values are written into the API's parameters, and checked against its paraminfo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import cast

from apibot.core.errors import BadParameter
from apibot.core.info import ModuleInfo, ParameterInfo
from apibot.core.secret import Secret

Params = Mapping[str, object]
MULTIPLE = (list, tuple, set, frozenset)


def encode(value: object) -> str | None:
    """Return a value as the API takes it; None for what is left out (None, False).

    Lists are joined with ``|``, with U+001F where a value holds a ``|`` itself (API:Data formats).
    """
    if value is None or value is False:
        return None
    if value is True:
        return "1"
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, MULTIPLE):
        parts = [str(encode(part)) for part in values_of(cast("object", value))]
        if any("|" in part for part in parts):
            return "\x1f" + "\x1f".join(parts)
        return "|".join(parts)
    return str(value)


def values_of(value: object) -> list[object]:
    """Return the values that a parameter is given: those of a list, or the one."""
    return list(cast("Iterable[object]", value)) if isinstance(value, MULTIPLE) else [value]


def checked(params: Params, module: ModuleInfo, *, highlimits: bool) -> list[str]:
    """Compare parameters (unprefixed) with what the wiki says that a module takes.

    Returns the faults found, each a sentence; [] if there are none.
    """
    faults: list[str] = []
    for name, value in params.items():
        known = module.parameters.get(name)
        if known is None:
            names = ", ".join(sorted(module.parameters))
            faults.append(f"{module.path}: unknown parameter {name!r}; the wiki knows: {names}")
        elif value is not None:
            faults += _value_faults(module.path, known, value, highlimits=highlimits)
    faults += [
        f"{module.path}: parameter {name!r} is missing"
        for name, known in module.parameters.items()
        if known.required and params.get(name) is None and name != "token"
    ]
    return faults


def _value_faults(path: str, known: ParameterInfo, value: object, *, highlimits: bool) -> list[str]:
    values = values_of(value)
    where = f"{path}: {known.name}"
    if len(values) > 1:
        most = (known.highlimit if highlimits else known.limit) or len(values)
        if not known.multi:
            return [f"{where} takes one value, {len(values)} were given"]
        if len(values) > most:
            return [f"{where} takes at most {most} values at once, {len(values)} were given"]
    faults: list[str] = []
    for one in values:
        text = encode(one)
        if text is None:
            continue
        if known.values and not set(text.split("|") if known.multi else [text]) <= {*known.values, "*"}:
            faults.append(f"{where}: {text!r} is none of {', '.join(known.values)}")
        elif known.type == "integer" and not _is_integer(text, known):
            faults.append(f"{where}: {text!r} is no whole number")
        elif known.type == "limit" and text != "max" and not text.isdigit():
            faults.append(f"{where}: {text!r} is neither a number nor 'max'")
    return faults


def _is_integer(text: str, known: ParameterInfo) -> bool:
    return all(part.lstrip("-").isdigit() for part in (text.split("|") if known.multi else [text]))


def refuse(faults: list[str]) -> None:
    """Raise BadParameter if there are faults."""
    if faults:
        msg = "; ".join(faults) + "."
        raise BadParameter(msg)


__all__ = ["MULTIPLE", "Params", "checked", "encode", "refuse", "values_of"]
