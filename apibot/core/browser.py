"""Browser: HTTP transfers with one wiki, and with other hosts for ``bridge.xfer``.

The only module that imports requests.  It tries nothing twice: that is the Exchanger's to decide.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Generator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from apibot.core.clock import Clock
from apibot.core.errors import (
    ApibotError,
    BackendClosed,
    BadParameter,
    BadReply,
    ConnectFailed,
    ConnectionLost,
    TimedOut,
    TlsFailed,
)
from apibot.core.jsons import Json

if TYPE_CHECKING:
    import requests

POOL_SIZE = 8
Cookie = dict[str, str]


class Prepared(Protocol):
    """A request just before it goes out (requests.PreparedRequest), as who signs it sees it."""

    method: str | None
    url: str | None
    headers: MutableMapping[str, str]
    body: bytes | str | None


Auth = Callable[[Prepared], Prepared]
"""Signs a request, each try anew."""


class Transfer(NamedTuple):
    """One finished transfer."""

    url: str
    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    seconds: float
    """From sending to the last byte."""

    @property
    def text(self) -> str:
        """The body as text (UTF-8, wrong bytes replaced)."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Json:
        """Return the body read as JSON; BadReply if it is none."""
        try:
            return cast("Json", json.loads(self.body))
        except (ValueError, RecursionError) as exc:
            msg = f"{self.url}: the answer is not JSON but begins with {self.text[:60]!r}."
            raise BadReply(msg) from exc


class Counters(NamedTuple):
    """What went over the wire since the browser was made."""

    requests: int = 0
    sent: int = 0
    """Bytes of request bodies and addresses."""
    received: int = 0
    """Bytes of answers' bodies, unpacked."""
    seconds: float = 0.0


class Browser:
    """HTTP with keep-alive, gzip, cookies bound to their host, time-outs always, TLS always verified.

    Parameters: ``user_agent``, sent with every request; ``timeout``, seconds to wait for a connection and between
    two parts of an answer; ``clock``.
    """

    def __init__(self, user_agent: str, timeout: float, clock: Clock) -> None:
        self.user_agent = user_agent
        self.timeout = timeout
        self._clock = clock
        self._counters = Counters()
        self._lock = threading.Lock()
        self._session_made: requests.Session | None = None
        self._own = threading.local()
        self._replaced: list[requests.Session] = []
        self._closed = False
        self._proxies_known: dict[str, dict[str, str]] = {}

    @property
    def counters(self) -> Counters:
        """What went over the wire so far."""
        return self._counters

    def xfer(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        redirects: bool = True,
    ) -> Transfer:
        """Make one transfer: GET, or POST where there is data.

        Parameters: ``url``; ``params``, added to the address; ``data``, form fields of the body; ``headers``, sent
        besides the browser's own; ``auth``, signs the request; ``redirects``, whether to follow them.
        Returns the Transfer, whatever its status.  Raises ConnectFailed (certainly not sent), ConnectionLost,
        TimedOut, TlsFailed, BadParameter (no address), BackendClosed.
        """
        session = self._session()
        began = self._clock.monotonic()
        try:
            reply = session.request(
                "GET" if data is None else "POST",
                url,
                params=params,
                data=data,
                headers=headers,
                auth=cast("Callable[[requests.PreparedRequest], requests.PreparedRequest] | None", auth),
                timeout=self.timeout,
                allow_redirects=redirects,
                proxies=self._proxies(url),
            )
        except (OSError, ValueError) as exc:  # all errors of requests are one of these
            raise _translated(exc, url) from exc
        seconds = self._clock.monotonic() - began
        body = reply.content
        with self._lock:
            old = self._counters
            self._counters = old._replace(
                requests=old.requests + 1 + len(reply.history),
                sent=old.sent + len(reply.request.url or "") + len(reply.request.body or ""),
                received=old.received + len(body),
                seconds=old.seconds + seconds,
            )
        return Transfer(url, reply.status_code, reply.headers, body, seconds)

    def cookies(self) -> list[Cookie]:
        """Return the cookies held, to be saved with an identity."""
        return [
            {
                "name": c.name,
                "value": c.value or "",
                "domain": c.domain,
                "path": c.path,
                "secure": "1" if c.secure else "",
            }
            for c in self._session().cookies
        ]

    def set_cookies(self, cookies: Sequence[Cookie]) -> None:
        """Replace the cookies held; what transfers under way still bring goes with the old ones."""
        self._session()  # refuses a closed browser
        new = _new_session(self.user_agent)
        for cookie in cookies:
            secure = bool(cookie.get("secure"))
            domain, path = cookie["domain"], cookie["path"]
            new.cookies.set(cookie["name"], cookie["value"], domain=domain, path=path, secure=secure)  # pyright: ignore[reportUnknownMemberType]  # the stub's **kwargs
        self._replace(new)

    @contextmanager
    def renewed(self) -> Generator[None]:
        """Give this thread a session without cookies, which becomes that of all if the block ends well.

        So other threads' transfers neither see a login that is half done nor spoil it by the cookies they bring.
        """
        self._session()  # refuses a closed browser
        new = self._own.session = _new_session(self.user_agent)
        try:
            yield
        except BaseException:
            new.close()
            raise
        finally:
            self._own.session = None
        self._replace(new)

    def _replace(self, new: requests.Session) -> None:
        with self._lock:
            if self._session_made is not None:
                self._replaced.append(self._session_made)  # others may be using it still
            self._session_made = new

    def _proxies(self, url: str) -> dict[str, str]:
        """Return the proxies of the environment for a host; asked once for each."""
        host = _host(url)
        if host not in self._proxies_known:
            from requests.utils import get_environ_proxies

            self._proxies_known[host] = get_environ_proxies(url)
        return self._proxies_known[host]

    def close(self) -> None:
        """Close all connections; a later transfer raises BackendClosed."""
        self._closed = True
        for session in (*self._replaced, self._session_made):
            if session is not None:
                session.close()

    def _session(self) -> requests.Session:
        own: requests.Session | None = getattr(self._own, "session", None)
        if own is not None:
            return own
        if self._closed:
            msg = "The browser was closed. Use the bridge inside its with block, or connect again."
            raise BackendClosed(msg)
        with self._lock:
            if self._session_made is None:
                self._session_made = _new_session(self.user_agent)
            return self._session_made


