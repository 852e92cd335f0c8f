"""What is known of a transfer while it is under way: its time, its bytes, and who is told of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import ClassVar, ParamSpec

from apibot.core.browser.transfer import Direction, Meter, Progress, Watch
from apibot.core.clock import Clock
from apibot.core.errors import BadReply

P = ParamSpec("P")

PIECE = 16 * 1024
"""Bytes that go over the wire at once where somebody counts them as they go."""


class Exchange:
    """One transfer of this thread, all its redirects included.

    Parameters: ``clock``; ``timeout``, seconds to wait for each piece; ``seconds``, the longest time for the whole;
    ``meter``; ``watch``, is told how far the bodies are.
    """

    _here: ClassVar[threading.local] = threading.local()

    def __init__(
        self,
        clock: Clock,
        timeout: float,
        *,
        seconds: float | None = None,
        meter: Meter | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._clock = clock
        self._timeout = timeout
        self._meter = meter
        self.most: int | None = None
        """Bytes that may come, None if any number."""
        self.watch = watch
        self.began = clock.monotonic()
        self.deadline = None if seconds is None else self.began + seconds
        self.first: float | None = None
        """When the first byte of an answer came."""
        self.requests = 0
        """Requests of which at least a part was sent."""
        self.redirects = 0
        self.up = self.down = 0
        """Bytes on the wire."""
        self.body = 0
        """Bytes of the body that is being sent which went out so far."""
        self.bodies = 0
        """The same of all bodies."""
        self.unpacked = 0
        """Bytes of the bodies that came, unpacked."""
        self.size: int | None = None
        """Bytes of the body that is being sent, None if it has none."""
        self.headers: Mapping[str, str] = {}
        """Of the request sent last."""
        self.failure: BaseException | None = None
        """Raised by who was told of the bytes, so no fault of the wire."""

    @property
    def metered(self) -> bool:
        """Whether a meter wants small pieces."""
        return self._meter is not None

    @property
    def in_pieces(self) -> bool:
        """Whether somebody wants to know of each piece."""
        return self._meter is not None or self.watch is not None or self.deadline is not None

    @property
    def late(self) -> bool:
        """Whether the time for the whole is used up."""
        return self.deadline is not None and self._clock.monotonic() >= self.deadline

    def patience(self) -> float:
        """Return the seconds to wait for the next piece; TimeoutError if there are none left."""
        if self.deadline is None:
            return self._timeout
        left = self.deadline - self._clock.monotonic()
        if left <= 0:
            msg = "the time for the whole transfer is used up"
            raise TimeoutError(msg)
        return min(left, self._timeout)

    def sending(self, size: int | None) -> None:
        """Note that a request is about to be sent, and the bytes of its body, None if it has none."""
        self.body, self.size = 0, size

    def went(self, count: int, *, body: bool) -> None:
        """Note bytes that were sent."""
        self.up += count
        if body:
            self.body += count
            self.bodies += count
        self._measure("up", count)
        if body:
            self.show("up", self.body, self.size)

    def came(self, count: int) -> None:
        """Note bytes that came."""
        self.down += count
        if self.first is None and self.requests:
            self.first = self._clock.monotonic()
        if self.most is not None and self.down > self.most:
            self.failure = too_large(self.most)
            raise self.failure
        self._measure("down", count)

    def _measure(self, direction: Direction, count: int) -> None:
        """Let the meter count bytes; the rest that it wants is no time of the server's."""
        if self._meter is None:
            return
        began = self._clock.monotonic()
        self._tell(self._meter.moved, direction, count)
        if self.deadline is not None:
            self.deadline += self._clock.monotonic() - began

    def show(self, direction: Direction, done: int, total: int | None) -> None:
        """Tell who watches how far a body is."""
        if self.watch is not None:
            self._tell(self.watch, Progress(direction, done, total))

    def _tell(self, call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            call(*args, **kwargs)
        except BaseException as exc:
            self.failure = exc
            raise

    @classmethod
    def here(cls) -> Exchange | None:
        """Return the transfer of this thread, None if there is none under way."""
        return getattr(cls._here, "exchange", None)

    @classmethod
    def enter(cls, exchange: Exchange | None) -> Exchange | None:
        """Make a transfer that of this thread; returns the one before."""
        before = cls.here()
        cls._here.exchange = exchange
        return before


def too_large(most: int) -> BadReply:
    """Return the error for an answer of more bytes than are held in memory."""
    msg = f"The answer is larger than the {most / 2**20:.0f} MiB that are held in memory. Ask for less at once."
    return BadReply(msg)


__all__ = ["PIECE", "Exchange", "too_large"]
