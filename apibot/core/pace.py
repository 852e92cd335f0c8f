"""Pace: how fast a wiki is asked, by all threads and processes together.

What they share is in one small file for each farm of wikis (``pace/FARM.json`` in the folder for state): until when
the wiki wants to be left alone, when the next write may begin, which writes counted against a rate limit, and how
many bytes went over the wire.  Requests under way hold lock files, which the kernel frees when a process dies.
A wiki that asks for nothing costs one look at that file's time.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar, cast

from apibot.core.clock import Clock
from apibot.core.errors import ApibotError
from apibot.core.files import file_name, locked, state_error, write_atomically
from apibot.core.hooks import Hooks, hookable
from apibot.core.jsons import JsonObject, block
from apibot.core.log import Log
from apibot.core.request import Effect
from apibot.core.target import FARM, Target

T = TypeVar("T")
Scope = Literal["all", "writes"]
"""Whom a wait concerns: all requests to a farm, or the writes to one wiki."""
Direction = Literal["up", "down"]

WIKIMEDIA_INTERVAL = 5.0
"""Seconds from one write to the next on Wikimedia's wikis, whose bots report no limit (Wikipedia:Bot policy)."""
WIKIMEDIA_WRITES = 1
WIKIMEDIA_IN_FLIGHT = 3
"""Requests at once that Wikimedia allows one client (https://wikitech.wikimedia.org/wiki/Robot_policy)."""
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
LEAST_WAIT = 0.02
"""Seconds of waiting that are gathered before the caps on bytes let a transfer rest."""


class Limit(NamedTuple):
    """So many times in so many seconds, as ``uiprop=ratelimits`` tells."""

    action: str
    hits: int
    seconds: float


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
        self._threads: dict[str, threading.BoundedSemaphore] = {}
        self._seen: tuple[object, JsonObject] = (None, {})
        self.why: str | None = None
        """What is being waited for at the moment, for who shows progress."""
        self.waited = 0.0
        """Seconds that requests of this process have waited in all."""

    @contextmanager
    def slot(self, effect: Effect, limits: Sequence[Limit] = (), patience: float = LONGEST_HOLD) -> Generator[float]:
        """Wait until a request may go out, and count it as under way for the length of the block.

        Parameters: ``effect`` of the request; ``limits`` of the account that count it; ``patience``, the seconds that
        it waits at most for a server that wants to be left alone.
        Gives the seconds waited because of the pace; those that the server asked for are not among them.
        Raises TooLong if its patience does not suffice, StateError if the state can not be used.
        """
        writes = effect != "read"
        paced = 0.0
        turn: float | None = None
        with ExitStack() as held:
            self._held_back(writes=writes, patience=patience)
            if writes and self.writes_at_once is not None:
                paced += self._enter(held, "write", self.writes_at_once)
            while True:
                place = held.enter_context(ExitStack())
                if writes and (limits or self.write_interval):
                    turn, waited = self._take_turn(limits, turn)
                    paced += waited
                if self.in_flight is not None:
                    paced += self._enter(place, "request", self.in_flight)
                if self._hold_left(writes=writes)[0] <= 0:
                    break
                place.close()  # a server spoke meanwhile
                self._held_back(writes=writes, patience=patience)
            try:
                yield paced
            finally:
                if turn is not None and limits:
                    self._change(lambda state, turn=turn: self._restamp(state, limits, turn))  # type: ignore[misc]  # bound early

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
            wait = max(wait, self._change(lambda state, name=name, seconds=seconds: self._used(state, name, seconds)))  # type: ignore[misc]  # bound early
        if wait > 0:
            self._clock.sleep(wait)

    def _used(self, state: JsonObject, name: str, seconds: float) -> float:
        """Put a time of transfer behind those before it; returns how long to wait for its end."""
        lines, now = block(state.get("bytes")), self._clock.now()
        last = min(_number(lines.get(name)), now + LONGEST_HOLD)
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
            with self._lock:
                self.waited += seconds

    def _scopes(self, *, writes: bool) -> tuple[str, ...]:
        """Return the names of the holds that concern a request."""
        return ("all", f"writes {self._target.api}") if writes else ("all",)

    def _held_back(self, *, writes: bool, patience: float) -> None:
        """Wait as long as a server has asked to be left alone."""
        end = self._clock.now() + patience
        while True:
            left, held = self._hold_left(writes=writes)
            if left <= 0:
                return
            why = str(held.get("why"))
            if self._clock.now() + left > end:
                raise TooLong(left, str(held.get("event")), why)
            self.wait(left + self._random.uniform(0, JITTER), why)

    def _hold_left(self, *, writes: bool) -> tuple[float, JsonObject]:
        """Return the seconds for which a server wants to be left alone, 0 if it does not, and what it had said."""
        holds = block(self._look().get("holds"))
        held = max((block(holds.get(name)) for name in self._scopes(writes=writes)), key=_until)
        left = _until(held) - self._clock.now()
        return (left if 0 < left <= LONGEST_HOLD + JITTER else 0.0), held  # a longer one is from a wrong clock

    def _take_turn(self, limits: Sequence[Limit], turn: float | None) -> tuple[float, float]:
        """Wait for the time of the next write, and until no limit would be passed.

        Parameters: ``limits``; ``turn``, a time booked before.
        Returns the time that was booked and has come, and the seconds waited.
        """
        waited = 0.0
        while True:
            turn = self._change(lambda state, turn=turn: self._book(state, limits, turn))  # type: ignore[misc]  # bound early
            seconds = turn - self._clock.now()
            if seconds <= 0:
                return turn, waited
            why = f"one write every {self.write_interval:g} s" if self.write_interval else _said(limits)
            self.wait(seconds, f"{self._target.name}: {why}")
            waited += seconds

    def _book(self, state: JsonObject, limits: Sequence[Limit], turn: float | None) -> float:
        """Book the time at which a write may begin and return it.

        Who books for the first time comes behind all who have booked.  When its time has come, it counts what was
        really sent by then, and books again if that is too much.
        """
        begin = now = self._clock.now()
        if self.write_interval and (turn is None or now > turn + self.write_interval):  # not all at once after a hold
            begin = max(now, min(_number(state.get("next_write")), now + LONGEST_HOLD))
            state["next_write"] = begin + self.write_interval
        elif turn is not None:
            begin = max(turn, now)
        hits = block(state.get("hits"))
        booked: dict[str, list[float]] = {}
        for limit in limits:
            window = limit.seconds * (1 + 1 / BUCKETS)
            times = _times(hits.get(self._key(limit)), turn)
            known = booked[self._key(limit)] = sorted(one for one in times if now - window < one <= now + LONGEST_HOLD)
            ahead = [one for one in known if turn is None or one <= now]
            if len(ahead) >= limit.hits:
                begin = max(begin, ahead[-limit.hits] + window)
        state["hits"] = {**hits, **{key: [*known, begin] for key, known in booked.items()}}
        return begin

    def _restamp(self, state: JsonObject, limits: Sequence[Limit], turn: float) -> None:
        """Count a write at the time of its answer: by then the wiki has counted it, however long it was under way."""
        hits, now = block(state.get("hits")), self._clock.now()
        keys = [self._key(limit) for limit in limits]
        state["hits"] = {**hits, **{key: [*_times(hits.get(key), turn), now] for key in keys}}

    def _key(self, limit: Limit) -> str:
        return f"{self._target.api} {self._target.user} {limit.action} {limit.hits}/{limit.seconds:g}"

    def _enter(self, held: ExitStack, name: str, count: int) -> float:
        """Hold one of ``count`` places until the block of ``held`` ends; returns the seconds waited for it."""
        began = self._clock.now()
        with self._lock:
            threads = self._threads.setdefault(name, threading.BoundedSemaphore(count))
        held.enter_context(threads)
        import filelock

        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        places = [self._file.with_suffix(f".{name}{number}.lock") for number in range(count)]
        while True:
            for place in places:
                lock = filelock.FileLock(place, mode=0o600)
                try:
                    held.enter_context(lock.acquire(timeout=0))
                except filelock.Timeout:
                    continue
                except OSError as exc:
                    raise state_error(place, exc) from exc
                return self._clock.now() - began
            self._clock.sleep(POLL)

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


