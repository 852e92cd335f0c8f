"""``python -m apibot.cli`` is the command ``apibot``."""

from __future__ import annotations

import sys

from apibot.cli import main

if __name__ == "__main__":
    sys.exit(main())
