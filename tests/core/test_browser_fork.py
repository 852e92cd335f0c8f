"""A browser that lives on in a forked process."""

from __future__ import annotations

import os

from apibot.core.browser import Browser
from apibot.core.clock import SystemClock
from tests.core.wire import Handler, serving


def test_two_processes_never_share_a_connection() -> None:
    with serving() as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        browser = Browser("test (me@example.org)", 10.0, SystemClock())
        browser.xfer(f"{url}/set")
        child = os.fork()
        if child == 0:
            held = [cookie["value"] for cookie in browser.cookies()]
            texts = [browser.xfer(f"{url}/gzip").text for _ in range(5)]
            os._exit(0 if set(texts) == {"x" * 5000} and held == ["one"] else 1)
        texts = [browser.xfer(f"{url}/plain").text for _ in range(5)]
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert set(texts) == {'{"a": "Ж"}'}
        browser.close()
    assert len([one for one in Handler.seen if one[1] == "/gzip"]) >= 5
