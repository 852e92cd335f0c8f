"""Fixtures for tests of bots: a real wiki, up in a second, its jobs run when you say so.

    def test_greets(apibot_wiki, run_jobs):
        greet(apibot_wiki.api)
        run_jobs()

Each process of pytest-xdist has a wiki of its own.  ``APIBOT_HOME`` is a temporary folder while it is up, and
``--wiki test`` or ``connect("test")`` lead to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from apibot.sandbox import Sandbox

NAME = "test"
"""Name of the wiki and of its bot account in the settings."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of pytest's settings file."""
    parser.addini(
        "apibot_pages", "pages of apibot_wiki: XML export or folder of wikitext, from the rootdir", default=""
    )
    parser.addini("apibot_settings", "PHP lines for the LocalSettings.php of apibot_wiki", default="")


@pytest.fixture(scope="session")
def apibot_wiki(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Give a real wiki that all tests of this process share."""
    from apibot.sandbox import Sandbox

    home = tmp_path_factory.mktemp("apibot")
    given = str(pytestconfig.getini("apibot_pages"))
    pages = pytestconfig.rootpath / Path(given) if given else None
    settings = str(pytestconfig.getini("apibot_settings"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("APIBOT_HOME", str(home))
        with Sandbox(NAME, pages=pages, settings=settings, home=home) as wiki:
            yield wiki


@pytest.fixture
def apibot_fresh_wiki(apibot_wiki: Sandbox) -> Sandbox:
    """Give the same wiki, put back to how it was when it came up."""
    apibot_wiki.reset()
    return apibot_wiki


@pytest.fixture
def run_jobs(apibot_wiki: Sandbox) -> Callable[[], None]:
    """Give a function that runs the wiki's jobs until none is left, so that all tables of links are right."""
    return apibot_wiki.run_jobs


__all__ = ["NAME", "apibot_fresh_wiki", "apibot_wiki", "pytest_addoption", "run_jobs"]
