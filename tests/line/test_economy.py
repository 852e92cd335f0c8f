"""Requests: as many as batches and writes make necessary, and nothing asked for twice."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import pytest

from apibot.bridge import Bridge
from apibot.data.pages import Base
from apibot.line import Line, Slot, allpages, append, echo, edit, keep, page, querypage, replace
from apibot.runs import read_plan
from tests.api.conftest import Connect
from tests.line.conftest import CROWD, MakePages, marked, noted
from tests.support.people import Person
from tests.support.proxy import Recorded, Wire


def shape(request: Recorded) -> str:
    """Return what a request is: where its pages come from, and what is asked of them."""
    params = request.params
    source = params.get("generator") or next((name for name in ("pageids", "titles") if name in params), "")
    return f"{request.action} {source} {params.get('prop', '')}".strip()


def run(line: Line | Slot, bridge: Bridge, wire: Wire) -> list[str]:
    """Run a line and return what it asked; the result's count is checked on the way."""
    wire.clear()
    whole = line if isinstance(line, Line) else Line([line])
    before = bridge.core.browser.counters.requests
    result = whole.run(bridge, say=len)
    assert result.requests == bridge.core.browser.counters.requests - before == len(wire.requests)
    return [shape(one) for one in wire.requests if one.params.get("meta") != "tokens"]


@pytest.fixture
def four_pages(prefix: str, pages: MakePages) -> str:
    """Prefix of four pages, one of them a redirect."""
    pages("xx", "xxx", "xxxx", "#REDIRECT [[A]]")
    return prefix


LIST, WITH_TEXT, TEXTS = "query allpages info", "query allpages info|revisions", "query pageids info|revisions"


@pytest.mark.parametrize(
    ("make", "asked"),
    [
        (lambda feed: feed, [LIST]),
        (lambda feed: feed | echo("{title} {size} {revid}"), [LIST]),
        (lambda feed: feed | keep((page.size > 1) & ~page.redirect & page.title.matches("1")) | echo(), [LIST]),
        (lambda feed: feed | replace("a", "b"), [WITH_TEXT]),
        (lambda feed: feed | echo() | replace("a", "b") | append("c") | keep(page.text.contains("c")), [WITH_TEXT]),
        (lambda feed: feed | keep(page.text.contains("x") | (page.size > 1)) | replace("a", "b"), [WITH_TEXT]),
        (lambda feed: feed | edit(minor=True), [WITH_TEXT]),
        (lambda feed: feed | keep(page.size > 1) | replace("a", "b"), [LIST, TEXTS]),
        (lambda feed: feed | keep(page.size > 1) | replace("a", "b") | append("c") | noted([]), [LIST, TEXTS]),
        (lambda feed: feed | keep(page.size > 1) | keep(page.text.contains("x")) | append("c"), [LIST, TEXTS]),
        (lambda feed: feed | keep(page.size > 1) | echo() | keep(page.exists) | replace("a", "b"), [LIST, TEXTS]),
        (lambda feed: feed | keep(page.size > 1) | keep(page.text.contains("x")) | edit(), [LIST, TEXTS]),
        (lambda feed: feed | keep(page.size > 9999) | replace("a", "b"), [LIST]),
    ],
)
def test_as_few_requests_as_can_be(
    bridge: Bridge, wire: Wire, four_pages: str, make: Callable[[Slot], Line | Slot], asked: list[str]
) -> None:
    """One list; texts come along with it if nothing rejects before; else in one go for those that are left."""
    assert run(make(allpages(prefix=four_pages)), bridge, wire) == asked


def test_only_the_texts_of_those_that_are_left(bridge: Bridge, wire: Wire, prefix: str, pages: MakePages) -> None:
    titles = pages("x", "xx", "xxx", "x")
    seen: list[tuple[str, str]] = []
    run(allpages(prefix=prefix) | keep(page.size >= 2) | noted(seen), bridge, wire)
    assert seen == [(titles[1], "xx"), (titles[2], "xxx")]
    assert wire.requests[1].params["pageids"].count("|") == 1


def test_writes_cost_one_request_each(bridge: Bridge, wire: Wire, prefix: str, pages: MakePages) -> None:
    pages("teh", "the", "teh teh", "teh x")
    line = allpages(prefix=prefix) | replace("teh", "the") | edit()
    assert run(line, bridge, wire) == [WITH_TEXT, "edit", "edit", "edit"]
    assert run(line, bridge, wire) == [WITH_TEXT], "nothing is left to do"
    line = allpages(prefix=prefix) | keep(page.size > 3) | replace("the", "teh") | edit()
    assert run(line, bridge, wire) == [LIST, TEXTS, "edit", "edit"]


def test_branches_that_all_need_the_text_get_it_with_the_list(
    bridge: Bridge, wire: Wire, prefix: str, pages: MakePages
) -> None:
    pages("one", "two")
    feed = allpages(prefix=prefix)
    feed.link_with(replace("o", "0"))
    feed.link_with(append("x"))
    assert run(Line([feed]), bridge, wire) == [WITH_TEXT]


def test_branches_after_a_filter_share_what_is_fetched(
    bridge: Bridge, wire: Wire, prefix: str, pages: MakePages
) -> None:
    pages("one", "two")
    feed, sieve = allpages(prefix=prefix), marked([])
    feed.link_with(sieve)
    sieve.link_with(replace("o", "0"))
    sieve.link_with(append("x"))
    assert run(Line([feed]), bridge, wire) == [LIST, TEXTS]


