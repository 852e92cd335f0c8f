"""``apibot login`` and ``apibot logout``: logins tried, kept for later, and ended."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from apibot.cli.options import Account, WikiName, connected, log_settings
from apibot.cli.show import say
from apibot.core.errors import BadParameter, LoginFailed, SettingsError, WikiError
from apibot.core.grants import MATTERS, USUAL, by_grant

if TYPE_CHECKING:
    from apibot.core.core import Core
    from apibot.core.login import LoginField, LoginStep
    from apibot.core.schema import AccountSettings, Settings
    from apibot.core.secret import Secret

LISTEN_SECONDS = 900.0
"""In which the user says yes on the wiki."""
CONSUMERS = "Special:OAuthConsumerRegistration/propose"
PRESSED = {"y", "yes", "1"}

User = Annotated[str | None, typer.Option("--user", metavar="NAME", help="User name; NAME@JOB for a bot password.")]


class Wanted(NamedTuple):
    """What the command is to do."""

    settings: Settings
    user: str
    oauth1: bool
    oauth2: bool
    authorize: bool
    listen: int | None


def login(
    *,
    wiki: WikiName = None,
    user: User = None,
    oauth1: Annotated[bool, typer.Option("--oauth1", help="By OAuth 1.0a.")] = False,
    oauth2: Annotated[bool, typer.Option("--oauth2", help="By an OAuth 2 access token.")] = False,
    authorize: Annotated[
        bool, typer.Option("--authorize", help="With --oauth1: get the access token by saying yes in a browser.")
    ] = False,
    listen: Annotated[
        int | None,
        typer.Option(
            "--listen", metavar="PORT", min=0, max=65535, help="With --authorize: catch the browser's way back there."
        ),
    ] = None,
    keyring: Annotated[bool, typer.Option("--keyring", help="Keep the secrets in the system's keyring.")] = False,
    keep_password: Annotated[
        bool, typer.Option("--keep-password", help="Keep an account's own password, not only its session.")
    ] = False,
) -> None:
    """Log in on a wiki, and keep that for later.

    Secrets are asked for without showing them; where standard input is no terminal, each is a line of it.  Nothing is
    kept unless the wiki takes it.  Bot passwords and tokens are kept, of an account's own password only the session.
    """
    from apibot.core.schema import METHODS, AccountSettings
    from apibot.core.settings import load, read
    from apibot.core.target import check_trusted, find_wiki

    if (oauth1 and oauth2) or (authorize and not oauth1) or (listen is not None and not authorize):
        msg = "Give one of --oauth1 and --oauth2; --authorize goes with --oauth1, --listen with --authorize."
        raise BadParameter(msg)
    settings, given = read({"wiki": wiki, "log": log_settings()})
    name, found = find_wiki(settings)
    check_trusted(found.api, given)
    named = settings.accounts.get(settings.account or found.account or "", AccountSettings())
    known = "" if oauth1 or oauth2 else settings.user or named.user
    wanted = Wanted(settings, user or known, oauth1, oauth2, authorize, listen)
    account = _account(wanted, name)
    prompt = _Prompt()
    with _connected(settings, account, prompt) as core:
        who = core.login(anew=True)
        if who is None:
            msg = f"{name}: no password and no token were given."
            raise LoginFailed(msg)
        if account.method != "clientlogin":
            _tell_rights(core)
    if METHODS[account.method].token is not None:
        account = replace(account, user=who)
    elif account.method == "clientlogin":
        account = replace(account, password=(prompt.password or account.password) if keep_password else None)
    _keep(found.api, account, keyring=keyring)
    with suppress(SettingsError):  # what is wrong with them is told where it matters
        used = load({"wiki": wiki})[1].user
        if used != account.user:
            say(f"The settings use {used or 'no account'} for {name}. To use this one: --account {account.user}")


def _keep(api: str, account: AccountSettings, *, keyring: bool) -> None:
    """Store an account, and say what was stored."""
    from apibot.core.schema import METHODS
    from apibot.core.settings import home_folder
    from apibot.core.vault import Vault

    vault = Vault(home_folder())
    vault.save(api, account, keyring=keyring)
    only_session = account.method == "clientlogin" and account.password is None
    what = "The session is kept, the password is not" if only_session else "Kept"
    where = "in the keyring" if keyring else f"in {vault.path(api)}"
    say(f"Logged in as {account.user} by {METHODS[account.method].title}. {what}: {where}")


def logout(
    *,
    wiki: WikiName = None,
    account: Account = None,
    user: User = None,
    forget: Annotated[bool, typer.Option("--forget", help="Remove what apibot login kept, too.")] = False,
) -> None:
    """End the session on a wiki.

    A token of OAuth stays good until it is revoked on the wiki.
    """
    from apibot.core.settings import home_folder
    from apibot.core.vault import Vault

    with connected(wiki, account, user) as bridge:
        core = bridge.core
        who = core.target.user
        if core.target.account.how is None:
            say(f"Nobody is logged in on {core.target.name}.")
            return
        try:
            core.logout()
        finally:
            gone = forget and who is not None and Vault(home_folder()).forget(core.target.api, who)
    say(f"{who or 'The account'} is logged out on {core.target.name}{', and forgotten' if gone else ''}.")


def _account(wanted: Wanted, name: str) -> AccountSettings:
    """Ask for what the way to log in needs."""
    from apibot.core.schema import METHODS, AccountSettings
    from apibot.core.secret import Secret

    if wanted.oauth2:
        _tell_grants(wanted.settings, f"{CONSUMERS}/oauth2")
        return AccountSettings(wanted.user, method="oauth2", oauth2_token=Secret(needed("Access token")))
    if wanted.oauth1 and wanted.authorize:
        return replace(_authorized(wanted), user=wanted.user)
    if wanted.oauth1:
        _tell_grants(wanted.settings, f"{CONSUMERS}/oauth1a")
        key, secret, token, token_secret = map(_part, METHODS["oauth1"].needs)
        return AccountSettings(
            wanted.user,
            method="oauth1",
            consumer_key=key,
            consumer_secret=Secret(secret),
            access_token=Secret(token),
            access_secret=Secret(token_secret),
        )
    user = wanted.user or needed(f"User name on {name}", hidden=False)
    given = AccountSettings(user, password=Secret(needed(f"Password of {user}")))
    return replace(given, method=given.how)


def _part(field: str) -> str:
    """Ask for a part of OAuth 1.0a, by the name under which the wiki shows it."""
    return needed(field.replace("_", " ").capitalize())


def _authorized(wanted: Wanted) -> AccountSettings:
    """Let the user say yes in a browser."""
    from apibot.composition import OOB, Handshake, Listener
    from apibot.core.schema import AccountSettings
    from apibot.core.secret import Secret

    key, secret = needed("Consumer key"), Secret(needed("Consumer secret"))
    listener = None if wanted.listen is None else Listener(wanted.listen)
    try:
        with _connected(wanted.settings, AccountSettings(), None) as core:
            shake = Handshake(core, key, secret, OOB if listener is None else listener.address)
            say(f"Open this in a browser, and allow it:\n{shake.address}")
            if listener is None:
                verifier = Secret(needed("Verification code that the wiki shows"))
            else:
                verifier = listener.wait(shake.token, core.clock.monotonic, LISTEN_SECONDS)
            return shake.complete(verifier)
    finally:
        if listener is not None:
            listener.close()


def _connected(settings: Settings, account: AccountSettings, prompt: _Prompt | None) -> Core:
    from apibot.composition import build
    from apibot.core.target import target_of

    return build(settings, target_of(settings, account), answer=prompt)


def _tell_grants(settings: Settings, page: str) -> None:
    """Say where a token for the bot's own use comes from, and what it should be allowed."""
    from urllib.parse import urljoin

    from apibot.core.schema import AccountSettings

    with _connected(settings, AccountSettings(), None) as core:
        try:
            path = str(core.info.general().articlepath).replace("$1", page)
        except WikiError:  # a wiki that tells nothing to strangers
            path = f"index.php?title={page}"
        where = urljoin(core.target.api, path)
    grants = "".join(f"\n  {label} ({name})" for name, label in USUAL.items())
    say(f"Make a consumer for yourself alone (owner-only) at {where}\nGrants for what a bot usually does:{grants}")


