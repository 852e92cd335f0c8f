"""Signatures: who signed and when.

A signature is a link to a user's page, talk page or contributions, shortly before a time stamp on the same line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.errors import BadParameter, InvalidTitle
from apibot.data.dates import ENGLISH, DateWords, find_timestamps
from apibot.data.titles.rules import USER, USER_TALK
from apibot.data.titles.title import Title
from apibot.data.wikitext.links import target_of
from apibot.data.wikitext.node import spans

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

CONTRIBUTIONS = "Contributions"
REACH = 300
"""Characters between the end of the last link and the time stamp; what the wiki takes as a signature has 255."""
_HIDDEN = "\x00"


class Signature(NamedTuple):
    """A signature; a time stamp without a user's link before it has ``user`` None."""

    user: str | None
    """Name of the user, as the wiki writes it; an IP address for one who was not logged in."""
    time: datetime
    """In UTC."""
    start: int
    """Where the last link to the user begins in the text, or the time stamp if there is none; in characters from 0."""
    end: int
    """End of the time stamp."""


def signatures_of(document: Wikitext, words: DateWords | None = None) -> list[Signature]:
    """Return the signatures in a text, in order.

    Parameters: ``document``; ``words``, of dates in the language of the wiki's content; they may be left out where
    that is English, and elsewhere BadParameter is raised without them.
    What is in comments, ``<nowiki>`` and the like is none.  A time stamp that `find_timestamps` does not read is left
    out.
    """
    language = document.site.setting("lang")
    if words is None and language and not language.startswith("en"):
        msg = f"The dates of this wiki are in {language}: give their words (bridge.date_words())."
        raise BadParameter(msg)
    text = _shown(document)
    links = list(_users(document))
    found: list[Signature] = []
    at = done = 0
    for stamp in find_timestamps(text, document.site, words or ENGLISH):
        user, start = None, stamp.start
        while at < len(links) and links[at][1] <= stamp.start:
            begin, end, name = links[at]
            if begin >= done and stamp.start - end <= REACH and "\n" not in text[end : stamp.start]:
                user, start = name, begin
            at += 1
        found.append(Signature(user, stamp.time, start, stamp.end))
        done = stamp.end
    return found


def _shown(document: Wikitext) -> str:
    """Return the text with as many other characters for those that nobody sees as a signature."""
    text = str(document)
    out: list[str] = []
    done = 0
    hidden = [span for span in spans(document.pieces) if span.node.kind == "comment" or span.node.raw]
    for span in sorted(hidden, key=lambda span: span.start):
        if span.start >= done:
            out += text[done : span.start], _HIDDEN * (span.end - span.start)
            done = span.end
    return "".join([*out, text[done:]])


def _users(document: Wikitext) -> Iterator[tuple[int, int, str]]:
    """Give the links to users, from first to last: where they begin and end, and whose they are."""
    for span in sorted(spans(document.pieces), key=lambda span: span.start):
        found = target_of(span.node, document) if span.node.kind == "link" else None
        name = _user(found.title) if found and found.title else None
        if name:
            yield span.start, span.end, name


def _user(title: Title) -> str | None:
    """Return whose page a title is."""
    if title.interwiki:
        return None
    if title.ns in {USER, USER_TALK}:
        return title.name.partition("/")[0] or None
    special = title.special
    if special is None or special.name != CONTRIBUTIONS or not special.subpage:
        return None
    try:
        return Title.of(USER, special.subpage, title.site).name
    except InvalidTitle:
        return None


__all__ = ["CONTRIBUTIONS", "REACH", "USER", "USER_TALK", "Signature", "signatures_of"]
