"""Logins with a password, on a wiki that asks for more than that: a second factor, a new password, a captcha."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest

from apibot.backends.api.logins import MOST_STEPS, WAYS, seconds_in
from apibot.bridge import Bridge
from apibot.composition import StandaloneBridge, build
from apibot.core.core import Core
from apibot.core.errors import BadReply, LoginFailed
from apibot.core.login import Answer, LoginStep
from apibot.core.schema import METHODS, AccountSettings, Method
from apibot.core.secret import Secret
from apibot.core.settings import read
from apibot.core.target import target_of
from apibot.sandbox import Sandbox
from apibot.sandbox.mediawiki import HERE
from tests.api.conftest import CONTACT
from tests.api.test_retries import one_line
from tests.support.clock import FakeClock
from tests.support.proxy import Wire, answered

SETTINGS = """
$apibotFolder = '%s';
$wgPasswordAttemptThrottle = [ [ 'count' => 3, 'seconds' => 150 ] ];
if ( is_file( "$apibotFolder/captcha" ) ) {
	wfLoadExtensions( [ 'ConfirmEdit', 'ConfirmEdit/QuestyCaptcha' ] );
	$wgCaptchaTriggers['badlogin'] = true;
	$wgCaptchaBadLoginAttempts = 1;
	$wgPasswordAttemptThrottle = [];
	$wgCaptchaQuestions = [ 'Who asks?' => 'nobody' ];
}
if ( is_file( "$apibotFolder/forgetful" ) ) {
	$wgCookiePrefix = 'other'; # no session is found again
}
if ( is_file( "$apibotFolder/more" ) ) {
	wfLoadExtension( 'OATHAuth' );
	foreach ( [ 'soft' => 'suggestChangeOnLogin', 'hard' => 'forceChange' ] as $group => $flag ) {
		$wgGroupPermissions[$group]['read'] = true;
		$wgPasswordPolicy['policies'][$group] = [ 'MinimalPasswordLength' => [ 'value' => 40, $flag => true ] ];
	}
}
"""
PASSWORD = "0nly-f0r-tests-and-n0-more"
LONGER = "An0ther-passw0rd-0f-m0re-than-f0rty-characters"
SECRET = base64.b32encode(b"a shared secret 2026").decode()
GROUPS: dict[str, list[str]] = {
    "Plain": [],
    "Totp": [],
    "Wrong": [],
    "Soft": ["soft"],
    "Hard": ["hard"],
    "Both": ["hard"],
    "Throttled": [],
    "Guessed": [],
    "Asked": [],
    "Given up": [],
}
SECOND = Path(__file__).parents[1] / "support" / "second_factor.php"


@pytest.fixture(scope="module")
def php_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logins")


@pytest.fixture(scope="module")
def wiki(php_folder: Path) -> Iterator[Sandbox]:
    """A wiki with the second factor of OATHAuth; captchas while ``captcha`` is in its folder."""
    with Sandbox("logins", settings=SETTINGS % php_folder, home=php_folder) as wiki:
        rows = {name: {"password": PASSWORD, "groups": groups} for name, groups in GROUPS.items()}
        wiki.maintenance(str(HERE / "accounts.php"), input=json.dumps(rows))
        (php_folder / "more").touch()
        wiki.maintenance("update.php", "--quick")
        people = ("Totp", "Wrong", "Both", "Asked", "Given up")
        wiki.maintenance(str(SECOND), input=json.dumps(dict.fromkeys(people, SECRET)))
        yield wiki


@pytest.fixture(scope="module")
def _line(wiki: Sandbox) -> Iterator[Wire]:
    with Wire(wiki.url) as wire:
        yield wire


@pytest.fixture
def wire(_line: Wire) -> Wire:
    _line.clear()
    return _line


Enter = Callable[..., Core]


@pytest.fixture
def enter(wire: Wire, fresh_home: Path, clock: FakeClock) -> Iterator[Enter]:
    """Makes a core for a user of the wiki; its first request logs in."""
    made: list[Core] = []

    def make(user: str, answer: Answer | None = None, password: str | None = PASSWORD, **account: str) -> Core:
        settings, _ = read({"wiki": wire.api, "contact": CONTACT})
        secret = None if password is None else Secret(password)
        given = AccountSettings(user, password=secret, method="login" if "@" in user else "clientlogin")
        made.append(build(settings, target_of(settings, given), clock=clock, answer=answer))
        return made[-1]

    yield make
    for core in made:
        core.close()


def totp(window: int = 0) -> str:
    """Return the code (RFC 6238) of a window of half a minute from now; a used one is not taken again."""
    count = int(time.time()) // 30 + window
    digest = hmac.new(base64.b32decode(SECRET), struct.pack(">Q", count), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


class Answering:
    """Answers each step by the first of its fields, and keeps the steps."""

    def __init__(self, **answers: str | list[str]) -> None:
        self.answers = answers
        self.steps: list[LoginStep] = []

    def __call__(self, step: LoginStep) -> Mapping[str, str]:
        self.steps.append(step)
        told = {name: value for name, value in self.answers.items() if name in {field.name for field in step.fields}}
        return {name: value if isinstance(value, str) else value.pop(0) for name, value in told.items()}


def test_no_step_is_needed(enter: Enter, wire: Wire) -> None:
    core = enter("plain")
    assert core.login() == "Plain"
    assert [one.action for one in wire.requests] == ["query", "clientlogin", "query"]
    assert Bridge(core).info.user().name == "Plain"
    assert wire.of("login") == []


def test_a_second_factor(enter: Enter, wire: Wire) -> None:
    answer = Answering(OATHToken=totp())
    core = enter("Totp", answer)
    assert core.login() == "Totp"
    (step,) = answer.steps
    assert (step.user, step.code) == ("Totp", "oathauth-auth-ui")
    assert "two-factor" in step.message
    (field,) = step.fields
    assert (field.name, field.type, field.secret, field.optional) == ("OATHToken", "string", True, False)
    assert "recovery code" in field.label
    assert "one-time password" in field.help
    assert len(wire.of("clientlogin")) == 2
    wire.clear()
    again = Bridge(enter("Totp"))
    assert again.fetch("Main Page").exists
    assert again.info.user().name == "Totp"
    assert wire.of("clientlogin") == [], "the session was kept: nobody is asked"


def test_a_code_that_is_wrong_is_asked_for_again(enter: Enter, wire: Wire) -> None:
    answer = Answering(OATHToken=["000000", totp()])
    assert enter("Wrong", answer).login() == "Wrong"
    assert [step.code for step in answer.steps] == ["oathauth-auth-ui", "oathauth-login-failed"]
    assert "incorrect" in answer.steps[1].message.lower() or "failed" in answer.steps[1].message.lower()


def test_whoever_answers_the_same_wrong_thing_is_given_up(enter: Enter, wire: Wire) -> None:
    answer = Answering(OATHToken="000000")
    with pytest.raises(LoginFailed, match=f"still not satisfied after {MOST_STEPS} answers"):
        enter("Given up", answer).login()
    assert len(answer.steps) == MOST_STEPS
    assert len(wire.of("clientlogin")) == MOST_STEPS + 1


def test_nobody_is_there_to_answer(enter: Enter, wire: Wire) -> None:
    with pytest.raises(LoginFailed) as caught:
        Bridge(enter("Asked")).fetch("Main Page")
    text = one_line(caught.value)
    for part in ("'Asked'", "Two-factor token or recovery code", "run apibot login", "bot password"):
        assert part in text
    assert len(wire.of("clientlogin")) == 1


def test_a_step_that_has_expired(enter: Enter, wire: Wire, php_folder: Path) -> None:
    """The wiki has forgotten the login while somebody looked for the phone."""

    def slow(_step: LoginStep) -> Mapping[str, str]:
        (php_folder / "forgetful").touch()
        return {"OATHToken": totp()}

    try:
        with pytest.raises(LoginFailed, match=r"forgotten how the login began.*Log in again"):
            enter("Asked", slow).login()
    finally:
        (php_folder / "forgetful").unlink()
    assert len(wire.of("clientlogin")) == 2


def test_a_new_password_may_be_asked_for(enter: Enter) -> None:
    skip = Answering(skipReset="1")
    assert enter("Soft", skip).login() == "Soft"
    fields = {field.name: (field.type, field.secret) for field in skip.steps[0].fields}
    assert fields == {"password": ("password", True), "retype": ("password", True), "skipReset": ("button", False)}
    assert enter("Hard", Answering(password=LONGER, retype=LONGER)).login() == "Hard"
    assert enter("Hard", None, LONGER).login(anew=True) == "Hard", "it holds, and nobody is asked again"


def test_several_steps(enter: Enter, wire: Wire) -> None:
    answer = Answering(OATHToken=totp(), password=LONGER, retype=LONGER)
    assert enter("Both", answer).login() == "Both"
    assert [step.code for step in answer.steps] == ["oathauth-auth-ui", "resetpass-validity"]
    assert len(wire.of("clientlogin")) == 3


def test_a_captcha(enter: Enter, wire: Wire, php_folder: Path) -> None:
    """The wiki says "wrong password" where it is the captcha that is missing."""
    (php_folder / "captcha").touch()
    try:
        with pytest.raises(LoginFailed):
            enter("Guessed", None, "wrong").login()
        with pytest.raises(LoginFailed, match=r"it asks for: CAPTCHA .*Who asks"):
            enter("Guessed").login()
        answer = Answering(captchaWord="nobody")
        assert enter("Guessed", answer).login() == "Guessed"
        (step,) = answer.steps
        assert [field.name for field in step.fields] == ["captchaWord"]
        assert "Who asks?" in step.message
        assert wire.of("clientlogin")[-1].params["captchaId"]
        wire.clear()
        with pytest.raises(LoginFailed, match="refused the login"):
            enter("Guessed", Answering(captchaWord="somebody")).login(anew=True)
        assert len(wire.of("clientlogin")) == 2, "one captcha, one more password, and no third"
    finally:
        (php_folder / "captcha").unlink()


@pytest.mark.parametrize("user", ["Throttled", "Bot@apibot"])
def test_too_many_logins(enter: Enter, wire: Wire, clock: FakeClock, user: str, wiki: Sandbox) -> None:
    wrong = secrets.token_hex(16)
    for _ in range(3):
        with pytest.raises(LoginFailed, match=r"refused the login.*Incorrect username or password") as caught:
            enter(user, None, wrong).login()
        assert caught.value.retry_after is None
    with pytest.raises(LoginFailed, match=r"Try again in 150 s, not before") as caught:
        enter(user, None, wrong).login()
    assert caught.value.retry_after == 150
    wire.clear()
    with pytest.raises(LoginFailed, match="too many") as caught:
        enter(user, None, PASSWORD).login()
    assert caught.value.retry_after is not None
    assert 140 < caught.value.retry_after <= 150
    assert wire.requests == [], "no process asks again before that"
    clock.sleep(151)
    right = wiki.bot.password.reveal() if user == "Bot@apibot" else PASSWORD
    with pytest.raises(LoginFailed, match="Try again in"):
        enter(user, None, right).login()  # the wiki's clock is another one
    assert wire.requests


def test_an_old_wiki_throttles(enter: Enter, wire: Wire) -> None:
    wire.once("login", answered(200, {"login": {"result": "Throttled", "wait": 77}}))
    with pytest.raises(LoginFailed, match="wants 77 s without one") as caught:
        enter("Bot@apibot").login()
    assert caught.value.retry_after == 77


def test_a_refused_password_is_not_tried_with_each_request(enter: Enter, wire: Wire, clock: FakeClock) -> None:
    bridge = Bridge(enter("Bot@apibot", None, "is-wrong"))
    for _ in range(5):
        with pytest.raises(LoginFailed, match="refused the login of 'Bot@apibot'"):
            bridge.fetch("Main Page")
    assert len(wire.of("login")) == 1
    clock.sleep(301)
    with pytest.raises(LoginFailed):
        bridge.fetch("Main Page")
    assert len(wire.of("login")) == 2


@pytest.mark.parametrize(
    ("result", "error", "parts"),
    [
        (
            {"status": "REDIRECT", "redirecttarget": "https://sso.example/x?key=k3y"},
            LoginFailed,
            ["https://sso.example/x", "bot password"],
        ),
        ({"status": "RESTART", "message": "You are known."}, LoginFailed, ["You are known.", "link it in a browser"]),
        ({"status": "FAIL"}, LoginFailed, ["it does not say why"]),
        ({"status": "FAIL", "message": "No.", "messagecode": "login-throttled"}, LoginFailed, ["No."]),
        ({"status": "NEW"}, BadReply, ["Is it an api.php?"]),
        ({}, BadReply, ["Is it an api.php?"]),
        ([], BadReply, ["Is it an api.php?"]),
        (None, BadReply, ["Is it an api.php?"]),
        (
            {"status": "UI", "requests": [1, {"fields": {"a": 1, "b": {}, "c": {"type": 5}}}, {"fields": []}]},
            LoginFailed,
            ["it asks for: a, b, c"],
        ),
        ({"status": "UI", "message": 7, "requests": "x"}, LoginFailed, ["it asks for: more"]),
    ],
)
def test_what_leads_no_further(
    enter: Enter, wire: Wire, result: object, error: type[Exception], parts: list[str]
) -> None:
    wire.once("clientlogin", answered(200, {"clientlogin": result}))
    with pytest.raises(error) as caught:
        enter("Plain").login()
    assert [part for part in parts if part not in str(caught.value)] == []
    assert "k3y" not in str(caught.value)


def test_fields_of_any_kind_reach_who_answers(enter: Enter, wire: Wire) -> None:
    fields = {
        "pick": {"type": "select", "label": "Pick", "help": "One.", "options": {"a": "First", "b": "Second"}},
        "mailcode": {"type": "string", "label": "Code of the mail"},
        "sure": {"type": "checkbox", "optional": True},
        "given": {"type": "hidden", "value": "kept as it is"},
        "note": {"type": "null", "label": "Read this.", "value": "And that."},
    }
    ui = {"status": "UI", "message": "Well?", "messagecode": "x", "requests": [{"fields": fields}]}
    wire.once("clientlogin", answered(200, {"clientlogin": ui}))
    answer = Answering(pick="b", mailcode="123456")
    with pytest.raises(LoginFailed):
        enter("Plain", answer).login()  # the real wiki knows of no such step
    (step,) = answer.steps
    assert step.message == "Well? Read this. And that."
    assert [(one.name, one.type, one.secret, one.optional) for one in step.fields] == [
        ("pick", "select", False, False),
        ("mailcode", "string", True, False),
        ("sure", "checkbox", False, True),
    ]
    assert step.fields[0].options == {"a": "First", "b": "Second"}
    sent = wire.of("clientlogin")[-1].params
    assert (sent["pick"], sent["mailcode"], sent["given"], sent["logincontinue"]) == (
        "b",
        "123456",
        "kept as it is",
        "1",
    )


def test_what_is_raised_by_who_answers_goes_through(enter: Enter, wire: Wire, fresh_home: Path) -> None:
    def give_up(step: LoginStep) -> Mapping[str, str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enter("Asked", give_up).login()
    with pytest.raises(LoginFailed):  # the lock is free again
        enter("Asked").login()


def test_a_standalone_bridge_takes_who_answers(wire: Wire, fresh_home: Path) -> None:
    answer = Answering(OATHToken=totp(1))
    with StandaloneBridge(wire.api, user="Totp", password=PASSWORD, contact=CONTACT, answer=answer) as bridge:
        assert bridge.fetch("Main Page").exists
    assert len(answer.steps) == 1


def test_only_a_session_was_kept(enter: Enter, wire: Wire) -> None:
    enter("Plain").login()
    core = enter("Plain", None, None)
    assert Bridge(core).fetch("Main Page").exists
    core.logout()
    wire.clear()
    with pytest.raises(
        LoginFailed, match=r"session of 'Plain' on .* has ended, and no password was kept.*apibot login"
    ):
        Bridge(core).fetch("Main Page")
    assert wire.requests == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Please wait 5 minutes before trying again.", 300),
        ("Please wait 2 minutes and 30 seconds before", 150),
        ("wait 1 hour, 1 minute and 1 second", 3661),
        ("wait 2 days", 172800),
        ("Bitte warte.", None),
        ("", None),
    ],
)
def test_durations_in_words(text: str, seconds: float | None) -> None:
    assert seconds_in(text) == seconds


def test_each_way_to_log_in_is_known_and_can_be_gone() -> None:
    assert METHODS.keys() - {None} == WAYS.keys() == set(get_args(Method))
    for how, way in WAYS.items():
        known = METHODS[how]
        assert known.title
        assert (known.token is None) == (way.signer is None)
        assert {*known.needs, known.token} <= {*vars(AccountSettings()), None}
