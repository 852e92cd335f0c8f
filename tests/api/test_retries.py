"""What is tried again, what is waited for, and what ends at once with one clear line."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

import email.utils
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.composition import connect
from apibot.core.errors import (
    ApibotError,
    BackendClosed,
    BadReply,
    ConnectFailed,
    ConnectionLost,
    RateLimited,
    ReadOnly,
    TimedOut,
)
from apibot.sandbox import Sandbox
from tests.api.conftest import CONTACT, Connect
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import (
    HALF_REPLY,
    IDLE_CLOSED,
    LOST_REPLY,
    LOST_REQUEST,
    Fault,
    Wire,
    answered,
    api_error,
    held,
)

HTML = "<html><body>Hello.</body></html>"


BUDGET = 120.0


def one_line(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    assert text.strip() == text
    assert len(text) < 500
    return text


PASSING = {
    "reply dropped": LOST_REPLY,
    "request dropped": LOST_REQUEST,
    "half a reply": HALF_REPLY,
    "idle connection closed": IDLE_CLOSED,
    "HTML with status 200": answered(200, HTML),
    "truncated JSON": answered(
        200, b'{"batchcomplete":true,"query":{"pages":[{"pageid":1', {"Content-Type": "application/json"}
    ),
    "nothing": answered(200, b""),
    "a number": answered(200, b"17", {"Content-Type": "application/json"}),
    "status 500": answered(500, HTML),
    "status 502": answered(502, HTML),
    "status 503": answered(503, b""),
    "status 504 with JSON": answered(504, {"query": {"pages": []}}),
    "internal error": api_error("internal_api_error_DBQueryError"),
    "maxlag": api_error("maxlag", headers={"Retry-After": "5"}),
    "readonly": api_error("readonly"),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_read_is_tried_again(
    bridge: Bridge, wire: Wire, clock: FakeClock, human: Person, title: str, name: str
) -> None:
    human.save(title, "Here.")
    wire.once("query", PASSING[name], PASSING[name])
    assert bridge.fetch(title).text == "Here."
    assert len(wire.requests) == 3
    assert len(clock.waits) == 2
    first, second = clock.waits
    if name == "maxlag":
        assert 5.0 <= first <= 5.25
        assert 5.0 <= second <= 5.25
    else:
        assert 0.0 <= first <= 1.0
        assert 0.0 <= second <= 2.0


@pytest.mark.parametrize("status", [429, 503])
def test_as_long_as_the_server_asks(bridge: Bridge, wire: Wire, clock: FakeClock, status: int) -> None:
    wire.once("query", answered(status, HTML, {"Retry-After": "7"}))
    bridge.fetch("Main Page")
    [wait] = clock.waits
    assert 7.0 <= wait <= 7.25


def test_until_when_the_server_asks(bridge: Bridge, wire: Wire, clock: FakeClock) -> None:
    date = email.utils.formatdate(clock.now() + 40, usegmt=True)
    wire.once("query", answered(503, HTML, {"Retry-After": date}))
    bridge.fetch("Main Page")
    [wait] = clock.waits
    assert 38.9 <= wait <= 40.25


@pytest.mark.parametrize(
    "value", ["soon", "", "-5", "1.5", "Wed, 99 Foo 2020", "\xb2", "Mon, 01 Jan 0001 00:00:00 +2359"]
)
def test_a_wait_that_is_none(bridge: Bridge, wire: Wire, clock: FakeClock, value: str) -> None:
    wire.once("query", answered(503, HTML, {"Retry-After": value}))
    bridge.fetch("Main Page")
    assert len(clock.waits) == 1
    assert 0.0 <= clock.waits[0] <= 2.0


def test_a_write_waits_as_long_as_the_server_asks(
    bridge: Bridge, wire: Wire, clock: FakeClock, human: Person, title: str
) -> None:
    wire.once("edit", answered(429, HTML, {"Retry-After": "7"}), api_error("ratelimited", headers={"Retry-After": "9"}))
    bridge.edit(title, text="Made.")
    first, second = clock.waits
    assert 7.0 <= first <= 7.25
    assert 9.0 <= second <= 9.25
    assert human.texts(title) == ["Made."]


def test_a_server_that_asks_for_more_than_the_budget(bridge: Bridge, wire: Wire, clock: FakeClock) -> None:
    wire.always(answered(429, HTML, {"Retry-After": "3600"}))
    with pytest.raises(RateLimited) as caught:
        bridge.fetch("Main Page")
    assert clock.waits == []
    assert len(wire.requests) == 1
    assert one_line(caught.value)


ENDS: dict[str, tuple[Fault, type[ApibotError]]] = {
    "reply dropped": (LOST_REPLY, ConnectionLost),
    "half a reply": (HALF_REPLY, ConnectionLost),
    "HTML with status 200": (answered(200, HTML), BadReply),
    "status 503": (answered(503, HTML), BadReply),
    "status 429": (answered(429, HTML), RateLimited),
    "readonly": (api_error("readonly", "just being mended"), ReadOnly),
    "ratelimited": (api_error("ratelimited"), RateLimited),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_budget_that_is_used_up(bridge: Bridge, wire: Wire, clock: FakeClock, name: str) -> None:
    fault, kind = ENDS[name]
    wire.always(fault)
    with pytest.raises(kind) as caught:
        bridge.fetch("Main Page")
    assert one_line(caught.value)
    assert BUDGET / 3 < sum(clock.waits) <= BUDGET
    assert all(wait <= 30.25 for wait in clock.waits)
    assert len(wire.requests) == len(clock.waits) + 1
    wire.clear()
    assert bridge.fetch("Main Page").exists, "and the next request is a new start"


def test_a_read_that_gets_no_answer_in_time(connect_via: Connect, wire: Wire, clock: FakeClock) -> None:
    bridge = connect_via(timeout=0.5)
    event = threading.Event()
    bridge.fetch("Main Page")
    wire.clear()
    wire.once("query", held(event))
    assert bridge.fetch("Main Page").exists
    assert len(wire.requests) == 2
    event.set()


def test_nobody_listens(clock: FakeClock, fresh_home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with (
        Bridge(connect(f"http://127.0.0.1:{port}/api.php", contact=CONTACT, clock=clock)) as bridge,
        pytest.raises(ConnectFailed) as caught,
    ):
        bridge.fetch("Main Page")
    assert f"127.0.0.1:{port}" in one_line(caught.value)
    assert clock.waits == []


def test_no_such_host(clock: FakeClock, fresh_home: Path) -> None:
    with (
        Bridge(connect("http://wiki.invalid/api.php", contact=CONTACT, clock=clock)) as bridge,
        pytest.raises(ConnectFailed, match=r"wiki\.invalid"),
    ):
        bridge.fetch("Main Page")
    assert clock.waits == []


def test_the_wiki_goes_away(connect_via: Connect, apibot_wiki: Sandbox, clock: FakeClock, title: str) -> None:
    """Once it was reached, a refused connection is waited for; an edit that was certainly not sent is not unknown."""
    with Wire(apibot_wiki.url) as wire:
        bridge = connect_via(wire=wire)
        page = bridge.fetch(title)
        bridge.edit(f"{title} other", text="So that all is there.")
    with pytest.raises(ConnectFailed) as caught:
        bridge.fetch(title)
    assert BUDGET / 3 < sum(clock.waits) <= BUDGET
    assert one_line(caught.value)
    page.text = "Never sent."
    with pytest.raises(ConnectFailed):
        bridge.edit(page)


@pytest.mark.parametrize("path", ["/wiki/Main_Page", "/index.php", "/nothing-here", "/README", "/load.php"])
def test_an_api_php_that_is_none(wire: Wire, clock: FakeClock, fresh_home: Path, path: str) -> None:
    with Bridge(connect(wire.url + path, contact=CONTACT, clock=clock)) as bridge, pytest.raises(BadReply) as caught:
        bridge.fetch("Main Page")
    text = one_line(caught.value)
    assert path in text
    assert "api.php" in text.replace(wire.api, "")
    assert clock.waits == []
    assert len(wire.requests) == 1


@pytest.mark.parametrize("account", ["bot", None])
def test_another_program_that_speaks_json(
    connect_via: Connect, wire: Wire, clock: FakeClock, fresh_home: Path, account: str | None
) -> None:
    wire.always(answered(200, {"hello": "world"}))
    with pytest.raises(BadReply, match=r"api\.php"):
        connect_via(account).fetch("Main Page")
    assert clock.waits == []


@pytest.mark.parametrize("body", [{"hello": "world"}, {}, {"error": {"code": "internal", "info": "Broken"}}])
def test_an_answer_without_sense_is_not_taken_for_nothing_found(
    bridge: Bridge, wire: Wire, body: dict[str, object]
) -> None:
    """Rows that the wiki did not say are none must not be missing in silence."""
    wire.always(answered(200, body))
    with pytest.raises(ApibotError):
        list(bridge.allpages())
    with pytest.raises(ApibotError):
        list(bridge.titles("Main Page").pages(text=True))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_names_the_address(connect_via: Connect, wire: Wire, fresh_home: Path, status: int) -> None:
    wire.always(answered(status, b"", {"Location": "https://moved.example.org/w/api.php"}))
    with pytest.raises(BadReply) as caught:
        connect_via(None).fetch("Main Page")
    assert "https://moved.example.org/w/api.php" in one_line(caught.value)
    assert len(wire.requests) == 1


def test_a_redirect_takes_no_password_along(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    wire.always(answered(307, b"", {"Location": f"{wire.url}/elsewhere"}))
    with pytest.raises(BadReply, match="elsewhere"):
        connect_via().fetch("Main Page")
    assert [one.path for one in wire.requests] == ["/api.php"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_server_that_refuses_says_so_at_once(bridge: Bridge, wire: Wire, clock: FakeClock, status: int) -> None:
    wire.always(answered(status, HTML))
    with pytest.raises(BadReply, match=str(status)) as caught:
        bridge.fetch("Main Page")
    assert one_line(caught.value)
    assert clock.waits == []
    assert len(wire.requests) == 1


def test_a_lagging_wiki_is_waited_for(
    connect_switched: Callable[..., Bridge],
    switches: Path,
    switched_wire: Wire,
    switched_sysop: Person,
    clock: FakeClock,
    title: str,
) -> None:
    bridge = connect_switched()
    bridge.fetch(title)
    switched_wire.clear()
    (switches / "lag").touch()
    result = bridge.edit(title, text="Made.")
    assert not result.confirmed_late
    assert [one.answer.get("errors", [{}])[0].get("code") for one in switched_wire.of("edit")] == ["maxlag", None]
    [wait] = clock.waits
    assert 5.0 <= wait <= 60.25, "MediaWiki asks for at least 5 s"
    assert switched_sysop.texts(title) == ["Made."]


def test_a_wiki_that_is_being_mended(
    connect_switched: Callable[..., Bridge],
    switches: Path,
    switched_wire: Wire,
    switched_sysop: Person,
    clock: FakeClock,
    title: str,
) -> None:
    bridge = connect_switched()
    bridge.edit(title, text="Before.")
    switched_wire.clear()
    (switches / "readonly").touch()
    assert bridge.fetch(title).text == "Before."
    with pytest.raises(ReadOnly) as caught:
        bridge.edit(title, text="Meanwhile.")
    assert "mended" in str(caught.value) or "read-only" in str(caught.value)
    assert BUDGET / 3 < sum(clock.waits) <= BUDGET
    (switches / "readonly").unlink()
    assert switched_sysop.texts(title) == ["Before."]
    assert bridge.edit(title, text="After.").changed


def test_a_bad_token_is_replaced_once(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    bridge.edit(f"{title} first", text="So that there is a token.")
    wire.clear()
    wire.once("edit", api_error("badtoken"))
    bridge.edit(title, text="Made.")
    assert [one.action for one in wire.requests] == ["query", "query", "edit", "query", "edit"]
    assert human.texts(title) == ["Made."]
    wire.clear()
    wire.schedule = lambda request, _number: api_error("badtoken") if request.action == "edit" else None
    with pytest.raises(ApibotError, match="badtoken"):
        bridge.edit(title, text="Changed.")
    assert len(wire.of("edit")) == 2


def test_a_token_that_the_wiki_does_not_know_any_more(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    page = bridge.fetch(title)
    tokens = bridge.core.backends["api"].tokens  # type: ignore[attr-defined]  # of the API's backend
    tokens.get("csrf")
    tokens._held["csrf"] = "0123456789abcdef+\\"
    wire.clear()
    page.text = "Made."
    bridge.edit(page)
    assert [one.action for one in wire.requests] == ["query", "edit", "query", "edit"]
    assert human.texts(title) == ["Made."]


def test_a_closed_bridge_says_so(connect_via: Connect, wire: Wire) -> None:
    bridge = connect_via()
    bridge.close()
    for use in (lambda: bridge.fetch("Main Page"), lambda: list(bridge.allpages())):
        with pytest.raises(BackendClosed, match="closed"):
            use()
    assert wire.requests == []


def test_time_out_error_names_the_host(connect_via: Connect, wire: Wire, clock: FakeClock) -> None:
    bridge = connect_via(timeout=0.3)
    event = threading.Event()
    bridge.fetch("Main Page")
    wire.clear()
    retry = replace(bridge.core.settings.retry, budget=0.0)
    bridge.core.settings = replace(bridge.core.settings, retry=retry)
    wire.always(held(event))
    with pytest.raises(TimedOut, match=r"127\.0\.0\.1"):
        bridge.fetch("Main Page")
    event.set()


def test_json_under_another_name_is_read_with_one_warning(
    bridge: Bridge, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    body = b'{"batchcomplete":true,"query":{"pages":[{"pageid":1,"ns":0,"title":"Main Page","missing":true}]}}'
    wire.once("query", *[answered(200, body, {"Content-Type": "text/plain"})] * 2)
    assert not bridge.fetch("Main Page").exists
    assert not bridge.fetch("Main Page").exists
    assert [text for text in caplog.messages if "not as JSON" in text] == [
        f"{wire.api} sends its answers as text/plain, not as JSON; they are read all the same"
    ]
