"""Level 3 of a query: from the request to submodules, from answers to rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

from apibot.backends.api.answers import sound
from apibot.backends.api.query_module import Answer, Pageset, QueryAction, Submodule
from apibot.core.errors import BadParameter, WikiError
from apibot.core.hooks import hookable
from apibot.core.jsons import JsonObject, block
from apibot.core.layer import Batch, Layer, Wanted
from apibot.core.request import Query, Request
from apibot.queries.base import ByName, ModuleQuery, PageSet, PropertyQuery

if TYPE_CHECKING:
    from apibot.core.core import Core

TEXT_PAGES = (50, 500)
"""Pages whose text comes in one reply, without and with apihighlimits (ApiQueryRevisionsBase)."""
NAMED_PAGES = (50, 500)
"""Pages that one request may name, without and with apihighlimits (API:Query)."""
TEXT = Submodule("prop", "revisions", {"prop": ("ids", "timestamp", "content"), "slots": "main"})
HASHES = Submodule("prop", "revisions", {"prop": ("ids", "sha1", "user")})
INFO = Submodule("prop", "info")
CATEGORIES = Submodule("prop", "categories", {"limit": "max"})


class Plan(NamedTuple):
    """How a query is put to the wiki."""

    module: Submodule
    limit: int | None
    """Total of rows."""
    pages: PageSet | None
    """Page set whose property it is."""


class ApiQuery(Layer):
    """Level 3 of all queries: what differs between them is in their declarations."""

    def __init__(self, core: Core, kind: type[Request], below: QueryAction) -> None:
        super().__init__(core, f"API_Query_{kind.__name__}", below)

    @property
    def action(self) -> QueryAction:
        """The level below."""
        return cast("QueryAction", self.below)

    @hookable
    def batches(self, query: Query[object], wanted: Wanted, cursor: str | None) -> Iterator[Batch]:
        """Give the rows of a query in the batches in which they come."""
        if isinstance(query, PageSet):
            return self._pages(query, cursor, wanted)
        plan = self.plan(query)
        if plan.limit is not None and plan.limit < 1:
            msg = f"{plan.module.name}: limit={plan.limit} asks for nothing; give a number above 0, or none for all."
            raise BadParameter(msg)
        if wanted.pages:
            return _cut(self._generator(plan, wanted, cursor), plan.limit)
        if plan.module.kind == "prop":
            return _cut(self._property(plan, cursor), plan.limit)
        return _cut(self._list(plan, cursor), plan.limit)

    def _pages(self, query: PageSet, cursor: str | None, wanted: Wanted) -> Iterator[Batch]:
        """Give the pages of a page set in the order asked for, with the properties wanted."""
        modules = _properties(wanted)
        for answer, names, following in self._chunks(query, modules, cursor):
            yield Batch(list(_in_order(answer.query, names, query.param)), following)

    def _property(self, plan: Plan, cursor: str | None) -> Iterator[Batch]:
        """Give a property of the pages of a page set, row by row, each with its page."""
        module = plan.module
        if plan.pages is None:
            msg = f"{module.name} is a property of pages: ask bridge.titles(...).property('{module.name}')."
            raise BadParameter(msg)
        if self._has_limit(module) and not self._one_each(plan, plan.pages):
            module = self._limited(module, plan.limit)
        for answer, _names, following in self._chunks(plan.pages, [module], cursor):
            yield Batch(list(_property_rows(answer.query, module.name)), following)

    def _one_each(self, plan: Plan, pages: PageSet) -> bool:
        """Say whether the module gives one row a page: ``revisions`` does for several pages (API:Revisions)."""
        if plan.module.name != "revisions" or (len(pages.values()) == 1 and pages.param != "revids"):
            return False
        if plan.limit is not None:
            msg = "revisions: a limit is for the history of one page; several pages give one revision each."
            raise BadParameter(msg)
        return True

    def _generator(self, plan: Plan, wanted: Wanted, cursor: str | None) -> Iterator[Batch]:
        """Give pages found by a list, with the properties wanted."""
        module = plan.module
        if not self.core.info.module(f"query+{module.name}").generator:
            msg = f"{module.name} lists no pages, so they can not be fetched along with it. Iterate its rows."
            raise BadParameter(msg)
        ceiling = self._by_rights(TEXT_PAGES) if wanted.text else None
        module = self._limited(module._replace(kind="generator"), plan.limit, ceiling)
        for answer in self.action.answers([module, *_properties(wanted)], None, _continuation(cursor)):
            yield Batch(_list_rows(answer.query, "pages"), _cursor(answer.following))

    def _list(self, plan: Plan, cursor: str | None) -> Iterator[Batch]:
        """Give the rows of a list, or the blocks of a meta module."""
        module = self._limited(plan.module, plan.limit) if self._has_limit(plan.module) else plan.module
        for answer in self.action.answers([module], None, _continuation(cursor)):
            rows = _meta_rows(answer.query) if module.kind == "meta" else _list_rows(answer.query, module.name)
            yield Batch(rows, _cursor(answer.following))

    def _chunks(
        self, pages: PageSet, modules: Iterable[Submodule], cursor: str | None
    ) -> Iterator[tuple[Answer, list[str], str | None]]:
        """Ask for a page set in portions; gives each answer, the names asked for, and what follows."""
        values = pages.values()
        modules = list(modules)
        at, length, start = _chunk_cursor(cursor)
        most = NAMED_PAGES[True]
        while at < len(values):
            names = values[at : at + (length if start else min(most, self._by_rights(NAMED_PAGES)))]
            try:
                for answer in self._chunk(pages, names, modules, start):
                    here = json.dumps([at, len(names), answer.following])
                    then = json.dumps([at + len(names), 0, None]) if at + len(names) < len(values) else None
                    yield answer, names, here if answer.following else then
            except WikiError as exc:
                # The account may have lost its high limits since they were remembered, be it in this very process.
                most = NAMED_PAGES[False]
                if exc.code != "toomanyvalues" or start or len(names) <= most:
                    raise
                self.core.info.user(fresh=True)
                continue
            at, start = at + len(names), None

    def _chunk(
        self, pages: PageSet, names: list[str], modules: list[Submodule], start: JsonObject | None
    ) -> Iterator[Answer]:
        pageset = Pageset(pages.param, tuple(names), pages.redirects)
        return self.action.answers(modules, pageset, start)

    def _limited(self, module: Submodule, limit: int | None, ceiling: int | None = None) -> Submodule:
        """Return the module asked for no more than is needed at once."""
        asked = [number for number in (limit, ceiling) if number is not None]
        most = self._by_rights((500, 5000))
        number = min(asked, default=most)
        return module._replace(params={**module.params, "limit": number if number < most else "max"})

    def _by_rights(self, pair: tuple[int, int]) -> int:
        return pair[self.core.info.high_limits]

    def _has_limit(self, module: Submodule) -> bool:
        return "limit" in self.core.info.module(f"query+{module.name}").parameters

    @hookable
    def plan(self, query: Query[object]) -> Plan:
        """Translate a query to a submodule with its parameters, by its declaration and fields."""
        if isinstance(query, ByName):
            return Plan(Submodule(query.kind, query.module, query.params or {}), query.limit, query.pages)
        if not isinstance(query, ModuleQuery):
            msg = f"{type(query).__name__} is no query of the API."
            raise BadParameter(msg)
        pages = query.pages if isinstance(query, PropertyQuery) else None
        skipped = {"limit", "pages", "extra"}
        params = {name.rstrip("_"): value for name, value in query.given().items() if name not in skipped}
        spec = query.spec
        return Plan(Submodule(spec.kind, spec.module, {**params, **(query.extra or {})}), query.limit, pages)


def _properties(wanted: Wanted) -> list[Submodule]:
    """Return the property modules that bring what is wanted."""
    table = ((wanted.info, INFO), (wanted.text, TEXT), (wanted.hashes, HASHES), (wanted.categories, CATEGORIES))
    return [module for applies, module in table if applies]


def _cut(batches: Iterator[Batch], limit: int | None) -> Iterator[Batch]:
    """End after as many rows as were asked for in all."""
    left = limit
    for batch in batches:
        if left is None:
            yield batch
            continue
        rows = batch.rows[:left]
        left -= len(rows)
        yield Batch(rows, batch.cursor if left else None)
        if not left:
            return


def _cursor(following: JsonObject | None) -> str | None:
    return json.dumps(following) if following else None


def _continuation(cursor: str | None) -> JsonObject | None:
    return cast("JsonObject", json.loads(cursor)) if cursor else None


def _chunk_cursor(cursor: str | None) -> tuple[int, int, JsonObject | None]:
    """Return where a portion begins, how long it is, and the continuation within it."""
    return cast("tuple[int, int, JsonObject | None]", tuple(json.loads(cursor))) if cursor else (0, 0, None)


def _list_rows(query: JsonObject, name: str) -> list[dict[str, object]]:
    """Return a list's rows; some modules wrap them in a block with ``results``."""
    found = query.get(name)
    if isinstance(found, dict):
        found = found.get("results")
    return cast("list[dict[str, object]]", sound(found, name))


