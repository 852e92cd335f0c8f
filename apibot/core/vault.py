"""The vault: what ``apibot login`` stored, each secret bound to the api.php that it was given for.

``secrets/WIKI.json`` (owner-only) holds the accounts of one api.php.  Where an account's secrets are in the
system's keyring, the file only says so.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast, get_args

from apibot.core.errors import SettingsError
from apibot.core.files import file_name, locked, read_private, state_error, write_atomically
from apibot.core.jsons import Json, JsonObject, block, text
from apibot.core.schema import SECRETS, AccountSettings, Method
from apibot.core.secret import Secret

PLAIN = ("user", "consumer_key")
"""Fields of an account that are no secrets."""
KEYRING = "keyring"
"""Field that says that the secrets are in the system's keyring."""


class Vault:
    """The stored accounts of all wikis.

    Parameters: ``home``, the folder for all state.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def path(self, api: str) -> Path:
        """Return the file for one api.php, which need not exist."""
        return self.home / "secrets" / f"{file_name(api)}.json"

    def users(self, api: str) -> list[str]:
        """Return the users stored for an api.php, the default one first."""
        held = self._read(api)
        names = list(block(held.get("accounts")))
        return sorted(names, key=lambda name: name != held.get("default"))

    def account(self, api: str, user: str | None = None) -> AccountSettings | None:
        """Return a stored account, the one stored last if no user is given; None if there is none.

        Raises SettingsError if others can read the file, or if it was stored for another api.php.
        """
        held = self._read(api)
        name = user or text(held.get("default")) or ""
        row = block(held.get("accounts")).get(name)
        if not isinstance(row, dict):
            return None
        secrets = _from_keyring(api, name) if row.get(KEYRING) else row
        method = row.get("method")
        return AccountSettings(
            user=text(row.get("user")) or "",
            method=cast("Method", method) if method in get_args(Method) else None,
            password=_secret(secrets, "password"),
            oauth2_token=_secret(secrets, "oauth2_token"),
            consumer_key=text(row.get("consumer_key")),
            consumer_secret=_secret(secrets, "consumer_secret"),
            access_token=_secret(secrets, "access_token"),
            access_secret=_secret(secrets, "access_secret"),
        )

    def save(self, api: str, account: AccountSettings, *, keyring: bool = False) -> None:
        """Store an account and make it the default of its wiki.

        Parameters: ``api``, address of api.php; ``account``, with its user; ``keyring``, put the secrets into the
        system's keyring.
        Raises StateError if that can not be done; SettingsError if there is no keyring.
        """
        row: JsonObject = {key: getattr(account, key) for key in (*PLAIN, "method") if getattr(account, key)}
        held = ((key, cast("Secret | None", getattr(account, key))) for key in SECRETS)
        secrets: JsonObject = {key: secret.reveal() for key, secret in held if secret is not None}
        if keyring:
            _to_keyring(api, account.user, secrets)
            row[KEYRING] = True
        else:
            row |= secrets
        old = self._change(api, account.user, row)
        if old.get(KEYRING) and not keyring:
            _out_of_keyring(api, account.user)

    def forget(self, api: str, user: str) -> bool:
        """Remove a stored account; say whether there was one."""
        old = self._change(api, user, None)
        if old.get(KEYRING):
            _out_of_keyring(api, user)
        return bool(old)

    def _change(self, api: str, user: str, row: JsonObject | None) -> JsonObject:
        """Put an account's row in the place of its old one, or take that away; return the old one, {} if none."""
        path = self.path(api)
        with locked(path):
            held = self._read(api)
            accounts = dict(block(held.get("accounts")))
            old = block(accounts.pop(user, None))
            default: Json = held.get("default") if held.get("default") in accounts else next(iter(accounts), None)
            if row is not None:
                accounts[user], default = row, user
            try:
                path.parent.chmod(0o700)
                write_atomically(path, json.dumps({"api": api, "default": default, "accounts": accounts}))
            except OSError as exc:
                raise state_error(path, exc) from exc
        return old

    def _read(self, api: str) -> JsonObject:
        path = self.path(api)
        try:
            raw = read_private(path)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as exc:
            msg = f"{path}: can not be read ({exc.strerror}). Correct its permissions."
            raise SettingsError(msg) from exc
        try:
            held = block(json.loads(raw))
        except (ValueError, RecursionError):
            held = {}
        if held.get("api") != api:
            msg = f"{path}: is damaged, or was stored for another wiki than {api}. Remove it, then: apibot login"
            raise SettingsError(msg)
        return held


def _secret(held: JsonObject, key: str) -> Secret | None:
    value = text(held.get(key))
    return None if value is None else Secret(value)


@contextmanager
def _keyring(user: str) -> Generator[None]:
    """Turn what goes wrong with the keyring into one line."""
    try:
        import keyring.errors
    except ModuleNotFoundError as exc:
        msg = "The keyring needs a package more. Install it: pip install 'apibot[keyring]'"
        raise SettingsError(msg) from exc
    try:
        yield
    except (keyring.errors.KeyringError, OSError, RuntimeError) as exc:
        msg = f"The keyring does not work for {user!r}: {exc} Unlock it, or: apibot login without --keyring."
        raise SettingsError(msg) from exc


def _from_keyring(api: str, user: str) -> JsonObject:
    with _keyring(user):
        import keyring

        held = keyring.get_password(_service(api), user)
    try:
        return block(json.loads(held or "{}"))
    except (ValueError, RecursionError):  # then it is as if there were none
        return {}


def _to_keyring(api: str, user: str, secrets: JsonObject) -> None:
    with _keyring(user):
        import keyring

        keyring.set_password(_service(api), user, json.dumps(secrets))


def _out_of_keyring(api: str, user: str) -> None:
    with _keyring(user):
        import keyring
        import keyring.errors

        with suppress(keyring.errors.PasswordDeleteError):  # somebody has removed it there
            keyring.delete_password(_service(api), user)


def _service(api: str) -> str:
    return f"apibot {api}"


__all__ = ["KEYRING", "PLAIN", "Vault"]
