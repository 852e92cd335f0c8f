"""The backend that talks with MediaWiki's api.php."""

from __future__ import annotations

from apibot.backends.api.backend import ApiBackend

__all__ = ["ApiBackend"]
