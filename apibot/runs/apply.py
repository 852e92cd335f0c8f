"""Apply: make exactly the changes of a plan, and plan again what has become stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from apibot.core.errors import ApibotError, EditConflict, PageExists, PageMissing, PlanError
from apibot.core.jsons import number, rows
from apibot.core.layer import Wanted
from apibot.data.pages import UNSTABLE, Page, PageRef
from apibot.queries import PageIds, Titles
from apibot.runs.performer import Performer
from apibot.runs.plan import Plan, Planner, Producer, Record, producer_kind, read_plan

STALE = (EditConflict, PageExists, PageMissing)
"""Errors that say that the page is not what it was when the change was planned."""
GROUP = "apibot.producers"
"""Entry points that name what plans again: a Replanner for each kind of producer."""
AT_ONCE = 500
"""Records whose pages are looked at together before they are changed."""


class Now(NamedTuple):
    """The current revision of a page."""

    revid: int = 0
    sha1: str = ""
    user: str = ""
    parentid: int = 0


class Replanner(Protocol):
    """Plans again what a producer had planned, for pages that have changed since."""

    def __call__(self, planner: Planner, producer: Producer, stale: Sequence[Record], /) -> None:
        """Perform with the planner what is to be done now."""
        ...


@dataclass
class Applied:
    """What became of a plan."""

    applied: int = 0
    already: int = 0
    """Changes that the wiki has already: the plan was applied before."""
    stale: list[Record] = field(default_factory=list[Record])
    failed: list[tuple[Record, ApibotError]] = field(default_factory=list[tuple[Record, ApibotError]])
    stale_file: Path | None = None
    """The plan for the stale records, if there were any."""
    replanned: int = 0
    """Changes in that plan."""


def apply(performer: Performer, path: str | Path, progress: Callable[[int], object] | None = None) -> Applied:
    """Make exactly the changes of a plan.

    A change whose page has another revision now is not made; what has to be done there is planned again into
    ``FILE.stale.jsonl``.  A change that is there already is counted and not repeated.

    Parameters: ``performer``; ``path`` of the plan; ``progress``, called with the number of records done so far.
    Raises PlanError for a plan that is damaged or of another wiki or account; ApibotError that ends the run (the
    wiki is closed to the account); what was done until then is done.
    """
    plan = read_plan(path)
    _check(performer, plan)
    result = Applied()
    done = 0
    for at in range(0, len(plan.records), AT_ONCE):
        part = plan.records[at : at + AT_ONCE]
        now = dict(_current(performer, part))
        for record in part:
            _apply_one(performer, record, now, result)
            done += 1
            if progress is not None:
                progress(done)
    if result.stale:
        _plan_again(performer, plan, result)
    return result


def _check(performer: Performer, plan: Plan) -> None:
    target = performer.core.target
    if plan.header.wiki != target.api:
        msg = f"{plan.path}: was planned for {plan.header.wiki}, this is {target.api}. Choose that wiki with --wiki."
        raise PlanError(msg)
    if plan.header.account != target.user:
        msg = (
            f"{plan.path}: was planned as {plan.header.account}, this is {target.user}. Use that account or plan again."
        )
        raise PlanError(msg)


def _current(performer: Performer, records: Sequence[Record]) -> Iterator[tuple[str, Now]]:
    """Give the current revision and hash of the records' pages, in as few requests as there are batches."""
    refs = [ref for record in records if (ref := _page(record))]
    for query in page_sets(refs):
        for batch in performer.core.batches(query, Wanted(pages=True, hashes=True)):
            for row in batch.rows:
                for one in rows(row.get("revisions")):
                    revid, parentid = number(one.get("revid")) or 0, number(one.get("parentid")) or 0
                    found = Now(revid, str(one.get("sha1", "")), str(one.get("user", "")), parentid)
                    yield f"#{row['pageid']}", found
                    yield str(row["title"]), found


