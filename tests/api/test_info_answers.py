"""What Info answers is what the wiki says to somebody else who asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BackendClosed, BadParameter, BadReply
from apibot.sandbox import Sandbox
from tests.api.conftest import Connect
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import Fault, Recorded, Wire, answered
from tests.support.source import Source


def said(person: Person, *props: str) -> Any:
    """Return blocks of siteinfo as a bare client gets them."""
    return person.ask(meta="siteinfo", siprop="|".join(props))


def test_the_wiki_as_a_whole(bridge: Bridge, sysop: Person, apibot_wiki: Sandbox) -> None:
    general, seen = bridge.info.general(), said(sysop, "general")["general"]
    assert general.version >= (1, 35)
    assert general.version == tuple(map(int, apibot_wiki.version.split(".")))
    assert [getattr(general, name) for name in ("sitename", "generator", "wikiid", "lang", "case", "server")] == [
        seen[name] for name in ("sitename", "generator", "wikiid", "lang", "case", "server")
    ]
    assert (general.max_upload, general.uploads) == (seen["maxuploadsize"], True)
    assert general.raw["linktrail"] == seen["linktrail"]
    assert not general.readonly


def test_namespaces(bridge: Bridge) -> None:
    spaces = bridge.info.namespaces()
    assert (spaces[10].name, spaces[10].canonical, spaces[10].content) == ("Template", "Template", False)
    assert (spaces[0].name, spaces[0].content) == ("", True)
    assert spaces[4].canonical == "Project"
    assert spaces[6].aliases == ("Image",)
    assert spaces[0].raw["nonincludable"] is False


def test_the_lists(bridge: Bridge, sysop: Person) -> None:
    info = bridge.info
    rows = said(sysop, "interwikimap", "languages", "magicwords", "specialpagealiases", "usergroups", "restrictions")
    assert {one.prefix: one.url for one in info.interwikis().values()} == {
        one["prefix"]: one["url"] for one in rows["interwikimap"]
    }
    assert info.interwikis()["commons"].api == "https://commons.wikimedia.org/w/api.php"
    assert {one.code: one.name for one in info.languages().values()} == {
        one["code"]: one["name"] for one in rows["languages"]
    }
    assert (info.languages()["de"].name, info.languages()["als"].bcp47) == ("Deutsch", "gsw")
    assert {name: [*one.aliases] for name, one in info.magic_words().items()} == {
        one["name"]: one["aliases"] for one in rows["magicwords"]
    }
    assert info.magic_words()["redirect"].aliases == ("#REDIRECT",)
    assert {name: [*aliases] for name, aliases in info.special_pages().items()} == {
        one["realname"]: one["aliases"] for one in rows["specialpagealiases"]
    }
    assert {name: one.rights for name, one in info.groups().items()} == {
        one["name"]: set(one["rights"]) for one in rows["usergroups"]
    }
    assert list(info.restrictions().levels) == rows["restrictions"]["levels"]


def test_more_lists(bridge: Bridge, sysop: Person) -> None:
    info = bridge.info
    rows = said(
        sysop, "extensions", "skins", "fileextensions", "defaultoptions", "rightsinfo", "protocols", "functionhooks"
    )
    rows |= said(sysop, "extensiontags", "variables")
    parser = next(one for one in rows["extensions"] if one["name"] == "ParserFunctions")
    assert info.extensions()["ParserFunctions"].version == parser["version"]
    assert info.extensions()["ParserFunctions"].raw == parser
    assert [one.code for one in info.skins().values() if one.default] == [
        one["code"] for one in rows["skins"] if one.get("default")
    ]
    assert list(info.file_extensions()) == [one["ext"] for one in rows["fileextensions"]]
    assert info.default_options() == rows["defaultoptions"]
    assert info.rights_info().raw == rows["rightsinfo"]
    assert list(info.words("protocols")) == rows["protocols"]
    assert list(info.words("functionhooks")) == rows["functionhooks"]
    assert list(info.words("extensiontags")) == rows["extensiontags"]
    assert list(info.words("variables")) == rows["variables"]
    assert list(info.file_repos()) == ["local"]
    assert info.file_repos()["local"].can_upload


def test_what_changes_all_the_time_is_always_asked(bridge: Bridge, wire: Wire, sysop: Person, title: str) -> None:
    before = bridge.info.statistics()
    sysop.save(title, "One more.")
    after = bridge.info.statistics()
    assert after.edits > before.edits
    assert [one.seconds for one in bridge.info.lags()] == [-1.0], "SQLite has no copies that could be behind"
    assert len(wire.requests) == 3


def test_any_block(connect_via: Connect, wire: Wire, sysop: Person, fresh_home: Path) -> None:
    bridge = connect_via()
    bridge.fetch("Main Page")
    wire.clear()
    assert bridge.info.site_block("libraries") == said(sysop, "libraries")["libraries"]
    assert bridge.info.site_block("libraries")
    assert [one.action for one in wire.requests] == ["paraminfo", "query"], "it is looked up whether there is such one"
    with pytest.raises(BadParameter, match="'nonsense'"):
        bridge.info.site_block("nonsense")


def test_a_wiki_whose_answers_are_small(
    connect_switched: Any, switched_wire: Wire, switches: Path, fresh_home: Path
) -> None:
    """What it does not get into one answer comes in several."""
    bridge = connect_switched()
    bridge.fetch("Main Page")
    info = bridge.info
    switched_wire.clear()
    (switches / "small").write_text("20000")
    assert info.restrictions().levels
    assert info.words("protocols")
    assert len(info.magic_words()) > 100
    lists = [one.params for one in switched_wire.requests if "siprop" in one.params]
    assert ["continue" in one for one in lists] == [False, True], "which names the blocks that are still to come"
    switched_wire.clear()
    (switches / "small").write_text("80000")
    assert info.messages(language="de")["mainpage"] == "Hauptseite"
    assert ["amfrom" in one.params for one in switched_wire.requests[:2]] == [False, True]


def test_a_continuation_that_repeats_itself(bridge: Bridge, wire: Wire, fresh_home: Path) -> None:
    reply = {"query": {"repos": [{"name": "a"}]}, "continue": {"continue": "-||"}}
    wire.schedule = lambda request, _number: answered(200, reply) if "filerepoinfo" in str(request.params) else None
    bridge.core.infostore.delete("filerepos")
    bridge.core.clock.sleep(10)
    with pytest.raises(BadReply, match="repeats itself"):
        Bridge(bridge.core).info.file_repos()


def test_readonly_mode_is_seen_at_once(connect_switched: Any, switches: Path) -> None:
    bridge = connect_switched()
    bridge.fetch("Main Page")  # no login is taken in read-only mode
    assert not bridge.info.general().readonly
    (switches / "readonly").touch()
    now = bridge.info.general(fresh=True)
    assert (now.readonly, now.readonly_reason) == (True, "just being mended")


class Other:
    """A backend that knows only what its source knows."""

    name = "web"

    def __init__(self, source: Source) -> None:
        self.info = source

    def maker(self, kind: object) -> None:
        return None

    def login(self, *, anew: bool = False) -> None:
        pass

    def logout(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_the_order_of_backends(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    for order, name in ((["web", "api"], "From the web"), (["api", "web"], "Sandbox test"), (["web"], "From the web")):
        (fresh_home / "apibot.toml").write_text(f"[info]\nbackends = {json.dumps(order)}\n")
        bridge = connect_via()
        bridge.core.add("web", lambda _core: Other(Source("web", general={"sitename": "From the web"})))
        assert bridge.info.general().sitename == name
        if "api" in order:
            assert bridge.info.user().name == "Bot", "which the other does not know"
        else:
            with pytest.raises(BackendClosed, match="asked: web"):
                bridge.info.user()


# The account.


def test_the_account(connect_via: Connect, wire: Wire, apibot_wiki: Sandbox) -> None:
    bot = connect_via().info.user(fresh=True)
    account = apibot_wiki.bot
    seen = Person(apibot_wiki.api, account.user, account.password.reveal()).ask(meta="userinfo", uiprop="*")["userinfo"]
    assert (bot.name, bot.id, bot.anonymous, bot.block) == ("Bot", seen["id"], False, None)
    assert [bot.rights, bot.groups, bot.implicit_groups] == [
        frozenset(seen[name]) for name in ("rights", "groups", "implicitgroups")
    ]
    assert bot.ratelimits == ()
    assert bot.options == seen["options"]
    assert bot.registration == datetime.fromisoformat(seen["registrationdate"])
    assert bot.changeable_groups == ((), (), (), ())
    assert bot.email == ""
    human = connect_via("human").info.user(fresh=True)
    assert ("edit", 90, 60.0) in human.ratelimits
    sysop = connect_via("sysop").info.user(fresh=True)
    assert "bot" in sysop.changeable_groups.add


def test_a_block_is_seen(connect_switched: Any, switched_sysop: Person) -> None:
    switched_sysop.do(
        "block",
        user="Human",
        expiry="2099-01-01T00:00:00Z",
        reason="Too fast",
        partial=1,
        namespacerestrictions="0",
        allowusertalk=1,
    )
    try:
        seen = connect_switched("human").info.user(fresh=True).block
        assert seen is not None
        assert (seen.by, seen.reason, seen.partial) == ("Sysop", "Too fast", True)
        assert seen.expiry == datetime(2099, 1, 1, tzinfo=UTC)
        assert seen.raw["blocknocreate"] is False
    finally:
        switched_sysop.do("unblock", user="Human")
    assert connect_switched("human").info.user(fresh=True).block is None


def test_no_global_accounts_here(bridge: Bridge) -> None:
    assert bridge.info.global_user() is None


def test_a_global_account(connect_via: Connect, wire: Wire, sysop: Person, fresh_home: Path) -> None:
    """The sandbox has no CentralAuth."""
    query = sysop.call(action="paraminfo", modules="query")["paraminfo"]
    next(one for one in query["modules"][0]["parameters"] if one["name"] == "meta")["type"].append("globaluserinfo")
    row = {"home": "enwiki", "id": 7, "name": "Bot", "registration": "2010-01-02T03:04:05Z", "groups": ["global-bot"]}

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.action == "paraminfo":
            return answered(200, {"paraminfo": query})
        if request.params.get("meta") == "globaluserinfo":
            return answered(200, {"batchcomplete": True, "query": {"globaluserinfo": row}})
        return None

    wire.schedule = schedule
    info = connect_via().info
    mine = info.global_user()
    assert mine is not None
    assert (mine.home, mine.groups) == ("enwiki", frozenset({"global-bot"}))
    assert "guiuser" not in wire.requests[-1].params
    count = len(wire.requests)
    assert connect_via().info.global_user() == mine
    assert len(wire.requests) == count, "it is remembered"
    info.global_user("Other")
    assert wire.requests[-1].params["guiuser"] == "Other"


# Messages.


def test_messages(bridge: Bridge, wire: Wire) -> None:
    info = bridge.info
    assert info.messages("mainpage", "no-such-message") == {"mainpage": "Main Page"}
    assert info.messages("mainpage", language="de") == {"mainpage": "Hauptseite"}
    assert len(wire.requests) == 2
    assert info.messages("no-such-message") == {}
    assert info.messages("mainpage", "sitetitle", language="de")["mainpage"] == "Hauptseite"
    assert [one.params["ammessages"] for one in wire.requests[2:]] == ["sitetitle"], "only what is not known yet"


def test_all_messages(bridge: Bridge, wire: Wire) -> None:
    every = bridge.info.messages(language="fr")
    assert len(every) > 3000
    count = len(wire.requests)
    assert bridge.info.messages("mainpage", language="fr") == {"mainpage": every["mainpage"]}
    assert len(wire.requests) == count


# Modules and limits.


def test_modules(bridge: Bridge, sysop: Person) -> None:
    info = bridge.info
    seen = sysop.call(action="paraminfo", modules="main|query")["paraminfo"]["modules"]
    values = {one["name"]: one.get("type") for module in seen for one in module["parameters"]}
    for kind in ("action", "format", "list", "prop", "meta", "generator"):
        assert list(info.modules(kind)) == values[kind]
    assert info.has("list", "allpages")
    assert not info.has("generator", "users")
    assert info.has("extension", "ParserFunctions")
    assert not info.has("extension", "CentralAuth")
    assert info.has("interwiki", "commons")
    assert info.module("edit").raw["helpurls"]
    with pytest.raises(BadParameter, match="nonsense"):
        info.module("query+nonsense")


def test_help(bridge: Bridge, wire: Wire) -> None:
    told = bridge.info.help("purge")
    assert told.description == "Purge the cache for the given titles."
    assert told.parameters["titles"] == "A list of titles to work on."
    assert told.examples[0][0] == "action=purge&titles=Main%20Page|API"
    assert told.raw["mustbeposted"] is True
    with pytest.raises(BadParameter, match="nonsense"):
        bridge.info.help("nonsense")


def test_limits(connect_via: Connect, wire: Wire) -> None:
    bot, human = connect_via().info, connect_via("human").info
    assert (bot.limit("query", "titles"), human.limit("query", "titles")) == (500, 50)
    assert (bot.limit("query+allpages", "limit"), human.limit("query+allpages", "limit")) == (5000, 500)
    assert bot.limit("query+allpages", "from") is None


# Clocks.


def test_the_clocks(connect_via: Connect, wire: Wire) -> None:
    clock = FakeClock()
    bridge = connect_via(clock=clock)
    bridge.fetch("Main Page")
    assert abs(bridge.info.skew()) < 2
    clock._began += 100
    assert abs(bridge.info.skew() - 100) < 2
    assert abs((bridge.info.time() - datetime.now(UTC)).total_seconds()) < 2
    wire.before("query", lambda: clock.sleep(10))
    assert abs(bridge.info.skew() - 105) < 2, "half of the ten seconds that the exchange took"


def test_a_wiki_that_tells_no_time(bridge: Bridge, wire: Wire) -> None:
    wire.once("query", answered(200, {"batchcomplete": True}))
    with pytest.raises(BackendClosed, match="clock"):
        bridge.info.skew()
