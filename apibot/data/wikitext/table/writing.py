"""New texts for cells: brought into a form in which they stay one cell, and set out like their neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from apibot.core.arguments import checked
from apibot.core.errors import BadText
from apibot.data.wikitext.node import Node, Pieces, is_open, merged, visible, written
from apibot.data.wikitext.scan import IGNORED, INCLUDED, scan
from apibot.data.wikitext.table.layout import Layout
from apibot.data.wikitext.table.parts import Placed, TablePart, begins
from apibot.data.wikitext.table.text import BLANK, HTML, OPAQUE, SPACE, Cut, Seen
from apibot.data.wikitext.view import whole

_SIGN = re.compile(rf"(\|)|(^[{BLANK}]*+!)|(!!)", re.MULTILINE)
"""What may divide cells."""
REFERENCES = {"|": "&#124;", "!": "&#33;", "<": "&lt;"}
_TABLE = re.compile(r"<(/?)(table|caption|thead|tbody|tfoot|tr|td|th)(?![^\s/>])", re.IGNORECASE)
"""Tags of tables in HTML."""


@lru_cache(maxsize=64)
def _unclosed(tags: frozenset[str]) -> re.Pattern[str]:
    """Return a pattern of what is no tag as it stands, but may become one by what follows it."""
    names = "|".join(map(re.escape, [INCLUDED, *IGNORED, *tags]))
    markup = rf"/?(?:{'|'.join(sorted(HTML))})(?:[\s/][^<>]*+)?(?:<|\Z)"
    return re.compile(rf"<(?=/?(?:{names})(?:[\s/>]|\Z)|{markup}|!--|\Z)", re.IGNORECASE)


@checked
def fitted(value: str, tags: frozenset[str], *, heading: bool = False) -> str:
    """Return wikitext as one cell of a table.

    Pipes and marks of headings that would divide it are written as character references, which show the same.

    Parameters: ``value``, wikitext; ``tags`` of the wiki; ``heading``, whether it is to be in a line of headings.
    Raises BadText for what would reach out of the cell: something that is not closed, tags of HTML tables that have
    no partner, links whose text holds what divides cells.
    """
    inner = value.strip(SPACE)
    lead = "\n" * value.lstrip(BLANK).startswith("\n")
    try:
        return _fitted(f"{lead}{inner}", tags, heading=heading)
    except BadText as error:
        raise BadText(value, error.reason, max(error.position - len(lead), 0) + value.find(inner)) from None


def _fitted(text: str, tags: frozenset[str], *, heading: bool) -> str:
    try:
        pieces = _read_behind(text, tags, OPAQUE)
    except BadText as error:
        raise BadText(text, error.reason, error.position - 1) from None
    seen = Seen(pieces)
    for piece in pieces:
        if isinstance(piece, Node) and is_open(piece):
            raise BadText(text, f"its {piece.name or piece.kind} is not closed", text.rfind(piece.begin))
    if seen.broken is not None:
        raise BadText(text, "a link in it holds what divides cells", _place(seen, seen.broken))
    _check_html(text, seen)
    layout = Layout([OPAQUE, *pieces])  # it is no beginning of a line
    if any(not TablePart(node.parts[-1]).closes for node in layout.nodes):
        raise BadText(text, "a table in it is not closed", max(text.find("{|"), 0))
    layout.put_in()
    return _referenced(layout.home, tags, heading=heading).removeprefix(OPAQUE)


def _read_behind(text: str, tags: frozenset[str], before: str) -> Pieces:
    """Return the pieces of a text that is to stand behind a character, which may be a line end."""
    first, *others = whole(f"{before}{text}", tags, loose=True)
    return merged([str(first).removeprefix(before), *others])


def _referenced(pieces: Pieces, tags: frozenset[str], *, heading: bool) -> str:
    """Return pieces as text, with signs that divide cells as references; tables in it keep theirs."""
    seen = Seen(pieces)
    places = dict(_signs(seen.text, heading=heading))
    places |= {found.start(): "<" for found in _unclosed(tags).finditer(seen.text)}
    ordered = sorted(places)
    cuts = [cut for at in ordered for cut in (Cut(at, unseen=True), Cut(at + 1, unseen=False))]
    out: list[str] = []
    for number, run in enumerate(seen.divided(*cuts)):
        out.append(REFERENCES[places[ordered[number // 2]]] if number % 2 else written(run))
    return "".join(out)


def _signs(text: str, *, heading: bool) -> Iterator[tuple[int, str]]:
    """Give the places of what would divide a cell."""
    for found in _SIGN.finditer(text):
        if found[1] or found[2]:
            yield found.end() - 1, found[0][-1]
        elif heading:
            yield found.start(), "!"


def _place(seen: Seen, at: int) -> int:
    """Return where a place is in the text as it is written."""
    return len(written(seen.divided(Cut(at, unseen=True))[0]))


def _check_html(value: str, seen: Seen) -> None:
    """Refuse tags of HTML tables that would reach out of the cell."""
    depth = 0
    for found in _TABLE.finditer(seen.text):
        if found[2].lower() == "table":
            depth += -1 if found[1] else 1
        elif not depth:
            depth = -1
        if depth < 0:
            raise BadText(value, f"{found[0]}> would end the cell", _place(seen, found.start()))
    if depth:
        raise BadText(value, "a table in it (<table>) is not closed", max(value.lower().find("<table"), 0))


class Style(NamedTuple):
    """How a cell of a row is set out."""

    mark: str
    heading: bool
    attributes: str
    """As they are written, with the pipe behind them; "" for none."""
    lead: str
    """White space before its text."""
    trail: str
    """White space after its text, if another cell follows on the line."""


USUAL = tuple(Style(mark, heading=False, attributes="", lead=" ", trail=" ") for mark in ("|", "||"))
"""How rows are set out in a table that has none yet."""


def styles(part: TablePart, numbers: Sequence[int]) -> list[Style]:
    """Return how the cells of a row are set out."""
    text = part.seen.text
    out: list[Style] = []
    for number in numbers:
        placed = part.cells[number]
        lead, trail = text[placed.inner : placed.first], text[placed.last : placed.end]
        filled = placed.last > placed.first
        attributes = f"{text[placed.attributes[0] : placed.attributes[1]]}|" if placed.attributes else ""
        if not placed.heading or OPAQUE in attributes or part.cell(number).attributes.keys() != {"scope"}:
            attributes = ""  # others belong to that cell, not to its place
        out.append(
            Style(
                placed.mark,
                placed.heading,
                attributes,
                lead if filled and not lead.strip(BLANK) else " ",
                trail if filled and not trail.strip(BLANK) else " ",
            )
        )
    return out


def row(mark: str, cells: Sequence[str], like: Sequence[Style], tags: frozenset[str]) -> Pieces:
    """Return a row as lines of its own.

    Parameters: ``mark``, how it begins (``|-``); ``cells``, wikitext; ``like``, how the cells of another row are set
    out; ``tags`` of the wiki.
    Raises BadText for a cell that can not be one.
    """
    lines = [mark]
    line = before = ""
    for number, value in enumerate(cells):
        style = like[number] if number < len(like) else _next(like)
        heading = style.heading
        text = fitted(value, tags, heading=heading)
        alone = not number or len(style.mark) == 1 or "\n" in before
        sign = ("!" if heading else "|") if alone else style.mark
        loose = _edge(text, tags, 0) in DANGEROUS or (style.attributes and not text)
        lead = "" if text.startswith("\n") else style.lead or " " * bool(loose)
        if alone and line:
            lines.append(line.rstrip(BLANK))
            line = ""
        line += sign + style.attributes + lead + text
        if number + 1 < len(cells):
            line += style.trail or " " * (_edge(text, tags, -1) == "!") if text else ""
        before = text
    if line:
        lines.append(line.rstrip(BLANK))
    pieces = scan("\n".join([*lines, ""]), tags)
    nodes = Layout(scan("{|\n", tags) + pieces + scan("|}", tags)).nodes
    if not nodes or len(nodes[0].parts) != 3 or len(TablePart(pieces).cells) != len(cells):  # noqa: PLR2004  # start, row, end
        raise BadText(" || ".join(cells), "together these make no row of so many cells")
    return pieces


def _next(like: Sequence[Style]) -> Style:
    """Return how a cell is set out that has no neighbour above it."""
    last = like[-1]
    return last if len(like) > 1 else last._replace(mark="|", heading=False, attributes="")


def is_inline(like: Sequence[Style]) -> bool:
    """Say whether cells of a row share a line."""
    return any(len(style.mark) > 1 for style in like)


def cell_set(part: TablePart, number: int, value: str, tags: frozenset[str]) -> Pieces:
    """Return the pieces of a part with another text in a cell; white space and comments around it stay.

    Parameters: ``part``; ``number`` of the cell; ``value``, wikitext; ``tags`` of the wiki.
    Raises BadText for what can not be a cell.
    """
    following = part.cells[number + 1] if number + 1 < len(part.cells) else None
    pieces = text_set(part, part.cells[number], value, following, tags)
    _check_cells(pieces, len(part.cells), value)
    return pieces


def _check_cells(pieces: Pieces, count: int, value: str) -> None:
    """Make sure that there are as many cells as there should be."""
    if len(TablePart(pieces).cells) != count:
        raise BadText(value, "with this text its row would have other cells")


def text_set(part: TablePart, placed: Placed, value: str, following: Placed | None, tags: frozenset[str]) -> Pieces:
    """Return the pieces of a part with another text in a cell, or a caption, before another one; see ``cell_set``."""
    text = fitted(value, tags, heading=placed.heading)
    seen = part.seen
    first = placed.first
    lead = seen.text[placed.inner : first]
    lone = part.is_lone(placed)
    if not text.startswith("\n") and lone and begins(scan(text, tags)):
        first, text = placed.inner, f" {text}"
    elif text.startswith("\n") and lone:
        text = text[1:]
    elif not text and following:
        text = " " * (not lead)  # or two pipes would stand together
    elif text and not text.startswith("\n") and not lead:
        text = " " * (placed.first == placed.last or _edge(text, tags, 0) in DANGEROUS) + text
    if _edge(text, tags, -1) == "!" and seen.text[placed.last : placed.last + 1] == "!":
        text += " "
    added = _read_behind(text, tags, "\n" if first and seen.text[first - 1] == "\n" else OPAQUE)
    cuts = [Cut(first, unseen=True), Cut(placed.last, unseen=False)]
    inline = following is not None and len(following.mark) > 1
    if following and inline and "\n" in text:
        cuts += [Cut(following.start, unseen=True), Cut(following.start + 2, unseen=False)]
        before, _old, between, _mark, after = seen.divided(*cuts)
        return merged([*before, *added, *between, "\n!" if following.heading else "\n|", *after])
    before, _old, after = seen.divided(*cuts)
    return merged([*before, *added, *after])


def lengthened(part: TablePart, last: int, values: Sequence[str], tags: frozenset[str]) -> Pieces:
    """Return the pieces of a part with more cells at the end of a row.

    Parameters: ``part``; ``last``, number of the cell that they follow; ``values``, wikitext; ``tags`` of the wiki.
    """
    placed = part.cells[last]
    inline = is_inline(styles(part, range(len(part.cells))))
    before = part.seen.text[placed.inner : placed.last]
    out = ""
    for value in values:
        text = fitted(value, tags, heading=inline and placed.heading)
        alone = not inline or "\n" in before
        mark = "\n|" if alone else f" {'!!' if placed.heading else '||'}"
        out += mark + (" " * (bool(text) and not text.startswith("\n"))) + text
        before = text
    head, tail = part.seen.divided(_behind(part, placed))
    pieces = merged([*head, *_read_behind(out, tags, OPAQUE), *tail])
    _check_cells(pieces, len(part.cells) + len(values), values[-1])
    return pieces


def _behind(part: TablePart, placed: Placed) -> Cut:
    """Return where a cell ends: behind its text, and comments on its line."""
    rest = part.seen.text[placed.last :]
    end = Cut(placed.last + len(rest) - len(rest.lstrip(BLANK)), unseen=True)
    cut = Cut(placed.last, unseen=False)
    return end if any(isinstance(piece, Node) for piece in part.seen.between(cut, end)) else cut


DANGEROUS = frozenset("+-}!")
"""What can not follow a mark without white space: together they would mean something else."""


def _edge(text: str, tags: frozenset[str], at: int) -> str:
    """Return the first or the last character that is seen of a text."""
    return visible(scan(text, tags))[at:][:1]


def unheaded(style: Style) -> Style:
    """Return how a cell below a heading is set out."""
    return style._replace(heading=False, attributes="", mark="||" if len(style.mark) > 1 else "|")


__all__ = [
    "DANGEROUS",
    "REFERENCES",
    "USUAL",
    "Style",
    "cell_set",
    "fitted",
    "is_inline",
    "lengthened",
    "row",
    "styles",
    "text_set",
    "unheaded",
]
