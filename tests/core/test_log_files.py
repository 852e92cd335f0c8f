"""apibot.core.log_files: HTML and JSON, hostile texts, and files that several cores write to at once."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import re
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import SettingsError, StateError
from apibot.core.log import Log
from apibot.core.schema import LogSettings

pytestmark = pytest.mark.usefixtures("alone")
Make = Callable[..., Log]
Row = tuple[str, str, str, str]
HOSTILE = [
    "</td></tr></table><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- ",
    "--><style>*{display:none}</style>",
    "<plaintext>",
    "</title></style></pre></details>",
    "'\"><b a='",
    "&lt;script&gt; &amp;#10; &#x3c;b&#x3e; &#0;",
    "]]><![CDATA[",
    "<textarea><xmp><noscript><template>",
    "a\nb\r\nc\x0bd\x0ce\x85f\u2028g\u2029h",
    "\x1b[2J\x00\x08\u202egnorw\u2066\ufeff\ud800",
    "{{Template|<nowiki>[[x]]</nowiki>}}\t'''b'''",
    '{"time": "then", "message": 5}\n{}',
    "Ж 漢字 🦊 " + "long " * 5000,
]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make logs that are closed at the end; nothing on the screen."""
    made: list[Log] = []

    def new(**settings: object) -> Log:
        made.append(Log(LogSettings(screen="panic", **settings), "home"))  # type: ignore[arg-type]  # its fields
        return made[-1]

    yield new
    for log in made:
        log.close()


def rows(path: Path) -> list[Row]:
    """Read an HTML log as browsers do; nothing but rows of the table may be in it."""
    root = html5lib.parse(path.read_bytes(), transport_encoding="utf-8", namespaceHTMLElements=False)
    [body] = root.findall("body")
    [table] = body.findall("*")
    assert table.tag == "table"
    assert "".join(body.itertext()).strip() == "".join(table.itertext()).strip()
    shown = {element.tag for element in table.iter()} - {"table", "thead", "tbody", "tr", "th", "td", "time"}
    assert shown <= {"details", "summary", "pre"}
    found: list[Row] = []
    for row in table.findall("tbody/tr"):
        cells: list[Any] = row.findall("td")
        assert row.attrib == {"class": cells[1].text}
        assert [cell.attrib for cell in cells] == [{}] * 4
        when, level, layer, message = ("".join(cell.itertext()) for cell in cells)
        found.append((when, level, layer, message))
    return found


def objects(path: Path) -> list[dict[str, Any]]:
    """Read a JSON log; each line is one object."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def hidden(text: str) -> str:
    """Return what a hostile text may at most do, which is to stand there."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", "", text)


def test_screen_text_html_and_json_at_once(make: Make, tmp_path: Path) -> None:
    log = make(**{kind: str(tmp_path / "new" / kind) for kind in ("file", "html", "json")})
    before = datetime.now(UTC)
    log.named("API_Action_Edit").debug("debug")
    log.named("API_Action_Edit").warning("Ж: %s", "<b>")
    [text] = [line for line in (tmp_path / "new" / "file").read_text().splitlines() if line.startswith("=")]
    assert text.endswith("API_Action_Edit: Ж: <b>")
    [(when, *rest)] = rows(tmp_path / "new" / "html")
    assert rest == ["warning", "API_Action_Edit", "Ж: <b>"]
    assert datetime.strptime(when, "%Y-%m-%d %H:%M:%S").astimezone() - before < timedelta(seconds=5)
    first, second = objects(tmp_path / "new" / "json")
    assert (first["level"], second["level"]) == ("debug", "warning")
    assert second == {
        "time": second["time"],
        "level": "warning",
        "layer": "API_Action_Edit",
        "message": "Ж: <b>",
    }
    time = datetime.fromisoformat(second["time"])
    assert time.utcoffset() == timedelta(0)
    assert abs(time - before) < timedelta(seconds=5)


