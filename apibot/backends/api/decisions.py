"""What is done when a request did not bring the answer hoped for: one table.

An event is what happened: a transport error, an HTTP status, a body that is none, or an API error code.  The table
gives for each what follows for a read, for a write whose repetition does no harm, and for another write.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from apibot.core import errors
from apibot.core.pace import Scope
from apibot.core.request import Effect


class Decision(Enum):
    """What follows."""

    WAIT = "wait and send again"
    POST = "send again in the body"
    SIGN = "sign anew and send again"
    TOKEN = "get a new token and send again"  # noqa: S105  # a word, no secret
    LOGIN = "log in again and send again"
    SETTLE = "ask whether it landed"
    RAISE = "raise"


WAIT, POST, SIGN, TOKEN, LOGIN, SETTLE, RAISE = Decision


class Rule(NamedTuple):
    """A row of the table."""

    event: str
    """A name below, or an API error code; ``*`` stands for any text."""
    read: Decision
    idempotent: Decision
    write: Decision
    error: type[errors.ApibotError]
    """Raised at the end."""
    holds: Scope | None = None
    """Whom a wait concerns beside this request: all requests to the wiki's farm, or all writes to it."""

    def decision(self, effect: Effect) -> Decision:
        """Return what follows for a request of that effect."""
        return {"read": self.read, "idempotent": self.idempotent, "write": self.write}[effect]


def _always(events: str, decision: Decision, error: type[errors.ApibotError], holds: Scope | None = None) -> list[Rule]:
    return [Rule(event, decision, decision, decision, error, holds) for event in events.split()]


def _raises(error: type[errors.ApibotError], events: str) -> list[Rule]:
    return _always(events, RAISE, error)


def _unclear(error: type[errors.ApibotError], events: str) -> list[Rule]:
    """Return rows for what leaves open whether the request was carried out."""
    return [Rule(event, WAIT, WAIT, SETTLE, error) for event in events.split()]


