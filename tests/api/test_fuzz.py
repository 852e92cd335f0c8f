"""Answers of any kind: nothing hangs, crashes or loops, and no error passes for a success."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apibot.backends.api import answers, continuation
from apibot.backends.api.backend import ApiBackend
from apibot.backends.api.decisions import retry_after, rule
from apibot.bridge import Bridge
from apibot.core.browser import Transfer
from apibot.core.errors import ApibotError, BadReply, OutcomeUnknown
from apibot.data.pages import Page
from apibot.sandbox import Sandbox
from tests.api.conftest import core_of
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import Fault, Recorded, Reply, Wire

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Connections over which nonsense came are left to be collected, at any time."""
BUDGET = 4.0
TITLE = "Fuzz"
MOST_REQUESTS = 60
"""More than any task here makes within its budget."""
FEW, MANY = 120, 1000


def fuzzed(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run with so many examples, the same ones each time."""
    health = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=health)


# Anything.

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**15, 10**17).map(lambda power: int("9" * (power % 400 + 1))),
    st.floats(),
    st.text(st.characters(), max_size=8),
    st.sampled_from(["Success", "Failure", "maxlag", "badtoken", "readonly", "-||", "\ud800", "a\nb", ""]),
)
WORDS = st.sampled_from(
    [
        *("query", "pages", "continue", "batchcomplete", "errors", "error", "warnings", "edit", "purge", "allpages"),
        *(
            "result",
            "code",
            "text",
            "info",
            "data",
            "lag",
            "newrevid",
            "oldrevid",
            "pageid",
            "title",
            "revisions",
            "slots",
        ),
        *("main", "content", "ns", "missing", "invalid", "interwiki", "wait", "captcha", "links", "revid", "parentid"),
        *("user", "sha1", "logevents", "logid", "spamblacklist", "type", "apcontinue", "gapcontinue", "plcontinue"),
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(WORDS, st.text(max_size=5)), inner, max_size=5),
    ),
    max_leaves=12,
)
ROW = {
    "pageid": 1,
    "ns": 0,
    "title": TITLE,
    "lastrevid": 7,
    "length": 4,
    "links": [{"ns": 0, "title": "A"}],
    "revisions": [{"revid": 7, "parentid": 3, "user": "Bot", "slots": {"main": {"content": "Old."}}}],
}
SOUND: list[dict[str, Any]] = [
    {"batchcomplete": True, "query": {"pages": [ROW]}},
    {"batchcomplete": True, "continue": {"apcontinue": "B"}, "query": {"allpages": [{"title": "A", "pageid": 1}]}},
    {"edit": {"result": "Success", "pageid": 1, "title": TITLE, "oldrevid": 7, "newrevid": 8}},
    {"purge": [{"title": TITLE, "purged": True}], "batchcomplete": True},
    {"errors": [{"code": "maxlag", "text": "Waiting.", "module": "main", "data": {"lag": 7, "type": "db"}}]},
    {"errors": [{"code": "blocked", "text": "You are blocked.", "module": "edit"}]},
    {"edit": {"result": "Failure", "captcha": {"type": "question"}}},
]
"""Answers as the wiki gives them."""


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Draw a sound answer in which something is exchanged for anything."""
    answer = json.loads(json.dumps(draw(st.sampled_from(SOUND))))
    places: list[tuple[Any, Any]] = []
    todo = [answer]
    for node in todo:
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                todo.append(node[key])
    for _ in range(draw(st.integers(1, 2))):
        node, key = draw(st.sampled_from(places))
        if isinstance(node, list) or key in node:
            node[key] = draw(JSON)
    return answer


BODIES = st.one_of(
    st.binary(max_size=60),
    st.one_of(damaged(), JSON, st.sampled_from(SOUND)).map(lambda value: json.dumps(value).encode()),
    st.tuples(damaged(), st.integers(0, 80)).map(lambda pair: json.dumps(pair[0]).encode()[: pair[1]]),
    st.integers(1, 50_000).map(lambda depth: b"[" * depth),
)
NAMES = ["Retry-After", "Content-Type", "Content-Encoding", "Location", "Set-Cookie", "Vary", "Date", "X-Any"]
VALUES = st.one_of(
    st.sampled_from(["0", "1", "3", "86400", "gzip", "br", "application/json", "text/html; charset=x", "a=b; Path=/"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20),
)
HEADERS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3)
STATUSES = st.one_of(st.just(200), st.integers(200, 599), st.integers(600, 999))
REPLIES = st.builds(
    lambda status, headers, body: Reply(status, tuple(headers.items()), body), STATUSES, HEADERS, BODIES
)


@pytest.fixture(scope="module")
def _bridge(
    apibot_wiki: Sandbox, sysop: Person, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Bridge, Wire, FakeClock, Path]]:
    """A bridge whose wiki is known, so that only what a test asks goes over the wire."""
    home = tmp_path_factory.mktemp("fuzz")
    sysop.save(TITLE, "Old.")
    clock = FakeClock()
    with pytest.MonkeyPatch.context() as patch, Wire(apibot_wiki.url) as wire:
        patch.setenv("APIBOT_HOME", str(home))
        core = core_of(wire.api, apibot_wiki.bot, clock=clock, log={"screen": "error"}, timeout=2)
        core.settings = replace(core.settings, retry=replace(core.settings.retry, budget=BUDGET))
        with Bridge(core) as bridge:
            for warm in ACTS.values():
                warm(bridge)
            yield bridge, wire, clock, home


