"""Identity: who is logged in, kept for the next run, and renewed once for all threads and processes."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, cast

from apibot.backends.api.logins import LONGEST, WAYS, Entrance, Way, same_name
from apibot.backends.api.tokens import REQUEST
from apibot.core.errors import LoginFailed, WikiError
from apibot.core.files import locked
from apibot.core.hooks import Hooks, hookable
from apibot.core.jsons import Json, JsonObject, block, number, rows, text
from apibot.core.secret import Secret, is_open_cookie

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger
    from apibot.core.browser import Auth, Cookie
    from apibot.core.core import Core
    from apibot.core.login import Answer

REQUESTS_OF_A_LOGIN = 4
"""As many as one login makes at most, where nobody is asked for anything."""
HOLD = 300.0
"""Seconds after a refusal in which this process does not ask again: MediaWiki counts five logins in that time."""


class Refusal(NamedTuple):
    """A login that was refused, so that it is not tried with every request that follows."""

    until: float
    """On the monotonic clock."""
    reason: str
    asked: bool
    """Whether the wiki itself asked for that time."""


class Identity:
    """The account of one core on its wiki; anonymous if the settings name none.

    A saved session is tried first.  If the wiki does not know it any more, the failing assertion of the first
    request leads to one new login.

    Parameters: ``core``; ``exchanger``; ``answer``, who answers what the wiki asks for besides a password.
    """

    label = "API_Identity"

    def __init__(self, core: Core, exchanger: Exchanger, answer: Answer | None = None) -> None:
        self._core = core
        self._exchanger = exchanger
        how = core.target.account.how
        self._way: Way | None = None if how is None else WAYS[how]
        self._entrance = Entrance(core.target, exchanger.call, answer, core.log.over)
        self._signer: Auth | None = None
        self._name: str | None = None
        self._session = ""
        """Which of the saved sessions this one is."""
        self._refusal: Refusal | None = None
        self._lock = threading.RLock()
        self._generation = 0

    @property
    def hooks(self) -> Hooks:
        """The hooks of the core."""
        return self._core.hooks

    def assertion(self) -> str | None:
        """Return the account's name as the wiki knows it; logs in, or takes up the saved session, if need be.

        Raises LoginFailed.
        """
        if self._way is None:
            return None
        if self._name is None:
            with self._lock:
                if self._name is None:
                    self._begin(self._way)
        return self._name

    def auth(self) -> Auth | None:
        """Return what signs each request; None where cookies tell who it is."""
        if self._way is None or self._way.signer is None:
            return None
        if self._signer is None:
            self._signer = self._way.signer(self._core.target)
        return self._signer

    @property
    def generation(self) -> int:
        """How many sessions this process has had."""
        return self._generation

    def renew(self, generation: int) -> bool:
        """Log in anew, unless another thread or process has done so since that generation.

        Returns False if that is no way out: for who is anonymous, and with OAuth.
        """
        if self._way is None:
            return False
        with self._lock:
            if self._way.signer is not None:
                self._forget()  # the account may have another name now
                return False
            if self._generation == generation:
                self._begin(self._way, lost=self._session)
        return True

    def login(self, *, anew: bool = False) -> str | None:
        """Log in, ``anew`` even where a session was saved; return the account's name, None if anonymous.

        Raises LoginFailed.
        """
        if self._way is None or not anew:
            return self.assertion()
        with self._lock, self._alone():
            self.enter(self._way)
        return self._name

    @hookable
    def logout(self) -> None:
        """End the session on the wiki, and forget it here; a token of OAuth stays as it is.

        The next request logs in again.
        """
        if self._way is None:
            return
        with self._lock, self._alone():
            if self._way.signer is None and (self._name is not None or self._take_up(self._way)):
                self._end_session()
                self._core.browser.set_cookies([])
                self._generation += 1
            self._forget()

    def _forget(self) -> None:
        self._name, self._session = None, ""
        self._core.infostore.delete("identity")

    def _end_session(self) -> None:
        call = self._entrance.call
        reply = call({"action": "query", "meta": "tokens"}, post=True, anonymous=True)
        token = text(block(block(reply.get("query")).get("tokens")).get("csrftoken")) or ""
        try:
            call({"action": "logout", "token": Secret(token)}, post=True, anonymous=True)
        except WikiError as exc:
            if exc.code != "badtoken":  # what it says to a second try, if the reply to the first was lost
                raise

    def _begin(self, way: Way, lost: str | None = None) -> None:
        """Take up a saved session that is not the lost one; log in if there is none."""
        if self._take_up(way, lost):  # without the lock, which few starts need
            return
        with self._alone():
            if not self._take_up(way, lost):
                self.enter(way)

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Keep all other processes from logging this account in; the kernel frees the lock of one that dies."""
        path = self._core.infostore.path("identity")
        settings = self._core.settings
        seconds = REQUESTS_OF_A_LOGIN * (settings.retry.budget + settings.timeout)
        with locked(path.with_name(f"{path.stem}-login.json"), seconds):
            yield

    def _take_up(self, way: Way, lost: str | None = None) -> bool:
        """Take up what was saved, if it is whole and not what was lost."""
        saved = self._core.infostore.read("identity")
        name, cookies, session = text(saved.get("name")), rows(saved.get("cookies")), text(saved.get("session")) or ""
        if name is None or session == lost:
            return False
        if way.signer is not None:
            user = self._core.target.user
            if user and not same_name(user, name):
                return False
        else:
            if not cookies or not all(map(_is_cookie, cookies)):
                return False
            kept = (Secret(str(one["value"])) for one in cookies if not is_open_cookie(str(one["name"])))
            self._core.log.hide(*kept, passing=True)
            self._core.browser.set_cookies(cast("list[Cookie]", cookies))
        self._generation += lost is not None
        self._name, self._session = name, session
        return True

    @hookable
    def enter(self, way: Way) -> None:
        """Log in and save the session.

        Raises LoginFailed with the wiki's reason; also, without asking it again, for a while after that.
        """
        self._check_refusal()
        try:
            if way.signer is None:
                with self._core.browser.renewed():
                    name = way.enter(self._entrance)
                    # The wiki keeps what tokens are made of in the session, and requests at the same time overwrite
                    # each other's: so the tokens are fetched before other threads have the session.
                    tokens = self._entrance.call(REQUEST, anonymous=True)
                    cookies = cast("list[Json]", self._core.browser.cookies())
            else:
                name, tokens, cookies = way.enter(self._entrance), None, None
        except LoginFailed as exc:
            self._note_refusal(exc)
            raise
        saved: JsonObject = {"name": name, "session": os.urandom(16).hex()}
        if tokens is not None:
            saved["cookies"] = cookies
            if self._exchanger.tokens is not None:
                self._exchanger.tokens.take(tokens, self._generation + 1)
            self._generation += 1
        self._name, self._session, self._refusal = name, str(saved["session"]), None
        self._core.infostore.write("identity", saved)

    def _check_refusal(self) -> None:
        """Raise LoginFailed while the last refusal holds: that of this process, or a throttle told to any."""
        clock = self._core.clock
        saved = self._core.infostore.read("identity")
        throttled = (number(saved.get("throttled_until")) or 0) - clock.now()
        if 0 < throttled <= LONGEST:  # a longer one is from a clock that was wrong
            msg = "it said not long ago that there were too many."
            raise self._entrance.refused(msg, throttled)
        if self._refusal is not None and (left := self._refusal.until - clock.monotonic()) > 0:
            error = LoginFailed(self._refusal.reason)
            error.retry_after = left if self._refusal.asked else None
            raise error

    def _note_refusal(self, refused: LoginFailed) -> None:
        clock, wait = self._core.clock, refused.retry_after
        self._refusal = Refusal(clock.monotonic() + (HOLD if wait is None else wait), str(refused), wait is not None)
        if wait is not None:
            until = int(clock.now() + wait)
            self._core.infostore.update("identity", lambda saved: saved.update(throttled_until=until))


def _is_cookie(row: JsonObject) -> bool:
    return all(isinstance(row.get(key), str) for key in ("name", "value", "domain", "path"))


__all__ = ["HOLD", "REQUESTS_OF_A_LOGIN", "Identity", "Refusal"]
