"""Exchanger: brings one request to api.php and its answer back, whatever servers do meanwhile."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from apibot.backends.api import answers
from apibot.backends.api.answers import Fault
from apibot.backends.api.decisions import Decision, Rule, hint, rule
from apibot.backends.api.encoding import Params, encode
from apibot.backends.api.mainmodule import Mainmodule
from apibot.core import errors
from apibot.core.browser import Auth, FilePart, Transfer
from apibot.core.hooks import hookable
from apibot.core.jsons import JsonObject, rows
from apibot.core.layer import Layer
from apibot.core.pace import LONGEST_HOLD
from apibot.core.request import Effect
from apibot.core.secret import Secret, secret_cookies, secrets_among, without_secrets
from apibot.core.userinfo import RateLimit

if TYPE_CHECKING:
    from apibot.core.core import Core

LONGEST_ADDRESS = 2000
"""Characters of parameters that still go into an address; longer requests are posted."""
RENEWALS = {Decision.TOKEN: 1, Decision.LOGIN: 3, Decision.SIGN: 3, Decision.POST: 1}
"""How often one request may lead to each: other threads may be logging in at the same time."""
LIMITS = {"create": ("edit", "create"), "rollback": ("rollback", "edit"), "upload": ("upload", "edit")}
"""Rate limits that count an action, where it is not just that of its name; Wikibase's actions count as edits."""


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
        """Log in anew, unless somebody has since that generation; False if there is nothing to log in with."""
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


class Call(NamedTuple):
    """A request as it is tried."""

    params: Params
    """With prefixes, of all modules but main."""
    effect: Effect
    token: str | None
    """Kind of token to add."""
    post: bool
    """Send it in the body even if short."""
    anonymous: bool
    """Assert no account."""
    files: Mapping[str, FilePart] | None = None
    """Sent in the same form, read from disk with each try."""

    @property
    def action(self) -> str:
        """The action's name."""
        return str(self.params.get("action", ""))


