"""House rules for all tests: no network, no settings of this account, none skipped."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from apibot.sandbox import Sandbox
    from tests.support.oauth import Provider

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
NAMED = {urlsplit(url).hostname for name, url in os.environ.items() if name.startswith("APIBOT_TEST_") and "://" in url}
"""Hosts that whoever runs the tests has named: APIBOT_TEST_OAUTH_WIKI, see tests/api/test_oauth.py."""
SERVICES = {"apibot_wiki": "MediaWiki"}
"""Fixtures that start a service, and how ./check calls it."""


class NetworkRefused(RuntimeError):
    """A test tried to leave this machine; no OSError, so that no code takes it for a bad connection."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the full fault matrix and the big sizes")


def pytest_configure(config: pytest.Config) -> None:
    """Let properties be tried on the same examples each time, and on many others in long runs; none is timed."""
    settings.register_profile("usual", derandomize=True, deadline=None)
    settings.register_profile("long", max_examples=2000, deadline=None)
    settings.load_profile("long" if config.getoption("--long") else "usual")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests unless asked for, and note which services a test uses."""
    if not config.getoption("--long"):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
    for item in items:
        used = SERVICES.keys() & set(getattr(item, "fixturenames", ()))
        item.user_properties.extend(("service", SERVICES[name]) for name in sorted(used))


def _not_skipped(report: Report) -> Report:
    """Turn a skipped or xfailed test into a failed one."""
    if report.skipped or hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped or expected to fail, and no test here may be: {report.longrepr}"
        report.__dict__.pop("wasxfail", None)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _not_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _not_skipped((yield))


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Generator[None, None, None]:
    """Keep the tests away from the settings and the state of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if re.match("APIBOT_(?!TEST_)", name)]:
            patch.delenv(name)
        patch.setenv("APIBOT_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Generator[None, None, None]:
    """Refuse to look up or to call any other machine."""
    look_up = socket.getaddrinfo

    def guarded_look_up(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        _refuse_others(name)
        found = look_up(host, *args, **kwargs)
        if name in NAMED:
            NAMED.update(str(address[0]) for *_, address in found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        for method in ("connect", "connect_ex"):
            patch.setattr(socket.socket, method, _guarded(getattr(socket.socket, method)))
        yield


@pytest.fixture(scope="module")
def _provider(apibot_wiki: Sandbox) -> Iterator[Provider]:
    from tests.support.oauth import Provider

    with Provider(apibot_wiki) as provider:
        yield provider


@pytest.fixture
def provider(_provider: Provider) -> Provider:
    """A stand-in for a wiki with OAuth: the wiki behind it, watched, as if nothing had gone over it."""
    _provider.clear()
    _provider.skew = 0.0
    return _provider


def _guarded(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_others(address[0])
        return connect(self, address)

    return guarded


def _refuse_others(host: str | None) -> None:
    if host is not None and host not in LOOPBACK | NAMED:
        msg = f"A test tried to reach {host}; tests stay on 127.0.0.1."
        raise NetworkRefused(msg)
