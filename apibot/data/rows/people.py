"""Rows on accounts: users, blocks, contributors."""

from __future__ import annotations

from apibot.data.pages import PageRef
from apibot.data.rows.base import DataRow, PageRow, PropertyRow, column, part, parts
from apibot.data.rows.columns import BLOCK, BLOCKS, FLAG, NUMBER, NUMBERS, TEXT, TEXTS, TIME


class User(DataRow):
    """An account, or what was asked for as one (API:Users, API:Allusers)."""

    __slots__ = ()

    name = column(TEXT)
    userid = column(NUMBER)
    """0 if there is no such account."""
    missing = column(FLAG)
    """Whether there is no such account; ``cancreate`` tells whether it can be made."""
    invalid = column(FLAG)
    """Whether there can be no account of this name: an address, or an illegal name."""
    hidden = column(FLAG)
    """Whether the name is hidden from most."""
    cancreate = column(FLAG)
    editcount = column(NUMBER)
    recentactions = column(NUMBER)
    """Edits and the like of the last days, where only active ones were asked for."""
    registration = column(TIME)
    """None also for accounts so old that the wiki does not know."""
    groups = column(TEXTS)
    """The implicit ones among them."""
    groupmemberships = column(BLOCKS)
    """The other groups, each with ``group`` and ``expiry``."""
    implicitgroups = column(TEXTS)
    rights = column(TEXTS)
    emailable = column(FLAG)
    gender = column(TEXT)
    """``male``, ``female`` or ``unknown``."""
    centralids = column(BLOCK)
    attachedlocal = column(BLOCK)
    blockid = column(NUMBER)
    """0 if there is no block; so are the columns that follow empty then."""
    blockedby = column(TEXT)
    blockedbyid = column(NUMBER)
    blockreason = column(TEXT)
    blockedtimestamp = column(TIME)
    blockexpiry = column(TIME)
    """None for a block without end."""
    blockpartial = column(FLAG)
    """Whether only some pages, namespaces or actions are closed to it."""
    blocknocreate = column(FLAG)
    blockanononly = column(FLAG)

    @property
    def exists(self) -> bool:
        """Whether there is such an account."""
        return not (self.missing or self.invalid)

    @property
    def blocked(self) -> bool:
        """Whether it is blocked, be it in part; blocks come if ``blockinfo`` was asked for."""
        return self.blockid != 0


class BlockedPage(PageRow):
    """A page that a partial block closes."""

    __slots__ = ()

    id = column(NUMBER)

    @property
    def page(self) -> PageRef:
        """The page."""
        return PageRef(self.title or None, self.id or None, self.ns)


class BlockRestrictions(DataRow):
    """What a partial block closes; nothing for a block of all."""

    __slots__ = ()

    pages = column(parts(BlockedPage))
    namespaces = column(NUMBERS)
    actions = column(TEXTS)
    """``upload``, ``move``, ``create``."""


class Block(DataRow):
    """A block of an account, an address or a range (API:Blocks)."""

    __slots__ = ()

    id = column(NUMBER)
    user = column(TEXT)
    """Account, address or range; empty for one that blocks an address without telling it (``automatic``)."""
    userid = column(NUMBER)
    by = column(TEXT)
    byid = column(NUMBER)
    timestamp = column(TIME)
    expiry = column(TIME)
    """None for one without end."""
    reason = column(TEXT)
    rangestart = column(TEXT)
    rangeend = column(TEXT)
    automatic = column(FLAG)
    anononly = column(FLAG)
    """Whether accounts are not concerned."""
    nocreate = column(FLAG)
    """Whether no accounts may be made."""
    autoblock = column(FLAG)
    """Whether the account's addresses are blocked too."""
    noemail = column(FLAG)
    hidden = column(FLAG)
    """Whether the name is hidden from most."""
    allowusertalk = column(FLAG)
    partial = column(FLAG)
    restrictions = column(part(BlockRestrictions))
    """What it closes, if it is partial."""


class Contributor(PropertyRow):
    """An account that edited a page; ``page`` tells which (API:Contributors)."""

    __slots__ = ()

    userid = column(NUMBER)
    name = column(TEXT)


__all__ = ["Block", "BlockRestrictions", "BlockedPage", "Contributor", "User"]
