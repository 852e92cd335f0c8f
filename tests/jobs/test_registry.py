"""What can be a job, how its options are read, and which jobs there are."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from apibot import Bridge
from apibot.core.errors import BadParameter, SettingsError
from apibot.jobs import Option, find_job, job, jobs, registry


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs()
    monkeypatch.setattr(registry, "_JOBS", dict(registry._JOBS))


def greet(
    bridge: Bridge,
    *,
    page: str,
    times: int = 1,
    loud: bool = False,
    mood: Literal["glad", "sad"] = "glad",
    numbers: Sequence[int] = (),
) -> None:
    """Say hello.

    Parameters: ``page``, where.
    """


def test_a_function_becomes_a_job() -> None:
    assert job(greet) is greet
    made = find_job("greet")
    assert (made.name, made.fn, made.summary) == ("greet", greet, "Say hello.")
    assert made.help == "Say hello.\n\nParameters: ``page``, where."
    assert made.options == (
        Option("page", "str", registry.REQUIRED),
        Option("times", "int", 1),
        Option("loud", "bool", default=False),
        Option("mood", "Literal['glad', 'sad']", "glad"),
        Option("numbers", "Sequence[int]", ()),
    )


def test_words_become_typed_options(tmp_path: Path) -> None:
    file = tmp_path / "name.txt"
    file.write_text("A = b | c")
    read = find_job(job(greet).__name__).read([f"page=@{file}", "times=3", "loud=yes", "mood=sad", "numbers=1|2"])
    assert {name: getattr(read, name) for name in read.field_names()} == {
        "page": "A = b | c",
        "times": 3,
        "loud": True,
        "mood": "sad",
        "numbers": (1, 2),
    }
    assert read.to_fields() == {"page": "A = b | c", "times": 3, "loud": True, "mood": "sad", "numbers": [1, 2]}
    assert find_job("greet").read(["page=x"]).to_fields() == {"page": "x"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], ["page", "required"]),
        (["page=x", "tmes=3"], ["tmes", "page, times, loud"]),
        (["page=x", "times=often"], ["times", "integer"]),
        (["page=x", "loud=rather"], ["loud", "boolean"]),
        (["page=x", "mood=odd"], ["mood", "'glad' or 'sad'"]),
        (["page=x", "word"], ["'word'", "name=value"]),
        (["page=@nowhere.txt"], ["nowhere.txt"]),
    ],
)
def test_wrong_options_are_named(words: list[str], named: list[str]) -> None:
    job(greet)
    with pytest.raises(BadParameter) as caught:
        find_job("greet").read(words)
    assert [part for part in named if part not in str(caught.value)] == []


def no_bridge() -> None:
    """Do it."""


def keyword_bridge(*, bridge: Bridge) -> None:
    """Do it."""


def positional(bridge: Bridge, page: str) -> None:
    """Do it."""


def anything(bridge: Bridge, **options: str) -> None:
    """Do it."""


def untyped(bridge: Bridge, *, page=None) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  # the fault
    """Do it."""


def undocumented(bridge: Bridge) -> None:
    pass


@pytest.mark.parametrize(
    ("fn", "fault"),
    [
        (no_bridge, "first parameter must be a Bridge"),
        (keyword_bridge, "first parameter must be a Bridge"),
        (positional, "keyword-only"),
        (anything, "keyword-only"),
        (untyped, "each option needs a type"),
        (undocumented, "no docstring"),
    ],
)
def test_what_can_be_no_job_is_refused(fn: Any, fault: str) -> None:
    with pytest.raises(BadParameter, match=fault):
        job(fn)
    assert fn.__name__ not in jobs()


def test_a_name_is_given_once_but_a_module_may_be_imported_again() -> None:
    def double_redirect(bridge: Bridge) -> None:
        """Do something else."""

    with pytest.raises(BadParameter, match=r"deltabot\.double_redirect has a job of that name"):
        job(double_redirect)
    assert job(greet) is job(greet)


def test_installed_packages_bring_jobs() -> None:
    assert jobs()["double_redirect"].fn.__module__ == "deltabot.double_redirect"
    with pytest.raises(BadParameter, match=r"no job 'doubel_redirect'; there are: .*\bdouble_redirect\b"):
        find_job("doubel_redirect")


def test_a_package_that_can_not_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = importlib.metadata.EntryPoint("broken", "no_such_package.jobs", registry.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_group: [broken])
    with pytest.raises(SettingsError, match=r"no_such_package\.jobs can not be imported"):
        jobs()


def test_listing_jobs_loads_little() -> None:
    heavy = ["pydantic", "requests", "typer", "mwparserfromhell", "apibot.bridge", "apibot.runs"]
    code = f"import sys; from apibot.jobs import jobs; jobs(); print([one for one in {heavy} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
