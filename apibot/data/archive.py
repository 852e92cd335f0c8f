"""Archiving threads of a talk page: from the texts of the page and of its archive to the new texts of both.

Nothing is lost and nothing doubled, whatever happens between the two saves: save the archive first.  If the page could
not be saved after that, the same call on both pages as they are now finds the threads in the archive and only takes
them off the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.arguments import checked, each
from apibot.core.errors import BadParameter, BadText
from apibot.data.wikitext import chunks
from apibot.data.wikitext.document import Wikitext
from apibot.data.wikitext.node import Pieces, runs_to_the_end, walked, written
from apibot.data.wikitext.outline import Outline, outline_of
from apibot.data.wikitext.sections import DEEPEST, Section, sections_of

if TYPE_CHECKING:
    from apibot.data.dates import DateWords

THREAD = 2
"""The usual level of a thread's heading."""


class Archived(NamedTuple):
    """What archiving makes of two pages."""

    source: str
    """New text of the page that threads were on; the old one if none is moved."""
    archive: str
    """New text of the archive; the old one, or "", if none is added."""
    moved: tuple[str, ...]
    """Titles of the threads that are taken off the page, as wikitext, in order."""
    added: int
    """How many of them are new in the archive; the others are in it already."""
    left: tuple[str, ...] = ()
    """Titles of the threads that are done and stay all the same: something in them is not closed."""


@checked
def archived(
    source: Wikitext,
    archive: Wikitext | None,
    *,
    when: Callable[[Section], bool],
    header: str = "",
    level: int = THREAD,
    keep: int = 0,
    at_least: int = 1,
    stay: Collection[str] = (),
) -> Archived:
    """Move threads that are done from a page to the end of its archive, in their order.

    Categories, their sort key and links to other languages that a page ends with stay its end.  A thread that is in the
    archive letter by letter is taken for one that was moved when a run broke off.

    Parameters: ``source``, the page; ``archive``, None if there is none yet; ``when``, says of a thread whether it is
    done (`older_than`, or any function; what it changes is not kept); ``header``, how a new archive begins; ``level``
    of the headings of threads, their subsections go with them; ``keep``, how many threads stay on the page at least,
    the last ones of those that are done if need be; ``at_least``, how many must be done for any to be moved; ``stay``,
    names of templates: a thread with one of them stays.
    Returns the new texts and what was moved; neither Wikitext is changed.
    Raises BadText if the archive or the page would be read otherwise then, by something that is not closed in the
    archive or in a thread that stays; InvalidTitle for a name of a template that is none; BadParameter for numbers that
    make no sense.
    """
    if not 1 <= level <= DEEPEST or keep < 0 or at_least < 1:
        msg = f"level {level}, keep {keep}, at_least {at_least}: they are 1 to 6, 0 or more, 1 or more."
        raise BadParameter(msg)
    page = copy(source)
    outline = outline_of(page)
    threads = _threads(outline, level)
    chosen = _chosen(page, outline, threads, when, stay)
    chosen = chosen[: max(min(len(chosen), len(threads) - keep), 0)]

    def without(stuck: Sequence[int]) -> Archived:
        rest, left = [at for at in chosen if at not in stuck], _titles(page, outline, stuck)
        if len(rest) < at_least:
            return Archived(str(source), str(archive) if archive else "", (), 0, left)
        return _moved(source, archive, rest, header, level)._replace(left=left)

    open_ = [at for at in chosen if any(map(runs_to_the_end, _pieces(outline, at)))]
    try:
        return without(open_)
    except BadText:
        closed = _closed(outline)
        loose = [at for at in chosen if not all(closed[at : outline.lasts[at]])]
        if loose == open_ or (archive and not all(_closed(outline_of(copy(archive))))):
            raise
        return without(loose)


def _moved(source: Wikitext, archive: Wikitext | None, chosen: Sequence[int], header: str, level: int) -> Archived:
    """Move the threads that begin with some rows of the page."""
    old = str(archive) if archive else ""
    page = copy(source)
    book = copy(archive) if archive and old.strip() else Wikitext("", source.site, archive.title if archive else None)
    outline = outline_of(page)
    titles = _titles(page, outline, chosen)
    missing = _missing(outline, chosen, book, level)
    every = [*outline.chunks()[:-1], chunks.closing(outline)[0]]
    if missing:
        _add(book, [every[at : outline.lasts[at]] for at in missing], header)
    _take_off(page, outline, [range(at, outline.lasts[at]) for at in chosen])
    return Archived(str(page), str(book) if missing else old, titles, len(missing))


