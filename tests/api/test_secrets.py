"""No password, token or cookie is seen anywhere but on the wire and in the identity file."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

import logging
import stat
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest

from apibot.core.errors import ApibotError, OutcomeUnknown
from apibot.sandbox import Sandbox
from tests.api.conftest import Connect
from tests.support.people import Person
from tests.support.proxy import LOST_REQUEST, Wire, answered, api_error


def secrets(wire: Wire, wiki: Sandbox) -> list[str]:
    """Return what must not be seen: the password, and the tokens and cookies that went over the wire."""
    found = {wiki.bot.password.reveal()}
    for request in wire.requests:
        found |= {value for key, value in request.params.items() if key in {"token", "lgtoken", "lgpassword"}}
        cookies = [text for name, text in request.headers if name == "Cookie"]
        found |= {part.partition("=")[2] for text in cookies for part in text.split("; ")}
    plain = {one for one in found if len(one) > 6}
    assert len(plain) >= 4, "password, login token, edit token, session"
    return [*plain, *(quote(one, safe="") for one in plain)]


def inside(part: object) -> str:
    """Return what a debugger would show of an object."""
    names = [*getattr(part, "__dict__", ()), *getattr(part, "__slots__", ())]
    return repr({name: getattr(part, name) for name in names})


def shown(error: BaseException) -> str:
    """Return all that a traceback, a log or a report of an error would show."""
    requests = []
    chain: BaseException | None = error
    while chain is not None:
        requests.append(f"{getattr(chain, 'request', None)} {chain!r} {chain.args}")
        chain = chain.__cause__ or chain.__context__
    return "".join(traceback.format_exception(error)) + "".join(requests)


def test_no_secret_is_seen(
    connect_via: Connect,
    wire: Wire,
    apibot_wiki: Sandbox,
    fresh_home: Path,
    title: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    log_file = fresh_home / "log" / "bot.log"
    more = {kind: str(log_file.with_suffix(f".{kind}")) for kind in ("html", "json")}
    bridge = connect_via(log={"screen": "debug", "file": str(log_file), **more, "html_level": "debug"})
    seen = [repr(bridge), repr(bridge.core.settings), repr(bridge.core.target), repr(vars(bridge.core))]
    bridge.edit(title, text="Made.")
    result = bridge.edit(title, append="\nMore.")
    seen += [repr(result), repr(bridge.fetch(title)), repr(bridge.core.fence), str(bridge.core.browser.counters)]
    seen += [inside(part) for part in (bridge.core.browser, bridge.core.target, bridge.core.infostore)]
    everything = list(wire.requests)
    for fault in (
        LOST_REQUEST,
        answered(400, "<html>No.</html>"),
        api_error("badtoken"),
        api_error("unknown_thing"),
        api_error("blocked"),
        answered(302, "", {"Location": "/elsewhere"}),
    ):
        wire.clear()
        wire.schedule = lambda request, _number, fault=fault: fault if request.action == "edit" else None  # type: ignore[misc]  # bound early
        with pytest.raises(ApibotError) as caught:
            bridge.edit(title, text="Other.", summary="Sum")
        seen.append(shown(caught.value))
        everything += wire.requests
    wire.requests = everything
    bridge.close()
    output = capsys.readouterr()
    seen += [caplog.text, output.out, output.err, log_file.read_text()]
    hidden = secrets(wire, apibot_wiki)
    assert "API_Exchanger" in output.err
    assert "lgpassword" in output.err, "that there was one may be seen"
    for text in seen:
        for secret in hidden:
            assert secret not in text
    for path in fresh_home.rglob("*"):
        if path.is_file() and path.parent.name != "identity":
            text = path.read_text()
            assert not [secret for secret in hidden if secret in text], path
    identity = [path for path in fresh_home.glob("identity/*") if path.is_file()]
    assert identity
    for path in identity:
        assert apibot_wiki.bot.password.reveal() not in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((fresh_home / "identity").stat().st_mode) & 0o077 == 0


def test_a_password_of_a_failed_login_is_not_seen(
    connect_via: Connect, wire: Wire, fresh_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "Wr0ng-and-secret-0123456789"
    faults = [
        None,
        answered(403, "<html>No.</html>"),
        api_error("badlogin"),
        answered(200, {"login": {"result": "Failed"}}),
    ]
    for fault in faults:
        wire.clear()
        if fault:
            wire.once("login", fault)
        with pytest.raises(ApibotError) as caught:
            connect_via(password=wrong).fetch("Main Page")
        assert wrong not in shown(caught.value)
        assert wire.of("login")[0].params["lgpassword"] == wrong
        assert wire.of("login")[0].method == "POST"
        assert "lgpassword" not in wire.of("login")[0].target
    assert wrong not in caplog.text


def test_the_page_text_in_an_error_is_cut(connect_via: Connect, wire: Wire, title: str, human: Person) -> None:
    bridge = connect_via()
    wire.once("edit", LOST_REQUEST)
    with pytest.raises(OutcomeUnknown) as caught:
        bridge.edit(title, text="x" * 5000)
    assert len(str(caught.value)) < 600
    assert caught.value.request is not None
    assert len(caught.value.request["text"]) < 300


def test_files_are_for_the_owner_alone(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    connect_via().fetch("Main Page")
    files = [path for path in fresh_home.rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {"identity", "info"}
    assert [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert not [path.name for path in files if path.name.startswith(".")], "nothing half-written is left"