class TooLong(ApibotError):
    """A server wants to be left alone for longer than a request may wait.

    Parameters: ``seconds``, how long; ``event``, what the server had said; ``why``, in words.
    """

    advice = "retry"

    def __init__(self, seconds: float, event: str, why: str) -> None:
        self.seconds = seconds
        self.event = event
        super().__init__(f"{why}; {seconds:.0f} s are left, more than a request may wait")


def _first(given: T | None, default: T) -> T:
    return default if given is None else given


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _until(held: object) -> float:
    return _number(block(held).get("until"))


def _times(value: object, without: float | None) -> list[float]:
    """Return the times in a list, without one that was booked and is booked anew."""
    found = cast("list[object]", value) if isinstance(value, list) else []
    times = [one for one in found if isinstance(one, float)]
    if without in times:
        times.remove(without)
    return times


def _said(limits: Sequence[Limit]) -> str:
    found = ", ".join(f"{one.hits} in {one.seconds:g} s" for one in limits)
    return f"the wiki's limit for this account ({found})"


def _bound(count: int | None, what: str) -> str:
    return f"any number of {what}s at once" if count is None else f"at most {count} {what}{'s' * (count > 1)} at once"


__all__ = [
    "BUCKETS",
    "JITTER",
    "LATENESS",
    "LEAST_WAIT",
    "LONGEST_HOLD",
    "POLL",
    "WIKIMEDIA_INTERVAL",
    "WIKIMEDIA_IN_FLIGHT",
    "WIKIMEDIA_WRITES",
    "Direction",
    "Limit",
    "Pace",
    "Scope",
    "TooLong",
]
