"""Connections that note each piece which goes over them; loaded with the first transfer, as requests is.

Below requests and urllib3 there is Python's http.client: what it sends and reads passes here, packed as it is on the
wire, so that time-outs and caps hold for each single piece.
"""

from __future__ import annotations

import http.client
import io
from typing import TYPE_CHECKING, cast

import requests
from requests.adapters import HTTPAdapter

from apibot.core.browser.cookies import new_jar
from apibot.core.browser.exchange import PIECE, Exchange

if TYPE_CHECKING:
    import socket

    import urllib3
    from urllib3.connectionpool import HTTPConnectionPool

    _Buffer = bytearray | memoryview
    _Connection = http.client.HTTPConnection
else:
    _Connection = object


class _Tap(io.RawIOBase):
    """The bytes that come out of a socket, each piece noted and waited for no longer than it may take."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket, exchange: Exchange) -> None:
        super().__init__()
        self._inner = inner
        self._sock = sock
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: _Buffer, /) -> int:  # type: ignore[override]  # what BufferedReader gives
        exchange = self._exchange
        if exchange.deadline is not None:
            self._sock.settimeout(exchange.patience())
        if exchange.metered:
            buffer = memoryview(buffer)[:PIECE]
        count: int = self._inner.readinto(buffer) or 0
        exchange.came(count)
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that is read through a tap."""

    def __init__(self, sock: socket.socket, debuglevel: int = 0, method: str | None = None) -> None:
        super().__init__(sock, debuglevel, method)
        exchange = Exchange.here()
        if exchange is not None:
            self.fp = io.BufferedReader(_Tap(self.fp.detach(), sock, exchange))


class _Noted(_Connection):
    """Mixed into urllib3's connections, of whatever kind: notes what is sent."""

    response_class = _Response
    _connecting = False
    _in_body = False

    def connect(self) -> None:
        self._connecting = True  # what is sent meanwhile asks a proxy to lead on
        try:
            super().connect()
        finally:
            self._connecting = False

    def endheaders(self, message_body: object = None, *, encode_chunked: bool = False) -> None:
        self._in_body = False
        super().endheaders(message_body, encode_chunked=encode_chunked)  # type: ignore[arg-type]  # a body or None
        self._in_body = True

    def send(self, data: bytes) -> None:  # type: ignore[override]  # urllib3 sends nothing else
        exchange = Exchange.here()
        if exchange is None:
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        if not (self._connecting or self._in_body):
            exchange.requests += 1
        if not exchange.in_pieces:
            super().send(data)
            exchange.went(len(data), body=self._in_body)
            return
        view = memoryview(data)
        for begin in range(0, len(view), PIECE):
            piece = view[begin : begin + PIECE]
            if exchange.deadline is not None:
                cast("socket.socket", self.sock).settimeout(exchange.patience())
            super().send(piece)
            exchange.went(len(piece), body=self._in_body)


def _noted(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    """Return a kind of pool whose connections note what they send."""
    connection = type("Noted", (_Noted, pool.ConnectionCls), {})
    return cast("type[HTTPConnectionPool]", type("NotedPool", (pool,), {"ConnectionCls": connection}))


class Adapter(HTTPAdapter):
    """Connections of requests, with proxies or without, that note what goes over them."""

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        """Make what holds the connections."""
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they come
        self._note(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: object) -> urllib3.ProxyManager:
        """Return what holds the connections by way of a proxy."""
        known = proxy in self.proxy_manager
        manager = cast("urllib3.ProxyManager", super().proxy_manager_for(proxy, **kwargs))
        if not known:
            self._note(manager)
        return manager

    def _note(self, manager: urllib3.PoolManager) -> None:
        kinds = cast("dict[str, type[HTTPConnectionPool]]", manager.pool_classes_by_scheme)  # pyright: ignore[reportUnknownMemberType]  # a dict without types
        manager.pool_classes_by_scheme = {scheme: _noted(kind) for scheme, kind in kinds.items()}


class Session(requests.Session):
    """A session of requests that follows no redirects by itself.

    requests would read a redirect's body whole, however large, and send a signature made for one address to another.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002  # requests asks so
        """Say that there is none."""
        return None

    def target(self, reply: requests.Response) -> str | None:
        """Return where an answer leads, None if nowhere."""
        return super().get_redirect_target(reply)


def new_session(user_agent: str, *, verify: str | bool, pool: int) -> Session:
    """Return a session without cookies.

    Parameters: ``user_agent``; ``verify``, path of the certificates to trust, True for those of requests; ``pool``,
    connections kept open to one host.
    """
    session = Session()
    session.headers["User-Agent"] = f"{user_agent} python-requests/{requests.__version__}".encode()  # any script
    session.trust_env = False  # no password of .netrc goes out unasked
    session.verify = verify
    session.cookies = new_jar()
    adapter = Adapter(pool_connections=pool, pool_maxsize=pool, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


__all__ = ["Adapter", "Session", "new_session"]
