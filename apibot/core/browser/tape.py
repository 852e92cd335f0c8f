"""A log of requests that can be replayed: JSON lines, secrets removed, one line for each transfer.

What is written: ``time`` (seconds since 1970), ``method``, ``url``, ``params``, ``data`` and ``files`` (name, size and
SHA-1 by field) of the request and its ``headers``; then ``status``, ``answered`` (the answer's headers), ``body``,
``seconds`` and ``first``, or the ``error``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypeVar, cast

from apibot.core import errors
from apibot.core.browser.exchange import Exchange
from apibot.core.browser.hiding import Hider
from apibot.core.browser.transfer import Asked, Download, FilePart, Transfer
from apibot.core.clock import Clock
from apibot.core.files import open_private, write_all
from apibot.core.jsons import Json, JsonObject, block
from apibot.core.schema import BrowserSettings
from apibot.core.secret import without_secrets

LARGEST_KEPT = 64 * 1024 * 1024
"""Bytes of a downloaded file that go into the log; of a larger one only its size does, and it can not be replayed."""

Done = TypeVar("Done", Transfer, Download)


class Tape(Protocol):
    """What stands between the browser and the wire when transfers are recorded or replayed."""

    def transfer(self, asked: Asked, exchange: Exchange, make: Callable[[], Transfer], /) -> Transfer:
        """Return the transfer of a request; ``make`` makes it."""
        ...

    def download(
        self, asked: Asked, exchange: Exchange, path: Path, sha1: str | None, make: Callable[[], Download], /
    ) -> Download:
        """Return the download of a file; ``make`` makes it."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


def tape(settings: BrowserSettings, clock: Clock) -> Tape:
    """Return what the settings ask for: to record or to replay; SettingsError if both at once."""
    if settings.record and settings.replay:
        msg = "browser: record and replay can not both be set. Take one of them out."
        raise errors.SettingsError(msg)
    if settings.record:
        return Recorder(Path(settings.record).expanduser(), clock)
    return Player(Path(settings.replay or "").expanduser())


def _request(asked: Asked, hider: Hider) -> JsonObject:
    """Return a request as it is written down and found again."""
    # Parameters first: what is secret in them is then hidden elsewhere too.
    params, data = hider.params(asked.params), hider.params(asked.data)
    return {
        "method": asked.method,
        "url": hider.address(asked.url),
        "params": cast("Json", params),
        "data": cast("Json", data),
        "files": {name: _file(part) for name, part in (asked.files or {}).items()},
    }


def _file(part: FilePart) -> JsonObject:
    from apibot.core.browser.forms import opened

    with ExitStack() as stack:
        slice_ = opened(part, stack)
        size, found = slice_.len, hashlib.sha1(usedforsecurity=False)
        while piece := slice_.read(1 << 16):
            found.update(piece)
    return {"name": part.file_name, "size": size, "sha1": found.hexdigest()}


