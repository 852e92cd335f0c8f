"""The shell: the command ``apibot``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import cast

INTERRUPTED = 130
"""Exit status after Ctrl-C (128 + SIGINT)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the shell and return its exit status: 0 all done, 1 something failed, 2 wrong use, 130 interrupted.

    Parameters: ``arguments``, the words after ``apibot``; those of the process if None.
    """
    if reconfigure := cast("Callable[..., None] | None", getattr(sys.stdout, "reconfigure", None)):
        reconfigure(errors="backslashreplace")  # a title that the terminal's encoding does not have ends no run
    try:
        from apibot.cli.app import run

        return run(arguments)
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in {"typer", "rich"}:
            raise
        sys.stderr.write("apibot: the shell needs typer and rich. Install them: pip install 'apibot[shell]'\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("apibot: interrupted.\n")
        return INTERRUPTED


__all__ = ["INTERRUPTED", "main"]
