"""The registry of jobs: a decorator puts them in, entry points bring the modules that do so."""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from apibot.core.errors import BadParameter, SettingsError
from apibot.core.request import Request
from apibot.core.words import from_words

Fn = TypeVar("Fn", bound=Callable[..., None])
GROUP = "apibot.jobs"
"""Entry points that name modules with jobs."""
REQUIRED = inspect.Parameter.empty
"""Default of an option that must be given."""


@dataclass(frozen=True)
class Option:
    """An option of a job: a keyword parameter of its function."""

    name: str
    type: str
    """Annotation, as it is written."""
    default: object
    """REQUIRED if it must be given."""


@dataclass(frozen=True)
class Job:
    """A job as it is registered."""

    name: str
    fn: Callable[..., None]
    """Takes a Bridge and the options."""
    summary: str
    """First line of its docstring."""
    options: tuple[Option, ...]

    @property
    def help(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.fn) or self.summary

    def read(self, words: Sequence[str]) -> Request:
        """Read options from words like ``limit=20``; ``name=@FILE`` reads the value from a file.

        Returns a request whose fields are the options.  Raises BadParameter naming those that are unknown, missing
        or of a wrong type.
        """
        return from_words(self.declaration, words)

    @cached_property
    def declaration(self) -> type[Request]:
        """The options as a kind of request, since these are read, checked and written down already."""
        fields = {option.name: option.default for option in self.options if option.default is not REQUIRED}
        hints = {option.name: option.type for option in self.options}
        about = {"__annotations__": hints, "__module__": self.fn.__module__, "__doc__": self.summary}
        return cast("type[Request]", type(self.name, (Request,), {**fields, **about}))


_JOBS: dict[str, Job] = {}
"""Jobs of the modules imported so far."""


def job(fn: Fn) -> Fn:
    """Register a function as a job under its own name; its docstring is the help.

    Parameters: ``fn``, takes a Bridge, then options by keyword, each annotated with its type.
    Returns the function as it is.  Raises BadParameter for a function that can not be a job, and for a name that
    another function has taken.
    """
    given = list(inspect.signature(fn).parameters.values())
    rest = given[1:]
    faults = (
        (not inspect.getdoc(fn), "it has no docstring, which would be its help"),
        (not given or given[0].kind is inspect.Parameter.KEYWORD_ONLY, "its first parameter must be a Bridge"),
        (any(one.kind is not one.KEYWORD_ONLY for one in rest), "options must be keyword-only: put a * before them"),
        (any(one.annotation is REQUIRED for one in rest), "each option needs a type"),
    )
    found = [text for applies, text in faults if applies]
    taken = _JOBS.get(fn.__name__)
    if taken and (taken.fn.__module__, taken.fn.__qualname__) != (fn.__module__, fn.__qualname__):
        found.append(f"{taken.fn.__module__} has a job of that name already")
    if found:
        msg = f"{fn.__module__}.{fn.__qualname__} can not be a job: {'; '.join(found)}."
        raise BadParameter(msg)
    options = tuple(Option(one.name, _written(one.annotation), one.default) for one in rest)
    summary = (inspect.getdoc(fn) or "").partition("\n")[0]
    _JOBS[fn.__name__] = Job(fn.__name__, fn, summary, options)
    return fn


def _written(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def jobs() -> dict[str, Job]:
    """Return the jobs of all installed packages by name, sorted.

    Raises SettingsError if a package that has jobs can not be imported.
    """
    for entry in importlib.metadata.entry_points(group=GROUP):
        try:
            entry.load()
        except (ImportError, AttributeError) as exc:
            msg = f"The jobs of {entry.value} can not be imported ({exc}). Repair that package or uninstall it."
            raise SettingsError(msg) from exc
    return dict(sorted(_JOBS.items()))


def find_job(name: str) -> Job:
    """Return a job by its name; raises BadParameter listing those that there are."""
    found = jobs()
    if name not in found:
        msg = f"There is no job {name!r}; there are: {', '.join(found) or 'none'}."
        raise BadParameter(msg)
    return found[name]


__all__ = ["GROUP", "REQUIRED", "Job", "Option", "find_job", "job", "jobs"]
