"""Tasks on pages: fetch, edit, purge; and any action by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from apibot.core.errors import BadParameter
from apibot.core.jsons import JsonObject
from apibot.core.request import Effect, Extra, Task, arg
from apibot.data.pages import Page, PageLike, page_ref

Section = int | Literal["new"]


@dataclass(frozen=True, slots=True)
class EditResult:
    """What an edit led to."""

    title: str
    pageid: int | None
    revid: int
    """The revision that is now current as far as the edit knows; its own if it made one."""
    base: int
    """The revision that it was made on, 0 for a new page."""
    changed: bool = True
    """False if the page was already as wanted; nothing was saved then."""
    created: bool = False
    merged: bool = False
    """Someone else saved elsewhere on the page first, and the wiki merged both."""
    confirmed_late: bool = False
    """The reply was lost, and the wiki's history shows that the edit landed."""


class Fetch(Task[Page]):
    """Fetch a page with its text.  A page that does not exist is given too, with ``exists`` False.

    Source: API:Query, API:Revisions.
    """

    effect: ClassVar[Effect] = "read"
    page: PageLike = arg(kw_only=False)
    redirects: bool = False
    """Follow a redirect to its target."""
    revid: int | None = None
    """An old revision of the page instead of the current one."""
    categories: bool = False
    """With the categories it is in."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "page", page_ref(self.page))


class Edit(Task[EditResult]):
    """Save a text, add to one, edit one section, or create a page; once, and never over somebody else's edit.

    The page is read first where its text is not at hand, and the edit carries the revision it was made on.  Nothing
    is sent if nothing would change.  Source: API:Edit.
    """

    page: PageLike = arg(kw_only=False)
    """Title, reference, or a page that was fetched: then its ``text`` is saved, if no other change is given."""
    text: str | None = None
    """The whole new text, of the section if one is given."""
    append: str | None = None
    """Text added at the end, as it stands: begin it with a line break if it needs one."""
    prepend: str | None = None
    """Text added at the beginning."""
    section: Section | None = None
    """Number of the section (0 is the text before the first heading), or ``new`` to add one at the end."""
    sectiontitle: str | None = None
    """Heading of the new section."""
    summary: str = ""
    minor: bool = False
    create: Literal["only", "never"] | None = None
    """``only``: the page must not exist; ``never``: it must; otherwise a missing page is created."""
    tags: Sequence[str] = ()
    """Change tags, as far as the wiki lets the account set them."""
    bot: bool = True
    """Mark as a bot's edit, where the account has that right."""
    ignore_bots: bool = False
    """Edit although {{bots}} or {{nobots}} on the page keeps this account out; only on request of its owner."""

    def __post_init__(self) -> None:
        page, text = self.page, self.text
        others = (self.append, self.prepend, self.section)
        if isinstance(page, Page) and text is None and all(one is None for one in others):
            object.__setattr__(self, "text", page.text)
        object.__setattr__(self, "page", page_ref(page))
        super().__post_init__()
        self._check()

    def _check(self) -> None:
        """Refuse what makes no sense before anything is asked."""
        texts = (self.text, self.append, self.prepend, self.sectiontitle, self.summary)
        faults = (
            (not all(map(_is_text, texts)), "a text is none, or no Unicode"),
            (isinstance(self.tags, str), "tags are several: tags=['...']"),
            (self.create not in {None, "only", "never"}, "create is only or never"),
            (not isinstance(self.section, int | None) and self.section != "new", "a section is a number or new"),
            (
                self.text is None and self.append is None and self.prepend is None,
                "nothing to save: give text, append or prepend",
            ),
            (
                self.text is not None and (self.append is not None or self.prepend is not None),
                "text replaces everything: append and prepend do not go with it",
            ),
            (self.section == "new" and not self.sectiontitle, 'section="new" needs a sectiontitle'),
            (self.section == "new" and self.text is None, 'section="new" needs the text of the section'),
            (self.section != "new" and self.sectiontitle is not None, 'sectiontitle goes with section="new"'),
            (isinstance(self.section, int) and self.section < 0, "sections are numbered from 0"),
        )
        found = [text for applies, text in faults if applies]
        if found:
            msg = f"Edit of {self.page}: {'; '.join(found)}."
            raise BadParameter(msg)

    @property
    def follows(self) -> bool:
        """Whether it can be made on whatever the page's text is by then."""
        return self.derived and (self.section is None or self.section == "new")

    @property
    def repeatable(self) -> bool:
        """Whether it may be made again on a newer text, after a conflict."""
        return self.derived and self.create != "only"

    @property
    def derived(self) -> bool:
        """Whether the new text follows from the old one, so that it can be made again from a newer one."""
        return self.text is None or self.section is not None


def _is_text(value: object) -> bool:
    """Say whether a value is a text that can be sent, or none; a lone surrogate can not."""
    return (
        value is None
        or (isinstance(value, str) and value.isascii())
        or (isinstance(value, str) and not re.search("[\ud800-\udfff]", value))
    )


@dataclass(frozen=True, slots=True)
class PurgeResult:
    """What a purge led to."""

    purged: tuple[str, ...]
    """Titles."""
    missing: tuple[str, ...]
    """Titles of pages that do not exist, or are none."""


class Purge(Task[PurgeResult]):
    """Drop what the wiki has cached of pages.  Source: API:Purge."""

    effect: ClassVar[Effect] = "idempotent"
    pages: Sequence[PageLike] | PageLike = arg(kw_only=False)
    forcelinkupdate: bool = False
    """Also renew the link tables."""
    forcerecursivelinkupdate: bool = False
    """Also renew those of pages that use them as templates."""

    def __post_init__(self) -> None:
        given = self.pages
        many = given if isinstance(given, list | tuple) else [cast("PageLike", given)]
        super().__post_init__()
        object.__setattr__(self, "pages", tuple(page_ref(page) for page in many))


class CallAction(Task[JsonObject]):
    """Call any action by its name, with parameters as its paraminfo has them; gives the wiki's whole answer."""

    action: str = arg(kw_only=False)
    params: Extra | None = None


__all__ = ["CallAction", "Edit", "EditResult", "Fetch", "Purge", "PurgeResult", "Section"]
