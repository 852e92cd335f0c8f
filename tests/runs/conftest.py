"""A real wiki for plans: the fixtures of the lines' tests, and what has changed on the wiki meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.line import Line, allpages, edit, replace
from tests.api.conftest import _wire, bridge, clock, connect_via, human, other_bot, sysop, title, wire
from tests.line.conftest import pages, prefix
from tests.support.people import Person

Changes = Callable[[], list[tuple[str, str, str]]]


def rows(path: Path) -> list[Any]:
    """Return the lines of a plan, read as JSON; a line ends with a line feed and with nothing else."""
    text = path.read_bytes().decode()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def typo_line(prefix: str) -> Line:
    """Return the line that corrects a typo."""
    return allpages(prefix=prefix) | replace("teh", "the") | edit(summary="typo")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Where a plan goes; nothing else is in its folder."""
    folder = tmp_path / "plans"
    folder.mkdir()
    return folder / "plan.jsonl"


@pytest.fixture
def changes(sysop: Person) -> Changes:
    """Give a function that returns what has changed on the wiki since the test began: title, user, summary."""

    def recent() -> list[dict[str, Any]]:
        found = sysop.ask(list="recentchanges", rcprop="ids|title|user|comment", rclimit="max")["recentchanges"]
        return list(reversed(found))

    known = max((one["rcid"] for one in recent()), default=0)
    return lambda: [(one["title"], one["user"], one["comment"]) for one in recent() if one["rcid"] > known]


@pytest.fixture
def planned(bridge: Bridge, plan: Path) -> Callable[..., Path]:
    """Give a function that plans edits of a bridge: title, and the fields of each; returns the plan."""

    def make(*edits: tuple[str, dict[str, Any]]) -> Path:
        with bridge.run("test", plan=plan) as run:
            for name, fields in edits:
                run.bridge.edit(name, **fields)
        return plan

    return make


__all__ = ["_wire", "bridge", "clock", "connect_via", "human", "other_bot", "pages", "prefix", "sysop", "title", "wire"]
