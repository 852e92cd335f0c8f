"""The commands ``apibot sandbox ...``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from apibot.core.errors import SandboxError
from apibot.sandbox import Sandbox
from apibot.sandbox.shell import app


@pytest.fixture
def shell_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("APIBOT_HOME", str(home))
    yield home
    Sandbox("demo", home=home).down()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, SandboxError):
        raise result.exception
    return result


def test_a_whole_life(shell_home: Path, query: object) -> None:
    lines = shell_home / "extra.php"
    lines.write_text("<?php\n$wgSitename = 'Named by a file';\n")
    started = run("up", "demo", "--example", "40", "--settings", str(lines), "--json")
    found = json.loads(started.stdout)
    assert (started.exit_code, found["name"], found["state"], found["detached"]) == (0, "demo", "up", True)
    assert "--wiki demo" in started.stderr

    again = run("up", "demo")
    assert (again.exit_code, again.stdout) == (0, found["url"] + "\n")
    assert "up already" in again.stderr

    listed = run("status", "--json")
    assert json.loads(listed.stdout) == [found]
    assert run("status").stdout == f"demo\tup\tMediaWiki {found['version']}\t{found['url']}\n"

    wiki = Sandbox("demo")
    pages = wiki.maintenance("showSiteStats.php")
    assert "Total pages       : 41" in pages  # and the main page
    assert run("reset", "demo").exit_code == 0

    stopped = run("down", "--all")
    assert (stopped.exit_code, stopped.stdout) == (0, "")
    assert "demo is gone" in stopped.stderr
    assert not wiki.folder.exists()
    assert (run("status").stdout, run("status", "--json").stdout) == ("", "[]\n")


def test_what_is_not_up_is_told(shell_home: Path) -> None:
    assert "not up" in run("down", "demo").stderr
    assert "No sandbox is up" in run("down", "--all").stderr
    assert "apibot sandbox up" in run("status").stderr
    with pytest.raises(SandboxError, match="not up"):
        run("reset", "demo")


@pytest.mark.parametrize(
    "arguments", [["up", "--pages", "x", "--example", "40"], ["down", "demo", "--all"], ["up", "--example", "0"]]
)
def test_contradictions_are_refused(shell_home: Path, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_settings_file_that_is_not_there_is_told(shell_home: Path) -> None:
    with pytest.raises(SandboxError, match="can not be read as settings"):
        run("up", "demo", "--settings", str(shell_home / "nowhere.php"))
