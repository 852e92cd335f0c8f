"""What can happen to a request, and what is to follow: the table of decisions written down once more, by hand.

The fourth column of CASES is what follows for a read, an idempotent write and another write, as letters: wait,
post, sign (n, anew), token, login, settle, raise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from apibot.core import errors
from tests.support.proxy import IDLE_CLOSED, LOST_REQUEST, SILENT, Fault, answered, api_error

HTML = "<html><body>Hello.</body></html>"
JSON = {"Content-Type": "application/json"}


class Case(NamedTuple):
    """An event that can be provoked."""

    name: str
    event: str
    """As the decision names it."""
    fault: Fault | type[errors.ApibotError] | None
    """What the wire does; an error where no plain HTTP server can bring it about; None: nobody listens."""
    follows: str
    """Letters, see above."""
    error: type[errors.ApibotError]
    code: str | None = None
    """That of the error, where it is a WikiError."""
    asked: float | None = None
    """Seconds that the server asks to wait."""
    sent: bool = True
    """Whether anything went out, as far as the browser knows."""


def _codes(follows: str, error: type[errors.ApibotError], codes: str) -> Iterator[Case]:
    for code in codes.split():
        text = f"The wiki says {code}.\n\n<b>See the log.</b>\n"
        yield Case(
            code, code, api_error(code, text), follows, error, code if issubclass(error, errors.WikiError) else None
        )


def _data(code: str, data: dict[str, object]) -> Fault:
    """Return an API error with data."""
    return answered(200, {"errors": [{"code": code, "text": "Waiting.", "module": "main", "data": data}]})


def _result(event: str, error: type[errors.ApibotError], **said: object) -> Case:
    """Return the case of an action's result that is a failure, with status 200 and no error."""
    both = {action: {"result": "Failure", **said} for action in ("edit", "purge", "query")}
    return Case(f"result {event}", event, answered(200, both), "rrr", error, event)


SEVEN = {"Retry-After": "7"}
PERMANENT: dict[type[errors.WikiError], str] = {
    errors.WikiError: "toomanyvalues stashfailed stasherror uploadstash-file-not-found somethingnew",
    errors.EditConflict: "editconflict",
    errors.PageExists: """
        articleexists fileexists-no-change fileexists-forbidden fileexists-shared-forbidden duplicate
        duplicate-archive exists was-deleted""",
    errors.PageMissing: """
        missingtitle nosuchpageid nosuchrevid pagedeleted cantundelete filerevert-badversion""",
    errors.Protected: """
        protectedpage protectedtitle cascadeprotected protectednamespace protectednamespace-interface cantedit
        tpt-target-page tpt-cant-edit-translation customcssprotected customjsprotected customjsonprotected
        sitecssprotected sitejsprotected sitejsonprotected mycustomcssprotected""",
    errors.Blocked: """
        blocked autoblocked blocked-self partial-blocked globalblocking-blockedtext-user
        wikimedia-globalblocking-ipblocked blockedfrommail systemblocked blockedtext-partial""",
    errors.CaptchaNeeded: "captcha captcha-createaccount-fail",
    errors.ContentRefused: """
        abusefilter-warning abusefilter-disallowed spamblacklist spamdetected titleblacklist-forbidden
        titleblacklist-forbidden-edit spam-blacklisted-link contenttoobig verification-error filetype-banned-type
        hookaborted contentnotallowedhere""",
    errors.PermissionDenied: """
        permissiondenied readapidenied writeapidenied noapiwrite notoken cantcreate cantcreate-anon noedit noedit-anon
        noimageredirect nochangecontentmodel cantmove cantmove-anon cantdelete cantsend badaccess-groups
        mustbeloggedin mustbeloggedin-generic notloggedin no-direct-editing confirmemail badtags
        tags-apply-no-permission cantblock cantblock-email cantrollback onlyauthor moduledisabled""",
}
LAG: dict[str, object] = {"host": "db1", "lag": 7.5, "type": "db"}
QUERIES: dict[str, object] = {"host": "wdqs1", "lag": 9, "type": "wikibase-queryservice"}
NONSENSE: dict[str, object] = {"lag": 10**400, "type": ["db"]}
LAGGED: dict[str, object] = {"readonlyreason": "The database is lagged"}
NONCE = 'The authorization headers in your request are not valid: Nonce already used: 17"'
EXPIRED = "The authorization headers in your request are not valid: Expired timestamp, yours 1, ours 4711"
INVALID = "The authorization headers in your request are not valid: Invalid signature"
OAUTH = "mwoauth-invalid-authorization"
MOVED = answered(302, b"", {"Location": "https://elsewhere.example.org/"})
LIAR = answered(302, {"edit": {"result": "Success"}, "query": {}})
STRANGE = answered(200, {"error": "no", "edit": {"result": "Success"}})
TRUNCATED = answered(200, b'{"edit":{"result":"Succ', JSON)
WARNING = answered(200, b"PHP Warning: x {}", JSON)
CUT = {"code": "truncatedresult", "text": "Too large.", "module": "result"}
THROTTLED = answered(200, {name: {"result": "Throttled", "wait": 300} for name in ("query", "purge", "edit")})

