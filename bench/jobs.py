"""The jobs as a table, and the rounds in which they are measured."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from bench import fresh, worker
from bench.titles import COUNT
from bench.wiki import READ, SETS, WARM, Wiki
from bench.worker import Measurement

WARM_UP = -1
"""The round that is not measured."""


class Bench:
    """The wiki, and the contenders' processes, each started when it is needed first."""

    def __init__(self, wiki: Wiki) -> None:
        self.wiki = wiki
        self._workers: dict[str, ProcessPoolExecutor] = {}

    def worker(self, name: str) -> ProcessPoolExecutor:
        """Return a contender's process."""
        if name not in self._workers:
            self._workers[name] = worker.start(name, self.wiki)
        return self._workers[name]

    def read(self, name: str, work: str) -> Measurement:
        """Let a contender read all pages, with some work for each."""
        return self.worker(name).submit(worker.read, READ, work).result()

    def edit(self, name: str, turn: int) -> Measurement:
        """Let a contender edit the page set whose turn it is."""
        shift = EDITORS.index(name) + turn
        prefix = WARM if turn == WARM_UP else f"{READ}{SETS[shift % len(EDITORS)]} "
        return self.worker(name).submit(worker.edit, prefix, f"\n\nA line of round {turn}.").result()

    def first(self, name: str, turn: int) -> Measurement:
        """Let a fresh process print the length of a text; sessions and caches were saved by an earlier one."""
        if turn == WARM_UP and name != "bare":
            self.worker(name).submit(worker.read, WARM, "none").result()
        return fresh.first(name, self.wiki)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the processes."""
        for one in self._workers.values():
            one.shutdown()


@dataclass(frozen=True)
class Job:
    """Something that is measured."""

    name: str
    title: str
    contenders: tuple[str, ...]
    against: str
    """The contender that ratios are taken of; empty if the target is in seconds."""
    target: float
    """What Apibot shall need at most: of the other's time, or in seconds."""
    measure: Callable[[Bench, str, int], Measurement]
    """Given the contender and the number of the round."""


EDITORS = READERS = ("bare", "apibot", "pywikibot")
JOBS = (
    Job("read", "Read 3,000 texts", READERS, "bare", 1.05, lambda bench, name, _turn: bench.read(name, "none")),
    Job(
        "read-spin",
        "Read 3,000 texts, compute 0.3 ms for each",
        READERS,
        "bare",
        0.7,
        lambda bench, name, _turn: bench.read(name, "spin"),
    ),
    Job(
        "read-wait",
        "Read 3,000 texts, wait 0.3 ms for each",
        READERS,
        "bare",
        0.7,
        lambda bench, name, _turn: bench.read(name, "wait"),
    ),
    Job("edit", "Edit 200 pages from a batched read", EDITORS, "bare", 1.1, Bench.edit),
    Job(
        "titles",
        f"Read {COUNT:,} titles, offline",
        ("apibot", "pywikibot"),
        "pywikibot",
        0.2,
        lambda bench, name, _turn: bench.worker(name).submit(worker.titles).result(),
    ),
    Job(
        "import",
        "Import, in a fresh process",
        ("requests", "apibot", "pywikibot", "mwclient"),
        "pywikibot",
        0.45,
        lambda bench, name, _turn: fresh.import_(name, bench.wiki),
    ),
    Job(
        "first",
        "From a fresh process to the first text (saved session, warm caches)",
        ("bare", "apibot", "pywikibot"),
        "pywikibot",
        0.6,
        Bench.first,
    ),
    Job("help", "apibot --help", ("apibot",), "", 0.3, lambda bench, name, _turn: fresh.help_(name, bench.wiki)),
)


def measured(bench: Bench, job: Job, rounds: int) -> dict[str, list[float]]:
    """Measure a job in rounds; return the seconds by contender.

    Raises RuntimeError if the contenders did not do the same, or one failed.
    """
    seconds: dict[str, list[float]] = {name: [] for name in job.contenders}
    for turn in range(WARM_UP, rounds):
        first = turn % len(job.contenders)
        done = {name: job.measure(bench, name, turn) for name in job.contenders[first:] + job.contenders[:first]}
        counts = {name: one.done for name, one in done.items()}
        if len(set(counts.values())) > 1:
            msg = f"{job.name}: the contenders did not do the same: {counts}"
            raise RuntimeError(msg)
        for name, one in done.items():
            if turn != WARM_UP:
                seconds[name].append(one.seconds)
    return seconds
