"""Review and runs: what people are shown of a plan, and what is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BackendClosed, Protected
from apibot.runs import read_plan, reviewed
from tests.api.conftest import Connect
from tests.line.conftest import MakePages
from tests.runs.conftest import rows, typo_line
from tests.support.people import Person

Planned = Callable[..., Path]


@pytest.fixture
def mixed(title: str, planned: Planned, human: Person) -> Path:
    """A plan with a change, a creation, and a change of what looks like a diff's own signs."""
    human.save(title, "One.\nTwo.\nThree.")
    human.save(f"{title} signs", "--- a\n+++ b\n@@ x @@\nend")
    return planned(
        (title, {"text": "One.\n2.\nThree.\nFour.", "summary": "counted"}),
        (f"{title} new", {"text": "Made.\n\nHere."}),
        (f"{title} signs", {"text": "++ c\n+++ b\n@@ x @@\nend"}),
    )


def test_changes_and_creations(mixed: Path, title: str, bridge: Bridge) -> None:
    target = bridge.core.target
    assert list(reviewed(read_plan(mixed))) == [
        f"1. Edit {title}  (counted)",
        "@@ -1,3 +1,4 @@",
        " One.",
        "-Two.",
        "+2.",
        " Three.",
        "+Four.",
        "",
        f"2. Edit {title} new",
        "@@ -0,0 +1,3 @@",
        "+Made.",
        "+",
        "+Here.",
        "",
        f"3. Edit {title} signs",
        "@@ -1,4 +1,4 @@",
        "---- a",
        "+++ c",
        " +++ b",
        " @@ x @@",
        " end",
        "",
        f"3 changes (1 new pages), 6 lines added, 2 removed; for {target.api} as {target.user}, planned by python.",
    ]


@pytest.mark.parametrize(("limit", "shown"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (None, 3)])
def test_limit(mixed: Path, limit: int | None, shown: int) -> None:
    lines = list(reviewed(read_plan(mixed), limit))
    assert sum(1 for line in lines if line[:1].isdigit() and ". Edit " in line) == shown
    assert [line for line in lines if line.startswith("... ")] == (
        [] if shown == 3 else [f"... and {3 - shown} more changes"]
    )
    assert lines[-1].startswith("3 changes (1 new pages), 6 lines added, 2 removed; "), "the totals are of the whole"


def test_only_what_is_asked_for_is_made(mixed: Path) -> None:
    assert next(reviewed(read_plan(mixed))).startswith("1. Edit")


def test_a_line_s_plan(bridge: Bridge, prefix: str, pages: MakePages, plan: Path) -> None:
    titles = pages("teh")
    typo_line(prefix).plan(bridge, plan)
    lines = list(reviewed(read_plan(plan)))
    assert lines[:-1] == [f"1. Edit {titles[0]}  (typo)", "@@ -1 +1 @@", "-teh", "+the", ""]
    assert lines[-1].endswith("planned by line.")


def test_an_empty_plan(bridge: Bridge, prefix: str, plan: Path) -> None:
    typo_line(prefix).plan(bridge, plan)
    [line] = reviewed(read_plan(plan))
    assert line.startswith("0 changes (0 new pages), 0 lines added, 0 removed; ")


@pytest.mark.parametrize("separator", ["\u2028", "\u0085", "\x0c", "\r"])
def test_each_line_of_a_review_is_one_line(title: str, planned: Planned, human: Person, separator: str) -> None:
    human.save(title, f"a{separator}b\nc")
    plan = read_plan(planned((title, {"append": f"\nd{separator}e", "summary": f"f{separator}g"})))
    lines = list(reviewed(plan))
    assert all("\n" not in line for line in lines)
    assert lines[-1].startswith("1 changes (0 new pages), ")


