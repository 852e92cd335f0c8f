"""Rows of the extension AbuseFilter: filters, and what they caught."""

from __future__ import annotations

from apibot.data.rows.base import DataRow, PageRow, column
from apibot.data.rows.columns import BLOCK, DIGITS, FLAG, NUMBER, TEXT, TIME, WORDS


class AbuseLogEntry(PageRow):
    """What a filter caught (Extension:AbuseFilter, ``list=abuselog``)."""

    __slots__ = ()

    id = column(NUMBER)
    filter_id = column(TEXT)
    """Number of the filter, ``global-`` before it for one of all wikis; empty if the account may not see it."""
    filter = column(TEXT)
    """What the filter says it is for."""
    user = column(TEXT)
    """Account or address."""
    wiki = column(TEXT)
    """Where it happened, in logs of all wikis."""
    action = column(TEXT)
    """What was tried: ``edit``, ``move`` ..."""
    result = column(WORDS)
    """What the filter did: ``disallow``, ``warn``, ``tag`` ...; nothing if it only made a note."""
    revid = column(DIGITS)
    """Number of the revision, if it was saved and the account may see it; else 0."""
    timestamp = column(TIME)
    details = column(BLOCK)
    """The filter's variables by name, such as ``added_lines``; empty if the account may not see them."""
    hidden = column(FLAG)


class AbuseFilter(DataRow):
    """A filter (Extension:AbuseFilter, ``list=abusefilters``)."""

    __slots__ = ()

    id = column(NUMBER)
    description = column(TEXT)
    pattern = column(TEXT)
    """Its rules."""
    actions = column(WORDS)
    """What it does: ``disallow``, ``warn``, ``tag`` ..."""
    hits = column(NUMBER)
    """How often it caught something."""
    comments = column(TEXT)
    lasteditor = column(TEXT)
    lastedittime = column(TIME)
    enabled = column(FLAG)
    deleted = column(FLAG)
    private = column(FLAG)


__all__ = ["AbuseFilter", "AbuseLogEntry"]
