"""apibot.core.info: the first source that has the answer gives it; rows become types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apibot.core import globalinfo, paraminfo, siteinfo, userinfo
from apibot.core.errors import BackendClosed, BadParameter
from apibot.core.info import Info
from apibot.core.jsons import Json, JsonObject
from tests.support.source import Source

ROW: JsonObject = {"name": "Me", "rights": ["edit"]}


def test_the_first_that_knows_answers() -> None:
    first = Source("web", general={"sitename": "First"})
    second = Source("api", general={"sitename": "Second"}, user=ROW, statistics={"pages": 3})
    info = Info([first, second])
    assert info.general().sitename == "First"
    assert info.user().name == "Me"
    assert info.statistics().pages == 3
    assert (first.asked, second.asked) == (["general", "user", "statistics"], ["user", "statistics"])
    assert Info([second, first]).general().sitename == "Second"


QUESTIONS: dict[str, Any] = {
    "general": lambda info: info.general(),
    "namespaces": lambda info: info.namespaces(),
    "account": lambda info: info.user(),
    "global account": lambda info: info.global_user(),
    "messages": lambda info: info.messages("a"),
    "file repositories": lambda info: info.file_repos(),
    "module edit": lambda info: info.module("edit"),
    "module move": lambda info: info.help("move"),
    "clock": lambda info: info.skew(),
    "extensions": lambda info: info.extensions(),
}


@pytest.mark.parametrize("part", QUESTIONS)
def test_nobody_knows(part: str) -> None:
    with pytest.raises(BackendClosed, match=part) as caught:
        QUESTIONS[part](Info([Source("web"), Source("api")]))
    assert "asked: web, api" in str(caught.value)
    with pytest.raises(BackendClosed, match="none"):
        QUESTIONS[part](Info())


def test_types_are_made_once_for_a_row() -> None:
    source = Source("api", user=ROW, general={"sitename": "One"})
    info = Info([source])
    assert info.user() is info.user()
    source.known["user"] = {**ROW, "name": "Other"}
    assert info.user().name == "Other"
    assert info.general() is info.general()


def test_a_right_that_is_not_remembered_is_asked_for() -> None:
    source = Source("api", user=ROW, recent={**ROW, "rights": ["edit", "move"]}, fresh={**ROW, "name": "Renamed"})
    info = Info([source])
    assert info.can("edit")
    assert source.asked == ["user"]
    assert info.can("move")
    assert not info.can("delete")
    assert info.user(fresh=True).name == "Renamed"


def test_the_clocks() -> None:
    info = Info([Source("api", clocks=(1_700_000_010.5, 1_700_000_000.0))])
    assert info.skew() == 10.5
    assert info.time() == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


MAIN: JsonObject = {"path": "main", "parameters": [{"name": "action", "type": ["edit", "move"]}]}
SOME: JsonObject = {
    "path": "query+some",
    "parameters": [
        {"name": "titles", "multi": True, "lowlimit": 50, "highlimit": 500, "limit": 500},
        {"name": "limit", "type": "limit", "min": 1, "max": 500, "highmax": 5000},
        {"name": "offset", "type": "integer", "max": 9},
        {"name": "text"},
    ],
}


@pytest.mark.parametrize(
    ("parameter", "low", "high"), [("titles", 50, 500), ("limit", 500, 5000), ("offset", 9, 9), ("text", None, None)]
)
def test_limits(parameter: str, low: int | None, high: int | None) -> None:
    rows: dict[str, Any] = {"query+some": SOME}
    for rights, limit in (([], low), (["apihighlimits"], high)):
        info = Info([Source("api", user={**ROW, "rights": rights}, **rows)])
        assert info.limit("query+some", parameter) == limit
        assert info.high_limits == bool(rights)


def test_what_there_is() -> None:
    skins = [{"code": "vector", "name": "Vector", "default": True}, {"code": "old", "name": "Old", "unusable": True}]
    info = Info([Source("api", main=MAIN, skins=skins)])
    assert info.modules("action") == ("edit", "move")
    assert (info.has("action", "edit"), info.has("action", "nuke")) == (True, False)
    assert (info.has("skin", "vector"), info.has("skin", "other")) == (True, False)
    assert [(one.code, one.default, one.usable) for one in info.skins().values()] == [
        ("vector", True, True),
        ("old", False, False),
    ]
    with pytest.raises(BadParameter, match="nonsense"):
        info.has("nonsense", "x")  # type: ignore[arg-type]  # what a user may type
    with pytest.raises(BadParameter, match="'none'; it has: action"):
        info.limit("main", "none")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("MediaWiki 1.39.17", (1, 39, 17)),
        ("MediaWiki 1.46.0-wmf.12", (1, 46, 0)),
        ("MediaWiki 1.45.0-alpha", (1, 45, 0)),
        ("1.5", (1, 5)),
        ("", ()),
        ("MediaWiki", ()),
    ],
)
def test_versions(text: str, numbers: siteinfo.Version) -> None:
    assert siteinfo.version(text) == numbers
    assert siteinfo.version("1.9.2") < siteinfo.version("1.12")


# What no wiki of the tests says.


def test_a_global_account() -> None:
    row: JsonObject = {
        "home": "enwiki",
        "id": 7,
        "registration": "2010-01-02T03:04:05Z",
        "name": "Me",
        "locked": True,
        "groups": ["global-bot"],
        "rights": ["bot", "edit"],
        "editcount": 12,
        "merged": [{"wiki": "dewiki", "url": "https://de.wikipedia.org", "editcount": 5, "groups": ["bot"], "id": 3}],
        "unattached": [{"wiki": "xxwiki", "editcount": "many"}],
    }
    made = globalinfo.global_user(row)
    assert made is not None
    assert (made.name, made.id, made.home, made.locked, made.editcount) == ("Me", 7, "enwiki", True, 12)
    assert made.registration == datetime(2010, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert [made.groups, made.rights] == [frozenset({"global-bot"}), frozenset({"bot", "edit"})]
    assert [(one.wiki, one.editcount, one.groups, one.raw.get("id")) for one in made.merged] == [
        ("dewiki", 5, ("bot",), 3)
    ]
    assert made.unattached[0].editcount == 0
    assert globalinfo.global_user({"missing": True}) is None


def test_a_block() -> None:
    row: JsonObject = {
        **ROW,
        "blockid": 5,
        "blockedby": "Sysop",
        "blockreason": "Vandalism",
        "blockexpiry": "2030-01-01T00:00:00Z",
        "blockpartial": True,
        "systemblocktype": "proxy",
    }
    block = userinfo.user(row).block
    assert block is not None
    assert block[:5] == (5, "Sysop", "Vandalism", datetime(2030, 1, 1, tzinfo=UTC), True)
    assert block.raw["systemblocktype"] == "proxy"
    endless = userinfo.user({**row, "blockexpiry": "infinite"}).block
    assert endless is not None
    assert endless.expiry is None
    assert userinfo.user(ROW).block is None


def test_groups_that_can_be_given() -> None:
    row: JsonObject = {"name": "bureaucrat", "rights": ["userrights"], "add": ["bot"], "remove-self": ["bureaucrat"]}
    group = siteinfo.groups([row])["bureaucrat"]
    assert group[1:6] == (frozenset({"userrights"}), ("bot",), (), (), ("bureaucrat",))


def test_several_databases() -> None:
    assert siteinfo.lags([{"host": "db1", "lag": 0}, {"host": "db2", "lag": 7.5}]) == (("db1", 0.0), ("db2", 7.5))


JUNK: list[Json] = [None, 1, "x", [], {}, [1, None], {"a": 1}, [{}], {"0": {}}, [{"name": 1}], {"id": "x"}]
READERS: list[Any] = [
    siteinfo.interwikis,
    siteinfo.languages,
    siteinfo.magic_words,
    siteinfo.special_pages,
    siteinfo.extensions,
    siteinfo.skins,
    siteinfo.groups,
    siteinfo.statistics,
    siteinfo.restrictions,
    siteinfo.rights_info,
    siteinfo.lags,
    siteinfo.file_extensions,
    siteinfo.file_repos,
    lambda junk: siteinfo.namespaces(junk, junk),
    lambda junk: siteinfo.general({"time": junk, "sitename": junk, "fallback": junk}),
    lambda junk: userinfo.user({"rights": junk, "options": junk, "ratelimits": junk, "blockid": junk}),
    lambda junk: globalinfo.global_user({"name": "Me", "merged": junk, "rights": junk}),
    lambda junk: paraminfo.module_help({"path": junk, "parameters": junk, "examples": junk, "description": junk}),
    lambda junk: paraminfo.module({"path": "x", "parameters": junk, "prefix": junk}),
]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_row_is_too_strange(junk: Json) -> None:
    """What another version or a damaged file says is read as far as it can be."""
    for read in READERS:
        assert read(junk) is not NotImplemented
