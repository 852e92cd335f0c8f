"""The commands of the shell, on a real wiki."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from apibot.cli.wiki import MANY, ONE
from apibot.sandbox import Sandbox
from tests.cli.conftest import COMMAND, WIKI, Inside, Shell
from tests.support.people import Person


@pytest.fixture(scope="module")
def human(apibot_wiki: Sandbox) -> Person:
    return Person(apibot_wiki.api, apibot_wiki.sysop.user, apibot_wiki.sysop.password.reveal())


def fixing(prefix: str) -> str:
    return f"allpages prefix={prefix} | keep text*=teh | replace teh the word=yes | edit summary=typo"


def test_a_line_is_planned_reviewed_and_applied(shell: Shell, prefix: str, human: Person) -> None:
    planned = shell("line", fixing(prefix), "--plan", "p.jsonl", *WIKI)
    assert (planned.returncode, planned.stdout) == (0, "")
    assert planned.stderr.startswith("3 passed, 0 rejected, 0 failed; 3 changes planned; ")
    assert "apibot apply p.jsonl" in planned.stderr
    assert human.text(f"{prefix} 1") == "Here is teh text 1."

    shown = shell("review", "p.jsonl", "--limit", "1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines()[:4] == [
        f"1. Edit {prefix} 1  (typo)",
        "@@ -1 +1 @@",
        "-Here is teh text 1.",
        "+Here is the text 1.",
    ]
    assert "... and 2 more changes" in shown.stdout
    assert "3 changes" in shown.stdout.splitlines()[-1]

    human.save(f"{prefix} 2", "Here is teh text, and more.")
    applied = shell("apply", "p.jsonl")  # the plan says for which wiki
    assert applied.returncode == 0, applied.stderr
    assert "2 applied, 0 already there, 1 stale, 0 failed." in applied.stderr
    assert "apibot review p.jsonl.stale.jsonl" in applied.stderr
    assert [human.text(f"{prefix} {number}") for number in (1, 2, 3)] == [
        "Here is the text 1.",
        "Here is teh text, and more.",
        "Here is the text 3.",
    ]
    again = shell("apply", "p.jsonl.stale.jsonl")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "1 applied, 0 already there, 0 stale, 0 failed.\n"
    assert human.text(f"{prefix} 2") == "Here is the text, and more."


def test_a_change_that_fails_is_told_and_makes_the_status_1(inside: Inside, prefix: str, human: Person) -> None:
    human.do("protect", title=f"{prefix} 1", protections="edit=sysop")
    run = inside("line", fixing(prefix), *WIKI, "--json")
    assert run.returncode == 1
    result = json.loads(run.stdout)
    assert (result["passed"], result["failed"], result["changed"]) == (2, 1, 2)
    assert [one["title"] for one in result["failures"]] == [f"{prefix} 1"]
    assert f"failed: {prefix} 1: " in run.stderr
    assert inside("do", "edit", f"{prefix} new", "text=x", "--plan", "p.jsonl", *WIKI).returncode == 0
    human.do("protect", title=f"{prefix} new", protections="create=sysop")
    applied = inside("apply", "p.jsonl")
    assert applied.returncode == 1
    assert "0 applied, 0 already there, 0 stale, 1 failed." in applied.stderr
    assert "failed: change 1: " in applied.stderr


def test_data_and_talk_go_different_ways(inside: Inside, prefix: str) -> None:
    line = f"allpages prefix={prefix} | echo '{{title}} {{size}}'"
    titles = [f"{prefix} {number} 19" for number in (1, 2, 3)]
    plain = inside("line", line, *WIKI)
    assert plain.stdout.splitlines() == titles
    assert "3 passed" in plain.stderr
    as_json = inside("line", line, *WIKI, "--json")
    assert json.loads(as_json.stdout)["passed"] == 3
    assert as_json.stderr.splitlines() == titles


def test_query(inside: Inside, prefix: str) -> None:
    rows = inside("query", "allpages", f"prefix={prefix}", "--limit", "2", *WIKI)
    assert [line.split() for line in rows.stdout.splitlines()] == [
        ["title", "pageid", "ns"],
        *([prefix, str(number), line.split()[2], "0"] for number, line in enumerate(rows.stdout.splitlines()[1:], 1)),
    ]
    assert len(rows.stdout.splitlines()) == 3
    pages = inside("query", "titles", f"{prefix} 1|{prefix} 4", "--text", "--json", *WIKI)
    found = [json.loads(line) for line in pages.stdout.splitlines()]
    assert [(one["title"], one["exists"], one["text"]) for one in found] == [
        (f"{prefix} 1", True, "Here is teh text 1."),
        (f"{prefix} 4", False, ""),
    ]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[0]["timestamp"])
    assert "timestamp" not in found[1]
    in_columns = inside("query", "titles", f"{prefix} 1", "--text", *WIKI).stdout
    assert f"  {found[0]['timestamp']}  " in in_columns
    history = inside("query", "revisions", f"titles={prefix} 1", "prop=ids|user", "--json", *WIKI)
    assert json.loads(history.stdout)["user"] == "Human"
    unlisted = inside("query", "usercontribs", "user=Human", "limit=2", "dir=newer", "--json", *WIKI)
    assert [json.loads(line)["user"] for line in unlisted.stdout.splitlines()] == ["Human", "Human"]
    of_pages = inside("query", "contributors", f"titles={prefix} 1|{prefix} 2", *WIKI)
    assert [line.split()[1] for line in of_pages.stdout.splitlines()] == ["name", "Human", "Human"]


def test_do(inside: Inside, folder: Path, prefix: str, human: Person) -> None:
    (folder / "text").write_text("All new.")
    planned = inside("do", "edit", f"{prefix} 1", "text=@text", "--plan", "p.jsonl", *WIKI)
    assert (planned.returncode, planned.stdout) == (0, "")
    assert human.text(f"{prefix} 1") == "Here is teh text 1."
    assert "+All new." in inside("review", "p.jsonl").stdout
    edited = inside("do", "edit", f"{prefix} 1", "text=@text", "summary=test", "--json", *WIKI)
    assert json.loads(edited.stdout)["changed"] is True
    assert (human.text(f"{prefix} 1"), human.page(f"{prefix} 1")["revisions"][0]["comment"]) == ("All new.", "test")
    assert "unchanged" in inside("do", "edit", f"{prefix} 1", "text=@text", *WIKI).stdout
    assert inside("do", "fetch", f"{prefix} 1", *WIKI).stdout == "All new.\n"
    assert inside("do", "purge", f"{prefix} 1", *WIKI).stdout == f"{prefix} 1: purged\n"
    missing = inside("do", "fetch", f"{prefix} 9", *WIKI)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr == f"{prefix} 9: there is no such page.\n"


def test_who_and_what(inside: Inside, apibot_wiki: Sandbox) -> None:
    who = json.loads(inside("whoami", "--json", *WIKI).stdout)
    assert (who["user"], who["wiki"], who["api"], who["anonymous"]) == ("Bot", "test", apibot_wiki.api, False)
    assert "bot" in who["groups"]
    assert apibot_wiki.version in inside("info", *WIKI).stdout
    names = inside("info", "namespaces", "--json", *WIKI).stdout.splitlines()
    assert {json.loads(line)["id"]: json.loads(line)["name"] for line in names}[14] == "Category"
    module = inside("-v", "info", "module", "query+allpages", *WIKI)
    assert "filterredir" in module.stdout


def test_info(inside: Inside, apibot_wiki: Sandbox) -> None:
    every = [*ONE, *MANY]
    for what in every:
        key = {"module": "query+allpages", "help": "edit", "modules": "list", "messages": "mainpage"}.get(what)
        shown = inside("info", what, *([key] if key else []), *WIKI)
        assert (shown.returncode, shown.stderr) == (0, ""), what
        assert shown.stdout or what == "globaluser", what
        found = inside("info", what, *([key] if key else []), "--json", *WIKI)
        assert all(isinstance(json.loads(line), dict) for line in found.stdout.splitlines()), what
    assert inside("info", "nothing", *WIKI).stderr.count(", ") == len(every), "it names all there is"


def test_info_by_key(inside: Inside, apibot_wiki: Sandbox) -> None:
    assert inside("info", "namespaces", "10", *WIKI).stdout.splitlines()[1].split() == ["name", "Template"]
    commons = json.loads(inside("info", "interwikis", "commons", "--json", *WIKI).stdout)
    assert (commons["url"], commons["protorel"]) == ("https://commons.wikimedia.org/wiki/$1", False)
    assert inside("info", "general", "version", *WIKI).stdout.split() == [
        "version",
        apibot_wiki.version.replace(".", "|"),
    ]
    assert inside("info", "messages", "mainpage", *WIKI).stdout.splitlines()[1].split() == ["mainpage", "Main", "Page"]
    assert "|bot|" in inside("info", "user", "groups", *WIKI).stdout
    assert "allpages\n" in inside("info", "modules", "list", *WIKI).stdout
    assert json.loads(inside("info", "site", "rightsinfo", *WIKI).stdout) == {"url": "", "text": ""}
    assert inside("info", "protocols", "https://", *WIKI).stdout.split() == ["name", "https://"]


def test_doctor(inside: Inside, apibot_wiki: Sandbox) -> None:
    run = inside("doctor", *WIKI)
    assert run.returncode == 0
    assert run.stderr.startswith("problems: 0, advice: 0, well: ")
    lines = run.stdout.splitlines()
    assert f"ok       mediawiki: MediaWiki {apibot_wiki.version} is supported (1.35 and later)." in lines
    found = [json.loads(line) for line in inside("doctor", "--json", *WIKI).stdout.splitlines()]
    assert {one["severity"] for one in found} == {"ok"}
    assert set(found[0]) == {"severity", "topic", "text", "remedy"}


def test_jobs(inside: Inside, apibot_wiki: Sandbox) -> None:
    assert "double_redirect" in inside("job", "list", "--json").stdout
    shown = inside("job", "show", "double_redirect").stdout
    assert "limit=NUMBER  (otherwise 500)" in shown
    run = inside("job", "run", "double_redirect", "limit=5", "--plan", "p.jsonl", *WIKI)
    assert run.returncode == 0, run.stderr
    assert run.stderr.startswith("double_redirect (")
    assert " changes (0 new pages)" in inside("review", "p.jsonl").stdout


def test_on_a_terminal_there_is_a_bar_and_colour_and_no_control_character(shell: Shell, prefix: str) -> None:
    line = f"{fixing(prefix)} | echo '{{title}}\x9b31m'"
    out = on_terminal(shell, "line", line, "--plan", "p.jsonl", *WIKI)
    assert f"{prefix} 3\\u009b31m" in out
    assert "pages" in out
    assert "\x1b[?25l" in out  # the bar hides the cursor
    shown = on_terminal(shell, "review", "p.jsonl")
    assert "\x1b[32m+Here is the text 1.\x1b[0m" in shown
    assert "\x1b[31m-Here is teh text 1.\x1b[0m" in shown


def on_terminal(shell: Shell, *words: str) -> str:
    """Return what a command shows on a terminal."""
    master, slave = pty.openpty()
    environ = {**shell.environ, "TERM": "xterm", "COLUMNS": "100"}
    environ.pop("NO_COLOR", None)
    process = subprocess.Popen([*COMMAND, *words], cwd=shell.folder, env=environ, stdout=slave, stderr=slave)
    os.close(slave)
    parts: list[bytes] = []
    try:
        while part := os.read(master, 65536):
            parts.append(part)
    except OSError:  # how the other side's end is told
        pass
    finally:
        os.close(master)
        assert process.wait(60) == 0, parts
    return b"".join(parts).decode()
