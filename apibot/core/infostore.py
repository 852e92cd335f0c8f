"""Infostore: what is remembered between runs, in files by wiki and by user.

``info/WIKI.KIND.json`` holds what all users of a wiki share, ``info/WIKI@USER.KIND.json`` what the wiki said to one
user, ``identity/WIKI@USER.json`` a saved login (owner-only).  Files are replaced as a whole, never written in place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from apibot.core.files import LOCK_SECONDS, file_name, locked, read_private, state_error, write_atomically
from apibot.core.jsons import JsonObject, block
from apibot.core.schema import InfoType

Kind = InfoType | Literal["identity"]
PRIVATE = ("user", "globaluser", "identity")
"""Kinds that each user has for himself."""
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

    def write(self, kind: Kind, data: JsonObject, seconds: float = LOCK_SECONDS) -> None:
        """Replace what is remembered.

        Parameters: ``kind``; ``data``; ``seconds``, how long to wait for another process that is at it.
        Raises StateError if the file can not be written; the old one is then still whole.
        """
        with locked(self.path(kind), seconds):
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


def forget(home: Path, api: str) -> None:
    """Remove everything remembered of a wiki, for all users; ``api`` is the URL of its api.php."""
    wiki = file_name(api)
    for folder in ("info", "identity", "secrets"):
        for path in (home / folder).glob(f"*{wiki}*"):  # also what a killed process was writing, ".NAME.xyz"
            if path.name.lstrip(".").removeprefix(wiki)[:1] in {".", "@"}:
                path.unlink(missing_ok=True)


__all__ = ["PRIVATE", "Infostore", "Kind", "Stamp", "forget"]
