"""What is not imported: reading one page must not pay for what only other uses need."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "concurrent.futures",
    "mwoauth",
    "mwparserfromhell",
    "pydantic",
    "regex",
    "requests",
    "requests_toolbelt",
    "rich",
    "sqlite3",
    "ssl",
    "typer",
    "urllib3",
)

CASES = {
    "import apibot": HEAVY,
    "from apibot import StandaloneBridge": HEAVY,
    "import apibot.tasks, apibot.queries; apibot.tasks.Edit('A', text='x').replaced(text='y')": HEAVY,
    "import apibot; apibot.connect('http://127.0.0.1:1/api.php', contact='me@example.org').close()": HEAVY,
}


@pytest.mark.parametrize("code", CASES)
def test_what_is_not_imported(code: str) -> None:
    report = "; import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert [name for name in CASES[code] if name in loaded] == []


def test_an_unknown_name_is_refused() -> None:
    import apibot

    assert {name for name in apibot.__all__ if not hasattr(apibot, name)} == set()
    with pytest.raises(AttributeError, match="no attribute 'standaloneBridge'"):
        apibot.standaloneBridge  # noqa: B018  # reading it is the test


@pytest.mark.parametrize(
    "before",
    ["", "from apibot import StandaloneBridge; ", "from apibot import __version__; ", "import apibot.bridge; "],
)
def test_connect_is_a_function_however_often_and_after_whatever_it_is_used(before: str) -> None:
    call = "apibot.connect('http://127.0.0.1:1/api.php', contact='me@example.org').close()"
    code = f"{before}import apibot; {call}; {call}; from apibot import connect; assert callable(connect)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
