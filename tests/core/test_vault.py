"""apibot.core.vault: what is kept of logins, for whom, and who may read it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from apibot.core import settings
from apibot.core.errors import ApibotError, SettingsError, StateError
from apibot.core.infostore import forget
from apibot.core.schema import SECRETS, AccountSettings, Method
from apibot.core.secret import Revealed, Secret
from apibot.core.target import Target
from apibot.core.vault import Vault
from tests.contracts.rules import ROOT

API = "https://wiki.example.org/w/api.php"
OTHER = "https://other.example.org/w/api.php"

ACCOUNTS: dict[Method, AccountSettings] = {
    "login": AccountSettings("Me@job", method="login", password=Secret("b0t-passw0rd")),
    "clientlogin": AccountSettings("Me", method="clientlogin", password=Secret('own "pass\\word" ü')),
    "oauth2": AccountSettings("Other", method="oauth2", oauth2_token=Secret("t0ken-" * 100)),
    "oauth1": AccountSettings(
        "Third",
        method="oauth1",
        consumer_key="a key",
        consumer_secret=Secret("c0nsumer"),
        access_token=Secret("acce55"),
        access_secret=Secret("acce55-secret"),
    ),
}


def revealed(account: AccountSettings | None) -> dict[str, object]:
    """Return an account's fields with its secrets in the open."""
    assert account is not None
    return {key: value.reveal() if isinstance(value, Secret) else value for key, value in vars(account).items()}


def secrets_of(account: AccountSettings) -> list[str]:
    held: list[Secret | None] = [getattr(account, key) for key in SECRETS]
    return [secret.reveal() for secret in held if secret is not None]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory; ``locked`` makes all it does fail."""

    priority = 1  # pyright: ignore[reportAssignmentType]  # as the backends that come with it do

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no types
        self.held: dict[tuple[str, str], str] = {}
        self.locked: Exception | None = None

    def _check(self) -> None:
        if self.locked:
            raise self.locked

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if (service, username) not in self.held:
            raise keyring.errors.PasswordDeleteError
        del self.held[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    one = Ring()
    keyring.set_keyring(one)
    yield one
    keyring.set_keyring(before)


@pytest.mark.parametrize("in_ring", [False, True])
@pytest.mark.parametrize("how", ACCOUNTS)
def test_what_is_saved_comes_back(vault: Vault, ring: Ring, how: Method, *, in_ring: bool) -> None:
    account = ACCOUNTS[how]
    vault.save(API, account, keyring=in_ring)
    found = vault.account(API)
    assert revealed(found) == revealed(account)
    assert found is not None
    assert found.how == how
    assert revealed(vault.account(API, account.user)) == revealed(account)
    assert vault.account(API, "Nobody") is None
    assert vault.account(OTHER) is None
    assert not [secret for secret in secrets_of(account) if secret in repr(found)]
    text = vault.path(API).read_text()
    assert [json.dumps(secret) in text for secret in secrets_of(account)] == [not in_ring] * len(secrets_of(account))
    assert bool(ring.held) == in_ring


def test_only_the_owner_can_read_it(vault: Vault) -> None:
    vault.save(API, ACCOUNTS["login"])
    path = vault.path(API)
    assert path.parent.name == "secrets"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()] == [0o600] * 2
    path.parent.chmod(0o755)
    vault.save(API, ACCOUNTS["oauth2"])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644])
def test_what_others_can_read_or_write_is_refused(vault: Vault, mode: int) -> None:
    vault.save(API, ACCOUNTS["login"])
    path = vault.path(API)
    before = path.read_bytes()
    path.chmod(mode)
    for use in (
        lambda: vault.account(API),
        lambda: vault.users(API),
        lambda: vault.save(API, ACCOUNTS["oauth2"]),
        lambda: vault.forget(API, "Me@job"),
    ):
        with pytest.raises(SettingsError, match=rf"others can read it\. Run: chmod 600 {path}"):
            use()
    assert path.read_bytes() == before


def test_a_secret_is_bound_to_its_api(vault: Vault) -> None:
    vault.save(API, ACCOUNTS["login"])
    vault.path(API).rename(vault.path(OTHER))
    with pytest.raises(SettingsError, match=r"stored for another wiki than https://other\.example\.org"):
        vault.account(OTHER)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '"x"', "[" * 100_000, '{"api": 5}', "\x00", '{"accounts": {"Me@job": {}}}']
)
def test_a_damaged_file_is_said_to_be_so(vault: Vault, text: str) -> None:
    path = vault.path(API)
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="is damaged"):
        vault.account(API)
    with pytest.raises(SettingsError, match="is damaged"):
        vault.save(API, ACCOUNTS["login"])
    assert path.read_text() == text, "nothing is written over it"


@pytest.mark.parametrize(
    "held",
    [
        {"default": 5, "accounts": {}},
        {"default": "A", "accounts": []},
        {"default": "A", "accounts": {"A": "x"}},
        {"default": "A"},
        {},
    ],
)
def test_strange_contents_hold_no_account(vault: Vault, held: dict[str, object]) -> None:
    path = vault.path(API)
    path.parent.mkdir()
    path.write_text(json.dumps({"api": API, **held}))
    path.chmod(0o600)
    assert vault.account(API) is None
    assert not vault.forget(API, "A")
    vault.save(API, ACCOUNTS["login"])
    assert vault.users(API)[0] == "Me@job"


def test_strange_fields_are_not_taken(vault: Vault) -> None:
    path = vault.path(API)
    path.parent.mkdir()
    row = {"user": 5, "method": "magic", "password": ["x"], "consumer_key": {}}
    path.write_text(json.dumps({"api": API, "default": "A", "accounts": {"A": row}}))
    path.chmod(0o600)
    assert vault.account(API) == AccountSettings()


def test_the_last_one_is_the_default_until_it_goes(vault: Vault) -> None:
    assert vault.users(API) == []
    for account in ACCOUNTS.values():
        vault.save(API, account)
    assert vault.users(API) == ["Third", "Me@job", "Me", "Other"]
    assert vault.forget(API, "Me")
    assert vault.users(API)[0] == "Third"
    assert vault.forget(API, "Third")
    assert not vault.forget(API, "Third")
    assert vault.users(API) == ["Me@job", "Other"]
    assert revealed(vault.account(API))["user"] == "Me@job"
    assert vault.forget(API, "Me@job")
    assert vault.forget(API, "Other")
    assert vault.account(API) is None
    assert "b0t-passw0rd" not in vault.path(API).read_text()


SAVE = """
import sys
from pathlib import Path
from apibot.core.schema import AccountSettings
from apibot.core.secret import Secret
from apibot.core.vault import Vault
for number in range(10):
    Vault(Path(sys.argv[1])).save(sys.argv[2], AccountSettings(f"{sys.argv[3]} {number}", password=Secret("x")))
