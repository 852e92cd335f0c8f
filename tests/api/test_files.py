"""Files over the wire of a real wiki: sent in a form, fetched, signed, held back by caps."""

from __future__ import annotations

import hashlib
import io
import uuid
import zlib
from pathlib import Path
from struct import pack

import pytest

from apibot.backends.api.backend import ApiBackend
from apibot.bridge import Bridge
from apibot.core.browser import FilePart, Progress
from apibot.core.errors import BadReply
from apibot.core.jsons import block
from apibot.sandbox import Sandbox
from tests.api.conftest import Connect
from tests.support.proxy import LOST_REQUEST, Wire


def picture(size: int) -> bytes:
    """Return a PNG of that many grey points in a row and column, no two the same."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    rows = io.BytesIO()
    for number in range(size):
        rows.write(b"\0" + hashlib.shake_128(uuid.uuid4().bytes + bytes([number % 256])).digest(size))
    header = pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.getvalue()))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def bridge(connect_via: Connect) -> Bridge:
    return connect_via("sysop")


def upload(bridge: Bridge, path: Path, name: str) -> None:
    backend = bridge.core.backends["api"]
    assert isinstance(backend, ApiBackend)
    reply = backend.exchanger.call(
        {"action": "upload", "filename": name, "comment": "a test", "ignorewarnings": True},
        effect="write",
        token="csrf",
        files={"file": FilePart(path)},
    )
    assert block(reply["upload"])["result"] == "Success"


def test_a_file_goes_up_and_comes_back(bridge: Bridge, apibot_wiki: Sandbox, tmp_path: Path, wire: Wire) -> None:
    data, name = picture(300), f"Grey {uuid.uuid4()} ж.png"
    (tmp_path / "grey.png").write_bytes(data)
    upload(bridge, tmp_path / "grey.png", name)
    [row] = bridge.by_name("prop", "imageinfo", pages=bridge.titles(f"File:{name}"), prop=("url", "sha1", "size"))
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    assert (row["sha1"], row["size"]) == (sha1, len(data))
    seen: list[Progress] = []
    done = bridge.download(str(row["url"]), tmp_path / "back.png", sha1=sha1, progress=seen.append)
    assert done.path.read_bytes() == data
    assert (seen[-1].direction, seen[-1].done) == ("down", len(data))
    with pytest.raises(BadReply, match="SHA-1"):
        bridge.download(str(row["url"]), tmp_path / "other.png", sha1="0" * 40)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back.png", "grey.png"]


def test_a_file_is_read_again_with_each_try(bridge: Bridge, tmp_path: Path, wire: Wire) -> None:
    """Stashing is no edit, so a second copy does no harm."""
    data = picture(100)
    (tmp_path / "grey.png").write_bytes(data)
    bridge.fetch("Main Page")
    wire.once("upload", LOST_REQUEST)
    backend = bridge.core.backends["api"]
    assert isinstance(backend, ApiBackend)
    reply = backend.exchanger.call(
        {"action": "upload", "filename": f"{uuid.uuid4()}.png", "stash": True},
        effect="idempotent",
        token="csrf",
        files={"file": FilePart(tmp_path / "grey.png")},
    )
    stashed = block(reply["upload"])
    assert (stashed["result"], len(wire.of("upload"))) == ("Success", 2)
    assert block(stashed["imageinfo"])["size"] == len(data)
