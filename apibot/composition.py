"""The composition root: builds a Core from settings and gives it its backends; StandaloneBridge does so itself."""

from __future__ import annotations

from apibot.backends.api import ApiBackend
from apibot.backends.api.handshake import OOB, Handshake, Listener
from apibot.bridge import Bridge
from apibot.core.browser import Browser
from apibot.core.clock import Clock, SystemClock
from apibot.core.core import Core
from apibot.core.errors import SettingsError
from apibot.core.infostore import Infostore
from apibot.core.log import Log
from apibot.core.login import Answer
from apibot.core.schema import Settings
from apibot.core.settings import home_folder, load
from apibot.core.target import Target

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
    log: dict[str, str] | None = None,
    clock: Clock | None = None,
    answer: Answer | None = None,
) -> Core:
    """Return a core for one wiki and account; nothing is sent before it is used.

    Parameters: ``wiki``, a name from the settings or the URL of an api.php; ``user`` and ``password``, of a bot
    password (``User@job``) or an account; ``oauth2_token``, access token of an owner-only OAuth 2 consumer;
    ``account``, a name from the settings instead of these; ``contact``, mail address or page of the operator, part of
    the User-Agent; ``timeout``, in seconds; ``log``, settings as in ``[log]``; ``clock``, for tests; ``answer``, a
    function that answers what a login asks for besides the password, like the code of a second factor
    (docs/login.md).  What is not given comes from the settings.
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
    return build(settings, target, clock=clock, answer=answer)


def build(settings: Settings, target: Target, *, clock: Clock | None = None, answer: Answer | None = None) -> Core:
    """Return a core for settings as loaded, and the target that they or somebody else chose."""
    clock = clock or SystemClock()
    core = Core(
        settings,
        target,
        browser=Browser(_user_agent(settings, target), settings.timeout, clock),
        infostore=Infostore(home_folder(), target.api, target.key),
        log=Log(settings.log, target.name),
        clock=clock,
    )
    core.add(ApiBackend(core, answer))
    return core


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
        oauth2_token: str | None = None,
        account: str | None = None,
        contact: str | None = None,
        timeout: float | None = None,
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
            answer=answer,
        )
        super().__init__(core)


__all__ = ["OOB", "VERSION", "Handshake", "Listener", "StandaloneBridge", "build", "connect"]
