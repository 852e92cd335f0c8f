"""What is remembered of the wiki: used at once, and never believed against the wiki."""

# pytest gives fixtures and parameters by name

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, PermissionDenied
from apibot.core.infostore import Kind
from tests.api.conftest import Connect
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import Fault, Recorded, Wire, answered


def warm_up(connect_via: Connect, wire: Wire, account: str = "bot") -> None:
    """Let one process find out all there is to know."""
    with connect_via(account) as bridge:
        bridge.fetch("Main Page")
        bridge.info.module("edit")
        assert bridge.info.namespaces()[0]
    wire.clear()


def saved(bridge: Bridge, kind: Kind) -> dict[str, Any]:
    return dict(json.loads(bridge.core.infostore.path(kind).read_text()))


def remember(bridge: Bridge, kind: Kind, data: object) -> None:
    bridge.core.infostore.path(kind).write_text(data if isinstance(data, str) else json.dumps(data))


def test_the_second_process_asks_for_nothing_besides(
    connect_via: Connect, wire: Wire, fresh_home: Path, title: str
) -> None:
    warm_up(connect_via, wire)
    bridge = connect_via()
    assert bridge.info.user().name == "Bot"
    assert bridge.info.general().sitename
    assert bridge.info.namespaces()[10].name == "Template"
    assert "title" in bridge.info.module("edit").parameters
    assert wire.requests == []
    bridge.edit(title, text="Made.")
    actions = [one.action for one in wire.requests]
    assert actions == ["query", "query", "query", "edit"], "read the page, note its last creation, get a token, save"


