"""What is done when a request did not bring the answer hoped for: one table.

An event is what happened: a transport error, an HTTP status, a body that is none, or an API error code.  The table
gives for each what follows for a read, for a write whose repetition does no harm, and for another write.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from apibot.core import errors
from apibot.core.request import Effect


class Decision(Enum):
    """What follows."""

    WAIT = "wait and send again"
    TOKEN = "get a new token and send again"  # noqa: S105  # a word, no secret
    LOGIN = "log in again and send again"
    SETTLE = "ask whether it landed"
    RAISE = "raise"


WAIT, TOKEN, LOGIN, SETTLE, RAISE = Decision


class Rule(NamedTuple):
    """A row of the table."""

    event: str
    """A name below, or a pattern of API error codes."""
    read: Decision
    idempotent: Decision
    write: Decision
    error: type[errors.ApibotError]
    """Raised at the end."""

    def decision(self, effect: Effect) -> Decision:
        """Return what follows for a request of that effect."""
        return {"read": self.read, "idempotent": self.idempotent, "write": self.write}[effect]


def _always(events: str, decision: Decision, error: type[errors.ApibotError]) -> list[Rule]:
    return [Rule(event, decision, decision, decision, error) for event in events.split()]


def _raises(error: type[errors.WikiError], codes: str) -> list[Rule]:
    return _always(codes, RAISE, error)


TABLE: tuple[Rule, ...] = (
    # What happened on the way.
    Rule("connect", WAIT, WAIT, WAIT, errors.ConnectFailed),
    Rule("lost", WAIT, WAIT, SETTLE, errors.ConnectionLost),
    Rule("timeout", WAIT, WAIT, SETTLE, errors.TimedOut),
    Rule("tls", RAISE, RAISE, SETTLE, errors.TlsFailed),
    Rule("http-429", WAIT, WAIT, WAIT, errors.RateLimited),
    Rule("http-5*", WAIT, WAIT, SETTLE, errors.BadReply),
    Rule("http-3*", RAISE, RAISE, RAISE, errors.BadReply),
    Rule("http-4*", RAISE, RAISE, RAISE, errors.BadReply),
    Rule("malformed", WAIT, WAIT, SETTLE, errors.BadReply),
    # What the wiki says before it does anything.
    *_always("maxlag readonly", WAIT, errors.ReadOnly),
    *_always("ratelimited actionthrottledtext", WAIT, errors.RateLimited),
    *_always("badtoken", TOKEN, errors.PermissionDenied),
    *_always("assertuserfailed assertnameduserfailed assertbotfailed", LOGIN, errors.LoginFailed),
    # What it says in the midst of doing it.
    Rule("internal_api_error_*", WAIT, WAIT, SETTLE, errors.WikiError),
    # What stays so.
    *_raises(errors.EditConflict, "editconflict"),
    *_raises(errors.PageExists, "articleexists"),
    *_raises(errors.PageMissing, "missingtitle nosuchpageid pagedeleted nosuchrevid"),
    *_raises(errors.Protected, "protectedpage protectedtitle cascadeprotected protectednamespace*"),
    *_raises(errors.Blocked, "blocked autoblocked blocked-* globalblocking-*"),
    *_raises(errors.PermissionDenied, "permissiondenied readapidenied writeapidenied noapiwrite cantcreate*"),
    *_raises(errors.PermissionDenied, "noedit* noimageredirect* tpt-* customcssprotected customjsprotected"),
    *_raises(errors.CaptchaNeeded, "captcha"),
)
OTHER = Rule("*", RAISE, RAISE, RAISE, errors.WikiError)


@cache
def rule(event: str) -> Rule:
    """Return the table's row for an event; an API error code that is not in it is raised as WikiError."""
    return next((row for row in TABLE if fnmatchcase(event, row.event)), OTHER)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds a server asks to wait, given as a number or a date; None if it asks for nothing."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdecimal():
        return float(value)
    import email.utils  # only for the few servers that give a date

    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


__all__ = ["OTHER", "TABLE", "Decision", "Rule", "retry_after", "rule"]
