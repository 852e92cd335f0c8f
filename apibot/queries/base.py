"""What the declarations of queries are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Literal, NamedTuple, Self, TypeVar, cast

from apibot.core.errors import BadParameter
from apibot.core.request import Extra, Query, RowType, arg
from apibot.data.pages import PageRef
from apibot.data.rows.base import DataRow

Row_co = TypeVar("Row_co", covariant=True)
Timestamp = str | datetime
"""ISO 8601 or a datetime with a time zone."""
Kind = Literal["list", "prop", "meta"]


class PageSet(Query[PageRef]):
    """Pages named by the one who asks, as many as wanted: they are asked for in batches."""

    row: ClassVar[RowType] = PageRef
    param: ClassVar[str]
    """Parameter of ``action=query`` that takes them, and the field that holds them."""
    redirects: bool = False
    """Follow redirects."""

    def __post_init__(self) -> None:
        super().__post_init__()
        named: object = getattr(self, self.param)
        wanted = str if self.param == "titles" else int
        if not isinstance(named, tuple) or not all(isinstance(one, wanted) for one in cast("tuple[object]", named)):
            msg = f"{self.param}: give several, each a {wanted.__name__}, not {named!r}."
            raise BadParameter(msg)

    def limited(self, limit: int) -> Self:
        """Return the first of the pages."""
        named: Sequence[object] = getattr(self, self.param)
        return self.replaced(**{self.param: tuple(named[:limit])})

    def values(self) -> list[str]:
        """Return what names the pages, as the API takes it."""
        named: Sequence[str | int] = getattr(self, self.param)
        return [str(one) for one in named]


class Titles(PageSet):
    """Pages by title."""

    param: ClassVar[str] = "titles"
    titles: Sequence[str] = arg(kw_only=False)


class PageIds(PageSet):
    """Pages by number."""

    param: ClassVar[str] = "pageids"
    pageids: Sequence[int] = arg(kw_only=False)


class RevIds(PageSet):
    """Pages by the number of one of their revisions; their text is that revision's."""

    param: ClassVar[str] = "revids"
    revids: Sequence[int] = arg(kw_only=False)


class Spec(NamedTuple):
    """What a query class says of its module."""

    kind: Kind
    module: str
    """The submodule's name."""
    prefix: str
    """Of its parameters."""
    generator: bool = False
    """Whether it can list pages."""


class ModuleQuery(Query[Row_co]):
    """A query that is one submodule of ``action=query``; the class tells which, its fields are the parameters."""

    spec: ClassVar[Spec]

    limit: int | None = None
    """How many rows in all; all there are if None."""
    extra: Extra | None = None
    """Parameters newer than this catalogue, unprefixed."""


class PropertyQuery(ModuleQuery[Row_co]):
    """A property of the pages of a page set."""

    pages: Titles | PageIds | RevIds | None = None
    """Whose property it is."""


class ByName(Query[DataRow]):
    """Any submodule of ``action=query``, by its name, with parameters as its paraminfo has them."""

    row: ClassVar[RowType] = DataRow
    kind: Kind = arg(kw_only=False)
    module: str = arg(kw_only=False)
    params: Extra | None = None
    limit: int | None = None
    pages: Titles | PageIds | RevIds | None = None

    @property
    def make_row(self) -> Callable[[Mapping[str, object]], DataRow]:
        """What makes a row of what the API gave: of the class that fits the module, where there is one."""
        from apibot.data.rows.kinds import row_class

        return row_class(self.module).from_api


__all__ = [
    "ByName",
    "Kind",
    "ModuleQuery",
    "PageIds",
    "PageSet",
    "PropertyQuery",
    "RevIds",
    "Spec",
    "Timestamp",
    "Titles",
]
