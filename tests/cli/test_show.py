"""What the shell shows: help, columns, progress, and nothing from a wiki raw."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from apibot.cli import main, show
from apibot.cli.docs import field_docs
from apibot.core.request import Request, arg
from apibot.data.pages import Base
from apibot.queries import AllPages
from apibot.runs import Record
from apibot.tasks import Edit
from tests.cli.conftest import Shell

HEAVY = {"apibot.bridge", "apibot.composition", "apibot.sandbox.wiki", "jobs", "pydantic", "requests", "rich"}
HOSTILE = "a\x1b]0;gone\x07\x9b2J\u202eb [red]c[/red] [link=file:///etc]d[/link] :bomb:"
HARMLESS = r"a\u001b]0;gone\u0007\u009b2J\u202eb [red]c[/red] [link=file:///etc]d[/link] :bomb:"


def test_the_script_is_light(shell: Shell) -> None:
    script = Path(sys.executable).parent / "apibot"
    done = subprocess.run([script, "--version"], env=shell.environ, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("apibot 0.")
    program = f"import sys; from apibot.cli import main; main(['--help']); print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=shell.environ, capture_output=True, text=True, check=True
    )
    assert "apply" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_tells_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["do", "edit", "--help"]) == 0
    told = capsys.readouterr().out
    assert "  page=TITLE  (may stand first, without its name)\n" in told
    assert "  create=only|never\n" in told
    assert "      Text added at the beginning.\n" in told
    assert main(["query", "allpages", "-h"]) == 0
    told = capsys.readouterr().out
    assert "  from=TEXT\n      The page title to start enumerating from.\n" in told
    assert "  prtype=TEXT[|...]\n" in told
    assert (main(["query"]), main(["do", "--help"]), main([])) == (2, 0, 2)


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "edit"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Save a text, ")
    assert told.endswith("Levels:\n  Task_Edit\n  API_Task_Edit\n  API_Action_Edit\n  API_Module_Edit\n")
    assert main(["explain", "nonsense"]) == 2


def test_slots(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slots"]) == 0
    assert "\nreplace           Replace a text, everywhere on the page.\n" in capsys.readouterr().out
    assert main(["slots", "edit"]) == 0
    told = capsys.readouterr().out
    assert "summary=TEXT" in told
    assert "page=" not in told
    assert main(["slots", "keep"]) == 0
    assert "bytes of its text" in capsys.readouterr().out


def test_docs_of_fields() -> None:
    docs = field_docs(AllPages)
    assert docs["limit"] == ("int | None", "How many rows in all; all there are if None.")
    assert docs["from_"].text == "The page title to start enumerating from."
    made = type("Made", (Request,), {"__annotations__": {"a": "int"}, "a": arg(kw_only=False)})
    assert field_docs(made)["a"] == ("int", "")


def test_hostile_text_is_shown_and_not_obeyed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = Record(
        n=1,
        request=Edit(HOSTILE, text="x", summary="two\nlines"),
        base=Base(1, "0"),
        result_sha1=None,
        diff=f"--- a\n+++ b\n@@ -1 +1 @@\n-x\n+{HOSTILE}",
    )
    header: Mapping[str, object] = {"version": 1, "producer": "python", "wiki": "https://a.invalid", "account": None}
    plan = tmp_path / "plan.jsonl"
    plan.write_text(f"{json.dumps(header)}\n{json.dumps(record.to_json())}\n")
    assert main(["review", str(plan)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == rf"1. Edit {HARMLESS}  (two\nlines)"
    assert lines[3] == f"+{HARMLESS}"


def test_columns(capsys: pytest.CaptureFixture[str]) -> None:
    def batches() -> Iterator[list[dict[str, object]]]:
        yield [{"title": "日本", "n": 1, "new": True}, {"title": "A\nB\tC", "tags": ["x", "y"], "page": {"title": "P"}}]
        yield [{"title": "\x1b[31m", "n": None, "other": 2, "more": {"a": 1}}]

    show.write_rows(batches(), as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "title   n  new  tags  page",
        "日本    1  yes",
        r"A\nB C          x|y   P",
        r"\u001b[31m",
    ]
    show.write_rows(batches(), as_json=True)
    assert json.loads(capsys.readouterr().out.splitlines()[2])["more"] == {"a": 1}


def test_progress_without_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with show.progress("pages") as tick:
        tick(1)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(show, "SECONDS_BETWEEN", 0.0)
    with show.progress("pages") as tick:
        tick(2)
    with show.progress("changes", 9) as tick:
        tick(3)
    assert capsys.readouterr().err == "2 pages\n3 of 9 changes\n"


def test_errors_stay_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert show.fail("no\n such\x1b[2J\tpage") == 1
    assert capsys.readouterr().err == "apibot: no such\\u001b[2J page\n"
