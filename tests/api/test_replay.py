"""A session with a real wiki is recorded, and runs again without the wiki; no secret is in the record."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from urllib.parse import quote

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import LoginFailed, StateError
from apibot.sandbox import Sandbox
from tests.api.conftest import core_of
from tests.support.proxy import Recorded, Wire


def session(home: Path, api: str, wiki: Sandbox, settings: str, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    """Return a bridge that has only these settings and remembers nothing."""
    home.mkdir()
    (home / "apibot.toml").write_text(f"[browser]\n{settings}\n")
    monkeypatch.setenv("APIBOT_HOME", str(home))
    return Bridge(core_of(api, wiki.bot))


def script(bridge: Bridge, title: str) -> list[object]:
    """Log in, edit, read; return all that came of it."""
    made = bridge.edit(title, text="Made. Ж", summary="first")
    again = bridge.edit(title, append="\nMore.")
    page = bridge.fetch(title)
    pages = [one.title for one in bridge.allpages(limit=3)]
    return [made.revid, again.revid, page.text, page.revid, pages, bridge.info.user().name]


def test_a_session_runs_again_without_the_wiki(
    apibot_wiki: Sandbox, title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "requests.jsonl"
    with Wire(apibot_wiki.url) as wire:
        recording = session(tmp_path / "one", wire.api, apibot_wiki, f'record = "{log}"', monkeypatch)
        found = script(recording, title)
        recording.core.close()
        requests = list(wire.requests)
    replaying = session(tmp_path / "two", wire.api, apibot_wiki, f'replay = "{log}"', monkeypatch)
    assert script(replaying, title) == found
    assert "More." in str(found[2])
    assert replaying.core.browser.counters.requests == 0
    with pytest.raises(StateError, match=r"no answer to GET .*Elsewhere"):
        replaying.fetch("Elsewhere")
    replaying.core.close()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert len(text.splitlines()) == len(requests)
    for secret in secrets(requests, apibot_wiki):
        assert secret not in text
    assert {"lgpassword", "lgtoken", "token"} <= {
        name for line in text.splitlines() for name in json.loads(line)["data"] or {}
    }, "that there were secrets may be seen"


def secrets(requests: list[Recorded], wiki: Sandbox) -> set[str]:
    """Return password, tokens and cookies that went over the wire, as they are and as addresses and JSON have them."""
    found = {wiki.bot.password.reveal()}
    for request in requests:
        found |= {value for key, value in request.params.items() if key in {"token", "lgtoken", "lgpassword"}}
        cookies = [text for name, text in request.headers if name == "Cookie"]
        cookies += [
            text.partition(";")[0]
            for name, text in (request.reply.headers if request.reply else ())
            if name == "Set-Cookie"
        ]
        pairs = [part.partition("=") for text in cookies for part in text.split("; ")]
        found |= {value for name, _mark, value in pairs if not name.endswith(("UserName", "UserID"))}
    long = {one.removesuffix("+\\") for one in found if len(one) > 6}
    assert len(long) >= 4, "password, login token, edit token, session"
    return {shape for one in long for shape in (one, quote(one, safe=""), json.dumps(one)[1:-1])}


def test_a_login_that_is_refused_is_recorded_without_its_password(
    apibot_wiki: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, wrong = tmp_path / "requests.jsonl", "Wr0ng-and-secret-0123456789"
    for way in ("record", "replay"):
        home = tmp_path / way
        home.mkdir()
        (home / "apibot.toml").write_text(f'[browser]\n{way} = "{log}"\n')
        monkeypatch.setenv("APIBOT_HOME", str(home))
        with core_of(apibot_wiki.api, apibot_wiki.bot, password=wrong) as core:
            with pytest.raises(LoginFailed):
                Bridge(core).fetch("Main Page")
            assert (core.browser.counters.requests == 0) is (way == "replay")
    assert wrong not in log.read_text()


def test_the_browser_has_the_hooks_of_the_core(apibot_wiki: Sandbox) -> None:
    with core_of(apibot_wiki.api, None) as core:
        seen: list[object] = []

        def watched(*args: object, **kwargs: object) -> object:
            seen.append(args[1])
            return previous(*args, **kwargs)

        previous = core.hooks.hook("Browser::xfer", watched)
        Bridge(core).fetch("Main Page")
    assert set(seen) == {apibot_wiki.api}
