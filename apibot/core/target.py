"""Which wiki and which account settings lead to; a secret is used only for the wiki it was meant for."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from apibot.core.errors import SettingsError
from apibot.core.schema import METHODS, SECRETS, AccountSettings, PaceSettings, Settings, WikiSettings
from apibot.core.secret import Secret
from apibot.core.vault import Vault

WIKIMEDIA = (
    "mediawiki.org",
    "wikibooks.org",
    "wikidata.org",
    "wikifunctions.org",
    "wikimedia.org",
    "wikinews.org",
    "wikipedia.org",
    "wikiquote.org",
    "wikisource.org",
    "wikiversity.org",
    "wikivoyage.org",
    "wiktionary.org",
)
"""Domains of the Wikimedia Foundation's wikis (https://www.wikimedia.org)."""
FARM = "wikimedia"


class Target(NamedTuple):
    """The wiki and account that settings lead to."""

    api: str
    name: str
    """The wiki's name, or the URL if it has none."""
    sandbox: bool = False
    account: AccountSettings = AccountSettings()
    pace: PaceSettings = PaceSettings()
    """That of the wiki, filled up with that of all wikis."""

    @property
    def user(self) -> str | None:
        """Name that is logged in with; None if anonymous, or if only the wiki can tell."""
        return self.account.user or None

    @property
    def password(self) -> Secret | None:
        """Password of that account."""
        return self.account.password

    @property
    def key(self) -> str | None:
        """What tells this account from others where things are remembered for it; None if anonymous.

        With OAuth the token does: another one may be another user's, and has other grants.
        """
        token = METHODS[self.account.how].token
        held = None if token is None else cast("Secret | None", getattr(self.account, token))
        if held is None:
            return self.user
        return f"{self.account.how} {sha256(held.reveal().encode()).hexdigest()[:12]}"

    @property
    def by_grants(self) -> bool:
        """Whether the login has its rights by grants: a bot password or OAuth."""
        how = self.account.how
        return METHODS[how].token is not None or (how == "login" and "@" in self.account.user)

    @property
    def farm(self) -> str:
        """Wikis that share accounts and limits: ``wikimedia``, else the host (and port) alone."""
        host = urlsplit(self.api).hostname or ""
        ours = any(host == domain or host.endswith(f".{domain}") for domain in WIKIMEDIA)
        return FARM if ours else urlsplit(self.api).netloc


class Given(NamedTuple):
    """Where settings came from, as far as it matters for what may be sent where."""

    environment: Mapping[str, object]
    call: Mapping[str, object]
    trusted: frozenset[object]
    """Names and addresses of wikis that the user named, outside of the working folder."""
    ties: Mapping[str, frozenset[str]]
    """Accounts that the working folder's file chooses, with the wikis for which the user's own settings have them."""
    user_file: Path


def find_target(settings: Settings, given: Given, vault: Vault) -> Target:
    """Choose api.php and account.

    Parameters: ``settings``, all merged; ``given``, where they came from; ``vault``, with what ``apibot login`` stored.
    Raises SettingsError if there is no such wiki or account, or no way to log in with it.
    """
    name, wiki = find_wiki(settings)
    account = _account(settings, wiki, given, vault)
    if account is None or not _holds_secret(account):  # what is stored was stored for this very address
        stored = vault.account(wiki.api, account.user if account else None)
        account = stored or account or AccountSettings()
        if stored is None or stored.how != "clientlogin":  # of which only the session may have been kept
            _check(account, name, given.user_file)
    else:
        check_trusted(wiki.api, given)
        _check(account, name, given.user_file)
    return target_of(settings, account)


def target_of(settings: Settings, account: AccountSettings) -> Target:
    """Return the target of an account on the wiki that settings name; raises SettingsError if there is no such wiki."""
    name, wiki = find_wiki(settings)
    pace = cast("dict[str, Any]", settings.merged("pace", f'wikis."{name}".pace'))
    return Target(api=wiki.api, name=name, sandbox=wiki.sandbox, account=account, pace=PaceSettings(**pace))