Act = Callable[[Bridge], object]


ACTS: dict[str, Act] = {
    "fetch": lambda bridge: bridge.fetch(TITLE),
    "list": lambda bridge: list(itertools.islice(bridge.allpages(), 20)),
    "generator": lambda bridge: [page.title for page in itertools.islice(bridge.allpages().pages(text=True), 20)],
    "set": lambda bridge: [page.title for page in bridge.titles(TITLE).pages(text=True, categories=True)],
    "property": lambda bridge: list(itertools.islice(bridge.by_name("prop", "links", pages=bridge.titles(TITLE)), 20)),
    "purge": lambda bridge: bridge.purge(TITLE),
    "edit": lambda bridge: bridge.edit(TITLE, text="Old."),
}


class Table:
    """Lets a task meet an answer, and looks at what came of it."""

    def __init__(self, bridge: Bridge, wire: Wire, clock: FakeClock, home: Path) -> None:
        self.bridge = bridge
        self.wire = wire
        self.clock = clock
        self.home = home

    def begin(self, schedule: Callable[[Recorded, int], Fault | None]) -> None:
        """Begin anew: nobody waits, nothing was seen."""
        for path in (self.home / "pace").glob("*.json"):
            path.unlink()
        cast("ApiBackend", self.bridge.core.backends["api"]).exchanger._waited = 0.0
        self.clock.waits.clear()
        self.wire.clear()
        self.wire.schedule = schedule

    def end(self) -> None:
        assert len(self.wire.requests) <= MOST_REQUESTS
        assert sum(self.clock.waits) <= 3 * BUDGET + 1
        self.wire.close_connections()  # some replies leave rests behind

    def outcome(self, act: Act) -> object:
        """Return what a task gives or raises; nothing but Apibot's own errors may come out."""
        try:
            found = act(self.bridge)
        except ApibotError as exc:
            found = exc
        self.end()
        if isinstance(found, ApibotError):
            assert len(str(found).splitlines()) == 1, "errors are one line"
            assert len(str(found)) < 1500
        return found


@pytest.fixture
def table(_bridge: tuple[Bridge, Wire, FakeClock, Path]) -> Iterator[Table]:
    table = Table(*_bridge)
    yield table
    table.begin(lambda _request, _number: None)


def save(bridge: Bridge) -> object:
    page = Page(ROW)
    page.text = "New."
    return bridge.edit(page)


def succeeded(reply: Reply) -> bool:
    """Say whether an answer to an edit says that it was made."""
    try:
        said = json.loads(reply.body)
    except (ValueError, RecursionError):
        return False
    edit = said.get("edit") if isinstance(said, dict) else None
    fine = reply.status < 300 and isinstance(edit, dict) and edit.get("result") == "Success"
    return fine and not said.get("errors") and not said.get("error")


def check_reads(table: Table, reply: Reply, act: Act) -> None:
    table.begin(lambda _request, _number: Fault(forward=False, answer=reply))
    table.outcome(act)


def check_edit(table: Table, reply: Reply) -> None:
    """Only the edit meets it; the question after it is answered by the wiki, which knows of no edit."""

    def schedule(request: Recorded, _number: int) -> Fault | None:
        return Fault(forward=False, answer=reply) if request.action == "edit" else None

    table.begin(schedule)
    result = table.outcome(save)
    assert isinstance(result, ApibotError) or succeeded(reply), "no error may claim success"
    if isinstance(result, OutcomeUnknown):
        assert len(table.wire.of("edit")) == 1


def check_purge(table: Table, reply: Reply) -> None:
    table.begin(lambda _request, _number: Fault(forward=False, answer=reply))
    result = table.outcome(ACTS["purge"])
    if not isinstance(result, ApibotError):
        assert isinstance(json.loads(reply.body)["purge"], list), "no error may claim success"


READS = ("fetch", "list", "generator", "set", "property")


