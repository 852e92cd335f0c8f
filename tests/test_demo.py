"""./demo's main job, in a process of its own: a smaller wiki, twice, and interrupted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apibot import Bridge, connect
from apibot.data import SiteInfo, Title, Wikitext, may_edit, normalised
from apibot.sandbox import Sandbox
from apibot.sandbox.example import TYPOS, example_pages
from apibot.sandbox.processes import marked, wait_until

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, str(ROOT / "tools/demo.py"), "--pages"]
PAGES = 120
SECONDS = 30.0
"""In which a wiki is on its way up, and an interrupted one is gone."""


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demonstration's wiki, not up yet; it is gone when the test ends."""
    monkeypatch.setenv("APIBOT_HOME", str(tmp_path))
    wiki = Sandbox("demo")
    yield wiki
    wiki.down()


def leads_to(text: str, site: SiteInfo) -> Title | None:
    link = Wikitext(text, site).redirect
    return link.title if link else None


def corrected(title: str, text: str, pages: dict[str, str], site: SiteInfo) -> str:
    """Return what a page is to be in the end."""
    if target := leads_to(text, site):
        final, fragment = target, target.fragment
        while further := leads_to(pages.get(final.full, ""), site):
            final, fragment = further, fragment or further.fragment
        redirect = Wikitext(text, site)
        redirect.redirect_to(final.with_fragment(fragment))
        return str(redirect)
    if ":" in title or "<!--" in text or "<nowiki>" in text or not may_edit(text, "Bot"):
        return text
    return re.sub(rf"\b({'|'.join(TYPOS)})\b", lambda found: TYPOS[found[1]], text)


def run(*options: str) -> str:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_demo_corrects_the_wiki_and_finds_nothing_more_to_do(wiki: Sandbox) -> None:
    pages = dict(example_pages(PAGES))
    excluded = [
        title
        for title, text in pages.items()
        if not may_edit(text, "Bot") and re.search(rf"\b({'|'.join(TYPOS)})\b", text)
    ]

    first = run(str(PAGES))
    with Bridge(connect("demo")) as bridge:
        site = bridge.info.site
        expected = {title: normalised(corrected(title, text, pages, site)) for title, text in pages.items()}
        assert {page.title: page.text for page in bridge.titles(*pages).pages(text=True)} == expected
        changes = list(bridge.recentchanges(type="edit", prop=["title", "comment"]))
    changed = {title for title, text in pages.items() if normalised(text) != expected[title]}
    redirects = {title for title in changed if leads_to(pages[title], site)}
    words = len(changed - redirects)
    assert min(words, len(redirects), len(excluded)) > 0
    assert {change.title for change in changes} == changed
    assert len(changes) == len(changed)
    assert {change.comment.partition(" from")[0] for change in changes} == {
        "Bot: correcting misspelt words",
        "Bot: fixing double redirect",
    }
    assert f"{words} changes (0 new pages)" in first
    assert len(re.findall(r"^  \d+\. Edit ", first, re.MULTILINE)) == 3
    assert f"{words} of {words} changes made, 0 stale, 0 failed" in first
    assert f"{len(redirects)} redirects lead straight" in first
    assert f"{len(changed)} edits, " in first
    assert f"{wiki.url}/index.php?title=Special:RecentChanges" in first
    assert "apibot sandbox down demo" in first
    assert "Nothing left" not in first
    for title in excluded:
        assert f"keeps bots out: {title}\n" in first

    again = run(str(PAGES))
    assert f"up already: MediaWiki {wiki.version} at {wiki.url}" in again
    assert "Nothing left to do" in again
    assert "\n  0 edits, " in again
    for title in excluded:
        assert f"keeps bots out: {title}\n" in again
    with Bridge(connect("demo")) as bridge:
        assert len(list(bridge.recentchanges(type="edit"))) == len(changed)


@pytest.mark.parametrize(("number", "made"), [(signal.SIGINT, "*"), (signal.SIGTERM, "data/**/*.sqlite")])
def test_interrupted_while_the_wiki_comes_up_it_leaves_none(wiki: Sandbox, number: int, made: str) -> None:
    with subprocess.Popen([*COMMAND, "500"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert wait_until(lambda: any(wiki.folder.glob(made)), SECONDS)
        process.send_signal(number)
        _out, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert errors.strip() == "Stopped; nothing is half-done. ./demo goes on from here."
    assert wait_until(lambda: not wiki.folder.exists() and not marked(wiki.folder), SECONDS)
    assert wiki.status() is None


@pytest.mark.parametrize("pages", ["10", "many"])
def test_wrong_use_is_refused(wiki: Sandbox, pages: str) -> None:
    done = subprocess.run([*COMMAND, pages], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--pages" in done.stderr
    assert not wiki.folder.exists()


def test_what_goes_wrong_is_one_line(wiki: Sandbox) -> None:
    """The programs that a wiki needs are not found."""
    environ = {**os.environ, "PATH": str(wiki.home)}
    done = subprocess.run([*COMMAND, "40"], capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 1
    assert done.stderr.startswith("demo: ")
    assert done.stderr.count("\n") == 1
    assert not wiki.folder.exists()
