"""apibot.core.files: owner-only, whole or not at all, and one process at a time."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from apibot.core.errors import SandboxError, SettingsError, StateError
from apibot.core.files import is_open_to_others, locked, open_private, read_private, write_all, write_atomically


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_write_atomically_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_atomically(tmp_path / "missing" / "file", "text")
    write_atomically(tmp_path / "file", "Ж\n")
    assert (tmp_path / "file").read_bytes() == "Ж\n".encode()
    assert mode(tmp_path / "file") == 0o600


@pytest.mark.parametrize("before", [None, 0o600, 0o640, 0o644, 0o666])
def test_a_private_file_is_closed_to_others_and_appended_to(tmp_path: Path, before: int | None) -> None:
    path = tmp_path / "new" / "file"
    if before is not None:
        path.parent.mkdir()
        path.write_text("old\n")
        path.chmod(before)
    file = open_private(path)
    try:
        write_all(file, b"new\n")
    finally:
        os.close(file)
    assert path.read_text() == ("new\n" if before is None else "old\nnew\n")
    assert mode(path) == 0o600
    assert read_private(path).endswith(b"new\n")


def test_a_device_keeps_its_mode() -> None:
    before = mode(Path("/dev/null"))
    os.close(open_private(Path("/dev/null")))
    assert mode(Path("/dev/null")) == before


@pytest.mark.parametrize("open_to_others", [0o601, 0o604, 0o610, 0o660, 0o755])
def test_what_others_can_use_is_not_private(tmp_path: Path, open_to_others: int) -> None:
    path = tmp_path / "file"
    write_atomically(path, "x")
    assert not is_open_to_others(path.stat().st_mode)
    path.chmod(open_to_others)
    assert is_open_to_others(path.stat().st_mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {path}"):
        read_private(path)


@pytest.fixture
def _small_files() -> Iterator[None]:
    """No file may be larger than 1000 bytes: the write that goes beyond takes only a part."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, old)


@pytest.mark.usefixtures("_small_files")
def test_a_write_that_takes_a_part_alone_is_an_error(tmp_path: Path) -> None:
    file = open_private(tmp_path / "file")
    try:
        assert os.write(file, b"x" * 600) == 600
        assert os.write(file, b"x" * 600) == 400
        os.ftruncate(file, 0)
        with pytest.raises(OSError, match="too large"):
            write_all(file, b"x" * 1200)
    finally:
        os.close(file)


def test_write_all_goes_on_until_all_is_written() -> None:
    reading, writing = os.pipe()
    try:
        write_all(writing, b"")
        write_all(writing, b"0123456789")
        assert os.read(reading, 100) == b"0123456789"
    finally:
        os.close(reading)
        os.close(writing)


def test_who_holds_a_file_keeps_others_out(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.json"
    with locked(path):
        with pytest.raises(StateError, match="another process held it for 0 s"), locked(path, 0):
            pass
        with pytest.raises(SandboxError, match="busy"), locked(path, 0, busy=SandboxError("busy")):
            pass
    with locked(path, 0):
        assert mode(path.with_suffix(".lock")) == 0o600
