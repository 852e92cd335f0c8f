"""Who performs tasks: the core itself, a run that counts, or a planner that only writes down what would be done."""

from __future__ import annotations

import copy
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, Self, TypeVar

from apibot.core.core import Core
from apibot.core.errors import ApibotError, BotExcluded
from apibot.core.request import Task

R = TypeVar("R")


class Performer(Protocol):
    """Performs tasks on one wiki."""

    @property
    def core(self) -> Core:
        """The core whose wiki it is."""
        ...

    def perform(self, task: Task[R], seen: object = None) -> R:
        """Perform a task; ``seen`` is the page it is about, as far as it was fetched."""
        ...

    def on(self, wiki: str) -> Performer:
        """Return who performs tasks on another wiki; PlanError where that can not be."""
        ...


@dataclass
class Counts:
    """What became of a run's writes."""

    changed: int = 0
    """Changes made, or planned."""
    unchanged: int = 0
    """Nothing had to be done."""
    excluded: int = 0
    """Left alone because of {{bots}}."""
    failed: int = 0
    failures: list[str] = field(default_factory=list[str])
    """A line for each failure."""


class Run:
    """A group of writes with a name and a number of its own; counts them.

    Parameters: ``name``; ``performer``, who does the work (a core or a planner).
    """

    def __init__(self, name: str, performer: Performer) -> None:
        self.name = name
        self.id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self.counts = Counts()
        self._performer = performer
        self._begun = {performer.core.target.api: (performer.core, performer.core.browser.counters.requests)}

    @property
    def core(self) -> Core:
        """The core whose wiki it is."""
        return self._performer.core

    @property
    def requests(self) -> int:
        """Requests made since the run began, on all its wikis."""
        return sum(core.browser.counters.requests - before for core, before in self._begun.values())

    def on(self, wiki: str) -> Self:
        """Return the same run on another wiki: what it writes there is counted here."""
        other, performer = copy.copy(self), self._performer.on(wiki)
        other._performer = performer  # noqa: SLF001  # of the same class
        core = performer.core
        self._begun.setdefault(core.target.api, (core, core.browser.counters.requests))
        return other

    def perform(self, task: Task[R], seen: object = None) -> R:
        """Perform a task and count what became of it, if it writes."""
        if task.effect == "read":
            return self._performer.perform(task, seen)
        try:
            result = self._performer.perform(task, seen)
        except BotExcluded:
            self.counts.excluded += 1
            raise
        except ApibotError as exc:
            self.counts.failed += 1
            about = task.given().get("page") or task.given().get("pages") or type(task).__name__
            self.counts.failures.append(f"{about}: {exc}")
            raise
        if getattr(result, "changed", True):
            self.counts.changed += 1
        else:
            self.counts.unchanged += 1
        return result

    def summary(self) -> str:
        """Return one line on what was done."""
        counts = self.counts
        return (
            f"{self.name} ({self.id}): {counts.changed} changed, {counts.unchanged} unchanged, "
            f"{counts.excluded} kept out by {{{{bots}}}}, {counts.failed} failed; {self.requests} requests"
        )


__all__ = ["Counts", "Performer", "Run"]
