"""One account in several processes and threads: they log in once between them, and log out for good."""

# ruff: noqa: PLR0917  # pytest gives fixtures by name

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import LoginFailed, SettingsError
from apibot.sandbox import Sandbox
from tests.api.conftest import CONTACT, Connect
from tests.api.test_sessions import log_out
from tests.contracts.rules import ROOT
from tests.support.people import Person
from tests.support.proxy import LOST_REPLY, Fault, Recorded, Wire, held

PROCESSES, THREADS = 4, 8
WORK = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from apibot import StandaloneBridge

api, user, contact, title, number, threads = sys.argv[1:]
with StandaloneBridge(api, user=user, contact=contact) as bridge:
    def work(thread):
        bridge.edit(f"{title} {number} {thread}", text="Made.")
        return bridge.fetch(f"{title} {number} {thread}").text

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(int(threads)) as pool:
        print(json.dumps(list(pool.map(work, range(int(threads))))), flush=True)
"""


class Workers:
    """Processes that wait until all are there, and then work at once."""

    def __init__(self, wire: Wire, wiki: Sandbox, title: str, threads: int) -> None:
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "APIBOT_PASSWORD": wiki.bot.password.reveal()}
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-c", WORK, wire.api, wiki.bot.user, CONTACT, title, str(number), str(threads)],
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(PROCESSES)
        ]
        assert [self._line(one) for one in self.processes] == ["ready\n"] * PROCESSES

    @staticmethod
    def _line(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline()

    def go(self, *some: subprocess.Popen[str]) -> None:
        for one in some or self.processes:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()

    def results(self) -> list[list[str]]:
        lines = [self._line(one) for one in self.processes]
        assert [one.wait(30) for one in self.processes] == [0] * PROCESSES
        return [json.loads(line) for line in lines]

    def end(self) -> None:
        for one in self.processes:
            one.kill()
            one.communicate()


@pytest.fixture
def workers(wire: Wire, apibot_wiki: Sandbox, fresh_home: Path, title: str) -> Iterator[list[Workers]]:
    """A list for the workers of a test, which are ended with it."""
    made: list[Workers] = []
    yield made
    for one in made:
        one.end()


def logins(wire: Wire) -> int:
    return len(wire.of("login"))


def test_a_lost_session_is_renewed_by_one_of_all(
    connect_via: Connect, wire: Wire, apibot_wiki: Sandbox, workers: list[Workers], title: str, human: Person
) -> None:
    connect_via().edit(title, text="So that there is a session.")
    log_out(wire)
    wire.clear()
    workers.append(Workers(wire, apibot_wiki, title, THREADS))
    workers[0].go()
    assert workers[0].results() == [["Made."] * THREADS] * PROCESSES
    assert logins(wire) == 1
    titles = [f"{title} {number} {thread}" for number in range(PROCESSES) for thread in range(THREADS)]
    assert [human.texts(one) for one in titles] == [["Made."]] * len(titles), "and nothing was done twice"


def test_an_account_that_was_never_here_logs_in_once(
    wire: Wire, apibot_wiki: Sandbox, workers: list[Workers], title: str
) -> None:
    workers.append(Workers(wire, apibot_wiki, title, 2))
    workers[0].go()
    assert workers[0].results() == [["Made."] * 2] * PROCESSES
    assert logins(wire) == 1


def test_who_is_killed_in_the_midst_of_a_login_keeps_nobody_waiting(
    connect_via: Connect, wire: Wire, apibot_wiki: Sandbox, workers: list[Workers], fresh_home: Path, title: str
) -> None:
    release, at_it = threading.Event(), threading.Event()

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.action != "login" or at_it.is_set():
            return None
        at_it.set()
        return held(release)

    wire.schedule = schedule
    workers.append(Workers(wire, apibot_wiki, title, 1))
    first = workers[0].processes[0]
    workers[0].go(first)
    assert at_it.wait(30)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(30)
    try:
        assert list(fresh_home.glob("identity/*-login.lock")), "it held the lock"
        assert list(fresh_home.glob("identity/*.json")) == []
        assert connect_via().fetch("Main Page").exists
    finally:
        release.set()
    assert logins(wire) == 2
    assert [path for path in fresh_home.glob("identity/.*") if path.suffix != ".lock"] == []


def test_a_wrong_password_in_eight_threads_is_tried_once(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via(password="wr0ng")

    def work(_number: int) -> str:
        with pytest.raises(LoginFailed) as caught:
            bridge.fetch("Main Page")
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        (said,) = set(pool.map(work, range(16)))
    assert "refused the login of 'Bot@apibot'" in said
    assert logins(wire) == 1


def test_two_bridges_of_one_process_share_what_either_renewed(
    connect_via: Connect, wire: Wire, fresh_home: Path
) -> None:
    one, two = connect_via(), connect_via()
    one.fetch("Main Page")
    two.fetch("Main Page")
    log_out(wire)
    wire.clear()
    one.fetch("Main Page")
    two.fetch("Main Page")
    assert logins(wire) == 1
    log_out(wire)
    wire.clear()
    two.fetch("Main Page")
    one.fetch("Main Page")
    assert logins(wire) == 1, "the other way round as well"


def test_a_newer_session_that_is_lost_too(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    one, two = connect_via(), connect_via()
    one.fetch("Main Page")
    two.fetch("Main Page")
    log_out(wire)
    two.fetch("Main Page")
    log_out(wire)
    wire.clear()
    assert one.fetch("Main Page").exists
    assert logins(wire) == 1


# Logging out.


def saved(home: Path) -> list[Path]:
    return list(home.glob("identity/*.json"))


def test_logging_out_ends_the_session_on_the_wiki(
    connect_via: Connect, wire: Wire, fresh_home: Path, apibot_wiki: Sandbox
) -> None:
    bridge = connect_via()
    bridge.fetch("Main Page")
    (file,) = saved(fresh_home)
    kept = file.read_text()
    wire.clear()
    bridge.core.logout()
    assert [(one.action, one.method) for one in wire.requests] == [("query", "POST"), ("logout", "POST")]
    assert saved(fresh_home) == []
    assert bridge.core.browser.cookies() == []
    file.write_text(kept)  # what somebody may have copied
    file.chmod(0o600)
    wire.clear()
    assert connect_via().fetch("Main Page").exists
    assert logins(wire) == 1, "is good for nothing"
    assert bridge.fetch("Main Page").exists, "and the bridge can go on"


def test_logging_out_what_only_was_saved(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    connect_via().fetch("Main Page")
    wire.clear()
    connect_via().core.logout()
    assert len(wire.of("logout")) == 1
    assert logins(wire) == 0
    assert saved(fresh_home) == []


def test_logging_out_where_nobody_is_logged_in(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    connect_via().core.logout()
    connect_via(None).core.logout()
    assert wire.requests == []


def test_a_lost_reply_to_logging_out(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via()
    bridge.fetch("Main Page")
    wire.once("logout", LOST_REPLY)
    bridge.core.logout()
    assert len(wire.of("logout")) == 2
    assert saved(fresh_home) == []


def test_logging_out_with_a_session_that_has_ended(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via()
    bridge.fetch("Main Page")
    log_out(wire)
    wire.clear()
    bridge.core.logout()
    assert logins(wire) == 0
    assert saved(fresh_home) == []


def test_logging_in_anew(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    connect_via().fetch("Main Page")
    wire.clear()
    assert connect_via().core.login() == "Bot"
    assert wire.requests == []
    assert connect_via().core.login(anew=True) == "Bot"
    assert logins(wire) == 1
    with pytest.raises(LoginFailed):
        connect_via(password="wrong").core.login(anew=True)
    assert len(saved(fresh_home)) == 1, "the session that was good is kept"
    wire.clear()
    connect_via().fetch("Main Page")
    assert logins(wire) == 0


def test_accounts_in_threads_do_not_mix(
    connect_via: Connect, wire: Wire, fresh_home: Path, title: str, human: Person
) -> None:
    bridges: dict[str, Bridge] = {"Bot": connect_via(), "Human": connect_via("human"), "Sysop": connect_via("sysop")}

    def work(name: str, number: int) -> None:
        bridges[name].edit(f"{title} {name} {number}", text=f"By {name}.")

    threads = [threading.Thread(target=work, args=(name, number)) for number in range(4) for name in bridges]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in bridges:
        pages = [human.page(f"{title} {name} {number}") for number in range(4)]
        assert [[one["user"] for one in page["revisions"]] for page in pages] == [[name]] * 4
    assert (logins(wire), len(wire.of("clientlogin"))) == (1, 2)


def test_a_saved_login_that_others_can_read_is_refused(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    connect_via().fetch("Main Page")
    (file,) = saved(fresh_home)
    file.chmod(0o640)
    with pytest.raises(SettingsError, match=rf"others can read it\. Run: chmod 600 {file}"):
        connect_via().fetch("Main Page")
