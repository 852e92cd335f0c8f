"""Attributes of tags and tables, as MediaWiki reads them (Sanitizer::decodeTagAttributes, 1.39)."""

from __future__ import annotations

import re

from apibot.data.references import REFERENCE, decoded

_BLANK = r"[\t\n\f\r ]"
ATTRIBUTE = re.compile(
    rf"""([^\t\n\f\r />][^\t\n\f\r />=]*+)(?:{_BLANK}*+={_BLANK}*+("[^"]*+"?|'[^']*+'?|[^\t\n\f\r >]*+))?"""
)
"""A name, and its value as it is written."""
NAME = re.compile(r"[:_\w][:_\w.-]*+")
"""What can be a name."""
_SPACES = re.compile(r"[\t\r\n ]+")


def attributes_of(text: str) -> dict[str, str]:
    """Return attributes by their names in small letters; of those given twice the last one."""
    found: dict[str, str] = {}
    for name, raw in ATTRIBUTE.findall(text):
        if NAME.fullmatch(name):
            value = raw.strip(raw[0]) if raw[:1] in {'"', "'"} else raw
            found[name.lower()] = REFERENCE.sub(decoded, _SPACES.sub(" ", value).strip())
    return found


__all__ = ["ATTRIBUTE", "NAME", "attributes_of"]
