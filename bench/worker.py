"""A contender's own process: set up once, then told what to do."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter, thread_time
from typing import NamedTuple, Protocol

from bench.titles import TitleReader, texts
from bench.wiki import Wiki

WORK_SECONDS = 0.0003


class Measurement(NamedTuple):
    """What one contender did in one round of a job."""

    seconds: float
    done: int
    """Characters read or pages saved, to be compared with what the others did."""


class Contender(Protocol):
    """What each contender can do with pages, named by the beginning of their titles."""

    def read(self, prefix: str, work: Callable[[], object]) -> int:
        """Read the texts of pages, do the work for each, return the number of characters."""
        ...

    def edit(self, prefix: str, line: str) -> int:
        """Add a line to pages, return how many were changed."""
        ...


def _spin() -> None:
    """Compute for 0.3 ms of this thread's own time, whatever other threads take of it meanwhile."""
    end = thread_time() + WORK_SECONDS
    while thread_time() < end:
        pass


def _wait() -> None:
    """Wait 0.3 ms (and what the system adds) for something that needs no processor here."""
    threading.Event().wait(WORK_SECONDS)


WORK: dict[str, Callable[[], object]] = {"none": lambda: None, "spin": _spin, "wait": _wait}
_contenders: list[Contender] = []
"""The one of this process."""


def start(name: str, wiki: Wiki) -> ProcessPoolExecutor:
    """Return a process for a contender; its environment is set before anything of it is imported."""
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=(name, wiki))


def _begin(name: str, wiki: Wiki) -> None:
    os.environ.update(wiki.environment())
    os.chdir(wiki.home)
    _contenders.append(_made(name, wiki))


def _made(name: str, wiki: Wiki) -> Contender:
    if name == "apibot":
        from bench.with_apibot import WithApibot

        return WithApibot(wiki)
    if name == "pywikibot":
        from bench.with_pywikibot import WithPywikibot

        return WithPywikibot(wiki)
    from bench.bare import Bare

    return Bare(wiki)


def read(prefix: str, work: str) -> Measurement:
    """Read pages, in the contender's process."""
    return _timed(lambda contender: contender.read(prefix, WORK[work]))


def edit(prefix: str, line: str) -> Measurement:
    """Edit pages, in the contender's process."""
    return _timed(lambda contender: contender.edit(prefix, line))


def titles() -> Measurement:
    """Read titles, in the contender's process."""
    given = texts()

    def read_all(contender: Contender) -> int:
        if not isinstance(contender, TitleReader):
            msg = f"{contender} reads no titles"
            raise TypeError(msg)
        return contender.titles(given)

    return _timed(read_all)


def _timed(do: Callable[[Contender], int]) -> Measurement:
    contender = _contenders[0]
    gc.collect()  # what earlier jobs left behind is not this one's
    began = perf_counter()
    done = do(contender)
    return Measurement(perf_counter() - began, done)
