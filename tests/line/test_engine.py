"""The engine on a real wiki: signals and their logs, data blocks, parameters, branches, feeders."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter
from apibot.data.pages import Page
from apibot.line import Line, allpages, append, categorymembers, echo, edit, keep, page, replace
from apibot.line import engine as engine_module
from apibot.line.signals import DEFAULT_KEY, Block, Data, LogEntry, Signal, Start
from tests.line.conftest import CROWD, MakePages, marked, noted
from tests.support.people import Person

Params = dict[str, dict[str, object]]


@pytest.fixture
def trace(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, LogEntry, list[str]]]:
    """Signal, entry and the words of the slots before, for each entry in a signal's log."""
    found: list[tuple[str, LogEntry, list[str]]] = []
    note = Signal.note

    def noting(self: Signal, kind: str, name: str, job: str) -> None:
        before = [entry.name for entry in self.log]
        note(self, kind, name, job)
        found.append((type(self).__name__, self.log[-1], before))

    monkeypatch.setattr(Signal, "note", noting)
    return found


@pytest.fixture
def give_parameters(monkeypatch: pytest.MonkeyPatch) -> Callable[[Params, Mapping[int, Params]], None]:
    """Give a function that puts parameters on the signals that feeders send: Start, and Data by number."""

    def give(on_start: Params, on_data: Mapping[int, Params]) -> None:
        def start(**fields: Any) -> Start:
            return Start(params=copy.deepcopy(on_start), **fields)

        def data(**fields: Any) -> Data:
            return Data(params=copy.deepcopy(on_data.get(fields["number"], {})), **fields)

        monkeypatch.setattr(engine_module, "Start", start)
        monkeypatch.setattr(engine_module, "Data", data)

    return give


# Signals.


def test_depth_first_with_logs(
    bridge: Bridge, prefix: str, pages: MakePages, trace: list[tuple[str, LogEntry, list[str]]]
) -> None:
    pages("one", "two")
    result = (allpages(prefix=prefix) | replace("o", "0") | noted([]) | echo()).run(bridge, say=len)
    slots = ["allpages", "replace", "noted", "echo"]
    kinds = ["feeder", "worker", "worker", "writer"]
    jobs = [["fed", "1 replaced", "noted", "shown"]] * 2
    expected = [
        (signal, LogEntry(kind, slot, job), slots[:number])
        for signal, done in [("Start", ["start"] * 4), *(("Data", one) for one in jobs), ("End", ["end"] * 4)]
        for number, (kind, slot, job) in enumerate(zip(kinds, slots, done, strict=True))
    ]
    assert trace == expected
    assert result.passed == 2


def test_end_drains_what_waits_for_its_text(
    bridge: Bridge, prefix: str, pages: MakePages, trace: list[tuple[str, LogEntry, list[str]]]
) -> None:
    pages("one", "two", "three")
    line = allpages(prefix=prefix) | marked([], refuse=" 1") | noted([]) | echo()
    line.run(bridge, say=len)
    assert [(signal, entry.name, entry.job) for signal, entry, _before in trace if signal != "Start"] == [
        *[
            ("Data", *one)
            for done in ("marked", "rejected", "marked")
            for one in (("allpages", "fed"), ("marked", done))
        ],
        ("End", "allpages", "end"),
        ("End", "marked", "end"),
        *[("Data", *one) for one in [("noted", "noted"), ("echo", "shown")] * 2],
        ("End", "noted", "end"),
        ("End", "echo", "end"),
    ]
    logs = [[*before, entry.name] for signal, entry, before in trace if (signal, entry.name) == ("Data", "echo")]
    assert logs == [["allpages", "marked", "noted", "echo"]] * 2


