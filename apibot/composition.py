"""The composition root: builds a Core from settings and gives it its backends; StandaloneBridge does so itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from apibot.backends.api import ApiBackend
from apibot.backends.api.handshake import OOB, Handshake, Listener
from apibot.bridge import Bridge
from apibot.core.clock import Clock
from apibot.core.core import Core
from apibot.core.errors import SettingsError
from apibot.core.hooks import Hooks
from apibot.core.login import Answer
from apibot.core.schema import Settings
from apibot.core.settings import home_folder, load, read
from apibot.core.target import Target, check_trusted, find_target
from apibot.core.vault import Vault

VERSION = "0.1.0"


def connect(
    wiki: str | None = None,
    *,
    user: str | None = None,
    password: str | None = None,
    oauth2_token: str | None = None,
    account: str | None = None,
    contact: str | None = None,
    timeout: float | None = None,
    log: Mapping[str, object] | None = None,
    hooks: Hooks | None = None,
    clock: Clock | None = None,
    answer: Answer | None = None,
) -> Core:
    """Return a core for one wiki and account; nothing is sent before it is used.

    Parameters: ``wiki``, a name from the settings or the URL of an api.php; ``user`` and ``password``, of a bot
    password (``User@job``) or an account; ``oauth2_token``, access token of an owner-only OAuth 2 consumer;
    ``account``, a name from the settings instead of these; ``contact``, mail address or page of the operator, part of
    the User-Agent; ``timeout``, in seconds; ``log``, settings as in ``[log]``; ``hooks``, with callbacks that are there
    from the beginning, so that they see the parts of the core being made; ``clock``, for tests; ``answer``, a function
    that answers what a login asks for besides the password, like the code of a second factor (docs/login.md).  What is
    not given comes from the settings.
    Raises SettingsError.
    """
    call = {
        "wiki": wiki,
        "user": user,
        "password": password,
        "oauth2_token": oauth2_token,
        "account": account,
        "contact": contact,
        "timeout": timeout,
        "log": log,
    }
    settings, target = load(call)
    core = build(settings, target, hooks=hooks, clock=clock, answer=answer)
    core.neighbour = lambda wiki: _neighbour(core, call, wiki, answer)
    return core


def build(
    settings: Settings,
    target: Target,
    *,
    hooks: Hooks | None = None,
    clock: Clock | None = None,
    answer: Answer | None = None,
) -> Core:
    """Return a core for settings as loaded, and the target that they or somebody else chose; else as ``connect``."""
    core = Core(settings, target, agent=_user_agent(settings, target), hooks=hooks, clock=clock)
    try:
        core.add(ApiBackend.name, partial(ApiBackend, answer=answer))
    except BaseException:
        core.close()
        raise
    return core


def _neighbour(core: Core, call: Mapping[str, object], wiki: str, answer: Answer | None) -> Core:
    """Return the core of another wiki; an account travels only within a farm, whose wikis know it anyway."""
    settings, given = read({key: call[key] for key in ("contact", "timeout", "log")} | {"wiki": wiki})
    target, mine = find_target(settings, given, Vault(home_folder())), core.target
    same = target.farm == mine.farm and urlsplit(target.api).scheme == urlsplit(mine.api).scheme  # never to plain http
    if mine.account.how is not None and target.account.how is None and same:
        check_trusted(target.api, given)
        target = target._replace(account=mine.account)
    other = build(settings, target, hooks=core.hooks, clock=core.clock, answer=answer)
    other.neighbour = core.neighbour
    return other


def _user_agent(settings: Settings, target: Target) -> str:
    """Return ``client/version (contact)`` (Wikimedia's User-Agent policy); a wiki's people must reach the operator."""
    local = any(wiki.sandbox and wiki.api == target.api for wiki in settings.wikis.values())
    if settings.contact is None and not (target.sandbox or local):
        msg = f"No contact is set for {target.name}. Give contact= or APIBOT_CONTACT: your mail address or user page."
        raise SettingsError(msg)
    contact = "; ".join(part for part in (settings.contact or "sandbox", target.user) if part)
    if not contact.isprintable():
        msg = "contact: holds characters that can not be sent."
        raise SettingsError(msg)
    return f"apibot/{VERSION} ({contact})"


class StandaloneBridge(Bridge):
    """A Bridge that makes its own core; parameters as of ``apibot.connect``, which has a clock for tests besides."""

    def __init__(
        self,
        wiki: str | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        oauth2_token: str | None = None,
        account: str | None = None,
        contact: str | None = None,
        timeout: float | None = None,
        log: Mapping[str, object] | None = None,
        hooks: Hooks | None = None,
        answer: Answer | None = None,
    ) -> None:
        core = connect(
            wiki,
            user=user,
            password=password,
            oauth2_token=oauth2_token,
            account=account,
            contact=contact,
            timeout=timeout,
            log=log,
            hooks=hooks,
            answer=answer,
        )
        super().__init__(core)


__all__ = ["OOB", "VERSION", "Handshake", "Listener", "StandaloneBridge", "build", "connect"]
