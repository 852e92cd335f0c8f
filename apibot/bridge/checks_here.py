"""The doctor's checks on this machine: they need no wiki."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from apibot.bridge.findings import Check, Finding, Findings, Patient
from apibot.core.files import is_open_to_others
from apibot.core.jsons import real
from apibot.core.remembered import DAY
from apibot.core.schema import METHODS
from apibot.core.siteinfo import version

if TYPE_CHECKING:
    from apibot.core.schema import InfoType

END_OF_LIFE = {
    (3, 11): datetime(2027, 10, 31, tzinfo=UTC),
    (3, 12): datetime(2028, 10, 31, tzinfo=UTC),
    (3, 13): datetime(2029, 10, 31, tzinfo=UTC),
    (3, 14): datetime(2030, 10, 31, tzinfo=UTC),
}
"""When a Python gets no security fixes any more (PEPs 664, 693, 719 and 745)."""
LIBRARIES = {"requests": (2, 32), "urllib3": (2,)}
"""Libraries with the oldest versions that Apibot is made for."""
ROOMS = ("identity", "info", "journal", "pace", "secrets")
"""Folders of the state that are for their owner alone."""
KINDS: tuple[InfoType, ...] = ("general", "param", "site", "user")
"""Kinds of info whose age is told."""


def _address(patient: Patient) -> Findings:
    parts = urlsplit(patient.target.api)
    if parts.scheme == "https":
        yield Finding("ok", "address", f"{patient.target.api} is reached over TLS, and certificates are checked.")
    elif _is_here(parts.hostname or ""):
        yield Finding("ok", "address", f"{patient.target.api} is on this machine, so TLS is not needed.")
    else:
        text = (
            f"{patient.target.api} is reached without TLS: everybody on the way sees the password and can change pages."
        )
        yield Finding("problem", "address", text, "Use its https address; if it has none, have its people set one up.")


def _is_here(host: str) -> bool:
    """Say whether a host is this machine."""
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def _user_agent(patient: Patient) -> Findings:
    sent, contact = patient.core.browser.user_agent, patient.core.settings.contact
    if contact is None:
        yield Finding("ok", "user agent", f"{sent!r} names no contact, as only a wiki on this machine may be told.")
    elif not any(sign in contact for sign in ("@", "://", "User:")):
        text = f"{sent!r} names {contact!r} as contact, which is no mail address or page."
        yield Finding("advice", "user agent", text, "Set contact to one by which a wiki's people reach you.")
    else:
        yield Finding("ok", "user agent", f"{sent!r} is sent, with {contact!r} as contact.")


def _login_method(patient: Patient) -> Findings:
    how, name = patient.target.account.how, patient.target.user
    if how is None:
        text = "No account is used: lists are short, limits are tight, and writes show this machine's address."
        yield Finding("advice", "login method", text, "Log in: apibot login, or set APIBOT_USER and APIBOT_PASSWORD.")
    elif patient.target.by_grants:
        text = f"{name or 'The account'} logs in by {METHODS[how].title}, which can be revoked alone."
        yield Finding("ok", "login method", text)
    else:
        text = f"{name} logs in with the password of the account itself: who learns it has the account."
        remedy = "Make a bot password (Special:BotPasswords) or an owner-only OAuth consumer, and use that."
        yield Finding("advice", "login method", text, remedy)


def _programs(patient: Patient) -> Findings:
    from importlib.metadata import version as installed

    now, told = datetime.fromtimestamp(patient.core.clock.now(), UTC), ".".join(map(str, sys.version_info[:3]))
    end = END_OF_LIFE.get(sys.version_info[:2])
    if end is not None and now > end:
        text = f"Python {told} has had no security fixes since {end:%B %Y}."
        yield Finding("advice", "python", text, "Use a newer Python.")
    else:
        yield Finding("ok", "python", f"Python {told} is kept up.")
    for name, oldest in LIBRARIES.items():
        there = installed(name)
        if version(there) < oldest:
            text = f"{name} {there} is older than {'.'.join(map(str, oldest))}, the oldest that Apibot is made for."
            yield Finding("advice", "libraries", text, f"Run: pip install --upgrade {name}")
        else:
            yield Finding("ok", "libraries", f"{name} {there} is new enough.")


def _files(patient: Patient) -> Findings:
    home = patient.core.infostore.home
    if os.name != "posix" or not home.exists():
        return
    faults = [(path, mode) for path in _kept(home) if is_open_to_others(mode := path.stat().st_mode)]
    for path, mode in faults:
        right = 0o700 if path.is_dir() else 0o600
        text = f"Others on this machine can use {path}: its mode is {stat.S_IMODE(mode):04o}."
        yield Finding("problem", "files", text, f"Run: chmod {right:o} {path}")
    if stat.S_IMODE(home.stat().st_mode) & 0o022:
        yield Finding("problem", "files", f"Others on this machine can write in {home}.", f"Run: chmod 700 {home}")
    elif not faults:
        yield Finding("ok", "files", f"What is kept in {home} is for its owner alone.")


def _kept(home: Path) -> Iterator[Path]:
    """Give the folders and files of the state that are nobody else's business."""
    for folder in (home / room for room in ROOMS):
        if folder.is_dir():
            yield folder
            yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _cache(patient: Patient) -> Findings:
    settings, now = patient.core.settings.info, patient.core.clock.now()
    for kind in KINDS:
        fetched = real(patient.core.infostore.read(kind).get("fetched"))
        if fetched is None:
            continue
        days = (now - fetched) / DAY
        text = f"The cached info ({kind}) is {f'{days:.0f} days old' if days >= 1 else 'of today'}"
        if days > settings.days and kind in settings.fetch:
            text = f"{text}, and info.fetch in the settings says {settings.fetch[kind]!r}."
            yield Finding("advice", "cached info", text, f"Take {kind} out of info.fetch, to have it fetched anew.")
        else:
            yield Finding("ok", "cached info", f"{text}.")


HERE: tuple[Check, ...] = (_address, _user_agent, _login_method, _programs, _files, _cache)
"""What is looked at on this machine."""

__all__ = ["END_OF_LIFE", "HERE", "KINDS", "LIBRARIES", "ROOMS"]
