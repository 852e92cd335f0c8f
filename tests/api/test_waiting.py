"""Waiting over the wire: as long as asked and no longer, together with other threads and processes, never in vain."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

import email.utils
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from apibot.backends.api.backend import ApiBackend
from apibot.bridge import Bridge
from apibot.core.clock import SystemClock
from apibot.core.errors import BadReply, ConnectFailed, OutcomeUnknown
from apibot.core.hooks import Hooks
from apibot.core.log import Log
from apibot.core.pace import Pace
from apibot.core.schema import LogSettings, PaceSettings
from apibot.core.target import Target
from apibot.sandbox import Sandbox
from tests.api.conftest import Connect, core_of
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import DRIBBLED, SILENT, Fault, Recorded, Wire, answered, api_error, nobody

LATEST = 0.5
"""Seconds that a wait may be longer than the server asked for."""


# As long as asked, by the clock on the wall.


@pytest.fixture
def real(wire: Wire, apibot_wiki: Sandbox, connect_via: Connect) -> Iterator[Bridge]:
    """The bot's bridge with a real clock, warmed up."""
    with Bridge(core_of(wire.api, apibot_wiki.bot)) as bridge:
        bridge.fetch("Main Page")
        bridge.core.info.module("edit")
        wire.clear()
        yield bridge


def test_two_seconds_are_two_seconds(real: Bridge, wire: Wire, title: str, human: Person) -> None:
    page = real.fetch(title)
    page.text = "Made."
    times: list[float] = []

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.action != "edit":
            return None
        times.append(time.monotonic())
        return answered(429, "", {"Retry-After": "2"}) if len(times) == 1 else None

    wire.schedule = schedule
    real.edit(page)
    first, second = times
    assert 2.0 <= second - first <= 2.0 + LATEST
    assert human.texts(title) == ["Made."]


@pytest.mark.parametrize("effect", ["read", "write"])
@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("name", ["429", "503", "maxlag", "ratelimited"])
def test_what_a_server_asks_for(
    bridge: Bridge, wire: Wire, clock: FakeClock, human: Person, title: str, name: str, form: str, effect: str
) -> None:
    asked = 7.0 if form == "seconds" else 9.0
    value = "7" if form == "seconds" else email.utils.formatdate(clock.now() + asked, usegmt=True)
    headers = {"Retry-After": value}
    fault = answered(int(name), "", headers) if name.isdigit() else api_error(name, headers=headers)
    page = bridge.fetch(title)
    page.text = "Made."
    wire.once("query" if effect == "read" else "edit", fault)
    if (name, effect) == ("503", "write"):  # it may have landed, so it is asked about: not before the time is over
        with pytest.raises(OutcomeUnknown):
            bridge.edit(page)
    elif effect == "write":
        bridge.edit(page)
        assert human.texts(title) == ["Made."]
    else:
        bridge.fetch(title)
    [wait] = clock.waits
    assert asked - (form == "date") <= wait <= asked + LATEST, "a date has whole seconds"


def test_fifty_edits_do_not_wait(bridge: Bridge, clock: FakeClock, human: Person, title: str) -> None:
    for number in range(50):
        bridge.edit(title, append=f"\n* {number}")
    assert clock.waits == []
    assert human.texts(title)[0].count("*") == 50


def failing(wire: Wire, times: int, fault: Fault) -> None:
    """Let the first requests for each page meet a fault."""

    def schedule(request: Recorded, _number: int) -> Fault | None:
        same = [one for one in wire.requests if one.params.get("titles") == request.params.get("titles")]
        return fault if len(same) <= times else None

    wire.schedule = schedule


