"""Apply: exactly the changes of a plan, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BackendClosed, Blocked, PlanError, Protected
from apibot.data.pages import text_sha1
from apibot.line import allpages, append, edit, querypage, replace
from apibot.runs import read_plan
from tests.api.conftest import Connect
from tests.line.conftest import MakePages
from tests.runs.conftest import Changes, rows, typo_line
from tests.support.people import Person
from tests.support.proxy import LOST_REPLY, LOST_REQUEST, Wire

Planned = Callable[..., Path]


def stored(person: Person, plan: Path) -> list[tuple[str | None, str | None]]:
    """Return for each record the hash of the page's text now, and the one that was planned."""
    found = []
    for record in read_plan(plan).records:
        text = person.text(str(record.request.given()["page"]))
        found.append((None if text is None else text_sha1(text), record.result_sha1))
    return found


@pytest.fixture
def typos(prefix: str, pages: MakePages) -> tuple[str, list[str]]:
    """Prefix and titles of five pages, of which the first, third and fifth are to be corrected."""
    return prefix, pages("teh", "the", "teh\n\nteh", "{{nobots}} teh", "Ateh")


def test_exactly_the_changes_of_the_plan(
    bridge: Bridge, typos: tuple[str, list[str]], plan: Path, human: Person, changes: Changes
) -> None:
    prefix, titles = typos
    before = changes()
    assert typo_line(prefix).plan(bridge, plan).changed == 3
    assert changes() == before, "planning changes nothing"
    told: list[int] = []
    result = bridge.apply(plan, progress=told.append)
    assert (result.applied, result.already, result.stale, result.failed, result.stale_file, result.replanned) == (
        3,
        0,
        [],
        [],
        None,
        0,
    )
    assert told == [1, 2, 3]
    assert changes()[len(before) :] == [(titles[number], "Bot", "typo") for number in (0, 2, 4)]
    assert all(now == wanted for now, wanted in stored(human, plan))
    assert human.texts(titles[2]) == ["the\n\nthe", "teh\n\nteh"]
    assert [path.name for path in plan.parent.iterdir()] == [plan.name]


def test_all_kinds_of_edits_of_a_bridge(
    bridge: Bridge, title: str, planned: Planned, human: Person, changes: Changes
) -> None:
    odd = f"“{title}” 'x' & \\ 東京 🚲"
    human.save(title, "Lead.\n\n== A ==\nOne.\n\n== B ==\nTwo.")
    human.save(odd, "x\u2028y\u00a0z")
    seen = len(changes())
    path = planned(
        (title, {"section": 1, "append": " More.", "summary": "“one”"}),
        (odd, {"prepend": "“", "minor": True}),
        (f"Talk:{title}", {"section": "new", "sectiontitle": "Hello", "text": "Text.", "summary": "talk"}),
        (f"{title} new", {"text": "New.  \r\n", "create": "only", "summary": "made"}),
    )
    result = bridge.apply(path)
    assert (result.applied, result.failed, result.stale) == (4, [], [])
    assert changes()[seen:] == [
        (title, "Bot", "“one”"),
        (odd, "Bot", ""),
        (f"Talk:{title}", "Bot", "talk"),
        (f"{title} new", "Bot", "made"),
    ]
    assert all(now == wanted for now, wanted in stored(human, path))
    assert human.text(title) == "Lead.\n\n== A ==\nOne. More.\n\n== B ==\nTwo."
    assert human.text(odd) == "“x\u2028y\u00a0z"
    assert human.page(odd)["revisions"][0]["minor"]


def test_applied_twice_is_applied_once(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, changes: Changes
) -> None:
    titles = pages("teh", "teh\n* 1\u2028 2", "teh  \n\n", "te\u0301h teh")
    line = allpages(prefix=prefix) | replace("teh", "the") | append("{{Added}}\n") | edit()
    line.plan(bridge, plan)
    assert bridge.apply(plan).applied == 4
    seen = changes()
    assert [name for name, user, _comment in seen if user == "Bot"] == titles
    again = bridge.apply(plan)
    assert (again.applied, again.already, again.stale, again.stale_file) == (0, 4, [], None)
    assert changes() == seen


def test_what_the_wiki_stores_otherwise_is_applied_once_too(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person
) -> None:
    """A signature is stored as something else than was sent; that it landed shows by account and parent revision."""
    [title] = pages("Talk.")
    (allpages(prefix=prefix) | append("Hello. ~~~~") | edit()).plan(bridge, plan)
    assert bridge.apply(plan).applied == 1
    text = human.text(title)
    assert text is not None
    assert "~~~~" not in text
    again = bridge.apply(plan)
    assert (again.applied, again.already, again.stale) == (0, 1, [])
    assert human.text(title) == text


def test_creations_are_applied_once(bridge: Bridge, title: str, planned: Planned, human: Person) -> None:
    path = planned((title, {"text": "Made."}), (f"{title} 2", {"text": "Made.", "create": "only"}))
    assert bridge.apply(path).applied == 2
    again = bridge.apply(path)
    assert (again.applied, again.already, again.stale) == (0, 2, [])
    assert human.texts(title) == ["Made."]


