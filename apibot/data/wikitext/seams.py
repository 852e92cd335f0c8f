"""Seams: what edits put beside each other must not become something else together."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from apibot.core.errors import BadText
from apibot.data.pages import cleaned
from apibot.data.wikitext import redirect
from apibot.data.wikitext.node import Pieces, is_open, spans, walked, written
from apibot.data.wikitext.outline import opened
from apibot.data.wikitext.switchwords import refuse_new_words
from apibot.data.wikitext.table.layout import layouts_of

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

_LEFT_OVER = frozenset({"table", "text"})
"""Kinds that are not there when a text is read."""
_JOINED = re.compile("[<>=][^\0-\u02ff]*?\u0338")
"""What Unicode's normal form, in which the wiki stores texts, makes one sign of: U+226E, U+226F, U+2260."""
Shape = tuple[int, int, int, str, str, int]


def checked_text(document: Wikitext) -> str:
    """Return the text of a document that was changed.

    Raises BadText if it would be read otherwise than the changes meant: a brace joined another one, a heading came
    out of what stands beside it.  So no such text is ever saved.
    """
    text = written(document.pieces)
    if text == document.sound:
        return text
    again = redirect.read(text, document.site)
    found = _difference(document.pieces, again)
    if found is not None and any(node.kind == "table" for node in walked(document.pieces)):
        for layout in layouts_of(again):  # to change a table takes links apart that stand around it
            layout.put_in()
        found = _difference(document.pieces, again)
    if found is not None and document.outline:  # which takes brackets apart that stand around a heading
        found = _difference(document.pieces, opened(again))
    if found is not None:
        raise BadText(text, "with what was changed it would be read as something else here", found)
    refuse_new_words(document.pieces, again, document.site)
    _refuse_joined(text, document)
    document.sound = text
    return text


def _refuse_joined(text: str, document: Wikitext) -> None:
    """Refuse a text that the wiki would read otherwise once it is stored."""
    joined = _JOINED.search(text)
    if joined:
        sent, stored = (redirect.read(one, document.site) for one in (text, cleaned(text)))
        if _kinds(sent) != _kinds(stored):
            raise BadText(
                text, "the wiki makes one sign of these, and the page would be read otherwise", joined.start()
            )


def _kinds(pieces: Pieces) -> list[tuple[str, str, int, bool]]:
    """Return what stands in pieces, in order, wherever it is: kinds, names or how headings begin, parts, open ends."""
    nodes = (node for node in walked(pieces))
    return [
        (node.kind, node.begin if node.kind == "heading" else node.name, len(node.parts), is_open(node))
        for node in nodes
    ]


def _difference(pieces: Pieces, again: Pieces) -> int | None:
    """Return the first place where two readings differ, None if none does."""
    for ours, theirs in zip_longest(_shapes(pieces), _shapes(again)):
        if ours != theirs:
            return min(one[0] for one in (ours, theirs) if one)
    return None


def _shapes(pieces: Pieces) -> list[Shape]:
    """Return what is where in pieces: two readings are the same if these are.

    A comment behind a heading may stand in its line or beside it, which is the same.
    """
    return sorted(
        (
            one.start,
            one.first,
            one.first if one.node.kind == "heading" else one.end,
            one.node.kind,
            one.node.name,
            len(one.node.parts),
        )
        for one in spans(pieces)
        if one.node.kind not in _LEFT_OVER
    )


__all__ = ["Shape", "checked_text"]
