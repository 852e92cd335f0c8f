"""Runs as the Bridge gives them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from apibot.bridge.bridge import Bridge
from apibot.runs import Planner, Run


class BridgeRun(Run):
    """A run with a Bridge whose writes belong to it."""

    @property
    def bridge(self) -> Bridge:
        """The functions of the wiki; what they write is counted, or planned."""
        return Bridge(self.core, self)


@contextmanager
def begun(bridge: Bridge, name: str, plan: str | Path | None) -> Generator[BridgeRun]:
    """Group writes for the time of a ``with`` block.

    Parameters: ``bridge``, that does them; ``name`` of the run; ``plan``, a file they are written into instead.
    """
    if plan is None:
        yield BridgeRun(name, bridge)
        return
    with Planner(bridge.core, plan) as planner:
        yield BridgeRun(name, planner)


__all__ = ["BridgeRun", "begun"]
