"""The same with Apibot."""

from __future__ import annotations

from collections.abc import Callable

from apibot import StandaloneBridge
from apibot.data import Title
from bench.wiki import Wiki


class WithApibot:
    """Apibot; wiki and account come from the sandbox's settings."""

    def __init__(self, _wiki: Wiki) -> None:
        self.bridge = StandaloneBridge("bench")

    def read(self, prefix: str, work: Callable[[], object]) -> int:
        """Read the texts of pages, do the work for each, return the number of characters."""
        characters = 0
        for page in self.bridge.allpages(prefix=prefix).pages(text=True):
            characters += len(page.text)
            work()
        return characters

    def edit(self, prefix: str, line: str) -> int:
        """Add a line to pages, return how many were changed."""
        saved = 0
        for page in self.bridge.allpages(prefix=prefix).pages(text=True):
            page.text += line
            saved += self.bridge.edit(page, summary="Bench").changed
        return saved

    def titles(self, texts: list[str]) -> int:
        """Read titles, return the number of characters of all names."""
        site = self.bridge.info.site
        return sum(len(Title.parse(text, site).name) for text in texts)
