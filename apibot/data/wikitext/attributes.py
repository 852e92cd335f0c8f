"""Attributes of tags and tables, as MediaWiki reads them (Sanitizer::decodeTagAttributes, 1.39)."""

from __future__ import annotations

import re
from html.entities import html5

_BLANK = r"[\t\n\f\r ]"
ATTRIBUTE = re.compile(
    rf"""([^\t\n\f\r />][^\t\n\f\r />=]*+)(?:{_BLANK}*+={_BLANK}*+("[^"]*+"?|'[^']*+'?|[^\t\n\f\r >]*+))?"""
)
"""A name, and its value as it is written."""
NAME = re.compile(r"[:_\w][:_\w.-]*+")
"""What can be a name."""
_SPACES = re.compile(r"[\t\r\n ]+")
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z0-9]+));")
_LAST = 0x10FFFF
_HALVES = (0xD800, 0xDFFF)


def attributes_of(text: str) -> dict[str, str]:
    """Return attributes by their names in small letters; of those given twice the last one."""
    found: dict[str, str] = {}
    for name, raw in ATTRIBUTE.findall(text):
        if NAME.fullmatch(name):
            value = raw.strip(raw[0]) if raw[:1] in {'"', "'"} else raw
            found[name.lower()] = _REFERENCE.sub(_character, _SPACES.sub(" ", value).strip())
    return found


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    if name:
        return html5.get(f"{name};", reference[0])
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code <= _LAST and not _HALVES[0] <= code <= _HALVES[1] else "\ufffd"


__all__ = ["ATTRIBUTE", "NAME", "attributes_of"]
