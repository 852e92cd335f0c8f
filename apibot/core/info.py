"""Info: what a wiki says of itself and of the account, from whichever backend knows it first.

The types are in ``apibot.core.siteinfo``, ``userinfo``, ``globalinfo`` and ``paraminfo``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, cast

from apibot.core.errors import BackendClosed, BadParameter
from apibot.core.jsons import Json, JsonObject, block, texts
from apibot.core.paraminfo import LISTED, ModuleInfo, ModuleKind, ParameterInfo, module
from apibot.core.userinfo import UserInfo, user

if TYPE_CHECKING:
    from apibot.core import siteinfo
    from apibot.core.globalinfo import GlobalUser
    from apibot.core.paraminfo import ModuleHelp
    from apibot.core.site import SiteInfo

T = TypeVar("T")
Thing = ModuleKind | Literal["extension", "group", "interwiki", "language", "magicword", "skin", "specialpage"]
"""What ``has`` can be asked for."""


class InfoSource(Protocol):
    """What a backend's Info answers, in the rows of api.php (formatversion=2); None where it does not know."""

    name: str

    def site(self, name: str, *, fresh: bool = False) -> Json:
        """Answer with a block of ``meta=siteinfo``; ``fresh``, as the wiki has it now."""
        ...

    def user(self, *, fresh: bool = False, recent: bool = False) -> JsonObject | None:
        """Answer with ``meta=userinfo``; ``fresh``, as it is now; ``recent``, as the wiki told it within an hour."""
        ...

    def global_user(self, name: str | None) -> JsonObject | None:
        """Answer with ``meta=globaluserinfo`` of a user, None for the account itself."""
        ...

    def messages(self, names: Sequence[str], language: str | None) -> Mapping[str, str] | None:
        """Answer with texts of the interface; all if no names are given."""
        ...

    def file_repos(self) -> Json:
        """Answer with ``meta=filerepoinfo``."""
        ...

    def module(self, path: str) -> JsonObject | None:
        """Answer with paraminfo's row of a module; BadParameter if there is no such module."""
        ...

    def help(self, path: str) -> JsonObject | None:
        """Answer with paraminfo's row of a module with its help texts; BadParameter if there is no such module."""
        ...

    def clocks(self) -> tuple[float, float] | None:
        """Answer with what this machine's clock and the wiki's say at one moment, in seconds since 1970."""
        ...


