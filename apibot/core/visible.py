"""Texts of others, shown so that a terminal neither obeys nor hides anything in them."""

from __future__ import annotations

import re

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Characters that a terminal obeys or hides: controls, marks of direction, separators of lines, half characters."""


def visible(text: str) -> str:
    """Return a text with all that a terminal would obey or hide written as JSON writes it."""
    return HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


__all__ = ["HIDDEN", "visible"]