def test_start_and_end_pass_each_slot_once(
    bridge: Bridge, prefix: str, pages: MakePages, trace: list[tuple[str, LogEntry, list[str]]]
) -> None:
    """Also where branches meet, on reject links, and for each feeder by itself."""
    pages("one")
    first, second = allpages(prefix=prefix), allpages(prefix=f"{prefix} none")
    sieve, left, right, join = marked([]), noted([]), noted([]), echo()
    first.link_with(sieve)
    second.link_with(sieve)
    sieve.link_with(left)
    sieve.rejects_link_with(right)
    left.link_with(join)
    right.link_with(join)
    Line([first, second]).run(bridge, say=len)
    for kind in ("Start", "End"):
        names = [entry.name for signal, entry, _before in trace if signal == kind]
        assert names.count("allpages") == 2
        assert {name: names.count(name) for name in ("marked", "noted", "echo")} == {
            "marked": 2,
            "noted": 4,
            "echo": 2,
        }
    order = [signal for signal, entry, _before in trace if entry.name == "echo"]
    assert order == ["Start", "Data", "End", "Start", "End"]


def test_a_failure_and_a_rejection_are_in_the_log(
    bridge: Bridge, prefix: str, pages: MakePages, sysop: Person, trace: list[tuple[str, LogEntry, list[str]]]
) -> None:
    titles = pages("teh one", "{{nobots}} teh")
    sysop.do("protect", title=titles[0], protections="edit=sysop")
    (allpages(prefix=prefix) | replace("teh", "the") | edit()).run(bridge)
    jobs = [entry.job for signal, entry, _before in trace if signal == "Data" and entry.name == "edit"]
    assert len(jobs) == 2
    assert jobs[0].startswith("failed: ")
    assert "protect" in jobs[0]
    assert jobs[1] == "rejected"


# Data blocks.


def loaded() -> Data:
    """Return a signal with two blocks."""
    one = Page({"title": "A", "ns": 0, "revisions": [{"slots": {"main": {"content": "a"}}}]})
    return Data(blocks={DEFAULT_KEY: Block(one, key=7), "row": Block({"n": [1]}, type="object/row", key="x")})


def test_blocks_have_type_and_key() -> None:
    data = loaded()
    assert data.element is data.blocks[DEFAULT_KEY].element
    assert (data.blocks[DEFAULT_KEY].type, data.blocks[DEFAULT_KEY].key) == ("object/page", 7)
    assert (data.blocks["row"].type, data.blocks["row"].key) == ("object/row", "x")
    data.element = "B"
    assert data.blocks[DEFAULT_KEY].element == "B"


def test_blocks_are_copied_renamed_swapped_deleted() -> None:
    data = loaded()
    first = data.element
    assert isinstance(first, Page)
    data.copy_block(DEFAULT_KEY, "old")
    first.text = "changed"
    old = data.blocks["old"].element
    assert isinstance(old, Page)
    assert (old.text, old.title, data.blocks["old"].key) == ("a", "A", 7)
    data.rename_block("row", "line")
    assert set(data.blocks) == {DEFAULT_KEY, "old", "line"}
    data.swap_blocks(DEFAULT_KEY, "old")
    assert data.element is old
    assert data.blocks["old"].element is first
    data.delete_block("line")
    assert set(data.blocks) == {DEFAULT_KEY, "old"}


def test_a_branched_copy_shares_nothing() -> None:
    data = loaded()
    data.params["worker"] = {"word": True}
    data.note("feeder", "allpages", "fed")
    copy = data.branched()
    one, other = data.element, copy.element
    assert isinstance(one, Page)
    assert isinstance(other, Page)
    other.text = "spoilt"
    copy.params["worker"]["word"] = False
    copy.note("worker", "x", "y")
    copy.blocks["row"].key = "z"
    copy.delete_block(DEFAULT_KEY)
    assert (one.text, data.params, len(data.log)) == ("a", {"worker": {"word": True}}, 1)
    assert data.blocks["row"].key == "x"
    assert data.element is one
    assert copy.number == data.number


# Branches.


