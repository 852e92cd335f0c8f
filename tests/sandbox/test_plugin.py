"""The fixtures for other people's tests, in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = """
import os
from pathlib import Path
import requests

def ask(wiki, **parameters):
    data = {"action": "query", "format": "json", "formatversion": "2", **parameters}
    return requests.get(wiki.api, params=data, timeout=60).json()["query"]

def note(wiki):
    Path("seen", f"{os.environ['PYTEST_XDIST_WORKER']} {wiki.url.rpartition(':')[2]}").touch()

def test_settings_and_pages(apibot_wiki):
    note(apibot_wiki)
    assert ask(apibot_wiki, meta="siteinfo")["general"]["sitename"] == "From the ini file"
    assert "missing" not in ask(apibot_wiki, titles="Given")["pages"][0]
    assert os.environ["APIBOT_HOME"] == str(apibot_wiki.home)

def test_fresh(apibot_wiki, run_jobs):
    note(apibot_wiki)
    apibot_wiki.import_pages([("Written", "text")])
    run_jobs()

def test_really_fresh(apibot_fresh_wiki):
    note(apibot_fresh_wiki)
    assert ask(apibot_fresh_wiki, titles="Written")["pages"][0]["missing"]
    {ending}
"""
INI = """[pytest]
apibot_pages = pages
apibot_settings = $wgSitename = 'From the ini file';
"""


def run(folder: Path, environ: dict[str, str], ending: str) -> tuple[int, set[str]]:
    """Run the tests above in two processes; return pytest's exit status and the processes with their ports."""
    (folder / "pages").mkdir()
    (folder / "seen").mkdir()
    (folder / "pages" / "Given.wiki").write_text("text")
    (folder / "pytest.ini").write_text(INI)
    (folder / "test_bot.py").write_text(TESTS.replace("{ending}", ending))
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "each", "--basetemp", str(folder / "temp")]
    environ = {**environ, "TMPDIR": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert "error" not in done.stdout.lower(), done.stdout
    return done.returncode, {path.name for path in (folder / "seen").iterdir()}


def left(folder: Path) -> list[Path]:
    return [*(folder / "temp").rglob("sandbox/*/"), *(folder / "temp").rglob("apibot.toml")]


def test_each_process_has_a_wiki_of_its_own(tmp_path: Path, environ: dict[str, str]) -> None:
    status, seen = run(tmp_path, environ, "pass")
    assert status == 0
    workers, ports = zip(*(each.split() for each in seen), strict=True)
    assert (set(workers), len(set(ports))) == ({"gw0", "gw1"}, 2)
    assert left(tmp_path) == []


def test_nothing_heavy_is_imported_at_the_start(environ: dict[str, str]) -> None:
    code = "import apibot.sandbox.pytest_plugin, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"requests", "filelock", "apibot.core.settings", "apibot.sandbox.wiki", "typer"}
