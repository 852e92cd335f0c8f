"""``apibot doctor``: what stands in a bot's way on a wiki, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from apibot.cli.options import Account, AsJson, WikiName, connected
from apibot.cli.show import say, write, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apibot.bridge.doctor import Finding
    from apibot.core.core import Core

PATIENCE = 10.0
"""Seconds that waiting and trying again may take for one request, at most: what keeps a bot waiting is to be told."""


def doctor(*, wiki: WikiName = None, account: Account = None, as_json: AsJson = False) -> None:
    """Look for what stands in a bot's way, and say what to do about it.

    Looked at are the address, the login, rights and grants, limits, block, clocks, lag, files, and what is out of date.
    The exit status is 1 if there is a problem; advice makes no difference to it.
    """
    with connected(wiki, account) as bridge:
        _hurry(bridge.core)
        found = bridge.doctor()
    for one in found:
        if as_json:
            write_json(one)
        else:
            write(f"{one.severity:<8} {one.topic}: {one.text}")
            if one.remedy:
                write(f"{'':<8} -> {one.remedy}")
    say(_told(found))
    raise typer.Exit(1 if any(one.severity == "problem" for one in found) else 0)


def _hurry(core: Core) -> None:
    """Let the core, which is the doctor's own, give up soon."""
    retry = core.settings.retry
    core.settings = replace(core.settings, retry=replace(retry, budget=min(retry.budget, PATIENCE)))


def _told(found: Sequence[Finding]) -> str:
    names = {"problem": "problems", "advice": "advice", "ok": "well"}
    return ", ".join(f"{name}: {sum(one.severity == key for one in found)}" for key, name in names.items())


__all__ = ["PATIENCE", "doctor"]