@pytest.mark.parametrize("name", READS)
@fuzzed(FEW // 3)
@given(reply=REPLIES)
def test_any_answer_to_a_read(table: Table, name: str, reply: Reply) -> None:
    check_reads(table, reply, ACTS[name])


@fuzzed(FEW)
@given(reply=REPLIES)
def test_any_answer_to_an_edit(table: Table, reply: Reply) -> None:
    check_edit(table, reply)


@fuzzed(FEW // 3)
@given(reply=REPLIES)
def test_any_answer_to_a_purge(table: Table, reply: Reply) -> None:
    check_purge(table, reply)


@fuzzed(FEW // 3)
@given(replies=st.lists(REPLIES, min_size=2, max_size=4))
def test_any_answers_to_an_edit_and_the_question_after_it(table: Table, replies: list[Reply]) -> None:
    numbers = itertools.count()
    table.begin(lambda _request, _number: Fault(forward=False, answer=replies[next(numbers) % len(replies)]))
    table.outcome(save)


@pytest.mark.long
@pytest.mark.parametrize("name", READS)
@fuzzed(MANY)
@given(reply=REPLIES)
def test_very_many_answers_to_a_read(table: Table, name: str, reply: Reply) -> None:
    check_reads(table, reply, ACTS[name])


@pytest.mark.long
@fuzzed(MANY)
@given(reply=REPLIES)
def test_very_many_answers_to_a_write(table: Table, reply: Reply) -> None:
    check_edit(table, reply)
    check_purge(table, reply)


@fuzzed(FEW * 2)
@given(reply=REPLIES, action=st.sampled_from(["query", "edit", "purge", "login"]))
def test_any_answer_is_told_from_a_fault(reply: Reply, action: str) -> None:
    said, fault = answers.read(
        Transfer("http://w/api.php", reply.status, dict(reply.headers), reply.body, 0.1), action, 1e9
    )
    assert isinstance(said, dict)
    if fault is None:
        assert reply.status < 300
        return
    assert fault.event
    assert len(fault.text.splitlines()) <= 1
    assert rule(fault.event).error
    assert fault.wait is None or -1e9 < fault.wait < 1e10


@fuzzed(FEW * 2)
@given(value=st.one_of(st.text(max_size=30), VALUES), now=st.floats(0, 4e9))
def test_any_wait(value: str, now: float) -> None:
    wait = retry_after({"Retry-After": value}, now)
    assert wait is None or 0 < wait < 1e12


# Continuations that never end.

GROWING = "a" * 1000
ROWS = [{"ns": 0, "title": "A", "pageid": 1}]
NEVER: dict[str, Callable[[int], dict[str, Any]]] = {
    "the same": lambda _number: {"continue": {"apcontinue": "A"}, "query": {"allpages": ROWS}},
    "a cycle": lambda number: {"continue": {"apcontinue": "ABC"[number % 3]}, "query": {"allpages": ROWS}},
    "a long cycle": lambda number: {"continue": {"apcontinue": f"{number % 30}"}, "query": {"allpages": ROWS}},
    "growing": lambda number: {
        "continue": {"apcontinue": GROWING * number},
        "query": {"allpages": [{"title": f"{number}"}]},
    },
    "nothing": lambda number: {"continue": {"apcontinue": f"{number}"}},
    "no rows": lambda number: {"continue": {"apcontinue": f"{number}"}, "query": {"allpages": []}},
    "the same rows": lambda number: {"continue": {"apcontinue": f"{number}"}, "query": {"allpages": ROWS}},
    "never complete": lambda number: {"continue": {"continue": f"{number}||"}, "query": {"allpages": ROWS}},
    "not taken up": lambda number: {"continue": {"apcontinue": None, "number": number}, "query": {"allpages": ROWS}},
    "no text": lambda number: {"continue": {"apcontinue": [number]}, "query": {"allpages": ROWS}},
    "no object": lambda _number: {"continue": "||", "query": {"allpages": ROWS}},
    "half a character": lambda number: {"continue": {"apcontinue": f"{number}\ud800"}, "query": {"allpages": ROWS}},
}


def never_ends(table: Table, name: str, most: int) -> None:
    """See that a continuation is refused within so many requests."""
    complete = name != "never complete"

    def schedule(_request: Recorded, number: int) -> Fault:
        body = {"batchcomplete": complete, **NEVER[name](number)}
        return Fault(forward=False, answer=Reply(200, (), json.dumps(body).encode()))

    for act in (
        lambda: list(table.bridge.allpages()),
        lambda: table.bridge.allpages().pages().count(),
        lambda: table.bridge.info.messages("mainpage"),
    ):
        table.begin(schedule)
        with pytest.raises(BadReply, match="continuation"):
            act()
        assert len(table.wire.requests) <= most
        assert table.clock.waits == []


@pytest.mark.parametrize("name", NEVER)
def test_a_continuation_that_never_ends(table: Table, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuation, "IDLE", 40)
    never_ends(table, name, 42)


@pytest.mark.long
@pytest.mark.parametrize("name", ["nothing", "no rows", "the same rows"])
def test_a_continuation_that_never_ends_in_full(table: Table, name: str) -> None:
    never_ends(table, name, continuation.IDLE + 2)
