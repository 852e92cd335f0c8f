"""Rows as tables: for people to read, in notebooks and as plain text.

What a wiki holds was written by anybody, so nothing of it is handed on as markup: no links, no images, no formulas,
no scripts, and marks of direction and controls are made visible.  Nothing is fetched.
"""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar, cast, overload

from apibot.core.visible import visible
from apibot.data.pages import Page, PageRef

T = TypeVar("T", bound=Mapping[str, object] | Page | PageRef)
SHOWN_ROWS = 50
"""Rows that a table shows."""
TEXT_CELLS, TEXT_LINE = 40, 160
"""Characters of a value, and of a line, in plain text."""
HTML_CELLS = 300
"""Characters of a value in HTML."""
_OPENING = '<table class="apibot tex2jax_ignore mathjax_ignore">'  # notebooks would take $...$ for formulas


class Table(Sequence[T], Generic[T]):
    """Rows, pages or references as a table: a list that shows itself in notebooks and, printed, as columns.

    Parameters: ``rows``, any number of them, all are taken at once: ``Table(bridge.recentchanges(limit=20))``;
    ``shown``, how many are shown at most; a line tells how many more there are.
    """

    def __init__(self, rows: Iterable[T], shown: int = SHOWN_ROWS) -> None:
        self._rows = tuple(rows)
        self.shown = shown

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Table[T]: ...
    def __getitem__(self, index: int | slice) -> T | Table[T]:
        if isinstance(index, slice):
            return Table(self._rows[index], self.shown)
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return _as_text(self._facts(), self._left())

    def _repr_html_(self) -> str:
        """Return the table for notebooks; nothing of what the wiki gave can run in it."""
        facts = self._facts()
        names = _names(facts)
        lines = [_line("td", [cell(one.get(name), HTML_CELLS) for name in names]) for one in facts]
        more = f"<p>{left:,} more not shown.</p>" if (left := self._left()) else ""
        return f"{_OPENING}<thead>{_line('th', names)}</thead><tbody>{''.join(lines)}</tbody></table>{more}"

    def _facts(self) -> list[Mapping[str, object]]:
        return [facts(one) for one in self._rows[: self.shown]]

    def _left(self) -> int:
        return max(0, len(self) - self.shown)


def html_of_one(one: Mapping[str, object] | Page | PageRef) -> str:
    """Return a row, page or reference as an HTML table of two columns."""
    lines = [
        f"<tr><th>{_escaped(name)}</th><td dir='auto'>{_escaped(cell(value, HTML_CELLS))}</td></tr>"
        for name, value in facts(one).items()
    ]
    return f"{_OPENING}<caption>{type(one).__name__}</caption><tbody>{''.join(lines)}</tbody></table>"


def facts(one: Mapping[str, object] | Page | PageRef) -> Mapping[str, object]:
    """Return what there is to tell of a row, page or reference, by name."""
    if isinstance(one, Mapping):
        return one
    if isinstance(one, PageRef):
        found: dict[str, object] = {"title": one.title, "pageid": one.pageid, "ns": one.ns, "base": one.base}
    else:
        found = {
            "title": one.title,
            "pageid": one.pageid,
            "ns": one.ns,
            "exists": one.exists,
            "revid": one.revid,
            "timestamp": one.timestamp,
            "text": one.text if one.has_text else None,
        }
    return {name: value for name, value in found.items() if value is not None}


def cell(value: object, most: int = TEXT_CELLS) -> str:
    """Return a value as text on one line, of so many characters at most."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        block = cast("Mapping[str, object]", value)
        told = str(block["title"]) if "title" in block else json.dumps(dict(block), ensure_ascii=False, default=str)
    elif isinstance(value, list | tuple):
        told = ", ".join(cell(one, most) for one in cast("Sequence[object]", value))
    else:
        told = str(value)
    line = " ".join(told[: 2 * most].split())  # what is cut anyway need not be looked at
    return visible(line if len(line) <= most and len(told) <= 2 * most else f"{line[: most - 1]}…")


def _names(found: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the names of all columns, in the order in which they turn up."""
    return list(dict.fromkeys(name for one in found for name in one))


def _line(tag: str, values: Iterable[str]) -> str:
    cells = "".join(f"<{tag} dir='auto'>{_escaped(value)}</{tag}>" for value in values)
    return f"<tr>{cells}</tr>"


def _escaped(text: str) -> str:
    return html.escape(visible(text))


def _as_text(found: Sequence[Mapping[str, object]], left: int) -> str:
    """Return rows as columns of plain text, as many columns as a line holds, and a line on what is left out."""
    names = _names(found)
    columns: list[list[str]] = []
    length = 0
    for name in names:
        values = [cell(name), *(cell(one.get(name)) for one in found)]
        width = max(map(_width, values))
        if columns and length + width > TEXT_LINE:
            break
        length += width + 2
        columns.append([value + " " * (width - _width(value)) for value in values])
    lines = ["  ".join(values).rstrip() for values in zip(*columns, strict=True)]
    more = [f"{left:,} more rows"] if left else []
    if len(columns) < len(names):
        more.append(f"columns {cell(names[len(columns) :], TEXT_LINE)}")
    if more:
        lines.append(f"(Not shown: {'; '.join(more)}.)")
    return "\n".join(lines) or "(No rows.)"


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(one) else 1 + (unicodedata.east_asian_width(one) in "WF") for one in text)


__all__ = ["HTML_CELLS", "SHOWN_ROWS", "TEXT_CELLS", "TEXT_LINE", "Table", "cell", "facts", "html_of_one"]
