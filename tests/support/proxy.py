"""A wire to watch and to cut: a reverse proxy on 127.0.0.1 that counts requests and loses what it is told to lose.

It speaks keep-alive with the client, which PHP's own server does not, and has a thread for each connection.
What happens to which request is said by a schedule: by hand, or drawn by a seed from what the request holds.
"""

from __future__ import annotations

import email
import email.message
import http.client
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self, cast
from urllib.parse import parse_qsl, urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
LONGEST_HOLD = 20.0
"""Seconds after which a held request goes on, so that a failed test does not hang."""
DRIBBLE = 0.0005
"""Seconds between two bytes of an answer that dribbles."""
FLEETING = ("token", "baserevid", "pageid", "pageids", "revids", "oldid", "since")
"""How names of parameters end that differ from run to run."""


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

    forwarded: bool = False
    """Whether the wiki gets it, or got it."""
    over: threading.Event = field(default_factory=threading.Event, repr=False)
    """Set when the wiki has answered."""

    @property
    def action(self) -> str:
        return self.params.get("action", "")

    @property
    def content(self) -> str:
        """What it asks for, without what differs from run to run."""
        kept = {key: value for key, value in self.params.items() if not key.endswith(FLEETING)}
        return json.dumps([self.method, self.path, kept], sort_keys=True)

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
    sent: Literal["all", "half", "nothing", "dribble", "silence"] = "all"
    """How much of the answer's body gets through before the connection is closed; ``dribble``: all, byte by byte;
    ``silence``: nothing, and the connection stays open until the client gives up."""
    reset: bool = False
    """Whether the connection is reset, as one is that was idle and closed while the request was under way."""


LOST_REQUEST = Fault(forward=False, sent="nothing")
LOST_REPLY = Fault(sent="nothing")
HALF_REPLY = Fault(sent="half")
IDLE_CLOSED = Fault(forward=False, sent="nothing", reset=True)
SILENT = Fault(forward=False, sent="silence")
DRIBBLED = Fault(sent="dribble")


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
        self.cuts = 0
        """So many connections that were idle are still to be reset as the next request comes in."""
        self._lock = threading.Lock()
        self._connections: list[socket.socket] = []
        self._server = _Server(self, 0)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api(self) -> str:
        return f"{self.url}/api.php"

    def clear(self) -> None:
        """Forget what was seen, and cause no more faults."""
        self.requests = []
        self.schedule = _no_fault
        self.cuts = 0

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

    def seeded(self, seed: int, faults: Sequence[Fault], share: float, of: str | None = None) -> None:
        """Let a share of all requests, or of those of an action, meet faults drawn by a seed.

        What is drawn follows from what a request holds and how often that was seen, not from who came first: threads
        may run as they like.
        """
        seen: Counter[str] = Counter()

        def schedule(request: Recorded, _number: int) -> Fault | None:
            if of is not None and request.action != of:
                return None
            with self._lock:
                seen[request.content] += 1
                key = f"{seed} {seen[request.content]} {request.content}"
            drawn = int.from_bytes(sha256(key.encode()).digest()[:8]) / 2**64
            return faults[int(drawn / share * len(faults))] if drawn < share else None

        self.schedule = schedule

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Listen no more within the block, as a server that is being restarted."""
        self._end()
        try:
            yield
        finally:
            self._server = _Server(self, self._port)
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
            self._thread.start()

    def _end(self) -> None:
        self._server.shutdown()
        self.close_connections()
        self._server.server_close()
        self._thread.join()

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
        self._end()

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
            request.forwarded = True
            request.reply = self._ask_wiki(request)
            request.over.set()
        if fault.wait_after:
            fault.wait_after.wait(LONGEST_HOLD)
        reply = fault.answer or request.reply
        handler.close_connection = fault.sent not in {"all", "dribble"}
        if fault.reset:
            handler.reset()
        elif fault.sent == "silence":
            handler.wait_for_end()
        elif reply is not None and fault.sent != "nothing":
            with suppress(ConnectionError):  # the client has given up
                length = len(reply.body) // 2 if fault.sent == "half" else None
                handler.answer(reply, length, dribble=fault.sent == "dribble")

    def cuts_one(self) -> bool:
        """Say whether a connection that was idle is to be reset, and count it."""
        with self._lock:
            wanted = self.cuts > 0
            self.cuts -= wanted
        return wanted

    def _record(self, handler: _Handler) -> Recorded:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        pairs = [
            *parse_qsl(parts.query, keep_blank_values=True),
            *_fields(handler.headers.get("Content-Type") or "", body),
        ]
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


def nobody() -> str:
    """Return the address of an api.php on a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}/api.php"


def _fields(kind: str, body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form, without its files."""
    if not kind.startswith("multipart/"):
        return parse_qsl(body.decode(), keep_blank_values=True)
    form = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = cast("list[email.message.Message[str, str]]", form.get_payload())
    named = {str(part.get_param("name", header="content-disposition")): part for part in parts}
    fields = {name: part for name, part in named.items() if part.get_filename() is None}
    return [(name, cast("bytes", part.get_payload(decode=True)).decode()) for name, part in fields.items()]


def _no_fault(_request: Recorded, _number: int) -> Fault | None:
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, wire: Wire, port: int) -> None:
        self.wire = wire
        super().__init__(("127.0.0.1", port), _Handler)


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
        self.used = False

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def handle_one_request(self) -> None:
        """Take a request, or reset the connection at its first byte."""
        if self.used and self.rfile.peek(1) and self.wire.cuts_one():  # type: ignore[attr-defined]  # it is buffered
            self.close_connection = True
            self.reset()
            return
        super().handle_one_request()
        self.used = True

    def reset(self) -> None:
        """Close the connection at once, as one does who does not want to read what has come."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def wait_for_end(self) -> None:
        """Wait until the client hangs up."""
        self.connection.settimeout(LONGEST_HOLD)
        with suppress(OSError):
            self.connection.recv(1)

    def do_GET(self) -> None:
        self.wire.serve(self)

    do_POST = do_GET  # noqa: N815  # the name that http.server looks for

    def answer(self, reply: Reply, length: int | None = None, *, dribble: bool = False) -> None:
        """Send an answer, only its first bytes if a length is given, or byte by byte."""
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = reply.body if length is None else reply.body[:length]
        if not dribble:
            self.wfile.write(body)
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            threading.Event().wait(DRIBBLE)

    def log_message(self, format: str, *args: object) -> None:
        pass


__all__ = [
    "DRIBBLED",
    "HALF_REPLY",
    "IDLE_CLOSED",
    "LOST_REPLY",
    "LOST_REQUEST",
    "SILENT",
    "Fault",
    "Recorded",
    "Reply",
    "Schedule",
    "Wire",
    "answered",
    "api_error",
    "held",
    "nobody",
]
