"""Infostore: what is remembered between runs, in files by wiki and by user.

``info/WIKI.KIND.json`` holds what all users of a wiki share, ``info/WIKI@USER.KIND.json`` what the wiki said to one
user, ``identity/WIKI@USER.json`` a saved login (owner-only).  Files are replaced as a whole, never written in place.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Literal

from apibot.core.errors import SettingsError, StateError
from apibot.core.jsons import JsonObject, block
from apibot.core.schema import InfoType

Kind = InfoType | Literal["identity"]
PRIVATE = ("user", "globaluser", "identity")
"""Kinds that each user has for himself."""
LOCK_SECONDS = 20.0
Stamp = tuple[int, int, int]
"""Tells one state of a file from another."""


class Infostore:
    """The remembered info on one wiki.

    Parameters: ``home``, the folder for all state; ``api``, the URL of the wiki's api.php; ``user``, the account,
    None if anonymous.
    """

    def __init__(self, home: Path, api: str, user: str | None) -> None:
        self.home = home
        self._wiki = file_name(api)
        self._user = file_name(user or "")

    def path(self, kind: Kind) -> Path:
        """Return the file of a kind of info, which need not exist."""
        whose = f"{self._wiki}@{self._user}" if kind in PRIVATE else self._wiki
        if kind == "identity":
            return self.home / kind / f"{whose}.json"
        return self.home / "info" / f"{whose}.{kind}.json"

    def stamp(self, kind: Kind) -> Stamp | None:
        """Return what changes whenever a kind of info is written, None if there is none."""
        try:
            found = self.path(kind).stat()
        except OSError:  # who reads it then says what is wrong
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def read(self, kind: Kind) -> JsonObject:
        """Return what was written last, {} if nothing or if the file is damaged.

        Raises SettingsError for a saved login that others can read, StateError if the file can not be read.
        """
        path = self.path(kind)
        try:
            data = json.loads(read_private(path) if kind == "identity" else path.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError):  # a damaged cache is fetched anew
            return {}
        except OSError as exc:
            raise state_error(path, exc) from exc
        return block(data)

    def write(self, kind: Kind, data: JsonObject) -> None:
        """Replace what is remembered.

        Raises StateError if the file can not be written; the old one is then still whole.
        """
        with locked(self.path(kind)):
            self._put(kind, data)

    def update(self, kind: Kind, change: Callable[[JsonObject], object]) -> JsonObject:
        """Read, change and write as one step, also against other processes; returns the new data."""
        with locked(self.path(kind)):
            data = self.read(kind)
            change(data)
            self._put(kind, data)
        return data

    def _put(self, kind: Kind, data: JsonObject) -> None:
        path = self.path(kind)
        try:
            write_atomically(path, json.dumps(data))
        except OSError as exc:
            raise state_error(path, exc) from exc

    def once(
        self,
        kind: Kind,
        holds: Callable[[JsonObject], bool],
        fetch: Callable[[JsonObject], JsonObject],
        seconds: float = LOCK_SECONDS,
    ) -> JsonObject:
        """Return what is remembered if it holds, else fetch and keep it: once for all who want it at that moment.

        Parameters: ``kind``; ``holds``, whether what is remembered will do; ``fetch``, makes the new from the old;
        ``seconds`` to wait for another process that is fetching it.
        Raises StateError, and what ``fetch`` raises.
        """
        data = self.read(kind)
        if holds(data):
            return data
        with locked(self.path(kind), seconds):
            data = self.read(kind)
            if not holds(data):
                data = fetch(data)
                self._put(kind, data)
        return data

    def delete(self, kind: Kind) -> None:
        """Forget a kind of info."""
        path = self.path(kind)
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise state_error(path, exc) from exc


@contextmanager
def locked(path: Path, seconds: float = LOCK_SECONDS, *, poll: float = 0.05) -> Generator[None]:
    """Hold a state file against other threads and processes; the kernel frees it when a process dies.

    Parameters: ``path``; ``seconds``, how long to wait for it; ``poll``, seconds between two looks.
    Raises StateError if it is held by another one for longer than the seconds given.
    """
    import filelock  # only where something is written: 40 ms

    lock = filelock.FileLock(path.with_suffix(".lock"), timeout=seconds, poll_interval=poll, mode=0o600)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except filelock.Timeout as exc:
        msg = f"{path}: another process held it for {seconds:.0f} s. End that one, or set another APIBOT_HOME."
        raise StateError(msg) from exc
    except OSError as exc:
        raise state_error(path, exc) from exc
    try:
        yield
    finally:
        lock.release()


def read_private(path: Path) -> bytes:
    """Return what is in an owner-only file.

    Raises SettingsError if others can read it; OSError.
    """
    with path.open("rb") as file:
        if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            msg = f"{path}: holds secrets and others can read it. Run: chmod 600 {path}"
            raise SettingsError(msg)
        return file.read()


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


def forget(home: Path, api: str) -> None:
    """Remove everything remembered of a wiki, for all users; ``api`` is the URL of its api.php."""
    wiki = file_name(api)
    for folder in ("info", "identity", "secrets"):
        for path in (home / folder).glob(f"*{wiki}*"):  # also what a killed process was writing, ".NAME.xyz"
            if path.name.lstrip(".").removeprefix(wiki)[:1] in {".", "@"}:
                path.unlink(missing_ok=True)


def file_name(text: str) -> str:
    """Return a readable, safe and unambiguous file name for an address or a user."""
    readable = re.sub(r"[^A-Za-z0-9-]+", "_", text.partition("://")[2] or text).strip("_")
    return f"{readable[:80]}-{sha256(text.encode()).hexdigest()[:8]}"


def state_error(path: Path, exc: OSError) -> StateError:
    """Return the error for a state file that the system does not let us use."""
    return StateError(f"{path}: can not be used ({exc.strerror or exc}). Correct its permissions, or set APIBOT_HOME.")


__all__ = [
    "LOCK_SECONDS",
    "PRIVATE",
    "Infostore",
    "Kind",
    "Stamp",
    "file_name",
    "forget",
    "locked",
    "read_private",
    "state_error",
    "write_atomically",
]
