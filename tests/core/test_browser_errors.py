"""apibot.core.browser: each error on the way becomes one of ours, and tells rightly whether anything was sent."""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Iterator

import pytest
import requests
import urllib3
from requests import exceptions as theirs

from apibot.core.browser import Browser, Counters
from apibot.core.browser.exchange import Exchange
from apibot.core.errors import (
    ApibotError,
    BadParameter,
    BadReply,
    ConnectFailed,
    ConnectionLost,
    TimedOut,
    TlsFailed,
    TransportError,
)
from tests.core.wire import Handler


def shown(value: object) -> str:
    """Name a parameter by its class."""
    return value.__name__ if isinstance(value, type) else type(value).__name__


LOST = (TransportError, BadReply)
"""What can mean that the request was sent, so that it is not simply made again."""


# Errors on the wire.

WIRE: list[tuple[str, type[ApibotError]]] = [
    ("cut", ConnectionLost),
    ("cut-chunk", ConnectionLost),
    ("hang-up", ConnectionLost),
    ("no-http", ConnectionLost),
    ("damaged-gzip", ConnectionLost),
]


@pytest.mark.parametrize(("path", "expected"), WIRE)
def test_a_broken_answer(browser: Browser, url: str, path: str, expected: type[ApibotError]) -> None:
    with pytest.raises(expected, match=r"127\.0\.0\.1:\d+: ") as caught:
        browser.xfer(f"{url}/{path}")
    assert type(caught.value) is expected
    assert len(Handler.seen) == 1, "nothing is tried twice"


@pytest.mark.parametrize("path", ["silent", "stalled"])
def test_an_answer_that_does_not_come_in_time(hasty: Browser, url: str, path: str) -> None:
    with pytest.raises(TransportError) as caught:
        hasty.xfer(f"{url}/{path}", data={"a": "b"})
    assert type(caught.value) is TimedOut
    assert len(Handler.seen) == 1


def test_nobody_listens(browser: Browser, nowhere: str) -> None:
    with pytest.raises(ConnectFailed, match="server running") as caught:
        browser.xfer(nowhere, data={"a": "b"})
    assert caught.value.advice == "close"
    assert browser.counters == Counters(failed=1, seconds=browser.counters.seconds)


def test_an_unknown_host(browser: Browser) -> None:
    with pytest.raises(ConnectFailed, match=r"nowhere\.invalid"):
        browser.xfer("http://nowhere.invalid/")


def test_no_tls_where_it_is_wanted(browser: Browser, port: int) -> None:
    with pytest.raises(TlsFailed) as caught:
        browser.xfer(f"https://127.0.0.1:{port}/")
    assert isinstance(caught.value.__cause__, requests.exceptions.SSLError)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        "127.0.0.1/api.php",
        "//127.0.0.1/",
        "ftp://127.0.0.1/",
        "http://",
        "http://:80/",
        "http://[::1/",
        "http://127.0.0.1:port/",
        "http://127.0.0.1:99999/",
        "file:///etc/passwd",
        "http://*.example/",
        "http://a\x00b/",
    ],
)
def test_what_is_no_address(browser: Browser, address: str) -> None:
    with pytest.raises(BadParameter, match="no address") as caught:
        browser.xfer(address)
    assert repr(address) in str(caught.value)


def test_an_endless_redirect_is_no_fault_of_the_address(browser: Browser, url: str) -> None:
    with pytest.raises(LOST, match=r"(?i)redirect"):
        browser.xfer(f"{url}/loop")


def test_an_answer_with_damaged_headers_does_not_look_as_if_nothing_had_been_sent(browser: Browser, url: str) -> None:
    with pytest.raises(LOST):
        browser.xfer(f"{url}/two-lengths", data={"action": "edit"})
    assert len(Handler.seen) == 1


def test_a_redirect_to_what_can_not_be_fetched(browser: Browser, url: str) -> None:
    with pytest.raises(ApibotError):
        browser.xfer(f"{url}/to-nowhere")


def test_a_header_that_can_not_be_sent_is_named_as_such(browser: Browser, url: str) -> None:
    with pytest.raises(BadParameter) as caught:
        browser.xfer(f"{url}/plain", headers={"X-Name": "a\nb"})
    assert "no address" not in str(caught.value)
    assert Handler.seen == []


@pytest.mark.parametrize(
    "address", ["http://me:hunter2@{host}", "https://me:hunter2@{host}", "ftp://me:hunter2@{host}"]
)
def test_a_password_in_an_address_is_not_shown(browser: Browser, nowhere: str, address: str) -> None:
    with pytest.raises(ApibotError) as caught:
        browser.xfer(address.format(host=nowhere.partition("://")[2]))
    assert "hunter2" not in str(caught.value)


