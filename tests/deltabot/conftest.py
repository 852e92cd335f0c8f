"""A fresh wiki, the bot on it, and somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apibot import Bridge, connect
from apibot.sandbox import Sandbox
from tests.support.people import Person


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    return tmp_path / "bot.log"


@pytest.fixture
def bridge(apibot_fresh_wiki: Sandbox, log_file: Path) -> Iterator[Bridge]:
    """The bot's bridge; what it logs is in the log file."""
    with Bridge(connect("test", log={"screen": "panic", "file": str(log_file)})) as bridge:
        yield bridge


@pytest.fixture
def human(apibot_fresh_wiki: Sandbox) -> Person:
    account = apibot_fresh_wiki.sysop
    return Person(apibot_fresh_wiki.api, account.user, account.password.reveal())
