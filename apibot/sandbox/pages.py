"""Pages for a sandbox: read from files, and made ready for pages.php."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from apibot.core.errors import SandboxError

SUFFIXES = (".wiki", ".txt", ".mediawiki")
"""Ends of the names of files with wikitext."""


def folder_pages(folder: Path) -> Iterator[tuple[str, str]]:
    """Give title and text of each wikitext file in a folder, sorted by file name.

    The title is the file's name without its end, percent-decoded: ``A%2FB.wiki`` is the page ``A/B``.
    Raises SandboxError if there is no such file, or one is not UTF-8.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
    if not paths:
        msg = f"{folder}: no pages in it. Put wikitext there in files ending in {', '.join(SUFFIXES)}."
        raise SandboxError(msg)
    for path in paths:
        try:
            yield unquote(path.stem, errors="strict"), path.read_text(encoding="utf-8")
        except UnicodeDecodeError as exc:
            msg = f"{path}: its name or text is not UTF-8. Convert it."
            raise SandboxError(msg) from exc


def order(pages: Iterable[tuple[str, str]], user: str) -> str:
    """Return what pages.php reads: the pages to save, and the account that saves them.

    Raises SandboxError for a title or text that is no valid Unicode.
    """
    rows = list(pages)
    for title, text in rows:
        try:
            (title + text).encode()
        except UnicodeEncodeError as exc:
            msg = f"Page {title!r}: its title or text is no valid Unicode ({exc.reason})."
            raise SandboxError(msg) from exc
    return json.dumps({"user": user, "pages": rows})


__all__ = ["SUFFIXES", "folder_pages", "order"]
