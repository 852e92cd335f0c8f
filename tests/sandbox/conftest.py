"""What the tests of the sandbox share."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from apibot.sandbox import Sandbox, SandboxAccount
from apibot.sandbox.processes import end, marked, wait_until

SECONDS = 10.0
"""In which what must go away is gone."""

Call = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for state; ends what a failed test left running in it."""
    yield tmp_path
    for folder in tmp_path.glob("sandbox/*/"):
        end(folder)


@pytest.fixture
def gone() -> Callable[[Path, int], bool]:
    """Give a check that folder, processes and open port of a sandbox are gone, at the latest after a while."""
    return lambda folder, port: wait_until(
        lambda: not folder.exists() and not marked(folder) and is_free(port), SECONDS
    )


@pytest.fixture
def log_in() -> Callable[[Sandbox, SandboxAccount], Call]:
    """Give a way to call api.php as an account of a wiki."""

    def enter(wiki: Sandbox, account: SandboxAccount) -> Call:
        session = requests.Session()

        def call(**data: str) -> Any:
            with session.post(wiki.api, data={"format": "json", "formatversion": "2", **data}, timeout=60) as reply:
                return reply.json()

        token = call(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        password = account.password.reveal()
        reply = call(action="login", lgname=account.user, lgpassword=password, lgtoken=token)["login"]
        assert reply["result"] == "Success", reply
        return call

    return enter


@pytest.fixture
def query() -> Call:
    """Give a way to ask a wiki something without an account."""

    def ask(wiki: Sandbox, **parameters: str) -> Any:
        data = {"action": "query", "format": "json", "formatversion": "2", **parameters}
        return requests.get(wiki.api, params=data, timeout=60).json()["query"]

    return ask


def is_free(port: int) -> bool:
    """Say whether nobody answers on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def environ() -> dict[str, str]:
    """Give an environment in which another process finds the package."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
