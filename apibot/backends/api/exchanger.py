"""Exchanger: brings one request to api.php and its answer back, whatever servers do meanwhile."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from apibot.backends.api.decisions import Decision, Rule, retry_after, rule
from apibot.backends.api.encoding import Params, encode
from apibot.backends.api.mainmodule import Mainmodule
from apibot.core import errors
from apibot.core.browser import Auth, Transfer
from apibot.core.jsons import JsonObject, rows
from apibot.core.request import Effect
from apibot.core.secret import without_secrets

if TYPE_CHECKING:
    from apibot.core.core import Core

LONGEST_ADDRESS = 2000
"""Characters of parameters that still go into an address; longer requests are posted."""
RENEWALS = {Decision.TOKEN: 1, Decision.LOGIN: 3}
"""How often one request may lead to a new token, or a new login: other threads may be logging in at the same time."""
JITTER = 0.25
"""Seconds at most added to a wait that a server asked for."""


class Session(Protocol):
    """Who is logged in, as the Exchanger needs to know it."""

    def assertion(self) -> str | None:
        """Return the name to be asserted; logs in if that was not done."""
        ...

    def auth(self) -> Auth | None:
        """Return what signs each request; None where cookies tell who it is."""
        ...

    @property
    def generation(self) -> int:
        """How many logins there were."""
        ...

    def renew(self, generation: int) -> bool:
        """Log in anew, unless somebody has since that generation; False if there is no account to log in with."""
        ...


class TokenSource(Protocol):
    """Where tokens come from."""

    def get(self, kind: str) -> str:
        """Return a token."""
        ...

    def drop(self) -> None:
        """Forget all tokens."""
        ...

    def take(self, reply: JsonObject, generation: int) -> None:
        """Take the tokens of a reply, which belong to the session of a generation."""
        ...


class Fault(NamedTuple):
    """Why an exchange brought no answer."""

    event: str
    text: str
    wait: float | None = None
    """Seconds that the server asks to wait."""
    cause: errors.ApibotError | None = None


class Exchanger:
    """Makes exchanges with one api.php; asserts the account, waits, renews tokens and logins by the table.

    Parameters: ``core``; ``jitter``, gives a random part of 1, to be exchanged in tests.
    """

    def __init__(self, core: Core, jitter: random.Random | None = None) -> None:
        self._core = core
        self._log = core.log.named("API_Exchanger")
        self._random = jitter or random.Random()  # noqa: S311  # spreads waits, guards nothing
        self._warned: set[str] = set()
        self._reached = False
        self.main = Mainmodule(core)
        self.identity: Session | None = None
        self.tokens: TokenSource | None = None

    def call(
        self,
        params: Params,
        *,
        effect: Effect = "read",
        token: str | None = None,
        post: bool = False,
        anonymous: bool = False,
    ) -> JsonObject:
        """Send one request and return the wiki's answer.

        Parameters: ``params``, with prefixes, of all modules but main; ``effect``, what a second copy would do;
        ``token``, the kind of token to add; ``post``, send it in the body even if short; ``anonymous``, assert no
        account (for logging in itself).
        Raises WikiError and its kinds for what the wiki refuses, OutcomeUnknown for a write that may have landed,
        TransportError or BadReply for what the network or server did, when the time budget is used up.
        """
        clock, retry = self._core.clock, self._core.settings.retry
        deadline = clock.monotonic() + retry.budget
        renewals: list[Decision] = []
        attempt = 0
        while True:
            generation = self.identity.generation if self.identity is not None else 0
            reply, fault = self._exchange(params, effect, token, post=post, anonymous=anonymous)
            if fault is None:
                return reply
            row = rule(fault.event)
            decision = row.decision(effect)
            if decision is Decision.WAIT:
                bound = min(retry.longest_wait, retry.first_wait * 2**attempt)
                wait = self._random.uniform(0, bound) if fault.wait is None else fault.wait
                wait += self._random.uniform(0, JITTER) if fault.wait is not None else 0.0
                hopeless = not self._reached and fault.wait is None and fault.event in {"connect", "malformed"}
                if not hopeless and clock.monotonic() + wait <= deadline:
                    self._log.info("%s: %s after %.1f s: %s", fault.event, decision.value, wait, fault.text)
                    clock.sleep(wait)
                    attempt += 1
                    continue
            elif not anonymous and renewals.count(decision) < RENEWALS.get(decision, 0):
                renewals.append(decision)
                self._log.info("%s: %s: %s", fault.event, decision.value, fault.text)
                if self._renewed(decision, generation):
                    continue
            raise self._error(row, fault, decision, params)

    def _renewed(self, decision: Decision, generation: int) -> bool:
        if decision is Decision.LOGIN:
            return self.identity is not None and self.identity.renew(generation)
        if self.tokens is not None:
            self.tokens.drop()
        return True

    def _exchange(
        self, params: Params, effect: Effect, token: str | None, *, post: bool, anonymous: bool
    ) -> tuple[JsonObject, Fault | None]:
        """Make one exchange; the fault is None if it brought an answer."""
        user = None if anonymous or self.identity is None else self.identity.assertion()
        full = self.main.params(effect, user)
        full |= {key: text for key, value in params.items() if (text := encode(value)) is not None}
        if token is not None and self.tokens is not None:
            full["token"] = self.tokens.get(token)
        size = sum(len(key) + len(value.encode()) for key, value in full.items())
        in_body = post or effect != "read" or size > LONGEST_ADDRESS
        api = self._core.target.api
        auth = None if self.identity is None else self.identity.auth()
        if self._log.isEnabledFor(logging.DEBUG):
            self._log.debug("%s %s", "POST" if in_body else "GET", without_secrets(full))
        try:
            if in_body:
                transfer = self._core.browser.xfer(api, data=full, auth=auth, redirects=False)
            else:
                transfer = self._core.browser.xfer(api, params=full, auth=auth, redirects=False)
        except errors.TransportError as exc:
            event = TRANSPORT_EVENTS[type(exc)]
            return {}, Fault(event, str(exc), cause=exc)
        reply, fault = self._read(transfer)
        if fault is not None and fault.event == "ratelimited" and fault.wait is None and not anonymous:
            fault = fault._replace(wait=self._ratelimit_wait())
        return reply, fault

    def _read(self, transfer: Transfer) -> tuple[JsonObject, Fault | None]:
        """Tell an answer from what only looks like one."""
        wait = retry_after(transfer.headers, self._core.clock.now())
        try:
            reply = transfer.json()
        except errors.BadReply:
            if transfer.status == 200:  # noqa: PLR2004  # HTTP's own number
                text = f"{transfer.url} answers with something that is no JSON ({_looks(transfer)}). Is it an api.php?"
                return {}, Fault("malformed", text, wait)
            moved = transfer.headers.get("Location")
            hint = f"It points to {moved}: use that address." if moved else f"Is it an api.php? ({_looks(transfer)})"
            text = f"{transfer.url} answers with HTTP {transfer.status}. {hint}"
            return {}, Fault(f"http-{transfer.status}", text, wait)
        if not isinstance(reply, dict):
            text = f"{transfer.url} answers with JSON that is no object. Is it an api.php?"
            return {}, Fault("malformed", text, wait)
        found = rows(reply.get("errors")) or rows([reply.get("error")])  # the latter from before formatversion was read
        if found:
            self._reached = True
            return reply, self._api_fault(reply, found[0], wait)
        if transfer.status >= 400:  # noqa: PLR2004  # HTTP's own number
            return {}, Fault(f"http-{transfer.status}", f"{transfer.url} answers with HTTP {transfer.status}.", wait)
        self._reached = True
        self._show_warnings(reply)
        return reply, None

    def _api_fault(self, reply: JsonObject, error: JsonObject, wait: float | None) -> Fault:
        code, text = str(error.get("code", "unknown")), str(error.get("text") or error.get("info") or "")
        kind = rule(code).error
        cause = kind(code, text) if issubclass(kind, errors.WikiError) else kind(f"{text} [{code}]")
        if isinstance(cause, errors.WikiError):
            cause.data = reply.get("errors")
        return Fault(code, text, wait, cause)

    def _ratelimit_wait(self) -> float | None:
        """Return the seconds between two edits that the account's limits allow."""
        limits = self._core.info.user().ratelimits
        gaps = [seconds / hits for action, hits, seconds in limits if action == "edit" and hits]
        return max(gaps, default=None)

    def _error(self, row: Rule, fault: Fault, decision: Decision, params: Params) -> errors.ApibotError:
        """Make the error that ends the call."""
        shown = without_secrets({key: str(value) for key, value in params.items() if value is not None})
        error: errors.ApibotError
        if decision is Decision.SETTLE:
            error = errors.OutcomeUnknown(f"{_what(shown)}: the reply was lost ({fault.text}).")
        elif fault.cause is not None and isinstance(fault.cause, row.error):
            error = fault.cause
        elif issubclass(row.error, errors.WikiError):
            error = row.error(fault.event, fault.text)
        else:
            error = row.error(fault.text)
        error.request = shown
        error.__cause__ = fault.cause if error is not fault.cause else None
        return error

    def _show_warnings(self, reply: JsonObject) -> None:
        """Log each warning once."""
        found = reply.get("warnings")
        for warning in found if isinstance(found, list) else []:
            if isinstance(warning, dict):
                text = f"{warning.get('module')}: {warning.get('text')} [{warning.get('code')}]"
                if text not in self._warned:
                    self._warned.add(text)
                    unknown_module = warning.get("code") == "badmodule"  # who asked for it raises an error
                    self._log.log(logging.DEBUG if unknown_module else logging.WARNING, "%s", text)


TRANSPORT_EVENTS: Mapping[type[errors.TransportError], str] = {
    errors.ConnectFailed: "connect",
    errors.ConnectionLost: "lost",
    errors.TimedOut: "timeout",
    errors.TlsFailed: "tls",
    errors.CertificateRefused: "tls",
}


def _what(params: Mapping[str, str]) -> str:
    page = params.get("title") or (f"page {params['pageid']}" if "pageid" in params else "")
    return f"{params.get('action', 'request')} {page}".strip()


def _looks(transfer: Transfer) -> str:
    kind = transfer.headers.get("Content-Type", "no content type").partition(";")[0]
    return f"{kind}, {len(transfer.body)} bytes"


__all__ = [
    "JITTER",
    "LONGEST_ADDRESS",
    "RENEWALS",
    "TRANSPORT_EVENTS",
    "Exchanger",
    "Fault",
    "Session",
    "TokenSource",
]
