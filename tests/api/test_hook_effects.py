"""What callbacks change on the way down goes over the wire, what they change on the way up reaches the caller."""

from __future__ import annotations

from typing import Any

import pytest

from apibot.backends.api.query_module import Pageset, Submodule
from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, HookError
from apibot.core.layer import Wanted
from apibot.queries import AllPages
from tests.support.people import Person
from tests.support.proxy import Wire


def sent(wire: Wire, action: str) -> dict[str, str]:
    return dict([one for one in wire.requests if one.action == action][-1].params)


def hook(bridge: Bridge, name: str, change: Any) -> None:
    """Let a callback hold a hook that changes the first argument."""

    def callback(part: object, first: Any, *args: Any, **kwargs: Any) -> object:
        return previous(part, change(first), *args, **kwargs)

    previous = bridge.core.hooks.hook(name, callback)


@pytest.mark.parametrize("seam", ["API_Action_Edit::params", "API_Action_Edit::xfer", "API_Module_Edit::params"])
def test_parameters_of_an_action(bridge: Bridge, wire: Wire, human: Person, title: str, seam: str) -> None:
    hook(bridge, seam, lambda params: {**params, "summary": "By a callback"})
    bridge.edit(title, text="One.", summary="Given")
    assert sent(wire, "edit")["summary"] == "By a callback"
    assert human.page(title)["revisions"][0]["comment"] == "By a callback"


def test_what_a_callback_adds_is_checked_too(bridge: Bridge, wire: Wire, title: str) -> None:
    hook(bridge, "API_Action_Edit::params", lambda params: {**params, "nonsense": "x"})
    with pytest.raises(BadParameter, match="unknown parameter 'nonsense'"):
        bridge.edit(title, text="One.")
    assert wire.of("edit") == []


def test_the_check_can_be_put_aside(bridge: Bridge, wire: Wire) -> None:
    with bridge.core.hooks.hooked("API_Querymodule_Allpages::check", lambda module, params: None):
        list(bridge.by_name("list", "allpages", nonsense="x", limit=1))
    assert sent(wire, "query")["apnonsense"] == "x"
    with pytest.raises(BadParameter, match="unknown parameter 'nonsense'"):
        list(bridge.by_name("list", "allpages", nonsense="x", limit=1))


def test_parameters_of_a_querymodule_whether_list_or_generator(bridge: Bridge, wire: Wire) -> None:
    hook(bridge, "API_Querymodule_Allpages::params", lambda params: {**params, "filterredir": "redirects"})
    list(bridge.allpages(limit=1))
    assert sent(wire, "query")["apfilterredir"] == "redirects"
    list(bridge.allpages(limit=1).pages(info=True))
    assert sent(wire, "query")["gapfilterredir"] == "redirects"


def test_a_query_is_translated_otherwise(bridge: Bridge, wire: Wire) -> None:
    hook(bridge, "API_Query_AllPages::plan", lambda query: query.replaced(prefix="Main"))
    assert [page.title for page in bridge.allpages()] == ["Main Page"]
    assert sent(wire, "query")["apprefix"] == "Main"


def test_what_joins_a_request(bridge: Bridge, wire: Wire, title: str) -> None:
    joined: list[str] = []

    def join(module: object, part: Submodule | Pageset) -> object:
        joined.append(part.kind if isinstance(part, Submodule) else part.param)
        return None if isinstance(part, Submodule) and part.name == "info" else previous(module, part)

    previous = bridge.core.hooks.hook("API_Module_Query::join", join)
    list(bridge.core.batches(AllPages(limit=1), Wanted(pages=True, info=True, categories=True)))
    bridge.fetch(title)
    list(bridge.by_name("meta", "siteinfo"))
    list(bridge.allpages(limit=1))
    assert joined == ["generator", "prop", "prop", "prop", "prop", "titles", "meta", "list"]
    assert [one.params.get("prop") for one in wire.of("query")] == ["categories", "revisions", None, None]


def test_a_page_set(bridge: Bridge, wire: Wire, title: str) -> None:
    hook(bridge, "API_Pageset::params", lambda pageset: pageset._replace(values=("Main Page",)))
    assert bridge.fetch(title).title == "Main Page"
    assert sent(wire, "query")["titles"] == "Main Page"


def test_what_goes_with_every_request(bridge: Bridge, wire: Wire, title: str) -> None:
    def params(main: object, effect: str, user: str | None) -> Any:
        given: Any = previous(main, effect, user)
        return {**given, "requestid": effect}

    previous = bridge.core.hooks.hook("API_Mainmodule::params", params)
    bridge.edit(title, text="One.")
    assert {one.action: one.params["requestid"] for one in wire.requests} == {"query": "read", "edit": "write"}


def test_rows_and_batches_on_the_way_up(bridge: Bridge) -> None:
    def element(query: object, row: dict[str, object]) -> object:
        seen.append(str(row["title"]))
        return None if row["title"] == "Main Page" else {**row, "title": f"<{row['title']}>"}

    seen: list[str] = []
    bridge.core.hooks.hook("Query_AllPages::element", element)
    titles = [page.title for page in bridge.allpages()]
    assert "Main Page" in seen
    assert titles == [f"<{one}>" for one in seen if one != "Main Page"]
    bridge.core.hooks.hook("Query_AllPages::batches", lambda *args: iter(()))
    assert list(bridge.allpages()) == []


def test_a_callback_that_fails_between_rows_is_named(bridge: Bridge) -> None:
    bridge.core.hooks.hook("Query_AllPages::element", lambda query, row: row["no such key"])
    with pytest.raises(HookError, match=r"Query_AllPages::element failed: KeyError"):
        list(bridge.allpages())