def _tell_rights(core: Core) -> None:
    """Say which usual rights a bot password or token lacks."""
    held = core.info.user(fresh=True).rights
    for name, rights in by_grant(right for right in MATTERS if right not in held).items():
        if name in USUAL:
            needs = f"the grant {USUAL[name]!r} ({name}), and an account that may"
            say(f"Not allowed: {', '.join(rights)}. That needs {needs}.")


class _Prompt:
    """Puts the steps of a login to the user."""

    def __init__(self) -> None:
        self.password: Secret | None = None
        """The new one, if the wiki had it changed."""

    def __call__(self, step: LoginStep) -> Mapping[str, str]:
        """Ask for each field."""
        from apibot.core.secret import Secret

        say(f"{step.wiki}: {step.message}")
        for field in step.fields:
            if field.type == "button" and self._pressed(field):
                return {field.name: "1"}
        answers = {field.name: self._answer(field) for field in step.fields if field.type != "button"}
        if "password" in answers:
            self.password = Secret(answers["password"])
        return {name: value for name, value in answers.items() if value}

    def _pressed(self, field: LoginField) -> bool:
        return ask(f"{field.label or field.name}? [y/N]", hidden=False).lower() in PRESSED

    def _answer(self, field: LoginField) -> str:
        if field.type == "checkbox":
            return "1" if self._pressed(field) else ""
        for value, label in field.options.items():
            say(f"  {value}: {label}")
        if field.help:
            say(field.help)
        return ask(field.label or field.name, hidden=field.secret)


def needed(what: str, *, hidden: bool = True) -> str:
    """Return what ``ask`` gives; BadParameter if that is nothing."""
    given = ask(what, hidden=hidden)
    if not given:
        msg = f"{what}: nothing was given."
        raise BadParameter(msg)
    return given


def ask(what: str, *, hidden: bool = True) -> str:
    """Return what the user types at a terminal, or the next line of standard input.

    Parameters: ``what`` is wanted; ``hidden``, show nothing of it.
    Raises BadParameter if standard input has no more lines.
    """
    if sys.stdin.isatty():
        if hidden:
            return getpass.getpass(f"{what}: ", stream=sys.stderr)
        sys.stderr.write(f"{what}: ")
        sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        msg = f"{what}: standard input has no line for it."
        raise BadParameter(msg)
    return line.strip("\r\n")


__all__ = [
    "CONSUMERS",
    "LISTEN_SECONDS",
    "PRESSED",
    "User",
    "Wanted",
    "ask",
    "login",
    "logout",
    "needed",
]
