"""apibot.core.settings and apibot.core.secret: what wins, what is refused, and that no secret is seen."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from apibot.core import settings
from apibot.core.errors import SettingsError
from apibot.core.schema import PaceSettings, Settings
from apibot.core.secret import Secret
from apibot.core.settings import load
from apibot.core.target import Target

API = "http://127.0.0.1:8080/api.php"
OTHER = "http://127.0.0.1:8081/api.php"
PASSWORD = "correct-horse"

WIKIS = f"""
[wikis.home]
api = "{API}"
account = "bot"
[wikis.other]
api = "{OTHER}"
"""
ACCOUNT = f"""
[accounts.bot]
user = "Bot@job"
password = "{PASSWORD}"
"""


class Place:
    """Folders, files and environment that settings are read from."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.here = folder / "here"
        self.home.mkdir()
        self.here.mkdir()
        self.environ = {"APIBOT_HOME": str(self.home)}

    def user(self, text: str, mode: int = 0o600) -> None:
        self._write(self.home / "apibot.toml", text, mode)

    def local(self, text: str) -> None:
        self._write(self.here / "apibot.toml", text, 0o644)

    def sandbox(self, name: str, text: str) -> None:
        self._write(self.home / "sandbox" / name / "apibot.toml", text, 0o600)

    def load(self, **call: object) -> tuple[Settings, Target]:
        return settings.load(call, environ=self.environ, folder=self.here)

    @staticmethod
    def _write(path: Path, text: str, mode: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def password(target: Target) -> str | None:
    return target.password.reveal() if target.password else None


def test_the_later_place_wins(place: Place) -> None:
    assert place.load(wiki=API)[0].timeout == 60
    place.sandbox("one", "timeout = 1")
    assert place.load(wiki=API)[0].timeout == 1
    place.user("timeout = 2")
    assert place.load(wiki=API)[0].timeout == 2
    place.local("timeout = 3")
    assert place.load(wiki=API)[0].timeout == 3
    place.environ["APIBOT_TIMEOUT"] = "4"
    assert place.load(wiki=API)[0].timeout == 4
    assert place.load(wiki=API, timeout=5.5)[0].timeout == 5.5
    assert place.load(wiki=API, timeout=None)[0].timeout == 4, "None is not given"


def test_tables_of_all_places_are_merged(place: Place) -> None:
    place.user('[retry]\nbudget = 5\n[layers.API_Action_Edit]\nmaxlag = "3"')
    place.local('[retry]\nmaxlag = 7\n[layers.API_Action_Edit]\nbot = "1"')
    merged, _ = place.load(wiki=API)
    assert (merged.retry.budget, merged.retry.maxlag, merged.retry.first_wait) == (5, 7, 1)
    assert merged.layers == {"API_Action_Edit": {"maxlag": "3", "bot": "1"}}


def test_named_wiki_brings_its_account(place: Place) -> None:
    place.user(WIKIS + ACCOUNT)
    _, target = place.load(wiki="home")
    assert (target.api, target.name, target.user, password(target)) == (API, "home", "Bot@job", PASSWORD)


def test_running_sandboxes_are_named_wikis(place: Place) -> None:
    place.sandbox("play", f'[wikis.play]\napi = "{API}"\nsandbox = true')
    _, target = place.load(wiki="play")
    assert (target.api, target.sandbox) == (API, True)
    assert settings.sandbox_files(place.environ) == [place.home / "sandbox/play/apibot.toml"]


def test_wiki_by_url_needs_no_settings(place: Place) -> None:
    _, target = place.load(wiki=API)
    assert target == Target(api=API, name=API)


def test_environment_names_wiki_and_account(place: Place) -> None:
    place.environ |= {"APIBOT_WIKI": API, "APIBOT_USER": "Env", "APIBOT_PASSWORD": PASSWORD}
    _, target = place.load()
    assert (target.api, target.user, password(target)) == (API, "Env", PASSWORD)


def test_a_secret_goes_only_to_the_wiki_it_was_meant_for(place: Place) -> None:
    place.user(WIKIS + ACCOUNT)
    place.environ |= {"APIBOT_WIKI": "home", "APIBOT_USER": "Env", "APIBOT_PASSWORD": PASSWORD}
    for wiki in ("other", OTHER):
        _, target = place.load(wiki=wiki)
        assert (target.api, target.user, target.password) == (OTHER, None, None)
    _, target = place.load(wiki=API)
    assert (target.user, password(target)) == ("Env", PASSWORD), "the same wiki by another word"


def test_user_in_the_call_with_the_accounts_password(place: Place) -> None:
    place.user(WIKIS + ACCOUNT)
    _, target = place.load(wiki="home", user="Bot@job")
    assert password(target) == PASSWORD
    with pytest.raises(SettingsError, match="No password for 'Someone' on home"):
        place.load(wiki="home", user="Someone")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timeout = ", "is not TOML"),
        ("timeuot = 3", "unknown key 'timeuot'. Known: account, "),
        ('timeout = "long"', "timeout: 'long' is not float"),
        ("timeout = true", "timeout: True is not float"),
        ("timeout = 0", "timeout: 0.0 is not a number above 0"),
        ("strict = 1", "strict: 1 is not bool"),
        ("wiki = 5", "wiki: 5 is not str"),
        ("backends = 'api'", "backends: 'api' is not"),
        ("wikis = 'home'", "wikis: 'home' is not"),
        ("retry = 5", "retry: 5 is not RetrySettings"),
        ("[retry]\nmaxlag = 1.5", "retry: maxlag: 1.5 is not int"),
        ("[retry]\nmaxlag = true", "retry: maxlag: True is not int"),
        ("[log]\nscreen = 'loud'", "'loud' is not one of panic, error, warning, info, debug"),
        ("[info.fetch]\nsiet = 'never'", "fetch: 'siet' is not one of general, site, param, user"),
        ("[info.fetch]\nsite = 'nevre'", "fetch.site: 'nevre' is not one of always, never"),
        ("[wikis.home]\naccount = 'bot'", "'api' is missing"),
        ("[wikis.home]\napi = 'x'\nurl = 'y'", "unknown key 'url'"),
    ],
)
def test_malformed_settings_name_the_file_and_the_key(place: Place, text: str, message: str) -> None:
    place.user(text)
    with pytest.raises(SettingsError) as caught:
        place.load(wiki=API)
    assert message in str(caught.value)
    if text not in {"timeout = 0", "[wikis.home]\naccount = 'bot'"}:
        assert str(place.home / "apibot.toml") in str(caught.value)


