"""Plans: files that say exactly what a run will change.

A plan is JSON lines: a header, then a record for each change.  The file appears when it is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar, cast

from apibot import tasks
from apibot.core.core import Core
from apibot.core.errors import BadParameter, PlanError
from apibot.core.jsons import JsonObject
from apibot.core.layer import Attempt
from apibot.core.request import Task
from apibot.data.pages import Base, text_sha1

R = TypeVar("R")
VERSION = 1
Producer = str | JsonObject
"""``python``, or ``{"line": TEXT}``, or ``{"job": NAME, "options": {...}}``."""


@dataclass(frozen=True)
class Header:
    """The first line of a plan."""

    wiki: str
    """URL of api.php."""
    account: str | None
    producer: Producer = "python"
    version: int = VERSION


@dataclass(frozen=True)
class Record:
    """One change."""

    n: int
    """Counted from 1."""
    request: Task[object]
    base: Base | None
    result_sha1: str | None
    diff: str

    def to_json(self) -> JsonObject:
        """Return the record as it stands in the file, with its digest."""
        data: JsonObject = {
            "n": self.n,
            "request": {"task": type(self.request).__name__, "fields": self.request.to_fields()},
            "base": {"revid": self.base.revid, "sha1": self.base.sha1} if self.base else None,
            "result_sha1": self.result_sha1,
            "diff": self.diff,
        }
        return {**data, "digest": _digest(data)}


@dataclass(frozen=True)
class Plan:
    """A plan that was read and found whole."""

    path: Path
    header: Header
    records: list[Record]


def producer_kind(producer: Producer) -> str:
    """Return ``python``, ``line`` or ``job``."""
    return producer if isinstance(producer, str) else next(iter(producer), "python")


class Planner:
    """Performs nothing but writes into a plan what would be done; reads are done.

    To be used in a ``with`` block: the file appears when the block ends well, and not at all otherwise.

    Parameters: ``core``; ``path`` of the plan; ``producer``, what can make the plan again.
    Raises PlanError if the file can not be written.
    """

    def __init__(self, core: Core, path: str | Path, producer: Producer = "python") -> None:
        self._core = core
        self._path = Path(path)
        self._temporary = self._path
        self._producer = producer
        self._file: IO[str] | None = None
        self.count = 0
        """Records written so far."""

    @property
    def core(self) -> Core:
        """The core whose wiki it is."""
        return self._core

    def on(self, wiki: str) -> Self:
        """Refuse: a plan belongs to one wiki."""
        msg = f"{self._path}: a plan is for one wiki. Plan what is to be done on {wiki} by itself."
        raise PlanError(msg)

    def __enter__(self) -> Self:
        if self._path.is_dir():
            msg = f"{self._path}: is a folder. Name a file."
            raise PlanError(msg)
        header = Header(self._core.target.api, self._core.target.user, self._producer)
        try:
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.", suffix=".tmp")
        except OSError as exc:
            msg = f"{self._path}: can not be written ({exc.strerror}). Name another file."
            raise PlanError(msg) from exc
        self._temporary = Path(name)
        self._file = os.fdopen(handle, "w", encoding="utf-8")
        self._write(
            cast(
                "JsonObject",
                {
                    "version": header.version,
                    "producer": header.producer,
                    "wiki": header.wiki,
                    "account": header.account,
                },
            )
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        try:
            if kind is None:
                file.flush()
                os.fsync(file.fileno())
                self._temporary.replace(self._path)
        except OSError as exc:
            msg = f"{self._path}: can not be written ({exc.strerror})."
            raise PlanError(msg) from exc
        finally:
            with suppress(OSError):
                file.close()
            self._temporary.unlink(missing_ok=True)

    def perform(self, task: Task[R], seen: object = None) -> R:
        """Write down what a task would do and return the result that is to be expected."""
        if task.effect == "read":
            return self._core.perform(task, seen)
        attempt = self._core.fence(task, seen)
        if attempt.done is not None:
            return attempt.done
        self.count += 1
        self._write(recorded(self.count, attempt).to_json())
        return cast("R", attempt.expected)

    def _write(self, data: JsonObject) -> None:
        if self._file is None:
            msg = f"{self._path}: the plan is not open; use the planner in a with block."
            raise PlanError(msg)
        try:
            self._file.write(json.dumps(data, ensure_ascii=False) + "\n")
        except OSError as exc:
            msg = f"{self._path}: can not be written ({exc.strerror})."
            raise PlanError(msg) from exc


def recorded(number: int, attempt: Attempt[R]) -> Record:
    """Return the record of an attempt."""
    base = None
    if attempt.base_revid is not None:
        base = Base(attempt.base_revid, text_sha1(attempt.before or "") if attempt.base_revid else "")
    return Record(
        n=number,
        request=cast("Task[object]", attempt.request),
        base=base,
        result_sha1=None if attempt.after is None else text_sha1(attempt.after),
        diff=unified_diff(attempt.before or "", attempt.after or "", attempt.title)
        if attempt.after is not None
        else "",
    )


def unified_diff(before: str, after: str, title: str) -> str:
    """Return a unified diff of two texts."""
    import difflib  # only who plans needs it

    lines = difflib.unified_diff(
        before.split("\n") if before else [],
        after.split("\n") if after else [],
        f"{title} (now)",
        f"{title} (planned)",
        lineterm="",
    )
    return "\n".join(lines)


def read_plan(path: str | Path) -> Plan:
    """Read a plan and check that it is whole and that nobody changed it.

    Raises PlanError naming the line at fault.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")  # other breaks may be in texts
    except (OSError, UnicodeDecodeError) as exc:
        msg = f"{path}: can not be read as a plan ({exc})."
        raise PlanError(msg) from exc
    rows = [_row(path, number, line) for number, line in enumerate(lines, 1)]
    if rows[0].get("version") != VERSION:
        msg = f"{path}: is no plan of version {VERSION}: its first line is not a plan's header."
        raise PlanError(msg)
    first = rows[0]
    if not {"wiki", "account", "producer"} <= first.keys():
        msg = f"{path}: its header lacks wiki, account or producer. Plan again."
        raise PlanError(msg)
    header = Header(
        str(first.get("wiki")), cast("str | None", first.get("account")), cast("Producer", first.get("producer"))
    )
    return Plan(path, header, list(_records(path, rows[1:])))


