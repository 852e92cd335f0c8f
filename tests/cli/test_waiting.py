"""Why a bot waits is seen while it does, on a terminal."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess

from apibot.core.settings import home_folder
from tests.cli.conftest import COMMAND, WIKI, Shell


def test_the_bar_says_why_it_waits(shell: Shell, prefix: str) -> None:
    (shell.folder / "apibot.toml").write_text("[pace]\nwrite_interval = 0.5\n")
    ours, theirs = pty.openpty()
    line = f"allpages prefix={prefix} | replace teh the | edit summary=typo"
    environ = {**shell.environ, "TERM": "xterm", "COLUMNS": "150"}
    process = subprocess.Popen(
        [*COMMAND, "line", line, *WIKI], cwd=shell.folder, env=environ, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # the other side is closed: EIO on Linux
        assert process.wait(60) == 0
    finally:
        os.close(ours)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert "waits: test: one write every 0.5 s" in shown
    assert "3 changed" in shown


def test_a_command_without_a_bar_says_why_it_waits(shell: Shell, prefix: str) -> None:
    (shell.folder / "apibot.toml").write_text("[pace]\nwrite_interval = 5\n")
    shutil.rmtree(home_folder() / "pace", ignore_errors=True)  # another test may just have written
    first = shell("do", "edit", f"{prefix} 1", "append=x", *WIKI)
    second = shell("do", "edit", f"{prefix} 2", "append=x", *WIKI)
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stderr == ""
    assert re.fullmatch(r"apibot: waits [345] s: test: one write every 5 s\n", second.stderr)
