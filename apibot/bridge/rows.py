"""Rows as the Bridge gives them: with ``.pages`` where a query can list pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

from apibot.core.layer import Wanted
from apibot.core.request import Query
from apibot.core.rows import Rows
from apibot.data.pages import Page, PageRef
from apibot.data.rows.base import DataRow
from apibot.data.rows.changes import Revision
from apibot.data.rows.links import PageCategory
from apibot.data.rows.listed import PageInfoRow
from apibot.queries import ByName, Categories, PageIds, PageInfo, RevIds, Revisions, Titles

if TYPE_CHECKING:
    from apibot.core.core import Core

T = TypeVar("T")


class PageRows(Rows[T]):
    """Rows of a query that can list pages."""

    def pages(self, *, text: bool = False, categories: bool = False, info: bool = False) -> Rows[Page]:
        """Return the pages themselves, fetched in batches together with what is wanted of them.

        Parameters: ``text``, with their wikitext; ``categories``, with the categories they are in; ``info``, with
        what ``prop=info`` says: whether they are redirects, their size.
        """
        wanted = Wanted(pages=True, info=info, text=text, categories=categories)

        def make(row: Mapping[str, object]) -> Page:
            return Page(row, text=text, categories=categories, info=info)

        return Rows(self.core, self.query, make, wanted, self.begin)


class PageSetRows(PageRows[PageRef]):
    """Named pages, and the queries about their properties."""

    @property
    def named(self) -> Titles | PageIds | RevIds:
        """The page set."""
        return cast("Titles | PageIds | RevIds", self.query)

    def categories(self, *, limit: int | None = None, show: Sequence[str] | None = None) -> Rows[PageCategory]:
        """Return the categories that the pages are in; see queries.Categories."""
        return bound(self.core, Categories(pages=self.named, limit=limit, show=show))

    def info(self) -> Rows[PageInfoRow]:
        """Return what ``prop=info`` says of the pages."""
        return bound(self.core, PageInfo(pages=self.named))

    def revisions(self, *, limit: int | None = None, prop: Sequence[str] | None = None) -> Rows[Revision]:
        """Return the history of one page, newest first, or the current revision of each of several."""
        return bound(self.core, Revisions(pages=self.named, limit=limit, prop=prop))

    def property(
        self, name: str, *, limit: int | None = None, **params: str | int | bool | Sequence[str]
    ) -> Rows[DataRow]:
        """Return any property by the name of its module, with the module's own parameters, unprefixed.

        The rows are of the class that fits the module, where there is one (apibot.data.rows.kinds).
        """
        return bound(self.core, ByName("prop", name, params=params, pages=self.named, limit=limit))


def bound(core: Core, query: Query[T]) -> Rows[T]:
    """Return a query's rows."""
    return Rows(core, query, query.make_row)


__all__ = ["PageRows", "PageSetRows", "bound"]
