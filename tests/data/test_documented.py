"""docs/pages.md names all that apibot.data offers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import apibot.data
import apibot.data.wikitext
from apibot.data import Page, Section, Title, Wikitext
from apibot.data.wikitext import FileLink, Link, Table, Tag, Template

PAGE = (Path(__file__).parents[2] / "docs" / "pages.md").read_text(encoding="utf-8")
INNER = {"changes", "outline", "pieces", "places", "reading", "sound", "spans", "stamp", "to_json", "from_json"}


def is_named(name: str) -> bool:
    return re.search(rf"\b{name}\b", PAGE) is not None


def members(kind: type) -> Iterator[str]:
    """Give what a class and those of ours that it is made of have."""
    for one in kind.__mro__[:-1]:
        yield from (name for name in vars(one) if not name.startswith("_"))


@pytest.mark.parametrize("module", [apibot.data, apibot.data.wikitext], ids=lambda one: one.__name__)
def test_all_public_names_are_in_the_manual(module: ModuleType) -> None:
    assert [name for name in module.__all__ if not is_named(name)] == []


@pytest.mark.parametrize("kind", [Title, Wikitext, Section, Page, Template, Link, FileLink, Tag, Table])
def test_all_members_are_in_the_manual(kind: type) -> None:
    assert [name for name in dict.fromkeys(members(kind)) if name not in INNER and not is_named(name)] == []