def test_malformed_environment_and_call(place: Place) -> None:
    with pytest.raises(SettingsError, match="unknown key 'tiemout'"):
        place.load(wiki=API, tiemout=3)
    place.environ["APIBOT_TIMEOUT"] = "soon"
    with pytest.raises(SettingsError, match="APIBOT_TIMEOUT: 'soon' is not a number of seconds"):
        place.load(wiki=API)


def test_unknown_names(place: Place) -> None:
    with pytest.raises(SettingsError, match=r"No wiki was named.*apibot sandbox up"):
        place.load()
    place.user(WIKIS)
    with pytest.raises(SettingsError, match=r"No wiki was named.*one of: home, other"):
        place.load()
    with pytest.raises(SettingsError, match=r"Unknown wiki 'hmoe'\. Known: home, other"):
        place.load(wiki="hmoe")
    with pytest.raises(SettingsError, match=r"Unknown account 'bot'\. Known: none"):
        place.load(wiki="home")


def test_unreadable_file(place: Place) -> None:
    (place.home / "apibot.toml").mkdir()
    with pytest.raises(SettingsError, match=r"apibot\.toml: can not be read .*Correct its permissions"):
        place.load(wiki=API)


def test_secrets_only_in_files_that_nobody_else_can_read(place: Place) -> None:
    place.user(WIKIS + ACCOUNT, mode=0o640)
    with pytest.raises(SettingsError, match=r"others can read it\. Run: chmod 600") as caught:
        place.load(wiki="home")
    assert PASSWORD not in str(caught.value)
    place.user(WIKIS, mode=0o644)
    place.local(ACCOUNT)
    with pytest.raises(SettingsError, match=r"holds a password\. Keep secrets in") as caught:
        place.load(wiki="home")
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("text", ["password = [{secret!r}]", "[accounts.bot]\nuser='b'\npassword={{x={secret!r}}}"])
def test_a_malformed_secret_is_not_shown(place: Place, text: str) -> None:
    place.user(text.format(secret=PASSWORD))
    with pytest.raises(SettingsError, match="a value of another type is not Secret") as caught:
        place.load(wiki=API)
    assert PASSWORD not in str(caught.value)


