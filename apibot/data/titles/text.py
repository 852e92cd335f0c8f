"""What is done to a text before it is taken apart as a title: references decoded, white space and marks cleaned.

Source: MediaWiki 1.39's Sanitizer::decodeCharReferencesAndNormalize and the first steps of its MediaWikiTitleCodec.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from apibot.data.pages import cleaned
from apibot.data.references import BAD, REFERENCE, decoded

_BIDI = re.compile("[\u200e\u200f\u202a-\u202e]+")
_SPACE = "[ _\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_SPACES = re.compile(f"{_SPACE}+")
_UNIT = re.compile(rf"{REFERENCE.pattern}|{_SPACE}++|[\s\S]")
_BOUNDARY = "\u0300"
"""Characters before this, and BAD, do not melt into what stands before them."""


def key_of(text: str, clean: Callable[[str], str], *, references: bool) -> str:
    """Return a text cleaned: normal form, no marks of direction, one blank for white space, none at the ends.

    Parameters: ``text``; ``clean``, what the wiki does to all it is sent; ``references``, whether the text may have
    character references.
    """
    found = clean(text)
    if references and "&" in found:
        found = clean(REFERENCE.sub(decoded, found))
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
        character = unit[0]
        if len(character) > 1:
            character = " " if _SPACES.match(character) else decoded(unit) if references else character
        character = cleaned(character)
        if group and (character < _BOUNDARY or character.startswith(BAD)):
            yield from _melted(group, origins)
            group, origins = "", []
        group += character
        origins += [unit.start()] * len(character)
    yield from _melted(group, origins)


def _melted(group: str, origins: list[int]) -> Iterator[tuple[str, int]]:
    """Give the characters of a group in normal form."""
    for number, character in enumerate(cleaned(group)):
        yield character, origins[min(number, len(origins) - 1)]


__all__ = ["key_of", "origin"]