class Exchanger(Layer):
    """Makes exchanges with one api.php; asserts the account, waits, renews tokens and logins by the table.

    Parameters: ``core``.
    """

    def __init__(self, core: Core) -> None:
        self.main = Mainmodule(core)
        super().__init__(core, "API_Exchanger", self.main)
        self._random = random.Random()  # noqa: S311  # spreads waits, guards nothing
        self._warned: set[str] = set()
        self._reached = False
        self._waited = 0.0
        """Seconds waited in all for what no server asked for; bounded for a run."""
        self._lock = threading.Lock()
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
        files: Mapping[str, FilePart] | None = None,
    ) -> JsonObject:
        """Send one request and return the wiki's answer.

        Parameters: ``params``, with prefixes, of all modules but main; ``effect``, what a second copy would do;
        ``token``, the kind of token to add; ``post``, send it in the body even if short; ``anonymous``, assert no
        account (for logging in itself); ``files``, parameters that are files or parts of some.
        Raises WikiError and its kinds for what the wiki refuses, OutcomeUnknown for a write that may have landed,
        TransportError or BadReply for what the network or server did, when the time budget is used up.
        """
        return self.xfer(Call(params, effect, token, post, anonymous, files))

    @hookable
    def xfer(self, call: Call) -> JsonObject:
        """Try a request until it brings an answer, or the table or the time says that it is enough."""
        clock, retry = self.core.clock, self.core.settings.retry
        deadline = clock.monotonic() + retry.budget
        renewals: list[Decision] = []
        tries = 0
        while True:
            generation = self.identity.generation if self.identity is not None else 0
            reply, fault, paced = self._exchange(call, deadline - clock.monotonic())
            if fault is None:
                return reply
            deadline += paced
            row, tries = rule(fault.event), tries + 1
            decision = Decision.WAIT if fault.held else row.decision(call.effect)
            if decision is Decision.WAIT:
                wait = self._wait(fault, tries)
                if self._may_wait(fault, wait, deadline - clock.monotonic()):
                    self._decided(call, fault, f"{decision.value} after {wait:.1f} s (try {tries + 1})")
                    self._rest(row, fault, wait, call)
                    continue
            elif not call.anonymous and renewals.count(decision) < RENEWALS.get(decision, 0):
                renewals.append(decision)
                if self._renewed(decision, generation):
                    self._decided(call, fault, decision.value)
                    call = call._replace(post=call.post or decision is Decision.POST)
                    continue
            end = decision if decision is Decision.SETTLE else Decision.RAISE
            self._hold(row, fault, fault.wait or 0.0)
            self._decided(call, fault, end.value if end is decision else f"{end.value}, not {decision.value}")
            raise self._error(row, fault, decision, call.params)

    def _decided(self, call: Call, fault: Fault, what: str) -> None:
        """Log a decision in one line."""
        self.log.info("%s: %s: %s: %s", _what(without_secrets(_shown(call.params))), fault.event, what, fault.text)

    def _wait(self, fault: Fault, tries: int) -> float:
        """Return the seconds to wait: those the server asks for, else up to a bound that doubles with each try."""
        retry = self.core.settings.retry
        if fault.wait is not None:
            return fault.wait
        return self._random.uniform(0, min(retry.longest_wait, retry.first_wait * 2 ** min(tries - 1, 30)))

    def _may_wait(self, fault: Fault, wait: float, left: float) -> bool:
        """Say whether a wait is within the request's and the run's time, and whether there is hope.

        A wiki that has not answered once is mostly a wrong address.
        """
        hopeful = self._reached or fault.wait is not None or not fault.event.startswith(("connect", "malformed"))
        own = wait if fault.wait is None else 0.0  # a server that lags all day asks for its waits, and is no fault
        with self._lock:
            allowed = hopeful and wait <= left and self._waited + own <= self.core.settings.retry.run_budget
            if allowed:
                self._waited += own
        return allowed

    def _rest(self, row: Rule, fault: Fault, wait: float, call: Call) -> None:
        """Wait; where the server asked for it, all whom it concerns do."""
        self._hold(row, fault, wait)
        concerned = row.holds == "all" or (row.holds == "writes" and call.effect != "read")
        if fault.wait is None or not concerned or wait > LONGEST_HOLD:  # otherwise the next try waits by itself
            self.core.pace.wait(wait, self._why(fault))

    def _hold(self, row: Rule, fault: Fault, wait: float) -> None:
        """Let all others whom it concerns leave the server alone as long as it wants, also if this request gives up."""
        if row.holds is not None and fault.wait is not None and not fault.held:
            self.core.pace.hold(row.holds, wait, fault.event, self._why(fault))

    def _why(self, fault: Fault) -> str:
        return f"{self.core.target.name}: {fault.text or fault.event}"

    def _renewed(self, decision: Decision, generation: int) -> bool:
        if decision is Decision.LOGIN:
            return self.identity is not None and self.identity.renew(generation)
        if decision is Decision.TOKEN and self.tokens is not None:
            self.tokens.drop()
        return True

    def _exchange(self, call: Call, patience: float) -> tuple[JsonObject, Fault | None, float]:
        """Make one exchange; the fault is None if it brought an answer.  Gives also the seconds waited for the pace."""
        user = None if call.anonymous or self.identity is None else self.identity.assertion()
        full = self.main.params(call.effect, user)
        full |= {key: text for key, value in call.params.items() if (text := encode(value)) is not None}
        if call.token is not None and self.tokens is not None:
            full["token"] = self.tokens.get(call.token)
        self.core.log.hide(*map(Secret, secrets_among(full).values()), passing=True)
        paced = 0.0
        try:
            with self.core.pace.slot(call.effect, self._limits(call), patience) as paced:
                transfer = self.browse(full, post=self._in_body(call, full), files=call.files)
        except errors.TransportError as exc:
            return {}, answers.transport_fault(exc), paced
        except errors.BadReply as exc:  # too large to be held
            return {}, Fault("oversized", str(exc), cause=exc), paced
        except errors.TooLong as exc:
            return {}, Fault(exc.event, str(exc), exc.seconds, reached=True, held=True), paced
        reply, fault = self.read(transfer, call)
        return reply, fault, paced

    def _in_body(self, call: Call, full: Mapping[str, str]) -> bool:
        size = sum(len(key) + len(value.encode()) for key, value in full.items())
        return call.post or bool(call.files) or call.effect != "read" or size > LONGEST_ADDRESS

    @hookable
    def browse(self, params: Mapping[str, str], *, post: bool, files: Mapping[str, FilePart] | None = None) -> Transfer:
        """Make one transfer with api.php."""
        api = self.core.target.api
        auth = None if self.identity is None else self.identity.auth()
        if self.log.isEnabledFor(logging.DEBUG):
            self.log.debug("%s %s", "POST" if post else "GET", without_secrets(params))
        longest = max(self.core.settings.retry.budget, self.core.settings.timeout)
        if post:
            return self.core.browser.xfer(api, data=params, files=files, auth=auth, redirects=False, seconds=longest)
        return self.core.browser.xfer(api, params=params, auth=auth, redirects=False, seconds=longest)

    @hookable
    def read(self, transfer: Transfer, call: Call) -> tuple[JsonObject, Fault | None]:
        """Tell an answer from what only looks like one."""
        if call.anonymous:  # a login, which brings the cookies of a new session
            cookies = secret_cookies(transfer.headers.get("Set-Cookie", ""))
            self.core.log.hide(*map(Secret, cookies), passing=True)
        reply, fault = answers.read(transfer, call.action, self.core.clock.now(), self.core.log.over)
        if fault is None or fault.reached:
            self._reached = True
            self._show_warnings(transfer, reply)
        if fault is not None and fault.event == "ratelimited" and fault.wait is None and not call.anonymous:
            gaps = [limit.seconds / limit.hits for limit in self._limits(call)]
            fault = fault._replace(wait=max([*gaps, self.core.settings.retry.first_wait]) if gaps else None)
        return reply, fault

    def _limits(self, call: Call) -> list[RateLimit]:
        """Return the rate limits of the account that count a request."""
        if call.effect == "read" or call.anonymous:
            return []
        action = call.action
        if action == "edit" and call.params.get("createonly"):
            action = "create"
        counted = LIMITS.get(action, ("edit",) if action.startswith("wb") else (action,))
        return [one for one in self.core.info.user().ratelimits if one.action in counted and one.hits > 0]

    def _error(self, row: Rule, fault: Fault, decision: Decision, params: Params) -> errors.ApibotError:
        """Make the error that ends the call."""
        shown = without_secrets(_shown(params))
        error: errors.ApibotError
        if decision is Decision.SETTLE:
            error = errors.OutcomeUnknown(f"{_what(shown)}: the reply was lost ({fault.text}).")
        elif fault.cause is not None and isinstance(fault.cause, row.error):
            error = fault.cause
        elif issubclass(row.error, errors.WikiError):
            error = row.error(fault.event, fault.text, hint=hint(fault.event))
        else:
            error = row.error(" ".join(filter(None, (fault.text, hint(fault.event)))))
        error.request = shown
        error.retry_after = fault.wait
        error.__cause__ = fault.cause if error is not fault.cause else None
        return error

    def _show_warnings(self, transfer: Transfer, reply: JsonObject) -> None:
        """Log each warning once."""
        kind = answers.content_type(transfer)
        if not kind.endswith("json"):
            self._warn(f"{transfer.url} sends its answers as {kind}, not as JSON; they are read all the same")
        for warning in rows(reply.get("warnings")):
            unknown_module = warning.get("code") == "badmodule"  # who asked for it raises an error
            text = f"{warning.get('module')}: {warning.get('text')} [{warning.get('code')}]"
            self._warn(text, logging.DEBUG if unknown_module else logging.WARNING)

    def _warn(self, text: str, level: int = logging.WARNING) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self.log.log(level, "%s", text)


def _shown(params: Params) -> dict[str, str]:
    return {key: str(value) for key, value in params.items() if value is not None}


def _what(params: Mapping[str, str]) -> str:
    page = params.get("title") or (f"page {params['pageid']}" if "pageid" in params else "")
    return f"{params.get('action', 'request')} {page}".strip()


__all__ = ["LIMITS", "LONGEST_ADDRESS", "RENEWALS", "Call", "Exchanger", "Session", "TokenSource"]
