"""What a heading is called: the text that readers see, and the anchor by which links lead to it.

Rule: MediaWiki's Parser::finalizeHeadings (1.39).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from apibot.core.errors import InvalidTitle
from apibot.core.site import small
from apibot.data.pages import TRIMMED
from apibot.data.references import REFERENCE, decoded
from apibot.data.titles.title import Title
from apibot.data.wikitext.links import target_of
from apibot.data.wikitext.node import Node, Pieces, flat, visible, written

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

_INLINE = """
    abbr b bdi bdo big br cite code data del dfn em font i ins kbd mark q rp rt ruby s samp small span strike strong
    sub sup time tt u var wbr
"""
INLINE = frozenset(_INLINE.split())
"""Tags of HTML that leave only what is in them."""
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?:[\s/][^<>]*)?>")
_OTHER_TAG = re.compile(r"<(?=[A-Za-z/!])")
_ADDRESS = re.compile(r"\[(?:(?:https?|ftps?):)?//[^\s\[\]<>\"]++([ \t]*+)([^\[\]\n]*+)\]", re.IGNORECASE)
_QUOTES = re.compile("'{2,}")
_SPACES = re.compile("[ _]+")
_SWITCH = re.compile(r"__\w+__|＿＿")  # noqa: RUF001  # full-width underscores
_BOLD, _PLAIN_AND_BOLD, _BOTH = 3, 4, 5  # apostrophes
_MOST = 1024
"""Characters of an anchor."""


def shown(heading: Node, document: Wikitext) -> str | None:
    """Return what readers see of a heading, without markup; None where only the wiki can tell."""
    text = _without_constructs(heading.parts[0], document)
    if text is None or _SWITCH.search(text):
        return None
    text = _ADDRESS.sub(lambda found: found[2] if found[1] and found[2] else "<!>", text)
    text = _without_quotes(_without_tags(text))
    if text is None or _OTHER_TAG.search(text):
        return None
    return _collapsed(REFERENCE.sub(decoded, _collapsed(text)))


def name_key(pieces: Pieces) -> str:
    """Return by what headings are compared with a name: without comments, blanks and underscores being the same."""
    return _collapsed(visible(pieces))


def anchors(headings: Sequence[Node], document: Wikitext) -> list[str | None]:
    """Return the anchors of headings in their order: those of the same name are told apart by numbers, ``A_2``.

    None where only the wiki can tell. Headings that templates make are not counted.
    """
    found: list[str | None] = []
    taken: dict[str, int] = {}
    for heading in headings:
        text = shown(heading, document)
        if text is None:
            found.append(None)
            continue
        anchor = re.sub(r"[\t\n\f\r ]", "_", _as_fragment(text, document)[:_MOST])
        key = small(anchor)
        number = taken.get(key, 0)
        if number:
            number += 1
            while f"{key}_{number}" in taken:
                number += 1
            anchor = f"{anchor}_{number}"
            taken[f"{key}_{number}"] = 1
        taken[key] = max(number, 1)
        found.append(anchor)
    return found


def _as_fragment(text: str, document: Wikitext) -> str:
    try:
        return Title.parse(f"#{text}", document.site).fragment
    except InvalidTitle:
        return text


def _collapsed(text: str) -> str:
    return _SPACES.sub(" ", text).strip(TRIMMED)


def _without_constructs(pieces: Pieces, document: Wikitext) -> str | None:
    """Return the text with what links show, and what nowiki keeps written so that no markup is in it."""
    out: list[str] = []
    left: Pieces = list(reversed(flat(pieces)))
    while left:
        piece = left.pop()
        if isinstance(piece, str):
            out.append(piece)
        elif piece.kind == "link":
            inner = _shown_of_link(piece, document)
            if inner is None:
                return None
            left += reversed(inner)
        elif piece.kind == "tag" and piece.name == "nowiki":
            out.append(_kept(written(piece.parts[0]) if piece.parts else ""))
        elif piece.kind == "equals":
            out.append("=")
        elif piece.kind not in {"comment", "ignored"}:
            return None
    return "".join(out)


def _shown_of_link(node: Node, document: Wikitext) -> Pieces | None:
    found = target_of(node, document)
    if found is None or found.kind != "page" or found.title is None:
        return None
    parts = [piece for part in node.parts[1:] for piece in ("|", *part)][1:]
    return parts or [_kept(visible(node.parts[0]).strip().removeprefix(":"))]


def _kept(text: str) -> str:
    for sign, reference in (("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("[", "&#91;"), ("_", "&#95;")):
        text = text.replace(sign, reference)
    return text


def _without_tags(text: str) -> str:
    return _TAG.sub(lambda found: "" if found[1].lower() in INLINE else found[0], text)


def _without_quotes(text: str) -> str | None:
    """Take the marks of bold and italic off; None where a lone one of each leaves it open which is an apostrophe."""
    runs = [len(found[0]) for found in _QUOTES.finditer(text)]
    bold = sum(1 for run in runs if run >= _BOLD)
    italic = sum(1 for run in runs if run < _BOLD or run >= _BOTH)
    if bold % 2 and italic % 2:
        return None
    return _QUOTES.sub(
        lambda found: "'" * (1 if len(found[0]) == _PLAIN_AND_BOLD else max(len(found[0]) - _BOTH, 0)), text
    )


__all__ = ["INLINE", "anchors", "name_key", "shown"]
