"""Character references (``&amp;``, ``&#65;``) and what they stand for.

Source: MediaWiki 1.39's Sanitizer::decodeCharReferences and validateCodepoint.
"""

from __future__ import annotations

import re
from html.entities import html5

BAD = "\ufffd"
"""Stands for what can not be in a text."""
REFERENCE = re.compile("&(?:([A-Za-z0-9\x80-\U0010ffff]+;)|#([0-9]+);|#[xX]([0-9A-Fa-f]+);)")
_RIGHT_TO_LEFT = {"\u05e8\u05dc\u05de;": "\u200f", "\u0631\u0644\u0645;": "\u200f"}
"""Names for &rlm; that only MediaWiki knows."""
_REFERABLE = (range(0x9, 0xB), range(0x20, 0x7F), range(0xA0, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
"""Numbers of characters that a reference can stand for."""
_DIGITS = 8
"""More than any of these numbers has."""


def decoded(reference: re.Match[str]) -> str:
    """Return what a reference stands for: itself if its name is unknown, BAD for a number that can be no character."""
    name, decimal, hexadecimal = reference.groups()
    if name:
        return _RIGHT_TO_LEFT.get(name) or html5.get(name) or reference[0]
    digits = (decimal or hexadecimal).lstrip("0")
    code = int(digits or "0", 10 if decimal else 16) if len(digits) < _DIGITS else 0
    return chr(code) if any(code in numbers for numbers in _REFERABLE) else BAD


__all__ = ["BAD", "REFERENCE", "decoded"]
