"""What tests/conftest.py promises."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.contracts.rules import ROOT

SAMPLE = """
import socket
import pytest

def test_passes():
    pass

@pytest.mark.skip(reason="no time")
def test_marked():
    pass

def test_skips():
    pytest.skip("no wiki")

@pytest.mark.xfail(reason="hard")
def test_expected_to_fail():
    assert False

@pytest.mark.xfail(reason="hard")
def test_passes_unexpectedly():
    pass

@pytest.mark.long
def test_long():
    pass

@pytest.fixture
def apibot_wiki():
    return "stand-in"

@pytest.fixture
def page(apibot_wiki):
    return apibot_wiki

def test_uses_the_wiki(page):
    pass
"""


EXPECTED = {
    "test_passes": "passed",
    "test_uses_the_wiki": "passed",
    "test_marked": "error",
    "test_skips": "failure",
    "test_expected_to_fail": "failure",
    "test_passes_unexpectedly": "failure",
    "test_module": "error",
}


@pytest.mark.parametrize(
    ("options", "more"), [(["--continue-on-collection-errors"], {}), (["--long", "-n1"], {"test_long": "passed"})]
)
def test_nothing_is_skipped(tmp_path: Path, options: list[str], more: dict[str, str]) -> None:
    shutil.copy(ROOT / "tests/conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long: big\n")
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    cases = {str(case.get("name")): case for case in ET.parse(report).iter("testcase")}
    faults = {name: [part.tag for part in case if part.tag != "properties"] for name, case in cases.items()}
    assert {name: (tags or ["passed"])[0] for name, tags in faults.items()} == EXPECTED | more, done.stdout
    assert [
        name for name, case in cases.items() if case.find("properties/property[@value='MediaWiki']") is not None
    ] == ["test_uses_the_wiki"]
    assert done.returncode == 1, done.stdout


def test_other_machines_are_out_of_reach() -> None:
    with pytest.raises(RuntimeError, match=r"tried to reach example\.org"):
        socket.create_connection(("example.org", 80))
    with socket.socket() as plain, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        plain.connect(("192.0.2.1", 80))
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as plain, pytest.raises(RuntimeError, match="2001:db8"):
        plain.connect_ex(("2001:db8::1", 53))
    with pytest.raises(socket.gaierror):
        socket.create_connection(("nowhere.invalid", 80))


def test_this_machine_can_be_reached(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


def test_settings_of_the_account_are_out_of_reach() -> None:
    assert [name for name in os.environ if name.startswith("APIBOT_")] == ["APIBOT_HOME"]
    assert list(Path(os.environ["APIBOT_HOME"]).glob("*.toml")) == []
