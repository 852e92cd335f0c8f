"""Holds the web server of one sandbox and clears everything away when its time is over.

It runs as a process of its own, in its own session.  The end comes when it gets SIGTERM, when the server's
parent dies, when the owner dies (even by SIGKILL, since a living owner is what it looks for), or when someone
removes the state folder.  Then all processes of the sandbox are killed and the folder is removed.
SIGUSR1 puts the data back to the snapshot and starts the server anew.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from apibot.sandbox.processes import end, mark
from apibot.sandbox.state import DATA, ROUND_VARIABLE, SNAPSHOT, is_ready, remove

_LOOK = 0.5
"""Seconds between two looks at the owner."""
OWNED, DETACHED = "owned", "detached"


def start(folder: Path, command: Sequence[str], environ: dict[str, str], *, detached: bool) -> subprocess.Popen[bytes]:
    """Start a watchdog over a server command; the calling process is the owner.

    A detached sandbox is released from its owner as soon as its settings file is there, not before.
    """
    kind = DETACHED if detached else OWNED
    packages = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [packages, environ.get("PYTHONPATH")]))
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, mark(folder), str(folder), kind, str(os.getpid()), *command],
            env={**environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the owner's terminal must not reach it
        )


def watch(folder: Path, kind: str, owner: int, command: Sequence[str]) -> None:
    """Run the server until its end has come; see the module for what ends it."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGUSR1):
        signal.signal(number, _note)
    signal.set_wakeup_fd(writer)
    rounds = 1
    server = _serve(command, rounds)
    while True:
        ready, _, _ = select.select([reader], [], [], _LOOK)
        signals = os.read(reader, 64) if ready else b""
        if signal.SIGTERM in signals or signal.SIGINT in signals:
            return
        if signal.SIGUSR1 in signals:
            end(folder)
            server.wait()
            restore(folder)
            rounds += 1
            server = _serve(command, rounds)
        elif server.poll() is not None or not _wanted(folder, kind, owner):
            return


def _note(number: int, frame: FrameType | None) -> None:
    """Take a signal; only the byte that Python writes to the pipe for it counts."""


def restore(folder: Path) -> None:
    """Put the data back to the snapshot; no server may run."""
    shutil.rmtree(folder / DATA)
    shutil.copytree(folder / SNAPSHOT, folder / DATA)


def _serve(command: Sequence[str], rounds: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env={**os.environ, ROUND_VARIABLE: str(rounds)})


def _wanted(folder: Path, kind: str, owner: int) -> bool:
    """Say whether someone still wants this sandbox."""
    if kind == DETACHED and is_ready(folder):
        return True
    return os.getppid() == owner and folder.is_dir()


def main(arguments: Sequence[str]) -> None:
    """Watch as the command line says: mark, folder, kind, owner's process id, server command."""
    _, folder, kind, owner, *command = arguments
    try:
        watch(Path(folder), kind, int(owner), command)
    finally:
        end(Path(folder))
        remove(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])

__all__ = ["main", "restore", "start", "watch"]
