"""Rows on pages as lists give them, and what ``prop=info`` tells of a page."""

from __future__ import annotations

from apibot.data.rows.base import ActPart, DataRow, PageRow, column, parts
from apibot.data.rows.columns import BLOCK, BLOCKS, FLAG, NUMBER, TEXT, TEXTS, TIME


class ListedPage(PageRow):
    """A page in a list (API:Allpages, API:Backlinks, API:Embeddedin, API:Imageusage, API:Prefixsearch)."""

    __slots__ = ()

    pageid = column(NUMBER)
    redirect = column(FLAG)
    """Whether it is a redirect, where the list tells it."""


class LinkingPage(ListedPage):
    """A page that links to another, with those that do so by way of it, if it is a redirect (API:Backlinks)."""

    __slots__ = ()

    redirlinks = column(parts(ListedPage))


class RandomPage(PageRow):
    """A page taken at random (API:Random)."""

    __slots__ = ()

    pageid = column(NUMBER, "id")


class WatchedPage(PageRow):
    """A page on the account's watchlist (API:Watchlistraw)."""

    __slots__ = ()

    changed = column(TIME)
    """Since when the account has not seen it; None if it has."""


class QueryPageRow(PageRow):
    """A row of a special page's list: the page, and the value it is sorted by where there is one (API:Querypage)."""

    __slots__ = ()

    value = column(TEXT)
    timestamp = column(TIME)
    """Where the list is sorted by time."""


class PageWithProp(PageRow):
    """A page whose wikitext sets a property (API:Pageswithprop)."""

    __slots__ = ()

    pageid = column(NUMBER)
    value = column(TEXT)
    """What it sets it to."""


class PageInfoRow(PageRow):
    """What ``prop=info`` says of a page (API:Info)."""

    __slots__ = ()

    pageid = column(NUMBER)
    lastrevid = column(NUMBER)
    """Number of the newest revision."""
    length = column(NUMBER)
    """Bytes of the text."""
    touched = column(TIME)
    """When the page was last made anew."""
    redirect = column(FLAG)
    missing = column(FLAG)
    new = column(FLAG)
    """Whether there is one revision only."""
    contentmodel = column(TEXT)
    pagelanguage = column(TEXT)
    pagelanguagehtmlcode = column(TEXT)
    pagelanguagedir = column(TEXT)
    """``ltr`` or ``rtl``."""
    protection = column(BLOCKS)
    """Each with ``type``, ``level`` and ``expiry``."""
    restrictiontypes = column(TEXTS)
    """From what it can be protected."""
    watched = column(FLAG)
    watchlistexpiry = column(TIME)
    """When it leaves the watchlist; None if it stays."""
    watchers = column(NUMBER)
    visitingwatchers = column(NUMBER)
    notificationtimestamp = column(TIME)
    """Since when the account has not seen it; None if it has."""
    associatedpage = column(TEXT)
    """Title of its talk page, or of the page that it talks about."""
    fullurl = column(TEXT)
    editurl = column(TEXT)
    canonicalurl = column(TEXT)
    preload = column(TEXT)
    """What an edit form for a new page begins with."""
    displaytitle = column(TEXT)
    """HTML."""
    varianttitles = column(BLOCK)
    """By code of the variant."""
    linkclasses = column(TEXTS)


class SearchResult(PageRow):
    """A page that was searched for (API:Search)."""

    __slots__ = ()

    pageid = column(NUMBER)
    size = column(NUMBER)
    """Bytes of the text."""
    wordcount = column(NUMBER)
    snippet = column(TEXT)
    """HTML, as are the snippets and title snippets that follow."""
    timestamp = column(TIME)
    """Of its newest revision."""
    titlesnippet = column(TEXT)
    redirecttitle = column(TEXT)
    """Of a redirect to it that was found."""
    redirectsnippet = column(TEXT)
    sectiontitle = column(TEXT)
    """Of a section that was found."""
    sectionsnippet = column(TEXT)
    categorysnippet = column(TEXT)
    isfilematch = column(FLAG)
    """Whether it was found in a file's own text."""


class ProtectedTitle(PageRow, ActPart):
    """A title that may not be created by all (API:Protectedtitles)."""

    __slots__ = ()

    level = column(TEXT)
    """Who may create it."""
    expiry = column(TIME)
    """None for a protection without end."""


class Gadget(DataRow):
    """A gadget (extension Gadgets, API:Gadgets)."""

    __slots__ = ()

    id = column(TEXT)
    desc = column(TEXT)
    """HTML."""
    metadata = column(BLOCK)
    """With ``settings`` and ``module``."""


class GadgetCategory(DataRow):
    """A section of the list of gadgets (extension Gadgets, API:Gadgetcategories)."""

    __slots__ = ()

    name = column(TEXT)
    desc = column(TEXT)
    """HTML."""
    members = column(NUMBER)
    """How many gadgets."""


__all__ = [
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
]
