"""Pages, titles, users and wikitext as objects: pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.core.errors import InvalidTitle
from apibot.data.bots import exclusion, may_edit
from apibot.data.pages import Base, Page, PageRef, normalised, text_sha1
from apibot.data.rows import DataRow, PageCategory, PageInfoRow, QueryPageRow, RecentChange, Revision

if TYPE_CHECKING:
    from apibot.core.site import SiteInfo
    from apibot.data.archive import Archived, archived, older_than
    from apibot.data.title import SpecialPage, Title
    from apibot.data.wikitext.sections import Section
    from apibot.data.wikitext.signatures import Signature

_HOMES = {
    "Archived": "apibot.data.archive",
    "Section": "apibot.data.wikitext.sections",
    "Signature": "apibot.data.wikitext.signatures",
    "SiteInfo": "apibot.core.site",
    "SpecialPage": "apibot.data.title",
    "Title": "apibot.data.title",
    "archived": "apibot.data.archive",
    "older_than": "apibot.data.archive",
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
    "Archived",
    "Base",
    "DataRow",
    "InvalidTitle",
    "Page",
    "PageCategory",
    "PageInfoRow",
    "PageRef",
    "QueryPageRow",
    "RecentChange",
    "Revision",
    "Section",
    "Signature",
    "SiteInfo",
    "SpecialPage",
    "Title",
    "archived",
    "exclusion",
    "may_edit",
    "normalised",
    "older_than",
    "text_sha1",
]
