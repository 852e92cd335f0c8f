"""The doctor finds on a real wiki what stands in a bot's way."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.bridge.checks_here import HERE
from apibot.bridge.checks_there import USED, _clock, _rights, used
from apibot.bridge.doctor import Finding
from apibot.bridge.findings import Patient
from apibot.composition import connect
from apibot.core.schema import AccountSettings
from apibot.core.secret import Secret
from apibot.sandbox import Sandbox
from tests.api.conftest import CONTACT, Connect
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import Fault, Recorded, Wire, answered

DAY = 86400.0


def bad(found: list[Finding]) -> list[tuple[str, str]]:
    """Return severity and topic of what is not well."""
    return [(one.severity, one.topic) for one in found if one.severity != "ok"]


def about(found: list[Finding], topic: str) -> Finding:
    """Return what was found on a topic, the worst of it."""
    here = [one for one in found if one.topic == topic]
    assert here, [one.topic for one in found]
    return max(here, key=lambda one: ("ok", "advice", "problem").index(one.severity))


def patient_of(bridge: Bridge, account: AccountSettings) -> Patient:
    """Return a patient who seems to log in in another way."""
    patient = Patient(bridge)
    patient.target = patient.target._replace(account=account)
    return patient


SECRET = Secret("x" * 12)


def login(wiki: Sandbox, name: str, grants: str) -> tuple[str, str]:
    """Make a bot password of the bot with these grants."""
    password = (name * 32)[:32]
    wiki.maintenance("createBotPassword.php", "--appid", name, "--grants", grants, "Bot", password)
    return f"Bot@{name}", password


# Accounts.


def test_all_is_well(bridge: Bridge) -> None:
    found = bridge.doctor()
    assert bad(found) == []
    assert all(one.text and "\n" not in one.text and not one.remedy for one in found)
    assert about(found, "login method").text.startswith("Bot@apibot logs in by bot password")
    assert about(found, "limits").text == "No rate limit holds for the account."
    assert CONTACT in about(found, "user agent").text
    told = {one.topic for one in found}
    assert {"address", "python", "libraries", "files", "cached info", "connection", "mediawiki", "read-only"} <= told
    assert {"clock", "lag", "block", "rights", "limits", "parameters"} <= told


def test_a_grant_is_missing(apibot_wiki: Sandbox, wire: Wire, fresh_home: Path) -> None:
    user, password = login(apibot_wiki, "few", "basic,editpage")
    with Bridge(connect(wire.api, user=user, password=password, contact=CONTACT)) as bridge:
        found = bridge.doctor()
        remedies = {one.remedy for one in _rights(patient_of(bridge, AccountSettings(oauth2_token=SECRET)))}
        lacking = {one.text for one in _rights(patient_of(bridge, AccountSettings("Bot", password=SECRET)))}
    assert any("new OAuth consumer with the grant 'highvolume'" in remedy for remedy in remedies)
    assert any("The wiki takes away from this login: " in text for text in lacking)
    rights = [one for one in found if one.topic == "rights" and one.severity != "ok"]
    create, high, upload = sorted(rights, key=lambda one: one.text.partition("grant ")[2])
    assert "lacks the grant 'highvolume'" in high.text
    assert "The groups give apihighlimits, bot, noratelimit" in high.text
    assert "without 'noratelimit' the wiki's rate limits hold it up" in high.text
    assert high.remedy == "Tick the grant 'highvolume' for this bot password (Special:BotPasswords)."
    assert "without 'createpage' no page can be created" in create.text
    assert {one.severity for one in rights} == {"advice"}
    assert about(found, "limits").text == "edit: 90 in 60 s, so one each 0.7 s on average."
    assert "without 'upload' no file can be uploaded" in upload.text
    assert upload.remedy == "Tick the grant 'uploadfile' for this bot password (Special:BotPasswords)."
    assert any("lacks the grant 'viewmywatchlist'. Few bots need it" in one.text for one in found)


def test_a_login_that_can_only_read(apibot_wiki: Sandbox, wire: Wire, fresh_home: Path) -> None:
    user, password = login(apibot_wiki, "reader", "basic,highvolume")
    with Bridge(connect(wire.api, user=user, password=password, contact=CONTACT)) as bridge:
        found = bridge.doctor()
    assert ("problem", "rights") in bad(found)
    assert "without 'edit' no page can be edited" in about(found, "rights").text


def test_an_account_without_groups(connect_via: Connect, wire: Wire) -> None:
    found = connect_via("human").doctor()
    assert bad(found) == [("advice", "login method"), ("advice", "rights")]
    assert "password of the account itself" in about(found, "login method").text
    assert "BotPasswords" in about(found, "login method").remedy
    assert "No group of the account gives 'bot', 'noratelimit', 'apihighlimits'" in about(found, "rights").text
    limits = [one.text for one in found if one.topic == "limits"]
    assert "edit: 90 in 60 s, so one each 0.7 s on average." in limits
    assert [text for text in limits if text.startswith(("emailuser", "changeemail"))] == []


def test_nobody(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    found = connect_via(None).doctor()
    assert bad(found) == [("advice", "login method")]
    assert "it sees the anonymous user 127.0.0.1" in about(found, "connection").text
    assert any(one.text.startswith("edit: 8 in 60 s") for one in found)


@pytest.mark.parametrize(("more", "severity"), [({}, "problem"), ({"partial": 1, "pagerestrictions": "X"}, "advice")])
def test_a_blocked_account(connect_switched: Any, switched_sysop: Person, more: Any, severity: str) -> None:
    switched_sysop.save("X", "Here.")
    bridge = connect_switched("human")
    assert about(bridge.doctor(), "block").severity == "ok"
    reason = {"user": "Human", "expiry": "2099-01-01T00:00:00Z", "reason": "Too fast", "allowusertalk": 1}
    switched_sysop.do("block", **reason, **more)
    try:
        found = about(bridge.doctor(), "block")
        assert found.severity == severity
        assert "locked by Sysop until 2099-01-01 00:00 UTC: Too fast" in found.text
        assert "talk to Sysop" in found.remedy
    finally:
        switched_sysop.do("unblock", user="Human")
    assert about(bridge.doctor(), "block").text == "The account is not blocked."


def test_an_account_that_may_not_edit(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    """As on a wiki where only sysops may."""
    account = connect_via("human")

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if "userinfo" not in request.params.get("meta", "") and "usergroups" not in request.params.get("siprop", ""):
            return None
        answer = wire.send_again(request)
        query = answer["query"]
        if "userinfo" in query:
            query["userinfo"]["rights"].remove("edit")
        for group in query.get("usergroups", []):
            if group["name"] != "sysop":
                group["rights"] = [right for right in group["rights"] if right != "edit"]
            else:
                group["rights"].append("edit")
        return answered(200, answer)

    wire.schedule = schedule
    found = about(account.doctor(), "rights")
    assert (found.severity, found.text) == ("problem", "The account lacks 'edit': no page can be edited.")


# The wiki.


def test_a_wiki_that_takes_no_writes(connect_switched: Any, switches: Path, fresh_home: Path) -> None:
    bridge = connect_switched()
    bridge.info.user()
    (switches / "readonly").touch()
    found = bridge.doctor()
    assert bad(found) == [("problem", "read-only")]
    assert "takes no writes at the moment: just being mended" in about(found, "read-only").text


def test_a_wiki_that_takes_no_login(connect_switched: Any, switches: Path, fresh_home: Path) -> None:
    (switches / "readonly").touch()
    found = connect_switched().doctor()
    assert bad(found) == [("problem", "read-only")]
    assert "takes no login" in about(found, "read-only").text


def test_a_database_that_is_behind(connect_switched: Any, switches: Path) -> None:
    bridge = connect_switched()
    assert about(bridge.doctor(), "lag").text == "The wiki's database is up to date."
    (switches / "lag").touch()
    found = about(bridge.doctor(), "lag")
    assert (found.severity, "60 s behind" in found.text) == ("advice", True)
    assert bridge.core.clock.waits == [], "it is not waited for"


@pytest.mark.parametrize(("seconds", "words"), [(100, "ahead of"), (-4000, "behind")])
def test_a_clock_that_is_wrong(connect_via: Connect, wire: Wire, seconds: float, words: str) -> None:
    clock = FakeClock()
    clock._began += seconds
    found = about(connect_via(clock=clock).doctor(), "clock")
    told = re.fullmatch(rf"This machine's clock is (\d+) s {words} the wiki's\.", found.text)
    assert told is not None, found.text
    assert abs(int(told[1]) - abs(seconds)) <= 2
    assert found.severity == "advice"
    assert "NTP" in found.remedy


def test_a_clock_by_which_signatures_are_refused(connect_via: Connect, wire: Wire) -> None:
    clock = FakeClock()
    clock._began -= 1000
    patient = patient_of(connect_via(clock=clock), AccountSettings(method="oauth1"))
    [found] = _clock(patient)
    assert (found.severity, "signatures of OAuth 1.0a are refused" in found.text) == ("problem", True)


@pytest.mark.parametrize(
    ("generator", "severity", "words"),
    [
        ("MediaWiki 1.31.0", "problem", "older than 1.35"),
        ("MediaWiki 1.45.0-wmf.3", "ok", "newer than 1.39"),
        ("MyWiki", "advice", "does not tell its version"),
    ],
)
def test_other_versions(  # noqa: PLR0917  # pytest gives them by name
    connect_via: Connect, wire: Wire, fresh_home: Path, generator: str, severity: str, words: str
) -> None:
    def schedule(request: Recorded, _number: int) -> Fault | None:
        if "general" not in request.params.get("siprop", ""):
            return None
        answer = wire.send_again(request)
        answer["query"]["general"]["generator"] = generator
        return answered(200, answer)

    wire.schedule = schedule
    found = about(connect_via().doctor(), "mediawiki")
    assert (found.severity, words in found.text) == (severity, True)


def test_parameters_that_are_given_up(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via()
    bridge.doctor()
    path = bridge.core.infostore.path("param")
    data = json.loads(path.read_text())
    edit = {one["name"]: one for one in data["modules"]["edit"]["parameters"]}
    edit["nocreate"]["deprecated"] = True
    edit["undo"]["deprecated"] = True
    data["modules"]["edit"]["parameters"].remove(edit["watchlist"])
    data["modules"]["query+allpages"]["deprecated"] = True
    path.write_text(json.dumps(data))
    found = [one for one in connect_via().doctor() if one.topic == "parameters" and one.severity == "advice"]
    assert [one.text.partition(", which")[0] for one in found] == [
        "The wiki does not know watchlist of the module edit",
        "The wiki gives up nocreate of the module edit",
        "The wiki gives up the module query+allpages",
    ]


def test_the_parameters_are_those_that_are_sent(connect_via: Connect, wire: Wire, fresh_home: Path, title: str) -> None:
    bridge = connect_via()
    bridge.edit(title, text="Lead.\n\n== One ==\nText.", summary="s", minor=True)
    bridge.edit(title, section=1, append="More.")
    list(bridge.allpages(limit=1).pages(text=True, info=True, categories=True))
    bridge.purge(title)
    bridge.info.messages("mainpage")
    prefixes = {path: bridge.info.module(path).prefix for path in used()}
    known = {
        prefixes[path] + name if path.startswith("query+") else name for path, names in used().items() for name in names
    }
    known |= {f"{prefix}limit" for prefix in prefixes.values()}
    known |= {f"g{name}" for name in known}
    login_only = {"lgname", "lgpassword", "lgtoken"}
    for request in wire.requests:
        assert request.params.keys() - known - login_only == set(), request.action
    assert {"edit", "purge", "parse", "paraminfo"} <= USED.keys() & {one.action for one in wire.requests}


# What keeps the doctor from looking.


def test_the_wiki_can_not_be_reached(fresh_home: Path) -> None:
    with Bridge(connect("http://127.0.0.1:9/api.php", contact=CONTACT)) as bridge:
        found = bridge.doctor()
    assert [one for one in bad(found) if one[0] == "problem"] == [("problem", "connection")]
    assert "127.0.0.1:9" in about(found, "connection").text
    assert about(found, "python").severity == "ok", "what is on this machine is looked at all the same"
    assert not {"rights", "block", "clock"} & {one.topic for one in found}


def test_the_login_is_refused(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    wrong = "This-is-wrong-0123456789"
    found = connect_via(password=wrong).doctor()
    assert bad(found) == [("problem", "login")]
    assert "The login is refused" in about(found, "login").text
    assert "apibot login" in about(found, "login").remedy
    assert len(wire.of("login")) == 1, "it is not tried again and again"
    assert wrong not in repr(found)


def test_it_is_no_wiki(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    wire.always(answered(200, "<html>Welcome</html>"))
    found = connect_via(None).doctor()
    assert "Is it an api.php?" in about(found, "connection").text


@pytest.mark.parametrize(("kind", "topic"), [("general", "settings"), ("param", "parameters")])
def test_nothing_is_cached_and_never_to_be_fetched(
    connect_via: Connect, wire: Wire, fresh_home: Path, kind: str, topic: str
) -> None:
    (fresh_home / "apibot.toml").write_text(f'[info.fetch]\n{kind} = "never"\n')
    found = connect_via().doctor()
    assert bad(found) == [("problem", topic)]
    assert "never" in about(found, topic).text


def test_a_part_can_not_be_looked_at(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via()
    bridge.info.user()

    def schedule(request: Recorded, _number: int) -> Fault | None:
        html = answered(403, "<html>No.</html>")
        return html if "usergroups" in request.params.get("siprop", "") else None

    wire.schedule = schedule
    found = bridge.doctor()
    assert bad(found) == [("problem", "rights")]
    assert about(found, "rights").text.startswith("It can not be looked at: ")
    assert about(found, "limits").severity == "ok", "the others are"


# This machine.


def here(**changes: Any) -> list[Finding]:
    """Return what is found on this machine, with another target."""
    with connect("http://127.0.0.1:9/api.php", contact=CONTACT) as core:
        core.target = core.target._replace(**changes)
        patient = Patient(Bridge(core))
        return [one for check in HERE for one in check(patient)]


@pytest.mark.parametrize(
    ("api", "severity"),
    [
        ("https://wiki.invalid/w/api.php", "ok"),
        ("http://wiki.invalid/w/api.php", "problem"),
        ("http://localhost/api.php", "ok"),
        ("http://127.8.9.1:80/api.php", "ok"),
        ("http://[::1]/api.php", "ok"),
        ("http://127.evil.invalid/api.php", "problem"),
    ],
)
def test_addresses(fresh_home: Path, api: str, severity: str) -> None:
    found = about(here(api=api), "address")
    assert found.severity == severity
    assert bool(found.remedy) == (severity == "problem")


@pytest.mark.parametrize(
    ("account", "severity", "words"),
    [
        (AccountSettings(), "advice", "No account"),
        (AccountSettings("Me", password=SECRET), "advice", "password of the account itself"),
        (AccountSettings("Me", method="login", password=SECRET), "advice", "password of the account itself"),
        (AccountSettings("Me@job", password=SECRET), "ok", "bot password"),
        (AccountSettings(oauth2_token=SECRET), "ok", "The account logs in by OAuth 2"),
        (AccountSettings("Me", consumer_key="k", consumer_secret=SECRET), "ok", "Me logs in by OAuth 1.0a"),
    ],
)
def test_ways_to_log_in(fresh_home: Path, account: AccountSettings, severity: str, words: str) -> None:
    found = about(here(account=account), "login method")
    assert (found.severity, words in found.text) == (severity, True)


@pytest.mark.parametrize(
    ("contact", "severity"), [("me@example.org", "ok"), ("https://example.org/me", "ok"), ("somebody", "advice")]
)
def test_contacts(fresh_home: Path, contact: str, severity: str) -> None:
    with Bridge(connect("http://127.0.0.1:9/api.php", contact=contact)) as bridge:
        found = about(bridge.doctor(), "user agent")
        assert found.severity == severity
        assert repr(bridge.core.browser.user_agent) in found.text


def test_files_that_others_can_read(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via()
    assert about(bridge.doctor(), "files").severity == "ok"
    path = bridge.core.infostore.path("identity")
    path.chmod(0o644)
    path.parent.chmod(0o755)
    found = [one for one in bridge.doctor() if one.topic == "files"]
    assert [one.remedy for one in found] == [f"Run: chmod 700 {path.parent}", f"Run: chmod 600 {path}"]
    assert {one.severity for one in found} == {"problem"}
    path.parent.chmod(0o700)
    path.chmod(0o600)
    fresh_home.chmod(0o777)
    assert about(bridge.doctor(), "files").remedy == f"Run: chmod 700 {fresh_home}"


def test_info_that_is_never_fetched_anew(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    connect_via().doctor()
    (fresh_home / "apibot.toml").write_text('[info.fetch]\nsite = "if_missing"\n')
    clock = FakeClock()
    clock._began += 40 * DAY
    found = [one for one in connect_via(clock=clock).doctor() if one.topic == "cached info"]
    assert {one.text for one in found if one.severity == "advice"} == {
        "The cached info (site) is 40 days old, and info.fetch in the settings says 'if_missing'."
    }


def test_a_python_that_is_not_kept_up(fresh_home: Path) -> None:
    clock = FakeClock()
    clock._began += 30 * 365 * DAY
    with Bridge(connect("http://127.0.0.1:9/api.php", contact=CONTACT, clock=clock)) as bridge:
        found = about(bridge.doctor(), "python")
    assert (found.severity, found.remedy) == ("advice", "Use a newer Python.")


def test_a_library_that_is_too_old(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apibot.bridge.checks_here.LIBRARIES", {"requests": (99,)})
    with Bridge(connect("http://127.0.0.1:9/api.php", contact=CONTACT)) as bridge:
        found = about(bridge.doctor(), "libraries")
    assert (found.severity, found.remedy) == ("advice", "Run: pip install --upgrade requests")
