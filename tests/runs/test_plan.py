"""Plan files: what is in them, when they appear, and which are refused."""

from __future__ import annotations

import hashlib
import json
import re
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BotExcluded, PageExists, PlanError
from apibot.data.pages import PageRef
from apibot.runs import Planner, read_plan
from apibot.tasks import Edit, Purge
from tests.line.conftest import MakePages
from tests.runs.conftest import Changes, rows, typo_line
from tests.support.people import Person

NASTY_TITLE = "“Žofín” 'quotes' & \\ 東京 – 🚲"
NASTY_TEXT = "teh\u2028one\u0085two\u2029three\u00a0four\tfive \"quoted\" \\ 'x' 🚲\n\n\x7f end"


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


# The format, as it is pinned.


def test_a_line_s_plan(bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person) -> None:
    titles = pages("Teh teh.\nSecond.", "the", "teh")
    result = typo_line(prefix).plan(bridge, plan)
    header, *records = rows(plan)
    assert header == {
        "version": 1,
        "producer": {"line": f"allpages prefix={prefix} | replace teh the | edit summary=typo"},
        "wiki": bridge.core.target.api,
        "account": bridge.core.target.user,
    }
    page = human.page(titles[0])
    base = page["revisions"][0]["revid"]
    [first, second] = records
    digest = first.pop("digest")
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert first == {
        "n": 1,
        "request": {
            "task": "Edit",
            "fields": {
                "page": {"title": titles[0], "pageid": page["pageid"], "ns": 0, "base": base},
                "text": "Teh the.\nSecond.",
                "summary": "typo",
            },
        },
        "base": {"revid": base, "sha1": sha1("Teh teh.\nSecond.")},
        "result_sha1": sha1("Teh the.\nSecond."),
        "diff": f"--- {titles[0]} (now)\n+++ {titles[0]} (planned)\n@@ -1,2 +1,2 @@\n-Teh teh.\n+Teh the.\n Second.",
    }
    assert (second["n"], second["request"]["fields"]["page"]["title"]) == (2, titles[2])
    assert list(second) == ["n", "request", "base", "result_sha1", "diff", "digest"]
    assert (result.changed, result.passed, result.failed) == (2, 3, 0)


def test_a_bridge_s_plan(bridge: Bridge, title: str, planned: Callable[..., Path], human: Person) -> None:
    human.save(title, "One.")
    base = human.page(title)["revisions"][0]["revid"]
    header, new, more = rows(
        planned((f"{title} new", {"text": "Made.  \n", "create": "only"}), (title, {"append": "\nTwo."}))
    )
    assert header["producer"] == "python"
    assert new["base"] == {"revid": 0, "sha1": ""}
    assert new["result_sha1"] == sha1("Made."), "as MediaWiki stores it"
    fields = new["request"]["fields"]
    assert (fields["page"]["title"], fields["page"]["base"], fields["create"]) == (f"{title} new", 0, "only")
    assert fields["page"].get("pageid") is None
    assert more["base"] == {"revid": base, "sha1": sha1("One.")}
    assert more["request"]["fields"]["text"] == "One.\nTwo.", "the whole text that was reviewed"
    assert "append" not in more["request"]["fields"]
    assert human.text(title) == "One."
    assert human.text(f"{title} new") is None


def test_a_plan_read_again_is_the_same(bridge: Bridge, title: str, planned: Callable[..., Path], human: Person) -> None:
    human.save(f"{NASTY_TITLE} {title}", NASTY_TEXT)
    fields: dict[str, Any] = {"prepend": "x", "minor": True, "tags": (), "bot": False, "summary": "\u2028 ' \" 🚲"}
    path = planned((f"{NASTY_TITLE} {title}", fields), (f"Talk:{title}", {"text": NASTY_TEXT, "create": "only"}))
    _header, *records = rows(path)
    read = read_plan(path)
    assert [record.to_json() for record in read.records] == records
    first, second = (record.request for record in read.records)
    assert isinstance(first, Edit)
    assert isinstance(second, Edit)
    assert isinstance(first.page, PageRef)
    assert first.page.title == f"{NASTY_TITLE} {title}"
    assert (first.text, first.minor, first.bot, first.summary) == (f"x{NASTY_TEXT}", True, False, "\u2028 ' \" 🚲")
    assert (second.text, second.create) == (NASTY_TEXT, "only")