def test_control_characters_do_not_reach_the_terminal(title: str, planned: Planned, human: Person) -> None:
    """What is on a wiki page must not move the cursor, or wipe out what is to be reviewed (U+009B begins such)."""
    human.save(title, "a")
    path = planned((title, {"text": "evil\u009b2K\tb", "summary": "\u009b1A"}))
    assert not any("\u009b" in line for line in reviewed(read_plan(path)))


def test_a_purge_is_shown(bridge: Bridge, title: str, plan: Path) -> None:
    with bridge.run("test", plan=plan) as run:
        run.bridge.purge([title, "Other"])
    lines = list(reviewed(read_plan(plan)))
    assert lines[:-1] == [f"1. Purge {title}, Other", ""]
    assert lines[-1].startswith("1 changes (0 new pages), 0 lines added, 0 removed; ")


# Runs.


def test_a_run_counts(bridge: Bridge, title: str, human: Person, sysop: Person) -> None:
    human.save(title, "One.")
    sysop.save(f"{title} protected", "x")
    sysop.do("protect", title=f"{title} protected", protections="edit=sysop")
    with bridge.run("tidy") as run:
        run.bridge.fetch(title)
        assert run.requests == 1
        run.bridge.edit(title, text="Two.")
        run.bridge.edit(title, text="Two.")
        run.bridge.change(title, lambda text: f"{text} Three.")
        run.bridge.change(title, lambda text: None)
        with pytest.raises(Protected):
            run.bridge.edit(f"{title} protected", text="y")
    counts = run.counts
    assert (counts.changed, counts.unchanged, counts.failed) == (2, 1, 1)
    assert len(counts.failures) == 1
    assert f"{title} protected" in counts.failures[0]
    assert (
        run.summary()
        == f"tidy ({run.id}): 2 changed, 1 unchanged, 0 kept out by {{{{bots}}}}, 1 failed; {run.requests} requests"
    )
    assert human.texts(title) == ["Two. Three.", "Two.", "One."]


def test_runs_have_names_and_numbers_of_their_own(bridge: Bridge, title: str) -> None:
    with bridge.run("one") as one, bridge.run("other") as other:
        one.bridge.edit(title, text="x")
        other.bridge.edit(title, text="x")
    assert one.id != other.id
    assert (one.name, one.counts.changed, other.counts.unchanged) == ("one", 1, 1)


def test_a_planned_run_counts_what_would_be_done(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    with bridge.run("tidy", plan=plan) as run:
        result = run.bridge.edit(title, text="x", summary="s")
        assert (result.title, result.changed, result.created, result.base) == (title, True, True, 0)
    assert (run.counts.changed, run.counts.failed) == (1, 0)
    assert human.text(title) is None
    assert len(rows(plan)) == 2


def test_a_line_in_a_run(bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person) -> None:
    titles = pages("teh", "the")
    with bridge.run("tidy", plan=plan) as planned:
        assert typo_line(prefix).run(planned.bridge).changed == 1
    assert human.text(titles[0]) == "teh"
    assert [row["request"]["fields"]["page"]["title"] for row in rows(plan)[1:]] == [titles[0]]
    with bridge.run("tidy") as run:
        typo_line(prefix).run(run.bridge)
    assert (run.counts.changed, human.text(titles[0])) == (1, "the")


def test_a_fetched_page_is_planned_on_its_revision(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    """Nobody looks behind one's back whether it is still the newest; that shows when the plan is applied."""
    base = human.save(title, "One.")
    page = bridge.fetch(title)
    page.text = "Two."
    human.save(title, "One, by a human.")
    with bridge.run("tidy", plan=plan) as run:
        run.bridge.edit(page)
    assert rows(plan)[1]["base"]["revid"] == base
    assert len(bridge.apply(plan).stale) == 1
    assert human.text(title) == "One, by a human."


def test_an_error_in_a_run_comes_out(connect_via: Connect, title: str) -> None:
    bridge = connect_via()
    with bridge.run("tidy") as run:
        bridge.close()
        with pytest.raises(BackendClosed):
            run.bridge.edit(title, text="x")
    assert run.counts.failed == 1
