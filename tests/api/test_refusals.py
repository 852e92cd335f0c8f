"""What a real wiki refuses, and asks to wait for: its settings and extensions are made to say it."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from apibot.bridge import Bridge
from apibot.core import errors
from apibot.sandbox import Sandbox
from tests.api.conftest import Connect
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import Wire

EXTENSIONS = Path("/usr/share/mediawiki/extensions")
SETTINGS = r"""
$apibotSwitches = %(folder)s;
$apibotSwitch = static function ( $name ) use ( $apibotSwitches ) {
	return is_file( "$apibotSwitches/$name" ) ? trim( file_get_contents( "$apibotSwitches/$name" ) ) : null;
};
wfLoadExtensions( [ 'SpamBlacklist', 'TitleBlacklist', 'ConfirmEdit', 'ConfirmEdit/QuestyCaptcha' ] );
if ( is_file( "$apibotSwitches/../filters" ) ) { # once its tables are there
	wfLoadExtension( 'AbuseFilter' );
}
$wgRateLimits = json_decode( $apibotSwitch( 'limits' ) ?? '[]', true );
$wgReadOnly = $apibotSwitch( 'readonly' );
$wgCaptchaQuestions = [ 'What?' => 'That.' ];
$wgCaptchaTriggers['edit'] = $apibotSwitch( 'captcha' ) !== null;
$wgCaptchaTriggers['addurl'] = false;
$wgBlacklistSettings = [ 'spam' => [ 'files' => [ "$apibotSwitches/../spam.txt" ] ] ];
$wgTitleBlacklistSources = [ [ 'type' => 'file', 'src' => "$apibotSwitches/../titles.txt" ] ];
$wgNamespaceProtection[NS_HELP] = [ 'editinterface' ];
$wgMaxArticleSize = 100; # kB
if ( $apibotSwitch( 'nobody' ) !== null ) {
	$wgGroupPermissions['*']['edit'] = $wgGroupPermissions['user']['edit'] = false;
}
$wgHooks['ApiMaxLagInfo'][] = static function ( &$info ) use ( $apibotSwitch, $apibotSwitches ) {
	$lag = $apibotSwitch( 'lag' );
	if ( $lag !== null ) {
		unlink( "$apibotSwitches/lag" ); # the next one finds no lag
		$info = json_decode( $lag, true ) + $info;
	}
};
"""
"""PHP lines: most of it is said only while a file of that name is in a folder."""
FILTERS = r"""
INSERT INTO abuse_filter (af_pattern, af_user, af_user_text, af_timestamp, af_public_comments, af_actions)
VALUES ('added_lines contains "naughty"', 1, 'Sysop', '20200101000000', 'Naughty', 'disallow'),
    ('added_lines contains "doubtful"', 1, 'Sysop', '20200101000000', 'Doubtful', 'warn');
INSERT INTO abuse_filter_action (afa_filter, afa_consequence, afa_parameters)
VALUES (1, 'disallow', 'abusefilter-disallowed'), (2, 'warn', 'abusefilter-warning');
"""


class Strict(NamedTuple):
    """A wiki that refuses much."""

    wiki: Sandbox
    wire: Wire
    switches: Path
    sysop: Person

    def do(self, action: str, **params: object) -> Any:
        return self.sysop.do(action, **params)


@pytest.fixture(scope="module")
def _strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strict]:
    folder = tmp_path_factory.mktemp("strict")
    switches = folder / "switches"
    switches.mkdir()
    (folder / "spam.txt").write_text("spam\\.example\\.org\n")
    (folder / "titles.txt").write_text("Forbidden .*\n")
    tables = (EXTENSIONS / "AbuseFilter/db_patches/sqlite/tables-generated.sql").read_text()
    (folder / "filters.sql").write_text(tables + FILTERS)
    settings = SETTINGS % {"folder": f"'{switches}'"}
    with Sandbox("strict", settings=settings, home=folder) as wiki, Wire(wiki.url) as wire:
        wiki.maintenance("sql.php", str(folder / "filters.sql"))
        (folder / "filters").touch()
        yield Strict(wiki, wire, switches, Person(wiki.api, wiki.sysop.user, wiki.sysop.password.reveal()))


@pytest.fixture
def strict(_strict: Strict) -> Iterator[Strict]:
    """The wiki, with all switches off and nobody blocked."""
    _strict.wire.clear()
    yield _strict
    _strict.wire.clear()
    for path in _strict.switches.iterdir():
        path.unlink()
    for block in _strict.sysop.ask(list="blocks", bkprop="id")["blocks"]:
        _strict.do("unblock", id=block["id"])


@pytest.fixture
def plain(strict: Strict, connect_via: Connect) -> Bridge:
    """A bridge of an account without any group, warmed up."""
    bridge = connect_via("human", wire=strict.wire, wiki=strict.wiki, log={"screen": "info"})
    bridge.fetch("Main Page")
    bridge.core.info.module("edit")
    return bridge


class Refusal(NamedTuple):
    """How the wiki is made to refuse an edit, and what it must lead to."""

    prepare: Callable[[Strict, str], object]
    error: type[errors.WikiError]
    code: str
    title: str = "{}"
    """With the test's own title for the braces."""
    text: str = "New text."
    exists: bool = True
    """Whether the page is there before."""
    more: dict[str, Any] = {}  # noqa: RUF012  # never changed
    """Further fields of the edit."""