def _row(path: Path, number: int, line: str) -> JsonObject:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as exc:
        msg = f"{path}: line {number} is not JSON ({exc}). Plan again."
        raise PlanError(msg) from None
    if not isinstance(row, dict):
        msg = f"{path}: line {number} is no record. Plan again."
        raise PlanError(msg)
    return cast("JsonObject", row)


def _records(path: Path, rows: list[JsonObject]) -> Iterator[Record]:
    for number, row in enumerate(rows, 2):
        where = f"{path}: line {number}"
        given = row.pop("digest", None)
        if given != _digest(row):
            msg = f"{where} was changed after it was planned. Plan again, or take the line out."
            raise PlanError(msg)
        try:
            yield _record(row)
        except (KeyError, TypeError, BadParameter) as exc:
            msg = f"{where} is no record that this version can read ({exc}); was the plan made by a newer Apibot?"
            raise PlanError(msg) from exc


def _record(row: JsonObject) -> Record:
    request = cast("JsonObject", row["request"])
    kind = getattr(tasks, str(request["task"]), None)
    if not (isinstance(kind, type) and issubclass(kind, Task)):
        msg = f"there is no task {request['task']!r}"
        raise BadParameter(msg)
    base = cast("JsonObject | None", row["base"])
    return Record(
        n=cast("int", row["n"]),
        # What was reviewed is what is made: no setting of today fills in what the plan leaves at its default.
        request=cast("Task[object]", kind.from_fields(cast("JsonObject", request["fields"])).settled()),
        base=Base(cast("int", base["revid"]), str(base["sha1"])) if base else None,
        result_sha1=cast("str | None", row["result_sha1"]),
        diff=str(row["diff"]),
    )


def _digest(data: JsonObject) -> str:
    """Return the hash by which a record that was changed by hand is known."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


__all__ = [
    "VERSION",
    "Header",
    "Plan",
    "Planner",
    "Producer",
    "Record",
    "producer_kind",
    "read_plan",
    "recorded",
    "unified_diff",
]
