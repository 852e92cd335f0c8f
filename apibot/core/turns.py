"""Turns: when each write may begin, booked by threads and processes that know of each other by a file alone.

A state holds, for each rule, the times at which writes began or are to begin, and who booked them.  What a process
has booked ahead counts only as long as it lives: it holds a lock file all its life, which the kernel frees.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from apibot.core.files import state_error
from apibot.core.jsons import Json, JsonObject, block, real

DAY = 86400.0
"""Seconds beyond which no turn is booked: later times come from a clock that was wrong."""


class Rule(NamedTuple):
    """So many writes in any such time."""

    key: str
    hits: int
    seconds: float


class Turn(NamedTuple):
    """A time at which a write began or is to begin."""

    at: float
    owner: str


class Owner:
    """The sign of life of one process, as others see it.

    Parameters: ``file``, the state's; the signs are files beside it.
    """

    def __init__(self, file: Path) -> None:
        import filelock

        self._file = file
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        path = self._path(self.name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = filelock.FileLock(path, mode=0o600, thread_local=False)
            self._lock.acquire()
        except OSError as exc:
            raise state_error(path, exc) from exc

    def _path(self, name: str) -> Path:
        return self._file.with_suffix(f".alive-{name}.lock")

    def lives(self, name: str) -> bool:
        """Say whether who booked something lives; the sign of a dead one is removed."""
        import filelock

        path = self._path(name)
        if name == self.name or not path.exists():
            return name == self.name
        try:
            with filelock.FileLock(path, mode=0o600).acquire(timeout=0):
                path.unlink(missing_ok=True)
        except (filelock.Timeout, OSError):
            return True
        return False

    def close(self) -> None:
        """Give up the sign of life."""
        self._lock.release()
        self._path(self.name).unlink(missing_ok=True)


class Booker(Protocol):
    """Who books turns."""

    name: str

    def lives(self, name: str) -> bool:
        """Say whether who booked something lives."""
        ...


def book(state: JsonObject, rules: Sequence[Rule], before: Turn | None, now: float, who: Booker) -> Turn:
    """Book the time at which a write may begin and return it.

    Who books for the first time comes behind all who have booked.  When its time has come, it counts what was really
    sent by then, and books again if that is too much.

    Parameters: ``state``, which is changed; ``rules`` to keep; ``before``, what it had booked; ``now``, in seconds
    since 1970; ``who`` books.
    """
    turns = block(state.get("turns"))
    alive: dict[str, bool] = {}
    begin = now if before is None else max(before.at, now)
    known: dict[str, list[Turn]] = {}
    for rule in rules:
        held = [one for one in _read(turns.get(rule.key), before) if now - rule.seconds < one.at < now + DAY]
        for one in held:
            if one.at > now and one.owner not in alive:
                alive[one.owner] = who.lives(one.owner)
        known[rule.key] = sorted(one for one in held if one.at <= now or alive[one.owner])
        ahead = [one.at for one in known[rule.key] if before is None or one.at <= now]
        if len(ahead) >= rule.hits:
            begin = max(begin, ahead[-rule.hits] + rule.seconds)
    turn = Turn(begin, who.name)
    state["turns"] = {**turns, **{key: _written([*held, turn]) for key, held in known.items()}}
    return turn


def replace(state: JsonObject, keys: Iterable[str], turn: Turn, now: float | None) -> None:
    """Move a turn to another time, or take it away if that is None."""
    turns = block(state.get("turns"))
    for key in keys:
        held = _read(turns.get(key), turn)
        turns[key] = _written(held if now is None else [*held, Turn(now, turn.owner)])
    state["turns"] = turns


def _read(value: Json, without: Turn | None) -> list[Turn]:
    """Read the turns of one rule, without one of them; what is none is left out."""
    rows = [one for one in value if isinstance(one, list)] if isinstance(value, list) else []
    pairs = [(real(row[0]), row[1]) for row in rows if len(row) == len(Turn._fields)]
    turns = [Turn(at, owner) for at, owner in pairs if at is not None and isinstance(owner, str)]
    if without is not None and without in turns:
        turns.remove(without)  # others may have booked the same time
    return turns


def _written(turns: Iterable[Turn]) -> Json:
    return [[one.at, one.owner] for one in turns]


__all__ = ["DAY", "Booker", "Owner", "Rule", "Turn", "book", "replace"]
