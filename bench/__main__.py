"""Apibot measured against a bare ``requests`` loop and Pywikibot: ``python -m bench``.

Needs the extra ``bench`` (``pip install -e .[bench]``) and what a sandbox needs.  A real MediaWiki is started on this
machine and filled with 3,000 pages of 2 to 5 kB; all contenders work on it as the same bot account.

How it is made fair:

* Reading and editing: each contender lives in one process of its own during the whole run, logged in, its caches
  warm, so that neither imports nor logins count; the time is taken in that process.
* Starting: each time a fresh process.  The time of an import is taken inside it, that of the first page and of
  ``--help`` from outside, the start of Python included.
* Everything is done once unmeasured, then in rounds: each round measures all contenders one after the other, and
  each round begins with the next one.
* All must give the same count (characters read, pages saved) in each round; otherwise the run ends with an error.
* Edits: in each round each contender has a set of 200 pages for itself; from round to round the sets change hands, so
  that all save texts of the same size.
* Pywikibot has no throttle, no wait, no user configuration to look for, and else its defaults: like Apibot it looks
  for {{bots}} before an edit, and asks the wiki for the page's templates to do so.  The bare loop checks nothing.

* Titles, rows, categories, templates: on made-up texts, without the wiki; all look at the same texts.

The seconds shown are the median of the rounds.  A ratio is taken within each round, of two neighbours in time, and
the median of these is shown, with the lowest and the highest behind it: where they are far apart, the machine was busy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from contextlib import ExitStack
from importlib import metadata, util
from pathlib import Path

from apibot.core.errors import ApibotError
from apibot.sandbox import Sandbox
from bench.jobs import JOBS, Bench, measured
from bench.report import Report
from bench.wiki import Wiki, pages

PACKAGES = ("apibot", "mwclient", "mwparserfromhell", "pywikibot", "requests")


def main() -> int:
    """Run the benchmark; return the exit status: 0 whatever the results, 2 if it or one of the jobs could not run."""
    names = [job.name for job in JOBS]
    parser = argparse.ArgumentParser("python -m bench", description="Apibot against a bare loop and Pywikibot.")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds of each job (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="JOB", help=", ".join(names))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all measurements there")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    if missing := [name for name in PACKAGES if util.find_spec(name) is None]:
        print(f"Missing here: {', '.join(missing)}. Install: pip install -e .[bench]", file=sys.stderr)
        return 2
    try:
        reports = run(arguments.only, arguments.rounds)
    except ApibotError as exc:
        print(exc, file=sys.stderr)
        return 2
    if arguments.json:
        versions = {"python": platform.python_version()} | {name: metadata.version(name) for name in PACKAGES}
        found = {"versions": versions, "rounds": arguments.rounds, "jobs": [report.data() for report in reports]}
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0 if len(reports) == len(set(arguments.only)) else 2


def run(only: list[str], rounds: int) -> list[Report]:
    """Start the wiki, measure and print job by job; return the reports of the jobs that could be measured."""
    print("Starting a wiki with 3,000 pages; that takes a minute.", flush=True)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="apibot-bench-")))
        sandbox = stack.enter_context(Sandbox("bench", pages=pages(), home=home))
        wiki = Wiki(sandbox.api, sandbox.bot.user, sandbox.bot.password.reveal(), home)
        bench = stack.enter_context(Bench(wiki))
        print(f"MediaWiki {sandbox.version}, {rounds} rounds, {os.cpu_count()} cores", flush=True)
        reports = []
        for job in JOBS:
            if job.name not in only:
                continue
            try:
                reports.append(Report(job, measured(bench, job, rounds)))
                print(f"\n{reports[-1].text()}", flush=True)
            except RuntimeError as exc:
                print(f"\n{job.title}: could not be measured. {exc}", flush=True)
        return reports


if __name__ == "__main__":
    sys.exit(main())
