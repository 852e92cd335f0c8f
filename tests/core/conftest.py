"""Browsers, and a server for them to talk with."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest

from apibot.core.browser import Browser
from apibot.core.clock import SystemClock
from tests.core.wire import Handler, serving

AGENT = "apibot/0 (me@example.org)"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    Handler.release.clear()
    with serving() as server:
        yield server.server_port
        Handler.release.set()


@pytest.fixture
def url(port: int) -> str:
    Handler.seen.clear()
    return f"http://127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def browser() -> Iterator[Browser]:
    one = Browser(AGENT, 5, SystemClock())
    yield one
    one.close()


@pytest.fixture
def hasty() -> Iterator[Browser]:
    """A browser that waits only a moment."""
    one = Browser(AGENT, 0.2, SystemClock())
    yield one
    one.close()


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address where nobody listens, though the port is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep pytest's own log handlers out: they format everything, and xdist can not pass on all texts."""
    monkeypatch.setattr(logging.getLogger("apibot"), "parent", None)
