"""The house rules that no linter knows, each a function from a source file to what offends in it."""

from __future__ import annotations

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 500
MARK = r"#\s*(type: ignore\[[\w, -]+\]|pyright: ignore\[[\w, -]+\]|(ruff: )?noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*)\s*"
REASONED = re.compile(rf"({MARK})+[#-]\s*(?!noqa|type:|pyright:)\w.{{6,}}")
WAIVER = re.compile(r"#\s*(type: *ignore|pyright:|mypy:|(ruff: *|flake8: *)?noqa)", re.IGNORECASE)
TYPE_VARIABLES = {"TypeVar", "ParamSpec", "TypeVarTuple"}
DECLARED_BASES = {"Request", "Task", "Query"}
"""Subclasses of these, by name in apibot.core.request, are declarations: a name with a docstring is one."""


@dataclass(frozen=True)
class Source:
    """A Python file below a folder from which it can be imported."""

    path: Path
    root: Path = ROOT

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def module(self) -> str:
        parts = self.path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Offence = tuple[int, str]
"""A line and what is wrong there."""


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements of a body, those under if, try and with included."""
    for node in body:
        yield node
        if not isinstance(node, Definition):
            for part in (node, *getattr(node, "handlers", ())):
                for name in ("body", "orelse", "finalbody"):
                    yield from _statements(getattr(part, name, []))


def _public_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give the public classes, functions and constants that a module defines."""
    for node in _statements(tree.body):
        if isinstance(node, Definition):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not _is_type_variable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            continue
        yield from ((node.lineno, name) for name in names if not name.startswith("_"))


def _is_type_variable(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in TYPE_VARIABLES


def all_at_end(source: Source) -> Iterator[Offence]:
    """``__all__`` is a module's last statement and lists each public name defined in it (ruff sorts it)."""
    public = list(_public_names(source.tree))
    last = source.tree.body[-1] if source.tree.body else None
    if not (isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name) and last.targets[0].id == "__all__"):
        if public:
            yield (last.lineno if last else 1, "the module does not end with __all__")
        return
    try:
        listed = list(ast.literal_eval(last.value))
    except ValueError:
        yield last.lineno, "__all__ is not a plain list of names"
        return
    for line, name in public:
        if name not in listed:
            yield line, f"{name} is public and not in __all__"
    for name in {name for name in listed if listed.count(name) > 1}:
        yield last.lineno, f"{name} stands twice in __all__"


def docstrings(source: Source) -> Iterator[Offence]:
    """Each module with content, public class, and public function or method has a docstring."""
    if source.tree.body and not ast.get_docstring(source.tree):
        yield 1, "the module has no docstring"
    for owner, node in _public_definitions(source.tree):
        magic = node.name.startswith("__")
        told_elsewhere = any(re.search(r"overload|\.setter", ast.unparse(mark)) for mark in node.decorator_list)
        if not (magic or told_elsewhere or ast.get_docstring(node)):
            yield node.lineno, f"{owner}{node.name} has no docstring"


def _public_definitions(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """Give public functions and classes, and the classes' public and magic methods."""
    for node in _statements(tree.body):
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        yield "", node
        if isinstance(node, ast.ClassDef):
            for part in _statements(node.body):
                if isinstance(part, Definition) and (not part.name.startswith("_") or part.name.startswith("__")):
                    yield f"{node.name}.", part


def length(source: Source) -> Iterator[Offence]:
    """No module is longer than 500 lines, unless its first line says that it is generated."""
    lines = source.text.splitlines()
    if len(lines) > LONGEST and "generated" not in lines[0].lower():
        yield len(lines), f"{len(lines)} lines; the most is {LONGEST}"


def waivers(source: Source) -> Iterator[Offence]:
    """A check is waived for one code and with the reason behind it: ``# noqa: S311  # no secret``."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and WAIVER.search(token.string) and not REASONED.fullmatch(token.string):
            yield token.start[0], f"waives a check without its code or a reason: {token.string}"


def no_any(source: Source) -> Iterator[Offence]:
    """``Any`` stands in no public signature and on no public attribute, but where ruff was told why."""
    lines = source.text.splitlines()
    for owner, node in _public_definitions(source.tree):
        if isinstance(node, ast.ClassDef):
            hints = [
                part.annotation
                for part in node.body
                if isinstance(part, ast.AnnAssign) and not ast.unparse(part.target).startswith("_")
            ]
        else:
            args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            hints = [hint for arg in args if arg and (hint := arg.annotation)]
            hints += [node.returns] if node.returns else []
        for hint in hints:
            if re.search(r"\bAny\b", ast.unparse(hint)) and "noqa: ANN401" not in lines[hint.lineno - 1]:
                yield hint.lineno, f"{owner}{node.name} has Any in its signature: {ast.unparse(hint)}"


def name_only(source: Source) -> Iterator[Offence]:
    """A subclass adds something; exceptions, protocols and declarations may consist of a name and a docstring."""
    for node in _statements(source.tree.body):
        if isinstance(node, ast.ClassDef) and node.bases and all(_says_nothing(part) for part in node.body):
            kind = getattr(importlib.import_module(source.module), node.name)
            if not (issubclass(kind, BaseException) or getattr(kind, "_is_protocol", False) or _is_declared(kind)):
                yield node.lineno, f"{node.name} adds nothing to {ast.unparse(node.bases[0])}"


def _says_nothing(node: ast.stmt) -> bool:
    """Say whether a statement is ``pass``, ``...`` or a text."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _is_declared(kind: type) -> bool:
    return any(
        base.__module__ == "apibot.core.request" and base.__name__ in DECLARED_BASES for base in kind.__mro__[1:]
    )


def no_sleep(source: Source) -> Iterator[Offence]:
    """No test waits for time to pass."""
    clocks = {"time", "asyncio"}
    names: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in clocks:
            if any(alias.name == "sleep" for alias in node.names):
                yield node.lineno, "imports sleep"
        elif (
            isinstance(node, ast.Attribute)
            and node.attr == "sleep"
            and isinstance(node.value, ast.Name)
            and names.get(node.value.id) in clocks
        ):
            yield node.lineno, "sleeps"
