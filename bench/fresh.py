"""Jobs that need a fresh process each time."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter

from bench.wiki import FIRST, Wiki
from bench.worker import Measurement

IMPORTS = {
    "apibot": "from apibot import StandaloneBridge",
    "mwclient": "import mwclient",
    "pywikibot": "import pywikibot",
    "requests": "import requests",
}
IMPORT = "from time import perf_counter; began = perf_counter(); {}; print(perf_counter() - began)"

FIRST_TEXTS = {
    "apibot": f"""
from apibot import StandaloneBridge
with StandaloneBridge("bench") as bridge:
    print(len(bridge.fetch({FIRST!r}).text))
""",
    "bare": f"""
import os, requests
params = {{"action": "query", "titles": {FIRST!r}, "prop": "revisions", "rvprop": "content", "rvslots": "main"}}
reply = requests.get(os.environ["BENCH_API"], params | {{"format": "json", "formatversion": 2}}).json()
print(len(reply["query"]["pages"][0]["revisions"][0]["slots"]["main"]["content"]))
""",
    "pywikibot": f"""
import os, pywikibot
from pywikibot import config
from pywikibot.family import AutoFamily
config.minthrottle = 0
site = pywikibot.Site("bench", AutoFamily("bench", os.environ["BENCH_API"]), user="Bot")
print(len(pywikibot.Page(site, {FIRST!r}).text))
""",
}
"""What a newcomer writes; all but the bare one work as the account whose session was saved before."""

HELP = "import sys; from apibot.cli import main; sys.argv = ['apibot', '--help']; sys.exit(main())"
"""What the console script does."""


def import_(name: str, wiki: Wiki) -> Measurement:
    """Import a contender; the time is taken inside the process."""
    _seconds, output = _run(IMPORT.format(IMPORTS[name]), wiki)
    return Measurement(float(output), 0)


def first(name: str, wiki: Wiki) -> Measurement:
    """Print the length of a page's text, from the start of the process to its end."""
    seconds, output = _run(FIRST_TEXTS[name], wiki)
    return Measurement(seconds, int(output))


def help_(_name: str, wiki: Wiki) -> Measurement:
    """Show the help of the command."""
    seconds, _output = _run(HELP, wiki)
    return Measurement(seconds, 0)


def _run(script: str, wiki: Wiki) -> tuple[float, str]:
    """Run a script in a fresh process; return the seconds it took and what it printed.

    Raises RuntimeError if it fails.
    """
    environment = {**os.environ, **wiki.environment()}
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=wiki.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = perf_counter() - began
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing"]
        msg = f"A fresh process failed with exit status {done.returncode}. It said: {said[-1]}"
        raise RuntimeError(msg)
    return seconds, done.stdout
