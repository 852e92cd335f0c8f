"""Sessions and logins: saved, lost, renewed once, and shared by threads."""

# pytest gives fixtures and parameters by name

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apibot.core.errors import (
    LoginFailed,
)
from tests.api.conftest import Connect
from tests.api.test_retries import one_line
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import (
    LOST_REPLY,
    Fault,
    Recorded,
    Wire,
    api_error,
)


def log_out(wire: Wire) -> None:
    """Let the bot's session end on the wiki, as by another client that logs out with it."""
    last = next(one for one in reversed(wire.requests) if "assertuser" in one.params)
    cookie = dict(last.headers)["Cookie"]
    straight = Wire(wire.origin)
    request = Recorded(0, 0, "POST", "/api.php", {}, "/api.php", (("Cookie", cookie), ("Content-Type", FORM)), b"")
    request.body = b"action=query&meta=tokens&format=json&formatversion=2"
    token = straight.send_again(request)["query"]["tokens"]["csrftoken"]
    request.body = f"action=logout&format=json&token={token.replace('+', '%2B')}".encode()
    straight.send_again(request)
    straight._server.server_close()


FORM = "application/x-www-form-urlencoded"


def test_a_lost_session_is_renewed_once(
    connect_via: Connect, wire: Wire, fresh_home: Path, human: Person, title: str
) -> None:
    bridge = connect_via()
    bridge.edit(title, text="One.")
    log_out(wire)
    wire.clear()
    assert bridge.fetch(title).text == "One."
    assert [(one.action, one.params.get("type")) for one in wire.requests] == [
        ("query", None),
        ("query", "login"),
        ("login", None),
        ("query", "csrf|patrol|rollback|userrights|watch"),
        ("query", None),
    ]
    wire.clear()
    bridge.edit(title, text="Two.")
    assert len(wire.of("login")) == 0
    log_out(wire)
    wire.clear()
    page = bridge.fetch(title)
    log_out(wire)
    page.text = "Three."
    bridge.edit(page)
    assert human.texts(title) == ["Three.", "Two.", "One."]
    assert len(wire.of("login")) == 2


def test_a_saved_session_is_used_by_the_next_process(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    with connect_via() as first:
        first.fetch("Main Page")
    assert len(wire.of("login")) == 1
    wire.clear()
    connect_via().fetch("Main Page")
    assert [one.action for one in wire.requests] == ["query"]


def test_a_saved_session_that_ended_is_renewed(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    with connect_via() as first:
        first.fetch("Main Page")
    log_out(wire)
    wire.clear()
    with connect_via() as second:
        assert second.info.user().name == "Bot"
        second.fetch("Main Page")
    assert len(wire.of("login")) == 1
    wire.clear()
    connect_via().fetch("Main Page")
    assert [one.action for one in wire.requests] == ["query"], "the new session was saved"


def test_a_session_of_somebody_else_is_not_used(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    """Each account has its own file; two bridges of two accounts do not mix."""
    bot, person = connect_via(), connect_via("human")
    bot.fetch("Main Page")
    person.fetch("Main Page")
    bot.fetch("Main Page")
    assert (bot.info.user().name, person.info.user().name) == ("Bot", "Human")
    assert (len(wire.of("login")), len(wire.of("clientlogin"))) == (1, 1)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 1}', '{"name": "Bot", "cookies": []}'])
def test_a_damaged_identity_file(connect_via: Connect, wire: Wire, fresh_home: Path, text: str) -> None:
    bridge = connect_via()
    path = bridge.core.infostore.path("identity")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o600)
    assert bridge.fetch("Main Page").exists
    assert len(wire.of("login")) == 1


@pytest.mark.parametrize("cookies", ["[1]", "[{}]", '[{"name": "a"}]', '"x"', "[null]"])
def test_damaged_cookies_lead_to_a_new_login(connect_via: Connect, wire: Wire, fresh_home: Path, cookies: str) -> None:
    bridge = connect_via()
    path = bridge.core.infostore.path("identity")
    path.parent.mkdir(parents=True)
    path.write_text(f'{{"name": "Bot", "cookies": {cookies}}}')
    path.chmod(0o600)
    assert bridge.fetch("Main Page").exists
    assert len(wire.of("login")) == 1


def test_a_lost_login_is_tried_again(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    wire.once("login", LOST_REPLY)
    assert connect_via().fetch("Main Page").exists


def test_a_wrong_password(connect_via: Connect, wire: Wire, fresh_home: Path, clock: FakeClock) -> None:
    wrong = "This-is-wrong-0123456789"
    with pytest.raises(LoginFailed) as caught:
        connect_via(password=wrong).fetch("Main Page")
    text = one_line(caught.value)
    assert "Bot@apibot" in text
    error: BaseException | None = caught.value
    while error is not None:
        assert wrong not in repr(error) + str(getattr(error, "request", ""))
        error = error.__cause__ or error.__context__
    assert len(wire.of("login")) == 1
    assert clock.waits == []
    assert not list(fresh_home.glob("identity/*.json"))


def test_eight_threads_and_one_session(
    connect_via: Connect, wire: Wire, fresh_home: Path, human: Person, title: str
) -> None:
    bridge = connect_via()

    def work(number: int) -> None:
        for step in range(3):
            bridge.edit(f"{title} {number}", append=f"\n* {step}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    for number in range(8):
        assert human.text(f"{title} {number}") == "\n* 0\n* 1\n* 2"
        assert len(human.texts(f"{title} {number}")) == 3
    assert len(wire.of("login")) == 1
    tokens = [one for one in wire.requests if one.params.get("meta") == "tokens" and one.params["type"] != "login"]
    assert len(tokens) == 1
    assert len(wire.of("paraminfo")) <= 2
    assert len(wire.of("edit")) == 24


def test_eight_threads_whose_session_is_lost(
    connect_via: Connect, wire: Wire, fresh_home: Path, human: Person, title: str
) -> None:
    bridge = connect_via()
    bridge.edit(title, text="So that all is there.")
    log_out(wire)
    wire.clear()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: bridge.edit(f"{title} {number}", text="Made."), range(8)))
    assert all(human.texts(f"{title} {number}") == ["Made."] for number in range(8))
    assert len(wire.of("login")) == 1


def test_a_late_thread_does_not_log_in_again(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    """Its request was refused with the old session, and another thread has renewed that meanwhile."""
    bridge = connect_via()
    bridge.fetch("Main Page")
    wire.clear()
    renewed = threading.Event()
    lost = api_error("assertnameduserfailed")
    arrived = threading.Event()

    def schedule(request: Recorded, number: int) -> Fault | None:
        if number == 1:
            arrived.set()
            return Fault(forward=False, wait_after=renewed, answer=lost.answer)
        return lost if number == 2 else None

    wire.schedule = schedule
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(bridge.fetch, "Late")
        assert arrived.wait(10)
        bridge.fetch("Early")
        renewed.set()
        late.result(30)
    assert len(wire.of("login")) == 1
