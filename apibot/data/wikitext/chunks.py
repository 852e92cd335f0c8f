"""Setting sections in another order, with sane blank lines between them and all else as it was.

A chunk is the pieces from a heading to the next.  Its core goes where it goes; the blank lines after it go along,
save at the end of the text: what the text ended with stays its end, with the foot of the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from apibot.core.errors import BadText
from apibot.data.wikitext.foot import foot_start
from apibot.data.wikitext.node import Node, Pieces, merged, written
from apibot.data.wikitext.outline import Chunk, Outline, chunk_of, divided, inclusion, opened, outline_of
from apibot.data.wikitext.scan import scan

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

GAP = "\n\n"
"""What sets a new section off from what follows."""
BLANK = " \t\n"


def parted(chunk: Pieces) -> tuple[Pieces, str]:
    """Return a chunk without the line end and blank lines that it ends with, and these."""
    pieces = merged(chunk)
    last = pieces[-1] if pieces else ""
    if not isinstance(last, str):
        return pieces, ""
    end = last.find("\n", len(last.rstrip(BLANK)))
    return (pieces, "") if end < 0 else (merged([*pieces[:-1], last[:end]]), last[end:])


def closing(outline: Outline) -> tuple[Pieces, Pieces]:
    """Return the last chunk without what the text ends with, and this: blank lines, and the foot of the page."""
    pieces = merged(outline.chunks()[-1])
    first = foot_start(pieces, outline.document)
    core, blank = parted(pieces[:first])
    return core, merged([blank, *pieces[first:]])


def ended(core: Pieces, end: Pieces) -> Pieces:
    """Return a chunk that ends with what the text ends with; on a line of its own if that is more than blank lines."""
    first = end[0] if end else ""
    if not core and isinstance(first, str) and len(end) > 1:
        return [first.lstrip("\n"), *end[1:]]
    return [*core, *([GAP] if core and isinstance(first, Node) else []), *end]


def without(outline: Outline, gone: Sequence[bool]) -> list[Pieces]:
    """Return the chunks that stay; if the last one goes, the blank lines before it go too, not the end of the text."""
    kept = [chunk for chunk, goes in zip(outline.chunks(), gone, strict=True) if not goes]
    if gone[-1]:
        kept[-1] = ended(parted(kept[-1])[0], closing(outline)[1])
    return kept


def reordered(outline: Outline, order: Sequence[int]) -> list[Pieces]:
    """Return all chunks in another order; the one that is last now ends the text as the other did."""
    chunks = outline.chunks()
    found = [chunks[at] for at in order]
    last = len(found) - 1
    if order[-1] != last:
        before, after = closing(outline), parted(found[-1])
        found[order.index(last)] = [*before[0], after[1]]
        found[-1] = ended(after[0], before[1])
    return found


def joined(outline: Outline, at: int, new: Sequence[Pieces]) -> list[Pieces]:
    """Return the chunks with new ones put in; the last of these is given without blank lines at its end.

    Parameters: ``outline``; ``at``, before which of its rows; ``new``.
    """
    chunks = outline.chunks()
    *others, last = new
    if at < len(chunks):
        return [*chunks[:at], *others, [*last, GAP], *chunks[at:]]
    core, end = closing(outline)
    return [*chunks[:-1], [*core, GAP if core else ""], *others, ended(last, end)]


def new_chunks(pieces: Pieces) -> list[Pieces]:
    """Return the chunks of a text that begins with a heading, the last one without blank lines at its end."""
    chunks = divided(pieces)[1:]
    chunks[-1] = trimmed(chunks[-1])
    return chunks


def trimmed(chunk: Pieces) -> Pieces:
    """Return a chunk without white space at its end."""
    core = parted(chunk)[0]
    return merged([*core[:-1], core[-1].rstrip(BLANK) if isinstance(core[-1], str) else core[-1]])


def settle(document: Wikitext, chunks: Sequence[Pieces], *, anew: Collection[int] = ()) -> None:
    """Make a text of chunks.

    Parameters: ``document``; ``chunks``, those of its outline that stay, and new ones; ``anew``, which of those that
    stay have another heading now.
    Raises BadText, with the text unchanged, if it would have other headings then: by a brace, a comment or a tag that
    is not closed, or by equals signs in a heading.
    """
    known = outline_of(document).known
    made = [
        (None if at in anew else known.get(id(chunk))) or chunk_of(merged(chunk), document)
        for at, chunk in enumerate(chunks)
    ]
    pieces = [piece for chunk in made for piece in chunk.pieces]
    _refuse_inclusion(known.values(), made)
    if not all(chunk.closed for chunk in made) or not all(_ends_line(chunk.pieces) for chunk in made[:-1]):
        _compare(document, pieces)
    else:  # what is closed is read as it is by itself
        for at in anew:
            _compare(document, made[at].pieces)
    document.pieces[:] = pieces
    document.places = {}
    document.changes += 1
    document.outline = Outline(document, made)


def _refuse_inclusion(old: Iterable[Chunk], new: Sequence[Chunk]) -> None:
    """Refuse to let other pages include other sections than before, by half of ``<noinclude>`` or the like in one."""
    if not any(chunk.tags for chunk in (*old, *new)):
        return
    (before, end), (after, last) = inclusion(old), inclusion(new)
    if end != last or any(before[one] != after[one] for one in before.keys() & after.keys()):
        text = "".join(written(chunk.pieces) for chunk in new)
        raise BadText(text, "other sections would be included then: half of a <noinclude> or the like is in one")


def _ends_line(pieces: Pieces) -> bool:
    last = pieces[-1] if pieces else "\n"
    return isinstance(last, str) and last.endswith("\n")


def _compare(document: Wikitext, pieces: Pieces) -> None:
    """Refuse pieces whose text would be read with other headings."""
    text = written(pieces)
    wanted, there = _headings(pieces), _headings(opened(scan(text, document.site.tags)))
    for one, other in zip_longest(wanted, there):
        if one != other:
            place, level, heading = one or other or (0, 0, "")
            what = f"it would have other headings then, as {heading!r} of level {level}: something in it is not closed"
            raise BadText(text, what, place)


def _headings(pieces: Pieces) -> list[tuple[int, int, str]]:
    """Return where the headings are, their levels and texts."""
    found: list[tuple[int, int, str]] = []
    position = 0
    for piece in pieces:
        text = written([piece])
        if isinstance(piece, Node) and piece.kind == "heading":
            found.append((position, len(piece.begin), text))
        position += len(text)
    return found


__all__ = [
    "BLANK",
    "GAP",
    "closing",
    "ended",
    "joined",
    "new_chunks",
    "parted",
    "reordered",
    "settle",
    "trimmed",
    "without",
]
