"""Files of Apibot's own: owner-only, replaced as a whole or appended to, one process at a time."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from apibot.core.errors import ApibotError, SettingsError, StateError

LOCK_SECONDS = 20.0


@contextmanager
def locked(
    path: Path, seconds: float = LOCK_SECONDS, *, poll: float = 0.05, busy: ApibotError | None = None
) -> Generator[None]:
    """Hold a state file against other threads and processes; the kernel frees it when a process dies.

    Parameters: ``path``; ``seconds``, how long to wait for it; ``poll``, seconds between two looks; ``busy``, the
    error if it is held by another one for longer than that.
    Raises StateError if it can not be used, and where no other error is given for one that is held.
    """
    import filelock  # only where something is written: 40 ms

    lock = filelock.FileLock(path.with_suffix(".lock"), timeout=seconds, poll_interval=poll, mode=0o600)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except filelock.Timeout as exc:
        msg = f"{path}: another process held it for {seconds:.0f} s. End that one, or set another APIBOT_HOME."
        raise busy or StateError(msg) from exc
    except OSError as exc:
        raise state_error(path, exc) from exc
    try:
        yield
    finally:
        lock.release()


def is_open_to_others(mode: int) -> bool:
    """Say whether others than its owner can use a file or folder of this mode (``st_mode``)."""
    return os.name == "posix" and bool(stat.S_IMODE(mode) & 0o077)


def read_private(path: Path) -> bytes:
    """Return what is in an owner-only file.

    Raises SettingsError if others can read it; OSError.
    """
    with path.open("rb") as file:
        if is_open_to_others(os.fstat(file.fileno()).st_mode):
            msg = f"{path}: holds secrets and others can read it. Run: chmod 600 {path}"
            raise SettingsError(msg)
        return file.read()


def open_private(path: Path) -> int:
    """Open an owner-only file to read it and to append to it; return its descriptor.

    It is made if need be, with its folder; one that others can use is closed to them.
    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        mode = os.fstat(file).st_mode
        if stat.S_ISREG(mode) and is_open_to_others(mode):  # not /dev/null and the like
            os.fchmod(file, 0o600)
    except BaseException:
        os.close(file)
        raise
    return file


def write_all(file: int, data: bytes) -> None:
    """Write to a descriptor until all is written: the system may take less at once.

    Raises OSError.
    """
    while data:
        data = data[os.write(file, data) :]


def write_atomically(path: Path, text: str, *, durable: bool = True) -> None:
    """Write an owner-only file so that readers see either the old or the whole new text.

    Parameters: ``path``; ``text``; ``durable``, whether it must outlive a power cut.

    Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def file_name(text: str) -> str:
    """Return a readable, safe and unambiguous file name for an address or a user."""
    readable = re.sub(r"[^A-Za-z0-9-]+", "_", text.partition("://")[2] or text).strip("_")
    return f"{readable[:80]}-{sha256(text.encode()).hexdigest()[:8]}"


def state_error(path: Path, exc: OSError) -> StateError:
    """Return the error for a state file that the system does not let us use."""
    return StateError(f"{path}: can not be used ({exc.strerror or exc}). Correct its permissions, or set APIBOT_HOME.")


__all__ = [
    "LOCK_SECONDS",
    "file_name",
    "is_open_to_others",
    "locked",
    "open_private",
    "read_private",
    "state_error",
    "write_all",
    "write_atomically",
]
