"""The state folder of a sandbox: what lies where, who may write, and how it goes away."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from apibot.core import files
from apibot.core.errors import SandboxError
from apibot.core.files import write_atomically
from apibot.core.infostore import forget
from apibot.core.secret import Secret
from apibot.core.settings import FILE_NAME

DATA = "data"
"""Sub-folder with databases and uploaded files; replaced by a reset."""
SNAPSHOT = "snapshot"
"""Sub-folder with the copy of DATA that a reset goes back to."""
FACTS = "facts.json"
ID_VARIABLE = "APIBOT_SANDBOX_ID"
"""Environment variable by which the server knows which sandbox it is."""
ROUND_VARIABLE = "APIBOT_SANDBOX_ROUND"
"""Environment variable that counts the server's starts, so that a reset can be seen to be over."""
ROLES = {"bot": "", "sysop": "-sysop", "human": "-human"}
"""Role of an account -> what is added to the sandbox's name to name it in the settings."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class SandboxAccount:
    """An account of a sandbox: what to log in with."""

    user: str
    """User name; ``Bot@apibot`` for the bot password."""
    password: Secret


@dataclass(frozen=True)
class Facts:
    """What is known of a sandbox that is up."""

    id: str
    """Told from another sandbox of the same name by this random text."""
    port: int
    version: str
    """Version of MediaWiki: ``1.39.17``."""
    watchdog: int
    """Process id of the watchdog."""
    detached: bool
    """Whether it stays when the process that started it ends."""

    @property
    def url(self) -> str:
        """Return the wiki's address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """Return the address of api.php."""
        return f"{self.url}/api.php"


def check_name(name: str) -> str:
    """Return the name; raises SandboxError if it is not made of letters, digits, - and _ (64 at most).

    One that ends like the name of another sandbox's account is refused too.
    """
    if not _NAME.fullmatch(name) or name.endswith(tuple(filter(None, ROLES.values()))):
        msg = f"{name!r} can not name a sandbox. Use letters, digits, - and _; begin with a letter or digit; no -sysop."
        raise SandboxError(msg)
    return name


def folder_of(home: Path, name: str) -> Path:
    """Return the state folder of the sandbox of this name, which need not exist."""
    return home / "sandbox" / name


def is_ready(folder: Path) -> bool:
    """Say whether a sandbox has come up in this folder: its settings file is written last."""
    return (folder / FILE_NAME).exists()


def locked(home: Path, name: str, seconds: float) -> AbstractContextManager[None]:
    """Hold the right to start, reset or stop the sandbox of this name.

    Raises SandboxError if another process holds it for longer than the seconds given; StateError.
    """
    msg = f"The sandbox {name!r} is just being started or stopped by another process. Wait, or use another name."
    return files.locked(folder_of(home, name).with_name(f".{name}"), seconds, busy=SandboxError(msg))


def write(folder: Path, name: str, facts: Facts, accounts: Mapping[str, SandboxAccount]) -> None:
    """Write facts and settings file; with the latter, ``--wiki NAME`` works."""
    write_atomically(folder / FACTS, json.dumps(asdict(facts)))
    lines = [f"[wikis.{name}]", f"api = {json.dumps(facts.api)}", f"account = {json.dumps(name)}", "sandbox = true"]
    for role, suffix in ROLES.items():
        account = accounts[role]
        lines += [
            "",
            f"[accounts.{name}{suffix}]",
            f"user = {json.dumps(account.user)}",
            f"password = {json.dumps(account.password.reveal())}",
        ]
    write_atomically(folder / FILE_NAME, "\n".join([*lines, ""]))


def read_facts(folder: Path) -> Facts | None:
    """Return what is known of the sandbox in this folder, None if none has come up there."""
    if not is_ready(folder):
        return None
    try:
        return Facts(**json.loads((folder / FACTS).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None  # going away just now, or damaged: in both cases not up


def read_account(folder: Path, name: str, role: str) -> SandboxAccount:
    """Return an account of the sandbox of this name by its role; raises SandboxError if the sandbox is not up."""
    try:
        tree = tomllib.loads((folder / FILE_NAME).read_text())
        row = tree["accounts"][name + ROLES[role]]
    except (OSError, ValueError, KeyError) as exc:
        raise not_up(name) from exc
    return SandboxAccount(row["user"], Secret(row["password"]))


def not_up(name: str) -> SandboxError:
    """Return the error for a sandbox that is needed and not there."""
    return SandboxError(f"The sandbox {name!r} is not up. Start it with: apibot sandbox up {name}")


def remove(folder: Path) -> None:
    """Remove a state folder and what Apibot keeps on that wiki elsewhere; its processes must be gone."""
    facts = read_facts(folder)
    (folder / FILE_NAME).unlink(missing_ok=True)  # first, so that nobody takes it for a wiki that is up
    if facts:
        forget(folder.parent.parent, facts.api)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        msg = f"{folder}: can not be removed. Correct its permissions and remove it by hand."
        raise SandboxError(msg)


__all__ = [
    "DATA",
    "FACTS",
    "ID_VARIABLE",
    "ROLES",
    "ROUND_VARIABLE",
    "SNAPSHOT",
    "Facts",
    "SandboxAccount",
    "check_name",
    "folder_of",
    "is_ready",
    "locked",
    "not_up",
    "read_account",
    "read_facts",
    "remove",
    "write",
]
