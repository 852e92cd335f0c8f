"""Pages, titles, users and wikitext as objects: pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.core.errors import InvalidTitle
from apibot.data.bots import exclusion, may_edit
from apibot.data.pages import Base, Page, PageRef, normalised, text_sha1
from apibot.data.rows import DataRow, PageCategory, PageInfoRow, QueryPageRow, RecentChange, Revision

if TYPE_CHECKING:
    from apibot.core.site import SiteInfo
    from apibot.data.escaping import Raw, escaped
    from apibot.data.reports import renewed, report, same_but_stamp
    from apibot.data.tables import Column, wikitable
    from apibot.data.title import SpecialPage, Title

_HOMES = {
    "Column": "apibot.data.tables",
    "Raw": "apibot.data.escaping",
    "SiteInfo": "apibot.core.site",
    "SpecialPage": "apibot.data.title",
    "Title": "apibot.data.title",
    "escaped": "apibot.data.escaping",
    "renewed": "apibot.data.reports",
    "report": "apibot.data.reports",
    "same_but_stamp": "apibot.data.reports",
    "wikitable": "apibot.data.tables",
}
"""Where names live that reading a page does not need: they are loaded when first used."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        msg = f"module 'apibot.data' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    return getattr(import_module(home), name)


__all__ = [
    "Base",
    "Column",
    "DataRow",
    "InvalidTitle",
    "Page",
    "PageCategory",
    "PageInfoRow",
    "PageRef",
    "QueryPageRow",
    "Raw",
    "RecentChange",
    "Revision",
    "SiteInfo",
    "SpecialPage",
    "Title",
    "escaped",
    "exclusion",
    "may_edit",
    "normalised",
    "renewed",
    "report",
    "same_but_stamp",
    "text_sha1",
    "wikitable",
]
