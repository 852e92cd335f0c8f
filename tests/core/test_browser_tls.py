"""apibot.core.browser: TLS with real servers: which errors say that nothing was sent."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from apibot.core.browser import Browser
from apibot.core.clock import SystemClock
from apibot.core.errors import (
    CertificateRefused,
    ConnectFailed,
    ConnectionLost,
    SettingsError,
    TimedOut,
    TlsFailed,
    TransportError,
)
from apibot.core.schema import BrowserSettings
from tests.core.conftest import AGENT
from tests.core.wire import received, talking

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
Wrap = Callable[[socket.socket], socket.socket]
YEAR = dt.timedelta(days=365)
NOW = dt.datetime.now(tz=dt.UTC)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusted(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def trusting(trusted: Path) -> Iterator[Browser]:
    """A browser that trusts the CA of these tests."""
    browser = Browser(AGENT, 1, SystemClock(), BrowserSettings(ca=str(trusted)))
    yield browser
    browser.close()


def tls(cert: trustme.LeafCert) -> Wrap:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    return lambda sock: context.wrap_socket(sock, server_side=True)


def tls_by_itself(ca: trustme.CA, path: Path) -> Wrap:
    """As tls, with a certificate that signed itself."""
    path.write_bytes(ca.private_key_pem.bytes() + ca.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return lambda sock: context.wrap_socket(sock, server_side=True)


def at(port: int, host: str = "127.0.0.1") -> str:
    return f"https://{host}:{port}/api.php"


def test_a_certificate_of_a_trusted_ca(trusting: Browser, ca: trustme.CA) -> None:
    with talking(ANSWER, wrap=tls(ca.issue_cert("127.0.0.1"))) as server:
        assert trusting.xfer(at(server.port), data={"a": "b"}).body == b"ok"
    assert server.got.endswith(b"a=b")
    assert trusting.counters.up.wire == len(server.got), "bytes before they are encrypted"


def test_the_environment_can_name_the_ca_too(trusted: Path, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    browser = Browser(AGENT, 5, SystemClock())
    with talking(ANSWER, wrap=tls(ca.issue_cert("127.0.0.1"))) as server:
        assert browser.xfer(at(server.port)).status == 200
    browser.close()


def test_a_certificate_that_is_not_valid(trusting: Browser, ca: trustme.CA, tmp_path: Path) -> None:
    unknown = trustme.CA()
    past, future = NOW - YEAR, NOW + YEAR
    refused = {
        "self-signed certificate": tls_by_itself(unknown, tmp_path / "own.pem"),
        "unable to get local issuer": tls(unknown.issue_cert("127.0.0.1")),
        "expired": tls(ca.issue_cert("127.0.0.1", not_before=past - YEAR, not_after=past)),
        "not yet valid": tls(ca.issue_cert("127.0.0.1", not_before=future, not_after=future + YEAR)),
        "mismatch": tls(ca.issue_cert("wiki.example")),
    }
    for reason, wrap in refused.items():
        refusal = pytest.raises(CertificateRefused, match=f"certificate is refused: .*{reason}")
        with talking(ANSWER, wrap=wrap) as server, refusal as caught:
            trusting.xfer(at(server.port), data={"password": "hunter2"})
        assert type(caught.value) is CertificateRefused
        assert caught.value.sent is False
        assert server.got == b""
    assert trusting.counters.requests == 0
    assert trusting.counters.failed == 5


def test_no_trust_in_a_ca_of_its_own(browser: Browser, ca: trustme.CA) -> None:
    with talking(ANSWER, wrap=tls(ca.issue_cert("127.0.0.1"))) as server, pytest.raises(CertificateRefused):
        browser.xfer(at(server.port))


def test_a_server_that_speaks_no_tls(trusting: Browser) -> None:
    plain = talking(lambda client: client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with plain as server, pytest.raises(TlsFailed, match="does it speak TLS") as caught:
        trusting.xfer(at(server.port), data={"a": "b"})
    assert (type(caught.value), caught.value.sent) == (TlsFailed, False)


def cut(client: socket.socket) -> None:
    client.recv(10)


def reset(client: socket.socket) -> None:
    client.recv(10)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def half_a_hello(client: socket.socket) -> None:
    client.recv(65536)
    client.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")


@pytest.mark.parametrize("serve", [cut, reset, half_a_hello])
def test_a_server_that_cuts_during_the_handshake(trusting: Browser, serve: Callable[[socket.socket], None]) -> None:
    with talking(serve) as server, pytest.raises(ConnectFailed) as caught:
        trusting.xfer(at(server.port), data={"a": "b"})
    assert caught.value.sent is False


@pytest.mark.parametrize("seconds", [None, 0.3])
def test_a_server_that_is_silent_during_the_handshake(trusted: Path, seconds: float | None) -> None:
    until = threading.Event()
    browser = Browser(AGENT, 0.3 if seconds is None else 5, SystemClock(), BrowserSettings(ca=str(trusted)))
    with talking(lambda _client: until.wait(10)) as server:
        with pytest.raises(ConnectFailed):
            browser.xfer(at(server.port), data={"a": "b"}, seconds=seconds)
        until.set()
    browser.close()


HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"


def test_a_server_that_cuts_in_the_midst_of_the_body(trusting: Browser, ca: trustme.CA) -> None:
    wrap = tls(ca.issue_cert("127.0.0.1"))

    def politely(client: socket.socket) -> None:
        with wrap(client) as sock:
            received(sock)
            sock.sendall(HALF)
            sock.unwrap()  # type: ignore[attr-defined]  # a TLS socket

    def abruptly(client: socket.socket) -> None:
        with wrap(client) as sock:
            received(sock)
            sock.sendall(HALF)
            sock.shutdown(socket.SHUT_RDWR)

    def without_a_word(client: socket.socket) -> None:
        with wrap(client) as sock:
            received(sock)

    for serve in (politely, abruptly, without_a_word):
        with talking(serve) as server, pytest.raises(TransportError) as caught:
            trusting.xfer(at(server.port), data={"a": "b"})
        assert (type(caught.value), caught.value.sent) == (ConnectionLost, True)


def test_an_answer_that_is_damaged_on_the_way(trusting: Browser, ca: trustme.CA) -> None:
    wrap = tls(ca.issue_cert("127.0.0.1"))

    def serve(client: socket.socket) -> None:
        below = client.dup()
        with wrap(client) as sock, below:
            received(sock)
            sock.sendall(HALF)
            below.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)

    with talking(serve) as server, pytest.raises(TlsFailed) as caught:
        trusting.xfer(at(server.port), data={"a": "b"})
    assert (type(caught.value), caught.value.sent) == (TlsFailed, True)


def test_a_silent_answer_and_one_that_dribbles(trusting: Browser, ca: trustme.CA) -> None:
    wrap = tls(ca.issue_cert("127.0.0.1"))
    until = threading.Event()

    def silent(client: socket.socket) -> None:
        with wrap(client) as sock:
            received(sock)
            until.wait(10)

    def dribbling(client: socket.socket) -> None:
        with wrap(client) as sock:
            received(sock)
            for byte in HALF * 100:
                sock.sendall(bytes([byte]))
                until.wait(0.02)

    for serve in (silent, dribbling):
        until.clear()
        with talking(serve) as server:
            with pytest.raises(TimedOut):
                trusting.xfer(at(server.port), seconds=0.3)
            until.set()


def test_a_redirect_to_a_server_whose_certificate_is_refused_does_not_look_as_if_nothing_had_been_sent(
    trusting: Browser,
) -> None:
    with talking(ANSWER, wrap=tls(trustme.CA().issue_cert("127.0.0.1"))) as far:
        away = b"HTTP/1.1 303 See Other\r\nContent-Length: 0\r\nLocation: %b\r\n\r\n" % at(far.port).encode()
        with talking(away) as near, pytest.raises(TransportError) as caught:
            trusting.xfer(near.url, data={"a": "b"})
    assert (type(caught.value), caught.value.sent) == (TlsFailed, True)


# Which certificates are trusted.


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "No such file"),
        ("", "holds no certificates"),
        ("no certificate\n", "holds no certificates"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", "holds no certificates"),
    ],
)
def test_certificates_that_can_not_be_used_are_refused_before_anything_else(
    tmp_path: Path, text: str | None, fault: str
) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingsError, match=rf"browser: ca: .*{fault}") as caught:
        Browser(AGENT, 5, SystemClock(), BrowserSettings(ca=str(path)))
    assert str(path) in str(caught.value)


def test_certificates_of_the_environment_that_are_not_there_are_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(SettingsError, match=r"REQUESTS_CA_BUNDLE: .*missing\.pem can not be used"):
        Browser(AGENT, 5, SystemClock())


def test_those_of_the_environment_that_are_none_are_found_out_when_they_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ca: trustme.CA
) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate\n")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    browser = Browser(AGENT, 5, SystemClock())
    with talking(ANSWER, wrap=tls(ca.issue_cert("127.0.0.1"))) as server, pytest.raises(TransportError) as caught:
        browser.xfer(at(server.port))
    browser.close()
    assert caught.value.sent is False


def test_a_folder_of_certificates_is_taken(tmp_path: Path, ca: trustme.CA) -> None:
    browser = Browser(AGENT, 5, SystemClock(), BrowserSettings(ca=str(tmp_path)))
    with talking(ANSWER, wrap=tls(ca.issue_cert("127.0.0.1"))) as server, pytest.raises(CertificateRefused):
        browser.xfer(at(server.port))
    browser.close()
