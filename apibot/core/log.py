"""The log: five levels on the standard library's logging, to the screen and to text, HTML and JSON files at once."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import cast, get_args

from apibot.core.errors import BadParameter, SettingsError
from apibot.core.schema import LogLevel, LogSettings
from apibot.core.secret import HIDDEN, Secret, Shroud
from apibot.core.visible import visible

LEVELS: Mapping[LogLevel, int] = {
    "panic": logging.CRITICAL,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
PREFIXES = {logging.CRITICAL: "!", logging.ERROR: "#", logging.WARNING: "=", logging.INFO: "+", logging.DEBUG: "-"}
BOT = "bot"
"""Label of the lines that the bot itself writes."""


def label_of(record: logging.LogRecord) -> str:
    """Return the label of the layer that a record is from."""
    return record.name.removeprefix("apibot.").partition(".")[2] or BOT


def secrets_in(value: object) -> Iterator[Secret]:
    """Give the secrets that settings, a target or the like hold, however deep."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        yield from secrets_in(tuple(cast("Mapping[object, object]", value).values()))
    elif isinstance(value, tuple):
        for part in cast("tuple[object, ...]", value):
            yield from secrets_in(part)
    elif is_dataclass(value):
        yield from secrets_in(tuple(getattr(value, field.name) for field in fields(value)))


class Veil(Shroud):
    """The filter of last resort over all that is written: what it was told to hide is not in it."""

    def message(self, record: logging.LogRecord) -> str:
        """Return a record's message; a log call whose arguments do not fit loses nothing of what it has to say."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            text = f"{record.msg} {record.args!r}"
        return self.over(text)

    def trace(self, record: logging.LogRecord) -> str:
        """Return the traceback that goes with a record, "" if there is none."""
        plain = logging.Formatter()
        parts = [plain.formatException(record.exc_info)] if record.exc_info else []
        parts += [plain.formatStack(record.stack_info)] if record.stack_info else []
        return self.over("\n".join(parts))


class Lines(logging.Formatter):
    """``+ 12:00:01 API_Action_Edit: text``, with the date in files; tracebacks are set in."""

    head = ""
    mend = "\n"

    def __init__(self, veil: Veil, *, dated: bool) -> None:
        super().__init__(datefmt="%Y-%m-%d %H:%M:%S" if dated else "%H:%M:%S")
        self._veil = veil

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line, and those of its traceback."""
        prefix = PREFIXES.get(record.levelno, " ")
        text = visible(self._veil.message(record).replace("\n", "\\n"))
        line = f"{prefix} {self.formatTime(record, self.datefmt)} {label_of(record)}: {text}"
        return "\n    ".join([line, *(visible(one) for one in self._veil.trace(record).splitlines())])


class Gate(logging.Filter):
    """Lets through what one place wants, and takes secrets from what it lets through.

    Parameters: ``least``, the place's level; ``own``, gives a layer's own level, which counts instead.
    """

    def __init__(self, least: int, own: Callable[[str], int | None]) -> None:
        super().__init__()
        self._least = least
        self._own = own

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the place wants a record."""
        own = self._own(label_of(record))
        if record.levelno < (self._least if own is None else own):
            return False
        if isinstance(record.args, tuple):
            record.args = tuple(HIDDEN if isinstance(one, Secret) else one for one in record.args)
        elif record.args:
            record.args = {name: HIDDEN if isinstance(one, Secret) else one for name, one in record.args.items()}
        return True


class Log:
    """Writes to the screen (stderr) and to files; each layer logs under its own label.

    Parameters: ``settings``, where to and from which level; ``name``, the wiki's name: logs of several cores in
    one process stay apart, and may share their files.
    Raises StateError if a log file can not be opened, SettingsError if two logs have the same file.
    """

    _count = 0

    def __init__(self, settings: LogSettings, name: str) -> None:
        Log._count += 1
        self._root = logging.getLogger(f"apibot.{Log._count}-{name.replace('.', '_')}")
        self._patterns = settings.levels
        self._levels: dict[str, int | None] = {}
        self._loggers: dict[str, logging.Logger] = {}
        self._handlers: list[logging.Handler] = []
        self._veil = Veil()
        files = [path for path in (settings.file, settings.html, settings.json) if path]
        if len(set(files)) < len(files):
            msg = f"log: {', '.join(sorted(files))}: each log (file, html, json) needs a file of its own."
            raise SettingsError(msg)
        self._add(logging.StreamHandler(sys.stderr), Lines(self._veil, dated=False), settings.screen)
        if files:
            self._add_files(settings)
        self._root.setLevel(min(handler.level for handler in self._handlers))  # what nobody reads is not even made
        for handler in self._handlers:
            handler.setLevel(logging.NOTSET)  # the gates decide, since layers may have levels of their own

    def _add_files(self, settings: LogSettings) -> None:
        from apibot.core.log_files import Appending, Html, JsonLines  # only where there are files

        places: tuple[tuple[str, str | None, Lines | Html | JsonLines, LogLevel], ...] = (
            ("file", settings.file, Lines(self._veil, dated=True), settings.file_level),
            ("html", settings.html, Html(self._veil), settings.html_level),
            ("json", settings.json, JsonLines(self._veil), settings.json_level),
        )
        try:
            for key, path, form, level in places:
                if path:
                    self._add(Appending(path, form, f"log.{key}"), form, level)
        except BaseException:
            self.close()
            raise

    def _add(self, handler: logging.Handler, form: logging.Formatter, level: LogLevel) -> None:
        handler.setLevel(LEVELS[level])
        handler.setFormatter(form)
        handler.addFilter(Gate(LEVELS[level], self._level))
        self._root.addHandler(handler)
        self._handlers.append(handler)

    def _level(self, label: str) -> int | None:
        """Return the level that the settings give a layer, by the pattern with the most characters of its own."""
        if label not in self._levels:
            fitting = [
                (len(pattern.replace("*", "")), -pattern.count("*"), LEVELS[level])
                for pattern, level in self._patterns.items()
                if re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), label, re.DOTALL)
            ]
            self._levels[label] = max(fitting, key=lambda one: one[:2])[2] if fitting else None
        return self._levels[label]

    def __call__(self, text: str, level: LogLevel = "info") -> None:
        """Log a line of the bot's own."""
        if level not in get_args(LogLevel):
            msg = f"{level!r} is no log level; use one of {', '.join(get_args(LogLevel))}"
            raise BadParameter(msg)
        self.named(BOT).log(LEVELS[level], "%s", text)

    def named(self, label: str) -> logging.Logger:
        """Return the logger of one layer or slot; ``extra`` of a call gives fields of the JSON log."""
        if label not in self._loggers:
            logger = self._root.getChild(label)
            level = self._level(label)
            if level is not None:
                logger.setLevel(level)
            self._loggers[label] = logger
        return self._loggers[label]

    def hide(self, *secrets: Secret, passing: bool = False) -> None:
        """Never write these secrets, in whatever text they turn up; of ``passing`` ones, like tokens, the last ones."""
        self._veil.learn((secret.reveal() for secret in secrets), passing=passing)

    def over(self, text: str) -> str:
        """Return a text, like that of an error, without the secrets that are never written."""
        return self._veil.over(text)

    def close(self) -> None:
        """Close the files."""
        for handler in self._handlers:
            self._root.removeHandler(handler)
            handler.close()


__all__ = ["BOT", "LEVELS", "PREFIXES", "Gate", "Lines", "Log", "Veil", "label_of", "secrets_in"]