class Info:
    """The facade: the first backend that has the answer gives it.

    Parameters: ``sources``, in the order in which they are asked.
    All raise BackendClosed if no backend knows the answer, SettingsError if it is never to be fetched and not cached.
    """

    def __init__(self, sources: Sequence[InfoSource] = ()) -> None:
        self.sources = list(sources)
        self._made: dict[str, tuple[object, object]] = {}

    def _first(self, what: str, ask: Callable[[InfoSource], T | None]) -> T:
        for source in self.sources:
            answer = ask(source)
            if answer is not None:
                return answer
        names = ", ".join(source.name for source in self.sources) or "none"
        msg = f"No backend knows {what} (asked: {names})."
        raise BackendClosed(msg)

    def _once(self, key: str, row: object, make: Callable[[], T]) -> T:
        """Make types of a row once, as long as it is the same object."""
        held = self._made.get(key)
        if held is None or held[0] is not row:
            held = self._made[key] = (row, make())
        return cast("T", held[1])

    # The wiki.

    @property
    def site(self) -> SiteInfo:
        """What titles and wikitext mean on the wiki, for ``apibot.data``; works offline once it is had."""
        from apibot.core.site import BLOCKS, SiteInfo  # here and below: reading a page needs no names for all this

        found = {name: self.site_block(name) for name in BLOCKS}
        held = self._made.get("site")  # it is made anew when the wiki has told any of it anew
        if held is None or any(found[name] is not row for name, row in cast("dict[str, Json]", held[0]).items()):
            held = self._made["site"] = (found, SiteInfo.from_api(found))
        return cast("SiteInfo", held[1])

    def site_block(self, name: str, *, fresh: bool = False) -> Json:
        """Return any block of siteinfo by its name (``siprop``), as the wiki has it in JSON (formatversion=2).

        Parameters: ``name``; ``fresh``, as it is now, not as it is cached.
        Raises BadParameter for a block that the wiki does not know.
        """
        return cast("Json", self._first(f"siteinfo's {name}", lambda source: source.site(name, fresh=fresh)))

    def _site(self, name: str, make: Callable[[Json], T]) -> T:
        found = self.site_block(name)
        return self._once(name, found, lambda: make(found))

    def general(self, *, fresh: bool = False) -> siteinfo.General:
        """Return the wiki as a whole: name, version, language, ...; ``fresh``, as it is now (read-only mode)."""
        from apibot.core.siteinfo import general

        found = self.site_block("general", fresh=fresh)
        return self._once("general", found, lambda: general(block(found)))

    def namespaces(self) -> dict[int, siteinfo.Namespace]:
        """Return the namespaces by number."""
        from apibot.core.siteinfo import namespaces

        return self._site("namespaces", lambda found: namespaces(found, self.site_block("namespacealiases")))

    def interwikis(self) -> dict[str, siteinfo.Interwiki]:
        """Return where interwiki prefixes lead to, by prefix."""
        from apibot.core.siteinfo import interwikis

        return self._site("interwikimap", interwikis)

    def languages(self) -> dict[str, siteinfo.Language]:
        """Return the languages that the wiki knows, by code."""
        from apibot.core.siteinfo import languages

        return self._site("languages", languages)

    def magic_words(self) -> dict[str, siteinfo.MagicWord]:
        """Return the magic words by their names in the program."""
        from apibot.core.siteinfo import magic_words

        return self._site("magicwords", magic_words)

    def special_pages(self) -> dict[str, tuple[str, ...]]:
        """Return how special pages are called on the wiki, by their names in the program."""
        from apibot.core.siteinfo import special_pages

        return self._site("specialpagealiases", special_pages)

    def extensions(self) -> dict[str, siteinfo.Extension]:
        """Return the installed extensions and skins, by name."""
        from apibot.core.siteinfo import extensions

        return self._site("extensions", extensions)

    def skins(self) -> dict[str, siteinfo.Skin]:
        """Return the skins by code."""
        from apibot.core.siteinfo import skins

        return self._site("skins", skins)

    def groups(self) -> dict[str, siteinfo.UserGroup]:
        """Return the groups of users with their rights, by name; ``*`` is everybody, ``user`` who is logged in."""
        from apibot.core.siteinfo import groups

        return self._site("usergroups", groups)

    def restrictions(self) -> siteinfo.Restrictions:
        """Return how pages can be protected."""
        from apibot.core.siteinfo import restrictions

        return self._site("restrictions", restrictions)

    def rights_info(self) -> siteinfo.RightsInfo:
        """Return the licence of the wiki's content."""
        from apibot.core.siteinfo import rights_info

        return self._site("rightsinfo", rights_info)

    def file_extensions(self) -> tuple[str, ...]:
        """Return the endings that names of uploaded files may have."""
        from apibot.core.siteinfo import file_extensions

        return self._site("fileextensions", file_extensions)

    def file_repos(self) -> dict[str, siteinfo.FileRepo]:
        """Return the repositories of files by name; the wiki's own is ``local``."""
        from apibot.core.siteinfo import file_repos

        found = cast("Json", self._first("the file repositories", lambda source: source.file_repos()))
        return self._once("filerepos", found, lambda: file_repos(found))

    def words(self, name: Literal["protocols", "functionhooks", "extensiontags", "variables"]) -> tuple[str, ...]:
        """Return what is a list of words: protocols of links, parser functions, tags (``<gallery>``), variables."""
        return self._site(name, texts)

    def default_options(self) -> dict[str, Json]:
        """Return the preferences of an account that has changed none."""
        return self._site("defaultoptions", block)

    def statistics(self) -> siteinfo.Statistics:
        """Return the counts of pages, users and so on, as of now: they are never cached."""
        from apibot.core.siteinfo import statistics

        return self._site("statistics", statistics)

    def lags(self) -> tuple[siteinfo.Lag, ...]:
        """Return how far the database copy that is furthest behind is behind, as of now."""
        from apibot.core.siteinfo import lags

        return self._site("dbrepllag", lags)

    def messages(self, *names: str, language: str | None = None) -> Mapping[str, str]:
        """Return texts of the interface by name; those that do not exist are left out.

        Parameters: ``names``, like ``mainpage``; all there are if none is given; ``language``, its code, that of the
        wiki's content if None.
        """
        return self._first("the messages", lambda source: source.messages(names, language))

    def has(self, kind: Thing, name: str) -> bool:
        """Say whether the wiki has something: ``has("list", "abuselog")``, ``has("extension", "CentralAuth")``."""
        if kind in LISTED:
            return name in self.modules(cast("ModuleKind", kind))
        found: Mapping[str, Callable[[], Mapping[str, object]]] = {
            "extension": self.extensions,
            "group": self.groups,
            "interwiki": self.interwikis,
            "language": self.languages,
            "magicword": self.magic_words,
            "skin": self.skins,
            "specialpage": self.special_pages,
        }
        if kind not in found:
            msg = f"{kind!r} is nothing that a wiki can be asked for; there are: {', '.join([*LISTED, *found])}."
            raise BadParameter(msg)
        return name in found[kind]()

    def skew(self) -> float:
        """Return the seconds that this machine's clock is ahead of the wiki's (below 0: behind).

        It is measured anew, to about half a second: the wiki tells whole seconds.
        """
        ours, theirs = self._clocks()
        return ours - theirs

    def time(self) -> datetime:
        """Return what the wiki's clock says; asked anew, see ``skew``."""
        return datetime.fromtimestamp(self._clocks()[1], UTC)

    def _clocks(self) -> tuple[float, float]:
        return self._first("the wiki's clock", lambda source: source.clocks())

    # The account.

    def user(self, *, fresh: bool = False, recent: bool = False) -> UserInfo:
        """Return the account with rights, groups, limits, block, options.

        What it is based on rides on the first query of a process; options and e-mail may be older.
        Parameters: ``fresh``, as it is now, not as it is cached; ``recent``, as the wiki told it this very process
        within the last hour: it is asked only if it has not (and ``info.fetch`` does not forbid it).
        """
        row = self._first("the account", lambda source: source.user(fresh=fresh, recent=recent))
        return self._once("user", row, lambda: user(row))

    def global_user(self, name: str | None = None) -> GlobalUser | None:
        """Return the global account of the account, or of a user; None if the wiki or the user has none."""
        from apibot.core.globalinfo import global_user

        return global_user(self._first("the global account", lambda source: source.global_user(name)))

    def can(self, right: str) -> bool:
        """Say whether the account, as it is logged in, has a right."""
        return right in self.user().rights or right in self.user(recent=True).rights

    @property
    def high_limits(self) -> bool:
        """Whether the account may ask for ten times as much at once, by the right ``apihighlimits``."""
        return "apihighlimits" in self.user().rights

    # The modules of the API.

    def module(self, path: str) -> ModuleInfo:
        """Return what the wiki says of a module and its parameters.

        Parameters: ``path`` as in paraminfo: ``edit``, ``query+allpages``, ``main``.
        Raises BadParameter if the wiki has no such module.
        """
        row = self._first(f"the module {path}", lambda source: source.module(path))
        return self._once(f"module {path}", row, lambda: module(row))

    def help(self, path: str) -> ModuleHelp:
        """Return what the wiki tells people of a module: description, parameters, examples; it is not cached.

        Raises BadParameter if the wiki has no such module.
        """
        from apibot.core.paraminfo import module_help

        return module_help(self._first(f"the module {path}", lambda source: source.help(path)))

    def modules(self, kind: ModuleKind) -> tuple[str, ...]:
        """Return the names of all modules of a kind; BadParameter if there is no such kind."""
        if kind not in LISTED:
            msg = f"There are no modules of the kind {kind!r}; there are: {', '.join(LISTED)}."
            raise BadParameter(msg)
        path, parameter = LISTED[kind]
        return self.module(path).parameters[parameter].values

    def limit(self, path: str, parameter: str) -> int | None:
        """Return how much of a parameter the account may ask for at once, None if nothing limits it.

        Parameters: ``path`` of the module; ``parameter``, unprefixed.
        For a parameter of several values it is their number, for one that is a number the highest.
        Raises BadParameter if there is no such module or parameter.
        """
        known = self.module(path).parameters
        if parameter not in known:
            msg = f"{path} has no parameter {parameter!r}; it has: {', '.join(known)}."
            raise BadParameter(msg)
        one, high = known[parameter], self.high_limits
        if one.multi:
            return (one.highlimit if high else one.limit) or None
        return one.highmaximum if high else one.maximum


__all__ = ["Info", "InfoSource", "ModuleInfo", "ModuleKind", "ParameterInfo", "Thing", "UserInfo"]
