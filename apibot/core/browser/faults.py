"""Errors of requests, and of what is below it, as errors of Apibot."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
import urllib3

from apibot.core.browser.route import host_of, without_password
from apibot.core.errors import (
    ApibotError,
    BadParameter,
    BadReply,
    CertificateRefused,
    ConnectFailed,
    ConnectionLost,
    TimedOut,
    TlsFailed,
    TransportError,
)

_known, _inner = requests.exceptions, urllib3.exceptions
BAD_ADDRESS = (
    _known.MissingSchema,
    _known.InvalidSchema,
    _known.InvalidURL,
    _known.URLRequired,
    _inner.LocationParseError,
    UnicodeError,
)
FOREIGN = (OSError, ValueError, _inner.HTTPError)
"""What may come from there; all errors of requests are one of the first two."""
LATE = (TimeoutError, _known.Timeout, _inner.TimeoutError)
CUT = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""The connection ended, and TLS only says so."""


def translated(exc: Exception, url: str, *, sent: bool, late: bool) -> ApibotError:
    """Turn an error into ours.

    Parameters: ``exc``; ``url``, what was fetched; ``sent``, whether any part of a request went out; ``late``,
    whether the time for the whole transfer is used up.
    """
    kind, text = _meaning(exc, sent=sent, late=late)
    where = repr(without_password(url)) if kind is BadParameter else host_of(url)
    error = kind(f"{where}: {text} ({type(exc).__name__}).")
    if isinstance(error, TransportError):
        error.sent = sent
    return error


def _meaning(exc: Exception, *, sent: bool, late: bool) -> tuple[type[ApibotError], str]:
    """Say what an error means; the table goes from the special to the general.

    Whatever may have happened after the request went out is a TransportError or BadReply, never a BadParameter.
    """
    chain = list(_chain(exc))
    nonsense = isinstance(exc, ValueError) and not isinstance(exc, _known.RequestException | ssl.SSLError)
    address = nonsense or isinstance(exc, BAD_ADDRESS)
    certificate = next((one for one in chain if isinstance(one, ssl.SSLCertVerificationError)), None)
    reason = getattr(certificate, "verify_message", "") or "not the one of that name"
    tls = any(isinstance(one, ssl.SSLError | _known.SSLError | _inner.SSLError) for one in chain)
    cut = any(isinstance(one, CUT) for one in chain)
    timed_out = any(isinstance(one, LATE) for one in chain)
    proxy = any(isinstance(one, _known.ProxyError | _inner.ProxyError) for one in chain)
    header = isinstance(exc, _known.InvalidHeader)
    table: tuple[tuple[bool, type[ApibotError], str], ...] = (
        (address and not sent, BadParameter, "that is no address that can be fetched"),
        (address, BadReply, "it redirects to what can not be fetched"),
        (certificate is not None, TlsFailed if sent else CertificateRefused, f"its certificate is refused: {reason}"),
        (header and not sent, BadParameter, "a header that was to be sent is none"),
        (tls and not cut and not timed_out, TlsFailed, "TLS failed; does it speak TLS at all?"),
        (not sent and late, ConnectFailed, "no connection in the time for the whole transfer"),
        (not sent and tls, ConnectFailed, "the connection ended before TLS was agreed on"),
        (not sent and proxy, ConnectFailed, "its proxy can not be reached (browser.proxies, or the environment's)"),
        (not sent, ConnectFailed, "no connection; is the address right and the server running?"),
        (late, TimedOut, "the answer was not whole in time"),
        (timed_out, TimedOut, "no answer in time"),
    )
    found = ((kind, text) for applies, kind, text in table if applies)
    return next(found, (ConnectionLost, "the connection was lost"))


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """Give an error and those that it was made from."""
    waiting: list[object] = [exc]
    seen: list[object] = []
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and not any(one is known for known in seen):
            seen.append(one)
            yield one
            waiting += [getattr(one, "reason", None), one.__cause__, *one.args]


__all__ = ["BAD_ADDRESS", "CUT", "FOREIGN", "LATE", "translated"]
