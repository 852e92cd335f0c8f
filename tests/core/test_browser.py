"""apibot.core.browser: what goes over the wire: requests, answers, counters, cookies, proxies."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from urllib3.util import connection

from apibot.composition import connect
from apibot.core.browser import Browser, Counters, Transfer
from apibot.core.errors import BackendClosed, BadReply, ConnectionLost
from tests.core.conftest import AGENT
from tests.core.wire import Handler, talking

# What is sent.


def test_get_with_parameters(browser: Browser, url: str) -> None:
    done = browser.xfer(f"{url}/plain", params={"titles": "A|Ж&b", "x": ""}, headers={"X-More": "1"})
    [(method, path, headers, body)] = Handler.seen
    assert (method, body) == ("GET", "")
    assert parse_qs(urlsplit(path).query, keep_blank_values=True) == {"titles": ["A|Ж&b"], "x": [""]}
    assert headers["X-More"] == "1"
    assert headers["User-Agent"] == f"{AGENT} python-requests/{requests.__version__}"
    assert "gzip" in headers["Accept-Encoding"]
    assert done == Transfer(f"{url}/plain", 200, done.headers, b'{"a": "\xd0\x96"}', done.seconds, done.first)
    assert (done.json(), done.text) == ({"a": "Ж"}, '{"a": "Ж"}')
    assert done.headers["content-TYPE"] == "application/json"
    assert 0 < done.first <= done.seconds < 5


def test_post_with_a_form(browser: Browser, url: str) -> None:
    browser.xfer(f"{url}/plain", data={"text": "Ж\n&=+ ", "empty": ""})
    browser.xfer(f"{url}/plain", data={})
    (method, _path, headers, body), (second, *_rest) = Handler.seen
    assert (method, second) == ("POST", "POST")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body, keep_blank_values=True) == {"text": ["Ж\n&=+ "], "empty": [""]}


@pytest.mark.parametrize("name", ["Бот", "Łukasz", "Ünï", "机器人", "Bot@job"])
def test_a_contact_and_a_user_in_any_script(url: str, name: str) -> None:
    with connect(f"{url}/plain", user=name, password="x", contact="me@example.org") as core:
        assert core.browser.xfer(f"{url}/plain").status == 200
    assert Handler.seen[0][2]["User-Agent"].startswith("apibot/")
    assert "me@example.org" in Handler.seen[0][2]["User-Agent"]


def test_connections_are_kept(browser: Browser, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    connect_to = connection.create_connection

    def counted(*args: Any, **kwargs: Any) -> socket.socket:
        made.append(args)
        return connect_to(*args, **kwargs)

    monkeypatch.setattr(connection, "create_connection", counted)
    for _request in range(3):
        browser.xfer(f"{url}/plain")
    assert len(made) == 1


@pytest.mark.parametrize("path", ["gzip", "deflate"])
def test_packed_bodies_are_unpacked(browser: Browser, url: str, path: str) -> None:
    assert browser.xfer(f"{url}/{path}").body == b"x" * 5000
    assert browser.counters.down.unpacked == 5000
    assert 0 < browser.counters.down.wire < 1000


def test_an_error_status_is_an_answer(browser: Browser, url: str) -> None:
    done = browser.xfer(f"{url}/error")
    assert (done.status, done.body, done.headers["retry-after"]) == (503, b"broken", "7")


def test_an_answer_that_is_no_json(browser: Browser, url: str) -> None:
    done = browser.xfer(f"{url}/wrong-bytes")
    assert done.text == "<html>\ufffd"
    with pytest.raises(BadReply, match="is not JSON but begins with '<html>"):
        done.json()


def test_redirects_are_followed_unless_not_wanted(browser: Browser, url: str) -> None:
    assert browser.xfer(f"{url}/redirect").status == 200
    assert [path for _method, path, *_rest in Handler.seen] == ["/redirect", "/plain"]
    done = browser.xfer(f"{url}/redirect", redirects=False)
    assert (done.status, done.headers["Location"]) == (302, "/plain")
    assert len(Handler.seen) == 3


# Counters.


def test_counters(browser: Browser, url: str) -> None:
    assert browser.counters == Counters()
    browser.xfer(f"{url}/plain")
    before = browser.counters
    assert (before.requests, before.redirects, before.failed) == (1, 0, 0)
    assert (before.up.unpacked, before.down.unpacked) == (0, 11)
    done = browser.xfer(f"{url}/plain", data={"a": "Ж"})
    after = browser.counters
    assert (after.up.unpacked, after.down.unpacked) == (len("a=%D0%96"), 22)
    assert after.seconds == pytest.approx(before.seconds + done.seconds, abs=0.01)
    assert before.requests == 1, "counters taken earlier stay as they were"
    with pytest.raises(ConnectionLost):
        browser.xfer(f"{url}/hang-up")
    assert (browser.counters.requests, browser.counters.failed) == (3, 1)


def test_bytes_on_the_wire_are_counted_to_the_last_one(browser: Browser) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    with talking(answer) as server:
        browser.xfer(f"{server.url}/", data={"a": "b" * 100_000})
    assert browser.counters.up == (len(server.got), 100_002)
    assert browser.counters.down == (len(answer), 2)


def test_counters_of_many_threads(browser: Browser, url: str) -> None:
    threads = [threading.Thread(target=browser.xfer, args=(f"{url}/plain",)) for _n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (browser.counters.requests, browser.counters.down.unpacked) == (16, 16 * 11)


def test_a_redirect_that_is_followed_is_counted_too(browser: Browser, url: str) -> None:
    browser.xfer(f"{url}/redirect")
    assert browser.counters.requests == len(Handler.seen) == 2
    assert browser.counters.redirects == 1


# Closing.


def test_a_closed_browser_is_refused(browser: Browser, url: str) -> None:
    browser.xfer(f"{url}/plain")
    browser.close()
    browser.close()
    calls: list[Callable[[], object]] = [
        lambda: browser.xfer(f"{url}/plain"),
        browser.cookies,
        lambda: browser.set_cookies([]),
    ]
    for call in calls:
        with pytest.raises(BackendClosed, match="was closed"):
            call()
    assert len(Handler.seen) == 1
    assert browser.counters.requests == 1


def test_a_browser_closed_before_its_first_use_is_refused(browser: Browser, url: str) -> None:
    browser.close()
    with pytest.raises(BackendClosed):
        browser.xfer(f"{url}/plain")
    assert Handler.seen == []
