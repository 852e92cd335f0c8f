"""Info: what a wiki says of itself and of the account, from whichever backend knows it first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from apibot.core.errors import BackendClosed
from apibot.core.jsons import JsonObject

T = TypeVar("T")


class UserInfo(NamedTuple):
    """The account as the wiki sees it."""

    name: str
    rights: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    ratelimits: tuple[tuple[str, int, float], ...] = ()
    """(action, hits, seconds) for each limit that holds for the account."""
    anonymous: bool = False


class ParameterInfo(NamedTuple):
    """One parameter as paraminfo describes it."""

    name: str
    type: str = "string"
    values: tuple[str, ...] = ()
    """The values allowed, where there is a closed list."""
    multi: bool = False
    required: bool = False
    limit: int = 0
    """How many values may be given at once."""
    highlimit: int = 0
    """The same for accounts with apihighlimits."""
    minimum: int | None = None
    deprecated: bool = False
    default: str | None = None


class ModuleInfo(NamedTuple):
    """One module as paraminfo describes it."""

    path: str
    """``edit``, ``query+allpages``."""
    prefix: str
    parameters: dict[str, ParameterInfo]
    generator: bool = False
    group: str = ""
    """list, prop or meta for submodules of query."""
    writes: bool = False
    """Whether it changes anything."""
    token: str | None = None
    """Kind of token it wants."""


class InfoSource(Protocol):
    """What a backend's Info answers; None where it does not know."""

    name: str

    def general(self) -> JsonObject | None:
        """Answer with siteinfo's general block."""
        ...

    def namespaces(self) -> dict[int, JsonObject] | None:
        """Answer with the namespaces by number."""
        ...

    def user(self, *, fresh: bool = False) -> UserInfo | None:
        """Answer with the account."""
        ...

    def module(self, path: str) -> ModuleInfo | None:
        """Answer with a module's parameters."""
        ...


class Info:
    """The facade: the first backend that has the answer gives it.

    Parameters: ``sources``, in the order in which they are asked.
    """

    def __init__(self, sources: Sequence[InfoSource] = ()) -> None:
        self.sources = list(sources)

    def _first(self, what: str, ask: Callable[[InfoSource], T | None]) -> T:
        for source in self.sources:
            answer = ask(source)
            if answer is not None:
                return answer
        names = ", ".join(source.name for source in self.sources) or "none"
        msg = f"No backend knows {what} (asked: {names})."
        raise BackendClosed(msg)

    def general(self) -> JsonObject:
        """Return siteinfo's general block (``sitename``, ``generator``, ``lang``, ``case``, ...)."""
        return self._first("the wiki's general info", lambda source: source.general())

    def namespaces(self) -> dict[int, JsonObject]:
        """Return the namespaces by number."""
        return self._first("the namespaces", lambda source: source.namespaces())

    def user(self, *, fresh: bool = False) -> UserInfo:
        """Return the account with its rights, groups and limits; ``fresh`` asks the wiki if that was not done yet."""
        return self._first("the account", lambda source: source.user(fresh=fresh))

    def module(self, path: str) -> ModuleInfo:
        """Return what the wiki says of a module and its parameters; ``path`` as in paraminfo."""
        return self._first(f"the module {path}", lambda source: source.module(path))


__all__ = ["Info", "InfoSource", "ModuleInfo", "ParameterInfo", "UserInfo"]
