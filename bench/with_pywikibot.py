"""The same with Pywikibot, made as fast as its settings allow."""

from __future__ import annotations

from collections.abc import Callable

import pywikibot
from pywikibot import config, textlib
from pywikibot.family import AutoFamily
from pywikibot.login import ClientLoginManager
from pywikibot.page import Revision

from bench import texts
from bench.wiki import Wiki


class WithPywikibot:
    """Pywikibot: no throttle; a lag of the server that never is reached."""

    def __init__(self, wiki: Wiki) -> None:
        config.minthrottle = config.put_throttle = 0
        config.read_maxlag = config.write_maxlag = 1000
        user, _, _ = wiki.user.partition("@")
        self.site = pywikibot.Site("bench", AutoFamily("bench", wiki.api), user=user)
        manager = ClientLoginManager(wiki.password, self.site, user)
        manager.login_name = wiki.user  # as a password file with a BotPassword sets it
        manager.login()
        self.site.login()

    def read(self, prefix: str, work: Callable[[], object]) -> int:
        """Read the texts of pages, do the work for each, return the number of characters."""
        characters = 0
        for page in self.site.allpages(prefix=prefix, content=True):
            characters += len(page.text)
            work()
        return characters

    def edit(self, prefix: str, line: str) -> int:
        """Add a line to pages, return how many were changed."""
        saved = 0
        for page in self.site.allpages(prefix=prefix, content=True):
            before = page.latest_revision_id
            page.text += line
            page.save(summary="Bench", minor=False, bot=True, quiet=True)
            saved += page.latest_revision_id != before
        return saved

    def titles(self, given: list[str]) -> int:
        """Read titles, return the characters of what the wiki calls the pages."""
        characters = 0
        for text in given:
            link = pywikibot.Link(text, self.site)
            link.parse()
            characters += len(link.canonical_title())
        return characters

    def rows(self, given: list[dict[str, object]]) -> int:
        """Make revisions of rows and look at three columns of each, return the sum of what is there."""
        total = 0
        for row in given:
            revision = Revision(**row)
            total += revision.revid + len(revision.user) + revision.size
        return total

    def categories(self, given: list[str]) -> int:
        """Put each article in a category behind its last one; return the characters of all."""
        new = pywikibot.Category(self.site, texts.CATEGORY)
        characters = 0
        for text in given:
            changed = textlib.replaceCategoryLinks(text, [new], self.site, add_only=True)
            characters += len(changed)
        return characters
