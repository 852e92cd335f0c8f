"""The doctor: what stands in a bot's way on a wiki, and what to do about it.

Each check is a function of the patient; those on this machine come first, and what needs the wiki is left out if that
can not be reached.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from apibot.core.errors import ApibotError, LoginFailed, SettingsError
from apibot.core.grants import BASIC, MATTERS, grant_for
from apibot.core.jsons import block, number
from apibot.core.siteinfo import version
from apibot.core.userinfo import UserInfo, user

if TYPE_CHECKING:
    from apibot.bridge.bridge import Bridge
    from apibot.core.schema import InfoType
    from apibot.core.siteinfo import General

Severity = Literal["ok", "advice", "problem"]


class Finding(NamedTuple):
    """One thing that was looked at."""

    severity: Severity
    topic: str
    text: str
    """What was found."""
    remedy: str = ""
    """What to do about it; "" if nothing."""


Findings = Iterator[Finding]

OLDEST = (1, 35)
"""Oldest MediaWiki that Apibot supports."""
TRIED = (1, 39)
"""Newest that its tests run on."""
END_OF_LIFE = {
    (3, 11): datetime(2027, 10, 31, tzinfo=UTC),
    (3, 12): datetime(2028, 10, 31, tzinfo=UTC),
    (3, 13): datetime(2029, 10, 31, tzinfo=UTC),
    (3, 14): datetime(2030, 10, 31, tzinfo=UTC),
}
"""When a Python gets no security fixes any more (PEPs 664, 693, 719 and 745)."""
LIBRARIES = {"requests": (2, 32), "urllib3": (2,)}
"""Libraries with the oldest versions that Apibot is made for."""
SKEW_NOTED = 5.0
"""Seconds by which clocks may differ without a word."""
SKEW_TOO_MUCH = 300.0
"""From which on signatures of OAuth 1.0a are refused (the extension OAuth, ``MWOAuthServer``)."""
LAG_NOTED = 1.0
DAY = 86400.0
ROOMS = ("identity", "info", "vault", "pace", "journal")
"""Folders of the state in which nobody else has a business."""
LIMITED = ("edit", "move", "upload", "rollback", "purge")
"""Actions whose limits are told."""
ACCOUNT = ("blockinfo", "groups", "implicitgroups", "ratelimits", "rights")
KINDS: tuple[InfoType, ...] = ("general", "param", "site", "user")
"""Kinds of info whose age is told."""
USED: Mapping[str, tuple[str, ...]] = {
    "main": ("action", "format", "formatversion", "errorformat", "errorlang", "assertuser", "maxlag", "curtimestamp"),
    "edit": (
        "title",
        "pageid",
        "text",
        "summary",
        "minor",
        "notminor",
        "bot",
        "tags",
        "watchlist",
        "baserevid",
        "nocreate",
        "createonly",
        "token",
    ),
    "paraminfo": ("modules", "helpformat"),
    "parse": ("oldid", "prop"),
    "purge": ("titles", "pageids", "revids"),
    "query": ("prop", "list", "meta", "generator", "titles", "pageids", "revids", "redirects"),
    "query+allmessages": ("messages", "lang"),
    "query+info": (),
    "query+logevents": ("action", "title", "prop", "limit"),
    "query+revisions": ("prop", "slots", "limit", "dir"),
    "query+siteinfo": ("prop",),
    "query+tokens": ("type",),
    "query+userinfo": ("prop",),
}
"""Parameters that Apibot itself sends, by module."""


class Patient:
    """A bridge, and what was asked of its wiki just now."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.core = bridge.core
        self.target = bridge.core.target

    @cached_property
    def general(self) -> General:
        """The wiki."""
        return self.bridge.info.general(fresh=True)

    @cached_property
    def account(self) -> UserInfo:
        """The account."""
        row = self.bridge.by_name("meta", "userinfo", prop=ACCOUNT).first()
        return user(block(None if row is None else {**row}))


Check = Callable[[Patient], Findings]


def diagnose(bridge: Bridge) -> list[Finding]:
    """Look at everything and return what was found, also what is well.

    Parameters: ``bridge``, to the wiki with the account in question.
    What can not be looked at, as the wiki does not answer or refuses the login, is a finding, not an error.
    """
    patient = Patient(bridge)
    found = [finding for check in HERE for finding in _looked(check, patient)]
    reached = list(_looked(_reach, patient))
    found += reached
    if all(one.severity != "problem" for one in reached):
        found += [finding for check in THERE for finding in _looked(check, patient)]
    return found


