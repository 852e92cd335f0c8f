"""Pages, titles, users and wikitext as objects: pure, no I/O."""

from __future__ import annotations

from apibot.data.bots import exclusion, may_edit
from apibot.data.pages import Base, Page, PageRef, normalised, text_sha1
from apibot.data.rows import DataRow, PageCategory, PageInfoRow, QueryPageRow, RecentChange, Revision

__all__ = [
    "Base",
    "DataRow",
    "Page",
    "PageCategory",
    "PageInfoRow",
    "PageRef",
    "QueryPageRow",
    "RecentChange",
    "Revision",
    "exclusion",
    "may_edit",
    "normalised",
    "text_sha1",
]