def test_home_folder_is_the_platforms_without_apibot_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for folder in (settings.home_folder({}), settings.user_file({})):
        assert folder.is_relative_to(tmp_path)
        assert "apibot" in folder.parts
    assert settings.home_folder({"APIBOT_HOME": "~/x"}) == tmp_path / "x"


def test_secret_is_not_seen() -> None:
    secret = Secret(PASSWORD)
    _, target = settings.load({"wiki": API, "user": "Bot", "password": secret}, environ={}, folder=Path("/nowhere"))
    assert target.password is not None
    assert target.password.reveal() == PASSWORD
    for shown in (repr(secret), str(secret), f"{secret}", repr(target), repr([secret])):
        assert PASSWORD not in shown
    with pytest.raises(TypeError, match="can not be written down"):
        pickle.dumps(secret)
    with pytest.raises(TypeError, match="can not be written down"):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert not hasattr(secret, "__dict__")


def test_secret_is_true_if_there_is_one() -> None:
    assert Secret("x")
    assert not Secret("")
    assert Secret("x") != Secret("x"), "not compared by accident"


def test_a_password_goes_to_no_wiki_that_only_the_working_folder_names(tmp_path: Path) -> None:
    """Whoever can put an ``apibot.toml`` into a folder must not get the passwords of who works there."""
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    own = home / "apibot.toml"
    own.write_text('[wikis.mine]\napi="https://mine/api.php"\naccount="bot"\n[accounts.bot]\nuser="B"\npassword="x"\n')
    own.chmod(0o600)
    environ = {"APIBOT_HOME": str(home)}
    assert load({"wiki": "mine"}, environ=environ, folder=folder)[1].password is not None
    for text in (
        'wiki="https://evil/api.php"\naccount="bot"\n',
        'wiki="mine"\n[wikis.mine]\napi="https://evil/api.php"\n',
        'wiki="other"\n[wikis.other]\napi="https://evil/api.php"\naccount="bot"\n',
    ):
        (folder / "apibot.toml").write_text(text)
        with pytest.raises(SettingsError, match=r"no password is sent|takes the account"):
            load(environ=environ, folder=folder)
        with pytest.raises(SettingsError, match=r"no password is sent|takes the account"):
            load(environ={**environ, "APIBOT_USER": "U", "APIBOT_PASSWORD": "p"}, folder=folder)
        for call in ({"user": "U", "password": "p"}, {"oauth2_token": "p"}, {"user": "U", "oauth2_token": "p"}):
            with pytest.raises(SettingsError, match=r"no password is sent|takes the account"):
                load(call, environ=environ, folder=folder)
            named = {**call, "wiki": "https://evil/api.php"}
            assert load(named, environ=environ, folder=folder)[1].account.how is not None
    trusted = {**environ, "APIBOT_WIKI": "https://evil/api.php", "APIBOT_USER": "U", "APIBOT_PASSWORD": "p"}
    assert load(environ=trusted, folder=folder)[1].password is not None


