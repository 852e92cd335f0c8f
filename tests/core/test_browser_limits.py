"""apibot.core.browser: how long, how large, how fast, how far: bounds on a transfer, and who is told of it."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Literal

import pytest

from apibot.core.browser import Browser, Progress
from apibot.core.browser import hops as hops_module
from apibot.core.clock import SystemClock
from apibot.core.errors import BadReply, ConnectFailed, ConnectionLost, StateError, TimedOut
from apibot.core.hooks import Hooks
from apibot.core.schema import BrowserSettings
from tests.core.conftest import AGENT
from tests.core.wire import Handler, dribbling, received, talking
from tests.support.clock import FakeClock

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = 0.4
"""Seconds that a transfer may take in these tests, with a time-out of 5 s for each piece."""
LATENESS = 2.0
"""Seconds that a busy machine may take besides; less than the time-out for a piece."""


# The time of the whole.


@pytest.mark.parametrize(
    ("before", "each"),
    [
        (OK + b"Content-Length: 100000\r\n\r\n", b"x"),
        (OK + b"\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x")[:10], b"\x00\x00\x00\xff\xff"),
        (OK, b"A"),
        (OK, b"A: b\r\n"),
        (b"", b"H"),
    ],
    ids=["length", "to the end", "chunks", "chunk's length", "gzip", "header", "headers", "status"],
)
def test_a_server_that_dribbles_does_not_hold_the_bot_longer_than_it_allows(
    browser: Browser, before: bytes, each: bytes
) -> None:
    with talking(dribbling(before, each)) as server:
        began = time.monotonic()
        with pytest.raises((TimedOut, ConnectionLost)) as caught:
            browser.xfer(server.url, data={"a": "b"}, seconds=WHOLE)
        assert time.monotonic() - began < WHOLE + LATENESS
    if each != b"A: b\r\n":  # these are too many after a while
        assert type(caught.value) is TimedOut
    assert getattr(caught.value, "sent", None) is True


def test_a_server_that_does_not_read_does_not_hold_the_bot(browser: Browser) -> None:
    until = threading.Event()
    with talking(lambda _client: until.wait(10)) as server:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            browser.xfer(server.url, data={"a": "b" * 20_000_000}, seconds=2)  # its form takes a while to be made
        assert time.monotonic() - began < 2 + LATENESS
        until.set()


def test_redirects_count_towards_the_time_of_the_whole(browser: Browser) -> None:
    def slow(client: socket.socket) -> None:
        received(client)
        threading.Event().wait(0.15)
        client.sendall(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with talking(*[slow] * 5) as server, pytest.raises(TimedOut):
        browser.xfer(server.url, seconds=WHOLE)


def test_a_transfer_in_time_is_not_disturbed(browser: Browser, url: str) -> None:
    assert browser.xfer(f"{url}/gzip", seconds=5).body == b"x" * 5000
    assert browser.xfer(f"{url}/silent-not", data={"a": "b" * 100_000}, seconds=5).status == 200
    assert browser.xfer(f"{url}/plain").status == 200, "the connection kept waits as long as ever"


def test_no_time_at_all_sends_nothing(browser: Browser, url: str) -> None:
    with pytest.raises(ConnectFailed, match="in the time for the whole"):
        browser.xfer(f"{url}/plain", seconds=0)
    assert Handler.seen == []


# The size.


def endless(head: bytes) -> Callable[[socket.socket], None]:
    """Say something, and then the same byte without end."""

    def serve(client: socket.socket) -> None:
        received(client)
        client.sendall(head)
        while True:
            client.sendall(b"1" * 65536)

    return serve


@pytest.mark.parametrize("chunked", [False, True])
def test_a_small_body_that_unpacks_to_gigabytes_is_refused(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, *, chunked: bool
) -> None:
    monkeypatch.setattr(hops_module, "LARGEST", 8 << 20)
    packed = gzip.compress(bytes(1 << 20), 9) * 1024  # a gigabyte in many members
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(packed)
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed) if chunked else packed
    with talking(OK + b"Content-Encoding: gzip\r\n" + length + b"\r\n\r\n" + body) as server:
        tracemalloc.start()
        try:
            with pytest.raises(BadReply, match="larger than the 8 MiB"):
                browser.xfer(server.url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 40 << 20


def test_a_single_member_that_unpacks_to_much_is_refused(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hops_module, "LARGEST", 4 << 20)
    packed = gzip.compress(bytes(200 << 20), 9)
    assert len(packed) < 1 << 20
    with talking(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed)) as server:
        tracemalloc.start()
        try:
            with pytest.raises(BadReply, match="larger than"):
                browser.xfer(server.url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 40 << 20


@pytest.mark.parametrize(
    "head",
    [OK + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n400000\r\n"],
    ids=["to the end", "chunk"],
)
def test_a_body_without_end_is_refused(browser: Browser, monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr(hops_module, "LARGEST", 1 << 20)
    with talking(endless(head)) as server, pytest.raises(BadReply, match="larger than the 1 MiB"):
        browser.xfer(server.url)


@pytest.mark.parametrize("head", [OK + b"Transfer-Encoding: chunked\r\n\r\n", OK + b"A: ", b""])
def test_a_line_without_end_is_refused(browser: Browser, head: bytes) -> None:
    with talking(endless(head)) as server, pytest.raises(ConnectionLost):
        browser.xfer(server.url)
    assert browser.counters.down.wire < 1 << 20


def test_an_answer_that_is_just_as_large_as_allowed_passes(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hops_module, "LARGEST", 100_000)
    packed = gzip.compress(b"x" * 100_000)
    with talking(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed)) as server:
        assert len(browser.xfer(server.url).body) == 100_000


def test_the_body_of_a_redirect_is_not_read_to_its_end(browser: Browser) -> None:
    away = endless(b"HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n")
    with talking(away, OK + b"Content-Length: 2\r\n\r\nok") as server:
        assert browser.xfer(server.url).body == b"ok"
    assert browser.counters.down.wire < 10 << 20


# The speed.


class Slow:
    """A meter that lets a number of bytes a second pass, by a clock of its own."""

    def __init__(self, clock: FakeClock | SystemClock, rate: float) -> None:
        self.moves: list[tuple[Literal["up", "down"], int]] = []
        self._clock = clock
        self._rate = rate
        self._began = clock.monotonic()

    def restart(self) -> None:
        self._began = self._clock.monotonic()

    def total(self, direction: Literal["up", "down"]) -> int:
        return sum(count for way, count in self.moves if way == direction)

    def moved(self, direction: Literal["up", "down"], count: int) -> None:
        self.moves.append((direction, count))
        due = self._began + sum(count for _way, count in self.moves) / self._rate
        wait = due - self._clock.monotonic()
        if wait > 0:
            if isinstance(self._clock, FakeClock):
                self._clock.sleep(wait)
            else:
                threading.Event().wait(wait)


@pytest.fixture
def metered() -> Iterator[Callable[[float], tuple[Browser, Slow, FakeClock]]]:
    made: list[Browser] = []

    def make(rate: float) -> tuple[Browser, Slow, FakeClock]:
        clock = FakeClock()
        meter = Slow(clock, rate)
        made.append(Browser(AGENT, 5, clock, meter=meter))
        return made[-1], meter, clock

    yield make
    for browser in made:
        browser.close()


def test_each_byte_passes_the_meter_packed_as_it_goes_over_the_wire(
    metered: Callable[[float], tuple[Browser, Slow, FakeClock]],
) -> None:
    browser, meter, clock = metered(1000)
    packed = gzip.compress(bytes(range(256)) * 4000)
    answer = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    with talking(answer) as server:
        done = browser.xfer(server.url, data={"a": "b" * 200_000})
    assert meter.total("up") == len(server.got) == browser.counters.up.wire
    assert meter.total("down") == len(answer) == browser.counters.down.wire
    assert max(count for _way, count in meter.moves) <= 16384, "in small pieces"
    assert done.seconds == pytest.approx((len(answer) + len(server.got)) / 1000, rel=0.001)
    assert clock.monotonic() == pytest.approx(done.seconds)


def test_an_upload_is_metered_while_it_goes_out(metered: Callable[[float], tuple[Browser, Slow, FakeClock]]) -> None:
    """What the meter has let through is what the server can have."""
    browser, meter, _clock = metered(1e9)
    seen: list[tuple[int, int]] = []

    def serve(client: socket.socket) -> None:
        got = 0
        while got < 1_000_000:
            got += len(client.recv(4096))
            seen.append((got, meter.total("up")))
        client.sendall(OK + b"Content-Length: 2\r\n\r\nok")

    with talking(serve) as server:
        browser.xfer(server.url, data={"a": "b" * 1_000_000})
    assert all(got <= metered_so_far + 2 * 16384 for got, metered_so_far in seen)


def test_a_cap_holds_in_real_time() -> None:
    clock = SystemClock()
    meter = Slow(clock, 400_000)
    browser = Browser(AGENT, 5, clock, meter=meter)
    answer = OK + b"Content-Length: 200000\r\n\r\n" + bytes(200_000)
    with talking(answer) as server:
        began = clock.monotonic()
        meter.restart()
        browser.xfer(server.url)
        seconds = clock.monotonic() - began
    browser.close()
    assert len(answer) / 400_000 * 0.98 < seconds < len(answer) / 400_000 + LATENESS, "busy machines take longer"


@pytest.mark.parametrize("error", [StateError("no lock"), OSError("disk full"), ValueError("wrong")])
def test_what_goes_wrong_with_the_meter_is_no_fault_of_the_wire(url: str, error: Exception) -> None:
    class Broken:
        def moved(self, direction: str, count: int) -> None:
            raise error

    browser = Browser(AGENT, 5, SystemClock(), meter=Broken())
    with pytest.raises(type(error), match=str(error)) as caught:
        browser.xfer(f"{url}/plain")
    browser.close()
    assert caught.value is error


# How far it is.


def test_progress_of_both_directions(browser: Browser) -> None:
    seen: list[Progress] = []
    packed = gzip.compress(bytes(range(256)) * 400)
    body = b"a=" + b"b" * 100_000
    with talking(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed) as server:
        browser.xfer(server.url, data={"a": "b" * 100_000}, progress=seen.append)
    up = [one for one in seen if one.direction == "up"]
    down = [one for one in seen if one.direction == "down"]
    assert seen == up + down
    assert [one.done for one in up] == [min(n * 16384, len(body)) for n in range(1, 8)]
    assert {one.total for one in up} == {len(body)}
    assert down[-1] == Progress("down", len(packed), len(packed))
    assert [one.done for one in down] == sorted(one.done for one in down)


def test_progress_of_an_answer_whose_length_is_not_told(browser: Browser) -> None:
    seen: list[Progress] = []
    with talking(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n") as server:
        assert browser.xfer(server.url, progress=seen.append).body == b"abcdefg"
    assert {one.total for one in seen} == {None}
    assert [one.done for one in seen] == sorted(one.done for one in seen)


@pytest.mark.parametrize("error", [OSError("screen full"), ValueError("wrong"), KeyboardInterrupt()])
@pytest.mark.parametrize("direction", ["up", "down"])
def test_an_error_of_who_watches_passes_as_it_is(
    browser: Browser, url: str, error: BaseException, direction: str
) -> None:
    def watch(progress: Progress) -> None:
        if progress.direction == direction:
            raise error

    with pytest.raises(type(error)) as caught:
        browser.xfer(f"{url}/plain", data={"a": "b"}, progress=watch)
    assert caught.value is error
    assert browser.counters.failed == 1
    assert browser.xfer(f"{url}/plain").status == 200


# Redirects.


def test_the_limit_of_redirects_comes_from_the_settings(url: str) -> None:
    for most in (0, 2):
        Handler.seen.clear()
        browser = Browser(AGENT, 5, SystemClock(), BrowserSettings(redirects=most))
        with pytest.raises(BadReply, match=rf"more than {most} \(\[browser\] redirects\)"):
            browser.xfer(f"{url}/loop")
        browser.close()
        assert len(Handler.seen) == most + 1
        assert browser.counters.redirects == most


def test_as_many_redirects_as_allowed_are_followed(url: str) -> None:
    browser = Browser(AGENT, 5, SystemClock(), BrowserSettings(redirects=1))
    assert browser.xfer(f"{url}/redirect").status == 200
    browser.close()


# Hooks.


def test_both_functions_can_be_hooked(url: str) -> None:
    hooks = Hooks()
    browser = Browser(AGENT, 5, SystemClock(), hooks=hooks)
    seen: list[str] = []

    def watched(one: Browser, address: str, **how: object) -> object:
        seen.append(address)
        return previous(one, address, headers={"X-Hooked": "1"}, **how)

    previous = hooks.hook("Browser::xfer", watched)
    hooks.hook("Browser::download", lambda _browser, _url, _path: "instead")
    assert browser.xfer(f"{url}/plain").status == 200
    assert browser.download(url, "x") == "instead"  # type: ignore[arg-type,comparison-overlap]  # the hook takes and gives all
    browser.close()
    assert seen == [f"{url}/plain"]
    assert Handler.seen[0][2]["X-Hooked"] == "1"
