"""A wiki with OAuth: a provider on a real socket before a real wiki, in the place of Extension:OAuth.

It checks signatures, nonces, time stamps and bearer tokens, does the three legs, and hands a request that is right on
to the wiki as the user whose token it is, with a session of its own: so edits are real.  Words and codes of its
refusals are the extension's.  oauthlib is the judge.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth1 import AccessTokenEndpoint, RequestTokenEndpoint, RequestValidator, ResourceEndpoint

from apibot.sandbox import Sandbox
from tests.support.people import Person
from tests.support.proxy import Recorded, Reply, Wire

WINDOW = 300
"""Seconds by which a time stamp may differ."""


@dataclass
class Consumer:
    """A program that users may let in."""

    key: str = field(default_factory=lambda: secrets.token_hex(16))
    secret: str = field(default_factory=lambda: secrets.token_hex(20))
    callback: str = "oob"


@dataclass
class Access:
    """What lets a consumer act for a user."""

    user: str
    consumer: Consumer
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    secret: str = field(default_factory=lambda: secrets.token_hex(20))


@dataclass
class Leave:
    """A request token on its way to be one."""

    consumer: Consumer
    key: str
    secret: str
    callback: str
    verifier: str = ""
    user: str = ""


class Provider(Wire):
    """A wiki with OAuth, watched like any wire.

    Parameters: ``wiki``, the wiki behind.
    """

    def __init__(self, wiki: Sandbox) -> None:
        super().__init__(wiki.url)
        self.accounts = {"Bot": wiki.bot, "Human": wiki.human, "Sysop": wiki.sysop}
        self.consumers: dict[str, Consumer] = {}
        self.accesses: dict[str, Access] = {}
        self.bearers: dict[str, str] = {}
        self.leaves: dict[str, Leave] = {}
        self.nonces: set[tuple[str, str, str]] = set()
        self.skew = 0.0
        """Seconds by which the provider's clock is ahead."""
        self._sessions: dict[str, str] = {}
        self._wiki = wiki
        self._mutex = threading.Lock()
        validator = Validator(self)
        self._resource = ResourceEndpoint(validator)
        self._request_token = RequestTokenEndpoint(validator)
        self._access_token = AccessTokenEndpoint(validator)
        self._validator = validator

    def consumer(self, callback: str = "oob") -> Consumer:
        """Register a consumer."""
        one = Consumer(callback=callback)
        self.consumers[one.key] = one
        return one

    def access(self, user: str) -> Access:
        """Make an owner-only consumer of OAuth 1.0a."""
        one = Access(user, self.consumer())
        self.accesses[one.key] = one
        return one

    def bearer(self, user: str) -> str:
        """Make an owner-only token of OAuth 2, as long as those of the extension."""
        token = secrets.token_urlsafe(400)
        self.bearers[token] = user
        return token

    def revoke(self) -> None:
        """Let no token be good any more."""
        self.accesses.clear()
        self.bearers.clear()

    def approve(self, address: str, user: str) -> str:
        """Say yes to a request at the address that the user was sent to; return where the browser goes, or the code.

        That is a user's doing on a form of the wiki.
        """
        token = address.partition("oauth_token=")[2].partition("&")[0]
        leave = self.leaves[token]
        leave.verifier, leave.user = secrets.token_hex(16), user
        if leave.callback == "oob":
            return leave.verifier
        return f"{leave.callback}?{urlencode({'oauth_verifier': leave.verifier, 'oauth_token': token})}"

    def now(self) -> float:
        return time.time() + self.skew

    def _ask_wiki(self, request: Recorded) -> Reply:
        headers = dict(request.headers)
        authorization = headers.get("Authorization")
        step = request.params.get("title", "").removeprefix("Special:OAuth/")
        if step in {"initiate", "token"}:
            endpoint = self._request_token.create_request_token_response
            if step == "token":
                endpoint = self._access_token.create_access_token_response
            _, body, status = endpoint(f"{self.url}{request.target}", request.method, request.body.decode(), headers)
            return Reply(status, (("Content-Type", "text/html"),), (body or "Error: refused").encode())
        if authorization is None:
            return super()._ask_wiki(request)
        user, refusal = self._who(request, authorization, headers)
        if user is None:
            error = {"code": "mwoauth-invalid-authorization", "text": refusal, "module": "main"}
            return Reply(200, (("Content-Type", "application/json"),), json.dumps({"errors": [error]}).encode())
        kept = tuple((name, value) for name, value in request.headers if name not in {"Authorization", "Cookie"})
        reply = super()._ask_wiki(replace(request, headers=(*kept, ("Cookie", self._session_of(user)))))
        return replace(reply, headers=tuple(pair for pair in reply.headers if pair[0] != "Set-Cookie"))

    def _who(self, request: Recorded, authorization: str, headers: Mapping[str, str]) -> tuple[str | None, str]:
        """Return the user of a request, or why it is refused."""
        words = "The authorization headers in your request are not valid: "
        if authorization.startswith("Bearer "):
            user = self.bearers.get(authorization.removeprefix("Bearer "))
            return user, f"{words}The access token is invalid or has been revoked"
        self._validator.why.reason = "Invalid signature"
        right, asked = self._resource.validate_protected_resource_request(
            f"{self.url}{request.target}", request.method, request.body.decode("latin-1"), dict(headers), []
        )
        if not right or asked is None:
            return None, words + self._validator.why.reason
        return self.accesses[str(asked.resource_owner_key)].user, ""

    def _session_of(self, user: str) -> str:
        """Return the cookies of a session of the user on the wiki, the same for all requests."""
        with self._mutex:
            if user not in self._sessions:
                account = self.accounts[user]
                person = Person(self._wiki.api, account.user, account.password.reveal())
                self._sessions[user] = "; ".join(f"{one.name}={one.value}" for one in person.jar)
            return self._sessions[user]