def test_a_budget_for_a_whole_run(
    bridge: Bridge, wire: Wire, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many requests that each wait a little do not wait for ever."""
    retry = replace(bridge.core.settings.retry, run_budget=10.0)
    bridge.core.settings = replace(bridge.core.settings, retry=retry)
    backend = bridge.core.backends["api"]
    assert isinstance(backend, ApiBackend)
    monkeypatch.setattr(backend.exchanger._random, "uniform", lambda _least, most: most)
    failing(wire, 3, answered(502))
    bridge.fetch("Page 0")
    assert clock.waits == [1.0, 2.0, 4.0]
    with pytest.raises(BadReply):
        bridge.fetch("Page 1")
    assert clock.waits[3:] == [1.0, 2.0]
    wire.clear()
    assert bridge.fetch("Page 1").title == "Page 1"


def test_what_a_server_asks_for_is_in_no_budget_of_the_run(bridge: Bridge, wire: Wire, clock: FakeClock) -> None:
    """A bot that runs for days meets much lag."""
    retry = replace(bridge.core.settings.retry, run_budget=10.0)
    bridge.core.settings = replace(bridge.core.settings, retry=retry)
    failing(wire, 1, answered(429, "", {"Retry-After": "30"}))
    for number in range(5):
        bridge.fetch(f"Page {number}")
    assert 150.0 <= sum(clock.waits) <= 150.0 + 5 * LATEST


def test_a_wait_longer_than_others_are_held(bridge: Bridge, wire: Wire, clock: FakeClock) -> None:
    retry = replace(bridge.core.settings.retry, budget=2000.0)
    bridge.core.settings = replace(bridge.core.settings, retry=retry)
    wire.once("query", answered(429, "", {"Retry-After": "1500"}))
    bridge.fetch("Main Page")
    assert 1500.0 <= sum(clock.waits) <= 1500.0 + LATEST


def test_the_first_contact_fails_at_once(clock: FakeClock, fresh_home: Path, wire: Wire) -> None:
    wire.always(answered(200, "<html>Apache</html>"))
    for api, kind in ((nobody(), ConnectFailed), (wire.api, BadReply)):
        with Bridge(core_of(api, None, clock=clock)) as bridge, pytest.raises(kind):
            bridge.fetch("Main Page")
    assert clock.waits == []


# Servers that are slow, or close what was idle.


def test_an_answer_that_dribbles(bridge: Bridge, wire: Wire, clock: FakeClock) -> None:
    wire.once("query", DRIBBLED)
    assert bridge.fetch("Main Page").exists
    assert len(wire.requests) == 1
    assert clock.waits == []


def test_a_server_that_says_nothing(connect_via: Connect, wire: Wire, clock: FakeClock) -> None:
    bridge = connect_via(timeout=0.3)
    bridge.fetch("Main Page")
    wire.clear()
    wire.once("query", SILENT, SILENT)
    assert bridge.fetch("Main Page").exists
    assert len(wire.requests) == 3
    assert len(clock.waits) == 2


def test_connections_cut_as_the_next_request_comes(
    bridge: Bridge, wire: Wire, clock: FakeClock, human: Person, title: str
) -> None:
    bridge.edit(title, text="Old.")
    wire.cuts = 1
    page = bridge.fetch(title)
    assert len(clock.waits) == 1
    page.text = "Made."
    wire.cuts = 1
    with pytest.raises(OutcomeUnknown):  # nobody can know that it was not read
        bridge.edit(page)
    assert human.texts(title) == ["Old."]


def test_a_server_that_restarts(
    bridge: Bridge, wire: Wire, clock: FakeClock, human: Person, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused connection is certainly not a sent edit."""
    page = bridge.fetch(title)
    page.text = "Made."
    refusing = wire.refusing()
    refusing.__enter__()
    sleep = clock.sleep

    def waiting(seconds: float) -> None:
        sleep(seconds)
        if len(clock.waits) == 3:
            refusing.__exit__(None, None, None)

    monkeypatch.setattr(clock, "sleep", waiting)
    bridge.edit(page)
    assert len(clock.waits) == 3
    assert human.texts(title) == ["Made."]


# Together with others.


def test_an_edit_held_back_was_never_sent(bridge: Bridge, wire: Wire, clock: FakeClock, title: str) -> None:
    """Another request was told to come back later than this one may wait: nothing is unknown about it."""
    page = bridge.fetch(title)
    page.text = "Never sent."
    bridge.core.pace.hold("all", 500.0, "http-503", "the server is closed")
    wire.clear()
    with pytest.raises(BadReply, match="500 s are left") as caught:
        bridge.edit(page)
    assert caught.value.request is not None
    assert wire.requests == []
    assert clock.waits == []


def test_threads_wait_together(bridge: Bridge, wire: Wire, clock: FakeClock) -> None:
    """None of them is sent before the time that one of them was told."""
    bridge.core.pace.hold("all", 7.0, "http-429", "too many")
    began = clock.now()
    wire.schedule = lambda _request, _number: api_error("tooearly") if clock.now() < began + 7.0 else None
    with ThreadPoolExecutor(6) as pool:
        for found in pool.map(bridge.fetch, ["Main Page"] * 6):
            assert found.exists


OTHER = """
import sys, time
from pathlib import Path
from apibot.core.clock import SystemClock
from apibot.core.hooks import Hooks
from apibot.core.log import Log
from apibot.core.pace import Pace
from apibot.core.schema import LogSettings, PaceSettings
from apibot.core.target import Target

home, api, settings = sys.argv[1:4]
target = Target(api, api, pace=PaceSettings(**eval(settings)))
pace = Pace(Path(home), target, clock=SystemClock(), log=Log(LogSettings(), "other"), hooks=Hooks())
"""
API = "https://wiki.example.org/w/api.php"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts another process, with a pace of the same folder."""
    running: list[subprocess.Popen[str]] = []

    def started(code: str, **settings: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", OTHER + code, str(tmp_path), API, repr(settings)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)))
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def own_pace(home: Path, **settings: float) -> Pace:
    target = Target(API, API, pace=PaceSettings(**settings))  # type: ignore[arg-type]  # some are whole numbers
    return Pace(home, target, clock=SystemClock(), log=Log(LogSettings(), "test"), hooks=Hooks())


def test_another_process_keeps_a_hold(start: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    code = """
print("ready", flush=True)
while not pace._hold_left(writes=False)[0]:
    time.sleep(0.005)
with pace.slot("read"):
    print(time.time(), flush=True)
"""
    process = start(code)
    assert said(process) == "ready"
    until = time.time() + 1.0
    own_pace(tmp_path).hold("all", 1.0, "http-429", "too many")
    assert until <= float(said(process)) <= until + LATEST


WIKIMEDIA = {"write_interval": 0.3, "writes_at_once": 1, "in_flight": 3}
HOLDS = """
with pace.slot(EFFECT):
    print("inside", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(("effect", "others"), [("write", 1), ("read", 3)])
def test_a_killed_process_stops_nobody(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, effect: str, others: int
) -> None:
    """The kernel frees what it held: the one place for writes, or all places for requests."""
    processes = [start(HOLDS.replace("EFFECT", repr(effect)), **WIKIMEDIA) for _ in range(others)]
    assert [said(process) for process in processes] == ["inside"] * others
    pace = own_pace(tmp_path, **WIKIMEDIA)

    def enter() -> float:
        with pace.slot("write" if effect == "write" else "read"):
            return time.monotonic()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(enter)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.7)
        killed = time.monotonic()
        processes[0].send_signal(signal.SIGKILL)
        assert killed <= waiting.result(timeout=10) <= killed + 1.0


def test_writes_of_many_processes_keep_their_distance(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    code = """
for _ in range(3):
    with pace.slot("write"):
        print(time.time(), flush=True)
"""
    processes = [start(code, **WIKIMEDIA) for _ in range(3)]
    times = sorted(float(said(process)) for process in processes for _ in range(3))
    gaps = [second - first for first, second in itertools.pairwise(times)]
    assert min(gaps) >= WIKIMEDIA["write_interval"] - 0.05
    assert sum(gaps) <= 8 * (WIKIMEDIA["write_interval"] + 0.15)


# Caps on bytes, by the clock on the wall.

CAP = 400_000
PART = 4_096
SECONDS = 2.0


@pytest.mark.parametrize("direction", ["down", "up"])
def test_a_cap_holds_over_a_long_transfer(tmp_path: Path, direction: str) -> None:
    pace = own_pace(tmp_path, **{"download" if direction == "down" else "upload": CAP})
    began = time.monotonic()
    for _ in range(int(SECONDS * CAP / PART)):
        pace.moved(direction, PART)  # type: ignore[arg-type]  # one of both
    assert time.monotonic() - began == pytest.approx(SECONDS, rel=0.05)


def test_threads_and_processes_share_a_cap(start: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    """Two processes of two threads each, one up and one down, under a total."""
    parts = int(SECONDS * CAP / PART / 4)
    code = f"""
from concurrent.futures import ThreadPoolExecutor

def move(direction):
    for _ in range({parts}):
        pace.moved(direction, {PART})

print("ready", flush=True)
while not Path(home, "go").exists():
    time.sleep(0.001)
began = time.time()
with ThreadPoolExecutor(2) as pool:
    list(pool.map(move, ["up", "down"]))
print(began, time.time(), flush=True)
"""
    processes = [start(code, total=CAP) for _ in range(2)]
    assert [said(process) for process in processes] == ["ready"] * 2
    (tmp_path / "go").touch()
    times = [list(map(float, said(process).split())) for process in processes]
    took = max(ended for _, ended in times) - min(began for began, _ in times)
    assert took == pytest.approx(SECONDS, rel=0.05)


def test_no_transfer_takes_longer_than_a_request_may(bridge: Bridge) -> None:
    """Also from a server that dribbles for ever; the browser's own tests show that it keeps to it."""
    given: list[object] = []

    def noted(_browser: object, url: str, **kwargs: object) -> object:
        given.append(kwargs["seconds"])
        return previous(_browser, url, **kwargs)

    previous = bridge.core.hooks.hook("Browser::xfer", noted)
    bridge.fetch("Main Page")
    assert given == [bridge.core.settings.retry.budget]
