"""apibot.core.browser: files that are sent in forms."""

from __future__ import annotations

import re
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from apibot.core.browser import Browser, FilePart, Prepared, Progress
from apibot.core.errors import BadParameter, BadReply
from tests.core.wire import Handler, talking

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def form(request: bytes) -> dict[str, tuple[str | None, str, bytes]]:
    """Read a form as it came: file name, type and content by field."""
    head, _mark, body = request.partition(b"\r\n\r\n")
    boundary = re.search(rb"(?i)content-type: multipart/form-data; boundary=(\S+)", head)
    assert boundary
    first, *parts, last = (b"\r\n" + body).split(b"\r\n--" + boundary[1])
    assert (first, last) == (b"", b"--\r\n")
    found: dict[str, tuple[str | None, str, bytes]] = {}
    for part in parts:
        headers, _mark, content = part.partition(b"\r\n\r\n")
        text = headers.decode()
        name = re.search(r'\bname="([^"]*)"', text)
        assert name
        file_name, kind = re.search(r'filename="([^"]*)"', text), re.search(r"Content-Type: (.*)", text)
        found[name[1]] = (file_name and file_name[1], kind[1].strip() if kind else "", content)
    return found


@pytest.mark.parametrize("name", ["a.png", "Файл.png", "文件.png", 'qu"ote.png', "a b; c=d.png", "ملف.png"])
def test_several_files_and_fields_in_one_form(browser: Browser, tmp_path: Path, name: str) -> None:
    first, second = tmp_path / "first.png", tmp_path / "второй.txt"
    first.write_bytes(bytes(range(256)) * 100)
    second.write_text("Ж\n")
    files = {
        "file": FilePart(first, name, "image/png"),
        "other": FilePart(second),
        "chunk": FilePart(first, start=1000, length=500),
        "rest": FilePart(first, start=25_500),
        "empty": FilePart(first, length=0),
        "bytes": FilePart(b"plain", start=2),
    }
    with talking(ANSWER) as server:
        browser.xfer(server.url, data={"action": "upload", "text": "Ж=&"}, files=files)
    whole = first.read_bytes()
    got = form(server.got)
    assert b"POST / HTTP" in server.got
    assert {key: content for key, (_name, _kind, content) in got.items()} == {
        "action": b"upload",
        "text": "Ж=&".encode(),
        "file": whole,
        "other": "Ж\n".encode(),
        "chunk": whole[1000:1500],
        "rest": whole[25_500:],
        "empty": b"",
        "bytes": b"ain",
    }
    assert got["file"][:2] == (name.replace('"', "%22"), "image/png")
    assert got["other"][:2] == ("второй.txt", "application/octet-stream")
    assert got["action"][0] is None
    assert got["bytes"][0] == "file"


def test_a_form_of_files_alone(browser: Browser) -> None:
    with talking(ANSWER) as server:
        browser.xfer(server.url, files={"file": FilePart(b"x" * 10, "a")})
    assert form(server.got)["file"][2] == b"x" * 10


def test_a_large_file_is_not_held_in_memory(browser: Browser, tmp_path: Path) -> None:
    size = 64 << 20
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(size)
    seen: list[Progress] = []

    def swallow(client: socket.socket) -> None:
        got = 0
        buffer = bytearray(1 << 20)
        while got < size:
            got += client.recv_into(buffer)
        client.sendall(ANSWER)

    with talking(swallow) as server:
        tracemalloc.start()
        try:
            assert browser.xfer(server.url, files={"file": FilePart(path)}, progress=seen.append).status == 200
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 8 << 20
    up = [one for one in seen if one.direction == "up"]
    assert up[-1].done == up[-1].total == browser.counters.up.unpacked > size
    assert len(up) > 1000


def missing(path: Path) -> FilePart:
    return FilePart(path / "missing")


def folder(path: Path) -> FilePart:
    return FilePart(path)


def too_long(path: Path) -> FilePart:
    (path / "a").write_bytes(b"abc")
    return FilePart(path / "a", start=1, length=3)


def behind_the_end(path: Path) -> FilePart:
    return FilePart(b"abc", start=4)


def before_the_beginning(path: Path) -> FilePart:
    return FilePart(b"abc", start=-1)