# Every error that requests can raise.

SENT: dict[type[Exception], type[ApibotError]] = {
    theirs.ConnectTimeout: TimedOut,
    theirs.InvalidProxyURL: BadReply,
    theirs.InvalidSchema: BadReply,
    theirs.InvalidURL: BadReply,
    theirs.MissingSchema: BadReply,
    theirs.ReadTimeout: TimedOut,
    theirs.SSLError: TlsFailed,
    theirs.Timeout: TimedOut,
    theirs.URLRequired: BadReply,
}
"""What they mean once a request went out (the addresses are those that a redirect leads to), if not ConnectionLost."""
UNSENT: dict[type[Exception], type[ApibotError]] = {
    theirs.InvalidHeader: BadParameter,
    theirs.InvalidProxyURL: BadParameter,
    theirs.InvalidSchema: BadParameter,
    theirs.InvalidURL: BadParameter,
    theirs.MissingSchema: BadParameter,
    theirs.SSLError: TlsFailed,
    theirs.URLRequired: BadParameter,
}
"""What they mean before that, if not ConnectFailed."""


def their_errors(kind: type[Exception] = theirs.RequestException) -> Iterator[type[Exception]]:
    yield kind
    for one in kind.__subclasses__():
        yield from their_errors(one)


def raising(monkeypatch: pytest.MonkeyPatch, error: Exception, *, sent: bool = True) -> None:
    """Let requests raise an error when the request has gone out, or before."""

    def failing(*_args: object, **_kwargs: object) -> None:
        exchange = Exchange.here()
        assert exchange is not None
        exchange.requests += sent
        raise error

    monkeypatch.setattr(requests.Session, "send", failing)


@pytest.mark.parametrize("kind", sorted(set(their_errors()), key=shown))
def test_every_error_of_requests_is_one_of_ours(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    error = kind("text", "doc", 0) if kind is theirs.JSONDecodeError else kind("text")
    for sent in (True, False):
        raising(monkeypatch, error, sent=sent)
        with pytest.raises(ApibotError) as caught:
            browser.xfer("http://127.0.0.1/")
        expected = SENT.get(kind, ConnectionLost) if sent else UNSENT.get(kind, ConnectFailed)
        assert type(caught.value) is expected
        assert getattr(caught.value, "sent", sent) is sent
        assert caught.value.__cause__ is error
    assert "\n" not in str(caught.value)


def test_the_table_names_errors_that_are_there() -> None:
    assert SENT.keys() | UNSENT.keys() <= set(their_errors())
    assert {
        one for _name, one in inspect.getmembers(theirs, inspect.isclass) if issubclass(one, theirs.RequestException)
    } <= set(their_errors())


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (urllib3.exceptions.NewConnectionError(None, "refused"), ConnectFailed),  # type: ignore[arg-type]  # no pool
        (urllib3.exceptions.ConnectTimeoutError("late"), ConnectFailed),
        (urllib3.exceptions.ReadTimeoutError(None, "/", "late"), TimedOut),  # type: ignore[arg-type]  # no pool
        (urllib3.exceptions.ProtocolError("reset"), ConnectionLost),
    ],
    ids=shown,
)
def test_the_reason_tells_whether_it_was_sent(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, reason: Exception, expected: type[ApibotError]
) -> None:
    if expected is ConnectFailed:
        wrapped: Exception = urllib3.exceptions.MaxRetryError(None, "/", reason)  # type: ignore[arg-type]  # no pool
    else:
        wrapped = reason
    raising(monkeypatch, theirs.ConnectionError(wrapped), sent=expected is not ConnectFailed)
    with pytest.raises(TransportError) as caught:
        browser.xfer("http://127.0.0.1/")
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionResetError(104, "reset"), ConnectionLost),
        (BrokenPipeError(), ConnectionLost),
        (TimeoutError("late"), TransportError),
        (ssl.SSLError("bad record"), TransportError),
        (OSError("no CA bundle at /missing"), ApibotError),
        (UnicodeError("label too long"), BadParameter),
        (urllib3.exceptions.LocationParseError("x"), BadParameter),
        (ValueError("Method cannot contain"), BadParameter),
    ],
    ids=shown,
)
def test_an_error_from_below_requests_is_one_of_ours(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[ApibotError]
) -> None:
    raising(monkeypatch, error, sent=expected is not BadParameter)
    with pytest.raises(expected):
        browser.xfer("http://127.0.0.1/")


def test_an_interruption_passes(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, KeyboardInterrupt())  # type: ignore[arg-type]  # no Exception, that is the point
    with pytest.raises(KeyboardInterrupt):
        browser.xfer("http://127.0.0.1/")