def test_missing_pages_are_asked_for_by_title_together(
    bridge: Bridge, wire: Wire, human: Person, prefix: str, run_jobs: Callable[[], None]
) -> None:
    human.save(prefix, "".join(f"[[{prefix} red {number}]]" for number in range(4)))
    run_jobs()
    seen: list[tuple[str, str]] = []
    line = querypage("Wantedpages") | keep(page.title.startswith(prefix)) | noted(seen)
    asked = run(line, bridge, wire)
    assert asked == ["query querypage info", "query titles info|revisions"]
    assert sorted(seen) == [(f"{prefix} red {number}", "") for number in range(4)]


def test_a_plan_costs_no_more_than_reading(
    bridge: Bridge, wire: Wire, prefix: str, pages: MakePages, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pages("teh", "teh", "the")
    path = tmp_path_factory.mktemp("plan") / "plan.jsonl"
    wire.clear()
    result = (allpages(prefix=prefix) | replace("teh", "the") | edit()).plan(bridge, path)
    assert [shape(one) for one in wire.requests] == [WITH_TEXT]
    assert (result.changed, len(read_plan(path).records), result.requests) == (2, 2, 1)


# Many pages: the wiki gives a bot 500 texts at once, and takes 500 names; others 50.


def test_a_crowd(bridge: Bridge, wire: Wire, crowd: str) -> None:
    feed = allpages(prefix=crowd)
    assert run(feed | echo(), bridge, wire) == [LIST]
    assert run(feed | replace("a", "b"), bridge, wire) == [WITH_TEXT] * 2
    assert run(feed | keep(page.size > 1) | replace("a", "b"), bridge, wire) == [LIST, TEXTS, TEXTS]
    assert [one.params["pageids"].count("|") + 1 for one in wire.requests[1:]] == [500, CROWD - 500]


def test_an_account_with_smaller_limits(connect_via: Connect, wire: Wire, crowd: str) -> None:
    human = connect_via("human")
    human.fetch("Main Page")
    human.core.info.module("edit")
    some = keep(page.title.matches(r" 00[0-9]\d$"))
    feed = allpages(prefix=crowd)
    assert run(feed | some | replace("a", "b"), human, wire) == [LIST, LIST, TEXTS, TEXTS]
    assert [one.params["pageids"].count("|") + 1 for one in wire.requests[2:]] == [50, 50]
    assert run(allpages(prefix=f"{crowd} 00") | replace("a", "b"), human, wire) == [WITH_TEXT] * 2


def test_a_plan_for_a_crowd(
    bridge: Bridge, wire: Wire, crowd: str, human: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Look-ups are batched when it is applied, and so is planning again what has become stale."""
    path = tmp_path_factory.mktemp("plan") / "plan.jsonl"
    line = allpages(prefix=crowd) | replace("Text", "Txt") | edit(summary="short")
    assert line.plan(bridge, path).changed == CROWD
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    changed = [f"{crowd} {number:04}" for number in range(0, 20, 2)]
    for title in changed:
        human.save(title, f"Text {title[-4:]}. By another.")
    wire.clear()
    told: list[int] = []
    path.write_text("".join(lines[:30]), encoding="utf-8")
    result = bridge.apply(path, progress=told.append)
    assert (result.applied, len(result.stale), result.replanned, result.failed) == (19, 10, 10, [])
    asked = [shape(one) for one in wire.requests if one.action != "edit" and one.params.get("meta") != "tokens"]
    assert [one.split()[1] for one in asked] == ["pageids", "pageids"], (
        "the revisions there are now, then the texts of what is stale"
    )
    assert len(wire.of("edit")) == 19
    assert told == list(range(1, 30))
    assert human.text(f"{crowd} 0001") == "Txt 0001."
    assert result.stale_file is not None
    assert bridge.apply(result.stale_file).applied == 10
    assert [human.text(title) for title in changed] == [f"Txt {title[-4:]}. By another." for title in changed]


def test_applying_looks_up_as_many_at_once_as_the_wiki_takes(
    bridge: Bridge, wire: Wire, crowd: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A plan whose changes are there already is looked up and done."""
    folder = tmp_path_factory.mktemp("plan")
    line = allpages(prefix=crowd) | replace("Txt", "Text") | append("x", newline=False) | edit()
    assert line.plan(bridge, folder / "plan.jsonl").changed == CROWD
    plan = read_plan(folder / "plan.jsonl")
    header = (folder / "plan.jsonl").read_text(encoding="utf-8").splitlines()[0]
    rows = [header]
    for record in plan.records:
        base = record.base
        assert base is not None
        done = dataclasses.replace(record, base=Base(base.revid - 1, base.sha1), result_sha1=base.sha1)
        rows.append(json.dumps(done.to_json()))
    (folder / "done.jsonl").write_text("\n".join(rows), encoding="utf-8")
    wire.clear()
    result = bridge.apply(folder / "done.jsonl")
    assert (result.already, result.applied, len(result.stale)) == (CROWD, 0, 0)
    assert [one.params["pageids"].count("|") + 1 for one in wire.requests] == [500, CROWD - 500]