@pytest.mark.parametrize("order", [0, 1])
def test_branches_do_not_spoil_each_others_data(bridge: Bridge, prefix: str, pages: MakePages, order: int) -> None:
    titles = pages("one", "two")
    seen: list[list[tuple[str, str]]] = [[], []]
    feed = allpages(prefix=prefix)
    ends = [noted(seen[0], add=" spoilt"), noted(seen[1], add=" rotten")]
    for end in ends[:: -1 if order else 1]:
        feed.link_with(end).link_with(noted(seen[ends.index(end)]))
    result = Line([feed]).run(bridge)
    for mine, word in zip(seen, ("spoilt", "rotten"), strict=True):
        assert sorted(mine) == sorted(
            [(title, text) for title, text in zip(titles, ("one", "two"), strict=True)]
            + [(title, f"{text} {word}") for title, text in zip(titles, ("one", "two"), strict=True)]
        )
    assert (result.rejected, result.failed) == (0, 0)


@pytest.mark.parametrize("slow", [(), ("left",), ("right",), ("left", "right")], ids=str)
@pytest.mark.parametrize("refuse", [("\0", "\0"), (" 1", "\0"), ("\0", " 1"), (" 1", " 1")], ids=str)
def test_an_element_is_processed_once_where_branches_meet(
    bridge: Bridge, prefix: str, pages: MakePages, slow: tuple[str, ...], refuse: tuple[str, str]
) -> None:
    """Whichever branch is first, also if one of them waits for texts and passes its elements on later."""
    titles = pages("one", "two", "three")
    seen: list[str] = []
    feed, end = allpages(prefix=prefix), marked(seen)
    for name, refused in zip(("left", "right"), refuse, strict=True):
        branch = feed.link_with(noted([], refuse=refused) if name in slow else marked([], refuse=refused))
        branch.link_with(marked([])).link_with(end)
    result = Line([feed]).run(bridge)
    both = refuse == (" 1", " 1")
    assert sorted(seen) == sorted(titles if not both else [titles[0], titles[2]])
    assert result.passed == len(seen)


def test_an_edit_where_branches_meet_is_made_once(bridge: Bridge, prefix: str, pages: MakePages, human: Person) -> None:
    [title] = pages("one")
    feed, write = allpages(prefix=prefix), edit()
    feed.link_with(marked([])).link_with(append("x")).link_with(write)
    feed.link_with(append("y")).link_with(write)
    result = Line([feed]).run(bridge)
    assert (result.passed, result.changed, result.failed) == (1, 1, 0)
    assert human.texts(title) in (["one\nx", "one"], ["one\ny", "one"])


