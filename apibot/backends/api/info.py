"""Info of the API backend: siteinfo, userinfo, paraminfo and more, kept on disk between runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from apibot.backends.api.continuation import Continuation, merge
from apibot.core.errors import BadParameter, BadReply
from apibot.core.hooks import Hooks, hookable
from apibot.core.jsons import Json, JsonObject, block, rows, text, texts, when
from apibot.core.paraminfo import LISTED, is_module, trimmed
from apibot.core.remembered import Remembered, differs
from apibot.core.schema import InfoType
from apibot.core.secret import is_secret
from apibot.core.userinfo import is_user, user

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger
    from apibot.core.core import Core

GENERAL = ("general", "namespaces", "namespacealiases")
"""Blocks of siteinfo that every start reads."""
SITE: tuple[str, ...] = (
    "specialpagealiases",
    "magicwords",
    "interwikimap",
    "usergroups",
    "extensions",
    "fileextensions",
    "rightsinfo",
    "restrictions",
    "languages",
    "skins",
    "extensiontags",
    "functionhooks",
    "variables",
    "protocols",
    "defaultoptions",
)
"""Blocks that are fetched together when one of them is wanted; others come one by one."""
LIVE = ("statistics", "dbrepllag")
"""Blocks that are never cached."""
RIDING = (
    "blockinfo",
    "changeablegroups",
    "editcount",
    "groups",
    "implicitgroups",
    "ratelimits",
    "registrationdate",
    "rights",
)
"""What is asked of the account with the first query of a process."""
RIDERS: Mapping[InfoType, tuple[str, str, tuple[str, ...]]] = {
    "general": ("siteinfo", "siprop", ("general",)),
    "user": ("userinfo", "uiprop", RIDING),
}
"""What rides on a query: the meta module, the name of its parameter and the values."""
SELDOM = ("acceptlang", "email", "groupmemberships", "options")
"""What is asked of it only when all is fetched."""
KEPT = (*SELDOM, "emailauthenticated")
"""Keys that SELDOM brings."""
AT_ONCE = 50
"""Modules that paraminfo describes in one request, and messages in another, for any account."""
FRESH_SECONDS = 3600.0
"""For so long the account and the general block count as just asked."""


class ApiInfo:
    """What api.php says of the wiki, the account and its modules.

    What is remembered is used at once; ``general`` and the account ride on the first query made anyway, and on one
    each hour, and tell whether it still holds.

    Parameters: ``core``; ``exchanger``; ``modules``, paths of those that Apibot uses most: they are asked for
    together.
    """

    name = "api"
    label = "API_Info"

    def __init__(self, core: Core, exchanger: Exchanger, modules: Sequence[str]) -> None:
        self._core = core
        self._exchanger = exchanger
        self._usual = modules
        self._memory = Remembered(core, lambda: block(self._general()["general"]))
        self._heard: dict[InfoType, float] = {}

    @property
    def hooks(self) -> Hooks:
        """The hooks of the core."""
        return self._core.hooks

    @hookable
    def load(self, kind: InfoType, ask: Callable[[], JsonObject]) -> JsonObject:  # noqa: ARG002  # for callbacks
        """Fetch a kind of info that is not remembered, or does not hold any more.

        Parameters: ``kind``; ``ask``, asks the wiki.
        """
        return ask()

    def _get(
        self, kind: InfoType, whole: Callable[[JsonObject], bool], fetch: Callable[[JsonObject], JsonObject]
    ) -> JsonObject:
        return self._memory.get(kind, whole, lambda old: self.load(kind, lambda: fetch(old)))

    # What the facade asks.

    def site(self, name: str, *, fresh: bool = False) -> Json:
        """Answer with a block of siteinfo."""
        if fresh or name in LIVE:
            query = self._ask({"meta": "siteinfo", "siprop": name})
            return self._itself(query) if name == "general" else self._block(name, query)
        if name in GENERAL:
            return self._general()[name]
        wanted = SITE
        if name not in SITE:
            wanted, known = (name,), self._values("query+siteinfo", "prop")
            if name not in known:
                msg = f"{self._core.target.name} has no block {name!r} in its siteinfo; it has: {', '.join(known)}."
                raise BadParameter(msg)

        def fetch(_old: JsonObject) -> JsonObject:
            query = self._ask({"meta": "siteinfo", "siprop": wanted})
            self._block(name, query)
            return {one: query.get(one) for one in wanted}

        return self._get("site", lambda entry: entry.get(name) is not None, fetch)[name]

    def user(self, *, fresh: bool = False, recent: bool = False) -> JsonObject | None:
        """Answer with the account; ``recent`` asks the wiki if this process has not within FRESH_SECONDS."""
        with self._memory.lock:
            if self._memory.fetching:  # a request that is to bring it wants to know its limits
                return block(self._memory.held("user").get("userinfo")) or {"name": "", "rights": []}
            if fresh:
                return block(self._user_now()["userinfo"])
            entry = self._get("user", _is_account, self._fetch_user)
            if recent and not self._is_fresh("user") and self._memory.rule("user") != "never":
                entry = self._keep_user(self._fetch_user({}))
            return block(entry["userinfo"])

    def _user_now(self) -> JsonObject:
        """Ask the wiki for the account, by whatever rule; what is never to be fetched is not kept, though."""
        first = "user" not in self._heard
        self._general()  # where that has to be fetched, the account comes along
        if first and "user" in self._heard:
            return self._memory.held("user")
        data = self._fetch_user({})
        return data if self._memory.rule("user") == "never" else self._keep_user(data)

    def global_user(self, name: str | None) -> JsonObject | None:
        """Answer with the global account, {} where the wiki has none."""
        if "globaluserinfo" not in self._values(*LISTED["meta"]):
            return {}
        props = ("groups", "rights", "merged", "unattached", "editcount")

        def fetch(_old: JsonObject) -> JsonObject:
            query = self._ask({"meta": "globaluserinfo", "guiprop": props, "guiuser": name})
            return {"globaluserinfo": block(query.get("globaluserinfo"))}

        if name is not None:
            return block(fetch({})["globaluserinfo"])
        entry = self._get("globaluser", lambda entry: isinstance(entry.get("globaluserinfo"), dict), fetch)
        return block(entry["globaluserinfo"])

    def messages(self, names: Sequence[str], language: str | None) -> Mapping[str, str] | None:
        """Answer with messages; what does not exist is remembered too, as None."""
        lang = language or text(block(self.site("general")).get("lang")) or "en"

        def known(entry: JsonObject) -> JsonObject:
            return block(block(entry.get("messages")).get(lang))

        def whole(entry: JsonObject) -> bool:
            return "*" in known(entry) or (bool(names) and all(name in known(entry) for name in names))

        def fetch(old: JsonObject) -> JsonObject:
            missing = [name for name in names if name not in known(old)] or ["*"]
            found: JsonObject = {} if names else {"*": None}
            for at in range(0, len(missing), AT_ONCE):
                found |= self._fetch_messages(missing[at : at + AT_ONCE], lang)
            return {"messages": {**block(old.get("messages")), lang: {**known(old), **found}}}

        entry = known(self._get("messages", whole, fetch))
        return {name: one for name in names or entry if isinstance(one := entry.get(name), str)}

    def file_repos(self) -> Json:
        """Answer with the repositories of files."""

        def fetch(_old: JsonObject) -> JsonObject:
            return {"repos": self._ask({"meta": "filerepoinfo"}).get("repos") or []}

        return self._get("filerepos", lambda entry: isinstance(entry.get("repos"), list), fetch)["repos"]

    def module(self, path: str) -> JsonObject | None:
        """Answer with a module's row; BadParameter if the wiki has no such module."""

        def fetch(old: JsonObject) -> JsonObject:
            known = block(old.get("modules"))
            others = [one for one in self._usual if one != path and not is_module(known.get(one))]
            return {"modules": {**known, **self._fetch_modules([path, *others])}}

        def whole(entry: JsonObject) -> bool:
            return is_module(block(entry.get("modules")).get(path))

        return block(block(self._get("param", whole, fetch)["modules"])[path])

    def help(self, path: str) -> JsonObject | None:
        """Answer with a module's row and its help texts."""
        return self._described([path], "wikitext")[path]

    def clocks(self) -> tuple[float, float] | None:
        """Answer with what both clocks say at one moment: the wiki's is compared with the middle of the exchange."""
        began = self._core.clock.now()
        reply = self._exchanger.call({"action": "query", "curtimestamp": "1"})
        ended = self._core.clock.now()
        told = when(reply.get("curtimestamp"))
        return None if told is None else ((began + ended) / 2, told.timestamp() + 0.5)  # it leaves out the fraction

    def _values(self, path: str, parameter: str) -> tuple[str, ...]:
        """Return the values that a module's parameter can have."""
        described = rows(block(self.module(path)).get("parameters"))
        return next((texts(one.get("type")) for one in described if one.get("name") == parameter), ())

    # What rides on a query made anyway.

    def riding(self) -> dict[str, tuple[str, ...]]:
        """Return parameters that let fresh general and user info ride on a query, {} if they are fresh already."""
        riding: dict[str, tuple[str, ...]] = {}
        for kind, (meta, name, props) in RIDERS.items():
            if self._memory.rides(kind) and not self._is_fresh(kind):
                riding["meta"] = (*riding.get("meta", ()), meta)
                riding[name] = props
        return riding

    def take(self, query: JsonObject) -> None:
        """Take in what rode on a query."""
        general, account = query.get("general"), query.get("userinfo")
        with self._memory.lock:
            if isinstance(general, dict):
                self._take_general(general)
            if isinstance(account, dict) and is_user(account):
                self._take_user(account)

    def _take_general(self, new: JsonObject) -> None:
        self._hear("general")
        old = block(self._general()["general"])
        if not differs(old, new, revision=True):
            self._memory.note("general", {"general": new})
            return
        if differs(old, new, revision=self._memory.rule("general") != "on_new_version"):
            self._general(lambda entry: not differs(block(entry.get("general")), new, revision=True))
        else:
            self._memory.put("general", {**self._general(), "general": new}, new)
        self._memory.look_again()

    def _take_user(self, new: JsonObject) -> None:
        self._hear("user")
        held = self._memory.get("user", _is_account, lambda _old: {"userinfo": new})
        old = block(held["userinfo"])
        kept = {key: old[key] for key in KEPT if key in old} if old.get("name") == new.get("name") else {}
        self._keep_user({"userinfo": {**kept, **new}})

    def _keep_user(self, data: JsonObject) -> JsonObject:
        """Write the account down if other processes have use for it, which they have not for its count of edits."""
        held = self._memory.get("user", _is_account, lambda _old: data)
        before, after = (user(block(one["userinfo"]))._replace(editcount=0, raw={}) for one in (held, data))
        if before == after:
            self._memory.note("user", data)
        else:
            self._memory.put("user", data)
        return data

    # Requests.

    def _general(self, more: Callable[[JsonObject], bool] = lambda _entry: True) -> JsonObject:
        """Return general block and namespaces; the first fetch brings the account along."""
        with self._memory.lock:
            return self._get("general", lambda entry: _is_general(entry) and more(entry), self._fetch_general)

    def _fetch_general(self, _old: JsonObject) -> JsonObject:
        asked = {"meta": ("siteinfo", "userinfo"), "siprop": GENERAL, "uiprop": (*RIDING, *SELDOM)}
        query = self._ask(asked)
        self._itself(query)
        self._hear("general")
        found: JsonObject = {name: query.get(name) for name in GENERAL}
        if is_user(query.get("userinfo")) and self._memory.rule("user") != "never":
            self._hear("user")
            self._memory.put("user", _account_of(query), block(found["general"]))
        return found

    def _fetch_user(self, _old: JsonObject) -> JsonObject:
        query = self._ask({"meta": "userinfo", "uiprop": (*RIDING, *SELDOM)})
        if not is_user(query.get("userinfo")):
            msg = f"{self._core.target.api} does not describe the account as MediaWiki's api.php does."
            raise BadReply(msg)
        self._hear("user")
        return _account_of(query)

    def _fetch_modules(self, paths: Sequence[str]) -> JsonObject:
        return {path: trimmed(row) for path, row in self._described(paths, "none").items()}

    def _described(self, paths: Sequence[str], form: str) -> dict[str, JsonObject]:
        """Return paraminfo's rows by path; BadParameter if the first is of no module."""
        asked = {"action": "paraminfo", "modules": tuple(paths[:AT_ONCE]), "helpformat": form}
        reply = self._exchanger.call(asked)
        found = {str(row["path"]): row for row in rows(block(reply.get("paraminfo")).get("modules")) if "path" in row}
        if paths[0] not in found:
            msg = f"{self._core.target.name} has no module {paths[0]!r}. See {self._core.target.api}?action=help"
            raise BadParameter(msg)
        return found

    def _fetch_messages(self, names: Sequence[str], lang: str) -> JsonObject:
        query = self._ask({"meta": "allmessages", "ammessages": tuple(names), "amlang": lang})
        found: JsonObject = {} if names == ["*"] else dict.fromkeys(names)
        return found | {str(row.get("name")): text(row.get("content")) for row in rows(query.get("allmessages"))}

    def _itself(self, query: JsonObject) -> Json:
        if not isinstance(query.get("general"), dict):
            msg = f"{self._core.target.api} does not describe itself as MediaWiki's api.php does."
            raise BadReply(msg)
        return query["general"]

    def _block(self, name: str, query: JsonObject) -> Json:
        if query.get(name) is None:
            msg = f"{self._core.target.name} has no block {name!r} in its siteinfo; see API:Siteinfo."
            raise BadParameter(msg)
        return query[name]

    def _ask(self, params: Mapping[str, object]) -> JsonObject:
        """Return the whole answer to a query, from as many replies as it takes (API:Continue)."""
        found: JsonObject = {}
        following = Continuation(self._core.target.name)
        while True:
            reply = self._exchanger.call({**params, **following.params, "action": "query"})
            following.read(reply)
            merge(found, block(reply.get("query")))
            if not following.params:
                return found

    def _hear(self, kind: InfoType) -> None:
        self._heard[kind] = self._core.clock.monotonic()

    def _is_fresh(self, kind: InfoType) -> bool:
        heard = self._heard.get(kind)
        return heard is not None and self._core.clock.monotonic() - heard < FRESH_SECONDS


def _account_of(query: JsonObject) -> JsonObject:
    """Return what is kept of the account: all but the keys among its options, like that of the watchlist's feed."""
    row = block(query.get("userinfo"))
    options = {name: value for name, value in block(row.get("options")).items() if not is_secret(name)}
    return {"userinfo": {**row, **({"options": options} if "options" in row else {})}}


def _is_account(entry: JsonObject) -> bool:
    return is_user(entry.get("userinfo"))


def _is_general(entry: JsonObject) -> bool:
    return bool(block(entry.get("general"))) and bool(block(entry.get("namespaces")))


__all__ = ["AT_ONCE", "FRESH_SECONDS", "GENERAL", "KEPT", "LIVE", "RIDERS", "RIDING", "SELDOM", "SITE", "ApiInfo"]