def nothing(_strict: Strict, _title: str) -> None:
    """Leave it to the wiki's settings."""


def switch(name: str, text: str = "") -> Callable[[Strict, str], object]:
    return lambda strict, _title: (strict.switches / name).write_text(text)


def block(**how: object) -> Callable[[Strict, str], object]:
    return lambda strict, _title: strict.do("block", user="Human", reason="Test", **how)


def block_page(strict: Strict, title: str) -> None:
    strict.do("block", user="Human", reason="Test", partial=1, pagerestrictions=title, allowusertalk=1)


def block_address(strict: Strict, title: str) -> None:
    """Block the bot so that its address is blocked as well, from where the human edits."""
    strict.do("block", user="Bot", reason="Test", autoblock=1)
    account = strict.wiki.bot
    bot = Person(strict.wiki.api, account.user, account.password.reveal())
    assert bot.call(action="edit", title=title, text="x", token=bot._token)["error"]["code"] == "blocked"


def protect(level: str, **how: object) -> Callable[[Strict, str], object]:
    return lambda strict, title: strict.do("protect", title=title, protections=level, **how)


def protect_below(strict: Strict, title: str) -> None:
    strict.sysop.save(f"{title} above", f"{{{{:{title}}}}}")
    strict.do("protect", title=f"{title} above", protections="edit=sysop", cascade=1)


def vanish(strict: Strict, title: str) -> None:
    strict.wire.before("edit", lambda: strict.do("delete", title=title))


def appear(strict: Strict, title: str) -> None:
    strict.wire.before("edit", lambda: strict.sysop.save(title, "Faster."))


def overtake(strict: Strict, title: str) -> None:
    strict.wire.before("edit", lambda: strict.sysop.save(title, "Faster."))


