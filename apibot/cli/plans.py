"""``apibot review`` and ``apibot apply``: plans."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apibot.cli.options import Account, Limit, WikiName, connected
from apibot.cli.show import LINE_ENDS, progress, say
from apibot.core.visible import visible

if TYPE_CHECKING:
    from apibot.runs import Applied, Header

PlanPath = Annotated[Path, typer.Argument(metavar="FILE", help="A plan.")]
STYLES = {"+": "green", "-": "red", "@": "cyan", " ": ""}
"""Of the lines of a diff, by their first character; all other lines are bold."""


def review(file: PlanPath, *, limit: Limit = None) -> None:
    """Show what a plan will change."""
    from apibot.runs import read_plan, reviewed

    lines = (visible(line.translate(LINE_ENDS)) for line in reviewed(read_plan(file), limit))
    if not sys.stdout.isatty():
        for line in lines:
            typer.echo(line)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        console.print(Text(line, STYLES.get(line[:1], "bold")), soft_wrap=True)


def apply(file: PlanPath, *, wiki: WikiName = None, account: Account = None) -> None:
    """Make exactly the changes of a plan.

    The wiki is the one that it was made for.  Where a page has changed since, nothing is done; a new plan for these
    pages stands in FILE.stale.jsonl.
    """
    from apibot.runs import read_plan

    plan = read_plan(file)
    with (
        connected(wiki or _wiki_of(plan.header), account, bar=True) as bridge,
        progress("changes", len(plan.records), why=lambda: bridge.core.pace.why) as tick,
    ):
        result = bridge.apply(file, progress=tick)
    for record, error in result.failed:
        say(f"failed: change {record.n}: {error}")
    say(_told(result))
    raise typer.Exit(1 if result.failed else 0)


def _told(result: Applied) -> str:
    made = f"{result.applied} applied, {result.already} already there"
    counts = f"{made}, {len(result.stale)} stale, {len(result.failed)} failed."
    if not result.stale:
        return counts
    advice = f"{result.replanned} changes planned again: apibot review {result.stale_file}"
    return f"{counts}\nStale pages have changed since the plan was made, and were left alone; {advice}"


def _wiki_of(header: Header) -> str | None:
    """Return the named wiki that a plan was made for, with its account if there is such a one."""
    from apibot.core.settings import load

    settings, _target = load({"wiki": header.wiki})
    names = [name for name, wiki in settings.wikis.items() if wiki.api == header.wiki]
    accounts = {name: settings.accounts.get(settings.wikis[name].account or "") for name in names}
    fitting = [name for name in names if (found := accounts[name]) and found.user == header.account]
    return next(iter([*fitting, *names]), None)


__all__ = ["STYLES", "PlanPath", "apply", "review"]
