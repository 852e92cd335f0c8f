"""apibot.core.browser: a log of requests that can be replayed, with no secret in it."""

from __future__ import annotations

import base64
import hashlib
import json
import resource
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apibot.core.browser import Browser, FilePart, Prepared
from apibot.core.browser.hiding import Hider, hides
from apibot.core.clock import SystemClock
from apibot.core.errors import (
    ApibotError,
    BackendClosed,
    BadParameter,
    BadReply,
    CertificateRefused,
    ConnectFailed,
    ConnectionLost,
    SettingsError,
    StateError,
    TimedOut,
)
from apibot.core.schema import BrowserSettings
from tests.core.conftest import AGENT
from tests.core.wire import Handler, talking

SECRET = "hunter2-0123456789abcdef"
HEAD = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
Make = Callable[..., Browser]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "requests.jsonl"


@pytest.fixture
def browsers(log: Path) -> Iterator[Make]:
    made: list[Browser] = []

    def make(*, replay: bool = False) -> Browser:
        settings = BrowserSettings(replay=str(log)) if replay else BrowserSettings(record=str(log))
        made.append(Browser(AGENT, 5, SystemClock(), settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def answer(body: bytes, headers: str = "") -> bytes:
    return f"{HEAD}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_what_is_written_down(browsers: Make, log: Path, url: str, tmp_path: Path) -> None:
    path = tmp_path / "Файл"
    path.write_bytes(b"0123456789")
    files = {"file": FilePart(path, start=2, length=3)}
    done = browsers().xfer(f"{url}/plain?x=1", params={"a": "Ж"}, data={"b": "c"}, files=files, headers={"X-More": "1"})
    [line] = lines(log)
    sha1 = hashlib.sha1(b"234", usedforsecurity=False).hexdigest()
    assert {key: line[key] for key in ("method", "url", "params", "data", "files", "status", "body")} == {
        "method": "POST",
        "url": f"{url}/plain?x=1",
        "params": {"a": "Ж"},
        "data": {"b": "c"},
        "files": {"file": {"name": "Файл", "size": 3, "sha1": sha1}},
        "status": 200,
        "body": '{"a": "Ж"}',
    }
    assert line["headers"]["X-More"] == "1"
    assert line["headers"]["User-Agent"].startswith(AGENT)
    assert line["answered"]["Content-Type"] == "application/json"
    assert (line["seconds"], line["first"]) == (done.seconds, done.first)
    assert 1.7e9 < line["time"] < 1e10
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_is_added_to_and_closed_to_others(browsers: Make, log: Path, url: str) -> None:
    browsers().xfer(f"{url}/plain")
    log.chmod(0o644)
    browsers().xfer(f"{url}/error")
    assert [line["status"] for line in lines(log)] == [200, 503]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_answers_come_in_their_order_and_nothing_goes_over_the_wire(browsers: Make, log: Path) -> None:
    bodies = [b"one", b"two", b"\xff\x00", b"other"]
    with talking(*map(answer, bodies)) as server:
        recording = browsers()
        for _n in range(3):
            recording.xfer(server.url, params={"a": "b"})
        first = recording.xfer(server.url, data={"a": "b"})
    replaying = browsers(replay=True)
    again = replaying.xfer(server.url, data={"a": "b"})
    assert again == first
    assert again.headers["content-length"] == "5"
    assert [replaying.xfer(server.url, params={"a": "b"}).body for _n in range(3)] == bodies[:3]
    assert replaying.counters.requests == 0
    assert replaying.counters.up.wire == 0
    with pytest.raises(StateError, match=r"no further answer to GET http://127.*'a': 'b'"):
        replaying.xfer(server.url, params={"a": "b"})
    with pytest.raises(StateError, match=r"no answer to POST http://127.*'a': 'c'"):
        replaying.xfer(server.url, data={"a": "c", "token": SECRET})


def test_a_request_that_is_not_there_is_named_without_its_secrets(browsers: Make, log: Path, url: str) -> None:
    browsers().xfer(url)
    with pytest.raises(StateError) as caught:
        browsers(replay=True).xfer(url.replace("//", f"//me:{SECRET}@"), data={"lgpassword": SECRET, "x": "y" * 1000})
    assert SECRET not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("path", "kind"), [("cut", ConnectionLost), ("silent", TimedOut), ("loop", BadReply), ("//", ConnectFailed)]
)
def test_errors_come_again(  # noqa: PLR0917  # pytest gives them by name
    browsers: Make, log: Path, url: str, nowhere: str, path: str, kind: type[ApibotError]
) -> None:
    address = nowhere if path == "//" else f"{url}/{path}"
    with pytest.raises(kind) as first:
        browsers().xfer(address, data={"a": "b"}, seconds=1)
    Handler.seen.clear()
    with pytest.raises(kind) as again:
        browsers(replay=True).xfer(address, data={"a": "b"})
    assert str(again.value) == str(first.value)
    assert getattr(again.value, "sent", None) is getattr(first.value, "sent", None)
    assert Handler.seen == []
    assert lines(log)[0]["error"]["kind"] == kind.__name__


def test_an_error_that_is_not_known_any_more(browsers: Make, log: Path, url: str) -> None:
    with pytest.raises(BadParameter):
        browsers().xfer("no address")
    log.write_text(log.read_text().replace("BadParameter", "Strange"))
    with pytest.raises(ConnectionLost):
        browsers(replay=True).xfer("no address")
    log.write_text(log.read_text().replace("Strange", "CertificateRefused"))
    with pytest.raises(CertificateRefused):
        browsers(replay=True).xfer("no address")


def test_a_download_is_replayed_too(browsers: Make, log: Path, tmp_path: Path) -> None:
    body = bytes(range(256))
    with talking(answer(body, 'ETag: "one"\r\n')) as server:
        first = browsers().download(server.url, tmp_path / "a")
    again = browsers(replay=True).download(
        server.url, tmp_path / "b", sha1=hashlib.sha1(body, usedforsecurity=False).hexdigest()
    )
    assert (tmp_path / "b").read_bytes() == body
    assert again == first._replace(path=tmp_path / "b")


def test_a_download_that_fails_is_replayed_too(browsers: Make, log: Path, url: str, tmp_path: Path) -> None:
    for replay in (False, True):
        with pytest.raises(BadReply, match="HTTP 503"):
            browsers(replay=replay).download(f"{url}/error", tmp_path / "a")


def test_a_file_that_is_too_large_is_not_kept(
    browsers: Make, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apibot.core.browser.tape.LARGEST_KEPT", 10)
    with talking(answer(b"x" * 11)) as server:
        browsers().download(server.url, tmp_path / "a")
    with pytest.raises(StateError, match="was not kept, being too large"):
        browsers(replay=True).download(server.url, tmp_path / "b")


def test_many_threads_write_whole_lines(browsers: Make, log: Path, url: str) -> None:
    browser = browsers()
    threads = [threading.Thread(target=browser.xfer, args=(f"{url}/gzip",)) for _n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line["body"] for line in lines(log)] == ["x" * 5000] * 16
    replaying = browsers(replay=True)
    assert [replaying.xfer(f"{url}/gzip").status for _n in range(16)] == [200] * 16


@pytest.mark.parametrize("replay", [False, True])
def test_a_closed_browser_is_refused(browsers: Make, log: Path, url: str, *, replay: bool) -> None:
    browsers().xfer(url)
    browser = browsers(replay=replay)
    browser.close()
    with pytest.raises(BackendClosed):
        browser.xfer(url)
    with pytest.raises(BackendClosed):
        browser.download(url, log)
    assert len(lines(log)) == 1


# Files that can not be used.


def test_both_at_once_are_refused(log: Path) -> None:
    with pytest.raises(SettingsError, match="record and replay"):
        Browser(AGENT, 5, SystemClock(), BrowserSettings(record=str(log), replay=str(log)))


@pytest.mark.parametrize("text", [None, "no json\n", "{}\n", "[]\n", '{"method": "GET"}\n'])
def test_a_log_that_is_none(browsers: Make, log: Path, url: str, text: str | None) -> None:
    if text is not None:
        log.parent.mkdir()
        log.write_text(text)
    with pytest.raises(StateError, match=r"\[browser\] replay"):
        browsers(replay=True).xfer(url)
    assert Handler.seen == []


def test_a_log_that_can_not_be_written_stops_what_was_not_sent_yet(browsers: Make, log: Path, url: str) -> None:
    log.mkdir(parents=True)
    with pytest.raises(StateError, match=r"\[browser\] record"):
        browsers().xfer(url)
    assert Handler.seen == []


def test_an_answer_that_came_is_given_though_the_disk_is_full(browsers: Make, log: Path, url: str) -> None:
    log.parent.mkdir()
    log.symlink_to("/dev/full")
    browser = browsers()
    assert browser.xfer(f"{url}/plain", data={"action": "edit"}).status == 200
    with pytest.raises(StateError, match="No space left"):
        browser.xfer(f"{url}/plain", data={"action": "edit"})
    assert len(Handler.seen) == 1


@pytest.mark.parametrize("limit", [100, 2000])  # bytes of the file: nothing of the line goes in, or a part
def test_a_line_that_goes_in_only_in_part_is_told(browsers: Make, log: Path, url: str, limit: int) -> None:
    browser = browsers()
    browser.xfer(f"{url}/plain")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, old[1]))
    try:
        assert browser.xfer(f"{url}/gzip").body == b"x" * 5000
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    with pytest.raises(StateError, match="too large"):
        browser.xfer(f"{url}/plain")
    assert len(Handler.seen) == 2


