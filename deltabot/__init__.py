"""DeltaBot: jobs for wikis, written with Apibot; a consumer of the framework and no part of it.

Importing the package makes its jobs known: ``apibot job list``.
"""

from __future__ import annotations

from deltabot.double_redirect import double_redirect

__all__ = ["double_redirect"]
