"""Every kind of login and of failure at debug level: the secrets are on the wire and in owner-only files alone."""

# pytest gives fixtures by name

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from apibot.bridge import Bridge
from apibot.composition import Handshake, build
from apibot.core.core import Core
from apibot.core.errors import ApibotError
from apibot.core.login import Answer, LoginStep
from apibot.core.schema import AccountSettings
from apibot.core.secret import Secret
from apibot.core.settings import read
from apibot.core.target import target_of
from apibot.core.vault import Vault
from apibot.sandbox import Sandbox
from tests.api.conftest import CONTACT
from tests.support.clock import FakeClock
from tests.support.oauth import Access, Provider
from tests.support.proxy import LOST_REPLY, Fault, answered, api_error

CODE = "7rue-c0de-0f-the-ph0ne"
NEW = "a-new-Passw0rd-n0b0dy-kn0ws"
WRONG = "Wr0ng-and-secret-0123456789"
SECRET_PARAMS = {"lgpassword", "lgtoken", "logintoken", "password", "retype", "token", "OATHToken", "odd"}


class Watch:
    """Collects what is shown, and what must not be."""

    def __init__(self, provider: Provider, home: Path, clock: FakeClock) -> None:
        self.provider = provider
        self.home = home
        self.shown: list[str] = []
        self.hidden: set[str] = {CODE, NEW, WRONG}
        self._clock = clock

    def open(self, account: AccountSettings, answer: Answer | None = None) -> Core:
        log = {"screen": "debug", "file": str(self.home / "log" / "bot.log"), "file_level": "debug"}
        settings, _ = read({"wiki": self.provider.api, "contact": CONTACT, "log": log})
        self.hidden |= {one.reveal() for one in vars(account).values() if isinstance(one, Secret)}
        return build(settings, target_of(settings, account), clock=self._clock, answer=answer)

    def use(self, account: AccountSettings, answer: Answer | None = None, fault: Fault | None = None) -> None:
        """Log in, edit, fetch, log out, and look at all on the way."""
        self.provider.clear()
        if fault is not None:
            left = [fault] * 40
            self.provider.schedule = lambda request, _number: (
                left.pop() if left and request.action in {"login", "clientlogin", "edit"} else None
            )
        with self.open(account, answer) as core:
            bridge = Bridge(core)
            for work in (
                core.login,
                lambda: bridge.edit("Secrets", text=f"By {account.user}.", summary="x"),
                lambda: bridge.fetch("Secrets").text,
                lambda: core.login(anew=True),
                core.logout,
            ):
                try:
                    self.shown.append(repr(work()))
                except ApibotError as error:
                    self.shown.append(told(error))
                self._look(core, bridge)
        self._note_wire()

    def _look(self, core: Core, bridge: Bridge) -> None:
        backend: Any = core.backends["api"]
        for part in (core, bridge, core.settings, core.target, core.browser, backend, backend.identity):
            self.shown += [repr(part), str(part), inside(part)]
        self.shown += [
            inside(backend.identity._entrance.call),
            repr(backend.identity._entrance),
            inside(backend.exchanger),
        ]

    def _note_wire(self) -> None:
        for request in self.provider.requests:
            self.hidden |= {value for key, value in request.params.items() if key in SECRET_PARAMS}
            headers = dict(request.headers)
            self.hidden |= {part.partition("=")[2] for part in headers.get("Cookie", "").split("; ")}
            authorization = headers.get("Authorization", "")
            for part in authorization.split(", "):
                name, _, value = part.partition("=")
                if name.removeprefix("OAuth ") in {"oauth_signature", "oauth_token"}:
                    self.hidden |= {value.strip('"'), unquote(value.strip('"'))}

    def found(self) -> list[str]:
        """Return the secrets that were shown, or are in a file that they do not belong into."""
        secrets = {one for one in self.hidden if len(one) > 6 and not one.isdecimal()}
        secrets |= {quote(one, safe="") for one in secrets}
        text = "\n".join(self.shown)
        assert "API_Exchanger" in text, "the log was looked at"
        found = [f"{one} is shown: {around(text, one)}" for one in secrets if one in text]
        for path in self.home.rglob("*"):
            if path.is_file() and path.parent.name not in {"identity", "secrets"}:
                found += [f"{one} is in {path}" for one in secrets if one in path.read_text()]
        return found


def around(text: str, secret: str) -> str:
    place = text.index(secret)
    return text[max(0, place - 200) : place + 100]


def told(error: BaseException) -> str:
    """Return all that a traceback, a log or a report of an error would show."""
    parts = ["".join(traceback.format_exception(error))]
    chain: BaseException | None = error
    while chain is not None:
        parts.append(f"{chain!s} {chain!r} {chain.args!r} {vars(chain)!r} {getattr(chain, 'request', None)!r}")
        chain = chain.__cause__ or chain.__context__
    return "\n".join(parts)


def inside(part: object) -> str:
    """Return what a debugger would show of an object."""
    return repr(getattr(part, "__dict__", None))


@pytest.fixture
def watch(
    provider: Provider,
    fresh_home: Path,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Watch]:
    """What all a test does is looked through when it is over."""
    caplog.set_level(logging.DEBUG)
    one = Watch(provider, fresh_home, clock)
    yield one
    out, err = capfd.readouterr()
    logged = [f"{record.name} {record.getMessage()} {record.args}" for record in caplog.get_records("call")]
    assert any("urllib3" in line for line in logged), "those of other libraries too"
    one.shown += [*logged, out, err]
    assert one.found() == []


