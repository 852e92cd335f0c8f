"""What type checkers and editors make of the names that people type."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest

import apibot
from apibot import Bridge
from tests.contracts.rules import ROOT

HERE = Path(__file__).parent
RIGHT, WRONG = HERE / "right.py", HERE / "wrong.txt"
NAMES = (RIGHT.name, "wrong.py")
Faults = AbstractSet[tuple[int, str]]
"""Lines, and the codes of their errors."""


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with errors, under a name that the checkers take; it lies apart, so that other runs pass it by."""
    path = tmp_path_factory.mktemp("typing") / NAMES[1]
    path.write_text(WRONG.read_text())
    return path


def expected() -> Faults:
    lines = enumerate(WRONG.read_text().splitlines(), 1)
    marks = {number: mark for number, line in lines if (mark := re.search(r"  # ([\w,-]+)$", line))}
    return {(number, code) for number, mark in marks.items() for code in mark[1].split(",")}


def run(*command: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr or done.stdout
    return done.stdout


def test_mypy(wrong: Path) -> None:
    shown = run("mypy", "--strict", "--no-pretty", "--no-error-summary", RIGHT, wrong)
    found = re.findall(r"^(.+?):(\d+): error: .*\[([\w-]+)\]$", shown, re.MULTILINE)
    faults = {name: {(int(line), code) for path, line, code in found if Path(path).name == name} for name in NAMES}
    assert faults == {RIGHT.name: set(), wrong.name: expected()}, shown


def test_pyright(wrong: Path) -> None:
    shown = json.loads(run("pyright", "--outputjson", RIGHT, wrong))["generalDiagnostics"]
    found = [(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in shown if one["severity"] == "error"]
    faults = {name: {line for file, line in found if file == name} for name in NAMES}
    assert faults == {RIGHT.name: set(), wrong.name: {line for line, _code in expected()}}, shown


def test_the_names_type_checked_are_there_when_run() -> None:
    """The types come from TYPE_CHECKING imports, which nothing else compares with what is really given."""
    assert {name for name in apibot.__all__ if getattr(apibot, name, None) is None} == set()
    assert inspect.isfunction(apibot.connect)


@pytest.mark.parametrize(
    "name", ["edit", "fetch", "purge", "allpages", "categorymembers", "querypage", "recentchanges"]
)
def test_an_interactive_editor_sees_the_signature_and_the_text(name: str) -> None:
    function: Any = getattr(Bridge, name)
    bound: Any = getattr(Bridge(None), name)  # type: ignore[arg-type]  # not called
    assert inspect.getdoc(bound) == inspect.getdoc(function.kind)
    assert list(inspect.signature(bound).parameters) == list(function.kind.field_names())
