"""Writing tables: from rows of values to wikitext."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias, cast

from apibot.core.arguments import checked, each
from apibot.core.errors import BadParameter
from apibot.core.site import USUAL_TAGS
from apibot.data.escaping import Raw, attributes_text, escaped
from apibot.data.reports import stamped
from apibot.data.titles.title import Title
from apibot.data.wikitext.table.writing import fitted

Value: TypeAlias = "str | Raw | Title | int | float | Decimal | date | None"
"""What a cell can be made of: a text is escaped, a title becomes a link, Raw is wikitext already; None is empty."""
TableRow: TypeAlias = "Mapping[str, Value] | Sequence[Value]"
CLASSES = ("wikitable", "sortable")
_TAGS = frozenset(USUAL_TAGS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table that is written."""

    name: str
    """By which rows that are mappings have its values."""
    title: Value = None
    """Its heading; the name if there is none."""
    sort: str = ""
    """How it is sorted (``data-sort-type``): ``number``, ``date``, ``isoDate``, ``text``; "" lets the browser guess."""
    align: Literal["", "left", "right", "center"] = ""
    thousands: str = ""
    """What stands between thousands in its numbers: ``,``."""
    heading: bool = False
    """Whether its cells are headings of their rows."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of its heading."""


@checked
def wikitable(
    rows: Iterable[TableRow],
    columns: Sequence[str | Column],
    *,
    classes: Sequence[str] = CLASSES,
    caption: Value = None,
    attributes: Mapping[str, str] | None = None,
    row_attributes: Callable[[TableRow], Mapping[str, str]] | None = None,
    limit: int | None = None,
    skipped: str | Callable[[int], str] = "{count} more were skipped.",
    one_line: bool = True,
) -> str:
    """Return a table as wikitext; without rows it has its headings only.

    Parameters: ``rows``, mappings by the names of the columns, or values in their order: those that lack are empty, and
    mappings may have more; ``columns``, their names, or more about them; ``classes`` and ``attributes`` of the table;
    ``caption``; ``row_attributes``, a function from a row to attributes of its line (``{"style": "background:#fee"}``);
    ``limit``, of rows, all are counted; ``skipped``, wikitext of the line below the table where there were more,
    ``{count}`` stands for how many, or a function from their number; ``one_line``, whether a row is one line or each
    cell is.
    Raises BadText for wikitext that can not be a cell; BadParameter for a row with more values than columns, for what
    is no row, for a time without a zone, a number of thousands of digits, and what can be no name of an attribute.
    """
    if limit is not None and limit < 0:
        msg = f"wikitable: limit is to be 0 or more rows, not {limit}."
        raise BadParameter(msg)
    heads = [Column(name=one) if isinstance(one, str) else one for one in each(columns)]
    top = {"class": " ".join(each(classes))} if classes else {}
    lines = [f"{{|{attributes_text({**top, **(attributes or {})})}"]
    if caption is not None:
        lines.append(f"|+ {_cell(caption)}")
    if heads:
        lines.append(_line([_heading(one) for one in heads], ["!"] * len(heads), one_line=one_line))
    more = 0
    for number, row in enumerate(rows):
        if limit is not None and number >= limit:
            more += 1
            continue
        lines.append(f"|-{attributes_text(row_attributes(row)) if row_attributes else ''}")
        cells = [_attributed(one, _cell(value, one)) for one, value in zip(heads, _values(row, heads), strict=True)]
        lines.append(_line(cells, ["!" if one.heading else "|" for one in heads], one_line=one_line))
    lines.append("|}")
    if more:
        lines.append(skipped.replace("{count}", str(more)) if isinstance(skipped, str) else skipped(more))
    return "\n".join(lines)


def _values(row: TableRow, columns: Sequence[Column]) -> list[Value]:
    if isinstance(row, Mapping):
        return [row.get(one.name) for one in columns]
    if not _is_row(row, len(columns)):
        msg = f"{row!r} is no row of {len(columns)} values."
        raise BadParameter(msg)
    return [*row, *[None] * (len(columns) - len(row))]


def _is_row(row: object, most: int) -> bool:
    return isinstance(row, Sequence) and not isinstance(row, str) and len(cast("Sequence[object]", row)) <= most


def _heading(column: Column) -> str:
    text = _cell(column.name if column.title is None else column.title, heading=True)
    given = {**({"data-sort-type": column.sort} if column.sort else {}), **column.attributes}
    return f"{attributes_text(given)} | {text}" if given else f" {text}"


def _attributed(column: Column, text: str) -> str:
    given = {"scope": "row"} if column.heading else {}
    if column.align:
        given["style"] = f"text-align:{column.align}"
    space = " " * (not text.startswith("\n"))
    return f"{attributes_text(given)} |{space}{text}" if given else f"{space}{text}"


def _cell(value: Value, column: Column | None = None, *, heading: bool = False) -> str:
    """Return the text of a cell."""
    heading = heading or (column is not None and column.heading)
    if value is None:
        return ""
    if isinstance(value, Raw):
        return fitted(value, _TAGS, heading=heading)
    if isinstance(value, Title):
        return value.as_link().replace("!!", "&#33;&#33;") if heading else value.as_link()
    if isinstance(value, datetime):
        return stamped(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _number(value, column.thousands if column else "")
    return escaped(str(value))


def _number(value: float | Decimal, thousands: str) -> str:
    try:
        return f"{value:,}".replace(",", thousands) if thousands else str(value)
    except ValueError as exc:
        msg = f"A number is too long for a cell: {exc}."
        raise BadParameter(msg) from None


def _line(cells: Sequence[str], marks: Sequence[str], *, one_line: bool) -> str:
    """Return cells as lines; one after another of several lines, or of another kind, begins its own."""
    lines: list[str] = []
    for number, (cell, mark) in enumerate(zip(cells, marks, strict=True)):
        if one_line and number and mark == marks[number - 1] and "\n" not in cells[number - 1]:
            lines[-1] = f"{lines[-1].rstrip(' ')} {mark * 2}{cell}"
        else:
            lines.append(f"{mark}{cell}")
    return "\n".join(line.rstrip(" ") for line in lines)


__all__ = ["CLASSES", "Column", "TableRow", "Value", "wikitable"]
