"""Apibot: a MediaWiki bot framework.

from apibot import StandaloneBridge

with StandaloneBridge("sandbox") as bridge:
    print(bridge.fetch("Main Page").text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apibot.bridge import Bridge
    from apibot.composition import StandaloneBridge, connect

    __version__: str

_HOMES = {
    "Bridge": "apibot.bridge",
    "StandaloneBridge": "apibot.composition",
    "__version__": "apibot.composition",
    "connect": "apibot.composition",
}
"""Where public names live; they are imported when first used, so that parts stay cheap to import."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        msg = f"module 'apibot' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    module = import_module(home)
    return module.VERSION if name == "__version__" else getattr(module, name)


__all__ = ["Bridge", "StandaloneBridge", "__version__", "connect"]
