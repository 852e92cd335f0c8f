"""apibot.core.log: levels of single layers, secrets, and what is not formatted because nobody reads it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from apibot.core.log import Log, secrets_in
from apibot.core.schema import AccountSettings, LogLevel, LogSettings, Settings
from apibot.core.secret import Secret
from apibot.core.target import Target

PASSWORD = "correct/horse battery"
Make = Callable[..., Log]


@pytest.fixture
def make() -> Iterator[Make]:
    """Make logs that are closed at the end."""
    made: list[Log] = []

    def new(**settings: object) -> Log:
        made.append(Log(LogSettings(**settings), "home"))  # type: ignore[arg-type]  # fields of the settings
        return made[-1]

    yield new
    for log in made:
        log.close()


class Counted:
    """An argument that counts how often it is formatted."""

    def __init__(self) -> None:
        self.count = 0

    def __str__(self) -> str:
        self.count += 1
        return "formatted"


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Settings for all places at once, each at its least talkative level."""
    kinds = ("file", "html", "json")
    return {
        "screen": "error",
        **{kind: str(tmp_path / f"log.{kind}") for kind in kinds},
        **{f"{kind}_level": "error" for kind in kinds},
    }


def written(places: Mapping[str, str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what stands in all places."""
    return [capsys.readouterr().err, *(Path(places[kind]).read_text() for kind in ("file", "html", "json"))]


@pytest.mark.parametrize(
    ("levels", "label", "level"),
    [
        ({}, "API_Action_Edit", "error"),
        ({"API_Action_*": "debug"}, "API_Action_Edit", "debug"),
        ({"API_Action_*": "debug"}, "API_Module_Edit", "error"),
        ({"API_Action_*": "debug", "API_Action_Edit": "info"}, "API_Action_Edit", "info"),
        ({"API_Action_Edit": "info", "API_Action_*": "debug"}, "API_Action_Edit", "info"),
        ({"*": "debug", "API_*": "panic", "*_Edit": "info"}, "API_Action_Edit", "info"),  # more characters of its own
        ({"*": "debug", "API_*": "panic"}, "API_Action_Edit", "panic"),
        ({"*": "debug", "API_*": "panic"}, "Line_edit", "debug"),
        ({"*API*": "debug", "API*": "warning"}, "API_Info", "warning"),  # as many characters, fewer stars
        ({"API_Action": "debug"}, "API_Action_Edit", "error"),  # no star, so no other layer
        ({"API.Action_Edit": "debug"}, "API_Action_Edit", "error"),  # nothing but stars is special
        ({"[A]PI_Info": "debug", "?PI_Info": "debug"}, "API_Info", "error"),
        ({"bot": "debug"}, "bot", "debug"),
    ],
)
def test_the_most_special_pattern_gives_a_layers_level_in_all_places(  # noqa: PLR0917  # by name
    make: Make,
    places: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    levels: dict[str, LogLevel],
    label: str,
    level: LogLevel,
) -> None:
    log = make(levels=levels, **places)
    names: tuple[LogLevel, ...] = ("debug", "info", "warning", "error", "panic")
    for name in names:
        if label == "bot":
            log(f"<{name}>", name)
        else:
            log.named(label).log({"panic": 50, "error": 40, "warning": 30, "info": 20, "debug": 10}[name], "<%s>", name)
    wanted = names[names.index(level) :]
    for text in written(places, capsys):
        assert [name for name in names if f"<{name}>" in text or f"&lt;{name}&gt;" in text] == list(wanted)


def test_a_layer_may_be_quieter_than_its_place(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    log = make(screen="debug", levels={"API_Exchanger": "warning"})
    for label in ("API_Exchanger", "API_Info"):
        log.named(label).info("info of %s", label)
        log.named(label).warning("warning of %s", label)
    assert [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()] == [
        "warning of API_Exchanger",
        "info of API_Info",
        "warning of API_Info",
    ]


@pytest.mark.usefixtures("alone")
def test_what_nobody_reads_is_not_formatted(make: Make, places: dict[str, str]) -> None:
    argument = Counted()
    log = make(levels={"API_Exchanger": "panic"}, **places)
    for label in ("API_Exchanger", "API_Info"):
        log.named(label).warning("%s", argument)
        assert not log.named(label).isEnabledFor(logging.WARNING)
    log.named("API_Exchanger").error("%s", argument)
    assert argument.count == 0
    log.named("API_Info").error("%s", argument)
    assert argument.count == 4, "once for each place"


@pytest.mark.usefixtures("alone")
def test_a_place_that_does_not_want_a_record_does_not_format_it(make: Make, tmp_path: Path) -> None:
    argument = Counted()
    log = make(screen="panic", json=str(tmp_path / "log.json"), html=str(tmp_path / "log.html"), html_level="error")
    log.named("x").debug("%s", argument)
    assert argument.count == 1
    assert "formatted" in (tmp_path / "log.json").read_text()
    assert "formatted" not in (tmp_path / "log.html").read_text()


def leak(log: Log) -> None:
    """Log a secret in all ways that come to mind."""
    logger = log.named("API_Identity")
    secret = Secret(PASSWORD)
    logger.error("password=%s", secret)
    logger.error("password=%(password)s", {"password": secret})
    logger.error(secret)
    logger.error("%s", {"inside": [secret]})
    logger.error("%d %s", secret, "too few: %d")
    logger.error("extra", extra={"password": secret, "nested": {"one": (secret, [secret])}})
    try:
        raise ValueError(secret)  # noqa: TRY301  # an error that holds one
    except ValueError:
        logger.exception("it failed")


@pytest.mark.usefixtures("alone")
def test_a_secret_never_gets_in(make: Make, places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    leak(make(**places))
    texts = written(places, capsys)
    for text in texts:
        assert PASSWORD not in text
        assert "password=***" in text
        assert "too few" in text


def test_a_text_to_be_hidden_is_hidden_wherever_it_turns_up(
    make: Make, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    log = make(**places)
    log.hide(Secret(PASSWORD[:14]))
    log.hide(Secret(PASSWORD))
    log.hide(Secret("short"))
    log(f"the wiki says: wrong password {PASSWORD}; lgpassword=correct%2Fhorse%20battery&x=short", "error")
    log.named("x").error("extra", extra={"reply": {PASSWORD: f"<{PASSWORD}>"}})
    try:
        raise ValueError(PASSWORD)  # noqa: TRY301  # an error that holds one
    except ValueError:
        log.named("x").exception("it failed")
    for text in written(places, capsys):
        assert "horse" not in text
        assert "wrong password ***; lgpassword=***&" in text.replace("&amp;", "&")
        assert "x=short" in text, "hiding short texts would hide common words"


@pytest.mark.usefixtures("alone")
def test_a_hostile_password_is_hidden_in_all_its_forms(
    make: Make, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    log, password = make(**places), "pä\"ss wörd+'<b>zZz"
    log.hide(Secret(password))
    forms = [password, json.dumps(password), json.dumps(password, ensure_ascii=False), quote_plus(password)]
    for form in forms:
        log(f"the wiki says: {form}", "error")
        log.named("x").error("extra", extra={"reply": {form: [form]}})
    for text in written(places, capsys):
        assert "the wiki says: " in text
        assert "zZz" not in text
    assert log.over(f"<{forms[1]}>") == '<"***">'


def test_the_handlers_of_others_see_no_secret_either(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    make(screen="error").named("API_Identity").error("password=%s", Secret(PASSWORD))
    assert caplog.messages == ["password=***"]


def test_secrets_are_found_however_deep() -> None:
    account = AccountSettings("Bot", password=Secret("a"), access_token=Secret("b"))
    settings = Settings(accounts={"bot": account}, oauth2_token=Secret("c"))
    target = Target("http://127.0.0.1/api.php", "home", account=account)
    assert sorted(one.reveal() for one in secrets_in(settings)) == ["a", "b", "c"]
    assert sorted(one.reveal() for one in secrets_in((target, "d", 5))) == ["a", "b"]


@pytest.mark.usefixtures("alone")
def test_a_log_call_whose_arguments_do_not_fit_loses_nothing(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    logger = make(screen="error").named("x")
    logger.error("%d pages", "many")
    logger.error("%(no)s", {"yes": 1})
    assert [line.partition(" x: ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "%d pages ('many',)",
        "%(no)s {'yes': 1}",
    ]
