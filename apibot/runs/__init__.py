"""Runs: plan, review, apply."""

from __future__ import annotations

from apibot.runs.apply import Applied, apply, replanner
from apibot.runs.performer import Counts, Performer, Run
from apibot.runs.plan import Header, Plan, Planner, Record, producer_kind, read_plan
from apibot.runs.review import reviewed

__all__ = [
    "Applied",
    "Counts",
    "Header",
    "Performer",
    "Plan",
    "Planner",
    "Record",
    "Run",
    "apply",
    "producer_kind",
    "read_plan",
    "replanner",
    "reviewed",
]
