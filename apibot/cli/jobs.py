"""``apibot job``: jobs, the ones that come along and those of installed packages."""

from __future__ import annotations

from typing import Annotated

import typer

from apibot.cli.options import Account, AsJson, PlanFile, WikiName, Words, connected
from apibot.cli.show import cell, say, write_rows

app = typer.Typer(help="List, show and run jobs.", rich_markup_mode=None)
JobName = Annotated[str, typer.Argument(metavar="NAME", help="A job, see: apibot job list.")]


@app.command("list")
def list_jobs(*, as_json: AsJson = False) -> None:
    """List the jobs."""
    from apibot.jobs import jobs

    write_rows([[{"name": name, "summary": job.summary} for name, job in jobs().items()]], as_json=as_json)


@app.command("show")
def show_job(name: JobName) -> None:
    """Tell what a job does, and its options."""
    from apibot.cli.docs import readable
    from apibot.jobs import find_job
    from apibot.jobs.registry import REQUIRED

    job = find_job(name)
    typer.echo(job.help)
    for option in job.options:
        default = "  (needed)" if option.default is REQUIRED else f"  (otherwise {cell(option.default) or 'none'})"
        typer.echo(f"  {option.name}={readable(option.type)}{default}")


@app.command("run")
def run(
    name: JobName, words: Words = None, *, wiki: WikiName = None, account: Account = None, plan: PlanFile = None
) -> None:
    """Run a job, or plan what it would change."""
    from apibot.jobs import find_job, run_job

    find_job(name).read(words or [])  # before a wiki is looked for
    with connected(wiki, account) as bridge:
        done = run_job(bridge, name, words or [], plan=plan)
        for failure in done.counts.failures:
            say(f"failed: {failure}")
        say(done.summary())
    raise typer.Exit(1 if done.counts.failed else 0)


__all__ = ["JobName", "app", "list_jobs", "run", "show_job"]
