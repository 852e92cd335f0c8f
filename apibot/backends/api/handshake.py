"""The three legs of OAuth 1.0a (Extension:OAuth, "OAuth for Developers"), by which a user lets a consumer in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, cast
from urllib.parse import parse_qs, urlencode, urljoin

from apibot.backends.api.oauth import quiet
from apibot.core.errors import BadParameter, LoginFailed, SettingsError, TimedOut, WikiError
from apibot.core.schema import AccountSettings
from apibot.core.secret import Secret

if TYPE_CHECKING:
    from apibot.core.core import Core

OOB = "oob"
"""Callback of who has no address to be called at: the wiki shows the verifier to the user, who hands it on."""
T = TypeVar("T")


class _Token(NamedTuple):
    """A key with its secret, as mwoauth has them."""

    key: str
    secret: str


class _Handshaker(Protocol):
    """What is used of mwoauth.Handshaker."""

    def initiate(self, callback: str) -> tuple[str, _Token]: ...

    def complete(self, request_token: _Token, response_qs: str) -> _Token: ...


class Handshake:
    """One authorisation: begun when this is made, ended by ``complete``.

    Parameters: ``core``, anonymous, of the wiki; ``key`` and ``secret`` of the consumer; ``callback``, the address on
    this machine to which the wiki sends the user's browser, or OOB.
    Raises SettingsError where the settings name a way to hosts that it can not go; LoginFailed if the wiki does not
    know the consumer or refuses the callback; TimedOut.
    """

    def __init__(self, core: Core, key: str, secret: Secret, callback: str = OOB) -> None:
        browser = core.settings.browser
        if browser.proxies or browser.ca:
            msg = "Three legs of OAuth know no browser.proxies and browser.ca. Use https_proxy and REQUESTS_CA_BUNDLE."
            raise SettingsError(msg)
        quiet()
        import mwoauth  # pyright: ignore[reportMissingTypeStubs]  # it has no types

        self._core = core
        self._consumer = (key, secret)
        try:
            script = core.info.general().script
        except WikiError:  # a wiki that tells nothing to strangers
            script = "index.php"
        index = urljoin(core.target.api, script)  # the host stays that of api.php
        self._shaker = cast(
            "_Handshaker",
            mwoauth.Handshaker(
                index, mwoauth.ConsumerToken(key, secret.reveal()), user_agent=core.browser.user_agent.encode()
            ),
        )
        address, self._request = self._leg(lambda: self._shaker.initiate(callback))
        self.address = address
        """Where the user has to go with a browser, and say yes."""
        self.token = self._request.key
        """By which the wiki's answer is known to belong to this handshake."""

    def complete(self, verifier: Secret) -> AccountSettings:
        """Return the account that the user let in, its name not yet known.

        Parameters: ``verifier``, what the wiki showed or sent.
        Raises LoginFailed if the wiki does not take it, TimedOut.
        """
        answer = urlencode({"oauth_token": self._request.key, "oauth_verifier": verifier.reveal().strip()})
        access = self._leg(lambda: self._shaker.complete(self._request, answer))
        key, secret = self._consumer
        return AccountSettings(
            method="oauth1",
            consumer_key=key,
            consumer_secret=secret,
            access_token=Secret(access.key),
            access_secret=Secret(access.secret),
        )

    def _leg(self, ask: Callable[[], T]) -> T:
        """Do one of the exchanges in a thread, since mwoauth knows no time-outs; its errors may hold secrets."""
        ended: list[T] = []
        failed: list[str] = []

        def run() -> None:
            try:
                ended.append(ask())
            except Exception as exc:  # noqa: BLE001  # mwoauth raises whatever happens as it reads an error page
                failed.append(type(exc).__name__)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self._core.settings.timeout)
        if ended:
            return ended[0]
        name = self._core.target.name
        if thread.is_alive():
            msg = f"{name}: no answer in time to the handshake of OAuth. Try again later."
            raise TimedOut(msg)
        msg = (
            f"{name} refused the handshake of OAuth ({failed[0]}). Are key and secret those of an approved OAuth 1.0a "
            "consumer of this wiki, its callback as registered, and the verifier fresh?"
        )
        raise LoginFailed(msg)


class Listener:
    """Waits on 127.0.0.1 for the user's browser that the wiki sends back.

    Parameters: ``port``, 0 for a free one.
    Raises BadParameter if the port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        import http.server

        caught: list[tuple[str, str]] = []
        self._caught = caught

        class Handler(http.server.BaseHTTPRequestHandler):
            """Takes the one request that is meant."""

            timeout = 5  # seconds, so that a connection that says nothing does not keep the browser out

            def do_GET(self) -> None:
                """Note token and verifier."""
                given = parse_qs(self.path.partition("?")[2])
                found = "oauth_verifier" in given and "oauth_token" in given
                if found:
                    caught.append((given["oauth_token"][0], given["oauth_verifier"][0]))
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"Done. You can close this window.\n" if found else b"Nothing is here.\n")

            def log_message(self, format: str, *args: object) -> None:
                """Write nothing: the address holds the verifier."""

        try:
            self._server = http.server.HTTPServer(("127.0.0.1", port), Handler)
        except OSError as exc:
            msg = f"Port {port} on 127.0.0.1 can not be listened on ({exc.strerror}). Give another one, or 0."
            raise BadParameter(msg) from exc
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/"
        """The callback to give to the wiki."""

    def wait(self, token: str, clock: Callable[[], float], seconds: float) -> Secret:
        """Return the verifier for a request token; LoginFailed if it does not come within the seconds given."""
        until = clock() + seconds
        while True:
            for came, verifier in self._caught:
                if came == token:
                    return Secret(verifier)
            self._server.timeout = max(0.0, until - clock())
            if not self._server.timeout:
                msg = f"Nobody came back from the wiki within {seconds:.0f} s. Try again, or without --listen."
                raise LoginFailed(msg)
            self._server.handle_request()

    def close(self) -> None:
        """Listen no more."""
        self._server.server_close()


__all__ = ["OOB", "Handshake", "Listener"]
