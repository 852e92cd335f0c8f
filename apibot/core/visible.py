"""Texts of others, shown so that a terminal neither obeys nor hides anything in them."""

from __future__ import annotations

import re

_NONE = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
HIDDEN = re.compile(
    f"[{_NONE}\ufdd0-\ufdef\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""What a terminal obeys or hides: controls, marks of direction, separators of lines, half characters and no ones."""


def visible(text: str) -> str:
    """Return a text with all that a terminal would obey or hide written as JSON writes it."""
    return HIDDEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


__all__ = ["HIDDEN", "visible"]
