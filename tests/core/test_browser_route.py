"""apibot.core.browser: by which way hosts are reached."""

from __future__ import annotations

import socket
import traceback
from importlib.util import find_spec

import pytest

from apibot.core.browser import Browser
from apibot.core.clock import SystemClock
from apibot.core.errors import ApibotError, BadReply, ConnectFailed, SettingsError, TimedOut
from apibot.core.schema import BrowserSettings
from apibot.core.secret import Secret
from tests.core.conftest import AGENT
from tests.core.wire import Handler, talking

PASSWORD = "hunter2-proxy"


def with_proxy(address: str, scheme: str = "http") -> Browser:
    return Browser(AGENT, 5, SystemClock(), BrowserSettings(proxies={scheme: Secret(address)}))


def shown(error: BaseException) -> str:
    """Return all that a traceback or a log would show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error)


def test_a_proxy_of_the_environment_is_used(url: str, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", url)
    assert browser.xfer("http://wiki.example/plain").status == 200
    assert Handler.seen[0][1] == "http://wiki.example/plain"


def test_a_host_that_needs_no_proxy_gets_none(
    url: str, browser: Browser, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", nowhere)
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    assert browser.xfer(f"{url}/plain").status == 200


def test_a_password_file_of_the_account_is_not_used(
    url: str, browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("netrc") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    browser.xfer(f"{url}/plain")
    assert "Authorization" not in Handler.seen[0][2]


def test_a_proxy_of_the_settings_is_used_and_not_that_of_the_environment(
    url: str, nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", nowhere)
    browser = with_proxy(url)
    assert browser.xfer("http://wiki.example/plain").status == 200
    browser.close()
    assert Handler.seen[0][1] == "http://wiki.example/plain"


def test_a_password_of_a_proxy_goes_to_it_and_is_seen_nowhere(url: str) -> None:
    browser = with_proxy(url.replace("//", f"//me:{PASSWORD}@"))
    browser.xfer("http://wiki.example/plain", params={"a": "b"})
    assert Handler.seen[0][2]["Proxy-Authorization"].startswith("Basic ")
    assert PASSWORD not in "".join(map(repr, [browser, vars(browser), vars(browser.__dict__["_route"])]))
    browser.close()


def test_a_password_of_a_proxy_of_the_environment_is_seen_nowhere(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", url.replace("//", f"//me:{PASSWORD}@"))
    browser = Browser(AGENT, 5, SystemClock())
    browser.xfer("http://wiki.example/plain")
    assert "Proxy-Authorization" in Handler.seen[0][2]
    assert PASSWORD not in repr(vars(browser.__dict__["_route"]))
    browser.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(nowhere: str, scheme: str) -> None:
    browser = with_proxy(nowhere.replace("//", f"//me:{PASSWORD}@"), scheme)
    with pytest.raises(ConnectFailed) as caught:
        browser.xfer(f"{scheme}://wiki.example/plain", data={"a": "b"})
    browser.close()
    assert PASSWORD not in shown(caught.value)
    assert caught.value.sent is False


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad",
        b"no http\r\n",
        b"",
        b"HTTP/1.1 200 Connection established\r\n\r\n",
    ],
    ids=["password", "gateway", "no http", "cut", "cut after"],
)
def test_a_proxy_that_does_not_lead_on(answer: bytes) -> None:
    with talking(answer) as server:
        browser = with_proxy(server.url.replace("//", f"//me:{PASSWORD}@"), "https")
        with pytest.raises(ConnectFailed) as caught:
            browser.xfer("https://wiki.example/plain", data={"a": "b"})
        browser.close()
    assert server.got.startswith(b"CONNECT wiki.example:443 HTTP/1.")
    assert PASSWORD not in shown(caught.value)
    assert browser.counters.requests == 0
    assert caught.value.sent is False


def test_a_proxy_that_dribbles_does_not_hold_the_bot_for_ever() -> None:
    def serve(client: socket.socket) -> None:
        while True:
            client.sendall(b"A")

    with talking(serve) as server:
        browser = with_proxy(server.url, "https")
        with pytest.raises((ConnectFailed, TimedOut)):
            browser.xfer("https://wiki.example/plain", seconds=0.5)
        browser.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        f"http://me:{PASSWORD}@",
        f"http://me:{PASSWORD}@[::1",
        f"ftp://me:{PASSWORD}@proxy:21",
        f"http://me:{PASSWORD}@proxy:99999",
        f"http://me:{PASSWORD}@proxy:port",
    ],
)
def test_what_is_no_proxy_is_refused_before_anything_else(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"browser: proxies\.http: is no address of a proxy") as caught:
        with_proxy(address)
    assert PASSWORD not in shown(caught.value)
    if address:
        monkeypatch.setenv("http_proxy", address)
        browser = Browser(AGENT, 5, SystemClock())
        with pytest.raises(ApibotError, match="http_proxy: is no address") as met:
            browser.xfer("http://wiki.example/")
        browser.close()
        assert PASSWORD not in shown(met.value)


def test_a_proxy_of_another_kind_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "apibot.core.browser.route.find_spec", lambda name: None if name == "socks" else find_spec(name)
    )
    with pytest.raises(SettingsError, match="pip install pysocks"):
        with_proxy(f"socks5h://me:{PASSWORD}@proxy:1080")


def test_a_redirect_goes_by_the_proxy_of_its_own_host(url: str) -> None:
    with talking(b"HTTP/1.1 302 Found\r\nLocation: http://far.example/plain\r\nContent-Length: 0\r\n\r\n") as near:
        browser = Browser(
            AGENT, 5, SystemClock(), BrowserSettings(proxies={"http://far.example": Secret(url), "https": Secret(url)})
        )
        assert browser.xfer(near.url).status == 200
        browser.close()
    assert Handler.seen[0][1] == "http://far.example/plain"


@pytest.mark.parametrize("target", ["gopher://127.0.0.1/", "file:///etc/passwd", "http://[::1/"])
def test_a_redirect_to_what_can_not_be_fetched_is_the_servers_fault(browser: Browser, target: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    with talking(answer) as server, pytest.raises(BadReply, match="redirects to what can not be fetched"):
        browser.xfer(server.url, data={"a": "b"})
