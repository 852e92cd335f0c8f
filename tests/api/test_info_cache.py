"""When what is remembered is used and when it is fetched anew, by one or many processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BackendClosed, HookError, SettingsError
from apibot.core.info import Info
from apibot.core.schema import FetchRule, InfoType
from apibot.sandbox import Sandbox
from tests.api.conftest import CONTACT, Connect
from tests.support.clock import FakeClock
from tests.support.proxy import Fault, Recorded, Wire, answered, api_error

ROOT = Path(__file__).resolve().parents[2]

ASK: dict[InfoType, Callable[[Info], object]] = {
    "general": lambda info: info.general(),
    "site": lambda info: info.extensions(),
    "param": lambda info: info.module("edit"),
    "user": lambda info: info.user(),
    "messages": lambda info: info.messages("mainpage"),
    "filerepos": lambda info: info.file_repos(),
}
"""Brings each kind of info."""
DATA: dict[InfoType, str] = {
    "general": "namespaces",
    "site": "extensions",
    "param": "modules",
    "user": "userinfo",
    "messages": "messages",
    "filerepos": "repos",
}
"""Key under which its file has it."""


def ask_all(bridge: Bridge) -> None:
    for ask in ASK.values():
        ask(bridge.info)


def rules(home: Path, **fetch: str) -> None:
    lines = [f'{kind} = "{rule}"' for kind, rule in fetch.items()]
    (home / "apibot.toml").write_text("\n".join(["[info.fetch]", *lines, ""]))


def spoil(bridge: Bridge, kind: InfoType, state: str) -> None:
    """Bring what is remembered of a kind into a state."""
    path = bridge.core.infostore.path(kind)
    if state == "missing":
        path.unlink()
        return
    data = json.loads(path.read_text())
    if state == "old":
        data["fetched"] -= 31 * 86400
    elif state != "same":
        data["of"][{"version": "generator", "revision": "git-hash", "wiki": "wikiid"}[state]] = "other"
    path.write_text(json.dumps(data))


FETCHED: dict[FetchRule | None, tuple[str, ...]] = {
    None: ("missing", "old", "version", "revision", "wiki"),
    "always": ("missing", "old", "version", "revision", "wiki", "same"),
    "if_missing": ("missing",),
    "if_older": ("missing", "old"),
    "on_new_version": ("missing", "version", "wiki"),
    "on_new_revision": ("missing", "version", "revision", "wiki"),
    "never": (),
}
"""The states of what is remembered in which each rule has it fetched anew."""


@pytest.mark.parametrize("rule", FETCHED)
def test_each_rule(connect_via: Connect, wire: Wire, fresh_home: Path, rule: FetchRule | None) -> None:
    kinds: tuple[InfoType, ...] = ("site", "param", "messages", "filerepos")
    ask_all(connect_via())
    if rule is not None:
        rules(fresh_home, **dict.fromkeys(kinds, rule))
    for state in ("same", "old", "version", "revision", "wiki", "missing"):
        for kind in kinds:
            bridge = connect_via()
            spoil(bridge, kind, state)
            wire.clear()
            if rule == "never" and state == "missing":
                with pytest.raises(SettingsError, match=f"{kind}.*not cached.*never"):
                    ASK[kind](bridge.info)
                assert wire.requests == []
            else:
                ASK[kind](bridge.info)
                ASK[kind](bridge.info)
                assert len(wire.requests) == (state in FETCHED[rule]), (kind, state)


BOTH, ACCOUNT, NOBODY = "siteinfo|userinfo", "userinfo", None


@pytest.mark.parametrize(
    ("rule", "state", "ridden"),
    [
        (None, "same", BOTH),
        ("on_new_version", "old", BOTH),
        ("on_new_revision", "old", BOTH),
        ("if_missing", "old", ACCOUNT),
        ("if_older", "same", ACCOUNT),
        ("never", "old", ACCOUNT),
    ],
)
def test_what_rides_on_the_first_query(  # noqa: PLR0917  # pytest gives them by name
    connect_via: Connect, wire: Wire, fresh_home: Path, rule: FetchRule | None, state: str, ridden: str | None
) -> None:
    ask_all(connect_via())
    if rule is not None:
        rules(fresh_home, general=rule)
    bridge = connect_via()
    spoil(bridge, "general", state)
    wire.clear()
    bridge.fetch("Main Page")
    assert [one.params.get("meta") for one in wire.requests] == [ridden]


@pytest.mark.parametrize(("rule", "state"), [(None, "old"), ("if_older", "old"), ("always", "same")])
def test_what_is_fetched_before_the_first_query(
    connect_via: Connect, wire: Wire, fresh_home: Path, rule: FetchRule | None, state: str
) -> None:
    ask_all(connect_via())
    if rule is not None:
        rules(fresh_home, general=rule)
    bridge = connect_via()
    spoil(bridge, "general", state)
    wire.clear()
    bridge.fetch("Main Page")
    assert [one.params.get("meta") for one in wire.requests] == [BOTH, NOBODY]


def test_a_first_query_by_which_nothing_is_learnt(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    ask_all(connect_via())
    rules(fresh_home, general="never", user="never")
    bridge = connect_via()
    wire.clear()
    bridge.fetch("Main Page")
    assert "meta" not in wire.requests[0].params
    assert bridge.info.user(recent=True).name == "Bot"
    assert len(wire.requests) == 1
    before = bridge.core.infostore.read("user")
    assert bridge.info.user(fresh=True).name == "Bot"
    assert len(wire.requests) == 2, "which was asked for in so many words"
    assert bridge.core.infostore.read("user") == before


def test_a_user_who_is_always_asked_for(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    ask_all(connect_via())
    rules(fresh_home, user="always")
    bridge = connect_via()
    wire.clear()
    assert bridge.info.user().name == bridge.info.user().name == "Bot"
    assert [one.params["meta"] for one in wire.requests] == ["userinfo"]


def test_nothing_is_cached_and_never_to_be_fetched(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    rules(fresh_home, general="never")
    with pytest.raises(SettingsError, match=r"general.*never"):
        connect_via().fetch("Main Page")
    assert wire.of("query") == []


def test_a_rule_for_nothing(connect_via: Connect, fresh_home: Path) -> None:
    rules(fresh_home, nonsense="always")
    with pytest.raises(SettingsError, match=r"'nonsense' is not one of general, .*globaluser"):
        connect_via()


def test_what_is_seldom_used_costs_a_start_nothing(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    ask_all(connect_via())
    bridge = connect_via()
    for kind in ("site", "messages", "filerepos"):
        path = bridge.core.infostore.path(kind)
        path.unlink()
        path.mkdir()  # reading it would be an error
    wire.clear()
    bridge.fetch("Main Page")
    assert len(wire.requests) == 1
    files = [bridge.core.infostore.path(kind) for kind in ("general", "user", "param")]
    assert sum(path.stat().st_size for path in files) < 30_000


@pytest.mark.parametrize("kind", ["site", "messages", "filerepos"])
@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"extensions": 1, "messages": 2, "repos": 3}', "\x00"])
def test_a_damaged_file_is_fetched_anew(
    connect_via: Connect, wire: Wire, fresh_home: Path, kind: InfoType, text: str
) -> None:
    ask_all(connect_via())
    bridge = connect_via()
    bridge.core.infostore.path(kind).write_text(text)
    wire.clear()
    ASK[kind](bridge.info)
    assert len(wire.requests) == 1
    assert DATA[kind] in json.loads(bridge.core.infostore.path(kind).read_text())


# Several at once.


STARTING = """
import os, sys
import apibot
core = apibot.connect(sys.argv[1], user=sys.argv[2], contact=sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(2):
    assert core.info.user().name == "Bot"
    assert core.info.module("edit").token == "csrf"
    assert core.info.extensions()["ParserFunctions"].version
    assert core.info.messages("mainpage")
    assert core.info.namespaces()[10].name == "Template"
core.close()
"""


def infos(wire: Wire) -> list[str]:
    """Return what was asked for in the requests that bring info."""
    kinds = {"paraminfo": "param", "general|namespaces|namespacealiases": "general"}
    asked = [one.params.get("siprop", one.params.get("meta", one.action)) for one in wire.requests]
    return sorted(kinds.get(one, one[:18]) for one in asked if one not in {"tokens", "login", "clientlogin"})


def test_processes_that_start_together_fetch_once(wire: Wire, apibot_wiki: Sandbox, fresh_home: Path) -> None:
    wire.clear()
    environ = {**os.environ, "APIBOT_PASSWORD": apibot_wiki.bot.password.reveal()}
    command = [sys.executable, "-c", STARTING, wire.api, apibot_wiki.bot.user, CONTACT]
    running = [
        subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    done = [one.communicate("\n", timeout=60) for one in running]
    assert [one.returncode for one in running] == [0] * 4, done
    assert infos(wire) == ["allmessages", "general", "param", "specialpagealiases"]


def test_threads_that_start_together_fetch_once(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridges = [connect_via() for _ in range(2)]
    barrier = threading.Barrier(8)

    def start(number: int) -> None:
        barrier.wait(10)
        ask_all(bridges[number % 2])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    assert infos(wire) == ["allmessages", "filerepoinfo", "general", "param", "specialpagealiases"]


def test_an_account_that_is_new_on_a_known_wiki(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    ask_all(connect_via())
    wire.clear()
    assert connect_via("human").info.user().name == "Human"
    assert infos(wire) == ["userinfo"]


# In the course of time.


def test_a_long_process_takes_what_another_has_fetched(
    connect_via: Connect, wire: Wire, fresh_home: Path, clock: FakeClock
) -> None:
    first, other = connect_via(), connect_via()
    ask_all(first)
    assert "other" not in first.info.extensions()
    wire.clear()
    data = other.core.infostore.read("site")
    data["extensions"] = [{"name": "other", "version": "1"}]
    other.core.infostore.write("site", data)
    clock.sleep(10)
    assert list(first.info.extensions()) == ["other"]
    assert wire.requests == []


LASTING = """
import sys
import apibot
from tests.support.clock import FakeClock
clock = FakeClock()
core = apibot.connect(sys.argv[1], user=sys.argv[2], contact=sys.argv[3], clock=clock)
for _ in sys.stdin:
    print(core.info.extensions()["ParserFunctions"].version, flush=True)
    clock.sleep(10)
core.close()
"""


def test_a_long_process_takes_what_another_process_has_fetched(
    connect_via: Connect, wire: Wire, apibot_wiki: Sandbox, fresh_home: Path
) -> None:
    environ = {**os.environ, "APIBOT_PASSWORD": apibot_wiki.bot.password.reveal(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LASTING, wire.api, apibot_wiki.bot.user, CONTACT]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as lasting:
        assert lasting.stdin is not None
        assert lasting.stdout is not None

        def version() -> str:
            print("?", file=lasting.stdin, flush=True)
            return str(lasting.stdout and lasting.stdout.readline().strip())

        first = version()
        rules(fresh_home, site="always")

        def upgraded(request: Recorded, _number: int) -> Fault | None:
            if "extensions" not in request.params.get("siprop", ""):
                return None
            answer = wire.send_again(request)
            for one in answer["query"]["extensions"]:
                one["version"] = "99"
            return answered(200, answer)

        wire.schedule = upgraded
        assert connect_via().info.extensions()["ParserFunctions"].version == "99"
        wire.clear()
        assert (first != "99", version(), wire.requests) == (True, "99", [])
        lasting.stdin.close()
        assert lasting.wait(30) == 0


def test_a_long_process_fetches_what_has_become_old(
    connect_via: Connect, wire: Wire, fresh_home: Path, clock: FakeClock
) -> None:
    bridge = connect_via()
    ask_all(bridge)
    wire.clear()
    clock.sleep(31 * 86400)
    ask_all(bridge)
    assert infos(wire) == ["allmessages", "filerepoinfo", "general", "param", "specialpagealiases"]


def test_a_long_process_lets_it_ride_again(
    connect_via: Connect, wire: Wire, fresh_home: Path, clock: FakeClock
) -> None:
    bridge = connect_via()
    bridge.fetch("Main Page")
    wire.clear()
    for hours in (0.9, 0.2, 0.9):
        clock.sleep(hours * 3600)
        bridge.fetch("Main Page")
    assert ["meta" in one.params for one in wire.requests] == [False, True, False]


def test_a_count_of_edits_is_not_worth_a_file(connect_via: Connect, wire: Wire, fresh_home: Path, title: str) -> None:
    with connect_via() as bridge:
        bridge.edit(title, text="One more.")
    bridge = connect_via()
    path = bridge.core.infostore.path("user")
    before = path.stat().st_mtime_ns
    count = bridge.info.user().editcount
    bridge.fetch("Main Page")
    assert bridge.info.user().editcount > count
    assert bridge.info.user().options, "which did not ride"
    assert path.stat().st_mtime_ns == before


# Hooks.


def test_a_hook_sees_what_is_fetched(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via()
    seen: list[str] = []

    def note(info: Any, kind: str, ask: Any) -> object:
        seen.append(kind)
        return {"repos": [{"name": "mine"}]} if kind == "filerepos" else previous(info, kind, ask)

    previous = bridge.core.hooks.hook("API_Info::load", note)
    ask_all(bridge)
    ask_all(bridge)
    assert seen == ["general", "site", "param", "messages", "filerepos"], "the account came with the general block"
    assert list(bridge.info.file_repos()) == ["mine"]


# What is asked for in the midst of it.


def test_limits_are_wanted_by_the_request_that_is_to_bring_them(
    connect_via: Connect, wire: Wire, fresh_home: Path, clock: FakeClock
) -> None:
    wire.once("query", *[api_error("ratelimited")] * 3)
    bridge = connect_via(None)
    assert bridge.info.user().anonymous
    assert len(wire.requests) == 4


def test_a_hook_that_wants_what_it_delays(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via(None)
    name = "API_Mainmodule::params"

    def curious(module: Any, *args: Any) -> object:
        bridge.info.general()
        return previous(module, *args)

    previous = bridge.core.hooks.hook(name, curious)
    with pytest.raises((BackendClosed, HookError), match="is wanted by what is done to fetch it"):
        bridge.info.general()
    assert wire.requests == []
