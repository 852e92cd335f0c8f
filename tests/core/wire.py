"""A small HTTP server with an answer of its own for each path."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit


class Handler(BaseHTTPRequestHandler):
    """Answers each path in a way of its own, and notes what was asked."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, dict[str, str], str]]] = []
    release: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.seen.append((self.command, self.path, {k.title(): v for k, v in self.headers.items()}, body))
        name = urlsplit(self.path).path.strip("/").replace("-", "_") or "plain"
        getattr(self, f"answer_{name}", self.answer_plain)()

    do_POST = do_GET  # noqa: N815  # http.server looks for this name

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def reply(self, body: bytes = b"ok", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_plain(self) -> None:
        self.reply(b'{"a": "\xd0\x96"}', Content_Type="application/json")

    def answer_gzip(self) -> None:
        self.reply(gzip.compress(b"x" * 5000), Content_Encoding="gzip")

    def answer_deflate(self) -> None:
        self.reply(zlib.compress(b"x" * 5000), Content_Encoding="deflate")

    def answer_damaged_gzip(self) -> None:
        self.reply(b"this is no gzip", Content_Encoding="gzip")

    def answer_error(self) -> None:
        self.reply(b"broken", 503, Retry_After="7")

    def answer_wrong_bytes(self) -> None:
        self.reply(b"<html>\xff")

    def answer_redirect(self) -> None:
        self.reply(b"", 302, Location="/plain")

    def answer_loop(self) -> None:
        self.reply(b"", 302, Location="/loop")

    def answer_to_nowhere(self) -> None:
        self.reply(b"", 302, Location="gopher://127.0.0.1/")

    def answer_set(self) -> None:
        self.reply(Set_Cookie="session=one; Path=/; HttpOnly")

    def answer_set_secure(self) -> None:
        self.reply(Set_Cookie="session=one; Path=/; Secure")

    def answer_set_below(self) -> None:
        self.reply(Set_Cookie="session=one; Path=/below")

    def answer_cut(self) -> None:
        self.reply(b"half", Content_Length="8")
        self.close_connection = True

    def answer_cut_chunk(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"10\r\nhalf")
        self.close_connection = True

    def answer_two_lengths(self) -> None:
        self.reply(b"half", content_length="8")

    def answer_hang_up(self) -> None:
        self.close_connection = True

    def answer_silent(self) -> None:
        self.release.wait(20)
        self.close_connection = True

    def answer_stalled(self) -> None:
        self.reply(b"half", Content_Length="8")
        self.wfile.flush()
        self.release.wait(20)
        self.close_connection = True

    def answer_no_http(self) -> None:
        self.wfile.write(b"220 mail server ready\r\n")
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that break off are the point."""


@contextmanager
def serving() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Talker:
    """A server that says its lines, whatever it is asked, to one connection after the other.

    Parameters: ``lines``, what is said to each connection: bytes, after one request has come, or a function from the
    connection; ``wrap``, makes the connection another one (TLS); ``port``, 0 for any.
    """

    def __init__(
        self,
        *lines: bytes | Callable[[socket.socket], object],
        wrap: Callable[[socket.socket], socket.socket] | None,
        port: int,
    ) -> None:
        self._lines = lines
        self._wrap = wrap
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.got = b""
        """All that came."""
        self.requests: list[bytes] = []
        """What came over each connection."""
        self.thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        for line in self._lines:
            try:
                client, _address = self._server.accept()
            except OSError:
                return
            with suppress(OSError), client:
                if callable(line):
                    line(client)
                    continue
                sock = self._wrap(client) if self._wrap else client
                with sock:
                    self.requests.append(received(sock))
                    self.got += self.requests[-1]
                    sock.sendall(line)

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.thread.join()


def received(sock: socket.socket) -> bytes:
    """Read one request to its end."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = sock.recv(65536)
        if not piece:
            return got
        got += piece
    head, _mark, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        piece = sock.recv(65536)
        if not piece:
            break
        got, body = got + piece, body + piece
    return got


@contextmanager
def talking(
    *lines: bytes | Callable[[socket.socket], object],
    wrap: Callable[[socket.socket], socket.socket] | None = None,
    port: int = 0,
) -> Iterator[Talker]:
    server = Talker(*lines, wrap=wrap, port=port)
    server.thread.start()
    try:
        yield server
    finally:
        server.close()


def dribbling(before: bytes, each: bytes) -> Callable[[socket.socket], None]:
    """Say something, and then each 20 ms a little more without end."""

    def serve(client: socket.socket) -> None:
        received(client)
        client.sendall(before)
        stop = threading.Event()
        for _n in range(500):
            client.sendall(each)
            stop.wait(0.02)

    return serve
