"""``apibot whoami`` and ``apibot info``: what a wiki says of itself and of the account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, cast

import typer

from apibot.cli.options import Account, AsJson, WikiName, connected
from apibot.cli.show import Row, cell, write, write_json, write_rows

if TYPE_CHECKING:
    from apibot.core.info import Info
    from apibot.core.paraminfo import ModuleKind

Ask = Callable[["Info", str], object]
ONE: Mapping[str, Ask] = {
    "general": lambda info, _key: info.general(fresh=True),
    "restrictions": lambda info, _key: info.restrictions(),
    "rightsinfo": lambda info, _key: info.rights_info(),
    "statistics": lambda info, _key: info.statistics(),
    "defaultoptions": lambda info, _key: info.default_options(),
    "time": lambda info, _key: {"time": info.time().isoformat(timespec="seconds"), "skew": round(info.skew(), 1)},
    "user": lambda info, _key: info.user(fresh=True),
    "help": lambda info, key: info.help(key),
    "globaluser": lambda info, key: info.global_user(key or None) or {},
}
"""What answers a question with one row."""
MANY: Mapping[str, Ask] = {
    "namespaces": lambda info, _key: info.namespaces(),
    "interwikis": lambda info, _key: info.interwikis(),
    "languages": lambda info, _key: info.languages(),
    "magicwords": lambda info, _key: info.magic_words(),
    "specialpages": lambda info, _key: info.special_pages(),
    "extensions": lambda info, _key: info.extensions(),
    "skins": lambda info, _key: info.skins(),
    "groups": lambda info, _key: info.groups(),
    "lags": lambda info, _key: {one.host: one for one in info.lags()},
    "fileextensions": lambda info, _key: info.file_extensions(),
    "filerepos": lambda info, _key: info.file_repos(),
    "protocols": lambda info, _key: info.words("protocols"),
    "functionhooks": lambda info, _key: info.words("functionhooks"),
    "extensiontags": lambda info, _key: info.words("extensiontags"),
    "variables": lambda info, _key: info.words("variables"),
    "messages": lambda info, key: info.messages(*filter(None, [key])),
    "modules": lambda info, key: info.modules(cast("ModuleKind", key)),
    "module": lambda info, key: info.module(key).parameters,
}
"""What answers it with rows, by their keys, or with words."""
RAW = "site"
NEEDED: Mapping[str, str] = {
    "help": "the PATH of a module, like query+allpages",
    "module": "its PATH, like query+allpages",
    "modules": "a KIND: action, format, list, prop, meta or generator",
    "site": "the NAME of a block of siteinfo",
}
"""What can not be shown without KEY."""
KEYED = {*NEEDED, "globaluser", "messages"}
"""What takes KEY as part of the question; elsewhere it chooses from the answer."""


def whoami(*, wiki: WikiName = None, account: Account = None, as_json: AsJson = False) -> None:
    """Log in, and show which account the wiki sees."""
    from apibot.core.schema import METHODS

    with connected(wiki, account) as bridge:
        seen = bridge.info.user(fresh=True)
        target = bridge.core.target
    who = {"user": seen.name, "anonymous": seen.anonymous, "login": METHODS[target.account.how].title}
    may = {"groups": sorted(seen.groups), "rights": sorted(seen.rights)}
    _show({**who, "wiki": target.name, "api": target.api, **may}, as_json=as_json)


def info(
    what: Annotated[str, typer.Argument(metavar="[WHAT]", help="What to show, see above.")] = "general",
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="One row of it, by its name or number.")] = None,
    *,
    wiki: WikiName = None,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Show what is known of a wiki.

    WHAT is the wiki in general (general), or one of: namespaces interwikis languages magicwords specialpages
    extensions skins groups restrictions rightsinfo statistics lags fileextensions filerepos protocols functionhooks
    extensiontags variables defaultoptions messages time; the account: user globaluser; the API: modules KIND (action
    format list prop meta generator), module PATH and help PATH (query+allpages); any block of siteinfo: site NAME.
    """
    if what not in {*ONE, *MANY, RAW}:
        msg = f"there is no {what!r}; WHAT is one of: {', '.join([*ONE, *MANY, RAW])}"
        raise typer.BadParameter(msg)
    if key is None and what in NEEDED:
        msg = f"{what} needs {NEEDED[what]}"
        raise typer.BadParameter(msg)
    with connected(wiki, account) as bridge:
        found: object = (
            bridge.info.site_block(key or "") if what == RAW else {**ONE, **MANY}[what](bridge.info, key or "")
        )
    chosen = None if what in KEYED else key
    if what == RAW:
        write_json(found)
    elif what in ONE:
        row = _row(found, whole=as_json)
        _show(row if chosen is None else {chosen: _at(row, what, chosen)}, as_json=as_json)
    else:
        rows = _rows(found, whole=as_json)
        if chosen is None:
            write_rows([[*rows.values()]], as_json=as_json)
        else:
            _show(cast("Row", _at(rows, what, chosen)), as_json=as_json)


def _at(found: Mapping[str, object], what: str, key: str) -> object:
    if key not in found:
        msg = f"{what} has no {key!r}; see: apibot info {what}"
        raise typer.BadParameter(msg)
    return found[key]


def _row(found: object, *, whole: bool) -> Row:
    """Return a row; with ``whole`` also what the wiki said besides."""
    as_dict: Callable[[], dict[str, object]] | None = getattr(found, "_asdict", None)
    row = dict(cast("Row", found)) if as_dict is None else as_dict()
    raw = row.pop("raw", {})
    return {**cast("Row", raw), **row} if whole else row


def _rows(found: object, *, whole: bool) -> dict[str, Row]:
    """Return rows by their keys; what is no row itself becomes one with its name."""
    if not isinstance(found, Mapping):
        return {word: {"name": word} for word in cast("Sequence[str]", found)}
    several = cast("Mapping[object, object]", found)
    return {
        str(key): _row(one, whole=whole) if hasattr(one, "_asdict") else {"name": key, "value": one}
        for key, one in several.items()
    }


def _show(row: Row, *, as_json: bool) -> None:
    if as_json:
        write_json(row)
        return
    width = max(map(len, row), default=0) + 2
    for name, value in row.items():
        write(f"{name:<{width}}{cell(value)}")


__all__ = ["KEYED", "MANY", "NEEDED", "ONE", "RAW", "Ask", "info", "whoami"]
