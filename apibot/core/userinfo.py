"""What a wiki says of an account (``meta=userinfo``, API:Userinfo), as types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from apibot.core.jsons import NOTHING, Json, JsonObject, block, number, rows, text, texts, when


class RateLimit(NamedTuple):
    """So many actions in so many seconds."""

    action: str
    hits: int
    seconds: float


class Block(NamedTuple):
    """Why the account may not do things."""

    id: int | str | None
    by: str
    reason: str
    expiry: datetime | None
    """None if it has no end."""
    partial: bool
    """Whether only some pages, namespaces or actions are closed."""
    raw: JsonObject


class ChangeableGroups(NamedTuple):
    """Groups that the account can put others, and itself, into and take out of."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    add_self: tuple[str, ...] = ()
    remove_self: tuple[str, ...] = ()


class UserInfo(NamedTuple):
    """The account as the wiki sees it."""

    name: str
    rights: frozenset[str] = frozenset()
    """What it may do as it is logged in: a bot password or OAuth can have fewer than its groups give."""
    groups: frozenset[str] = frozenset()
    """The implicit ones among them."""
    ratelimits: tuple[RateLimit, ...] = ()
    """Those that hold for the account."""
    anonymous: bool = False
    id: int = 0
    implicit_groups: frozenset[str] = frozenset()
    changeable_groups: ChangeableGroups = ChangeableGroups()
    editcount: int = 0
    registration: datetime | None = None
    block: Block | None = None
    options: Mapping[str, Json] = NOTHING
    """Preferences."""
    email: str | None = None
    """Address, None if the login may not see it."""
    email_confirmed: datetime | None = None
    raw: Mapping[str, Json] = NOTHING
    """All that the wiki said."""


def is_user(value: object) -> bool:
    """Say whether a value is a row of ``meta=userinfo`` as Apibot asks for it."""
    row = block(value)
    return isinstance(row.get("name"), str) and isinstance(row.get("rights"), list)


def user(row: JsonObject) -> UserInfo:
    """Read ``meta=userinfo``."""
    may_change = block(row.get("changeablegroups"))
    return UserInfo(
        name=text(row.get("name")) or "",
        rights=frozenset(texts(row.get("rights"))),
        groups=frozenset(texts(row.get("groups"))),
        ratelimits=tuple(_limits(row)),
        anonymous=bool(row.get("anon")),
        id=number(row.get("id")) or 0,
        implicit_groups=frozenset(texts(row.get("implicitgroups"))),
        changeable_groups=ChangeableGroups(
            *(texts(may_change.get(key)) for key in ("add", "remove", "add-self", "remove-self"))
        ),
        editcount=number(row.get("editcount")) or 0,
        registration=when(row.get("registrationdate")),
        block=_block(row),
        options=block(row.get("options")),
        email=text(row.get("email")),
        email_confirmed=when(row.get("emailauthenticated")),
        raw=row,
    )


def _limits(row: JsonObject) -> list[RateLimit]:
    return [
        RateLimit(action, number(one.get("hits")) or 0, float(number(one.get("seconds")) or 0))
        for action, by_kind in block(row.get("ratelimits")).items()
        for one in rows([*block(by_kind).values()])
    ]


def _block(row: JsonObject) -> Block | None:
    if "blockid" not in row and "blockedby" not in row:
        return None
    found = row.get("blockid")
    return Block(
        id=found if isinstance(found, int | str) else None,
        by=text(row.get("blockedby")) or "",
        reason=text(row.get("blockreason")) or "",
        expiry=when(row.get("blockexpiry")),
        partial=bool(row.get("blockpartial")),
        raw={key: value for key, value in row.items() if "block" in key},
    )


__all__ = [
    "Block",
    "ChangeableGroups",
    "RateLimit",
    "UserInfo",
    "is_user",
    "user",
]