def check_trusted(api: str, given: Given) -> None:
    """Raise SettingsError for the api.php of a wiki that only ``./apibot.toml`` names: no secret must be sent there."""
    if api not in given.trusted:
        msg = (
            f"./apibot.toml names {api}, which your own settings do not: no password is sent there. Name it in "
            f"{given.user_file}, or give its address by --wiki or APIBOT_WIKI."
        )
        raise SettingsError(msg)


def find_wiki(settings: Settings) -> tuple[str, WikiSettings]:
    """Return the wiki's name and what is known of it; raises SettingsError if there is none, or no such one."""
    name = settings.wiki
    if not name:
        known = ", ".join(sorted(settings.wikis))
        hint = f"one of: {known}" if known else "the URL of its api.php, or start one with: apibot sandbox up"
        msg = f"No wiki was named. Give --wiki, wiki= or APIBOT_WIKI: {hint}."
        raise SettingsError(msg)
    if "://" in name:
        wiki = WikiSettings(name)
    elif name in settings.wikis:
        wiki = settings.wikis[name]
    else:
        known = ", ".join(sorted(settings.wikis)) or "none"
        msg = f"Unknown wiki {name!r}. Known: {known}. Name it in apibot.toml or give the URL of its api.php."
        raise SettingsError(msg)
    if "@" in wiki.api.partition("://")[2].partition("/")[0]:
        msg = "The address of the wiki holds a user or password. Take them out; give user= and APIBOT_PASSWORD."
        raise SettingsError(msg)
    return name, wiki


def _account(settings: Settings, wiki: WikiSettings, given: Given, vault: Vault) -> AccountSettings | None:
    """Return the account that is named, by its own name or by a user; None if there is none."""
    named = settings.account or wiki.account
    account = settings.accounts.get(named) if named else None
    if named and account is None:
        kept = vault.users(wiki.api)
        if named not in kept:
            msg = f"Unknown account {named!r}. Known: {', '.join(sorted({*settings.accounts, *kept})) or 'none'}."
            raise SettingsError(msg)
        account = AccountSettings(named)
    said = {"user", "oauth2_token"} & given.call.keys()
    ties = given.ties.get(named or "") or {wiki.api}
    if not said and "account" not in given.call and wiki.api not in ties:
        msg = f"./apibot.toml takes the account {named!r} to {wiki.api}; your own settings have it for another wiki."
        raise SettingsError(msg)
    if not said and not _meant_for(wiki, settings, given):
        return account
    loose = AccountSettings(settings.user or "", password=settings.password, oauth2_token=settings.oauth2_token)
    if "user" in given.call and "oauth2_token" not in given.call and loose.password is not None:
        loose = AccountSettings(loose.user, password=loose.password)  # the call is for another account than that token
    if loose.oauth2_token is None and (not loose.user or (account is not None and loose.user == account.user)):
        return account if account is None or not loose.user or loose.password is None else loose
    return loose


def _meant_for(wiki: WikiSettings, settings: Settings, given: Given) -> bool:
    """Say whether user and secrets of the environment or a file are meant for this wiki."""
    if "wiki" not in given.call and "account" not in given.call:
        return True
    if "account" in given.call or wiki.account:
        return False
    named = given.environment.get("wiki")
    if named is None:
        return True
    api = settings.wikis[str(named)].api if str(named) in settings.wikis else named
    return api == wiki.api


def _holds_secret(account: AccountSettings) -> bool:
    return any(getattr(account, key) is not None for key in SECRETS)


def _check(account: AccountSettings, name: str, user_file: Path) -> None:
    """Refuse an account that can not log in."""
    how = account.how
    if how is None:
        if account.user:
            msg = (
                f"No password for {account.user!r} on {name}. Set APIBOT_PASSWORD, run apibot login, or keep it in "
                f"{user_file} (owner-only)."
            )
            raise SettingsError(msg)
        return
    missing = [key for key in METHODS[how].needs if not getattr(account, key)]
    if missing:
        msg = f"The account for {name} logs in by {how} and lacks: {', '.join(missing)}. Complete it, or: apibot login."
        raise SettingsError(msg)


__all__ = [
    "FARM",
    "WIKIMEDIA",
    "Given",
    "Target",
    "check_trusted",
    "find_target",
    "find_wiki",
    "target_of",
]