# Secrets.


def sign(request: Prepared) -> Prepared:
    request.headers["Authorization"] = f'OAuth oauth_token="{SECRET}", oauth_signature="sig-{SECRET}"'
    return request


ANSWERS: dict[str, bytes] = {
    "tokens": json.dumps({"query": {"tokens": {"csrftoken": f"{SECRET}+\\", "logintoken": f"{SECRET}+\\"}}}).encode(),
    "old login": json.dumps({"login": {"result": "NeedToken", "token": SECRET, "sessionid": SECRET}}).encode(),
    "nested": json.dumps([{"a": [{"access_token": SECRET, "client_secret": SECRET}]}]).encode(),
    "escaped": json.dumps({"text": f"in between {SECRET} and", "mytoken": SECRET}).encode(),
    "oauth": f"oauth_token={SECRET}&oauth_token_secret={SECRET}&x=1".encode(),
    "form": f'<p>x<input type="hidden" value="{SECRET}+\\" name="wpEditToken"/><input name="a" value="kept">'.encode(),
    "form other": f"<input name=wpLoginToken value={SECRET}>".encode(),
    "script": f'mw.user.tokens.set({{"csrfToken":"{SECRET}+\\\\","patrolToken": "{SECRET}"}});'.encode(),
    "damaged json": f'{{"csrftoken": "{SECRET}"'.encode(),
    "bytes": b"\xff" + SECRET.encode() + b"\xff",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_secret_is_written_down(browsers: Make, log: Path, name: str) -> None:
    headers = f"Set-Cookie: session={SECRET}; Path=/\r\nX-Token: {SECRET}\r\nLocation: /?token={SECRET}\r\n"
    if name == "bytes":  # nothing but having been sent tells that it is one
        headers = ""
    url = "/".join(("", "api.php?token=" + SECRET + "&oauth_nonce=" + SECRET + "&kept=1"))
    secret = dict.fromkeys(("token", "lgpassword", "lgtoken", "retype", "client_secret", "oauth_token"), SECRET)
    secret |= {"lgname": f"name-{SECRET}", "OATHToken": SECRET, "text": f"I say {SECRET}", "wpPassword": SECRET}
    with talking(answer(ANSWERS[name], headers), answer(ANSWERS[name], headers)) as server:
        browser = browsers()
        address = server.url.replace("//", f"//me:{SECRET}@") + url
        browser.set_cookies([{"name": "c", "value": SECRET, "domain": "127.0.0.1", "path": "/"}])
        browser.xfer(address, data=secret, auth=sign, headers={"X-My-Secret": SECRET})
        browser.xfer(server.url + url, params=secret, headers={"Authorization": f"Bearer {SECRET}", "Referer": address})
    browser.close()
    text = log.read_text()
    assert SECRET not in text
    assert base64.b64encode(b"me:" + SECRET.encode()).decode() not in text
    for line in lines(log):
        body = line["body"]
        raw = base64.b64decode(body["base64"]) if isinstance(body, dict) else body.encode()
        assert SECRET.encode() not in raw
        assert "kept=1" in line["url"]
        assert (line["data"] or line["params"])["lgname"] == "***"
    assert "kept" in text


def test_what_is_no_secret_stays() -> None:
    hider = Hider()
    body = json.dumps(
        {"csrftoken": "+\\", "lgusername": "Bot", "token": 5, "tokens": "x", "text": "token=abc"}
    ).encode()
    assert hider.body(body) == body.decode()
    assert hider.params({"title": "Token", "lllang": "en", "prop": "tokens"}) == {
        "title": "Token",
        "lllang": "en",
        "prop": "tokens",
    }
    assert hider.address("https://wiki.example/w/?a=b%20c&d=%26") == "https://wiki.example/w/?a=b%20c&d=%26"
    assert hider.headers({"Cookie": "wikiUserName=SomeLongName; wikiUserID=12345678901"}) == {"Cookie": "***"}
    assert hider.text("SomeLongName 12345678901") == "SomeLongName 12345678901"


def test_a_secret_is_found_wherever_it_turns_up_later() -> None:
    hider = Hider()
    hider.params({"lgpassword": 'p/a"s&s wörd'})
    for text in ('p/a"s&s wörd', json.dumps('p/a"s&s wörd'), "x=p%2Fa%22s%26s%20w%C3%B6rd", "p%2Fa%22s%26s+w%C3%B6rd"):
        assert "***" in hider.text(text)
        assert "rd" not in hider.text(text)


@pytest.mark.parametrize("name", ["token", "lgtoken", "lgname", "Password", "retype", "OAuth_nonce", "client_secret"])
def test_names_of_secrets(name: str) -> None:
    assert hides(name)


@pytest.mark.parametrize(
    "body",
    [
        b"x" * 3_000_000,
        b"<input " * 400_000,
        b"token" * 600_000,
        b"token " + b" " * 3_000_000,
        b"[" * 900 + b"]" * 900,
        b"[" * 100_000,
        b'{"a": "\\ud800"}',
        b"\xff" * 1_000_000,
    ],
    ids=["a word", "inputs", "endings", "blanks", "deep", "deeper", "half a letter", "bytes"],
)
def test_any_body_can_be_written_down_in_a_short_time(browsers: Make, log: Path, body: bytes) -> None:
    with talking(answer(body)) as server:
        began = time.monotonic()
        assert browsers().xfer(server.url).body == body
        assert time.monotonic() - began < 10, "not the minutes of a pattern that tries all ways"
    assert len(lines(log)) == 1
    assert browsers(replay=True).xfer(server.url).body == body


def test_what_is_new_for_each_request_is_not_remembered() -> None:
    hider = Hider()
    for number in range(100):
        header = f'OAuth oauth_token="{SECRET}", oauth_nonce="nonce-{number}", oauth_signature="signature-{number}"'
        assert hider.headers({"Authorization": header}) == {"Authorization": "***"}
        hider.params({"oauth_nonce": f"nonce-{number}", "oauth_timestamp": f"176400000{number}"})
    assert hider.text(f"{SECRET} HMAC-SHA1 nonce-1") == "*** HMAC-SHA1 nonce-1"


def test_a_secret_that_begins_like_another_one_leaves_nothing_of_it() -> None:
    hider = Hider()
    hider.params({"token": SECRET, "lgpassword": f"{SECRET}-and-more"})
    assert hider.text(f"x{SECRET}-and-more") == "x***"
