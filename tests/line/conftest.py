"""A real wiki for lines: pages to feed, a bot behind a wire, other people, and a slot that notes what it sees."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import ClassVar

import pytest

from apibot.core.request import arg
from apibot.data.pages import Page
from apibot.line import Slot
from apibot.line.slots import Kind, Work
from apibot.sandbox import Sandbox
from tests.api.conftest import _wire, bridge, clock, connect_via, human, sysop, wire
from tests.support.people import Person

MakePages = Callable[..., list[str]]
CROWD = 505
"""More pages than a bot gets with their texts in one reply, or may name in one request."""


class Noted(Work):
    """Show each element with its text to a function; titles that hold ``refuse`` are rejected."""

    kind: ClassVar[Kind] = "worker"
    needs_text: ClassVar[bool] = True
    see: Callable[[Page], object] = arg(kw_only=False)
    refuse: str = "\0"
    add: str = ""

    def work(self, page: Page, say: Callable[[str], object]) -> str | None:
        """Note it."""
        self.see(page)
        page.text += self.add
        return None if self.refuse in page.title else "noted"


class Marked(Work):
    """Show each element, without its text, to a function; titles that hold ``refuse`` are rejected."""

    kind: ClassVar[Kind] = "filter"
    see: Callable[[Page], object] = arg(kw_only=False)
    refuse: str = "\0"

    def work(self, page: Page, say: Callable[[str], object]) -> str | None:
        """Note it."""
        self.see(page)
        return None if self.refuse in page.title else "marked"


class Meddling(Work):
    """Do something while the element is here, as another person or process would."""

    kind: ClassVar[Kind] = "worker"
    meddle: Callable[[Page], object] = arg(kw_only=False)

    def work(self, page: Page, say: Callable[[str], object]) -> str | None:
        """Do it."""
        self.meddle(page)
        return "meddled"


def meddling(meddle: Callable[[Page], object]) -> Slot:
    """Return a slot that does something beside the line."""
    return Slot("meddling", Meddling(meddle))


def noted(seen: list[tuple[str, str]], *, refuse: str = "\0", add: str = "") -> Slot:
    """Return a slot that notes titles and texts."""
    return Slot("noted", Noted(lambda page: seen.append((page.title, page.text)), refuse=refuse, add=add))


def marked(seen: list[str], *, refuse: str = "\0") -> Slot:
    """Return a filter that notes titles."""
    return Slot("marked", Marked(lambda page: seen.append(page.title), refuse=refuse))


@pytest.fixture
def prefix() -> str:
    """A prefix that no other test's pages have."""
    return f"L{uuid.uuid4().hex[:10]}"


@pytest.fixture
def pages(human: Person, prefix: str) -> MakePages:
    """Give a function that makes pages ``PREFIX 0``, ``PREFIX 1``, ... of these texts; returns their titles."""

    def make(*texts: str) -> list[str]:
        titles = [f"{prefix} {number}" for number in range(len(texts))]
        for title, text in zip(titles, texts, strict=True):
            human.save(title, text)
        return titles

    return make


EXPORT = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">{}</mediawiki>"""
EXPORTED = """<page><title>{title}</title><ns>0</ns><revision><timestamp>2024-01-01T00:00:00Z</timestamp>
<contributor><username>A</username></contributor><model>wikitext</model><format>text/x-wiki</format>
<text xml:space="preserve">{text}</text></revision></page>"""


@pytest.fixture(scope="module")  # another module may reset the wiki
def crowd(apibot_wiki: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Prefix of CROWD pages ``PREFIX 0000`` with the text ``Text 0000.``."""
    prefix = f"C{uuid.uuid4().hex[:10]}"
    rows = [EXPORTED.format(title=f"{prefix} {n:04}", text=f"Text {n:04}.") for n in range(CROWD)]
    path = tmp_path_factory.mktemp("crowd") / "pages.xml"
    path.write_text(EXPORT.format("".join(rows)), encoding="utf-8")
    apibot_wiki.import_pages(path)
    return prefix


__all__ = ["_wire", "bridge", "clock", "connect_via", "crowd", "human", "pages", "prefix", "sysop", "wire"]