@pytest.mark.parametrize("part", [missing, folder, too_long, behind_the_end, before_the_beginning])
def test_a_file_that_can_not_be_sent_is_refused_before_anything_is(
    browser: Browser, url: str, tmp_path: Path, part: Callable[[Path], FilePart]
) -> None:
    with pytest.raises(BadParameter, match=r"can not be read|has [03] bytes"):
        browser.xfer(url, files={"file": part(tmp_path)})
    assert Handler.seen == []


def test_a_file_that_becomes_shorter_meanwhile_is_not_sent_as_if_it_were_whole(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(1 << 20))

    def watch(progress: Progress) -> None:
        if progress.done > 100_000:
            path.write_bytes(b"")

    with talking(ANSWER) as server, pytest.raises(BadParameter, match="became shorter"):
        browser.xfer(server.url, files={"file": FilePart(path)}, progress=watch)
    assert len(server.got) < 1 << 20


def test_a_form_of_files_is_signed_with_its_type(browser: Browser, url: str) -> None:
    def sign(request: Prepared) -> Prepared:
        request.headers["X-Signed"] = request.headers["Content-Type"].partition(";")[0]
        return request

    with talking(ANSWER) as server:
        browser.xfer(server.url, files={"file": FilePart(b"x")}, auth=sign)
    assert b"X-Signed: multipart/form-data\r\n" in server.got


def away(status: int, location: str) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("status", "method"), [(301, b"GET"), (302, b"GET"), (303, b"GET"), (307, b"POST"), (308, b"POST")]
)
def test_what_a_redirect_makes_of_a_form(browser: Browser, status: int, method: bytes) -> None:
    with talking(away(status, "/next?x=1"), ANSWER) as server:
        browser.xfer(server.url, data={"a": "b"}, files={"file": FilePart(b"xyz")}, params={"p": "1"})
    first, second = server.requests
    assert first.startswith(b"POST /?p=1 ")
    assert second.startswith(method + b" /next?x=1 ")
    if method == b"POST":
        assert form(second)["file"][2] == b"xyz"
    else:
        assert b"content-type" not in second.lower()
        assert second.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_does_not_follow_a_redirect_to_another_host(browser: Browser, url: str, status: int) -> None:
    with talking(away(status, f"{url}/plain")) as server, pytest.raises(BadReply, match="to go to 127") as caught:
        browser.xfer(server.url, data={"lgpassword": "hunter2"})
    assert Handler.seen == []
    assert "hunter2" not in str(caught.value)


def test_who_asks_is_told_to_the_first_host_alone(browser: Browser, port: int) -> None:
    signed: list[str | None] = []

    def sign(request: Prepared) -> Prepared:
        signed.append(request.url)
        request.headers["Authorization"] = f"OAuth {len(signed)}"
        return request

    Handler.seen.clear()
    headers = {"Cookie": "a=b", "X-More": "1", "proxy-authorization": "Basic x"}
    with talking(away(302, "/again"), away(302, f"http://localhost:{port}/plain")) as server:
        browser.xfer(server.url, headers=headers, auth=sign)
    assert signed == [f"{server.url}/", f"{server.url}/again"], "signed anew for each address"
    assert [b"Authorization: OAuth %d\r\n" % n in request for n, request in enumerate(server.requests, 1)] == [True] * 2
    [(_method, _path, sent, _body)] = Handler.seen
    assert not {"Authorization", "Cookie", "Proxy-Authorization"} & sent.keys()
    assert sent["X-More"] == "1"


def test_a_password_in_an_address_does_not_follow_to_another_host(browser: Browser, url: str) -> None:
    with talking(away(302, f"{url}/plain")) as server:
        browser.xfer(server.url.replace("//", "//me:hunter2@"))
    assert b"Authorization: Basic" in server.got
    assert "Authorization" not in Handler.seen[0][2]


def test_an_authorization_header_does_not_follow_to_another_port(browser: Browser, url: str) -> None:
    with talking(away(302, f"{url}/plain")) as server:
        browser.xfer(server.url, headers={"Authorization": "Bearer hunter2"})
    assert b"Bearer hunter2" in server.got
    assert "Authorization" not in Handler.seen[0][2]
