"""Options that commands share, and what they stand for."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apibot.cli.show import say

if TYPE_CHECKING:
    from apibot.bridge import Bridge
    from apibot.runs import Performer
    from apibot.runs.plan import Producer

VERBOSE: ContextVar[int] = ContextVar("verbose", default=0)
"""How often -v was given."""
UNTOLD = 3.0
"""Seconds of waiting that are not worth a word."""
LEVELS = ("warning", "info", "debug")
"""Level of the log on the screen for each number of -v."""

WikiName = Annotated[
    str | None, typer.Option("--wiki", metavar="NAME", help="A wiki of the settings, or the URL of its api.php.")
]
Account = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="An account of the settings, or a user that apibot login kept."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="Change nothing; write down there what would be changed.")
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Show no more than this number.")]
Words = Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE", help="Parameters; NAME=@FILE reads one.")]
Help = Annotated[bool, typer.Option("--help", "-h", help="Show this message, with NAME its parameters, and exit.")]


@contextmanager
def connected(
    wiki: str | None, account: str | None, user: str | None = None, *, bar: bool = False
) -> Generator[Bridge]:
    """Give a bridge to a wiki for the length of a block; raises SettingsError.

    Parameters: ``wiki``, ``account`` and ``user``, as of ``apibot.connect``; ``bar``, whether a progress bar says on a
    terminal why it waits; otherwise a line does.
    """
    from apibot.bridge import Bridge
    from apibot.composition import connect

    with Bridge(connect(wiki, account=account, user=user, log=log_settings())) as bridge:
        if not VERBOSE.get() and not (bar and sys.stderr.isatty()):
            _tell_waits(bridge)
        yield bridge


def _tell_waits(bridge: Bridge) -> None:
    """Say why it waits, where nothing else does."""
    hooks = bridge.core.hooks

    def wait(pace: object, seconds: float, why: str) -> None:
        if seconds >= UNTOLD:
            say(f"apibot: waits {seconds:.0f} s: {why}")
        previous(pace, seconds, why)

    previous = hooks.hook("Pace::wait", wait)


def log_settings() -> dict[str, str] | None:
    """Return the settings of the log that -v asks for."""
    verbose = VERBOSE.get()
    return {"screen": LEVELS[min(verbose, 2)]} if verbose else None


@contextmanager
def performing(bridge: Bridge, plan: Path | None, producer: Producer) -> Generator[Performer]:
    """Give who performs writes: the bridge itself, or, where a plan is wanted, who writes it.

    Parameters: ``bridge``; ``plan``, its file; ``producer``, what can make the plan again.
    """
    if plan is None:
        yield bridge
        return
    from apibot.runs import Planner

    with Planner(bridge.core, plan, producer) as planner:
        yield planner


def what_next(plan: Path) -> str:
    """Return lines that tell what to do with a plan that was just made."""
    return f"Look at them: apibot review {plan}\nMake them:    apibot apply {plan}"


__all__ = [
    "LEVELS",
    "UNTOLD",
    "VERBOSE",
    "Account",
    "AsJson",
    "Help",
    "Limit",
    "PlanFile",
    "WikiName",
    "Words",
    "connected",
    "log_settings",
    "performing",
    "what_next",
]
