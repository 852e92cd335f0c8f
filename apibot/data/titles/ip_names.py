"""Names of user pages that are IP addresses: one spelling for each address, as MediaWiki has it."""

from __future__ import annotations

import re

_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|0?[0-9]?[0-9])"
_WORD = "[0-9A-Fa-f]{1,4}"
_V4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}(?:/(?:3[0-2]|[12][0-9]|[0-9]))?")
_V6 = re.compile(r"(?P<address>[0-9A-Fa-f:]+)(?P<range>/(?:12[0-8]|1[01][0-9]|[1-9][0-9]|[0-9]))?")
_WHOLE_V6 = re.compile(rf"{_WORD}(?::{_WORD}){{7}}")
_SHORT_V6 = re.compile(rf"(?P<before>(?:{_WORD}(?::{_WORD}){{0,6}})?)::(?P<after>(?:{_WORD}(?::{_WORD}){{0,6}})?)")
_ZEROS_V4 = re.compile(r"(?:^|(?<=\.))0+(?=[1-9]|0[./]|0$)")
_ZEROS_V6 = re.compile(rf"(^|:)0+({_WORD})")
_WORDS = 8
_LONGEST = 60
"""More characters than any address has."""


def address_name(name: str) -> str:
    """Return the name that MediaWiki gives the page of an address or a range (CIDR); any other name unchanged.

    IPv4 loses leading zeros, IPv6 gets capitals and all its words.  Source: Wikimedia's IPUtils::sanitizeIP.
    """
    if len(name) > _LONGEST:
        return name
    if _V4.fullmatch(name):
        return _ZEROS_V4.sub("", name)
    found = _V6.fullmatch(name)
    words = _all_words(found["address"], found["range"] or "") if found else None
    if found is None or words is None:
        return name
    return _ZEROS_V6.sub(r"\1\2", words.upper()) + (found["range"] or "")


def _all_words(address: str, cidr: str) -> str | None:
    """Return an IPv6 address with the words that ``::`` stands for, None for what is no address."""
    if _WHOLE_V6.fullmatch(address):
        return address
    short = _SHORT_V6.fullmatch(address)
    if short is None:
        return None
    before, after = (short[part].split(":") if short[part] else [] for part in ("before", "after"))
    gap = _WORDS - len(before) - len(after)
    if gap < 1:
        return None
    zeros = ["0"] * gap
    if not before and not after and cidr:
        return ":".join(zeros[1:]) + ":"  # ::/0 lacks its last word in MediaWiki, and so does its page
    return ":".join([*before, *zeros, *after])


__all__ = ["address_name"]
