"""Many at once: threads and processes that share an account, its limits and the pace of a wiki."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apibot.sandbox import Sandbox
from tests.api.conftest import CONTACT
from tests.support.people import Person
from tests.support.proxy import Wire

PROCESSES, THREADS, EDITS = 4, 8, 5
HITS, SECONDS = 90, 6
LIMITED = f"""
$wgRateLimits['edit'] = [ 'user' => [ {HITS}, {SECONDS} ], 'newbie' => [ {HITS}, {SECONDS} ] ];
$wgRateLimits['create'] = null;
"""
WORKER = r"""
import sys
from concurrent.futures import ThreadPoolExecutor
from apibot import StandaloneBridge

process, threads, edits = map(int, sys.argv[1:])

def work(thread):
    for number in range(edits):
        bridge.edit(f"Many {process} {thread}", append=f"\n* {number}", summary="one of many")

with StandaloneBridge() as bridge, ThreadPoolExecutor(threads) as pool:
    for done in pool.map(work, range(threads)):
        pass
    print(bridge.core.browser.counters.requests)
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Wire]]:
    """A wiki that allows an account 90 edits in 6 seconds, behind a wire."""
    with Sandbox("limited", settings=LIMITED, home=tmp_path_factory.mktemp("limited")) as wiki, Wire(wiki.url) as wire:
        yield wiki, wire


def test_the_limit_of_an_account_is_kept_by_all(limited: tuple[Sandbox, Wire], tmp_path: Path) -> None:
    wiki, wire = limited
    environ = {
        **os.environ,
        "APIBOT_HOME": str(tmp_path),
        "APIBOT_WIKI": wire.api,
        "APIBOT_USER": wiki.human.user,
        "APIBOT_PASSWORD": wiki.human.password.reveal(),
        "APIBOT_CONTACT": CONTACT,
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(number), str(THREADS), str(EDITS)],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    ended = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, [errors for _, errors in ended]
    person = Person(wiki.api, wiki.sysop.user, wiki.sysop.password.reveal())
    wanted = "\n".join(f"* {number}" for number in range(EDITS))
    for process in range(PROCESSES):
        for thread in range(THREADS):
            texts = person.texts(f"Many {process} {thread}")
            assert texts[0].strip() == wanted, "all edits landed"
            assert len(texts) == EDITS, "and none twice"
    answers = [request.answer for request in wire.of("edit")]
    refused = [one for one in answers if any(error["code"] == "ratelimited" for error in one.get("errors", []))]
    assert refused == [], "the pace is kept before the wiki has to say so"
    assert len(answers) == PROCESSES * THREADS * EDITS > HITS
