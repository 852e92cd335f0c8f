"""Running, planning and planning again, with a job of the test's own on a real wiki."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from apibot import Bridge, connect
from apibot.core.errors import BadParameter, PageMissing
from apibot.jobs import job, registry, run_job
from apibot.runs import read_plan
from apibot.sandbox import Sandbox
from tests.support.people import Person


def sign(bridge: Bridge, *, prefix: str, text: str = "Signed.", stop: bool = False) -> None:
    """Sign the pages ``PREFIX 0`` to ``PREFIX 2``."""
    for number in range(3):
        title = f"{prefix[0].lower()}{prefix[1:]}_{number}"  # not as the wiki writes it
        bridge.edit(title, append=f"\n{text}", summary="sign")
    if stop:
        bridge.edit(f"{prefix} is not there", append="x", create="never")


@pytest.fixture(autouse=True)
def _signing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_JOBS", {})
    job(sign)


@pytest.fixture
def bridge(apibot_wiki: Sandbox) -> Iterator[Bridge]:
    with Bridge(connect("test", log={"screen": "panic"})) as bridge:
        yield bridge


@pytest.fixture
def human(apibot_wiki: Sandbox) -> Person:
    account = apibot_wiki.sysop
    return Person(apibot_wiki.api, account.user, account.password.reveal())


@pytest.fixture
def prefix(apibot_wiki: Sandbox) -> str:
    prefix = f"J{uuid.uuid4().hex[:8]}"
    apibot_wiki.import_pages((f"{prefix} {number}", "Text.") for number in range(3))
    return prefix


def test_bad_words_are_refused_before_anything_is_asked(bridge: Bridge, tmp_path: Path) -> None:
    plan = tmp_path / "plan.jsonl"
    for name, given in (("sing", []), ("sign", ["txt=x"]), ("sign", ["stop=perhaps"])):
        with pytest.raises(BadParameter, match=given[0].partition("=")[0] if given else "no job 'sing'.*sign"):
            run_job(bridge, name, given, plan)
    assert bridge.core.browser.counters.requests == 0
    assert list(tmp_path.iterdir()) == []


def texts(human: Person, prefix: str) -> list[str | None]:
    return [human.text(f"{prefix} {number}") for number in range(3)]


def test_a_run_counts_what_the_job_writes(bridge: Bridge, human: Person, prefix: str) -> None:
    run = run_job(bridge, "sign", [f"prefix={prefix}", "text=Me."])
    assert texts(human, prefix) == ["Text.\nMe."] * 3
    assert (run.name, run.counts.changed, run.counts.unchanged, run.counts.failed) == ("sign", 3, 0, 0)


def test_an_error_ends_the_job_and_what_was_done_is_logged(
    apibot_wiki: Sandbox, human: Person, prefix: str, tmp_path: Path
) -> None:
    log = tmp_path / "bot.log"
    with (
        Bridge(connect("test", log={"screen": "panic", "file": str(log)})) as bridge,
        pytest.raises(PageMissing, match=f"{prefix} is not there"),
    ):
        run_job(bridge, "sign", [f"prefix={prefix}", "stop=yes"])
    assert texts(human, prefix) == ["Text.\nSigned."] * 3
    (line,) = [line for line in log.read_text().splitlines() if "ended early" in line]
    assert "3 changed, 0 unchanged, 0 kept out by {{bots}}, 1 failed" in line


def test_a_job_that_fails_leaves_no_plan(bridge: Bridge, human: Person, prefix: str, tmp_path: Path) -> None:
    with pytest.raises(PageMissing):
        run_job(bridge, "sign", [f"prefix={prefix}", "stop=yes"], tmp_path / "plan.jsonl")
    assert list(tmp_path.iterdir()) == []
    assert texts(human, prefix) == ["Text."] * 3


def test_what_is_stale_is_planned_again_with_the_same_options_and_nothing_else(
    bridge: Bridge, human: Person, prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.jsonl"
    run = run_job(bridge, "sign", [f"prefix={prefix}", "text=Me."], path)
    assert run.counts.changed == 3
    assert texts(human, prefix) == ["Text."] * 3
    producer = {"job": "sign", "options": {"prefix": prefix, "text": "Me."}}
    assert read_plan(path).header.producer == producer

    human.save(f"{prefix} 1", "Another text.")
    done = bridge.apply(path)
    assert (done.applied, len(done.stale), done.replanned) == (2, 1, 1)
    assert texts(human, prefix) == ["Text.\nMe.", "Another text.", "Text.\nMe."]
    assert done.stale_file is not None
    again = read_plan(done.stale_file)
    assert again.header.producer == producer
    assert [str(record.request.given()["page"]) for record in again.records] == [f"{prefix} 1"]
    assert bridge.apply(done.stale_file).applied == 1
    assert texts(human, prefix) == ["Text.\nMe.", "Another text.\nMe.", "Text.\nMe."]


def test_a_plan_of_a_job_that_is_gone_says_so(
    bridge: Bridge, human: Person, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.jsonl"
    run_job(bridge, "sign", [f"prefix={prefix}"], path)
    human.save(f"{prefix} 1", "Another text.")
    monkeypatch.setattr(registry, "_JOBS", {})
    with pytest.raises(BadParameter, match="no job 'sign'"):
        bridge.apply(path)
    assert texts(human, prefix) == ["Text.\nSigned.", "Another text.", "Text.\nSigned."]
    assert [file.name for file in tmp_path.iterdir()] == ["plan.jsonl"]
