"""The composition root: builds a Core from settings and gives it its backends; StandaloneBridge does so itself."""

from __future__ import annotations

from collections.abc import Mapping

from apibot.backends.api import ApiBackend
from apibot.bridge import Bridge
from apibot.core.clock import Clock
from apibot.core.core import Core
from apibot.core.errors import SettingsError
from apibot.core.hooks import Hooks
from apibot.core.schema import Settings
from apibot.core.settings import load
from apibot.core.target import Target

VERSION = "0.1.0"


def connect(
    wiki: str | None = None,
    *,
    user: str | None = None,
    password: str | None = None,
    account: str | None = None,
    contact: str | None = None,
    timeout: float | None = None,
    log: Mapping[str, object] | None = None,
    hooks: Hooks | None = None,
    clock: Clock | None = None,
) -> Core:
    """Return a core for one wiki and account; nothing is sent before it is used.

    Parameters: ``wiki``, a name from the settings or the URL of an api.php; ``user`` and ``password``, of a bot
    password (``User@job``) or an account; ``account``, a name from the settings instead of these; ``contact``, mail
    address or page of the operator, part of the User-Agent; ``timeout``, in seconds; ``log``, settings as in
    ``[log]``; ``hooks``, with callbacks that are there from the beginning, so that they see the parts of the core
    being made; ``clock``, for tests.  What is not given comes from the settings.
    Raises SettingsError.
    """
    call = {
        "wiki": wiki,
        "user": user,
        "password": password,
        "account": account,
        "contact": contact,
        "timeout": timeout,
        "log": log,
    }
    settings, target = load(call)
    core = _core(settings, target, hooks, clock)
    core.neighbour = lambda wiki: _neighbour(core, call, wiki)
    return core


def _core(settings: Settings, target: Target, hooks: Hooks | None, clock: Clock | None) -> Core:
    core = Core(settings, target, agent=_user_agent(settings, target), hooks=hooks, clock=clock)
    try:
        core.add(ApiBackend.name, ApiBackend)
    except BaseException:
        core.close()
        raise
    return core


def _neighbour(core: Core, call: Mapping[str, object], wiki: str) -> Core:
    """Return the core of another wiki; an account travels only within a farm, whose wikis know it anyway."""
    settings, target = load({key: call[key] for key in ("contact", "timeout", "log")} | {"wiki": wiki})
    if target.account.how is None and target.farm == core.target.farm:
        target = target._replace(account=core.target.account)
    other = _core(settings, target, core.hooks, core.clock)
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
    """A Bridge that makes its own core; parameters as of ``apibot.connect``."""

    def __init__(
        self,
        wiki: str | None = None,
        *,
        user: str | None = None,
        password: str | None = None,
        account: str | None = None,
        contact: str | None = None,
        timeout: float | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        core = connect(
            wiki, user=user, password=password, account=account, contact=contact, timeout=timeout, hooks=hooks
        )
        super().__init__(core)


__all__ = ["VERSION", "StandaloneBridge", "connect"]
