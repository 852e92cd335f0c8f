"""Help on requests, made from their declarations."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import textwrap
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from apibot.core.request import Request

NOWHERE = "https://wiki.invalid/api.php"
"""Stands for a wiki where nothing is sent."""
LITERAL = re.compile(r"Literal\[([^\]]*)\]")
TYPES = {
    "PageLike": "TITLE",
    "Section": "NUMBER|new",
    "Timestamp": "TIME",
    "bool": "yes|no",
    "int": "NUMBER",
    "str": "TEXT",
}
"""How types are called in the shell."""


class FieldDoc(NamedTuple):
    """What the declaration of a field says."""

    type: str
    """Its annotation."""
    text: str
    """The text below it, "" if there is none."""


def field_docs(kind: type) -> dict[str, FieldDoc]:
    """Return type and description of each annotated name in a class and its bases, from their source.

    A class that has no source, because it was made while the program ran, gives its types alone.
    """
    found: dict[str, FieldDoc] = {}
    for base in reversed(kind.__mro__[:-1]):
        try:
            source = textwrap.dedent(inspect.getsource(base))
        except (OSError, TypeError):
            hints = inspect.get_annotations(base)
            found |= {name: FieldDoc(_written(hint), "") for name, hint in hints.items()}
            continue
        for name, doc in _in_source(source):
            found[name] = doc
    return found


def _written(hint: object) -> str:
    return hint if isinstance(hint, str) else inspect.formatannotation(hint)


def _in_source(source: str) -> Iterator[tuple[str, FieldDoc]]:
    statement = ast.parse(source).body[0]
    body = statement.body if isinstance(statement, ast.ClassDef) else []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                text = inspect.cleandoc(str(after.value.value))
            yield node.target.id, FieldDoc(ast.unparse(node.annotation), text)


def doc_lines(kind: type[Request]) -> list[str]:
    """Return a request's docstring as lines that fit the terminal."""
    paragraphs = (inspect.getdoc(kind) or "").split("\n\n")
    return _spaced([_wrapped(" ".join(paragraph.split()), "") for paragraph in paragraphs])


def first_line(kind: type) -> str:
    """Return the first line of a class's docstring."""
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def field_lines(kind: type[Request], without: Collection[str] = ()) -> list[str]:
    """Return lines that tell the fields of a request, those that may stand without their names first."""
    docs = field_docs(kind)
    positional = kind.positional()
    lines: list[str] = []
    for name in kind.field_names():
        if name in without:
            continue
        doc = docs.get(name, FieldDoc("", ""))
        place = "  (may stand first, without its name)" if name in positional else ""
        lines.append(f"  {name.rstrip('_')}={readable(doc.type)}{place}")
        lines += _wrapped(" ".join(doc.text.split()), "      ")
    return lines


def readable(annotation: str) -> str:
    """Write a type as the shell's user types its values: no None, choices as they are, and ``|`` between several."""
    parts = LITERAL.sub(lambda found: found[1].replace("'", "").replace(", ", " | "), annotation).split(" | ")
    several = next((part[len("Sequence[") : -1] for part in parts if part.startswith("Sequence[")), None)
    if several is not None:
        return f"{TYPES.get(several, several)}[|...]"
    return "|".join(TYPES.get(part, part) for part in parts if part != "None")


def _wrapped(text: str, indent: str) -> list[str]:
    width = max(40, min(100, shutil.get_terminal_size().columns))
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _spaced(blocks: list[list[str]]) -> list[str]:
    return [line for block in blocks for line in (*block, "")][:-1]


def labels(kind: type[Request]) -> list[str]:
    """Return the labels of the levels that a request passes, top down; nothing is sent."""
    from apibot.composition import connect

    with connect(NOWHERE, contact="none") as core:
        return [layer.label for layer in core.stack(kind)]


__all__ = [
    "LITERAL",
    "NOWHERE",
    "TYPES",
    "FieldDoc",
    "doc_lines",
    "field_docs",
    "field_lines",
    "first_line",
    "labels",
    "readable",
]
