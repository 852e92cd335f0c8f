"""apibot.core.pace: who waits how long, by the clock of a test, and what processes share."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from apibot.core.errors import StateError, TooLong
from apibot.core.hooks import Hooks
from apibot.core.jsons import block
from apibot.core.log import Log
from apibot.core.pace import BUCKETS, INTERVAL, JITTER, LONGEST_HOLD, POLL, WIKIMEDIA_INTERVAL, Pace
from apibot.core.schema import LogSettings, PaceSettings
from apibot.core.target import Target
from apibot.core.turns import Rule, book
from apibot.core.userinfo import RateLimit
from tests.support.clock import FakeClock

OWN = "https://wiki.example.org/w/api.php"
WIKIPEDIA = "https://en.wikipedia.org/w/api.php"
COMMONS = "https://commons.wikimedia.org/w/api.php"


class Part(random.Random):
    """Gives always the same part of a jitter."""

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) / 2


Make = Callable[..., Pace]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make(tmp_path: Path, clock: FakeClock) -> Make:
    """Makes the pace of one wiki, as another process would that shares the folder."""

    def made(api: str = OWN, **settings: float) -> Pace:
        target = Target(api, api, pace=PaceSettings(**settings))  # type: ignore[arg-type]  # some are whole numbers
        log = Log(LogSettings(screen="info"), "test")
        return Pace(tmp_path, target, clock=clock, log=log, hooks=Hooks(), jitter=Part())

    return made


def write(pace: Pace, *limits: RateLimit) -> float:
    with pace.slot("write", limits) as paced:
        return paced


def read(pace: Pace) -> float:
    with pace.slot("read") as paced:
        return paced


def test_an_own_wiki_is_not_waited_for(make: Make, clock: FakeClock, tmp_path: Path) -> None:
    pace = make()
    for _ in range(50):
        assert write(pace) == read(pace) == 0.0
    assert clock.waits == []
    assert list(tmp_path.iterdir()) == [], "and nothing is written down"


def test_wikimedia_gets_one_write_in_some_seconds(make: Make, clock: FakeClock) -> None:
    english, commons = make(WIKIPEDIA), make(COMMONS)
    assert write(english) == 0.0
    assert write(commons) == pytest.approx(WIKIMEDIA_INTERVAL), "the wikis of a farm share their pace"
    assert read(english) == 0.0
    assert write(make(WIKIPEDIA)) == pytest.approx(WIKIMEDIA_INTERVAL), "and so do processes"
    assert clock.waits == pytest.approx([WIKIMEDIA_INTERVAL] * 2)


def test_the_time_since_the_last_write_counts(make: Make, clock: FakeClock) -> None:
    pace = make(WIKIPEDIA)
    write(pace)
    clock.sleep(3)
    assert write(pace) == pytest.approx(WIKIMEDIA_INTERVAL - 3)
    clock.sleep(60)
    assert write(pace) == 0.0


def test_settings_change_it(make: Make, clock: FakeClock) -> None:
    pace = make(WIKIPEDIA, write_interval=0.0)
    assert write(pace) == write(pace) == 0.0
    assert write(make(OWN, write_interval=2.0)) == 0.0
    assert write(make(OWN, write_interval=2.0)) == pytest.approx(2.0)
    assert clock.waits == pytest.approx([2.0])


def test_it_says_what_it_is(make: Make) -> None:
    said = "; ".join(make(WIKIPEDIA).explain())
    assert "one write every 5 s (Apibot's default for Wikimedia's wikis)" in said
    assert "at most 1 write at once" in said
    assert "at most 3 requests at once" in said
    said = "; ".join(make(OWN, total=5000).explain())
    assert "no wait between writes" in said
    assert "any number of requests at once" in said
    assert "at most 5000 bytes per second (total)" in said
    assert "default" not in "; ".join(make(WIKIPEDIA, write_interval=1, writes_at_once=2, in_flight=2).explain())


class Alive:
    """Books while all others live."""

    name = "1-me"

    def lives(self, name: str) -> bool:
        return True


LIMIT = RateLimit("edit", 3, 60.0)


def test_a_limit_costs_nothing_until_it_is_used_up(make: Make, clock: FakeClock) -> None:
    one, other = make(), make()
    assert [write(one, LIMIT), write(other, LIMIT), write(one, LIMIT)] == [0.0, 0.0, 0.0]
    clock.sleep(20)
    window = LIMIT.seconds * (1 + 1 / BUCKETS)
    assert write(other, LIMIT) == pytest.approx(window - 20)
    assert write(one, LIMIT) == 0.0, "the first three were at the same time"
    assert write(one, RateLimit("edit", 3, 61.0)) == 0.0, "each limit is counted by itself"


def test_never_more_than_the_limit_in_any_window(make: Make, clock: FakeClock) -> None:
    processes, times = [make(), make(), make()], []
    chance = random.Random(7)
    for _ in range(200):
        with chance.choice(processes).slot("write", [LIMIT]):
            clock.sleep(chance.uniform(0, 3))  # the wiki counts it somewhere in between
            times.append(clock.now())
            clock.sleep(chance.uniform(0, 3))
        clock.sleep(chance.choice([0, 0, 0, 30]))
    for first, fourth in zip(times, times[LIMIT.hits :], strict=False):
        assert fourth - first >= LIMIT.seconds


def test_several_limits_at_once(make: Make) -> None:
    fast, slow = RateLimit("edit", 2, 10.0), RateLimit("edit", 3, 100.0)
    pace = make()
    assert write(pace, fast, slow) == write(pace, fast, slow) == 0.0
    assert write(pace, fast, slow) == pytest.approx(10 * (1 + 1 / BUCKETS))
    assert write(pace, fast, slow) == pytest.approx(90 * (1 + 1 / BUCKETS), rel=0.01)


def test_who_is_asked_to_wait_waits_with_all_others(make: Make, clock: FakeClock) -> None:
    one, other = make(), make()
    one.hold("writes", 7, "maxlag", "the wiki lags")
    assert read(other) == 0.0
    assert clock.waits == []
    assert write(other) == 0.0, "the server's wait is not the pace's"
    assert clock.waits == [7 + JITTER / 2]
    one.hold("all", 4, "http-429", "too many requests")
    read(other)
    assert clock.waits[1:] == [4 + JITTER / 2]


def test_a_hold_of_writes_is_for_one_wiki(make: Make, clock: FakeClock) -> None:
    make(WIKIPEDIA).hold("writes", 7, "maxlag", "the wiki lags")
    write(make(COMMONS))
    assert clock.waits == []


def test_a_shorter_hold_does_not_end_a_longer_one(make: Make, clock: FakeClock) -> None:
    pace = make()
    pace.hold("all", 9, "http-429", "long")
    pace.hold("all", 2, "http-429", "short")
    read(pace)
    assert clock.waits == [9 + JITTER / 2]


def test_no_patience(make: Make, clock: FakeClock) -> None:
    pace = make()
    pace.hold("writes", 90, "readonly", "the wiki is being mended")
    with pytest.raises(TooLong) as caught, pace.slot("write", patience=60):
        pytest.fail("it may not go out")
    assert (caught.value.event, caught.value.seconds) == ("readonly", 90)
    assert "being mended; 90 s are left" in str(caught.value)
    assert clock.waits == []


def test_a_server_can_not_stop_everything_for_ever(make: Make, clock: FakeClock) -> None:
    pace = make()
    pace.hold("all", 1e9, "http-503", "closed")
    read(pace)
    assert clock.waits == [LONGEST_HOLD + JITTER / 2]


def test_a_clock_that_was_set_back(make: Make, clock: FakeClock, tmp_path: Path) -> None:
    """Times far in the future come from a clock that was wrong."""
    ahead = clock.now() + 1e7
    key = f"{OWN} None edit 3/60"
    turns = {key: [[ahead, "1-dead"]] * 5, INTERVAL: [[ahead, "1-dead"]]}
    state = {"holds": {"all": {"until": ahead, "why": "x"}}, "turns": turns}
    pace = make(write_interval=1.0)
    write(pace)
    next(tmp_path.glob("pace/*.json")).write_text(json.dumps(state))
    write(pace, LIMIT)
    assert sum(clock.waits) <= 2 * LONGEST_HOLD + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "17",
        '{"holds": 3, "turns": [], "bytes": null}',
        '{"turns": {"interval": [[1], ["a", "b"], [1e999, "b"], 3]}}',
    ],
)
def test_a_damaged_state_is_made_anew(make: Make, tmp_path: Path, text: str) -> None:
    pace = make(write_interval=1.0, total=1000)
    write(pace)
    path = next(tmp_path.glob("pace/*.json"))
    path.write_text(text)
    pace.moved("up", 2000)
    write(pace, LIMIT)
    assert json.loads(path.read_text())["turns"][INTERVAL]


def test_a_folder_that_can_not_be_used(make: Make, tmp_path: Path) -> None:
    (tmp_path / "pace").write_text("a file")
    with pytest.raises(StateError, match="can not be used"):
        write(make(write_interval=1.0))
    with pytest.raises(StateError, match="can not be used"):
        write(make(writes_at_once=1))


def test_after_a_hold_writes_come_one_after_the_other() -> None:
    """Those that had waited for their turn do not all go at once."""
    rule, state, me = Rule("interval", 1, 5.0), block({}), Alive()
    first = book(state, [rule], None, 100.0, me)
    second = book(state, [rule], None, 100.0, me)
    assert second.at - first.at == pytest.approx(5.0)
    one = book(state, [rule], first, 160.0, me)
    other = book(state, [rule], second, 160.0, me)
    assert other.at - one.at == pytest.approx(5.0)


@pytest.mark.parametrize(("setting", "effect"), [("writes_at_once", "write"), ("in_flight", "read")])
def test_no_more_at_once_than_allowed(make: Make, setting: str, effect: str) -> None:
    """Two processes (as far as locks go) and six threads."""
    paces, inside, most = [make(**{setting: 2}), make(**{setting: 2})], 0, 0
    lock, both = threading.Lock(), threading.Barrier(2, timeout=10)

    def work(pace: Pace) -> None:
        nonlocal inside, most
        with pace.slot(effect):  # type: ignore[arg-type]  # one of them
            with lock:
                inside += 1
                most = max(most, inside)
            both.wait()  # two really are in at the same time
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work, args=(paces[number % 2],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_who_waits_for_a_place_hears_of_a_hold(make: Make, clock: FakeClock) -> None:
    """What a server asks of one request holds for those that wait for its place."""
    pace = make(in_flight=1)
    with pace.slot("read"):
        other = threading.Thread(target=read, args=(pace,))
        other.start()
        while not clock.waits:
            threading.Event().wait(0.001)
        pace.hold("all", 7, "http-429", "too many requests")
    other.join()
    [wait] = [wait for wait in clock.waits if wait != POLL]
    assert 6 < wait <= 7 + JITTER / 2, "some time has passed until it looked"


def test_a_process_that_hangs_stops_others_not_for_ever(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    pace = make(WIKIPEDIA, write_interval=0.0)
    with pace.slot("write"), pytest.raises(StateError, match=r"others have held .*write0\.lock for 600 s"):
        write(make(WIKIPEDIA, write_interval=0.0))
    assert [text for text in caplog.messages if "at most 1 write at once" in text], "it is said meanwhile"
    assert write(pace) == 0.0


def test_patience_is_for_all_holds_together(make: Make, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that asks again and again is not waited for without end."""
    pace, sleep = make(), clock.sleep

    def asked_again(seconds: float) -> None:
        sleep(seconds)
        pace.hold("all", 50, "http-429", "again")

    pace.hold("all", 50, "http-429", "busy")
    monkeypatch.setattr(clock, "sleep", asked_again)
    with pytest.raises(TooLong), pace.slot("read", patience=120):
        pytest.fail("it may not go out")
    assert sum(clock.waits) <= 120


