"""Reading: how many requests go over the wire, and that every page arrives whole."""

# pytest gives fixtures and parameters by name

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, NotFetched
from apibot.data import Title
from tests.api.conftest import MANY, SOME, Connect
from tests.support import made_up_wiki
from tests.support.people import Person
from tests.support.proxy import Wire


@pytest.mark.parametrize(("account", "narrow"), [("bot", ""), ("human", " S")])
def test_as_many_requests_as_batches(connect_via: Connect, wire: Wire, many: str, account: str, narrow: str) -> None:
    with connect_via(account) as first:
        list(first.allpages(prefix=f"{many} S 000", limit=1).pages(text=True))
    bridge = connect_via(account)
    wire.clear()
    pages = list(bridge.allpages(prefix=many + narrow).pages(text=True))
    assert [(one.method, one.action, one.params.get("meta")) for one in wire.requests] == [
        ("GET", "query", "siteinfo|userinfo" if number == 0 else None) for number in range(2)
    ]
    assert len(pages) == (SOME if narrow else MANY)
    assert len({page.title for page in pages}) == len(pages)
    assert all(page.text == f"Text of {page.title}." for page in pages)


def test_the_second_query_carries_nothing_besides(bridge: Bridge, wire: Wire, many: str) -> None:
    assert len(list(bridge.allpages(prefix=many).pages(text=True))) == MANY
    assert [one.params.get("meta") for one in wire.requests] == [None] * 2


def test_connecting_sends_nothing(connect_via: Connect, wire: Wire, fresh_home: Path) -> None:
    bridge = connect_via()
    bridge.allpages().pages(text=True)
    bridge.titles("A").revisions()
    assert wire.requests == []


def test_connections_are_kept_alive(bridge: Bridge, wire: Wire, many: str) -> None:
    list(bridge.allpages(prefix=many).pages(text=True))
    list(bridge.titles("Main Page").pages(text=True))
    assert len({one.connection for one in wire.requests}) == 1


@pytest.mark.parametrize("size", ["130000", "25000"])
def test_above_the_result_limit_every_page_arrives_once_with_its_text(
    connect_switched: Callable[..., Bridge], switches: Path, switched_wire: Wire, switched_sysop: Person, size: str
) -> None:
    prefix = f"Big {uuid.uuid4().hex[:8]}"
    names = [f"{prefix} {number}" for number in range(9)]
    texts = {name: name + " " + "x" * 11000 for name in names}
    for name, text in texts.items():
        switched_sysop.save(name, text)
    bridge = connect_switched()
    bridge.fetch("Main Page")
    switched_wire.clear()
    (switches / "small").write_text(size)
    found = list(bridge.allpages(prefix=prefix).pages(text=True))
    assert [page.title for page in found] == names
    assert {page.title: page.text for page in found} == texts
    number = len(switched_wire.requests)
    assert number == (1 if size == "130000" else 5), "all in one reply, or two texts in each"
    named = list(bridge.titles(*reversed(names)).pages(text=True, categories=True))
    assert [(page.title, page.text) for page in named] == [(name, texts[name]) for name in reversed(names)]


def test_at_the_result_limit_texts_and_categories_are_all_there(
    connect_switched: Callable[..., Bridge], switches: Path, switched_sysop: Person
) -> None:
    prefix = f"Mixed {uuid.uuid4().hex[:8]}"
    names = [f"{prefix} {number}" for number in range(5)]
    wanted = [f"Category:{prefix} with a long name, so that it fills the reply {number:02}" for number in range(30)]
    for name in names:
        switched_sysop.save(name, "y" * 6000 + "".join(f"[[{one}]]" for one in wanted))
    bridge = connect_switched()
    bridge.fetch("Main Page")
    (switches / "small").write_text("14000")
    found = list(bridge.allpages(prefix=prefix).pages(text=True, categories=True))
    assert [page.title for page in found] == names
    assert all(page.text.startswith("y" * 6000) for page in found)
    assert [sorted(page.categories) for page in found] == [wanted] * len(names)


def test_what_was_not_asked_for_is_not_fetched(bridge: Bridge, wire: Wire, many: str) -> None:
    page = bridge.allpages(prefix=many, limit=1).pages().first()
    assert page is not None
    assert len(wire.requests) == 1
    for name in ("text", "categories", "original"):
        with pytest.raises(NotFetched):
            getattr(page, name)
    assert len(wire.requests) == 1


def test_titles_are_taken_where_pages_are(bridge: Bridge, title: str) -> None:
    page = bridge.title(title)
    bridge.edit(page, text="x", summary="s")
    assert bridge.fetch(page.with_fragment("y")).text == "x"
    bridge.change(page, lambda text: f"{text} y")
    assert {one.title for one in bridge.titles(page, page.talk)} == {page.full, page.talk.full}
    with pytest.raises(BadParameter, match="another wiki"):
        bridge.fetch(Title.parse("fr:A", made_up_wiki.SITE))
