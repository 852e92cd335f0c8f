"""The assembly line: small objects strung up like Unix commands."""

from __future__ import annotations

from apibot.line.conditions import Condition, page
from apibot.line.line import Line, LineResult
from apibot.line.slots import (
    SLOTS,
    Slot,
    allpages,
    append,
    categorymembers,
    echo,
    edit,
    keep,
    querypage,
    recentchanges,
    replace,
)

__all__ = [
    "SLOTS",
    "Condition",
    "Line",
    "LineResult",
    "Slot",
    "allpages",
    "append",
    "categorymembers",
    "echo",
    "edit",
    "keep",
    "page",
    "querypage",
    "recentchanges",
    "replace",
]
