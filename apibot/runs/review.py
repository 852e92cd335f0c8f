"""Review: a plan as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import cast

from apibot.core.visible import visible
from apibot.runs.plan import Plan, Record, producer_kind


def reviewed(plan: Plan, limit: int | None = None) -> Iterator[str]:
    """Give the lines that show a plan: each change with its diff, then the totals.

    Parameters: ``plan``; ``limit``, how many changes to show, all if None.
    """
    for record in islice(plan.records, limit):
        yield from map(visible, _shown(record))
    hidden = len(plan.records) - (len(plan.records) if limit is None else min(limit, len(plan.records)))
    if hidden:
        yield f"... and {hidden} more changes"
    yield totals(plan)


def _shown(record: Record) -> Iterator[str]:
    summary = record.request.given().get("summary")
    yield f"{record.n}. {type(record.request).__name__} {_about(record)}" + (f"  ({summary})" if summary else "")
    yield from record.diff.split("\n")[2:]  # the first two lines name the page again
    yield ""


def _about(record: Record) -> str:
    about = record.request.given().get("page", record.request.given().get("pages", ""))
    return ", ".join(map(str, cast("tuple[object, ...]", about))) if isinstance(about, tuple) else str(about)


def totals(plan: Plan) -> str:
    """Return one line on the whole plan."""
    added, removed = (sum(_count(record.diff, mark) for record in plan.records) for mark in "+-")
    created = sum(1 for record in plan.records if record.base and not record.base.revid)
    kind = producer_kind(plan.header.producer)
    return (
        f"{len(plan.records)} changes ({created} new pages), {added} lines added, {removed} removed; "
        f"for {plan.header.wiki} as {plan.header.account or 'anonymous'}, planned by {kind}."
    )


def _count(diff: str, mark: str) -> int:
    return sum(1 for line in diff.split("\n")[2:] if line.startswith(mark))


__all__ = ["reviewed", "totals"]