def _page(record: Record) -> PageRef | None:
    page = record.request.given().get("page")
    return page if isinstance(page, PageRef) else None


def _apply_one(performer: Performer, record: Record, current: dict[str, Now], result: Applied) -> None:
    ref = _page(record)
    key = "" if ref is None else f"#{ref.pageid}" if ref.pageid else str(ref.title)
    if record.base is not None:
        now = current.get(key, Now())
        if now.revid != record.base.revid:
            if _is_done(performer, record, now):
                result.already += 1
            else:
                result.stale.append(record)
            return
    try:
        done = performer.perform(record.request, record.base)  # {{bots}} was looked at on that revision
    except STALE:
        result.stale.append(record)
    except ApibotError as exc:
        result.failed.append((record, exc))
        if exc.advice == "close":
            raise
    else:
        changed = getattr(done, "changed", True)
        result.applied += changed
        result.already += not changed
        current[key] = Now(-1)  # another change of the same page was planned on what is no more


def _is_done(performer: Performer, record: Record, now: Now) -> bool:
    """Say whether the page has the planned text already, or the account's own edit of a text stored otherwise."""
    if not now.revid or record.base is None:
        return False
    if UNSTABLE.search(str(record.request.given().get("text"))):
        return now.user == performer.core.info.user().name and now.parentid == record.base.revid
    return now.sha1 == record.result_sha1


def _plan_again(performer: Performer, plan: Plan, result: Applied) -> None:
    path = plan.path.with_name(f"{plan.path.name}.stale.jsonl")
    with Planner(performer.core, path, plan.header.producer) as planner:
        replanner(producer_kind(plan.header.producer))(planner, plan.header.producer, result.stale)
        result.replanned = planner.count
    result.stale_file = path


def replanner(kind: str) -> Replanner:
    """Return what plans again for a kind of producer.

    Raises PlanError if no installed package does.
    """
    if kind == "python":
        return _replan_requests
    import importlib.metadata  # 10 ms, and rarely needed

    found = importlib.metadata.entry_points(group=GROUP, name=kind)
    for entry in found:
        return cast("Replanner", entry.load())
    msg = f"Nothing installed can plan again for {kind!r}; a package that does declares an entry point in {GROUP}."
    raise PlanError(msg)


def _replan_requests(planner: Planner, _producer: Producer, stale: Sequence[Record]) -> None:
    """Plan the same texts on the pages as they are now; the diff shows what they would undo.

    A page that was there and is gone is left so.
    """
    pages: dict[int | str, Page] = {}
    refs = [ref for record in stale if (ref := _page(record))]
    for query in page_sets(refs):
        for batch in planner.core.batches(query, Wanted(pages=True, info=True, text=True)):
            for page in map(Page, batch.rows):
                pages[page.pageid or page.title] = pages[page.title] = page
    for record in stale:
        ref = _page(record)
        now = pages.get(ref.pageid or str(ref.title)) if ref else None
        if ref is not None and ref.pageid and (now is None or not now.exists):
            planner.core.log(f"{ref}: is not planned again: it was deleted", "warning")
            continue
        request = record.request if now is None else record.request.replaced(page=now.ref)
        try:
            planner.perform(request, now)
        except ApibotError as exc:
            if exc.advice == "close":
                raise
            planner.core.log(f"{ref}: is not planned again: {exc}", "warning")


def page_sets(refs: Sequence[PageRef]) -> tuple[PageIds, Titles]:
    """Return the queries that name pages: by number, which follows a move, or by title where there is none.

    They are settled: what is asked is of these pages, whatever the settings say of queries.
    """
    numbers = dict.fromkeys(ref.pageid for ref in refs if ref.pageid)
    titles = dict.fromkeys(ref.title for ref in refs if ref.title and not ref.pageid)
    return PageIds(tuple(numbers)).settled(), Titles(tuple(titles)).settled()


__all__ = ["AT_ONCE", "GROUP", "STALE", "Applied", "Now", "Replanner", "apply", "page_sets", "replanner"]
