"""The log: the predecessor's five levels on the standard library's logging."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from apibot.core.errors import BadParameter, StateError
from apibot.core.schema import LogLevel, LogSettings
from apibot.core.visible import visible

LEVELS: Mapping[LogLevel, int] = {
    "panic": logging.CRITICAL,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
PREFIXES = {logging.CRITICAL: "!", logging.ERROR: "#", logging.WARNING: "=", logging.INFO: "+", logging.DEBUG: "-"}


class _Lines(logging.Formatter):
    """``+ 12:00:01 API_Action_Edit: text``, with the date in files."""

    def __init__(self, *, dated: bool) -> None:
        super().__init__(datefmt="%Y-%m-%d %H:%M:%S" if dated else "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        prefix = PREFIXES.get(record.levelno, " ")
        name = record.name.removeprefix("apibot.").partition(".")[2] or "bot"
        text = visible(record.getMessage().replace("\n", "\\n"))
        line = f"{prefix} {self.formatTime(record, self.datefmt)} {name}: {text}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class Log:
    """Writes to the screen (stderr) and to a file; each layer logs under its own label.

    Parameters: ``settings``, where to and from which level; ``name``, the wiki's name: logs of several cores in
    one process stay apart.
    Raises StateError if the log file can not be opened.
    """

    _count = 0

    def __init__(self, settings: LogSettings, name: str) -> None:
        Log._count += 1
        self._root = logging.getLogger(f"apibot.{Log._count}-{name.replace('.', '_')}")
        least = LEVELS[settings.screen]
        if settings.file:
            least = min(least, LEVELS[settings.file_level])
        self._root.setLevel(least)  # what nobody reads is not even made
        self._handlers: list[logging.Handler] = []
        self._add(logging.StreamHandler(sys.stderr), settings.screen, dated=False)
        if settings.file:
            path = Path(settings.file).expanduser()
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                handler = logging.FileHandler(path, encoding="utf-8")
            except OSError as exc:
                msg = f"The log file {path} can not be opened ({exc.strerror}). Correct log.file in the settings."
                raise StateError(msg) from exc
            self._add(handler, settings.file_level, dated=True)

    def _add(self, handler: logging.Handler, level: LogLevel, *, dated: bool) -> None:
        handler.setLevel(LEVELS[level])
        handler.setFormatter(_Lines(dated=dated))
        self._root.addHandler(handler)
        self._handlers.append(handler)

    def __call__(self, text: str, level: LogLevel = "info") -> None:
        """Log a line of the bot's own."""
        if level not in get_args(LogLevel):
            msg = f"{level!r} is no log level; use one of {', '.join(get_args(LogLevel))}"
            raise BadParameter(msg)
        self._root.log(LEVELS[level], "%s", text)

    def named(self, label: str) -> logging.Logger:
        """Return the logger of one layer or slot."""
        return self._root.getChild(label)

    def close(self) -> None:
        """Close the files."""
        for handler in self._handlers:
            self._root.removeHandler(handler)
            handler.close()


__all__ = ["LEVELS", "PREFIXES", "Log"]