def _titles(page: Wikitext, outline: Outline, rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(Section(page, outline.rows[at].heading).title for at in rows)


def _closed(outline: Outline) -> list[bool]:
    """Say of each row whether nothing in it takes in what follows, or is taken in by what is before."""
    known = outline.known
    return [known[id(chunk)].closed for chunk in outline.chunks()]


@checked
def older_than(days: float, now: datetime, words: DateWords | None = None) -> Callable[[Section], bool]:
    """Make a condition: whether the newest signature of a thread is older than so many days.

    Parameters: ``days``, 0 or more; ``now``, with a time zone; ``words``, of dates in the language of the content.
    A thread without a signature is never old; time stamps that can not be read do not count, nor do those later than
    now, which somebody made up.
    """
    if now.tzinfo is None:
        msg = f"older_than: {now} has no time zone."
        raise BadParameter(msg)
    try:
        limit = now - timedelta(days=days)
    except (OverflowError, ValueError):  # no number, or out of the calendar
        limit = None
    if limit is None or limit > now:
        msg = f"older_than: {days} days; a number from 0 on is needed, and no more than there are before {now:%Y}."
        raise BadParameter(msg)

    def is_old(thread: Section) -> bool:
        times = [one.time for one in thread.signatures(words) if one.time <= now]
        return bool(times) and max(times) < limit

    return is_old


def _threads(outline: Outline, level: int) -> list[int]:
    """Return which rows begin threads."""
    return [at for at, row in enumerate(outline.rows) if row.heading and len(row.heading.begin) == level]


def _chosen(
    page: Wikitext, outline: Outline, threads: Sequence[int], when: Callable[[Section], bool], stay: Collection[str]
) -> list[int]:
    """Return which threads are to be moved."""
    kept = {id(view.node) for view in page.templates_named(*each(stay))}
    shown = sections_of(copy(page))
    return [at for at in threads if not _holds(outline, at, kept) and when(shown[at])]


def _holds(outline: Outline, at: int, nodes: Collection[int]) -> bool:
    return bool(nodes) and any(id(node) in nodes for node in walked(_pieces(outline, at)))


def _pieces(outline: Outline, at: int) -> Pieces:
    """Return the pieces of a thread; the foot of the page is not one of the last one's."""
    if outline.lasts[at] < len(outline.rows):
        return outline.pieces[outline.rows[at].start : outline.rows[outline.lasts[at] - 1].end]
    return [*outline.pieces[outline.rows[at].start : outline.rows[-1].start], *chunks.closing(outline)[0]]


def _text(outline: Outline, at: int) -> str:
    """Return the text by which a thread is known again."""
    return written(_pieces(outline, at)).rstrip(chunks.BLANK)


def _missing(outline: Outline, chosen: Sequence[int], book: Wikitext, level: int) -> list[int]:
    """Return the threads that the archive does not have yet; of equal ones as many as it has not."""
    shelf = outline_of(book)
    there = Counter(_text(shelf, at) for at in _threads(shelf, level))
    missing: list[int] = []
    for at in chosen:
        text = _text(outline, at)
        there[text] -= 1
        if there[text] < 0:
            missing.append(at)
    return missing


def _take_off(page: Wikitext, outline: Outline, threads: Sequence[range]) -> None:
    """Leave all chunks but those of some threads on a page."""
    gone = {at for thread in threads for at in thread}
    chunks.settle(page, chunks.without(outline, [at in gone for at in range(len(outline.rows))]))


def _add(book: Wikitext, threads: Sequence[Sequence[Pieces]], header: str) -> None:
    """Put threads, each given by its chunks, at the end of an archive, after the header if that is new."""
    lead, *others = sections_of(book)
    if not others and not lead.text and header.strip():
        lead.append(header.strip("\n"))
    new: list[Pieces] = []
    for thread in threads:
        new += [*thread[:-1], [*chunks.trimmed(thread[-1]), chunks.GAP]]
    new[-1] = chunks.trimmed(new[-1])
    outline = outline_of(book)
    chunks.settle(book, chunks.joined(outline, len(outline.rows), new))


__all__ = ["THREAD", "Archived", "archived", "older_than"]
