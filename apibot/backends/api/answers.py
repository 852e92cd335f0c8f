"""Reads what a server sent: tells an answer of the wiki from what only looks like one, and faults from each other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from apibot.backends.api.decisions import hint, retry_after, rule
from apibot.core import errors
from apibot.core.browser import Transfer
from apibot.core.jsons import Json, JsonObject, block, real, rows, text

REDIRECTS = 300
"""HTTP's statuses from here on bring no answer."""
LONGEST_TEXT = 300
"""Characters of a server's words that go into an error or a log; a filter's message may fill a page."""
YEAR = 366 * 86400.0
LEAST_LAG = 5.0
"""Seconds to wait at least for a database that lags (Manual:Maxlag parameter)."""
TRANSPORT_EVENTS: Mapping[type[errors.TransportError], str] = {
    errors.CertificateRefused: "certificate",
    errors.ConnectFailed: "connect",
    errors.ConnectionLost: "lost",
    errors.TimedOut: "timeout",
    errors.TlsFailed: "tls",
}
UNSENT = {"lost": "unsent", "timeout": "unsent", "tls": "handshake"}
"""The events where the browser is certain that nothing went out."""


class Fault(NamedTuple):
    """Why an exchange brought no answer."""

    event: str
    """As in the table of decisions."""
    text: str
    wait: float | None = None
    """Seconds that the server asks to wait."""
    cause: errors.ApibotError | None = None
    reached: bool = False
    """Whether it was the wiki that spoke."""
    held: bool = False
    """Whether it was Apibot's own pace that kept the request back, so that the wiki never got it."""


def transport_fault(error: errors.TransportError) -> Fault:
    """Return the fault for a request that brought back nothing."""
    event = next(TRANSPORT_EVENTS[kind] for kind in type(error).__mro__ if kind in TRANSPORT_EVENTS)
    if not error.sent:
        event = UNSENT.get(event, event)
    return Fault(event, str(error), cause=error)


def read(
    transfer: Transfer, action: str, now: float, over: Callable[[str], str] = str
) -> tuple[JsonObject, Fault | None]:
    """Return the wiki's answer, and the fault if it is none or says that nothing came of it.

    Parameters: ``transfer``; ``action`` that was asked for; ``now``, in seconds since 1970; ``over``, takes secrets
    out of the server's words, which may repeat what it was sent.
    """
    wait = retry_after(transfer.headers, now)
    try:
        reply = transfer.json()
    except errors.BadReply:
        return {}, _no_json(transfer, wait, over)
    if not isinstance(reply, dict):
        said = f"{transfer.url} answers with JSON that is no object. Is it an api.php?"
        return {}, Fault("malformed-json", said, wait)
    found = rows(reply.get("errors")) or rows([reply.get("error")])  # the latter from before formatversion was read
    if found:
        return reply, _api_fault(reply, found[0], wait, over)
    if transfer.status >= REDIRECTS:
        said = f"{transfer.url} answers with HTTP {transfer.status}."
        return {}, Fault(f"http-{transfer.status}", said, wait)
    if reply.get("errors") or reply.get("error"):
        said = f"{transfer.url} answers with an error as MediaWiki tells none. Is it an api.php?"
        return {}, Fault("malformed-json", said, wait)
    fault = _refusal(block(reply.get(action))) or _truncation(reply)
    return reply, fault and fault._replace(text=one_line(fault.text, over))


def _no_json(transfer: Transfer, wait: float | None, over: Callable[[str], str]) -> Fault:
    """Return the fault for a body that is no JSON."""
    status, moved = transfer.status, one_line(transfer.headers.get("Location", ""), over)
    looks = f"{content_type(transfer)}, {len(transfer.body)} bytes"
    if status >= REDIRECTS:
        hint = f"It points to {moved}: use that address." if moved else f"Is it an api.php? ({looks})"
        return Fault(f"http-{status}", f"{transfer.url} answers with HTTP {status}. {hint}", wait)
    start = transfer.body[:200].lstrip().lower()
    kinds = (
        ("empty", not start),
        ("html", start.startswith((b"<!doctype", b"<html", b"<?xml"))),
        ("truncated", start.startswith((b"{", b"["))),
        ("other", True),
    )
    kind = next(name for name, applies in kinds if applies)
    said = f"{transfer.url} answers with something that is no JSON ({kind}: {looks}). Is it an api.php?"
    return Fault(f"malformed-{kind}", said, wait)


