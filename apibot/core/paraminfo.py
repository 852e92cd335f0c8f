"""What a wiki says of the modules of its API (``action=paraminfo``, API:Parameter information), as types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from apibot.core.jsons import NOTHING, Json, JsonObject, block, number, rows, text, texts

ModuleKind = Literal["action", "format", "list", "prop", "meta", "generator"]
LISTED = {
    "action": ("main", "action"),
    "format": ("main", "format"),
    "list": ("query", "list"),
    "prop": ("query", "prop"),
    "meta": ("query", "meta"),
    "generator": ("query", "generator"),
}
"""Module and parameter whose values are the names of all modules of a kind."""


class ParameterInfo(NamedTuple):
    """One parameter."""

    name: str
    type: str = "string"
    values: tuple[str, ...] = ()
    """The values allowed, where there is a closed list."""
    multi: bool = False
    required: bool = False
    limit: int = 0
    """How many values may be given at once."""
    highlimit: int = 0
    """The same for accounts with apihighlimits."""
    minimum: int | None = None
    deprecated: bool = False
    default: str | None = None
    maximum: int | None = None
    """Of a number, or of rows asked for at once."""
    highmaximum: int | None = None
    """The same for accounts with apihighlimits."""
    deprecated_values: tuple[str, ...] = ()
    raw: Mapping[str, Json] = NOTHING
    """All that the wiki said."""


class ModuleInfo(NamedTuple):
    """One module."""

    path: str
    """``edit``, ``query+allpages``."""
    prefix: str
    parameters: dict[str, ParameterInfo]
    generator: bool = False
    group: str = ""
    """list, prop or meta for submodules of query."""
    writes: bool = False
    """Whether it changes anything."""
    token: str | None = None
    """Kind of token it wants."""
    deprecated: bool = False
    raw: Mapping[str, Json] = NOTHING
    """All that the wiki said: helpurls, source, ..."""


class ModuleHelp(NamedTuple):
    """What the wiki tells people of a module, in wikitext and its language."""

    path: str
    description: str
    parameters: dict[str, str]
    examples: tuple[tuple[str, str], ...]
    """The query part of an address, and what it does."""
    raw: JsonObject


def is_module(value: object) -> bool:
    """Say whether a value is paraminfo's row of a module, as ``trimmed`` leaves it."""
    row = block(value)
    return "path" in row and isinstance(row.get("parameters"), list)


def trimmed(row: JsonObject) -> JsonObject:
    """Leave out of paraminfo's row what says nothing, or says again what another key does."""
    parameters = [
        {key: value for key, value in one.items() if key not in {"index", "submodules"} and value is not False}
        for one in rows(row.get("parameters"))
    ]
    dull = ("name", "sourcename", "licensetag", "licenselink", "templatedparameters")
    kept = {key: value for key, value in row.items() if key not in dull or (value and key.startswith("t"))}
    return {**kept, "parameters": [*parameters]}


def module(row: JsonObject) -> ModuleInfo:
    """Read paraminfo's row of a module."""
    described = rows(row.get("parameters"))
    parameters = [_parameter(one) for one in described]
    return ModuleInfo(
        path=str(row.get("path")),
        prefix=text(row.get("prefix")) or "",
        parameters={one.name: one for one in parameters},
        generator=bool(row.get("generator")),
        group=text(row.get("group")) or "",
        writes=bool(row.get("writerights") or row.get("mustbeposted")),
        token=next((str(one["tokentype"]) for one in described if "tokentype" in one), None),
        deprecated=bool(row.get("deprecated")),
        raw=row,
    )


def module_help(row: JsonObject) -> ModuleHelp:
    """Read paraminfo's row of a module with ``helpformat=wikitext``."""
    return ModuleHelp(
        path=str(row.get("path")),
        description=(text(row.get("description")) or "").strip(),
        parameters={str(one.get("name")): text(one.get("description")) or "" for one in rows(row.get("parameters"))},
        examples=tuple(
            (text(one.get("query")) or "", text(one.get("description")) or "") for one in rows(row.get("examples"))
        ),
        raw=row,
    )


def _parameter(row: JsonObject) -> ParameterInfo:
    kind, default = row.get("type"), row.get("default")
    low, most = number(row.get("lowlimit")), number(row.get("max"))
    limit, high = number(row.get("limit")) or 0, number(row.get("highmax"))
    return ParameterInfo(
        name=str(row.get("name")),
        type="enum" if isinstance(kind, list) else text(kind) or "string",
        values=tuple(map(str, kind)) if isinstance(kind, list) else (),
        multi=bool(row.get("multi")),
        required=bool(row.get("required")),
        limit=low or limit,
        highlimit=number(row.get("highlimit")) or limit,
        minimum=number(row.get("min")),
        deprecated=bool(row.get("deprecated")),
        default=None if default is None else str(default),
        maximum=most,
        highmaximum=most if high is None else high,
        deprecated_values=texts(row.get("deprecatedvalues")),
        raw=row,
    )


__all__ = [
    "LISTED",
    "ModuleHelp",
    "ModuleInfo",
    "ModuleKind",
    "ParameterInfo",
    "is_module",
    "module",
    "module_help",
    "trimmed",
]