class Recorder:
    """Writes down each transfer.

    Parameters: ``path`` of the log, which only its owner may read and to which is appended; ``clock``.
    Raises StateError if the file can not be written, always before anything is sent: an answer that came is given.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._hider = Hider()
        self._lock = threading.Lock()
        self._file: int | None = None
        self._broken: errors.StateError | None = None

    def transfer(self, asked: Asked, exchange: Exchange, make: Callable[[], Transfer], /) -> Transfer:
        """Make a transfer and write it down."""
        return self._made(asked, exchange, make, lambda done: done.body)

    def download(
        self, asked: Asked, exchange: Exchange, path: Path, _sha1: str | None, make: Callable[[], Download], /
    ) -> Download:
        """Make a download and write it down."""
        return self._made(asked, exchange, make, lambda done: _read(path, done.size))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _made(
        self, asked: Asked, exchange: Exchange, make: Callable[[], Done], body: Callable[[Done], bytes | None]
    ) -> Done:
        line = self._begun(asked)
        try:
            done = make()
        except errors.ApibotError as exc:
            self._failed(line, exchange, exc)
            raise
        self._write(line, exchange, done, body(done))
        return done

    def _begun(self, asked: Asked) -> JsonObject:
        with self._lock:
            if self._broken is not None:
                raise self._broken
            if self._file is None:
                self._file = self._opened()
            return {"time": self._clock.now(), **_request(asked, self._hider)}

    def _opened(self) -> int:
        try:
            return open_private(self._path)
        except OSError as exc:
            raise self._unusable(exc) from exc

    def _unusable(self, exc: OSError) -> errors.StateError:
        return errors.StateError(f"{self._path}: can not be written ({exc.strerror}). Correct [browser] record.")

    def _failed(self, line: JsonObject, exchange: Exchange, exc: errors.ApibotError) -> None:
        with self._lock:
            headers = self._hider.headers(exchange.headers)
            sent = getattr(exc, "sent", True)
            error: JsonObject = {"kind": type(exc).__name__, "text": self._hider.text(str(exc)), "sent": bool(sent)}
            self._append({**line, "headers": cast("Json", headers), "error": error})

    def _write(self, line: JsonObject, exchange: Exchange, done: Transfer | Download, body: bytes | None) -> None:
        hider = self._hider
        with self._lock:
            sent, answered = hider.headers(exchange.headers), hider.headers(done.headers)
            self._append(
                {
                    **line,
                    "headers": cast("Json", sent),
                    "status": done.status,
                    "answered": cast("Json", answered),
                    "body": None if body is None else hider.body(body),
                    "seconds": done.seconds,
                    "first": done.first,
                }
            )

    def _append(self, line: JsonObject) -> None:
        if self._file is None:
            return  # the browser was closed meanwhile
        try:
            write_all(self._file, (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
        except OSError as exc:
            self._broken = self._unusable(exc)
            self._broken.__cause__ = exc


class Player:
    """Gives answers from a log, in the order in which the same request got them there; nothing goes over the wire.

    Parameters: ``path`` of the log.
    Raises StateError if it can not be read, is no such log, or does not hold a request.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hider = Hider()
        self._lock = threading.Lock()
        self._answers: dict[str, deque[JsonObject]] | None = None

    def transfer(self, asked: Asked, _exchange: Exchange, _make: Callable[[], Transfer], /) -> Transfer:
        """Return the recorded transfer; raises the recorded error."""
        line, body = self._answer(asked)
        return Transfer(asked.url, *_told(line), body, *_times(line))

    def download(
        self, asked: Asked, _exchange: Exchange, path: Path, sha1: str | None, _make: Callable[[], Download], /
    ) -> Download:
        """Write the recorded file to its path."""
        from apibot.core.browser.parts import Part

        line, body = self._answer(asked)
        part = Part(path, asked.url)
        with part.held():
            part.begin(None)
            part.add([body])
            size = part.finish(sha1)
        return Download(asked.url, *_told(line), path, size, 0, *_times(line))

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, asked: Asked) -> tuple[JsonObject, bytes]:
        with self._lock:
            if self._answers is None:
                self._answers = self._read()
            request = _request(asked, self._hider)
            left = self._answers.get(_key(request))
            if not left:
                params = without_secrets(cast("dict[str, str]", block(request["params"]) | block(request["data"])))
                more = "no answer" if left is None else "no further answer"
                what = f"{request['method']} {request['url']} {params}"
                msg = f"{self._path}: holds {more} to {what}. Record it anew, or correct what asks for it."
                raise errors.StateError(msg)
            line = left.popleft()
        error = block(line.get("error"))
        if error:
            raise _error(error)
        body = line.get("body")
        if body is None:
            msg = f"{self._path}: the file from {request['url']} was not kept, being too large. It can not be replayed."
            raise errors.StateError(msg)
        return line, body.encode() if isinstance(body, str) else base64.b64decode(str(block(body).get("base64")))

    def _read(self) -> dict[str, deque[JsonObject]]:
        answers: dict[str, deque[JsonObject]] = {}
        try:
            with self._path.open(encoding="utf-8") as file:
                for text in file:
                    line = block(json.loads(text))
                    answers.setdefault(_key(line), deque()).append(line)
        except OSError as exc:
            msg = f"{self._path}: can not be read ({exc.strerror}). Correct [browser] replay."
            raise errors.StateError(msg) from exc
        except (ValueError, KeyError, RecursionError) as exc:
            msg = f"{self._path}: is no log of requests that can be replayed. Correct [browser] replay."
            raise errors.StateError(msg) from exc
        return answers


def _read(path: Path, size: int) -> bytes | None:
    """Return what a file holds, None if that is too much, or if it is gone again."""
    try:
        return path.read_bytes() if size <= LARGEST_KEPT else None
    except OSError:
        return None


def _key(request: Mapping[str, Json]) -> str:
    """Return what is the same for the same request."""
    return json.dumps([request[key] for key in ("method", "url", "params", "data", "files")], sort_keys=True)


def _told(line: JsonObject) -> tuple[int, Mapping[str, str]]:
    from requests.structures import CaseInsensitiveDict

    return cast("int", line["status"]), CaseInsensitiveDict(cast("dict[str, str]", block(line.get("answered"))))


def _times(line: JsonObject) -> tuple[float, float]:
    return cast("float", line["seconds"]), cast("float", line["first"])


def _error(told: JsonObject) -> errors.ApibotError:
    """Make a recorded error again."""
    kind = getattr(errors, str(told.get("kind")), None)
    known = kind if isinstance(kind, type) and issubclass(kind, errors.ApibotError) else errors.ConnectionLost
    error = known(str(told.get("text")))
    if isinstance(error, errors.TransportError):
        error.sent = bool(told.get("sent", True))
    return error


__all__ = ["LARGEST_KEPT", "Player", "Recorder", "Tape", "tape"]
