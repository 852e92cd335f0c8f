"""A real MediaWiki on this machine for everyone who writes bots: ``with Sandbox("demo") as wiki: ...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apibot.sandbox.state import SandboxAccount
    from apibot.sandbox.wiki import Sandbox, SandboxStatus, sandboxes

_HOMES = {
    "Sandbox": "apibot.sandbox.wiki",
    "SandboxAccount": "apibot.sandbox.state",
    "SandboxStatus": "apibot.sandbox.wiki",
    "sandboxes": "apibot.sandbox.wiki",
}
"""Where public names live; the watchdog and pytest's start do not pay for importing them."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        msg = f"module 'apibot.sandbox' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    return getattr(import_module(home), name)


__all__ = ["Sandbox", "SandboxAccount", "SandboxStatus", "sandboxes"]
