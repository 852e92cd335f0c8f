"""What reading a page costs at the start: nothing is loaded that it does not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apibot.sandbox import Sandbox

HEAVY = (
    "pydantic",
    "typer",
    "rich",
    "mwoauth",
    "mwparserfromhell",
    "sqlite3",
    "filelock",
    "platformdirs",
    "regex",
    "difflib",
    "requests_toolbelt",
    "apibot.core.browser.downloads",
    "apibot.core.browser.tape",
)
READING = """
import json, sys
from apibot import StandaloneBridge
with StandaloneBridge(sys.argv[1]) as bridge:
    text = bridge.fetch("Main Page").text
    texts = [page.text for page in bridge.allpages(limit=2).pages(text=True)]
print(json.dumps([bool(text), len(texts), sorted(sys.modules)]))
"""


def test_reading_a_page_loads_nothing_heavy(apibot_wiki: Sandbox) -> None:
    command = [sys.executable, "-c", READING, apibot_wiki.name]
    for run in ("cold", "warm"):
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        text, count, modules = json.loads(done.stdout)
        assert text
        assert count
        if run == "warm":  # the first run writes what it learned, and needs a lock for it
            assert [name for name in HEAVY if name in modules] == []
