"""Pages, titles, users and wikitext as objects: pure, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.data.bots import exclusion, may_edit
from apibot.data.pages import Base, Page, PageRef, normalised, text_sha1

if TYPE_CHECKING:
    from apibot.data.abuse import AbuseFilter, AbuseLogEntry
    from apibot.data.changes import (
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
    from apibot.data.files import ArchivedFile, DuplicateFile, File, FileVersion, ListedFile, StashedFile
    from apibot.data.kinds import row_class
    from apibot.data.links import (
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
    from apibot.data.listed import (
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
    from apibot.data.people import Block, BlockedPage, BlockRestrictions, Contributor, User
    from apibot.data.rows import DataRow, PageLink, PageRow, PropertyRow
    from apibot.data.tables import Table

_HOMES = {
    "abuse": ("AbuseFilter", "AbuseLogEntry"),
    "changes": (
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
    "files": ("ArchivedFile", "DuplicateFile", "File", "FileVersion", "ListedFile", "StashedFile"),
    "kinds": ("row_class",),
    "links": (
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
    "listed": (
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
    "people": ("Block", "BlockRestrictions", "BlockedPage", "Contributor", "User"),
    "rows": ("DataRow", "PageLink", "PageRow", "PropertyRow"),
    "tables": ("Table",),
}
"""Where names live that are imported when first used: reading a page needs few of them."""


def __getattr__(name: str) -> object:
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"apibot.data.{home}"), name)
    msg = f"module 'apibot.data' has no attribute {name!r}"
    raise AttributeError(msg)


__all__ = [
    "AbuseFilter",
    "AbuseLogEntry",
    "ArchivedFile",
    "Base",
    "Block",
    "BlockRestrictions",
    "BlockedPage",
    "Category",
    "CategoryMember",
    "Contributor",
    "DataRow",
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
    "RecentChange",
    "Revision",
    "SearchResult",
    "StashedFile",
    "Table",
    "Tag",
    "User",
    "UserContribution",
    "WatchedPage",
    "WatchlistChange",
    "exclusion",
    "may_edit",
    "normalised",
    "row_class",
    "text_sha1",
]
