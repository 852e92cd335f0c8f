"""A download as it grows on disk: ``PATH.part``, and beside it what the server said of the file's version."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from apibot.core.errors import BadReply, StateError
from apibot.core.files import write_atomically
from apibot.core.jsons import block, text


class Part:
    """The part of a file that has come so far.

    Parameters: ``path``, where the whole will be; ``url``, from where it comes.
    """

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.part = path.with_name(f"{path.name}.part")
        self.note = path.with_name(f"{path.name}.part.json")
        self._source = hashlib.sha256(url.encode()).hexdigest()  # an address may hold a secret

        self._file: BinaryIO | None = None

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold the part against other threads and processes (where the system has flock); an empty one is removed."""
        with _on_disk(self.part), self.part.open("ab") as self._file:
            self._lock(self._file)
            try:
                yield
            finally:
                if self.part.exists() and not self.size:
                    self.drop()

    def _lock(self, file: BinaryIO) -> None:
        if sys.platform == "win32":
            return
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = os.path.samestat(os.fstat(file.fileno()), self.part.stat())
        except (BlockingIOError, FileNotFoundError):
            mine = False  # the latter: it was whole just now
        if not mine:
            msg = f"{self.part}: somebody else is fetching that file. Wait until it is there."
            raise StateError(msg)

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.part.stat().st_size

    def validator(self) -> str | None:
        """Return what tells the version of the part that is there; None if there is none to go on with."""
        try:
            held = block(json.loads(self.note.read_bytes()))
        except (OSError, ValueError, RecursionError):  # without the note the file comes anew
            return None
        return text(held.get("validator")) if held.get("source") == self._source and self.size else None

    def begin(self, validator: str | None) -> None:
        """Begin anew; ``validator`` tells the version, None if the server gives nothing that does."""
        with _on_disk(self.part):
            self.note.unlink(missing_ok=True)  # first, so that it never stands beside another version
            self._open.truncate(0)
            if validator is not None:
                write_atomically(self.note, json.dumps({"source": self._source, "validator": validator}))

    def add(self, pieces: Iterable[bytes]) -> None:
        """Append pieces as they come; what has come stays if that breaks off."""
        try:
            for piece in pieces:
                with _on_disk(self.part):
                    self._open.write(piece)
        finally:
            with _on_disk(self.part):
                self._open.flush()

    def finish(self, sha1: str | None) -> int:
        """Move the whole file into its place; returns its size.

        Raises BadReply, and removes the part, if its SHA-1 is another one.
        """
        with _on_disk(self.part):
            os.fsync(self._open.fileno())
            if sha1 is not None:
                with self.part.open("rb") as file:
                    found = hashlib.file_digest(file, "sha1").hexdigest()
                if found != sha1.lower():
                    self.drop()
                    msg = f"{self.path}: what came has SHA-1 {found}, not {sha1}. Fetch it again."
                    raise BadReply(msg)
            size = self.part.stat().st_size
            if sys.platform == "win32":
                self._open.close()  # it moves no file that is open
            self.part.replace(self.path)
            self.note.unlink(missing_ok=True)
        return size

    @property
    def _open(self) -> BinaryIO:
        if self._file is None:
            msg = f"{self.part}: is not held."
            raise StateError(msg)
        return self._file

    def drop(self) -> None:
        """Remove the part and its note."""
        with _on_disk(self.part):
            self.part.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)


@contextmanager
def _on_disk(path: Path) -> Generator[None]:
    """Tell errors of the disk from those of the network."""
    try:
        yield
    except OSError as exc:
        msg = f"{path}: can not be written ({exc.strerror}). Correct its folder, or give another path."
        raise StateError(msg) from exc


def validator_of(headers: Mapping[str, str]) -> str | None:
    """Return what tells a file's version byte by byte (RFC 9110, 8.8); None if the headers do not.

    A weak ETag does not, nor a time that is not at least a second older than the answer.
    """
    if headers.get("Content-Encoding", "identity") != "identity":
        return None  # what is on disk is unpacked, so it can not be counted in the server's bytes
    etag = headers.get("ETag", "")
    if etag.startswith('"'):
        return etag
    changed, answered = headers.get("Last-Modified"), headers.get("Date")
    try:
        if changed and answered:
            age = parsedate_to_datetime(answered) - parsedate_to_datetime(changed)
            return changed if age.total_seconds() >= 1 else None
    except (ValueError, TypeError):  # no times at all, or one without a zone
        return None
    return None


__all__ = ["Part", "validator_of"]
