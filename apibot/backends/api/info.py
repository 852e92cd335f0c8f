"""Info of the API backend: siteinfo, userinfo and paraminfo, kept on disk between runs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from apibot.core.errors import BadParameter, BadReply
from apibot.core.info import ModuleInfo, ParameterInfo, UserInfo
from apibot.core.jsons import Json, JsonObject, block, number, rows

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger
    from apibot.core.core import Core

SITE_PROPS = ("general", "namespaces", "namespacealiases")
USER_PROPS = ("rights", "groups", "ratelimits")
VERSION_KEYS = ("generator", "git-hash", "server", "wikiid")
"""If one of these changes, everything known of the wiki is fetched anew."""
AT_ONCE = 50
"""Modules that paraminfo describes in one request, for any account (API:Parameter information)."""
DAY = 86400.0


class ApiInfo:
    """What api.php says of the wiki, the account and its modules.

    Old knowledge is used at once; ``general`` and the account ride on the first query made anyway and tell whether
    it still holds.

    Parameters: ``core``; ``exchanger``; ``modules``, paths of those that Apibot uses most: they are asked for
    together.
    """

    name = "api"

    def __init__(self, core: Core, exchanger: Exchanger, modules: Sequence[str]) -> None:
        self._core = core
        self._exchanger = exchanger
        self._usual = modules
        self._lock = threading.RLock()
        self._site: JsonObject | None = None
        self._user: UserInfo | None = None
        self._modules: dict[str, ModuleInfo] = {}
        self._fresh = False

    def general(self) -> JsonObject:
        """Answer with siteinfo's general block."""
        return cast("JsonObject", self._known_site()["general"])

    def namespaces(self) -> dict[int, JsonObject]:
        """Answer with the namespaces by number."""
        found = cast("dict[str, JsonObject]", self._known_site()["namespaces"])
        return {int(number): row for number, row in found.items()}

    def user(self, *, fresh: bool = False) -> UserInfo:
        """Answer with the account; ``fresh`` asks the wiki if this process has not yet."""
        with self._lock:
            if self._user is None:
                self._user = _user(self._core.infostore.read("user").get("userinfo"))
            if self._user is None or (fresh and not self._fresh):
                self._fetch()
            return cast("UserInfo", self._user)

    def module(self, path: str) -> ModuleInfo:
        """Answer with a module's parameters; BadParameter if the wiki has no such module."""
        with self._lock:
            if path not in self._modules:
                known = self._paraminfo()
                if path not in known:
                    self._fetch_modules([path, *(one for one in self._usual if one not in known and one != path)])
                    known = self._paraminfo()
                row = known.get(path)
                if not isinstance(row, dict):
                    msg = f"{self._core.target.name} has no module {path!r}. See {self._core.target.api}?action=help"
                    raise BadParameter(msg)
                self._modules[path] = _module(row)
            return self._modules[path]

    def riding(self) -> dict[str, tuple[str, ...]]:
        """Return parameters that let fresh general and user info ride on a query, {} if it is fresh already."""
        if self._fresh:
            return {}
        return {"meta": ("siteinfo", "userinfo"), "siprop": ("general",), "uiprop": USER_PROPS}

    def take(self, query: JsonObject) -> None:
        """Take in what rode on a query."""
        general, user = query.get("general"), query.get("userinfo")
        if not isinstance(general, dict) or not isinstance(user, dict):
            return
        with self._lock:
            self._fresh = True
            known = self._known_site()
            old = cast("JsonObject", known["general"])
            if any(old.get(key) != general.get(key) for key in VERSION_KEYS) or self._is_old(known):
                self._forget_site()
            if _user(user) != self._user:
                self._keep_user(user)

    def _known_site(self) -> JsonObject:
        with self._lock:
            if self._site is None:
                self._site = self._core.infostore.read("site")
            if not block(self._site.get("general")) or not block(self._site.get("namespaces")):
                self._fetch()
            return self._site

    def _is_old(self, site: JsonObject) -> bool:
        fetched = site.get("fetched")
        age = self._core.clock.now() - fetched if isinstance(fetched, int | float) else float("inf")
        return age > self._core.settings.info.days * DAY

    def _forget_site(self) -> None:
        self._core.log.named("API_Info").info("the wiki's info has changed or is old: it is fetched anew")
        self._modules = {}
        self._fetch()

    def _fetch(self) -> None:
        """Fetch site and user info by one request and keep them."""
        props = {"siprop": SITE_PROPS, "uiprop": USER_PROPS}
        reply = self._exchanger.call({"action": "query", "meta": ("siteinfo", "userinfo"), **props})
        query = reply.get("query")
        if not isinstance(query, dict) or not isinstance(query.get("general"), dict):
            msg = f"{self._core.target.api} does not describe itself as MediaWiki's api.php does."
            raise BadReply(msg)
        self._fresh = True
        self._site = {key: query.get(key) for key in SITE_PROPS} | {"fetched": self._core.clock.now()}
        self._core.infostore.write("site", self._site)
        self._keep_user(cast("JsonObject", query["userinfo"]))

    def _keep_user(self, row: JsonObject) -> None:
        self._user = _user(row)
        self._core.infostore.write("user", {"userinfo": row})

    def _paraminfo(self) -> JsonObject:
        return block(self._known_site().get("paraminfo"))

    def _fetch_modules(self, paths: Sequence[str]) -> None:
        modules = tuple(paths[:AT_ONCE])
        reply = self._exchanger.call({"action": "paraminfo", "modules": modules, "helpformat": "none"})
        found = cast("dict[str, list[JsonObject]]", reply.get("paraminfo", {})).get("modules", [])
        described: JsonObject = {str(row["path"]): _trimmed(row) for row in found}

        def add(site: JsonObject) -> None:
            site.update({key: value for key, value in (self._site or {}).items() if key != "paraminfo"})
            site["paraminfo"] = {**block(site.get("paraminfo")), **described}

        self._site = self._core.infostore.update("site", add)


