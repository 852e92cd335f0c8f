"""No password, token or cookie is seen anywhere but on the wire and in the identity file."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

import json
import logging
import stat
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from apibot.core.errors import ApibotError, OutcomeUnknown
from apibot.sandbox import Sandbox
from tests.api.conftest import Connect
from tests.support.people import Person
from tests.support.proxy import LOST_REQUEST, Fault, Recorded, Wire, answered, api_error


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


# A wiki that repeats what it was sent.


def cookies_of(request: Recorded) -> list[str]:
    sent = [text for name, text in request.headers if name == "Cookie"]
    pairs = [part.partition("=") for text in sent for part in text.split("; ")]
    return [value for name, _mark, value in pairs if not name.endswith(("UserName", "UserID"))]


def echoed(request: Recorded, password: str | None) -> list[str]:
    """Return the secrets that a request brought to the wiki, and the password, in all forms."""
    named = [value for key, value in request.params.items() if key in {"token", "lgtoken", "lgpassword"}]
    plain = [one.removesuffix("+\\") for one in (*named, *cookies_of(request), password or "") if len(one) > 8]
    return list(dict.fromkeys(form for one in plain for form in (one, quote_plus(one), json.dumps(one)[1:-1])))


ECHOES: dict[str, Callable[[str], Fault]] = {
    "error": lambda said: api_error("odd-error", said),
    "code": lambda said: api_error(said, "The code is odd."),
    "data": lambda said: answered(200, {"errors": [{"code": "odd", "text": "Odd.", "data": {said: [said]}}]}),
    "old error": lambda said: answered(200, {"error": {"code": "odd", "info": f"{'x' * 280} {said}"}}),
    "token": lambda said: api_error("badtoken", said),
    "failure": lambda said: answered(200, {"edit": {"result": "Failure", "why": {said: said}}}),
    "redirect": lambda said: answered(302, "", {"Location": f"/w?{quote(said, safe='%,')}"}),
    "warning": lambda said: answered(200, {"warnings": [{"module": "main", "code": "odd", "text": said}]}),
    "html": lambda said: answered(500, f"<pre>{said}</pre>"),
    "login": lambda said: answered(200, {"login": {"result": "Failed", "reason": {"code": "odd", "text": said}}}),
    "old login": lambda said: answered(200, {"login": {"result": "Failed", "reason": said}}),
}


@pytest.mark.parametrize("kind", ECHOES)
@pytest.mark.parametrize("action", ["edit", "login"])
def test_what_a_wiki_repeats_is_hidden(
    connect_via: Connect,
    wire: Wire,
    apibot_wiki: Sandbox,
    fresh_home: Path,
    capfd: pytest.CaptureFixture[str],
    kind: str,
    action: str,
) -> None:
    record = fresh_home / "record.jsonl"
    (fresh_home / "apibot.toml").write_text(f"[browser]\nrecord = '{record}'\n[retry]\nbudget = 0\n")
    log = {"screen": "debug", **{key: str(fresh_home / f"log.{key}") for key in ("file", "html", "json")}}
    password = 'pä"ss wörd+123' if action == "login" else apibot_wiki.bot.password.reveal()
    bridge = connect_via(log=log, password=password)
    hidden: set[str] = set()

    def echo(request: Recorded, _number: int) -> Fault | None:
        if request.action != action:
            return None
        found = echoed(request, password)
        hidden.update(found)
        return ECHOES[kind](", ".join(found))

    wire.schedule = echo
    with pytest.raises(ApibotError) as caught:
        bridge.edit("Echo", text="Text.")
    bridge.close()
    assert len(hidden) >= 3, "the token, the session and the password"
    texts = [shown(caught.value), repr(vars(caught.value)), *capfd.readouterr()]
    files = [path for path in fresh_home.rglob("*") if path.is_file() and path.parent.name != "identity"]
    texts += [path.read_text() for path in files]
    assert {"record.jsonl", "log.file", "log.html", "log.json"} <= {path.name for path in files}
    assert "***" in record.read_text()
    for text in texts:
        assert not [secret for secret in hidden if secret in text]


def test_a_token_that_was_never_sent_is_hidden_too(connect_via: Connect, wire: Wire, title: str) -> None:
    bridge = connect_via()
    bridge.core.login(anew=True)
    tokens = next(one.answer["query"]["tokens"] for one in wire.requests if one.params.get("type", "").count("|"))
    said = [value.removesuffix("+\\") for value in tokens.values()]
    wire.schedule = lambda _request, _number: api_error("odd-error", f"wanted: {said}")
    with pytest.raises(ApibotError, match=r"wanted: .*\*\*\*") as caught:
        bridge.fetch(title)
    assert len(said) >= 4
    assert not [value for value in said if value in shown(caught.value)]


def test_a_session_that_was_taken_up_is_hidden_too(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    connect_via().fetch("Main Page")
    wire.clear()
    wire.schedule = lambda request, _number: api_error("odd-error", " ".join(cookies_of(request)))
    with pytest.raises(ApibotError, match="odd-error") as caught:
        connect_via().fetch("Main Page")
    assert list(fresh_home.glob("identity/*.json"))
    assert wire.of("login") == []
    sent = [value for value in cookies_of(wire.requests[-1]) if len(value) > 8]
    assert sent
    assert not [value for value in sent if value in shown(caught.value)]
    assert "***" in str(caught.value)
