"""``apibot login`` at a terminal, on a wiki that asks for more than a password."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from apibot.sandbox import Sandbox
from apibot.sandbox.mediawiki import HERE
from tests.cli.conftest import COMMAND, Shell, kept

PASSWORD = "0nly-f0r-tests-and-n0-more"
LONGER = "An0ther-passw0rd-0f-m0re-than-f0rty-characters"
SETTINGS = """
if ( is_file( '%s/hard' ) ) {
	$wgGroupPermissions['hard']['read'] = true;
	$wgPasswordPolicy['policies']['hard']['MinimalPasswordLength'] = [ 'value' => 40, 'suggestChangeOnLogin' => true ];
}
"""


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A wiki that asks for new passwords."""
    folder = tmp_path_factory.mktemp("asking")
    with Sandbox("asking", settings=SETTINGS % folder, home=folder) as wiki:
        rows = {name: {"password": PASSWORD, "groups": ["hard"]} for name in ("Old", "Older")}
        wiki.maintenance(str(HERE / "accounts.php"), input=json.dumps(rows))
        (folder / "hard").touch()
        yield wiki


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._fd, slave = pty.openpty()
        self._process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def until(self, text: str) -> None:
        while text not in self.seen:
            ready, _, _ = select.select([self._fd], [], [], 30)
            assert ready, self.seen
            try:
                self.seen += os.read(self._fd, 4096).decode()
            except OSError:
                pytest.fail(f"it ended without {text!r}: {self.seen}")

    def type(self, text: str) -> None:
        os.write(self._fd, f"{text}\n".encode())

    def ended(self) -> int:
        while True:
            try:
                part = os.read(self._fd, 4096)
            except OSError:  # how the other side's end is told
                break
            if not part:
                break
            self.seen += part.decode()
        os.close(self._fd)
        return self._process.wait(30)


def test_at_a_terminal(asking: Sandbox, shell: Shell, environ: dict[str, str], home: Path) -> None:
    command = [*COMMAND, "login", "--wiki", asking.api, "--keep-password"]
    terminal = Terminal(command, shell.folder, {**shell.environ, **environ})
    terminal.until("User name on")
    terminal.type("Old")
    terminal.until("Password of Old: ")
    terminal.type(PASSWORD)
    terminal.until("Skip? [y/N]: ")
    terminal.type("n")
    terminal.until("New password:")
    terminal.type(LONGER)
    terminal.until("Retype new password:")
    terminal.type(LONGER)
    assert terminal.ended() == 0, terminal.seen
    assert "Old" in terminal.seen
    assert PASSWORD not in terminal.seen
    assert LONGER not in terminal.seen
    assert "Logged in as Old by password. Kept" in terminal.seen
    assert kept(home)["Old"]["password"] == LONGER, "the new one"


def test_a_step_may_be_skipped_from_a_script(
    asking: Sandbox, shell: Shell, environ: dict[str, str], home: Path
) -> None:
    done = subprocess.run(
        [*COMMAND, "login", "--wiki", asking.api, "--user", "Older"],
        cwd=shell.folder,
        env={**shell.environ, **environ},
        input=f"{PASSWORD}\ny\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Please choose a new password now" in done.stderr
    assert kept(home) == {"Older": {"user": "Older", "method": "clientlogin"}}