def test_a_new_version_of_the_wiki_is_noticed(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    warm_up(connect_via, wire)
    bridge = connect_via()
    general, param = saved(bridge, "general"), saved(bridge, "param")
    for of in (general["general"], general["of"], param["of"]):
        of["generator"] = "MediaWiki 1.0"
    general["namespaces"] = {"0": {"id": 0}}
    param["modules"]["query+info"]["parameters"] = []
    remember(bridge, "general", general)
    remember(bridge, "param", param)
    bridge.fetch("Main Page")
    assert bridge.info.namespaces()[0].content
    assert bridge.info.general().version > (1, 0)
    assert bridge.info.module("query+info").parameters


def test_old_info_is_fetched_anew(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    warm_up(connect_via, wire)
    bridge = connect_via()
    general = saved(bridge, "general")
    general["fetched"] -= 31 * 86400
    general["namespaces"] = {"0": {"id": 0}}
    remember(bridge, "general", general)
    bridge.fetch("Main Page")
    assert bridge.info.namespaces()[0].content


def test_a_right_given_since_is_noticed(
    connect_via: Connect, wire: Wire, fresh_home: Path, human: Person, title: str
) -> None:
    """What was remembered says that the account may not edit; the wiki is asked before it is refused."""
    warm_up(connect_via, wire)
    bridge = connect_via()
    user = saved(bridge, "user")
    user["userinfo"]["rights"].remove("edit")
    remember(bridge, "user", user)
    bridge.edit(title, text="Made.")
    assert human.text(title) == "Made."


def test_a_right_taken_since_is_noticed(connect_via: Connect, wire: Wire, fresh_home: Path, title: str) -> None:
    warm_up(connect_via, wire, "human")
    bridge = connect_via("human")
    user = saved(bridge, "user")
    user["userinfo"]["rights"] += ["bot", "apihighlimits"]
    remember(bridge, "user", user)
    bridge.edit(title, text="Made.")
    assert "bot" not in wire.of("edit")[0].params
    wire.clear()
    assert len(list(bridge.titles(*(f"None {number}" for number in range(60))).pages())) == 60


def test_high_limits_taken_since(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    """The first query of a process is made by what was remembered; nothing may be lost by that."""
    warm_up(connect_via, wire, "human")
    bridge = connect_via("human")
    user = saved(bridge, "user")
    user["userinfo"]["rights"] += ["apihighlimits"]
    remember(bridge, "user", user)
    wanted = [f"None {number}" for number in range(60)]
    assert [page.title for page in bridge.titles(*wanted).pages(text=True)] == wanted


Tell = Callable[[list[str]], None]


@pytest.fixture
def tells(wire: Wire) -> Callable[[Tell], None]:
    """Have the wiki tell other rights of the account than it has."""

    def tell(change: Tell) -> None:
        def told(request: Recorded, _number: int) -> Fault | None:
            if "rights" not in request.params.get("uiprop", ""):
                return None
            answer = wire.send_again(request)
            change(answer["query"]["userinfo"]["rights"])
            return answered(200, answer)

        wire.schedule = told

    return tell


def test_high_limits_taken_in_the_midst(
    connect_via: Connect, wire: Wire, fresh_home: Path, tells: Callable[[Tell], None]
) -> None:
    """It is enough to run into them once."""
    warm_up(connect_via, wire, "human")
    bridge = connect_via("human")
    tells(lambda rights: rights.append("apihighlimits"))
    bridge.fetch("Main Page")
    wire.clear()
    wanted = [f"None {number}" for number in range(60)]
    for _ in range(2):
        assert [page.title for page in bridge.titles(*wanted).pages(text=True)] == wanted
    named = [
        len(one.params["titles"].split("|" if "|" in one.params["titles"] else "\x1f"))
        for one in wire.requests
        if "titles" in one.params
    ]
    assert named == [60, 50, 10, 50, 10]
    assert len(wire.requests) == len(named) + 1


def test_the_account_as_it_is_now(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    for warm in (False, True):
        bridge = connect_via()
        wire.clear()
        assert bridge.info.user(fresh=True).name == "Bot"
        asked = [one.params for one in wire.requests if "userinfo" in one.params.get("meta", "")]
        assert len(asked) == 1, warm
        assert len([one for one in wire.requests if "siteinfo" in one.params.get("meta", "")]) == (not warm)
        for number in range(1, 4):
            wire.clear()
            assert bridge.info.user(fresh=True).groups >= {"bot", "user"}
            bridge.info.user(recent=True)
            assert [one.params["meta"] for one in wire.requests] == ["userinfo"], number


def test_a_right_that_is_lacking_costs_a_request_an_hour(
    connect_via: Connect, wire: Wire, fresh_home: Path, clock: FakeClock, tells: Callable[[Tell], None]
) -> None:
    tells(lambda rights: rights.remove("purge"))
    with connect_via() as bridge:
        bridge.info.module("purge")
        assert bridge.info.user().name == "Bot"
    bridge = connect_via()
    for requests in (1, 0, 0):
        wire.requests.clear()
        with pytest.raises(PermissionDenied, match="Bot lacks the right 'purge'"):
            bridge.purge("Main Page")
        assert not bridge.info.can("purge")
        assert bridge.info.can("edit")
        assert len(wire.requests) == requests
    clock.sleep(3601)
    assert not bridge.info.can("purge")
    assert len(wire.requests) == 1


@pytest.mark.parametrize("kind", ["general", "param", "user"])
@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"gene', "\x00\x00", "null", '"x"'])
def test_a_damaged_file_is_as_good_as_none(
    connect_via: Connect, wire: Wire, fresh_home: Path, kind: Kind, text: str
) -> None:
    warm_up(connect_via, wire)
    bridge = connect_via()
    remember(bridge, kind, text)
    assert bridge.fetch("Main Page").exists
    assert bridge.info.user().name == "Bot"
    assert bridge.info.namespaces()[0].content
    assert not bridge.edit("Main Page", append="").changed


@pytest.mark.parametrize(
    "key_and_value",
    [
        ("general", "general", 1),
        ("general", "namespaces", None),
        ("general", "fetched", "yesterday"),
        ("param", "modules", []),
        ("param", "modules", {"edit": {}}),
        ("param", "of", None),
        ("user", "userinfo", 7),
        ("user", "userinfo", {}),
        ("user", "userinfo", {"rights": 1}),
    ],
    ids=str,
)
def test_a_file_of_another_shape_is_as_good_as_none(
    connect_via: Connect, wire: Wire, fresh_home: Path, key_and_value: tuple[Kind, str, object]
) -> None:
    """Written by another version of Apibot, for example."""
    warm_up(connect_via, wire)
    bridge = connect_via()
    kind, key, value = key_and_value
    remember(bridge, kind, saved(bridge, kind) | {key: value})
    assert bridge.fetch("Main Page").exists
    assert bridge.info.user().name == "Bot"
    assert bridge.info.namespaces()[0].content
    assert not bridge.edit("Main Page", append="").changed


def test_an_unwritable_home_is_one_clear_error(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    from apibot.core.errors import StateError

    (fresh_home / "identity").write_text("a file where a folder should be")
    with pytest.raises(StateError, match="identity"):
        connect_via().fetch("Main Page")


def test_an_anonymous_reader(connect_via: Connect, wire: Wire, fresh_home: Path, title: str) -> None:
    bridge = connect_via(None)
    assert bridge.fetch("Main Page").exists
    assert bridge.info.user().anonymous
    assert not any("assertuser" in one.params for one in wire.requests)
    assert wire.of("login") == []


# Parameters are checked by what the wiki says of itself.


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (lambda bridge: list(bridge.by_name("list", "allpages", nonsense=1)), "nonsense"),
        (lambda bridge: list(bridge.by_name("list", "allpages", filterredir="sometimes")), "sometimes"),
        (lambda bridge: list(bridge.allpages(filterredir="sometimes")), "sometimes"),
        (lambda bridge: list(bridge.recentchanges(type=["edit", "nonsense"])), "nonsense"),
        (lambda bridge: list(bridge.recentchanges(type="edit|nonsense")), "nonsense"),
        (lambda bridge: list(bridge.allpages(minsize="big")), "big"),
        (lambda bridge: list(bridge.by_name("list", "allpages", namespace=["0", "1"])), "one value"),
        (lambda bridge: list(bridge.by_name("list", "users", users=[f"U{number}" for number in range(501)])), "500"),
        (lambda bridge: list(bridge.querypage("Nonsense")), "Nonsense"),
        (lambda bridge: list(bridge.by_name("list", "querypage")), "page"),
        (lambda bridge: bridge.by_name("action", "parse", nonsense="1"), "nonsense"),
        (lambda bridge: list(bridge.titles("Main Page").property("info", prop="nonsense")), "nonsense"),
    ],
)
def test_what_the_wiki_would_not_take_is_not_sent(bridge: Bridge, wire: Wire, use: Any, name: str) -> None:
    with pytest.raises(BadParameter, match=name) as caught:
        use(bridge)
    assert "\n" not in str(caught.value)
    assert [one.action for one in wire.requests if one.action != "paraminfo"] == []


def test_fifty_values_for_a_human(connect_via: Connect, wire: Wire) -> None:
    bridge = connect_via("human")
    with pytest.raises(BadParameter, match="50"):
        list(bridge.by_name("list", "users", users=[f"U{number}" for number in range(51)]))
    assert len(list(bridge.by_name("list", "users", users=[f"U{number}" for number in range(50)]))) == 50


def test_lax_settings_only_log(
    connect_via: Connect, wire: Wire, fresh_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (fresh_home / "apibot.toml").write_text("strict = false\n")
    bridge = connect_via()
    rows = list(bridge.by_name("list", "allpages", nonsense=1, limit=1))
    assert len(rows) == 1
    assert "unknown parameter 'nonsense'" in caplog.text
    assert any(one.params.get("apnonsense") == "1" for one in wire.requests)


def test_parameters_newer_than_the_catalogue(bridge: Bridge, wire: Wire) -> None:
    list(bridge.allpages(extra={"filterredir": "redirects"}, limit=1))
    assert wire.requests[0].params["apfilterredir"] == "redirects"


def test_defaults_of_the_settings_are_added(
    connect_via: Connect, wire: Wire, fresh_home: Path, human: Person, title: str
) -> None:
    (fresh_home / "apibot.toml").write_text('[layers.API_Action_Edit]\nsummary = "By default"\n')
    bridge = connect_via()
    bridge.edit(title, text="One.")
    bridge.edit(title, text="Two.", summary="Given")
    assert [one["comment"] for one in human.page(title)["revisions"]] == ["Given", "By default"]


def test_warnings_of_the_wiki_are_shown_once(bridge: Bridge, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    fault = answered(
        200,
        {
            "batchcomplete": True,
            "query": {"allpages": []},
            "warnings": [{"code": "c", "text": "Watch out", "module": "m"}],
        },
    )
    wire.always(fault)
    list(bridge.allpages())
    list(bridge.allpages())
    assert [one.getMessage() for one in caplog.records if one.levelname == "WARNING"] == ["m: Watch out [c]"]


def test_an_account_without_the_right(connect_switched: Any, switched_sysop: Person, title: str) -> None:
    switched_sysop.save(title, "Here.")
    switched_sysop.do("protect", title=title, protections="edit=sysop")
    from apibot.core.errors import Protected

    bridge = connect_switched("human")
    with pytest.raises(Protected) as caught:
        bridge.edit(title, text="No.")
    assert not isinstance(caught.value, PermissionDenied)
    assert switched_sysop.texts(title)[0] == "Here."


def test_a_blocked_account(connect_switched: Any, switched_sysop: Person, title: str) -> None:
    from apibot.core.errors import Blocked

    bridge = connect_switched("human")
    switched_sysop.do("block", user="Human", expiry="infinite", allowusertalk=1)
    try:
        with pytest.raises(Blocked):
            bridge.edit(title, text="No.")
    finally:
        switched_sysop.do("unblock", user="Human")
    assert switched_sysop.text(title) is None
