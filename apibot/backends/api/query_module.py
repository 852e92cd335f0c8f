"""Level 1 of a query: ``action=query`` with its submodules, a page set, continuation and merging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from apibot.backends.api.answers import sound
from apibot.backends.api.continuation import Continuation, merge
from apibot.backends.api.encoding import Params
from apibot.backends.api.info import ApiInfo
from apibot.backends.api.module import Action, Described, Module
from apibot.core.errors import BadReply
from apibot.core.hooks import hookable
from apibot.core.jsons import JsonObject, block
from apibot.core.layer import Layer

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger
    from apibot.core.core import Core


class Submodule(NamedTuple):
    """A query module that joins a request, with its parameters (unprefixed)."""

    kind: str
    """``list``, ``prop``, ``meta`` or ``generator``."""
    name: str
    params: Params = MappingProxyType({})


class Pageset(NamedTuple):
    """The pages that a request names itself."""

    param: str
    """``titles``, ``pageids`` or ``revids``."""
    values: tuple[str, ...]
    redirects: bool = False


Part = TypeVar("Part", Submodule, Pageset)
"""What joins a request."""


class Answer(NamedTuple):
    """What the wiki gave for one batch, complete: merged from as many replies as it took."""

    query: JsonObject
    following: JsonObject | None
    """Continuation of the next batch, None at the end."""


class PagesetModule(Layer):
    """Level 1 of a page set: the parameters that name pages (API:Query)."""

    def __init__(self, core: Core) -> None:
        super().__init__(core, "API_Pageset", None)

    @hookable
    def params(self, pageset: Pageset) -> dict[str, object]:
        """Return the parameters of a page set as they are sent."""
        return {pageset.param: pageset.values, "redirects": pageset.redirects}


class QueryModule(Module):
    """``action=query``."""

    def __init__(self, core: Core, exchanger: Exchanger, info: ApiInfo) -> None:
        super().__init__(core, exchanger, "query")
        self._info = info
        self.pageset = PagesetModule(core)
        self.submodules: dict[str, Described] = {}
        """Level 1 of each submodule that has been used, by its name."""

    def submodule(self, name: str) -> Described:
        """Return level 1 of a submodule, made once."""
        if name not in self.submodules:
            self.submodules[name] = Described(self.core, f"API_Querymodule_{name.capitalize()}", f"query+{name}")
        return self.submodules[name]

    @hookable
    def join(self, part: Part) -> Part | None:
        """Let a submodule or page set join a request; None leaves it out."""
        return part

    @hookable
    def params(self, params: Params) -> dict[str, object]:
        """Return all parameters of a request as they are sent; those of its parts were checked when they joined."""
        return dict(params)

    def _joined(self, submodules: Iterable[Submodule], pageset: Pageset | None) -> dict[str, object]:
        """Return the parameters of all that joins a request."""
        full: dict[str, object] = {}
        names: dict[str, list[str]] = {}
        for one in submodules:
            joining = self.join(one)
            if joining is not None:
                names.setdefault(joining.kind, []).append(joining.name)
                before = "g" if joining.kind == "generator" else ""
                own = self.submodule(joining.name).params(joining.params)
                full |= {f"{before}{name}": value for name, value in own.items()}
        named = None if pageset is None else self.join(pageset)
        return {**full, **({} if named is None else self.pageset.params(named)), **names}

    @hookable
    def exchange(self, params: Params, *, primary: bool = False) -> JsonObject:
        """Exchange one request; general and user info ride on the first one of a process."""
        riding: Mapping[str, tuple[str, ...]] = {} if "meta" in params else self._info.riding()
        reply = self.exchanger.call({**params, **riding, "action": "query"}, post=primary)
        if not reply.keys() & {"query", "batchcomplete", "continue"}:
            msg = f"{self.core.target.api} does not answer a query as MediaWiki's api.php does."
            raise BadReply(msg)
        query = reply.get("query")
        if riding and isinstance(query, dict):
            self._info.take(query)
            for name in ("general", "userinfo"):
                query.pop(name, None)
        return reply

    @hookable
    def answers(
        self,
        submodules: Iterable[Submodule],
        pageset: Pageset | None = None,
        start: JsonObject | None = None,
    ) -> Iterator[Answer]:
        """Give batch after batch, following continuation (API:Continue).

        A batch is given when the wiki says that it is complete; properties that came in several replies are merged.
        Raises BadReply if the wiki's continuation would never end.
        """
        wanted = list(submodules)
        params = self.params(self._joined(wanted, pageset))
        following = Continuation(self.core.target.name, start)
        merged: JsonObject = {}
        while True:
            reply = _gathered(self.exchange({**params, **following.params}), wanted)
            following.read(reply)
            query = reply.get("query", {})
            if not isinstance(query, dict):
                msg = f"{self.core.target.api} does not answer a query as MediaWiki's api.php does."
                raise BadReply(msg)
            sound(query.get("pages"), "pages")
            merge(merged, query)
            if reply.get("batchcomplete") or not following.params:
                yield Answer(merged, following.params or None)
                merged = {}
            if not following.params:
                return


def _gathered(reply: JsonObject, wanted: Iterable[Submodule]) -> JsonObject:
    """Return a reply with all rows in ``query``: ``list=watchlistraw`` has them beside it."""
    beside = {one.name: reply[one.name] for one in wanted if isinstance(reply.get(one.name), list)}
    return {**reply, "query": {**block(reply.get("query")), **beside}} if beside else reply


class QueryAction(Action):
    """Level 2 of a query: logs the flow."""

    def __init__(self, core: Core, below: QueryModule) -> None:
        super().__init__(core, below)

    @property
    def module(self) -> QueryModule:
        """The level below."""
        return cast("QueryModule", self.below)

    @hookable
    def answers(
        self, submodules: Iterable[Submodule], pageset: Pageset | None = None, start: JsonObject | None = None
    ) -> Iterator[Answer]:
        """Give batch after batch."""
        wanted = list(submodules)
        self.log.debug("begin: %s", ", ".join(one.name for one in wanted))
        number = 0
        for number, answer in enumerate(self.module.answers(wanted, pageset, start), 1):  # noqa: B007  # logged below
            yield answer
        self.log.debug("end: %d batches", number)


__all__ = ["Answer", "Pageset", "PagesetModule", "QueryAction", "QueryModule", "Submodule"]