def test_a_line_that_makes_pages(
    bridge: Bridge, prefix: str, plan: Path, human: Person, run_jobs: Callable[[], None]
) -> None:
    human.save(prefix, f"[[{prefix} red]]")
    run_jobs()
    line = querypage("Wantedpages") | append("Stub.") | edit(create="only")
    line.plan(bridge, plan)
    header, *records = rows(plan)
    mine = [row for row in records if row["request"]["fields"]["page"]["title"] == f"{prefix} red"]
    assert [row["base"] for row in mine] == [{"revid": 0, "sha1": ""}]
    plan.write_text("".join(json.dumps(row) + "\n" for row in [header, *mine]), encoding="utf-8")
    assert bridge.apply(plan).applied == 1
    assert human.texts(f"{prefix} red") == ["Stub."]


def test_two_changes_of_one_page_are_both_made_or_planned_again(
    bridge: Bridge, title: str, planned: Planned, human: Person
) -> None:
    human.save(title, "\n\n".join(f"Line {number}." for number in range(9)))
    path = planned((title, {"prepend": "First. "}), (title, {"append": " Last."}))
    result = bridge.apply(path)
    assert (result.applied, len(result.stale)) == (1, 1), "the second was planned on a text that is no more"
    assert text_sha1(human.text(title) or "") == read_plan(path).records[0].result_sha1


def test_a_refused_change_is_listed_and_the_others_are_made(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, sysop: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    typo_line(prefix).plan(bridge, plan)
    protection = sysop.page(titles[1])["revisions"][0]["revid"]
    sysop.do("protect", title=titles[1], protections="edit=sysop")
    result = bridge.apply(plan)
    assert result.applied == 2
    if result.failed:
        [(record, error)] = result.failed
        assert (record.n, type(error)) == (2, Protected)
    else:
        assert [record.n for record in result.stale] == [2], "a protection is a revision of its own"
        assert sysop.page(titles[1])["revisions"][0]["revid"] > protection
    assert [sysop.text(title) for title in titles] == ["the", "teh", "the"]


def test_a_block_ends_it_and_what_is_left_can_be_applied_later(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, sysop: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    typo_line(prefix).plan(bridge, plan)

    def block(number: int) -> None:
        if number == 1:
            sysop.do("block", user="Bot")

    try:
        with pytest.raises(Blocked):
            bridge.apply(plan, progress=block)
    finally:
        sysop.do("unblock", user="Bot")
    assert [sysop.text(title) for title in titles] == ["the", "teh", "teh"]
    result = bridge.apply(plan)
    assert (result.already, result.applied) == (1, 2)


def test_an_interrupted_apply_goes_on_where_it_was(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    typo_line(prefix).plan(bridge, plan)

    def stop(number: int) -> None:
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bridge.apply(plan, progress=stop)
    result = bridge.apply(plan)
    assert (result.already, result.applied) == (2, 1)
    assert [human.texts(title) for title in titles] == [["the", "teh"]] * 3


def test_lost_replies_are_no_double_edits(
    bridge: Bridge, wire: Wire, prefix: str, pages: MakePages, plan: Path
) -> None:
    titles = pages("teh", "teh", "teh")
    (allpages(prefix=prefix) | append("More.") | edit()).plan(bridge, plan)
    wire.once("edit", LOST_REPLY, LOST_REQUEST)
    first = bridge.apply(plan)
    wire.clear()
    second = bridge.apply(plan)
    assert first.applied + len(first.failed) == 3
    assert first.applied + second.applied == 3
    texts = [page.text for page in bridge.titles(*titles).pages(text=True)]
    assert texts == ["teh\nMore."] * 3


def test_requests_are_edits_and_few_more(bridge: Bridge, wire: Wire, prefix: str, pages: MakePages, plan: Path) -> None:
    pages(*["teh"] * 12)
    typo_line(prefix).plan(bridge, plan)
    wire.clear()
    assert bridge.apply(plan).applied == 12
    others = [one for one in wire.requests if one.action != "edit"]
    assert len(wire.of("edit")) == 12
    looked_up = [one.params["pageids"] for one in others if one.params.get("meta") != "tokens"]
    assert [one.count("|") for one in looked_up] == [11]
    assert not any("content" in one.params.get("rvprop", "") for one in others), "hashes tell enough"
    wire.clear()
    assert bridge.apply(plan).already == 12
    assert len(wire.requests) == 1


def test_it_is_the_account_and_the_wiki_of_the_plan(
    connect_via: Connect, bridge: Bridge, title: str, planned: Planned, human: Person
) -> None:
    path = planned((title, {"text": "x"}))
    other = connect_via("human")
    with pytest.raises(PlanError, match="Human"):
        other.apply(path)
    nobody = connect_via(None)
    with pytest.raises(PlanError):
        nobody.apply(path)
    assert human.text(title) is None


def test_a_closed_bridge_applies_nothing(connect_via: Connect, title: str, planned: Planned) -> None:
    path = planned((title, {"text": "x"}))
    other = connect_via()
    other.close()
    with pytest.raises(BackendClosed):
        other.apply(path)


def test_an_empty_plan(bridge: Bridge, plan: Path, prefix: str, wire: Wire) -> None:
    result = typo_line(prefix).plan(bridge, plan)
    assert (result.changed, result.passed) == (0, 0)
    assert len(rows(plan)) == 1
    wire.clear()
    assert bridge.apply(plan).applied == 0
    assert wire.requests == []


def test_a_run_counts_what_is_applied(bridge: Bridge, title: str, planned: Planned) -> None:
    path = planned((title, {"text": "x"}), (f"{title} 2", {"text": "y"}))
    with bridge.run("apply") as run:
        result = run.bridge.apply(path)
    assert (result.applied, run.counts.changed, run.counts.failed) == (2, 2, 0)
