"""Browser: HTTP transfers with one wiki, and with other hosts for ``bridge.xfer``.

It tries nothing twice: that is the Exchanger's to decide.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from apibot.core.browser.exchange import Exchange
from apibot.core.browser.route import Route, host_of
from apibot.core.browser.transfer import (
    Asked,
    Auth,
    Cookie,
    Counters,
    Download,
    FilePart,
    Meter,
    Moved,
    Transfer,
    Watch,
)
from apibot.core.clock import Clock
from apibot.core.errors import ApibotError, BackendClosed, TimedOut
from apibot.core.hooks import Hooks, hookable
from apibot.core.schema import BrowserSettings

if TYPE_CHECKING:
    import requests

    from apibot.core.browser.connection import Session
    from apibot.core.browser.tape import Tape

T = TypeVar("T")

DEFAULTS = BrowserSettings()


class Browser:
    """HTTP with keep-alive, gzip, cookies bound to their host, time-outs always, TLS always verified.

    Parameters: ``user_agent``, sent with every request; ``timeout``, seconds to wait for a connection and between
    two parts of an answer; ``clock``; ``settings``, how the network is reached; ``meter``, is told of all bytes and
    keeps the caps on the average speed; ``hooks``, where ``Browser::xfer`` and ``Browser::download`` are held.
    Raises SettingsError for proxies and certificates that can not be used.
    """

    label = "Browser"

    def __init__(
        self,
        user_agent: str,
        timeout: float,
        clock: Clock,
        settings: BrowserSettings = DEFAULTS,
        *,
        meter: Meter | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.user_agent = user_agent
        self.timeout = timeout
        self.hooks = hooks or Hooks()
        self._clock = clock
        self._settings = settings
        self._meter = meter
        self._route = Route(settings)
        self._tape = self._new_tape() if settings.record or settings.replay else None
        self._counters = Counters()
        self._lock = threading.Lock()
        self._session_made: Session | None = None
        self._process = 0
        """That made the session."""
        self._own = threading.local()
        self._replaced: list[Session] = []
        self._closed = False

    @property
    def counters(self) -> Counters:
        """What went over the wire so far."""
        return self._counters

    @hookable
    def xfer(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        redirects: bool = True,
        seconds: float | None = None,
        progress: Watch | None = None,
    ) -> Transfer:
        """Make one transfer: GET, or POST where there is data or a file.

        Parameters: ``url``; ``params``, added to the address; ``data``, form fields of the body; ``files``, sent in
        the same form, read from disk as they go out; ``headers``, sent besides the browser's own; ``auth``, signs
        the request; ``redirects``, whether to follow them; ``seconds``, the longest time for the whole transfer;
        ``progress``, is told after each piece how far the bodies are.
        Returns the Transfer, whatever its status.  Raises ConnectFailed and CertificateRefused (certainly not
        sent), ConnectionLost, TimedOut, TlsFailed, BadReply (redirects without end, an answer too large to be held),
        BadParameter (no address, no such file), BackendClosed.
        """
        asked = Asked(url, params, data, files, headers, auth)
        exchange = self._exchange(seconds, progress)
        if self._tape is not None:
            self._session()  # refuses a closed browser
            return self._tape.transfer(asked, exchange, lambda: self._xfer(asked, exchange, redirects=redirects))
        return self._xfer(asked, exchange, redirects=redirects)

    @hookable
    def download(
        self,
        url: str,
        path: Path,
        *,
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        progress: Watch | None = None,
        sha1: str | None = None,
        seconds: float | None = None,
    ) -> Download:
        """Fetch a file; it stands at its path only when it is whole.

        What comes is kept in ``PATH.part``.  If that breaks off, it is taken up there, at once as long as it gets
        on, and otherwise by the next call, if the server tells that the file is still the same.

        Parameters: ``url``; ``path``; ``headers``, sent besides the browser's own; ``auth``, signs the request;
        ``progress``, is told after each piece how far the file is; ``sha1``, of the whole file in hexadecimal, to be
        checked; ``seconds``, the longest time for the whole.
        Returns the Download.  Raises as ``xfer`` does, BadReply also for a status that brings no file and for another
        SHA-1, StateError if the file can not be written.
        """
        asked = Asked(url, headers=headers, auth=auth)
        exchange = self._exchange(seconds, progress)
        if self._tape is not None:
            self._session()  # refuses a closed browser
            return self._tape.download(
                asked, exchange, path, sha1, lambda: self._download(asked, exchange, path, sha1, progress)
            )
        return self._download(asked, exchange, path, sha1, progress)

    def _exchange(self, seconds: float | None, watch: Watch | None) -> Exchange:
        return Exchange(self._clock, self.timeout, seconds=seconds, meter=self._meter, watch=watch)

    def _xfer(self, asked: Asked, exchange: Exchange, *, redirects: bool) -> Transfer:
        session = self._session()  # loads what follows
        from apibot.core.browser.hops import LARGEST, whole

        exchange.most = LARGEST
        reply, body = self._transferred(session, asked, exchange, whole, redirects=redirects)
        now = self._clock.monotonic()
        first = now if exchange.first is None else exchange.first
        return Transfer(asked.url, reply.status_code, reply.headers, body, now - exchange.began, first - exchange.began)

    def _download(self, asked: Asked, whole: Exchange, path: Path, sha1: str | None, watch: Watch | None) -> Download:
        session = self._session()
        from apibot.core.browser.downloads import Fetching
        from apibot.core.browser.parts import Part

        def run(asked: Asked, take: Callable[[requests.Response, Exchange], None]) -> requests.Response:
            left = None if whole.deadline is None else whole.deadline - self._clock.monotonic()
            if left is not None and left <= 0:
                msg = f"{host_of(asked.url)}: the file was not whole in time."
                raise TimedOut(msg)
            one = self._exchange(left, watch)
            reply, _nothing = self._transferred(session, asked, one, take, redirects=True)
            whole.first, whole.headers = whole.first or one.first, one.headers
            return reply

        part = Part(path, asked.url)
        with part.held():
            fetching = Fetching(asked, part, run)
            reply = fetching.whole()
            size = part.finish(sha1)
        now = self._clock.monotonic()
        first = now if whole.first is None else whole.first
        return Download(
            asked.url,
            reply.status_code,
            reply.headers,
            path,
            size,
            fetching.kept,
            now - whole.began,
            first - whole.began,
        )

    def _transferred(
        self,
        session: Session,
        asked: Asked,
        exchange: Exchange,
        take: Callable[[requests.Response, Exchange], T],
        *,
        redirects: bool,
    ) -> tuple[requests.Response, T]:
        """Make a transfer and count it; ``take`` reads the answer's body."""
        from apibot.core.browser.faults import FOREIGN, translated
        from apibot.core.browser.hops import send

        before = Exchange.enter(exchange)
        done = False
        try:
            reply = send(session, asked, exchange, self._route, redirects=redirects)
            try:
                taken = take(reply, exchange)
            finally:
                reply.close()  # the connection is kept if the answer was read to its end
            done = True
        except FOREIGN as exc:
            if exchange.failure is not None:
                raise exchange.failure from exchange.failure.__cause__
            if isinstance(exc, ApibotError):
                raise
            error = translated(exc, asked.url, sent=exchange.requests > 0, late=exchange.late)
            raise error from (None if asked.address_is_secret else exc)
        finally:
            Exchange.enter(before)
            self._count(exchange, failed=not done)
        return reply, taken

    def _count(self, exchange: Exchange, *, failed: bool) -> None:
        seconds = self._clock.monotonic() - exchange.began
        with self._lock:
            old = self._counters
            self._counters = Counters(
                old.requests + exchange.requests,
                old.redirects + exchange.redirects,
                old.failed + failed,
                Moved(old.up.wire + exchange.up, old.up.unpacked + exchange.bodies),
                Moved(old.down.wire + exchange.down, old.down.unpacked + exchange.unpacked),
                old.seconds + seconds,
            )

    def cookies(self) -> list[Cookie]:
        """Return the cookies held, to be saved with an identity."""
        session = self._session()
        from apibot.core.browser.cookies import saved

        return saved(session.cookies)

    def set_cookies(self, cookies: Sequence[Cookie]) -> None:
        """Replace the cookies held, expired ones left out; what transfers under way still bring goes with the old."""
        self._session()  # refuses a closed browser
        from apibot.core.browser.cookies import restored

        new = self._new_session()
        new.cookies = restored(cookies, self._clock.now())
        self._replace(new)

    @contextmanager
    def renewed(self) -> Generator[None]:
        """Give this thread a session without cookies, which becomes that of all if the block ends well.

        So other threads' transfers neither see a login that is half done nor spoil it by the cookies they bring.
        """
        self._session()  # refuses a closed browser
        new = self._own.session = self._new_session()
        try:
            yield
        except BaseException:
            new.close()
            raise
        finally:
            self._own.session = None
        self._replace(new)

    def _replace(self, new: Session) -> None:
        with self._lock:
            if self._session_made is not None:
                self._replaced.append(self._session_made)  # others may be using it still
            self._session_made = new

    def close(self) -> None:
        """Close all connections; a later transfer raises BackendClosed."""
        self._closed = True
        for session in (*self._replaced, self._session_made):
            if session is not None:
                session.close()
        if self._tape is not None:
            self._tape.close()

    def _session(self) -> Session:
        own: Session | None = getattr(self._own, "session", None)
        if own is not None:
            return own
        if self._closed:
            msg = "The browser was closed. Use the bridge inside its with block, or connect again."
            raise BackendClosed(msg)
        with self._lock:
            if self._session_made is None:
                self._session_made = self._new_session()
            elif self._process != os.getpid():  # a fork: two processes on one connection read each other's answers
                forked, self._session_made = self._session_made, self._new_session()
                self._session_made.cookies = forked.cookies
            self._process = os.getpid()
            return self._session_made

    def _new_tape(self) -> Tape:
        from apibot.core.browser.tape import tape

        return tape(self._settings, self._clock)

    def _new_session(self) -> Session:
        from apibot.core.browser.connection import new_session  # requests: 90 ms, so only with the first transfer

        return new_session(self.user_agent, verify=self._route.verify, pool=self._settings.pool)


__all__ = ["DEFAULTS", "Browser"]
