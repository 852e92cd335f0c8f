"""``apibot whoami`` and ``apibot info``: what a wiki says of itself and of the account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from apibot.cli.options import Account, AsJson, WikiName, connected
from apibot.cli.show import Row, cell, plain, write, write_json, write_rows

if TYPE_CHECKING:
    from apibot.core.info import Info, ParameterInfo, UserInfo
    from apibot.core.schema import Method

What = Literal["general", "namespaces", "user", "module"]
HOW: Mapping[Method | None, str] = {
    None: "not at all",
    "login": "bot password",
    "clientlogin": "password",
    "oauth1": "OAuth 1.0a",
    "oauth2": "OAuth 2",
}
"""How the ways to log in are called."""


def whoami(*, wiki: WikiName = None, account: Account = None, as_json: AsJson = False) -> None:
    """Log in, and show which account the wiki sees."""
    with connected(wiki, account) as bridge:
        seen = bridge.by_name("meta", "userinfo", prop=("groups", "rights")).first()
        target = bridge.core.target
    told = {name: seen.get(name) for name in ("groups", "rights")} if seen else {}
    who = {"user": seen["name"], "anonymous": bool(seen.get("anon"))} if seen else {}
    _show({**who, "login": HOW[target.account.how], "wiki": target.name, "api": target.api, **told}, as_json=as_json)


def info(
    what: Annotated[What, typer.Argument(metavar="[WHAT]", help="general, namespaces, user or module.")] = "general",
    path: Annotated[str | None, typer.Argument(metavar="[PATH]", help="Of a module, like query+allpages.")] = None,
    *,
    wiki: WikiName = None,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Show what is known of a wiki.

    WHAT is the wiki in general, its namespaces, the account (user), or the parameters of a module.
    """
    if (what == "module") != (path is not None):
        msg = "module needs a PATH, like query+allpages; the others take none"
        raise typer.BadParameter(msg)
    with connected(wiki, account) as bridge:
        found = _ASK[what](bridge.info, path or "")
    if isinstance(found, Mapping):
        _show(found, as_json=as_json)
    else:
        write_rows([found], as_json=as_json)


def _module(info: Info, path: str) -> Sequence[Row]:
    """Return the parameters of a module."""
    return [_row(one) for one in info.module(path).parameters.values()]


def _row(value: ParameterInfo | UserInfo) -> Row:
    return cast("Row", plain(value))


_ASK: Mapping[What, Callable[[Info, str], Row | Sequence[Row]]] = {
    "general": lambda info, _path: info.general(),
    "namespaces": lambda info, _path: list(info.namespaces().values()),
    "user": lambda info, _path: _row(info.user()),
    "module": _module,
}


def _show(row: Row, *, as_json: bool) -> None:
    if as_json:
        write_json(row)
        return
    width = max(map(len, row)) + 2
    for name, value in row.items():
        write(f"{name:<{width}}{cell(value)}")


__all__ = ["HOW", "What", "info", "whoami"]
