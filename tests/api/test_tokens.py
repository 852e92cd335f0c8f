"""Tokens: all kinds, several in one request, each account its own."""

from __future__ import annotations

import pytest

from apibot.backends.api.backend import ApiBackend
from apibot.backends.api.tokens import KINDS, Tokens
from apibot.bridge import Bridge
from apibot.core.errors import PermissionDenied
from tests.api.conftest import Connect
from tests.support.proxy import Wire


def tokens(bridge: Bridge) -> Tokens:
    backend = bridge.core.backends["api"]
    assert isinstance(backend, ApiBackend)
    return backend.tokens


def test_all_kinds_come_by_one_request(connect_via: Connect, wire: Wire) -> None:
    bridge = connect_via()
    bridge.fetch("Main Page")
    tokens(bridge).drop()
    wire.clear()
    held = {kind: tokens(bridge).get(kind) for kind in KINDS}
    assert [request.params["type"] for request in wire.requests] == ["|".join(KINDS)]
    assert all(token.endswith("+\\") for token in held.values())
    assert held["csrf"] != held["userrights"]


def test_a_kind_beyond_these(bridge: Bridge, wire: Wire) -> None:
    assert tokens(bridge).get("csrf")
    wire.clear()
    assert tokens(bridge).get("createaccount")
    assert tokens(bridge).get("createaccount")
    assert len(wire.requests) == 1
    assert tokens(bridge).get("csrf")
    assert len(wire.requests) == 1, "those known before are not lost"


def test_a_kind_that_the_wiki_does_not_know(bridge: Bridge) -> None:
    with pytest.raises(PermissionDenied, match="gives no frobnicate token"):
        tokens(bridge).get("frobnicate")


def test_each_account_has_its_own(connect_via: Connect) -> None:
    assert tokens(connect_via("bot")).get("csrf") != tokens(connect_via("sysop")).get("csrf")
    assert tokens(connect_via(None)).get("csrf") == "+\\", "who is not logged in has one that is no secret"


def test_a_lost_session_brings_new_ones(bridge: Bridge, wire: Wire, title: str) -> None:
    before = tokens(bridge).get("csrf")
    bridge.core.browser.set_cookies([])
    bridge.edit(title, text="Made.")
    assert tokens(bridge).get("csrf") != before
    used = [request.params["token"] for request in wire.of("edit") if "token" in request.params]
    assert used[-1] == tokens(bridge).get("csrf")
