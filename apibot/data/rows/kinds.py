"""Which row class fits the rows of which module of ``action=query``, of MediaWiki 1.39 and the extensions it brings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from apibot.data.rows import abuse, changes, files, links, listed, people
from apibot.data.rows.base import DataRow, PageLink

ROW_CLASSES: Mapping[str, type[DataRow]] = MappingProxyType(
    {
        "abusefilters": abuse.AbuseFilter,
        "abuselog": abuse.AbuseLogEntry,
        "allcategories": links.Category,
        "alldeletedrevisions": changes.DeletedPageRevisions,
        "allfileusages": links.ListedLink,
        "allimages": files.ListedFile,
        "alllinks": links.ListedLink,
        "allpages": listed.ListedPage,
        "allredirects": links.ListedLink,
        "allrevisions": changes.PageRevisions,
        "alltransclusions": links.ListedLink,
        "allusers": people.User,
        "backlinks": listed.LinkingPage,
        "blocks": people.Block,
        "categories": links.PageCategory,
        "categoryinfo": links.Category,
        "categorymembers": links.CategoryMember,
        "contributors": people.Contributor,
        "deletedrevisions": changes.DeletedRevision,
        "deletedrevs": changes.DeletedPageRevisions,
        "duplicatefiles": files.DuplicateFile,
        "embeddedin": listed.ListedPage,
        "extlinks": links.ExternalLink,
        "exturlusage": links.ExternalLinkUse,
        "filearchive": files.ArchivedFile,
        "fileusage": links.PageUse,
        "gadgetcategories": listed.GadgetCategory,
        "gadgets": listed.Gadget,
        "imageinfo": files.FileVersion,
        "images": PageLink,
        "imageusage": listed.LinkingPage,
        "info": listed.PageInfoRow,
        "iwbacklinks": links.InterwikiUse,
        "iwlinks": links.InterwikiLink,
        "langbacklinks": links.LangUse,
        "langlinks": links.LangLink,
        "links": PageLink,
        "linkshere": links.PageUse,
        "logevents": changes.LogEntry,
        "mystashedfiles": files.StashedFile,
        "pagepropnames": links.PropName,
        "pageprops": links.PageProps,
        "pageswithprop": listed.PageWithProp,
        "prefixsearch": listed.ListedPage,
        "protectedtitles": listed.ProtectedTitle,
        "querypage": listed.QueryPageRow,
        "random": listed.RandomPage,
        "recentchanges": changes.RecentChange,
        "redirects": links.PageUse,
        "revisions": changes.Revision,
        "search": listed.SearchResult,
        "tags": changes.Tag,
        "templates": PageLink,
        "transcludedin": links.PageUse,
        "usercontribs": changes.UserContribution,
        "users": people.User,
        "watchlist": changes.WatchlistChange,
        "watchlistraw": listed.WatchedPage,
    }
)
"""By the module's name; no list has the name of a property."""


def row_class(module: str) -> type[DataRow]:
    """Return the class for the rows of a module, DataRow where there is none of its own."""
    return ROW_CLASSES.get(module, DataRow)


__all__ = ["ROW_CLASSES", "row_class"]
