"""What holds for the project as a whole: the tree of errors, its files, its wheel."""

from __future__ import annotations

import configparser
import fnmatch
import importlib
import os
import pkgutil
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hatchling.build import build_wheel

import apibot
import deltabot
from apibot.core import errors
from tests.contracts.rules import ROOT

FORBIDDEN = [
    "/(?:work|farm|root)/",  # folders of one machine
    r"deb\.debian\.org|pypi\.org/simple|registry\.npmjs",
    r"except Exception:\s*pass\b",
]


def modules() -> list[ModuleType]:
    """Import every module of both packages."""
    names = [
        found.name for kit in (apibot, deltabot) for found in pkgutil.walk_packages(kit.__path__, f"{kit.__name__}.")
    ]
    return [apibot, deltabot, *(importlib.import_module(name) for name in names if not name.endswith("__main__"))]


def test_every_module_has_what_it_lists() -> None:
    missing = [
        f"{module.__name__}.{name}"
        for module in modules()
        for name in getattr(module, "__all__", [])
        if not hasattr(module, name)
    ]
    assert missing == []


def test_every_python_file_is_in_a_package() -> None:
    """So that walking the packages skips nothing."""
    folders = {path.parent for kit in ("apibot", "deltabot") for path in (ROOT / kit).rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def drawn(kind: type[errors.ApibotError], indent: str = "") -> Iterator[str]:
    kinds = [sub for sub in kind.__subclasses__() if sub.__module__.split(".")[0] in {"apibot", "deltabot"}]
    for sub in sorted(kinds, key=lambda sub: sub.__name__):
        last = sub.__name__ == max(other.__name__ for other in kinds)
        yield f"{indent}{'└── ' if last else '├── '}{sub.__name__}"
        yield from drawn(sub, indent + ("    " if last else "│   "))


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    modules()  # an error defined elsewhere belongs to the tree as well
    assert errors.__doc__
    tree = [line.removeprefix("    ") for line in errors.__doc__.splitlines() if re.match(r"\s+[│├└]", line)]
    assert tree == list(drawn(errors.ApibotError))


def files() -> Iterator[Path]:
    """Give the project's own files: all but what git ignores."""
    ignored = [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split())]
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not any(fnmatch.fnmatch(name, mask) for mask in ignored)]
        yield from (Path(folder, name) for name in names if not any(fnmatch.fnmatch(name, mask) for mask in ignored))


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_no_file_holds_what_belongs_to_one_machine(pattern: str) -> None:
    own = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r}"
        for path in files()
        if path != own and (match := re.search(pattern, path.read_text(errors="replace")))
    ]
    assert found == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as opened:
        yield opened


def test_the_wheel_is_typed_licensed_and_holds_no_more_than_the_packages(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    info = next(name.split("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
    wanted = {"apibot/py.typed", "deltabot/py.typed", f"{info}/licenses/LICENSE", f"{info}/licenses/deltabot/LICENSE"}
    assert wanted - names == set()
    assert {name.split("/")[0] for name in names} == {"apibot", "deltabot", info}
    assert "Permission is hereby granted" in wheel.read(f"{info}/licenses/LICENSE").decode()
    assert "CC0 1.0 Universal" in wheel.read(f"{info}/licenses/deltabot/LICENSE").decode()


def test_the_wheels_entry_points_exist(wheel: zipfile.ZipFile) -> None:
    parser = configparser.ConfigParser()
    parser.read_string(
        next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("entry_points.txt"))
    )
    for section in parser.sections():
        for value in parser[section].values():
            module, _, name = value.partition(":")
            assert hasattr(importlib.import_module(module), name or "__name__"), value
