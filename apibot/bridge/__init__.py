"""The Bridge: functions for quick scripts."""

from __future__ import annotations

from apibot.bridge.bridge import Bridge
from apibot.bridge.rows import PageRows, PageSetRows

__all__ = ["Bridge", "PageRows", "PageSetRows"]
