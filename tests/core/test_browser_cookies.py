"""apibot.core.browser: cookies stay with their host, also when they are saved."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from apibot.core.browser import Browser
from apibot.core.clock import SystemClock
from apibot.core.errors import BadParameter
from apibot.core.schema import BrowserSettings
from apibot.core.secret import Secret
from tests.core.conftest import AGENT
from tests.core.wire import Handler
from tests.support.clock import FakeClock


def cookie_sent() -> str | None:
    return Handler.seen[-1][2].get("Cookie")


def test_cookies_are_sent_to_their_host_only(browser: Browser, url: str, port: int) -> None:
    browser.xfer(f"{url}/set")
    browser.xfer(f"{url}/plain")
    assert cookie_sent() == "session=one"
    browser.xfer(f"http://localhost:{port}/plain")
    assert cookie_sent() is None
    browser.xfer(f"http://localhost:{port}/set")
    assert sorted(cookie["domain"] for cookie in browser.cookies()) == ["127.0.0.1", "localhost.local"]


def test_cookies_do_not_follow_a_redirect_to_another_host(
    browser: Browser, url: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(self: Handler) -> None:
        self.reply(b"", 302, Location=f"http://localhost:{port}/plain")

    monkeypatch.setattr(Handler, "answer_redirect", elsewhere)
    browser.xfer(f"{url}/set")
    browser.xfer(f"{url}/redirect")
    assert (Handler.seen[-1][1], Handler.seen[-1][2]["Host"]) == ("/plain", f"localhost:{port}")
    assert cookie_sent() is None


def restored(browser: Browser) -> Browser:
    """Return a new browser with the cookies of another, by way of a JSON file."""
    new = Browser(AGENT, 5, SystemClock())
    new.set_cookies(json.loads(json.dumps(browser.cookies())))
    return new


def test_cookies_can_be_saved_and_set(browser: Browser, url: str, port: int) -> None:
    browser.xfer(f"{url}/set")
    new = restored(browser)
    new.xfer(f"{url}/plain")
    assert cookie_sent() == "session=one"
    new.xfer(f"http://localhost:{port}/plain")
    assert cookie_sent() is None
    new.set_cookies([])
    new.xfer(f"{url}/plain")
    assert cookie_sent() is None
    new.close()


def test_a_cookie_for_tls_only_stays_so_when_it_is_saved(browser: Browser, url: str) -> None:
    browser.xfer(f"{url}/set-secure")
    browser.xfer(f"{url}/plain")
    assert cookie_sent() is None
    assert len(browser.cookies()) == 1
    new = restored(browser)
    new.xfer(f"{url}/plain")
    new.close()
    assert cookie_sent() is None


def test_a_cookie_for_a_path_stays_so_when_it_is_saved(browser: Browser, url: str) -> None:
    browser.xfer(f"{url}/set-below")
    new = restored(browser)
    new.xfer(f"{url}/plain")
    assert cookie_sent() is None
    new.xfer(f"{url}/below/x")
    assert cookie_sent() == "session=one"
    new.close()


def setting(monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    monkeypatch.setattr(Handler, "answer_set", lambda self: self.reply(Set_Cookie=cookie))


@pytest.fixture
def anywhere(url: str) -> Iterator[Browser]:
    """A browser for which the server is each host there is."""
    browser = Browser(AGENT, 5, SystemClock(), BrowserSettings(proxies={"http": Secret(url)}))
    yield browser
    browser.close()


@pytest.mark.parametrize(
    ("cookie", "goes_below"), [("session=one; Path=/", False), ("session=one; Path=/; Domain=wiki.example", True)]
)
def test_a_cookie_goes_to_the_hosts_below_only_if_it_says_so(
    anywhere: Browser, url: str, monkeypatch: pytest.MonkeyPatch, *, cookie: str, goes_below: bool
) -> None:
    setting(monkeypatch, cookie)
    anywhere.xfer("http://wiki.example/set")
    for _saved in range(2):
        for host, goes in {
            "wiki.example": True,
            "en.wiki.example": goes_below,
            "other.example": False,
            "notwiki.example": False,
            "example": False,
        }.items():
            anywhere.xfer(f"http://{host}/plain")
            assert (cookie_sent() is not None) is goes, host
        anywhere.set_cookies(json.loads(json.dumps(anywhere.cookies())))


@pytest.mark.parametrize("domain", ["other.example", "en.wiki.example", "example"])
def test_a_cookie_for_another_host_is_not_taken(
    anywhere: Browser, monkeypatch: pytest.MonkeyPatch, domain: str
) -> None:
    setting(monkeypatch, f"session=one; Path=/; Domain={domain}")
    anywhere.xfer("http://wiki.example/set")
    assert anywhere.cookies() == []


def test_a_cookie_keeps_its_time_when_it_is_saved(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, "session=one; Path=/; Max-Age=3600")
    browser = Browser(AGENT, 5, SystemClock())
    browser.xfer(f"{url}/set")
    [saved] = browser.cookies()
    assert 3500 < int(saved["expires"]) - time.time() <= 3600
    browser.set_cookies([saved])
    assert browser.cookies() == [saved]
    later = FakeClock()
    later.sleep(3599)
    other = Browser(AGENT, 5, later)
    other.set_cookies([saved])
    assert other.cookies() == [saved]
    later.sleep(2)
    other.set_cookies([saved])
    assert other.cookies() == [], "it has expired"
    browser.close()
    other.close()


def test_a_cookie_without_a_time_stays(url: str, browser: Browser) -> None:
    browser.xfer(f"{url}/set")
    [saved] = browser.cookies()
    assert saved["expires"] == ""
    browser.set_cookies([saved])
    assert browser.cookies() == [saved]


def test_cookies_saved_without_their_time_are_taken(browser: Browser, url: str) -> None:
    browser.set_cookies([{"name": "a", "value": "b", "domain": "127.0.0.1", "path": "/"}])
    browser.xfer(f"{url}/plain")
    assert cookie_sent() == "a=b"


def test_a_renewed_session_takes_the_place_of_the_old_one_only_if_it_ends_well(browser: Browser, url: str) -> None:
    browser.xfer(f"{url}/set")
    with pytest.raises(BadParameter), browser.renewed():
        browser.xfer("no address")
    assert len(browser.cookies()) == 1
    with browser.renewed():
        browser.xfer(f"{url}/plain")
        assert cookie_sent() is None
    assert browser.cookies() == []
