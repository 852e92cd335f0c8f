"""The shell as its users have it: another process, its output and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from apibot.cli import main
from apibot.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "apibot.cli")
WIKI = ("--wiki", "test")
Done = subprocess.CompletedProcess[str]
Inside = Callable[..., Done]


class Shell(Protocol):
    """Runs ``apibot`` in a folder of the test's own; ``env`` is added to the environment."""

    folder: Path
    environ: dict[str, str]

    def __call__(self, *words: str, env: Mapping[str, str] | None = None) -> Done: ...


class _Shell:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}

    def __call__(self, *words: str, env: Mapping[str, str] | None = None) -> Done:
        return subprocess.run(
            [*COMMAND, *words],
            cwd=self.folder,
            env={**self.environ, **(env or {})},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


@pytest.fixture
def shell(folder: Path) -> Shell:
    return _Shell(folder)


@pytest.fixture
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Inside:
    """The same in this process, which spares half a second each time."""
    monkeypatch.chdir(folder)

    def run(*words: str) -> Done:
        status = main(words)
        out, err = capfd.readouterr()
        return Done(words, status, out, err)

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for all state in which nothing is remembered; need not exist."""
    return tmp_path / "home"


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """What makes a command use that folder."""
    return {"APIBOT_HOME": str(home), "APIBOT_CONTACT": "tests@example.org"}


@pytest.fixture
def prefix(apibot_wiki: Sandbox) -> str:
    """Prefix of three pages that hold a slip each, titled ``PREFIX 1`` and so on; no other test uses it."""
    prefix = f"Shell{uuid.uuid4().hex[:8]}"
    apibot_wiki.import_pages((f"{prefix} {number}", f"Here is teh text {number}.") for number in (1, 2, 3))
    return prefix


def one_line(done: Done, status: int, *parts: str) -> None:
    """Check that a command failed with this status, one line on stderr that holds these parts, and nothing else."""
    assert done.returncode == status, done
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("apibot: "), lines
    assert [part for part in parts if part not in lines[0]] == [], lines
    assert done.stdout == ""


def kept(home: Path) -> dict[str, dict[str, str]]:
    """Return the accounts that are kept."""
    files = list(home.glob("secrets/*.json"))
    accounts: dict[str, dict[str, str]] = json.loads(files[0].read_text())["accounts"] if files else {}
    return accounts
