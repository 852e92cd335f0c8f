"""Rows on what happened: revisions, changes, contributions, logs, tags.

Which columns a row has follows from the ``prop`` asked for; MediaWiki's own defaults leave many out.  What is hidden
by revision deletion (``userhidden``, ``commenthidden``, ``texthidden``) comes only to those who may see it; others
read the empty value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from apibot.core.errors import NotFetched
from apibot.core.jsons import block, text
from apibot.data.rows.base import ActPart, DataRow, HidingPart, PageRow, PropertyRow, column
from apibot.data.rows.columns import BLOCK, FLAG, NUMBER, TEXT, TEXTS, TIME


class Revision(PropertyRow, ActPart, HidingPart):
    """A revision of a page; ``page`` tells which (API:Revisions)."""

    __slots__ = ()

    deleted: ClassVar[bool] = False
    """Whether it is one of a deleted page."""
    revid = column(NUMBER)
    parentid = column(NUMBER)
    """Number of the revision before it; 0 if there is none."""
    anon = column(FLAG)
    """Whether the user is an address."""
    size = column(NUMBER)
    """Bytes of the text."""
    minor = column(FLAG)
    sha1 = column(TEXT)
    """Hexadecimal; empty if hidden."""
    sha1hidden = column(FLAG)
    tags = column(TEXTS)
    roles = column(TEXTS)
    """Names of the slots."""
    slots = column(BLOCK)
    """By name, with ``contentmodel``, ``content`` and more."""

    @property
    def text(self) -> str:
        """Content of the main slot; NotFetched if it is hidden or was not asked for."""
        found = text(self._main().get("content"))
        if found is None:
            msg = f"Revision {self.revid}: its text is hidden, or was not asked for: prop=ids|content, slots=main."
            raise NotFetched(msg)
        return found

    @property
    def contentmodel(self) -> str:
        """Content model of the main slot; empty if not asked for."""
        return text(self._main().get("contentmodel")) or ""

    @property
    def texthidden(self) -> bool:
        """Whether the text is hidden from most."""
        return bool(self._row.get("texthidden") or self._main().get("texthidden"))

    def _main(self) -> Mapping[str, object]:
        return block(block(self._row.get("slots")).get("main")) or self._row


class DeletedRevision(Revision):
    """A revision of a page that was deleted (API:Deletedrevisions)."""

    __slots__ = ()

    deleted: ClassVar[bool] = True


class PageRevisions(PageRow):
    """A page with some of its revisions (API:Allrevisions)."""

    __slots__ = ()

    revision_class: ClassVar[type[Revision]] = Revision
    pageid = column(NUMBER)

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """The revisions."""
        return self._parts("revisions", self.revision_class)


class DeletedPageRevisions(PageRevisions):
    """A page with some of its deleted revisions (API:Alldeletedrevisions)."""

    __slots__ = ()

    revision_class: ClassVar[type[Revision]] = DeletedRevision


class _Change(PageRow, ActPart, HidingPart):
    """What recent changes and the watchlist have in common."""

    __slots__ = ()

    type = column(TEXT)
    """``edit``, ``new``, ``log``, ``categorize``, ``external``."""
    pageid = column(NUMBER)
    revid = column(NUMBER)
    old_revid = column(NUMBER)
    """Number of the revision before it; 0 if there is none."""
    anon = column(FLAG)
    """Whether the user is an address."""
    bot = column(FLAG)
    minor = column(FLAG)
    new = column(FLAG)
    """Whether it made the page."""
    oldlen = column(NUMBER)
    """Bytes of the text before."""
    newlen = column(NUMBER)
    """Bytes of the text afterwards."""
    patrolled = column(FLAG)
    unpatrolled = column(FLAG)
    """Whether it waits for being patrolled."""
    autopatrolled = column(FLAG)
    tags = column(TEXTS)
    logid = column(NUMBER)
    """0 for what is in no log; so are the columns that follow empty then."""
    logtype = column(TEXT)
    logaction = column(TEXT)
    logparams = column(BLOCK)
    actionhidden = column(FLAG)

    @property
    def size(self) -> int:
        """Bytes of the text afterwards."""
        return self.newlen

    @property
    def diff(self) -> int:
        """By how many bytes the text grew."""
        return self.newlen - self.oldlen


class RecentChange(_Change):
    """A recent change (API:RecentChanges)."""

    __slots__ = ()

    rcid = column(NUMBER)
    redirect = column(FLAG)
    """Whether the page is a redirect now."""
    sha1 = column(TEXT)
    """Hexadecimal, of the text; empty if hidden."""
    sha1hidden = column(FLAG)


class WatchlistChange(_Change):
    """A change of a page on the account's watchlist (API:Watchlist)."""

    __slots__ = ()

    notificationtimestamp = column(TIME)
    """Since when the account has not seen the page; None if it has."""
    expiry = column(TIME)
    """When the page leaves the watchlist; None if it stays."""
    logdisplay = column(TEXT)
    """What the log says, as HTML."""


class UserContribution(PageRow, ActPart, HidingPart):
    """An edit by an account or address (API:Usercontribs)."""

    __slots__ = ()

    pageid = column(NUMBER)
    revid = column(NUMBER)
    parentid = column(NUMBER)
    """Number of the revision before it; 0 if there is none."""
    new = column(FLAG)
    """Whether it made the page."""
    minor = column(FLAG)
    top = column(FLAG)
    """Whether it is the page's newest revision."""
    texthidden = column(FLAG)
    size = column(NUMBER)
    """Bytes of the text."""
    sizediff = column(NUMBER)
    """By how many bytes the text grew."""
    patrolled = column(FLAG)
    autopatrolled = column(FLAG)
    tags = column(TEXTS)


class LogEntry(PageRow, ActPart, HidingPart):
    """An entry of a log (API:Logevents)."""

    __slots__ = ()

    logid = column(NUMBER)
    type = column(TEXT)
    """Of the log: ``block``, ``delete``, ``move`` ..."""
    action = column(TEXT)
    """What was done, as the log calls it; empty if hidden."""
    pageid = column(NUMBER)
    """Of the page that has the title now; 0 if there is none."""
    logpage = column(NUMBER)
    """Number that the page had then."""
    anon = column(FLAG)
    """Whether the user is an address."""
    params = column(BLOCK)
    """What else the log tells; its keys depend on type and action."""
    tags = column(TEXTS)
    actionhidden = column(FLAG)
    """Whether title, action and parameters are hidden from most."""


class Tag(DataRow):
    """A tag of changes (API:Tags)."""

    __slots__ = ()

    name = column(TEXT)
    displayname = column(TEXT)
    """HTML."""
    description = column(TEXT)
    """HTML."""
    hitcount = column(NUMBER)
    """Of changes that have it."""
    defined = column(FLAG)
    source = column(TEXTS)
    """``extension``, ``manual`` or both."""
    active = column(FLAG)
    """Whether it is still being given."""


__all__ = [
    "DeletedPageRevisions",
    "DeletedRevision",
    "LogEntry",
    "PageRevisions",
    "RecentChange",
    "Revision",
    "Tag",
    "UserContribution",
    "WatchlistChange",
]
