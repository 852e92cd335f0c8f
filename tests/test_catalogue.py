"""The generated catalogue is what the wiki's own paraminfo says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apibot.sandbox import Sandbox

ROOT = Path(__file__).parent.parent
TOOL = ROOT / "tools" / "catalogue.py"
CATALOGUE = ROOT / "apibot" / "queries" / "catalogue.py"


def _check(wiki: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), "--wiki", wiki, "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)


def test_the_catalogue_agrees_with_the_wiki(apibot_wiki: Sandbox) -> None:
    done = _check(apibot_wiki.name)
    assert done.returncode == 0, done.stderr
    version = f"MediaWiki {apibot_wiki.version}"
    if version in CATALOGUE.read_text().partition("\n")[0]:
        assert not done.stderr
    else:
        assert "another version" in done.stderr
