"""What the doctor's checks are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from apibot.core.errors import ApibotError

if TYPE_CHECKING:
    from apibot.bridge.bridge import Bridge
    from apibot.core.siteinfo import General
    from apibot.core.userinfo import UserInfo

Severity = Literal["ok", "advice", "problem"]


class Finding(NamedTuple):
    """One thing that was looked at."""

    severity: Severity
    topic: str
    text: str
    """What was found."""
    remedy: str = ""
    """What to do about it; "" if nothing."""


Findings = Iterator[Finding]


class Patient:
    """A bridge, and what was asked of its wiki just now."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.core = bridge.core
        self.target = bridge.core.target
        self.answers = False
        """Whether the wiki was found to answer."""

    @cached_property
    def general(self) -> General:
        """The wiki."""
        return self.bridge.info.general(fresh=True)

    @cached_property
    def account(self) -> UserInfo:
        """The account."""
        return self.bridge.info.user(fresh=True)


Check = Callable[[Patient], Findings]


def line(exc: ApibotError) -> str:
    """Return an error's message on one line."""
    return " ".join(str(exc).split())


def listed(words: list[str]) -> str:
    """Return words with commas between."""
    return ", ".join(words)


__all__ = ["Check", "Finding", "Findings", "Patient", "Severity", "line", "listed"]