def test_a_purge_can_be_planned(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    human.save(title, "x")
    with bridge.run("test", plan=plan) as run:
        result = run.bridge.purge([title, "Other"])
    assert result.purged == (title, "Other")
    [record] = read_plan(plan).records
    assert record.request == Purge([title, "Other"])
    assert (record.base, record.result_sha1, record.diff) == (None, None, "")
    assert bridge.apply(plan).applied == 1


def test_reads_are_done_and_not_planned(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    human.save(title, "x")
    with bridge.run("test", plan=plan) as run:
        assert run.bridge.fetch(title).text == "x"
        assert [page.text for page in run.bridge.titles(title).pages(text=True)] == ["x"]
    assert len(rows(plan)) == 1


def test_what_changes_nothing_is_not_planned(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    human.save(title, "x")
    with bridge.run("test", plan=plan) as run:
        assert not run.bridge.edit(title, text="x \n\n").changed
        assert not run.bridge.change(title, lambda text: text.replace("y", "z")).changed
        assert not run.bridge.change(title, lambda text: None).changed
    assert len(rows(plan)) == 1
    assert run.counts.unchanged == 2


def test_a_change_by_a_function_is_planned(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    human.save(title, "x")
    with bridge.run("test", plan=plan) as run:
        run.bridge.change(title, lambda text: f"{text}y", summary="fn")
    assert rows(plan)[1]["request"]["fields"]["text"] == "xy"
    assert human.text(title) == "x"
    assert bridge.apply(plan).applied == 1
    assert human.text(title) == "xy"


def test_what_can_not_be_said_beforehand_is_refused(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    human.save(title, "x")
    with pytest.raises(PlanError), bridge.run("test", plan=plan) as run:
        run.bridge.by_name("action", "delete", title=title)
    assert human.text(title) == "x"
    assert list(plan.parent.iterdir()) == []


def test_reading_actions_by_name_are_done_while_planning(bridge: Bridge, title: str, plan: Path) -> None:
    with bridge.run("test", plan=plan) as run:
        reply = run.bridge.by_name("action", "parse", text="''x''", contentmodel="wikitext", prop="text")
    assert "<i>x</i>" in str(reply)
    assert len(rows(plan)) == 1


def test_refusals_are_refusals_while_planning_too(bridge: Bridge, title: str, plan: Path, human: Person) -> None:
    human.save(title, "{{nobots}}")
    with bridge.run("test", plan=plan) as run:
        with pytest.raises(BotExcluded):
            run.bridge.edit(title, text="x")
        with pytest.raises(PageExists):
            run.bridge.edit(title, text="x", create="only")
    assert (len(rows(plan)), run.counts.excluded, run.counts.failed) == (1, 1, 1)


# When a plan appears.


def broken(bridge: Bridge, plan: Path, title: str, error: type[BaseException]) -> None:
    """Plan one edit, and end with an error."""
    with bridge.run("test", plan=plan) as run:
        run.bridge.edit(title, text="x")
        raise error


def test_it_appears_when_it_is_complete(bridge: Bridge, title: str, plan: Path) -> None:
    with bridge.run("test", plan=plan) as run:
        run.bridge.edit(title, text="x")
        assert not plan.exists()
        for path in plan.parent.iterdir():
            assert path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in plan.parent.iterdir()] == [plan.name]
    assert plan.stat().st_mode & 0o777 == 0o600


def test_an_older_plan_stays_until_the_new_one_is_complete(bridge: Bridge, title: str, plan: Path) -> None:
    plan.write_text("old", encoding="utf-8")
    plan.chmod(0o644)
    with pytest.raises(ZeroDivisionError):
        broken(bridge, plan, title, ZeroDivisionError)
    assert plan.read_text(encoding="utf-8") == "old"
    with bridge.run("test", plan=plan) as run:
        run.bridge.edit(title, text="x")
    assert len(rows(plan)) == 2
    assert plan.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_nothing_is_left_of_a_broken_run(
    bridge: Bridge, title: str, plan: Path, changes: Changes, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        broken(bridge, plan, title, error)
    assert list(plan.parent.iterdir()) == []
    assert changes() == []


def test_nothing_is_left_of_a_broken_line(bridge: Bridge, prefix: str, pages: MakePages, plan: Path) -> None:
    pages("teh", "teh")

    def stop(number: int) -> None:
        if number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        typo_line(prefix).plan(bridge, plan, progress=stop)
    assert list(plan.parent.iterdir()) == []


def test_a_line_s_plan_changes_nothing(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, sysop: Person
) -> None:
    titles = pages("teh", "teh")
    before = [sysop.page(title) for title in titles]
    typo_line(prefix).plan(bridge, plan)
    assert [sysop.page(title) for title in titles] == before


@pytest.mark.parametrize("name", ["missing/plan.jsonl", "file/plan.jsonl", "folder"])
def test_a_place_that_can_not_be_written(bridge: Bridge, plan: Path, name: str) -> None:
    (plan.parent / "file").write_text("", encoding="utf-8")
    (plan.parent / "folder").mkdir()
    with pytest.raises(PlanError, match=name.partition("/")[0]), bridge.run("test", plan=plan.parent / name):
        pass
    assert sorted(path.name for path in plan.parent.iterdir()) == ["file", "folder"]


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as if the disk were full."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_full_disk(bridge: Bridge, title: str, plan: Path) -> None:
    """It shows when the file is closed at the latest; the error is one of ours, and nothing is left."""
    with pytest.raises(PlanError, match=plan.name), full_disk(100), bridge.run("test", plan=plan) as run:
        run.bridge.edit(title, text="x" * 1000)
    assert list(plan.parent.iterdir()) == []


def test_a_planner_is_used_in_its_block(bridge: Bridge, title: str, plan: Path) -> None:
    with pytest.raises(PlanError, match="with"):
        Planner(bridge.core, plan).perform(Edit(title, text="x"))
    with Planner(bridge.core, plan) as planner:
        pass
    with pytest.raises(PlanError, match="with"):
        planner.perform(Edit(title, text="x"))
    assert len(rows(plan)) == 1


# What is refused.


@pytest.fixture
def two(bridge: Bridge, planned: Callable[..., Path], title: str) -> list[str]:
    """The lines of a plan that makes two pages."""
    path = planned((title, {"text": "one", "summary": "s"}), (f"{title} 2", {"text": "two"}))
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "text": lambda row: row["request"]["fields"].update(text="evil"),
    "summary": lambda row: row["request"]["fields"].update(summary="evil"),
    "title": lambda row: row["request"]["fields"]["page"].update(title="Evil"),
    "more": lambda row: row["request"]["fields"].update(ignore_bots=True),
    "task": lambda row: row["request"].update(task="Purge"),
    "number": lambda row: row.update(n=9),
    "base": lambda row: row["base"].update(revid=1),
    "no base": lambda row: row.update(base=None),
    "result": lambda row: row.update(result_sha1=None),
    "diff": lambda row: row.update(diff=""),
    "digest": lambda row: row.update(digest="0" * 64),
    "no digest": lambda row: row.pop("digest"),
    "one more key": lambda row: row.update(note="x"),
    "empty": lambda row: row.clear(),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_changed_record_is_refused_by_its_line(
    bridge: Bridge, plan: Path, two: list[str], changes: Changes, name: str
) -> None:
    row = json.loads(two[2])
    EDITS[name](row)
    plan.write_text("".join([*two[:2], json.dumps(row), "\n"]), encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.jsonl: line 3\b"):
        bridge.apply(plan)
    assert changes() == [], "nothing of it is applied"


@pytest.mark.parametrize(
    "line", ["{", "[]", "null", "1", '"x"', "", '{"n": 1', '{"n": 1} {"n": 2}', "NaN", '{"n": NaN}']
)
def test_a_line_that_is_no_record_is_refused(bridge: Bridge, plan: Path, two: list[str], line: str) -> None:
    plan.write_text("".join([two[0], line, "\n", two[2]]), encoding="utf-8")
    with pytest.raises(PlanError, match="line 2"):
        bridge.apply(plan)


def signed(row: dict[str, Any]) -> str:
    """Return a record with a right digest, as who forges one can make it."""
    row.pop("digest", None)
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return json.dumps({**row, "digest": hashlib.sha256(text.encode()).hexdigest()}) + "\n"


FORGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "unknown task": lambda row: row["request"].update(task="Explode"),
    "a class that is no task": lambda row: row["request"].update(task="EditResult"),
    "a module's own name": lambda row: row["request"].update(task="__doc__"),
    "a field unknown": lambda row: row["request"]["fields"].update(colour="red"),
    "no request": lambda row: row.pop("request"),
    "no fields": lambda row: row["request"].pop("fields"),
    "a request that is a list": lambda row: row.update(request=[]),
    "a base that is a number": lambda row: row.update(base=5),
    "a base without sha1": lambda row: row["base"].pop("sha1"),
    "no number": lambda row: row.pop("n"),
    "no result": lambda row: row.pop("result_sha1"),
    "a text that is none": lambda row: row["request"]["fields"].update(text=5),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_record_that_can_not_be_meant_is_refused_by_its_line(
    bridge: Bridge, plan: Path, two: list[str], changes: Changes, name: str
) -> None:
    """Its digest is right, as after a change of Apibot's version: still one of our errors, naming the line."""
    row = json.loads(two[2])
    FORGED[name](row)
    plan.write_text("".join([*two[:2], signed(row)]), encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.jsonl: line 3\b"):
        bridge.apply(plan)
    assert changes() == []


@pytest.mark.parametrize("text", ["", "\n", "x", "[]\n", "{}\n", '{"version": 2}\n', '{"version": "1"}\n', "\x00\n"])
def test_a_file_that_is_no_plan_is_refused(bridge: Bridge, plan: Path, text: str) -> None:
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.jsonl"):
        bridge.apply(plan)


@pytest.mark.parametrize("key", ["wiki", "account", "producer"])
def test_a_header_without_a_part_is_refused(bridge: Bridge, plan: Path, two: list[str], key: str) -> None:
    header = json.loads(two[0])
    del header[key]
    plan.write_text("".join([json.dumps(header), "\n", *two[1:]]), encoding="utf-8")
    with pytest.raises(PlanError, match=r"plan\.jsonl"):
        bridge.apply(plan)


def test_a_file_that_can_not_be_read_is_refused(bridge: Bridge, plan: Path) -> None:
    with pytest.raises(PlanError, match=r"plan\.jsonl"):
        bridge.apply(plan)
    plan.write_bytes(b'{"version": 1, "wiki": "\xe9"}\n')
    with pytest.raises(PlanError, match=r"plan\.jsonl"):
        bridge.apply(plan)
    with pytest.raises(PlanError):
        bridge.apply(plan.parent)


def test_lines_may_be_taken_out(bridge: Bridge, plan: Path, two: list[str], title: str, changes: Changes) -> None:
    plan.write_text("".join([two[0], two[2]]), encoding="utf-8")
    assert bridge.apply(plan).applied == 1
    assert [name for name, _user, _comment in changes()] == [f"{title} 2"]


def test_a_plan_for_another_wiki_or_account_is_refused(
    bridge: Bridge, plan: Path, two: list[str], changes: Changes
) -> None:
    header = json.loads(two[0])
    for key, value in {"wiki": "https://example.org/w/api.php", "account": "Other@job"}.items():
        plan.write_text("".join([json.dumps({**header, key: value}), "\n", *two[1:]]), encoding="utf-8")
        with pytest.raises(PlanError, match=re.escape(value)):
            bridge.apply(plan)
    assert changes() == []


def test_a_plan_of_a_newer_version_is_refused(bridge: Bridge, plan: Path, two: list[str]) -> None:
    header = {**json.loads(two[0]), "version": 99}
    plan.write_text("".join([json.dumps(header), "\n", *two[1:]]), encoding="utf-8")
    with pytest.raises(PlanError, match="version"):
        read_plan(plan)
