"""Hooks that are there before a core is: its parts are made through them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apibot.composition import StandaloneBridge, connect
from apibot.core.browser import Browser
from apibot.core.core import Core
from apibot.core.errors import HookError, SettingsError
from apibot.core.hooks import Hooks
from apibot.core.log import Log
from apibot.core.schema import LogSettings
from apibot.tasks import Edit
from tests.support.clock import FakeClock

API = "http://127.0.0.1:1/api.php"
CONTACT = "me@example.org"
MADE = ["new_clock", "new_log", "new_browser", "new_infostore", "new_info", "new_backend"]


def noting(hooks: Hooks, seen: list[str], name: str) -> None:
    """Let a callback hold a hook of the core that only notes that it was called."""

    def callback(core: Core, *args: object) -> object:
        seen.append(name)
        return previous(core, *args)

    previous = hooks.hook(f"Core::{name}", callback)


def test_all_parts_are_made_and_closed_through_hooks() -> None:
    hooks, seen = Hooks(), list[str]()
    for name in (*MADE, "close_backend", "close"):
        noting(hooks, seen, name)
    with connect(API, contact=CONTACT, hooks=hooks) as core:
        assert seen == MADE
        assert core.hooks is hooks
    assert seen == [*MADE, "close", "close_backend"]


def test_a_part_can_be_exchanged(tmp_path: Path) -> None:
    hooks, clock = Hooks(), FakeClock()
    hooks.hook("Core::new_clock", lambda core, given: clock)
    hooks.hook("Core::new_log", lambda core: Log(LogSettings(file=str(tmp_path / "own.log")), core.target.name))
    with StandaloneBridge(API, contact=CONTACT, hooks=hooks) as bridge:
        assert bridge.core.clock is clock
        bridge.log("written")
    assert "bot: written" in (tmp_path / "own.log").read_text()


def test_a_part_can_be_changed() -> None:
    hooks = Hooks()

    def new_browser(core: Core) -> object:
        core.agent += " tracing"
        return previous(core)

    previous = hooks.hook("Core::new_browser", new_browser)
    with connect(API, contact=CONTACT, hooks=hooks) as core:
        assert core.agent.endswith(f"({CONTACT}) tracing")
        assert isinstance(core.browser, Browser)


def test_a_backend_and_its_parts_can_be_exchanged() -> None:
    hooks = Hooks()
    names: list[str] = []

    def new_backend(core: Core, name: str, maker: Callable[[Core], Any]) -> Any:
        names.append(name)
        return previous(core, name, maker)

    previous = hooks.hook("Core::new_backend", new_backend)
    tokens = object()
    hooks.hook("API_Backend::new_tokens", lambda backend: tokens)
    with connect(API, contact=CONTACT, hooks=hooks) as core:
        backend: Any = core.backends["api"]
        assert names == ["api"]
        assert backend.tokens is backend.exchanger.tokens is tokens
        assert core.stack(Edit)[0].label == "Task_Edit"


def test_one_set_of_hooks_for_several_cores() -> None:
    hooks, seen = Hooks(), list[str]()
    noting(hooks, seen, "new_log")
    with connect(API, contact=CONTACT, hooks=hooks) as one, connect(API, contact=CONTACT, hooks=hooks) as two:
        assert one.hooks is two.hooks
    with connect(API, contact=CONTACT) as three:
        assert three.hooks is not hooks
    assert seen == ["new_log"] * 2


@pytest.mark.parametrize("name", MADE[2:])
def test_a_callback_that_fails_while_a_core_is_made_is_named_and_leaves_no_log_open(name: str, tmp_path: Path) -> None:
    hooks = Hooks()
    logs: list[Log] = []

    def new_log(core: Core) -> object:
        logs.append(previous(core))  # type: ignore[arg-type]  # a Callback returns object
        return logs[-1]

    previous = hooks.hook("Core::new_log", new_log)
    hooks.hook(f"Core::{name}", lambda *args: 1 / 0)
    with pytest.raises(HookError, match=f"Core::{name} failed: ZeroDivisionError"):
        connect(API, contact=CONTACT, hooks=hooks, log={"file": str(tmp_path / "bot.log")})
    logs[0]("after the end", "panic")
    assert (tmp_path / "bot.log").read_text() == ""


def test_secrets_of_the_settings_are_hidden_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    with connect(
        API,
        user="Bot@job",
        password="correct-horse",
        contact=CONTACT,
        log={"file": str(path), "levels": {"bot": "debug"}},
    ) as core:
        core.log("the password is correct-horse", "debug")
    assert path.read_text().endswith("bot: the password is ***\n")


def test_settings_of_the_log_are_checked() -> None:
    with pytest.raises(SettingsError, match=r"log: levels.*API.*loud"):
        connect(API, contact=CONTACT, log={"levels": {"API_*": "loud"}})
