"""The whole matrix: faults drawn by a seed on every request of a run, and the edits counted at the end on the wiki."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import LoginFailed, OutcomeUnknown, PermissionDenied
from tests.api.conftest import Connect
from tests.support.people import Person
from tests.support.proxy import (
    DRIBBLED,
    HALF_REPLY,
    IDLE_CLOSED,
    LONGEST_HOLD,
    LOST_REPLY,
    LOST_REQUEST,
    SILENT,
    Fault,
    Wire,
    answered,
    api_error,
)

HTML = "<html><body>Bad gateway</body></html>"
BEFORE = {
    "dropped": LOST_REQUEST,
    "idle connection closed": IDLE_CLOSED,
    "silence": SILENT,
    "502": answered(502, HTML),
    "503": answered(503, HTML, {"Retry-After": "3"}),
    "429": answered(429, HTML, {"Retry-After": "2"}),
    "HTML": answered(200, HTML),
    "maxlag": api_error("maxlag"),
    "readonly": api_error("readonly"),
    "ratelimited": api_error("ratelimited"),
    "badtoken": api_error("badtoken"),
    "session lost": api_error("assertnameduserfailed"),
}
"""The wiki never gets the request."""
AFTER = {
    "reply dropped": LOST_REPLY,
    "half a reply": HALF_REPLY,
    "silence after": Fault(sent="silence"),
    "reset after": Fault(sent="nothing", reset=True),
    "502 after": answered(502, HTML, forward=True),
    "nothing after": answered(200, b"", forward=True),
    "truncated after": answered(200, b'{"edit":{"resu', forward=True),
    "internal error after": Fault(answer=api_error("internal_api_error_DBQueryError").answer),
}
"""The wiki gets it, and the client does not learn that."""
FAULTS = {**BEFORE, **AFTER, "dribble": DRIBBLED}
SHARE = 0.3
THREADS = 4
STEPS = 3
MOST = 30
"""Tries that one change may need; a session that is lost again and again ends many of them."""


@pytest.fixture
def hasty(connect_via: Connect, wire: Wire) -> Iterator[Bridge]:
    """A bridge that waits for no silent server, and has time enough for everything else."""
    bridge = connect_via(timeout=1.0)
    bridge.fetch("Main Page")
    bridge.core.info.module("edit")
    retry = replace(bridge.core.settings.retry, budget=100_000.0, run_budget=1e9)
    bridge.core.settings = replace(bridge.core.settings, retry=retry)
    wire.clear()
    yield bridge
    wire.clear()


def under_faults(wire: Wire, faults: list[Fault], seed: int) -> None:
    """Let a share of the requests of who is logged in meet faults; a login has tests of its own."""
    wire.clear()
    wire.seeded(seed, faults, SHARE)
    drawn = wire.schedule
    wire.schedule = lambda request, number: drawn(request, number) if "assertuser" in request.params else None


def once(bridge: Bridge, wire: Wire, human: Person, title: str, step: int) -> list[str]:
    """Make one change, again whenever an error says so and the wiki shows that it did not land; return how it went."""
    line, ends = f"* {step}" if step else "Begin.", list[str]()
    while len(ends) < MOST:
        try:
            done = bridge.edit(title, append=f"\n{line}") if step else bridge.edit(title, text=line)
        except (OutcomeUnknown, PermissionDenied, LoginFailed) as exc:
            ends.append(f"{type(exc).__name__}: {exc}")
        else:
            return [*ends, "late" if done.confirmed_late else "done"]
        for request in [one for one in wire.of("edit") if one.forwarded]:
            request.over.wait(LONGEST_HOLD)  # a busy wiki may still have been saving
        if line in (human.text(title) or "").splitlines():
            assert "no answer in time" in ends[-1], f"it landed, and was not found: {ends[-1]}"
            return [*ends, "late"]
    pytest.fail(f"{title}: step {step} did not land in {MOST} tries: {ends}")


def run(
    bridge: Bridge, wire: Wire, human: Person, name: str, faults: list[Fault], seed: int, pages: int
) -> Counter[str]:
    """Make pages and change each twice, in several threads under faults; see on the wiki that each landed once."""
    titles = [f"{name} {number}" for number in range(pages)]

    def work(title: str) -> list[str]:
        return [end for step in range(STEPS) for end in once(bridge, wire, human, title, step)]

    under_faults(wire, faults, seed)
    with ThreadPoolExecutor(THREADS) as pool:
        ended = Counter(end for ends in pool.map(work, titles) for end in ends)
    wire.clear()
    wanted = ["Begin.", "Begin.\n* 1", "Begin.\n* 1\n* 2"]
    for title in titles:
        assert human.texts(title) == wanted[::-1], "all landed, none twice"
    assert ended["done"] + ended["late"] == pages * STEPS
    return ended


def test_many_faults_at_once(hasty: Bridge, wire: Wire, human: Person, title: str) -> None:
    quick = [fault for name, fault in FAULTS.items() if "silence" not in name and name != "dribble"]
    ended = run(hasty, wire, human, title, quick, seed=1, pages=4)
    assert len(ended) > 1, "some replies were lost"


def test_what_is_drawn_follows_from_the_requests(wire: Wire, connect_via: Connect) -> None:
    """The same requests meet the same faults, in whatever order they come."""
    met: list[dict[str, int]] = []
    for order in (1, -1):
        bridge = connect_via(None)
        bridge.fetch("Main Page")
        wire.clear()
        wire.seeded(5, [answered(500, HTML)], 0.5)
        for number in range(20)[::order]:
            assert bridge.fetch(f"Page {number}").title == f"Page {number}"
        met.append(Counter(one.params["titles"] for one in wire.requests))
    assert met[0] == met[1]
    assert 25 < sum(met[0].values()) < 80


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FAULTS)
def test_each_fault(hasty: Bridge, wire: Wire, human: Person, title: str, name: str, seed: int) -> None:
    run(hasty, wire, human, title, [FAULTS[name]], seed, pages=6)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_all_faults(hasty: Bridge, wire: Wire, human: Person, title: str, seed: int) -> None:
    run(hasty, wire, human, title, list(FAULTS.values()), seed, pages=12)