CASES: tuple[Case, ...] = (
    # The way.
    Case("refused", "connect", None, "www", errors.ConnectFailed),
    Case("request dropped", "lost", LOST_REQUEST, "wws", errors.ConnectionLost),
    Case("half a reply", "lost", replace(answered(200, HTML), sent="half"), "wws", errors.ConnectionLost),
    Case("idle connection closed", "lost", IDLE_CLOSED, "wws", errors.ConnectionLost),
    Case("silence", "timeout", SILENT, "wws", errors.TimedOut),
    Case("certificate", "certificate", errors.CertificateRefused, "rrr", errors.CertificateRefused),
    Case("TLS", "tls", errors.TlsFailed, "rrs", errors.TlsFailed),
    Case("handshake", "handshake", errors.TlsFailed, "rrr", errors.TlsFailed, sent=False),
    Case("unsent", "unsent", errors.ConnectionLost, "www", errors.ConnectionLost, sent=False),
    Case("oversized", "oversized", errors.BadReply, "rrs", errors.BadReply),
    # Statuses.
    Case("414", "http-414", answered(414, HTML), "ppp", errors.BadReply),
    Case("429", "http-429", answered(429, HTML), "www", errors.RateLimited, "http-429"),
    Case("429 seconds", "http-429", answered(429, HTML, SEVEN), "www", errors.RateLimited, "http-429", 7),
    Case("425", "http-425", answered(425, b""), "www", errors.BadReply),
    Case("503", "http-503", answered(503, HTML), "wws", errors.BadReply),
    Case("503 seconds", "http-503", answered(503, HTML, SEVEN), "wws", errors.BadReply, None, 7),
    *(Case(f"{n}", f"http-{n}", answered(n, HTML), "wws", errors.BadReply) for n in (408, 500, 502, 504, 520, 999)),
    Case("504 with JSON", "http-504", answered(504, {"query": {"pages": []}}), "wws", errors.BadReply),
    *(Case(f"{n}", f"http-{n}", answered(n, HTML), "rrr", errors.BadReply) for n in (400, 401, 403, 404, 410, 413)),
    Case("302", "http-302", MOVED, "rrr", errors.BadReply),
    Case("302 with JSON", "http-302", LIAR, "rrr", errors.BadReply),
    # Bodies.
    Case("nothing", "malformed-empty", answered(200, b""), "wws", errors.BadReply),
    Case("204", "malformed-empty", answered(204, b""), "wws", errors.BadReply),
    Case("HTML", "malformed-html", answered(200, HTML), "wws", errors.BadReply),
    Case("truncated", "malformed-truncated", TRUNCATED, "wws", errors.BadReply),
    Case("PHP's warning", "malformed-other", WARNING, "wws", errors.BadReply),
    Case("a list", "malformed-json", answered(200, []), "wws", errors.BadReply),
    Case("another error", "malformed-json", STRANGE, "wws", errors.BadReply),
    # What the wiki says before it does anything.
    Case("maxlag", "maxlag", _data("maxlag", LAG), "www", errors.ReadOnly, "maxlag", 7.5),
    Case("of queries", "maxlag-wikibase-queryservice", _data("maxlag", QUERIES), "www", errors.ReadOnly, "maxlag", 9),
    Case("maxlag seconds", "maxlag", api_error("maxlag", headers=SEVEN), "www", errors.ReadOnly, "maxlag", 7),
    Case("maxlag nonsense", "maxlag", _data("maxlag", NONSENSE), "www", errors.ReadOnly, "maxlag", 5.0),
    Case("readonly", "readonly", api_error("readonly", "being mended"), "www", errors.ReadOnly, "readonly"),
    Case("lagged", "readonly-lagged", _data("readonly", LAGGED), "www", errors.ReadOnly, "readonly"),
    *_codes("www", errors.RateLimited, "ratelimited actionthrottledtext"),
    *_codes("www", errors.RateLimited, "concurrency-limit cirrussearch-too-busy-error"),
    *_codes("ttt", errors.PermissionDenied, "badtoken"),
    *_codes("lll", errors.LoginFailed, "assertuserfailed assertnameduserfailed"),
    *_codes("lll", errors.PermissionDenied, "assertbotfailed"),
    Case("nonce used", "mwoauth-nonce", api_error(OAUTH, NONCE), "nns", errors.LoginFailed),
    Case("clock skew", "mwoauth-timestamp", api_error(OAUTH, EXPIRED), "rrr", errors.LoginFailed),
    Case("signature", OAUTH, api_error(OAUTH, INVALID), "rrr", errors.LoginFailed),
    *_codes("rrr", errors.LoginFailed, "mwoauth-invalid-authorization-blocked-user rest-unauthorized"),
    Case("throttled", "login-throttled", THROTTLED, "rrr", errors.LoginFailed),
    # In the midst.
    *_codes("wws", errors.WikiError, "internal_api_error_DBQueryError internal_api_error_TypeError"),
    *_codes("wws", errors.WikiError, "unknownerror failed-save"),
    Case("cut", "truncatedresult", answered(200, {"batchcomplete": True, "warnings": [CUT]}), "rrs", errors.BadReply),
    # For good.
    *(case for kind, codes in PERMANENT.items() for case in _codes("rrr", kind, codes)),
    _result("captcha", errors.CaptchaNeeded, captcha={"type": "question", "question": "1 + 1"}),
    _result("spamblacklist", errors.ContentRefused, spamblacklist="spam.example.org"),
    _result("abusefilter-disallowed", errors.ContentRefused, code="abusefilter-disallowed", info="Hit\nTest"),
    _result("failure", errors.WikiError, reason="none"),
)
"""``somethingnew`` stands for what is in no table."""


__all__ = ["CASES", "HTML", "Case"]
