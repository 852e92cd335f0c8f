"""``apibot query``: rows of any query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, cast

import typer

from apibot.cli.options import Account, AsJson, Help, Limit, WikiName, Words, connected
from apibot.cli.show import plain, write_rows

if TYPE_CHECKING:
    from apibot.bridge import Bridge
    from apibot.core.request import Query, Value
    from apibot.data.pages import Page
    from apibot.queries import ModuleQuery, PageIds, RevIds, Titles

NO = {"no", "false", "0"}
UNWRITTEN = ("extra", "pages")
"""Fields that words do not give."""
PAGE_COLUMNS = ("title", "pageid", "ns", "exists", "redirect", "revid", "timestamp")


def query(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Module: allpages, categories, siteinfo ...")
    ] = None,
    words: Words = None,
    *,
    text: Annotated[bool, typer.Option("--text", help="The pages listed, with their text.")] = False,
    limit: Limit = None,
    wiki: WikiName = None,
    account: Account = None,
    as_json: AsJson = False,
    wants_help: Help = False,
) -> None:
    """Show the rows of any query.

    NAME is a list, a meta module, a property of pages (titles=A|B, pageids=1|2 or revids=3|4), or one of these three.
    "apibot query NAME --help" tells its parameters.
    """
    from apibot.cli.docs import field_lines, first_line

    known = catalogue()
    if name is None or wants_help:
        typer.echo(context.get_help())
        kind = known.get(name or "")
        lines = ["Names; and any other list, property or meta module of the wiki:", "  " + ", ".join(sorted(known))]
        if kind is not None:
            lines = [first_line(kind), *field_lines(kind, UNWRITTEN)]
        typer.echo("\n".join(["", *lines]))
        raise typer.Exit(0 if wants_help else 2)
    with connected(wiki, account) as bridge:
        kind = known.get(name)
        asked = _known(kind, words or []) if kind else _by_name(bridge, name, words or [])
        write_rows(_rows(bridge, asked, limit, text=text), as_json=as_json)


def catalogue() -> Mapping[str, type[Query[object]]]:
    """Return the queries that are declared, by the name of their module."""
    from apibot import queries

    kinds = (cast("type[object]", getattr(queries, name)) for name in queries.__all__)
    modules = [cast("type[ModuleQuery[object]]", kind) for kind in kinds if hasattr(kind, "spec")]
    return {**_page_sets(), **{kind.spec.module: kind for kind in modules}}


def _page_sets() -> Mapping[str, type[Titles | PageIds | RevIds]]:
    from apibot.queries import PageIds, RevIds, Titles

    return {kind.param: kind for kind in (Titles, PageIds, RevIds)}


def _known(kind: type[Query[object]], words: Sequence[str]) -> Query[object]:
    """Make a query of the catalogue from words."""
    from apibot.core.words import from_words
    from apibot.queries import PageSet, PropertyQuery

    if issubclass(kind, PageSet):
        return _page_set(kind.param, words)
    if not issubclass(kind, PropertyQuery):
        return from_words(kind, words)
    pages, rest = _pages_among(words)
    return cast("Query[object]", from_words(kind, rest).replaced(pages=pages))


def _by_name(bridge: Bridge, name: str, words: Sequence[str]) -> Query[object]:
    """Make a query of any module that the wiki has."""
    from apibot.core.errors import BadParameter
    from apibot.queries import ByName

    module = bridge.info.module(f"query+{name}")
    pages, rest = _pages_among(words) if module.group == "prop" else (None, words)
    params: dict[str, Value] = {}
    for word in rest:
        key, sign, value = word.partition("=")
        if not sign:
            msg = f"{name}: {word!r} is no parameter; write NAME=VALUE."
            raise BadParameter(msg)
        flag = key in module.parameters and module.parameters[key].type == "boolean"
        params[key] = value.lower() not in NO if flag else value
    fields = {"kind": module.group, "module": name, "limit": params.pop("limit", None), "params": params}
    return ByName.from_fields(fields).replaced(pages=pages)


def _pages_among(words: Sequence[str]) -> tuple[Titles | PageIds | RevIds | None, list[str]]:
    """Take the words that name pages out of others."""
    from apibot.core.errors import BadParameter

    kinds = {name: [word for word in words if word.startswith(f"{name}=")] for name in _page_sets()}
    named = [name for name, found in kinds.items() if found]
    if not named:
        return None, list(words)
    if len(named) > 1:
        msg = f"Pages are named by one of {' and '.join(named)}, not by both."
        raise BadParameter(msg)
    found = [word for word in words if word in kinds[named[0]] or word.startswith("redirects=")]
    return _page_set(named[0], found), [word for word in words if word not in found]


def _page_set(name: str, words: Sequence[str]) -> Titles | PageIds | RevIds:
    """Make a page set from words: its members with a ``|`` between, or one each; ``redirects=yes`` follows them."""
    redirects = [word for word in words if word.startswith("redirects=")]
    members = [word.removeprefix(f"{name}=") for word in words if word not in redirects]
    fields: dict[str, object] = {name: [one for word in members for one in word.split("|")]}
    if redirects:
        fields["redirects"] = redirects[-1].partition("=")[2]
    return _page_sets()[name].from_fields(fields)


def _rows(
    bridge: Bridge, asked: Query[object], limit: int | None, *, text: bool
) -> Iterator[list[Mapping[str, object]]]:
    """Give the rows of a query in batches."""
    from apibot.bridge import PageRows
    from apibot.bridge.rows import bound
    from apibot.data.pages import Page

    query = asked if limit is None else asked.limited(limit)
    batches: Iterable[Sequence[object]] = bound(bridge.core, query).batches()
    if text:
        batches = PageRows(bridge.core, query, query.make_row).pages(text=True, info=True).batches()
    left = limit
    for batch in batches:
        rows = [page_row(row) if isinstance(row, Page) else row for row in islice(batch, left)]
        yield [cast("Mapping[str, object]", plain(row)) for row in rows]
        left = None if left is None else left - len(rows)
        if left == 0:
            return


def page_row(page: Page) -> Mapping[str, object]:
    """Return a fetched page as a row."""
    row = {name: getattr(page, name) for name in PAGE_COLUMNS}
    return {name: value for name, value in row.items() if value is not None} | {
        "text": page.text if page.has_text else None
    }


__all__ = ["NO", "PAGE_COLUMNS", "UNWRITTEN", "catalogue", "page_row", "query"]