"""


def test_threads_and_processes_lose_nothing_of_each_other(vault: Vault) -> None:
    commands = [[sys.executable, "-c", SAVE, str(vault.home), API, name] for name in ("A", "B")]
    processes = [subprocess.Popen(command, env={"PYTHONPATH": str(ROOT)}) for command in commands]
    names = [f"C {number}" for number in range(10)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: vault.save(API, AccountSettings(name, password=Secret("x"))), names))
    assert [one.wait(60) for one in processes] == [0, 0]
    assert sorted(vault.users(API)) == sorted(f"{name} {number}" for name in "ABC" for number in range(10))
    assert {one.suffix for one in vault.path(API).parent.iterdir()} == {".json", ".lock"}, "nothing half-written"


def test_places_that_can_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"can not be used .*APIBOT_HOME"):
        Vault(tmp_path / "file").save(API, ACCOUNTS["login"])
    assert Vault(tmp_path / "file").account(API) is None
    vault = Vault(tmp_path)
    vault.path(API).mkdir(parents=True)
    with pytest.raises(SettingsError, match="can not be read"):
        vault.account(API)


def test_the_keyring_holds_the_secrets_of_each_wiki_apart(vault: Vault, ring: Ring) -> None:
    vault.save(API, ACCOUNTS["login"], keyring=True)
    vault.save(OTHER, AccountSettings("Me@job", password=Secret("another")), keyring=True)
    assert revealed(vault.account(API))["password"] == "b0t-passw0rd"
    assert revealed(vault.account(OTHER))["password"] == "another"
    assert vault.forget(OTHER, "Me@job")
    assert list(ring.held) == [(f"apibot {API}", "Me@job")]
    vault.save(API, ACCOUNTS["login"])
    assert ring.held == {}, "what is in the file now stays in no keyring"


def test_what_has_gone_from_the_keyring(vault: Vault, ring: Ring) -> None:
    vault.save(API, ACCOUNTS["login"], keyring=True)
    for held in (None, "{", "[]", "5", '{"password": 5}'):
        ring.held = {} if held is None else {(f"apibot {API}", "Me@job"): held}
        found = vault.account(API)
        assert found is not None
        assert found.password is None
    ring.held = {}
    assert vault.forget(API, "Me@job")
    assert vault.account(API) is None


@pytest.mark.parametrize(
    "error",
    [
        keyring.errors.KeyringLocked("Failed to unlock the collection!"),
        keyring.errors.NoKeyringError("No recommended backend was available."),
        keyring.errors.InitError("Failed to open the keyring."),
        keyring.errors.PasswordSetError("Can't store password on keychain"),
        RuntimeError("D-Bus is gone"),
        OSError("No such socket"),
    ],
)
def test_a_keyring_that_does_not_work(vault: Vault, ring: Ring, error: Exception) -> None:
    vault.save(API, ACCOUNTS["login"], keyring=True)
    ring.locked = error
    uses: list[Callable[[], object]] = [
        lambda: vault.account(API),
        lambda: vault.save(API, ACCOUNTS["oauth2"], keyring=True),
    ]
    for use in uses:
        with pytest.raises(SettingsError) as caught:
            use()
        assert str(error) in str(caught.value)
        assert "without --keyring" in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
        assert "t0ken" not in repr(caught.value)
    assert vault.users(API) == ["Me@job"], "what could not be put into the keyring is not said to be there"


def test_no_keyring_is_installed(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "keyring"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingsError, match=r"pip install 'apibot\[keyring\]'"):
        vault.save(API, ACCOUNTS["login"], keyring=True)
    vault.save(API, ACCOUNTS["login"])
    assert vault.account(API) is not None, "without it nothing is missing"


def test_what_was_kept_for_a_wiki_goes_with_it(vault: Vault) -> None:
    """As when a sandbox is gone: another wiki may come to its address."""
    for api in (API, OTHER):
        vault.save(api, ACCOUNTS["login"])
    forget(vault.home, API)
    assert vault.account(API) is None
    assert vault.account(OTHER) is not None


# How the settings lead to it.


Load = Callable[..., Target]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    (tmp_path / "here").mkdir()

    def load(**call: object) -> Target:
        environ = {"APIBOT_HOME": str(tmp_path), **{k: str(v) for k, v in call.items() if k.isupper()}}
        given = {k: v for k, v in call.items() if not k.isupper()}
        return settings.load(given, environ=environ, folder=tmp_path / "here")[1]

    return load


def test_settings_find_what_was_kept(vault: Vault, load: Load) -> None:
    vault.save(API, ACCOUNTS["oauth2"])
    vault.save(API, ACCOUNTS["login"])
    assert revealed(load(wiki=API).account) == revealed(ACCOUNTS["login"])
    assert revealed(load(wiki=API, user="Other").account) == revealed(ACCOUNTS["oauth2"])
    assert load(wiki=OTHER).account == AccountSettings()
    with pytest.raises(SettingsError, match="No password for 'Somebody'"):
        load(wiki=API, user="Somebody")
    given = load(wiki=API, user="Somebody", password="x")
    assert (given.user, given.account.how) == ("Somebody", "clientlogin")
    from_env = load(wiki=API, APIBOT_USER="E@nv", APIBOT_PASSWORD="y", APIBOT_WIKI=API)
    assert (from_env.user, from_env.account.how) == ("E@nv", "login")
    for wiki, how in ((API, "oauth2"), (OTHER, None)):
        assert load(wiki=wiki, APIBOT_OAUTH2_TOKEN="t", APIBOT_WIKI=API).account.how == how
    token = load(wiki=API, oauth2_token="z")
    assert (token.user, token.account.how) == (None, "oauth2")


def test_of_an_own_password_the_session_is_enough(vault: Vault, load: Load, tmp_path: Path) -> None:
    vault.save(API, AccountSettings("Me", method="clientlogin"))
    target = load(wiki=API)
    assert (target.user, target.account.how, target.password) == ("Me", "clientlogin", None)
    (tmp_path / "apibot.toml").write_text('[accounts.me]\nuser = "Me"\nmethod = "clientlogin"\n')
    with pytest.raises(SettingsError, match="lacks: password"):
        load(wiki=OTHER, account="me")


def test_what_was_lost_from_the_keyring_is_said(vault: Vault, ring: Ring, load: Load) -> None:
    vault.save(API, ACCOUNTS["oauth1"], keyring=True)
    ring.held.clear()
    with pytest.raises(SettingsError, match=r"lacks: consumer_secret, access_token, access_secret.*apibot login"):
        load(wiki=API)


def test_accounts_are_told_apart(load: Load) -> None:
    """By what is remembered under: with a token its grants, and maybe its user, are others."""
    keys = [
        load(wiki=API).key,
        load(wiki=API, user="Me", password="x").key,
        load(wiki=API, oauth2_token="x").key,
        load(wiki=API, oauth2_token="y").key,
        load(wiki=API, user="Me", oauth2_token="y").key,
    ]
    assert keys[:2] == [None, "Me"]
    assert len(set(keys)) == 4
    assert keys[3] == keys[4], "the token says whose it is"


def test_what_is_revealed_is_still_not_shown_by_accident() -> None:
    secret = Secret("hunter2-and-more").reveal()
    assert secret == "hunter2-and-more"
    assert isinstance(secret, Revealed)
    for shown in (repr(secret), repr({"password": secret}), repr([secret]), f"{secret!r}"):
        assert "hunter2" not in shown
    assert json.dumps(secret) == '"hunter2-and-more"'
    assert secret.encode() == b"hunter2-and-more"


def test_each_error_is_one_line(vault: Vault) -> None:
    vault.path(API).parent.mkdir()
    vault.path(API).write_text("{")
    for mode in (0o600, 0o644):
        vault.path(API).chmod(mode)
        with pytest.raises(ApibotError) as caught:
            vault.account(API)
        assert len(str(caught.value).splitlines()) == 1
