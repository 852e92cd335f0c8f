"""What a wiki says of a global account (``meta=globaluserinfo`` of the extension CentralAuth), as types."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from apibot.core.jsons import Json, JsonObject, number, rows, text, texts, when


class GlobalAccount(NamedTuple):
    """A global account on one of its wikis."""

    wiki: str
    """Name of its database."""
    url: str
    editcount: int
    groups: tuple[str, ...]
    raw: JsonObject


class GlobalUser(NamedTuple):
    """An account that holds on several wikis (CentralAuth)."""

    name: str
    id: int
    home: str
    """Database name of its home wiki."""
    registration: datetime | None
    locked: bool
    groups: frozenset[str]
    rights: frozenset[str]
    editcount: int
    merged: tuple[GlobalAccount, ...]
    """Its wikis."""
    unattached: tuple[GlobalAccount, ...]
    """Accounts of the same name that do not belong to it."""
    raw: JsonObject


def global_user(row: JsonObject) -> GlobalUser | None:
    """Read ``meta=globaluserinfo``; None if there is no such account."""
    if not isinstance(row.get("name"), str):
        return None
    return GlobalUser(
        name=text(row.get("name")) or "",
        id=number(row.get("id")) or 0,
        home=text(row.get("home")) or "",
        registration=when(row.get("registration")),
        locked=bool(row.get("locked")),
        groups=frozenset(texts(row.get("groups"))),
        rights=frozenset(texts(row.get("rights"))),
        editcount=number(row.get("editcount")) or 0,
        merged=_accounts(row.get("merged")),
        unattached=_accounts(row.get("unattached")),
        raw=row,
    )


def _accounts(found: Json) -> tuple[GlobalAccount, ...]:
    return tuple(
        GlobalAccount(
            wiki=text(row.get("wiki")) or "",
            url=text(row.get("url")) or "",
            editcount=number(row.get("editcount")) or 0,
            groups=texts(row.get("groups")),
            raw=row,
        )
        for row in rows(found)
    )


__all__ = ["GlobalAccount", "GlobalUser", "global_user"]
