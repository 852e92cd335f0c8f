"""Pace: how fast a wiki is asked, by all threads and processes together.

What they share is in one small file for each farm of wikis (``pace/FARM.json`` in the folder for state): until when
the wiki wants to be left alone, when the next write may begin, which writes counted against a rate limit, and how
many bytes went over the wire.  Requests under way hold lock files, which the kernel frees when a process dies.
A wiki that asks for nothing costs one look at that file's time.
"""

from __future__ import annotations

import json
import os
import random
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from apibot.core.browser import Direction
from apibot.core.clock import Clock
from apibot.core.errors import StateError, TooLong
from apibot.core.files import file_name, locked, state_error, write_atomically
from apibot.core.hooks import Hooks, hookable
from apibot.core.jsons import JsonObject, block, real
from apibot.core.log import Log
from apibot.core.request import Effect
from apibot.core.target import FARM, Target
from apibot.core.turns import Owner, Rule, Turn, book, replace
from apibot.core.userinfo import RateLimit

T = TypeVar("T")
Scope = Literal["all", "writes"]
"""Whom a wait concerns: all requests to a farm, or the writes to one wiki."""

WIKIMEDIA_INTERVAL = 5.0
"""Seconds from one write to the next on Wikimedia's wikis, whose bots report no limit (Wikipedia:Bot policy)."""
WIKIMEDIA_WRITES = 1
WIKIMEDIA_IN_FLIGHT = 3
"""Requests at once that Wikimedia allows one client (https://wikitech.wikimedia.org/wiki/Robot_policy)."""
INTERVAL = "interval"
"""The rule that is not of the wiki's making."""
LONGEST_HOLD = 600.0
"""Seconds for which a server's word stops other requests at most: a mistake of its must not last for ever."""
JITTER = 0.25
"""Seconds at most added to a wait that a server asked for, so that not all come back at once."""
BUCKETS = 30
"""Parts into which MediaWiki divides the time of a rate limit; the last one counts in full (WRStatsRateLimiter)."""
POLL = 0.02
"""Seconds between two looks at whether another process has finished a request."""
LATENESS = 0.25
"""Seconds by which a transfer may be late and still catch up: no machine wakes up on time.  A pause gives no credit."""
TOLD_AFTER = 1.0
"""Seconds of waiting for other processes' requests after which the log says so."""
LEAST_WAIT = 0.02
"""Seconds of waiting that are gathered before the caps on bytes let a transfer rest."""


