"""A wire to watch and to cut: a reverse proxy on 127.0.0.1 that counts requests and loses what it is told to lose.

It speaks keep-alive with the client, which PHP's own server does not, and has a thread for each connection.
"""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self, cast
from urllib.parse import parse_qsl, urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
LONGEST_HOLD = 20.0
"""Seconds after which a held request goes on, so that a failed test does not hang."""


@dataclass(frozen=True)
class Reply:
    """An answer as it goes over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass
class Recorded:
    """A request as it was seen at the wire."""

    number: int
    """Counts from 1 since the last ``clear``."""
    connection: int
    """Which of the client's connections it came over."""
    method: str
    path: str
    params: dict[str, str]
    """Of address and body, decoded."""
    target: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    reply: Reply | None = field(default=None, repr=False)
    """What the wiki answered; None if it was not asked."""

    over: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set when the wiki has answered."""

    @property
    def action(self) -> str:
        return self.params.get("action", "")

    @property
    def answer(self) -> Any:
        """The wiki's answer, read as JSON."""
        assert self.reply is not None, f"request {self.number} was not forwarded"
        return json.loads(self.reply.body)


@dataclass(frozen=True)
class Fault:
    """What happens to one request, in this order."""

    wait_before: threading.Event | None = None
    """The request is held until then."""
    forward: bool = True
    """Whether the wiki gets it."""
    wait_after: threading.Event | None = None
    """The answer is held until then."""
    answer: Reply | None = None
    """Given in place of the wiki's."""
    sent: Literal["all", "half", "nothing"] = "all"
    """How much of the answer's body gets through before the connection is closed."""
    reset: bool = False
    """Whether the connection is reset, as one is that was idle and closed while the request was under way."""


LOST_REQUEST = Fault(forward=False, sent="nothing")
LOST_REPLY = Fault(sent="nothing")
HALF_REPLY = Fault(sent="half")
IDLE_CLOSED = Fault(forward=False, sent="nothing", reset=True)


def held(until: threading.Event) -> Fault:
    """The wiki gets the request at once, the client its answer only then."""
    return Fault(wait_after=until)


def answered(
    status: int, body: str | bytes | object = b"", headers: Mapping[str, str] | None = None, *, forward: bool = False
) -> Fault:
    """The client gets this answer; with ``forward`` the wiki gets the request all the same."""
    kind = "text/html"
    if not isinstance(body, str | bytes):
        body, kind = json.dumps(body), "application/json"
    data = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": kind, **(headers or {})}
    return Fault(forward=forward, answer=Reply(status, tuple(given.items()), data))


def api_error(code: str, text: str = "", headers: Mapping[str, str] | None = None) -> Fault:
    """The client gets an error of the API with HTTP status 200."""
    return answered(200, {"errors": [{"code": code, "text": text or code, "module": "main"}]}, headers)


Schedule = Callable[[Recorded, int], Fault | None]


class Wire:
    """The proxy before one wiki.

    Parameters: ``origin``, the wiki's address without a slash at the end.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests: list[Recorded] = []
        self.schedule: Schedule = _no_fault
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def api(self) -> str:
        return f"{self.url}/api.php"

    def clear(self) -> None:
        """Forget what was seen, and cause no more faults."""
        self.requests = []
        self.schedule = _no_fault

    def of(self, action: str) -> list[Recorded]:
        """Return the requests of an action that were seen."""
        return [one for one in self.requests if one.action == action]

    def once(self, action: str, *faults: Fault) -> None:
        """Let the first requests of an action meet these faults, one each."""
        left = list(faults)

        def schedule(request: Recorded, _number: int) -> Fault | None:
            return left.pop(0) if left and request.action == action else None

        self.schedule = schedule

    def before(self, action: str, act: Callable[[], object], times: int = 1) -> None:
        """Let something happen on the wiki just before it gets the first requests of an action."""
        left = [act] * times

        def schedule(request: Recorded, _number: int) -> None:
            if request.action == action and left:
                left.pop()()

        self.schedule = schedule

    def always(self, fault: Fault) -> None:
        """Let every request meet a fault."""
        self.schedule = lambda _request, _number: fault

    def send_again(self, request: Recorded) -> Any:
        """Send a very copy of a request straight to the wiki and return what it answers, read as JSON."""
        return json.loads(self._ask_wiki(request).body)

    def close_connections(self) -> None:
        """Close the connections that clients keep alive."""
        with self._lock:
            for one in self._connections:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._connections = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self.close_connections()
        self._server.server_close()
        self._thread.join()

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.append(connection)

    def serve(self, handler: _Handler) -> None:
        """Take a request, do with it what the schedule says, and answer."""
        request = self._record(handler)
        fault = self.schedule(request, request.number) or Fault()
        if fault.wait_before:
            fault.wait_before.wait(LONGEST_HOLD)
        if fault.forward:
            request.reply = self._ask_wiki(request)
            request.over.set()
        if fault.wait_after:
            fault.wait_after.wait(LONGEST_HOLD)
        reply = fault.answer or request.reply
        handler.close_connection = fault.sent != "all"
        if fault.reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
        elif reply is not None and fault.sent != "nothing":
            with suppress(ConnectionError):  # the client has given up
                handler.answer(reply, len(reply.body) // 2 if fault.sent == "half" else None)

    def _record(self, handler: _Handler) -> Recorded:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        pairs = [*parse_qsl(parts.query, keep_blank_values=True), *parse_qsl(body.decode(), keep_blank_values=True)]
        with self._lock:
            request = Recorded(
                number=len(self.requests) + 1,
                connection=handler.number,
                method=handler.command,
                path=parts.path,
                params=dict(pairs),
                target=handler.path,
                headers=tuple(handler.headers.items()),
                body=body,
            )
            self.requests.append(request)
        return request

    def _ask_wiki(self, request: Recorded) -> Reply:
        host = urlsplit(self.origin).netloc
        connection = http.client.HTTPConnection(host, timeout=60)
        headers = {name: value for name, value in request.headers if name.lower() not in HOP_BY_HOP}
        headers["Accept-Encoding"] = "identity"
        try:
            connection.request(request.method, request.target, body=request.body or None, headers=headers)
            reply = connection.getresponse()
            body = reply.read()
        finally:
            connection.close()
        kept = tuple((name, value) for name, value in reply.getheaders() if name.lower() not in HOP_BY_HOP)
        return Reply(reply.status, kept, body)


def _no_fault(_request: Recorded, _number: int) -> Fault | None:
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    _count = 0

    def setup(self) -> None:
        super().setup()
        _Handler._count += 1
        self.number = _Handler._count
        self.wire = cast("_Server", self.server).wire
        self.wire.opened(self.connection)

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self.wire.serve(self)

    do_POST = do_GET  # noqa: N815  # the name that http.server looks for

    def answer(self, reply: Reply, length: int | None = None) -> None:
        """Send an answer, only its first bytes if a length is given."""
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body if length is None else reply.body[:length])

    def log_message(self, format: str, *args: object) -> None:
        pass


__all__ = [
    "HALF_REPLY",
    "IDLE_CLOSED",
    "LOST_REPLY",
    "LOST_REQUEST",
    "Fault",
    "Recorded",
    "Reply",
    "Schedule",
    "Wire",
    "answered",
    "api_error",
    "held",
]
