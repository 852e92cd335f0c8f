"""The same with Apibot."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from apibot import StandaloneBridge
from apibot.data import Revision, SiteInfo, Title, Wikitext
from bench import texts
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

    @cached_property
    def site(self) -> SiteInfo:
        """What the wiki says of itself."""
        return self.bridge.info.site

    def titles(self, given: list[str]) -> int:
        """Read titles, return the characters of what the wiki calls the pages."""
        site = self.site
        return sum(len(Title.parse(text, site).full) for text in given)

    def rows(self, given: list[dict[str, object]]) -> int:
        """Make revisions of rows and look at three columns of each, return the sum of what is there."""
        total = 0
        for row in given:
            revision = Revision.from_api(row)
            total += revision.revid + len(revision.user) + revision.size
        return total

    def categories(self, given: list[str]) -> int:
        """Put each article in a category behind its last one; return the characters of all."""
        characters = 0
        for text in given:
            page = Wikitext(text, self.site)
            page.add_category(texts.CATEGORY)
            characters += len(str(page))
        return characters

    def templates(self, given: list[str]) -> int:
        """Set a parameter of each article's infobox; return the characters of all."""
        characters = 0
        for text in given:
            page = Wikitext(text, self.site)
            for template in page.templates_named("Infobox town"):
                template.set(texts.PARAMETER, texts.VALUE)
            characters += len(str(page))
        return characters
