"""Running jobs: at once, as a plan, and again for what has become stale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar, cast

from apibot.bridge import Bridge
from apibot.bridge.runs import BridgeRun
from apibot.core.core import Core
from apibot.core.errors import ApibotError
from apibot.core.request import Request, Task
from apibot.data.pages import PageRef
from apibot.jobs.registry import Job, find_job
from apibot.runs.performer import Performer, Run
from apibot.runs.plan import Planner, Producer, Record

R = TypeVar("R")


def run_job(bridge: Bridge, name: str, words: Sequence[str] = (), plan: str | Path | None = None) -> Run:
    """Run a job, or plan what it would change.

    Parameters: ``bridge``; ``name`` of the job; ``words``, its options as ``name=value``; ``plan``, a file: nothing
    is changed then, and what would be is written there, if the job ends well.
    Returns the run, whose counts say what became of the job's writes.
    Raises BadParameter for an unknown job or option before anything is asked; ApibotError that ended the job.
    """
    job = find_job(name)
    options = job.read(words)
    if plan is None:
        return _run(job, options, bridge)
    producer = cast("Producer", {"job": name, "options": options.to_fields()})
    with Planner(bridge.core, plan, producer) as planner:
        return _run(job, options, planner)


def _run(job: Job, options: Request, performer: Performer) -> Run:
    run = BridgeRun(job.name, performer)
    try:
        job.fn(run.bridge, **{name: getattr(options, name) for name in options.field_names()})
    except ApibotError:
        run.core.log(f"ended early: {run.summary()}", "warning")
        raise
    return run


def replan(planner: Planner, producer: Producer, stale: Sequence[Record]) -> None:
    """Run a job again, in a plan, and take into it the changes of the pages of stale records alone.

    Raises BadParameter if the job is not installed or has not these options any more.
    """
    wanted = cast("Mapping[str, object]", producer)
    job = find_job(str(wanted["job"]))
    options = job.declaration.from_fields(cast("Mapping[str, object]", wanted.get("options") or {}))
    _run(job, options, _OnlyOn(planner, [page for record in stale if (page := _page(record.request))]))


class _OnlyOn:
    """Plans what is written on some pages; what would be written on others is left out."""

    def __init__(self, planner: Planner, pages: Sequence[PageRef]) -> None:
        self._planner = planner
        self._known = {page.pageid for page in pages if page.pageid} | {page.title for page in pages}

    @property
    def core(self) -> Core:
        """The core whose wiki it is."""
        return self._planner.core

    def on(self, wiki: str) -> Planner:
        """Refuse: a plan is for one wiki."""
        return self._planner.on(wiki)

    def perform(self, task: Task[R], seen: object = None) -> R:
        """Read, or write down what would be done if it is about one of the pages."""
        if task.effect == "read":
            return self._planner.perform(task, seen)
        attempt = self.core.fence(task, seen)  # names the page as the wiki does
        page = _page(attempt.request)
        if page and self._known & {page.pageid, page.title}:
            return self._planner.perform(task, seen)
        return cast("R", attempt.expected if attempt.done is None else attempt.done)


def _page(request: Request) -> PageRef | None:
    page = request.given().get("page")
    return page if isinstance(page, PageRef) else None


__all__ = ["replan", "run_job"]
