"""The files of the log: how they are appended to, and the HTML and JSON forms of a record."""

from __future__ import annotations

import html
import json
import logging
import math
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

from apibot.core.errors import StateError
from apibot.core.files import open_private, write_all
from apibot.core.jsons import Json, JsonObject
from apibot.core.log import LEVELS, Veil, label_of
from apibot.core.secret import HIDDEN, Secret
from apibot.core.visible import visible

NAMES = {number: name for name, number in LEVELS.items()}
DEEPEST = 8
"""Levels of lists and mappings in a field that are written as such."""


class Form(Protocol):
    """How the records of a file look, besides what a formatter says of it."""

    head: str
    """What a new file begins with."""
    mend: str
    """What is written first where another run was cut off in the middle of a record."""


class Appending(logging.Handler):
    """Appends to a file that only its owner can read, each record by one write: others may append to it as well.

    Parameters: ``path``, its folder is made if need be; ``form`` of its records; ``key``, the setting that names it.
    Raises StateError if it can not be opened, or holds something else.
    """

    _writing = threading.Lock()

    def __init__(self, path: str, form: Form, key: str) -> None:
        super().__init__()
        self.path = Path(path).expanduser().absolute()
        self._file: int | None = None
        try:
            self._file = open_private(self.path)
            self._begin(self._file, form, key)
        except OSError as exc:
            self.close()
            msg = f"The log file {self.path} can not be opened ({exc.strerror}). Correct {key} in the settings."
            raise StateError(msg) from exc
        except StateError:
            self.close()
            raise

    def _begin(self, file: int, form: Form, key: str) -> None:
        """Write the head of a new file; go on with an old one."""
        with self._writing:
            size = os.fstat(file).st_size
            head = form.head.encode()
            if not size:
                write_all(file, head)
                return
            first = len(head.partition(b"\n")[0])
            os.lseek(file, 0, os.SEEK_SET)
            if os.read(file, first) != head[:first]:
                msg = f"{self.path}: holds something else than a log of this kind. Name another file as {key}."
                raise StateError(msg)
            os.lseek(file, -1, os.SEEK_END)
            if os.read(file, 1) != b"\n":
                write_all(file, form.mend.encode())

    def emit(self, record: logging.LogRecord) -> None:
        """Append a record; a full disk is told on the screen and stops nothing."""
        try:
            text = self.format(record).encode(errors="backslashreplace") + b"\n"
            with self._writing:
                if self._file is not None:
                    write_all(self._file, text)
        except Exception:  # noqa: BLE001  # as logging's own handlers do: a log must not end the work
            self.handleError(record)

    def close(self) -> None:
        """Close the file."""
        with self._writing:
            if self._file is not None:
                os.close(self._file)
                self._file = None
        super().close()


HEAD = """<!DOCTYPE html><!-- Apibot log -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Apibot log</title>
<style>
:root { color-scheme: light dark; font: 0.875rem/1.4 system-ui, sans-serif; }
body { margin: 0; }
table { border-collapse: collapse; width: 100%; }
th { position: sticky; top: 0; text-align: left; background: Canvas; border-bottom: 2px solid GrayText; }
th, td { padding: 0.2rem 0.6rem; vertical-align: top; }
td { border-bottom: 1px solid color-mix(in srgb, GrayText 30%, transparent); }
td:nth-child(-n+3) { white-space: nowrap; }
td:last-child { width: 100%; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
pre { margin: 0.2rem 0; white-space: pre-wrap; }
.panic { background: #a00; color: #fff; font-weight: bold; }
.error { background: color-mix(in srgb, #e00 22%, Canvas); }
.warning { background: color-mix(in srgb, #fb0 22%, Canvas); }
.debug { color: GrayText; }
</style>
</head>
<body>
<table>
<thead><tr><th>Time</th><th>Level</th><th>Layer</th><th>Message</th></tr></thead>
<tbody>
"""


class Html(logging.Formatter):
    """Each record a row of a table; the file is never closed, so browsers show it while it grows."""

    head = HEAD
    mend = '"></pre></details></td></tr>\n'

    def __init__(self, veil: Veil) -> None:
        super().__init__()
        self._veil = veil

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one row."""
        level = NAMES.get(record.levelno, "info")
        utc = datetime.fromtimestamp(record.created, UTC)
        cells = (
            f'<time datetime="{utc:%Y-%m-%dT%H:%M:%S}Z">{utc.astimezone():%Y-%m-%d %H:%M:%S}</time>',
            level,
            _text(label_of(record)),
            _text(self._veil.message(record)) + self._trace(record),
        )
        return f'<tr class="{level}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'

    def _trace(self, record: logging.LogRecord) -> str:
        trace = self._veil.trace(record)
        last = trace.rpartition("\n")[2]
        return f"<details><summary>{_text(last)}</summary><pre>{_text(trace)}</pre></details>" if trace else ""


def _text(text: str) -> str:
    """Return a text as HTML has it, on one line, with all that a browser would obey or hide made visible."""
    return html.escape(visible(text)).replace("\n", "&#10;")


class JsonLines(logging.Formatter):
    """Each record an object on a line of its own: time, level, layer, message, fields, exception.

    Fields are what a call gives as ``extra``; one that has the name of another key gets a ``_`` behind it.
    """

    head = ""
    mend = "\n"
    usual = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def __init__(self, veil: Veil) -> None:
        super().__init__()
        self._veil = veil

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line."""
        line: JsonObject = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": NAMES.get(record.levelno, "info"),
            "layer": label_of(record),
            "message": self._veil.message(record),
        }
        trace = self._veil.trace(record)
        if trace:
            line["exception"] = trace
        for name, value in vars(record).items():
            if name not in self.usual:
                line[f"{name}_" if name in {*line, "exception"} else name] = self._plain(value)
        return json.dumps(line)

    def _plain(self, value: object, depth: int = 0) -> Json:
        """Return a value as JSON can have it."""
        if isinstance(value, Secret):
            return HIDDEN
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if depth < DEEPEST and isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return {self._veil.over(str(key)): self._plain(one, depth + 1) for key, one in items}
        if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return [self._plain(one, depth + 1) for one in cast("list[object]", value)]
        return self._veil.over(str(value))


__all__ = ["DEEPEST", "HEAD", "NAMES", "Appending", "Form", "Html", "JsonLines"]