def test_what_can_not_be_written_down_hides_nothing(make: Make, tmp_path: Path) -> None:
    """A write that has landed has landed, also if the disk is full by then."""
    pace = make(total=1000)
    with pace.slot("write", [LIMIT]):
        shutil.rmtree(tmp_path / "pace")
        (tmp_path / "pace").write_text("no folder any more")
        pace.moved("up", 5000)
    with pytest.raises(StateError, match="can not be used"), pace.slot("write", [LIMIT]):
        pytest.fail("without the state nothing more is sent")


def test_caps_hold_on_average(make: Make, clock: FakeClock) -> None:
    pace = make(download=100_000, upload=10_000, total=1_000_000)
    began = clock.now()
    for _ in range(500):
        pace.moved("down", 1000)
    assert clock.now() - began == pytest.approx(5.0, rel=0.05)
    began = clock.now()
    for _ in range(100):
        pace.moved("up", 700)
    assert clock.now() - began == pytest.approx(7.0, rel=0.05)


def test_processes_share_a_cap(make: Make, clock: FakeClock) -> None:
    one, other = make(total=10_000), make(total=10_000)
    began = clock.now()
    for _ in range(50):
        one.moved("down", 1000)
        other.moved("up", 1000)
    assert clock.now() - began == pytest.approx(10.0, rel=0.05)


