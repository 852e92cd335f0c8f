"""Where a section is in a text, as the wiki's own parser counts (API:Parse, ``prop=sections``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from apibot.core.errors import BadParameter
from apibot.core.jsons import JsonObject


def section_range(sections: Sequence[JsonObject], number: int, length: int, title: str) -> tuple[int, int]:
    """Return where a section begins and ends, in characters, with its subsections.

    Parameters: ``sections``, as the wiki lists them for the revision; ``number``, the section's, 0 for the text
    before the first heading; ``length``, of the whole text; ``title``, for the message.
    Raises BadParameter if the page has no such section of its own.
    """
    own = [one for one in sections if isinstance(one.get("byteoffset"), int)]  # others come from templates
    starts = [cast("int", one["byteoffset"]) for one in own]
    if number == 0:
        return 0, starts[0] if starts else length
    at = next((place for place, one in enumerate(own) if str(one.get("index")) == str(number)), None)
    if at is None:
        numbers = ", ".join(str(one.get("index")) for one in own) or "none"
        msg = f"{title} has no section {number}; it has: 0, {numbers}."
        raise BadParameter(msg)
    level = int(str(own[at]["level"]))
    after = (starts[place] for place in range(at + 1, len(own)) if int(str(own[place]["level"])) <= level)
    return starts[at], next(after, length)


def with_section(text: str, start: int, end: int, new: str) -> str:
    """Return the text with a section replaced, set apart as MediaWiki's Parser::replaceSection does."""
    kept = new.rstrip()
    gap = "\n\n" if kept else ""
    return text[:start] + kept + gap + text[end:]


__all__ = ["section_range", "with_section"]
