"""Each kind of bad input ends in one clear line and its exit status, and leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from apibot.sandbox import Sandbox
from tests.cli.conftest import COMMAND, WIKI, Inside, Shell, one_line
from tests.support.proxy import Fault, Recorded, Wire, answered, api_error, held

CONTACT = {"APIBOT_CONTACT": "tests@example.org"}


@pytest.fixture
def wire(apibot_wiki: Sandbox) -> Iterator[Wire]:
    with Wire(apibot_wiki.url) as wire:
        yield wire


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["nonsense"], ["nonsense"]),
        (["line", "--nonsense"], ["--nonsense", "apibot line --help"]),
        (["line"], ["LINE"]),
        (["line", "allpages | nonsense"], ["no slot 'nonsense'"]),
        (["line", "allpages | keep size>>1"], ["size"]),
        (["line", "replace a b"], ["feeder"]),
        (["query", "allpages", "nonsense=1"], ["nonsense"]),
        (["query", "allpages", "dir=sideways"], ["dir", "ascending"]),
        (["query", "info", "titles=A", "pageids=1"], ["titles", "pageids"]),
        (["query", "siteinfo", "prop=nonsense"], ["nonsense", "general"]),
        (["query", "backlinks", "title=A", "limit=x"], ["limit"]),
        (["do", "nonsense"], ["nonsense", "edit"]),
        (["do", "edit", "A"], ["nothing to save"]),
        (["do", "edit", "A", "text=@nowhere"], ["nowhere"]),
        (["info", "module"], ["PATH"]),
        (["info", "modules", "nonsense"], ["nonsense", "action"]),
        (["info", "nonsense"], ["'nonsense'", "namespaces"]),
        (["info", "namespaces", "99"], ["no '99'"]),
        (["info", "user", "shoe-size"], ["shoe-size"]),
        (["info", "site", "nonsense"], ["nonsense"]),
        (["job", "run", "double_redirect", "nonsense=1"], ["nonsense"]),
    ],
)
def test_wrong_use(inside: Inside, apibot_wiki: Sandbox, words: list[str], parts: list[str]) -> None:
    wiki = WIKI if words[0] in {"query", "do", "info"} or words[-1] == "replace a b" else ()
    one_line(inside(*words, *wiki), 2, *parts)


def test_unknown_wiki(shell: Shell) -> None:
    one_line(shell("line", "allpages | edit", "--wiki", "nowhere", "--plan", "p.jsonl"), 1, "'nowhere'")
    assert list(shell.folder.iterdir()) == []


def test_wrong_password(shell: Shell, apibot_wiki: Sandbox, tmp_path: Path) -> None:
    environ = {**CONTACT, "APIBOT_HOME": str(tmp_path), "APIBOT_USER": "Bot@apibot", "APIBOT_PASSWORD": "sesame"}
    done = shell("whoami", "--wiki", apibot_wiki.api, env=environ)
    one_line(done, 1, "refused the login of 'Bot@apibot'")
    assert "sesame" not in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"sesame" in path.read_bytes()] == []


def test_the_doctor_tells_what_fails(shell: Shell, apibot_wiki: Sandbox, tmp_path: Path) -> None:
    environ = {**CONTACT, "APIBOT_HOME": str(tmp_path), "APIBOT_USER": "Bot@apibot", "APIBOT_PASSWORD": "sesame"}
    done = shell("doctor", "--wiki", apibot_wiki.api, env=environ)
    assert done.returncode == 1
    assert "problem  login: The login is refused: " in done.stdout
    assert "         -> Check the name and its password" in done.stdout
    assert done.stderr.startswith("problems: 1, ")
    assert "sesame" not in done.stdout + done.stderr
    nowhere = shell(
        "doctor", "--wiki", "http://127.0.0.1:9/api.php", "--json", env={**CONTACT, "APIBOT_HOME": str(tmp_path)}
    )
    assert nowhere.returncode == 1
    assert '"topic": "connection"' in nowhere.stdout


def test_the_doctor_does_not_wait_for_the_end_of_what_it_tells(
    shell: Shell, apibot_wiki: Sandbox, wire: Wire, tmp_path: Path
) -> None:
    bot = apibot_wiki.bot
    environ = {"APIBOT_USER": bot.user, "APIBOT_PASSWORD": bot.password.reveal(), "APIBOT_HOME": str(tmp_path)}
    wire.once("login", api_error("readonly", "Just being mended.", {"Retry-After": "20"}))
    done = shell("doctor", "--wiki", wire.api, env={**CONTACT, **environ})
    assert done.returncode == 1
    assert "problem  read-only: The wiki takes no login at the moment: " in done.stdout
    assert "Just being mended." in done.stdout
    assert len(wire.of("login")) == 1


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("<html>Welcome to the internet</html>", ["api.php"]),
        ({"hello": "world"}, ["api.php"]),
    ],
)
def test_what_is_no_api(shell: Shell, wire: Wire, tmp_path: Path, body: object, parts: list[str]) -> None:
    (shell.folder / "apibot.toml").write_text("[retry]\nbudget = 0.1\n")
    wire.always(answered(200, body))
    one_line(shell("info", "--wiki", wire.api, env={**CONTACT, "APIBOT_HOME": str(tmp_path / "home")}), 1, *parts)


def test_no_server(shell: Shell, tmp_path: Path) -> None:
    (shell.folder / "apibot.toml").write_text("[retry]\nbudget = 0.1\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environ = {**CONTACT, "APIBOT_HOME": str(tmp_path / "home")}
    one_line(shell("info", "--wiki", f"http://127.0.0.1:{port}/api.php", env=environ), 1, "no connection")


@pytest.mark.parametrize(("settings", "part"), [("wiki = [", "TOML"), ("wikki = 'a'", "wikki"), ("wiki = 1", "wiki")])
def test_malformed_settings(shell: Shell, settings: str, part: str) -> None:
    (shell.folder / "apibot.toml").write_text(settings)
    one_line(shell("whoami"), 1, "apibot.toml", part)


def test_state_that_can_not_be_written(shell: Shell, apibot_wiki: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environ = {**CONTACT, "APIBOT_HOME": str(tmp_path / "file" / "home")}
    one_line(shell("info", "namespaces", "--wiki", apibot_wiki.api, env=environ), 1, "APIBOT_HOME")


def test_plans_that_can_not_be_written_or_read(shell: Shell, apibot_wiki: Sandbox) -> None:
    one_line(shell("line", "allpages | edit", "--plan", "nowhere/p.jsonl", *WIKI), 1, "nowhere/p.jsonl")
    one_line(shell("review", "nowhere.jsonl"), 1, "nowhere.jsonl")
    (shell.folder / "p.jsonl").write_text('{"version": 1}\n{"n"')
    one_line(shell("apply", "p.jsonl"), 1, "line 2")


def test_php_is_missing(shell: Shell, tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path), "APIBOT_HOME": str(tmp_path / "home")}
    one_line(shell("sandbox", "up", env=environ), 1, "PHP is missing", "php-cli")
    assert list(tmp_path.glob("home/sandbox/*/*")) == []


def test_a_port_is_taken(shell: Shell, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        one_line(shell("sandbox", "up", "--port", port, env={"APIBOT_HOME": str(tmp_path)}), 1, port)
    assert list(tmp_path.glob("sandbox/*/*")) == []


def test_ctrl_c_during_a_plan_leaves_no_file(shell: Shell, wire: Wire, tmp_path: Path) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def schedule(request: Recorded, _number: int) -> Fault | None:
        if request.params.get("generator") == "allpages":
            arrived.set()
            return held(go_on)
        return None

    wire.schedule = schedule
    process = subprocess.Popen(
        [*COMMAND, "line", "allpages | replace a b | edit", "--wiki", wire.api, "--plan", "p.jsonl"],
        cwd=shell.folder,
        env={**shell.environ, **CONTACT, "APIBOT_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert arrived.wait(20)
    assert [path.name.startswith(".p.jsonl.") for path in shell.folder.iterdir()] == [True]
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=20)
    finally:
        go_on.set()
        process.kill()
    assert (process.returncode, out, err) == (130, "", "apibot: interrupted.\n")
    assert list(shell.folder.iterdir()) == []


def test_a_reader_that_goes_away_is_no_fault(shell: Shell, apibot_wiki: Sandbox) -> None:
    command = [*COMMAND, "query", "siteinfo", "prop=general", *WIKI]
    with subprocess.Popen(
        command, cwd=shell.folder, env=shell.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_there_is_one_line(shell: Shell, missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; from apibot.cli import main; sys.exit(main(['job', 'list']))"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", program], env=shell.environ, cwd=shell.folder, capture_output=True, text=True, check=False
    )
    one_line(done, 1, "pip install 'apibot[shell]'")
