"""Browser: HTTP transfers with one wiki, and with other hosts for ``bridge.xfer``.

The only package that imports requests and what is below it, and only with the first transfer.
"""

from apibot.core.browser.client import Browser
from apibot.core.browser.transfer import (
    Auth,
    Cookie,
    Counters,
    Direction,
    Download,
    FilePart,
    Meter,
    Moved,
    Prepared,
    Progress,
    Transfer,
    Watch,
)

__all__ = [
    "Auth",
    "Browser",
    "Cookie",
    "Counters",
    "Direction",
    "Download",
    "FilePart",
    "Meter",
    "Moved",
    "Prepared",
    "Progress",
    "Transfer",
    "Watch",
]
