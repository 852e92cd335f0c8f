"""OAuth: signed requests and bearer tokens, against a wiki that checks them.

Where the environment names a wiki with Extension:OAuth, the tests of the contract run there, otherwise against the
provider of tests/support/oauth.py before a real wiki:

``APIBOT_TEST_OAUTH_WIKI``      address of its api.php
``APIBOT_TEST_OAUTH_USER``      the user whose tokens these are; may edit, may not delete pages
``APIBOT_TEST_OAUTH_CONSUMER``  consumer key, consumer secret, access token and access secret, blanks between
``APIBOT_TEST_OAUTH_TOKEN``     access token of OAuth 2
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
import requests

from apibot.backends.api import oauth as oauth_module
from apibot.bridge import Bridge
from apibot.composition import Handshake, Listener, build, connect
from apibot.core.browser import Prepared
from apibot.core.clock import SystemClock
from apibot.core.core import Core
from apibot.core.errors import ApibotError, BadParameter, LoginFailed, SettingsError, TimedOut
from apibot.core.schema import AccountSettings
from apibot.core.secret import Secret
from apibot.core.settings import read
from apibot.core.target import Target, target_of
from apibot.sandbox import Sandbox
from tests.api.conftest import CONTACT
from tests.support.clock import FakeClock
from tests.support.oauth import Access, Provider
from tests.support.people import Person
from tests.support.proxy import IDLE_CLOSED, LOST_REPLY, answered, held


@dataclass(frozen=True)
class OAuthWiki:
    """A wiki with OAuth, and what lets in there."""

    api: str
    user: str
    accounts: dict[str, AccountSettings]
    """By way to log in; none of them names the user."""


Open = Callable[..., Core]


def owner_only(access: Access) -> AccountSettings:
    consumer = access.consumer
    return AccountSettings(
        method="oauth1",
        consumer_key=consumer.key,
        consumer_secret=Secret(consumer.secret),
        access_token=Secret(access.key),
        access_secret=Secret(access.secret),
    )


def bearer(token: str) -> AccountSettings:
    return AccountSettings(method="oauth2", oauth2_token=Secret(token))


@pytest.fixture
def oauth(provider: Provider) -> OAuthWiki:
    """The wiki that the environment names, else the stand-in."""
    given = {name: os.environ.get(f"APIBOT_TEST_OAUTH_{name}", "") for name in ("WIKI", "USER", "CONSUMER", "TOKEN")}
    if given["WIKI"]:
        key, secret, token, token_secret = given["CONSUMER"].split()
        one = AccountSettings(
            method="oauth1",
            consumer_key=key,
            consumer_secret=Secret(secret),
            access_token=Secret(token),
            access_secret=Secret(token_secret),
        )
        return OAuthWiki(given["WIKI"], given["USER"], {"oauth1": one, "oauth2": bearer(given["TOKEN"])})
    accounts = {"oauth1": owner_only(provider.access("Bot")), "oauth2": bearer(provider.bearer("Bot"))}
    return OAuthWiki(provider.api, "Bot", accounts)


@pytest.fixture
def open_as(fresh_home: Path, clock: FakeClock) -> Iterator[Open]:
    made: list[Core] = []

    def make(api: str, account: AccountSettings, **call: object) -> Core:
        settings, _ = read({"wiki": api, "contact": CONTACT, **call})
        made.append(build(settings, target_of(settings, account), clock=clock))
        return made[-1]

    yield make
    for core in made:
        core.close()


WAYS = pytest.mark.parametrize("way", ["oauth1", "oauth2"])

# The contract.


@WAYS
def test_pages_are_read_and_written(oauth: OAuthWiki, open_as: Open, way: str, title: str) -> None:
    bridge = Bridge(open_as(oauth.api, oauth.accounts[way]))
    text = "Ünïcode & = + % ~ * ' \"\n\n[[Ссылка|链接]] 🙂\n" + "x" * 5000
    assert bridge.edit(title, text=text, summary="a b&c=d +e").changed
    assert bridge.fetch(title).text == text.rstrip()
    assert bridge.info.user().name == oauth.user
    assert bridge.core.login() == oauth.user
    assert not [row for row in bridge.allpages(namespace=0, limit=3) if not row.title]


@WAYS
def test_whose_token_it_is_is_asked_once(oauth: OAuthWiki, open_as: Open, way: str, provider: Provider) -> None:
    account = oauth.accounts[way]
    assert open_as(oauth.api, account).login() == oauth.user
    core = open_as(oauth.api, account)
    assert core.login() == oauth.user
    assert core.browser.counters.requests == 0


@WAYS
def test_a_token_of_somebody_else(oauth: OAuthWiki, open_as: Open, way: str) -> None:
    account = oauth.accounts[way]
    assert open_as(oauth.api, replace(account, user=oauth.user[:1].lower() + oauth.user[1:])).login() == oauth.user
    for again in (False, True):
        with pytest.raises(LoginFailed, match=f"the token is that of '{oauth.user}'") as caught:
            open_as(oauth.api, replace(account, user="Somebody")).login(anew=again)
        assert "'Somebody'" in str(caught.value)


@pytest.mark.parametrize(
    ("way", "changes"),
    [
        ("oauth1", {"consumer_key": "0" * 32}),
        ("oauth1", {"consumer_secret": Secret("0" * 40)}),
        ("oauth1", {"access_token": Secret("0" * 32)}),
        ("oauth1", {"access_secret": Secret("0" * 40)}),
        ("oauth2", {"oauth2_token": Secret("0" * 400)}),
    ],
)
def test_a_wrong_token(oauth: OAuthWiki, open_as: Open, way: str, changes: dict[str, Any]) -> None:
    core = open_as(oauth.api, replace(oauth.accounts[way], **changes))
    with pytest.raises(LoginFailed, match=r"refused the login.*apibot login"):
        Bridge(core).fetch("Main Page")
    asked = core.browser.counters.requests
    assert asked == 1
    with pytest.raises(LoginFailed, match="refused the login"):
        Bridge(core).fetch("Main Page")
    assert core.browser.counters.requests == asked, "not asked again at once"


def test_a_wiki_without_oauth(apibot_wiki: Sandbox, open_as: Open) -> None:
    with pytest.raises(LoginFailed, match="does not know the token"):
        open_as(apibot_wiki.api, bearer("0" * 400)).login()


# What the stand-in shows.


def test_a_token_in_the_call(provider: Provider, fresh_home: Path) -> None:
    with connect(provider.api, oauth2_token=provider.bearer("Bot"), contact=CONTACT) as core:
        assert core.login() == "Bot"


def test_each_try_is_signed_anew(provider: Provider, open_as: Open, title: str, sysop: Person) -> None:
    """A request whose reply was lost, or whose connection was closed, is another one to the wiki."""
    bridge = Bridge(open_as(provider.api, owner_only(provider.access("Bot"))))
    bridge.edit(title, text="One.")
    provider.clear()
    provider.once("query", LOST_REPLY, IDLE_CLOSED, answered(503, "busy"))
    assert bridge.fetch(title).text == "One."
    nonces = [dict(one.headers)["Authorization"].partition('oauth_nonce="')[2][:20] for one in provider.requests]
    assert len(nonces) == len(set(nonces)) == 4
    assert sysop.texts(title) == ["One."]


def test_a_nonce_that_was_used_is_refused(provider: Provider, open_as: Open) -> None:
    """So the stand-in can tell a copy."""
    Bridge(open_as(provider.api, owner_only(provider.access("Bot")))).fetch("Main Page")
    copy = provider.requests[-1]
    answer = json_of(provider, copy.method, copy.target, dict(copy.headers))
    assert b"mwoauth-invalid-authorization" in answer
    assert b"Nonce already used: " in answer


def json_of(provider: Provider, method: str, target: str, headers: dict[str, str]) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(provider.url).netloc, timeout=30)
    headers.pop("Content-Length", None)
    connection.request(method, target, headers=headers)
    answer = connection.getresponse().read()
    connection.close()
    return answer


def test_a_clock_that_is_wrong(provider: Provider, open_as: Open) -> None:
    provider.skew = 3600
    with pytest.raises(LoginFailed, match=r"Expired timestamp.*clock wrong"):
        open_as(provider.api, owner_only(provider.access("Bot"))).login()


def test_the_signature_is_right(provider: Provider, open_as: Open, title: str) -> None:
    """As RFC 5849 has it, reckoned without oauthlib, which signs and checks above."""
    access = provider.access("Bot")
    Bridge(open_as(provider.api, owner_only(access))).edit(title, text="a b+c&d=e%20 ~ é\n", summary="x")
    request = provider.of("edit")[0]
    header = dict(request.headers)["Authorization"].removeprefix("OAuth ")
    given = {key: unquote(value.strip('"')) for key, value in (part.split("=", 1) for part in header.split(", "))}
    signature = given.pop("oauth_signature")
    pairs = [*given.items(), *parse_qsl(request.body.decode(), keep_blank_values=True)]
    base = "&".join(
        quote(part, safe="~")
        for part in (request.method, provider.api, "&".join(f"{key}={value}" for key, value in encoded(pairs)))
    )
    key = f"{access.consumer.secret}&{access.secret}".encode()
    assert base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode() == signature


def encoded(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((quote(key, safe="~"), quote(value, safe="~")) for key, value in pairs)


def prepared(url: str) -> Prepared:
    """Return a request just before it is signed."""
    return cast("Prepared", requests.Request("POST", url, data={"a": "b"}).prepare())


def test_an_upload_is_signed_by_its_header_alone(provider: Provider, open_as: Open) -> None:
    account = owner_only(provider.access("Bot"))
    core = open_as(provider.api, account)
    sign = auth_of(core)
    token = requests.post(provider.api, data=CSRF, auth=sign, timeout=30).json()["query"]["tokens"]["csrftoken"]  # type: ignore[arg-type]  # a callable is enough
    data = {"action": "edit", "title": "Multipart", "text": "By parts.", "token": token, "format": "json"}
    reply = requests.post(provider.api, data=data, files={"none": b"some bytes"}, auth=sign, timeout=30)  # type: ignore[arg-type]  # as above
    assert reply.json()["edit"]["result"] == "Success", reply.text
    assert provider.requests[-1].body.startswith(b"--")
    assert dict(provider.requests[-1].headers)["Content-Type"].startswith("multipart/form-data; boundary=")


CSRF = {"action": "query", "meta": "tokens", "format": "json"}


def auth_of(core: Core) -> Callable[[Prepared], Prepared]:
    auth = core.backends["api"].exchanger.identity.auth()  # type: ignore[attr-defined]  # behind the scenes
    assert auth is not None
    return auth  # type: ignore[no-any-return]  # as above


@WAYS
@pytest.mark.parametrize(
    "address",
    [
        "https://PLACE/api.php",
        "http://evil.example/api.php",
        "http://PLACE/api.php/x",
        "http://PLACE/index.php",
        "http://HOST:1/api.php",
        "http://HOST/api.php",
        "http://HOST.evil.example/api.php",
        "http://evil.example/http://PLACE/api.php",
    ],
)
def test_a_token_goes_to_its_api_alone(oauth: OAuthWiki, open_as: Open, way: str, address: str) -> None:
    sign = auth_of(open_as(oauth.api, oauth.accounts[way]))
    assert sign(prepared(f"{oauth.api}?action=query")).headers["Authorization"]
    place = urlsplit(oauth.api)
    wrong = prepared(address.replace("PLACE", place.netloc).replace("HOST", str(place.hostname)))
    with pytest.raises(SettingsError, match="is sent to no other address"):
        sign(wrong)
    assert "Authorization" not in wrong.headers


@pytest.mark.parametrize(
    "api",
    [
        "https://WIKI.Example.org/w/api.php",
        "https://вики.example/w/api.php",
        "https://xn--b1amarcd.example/w/api.php",
        "https://wiki.example:8443/вики/api.php",
        "http://[::1]:8080/a b/api.php",
    ],
)
def test_an_address_may_be_written_in_several_ways(api: str) -> None:
    """What the browser makes of it is the same address."""
    target = Target(api, "x", account=bearer("t"))
    assert oauth_module.bearer(target)(prepared(f"{api}?a=b")).headers["Authorization"] == "Bearer t"
    with pytest.raises(SettingsError):
        oauth_module.bearer(target)(prepared(api.replace("api.php", "index.php")))


def test_a_token_does_not_follow_a_redirect_and_is_not_sent_by_xfer(provider: Provider, open_as: Open) -> None:
    core = open_as(provider.api, bearer(provider.bearer("Bot")))
    provider.once("query", answered(302, "", {"Location": f"{provider.url}/elsewhere"}))
    with pytest.raises(ApibotError):
        core.login()
    Bridge(core).xfer(f"{provider.url}/index.php")
    assert [(one.path, "Authorization" in dict(one.headers)) for one in provider.requests] == [
        ("/api.php", True),
        ("/index.php", False),
    ]


@WAYS
def test_there_is_no_log_in_again(provider: Provider, open_as: Open, way: str) -> None:
    """A token that is revoked ends the work, and the name that was remembered is asked for again."""
    accounts = {"oauth1": owner_only(provider.access("Bot")), "oauth2": bearer(provider.bearer("Bot"))}
    bridge = Bridge(open_as(provider.api, accounts[way]))
    bridge.fetch("Main Page")
    provider.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "accesses", {})
        patch.setattr(provider, "bearers", {})
        with pytest.raises(ApibotError, match="The authorization headers"):
            bridge.fetch("Other")
    assert 1 <= len(provider.requests) <= 2
    assert provider.of("login") == provider.of("clientlogin") == []
    identity = bridge.core.backends["api"].exchanger.identity  # type: ignore[attr-defined]  # behind the scenes
    assert not identity.renew(identity.generation)
    assert bridge.core.infostore.read("identity") == {}
    assert bridge.core.login() == "Bot"


def test_several_tokens_of_one_wiki_in_one_process(provider: Provider, open_as: Open, title: str) -> None:
    accounts = [
        owner_only(provider.access("Bot")),
        bearer(provider.bearer("Human")),
        bearer(provider.bearer("Sysop")),
        AccountSettings(),
    ]
    bridges = [Bridge(open_as(provider.api, account)) for account in accounts]

    def work(number: int) -> list[str]:
        bridge = bridges[number % 4]
        return [str(bridge.by_name("meta", "userinfo").first()["name"]) for _ in range(3)]  # type: ignore[index]  # there is one

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(work, range(16)))
    assert seen == [["Bot"] * 3, ["Human"] * 3, ["Sysop"] * 3, ["127.0.0.1"] * 3] * 4
    names = [bridge.info.user().name for bridge in bridges]
    assert names == ["Bot", "Human", "Sysop", "127.0.0.1"], "what is cached is each account's own"


def test_a_name_in_another_script_can_still_be_signed_for(provider: Provider, open_as: Open) -> None:
    core = open_as(provider.api, owner_only(provider.access("Bot")), contact="Боб <bob@example.org>")
    assert core.login() == "Bot"
    agent = dict(provider.requests[-1].headers)["User-Agent"]
    assert "Боб" in agent.encode("latin-1").decode()


# The three legs.


@pytest.fixture
def stranger(provider: Provider, open_as: Open) -> Core:
    return open_as(provider.api, AccountSettings())


def test_three_legs_with_a_code(provider: Provider, stranger: Core, open_as: Open, title: str) -> None:
    consumer = provider.consumer()
    shake = Handshake(stranger, consumer.key, Secret(consumer.secret))
    assert shake.address.startswith(f"{provider.url}/index.php?title=Special%3AOAuth%2Fauthenticate&oauth_token=")
    code = provider.approve(shake.address, "Human")
    account = shake.complete(Secret(f" {code}\n"))
    bridge = Bridge(open_as(provider.api, account))
    bridge.edit(title, text="By three legs.")
    assert bridge.info.user().name == "Human"
    legs = [one for one in provider.requests if one.path == "/index.php"]
    assert [one.params["title"] for one in legs] == ["Special:OAuth/initiate", "Special:OAuth/token"]
    agent = stranger.browser.user_agent
    assert [dict(one.headers)["User-Agent"] for one in legs] == [agent, agent]
    assert CONTACT in agent
    with pytest.raises(LoginFailed, match="refused the handshake"):
        shake.complete(Secret(code))


def test_three_legs_with_a_listener(provider: Provider, stranger: Core, clock: FakeClock) -> None:
    listener = Listener()
    try:
        assert urlsplit(listener.address).hostname == "127.0.0.1"
        consumer = provider.consumer(listener.address)
        shake = Handshake(stranger, consumer.key, Secret(consumer.secret), listener.address)
        back = urlsplit(provider.approve(shake.address, "Human"))
        got: list[int] = []

        def browse() -> None:
            for query in ("", "oauth_verifier=evil&oauth_token=another", back.query):
                connection = http.client.HTTPConnection(back.netloc, timeout=30)
                connection.request("GET", f"/?{query}")
                got.append(connection.getresponse().status)
                connection.close()

        browser = threading.Thread(target=browse)
        browser.start()
        verifier = listener.wait(shake.token, SystemClock().monotonic, 30)
        browser.join()
        assert got == [404, 200, 200]
        account = shake.complete(verifier)
        assert account.access_token is not None
        assert provider.accesses[account.access_token.reveal()].user == "Human"
        with pytest.raises(BadParameter, match="can not be listened on"):
            Listener(urlsplit(listener.address).port or 0)
        times = iter([0.0, 0.0, 100.0])
        with pytest.raises(LoginFailed, match="Nobody came back from the wiki within 0 s"):
            listener.wait("none", lambda: next(times), 0.01)
    finally:
        listener.close()


def test_a_handshake_that_is_refused(provider: Provider, stranger: Core) -> None:
    consumer = provider.consumer("https://elsewhere.example/")
    secret = "5ecret-of-the-consumer"
    for key, callback in ((consumer.key, "oob"), (consumer.key, consumer.callback), ("0" * 32, "oob")):
        with pytest.raises(LoginFailed, match="refused the handshake of OAuth") as caught:
            Handshake(stranger, key, Secret(secret), callback)
        assert secret not in repr(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    right = provider.consumer()
    shake = Handshake(stranger, right.key, Secret(right.secret))
    with pytest.raises(LoginFailed, match="verifier fresh"):
        shake.complete(Secret("wrong"))


def test_a_handshake_that_hangs(provider: Provider, open_as: Open) -> None:
    core = open_as(provider.api, AccountSettings(), timeout=0.3)
    core.info.general()
    release = threading.Event()
    provider.schedule = lambda request, _number: held(release) if request.path == "/index.php" else None
    try:
        with pytest.raises(TimedOut, match="no answer in time"):
            Handshake(core, "0" * 32, Secret("x"))
    finally:
        release.set()
