"""Each row of the table of decisions, provoked for a read, a write that may be repeated, and another write."""

# pytest gives fixtures and parameters by name

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from apibot.backends.api.backend import ApiBackend
from apibot.backends.api.decisions import OTHER, TABLE, rule
from apibot.backends.api.exchanger import Exchanger
from apibot.bridge import Bridge
from apibot.core import errors
from apibot.core.browser import Transfer
from apibot.core.request import Effect
from apibot.data.pages import Page
from apibot.sandbox import Sandbox
from apibot.tasks import EditResult, PurgeResult
from tests.api.conftest import core_of
from tests.support.clock import FakeClock
from tests.support.events import CASES, Case
from tests.support.people import Person
from tests.support.proxy import Fault, Recorded, Wire

ACTIONS: dict[Effect, str] = {"read": "query", "idempotent": "purge", "write": "edit"}
BUDGET = 60.0
SHORT, ENOUGH = 0.1, 1.0
"""Time-outs in seconds where the server never says anything, and where a busy wiki is to answer."""
TRIES = {"p": 2, "n": 4, "t": 2, "l": 4, "s": 1, "r": 1}
"""Requests that are made in all if the event never ends."""
TITLE = "Decisions"


@dataclass
class Bench:
    """A bridge through a wire that lets each request for one page meet what a case says."""

    bridge: Bridge
    wire: Wire
    clock: FakeClock
    page: Page
    log: Path
    texts: Iterator[str]
    targets: list[Recorded] = field(default_factory=list)
    """Requests that could meet the event."""
    met: int = 0
    """How often the event was met."""

    def act(self, effect: Effect) -> object:
        """Do what makes one request with that effect."""
        if effect == "read":
            return self.bridge.fetch(TITLE)
        if effect == "idempotent":
            return self.bridge.purge(TITLE)
        self.page.text = next(self.texts)
        return self.bridge.edit(self.page)

    def let(self, case: Case, effect: Effect, times: int, *, forward: bool = False) -> None:
        """Let the next requests with an effect meet a case."""
        self.wire.clear()
        self.clock.waits.clear()
        self.log.write_text("")
        self.targets, self.met = [], 0
        fault = case.fault
        if isinstance(fault, Fault):
            chosen = replace(fault, forward=True) if forward else fault
            self.wire.schedule = lambda request, _number: chosen if self._meets(request, effect, times) else None

    def _meets(self, request: Recorded, effect: Effect, times: int) -> bool:
        fetches = "content" in request.params.get("rvprop", "")  # not tokens, nor the question after a write
        if request.action != ACTIONS[effect] or (effect == "read" and not fetches):
            return False
        self.targets.append(request)
        met = self.met < times
        self.met += met
        return met

    def decisions(self, event: str) -> list[str]:
        """Return the lines of the log on an event."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if "API_Exchanger:" in line and f": {event}: " in line]


@pytest.fixture(scope="module")
def _bench(
    apibot_wiki: Sandbox, sysop: Person, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Bench, Path]]:
    home = tmp_path_factory.mktemp("decisions")
    clock = FakeClock()
    sysop.save(TITLE, "Old.")
    log = home / "bot.log"
    with pytest.MonkeyPatch.context() as patch, Wire(apibot_wiki.url) as wire:
        patch.setenv("APIBOT_HOME", str(home))
        logs = {"file": str(log), "file_level": "info", "screen": "error"}
        core = core_of(wire.api, apibot_wiki.bot, clock=clock, log=logs)
        core.settings = replace(core.settings, retry=replace(core.settings.retry, budget=BUDGET))
        with Bridge(core) as bridge:
            page = bridge.fetch(TITLE)
            bridge.purge(TITLE)
            page.text = "Older."
            bridge.edit(page)
            texts = (f"Text {number}." for number in range(10_000))
            yield Bench(bridge, wire, clock, page, log, texts), home


@pytest.fixture
def bench(_bench: tuple[Bench, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """The bench, as if nothing had happened yet."""
    bench, home = _bench
    monkeypatch.setattr(exchanger(bench.bridge), "_waited", 0.0)
    for path in (home / "pace").glob("*.json"):
        path.unlink()
    yield bench
    bench.wire.clear()


def exchanger(bridge: Bridge) -> Exchanger:
    return cast("ApiBackend", bridge.core.backends["api"]).exchanger


def test_every_row_has_a_case() -> None:
    provoked = [rule(case.event) for case in CASES]
    assert [row.event for row in (*TABLE, OTHER) if row not in provoked] == []
    assert len({case.name for case in CASES}) == len(CASES)


def provoked(
    bench: Bench, case: Case, effect: Effect, monkeypatch: pytest.MonkeyPatch, *, ends: bool | None
) -> ExitStack:
    """Bring about what no schedule of the wire can: nobody listens, or TLS fails; ``ends`` is None for ever."""
    stack = ExitStack()
    if case.fault is None:
        stack.enter_context(bench.wire.refusing())
        sleep = bench.clock.sleep

        def waiting(seconds: float) -> None:
            sleep(seconds)
            if ends:
                stack.close()

        monkeypatch.setattr(bench.clock, "sleep", waiting)
    elif isinstance(case.fault, type):
        kind = case.fault

        def fail(params: dict[str, str], *, post: bool, files: None = None) -> Transfer:
            if (
                params["action"] == ACTIONS[effect]
                and params.get("titles", TITLE) == TITLE
                and (ends is None or not bench.met)
            ):
                bench.met += 1
                error = kind("TLS failed.")
                if isinstance(error, errors.TransportError):
                    error.sent = case.sent
                raise error
            return real(params, post=post)

        real = exchanger(bench.bridge).browse
        monkeypatch.setattr(exchanger(bench.bridge), "browse", fail)
    if case.event == "timeout":
        monkeypatch.setattr(bench.bridge.core.browser, "timeout", SHORT if ends is None else ENOUGH)
    return stack


Pairs = list[tuple[Case, Effect]]
EFFECTS: tuple[Effect, ...] = ("read", "idempotent", "write")


def chosen(letters: str) -> Pairs:
    """Return the cases and effects that lead to one of these decisions."""
    return [
        (case, effect)
        for case in CASES
        for effect, follows in zip(EFFECTS, case.follows, strict=True)
        if follows in letters
    ]


def named(pairs: Pairs) -> Callable[[Callable[..., None]], Callable[..., None]]:
    names = [f"{case.name} {effect}" for case, effect in pairs]
    return pytest.mark.parametrize(("case", "effect"), pairs, ids=names)


def check_error(error: errors.ApibotError, case: Case, effect: Effect) -> None:
    """What every error has: its class, code and advice, one line of text, the request without secrets."""
    assert type(error) is case.error
    assert getattr(error, "code", None) == case.code
    assert error.advice == case.error.advice
    text = str(error)
    assert len(text.splitlines()) == 1
    assert text == text.strip()
    assert 10 < len(text) < 600
    assert error.request is not None
    assert error.request["action"] == ACTIONS[effect]
    assert "token" not in error.request
    assert "+\\" not in repr(error.request) + text


def check_waits(bench: Bench, case: Case) -> None:
    if case.asked is None:
        assert all(0.0 <= wait <= 30.0 for wait in bench.clock.waits)
    else:
        assert all(case.asked <= wait <= case.asked + 0.25 for wait in bench.clock.waits)


ENDING: Pairs = [(case, effect) for case, effect in chosen("wpntl") if not case.asked or case.asked < BUDGET / 2]


@named(ENDING)
def test_what_passes_is_waited_for_or_mended(
    bench: Bench, case: Case, effect: Effect, human: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    follows = case.follows[EFFECTS.index(effect)]
    times = 2 if follows == "w" and isinstance(case.fault, Fault) else 1
    bench.let(case, effect, times)
    old = bench.page.text
    with provoked(bench, case, effect, monkeypatch, ends=True):
        done = bench.act(effect)
    if isinstance(case.fault, Fault):
        assert len(bench.targets) == times + 1
    assert len(bench.decisions(case.event)) == times
    assert len(bench.clock.waits) == (times if follows == "w" else 0)
    check_waits(bench, case)
    assert len(bench.wire.of("login")) == (follows == "l")
    if follows == "p":
        assert bench.targets[-1].method == "POST"
    if effect == "write":
        assert not cast("EditResult", done).confirmed_late
        assert human.texts(TITLE)[:2] == [bench.page.text, old], "it landed, and once"
    elif effect == "idempotent":
        assert done == PurgeResult((TITLE,), ())
    else:
        assert cast("Page", done).text == old


LASTING: Pairs = [(case, effect) for case, effect in chosen("wpntl") if "l" not in case.follows or effect == "write"]


@named(LASTING)
def test_what_does_not_pass_ends(
    bench: Bench, case: Case, effect: Effect, monkeypatch: pytest.MonkeyPatch, human: Person
) -> None:
    follows = case.follows[EFFECTS.index(effect)]
    bench.let(case, effect, 10**6)
    with provoked(bench, case, effect, monkeypatch, ends=None), pytest.raises(case.error) as caught:
        bench.act(effect)
    check_error(caught.value, case, effect)
    check_waits(bench, case)
    tries = len(bench.decisions(case.event))
    if isinstance(case.fault, Fault):
        assert tries == bench.met == len(bench.targets)
        assert [one.reply for one in bench.targets] == [None] * tries, "the wiki never got it"
    if follows == "w":
        assert len(bench.clock.waits) == tries - 1
        assert sum(bench.clock.waits) + (case.asked or 30.0) > BUDGET, "as long as there is time"
        assert sum(bench.clock.waits) <= BUDGET + 0.25
    else:
        assert tries == TRIES[follows]
        assert bench.clock.waits == []
    bench.page.text = human.texts(TITLE)[0]


@named(chosen("r"))
def test_what_stays_so_is_never_tried_again(
    bench: Bench, case: Case, effect: Effect, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.let(case, effect, 10**6)
    with provoked(bench, case, effect, monkeypatch, ends=False), pytest.raises(case.error) as caught:
        bench.act(effect)
    check_error(caught.value, case, effect)
    assert bench.clock.waits == []
    assert bench.met == 1
    assert [one.reply for one in bench.targets] == [None] * isinstance(case.fault, Fault)
    assert len(bench.decisions(case.event)) == 1
    assert bench.wire.of("login") == []


@named(chosen("s"))
def test_a_write_that_may_have_landed_is_asked_about(
    bench: Bench, case: Case, effect: Effect, monkeypatch: pytest.MonkeyPatch, human: Person
) -> None:
    old = human.texts(TITLE)[0]
    for landed in (False, True):
        bench.let(case, effect, 10**6, forward=landed)
        with provoked(bench, case, effect, monkeypatch, ends=False):
            if landed and isinstance(case.fault, Fault):
                assert cast("EditResult", bench.act(effect)).confirmed_late
                assert human.texts(TITLE)[:2] == [bench.page.text, old]
            else:
                with pytest.raises(errors.OutcomeUnknown) as caught:
                    bench.act(effect)
                assert len(str(caught.value).splitlines()) == 1
                assert caught.value.request is not None
                assert "token" not in caught.value.request
                assert human.texts(TITLE)[0] == old
        assert bench.met == 1
        if isinstance(case.fault, Fault):
            assert len(bench.targets) == 1, "it is not sent again"
        assert len(bench.decisions(case.event)) == 1
        assert len(bench.clock.waits) == (case.asked is not None), "as long as the server asks, also for the question"
        check_waits(bench, case)
        assert bench.wire.requests[-1].method == "POST", "the primary database was asked"