TABLE: tuple[Rule, ...] = (
    # What happened on the way.
    *_always("connect", WAIT, errors.ConnectFailed),
    *_always("unsent", WAIT, errors.TransportError),
    *_unclear(errors.ConnectionLost, "lost"),
    *_unclear(errors.TimedOut, "timeout"),
    *_raises(errors.CertificateRefused, "certificate"),
    *_raises(errors.TlsFailed, "handshake"),
    Rule("tls", RAISE, RAISE, SETTLE, errors.TlsFailed),
    Rule("oversized", RAISE, RAISE, SETTLE, errors.BadReply),
    *_always("http-414", POST, errors.BadReply),
    *_always("http-429", WAIT, errors.RateLimited, "all"),
    *_always("http-425", WAIT, errors.BadReply),
    *_unclear(errors.BadReply, "http-408 http-[6-9]*"),  # the latter are no statuses; a write is asked about
    Rule("http-503", WAIT, WAIT, SETTLE, errors.BadReply, "all"),
    *_unclear(errors.BadReply, "http-5*"),
    *_raises(errors.BadReply, "http-*"),
    *_unclear(errors.BadReply, "malformed-*"),
    # What the wiki says before it does anything.
    *_always("maxlag* readonly*", WAIT, errors.ReadOnly, "writes"),
    *_always("ratelimited actionthrottledtext", WAIT, errors.RateLimited, "writes"),
    *_always("concurrency-limit cirrussearch-too-busy-error", WAIT, errors.RateLimited),
    *_always("badtoken", TOKEN, errors.PermissionDenied),
    *_always("assertuserfailed assertnameduserfailed", LOGIN, errors.LoginFailed),
    *_always("assertbotfailed", LOGIN, errors.PermissionDenied),
    Rule("mwoauth-nonce", SIGN, SIGN, SETTLE, errors.LoginFailed),
    *_raises(errors.LoginFailed, "mwoauth-* login-* rest-*"),
    # What it says in the midst of doing it.
    *_unclear(errors.WikiError, "internal_api_error_* unknownerror failed-save"),
    Rule("truncatedresult", RAISE, RAISE, SETTLE, errors.BadReply),
    # What stays so.
    *_raises(errors.EditConflict, "editconflict"),
    *_raises(errors.PageExists, "articleexists fileexists-* duplicate duplicate-archive exists was-deleted"),
    *_raises(errors.WikiError, "toomanyvalues stashfailed stasherror uploadstash-*"),
    *_raises(
        errors.PageMissing, "missingtitle nosuchpageid nosuchrevid pagedeleted cantundelete filerevert-badversion"
    ),
    *_raises(errors.Protected, "protectedpage protectedtitle cascadeprotected protectednamespace* cantedit tpt-*"),
    *_raises(errors.Protected, "customcssprotected customjsprotected customjsonprotected sitecssprotected"),
    *_raises(errors.Protected, "sitejsprotected sitejsonprotected mycustom*protected"),
    *_raises(errors.Blocked, "blocked autoblocked blocked-* *-blocked globalblocking-* wikimedia-globalblocking-*"),
    *_raises(errors.Blocked, "blockedfrommail systemblocked blockedtext*"),
    *_raises(errors.CaptchaNeeded, "captcha captcha-*"),
    *_raises(errors.ContentRefused, "abusefilter-* spamblacklist spamdetected titleblacklist-* spam-* contenttoobig"),
    *_raises(errors.ContentRefused, "verification-error filetype-* hookaborted contentnotallowedhere"),
    *_raises(errors.PermissionDenied, "permissiondenied readapidenied writeapidenied noapiwrite notoken cantcreate*"),
    *_raises(errors.PermissionDenied, "noedit* noimageredirect* nochangecontentmodel cantmove* cantdelete cantsend"),
    *_raises(errors.PermissionDenied, "badaccess-* mustbeloggedin* notloggedin no-direct-editing confirmemail"),
    *_raises(errors.PermissionDenied, "badtags tags-* cantblock* cantrollback onlyauthor moduledisabled"),
)
HINTS = {
    "assertbotfailed": "The account is no bot, or its login lacks the grant 'highvolume': see apibot doctor.",
    "blocked": "See apibot doctor for the block; write to who made it.",
    "certificate": "Do not go on before the server's owner has mended it; a CA of your own goes into browser.ca.",
    "http-403": "A wiki that refuses robots wants to reach the operator: is your contact set?",
    "http-413": "The server takes no request of this size; upload large files in chunks.",
    "login-throttled": "Wait that long before you log in again; a saved session needs no login.",
    "mwoauth-nonce": "It was signed anew and refused again: is the same token in use elsewhere with a wrong clock?",
    "mwoauth-timestamp": "Correct this machine's clock; apibot doctor tells how wrong it is.",
    "mwoauth-*": "The token was revoked, or is for another wiki: get a new one with apibot login.",
    "permissiondenied": "See apibot doctor for the right, and for the grant that the login lacks.",
    "readonly*": "Try again later.",
    "truncatedresult": "Ask for less at once.",
}
"""What to do, where the wiki's own words do not say it; by event."""
OTHER = Rule("*", RAISE, RAISE, RAISE, errors.WikiError)


@cache
def rule(event: str) -> Rule:
    """Return the table's row for an event; an API error code that is not in it is raised as WikiError."""
    return next((row for row in TABLE if fnmatchcase(event, row.event)), OTHER)


@cache
def hint(event: str) -> str:
    """Return what to do about an event, "" if there is nothing to add."""
    return next((text for pattern, text in HINTS.items() if fnmatchcase(event, pattern)), "")


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds a server asks to wait, given as a number or a date; None if it asks for none."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdecimal():
        return float(value[:9]) or None
    import email.utils  # only for the few servers that give a date

    try:
        date = email.utils.parsedate_to_datetime(value)
        zoned = date if date.tzinfo else date.replace(tzinfo=UTC)  # HTTP's dates are always GMT (RFC 9110, 5.6.7)
        return max(0.0, zoned.timestamp() - now) or None
    except (ValueError, OverflowError):
        return None


__all__ = ["HINTS", "OTHER", "TABLE", "Decision", "Rule", "hint", "retry_after", "rule"]