def _looked(check: Check, patient: Patient) -> Findings:
    """Give what a check finds; what keeps it from looking is a finding too."""
    try:
        yield from check(patient)
    except ApibotError as exc:
        topic = check.__name__.strip("_").replace("_", " ")
        yield Finding("problem", topic, f"It can not be looked at: {_line(exc)}", "See to that first.")


# On this machine.


def _address(patient: Patient) -> Findings:
    parts = urlsplit(patient.target.api)
    if parts.scheme == "https":
        yield Finding("ok", "address", f"{patient.target.api} is reached over TLS, and certificates are checked.")
    elif parts.hostname in {"localhost", "::1"} or (parts.hostname or "").startswith("127."):
        yield Finding("ok", "address", f"{patient.target.api} is on this machine, so TLS is not needed.")
    else:
        text = (
            f"{patient.target.api} is reached without TLS: everybody on the way sees the password and can change pages."
        )
        yield Finding("problem", "address", text, "Use its https address; if it has none, have its people set one up.")


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
    elif how == "clientlogin" or (how == "login" and "@" not in (name or "")):
        text = f"{name} logs in with the password of the account itself: who learns it has the account."
        remedy = "Make a bot password (Special:BotPasswords) or an owner-only OAuth consumer, and use that."
        yield Finding("advice", "login method", text, remedy)
    else:
        kind = {"login": "a bot password", "oauth1": "OAuth 1.0a", "oauth2": "OAuth 2"}[how]
        yield Finding("ok", "login method", f"{name or 'The account'} logs in by {kind}, which can be revoked alone.")


def _programs(patient: Patient) -> Findings:
    python, now = sys.version_info[:2], datetime.fromtimestamp(patient.core.clock.now(), UTC)
    told = ".".join(map(str, sys.version_info[:3]))
    if now > END_OF_LIFE.get(python, now):
        text = f"Python {told} gets no security fixes since {END_OF_LIFE[python]:%B %Y}."
        yield Finding("advice", "python", text, "Use a newer Python.")
    else:
        yield Finding("ok", "python", f"Python {told} is kept up.")
    from importlib.metadata import version as installed

    for name, oldest in LIBRARIES.items():
        there = installed(name)
        if version(there) < oldest:
            text = f"{name} {there} is older than {'.'.join(map(str, oldest))}, for which Apibot is made."
            yield Finding("advice", "libraries", text, f"Run: pip install --upgrade {name}")
        else:
            yield Finding("ok", "libraries", f"{name} {there} is new enough.")


