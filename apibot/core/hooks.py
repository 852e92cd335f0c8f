"""Hooks: named seams where a callback may look at a call, change it, replace it or let it pass.

A hook's name is ``Label::method``, for instance ``API_Action_Edit::xfer``.  Hooks keep no list: hooking returns
the callable that held the hook before, and the new callback decides whether to call it.  The innermost one does
the work itself::

    previous = core.hooks.hook("API_Module_Edit::xfer", lambda module, params: previous(module, params))

A callback is called with the object whose method it is, and the method's arguments.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import pairwise
from types import TracebackType
from typing import Protocol, TypeVar, cast

from apibot.core.errors import ApibotError, BadParameter, HookError

Callback = Callable[..., object]
Rows = Iterator[object]
M = TypeVar("M", bound=Callback)


class Hooked(Protocol):
    """An object with hookable methods."""

    @property
    def label(self) -> str:
        """The first half of its hooks' names."""
        ...

    @property
    def hooks(self) -> Hooks:
        """Where its callbacks are kept."""
        ...


class _Link:
    """A callback in the chain of one hook; transparent once it was taken off."""

    def __init__(self, name: str, callback: Callback, below: _Link | None) -> None:
        self.name = name
        self.callback = callback
        self.below = below
        self.active = True

    def __call__(self, obj: Hooked, /, *args: object, **kwargs: object) -> object:
        if not self.active:
            return self.previous(obj, *args, **kwargs)
        with self._named():
            result = self.callback(obj, *args, **kwargs)
        return self._guarded(cast("Rows", result)) if isinstance(result, Iterator) else result

    def previous(self, obj: Hooked, /, *args: object, **kwargs: object) -> object:
        """Call what held the hook before, at the end of the chain the object's own method."""
        method = getattr(type(obj), self.name.partition("::")[2]).default if self.below is None else self.below
        result: object = method(obj, *args, **kwargs)
        return self._passed(cast("Rows", result)) if isinstance(result, Iterator) else result

    def _guarded(self, rows: Rows) -> Rows:
        """Give the rows of a callback; what goes wrong between them is its fault too."""
        with self._named():
            yield from rows

    def _passed(self, rows: Rows) -> Rows:
        """Give rows from below, so that their errors can be told from the callback's."""
        yield from rows

    @contextmanager
    def _named(self) -> Generator[None]:
        """Put the callback's name to an error of its own."""
        try:
            yield
        except Exception as exc:
            if self._came_from_below(exc.__traceback__):
                raise
            who = getattr(self.callback, "__qualname__", repr(self.callback))
            if isinstance(exc, ApibotError):
                exc.add_note(f"raised by the callback {who} on hook {self.name}")
                raise
            fault = f"{type(exc).__name__}: {exc}"
            msg = f"The callback {who} on hook {self.name} failed: {fault}. Correct it or unhook it."
            raise HookError(msg) from exc

    def _came_from_below(self, traceback: TracebackType | None) -> bool:
        """Say whether an error rose through the rest of this chain."""
        below = {_Link.previous.__code__, _Link._passed.__code__}
        while traceback is not None:
            frame = traceback.tb_frame
            if frame.f_code in below and frame.f_locals.get("self") is self:
                return True
            traceback = traceback.tb_next
        return False


class Hooks:
    """The callbacks that hold the hooks of one core."""

    def __init__(self) -> None:
        self.links: dict[str, _Link] = {}  # by the hook's name, the one called first
        self._lock = threading.Lock()

    def hook(self, name: str, callback: Callback) -> Callback:
        """Let a callback hold a hook.

        Parameters: ``name``, as ``Label::method``; ``callback``, called with the object and the method's arguments.
        Returns the callable that held the hook, to be called by the new one if it wants the rest to happen.
        """
        return self._push(name, callback).previous

    def _push(self, name: str, callback: Callback) -> _Link:
        label, _, method = name.partition("::")
        if not label or not method or not callable(callback):
            msg = f"{name!r}: a hook is named Label::method, like API_Action_Edit::xfer, and holds a callable."
            raise BadParameter(msg)
        with self._lock:
            link = self.links[name] = _Link(name, callback, self.links.get(name))
        return link

    @contextmanager
    def hooked(self, name: str, callback: Callback) -> Generator[Callback]:
        """Let a callback hold a hook for the time of a ``with`` block; gives what held it before."""
        link = self._push(name, callback)
        try:
            yield link.previous
        finally:
            link.active = False  # calls under way still lead through it
            self._prune(name)

    def _prune(self, name: str) -> None:
        """Take links that are not active any more out of a chain."""
        with self._lock:
            chain: list[_Link] = []
            link = self.links.pop(name, None)
            while link is not None:
                if link.active:
                    chain.append(link)
                link = link.below
            for above, below in pairwise([*chain, None]):
                if above is not None:
                    above.below = below
            if chain:
                self.links[name] = chain[0]

    def holder(self, name: str) -> Callback | None:
        """Return what is called first at a hook, None if nothing is hooked there."""
        return self.links.get(name)


def hookable(method: M) -> M:
    """Let callbacks hold a method; ``method.default`` is the method without hooks."""
    name = method.__name__

    @wraps(method)
    def call(obj: Hooked, *args: object, **kwargs: object) -> object:
        links = obj.hooks.links
        if not links:  # mostly there are none, and each row of a query comes by here
            return method(obj, *args, **kwargs)
        return (links.get(f"{obj.label}::{name}") or method)(obj, *args, **kwargs)

    call.__dict__["default"] = method
    return cast("M", call)


__all__ = ["Callback", "Hooked", "Hooks", "Rows", "hookable"]
