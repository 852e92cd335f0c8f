"""apibot.core.browser: downloads: whole or not at all, taken up where they broke off."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from apibot.core.browser import Browser, Download, Progress
from apibot.core.errors import BadParameter, BadReply, ConnectionLost, StateError, TimedOut
from tests.core.wire import Handler, Talker, dribbling, talking

WHOLE = bytes(range(256)) * 1000
SHA1 = hashlib.sha1(WHOLE, usedforsecurity=False).hexdigest()
ETAG = 'ETag: "one"\r\n'
OLD = "Last-Modified: Sat, 01 Nov 2025 00:00:00 GMT\r\nDate: Sun, 02 Nov 2025 00:00:00 GMT\r\n"
FRESH = "Last-Modified: Sat, 01 Nov 2025 00:00:00 GMT\r\nDate: Sat, 01 Nov 2025 00:00:00 GMT\r\n"


def ok(body: bytes = WHOLE, headers: str = ETAG, *, sent: int | None = None) -> bytes:
    """An answer with the whole file, of which only so many bytes come."""
    head = f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body[:sent]


def part(start: int, *, sent: int | None = None, headers: str = ETAG, total: str = str(len(WHOLE))) -> bytes:
    """An answer with what follows from a byte on."""
    body = WHOLE[start:]
    span = f"Content-Range: bytes {start}-{len(WHOLE) - 1}/{total}\r\nContent-Length: {len(body)}\r\n"
    return f"HTTP/1.1 206 Partial Content\r\n{headers}{span}Connection: close\r\n\r\n".encode() + body[:sent]


def nothing_more(total: int) -> bytes:
    head = f"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{total}\r\n"
    return f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()


def asked(server: Talker) -> list[tuple[str | None, str | None]]:
    """Return Range and If-Range of each request."""
    found: list[tuple[str | None, str | None]] = []
    for request in server.requests:
        lines = dict(line.split(": ", 1) for line in request.decode().split("\r\n")[1:] if line)
        found.append((lines.get("Range"), lines.get("If-Range")))
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Файл.png"


def others(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir() if one != path)


def test_a_file_comes_whole(browser: Browser, path: Path) -> None:
    seen: list[Progress] = []
    with talking(ok()) as server:
        done = browser.download(server.url, path, progress=seen.append, sha1=SHA1.upper())
    assert path.read_bytes() == WHOLE
    assert others(path) == []
    assert done == Download(server.url, 200, done.headers, path, len(WHOLE), 0, done.seconds, done.first)
    assert 0 < done.first <= done.seconds
    assert done.headers["etag"] == '"one"'
    assert b"Accept-Encoding: identity" in server.got
    assert seen[-1] == Progress("down", len(WHOLE), len(WHOLE))
    assert [one.done for one in seen] == sorted({one.done for one in seen})
    assert browser.counters.down.unpacked == len(WHOLE)


def test_an_old_file_is_replaced_at_once_and_only_by_a_whole_one(browser: Browser, path: Path) -> None:
    path.write_text("old")
    seen: list[str] = []

    def watch(_progress: Progress) -> None:
        seen.append(path.read_text())

    with talking(ok()) as server:
        browser.download(server.url, path, progress=watch)
    assert set(seen) == {"old"}
    assert path.read_bytes() == WHOLE


@pytest.mark.parametrize(("headers", "validator"), [(ETAG, '"one"'), (OLD, "Sat, 01 Nov 2025 00:00:00 GMT")])
def test_it_is_taken_up_where_it_broke_off(browser: Browser, path: Path, headers: str, validator: str) -> None:
    seen: list[Progress] = []
    answers = [
        ok(sent=100_000, headers=headers),
        part(100_000, sent=50_000, headers=headers),
        part(150_000, headers=headers),
    ]
    with talking(*answers) as server:
        done = browser.download(server.url, path, progress=seen.append)
    assert asked(server) == [(None, None), ("bytes=100000-", validator), ("bytes=150000-", validator)]
    assert path.read_bytes() == WHOLE
    assert others(path) == []
    assert (done.status, done.size, done.kept) == (206, len(WHOLE), 0)
    assert seen[-1] == Progress("down", len(WHOLE), len(WHOLE))
    assert browser.counters.failed == 2


def test_it_is_taken_up_by_a_later_call(browser: Browser, path: Path) -> None:
    with talking(ok(sent=100_000), b"") as server:
        with pytest.raises(ConnectionLost):
            browser.download(server.url, path)
        url = server.url
    assert not path.exists()
    assert others(path) == ["Файл.png.part", "Файл.png.part.json"]
    with talking(part(100_000), port=server.port) as server:
        done = browser.download(url, path)
    assert asked(server) == [("bytes=100000-", '"one"')]
    assert (path.read_bytes(), done.kept, others(path)) == (WHOLE, 100_000, [])


def test_another_address_does_not_go_on_with_it(browser: Browser, path: Path) -> None:
    with talking(ok(sent=100_000), b"", ok()) as server:
        with pytest.raises(ConnectionLost):
            browser.download(f"{server.url}/one", path)
        browser.download(f"{server.url}/two", path)
    assert asked(server)[2] == (None, None)
    assert path.read_bytes() == WHOLE


def test_the_note_beside_the_part_holds_no_address(browser: Browser, path: Path) -> None:
    with talking(ok(sent=100_000), b"") as server, pytest.raises(ConnectionLost):
        browser.download(f"{server.url}/?token=hunter2", path)
    note = path.with_name("Файл.png.part.json")
    assert "hunter2" not in note.read_text()
    assert stat.S_IMODE(note.stat().st_mode) == 0o600


@pytest.mark.parametrize("headers", ["", 'ETag: W/"weak"\r\n', FRESH, "Last-Modified: never\r\nDate: now\r\n"])
def test_what_may_have_changed_unseen_comes_anew(browser: Browser, path: Path, headers: str) -> None:
    with talking(ok(sent=100_000, headers=headers), ok(headers=headers)) as server:
        with pytest.raises(ConnectionLost):
            browser.download(server.url, path)
        browser.download(server.url, path)
    assert asked(server) == [(None, None), (None, None)]
    assert path.read_bytes() == WHOLE


def test_a_packed_file_is_unpacked_and_never_taken_up(browser: Browser, path: Path, url: str) -> None:
    browser.download(f"{url}/gzip", path)
    assert path.read_bytes() == b"x" * 5000


def test_a_file_that_has_changed_comes_whole(browser: Browser, path: Path) -> None:
    new = b"new" * 1000
    with talking(ok(sent=100_000), ok(new, 'ETag: "two"\r\n')) as server:
        done = browser.download(server.url, path)
    assert (path.read_bytes(), done.status, done.size) == (new, 200, 3000)


def test_a_changed_file_that_breaks_off_too_is_taken_up_by_its_own_version(browser: Browser, path: Path) -> None:
    with talking(ok(b"x" * 5000, 'ETag: "old"\r\n', sent=4000), b"") as server, pytest.raises(ConnectionLost):
        browser.download(server.url, path)
    with talking(ok(sent=1000), part(1000), port=server.port) as again:
        done = browser.download(server.url, path)
    assert asked(again) == [("bytes=4000-", '"old"'), ("bytes=1000-", '"one"')]
    assert (path.read_bytes(), done.kept) == (WHOLE, 0)


@pytest.mark.parametrize(
    "answer",
    [
        part(50_000),
        part(100_000, headers='ETag: "two"\r\n'),
        nothing_more(5),
        part(100_000).replace(b"Content-Range", b"X-Range"),
        nothing_more(5).replace(b"Content-Range", b"X-Range"),
    ],
    ids=["other bytes", "other version", "shorter now", "no range", "no length"],
)
def test_an_answer_that_does_not_fit_is_not_added(browser: Browser, path: Path, answer: bytes) -> None:
    with talking(ok(sent=100_000), answer, ok()) as server:
        browser.download(server.url, path)
    assert asked(server)[2] == (None, None)
    assert path.read_bytes() == WHOLE


def test_a_part_that_is_whole_already_is_only_moved(browser: Browser, path: Path) -> None:
    longer = ok(headers=ETAG).replace(b"Content-Length: 256000", b"Content-Length: 256001")
    with talking(longer, nothing_more(len(WHOLE))) as server:
        done = browser.download(server.url, path)
    assert asked(server)[1] == ("bytes=256000-", '"one"')
    assert (path.read_bytes(), done.status) == (WHOLE, 416)


def test_a_server_that_gives_less_than_asked_is_asked_again(browser: Browser, path: Path) -> None:
    less = f"HTTP/1.1 206 Partial\r\n{ETAG}Content-Range: bytes 100-199/256000\r\nContent-Length: 100\r\n"
    with talking(ok(sent=100), f"{less}Connection: close\r\n\r\n".encode() + WHOLE[100:200], part(200)) as server:
        browser.download(server.url, path)
    assert asked(server)[2] == ("bytes=200-", '"one"')
    assert path.read_bytes() == WHOLE


def test_a_part_of_a_file_whose_length_is_not_told(browser: Browser, path: Path) -> None:
    with talking(ok(sent=100), part(100, total="*")) as server:
        browser.download(server.url, path)
    assert path.read_bytes() == WHOLE


def test_it_is_not_tried_on_without_end(browser: Browser, path: Path) -> None:
    answers = [ok(sent=10), *(part(10 * n, sent=10) for n in range(1, 20))]
    with talking(*answers) as server, pytest.raises(ConnectionLost):
        browser.download(server.url, path)
    assert len(server.requests) == 5
    assert path.with_name("Файл.png.part").stat().st_size == 50


def test_it_is_not_tried_on_when_it_does_not_get_on(browser: Browser, path: Path) -> None:
    with talking(ok(sent=10), part(10, sent=0), part(10)) as server, pytest.raises(ConnectionLost):
        browser.download(server.url, path)
    assert len(server.requests) == 2


def test_a_server_that_never_gives_what_was_asked_for_is_given_up(browser: Browser, path: Path) -> None:
    answers = [ok(sent=10), nothing_more(5)] * 5
    with talking(*answers) as server, pytest.raises((BadReply, ConnectionLost)):
        browser.download(server.url, path)
    assert len(server.requests) == 5


@pytest.mark.parametrize("answers", [[ok()], [ok(sent=1000), part(1000)]], ids=["whole", "in parts"])
def test_another_sha1_is_refused_and_nothing_is_kept(browser: Browser, path: Path, answers: list[bytes]) -> None:
    path.write_text("old")
    with talking(*answers) as server, pytest.raises(BadReply, match="SHA-1"):
        browser.download(server.url, path, sha1="0" * 40)
    assert (path.read_text(), others(path)) == ("old", [])


@pytest.mark.parametrize("status", [b"404 Not Found", b"503 Service Unavailable", b"204 No Content", b"206 Partial"])
def test_a_status_that_brings_no_file(browser: Browser, path: Path, status: bytes) -> None:
    refusal = pytest.raises(BadReply, match=f"HTTP {status[:3].decode()}")
    with talking(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as server, refusal:
        browser.download(server.url, path)
    assert not path.exists()
    assert others(path) == []


def test_a_status_that_brings_no_file_leaves_the_part_as_it_is(browser: Browser, path: Path) -> None:
    failing = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy"
    with talking(ok(sent=1000), failing, part(1000)) as server:
        with pytest.raises(BadReply, match="503"):
            browser.download(server.url, path)
        assert browser.download(server.url, path).kept == 1000
    assert path.read_bytes() == WHOLE


def test_an_empty_file(browser: Browser, path: Path) -> None:
    with talking(ok(b"")) as server:
        assert browser.download(server.url, path).size == 0
    assert (path.read_bytes(), others(path)) == (b"", [])


def test_a_redirect_is_followed(browser: Browser, path: Path, url: str) -> None:
    browser.download(f"{url}/redirect", path)
    assert path.read_bytes() == b'{"a": "\xd0\x96"}'
    assert Handler.seen[-1][1] == "/plain"


def test_the_time_of_the_whole_holds_for_all_tries_together(browser: Browser, path: Path) -> None:
    with talking(dribbling(ok(sent=100), b"x"), part(100)) as server, pytest.raises(TimedOut):
        browser.download(server.url, path, seconds=0.3)
    assert server.requests == [], "the second one was not asked"
    assert path.with_name(f"{path.name}.part").stat().st_size > 100


def test_a_folder_that_is_not_there(browser: Browser, url: str, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="can not be written"):
        browser.download(url, tmp_path / "missing" / "a")
    assert Handler.seen == []


def test_a_disk_that_is_full_is_no_lost_connection(browser: Browser, path: Path) -> None:
    path.with_name(f"{path.name}.part").symlink_to("/dev/full")
    with talking(ok()) as server, pytest.raises(StateError, match="can not be written"):
        browser.download(server.url, path)
    assert not path.exists()


def test_two_do_not_write_to_one_part(browser: Browser, path: Path) -> None:
    refused: list[str] = []

    def watch(_progress: Progress) -> None:
        if not refused:
            with pytest.raises(StateError, match="somebody else is fetching") as caught:
                browser.download(server.url, path)
            refused.append(str(caught.value))

    with talking(ok()) as server:
        browser.download(server.url, path, progress=watch)
    assert refused
    assert path.read_bytes() == WHOLE


def test_what_is_no_address(browser: Browser, path: Path) -> None:
    with pytest.raises(BadParameter):
        browser.download("no address", path)
    assert others(path) == []


@pytest.mark.parametrize("make", [lambda _path: None, lambda path: path.write_text("{")])
def test_a_damaged_note_is_as_good_as_none(browser: Browser, path: Path, make: Callable[[Path], object]) -> None:
    path.with_name(f"{path.name}.part").write_bytes(b"what?")
    make(path.with_name(f"{path.name}.part.json"))
    with talking(ok()) as server:
        browser.download(server.url, path)
    assert (asked(server), path.read_bytes()) == ([(None, None)], WHOLE)
