"""How things are shown: data on stdout, talk on stderr, nothing from a wiki raw on a terminal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import cast

import typer

from apibot.core.visible import visible

Row = Mapping[str, object]
LINE_ENDS = str.maketrans({"\n": r"\n"})
WIDEST = 48
"""Most cells to which a column is padded."""
SECONDS_BETWEEN = 5.0
"""From one line on the progress to the next, where there is no terminal."""


def one_line(text: str) -> str:
    """Return a text on one line, its runs of white space made one blank."""
    return visible(" ".join(text.split()))


def say(text: str) -> None:
    """Tell the user something."""
    typer.echo(visible(text), err=True)


def fail(text: str, status: int = 1) -> int:
    """Tell the user by one line what went wrong; returns the exit status."""
    say(f"apibot: {one_line(text)}")
    return status


def write(text: str) -> None:
    """Write a line of data, as it is into a file or pipe, and made visible on a terminal."""
    typer.echo(visible(text) if sys.stdout.isatty() else text)


def write_json(value: object) -> None:
    """Write a value as JSON on one line."""
    write(json.dumps(plain(value), ensure_ascii=False, default=str))


def plain(value: object) -> object:
    """Return a value as JSON has it: results as objects without what is None, sets as sorted lists, times as texts."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in cast("Mapping[object, object]", value).items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(one) for key, one in asdict(value).items() if one is not None}
    as_dict: Callable[[], dict[str, object]] | None = getattr(value, "_asdict", None)
    if as_dict is not None:  # a NamedTuple
        return plain(as_dict())
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, set | frozenset):
        return sorted(map(str, cast("Iterable[object]", value)))
    if isinstance(value, list | tuple):
        return [plain(one) for one in cast("Sequence[object]", value)]
    return value


def cell(value: object) -> str:
    """Return a value as it stands in a column: a page by its title, several values with ``|`` between."""
    if value is None:
        return ""
    if isinstance(value, frozenset):
        return cell(sorted(map(str, cast("frozenset[object]", value))))
    if hasattr(value, "_asdict") or isinstance(value, datetime):  # a NamedTuple, a time
        return cell(plain(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        row = cast("Row", value)
        return cell(row["title"] if "title" in row else json.dumps(plain(row), ensure_ascii=False))
    if isinstance(value, list | tuple):
        return "|".join(cell(one) for one in cast("Sequence[object]", value))
    return visible(str(value).translate(LINE_ENDS).expandtabs(1))


def write_rows(batches: Iterable[Sequence[Row]], *, as_json: bool) -> None:
    """Write rows as they come: one JSON object a line, or columns as wide as the first batch needs."""
    columns: dict[str, int] = {}
    for batch in batches:
        if as_json:
            for row in batch:
                write_json(row)
        elif batch:
            if not columns:
                columns = _columns(batch)
                write(_padded(columns, {name: name for name in columns}))
            for row in batch:
                write(_padded(columns, row))


def _columns(rows: Sequence[Row]) -> dict[str, int]:
    """Return the names of all columns with their widths in cells."""
    from rich.cells import cell_len

    widths: dict[str, int] = {}
    for row in rows:
        for name, value in row.items():
            widths[name] = min(WIDEST, max(widths.get(name, 0), cell_len(cell(value)), cell_len(name)))
    return widths


def _padded(columns: Mapping[str, int], row: Row) -> str:
    from rich.cells import cell_len

    cells = [(cell(row.get(name)), width) for name, width in columns.items()]
    return "  ".join(text + " " * (width - cell_len(text)) for text, width in cells).rstrip()


@contextmanager
def progress(
    what: str, total: int | None = None, why: Callable[[], str | None] = lambda: None
) -> Generator[Callable[[int], None]]:
    """Show how far something is while a block runs: a bar on a terminal, a line now and then elsewhere.

    Parameters: ``what`` is counted; ``total``, how many there are, None if nobody knows; ``why``, tells what is being
    waited for at the moment.
    Gives the function that takes the number done so far.
    """
    if not sys.stderr.isatty():
        yield _told(what, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Why(ProgressColumn):
        def render(self, task: object) -> Text:  # noqa: ARG002  # there is only one
            reason = why()
            return Text(visible(f"waits: {reason}") if reason else "")

    parts = (TextColumn(what, markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), Why())
    both = sys.stdout.isatty()  # data that goes elsewhere must not be drawn into the bar's place
    with Progress(*parts, console=Console(stderr=True), transient=True, redirect_stdout=both) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _told(what: str, total: int | None) -> Callable[[int], None]:
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN:
            last = time.monotonic()
            say(f"{done} {what}" if total is None else f"{done} of {total} {what}")

    return tell


__all__ = [
    "LINE_ENDS",
    "SECONDS_BETWEEN",
    "WIDEST",
    "Row",
    "cell",
    "fail",
    "one_line",
    "plain",
    "progress",
    "say",
    "write",
    "write_json",
    "write_rows",
]