def test_a_pause_gives_no_credit(make: Make, clock: FakeClock) -> None:
    pace = make(download=1000)
    pace.moved("down", 1000)
    clock.sleep(100)
    began = clock.now()
    pace.moved("down", 5000)
    assert clock.now() - began == pytest.approx(5.0)


def test_why_it_waits_can_be_seen_while_it_does(make: Make, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    pace, seen = make(WIKIPEDIA), []
    sleep = clock.sleep

    def noting(seconds: float) -> None:
        seen.append(pace.why)
        sleep(seconds)

    monkeypatch.setattr(clock, "sleep", noting)
    write(pace)
    write(pace)
    assert seen == [f"{WIKIPEDIA}: one write every 5 s"]
    assert pace.why is None


def test_turns_of_the_dead_are_free(make: Make, clock: FakeClock, tmp_path: Path) -> None:
    """What another process has booked ahead counts as long as it lives, and it may be killed."""
    pace = make(write_interval=30.0)
    write(pace)
    [path] = tmp_path.glob("pace/*.json")
    child = os.fork()
    if child == 0:
        other = make(write_interval=30.0)
        other._book(other._rules(()), None)
        other._book(other._rules(()), None)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    booked = json.loads(path.read_text())["turns"][INTERVAL]
    assert len(booked) == 3, "it had booked twice before it was killed"
    assert write(pace) == pytest.approx(30.0, abs=1.0)
    assert len(list(tmp_path.glob("pace/*.alive-*"))) == 1, "its sign of life is gone too"
    pace.close()
    assert list(tmp_path.glob("pace/*.alive-*")) == []


def test_turns_of_the_living_are_kept(make: Make, clock: FakeClock) -> None:
    one, other = make(write_interval=30.0), make(write_interval=30.0)
    write(one)
    one._book(one._rules(()), None)
    assert other._book(other._rules(()), None).at - clock.now() == pytest.approx(60.0)


def test_who_is_interrupted_while_it_waits_gives_its_turn_up(
    make: Make, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = make(write_interval=30.0)
    write(pace)

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(clock, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(pace)
    assert write(pace) == pytest.approx(30.0)


def test_a_fork_has_a_sign_of_life_of_its_own(make: Make, clock: FakeClock, tmp_path: Path) -> None:
    pace = make(write_interval=30.0)
    write(pace)
    pace._book(pace._rules(()), None)
    child = os.fork()
    if child == 0:
        pace._book(pace._rules(()), None)
        os._exit(0)
    os.waitpid(child, 0)
    turn = make(write_interval=30.0)._book(pace._rules(()), None)
    assert turn.at - clock.now() == pytest.approx(60.0), "the parent lives on, the child does not"
