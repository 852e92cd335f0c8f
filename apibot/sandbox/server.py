"""The web server of a sandbox as seen from outside: its port, who answers there, and how."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from apibot.core.errors import SandboxError
from apibot.sandbox.mediawiki import brief
from apibot.sandbox.processes import wait_until
from apibot.sandbox.state import Facts

START_SECONDS = 30.0
"""Seconds in which the server must answer."""
_PORTS = range(20000, 30000)
"""Where a free port is looked for: below those that systems give to outgoing connections."""
_PROBE_SECONDS = 5.0
"""Seconds in which a server that is up says which one it is."""
_PROBE = "/apibot-sandbox"
"""Path that router.php answers itself."""


def free_port() -> int:
    """Return a port that nobody listens on; raises SandboxError if there seems to be none."""
    for _ in range(100):
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with suppress(SandboxError):
            return check_port(port)
    msg = f"No free port found between {_PORTS.start} and {_PORTS.stop}. Give one."
    raise SandboxError(msg)


def check_port(port: int) -> int:
    """Return the port; raises SandboxError if it can not be listened on."""
    try:
        with socket.socket() as probe:
            if os.name == "posix":  # as PHP does: a port whose connections have ended is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "no such port"
        msg = f"Port {port} on 127.0.0.1 can not be used ({reason}). Give another one, or none to get a free one."
        raise SandboxError(msg) from exc
    return port


def _request(facts: Facts, method: str, path: str, seconds: float = _PROBE_SECONDS) -> tuple[int, bytes] | None:
    """Ask the server for a path; return HTTP status and body, None if it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", facts.port, timeout=seconds)
    try:
        connection.request(method, path)
        reply = connection.getresponse()
        return reply.status, reply.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def which_round(facts: Facts) -> int | None:
    """Return which start of the server answers; None if none does, or one of another sandbox."""
    reply = _request(facts, "GET", _PROBE)
    identity, _, rounds = (reply[1] if reply else b"").partition(b" ")
    return int(rounds) if identity == facts.id.encode() else None


def wait_for(facts: Facts, dead: Callable[[], bool], rounds: int = 1) -> None:
    """Wait until the server of that start answers.

    Raises SandboxError if ``dead`` says that it never will, or after START_SECONDS.
    """
    wait_until(lambda: dead() or which_round(facts) == rounds, START_SECONDS)
    if which_round(facts) != rounds:
        msg = f"PHP's web server does not answer on port {facts.port}. Is the port taken, or the machine overloaded?"
        raise SandboxError(msg)


def forget_caches(facts: Facts) -> None:
    """Empty the server's caches: they know nothing of what a maintenance script changed."""
    _request(facts, "POST", _PROBE)


def ask_api(facts: Facts) -> None:
    """Ask the wiki for something simple; raises SandboxError if it does not answer as api.php does."""
    reply = _request(facts, "GET", "/api.php?action=query&meta=siteinfo&format=json&formatversion=2", START_SECONDS)
    if reply is None or reply[0] != HTTPStatus.OK or not reply[1].startswith(b'{"batchcomplete":true'):
        said = re.sub(r"<[^>]*>", " ", reply[1].decode(errors="replace")) if reply else "nothing"
        msg = f"The new wiki does not work. It said: {brief(said)}"
        raise SandboxError(msg)


__all__ = ["START_SECONDS", "ask_api", "check_port", "forget_caches", "free_port", "wait_for", "which_round"]