def test_rejected_ones_are_linked_on(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    titles = pages("a", "bb", "ccc")
    feed, big, odd = allpages(prefix=prefix), keep(page.size >= 2), keep(page.title.endswith("0"))
    said: list[str] = []
    feed.link_with(big).link_with(echo("big {title}"))
    big.rejects_link_with(odd).link_with(echo("small {title}"))
    result = Line([feed]).run(bridge, say=said.append)
    assert sorted(said) == [f"big {titles[1]}", f"big {titles[2]}", f"small {titles[0]}"]
    assert (result.passed, result.rejected) == (3, 0)
    odd.unlink(odd.links[0])
    big.unlink(odd)
    assert Line([feed]).run(bridge, say=said.append).rejected == 1


def test_a_passing_and_a_rejecting_link_to_the_same_slot(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    titles = pages("a", "bb")
    seen: list[str] = []
    feed, big, end = allpages(prefix=prefix), keep(page.size >= 2), marked(seen)
    feed.link_with(big)
    big.link_with(end)
    big.rejects_link_with(end)
    Line([feed]).run(bridge)
    assert sorted(seen) == titles


def test_excluded_bots_go_by_the_reject_link(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    titles = pages("{{nobots}} teh", "teh")
    feed, write = allpages(prefix=prefix), edit()
    feed.link_with(replace("teh", "the")).link_with(write)
    write.rejects_link_with(echo("left alone: {title}"))
    said: list[str] = []
    result = Line([feed]).run(bridge, say=said.append)
    assert said == [f"left alone: {titles[0]}"]
    assert (result.passed, result.rejected, result.changed) == (2, 0, 1)


# Feeders.


def prefetching() -> set[int | None]:
    """Return the threads that fetch ahead."""
    return {one.ident for one in threading.enumerate() if "apibot" in one.name}


def test_several_feeders(bridge: Bridge, prefix: str, pages: MakePages, run_jobs: Callable[[], None]) -> None:
    titles = pages(f"[[Category:{prefix}]]", "other")
    run_jobs()
    first, second = allpages(prefix=prefix, namespace=0), categorymembers(f"Category:{prefix}")
    seen: list[str] = []
    end = marked(seen)
    first.link_with(end)
    second.link_with(end)
    result = Line([first, second]).run(bridge)
    assert seen == titles, "one feeder after the other, and a page that both have only once"
    assert result.passed == 2


def test_a_feeder_without_elements(bridge: Bridge, prefix: str) -> None:
    result = (allpages(prefix=prefix) | replace("a", "b") | edit()).run(bridge)
    assert (result.passed, result.rejected, result.failed, result.changed, result.requests) == (0, 0, 0, 0, 1)
    assert list((allpages(prefix=prefix) | keep(page.size > 1)).elements(bridge)) == []


def test_elements_are_pulled_lazily(bridge: Bridge, crowd: str) -> None:
    counters = bridge.core.browser
    before, asked = prefetching(), counters.counters.requests
    elements = (allpages(prefix=crowd) | replace("Text", "Txt")).elements(bridge)
    assert counters.counters.requests == asked, "nothing happens before the first is asked for"
    first = next(elements)
    assert (first.title, first.text[:9]) == (f"{crowd} 0000", "Txt 0000.")
    for _number in range(300):
        next(elements)
    assert counters.counters.requests - asked <= 2, "a batch, and the one that is fetched ahead"
    elements.close()  # type: ignore[attr-defined]  # a generator
    assert prefetching() <= before


def test_a_loop_that_is_left_leaves_no_thread(bridge: Bridge, crowd: str) -> None:
    line = allpages(prefix=crowd) | keep(page.text.contains("1"))
    before = prefetching()
    for one in line.elements(bridge):
        assert one.title == f"{crowd} 0001"
        break
    assert prefetching() <= before
    assert sum(1 for _one in line.elements(bridge)) == sum("1" in f"{number:04}" for number in range(CROWD))


def test_an_error_in_a_slot_leaves_no_thread(bridge: Bridge, crowd: str) -> None:
    before = prefetching()

    def stop(number: int) -> None:
        if number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        (allpages(prefix=crowd) | replace("a", "b")).run(bridge, progress=stop)
    assert prefetching() <= before


def test_elements_of_several_ends_come_in_turn(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    titles = pages("one", "two")
    feed = allpages(prefix=prefix)
    feed.link_with(append("left"))
    feed.link_with(append("right"))
    found = [(one.title, one.text) for one in Line([feed]).elements(bridge)]
    assert sorted(found) == [
        (titles[0], "one\nleft"),
        (titles[0], "one\nright"),
        (titles[1], "two\nleft"),
        (titles[1], "two\nright"),
    ]


def test_progress_counts_what_was_fed(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    pages("one", "two", "three")
    told: list[int] = []
    (allpages(prefix=prefix) | keep(page.size > 99)).run(bridge, progress=told.append)
    assert told == [1, 2, 3]


def test_a_line_can_run_again(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    pages("one", "two")
    line = allpages(prefix=prefix) | keep(page.size > 1) | replace("o", "0") | echo()
    assert [line.run(bridge, say=len).passed for _time in range(2)] == [2, 2]


def test_an_edited_element_goes_on_as_it_is_now(bridge: Bridge, human: Person, prefix: str) -> None:
    title = f"Talk:{prefix}"
    human.save(title, "teh")
    line = allpages(prefix=prefix, namespace=1) | replace("teh", "the") | edit()
    [after] = (line | keep((page.ns == 1) & (page.size == 3))).elements(bridge)
    now = human.page(title)["revisions"]
    assert (after.title, after.text, after.ns) == (title, "the", 1)
    assert (after.revid, after.size) == (now[0]["revid"], 3)
    assert len(now) == 2


def test_what_is_not_known_after_an_edit_ends_no_line(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    """Whether a page that was saved is a redirect now is looked up, or the element fails by itself."""
    pages("teh", "teh")
    line = allpages(prefix=prefix) | replace("teh", "the") | edit() | keep(~page.redirect)
    result = line.run(bridge)
    assert (result.changed, result.passed + result.failed) == (2, 2)


# Parameters of signals.


@pytest.mark.parametrize("group", ["worker", "replace"])
def test_parameters_of_an_element(
    bridge: Bridge,
    prefix: str,
    pages: MakePages,
    group: str,
    give_parameters: Callable[[Params, Mapping[int, Params]], None],
) -> None:
    """They hold for this element and the first slot that takes them, and for nothing else."""
    pages("aab", "aab", "aab")
    give_parameters({}, {2: {group: {"new": "X"}}})
    line = allpages(prefix=prefix) | replace("a", "1") | replace("b", "2")
    assert [one.text for one in line.elements(bridge)] == ["112", "XX2", "112"]
    assert str(line).endswith("replace a 1 | replace b 2")


def test_parameters_of_a_stream(
    bridge: Bridge,
    prefix: str,
    pages: MakePages,
    human: Person,
    give_parameters: Callable[[Params, Mapping[int, Params]], None],
) -> None:
    titles = pages("a", "a")
    given: Params = {"replace": {"new": "2"}, "writer": {"summary": "for all"}}
    give_parameters(given, {2: {"edit": {"summary": "for one"}, "other": {"x": 1}}})
    line = allpages(prefix=prefix) | replace("a", "1") | edit(summary="by itself")
    line.run(bridge)
    newest = [human.page(title)["revisions"][0] for title in titles]
    assert [one["content"] for one in newest] == ["2", "2"]
    assert [one["comment"] for one in newest] == ["for all", "for one"]
    give_parameters({}, {})
    assert [one.text for one in (allpages(prefix=prefix) | replace("2", "3")).elements(bridge)] == ["3", "3"]


def test_parameters_of_a_stream_go_to_each_branch_and_end_with_it(
    bridge: Bridge, prefix: str, pages: MakePages, give_parameters: Callable[[Params, Mapping[int, Params]], None]
) -> None:
    pages("a")
    give_parameters({"worker": {"new": "2"}}, {})
    feed = allpages(prefix=prefix)
    feed.link_with(replace("a", "1")).link_with(replace("2", "3"))
    feed.link_with(replace("a", "0"))
    assert [one.text for one in Line([feed]).elements(bridge)] == ["3", "2"]


def test_parameters_can_change_a_condition(
    bridge: Bridge, prefix: str, pages: MakePages, give_parameters: Callable[[Params, Mapping[int, Params]], None]
) -> None:
    """Also one that looks at what the slot's own condition does not need."""
    titles = pages("one", "two", "three")
    give_parameters({}, {2: {"keep": {"condition": page.title == "no"}}})
    line = allpages(prefix=prefix) | keep(page.size > 0)
    assert [one.title for one in line.elements(bridge)] == [titles[0], titles[2]]
    give_parameters({}, {2: {"filter": {"condition": page.text == "two"}}})
    assert [one.title for one in line.elements(bridge)] == titles


@pytest.mark.parametrize(
    "given", [({"worker": {"nwe": 1}}, {}), ({}, {2: {"replace": {"nwe": 1}}})], ids=["start", "data"]
)
def test_unknown_parameters_are_refused(
    bridge: Bridge,
    prefix: str,
    pages: MakePages,
    given: tuple[Params, Mapping[int, Params]],
    give_parameters: Callable[[Params, Mapping[int, Params]], None],
) -> None:
    pages("a", "a")
    give_parameters(*given)
    with pytest.raises(BadParameter, match=r"replace.*nwe"):
        (allpages(prefix=prefix) | replace("a", "1")).run(bridge)
