"""The processes of a sandbox: found by a mark on their command line, so that a reused id is never killed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from apibot.core.clock import SystemClock
from apibot.core.errors import SandboxError

_CLOCK = SystemClock()
_POLL = 0.01
"""Seconds between two looks at a condition."""
_END_SECONDS = 10.0
"""Seconds in which killed processes must be gone."""


def mark(folder: Path) -> str:
    """Return the argument that every process of the sandbox in this folder carries on its command line."""
    return f"apibot.sandbox={folder}"


def marked(folder: Path) -> set[int]:
    """Return the ids of the living processes of the sandbox in this folder, without the calling one."""
    wanted = mark(folder)
    return {pid for pid, arguments in _command_lines() if wanted in arguments} - {os.getpid()}


def end(folder: Path) -> None:
    """Kill all processes of the sandbox in this folder and wait until they are gone.

    SIGKILL is enough: what they wrote is thrown away or restored afterwards.
    Raises SandboxError if some are still there after _END_SECONDS.
    """

    def gone() -> bool:
        left = marked(folder)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    if not wait_until(gone, _END_SECONDS):
        msg = f"Processes of the sandbox in {folder} do not end: {sorted(marked(folder))}. End them by hand."
        raise SandboxError(msg)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Look at a condition until it holds or that many seconds are over; return whether it holds."""
    deadline = _CLOCK.monotonic() + seconds
    while not condition():
        if _CLOCK.monotonic() > deadline:
            return False
        _CLOCK.sleep(_POLL)
    return True


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    """Give id and arguments of each process; a zombie has no arguments any more."""
    folder = Path("/proc")
    if not (folder / "self" / "cmdline").exists():
        yield from _command_lines_of_ps()
        return
    for process in folder.iterdir():
        if process.name.isdecimal():
            with suppress(OSError):  # it ended meanwhile, or is not ours
                raw = (process / "cmdline").read_bytes()
                yield int(process.name), os.fsdecode(raw).split("\0")


def _command_lines_of_ps() -> Iterator[tuple[int, list[str]]]:
    """Do the same where there is no /proc; a folder with a blank in its path is not recognised there."""
    listing = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        pid, *arguments = line.split()
        yield int(pid), arguments


__all__ = ["end", "mark", "marked", "wait_until"]