def _meta_rows(query: JsonObject) -> list[dict[str, object]]:
    """Return one row for each block of a meta module."""
    found: list[dict[str, object]] = []
    for name, value in query.items():
        blocks = value if isinstance(value, list) else [value]
        found += [dict[str, object](block(one) or {"value": one}) | {"block": name} for one in blocks]
    return found


def _property_rows(query: JsonObject, name: str) -> Iterator[dict[str, object]]:
    """Give each entry of a property with its page; ``info`` is no list but part of the page itself."""
    for page in _list_rows(query, "pages"):
        if name == "info":
            yield page
            continue
        about = {key: page[key] for key in ("pageid", "ns", "title", "missing") if key in page}
        found = page.get(name)
        single = block(found)  # as pageprops are
        entries = [single] if isinstance(found, dict) else sound(found, name)
        yield from ({**dict[str, object](entry), "page": about} for entry in entries)


def _in_order(query: JsonObject, names: list[str], param: str) -> Iterator[dict[str, object]]:
    """Give pages in the order in which they were named, and what is no page of this wiki as invalid."""
    pages = _list_rows(query, "pages")
    if param == "revids":
        for page in pages:
            revisions = sound(page.get("revisions"), "revisions")
            yield from ({**page, "revisions": [one]} for one in revisions) if revisions else [page]
        return
    key = "title" if param == "titles" else "pageid"
    found = {str(page.get(key)): page for page in pages}
    found |= {
        str(row.get("title")): {"title": row.get("title"), "interwiki": row.get("iw"), "invalid": True}
        for row in _list_rows(query, "interwiki")
    }
    moved = {
        str(row.get("from")): str(row.get("to"))
        for step in ("normalized", "converted", "redirects")
        for row in _list_rows(query, step)
    }
    for name in names:
        at = name
        for _step in range(len(moved) + 1):
            if at in found or at not in moved:
                break
            at = moved[at]
        page_found = found.pop(at, None)
        if page_found is not None:
            yield page_found
    yield from found.values()


__all__ = ["CATEGORIES", "HASHES", "INFO", "NAMED_PAGES", "TEXT", "TEXT_PAGES", "ApiQuery", "Plan"]