def test_an_address_with_a_password_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"wiki": "https://joe:hunter2@host/w/api.php"}, environ={"APIBOT_HOME": str(tmp_path)}, folder=tmp_path)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[browser]\nca = 'ca.pem'",
        "[browser]\nproxies = { https = 'http://evil.example:1' }",
        "[browser]\nreplay = 'answers.jsonl'",
        "[browser]\nrecord = '/tmp/elsewhere.jsonl'",
        "[log]\nfile = '../outside.log'",
        "[log]\nhtml = '~/.profile'",
        "[log]\njson = 'sub/../../outside'",
    ],
)
def test_a_file_of_the_working_folder_changes_neither_trust_nor_files_elsewhere(place: Place, text: str) -> None:
    place.local(text)
    with pytest.raises(SettingsError, match=r"may not set browser|must lie in its own folder"):
        place.load(wiki=API)
    place.local("")
    place.user(text)
    place.load(wiki=API)


def test_it_may_log_into_its_own_folder(place: Place) -> None:
    place.local("[log]\nfile = 'logs/bot.log'\n[browser]\nredirects = 2")
    settings_, _ = place.load(wiki=API)
    assert (settings_.log.file, settings_.browser.redirects) == ("logs/bot.log", 2)


def test_a_proxy_with_a_password_only_in_a_file_that_nobody_else_can_read(place: Place) -> None:
    place.user("[browser]\nproxies = { https = 'http://proxy.example:1' }", mode=0o644)
    place.load(wiki=API)
    place.user("[browser]\nproxies = { https = 'http://me:hunter2@proxy.example:1' }", mode=0o644)
    with pytest.raises(SettingsError, match="others can read it") as caught:
        place.load(wiki=API)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("path", [*settings.ABOVE_ZERO, *settings.FROM_ZERO])
def test_numbers_with_which_nothing_could_be_sent(place: Place, path: str) -> None:
    block, _, key = path.rpartition(".")
    least = "0" if path in settings.ABOVE_ZERO else "-1" if path in {"browser.redirects", "retry.maxlag"} else "-0.5"
    place.user(f"[{block}]\n{key} = {least}" if block else f"{key} = {least}")
    with pytest.raises(SettingsError, match=f"{path}: .* is not a number (above 0|0 or above)"):
        place.load(wiki=API)
    if block == "pace":
        place.user(f"[wikis.home]\napi = '{API}'\n[wikis.home.pace]\n{key} = {least}")
        with pytest.raises(SettingsError, match="is not a number"):
            place.load(wiki="home")


def test_the_pace_of_a_wiki_is_filled_up_with_that_of_all(place: Place) -> None:
    place.user(f"""
[pace]
write_interval = 2
in_flight = 3
[wikis."my.home"]
api = "{API}"
[wikis."my.home".pace]
write_interval = 0
""")
    assert place.load(wiki="my.home")[1].pace == PaceSettings(write_interval=0, in_flight=3)
    assert place.load(wiki=API)[1].pace == PaceSettings(write_interval=2, in_flight=3)


def test_a_wiki_may_be_described_in_several_places(place: Place) -> None:
    place.user(WIKIS)
    place.local("[wikis.home.pace]\nwrite_interval = 7")
    place.environ |= {"APIBOT_USER": "Bot", "APIBOT_PASSWORD": PASSWORD}
    _, target = place.load(wiki="other")
    place.local("[wikis.other.pace]\nwrite_interval = 7")
    assert place.load(wiki="other")[1].pace.write_interval == 7
    assert target.pace.write_interval is None


def test_a_file_of_the_working_folder_takes_no_account_to_another_wiki(place: Place) -> None:
    """Both are the user's own, but he never put them together."""
    place.user(WIKIS + ACCOUNT)
    for text in ('account = "bot"', '[wikis.other]\naccount = "bot"'):
        place.local(text)
        with pytest.raises(SettingsError, match="takes the account 'bot' to"):
            place.load(wiki="other")
        assert password(place.load(wiki="home")[1]) == PASSWORD
        assert password(place.load(wiki="other", account="bot")[1]) == PASSWORD, "the call may"
