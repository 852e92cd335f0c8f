"""Tokens: what the wiki wants to see with every write."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from apibot.core.errors import LoginFailed, PermissionDenied
from apibot.core.hooks import Hooks, hookable
from apibot.core.jsons import JsonObject, block
from apibot.core.secret import Secret

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger

KINDS = ("csrf", "patrol", "rollback", "userrights", "watch")
"""All are fetched by the one request that the first of them needs."""
ROUNDS = 5
"""How often tokens are fetched again because the session ended meanwhile."""
REQUEST = {"action": "query", "meta": "tokens", "type": KINDS}


class Tokens:
    """The tokens of one session; kept in memory only."""

    def __init__(self, exchanger: Exchanger) -> None:
        self._exchanger = exchanger
        self._held: dict[str, str] = {}
        self._generation = 0
        self._lock = threading.Lock()
        self._fetching = threading.Lock()  # never wanted by a login, which a lost session may lead to from here

    label = "API_Tokens"

    @property
    def hooks(self) -> Hooks:
        """The hooks of the core."""
        return self._exchanger.hooks

    @hookable
    def get(self, kind: str) -> str:
        """Return the token of a kind: one of KINDS, or another that the wiki's extensions know (API:Tokens).

        Raises PermissionDenied if the wiki gives none.
        """
        with self._fetching:
            for _round in range(ROUNDS):
                generation = self._generation_now()  # a session may be renewed while tokens are fetched
                with self._lock:
                    held = self._held if self._generation == generation else {}
                if kind in held:
                    return held[kind]
                request = REQUEST if kind in KINDS else {**REQUEST, "type": (*KINDS, kind)}
                self.take(self._exchanger.call(request), generation)
                with self._lock:
                    given = kind in self._held
                if not given:
                    code, text = "notoken", f"the wiki gives no {kind} token to this account"
                    raise PermissionDenied(code, text)
        msg = f"{ROUNDS} sessions ended before the wiki gave a token. Does another program log this account out?"
        raise LoginFailed(msg)

    def take(self, reply: JsonObject, generation: int) -> None:
        """Take the tokens of a reply, which belong to the session of a generation."""
        found = block(block(reply.get("query")).get("tokens"))
        self._exchanger.core.log.hide(*(Secret(str(value)) for value in found.values()), passing=True)
        with self._lock:
            self._held = {key.removesuffix("token"): str(value) for key, value in found.items()}
            self._generation = generation

    def _generation_now(self) -> int:
        identity = self._exchanger.identity
        return 0 if identity is None else identity.generation

    def drop(self) -> None:
        """Forget all tokens: they are bound to a session that has ended."""
        with self._lock:
            self._held = {}


__all__ = ["KINDS", "REQUEST", "ROUNDS", "Tokens"]
