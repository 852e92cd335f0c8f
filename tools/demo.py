"""The demonstration: a bot plans, reviews and makes real edits on a real MediaWiki.  Run by ./demo."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from apibot import Bridge, connect
from apibot.core.errors import ApibotError
from apibot.jobs import run_job
from apibot.line import Line, echo
from apibot.runs import Planner, read_plan, reviewed
from apibot.sandbox import Sandbox
from apibot.sandbox.example import MIN_PAGES, TYPOS, example_pages

NAME = "demo"
PAGES = 500
SHOWN = 3
"""Changes whose diffs are shown."""
STYLES = {"+": "green", "-": "red", "@": "dim"}
APIBOT = ".venv/bin/apibot"

out = Console(highlight=False)


def main() -> int:
    """Run the demonstration; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help=f"pages of a new wiki ({PAGES})")
    pages = parser.parse_args().pages
    if pages < MIN_PAGES:
        parser.error(f"--pages: {pages} are too few for one of each sort; at least {MIN_PAGES}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the same end in good order as after Ctrl-C
    try:
        return demonstrate(pages)
    except ApibotError as exc:
        print(f"demo: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing is half-done. ./demo goes on from here.", file=sys.stderr)
        return 130


def demonstrate(pages: int) -> int:
    """Bring a wiki up, correct it by a line and by a job, and tell what was done; return the exit status."""
    begun = time.monotonic()
    wiki = bring_up(pages)
    with Bridge(connect(NAME, log={"screen": "error"})) as bridge:
        corrected, failed = correct_spelling(bridge, wiki.folder / "plan.jsonl")
        edits = corrected + fix_redirects(bridge)
        requests = bridge.core.browser.counters.requests
    if not edits + failed:
        say("\nNothing left to do: all is as it should be.", "bold green")
    say("\nSummary", "bold")
    say(f"  {edits} edits, {requests} requests, {time.monotonic() - begun:.1f} seconds")
    say(f"  See the edits:  {wiki.url}/index.php?title=Special:RecentChanges&hidebots=0")
    say(f"  Stop the wiki:  {APIBOT} sandbox down {NAME}")
    return 1 if failed else 0


def bring_up(pages: int) -> Sandbox:
    """Return the wiki; one that an earlier demonstration brought up is used as it is."""
    wiki = Sandbox(NAME, pages=example_pages(pages))
    there = wiki.status()
    if there and there.state == "up":
        say(f"The wiki {NAME} is up already: MediaWiki {wiki.version} at {wiki.url}")
        return wiki
    with out.status(f"A real MediaWiki comes up, with {pages} pages ..."):
        begun = time.monotonic()
        wiki.up(detached=True)
    seconds = f"{time.monotonic() - begun:.1f} s"
    say(f"The wiki {NAME} is up: MediaWiki {wiki.version} with {pages} pages at {wiki.url} ({seconds})")
    return wiki


def correct_spelling(bridge: Bridge, path: Path) -> tuple[int, int]:
    """Plan the corrections of misspelt words, show them, and make them; return how many were made and how many not."""
    text = spelling_line()
    say("\n1. A line plans to correct misspelt words", "bold")
    say(f"  {APIBOT} line {shlex.quote(text)} --wiki {NAME} --plan {shlex.quote(str(path))}\n", "cyan")
    left = plan_line(bridge, text, path)
    plan = read_plan(path)
    for line in reviewed(plan, SHOWN):
        say(f"  {line}", STYLES.get(line[:1], ""), cut=line[:1] == " ")
    for title in left:
        say(f"  Left alone, since {{{{bots}}}} or {{{{nobots}}}} keeps bots out: {title}", "yellow")
    count = len(plan.records)
    say("\n2. The plan is applied" if count else "\n2. No word is left to correct", "bold")
    if not count:
        return 0, 0
    say(f"  {APIBOT} apply {shlex.quote(str(path))} --wiki {NAME}\n", "cyan")
    columns = (TextColumn(" "), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal) as progress:
        task = progress.add_task("", total=count)
        done = bridge.apply(path, progress=lambda number: progress.update(task, completed=number))
    say(f"  {done.applied} of {count} changes made, {len(done.stale)} stale, {len(done.failed)} failed")
    for record, error in done.failed:
        say(f"  {record.n}. {error}", "red")
    return done.applied, count - done.applied


def spelling_line() -> str:
    """Return the line: pages with comments or nowiki are kept from it, since what stands there is meant."""
    replaces = (f"replace {wrong} {right} word=yes" for wrong, right in TYPOS.items())
    keep = "keep not redirect text!~<!--|<nowiki"
    return " | ".join(["allpages namespace=0", keep, *replaces, 'edit summary="Bot: correcting misspelt words"'])


def plan_line(bridge: Bridge, text: str, path: Path) -> list[str]:
    """Plan what a line would change; return the titles of pages that keep bots out."""
    line = Line.parse(text)
    left: list[str] = []
    line.slots[-1].rejects_link_with(echo())
    with Planner(bridge.core, path, {"line": text}) as planner:
        Line(line.slots[:1]).run(planner, say=left.append)
    return left


def fix_redirects(bridge: Bridge) -> int:
    """Run the job on double redirects; return how many edits that were."""
    say("\n3. A job mends double redirects", "bold")
    say(f"  {APIBOT} job run double_redirect --wiki {NAME}\n", "cyan")
    run = run_job(bridge, "double_redirect")
    counts = run.counts
    for failure in counts.failures:
        say(f"  Left alone: {failure}", "yellow")
    say(
        f"  {counts.changed} redirects lead straight to their pages now."
        if counts.changed
        else "  No redirect to mend."
    )
    return counts.changed


def say(text: str, style: str = "", *, cut: bool = False) -> None:
    """Show a line as it is, or cut to the width there is."""
    if cut:
        out.print(Text(text, style), no_wrap=True, overflow="ellipsis")
    else:
        out.print(Text(text, style), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