class Pace:
    """The pace of one wiki and account.

    Parameters: ``home``, the folder for all state; ``target``; ``clock``; ``log``; ``hooks``; ``jitter``, gives a
    random part of 1, to be exchanged in tests.
    """

    label = "Pace"

    def __init__(
        self, home: Path, target: Target, *, clock: Clock, log: Log, hooks: Hooks, jitter: random.Random | None = None
    ) -> None:
        self.hooks = hooks
        self._clock = clock
        self._log = log.named(self.label)
        self._random = jitter or random.Random()  # noqa: S311  # spreads waits, guards nothing
        self._target = target
        self._file = home / "pace" / f"{file_name(target.farm)}.json"
        self._lock = threading.Lock()
        wikimedia, own = target.farm == FARM, target.pace
        self.write_interval = _first(own.write_interval, WIKIMEDIA_INTERVAL if wikimedia else 0.0)
        """Seconds from the beginning of one write to that of the next."""
        self.writes_at_once = _first(own.writes_at_once, WIKIMEDIA_WRITES if wikimedia else None)
        self.in_flight = _first(own.in_flight, WIKIMEDIA_IN_FLIGHT if wikimedia else None)
        self.caps = {"total": own.total, "down": own.download, "up": own.upload}
        """Bytes per second, None where there is no bound."""
        self._owed = dict.fromkeys(self.caps, 0)
        self.capped = any(cap is not None for cap in self.caps.values())
        """Whether there is one at all."""
        self._owner: Owner | None = None
        self._inherited: list[Owner | None] = []
        self._process = 0
        self._seen: tuple[object, JsonObject] = (None, {})
        self.why: str | None = None
        """What is being waited for at the moment, for who shows progress."""

    @contextmanager
    def slot(
        self, effect: Effect, limits: Sequence[RateLimit] = (), patience: float = LONGEST_HOLD
    ) -> Generator[float]:
        """Wait until a request may go out, and count it as under way for the length of the block.

        Parameters: ``effect`` of the request; ``limits`` of the account that count it; ``patience``, the seconds that
        it waits at most for a server that wants to be left alone.
        Gives the seconds waited because of the pace; those that the server asked for are not among them.
        Raises TooLong if its patience does not suffice, StateError if the state can not be used.
        """
        writes = effect != "read"
        bounds = [("write", self.writes_at_once)] * writes + [("request", self.in_flight)]
        paced = 0.0
        turn: Turn | None = None
        rules = self._rules(limits) if writes else []
        with ExitStack() as held:
            while True:
                patience -= self._held_back(writes=writes, patience=patience)
                if rules:
                    turn, waited = self._take_turn(rules, turn)
                    paced += waited
                places = held.enter_context(ExitStack())
                for what, count in bounds:
                    paced += self._enter(places, what, count) if count is not None else 0.0
                if self._hold_left(writes=writes)[0] <= 0:
                    break
                places.close()  # a server spoke meanwhile
            try:
                yield paced
            finally:
                if turn is not None and limits:  # by now the wiki has counted it, however long it was under way
                    self._move([rule for rule in rules if rule.key != INTERVAL], turn, self._clock.now())

    def _note(self, change: Callable[[JsonObject], T]) -> T | None:
        """Write down what has happened already; that this can not be done must not hide what has."""
        try:
            return self._change(change)
        except StateError as exc:
            self._log.warning("the pace can not be kept: %s", exc)
            return None

    def close(self) -> None:
        """Give up what was booked and has not come."""
        if self._owner is not None and self._process == os.getpid():
            self._owner.close()
            self._owner = None

    def hold(self, scope: Scope, seconds: float, event: str, why: str) -> None:
        """Stop all requests to the farm, or all writes to the wiki, of all processes.

        Parameters: ``scope``; ``seconds``, from now on, at most LONGEST_HOLD; ``event``, as in the table of
        decisions; ``why``, for the log.
        """
        now = self._clock.now()
        until = now + min(seconds, LONGEST_HOLD)
        name = self._scopes(writes=True)[scope == "writes"]

        def keep(state: JsonObject) -> None:
            holds = {key: one for key, one in block(state.get("holds")).items() if _until(one) > now}
            if _until(holds.get(name)) < until:
                holds[name] = {"until": until, "event": event, "why": why}
            state["holds"] = holds

        self._change(keep)

    def moved(self, direction: Direction, count: int) -> None:
        """Count bytes that went over the wire, and wait as long as the caps on the average speed want it."""
        if not self.capped:
            return
        wait = 0.0
        for name in ("total", direction):
            cap = self.caps[name]
            if cap is None:
                continue
            with self._lock:
                self._owed[name] += count
                seconds = self._owed[name] / cap
                if seconds < LEAST_WAIT:
                    continue
                self._owed[name] = 0
            rest = self._note(lambda state, name=name, seconds=seconds: self._used(state, name, seconds))  # type: ignore[misc]  # bound early
            wait = max(wait, rest or 0.0)
        if wait > 0:
            self._clock.sleep(wait)

    def _used(self, state: JsonObject, name: str, seconds: float) -> float:
        """Put a time of transfer behind those before it; returns how long to wait for its end."""
        lines, now = block(state.get("bytes")), self._clock.now()
        last = min(real(lines.get(name)) or 0.0, now + LONGEST_HOLD)
        until = (last if last > now - LATENESS else now) + seconds
        state["bytes"] = {**lines, name: until}
        return until - now

    def explain(self) -> list[str]:
        """Return how fast this wiki is asked, in sentences."""
        wikimedia = " (Apibot's default for Wikimedia's wikis)" if self._target.farm == FARM else ""
        default = self._target.pace
        lines = [
            f"one write every {self.write_interval:g} s{wikimedia if default.write_interval is None else ''}"
            if self.write_interval
            else "no wait between writes, but for what the wiki asks for",
            _bound(self.writes_at_once, "write") + (wikimedia if default.writes_at_once is None else ""),
            _bound(self.in_flight, "request") + (wikimedia if default.in_flight is None else ""),
        ]
        return lines + [f"at most {cap} bytes per second ({name})" for name, cap in self.caps.items() if cap]

    @hookable
    def wait(self, seconds: float, why: str) -> None:
        """Wait for a reason, which is logged."""
        self._log.info("waiting %.1f s: %s", seconds, why)
        self.why = why
        try:
            self._clock.sleep(seconds)
        finally:
            self.why = None

    def _scopes(self, *, writes: bool) -> tuple[str, ...]:
        """Return the names of the holds that concern a request."""
        return ("all", f"writes {self._target.api}") if writes else ("all",)

    def _held_back(self, *, writes: bool, patience: float) -> float:
        """Wait as long as a server has asked to be left alone; returns the seconds waited."""
        began = self._clock.now()
        while True:
            left, held = self._hold_left(writes=writes)
            waited = self._clock.now() - began
            if left <= 0:
                return waited
            why = str(held.get("why"))
            if waited + left > patience:
                raise TooLong(left, str(held.get("event")), why)
            self.wait(left + self._random.uniform(0, JITTER), why)

    def _hold_left(self, *, writes: bool) -> tuple[float, JsonObject]:
        """Return the seconds for which a server wants to be left alone, 0 if it does not, and what it had said."""
        holds = block(self._look().get("holds"))
        held = max((block(holds.get(name)) for name in self._scopes(writes=writes)), key=_until)
        left = _until(held) - self._clock.now()
        return (left if 0 < left <= LONGEST_HOLD + JITTER else 0.0), held  # a longer one is from a wrong clock

    def _take_turn(self, rules: Sequence[Rule], turn: Turn | None) -> tuple[Turn, float]:
        """Wait for the time of the next write, and until no rule would be broken.

        Parameters: ``rules``; ``turn``, one that was booked before.
        Returns the turn that was booked and has come, and the seconds waited.
        """
        waited = 0.0
        while True:
            booked = turn = self._book(rules, turn)
            seconds = booked.at - self._clock.now()
            if seconds <= 0:
                return booked, waited
            try:
                self.wait(seconds, f"{self._target.name}: {self._said(rules)}")
            except BaseException:
                self._move(rules, booked, None)
                raise
            waited += seconds

    def _book(self, rules: Sequence[Rule], turn: Turn | None) -> Turn:
        owner = self._alive()
        return self._change(lambda state: book(state, rules, turn, self._clock.now(), owner))

    def _move(self, rules: Sequence[Rule], turn: Turn, now: float | None) -> None:
        """Move a turn to another time, or give it up."""
        self._note(lambda state: replace(state, [rule.key for rule in rules], turn, now))

    def _alive(self) -> Owner:
        """Return this process's sign of life, which is given when the first turn is booked."""
        with self._lock:
            if self._owner is None or self._process != os.getpid():
                self._inherited.append(self._owner)  # a parent's sign of life would end if it were let go here
                self._owner, self._process = Owner(self._file), os.getpid()
            return self._owner

    def _rules(self, limits: Sequence[RateLimit]) -> list[Rule]:
        """Return what a write has to keep to: the interval, and the limits of the account."""
        own = [Rule(INTERVAL, 1, self.write_interval)] if self.write_interval else []
        return own + [Rule(self._key(one), one.hits, one.seconds * (1 + 1 / BUCKETS)) for one in limits]

    def _key(self, limit: RateLimit) -> str:
        return f"{self._target.api} {self._target.user} {limit.action} {limit.hits}/{limit.seconds:g}"

    def _said(self, rules: Sequence[Rule]) -> str:
        """Return in words why a write waits."""
        if self.write_interval:
            return f"one write every {self.write_interval:g} s"
        found = ", ".join(f"{one.hits} in {one.seconds / (1 + 1 / BUCKETS):g} s" for one in rules)
        return f"the wiki's limit for this account ({found})"

    def _enter(self, places: ExitStack, what: str, count: int) -> float:
        """Hold one of ``count`` places until the block of ``places`` ends; returns the seconds waited for it.

        Raises StateError if others have held them all for LONGEST_HOLD.
        """
        began, told = self._clock.now(), False
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        paths = [self._file.with_suffix(f".{what}{number}.lock") for number in range(count)]
        why = f"{self._target.name}: {_bound(count, what)}"
        while not any(self._placed(places, path) for path in paths):
            waited = self._clock.now() - began
            if waited > LONGEST_HOLD:
                msg = f"{why}: others have held {paths[0]} for {waited:.0f} s. End the process that hangs."
                raise StateError(msg)
            if not told and waited > TOLD_AFTER:
                told = True
                self._log.info("waiting: %s, and others are under way", why)
            self.why = why
            self._clock.sleep(POLL)
        self.why = None
        return self._clock.now() - began

    def _placed(self, places: ExitStack, path: Path) -> bool:
        """Take a place if it is free."""
        import filelock

        try:
            places.enter_context(filelock.FileLock(path, mode=0o600).acquire(timeout=0))
        except filelock.Timeout:
            return False
        except OSError as exc:
            raise state_error(path, exc) from exc
        return True

    def _look(self) -> JsonObject:
        """Return the state, read anew only where the file has changed."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return {}
        except OSError as exc:
            raise state_error(self._file, exc) from exc
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        seen, state = self._seen
        if mark != seen:
            state = self._read()
            self._seen = (mark, state)
        return state

    def _read(self) -> JsonObject:
        try:
            return block(json.loads(self._file.read_bytes()))
        except (FileNotFoundError, ValueError, RecursionError):
            return {}  # the pace is found again, and a server says so again
        except OSError as exc:
            raise state_error(self._file, exc) from exc

    def _change(self, change: Callable[[JsonObject], T]) -> T:
        """Read, change and write the state as one step, also against other processes."""
        with self._lock, locked(self._file, poll=POLL / 10):
            state = self._read()
            result = change(state)
            try:
                write_atomically(self._file, json.dumps(state), durable=False)
            except OSError as exc:
                raise state_error(self._file, exc) from exc
        return result


def _first(given: T | None, default: T) -> T:
    return default if given is None else given


def _until(held: object) -> float:
    return real(block(held).get("until")) or 0.0


def _bound(count: int | None, what: str) -> str:
    return f"any number of {what}s at once" if count is None else f"at most {count} {what}{'s' * (count > 1)} at once"


__all__ = [
    "BUCKETS",
    "INTERVAL",
    "JITTER",
    "LATENESS",
    "LEAST_WAIT",
    "LONGEST_HOLD",
    "POLL",
    "TOLD_AFTER",
    "WIKIMEDIA_INTERVAL",
    "WIKIMEDIA_IN_FLIGHT",
    "WIKIMEDIA_WRITES",
    "Pace",
    "Scope",
]