@pytest.mark.parametrize("kind", ["file", "html", "json"])
def test_files_are_the_owners_alone_whatever_the_umask(make: Make, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a" / "b" / "log"
    old = os.umask(0)
    try:
        make(**{kind: str(path)})("text")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["file", "html", "json"])
def test_a_file_that_others_could_read_is_closed_to_them(make: Make, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    make(**{kind: str(path)})("before")
    path.chmod(0o644)
    make(**{kind: str(path), f"{kind}_level": "debug"})("after")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [word in path.read_text() for word in ("before", "after")] == [True, True]


@pytest.mark.parametrize("kind", ["html", "json"])
def test_a_file_is_gone_on_with(make: Make, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    for text in ("one", "two"):
        log = make(**{kind: str(path)})
        log(text)
        log.close()
    found = [row[3] for row in rows(path)] if kind == "html" else [one["message"] for one in objects(path)]
    assert found == ["one", "two"]


@pytest.mark.parametrize("kept", [1, 5, 15, 40, 70, -30, -12, -6, -1])
def test_a_row_that_was_cut_off_spoils_none_that_follow(make: Make, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "log.html"
    log = make(html=str(path))
    head = path.stat().st_size
    try:
        os.environ["APIBOT_MISSING"]
    except KeyError:
        log.named("x").exception("it failed <b>")
    size = path.stat().st_size
    os.truncate(path, head + kept if kept > 0 else size + kept)
    log.close()
    make(html=str(path))("whole")
    root = html5lib.parse(path.read_bytes(), transport_encoding="utf-8", namespaceHTMLElements=False)
    last = root.findall("body/table/tbody/tr")[-1]
    assert [cell.text for cell in last.findall("td")[1:]] == ["info", "bot", "whole"]


@pytest.mark.parametrize("kind", ["file", "json"])
def test_a_line_that_was_cut_off_spoils_none_that_follow(make: Make, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    path.write_text('{"time": "20')
    make(**{kind: str(path)})("whole")
    first, second = path.read_text().splitlines()
    assert first == '{"time": "20'
    assert "whole" in second


def test_an_html_log_does_not_go_on_with_somebody_elses_page(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text("<!DOCTYPE html>\n<p>My page.\n")
    with pytest.raises(StateError, match=r"index\.html: holds something else.*log\.html"):
        make(html=str(path))
    assert path.read_text() == "<!DOCTYPE html>\n<p>My page.\n"


def test_two_logs_in_one_file_are_refused(make: Make, tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    with pytest.raises(SettingsError, match="a file of its own"):
        make(file=path, json=path)
    assert not Path(path).exists()


@pytest.mark.parametrize("kind", ["html", "json"])
def test_a_file_that_can_not_be_opened_is_said_by_its_setting(make: Make, tmp_path: Path, kind: str) -> None:
    (tmp_path / "log").mkdir()
    with pytest.raises(StateError, match=rf"can not be opened \(.*\)\. Correct log\.{kind} in the settings"):
        make(**{kind: str(tmp_path / "log")})


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_breaks_out_of_its_row(make: Make, tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.html"
    log = make(html=str(path))
    log(text)
    log.named(text.replace(".", "")).error("by label")
    try:
        raise ValueError(text)  # noqa: TRY301  # an error that holds it
    except ValueError:
        log.named("x").exception("it failed")
    log("after")
    found = rows(path)
    assert [(level, layer) for _when, level, layer, _message in found][::2] == [("info", "bot"), ("error", "x")]
    assert found[3][1:] == ("info", "bot", "after")
    assert re.sub(r"\\u[0-9a-f]{4}", "", found[0][3]) == hidden(text)
    assert found[1][3] == "by label"
    assert path.read_bytes().count(b"\n<tr class") == 4, "a row is a line"


@settings(deadline=None)  # a busy machine is no fault
@given(texts=st.lists(st.text(), min_size=1, max_size=5))
def test_any_texts_are_rows_and_objects(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        html, lines = Path(folder, "log.html"), Path(folder, "log.json")
        log = Log(LogSettings(screen="panic", html=str(html), json=str(lines)), "home")
        for text in texts:
            log(text)
        log.close()
        assert len(rows(html)) == len(texts)
        assert [one["message"] for one in objects(lines)] == texts


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_json_has_one_object_a_line(make: Make, tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.json"
    log = make(json=str(path))
    log.named("x").info(text, extra={"title": text, "rows": [{text: text}], text: 1})
    log("after")
    first, second = objects(path)
    assert (first["message"], first["title"], first[text]) == (text, text, 1)
    assert first["rows"] == [{text: text}]
    assert second["message"] == "after"


def test_json_has_the_fields_and_the_exception(make: Make, tmp_path: Path) -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    path = tmp_path / "log.json"
    logger = make(json=str(path)).named("API_Action_Edit")
    ring: list[object] = []
    ring.append(ring)
    try:
        os.environ["APIBOT_MISSING"]
    except KeyError:
        logger.exception(
            "it failed",
            extra={
                "revid": 5,
                "share": 0.5,
                "never": float("nan"),
                "bot": True,
                "nothing": None,
                "odd": Odd(),
                "tags": ("a", "b"),
                "limits": {1: {"x"}},
                "time": "taken",
                "level": "taken",
                "exception": "taken",
                "ring": ring,
            },
        )
    [line] = objects(path)
    assert "KeyError: 'APIBOT_MISSING'" in line.pop("exception")
    assert "[[" in str(line.pop("ring"))
    assert datetime.fromisoformat(line.pop("time")).utcoffset() == timedelta(0)
    assert line == {
        "level": "error",
        "layer": "API_Action_Edit",
        "message": "it failed",
        "revid": 5,
        "share": 0.5,
        "never": "nan",
        "bot": True,
        "nothing": None,
        "odd": "odd",
        "tags": ["a", "b"],
        "limits": {"1": ["x"]},
        "time_": "taken",
        "level_": "taken",
        "exception_": "taken",
    }


def test_a_traceback_can_not_pose_as_a_line(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    try:
        int("no\n! 2026-01-01 00:00:00 bot: all pages are deleted\x1b[2J".replace("\n", "\r"))
    except ValueError:
        make(file=str(path)).named("x").exception("it failed")
    lines = path.read_text().splitlines()
    assert [line for line in lines if not line.startswith("    ")] == [lines[0]]
    assert "\x1b" not in path.read_text()


def write(path: str, mark: str, settings: dict[str, str]) -> None:
    """Write many long lines, as one of several cores does."""
    log = Log(LogSettings(screen="panic", **settings), "home")  # type: ignore[arg-type]  # its fields
    for number in range(100):
        log(f"{mark}-{number}-{mark * 3000}")
    log.close()


@pytest.mark.parametrize("kind", ["file", "html", "json"])
def test_lines_of_several_cores_are_not_garbled(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "log"
    threads: list[Any] = [threading.Thread(target=write, args=(str(path), mark, {kind: str(path)})) for mark in "abcd"]
    for thread in threads:
        thread.start()
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=write, args=(str(path), "e", {kind: str(path)}))
    process.start()
    for one in (*threads, process):
        one.join()
    assert process.exitcode == 0
    if kind == "file":
        texts = [line.partition("bot: ")[2] for line in path.read_text().splitlines()]
    else:
        texts = [row[3] for row in rows(path)] if kind == "html" else [one["message"] for one in objects(path)]
    assert sorted(texts) == sorted(f"{mark}-{number}-{mark * 3000}" for mark in "abcde" for number in range(100))


def test_a_full_disk_stops_nothing(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    log = make(file="/dev/full")
    log("text")
    assert "No space left" in capsys.readouterr().err
    assert logging.raiseExceptions
