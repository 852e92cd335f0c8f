"""Tasks: declarations of what a bot can do; data only."""

from __future__ import annotations

from apibot.tasks.pages import CallAction, Edit, EditResult, Fetch, Purge, PurgeResult

__all__ = ["CallAction", "Edit", "EditResult", "Fetch", "Purge", "PurgeResult"]
