"""OAuth (Extension:OAuth): what signs the requests to one api.php, and none to any other address."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from apibot.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from apibot.core.browser import Auth, Prepared
    from apibot.core.secret import Secret
    from apibot.core.target import Target

TALKATIVE = ("requests_oauthlib.oauth1_auth", "oauthlib.oauth1.rfc5849", "oauthlib.oauth1.rfc5849.signature")
"""Loggers that would write tokens, headers and bodies at debug level."""


def bearer(target: Target) -> Auth:
    """Return what adds the access token of OAuth 2."""
    token = _given(target.account.oauth2_token)

    def sign(prepared: Prepared) -> Prepared:
        _check_address(prepared, target)
        prepared.headers["Authorization"] = f"Bearer {token.reveal()}"
        return prepared

    return sign


def signed(target: Target) -> Auth:
    """Return what signs requests by OAuth 1.0a (RFC 5849, HMAC-SHA1), each with a nonce and a time of its own."""
    quiet()
    from requests_oauthlib import OAuth1

    account = target.account
    inner = cast(
        "Callable[[Prepared], Prepared]",
        OAuth1(
            account.consumer_key or "",
            client_secret=_given(account.consumer_secret).reveal(),
            resource_owner_key=_given(account.access_token).reveal(),
            resource_owner_secret=_given(account.access_secret).reveal(),
        ),
    )

    def sign(prepared: Prepared) -> Prepared:
        _check_address(prepared, target)
        before = prepared.headers
        prepared = inner(prepared)
        # It makes all headers anew as texts, and a name in another script can only be sent as bytes.
        header = prepared.headers["Authorization"]
        prepared.headers = before
        before["Authorization"] = header
        return prepared

    return sign


def quiet() -> None:
    """Keep the libraries for OAuth from logging secrets, whatever level somebody sets."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        if _harmless not in logger.filters:
            logger.addFilter(_harmless)


def _harmless(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _given(secret: Secret | None) -> Secret:
    if secret is None:
        msg = "The account lacks a part of its OAuth token. Run: apibot login"
        raise SettingsError(msg)
    return secret


def _check_address(prepared: Prepared, target: Target) -> None:
    """Refuse to sign what goes elsewhere than to the api.php that the token was stored for."""
    if _place(prepared.url or "") != _place(target.api):
        msg = f"A token for {target.api} is sent to no other address."
        raise SettingsError(msg)


def _place(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    return parts.scheme.lower(), host, parts.port, unquote(parts.path)


__all__ = ["TALKATIVE", "bearer", "quiet", "signed"]
