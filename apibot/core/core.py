"""Core: what everything hangs on; knows backends only by what they register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Protocol, Self, TypeVar, cast

from apibot.core.browser import Browser
from apibot.core.clock import Clock, SystemClock
from apibot.core.defaults import backend_order, request_defaults
from apibot.core.errors import BackendClosed, SettingsError
from apibot.core.hooks import Hooks, hookable
from apibot.core.info import Info, InfoSource
from apibot.core.infostore import Infostore
from apibot.core.layer import Attempt, Batch, Layer, QueryLayer, TaskLayer, Wanted
from apibot.core.log import Log, secrets_in
from apibot.core.pace import Pace
from apibot.core.request import Query, Request, Task
from apibot.core.schema import Settings
from apibot.core.settings import home_folder
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


BackendMaker = Callable[["Core"], Backend]


class Core:
    """Browser, log, settings, infostore, info, hooks and backends of one wiki and account.

    The parts are made by hookable methods, so callbacks hooked before may change or exchange them.

    Parameters: ``settings`` and ``target`` as loaded; ``agent``, the User-Agent; ``hooks``, with callbacks that are
    there from the beginning; ``clock``, to be exchanged in tests.  Backends are added by ``apibot.connect``.
    """

    label = "Core"

    def __init__(
        self,
        settings: Settings,
        target: Target,
        *,
        agent: str,
        hooks: Hooks | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.target = target
        self.agent = agent
        self.hooks = Hooks() if hooks is None else hooks
        self.backends: dict[str, Backend] = {}
        self.neighbour: Callable[[str], Core] | None = None
        """Makes the core of another wiki; given by who made this one."""
        self._others: dict[str, Core] = {}
        self._tops: dict[type[Request], Layer] = {}
        self._closed = False
        self.clock = self.new_clock(clock)
        self.log = self.new_log()
        self.log.hide(*secrets_in((settings, target)))
        try:
            self.pace = self.new_pace()
            self.browser = self.new_browser()
            self.infostore = self.new_infostore()
            self.info = self.new_info()
        except BaseException:
            self.log.close()
            raise

    @hookable
    def new_clock(self, clock: Clock | None) -> Clock:
        """Return the clock that all waiting goes through."""
        return clock or SystemClock()

    @hookable
    def new_log(self) -> Log:
        """Return the log."""
        return Log(self.settings.log, self.target.name)

    @hookable
    def new_browser(self) -> Browser:
        """Return the browser."""
        settings, meter = self.settings, self.pace if self.pace.capped else None
        return Browser(self.agent, settings.timeout, self.clock, settings.browser, meter=meter, hooks=self.hooks)

    @hookable
    def new_infostore(self) -> Infostore:
        """Return what remembers info between runs."""
        return Infostore(home_folder(), self.target.api, self.target.key)

    @hookable
    def new_pace(self) -> Pace:
        """Return what decides how fast the wiki is asked."""
        return Pace(home_folder(), self.target, clock=self.clock, log=self.log, hooks=self.hooks)

    @hookable
    def new_info(self) -> Info:
        """Return the facade of what the backends know of the wiki."""
        return Info()

    @hookable
    def new_backend(self, name: str, maker: BackendMaker) -> Backend:  # noqa: ARG002  # tells callbacks which it is
        """Return a backend."""
        return maker(self)

    @hookable
    def close_backend(self, backend: Backend) -> None:
        """Close a backend."""
        backend.close()

    def add(self, name: str, maker: BackendMaker) -> None:
        """Make a backend and take it into use."""
        self.backends[name] = self.new_backend(name, maker)
        order = self.settings.info.backends
        found = [self.backends[one] for one in order if one in self.backends]
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

    def on(self, wiki: str) -> Core:
        """Return the core of another wiki; it is closed with this one.

        Parameters: ``wiki``, a name from the settings or the URL of an api.php.  The account that the settings have
        for it is used; without one, that of this wiki, if both belong to one farm.
        Raises SettingsError.
        """
        self._check_open()
        if wiki in {self.target.name, self.target.api}:
            return self
        if wiki not in self._others:
            if self.neighbour is None:
                msg = f"This core was made by hand and knows no other wikis. Connect to {wiki} with apibot.connect()."
                raise SettingsError(msg)
            self._others[wiki] = self.neighbour(wiki)
        return self._others[wiki]

    def _check_open(self) -> None:
        if self._closed:
            msg = f"The connection to {self.target.name} was closed. Use it inside its with block, or connect again."
            raise BackendClosed(msg)

    def _task(self, kind: type[Task[R]]) -> TaskLayer[R]:
        return cast("TaskLayer[R]", self._top(kind))

    def _top(self, kind: type[Request]) -> Layer:
        self._check_open()
        if kind not in self._tops:
            self._tops[kind] = self._new_top(kind)
        return self._tops[kind]

    def _new_top(self, kind: type[Request]) -> Layer:
        """Choose the first backend in the configured order that implements the request."""
        is_task = issubclass(kind, Task)
        label = f"{'Task' if is_task else 'Query'}_{kind.__name__}"
        order = backend_order(self.settings, label)
        for name in order:
            backend = self.backends.get(name)
            maker = backend.maker(kind) if backend else None
            if maker is not None:
                below = maker(kind)
                defaults = request_defaults(self.settings, below.label, kind)
                top = TaskLayer[object] if is_task else QueryLayer
                return top(self, label, below, defaults)
        msg = f"No backend implements {kind.__name__} (tried: {', '.join(order)})."
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

    @hookable
    def close(self) -> None:
        """Close the backends, connections and log files, and the cores of other wikis that were reached from here."""
        self._closed = True
        for other in self._others.values():
            other.close()
        for backend in self.backends.values():
            self.close_backend(backend)
        self.browser.close()
        self.pace.close()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


__all__ = ["Backend", "BackendMaker", "Core", "LayerMaker"]
