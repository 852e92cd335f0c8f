"""Core: what everything hangs on; knows backends only by what they register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Protocol, Self, TypeVar, cast

from apibot.core.browser import Browser
from apibot.core.clock import Clock, SystemClock
from apibot.core.errors import BackendClosed
from apibot.core.hooks import Hooks
from apibot.core.info import Info, InfoSource
from apibot.core.infostore import Infostore
from apibot.core.layer import Attempt, Batch, Layer, QueryLayer, TaskLayer, Wanted
from apibot.core.log import Log
from apibot.core.request import Query, Request, Task
from apibot.core.schema import Settings
from apibot.core.target import Target

R = TypeVar("R")
LayerMaker = Callable[[type[Request]], Layer]


class Backend(Protocol):
    """A way to talk with the wiki."""

    name: str

    @property
    def info(self) -> InfoSource:
        """What it knows of the wiki."""
        ...

    def maker(self, kind: type[Request]) -> LayerMaker | None:
        """Return what makes level 3 of a task or query, None if it does not implement it."""
        ...

    def login(self, *, anew: bool = False) -> str | None:
        """Log in and return the account's name, None if anonymous; ``anew`` takes up no saved session."""
        ...

    def logout(self) -> None:
        """End the session on the wiki and forget it here."""
        ...

    def close(self) -> None:
        """End what is open."""
        ...


class Core:
    """Browser, log, settings, infostore, info, hooks and backends of one wiki and account.

    Parameters: ``settings`` and ``target`` as loaded; ``browser``; ``infostore``; ``clock``, to be exchanged in
    tests.  Backends are added by ``apibot.connect``.
    """

    def __init__(
        self,
        settings: Settings,
        target: Target,
        *,
        browser: Browser,
        infostore: Infostore,
        log: Log,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.target = target
        self.browser = browser
        self.infostore = infostore
        self.log = log
        self.clock: Clock = clock or SystemClock()
        self.hooks = Hooks()
        self.info = Info()
        self.backends: dict[str, Backend] = {}
        self._tops: dict[type[Request], Layer] = {}
        self._closed = False

    def add(self, backend: Backend) -> None:
        """Take a backend into use."""
        self.backends[backend.name] = backend
        order = self.settings.info.backends
        found = [self.backends[name] for name in order if name in self.backends]
        self.info.sources = [one.info for one in found]

    def perform(self, task: Task[R], seen: object = None) -> R:
        """Perform a task and return its result.

        Parameters: ``task``; ``seen``, the page it is about as far as it was fetched, so that it is not read again.
        """
        return self._task(type(task)).go(task, seen)

    def fence(self, task: Task[R], seen: object = None) -> Attempt[R]:
        """Return what performing a task would do, and do nothing."""
        return self._task(type(task)).fence(task, seen)

    def batches(self, query: Query[object], wanted: Wanted, cursor: str | None = None) -> Iterator[Batch]:
        """Give the rows of a query in batches, as the wiki names them."""
        return cast("QueryLayer", self._top(type(query))).batches(query, wanted, cursor)

    def stack(self, kind: type[Request]) -> list[Layer]:
        """Return the levels that a kind of request passes, top down."""
        return self._top(kind).stack()

    def _task(self, kind: type[Task[R]]) -> TaskLayer[R]:
        return cast("TaskLayer[R]", self._top(kind))

    def _top(self, kind: type[Request]) -> Layer:
        if self._closed:
            msg = f"The connection to {self.target.name} was closed. Use it inside its with block, or connect again."
            raise BackendClosed(msg)
        if kind not in self._tops:
            self._tops[kind] = self._new_top(kind)
        return self._tops[kind]

    def _new_top(self, kind: type[Request]) -> Layer:
        """Choose the first backend in the configured order that implements the request."""
        for name in self.settings.backends:
            backend = self.backends.get(name)
            maker = backend.maker(kind) if backend else None
            if maker is not None:
                below = maker(kind)
                if issubclass(kind, Task):
                    return TaskLayer[object](self, f"Task_{kind.__name__}", below)
                return QueryLayer(self, f"Query_{kind.__name__}", below)
        msg = f"No backend implements {kind.__name__} (tried: {', '.join(self.settings.backends)})."
        raise BackendClosed(msg)

    def login(self, *, anew: bool = False) -> str | None:
        """Log in with all backends now, which otherwise happens with the first request.

        Parameters: ``anew``, even where a session of an earlier run was saved.
        Returns the account's name as the wiki knows it, None if anonymous.  Raises LoginFailed.
        """
        names = [backend.login(anew=anew) for backend in self.backends.values()]
        return next(iter(names), None)

    def logout(self) -> None:
        """End the session on the wiki and forget it here; the next request logs in again.

        Other processes that share the session log in again too.  A token of OAuth stays as it is.
        """
        for backend in self.backends.values():
            backend.logout()

    def close(self) -> None:
        """Close the backends, connections and log files."""
        self._closed = True
        for backend in self.backends.values():
            backend.close()
        self.browser.close()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


__all__ = ["Backend", "Core", "LayerMaker"]