def bot(wiki: Sandbox) -> AccountSettings:
    return AccountSettings(wiki.bot.user, password=wiki.bot.password)


def human(wiki: Sandbox) -> AccountSettings:
    return AccountSettings(wiki.human.user, password=wiki.human.password)


def signed(access: Access) -> AccountSettings:
    return AccountSettings(
        method="oauth1",
        consumer_key=access.consumer.key,
        consumer_secret=Secret(access.consumer.secret),
        access_token=Secret(access.key),
        access_secret=Secret(access.secret),
    )


KINDS: dict[str, Callable[[Sandbox, Provider], AccountSettings]] = {
    "bot password": lambda wiki, _provider: bot(wiki),
    "own password": lambda wiki, _provider: human(wiki),
    "oauth1": lambda _wiki, provider: signed(provider.access("Bot")),
    "oauth2": lambda _wiki, provider: AccountSettings(oauth2_token=Secret(provider.bearer("Bot"))),
    "wrong bot password": lambda wiki, _provider: AccountSettings(wiki.bot.user, password=Secret(WRONG)),
    "wrong own password": lambda wiki, _provider: AccountSettings(wiki.human.user, password=Secret(WRONG)),
    "wrong oauth1": lambda _wiki, _provider: signed(Access("Bot", consumer=_provider.consumer())),
    "wrong oauth2": lambda _wiki, _provider: AccountSettings(oauth2_token=Secret(WRONG)),
    "token of another": lambda _wiki, provider: AccountSettings("Who", oauth2_token=Secret(provider.bearer("Bot"))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_way_to_log_in(watch: Watch, apibot_wiki: Sandbox, kind: str) -> None:
    watch.use(KINDS[kind](apibot_wiki, watch.provider))


FAULTS = {
    "lost": LOST_REPLY,
    "refused": answered(403, "<html>No.</html>"),
    "busy": answered(503, "busy", {"Retry-After": "1"}),
    "moved": answered(302, "", {"Location": "/elsewhere"}),
    "nonsense": answered(200, "{"),
    "odd": answered(200, {"login": {"result": "Odd"}, "clientlogin": {"status": "ODD"}}),
    "throttled": answered(200, {"login": {"result": "Throttled", "wait": 5}}),
    "badtoken": api_error("badtoken"),
    "unknown": api_error("never_heard_of"),
    "revoked": api_error("mwoauth-invalid-authorization", "The authorization headers in your request are not valid"),
}


@pytest.mark.parametrize("kind", ["bot password", "own password", "oauth1", "oauth2"])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_failure(watch: Watch, apibot_wiki: Sandbox, kind: str, fault: str) -> None:
    watch.use(KINDS[kind](apibot_wiki, watch.provider), fault=FAULTS[fault])


def test_answers_to_steps(watch: Watch, apibot_wiki: Sandbox) -> None:
    """Also those to fields whose names no rule knows."""
    fields = {
        "OATHToken": {"type": "string", "label": "Code"},
        "password": {"type": "password", "label": "New", "sensitive": True},
        "retype": {"type": "password", "label": "New again", "sensitive": True},
        "odd": {"type": "string", "label": "Odd"},
        "odder": {"type": "hidden", "value": "hidden-but-n0t-secret"},
    }

    def answer(step: LoginStep) -> Mapping[str, str]:
        watch.shown.append(repr(step))
        return {"OATHToken": CODE, "password": NEW, "retype": NEW, "odd": f"odd-{CODE}"}

    ui = {"clientlogin": {"status": "UI", "message": "More.", "requests": [{"fields": fields}]}}
    watch.use(human(apibot_wiki), answer, answered(200, ui))
    assert any(request.params.get("odd") == f"odd-{CODE}" for request in watch.provider.requests)
    watch.use(human(apibot_wiki), None, answered(200, ui))


def test_a_handshake(watch: Watch) -> None:
    provider, consumer = watch.provider, watch.provider.consumer()
    watch.hidden.add(consumer.secret)
    with watch.open(AccountSettings()) as core:
        shake = Handshake(core, consumer.key, Secret(consumer.secret))
        for code in ("wr0ng-verifier", provider.approve(shake.address, "Human")):
            watch.hidden.add(code)
            try:
                account = shake.complete(Secret(code))
                watch.shown.append(repr(account))
                watch.use(account)
            except ApibotError as error:
                watch.shown.append(told(error))
        for key, secret in ((consumer.key, WRONG), ("nobody", WRONG)):
            with pytest.raises(ApibotError) as caught:
                Handshake(core, key, Secret(secret))
            watch.shown.append(told(caught.value))
    watch.hidden |= {leave.secret for leave in provider.leaves.values()}
    watch.hidden |= {access.secret for access in provider.accesses.values()}


def test_what_is_kept(watch: Watch, fresh_home: Path, apibot_wiki: Sandbox) -> None:
    """A vault with a secret in it that is damaged says so without it."""
    vault = Vault(fresh_home)
    account = bot(apibot_wiki)
    vault.save(watch.provider.api, account)
    watch.use(account)
    path = vault.path(watch.provider.api)
    for text in (path.read_text()[:-3], json.dumps({"api": "x", "password": WRONG})):
        path.write_text(text)
        with pytest.raises(ApibotError) as caught:
            vault.account(watch.provider.api)
        watch.shown += [told(caught.value), repr(vault)]