def _new_session(user_agent: str) -> requests.Session:
    import requests  # 90 ms, so only when the first transfer is made
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.headers["User-Agent"] = f"{user_agent} python-requests/{requests.__version__}".encode()  # any script
    session.trust_env = False  # no password of .netrc goes out unasked
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    adapter = HTTPAdapter(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _translated(exc: Exception, url: str) -> ApibotError:
    """Turn an error of requests into ours; the table goes from the special to the general.

    Whatever may have happened after the request went out is a TransportError, never a BadParameter.
    """
    import requests
    import urllib3

    known, inner = requests.exceptions, urllib3.exceptions
    reason = getattr(exc.args[0], "reason", exc.args[0]) if exc.args else None
    nonsense = isinstance(exc, ValueError) and not isinstance(exc, known.RequestException)
    bad_address = (
        known.MissingSchema,
        known.InvalidSchema,
        known.InvalidURL,
        known.URLRequired,
        inner.LocationParseError,
        UnicodeError,
    )
    table: tuple[tuple[bool, type[ApibotError], str], ...] = (
        (nonsense or isinstance(exc, bad_address), BadParameter, "that is no address that can be fetched"),
        (isinstance(exc, known.SSLError), TlsFailed, "TLS failed; its certificate must be valid"),
        (
            isinstance(exc, known.ConnectTimeout | known.ProxyError)
            or isinstance(reason, inner.NewConnectionError | inner.ConnectTimeoutError),
            ConnectFailed,
            "no connection; is the address right and the server running?",
        ),
        (
            isinstance(exc, known.Timeout) or isinstance(reason, inner.ReadTimeoutError),
            TimedOut,
            "no answer in time",
        ),
        (
            isinstance(exc, known.InvalidHeader) and not isinstance(reason, inner.HTTPError),
            BadParameter,
            "a header that was to be sent is none",
        ),
        (isinstance(exc, known.TooManyRedirects), BadReply, "it redirects without end"),
    )
    found = next(
        ((kind, text) for applies, kind, text in table if applies), (ConnectionLost, "the connection was lost")
    )
    kind, text = found
    where = repr(_without_password(url)) if kind is BadParameter else _host(url)
    return kind(f"{where}: {text} ({type(exc).__name__}).")


def _without_password(url: str) -> str:
    scheme, mark, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    return scheme + mark + host.rpartition("@")[2] + slash + path


def _host(url: str) -> str:
    return _without_password(url).rpartition("://")[2].partition("/")[0]


__all__ = ["POOL_SIZE", "Auth", "Browser", "Cookie", "Counters", "Prepared", "Transfer"]
