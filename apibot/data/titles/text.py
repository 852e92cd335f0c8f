"""What is done to a text before it is taken apart as a title: references decoded, white space and marks cleaned.

Source: MediaWiki 1.39's Sanitizer::decodeCharReferencesAndNormalize and the first steps of its MediaWikiTitleCodec.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.entities import html5
from itertools import islice

from apibot.data.pages import cleaned

BAD = "\ufffd"
"""Stands for what can not be in a text."""
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e]+")
_SPACE = "[ _\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_SPACES = re.compile(f"{_SPACE}+")
_REFERENCE = re.compile("&(?:([A-Za-z0-9\x80-\U0010ffff]+;)|#([0-9]+);|#[xX]([0-9A-Fa-f]+);)")
_UNIT = re.compile(rf"{_REFERENCE.pattern}|{_SPACE}++|[\s\S]")
_BOUNDARY = "\u0300"
"""Characters before this, and BAD, do not melt into what stands before them."""
_RIGHT_TO_LEFT = {"\u05e8\u05dc\u05de;": "\u200f", "\u0631\u0644\u0645;": "\u200f"}
"""Names for &rlm; that only MediaWiki knows."""
_REFERABLE = (range(0x9, 0xB), range(0x20, 0x7F), range(0xA0, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
"""Numbers of characters that a reference can stand for."""
_DIGITS = 8
"""More than any of these numbers has."""


def key_of(text: str, clean: Callable[[str], str], *, references: bool) -> str:
    """Return a text cleaned: normal form, no marks of direction, one blank for white space, none at the ends.

    Parameters: ``text``; ``clean``, what the wiki does to all it is sent; ``references``, whether the text may have
    character references.
    """
    found = clean(text)
    if references and "&" in found:
        found = clean(_REFERENCE.sub(_decoded, found))
    return _SPACES.sub(" ", _BIDI.sub("", found)).strip(" ")


def origin(text: str, at: int, *, references: bool) -> int:
    """Return where in a text a character of its key comes from; the text's end for what is beyond."""
    return next(islice(_origins(text, references=references), at, None), len(text))


def _origins(text: str, *, references: bool) -> Iterator[int]:
    """Give where the characters of a text's key come from."""
    blank: int | None = None
    started = False
    for character, where in _traced(text, references=references):
        if _BIDI.match(character):
            continue
        if _SPACES.match(character):
            blank = where if blank is None else blank
            continue
        if blank is not None and started:
            yield blank
        started, blank = True, None
        yield where


def _traced(text: str, *, references: bool) -> Iterator[tuple[str, int]]:
    """Give the characters of a text after decoding and normalisation, each with where it comes from."""
    group = ""
    origins: list[int] = []
    for unit in _UNIT.finditer(text):
        decoded = unit[0]
        if len(decoded) > 1:
            decoded = " " if _SPACES.match(decoded) else _decoded(unit) if references else decoded
        decoded = cleaned(decoded)
        if group and (decoded < _BOUNDARY or decoded.startswith(BAD)):
            yield from _melted(group, origins)
            group, origins = "", []
        group += decoded
        origins += [unit.start()] * len(decoded)
    yield from _melted(group, origins)


def _melted(group: str, origins: list[int]) -> Iterator[tuple[str, int]]:
    """Give the characters of a group in normal form."""
    for number, character in enumerate(cleaned(group)):
        yield character, origins[min(number, len(origins) - 1)]


def _decoded(reference: re.Match[str]) -> str:
    """Return what a character reference stands for."""
    name, decimal, hexadecimal = reference.groups()
    if name:
        return _RIGHT_TO_LEFT.get(name) or html5.get(name) or reference[0]
    digits = (decimal or hexadecimal).lstrip("0")
    code = int(digits or "0", 10 if decimal else 16) if len(digits) < _DIGITS else 0
    return chr(code) if any(code in numbers for numbers in _REFERABLE) else BAD


__all__ = ["BAD", "key_of", "origin"]
