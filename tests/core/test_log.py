"""apibot.core.log: levels, prefixes, screen and file, and logs that stay apart."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from apibot.core.errors import BadParameter, StateError
from apibot.core.log import LEVELS, Log
from apibot.core.schema import LogLevel, LogSettings

NAMES: tuple[LogLevel, ...] = get_args(LogLevel)
Make = Callable[..., Log]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make logs that are closed at the end."""
    made: list[Log] = []

    def new(name: str = "home", **settings: object) -> Log:
        made.append(Log(LogSettings(**settings), name))  # type: ignore[arg-type]  # fields of the settings
        return made[-1]

    yield new
    for log in made:
        log.close()


def test_levels_are_those_of_logging() -> None:
    assert set(LEVELS) == set(NAMES)
    assert [LEVELS[name] for name in NAMES] == [
        logging.CRITICAL,
        logging.ERROR,
        logging.WARNING,
        logging.INFO,
        logging.DEBUG,
    ]


def test_screen_shows_from_its_level_on(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    log = make(screen="warning")
    for level in NAMES:
        log(f"a {level}", level)
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = [re.sub(r"\d\d:\d\d:\d\d", "TIME", line) for line in shown.err.splitlines()]
    assert lines == ["! TIME bot: a panic", "# TIME bot: a error", "= TIME bot: a warning"]


def test_file_keeps_from_its_level_on_with_the_date(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "bot.log"
    log = make(screen="panic", file=str(path), file_level="debug")
    for level in NAMES:
        log(f"Ж {level}", level)
    log.named("API_Action_Edit").info("done: %s", "text")
    lines = [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", line) for line in path.read_text("utf-8").splitlines()]
    assert lines == [
        "! TIME bot: Ж panic",
        "# TIME bot: Ж error",
        "= TIME bot: Ж warning",
        "+ TIME bot: Ж info",
        "- TIME bot: Ж debug",
        "+ TIME API_Action_Edit: done: text",
    ]


@pytest.mark.parametrize("level", NAMES)
def test_screen_and_file_have_levels_of_their_own(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str], level: LogLevel
) -> None:
    path = tmp_path / "bot.log"
    log = make(screen=level, file=str(path), file_level=NAMES[-1 - NAMES.index(level)])
    for one in NAMES:
        log("text", one)
    assert len(capsys.readouterr().err.splitlines()) == NAMES.index(level) + 1
    assert len(path.read_text().splitlines()) == len(NAMES) - NAMES.index(level)


def test_a_file_is_appended_to(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    path.write_text("old\n")
    make(file=str(path))("new")
    assert [line.rpartition(" ")[2] for line in path.read_text().splitlines()] == ["old", "new"]


def test_the_text_is_no_format(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make(screen="info")("100 %s done {x}")
    assert capsys.readouterr().err.endswith("bot: 100 %s done {x}\n")


def test_logs_of_two_cores_do_not_mix(make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = {name: make("home", screen="panic", file=str(tmp_path / name)) for name in ("one", "two")}
    for name, log in logs.items():
        log(f"of {name}")
        log.named("API_Exchanger").info("also of %s", name)
    for name in logs:
        lines = (tmp_path / name).read_text().splitlines()
        assert [line.partition(": ")[2] for line in lines] == [f"of {name}", f"also of {name}"]
    assert capsys.readouterr().err == ""


def test_a_closed_log_leaves_the_other_alone(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = make("home", screen="info"), make("home", screen="info")
    one.close()
    one("of one")
    two("of two")
    assert [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()] == ["of two"]


@pytest.mark.parametrize("name", ["home", "http://127.0.0.1:8080/api.php", "a.b.c", ""])
def test_names_of_wikis_do_not_show_in_the_lines(make: Make, capsys: pytest.CaptureFixture[str], name: str) -> None:
    log = make(name, screen="info")
    log("text")
    log.named("API_Action_Edit").warning("text")
    assert [line.split(" ", 2)[2] for line in capsys.readouterr().err.splitlines()] == [
        "bot: text",
        "API_Action_Edit: text",
    ]


def test_close_takes_the_handlers_off_and_closes_the_file(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    log = make(file=str(path))
    logger = log.named("x").parent
    assert logger is not None
    handlers = list(logger.handlers)
    assert len(handlers) == 2
    log.close()
    log.close()
    assert logger.handlers == []
    log("after the end", "panic")
    for handler in handlers:
        handler.handle(logging.makeLogRecord({"name": "x", "msg": "late", "levelno": logging.CRITICAL}))
    assert path.read_text() == ""


@pytest.mark.parametrize("level", ["loud", "WARNING", "", None, 30])
def test_an_unknown_level_is_refused(make: Make, capsys: pytest.CaptureFixture[str], level: object) -> None:
    log = make(screen="debug")
    with pytest.raises(BadParameter, match="panic, error, warning, info, debug"):
        log("text", level)  # type: ignore[arg-type]  # the untyped caller's slip
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("blocked", ["folder", "file"])
def test_a_file_that_can_not_be_opened_is_said_in_one_line(tmp_path: Path, blocked: str) -> None:
    path = tmp_path / "here" / "bot.log"
    if blocked == "file":
        path.mkdir(parents=True)
    else:
        path.parent.write_text("a file where a folder should be")
    with pytest.raises(StateError) as caught:
        Log(LogSettings(file=str(path)), "home")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_is_logged_with_its_traceback(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    logger = make(screen="panic", file=str(path)).named("x")
    try:
        os.environ["APIBOT_MISSING"]
    except KeyError:
        logger.exception("it failed")
    assert "it failed\n" in path.read_text()
    assert "KeyError: 'APIBOT_MISSING'" in path.read_text()
