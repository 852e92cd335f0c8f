"""Jobs: functions that do one thing on a wiki, found by their names, with options written as words.

    @job
    def greet(bridge: Bridge, *, page: str = "Project:Greetings") -> None:
        '''Say hello.'''
        bridge.edit(page, append="Hello!")

A package tells of its jobs by an entry point of the group ``apibot.jobs`` that names the module which makes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apibot.jobs.registry import Job, Option, find_job, job, jobs
    from apibot.jobs.runner import replan, run_job

_HOMES = {
    "Job": "apibot.jobs.registry",
    "Option": "apibot.jobs.registry",
    "find_job": "apibot.jobs.registry",
    "job": "apibot.jobs.registry",
    "jobs": "apibot.jobs.registry",
    "replan": "apibot.jobs.runner",
    "run_job": "apibot.jobs.runner",
}
"""Where public names live; who only lists jobs does not pay for what runs them."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        msg = f"module 'apibot.jobs' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    return getattr(import_module(home), name)


__all__ = ["Job", "Option", "find_job", "job", "jobs", "replan", "run_job"]