def _files(patient: Patient) -> Findings:
    home = patient.core.infostore.home
    if os.name != "posix":
        return
    open_to_all = [path for path in _kept(home) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in open_to_all:
        mode = 0o700 if path.is_dir() else 0o600
        text = f"{path} can be read by others on this machine: its mode is {stat.S_IMODE(path.stat().st_mode):04o}."
        yield Finding("problem", "files", text, f"Run: chmod {mode:o} {path}")
    if home.exists() and stat.S_IMODE(home.stat().st_mode) & 0o022:
        yield Finding("problem", "files", f"{home} can be written by others on this machine.", f"Run: chmod 700 {home}")
    elif not open_to_all:
        yield Finding("ok", "files", f"What is kept in {home} is for its owner alone.")


def _kept(home: Path) -> Iterator[Path]:
    """Give the folders and files of the state that are nobody else's business."""
    for room in ROOMS:
        folder = home / room
        if folder.is_dir():
            yield folder
            yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def _cache(patient: Patient) -> Findings:
    days = patient.core.settings.info.days
    for kind in KINDS:
        fetched = (
            number(int(since)) if isinstance(since := patient.core.infostore.read(kind).get("fetched"), float) else None
        )
        if fetched is None:
            continue
        age = (patient.core.clock.now() - fetched) / DAY
        told = (
            f"The cached info ({kind}) is {age:.0f} days old" if age >= 1 else f"The cached info ({kind}) is of today"
        )
        if age > days and kind in patient.core.settings.info.fetch:
            rule = patient.core.settings.info.fetch[kind]
            text = f"{told}: info.fetch in the settings says {rule!r}."
            yield Finding("advice", "cached info", text, f"Take {kind} out of info.fetch, to have it fetched anew.")
        else:
            yield Finding("ok", "cached info", f"{told}.")


# On the wiki.


def _reach(patient: Patient) -> Findings:
    """Find out whether the wiki answers, and to whom."""
    try:
        general, account = patient.general, patient.account
    except LoginFailed as exc:
        remedy = "Check the name and its password or token; log in anew with: apibot login"
        yield Finding("problem", "login", f"The login is refused: {_line(exc)}", remedy)
    except SettingsError as exc:
        yield Finding("problem", "settings", _line(exc), "Correct the settings.")
    except ApibotError as exc:
        remedy = "Check the address, the network, and whether the wiki is up."
        yield Finding("problem", "connection", f"The wiki can not be asked: {_line(exc)}", remedy)
    else:
        who = f"the anonymous user {account.name}" if account.anonymous else account.name
        yield Finding("ok", "connection", f"{general.sitename} ({patient.target.name}) answers; it sees {who}.")


def _wiki_version(patient: Patient) -> Findings:
    general = patient.general
    oldest, tried = (".".join(map(str, one)) for one in (OLDEST, TRIED))
    if general.version < OLDEST:
        text = f"{general.generator} is older than {oldest}, the oldest that Apibot supports."
        yield Finding("problem", "mediawiki", text, "Have the wiki upgraded; it gets no security fixes either.")
    elif general.version[:2] > TRIED:
        text = f"{general.generator} is newer than {tried}, the newest that Apibot's tests run on; what it deprecates is told."
        yield Finding("ok", "mediawiki", text)
    else:
        yield Finding("ok", "mediawiki", f"{general.generator} is supported ({oldest} and later).")


def _read_only(patient: Patient) -> Findings:
    if patient.general.readonly:
        text = f"The wiki takes no writes at the moment: {patient.general.readonly_reason or 'it gives no reason'}"
        yield Finding("problem", "read-only", text, "Wait; it is somebody's decision and will end.")
    else:
        yield Finding("ok", "read-only", "The wiki takes writes.")


def _clock(patient: Patient) -> Findings:
    skew = patient.bridge.info.skew()
    told = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the wiki's"
    if abs(skew) < SKEW_NOTED:
        yield Finding("ok", "clock", "This machine's clock agrees with the wiki's.")
    else:
        signed = patient.target.account.how == "oauth1"
        grave = signed and abs(skew) >= SKEW_TOO_MUCH
        text = f"This machine's clock is {told}" + (": signatures of OAuth 1.0a are refused." if grave else ".")
        yield Finding("problem" if grave else "advice", "clock", text, "Let a time service set it (NTP).")


def _lag(patient: Patient) -> Findings:
    asked = {"action": "query", "maxlag": "-1", "format": "json", "formatversion": "2"}
    reply = block(patient.bridge.xfer(patient.target.api, data=asked).json())  # by no exchange: that would wait
    error, most = block(reply.get("error")), patient.core.settings.retry.maxlag
    found = error.get("lag") if error.get("code") == "maxlag" else None
    lags = [one.seconds for one in patient.bridge.info.lags()]
    lag = max([*lags, float(found) if isinstance(found, int | float) else 0.0])
    if lag > most:
        text = f"The wiki's database is {lag:.0f} s behind: writes are put off until that is {most} s (retry.maxlag)."
        yield Finding("advice", "lag", text, "Wait; or come back when fewer others write.")
    elif lag >= LAG_NOTED:
        yield Finding("ok", "lag", f"The wiki's database is {lag:.0f} s behind, which holds nothing up.")
    else:
        yield Finding("ok", "lag", "The wiki's database is up to date.")


def _block(patient: Patient) -> Findings:
    found = patient.account.block
    if found is None:
        yield Finding("ok", "block", "The account is not blocked.")
        return
    until = "without end" if found.expiry is None else f"until {found.expiry:%Y-%m-%d %H:%M} UTC"
    text = f"{'Partly blocked' if found.partial else 'Blocked'} by {found.by or 'the wiki'} {until}: {found.reason}"
    remedy = f"Stop, and talk to {found.by or 'the people of the wiki'}; the block's number is {found.id}."
    yield Finding("advice" if found.partial else "problem", "block", text, remedy)


def _rights(patient: Patient) -> Findings:
    account, groups = patient.account, patient.bridge.info.groups()
    given = frozenset[str]().union(*(groups[name].rights for name in account.groups if name in groups))
    lacking = given - account.rights
    by_grant: dict[str | None, list[str]] = {}
    for right in sorted(lacking):
        by_grant.setdefault(grant_for(right), []).append(right)
    for grant, rights in by_grant.items():
        grave = [f"without {right!r} {MATTERS[right]}" for right in rights if right in MATTERS]
        if grant in {None, BASIC} or not grave:
            continue
        text = f"The groups give {_and(rights)}, but this login lacks the grant {grant!r}: {'; '.join(grave)}."
        yield Finding("advice", "rights", text, _add_grant(patient, str(grant)))
    rest = sorted(right for right in lacking if right not in MATTERS)
    if rest:
        grants = sorted({grant for right in rest if (grant := grant_for(right)) not in {None, BASIC}} - {None}, key=str)
        hint = f" (grants: {', '.join(map(str, grants))})" if grants else ""
        yield Finding(
            "ok", "rights", f"The groups give {_and(rest)} too; this login lacks them{hint}. Few bots need them."
        )
    yield from _needed(patient, given)


def _needed(patient: Patient, given: frozenset[str]) -> Findings:
    """Tell what not even the groups give."""
    account = patient.account
    names = _and(sorted(account.groups - account.implicit_groups)) or "no group"
    missing = [right for right in MATTERS if right not in given and right not in account.rights]
    for right in ("read", "writeapi", "edit"):
        if right in missing and (right != "writeapi" or patient.general.version < (1, 41)):  # was dropped then
            text = f"The account lacks {right!r}: {MATTERS[right]}."
            remedy = "Log in, or ask the wiki's people for a group that gives it."
            yield Finding("problem" if account.anonymous is False else "advice", "rights", text, remedy)
    if "bot" in missing and not account.anonymous:
        text = f"The account is in {names}, which gives no 'bot': {MATTERS['bot']}."
        yield Finding("advice", "rights", text, "Ask the wiki's bureaucrats for the bot flag, by its bot policy.")
    text = f"The login has {len(account.rights)} rights of the {len(given)} that its groups give ({names})."
    yield Finding("ok", "rights", text)


def _add_grant(patient: Patient, grant: str) -> str:
    if (patient.target.account.how or "").startswith("oauth"):
        return f"Propose a new OAuth consumer with the grant {grant!r} (Special:OAuthConsumerRegistration)."
    return f"Tick the grant {grant!r} for this bot password (Special:BotPasswords)."


def _limits(patient: Patient) -> Findings:
    """Tell the wiki's limits; Apibot's own pace has its place behind this one in ``THERE``."""
    limits = [one for one in patient.account.ratelimits if one.action in LIMITED and one.hits]
    if not limits:
        yield Finding("ok", "limits", "No rate limit holds for the account.")
    for one in limits:
        gap = one.seconds / one.hits
        yield Finding(
            "ok", "limits", f"{one.action}: {one.hits} in {one.seconds:.0f} s, so one each {gap:.1f} s on average."
        )


def _parameters(patient: Patient) -> Findings:
    from apibot.queries import ModuleQuery

    used = {path: set(names) for path, names in USED.items()}
    for kind in ModuleQuery.__subclasses__() + [
        two for one in ModuleQuery.__subclasses__() for two in one.__subclasses__()
    ]:
        spec = getattr(kind, "spec", None)
        if spec is not None:
            names = {name.rstrip("_") for name in kind.__annotations__} - {"spec", "row", "limit", "pages", "extra"}
            used.setdefault(f"query+{spec.module}", set()).update(names)
    count = 0
    for path, names in sorted(used.items()):
        known = patient.bridge.info.module(path)
        count += len(names)
        old = sorted(name for name in names if name in known.parameters and known.parameters[name].deprecated)
        if known.deprecated:
            text = f"The wiki gives up the module {path}, which Apibot uses."
            yield Finding("advice", "parameters", text, "Look for a newer Apibot before the wiki is upgraded.")
        elif old:
            text = f"The wiki gives up {_and(old)} of the module {path}, which Apibot uses or offers."
            yield Finding("advice", "parameters", text, "Look for a newer Apibot before the wiki is upgraded.")
    yield Finding("ok", "parameters", f"{count} parameters of {len(used)} modules were looked up.")


def _and(words: list[str]) -> str:
    return ", ".join(words)


def _line(exc: ApibotError) -> str:
    return " ".join(str(exc).split())


HERE: tuple[Check, ...] = (_address, _user_agent, _login_method, _programs, _files, _cache)
"""What is looked at on this machine."""
THERE: tuple[Check, ...] = (_wiki_version, _read_only, _clock, _lag, _block, _rights, _limits, _parameters)
"""What is looked at on the wiki."""

__all__ = [
    "ACCOUNT",
    "DAY",
    "END_OF_LIFE",
    "HERE",
    "KINDS",
    "LAG_NOTED",
    "LIBRARIES",
    "LIMITED",
    "OLDEST",
    "ROOMS",
    "SKEW_NOTED",
    "SKEW_TOO_MUCH",
    "THERE",
    "TRIED",
    "USED",
    "Check",
    "Finding",
    "Findings",
    "Patient",
    "Severity",
    "diagnose",
]