REFUSALS = {
    "blocked": Refusal(block(), errors.Blocked, "blocked"),
    "blocked from a page": Refusal(block_page, errors.Blocked, "blocked"),
    "autoblocked": Refusal(block_address, errors.Blocked, "autoblocked"),
    "filtered": Refusal(nothing, errors.ContentRefused, "abusefilter-disallowed", text="How naughty."),
    "warned": Refusal(nothing, errors.ContentRefused, "abusefilter-warning", text="How doubtful."),
    "spam": Refusal(nothing, errors.ContentRefused, "spamblacklist", text="See http://spam.example.org/x now."),
    "title": Refusal(nothing, errors.ContentRefused, "titleblacklist-forbidden", "Forbidden {}", exists=False),
    "too long": Refusal(nothing, errors.ContentRefused, "contenttoobig", text="Long. " * 20_000),
    "captcha": Refusal(switch("captcha"), errors.CaptchaNeeded, "captcha"),
    "protected": Refusal(protect("edit=sysop"), errors.Protected, "protectedpage"),
    "protected title": Refusal(protect("create=sysop"), errors.Protected, "protectedpage", exists=False),
    "protected above": Refusal(protect_below, errors.Protected, "cascadeprotected"),
    "interface": Refusal(nothing, errors.Protected, "protectednamespace-interface", "MediaWiki:{}", exists=False),
    "namespace": Refusal(nothing, errors.Protected, "protectednamespace", "Help:{}", exists=False),
    "somebody's css": Refusal(nothing, errors.Protected, "customcssprotected", "User:Sysop/{}.css", exists=False),
    "tags": Refusal(nothing, errors.PermissionDenied, "badtags", more={"tags": ["nosuch"]}),
    "nobody may": Refusal(switch("nobody"), errors.PermissionDenied, "permissiondenied"),
    "gone": Refusal(vanish, errors.PageMissing, "nosuchpageid"),
    "there already": Refusal(appear, errors.PageExists, "articleexists", exists=False),
    "overtaken": Refusal(overtake, errors.EditConflict, "editconflict"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_the_wiki_refuses(
    strict: Strict, plain: Bridge, clock: FakeClock, title: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = REFUSALS[name]
    title = refusal.title.format(title)
    if refusal.exists:
        strict.sysop.save(title, "Old.")
    page = plain.fetch(title)
    strict.wire.clear()
    refusal.prepare(strict, title)
    before = strict.sysop.texts(title)
    caplog.clear()
    with pytest.raises(refusal.error) as caught:
        plain.edit(page, text=refusal.text, **refusal.more)
    error, said = caught.value, caplog.text
    assert (type(error), error.code) == (refusal.error, refusal.code), error
    assert len(str(error).splitlines()) == 1
    assert len(str(error)) < 600
    assert error.request is not None
    assert "token" not in error.request
    assert error.data or name == "captcha", "what the wiki said is there as a whole"
    [edit] = strict.wire.of("edit")
    assert edit.params["token"] not in repr(error.request) + str(error) + said
    assert clock.waits == []
    assert said.count(f": {refusal.code}: raise: ") == 1
    strict.wire.clear()
    after = strict.sysop.texts(title)
    assert refusal.text.strip() not in after
    if name not in {"gone", "there already", "overtaken"}:
        assert after == before


class Passing(NamedTuple):
    """How the wiki is made to ask for a wait."""

    switch: str
    text: str
    event: str
    waits: tuple[float, float]
    """Between which bounds the wait lies."""


PASSING = {
    "lag": Passing("lag", '{"lag": 60}', "maxlag", (5.0, 5.25)),
    "lag of queries": Passing(
        "lag", '{"lag": 60, "type": "wikibase-queryservice"}', "maxlag-wikibase-queryservice", (5.0, 5.25)
    ),
    "read-only": Passing("readonly", "just being mended", "readonly", (0.0, 1.0)),
    "lagged": Passing("readonly", "The database is lagged", "readonly-lagged", (0.0, 1.0)),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_the_wiki_asks_to_wait_for(
    strict: Strict,
    plain: Bridge,
    clock: FakeClock,
    title: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    passing = PASSING[name]
    strict.sysop.save(title, "Old.")
    page = plain.fetch(title)
    strict.wire.clear()
    file = strict.switches / passing.switch
    file.write_text(passing.text)
    sleep = clock.sleep

    def waiting(seconds: float) -> None:
        file.unlink(missing_ok=True)
        sleep(seconds)

    monkeypatch.setattr(clock, "sleep", waiting)
    result = plain.edit(page, text="New.")
    assert not result.confirmed_late
    assert len(strict.wire.of("edit")) == 2
    assert caplog.text.count(f": {passing.event}: wait and send again") == 1
    [wait] = clock.waits
    assert passing.waits[0] <= wait <= passing.waits[1]
    assert strict.sysop.texts(title) == ["New.", "Old."]


def test_a_limit_that_was_not_known(strict: Strict, connect_via: Connect, clock: FakeClock, title: str) -> None:
    """The account's limits changed since they were asked for: the wiki says so, and it is waited for."""
    bridge = connect_via("human", wire=strict.wire, wiki=strict.wiki)
    page = bridge.fetch(title)
    (strict.switches / "limits").write_text(json.dumps({"edit": {"user": [1, 3600], "newbie": [1, 3600]}}))
    page.text = "First."
    bridge.edit(page)
    page.text = "Second."
    with pytest.raises(errors.RateLimited) as caught:
        bridge.edit(page)
    assert caught.value.code == "ratelimited"
    assert 60 < sum(clock.waits) <= 120.25, "as long as there is time"
    answers = [one.answer.get("errors", [{}])[0].get("code") for one in strict.wire.of("edit")]
    assert answers == [None, *["ratelimited"] * len(clock.waits), "ratelimited"]
    (strict.switches / "limits").unlink()
    page.text = "Third."
    bridge.edit(page)
    assert strict.sysop.texts(title) == ["Third.", "First."]


def rights(strict: Strict, **change: str) -> None:
    token = strict.sysop.ask(meta="tokens", type="userrights")["tokens"]["userrightstoken"]
    assert "errors" not in strict.sysop.call(action="userrights", user="Bot", token=token, **change)


def test_a_right_that_was_taken_away(strict: Strict, connect_via: Connect, clock: FakeClock, title: str) -> None:
    """An account that is no bot any more goes on, and its edits are marked as what they are."""
    bridge = connect_via("bot", wire=strict.wire, wiki=strict.wiki)
    bridge.edit(title, text="As a bot.")
    rights(strict, remove="bot")
    try:
        bridge.edit(title, text="As anyone.")
        changes = strict.sysop.ask(list="recentchanges", rctitle=title, rcprop="flags|user")["recentchanges"]
        assert [one["bot"] for one in changes] == [False, True]
        strict.wire.clear()
        found = bridge.titles(*[f"{title} {number}" for number in range(60)])
        assert found.count() == 60, "with the limits that it has now"
    finally:
        rights(strict, add="bot")
    assert clock.waits == []


def test_a_session_that_the_wiki_ended(strict: Strict, plain: Bridge, clock: FakeClock, title: str) -> None:
    page = plain.fetch(title)
    page.text = "Before."
    plain.edit(page)
    strict.wiki.maintenance("invalidateUserSessions.php", "--user", "Human")
    strict.wire.clear()
    page.text = "After."
    plain.edit(page)
    assert len([one for one in strict.wire.requests if {"lgpassword", "password"} & one.params.keys()]) == 1
    assert len(strict.wire.of("edit")) == 2
    assert strict.sysop.texts(title) == ["After.", "Before."]
    assert clock.waits == []
