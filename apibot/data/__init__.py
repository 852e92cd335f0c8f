"""Pages, titles, users and wikitext as objects: pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.core.errors import BadText, InvalidTitle
from apibot.data.bots import exclusion, may_edit
from apibot.data.pages import Base, Page, PageRef, normalised, text_sha1

if TYPE_CHECKING:
    from apibot.core.site import SiteInfo
    from apibot.data.archive import Archived, archived, older_than
    from apibot.data.dates import DateWords, Stamp, find_timestamps, newest
    from apibot.data.escaping import Raw, escaped
    from apibot.data.parameters import read_items, read_json, read_list, read_template
    from apibot.data.reports import renewed, report, same_but_stamp
    from apibot.data.rows.abuse import AbuseFilter, AbuseLogEntry
    from apibot.data.rows.base import DataRow, PageLink, PageRow, PropertyRow
    from apibot.data.rows.changes import (
        DeletedPageRevisions,
        DeletedRevision,
        LogEntry,
        PageRevisions,
        RecentChange,
        Revision,
        Tag,
        UserContribution,
        WatchlistChange,
    )
    from apibot.data.rows.files import ArchivedFile, DuplicateFile, File, FileVersion, ListedFile, StashedFile
    from apibot.data.rows.kinds import row_class
    from apibot.data.rows.links import (
        Category,
        CategoryMember,
        ExternalLink,
        ExternalLinkUse,
        InterwikiLink,
        InterwikiUse,
        LangLink,
        LangUse,
        ListedLink,
        PageCategory,
        PageProps,
        PageUse,
        PropName,
    )
    from apibot.data.rows.listed import (
        Gadget,
        GadgetCategory,
        LinkingPage,
        ListedPage,
        PageInfoRow,
        PageWithProp,
        ProtectedTitle,
        QueryPageRow,
        RandomPage,
        SearchResult,
        WatchedPage,
    )
    from apibot.data.rows.people import Block, BlockedPage, BlockRestrictions, Contributor, User
    from apibot.data.rows.table import Table
    from apibot.data.tables import Column, wikitable
    from apibot.data.titles.title import SpecialPage, Title
    from apibot.data.wikitext.document import Wikitext
    from apibot.data.wikitext.sections import Section
    from apibot.data.wikitext.signatures import Signature

_HOMES = {
    "apibot.core.site": ("SiteInfo",),
    "apibot.data.archive": ("Archived", "archived", "older_than"),
    "apibot.data.dates": ("DateWords", "Stamp", "find_timestamps", "newest"),
    "apibot.data.escaping": ("Raw", "escaped"),
    "apibot.data.parameters": ("read_items", "read_json", "read_list", "read_template"),
    "apibot.data.reports": ("renewed", "report", "same_but_stamp"),
    "apibot.data.rows.abuse": ("AbuseFilter", "AbuseLogEntry"),
    "apibot.data.rows.base": ("DataRow", "PageLink", "PageRow", "PropertyRow"),
    "apibot.data.rows.changes": (
        "DeletedPageRevisions",
        "DeletedRevision",
        "LogEntry",
        "PageRevisions",
        "RecentChange",
        "Revision",
        "Tag",
        "UserContribution",
        "WatchlistChange",
    ),
    "apibot.data.rows.files": ("ArchivedFile", "DuplicateFile", "File", "FileVersion", "ListedFile", "StashedFile"),
    "apibot.data.rows.kinds": ("row_class",),
    "apibot.data.rows.links": (
        "Category",
        "CategoryMember",
        "ExternalLink",
        "ExternalLinkUse",
        "InterwikiLink",
        "InterwikiUse",
        "LangLink",
        "LangUse",
        "ListedLink",
        "PageCategory",
        "PageProps",
        "PageUse",
        "PropName",
    ),
    "apibot.data.rows.listed": (
        "Gadget",
        "GadgetCategory",
        "LinkingPage",
        "ListedPage",
        "PageInfoRow",
        "PageWithProp",
        "ProtectedTitle",
        "QueryPageRow",
        "RandomPage",
        "SearchResult",
        "WatchedPage",
    ),
    "apibot.data.rows.people": ("Block", "BlockRestrictions", "BlockedPage", "Contributor", "User"),
    "apibot.data.rows.table": ("Table",),
    "apibot.data.tables": ("Column", "wikitable"),
    "apibot.data.titles.title": ("SpecialPage", "Title"),
    "apibot.data.wikitext.document": ("Wikitext",),
    "apibot.data.wikitext.sections": ("Section",),
    "apibot.data.wikitext.signatures": ("Signature",),
}
"""Where names live that are imported when first used: reading a page needs few of them."""


def __getattr__(name: str) -> object:
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            found: object = getattr(import_module(home), name)
            globals()[name] = found  # so that the next time it is there
            return found
    msg = f"module 'apibot.data' has no attribute {name!r}"
    raise AttributeError(msg)


__all__ = [
    "AbuseFilter",
    "AbuseLogEntry",
    "Archived",
    "ArchivedFile",
    "BadText",
    "Base",
    "Block",
    "BlockRestrictions",
    "BlockedPage",
    "Category",
    "CategoryMember",
    "Column",
    "Contributor",
    "DataRow",
    "DateWords",
    "DeletedPageRevisions",
    "DeletedRevision",
    "DuplicateFile",
    "ExternalLink",
    "ExternalLinkUse",
    "File",
    "FileVersion",
    "Gadget",
    "GadgetCategory",
    "InterwikiLink",
    "InterwikiUse",
    "InvalidTitle",
    "LangLink",
    "LangUse",
    "LinkingPage",
    "ListedFile",
    "ListedLink",
    "ListedPage",
    "LogEntry",
    "Page",
    "PageCategory",
    "PageInfoRow",
    "PageLink",
    "PageProps",
    "PageRef",
    "PageRevisions",
    "PageRow",
    "PageUse",
    "PageWithProp",
    "PropName",
    "PropertyRow",
    "ProtectedTitle",
    "QueryPageRow",
    "RandomPage",
    "Raw",
    "RecentChange",
    "Revision",
    "SearchResult",
    "Section",
    "Signature",
    "SiteInfo",
    "SpecialPage",
    "Stamp",
    "StashedFile",
    "Table",
    "Tag",
    "Title",
    "User",
    "UserContribution",
    "WatchedPage",
    "WatchlistChange",
    "Wikitext",
    "archived",
    "escaped",
    "exclusion",
    "find_timestamps",
    "may_edit",
    "newest",
    "normalised",
    "older_than",
    "read_items",
    "read_json",
    "read_list",
    "read_template",
    "renewed",
    "report",
    "row_class",
    "same_but_stamp",
    "text_sha1",
    "wikitable",
]