def _trimmed(row: JsonObject) -> JsonObject:
    """Leave of paraminfo what is used."""
    keys = (
        "name",
        "type",
        "multi",
        "required",
        "limit",
        "lowlimit",
        "highlimit",
        "min",
        "deprecated",
        "default",
        "tokentype",
    )
    parameters = cast("list[JsonObject]", row.get("parameters", []))
    return {
        "path": row["path"],
        "prefix": row.get("prefix", ""),
        "group": row.get("group", ""),
        "generator": row.get("generator", False),
        "writes": bool(row.get("writerights") or row.get("mustbeposted")),
        "parameters": [{key: one[key] for key in keys if key in one} for one in parameters],
    }


def _module(row: JsonObject) -> ModuleInfo:
    described = rows(row["parameters"])
    parameters = [_parameter(one) for one in described]
    token = next((str(one["tokentype"]) for one in described if "tokentype" in one), None)
    return ModuleInfo(
        path=str(row["path"]),
        prefix=str(row["prefix"]),
        parameters={one.name: one for one in parameters},
        generator=bool(row["generator"]),
        group=str(row["group"]),
        writes=bool(row["writes"]),
        token=token,
    )


def _parameter(row: JsonObject) -> ParameterInfo:
    kind: Json = row.get("type", "string")
    default = row.get("default")
    return ParameterInfo(
        name=str(row["name"]),
        type="enum" if isinstance(kind, list) else str(kind),
        values=tuple(str(value) for value in kind) if isinstance(kind, list) else (),
        multi=bool(row.get("multi")),
        required=bool(row.get("required")),
        limit=cast("int", row.get("lowlimit") or row.get("limit") or 0),
        highlimit=cast("int", row.get("highlimit") or row.get("limit") or 0),
        minimum=cast("int | None", row.get("min")),
        deprecated=bool(row.get("deprecated")),
        default=None if default is None else str(default),
    )


def _user(value: object) -> UserInfo | None:
    """Read ``meta=userinfo``; None for what is none."""
    row = block(value)
    if not isinstance(row.get("name"), str) or not isinstance(row.get("rights"), list):
        return None
    limits = [
        (action, number(one.get("hits")) or 0, float(number(one.get("seconds")) or 0))
        for action, by_kind in block(row.get("ratelimits")).items()
        for one in rows([*block(by_kind).values()])
    ]
    return UserInfo(
        name=str(row["name"]),
        rights=frozenset(map(str, cast("list[Json]", row["rights"]))),
        groups=frozenset(map(str, cast("list[Json]", row.get("groups") or []))),
        ratelimits=tuple(limits),
        anonymous=bool(row.get("anon")),
    )


__all__ = ["AT_ONCE", "DAY", "SITE_PROPS", "USER_PROPS", "VERSION_KEYS", "ApiInfo"]