def sound(value: object, what: str) -> list[JsonObject]:
    """Return the objects of a JSON list, [] where there is none.

    Parameters: ``value``; ``what`` it is, for the error.
    Raises BadReply for anything else: rows must not be missing in silence.
    """
    given = cast("list[object]", value) if isinstance(value, list) else []
    found = rows(given)
    if len(found) != len(given) or not isinstance(value, list | None):
        msg = f"The wiki's answer has no rows where {what} should be."
        raise errors.BadReply(msg)
    return found


def content_type(transfer: Transfer) -> str:
    """Return the kind of body that the server says it sends."""
    return one_line(transfer.headers.get("Content-Type", "no content type").partition(";")[0]).lower()


def one_line(said: object, over: Callable[[str], str] = str) -> str:
    """Return a server's words as one line of bearable length; ``over`` takes secrets out of them."""
    line = " ".join(over(str(said)).split())
    return line if len(line) <= LONGEST_TEXT else f"{line[:LONGEST_TEXT]}…"


def _seconds(value: object) -> float | None:
    """Return a number of seconds, None for anything else; whatever is longer than a year is as long as one."""
    seconds = real(value)
    return None if seconds is None else max(0.0, min(seconds, YEAR))


def _api_fault(reply: JsonObject, error: JsonObject, wait: float | None, over: Callable[[str], str]) -> Fault:
    """Return the fault for an error of the API (API:Errors and warnings)."""
    told = (error.get("code") or "unknown", error.get("text") or error.get("info") or "")
    code, said = (one_line(one, over) for one in told)
    data = {**error, **block(error.get("data"))}
    event = _special(code, said, data)
    if wait is None and code == "maxlag":
        wait = max(LEAST_LAG, _seconds(data.get("lag")) or 0.0)
    kind = rule(event).error
    cause = None
    if issubclass(kind, errors.WikiError):
        cause = kind(code, said, hint=hint(event))
        cause.data = _covered(reply.get("errors"), over)
    return Fault(event, f"{said} [{code}]", wait, cause, reached=True)


def _covered(value: Json, over: Callable[[str], str]) -> Json:
    """Return JSON without secrets; None if that can not be done."""
    try:
        written = json.dumps(value, ensure_ascii=False)
        covered = over(written)
        return value if covered == written else cast("Json", json.loads(covered))
    except (ValueError, RecursionError):  # the end of an escape may look like the beginning of a secret
        return None


def _special(code: str, said: str, data: JsonObject) -> str:
    """Return the event for an error code, made more special where the table tells several kinds apart."""
    if code == "maxlag" and isinstance(kind := data.get("type"), str) and kind != "db":
        return f"maxlag-{kind}"  # of the query service of a Wikibase, say
    if code == "readonly" and re.search(r"\blag|catch up", f"{data.get('readonlyreason')} {said}"):
        return "readonly-lagged"
    if code == "mwoauth-invalid-authorization":  # what is wrong with it is only in the text
        return next((event for part, event in OAUTH_TEXTS.items() if part in said.lower()), code)
    return code


OAUTH_TEXTS = {"nonce": "mwoauth-nonce", "timestamp": "mwoauth-timestamp"}
"""Part of the text (of the library that Extension:OAuth is made on) -> event."""


def _refusal(said: JsonObject) -> Fault | None:
    """Return the fault for an action whose result says, with status 200 and no error, that nothing came of it."""
    result = said.get("result")
    if result == "Throttled":  # login before MediaWiki 1.27; later ones give a reason
        seconds = _seconds(said.get("wait"))
        why = f"Too many logins; the wiki wants {seconds:g} s without one." if seconds else "Too many logins."
        return Fault("login-throttled", why, seconds, reached=True)
    if result != "Failure":
        return None
    if "captcha" in said:
        why = "the wiki wants a captcha solved; it needs an account with skipcaptcha"
        return Fault("captcha", why, reached=True)
    code = text(said.get("code")) or ("spamblacklist" if "spamblacklist" in said else "failure")
    reasons = "; ".join(f"{key}: {value}" for key, value in said.items() if key not in {"result", "code"})
    return Fault(one_line(code.lower()), reasons, reached=True)


def _truncation(reply: JsonObject) -> Fault | None:
    """Return the fault for an answer that the wiki cut, and does not go on with."""
    warnings = rows(reply.get("warnings"))
    cut = next((one for one in warnings if one.get("code") == "truncatedresult"), None)
    if cut is None or reply.get("continue"):
        return None
    return Fault("truncatedresult", str(cut.get("text")), reached=True)


__all__ = [
    "LEAST_LAG",
    "LONGEST_TEXT",
    "OAUTH_TEXTS",
    "REDIRECTS",
    "TRANSPORT_EVENTS",
    "UNSENT",
    "YEAR",
    "Fault",
    "content_type",
    "one_line",
    "read",
    "sound",
    "transport_fault",
]
