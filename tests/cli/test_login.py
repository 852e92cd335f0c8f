"""``apibot login`` and ``logout``: asked without echo, tried, kept only if right, and gone when asked."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests

from apibot.sandbox import Sandbox
from tests.cli.conftest import COMMAND, Done, Shell, kept, one_line
from tests.support.oauth import Provider
from tests.support.proxy import Fault, Recorded, Wire, answered

RING = """
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend

class Ring(KeyringBackend):
    priority = 1
    file = Path(os.environ["APIBOT_HOME"]) / "ring"

    def _held(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get_password(self, service, username):
        return self._held().get(service + username)

    def set_password(self, service, username, password):
        self.file.write_text(json.dumps(self._held() | {service + username: password}))

    def delete_password(self, service, username):
        held = self._held()
        del held[service + username]
        self.file.write_text(json.dumps(held))
"""
LOCKED = """
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

class Ring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        raise KeyringLocked("Failed to unlock the collection!")

    set_password = delete_password = get_password
"""
Run = Callable[..., Done]


@pytest.fixture
def wire(provider: Provider) -> Provider:
    return provider


@pytest.fixture
def run(shell: Shell, wire: Wire, environ: dict[str, str]) -> Run:
    """Runs a command on the wiki; ``lines`` are its standard input."""

    def go(command: str, *words: str, lines: str = "", env: Mapping[str, str] | None = None) -> Done:
        return subprocess.run(
            [*COMMAND, command, "--wiki", wire.api, *words],
            cwd=shell.folder,
            env={**shell.environ, **environ, **(env or {})},
            input=lines,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return go


def who(run: Run) -> tuple[str, str]:
    told = json.loads(run("whoami", "--json").stdout)
    return told["user"], told["login"]


def test_a_bot_password(run: Run, apibot_wiki: Sandbox, home: Path, wire: Wire) -> None:
    bot = apibot_wiki.bot
    done = run("login", "--user", bot.user, lines=f"{bot.password.reveal()}\n")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "Logged in as Bot@apibot by bot password. Kept: in " in done.stderr
    assert "Not allowed" not in done.stderr
    assert kept(home)[bot.user]["password"] == bot.password.reveal()
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.glob("secrets/*")} == {0o600}
    wire.clear()
    assert who(run) == ("Bot", "bot password")
    assert wire.of("login") == [], "the session is kept too"
    out = run("logout")
    assert (out.returncode, out.stderr) == (0, f"Bot@apibot is logged out on {wire.api}.\n")
    assert who(run) == ("Bot", "bot password")
    assert len(wire.of("login")) == 1, "what is kept logs in again"
    gone = run("logout", "--forget")
    assert gone.stderr == f"Bot@apibot is logged out on {wire.api}, and forgotten.\n"
    assert kept(home) == {}
    assert who(run)[1] == "not at all"
    assert run("logout").stderr == f"Nobody is logged in on {wire.api}.\n"


def test_of_an_own_password_only_the_session_is_kept(run: Run, apibot_wiki: Sandbox, home: Path, wire: Wire) -> None:
    human = apibot_wiki.human
    password = human.password.reveal()
    done = run("login", "--user", human.user, lines=f"{password}\n")
    assert done.returncode == 0, done.stderr
    assert "The session is kept, the password is not" in done.stderr
    assert [path for path in home.rglob("*") if path.is_file() and password in path.read_text()] == []
    assert who(run) == ("Human", "password")
    assert run("logout").returncode == 0
    one_line(run("whoami"), 1, "The session of 'Human'", "no password was kept", "apibot login")
    assert run("login", "--user", human.user, "--keep-password", lines=f"{password}\n").returncode == 0
    run("logout")
    assert who(run) == ("Human", "password")
    assert kept(home)["Human"]["password"] == password


def test_nothing_is_kept_of_a_login_that_fails(
    run: Run, shell: Shell, apibot_wiki: Sandbox, home: Path, wire: Wire
) -> None:
    user = apibot_wiki.bot.user
    one_line(run("login", "--user", user, lines="wr0ng-and-secret\n"), 1, "refused the login of 'Bot@apibot'")
    assert kept(home) == {}
    one_line(run("login", "--user", user, lines=""), 2, "standard input has no line for it")
    one_line(run("login", "--user", user, lines="\n"), 2, "Password of Bot@apibot: nothing was given")
    assert len(wire.of("login")) == 1
    (shell.folder / "apibot.toml").write_text("[retry]\nbudget = 0.1\n")
    wire.always(answered(503, "busy"))
    assert run("login", "--user", user, lines="x\n").returncode == 1
    assert kept(home) == {}
    assert not [path for path in home.rglob("*") if path.is_file() and "wr0ng" in path.read_text()]


@pytest.mark.parametrize(
    "words", [("--oauth1", "--oauth2"), ("--authorize",), ("--oauth2", "--authorize"), ("--oauth1", "--listen", "0")]
)
def test_options_that_do_not_go_together(run: Run, words: tuple[str, ...]) -> None:
    one_line(run("login", *words), 2, "one of --oauth1 and --oauth2")


def test_a_secret_is_no_argument(run: Run, apibot_wiki: Sandbox) -> None:
    one_line(run("login", "--user", "x", "--password", "y"), 2, "--password")


def test_a_token_of_oauth_2(run: Run, provider: Provider, home: Path, wire: Wire) -> None:
    token = provider.bearer("Bot")
    done = run("login", "--oauth2", lines=f"{token}\n")
    assert done.returncode == 0, done.stderr
    place = wire.api.removesuffix("/api.php")
    assert re.search(rf"{place}/\S*Special:OAuthConsumerRegistration/propose/oauth2\n", done.stderr)
    for grant in ("High-volume (bot) access (highvolume)", "Edit existing pages (editpage)", "createeditmovepage"):
        assert grant in done.stderr
    assert "Logged in as Bot by OAuth 2. Kept" in done.stderr
    assert "Not allowed" not in done.stderr
    assert kept(home) == {"Bot": {"user": "Bot", "method": "oauth2", "oauth2_token": token}}
    wire.clear()
    assert who(run) == ("Bot", "OAuth 2")
    assert [one for one in wire.requests if "assertuser" not in one.params] == [], "whose it is is known"
    assert run("logout", "--forget").returncode == 0
    assert wire.of("logout") == [], "nothing is to be done on the wiki"
    assert kept(home) == {}


def test_rights_that_a_token_lacks_are_told(run: Run, provider: Provider) -> None:
    done = run("login", "--oauth2", lines=f"{provider.bearer('Human')}\n")
    assert done.returncode == 0
    assert (
        "Not allowed: bot, noratelimit, apihighlimits. That needs the grant 'High-volume (bot) access'" in done.stderr
    )
    assert "Logged in as Human by OAuth 2." in done.stderr


def test_a_grant_that_was_not_ticked_is_told(run: Run, apibot_wiki: Sandbox) -> None:
    grants, password = "basic,highvolume,editpage,createeditmovepage", "p" * 32
    apibot_wiki.maintenance("createBotPassword.php", "--appid", "noup", "--grants", grants, "Bot", password)
    done = run("login", "--user", "Bot@noup", lines=f"{password}\n")
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "Not allowed" in line]
    needs = "the grant 'Upload new files' (uploadfile), and an account that may"
    assert told == [f"Not allowed: upload. That needs {needs}."]


def test_a_wrong_token_is_not_kept(run: Run, provider: Provider, home: Path) -> None:
    done = run("login", "--oauth2", lines="t0ken\n")
    assert done.returncode == 1
    assert "refused the login: The authorization headers in your request are not valid" in done.stderr
    right = provider.bearer("Bot")
    other = run("login", "--oauth2", "--user", "Human", lines=f"{right}\n")
    assert other.returncode == 1
    assert "the token is that of 'Bot'" in other.stderr
    assert kept(home) == {}
    assert not [path for path in home.rglob("*") if path.is_file() and right in path.read_text()]


def test_an_owner_only_consumer_of_oauth_1(run: Run, provider: Provider, home: Path, wire: Wire) -> None:
    access = provider.access("Bot")
    parts = (access.consumer.key, access.consumer.secret, access.key, access.secret)
    done = run("login", "--oauth1", lines="".join(f"{part}\n" for part in parts))
    assert done.returncode == 0, done.stderr
    assert "propose/oauth1a\n" in done.stderr
    assert sorted(kept(home)["Bot"].values()) == sorted(("Bot", "oauth1", *parts))
    assert who(run) == ("Bot", "OAuth 1.0a")
    assert "refused" in run("login", "--oauth1", lines="a\nb\nc\nd\n").stderr
    assert who(run) == ("Bot", "OAuth 1.0a")


class Typed:
    """A command that is run while somebody reads what it says and answers it."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str]) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.said = ""

    def until(self, pattern: str) -> re.Match[str]:
        assert self.process.stderr is not None
        while not (found := re.search(pattern, self.said)):
            line = self.process.stderr.readline()
            assert line, self.said
            self.said += line
        return found

    def type(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def ended(self) -> int:
        _, rest = self.process.communicate(timeout=60)
        self.said += rest
        return self.process.returncode


@pytest.fixture
def typed(shell: Shell, wire: Wire, environ: dict[str, str]) -> Iterator[Callable[..., Typed]]:
    made: list[Typed] = []

    def start(*words: str) -> Typed:
        command = [*COMMAND, "login", "--wiki", wire.api, *words]
        made.append(Typed(command, shell.folder, {**shell.environ, **environ}))
        return made[-1]

    yield start
    for one in made:
        one.process.kill()
        one.process.communicate()


@pytest.mark.parametrize("listens", [False, True], ids=["code", "listener"])
def test_three_legs(typed: Callable[..., Typed], run: Run, provider: Provider, home: Path, *, listens: bool) -> None:
    consumer = provider.consumer("http://127.0.0.1:" if listens else "oob")
    command = typed("--oauth1", "--authorize", *(["--listen", "0"] if listens else []))
    command.type(consumer.key, consumer.secret)
    address = command.until(r"http://\S+Special%3AOAuth%2Fauthenticate\S+")[0]
    came = provider.approve(address, "Human")
    if listens:
        assert "close this window" in requests.get(came, timeout=30).text
    else:
        command.type(came)
    assert command.ended() == 0, command.said
    assert "Logged in as Human by OAuth 1.0a. Kept" in command.said
    assert who(run) == ("Human", "OAuth 1.0a")
    secrets = {*kept(home)["Human"].values(), consumer.secret} - {"Human", "oauth1", consumer.key}
    assert len(secrets) == 3
    assert not [one for one in secrets if one in command.said]


def test_the_keyring(run: Run, provider: Provider, home: Path, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "ring.py").write_text(RING)
    (tmp_path / "locked.py").write_text(LOCKED)
    path = os.pathsep.join([shell.environ["PYTHONPATH"], str(tmp_path)])
    env = {"PYTHON_KEYRING_BACKEND": "ring.Ring", "PYTHONPATH": path}
    token = provider.bearer("Bot")
    done = run("login", "--oauth2", "--keyring", lines=f"{token}\n", env=env)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("Kept: in the keyring\n")
    assert kept(home) == {"Bot": {"user": "Bot", "method": "oauth2", "keyring": True}}
    assert json.loads(run("whoami", "--json", env=env).stdout)["login"] == "OAuth 2"
    locked = env | {"PYTHON_KEYRING_BACKEND": "locked.Ring"}
    one_line(run("whoami", env=locked), 1, "Failed to unlock the collection!", "Unlock it")
    assert run("logout", "--forget", env=env).returncode == 0
    assert (home / "ring").read_text() == "{}"
    none = env | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    failed = run("login", "--oauth2", "--keyring", lines=f"{token}\n", env=none)
    assert failed.returncode == 1
    assert "The keyring does not work for 'Bot'" in failed.stderr.splitlines()[-1]
    assert kept(home) == {}


def test_a_wiki_that_only_the_folder_names_gets_no_password(run: Run, shell: Shell, wire: Wire, tmp_path: Path) -> None:
    (shell.folder / "apibot.toml").write_text(f'[wikis.mine]\napi = "{wire.api}"\n')
    done = subprocess.run(
        [*COMMAND, "login", "--wiki", "mine", "--user", "Bot@apibot"],
        cwd=shell.folder,
        env={**shell.environ, "APIBOT_HOME": str(tmp_path / "home"), "APIBOT_CONTACT": "me@example.org"},
        input="secret\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    one_line(done, 1, "no password is sent there")
    assert wire.requests == []


def test_the_user_of_the_settings_is_not_asked_for(run: Run, apibot_wiki: Sandbox, home: Path, wire: Wire) -> None:
    home.mkdir()
    user = apibot_wiki.bot.user
    (home / "apibot.toml").write_text(
        f'[wikis.mine]\napi = "{wire.api}"\naccount = "bot"\n[accounts.bot]\nuser = "{user}"\n'
    )
    mine = ("--wiki", "mine")
    one_line(run("whoami", *mine), 1, "No password for 'Bot@apibot' on mine", "apibot login")
    assert run("login", *mine, lines=f"{apibot_wiki.bot.password.reveal()}\n").returncode == 0
    assert json.loads(run("whoami", *mine, "--json").stdout)["user"] == "Bot"
    human = apibot_wiki.human
    second = run("login", *mine, "--user", human.user, lines=f"{human.password.reveal()}\n")
    assert "The settings use Bot@apibot for mine. To use this one: --account Human\n" in second.stderr
    assert json.loads(run("whoami", *mine, "--json").stdout)["user"] == "Bot"
    assert json.loads(run("whoami", *mine, "--account", "Human", "--json").stdout)["user"] == "Human"
    one_line(run("whoami", *mine, "--account", "Nobody"), 1, "Known: Bot@apibot, Human, bot")


def test_interrupted(typed: Callable[..., Typed], home: Path, provider: Provider) -> None:
    command = typed("--oauth2")
    command.until("Grants for")
    os.kill(command.process.pid, signal.SIGINT)
    assert command.ended() == 130
    assert kept(home) == {}


# Nowhere to be seen.


def test_no_secret_is_in_the_list_of_processes(
    typed: Callable[..., Typed], wire: Wire, apibot_wiki: Sandbox, home: Path
) -> None:
    """Looked at while the wiki is asked."""
    seen: list[str] = []
    password = apibot_wiki.bot.password.reveal()

    def look(request: Recorded, _number: int) -> Fault | None:
        if request.action == "login":
            command = next(iter(started))
            seen.extend(Path(f"/proc/{command.process.pid}/{name}").read_text() for name in ("cmdline", "environ"))
            seen.extend(path.read_text() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists())
        return None

    started: list[Typed] = []
    wire.schedule = look
    started.append(typed("--user", apibot_wiki.bot.user))
    started[0].type(password)
    assert started[0].ended() == 0, started[0].said
    assert "apibot.cli" in seen[0]
    assert [text for text in seen if password in text] == []
    assert password not in started[0].said


def test_at_debug_level_no_secret_is_said(run: Run, provider: Provider, home: Path, shell: Shell) -> None:
    access = provider.access("Bot")
    token = provider.bearer("Bot")
    parts = (access.consumer.key, access.consumer.secret, access.key, access.secret)
    said = ""
    for words, lines in ((("--oauth1",), "\n".join(parts)), (("--oauth2",), token)):
        done = subprocess.run(
            [sys.executable, "-c", DEBUG, "-vv", "login", "--wiki", provider.api, *words],
            cwd=shell.folder,
            env={**shell.environ, "APIBOT_HOME": str(home), "APIBOT_CONTACT": "me@example.org"},
            input=f"{lines}\n",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said += done.stdout + done.stderr
    assert "API_Exchanger" in said
    assert "connectionpool" in said, "that of other libraries is shown too"
    assert [one for one in (token, *parts[1:]) if one in said] == []


DEBUG = """
import logging, sys
from apibot.cli import main
logging.basicConfig(level=logging.DEBUG, format="%(name)s %(message)s %(args)s")
sys.exit(main(sys.argv[1:]))
"""