class Validator(RequestValidator):
    """What oauthlib asks of a provider's store."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider
        self.why = threading.local()
        """Why the thread's request was refused."""

    @property
    def enforce_ssl(self) -> bool:
        return False

    @property
    def timestamp_lifetime(self) -> int:
        return 10**9  # it is looked at below, by the provider's own clock

    @property
    def allowed_signature_methods(self) -> tuple[str, ...]:
        return ("HMAC-SHA1",)

    @property
    def dummy_client(self) -> str:
        return "nobody"

    @property
    def dummy_request_token(self) -> str:
        return "nothing"

    @property
    def dummy_access_token(self) -> str:
        return "nothing"

    def check_client_key(self, client_key: str) -> bool:
        return bool(client_key)

    def check_request_token(self, request_token: str) -> bool:
        return bool(request_token)

    def check_access_token(self, request_token: str) -> bool:
        return bool(request_token)

    def check_verifier(self, verifier: str) -> bool:
        return bool(verifier)

    def check_nonce(self, nonce: str) -> bool:
        return bool(nonce)

    def check_realms(self, realms: Any) -> bool:
        return True

    def get_default_realms(self, client_key: str, request: Any) -> list[str]:
        return []

    def get_realms(self, token: str, request: Any) -> list[str]:
        return []

    def validate_realms(self, *args: Any, **kwargs: Any) -> bool:
        return True

    validate_requested_realms = validate_realms

    def validate_client_key(self, client_key: str, request: Any) -> bool:
        return client_key in self._provider.consumers

    def validate_request_token(self, client_key: str, token: str, request: Any) -> bool:
        return token in self._provider.leaves

    def validate_access_token(self, client_key: str, token: str, request: Any) -> bool:
        found = self._provider.accesses.get(token)
        return found is not None and found.consumer.key == client_key

    def validate_redirect_uri(self, client_key: str, redirect_uri: str, request: Any) -> bool:
        consumer = self._provider.consumers.get(client_key)
        return consumer is not None and redirect_uri.startswith(consumer.callback)

    def validate_verifier(self, client_key: str, token: str, verifier: str, request: Any) -> bool:
        leave = self._provider.leaves.get(token)
        return leave is not None and bool(leave.verifier) and leave.verifier == verifier

    def validate_timestamp_and_nonce(  # noqa: PLR0917  # as it is called
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: Any,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        now, seen = int(self._provider.now()), (client_key, access_token or request_token or "", nonce)
        if abs(now - int(timestamp)) > WINDOW:
            self.why.reason = f"Expired timestamp, yours {timestamp}, ours {now}"
            return False
        if seen in self._provider.nonces:
            self.why.reason = f"Nonce already used: {nonce}"
            return False
        self._provider.nonces.add(seen)
        return True

    def get_client_secret(self, client_key: str, request: Any) -> str:
        found = self._provider.consumers.get(client_key)
        return found.secret if found else "unknown"

    def get_request_token_secret(self, client_key: str, token: str, request: Any) -> str:
        found = self._provider.leaves.get(token)
        return found.secret if found else "unknown"

    def get_access_token_secret(self, client_key: str, token: str, request: Any) -> str:
        found = self._provider.accesses.get(token)
        return found.secret if found else "unknown"

    def save_request_token(self, token: Any, request: Any) -> None:
        consumer = self._provider.consumers[request.client_key]
        leave = Leave(consumer, token["oauth_token"], token["oauth_token_secret"], request.redirect_uri)
        self._provider.leaves[leave.key] = leave

    def save_access_token(self, token: Any, request: Any) -> None:
        leave = self._provider.leaves[request.resource_owner_key]
        made = Access(leave.user, leave.consumer, token["oauth_token"], token["oauth_token_secret"])
        self._provider.accesses[made.key] = made

    def invalidate_request_token(self, client_key: str, request_token: str, request: Any) -> None:
        del self._provider.leaves[request_token]


__all__ = ["WINDOW", "Access", "Consumer", "Leave", "Provider", "Validator"]
