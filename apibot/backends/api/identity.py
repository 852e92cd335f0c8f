"""Identity: logs in with a bot password, and keeps the session for the next run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from apibot.backends.api.tokens import REQUEST
from apibot.core.errors import BadReply, LoginFailed
from apibot.core.jsons import Json, JsonObject, block, rows

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger
    from apibot.core.browser import Auth, Cookie
    from apibot.core.core import Core


class Identity:
    """The account of one core on its wiki; anonymous if the settings name none.

    A saved session is tried first.  If the wiki does not know it any more, the failing assertion of the first
    request leads to one new login.
    """

    def __init__(self, core: Core, exchanger: Exchanger) -> None:
        self._core = core
        self._exchanger = exchanger
        self._name: str | None = None
        self._lock = threading.RLock()
        self._generation = 0

    def assertion(self) -> str | None:
        """Return the account's name as the wiki knows it; logs in, or takes up the saved session, if need be."""
        if self._core.target.user is None:
            return None
        if self._name is None:
            with self._lock:
                if self._name is None and not self._take_up():
                    self._login()
        return self._name

    def auth(self) -> Auth | None:
        """Return what signs each request; None where cookies tell who it is."""
        return None

    @property
    def generation(self) -> int:
        """How many logins this process has made."""
        return self._generation

    def renew(self, generation: int) -> bool:
        """Log in anew, unless another thread has done so since that generation; False if anonymous."""
        if self._core.target.user is None:
            return False
        with self._lock:
            if self._generation == generation:
                self._login()
        return True

    def _take_up(self) -> bool:
        """Take up the saved session, if there is one that is whole."""
        saved = self._core.infostore.read("identity")
        name, cookies = saved.get("name"), rows(saved.get("cookies"))
        if not isinstance(name, str) or not cookies or not all(map(_is_cookie, cookies)):
            return False
        self._core.browser.set_cookies(cast("list[Cookie]", cookies))
        self._name = name
        return True

    def _login(self) -> None:
        """Log in with ``action=login`` (API:Login), as bot passwords do.

        Raises LoginFailed with the wiki's reason.
        """
        target, call = self._core.target, self._exchanger.call
        if target.user is None or target.password is None:
            msg = f"No password for {target.user!r} on {target.name}. Set APIBOT_PASSWORD."
            raise LoginFailed(msg)
        with self._core.browser.renewed():
            reply = call({"action": "query", "meta": "tokens", "type": "login"}, post=True, anonymous=True)
            token = str(block(block(reply.get("query")).get("tokens")).get("logintoken", ""))
            secrets = {"lgpassword": target.password.reveal(), "lgtoken": token}
            reply = call({"action": "login", "lgname": target.user, **secrets}, post=True, anonymous=True)
            result = block(reply.get("login"))
            if not result:
                msg = f"{target.api} gives no answer to a login. Is it an api.php?"
                raise BadReply(msg)
            if result.get("result") != "Success":
                msg = f"{target.name} refused the login of {target.user!r}: {_reason(result)}"
                raise LoginFailed(msg)
            # The wiki keeps what tokens are made of in the session, and requests at the same time overwrite each
            # other's: so the tokens are fetched before other threads have the session.
            tokens = call(REQUEST, anonymous=True)
            cookies = cast("list[Json]", self._core.browser.cookies())
        self._name = str(result["lgusername"])
        self._generation += 1
        if self._exchanger.tokens is not None:
            self._exchanger.tokens.take(tokens, self._generation)
        self._core.infostore.write("identity", {"name": self._name, "cookies": cookies})


def _is_cookie(row: JsonObject) -> bool:
    return all(isinstance(row.get(key), str) for key in ("name", "value", "domain", "path"))


def _reason(result: JsonObject) -> str:
    reason = result.get("reason")
    text = reason.get("text") if isinstance(reason, dict) else reason
    return str(text or result.get("result")).strip()


__all__ = ["Identity"]
