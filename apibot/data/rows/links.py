"""Rows on how pages hang together: categories, links, uses, languages, other wikis."""

from __future__ import annotations

from apibot.data.pages import PageRef
from apibot.data.rows.base import DataRow, PageLink, PageRow, PropertyRow, column
from apibot.data.rows.columns import FLAG, NUMBER, TEXT, TIME


class PageCategory(PageLink):
    """A category that a page is in; ``page`` tells which page, ``other`` is the category's (API:Categories)."""

    __slots__ = ()

    sortkey = column(TEXT)
    """Hexadecimal, as the wiki sorts by it."""
    sortkeyprefix = column(TEXT)
    """What the page gives as its sort key."""
    timestamp = column(TIME)
    """Since when it is in the category."""
    hidden = column(FLAG)


class Category(PropertyRow):
    """What a category holds; ``page`` is the category's page (API:Categoryinfo, API:Allcategories)."""

    __slots__ = ()

    category = column(TEXT)
    """Title without the namespace, in lists of categories."""
    size = column(NUMBER)
    """Number of members."""
    pages = column(NUMBER)
    files = column(NUMBER)
    subcats = column(NUMBER)
    hidden = column(FLAG)

    @property
    def page(self) -> PageRef:
        """The category's page, named by the namespace's English name in lists of categories."""
        return PageRef(f"Category:{self.category}", ns=14) if self.category else super().page


class CategoryMember(PageRow):
    """A member of a category (API:Categorymembers)."""

    __slots__ = ()

    pageid = column(NUMBER)
    sortkey = column(TEXT)
    """Hexadecimal, as the wiki sorts by it."""
    sortkeyprefix = column(TEXT)
    """What the page gives as its sort key."""
    type = column(TEXT)
    """``page``, ``subcat`` or ``file``."""
    timestamp = column(TIME)
    """Since when it is in the category."""


class PageUse(PageLink):
    """A page that links to, redirects to, includes or shows a page; ``page`` is used, ``other`` uses it.

    Source: API:Linkshere, API:Redirects, API:Transcludedin, API:Fileusage.
    """

    __slots__ = ()

    pageid = column(NUMBER)
    redirect = column(FLAG)
    """Whether the other page is a redirect."""
    fragment = column(TEXT)
    """The section that a redirect leads to."""


class ListedLink(PageRow):
    """A link found on some page; ``page`` is what it leads to.

    Source: API:Alllinks, API:Alltransclusions, API:Allfileusages, API:Allredirects.
    """

    __slots__ = ()

    fromid = column(NUMBER)
    """Number of the page that has the link."""
    fragment = column(TEXT)
    """The section that a redirect leads to."""
    interwiki = column(TEXT)
    """Prefix of the wiki that a redirect leads to."""


class LangLink(PropertyRow):
    """The page on the same in another language; ``page`` tells of which page (API:Langlinks)."""

    __slots__ = ()

    lang = column(TEXT)
    title = column(TEXT)
    """On the other wiki."""
    url = column(TEXT)
    langname = column(TEXT)
    """The language's name in the wiki's language."""
    autonym = column(TEXT)
    """The language's name in itself."""


class InterwikiLink(PropertyRow):
    """A link to another wiki; ``page`` tells on which page (API:Iwlinks)."""

    __slots__ = ()

    prefix = column(TEXT)
    title = column(TEXT)
    """On the other wiki."""
    url = column(TEXT)


class ExternalLink(PropertyRow):
    """An address that a page links to; ``page`` tells which page (API:Extlinks)."""

    __slots__ = ()

    url = column(TEXT)


class ExternalLinkUse(PageRow):
    """A page that links to an address (API:Exturlusage)."""

    __slots__ = ()

    pageid = column(NUMBER)
    url = column(TEXT)


class InterwikiUse(PageRow):
    """A page that links to another wiki (API:Iwbacklinks)."""

    __slots__ = ()

    pageid = column(NUMBER)
    redirect = column(FLAG)
    """Whether it is a redirect."""
    iwprefix = column(TEXT)
    iwtitle = column(TEXT)


class LangUse(PageRow):
    """A page that links to a page on the same in another language (API:Langbacklinks)."""

    __slots__ = ()

    pageid = column(NUMBER)
    redirect = column(FLAG)
    """Whether it is a redirect."""
    lllang = column(TEXT)
    lltitle = column(TEXT)


class PageProps(PropertyRow):
    """What the wikitext of a page sets by switches and functions; ``page`` tells which (API:Pageprops)."""

    __slots__ = ()

    defaultsort = column(TEXT)
    displaytitle = column(TEXT)
    """HTML."""
    hiddencat = column(FLAG)
    """Whether the category is hidden."""
    disambiguation = column(FLAG)
    page_image = column(TEXT, "page_image_free")
    """Title of the file, without the namespace, that stands for the page."""
    wikibase_item = column(TEXT)
    """Of the item on the page's subject."""

    @property
    def props(self) -> dict[str, object]:
        """All that is set, by name."""
        return {name: value for name, value in self.items() if name != "page"}


class PropName(DataRow):
    """A name of what wikitext can set (API:Pagepropnames)."""

    __slots__ = ()

    propname = column(TEXT)


__all__ = [
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
]
