"""Pages, and references to them, as the API's rows give them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Self, TypeAlias, cast

from apibot.core.arguments import checked
from apibot.core.errors import BadParameter, BadReply, BadText, NotFetched
from apibot.core.jsons import block, number, rows, text
from apibot.data.rows.columns import copied, utc

Row = Mapping[str, object]


UNSTABLE = re.compile(r"~~~|\{\{\s*(?:safe)?subst:|\[\[[^\[\]|]*\|\]\]|\[\[\|", re.IGNORECASE)
"""Wikitext that the wiki stores otherwise than it was sent (pre-save transform), so that hashes can not be compared."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


TRIMMED = " \t\n\r\0\x0b"
"""What the wiki takes off the ends of a text (PHP's trim)."""


def cleaned(text: str) -> str:
    r"""Return a text as MediaWiki takes any input: NFC, with U+FFFD for characters that can not be in a text.

    Source: MediaWiki's UtfNormal\Validator::cleanUp.
    """
    return unicodedata.normalize("NFC", _IMPOSSIBLE.sub("\ufffd", text))


@checked
def normalised(text: str) -> str:
    r"""Return a text as MediaWiki would store it.

    That is NFC, with U+FFFD for characters that can not be in a text, LF line ends, no white space at the end.
    Source: MediaWiki's UtfNormal\Validator::cleanUp and TextContent::normalizeLineEndings.
    """
    return cleaned(text).replace("\r\n", "\n").replace("\r", "\n").rstrip(" \t\n")


def text_sha1(text: str) -> str:
    """Return the hexadecimal SHA-1 of a text after normalisation, as revisions carry it."""
    return hashlib.sha1(normalised(text).encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Base:
    """The revision on which a change is made."""

    revid: int
    """0 for a page that was missing."""
    sha1: str
    """Of its text; empty for a page that was missing."""


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page by its title or its number, and the revision of it that was seen."""

    title: str | None = None
    pageid: int | None = None
    ns: int | None = None
    base: int | None = None
    """Revision id that a change must be based on; 0 if the page was seen to be missing."""

    def __post_init__(self) -> None:
        if self.title is not None and not _may_be_title(self.title):
            msg = f"{self.title!r} is no title of a page."
            raise BadParameter(msg)
        if (
            (self.title is None and self.pageid is None)
            or (self.pageid is not None and self.pageid < 1)
            or (self.base or 0) < 0
        ):
            msg = f"A page needs a title or a page id above 0, not {self.pageid!r}; its base is a revision or 0."
            raise BadParameter(msg)

    @classmethod
    def from_api(cls, row: Row) -> Self:
        """Make a reference from a row that has title, pageid or ns."""
        return cls(text(row.get("title")), number(row.get("pageid")) or None, number(row.get("ns")))

    def __str__(self) -> str:
        return self.title or f"page {self.pageid}"


class Page:
    """A page with what was asked for of it; reading what was not asked for raises NotFetched.

    Parameters: ``row``, a page as ``action=query`` gives it (formatversion 2); ``text``, ``categories`` and ``info``,
    whether they were asked for.  A page that does not exist has an empty text.
    A page changes (its text, and what it is when it was saved), so two of them are equal only if they are the same
    object; ``ref`` is what can be compared.  What was fetched does not change: ``original``, ``row``.
    """

    __slots__ = ("_categories", "_info", "_original", "_row", "_text")

    def __init__(self, row: Row, *, text: bool = True, categories: bool = False, info: bool = True) -> None:
        self._row = row
        self._categories = categories
        self._info = info
        self._original = _content(row) if text else None
        self._text = self._original

    @property
    def title(self) -> str:
        """Full title with namespace."""
        return text(self._row.get("title")) or ""

    @property
    def pageid(self) -> int | None:
        """Number of the page; None if it does not exist."""
        return number(self._row.get("pageid")) or None

    @property
    def ns(self) -> int:
        """Number of the namespace."""
        return number(self._row.get("ns")) or 0

    @property
    def exists(self) -> bool:
        """Whether the wiki has such a page."""
        return not (self._row.get("missing") or self._row.get("invalid") or self._row.get("special"))

    @property
    def redirect(self) -> bool:
        """Whether the page is a redirect; NotFetched unless its info was asked for."""
        if not self._info:
            raise _not_fetched(self.title, "info")
        return bool(self._row.get("redirect"))

    @property
    def size(self) -> int:
        """Bytes of the text; 0 if the page does not exist.  NotFetched unless info or text was asked for."""
        if self._info or not self.exists:
            return number(self._row.get("length")) or 0
        if self._original is None:
            raise _not_fetched(self.title, "info")
        return len(cleaned(self._original).encode())

    @property
    def revid(self) -> int:
        """Number of the revision that the text is of, 0 if the page does not exist."""
        revision = self._revision()
        return number(revision.get("revid")) or number(self._row.get("lastrevid")) or 0

    @property
    def timestamp(self) -> datetime | None:
        """Time of that revision, in UTC; None where it was not asked for.  BadReply if the wiki gave no time."""
        found = self._revision().get("timestamp")
        try:
            return utc(found or "")
        except ValueError:
            msg = f"{self.title}: the time of its revision should be a time (ISO 8601), and is {found!r:.200}."
            raise BadReply(msg) from None

    @property
    def contentmodel(self) -> str:
        """Content model of the page."""
        main = block(block(self._revision().get("slots")).get("main"))
        return text(self._row.get("contentmodel") or main.get("contentmodel")) or "wikitext"

    @property
    def categories(self) -> list[str]:
        """Titles of the categories that the page is in; NotFetched unless asked for.

        BadReply if the wiki gave anything but a list of titles.
        """
        if not self._categories:
            raise _not_fetched(self.title, "categories")
        value = self._row.get("categories", [])
        found = [title for row in rows(value) if (title := text(row.get("title"))) is not None]
        if not isinstance(value, list) or len(found) != len(cast("list[object]", value)):
            msg = f"{self.title}: its categories should be a list of rows with a title, and are {value!r:.200}."
            raise BadReply(msg)
        return found

    @property
    def has_text(self) -> bool:
        """Whether the text was asked for and may be seen."""
        return self._text is not None

    @property
    def text(self) -> str:
        """Wikitext; may be set, and is then saved by an edit of this page.  NotFetched unless asked for."""
        if self._text is None:
            raise _not_fetched(self.title, "text")
        return self._text

    @text.setter
    @checked
    def text(self, value: str) -> None:
        self._text = value

    @property
    def original(self) -> str:
        """The text as it was fetched."""
        if self._original is None:
            raise _not_fetched(self.title, "text")
        return self._original

    @property
    def changed(self) -> bool:
        """Whether the text was set to something that MediaWiki would store otherwise."""
        return (
            self._text is not None
            and self._text != self._original
            and (self._original is None or normalised(self._text) != normalised(self._original))
        )

    @property
    def base(self) -> Base:
        """Revision and hash of the text as it was fetched."""
        return Base(self.revid, text_sha1(self.original) if self.exists else "")

    @property
    def ref(self) -> PageRef:
        """A reference that pins the revision."""
        return PageRef(self.title, self.pageid, self.ns, (self.revid or None) if self.exists else 0)

    @property
    def row(self) -> Row:
        """All that the API gave, a copy that can be read only; what was fetched does not change by it."""
        return MappingProxyType({key: copied(value) for key, value in self._row.items()})

    @property
    def current(self) -> bool:
        """Whether the text is of the page's newest revision, as far as that was asked for."""
        return number(self._row.get("lastrevid")) in {None, self.revid}

    def saved(self, row: Row) -> None:
        """Take over what the wiki has now: the page's row after it was saved."""
        stale = {"missing", "revisions", "categories", "redirect"}
        self._row = {key: value for key, value in self._row.items() if key not in stale} | dict(row)
        self._categories = self._info = False
        self._text = self._original = _content(row)

    def to_json(self) -> str:
        """Return the page as JSON on one line: what was asked for and fetched, and a text that was set."""
        from apibot.data.json_text import to_text

        asked = {"text": self._original is not None, "categories": self._categories, "info": self._info}
        whole: dict[str, object] = {"row": dict(self._row), "asked": asked}
        if self._text != self._original:
            whole["text"] = self._text
        return to_text(whole)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Make a page from JSON as ``to_json`` writes it.

        Raises BadText, with the position, for what is not such JSON.
        """
        from apibot.data.json_text import beginning, object_in

        found = object_in(text, cls.__name__)
        row, asked, changed = found.get("row"), block(found.get("asked")), found.get("text")
        parts = {name: asked.get(name) for name in ("text", "categories", "info")}
        fit = isinstance(row, dict) and isinstance(changed, str | None) and found.keys() <= {"row", "asked", "text"}
        if not fit or asked.keys() != parts.keys() or not all(isinstance(one, bool) for one in parts.values()):
            why = "is no Page: it holds not just row, asked (text, categories and info, each true or false) and text"
            raise BadText(text, why, beginning(text))
        page = cls(block(row), **{name: bool(one) for name, one in parts.items()})
        if isinstance(changed, str):
            page.text = changed
        return page

    def _repr_html_(self) -> str:
        """Return a table of two columns for notebooks; nothing of what the wiki gave can run in it."""
        from apibot.data.rows.table import html_of_one

        return html_of_one(self)

    def _revision(self) -> Row:
        return next(iter([*rows(self._row.get("revisions")), {}]))

    def __repr__(self) -> str:
        return f"<Page {self.title!r} revision {self.revid}>"


if TYPE_CHECKING:
    from apibot.data.titles.title import Title

    PageLike: TypeAlias = "str | PageRef | Page | Title"
else:  # what is left once a request was made, and what JSON may hold
    PageLike = PageRef | str


def page_ref(page: PageLike) -> PageRef:
    """Return the reference for a title, a reference or a page.

    Raises BadParameter for a title of another wiki, and for what is none of these.
    """
    if isinstance(page, str):
        return PageRef(page)
    return page.ref if isinstance(page, Page) else _checked_ref(page)


def _checked_ref(value: object) -> PageRef:
    """Refuse what an untyped caller may give."""
    from apibot.data.titles.title import Title

    if isinstance(value, PageRef):
        return value
    if isinstance(value, Title):
        if value.interwiki:
            msg = f"{value} is a page of another wiki: ask that one (bridge.on)."
            raise BadParameter(msg)
        return PageRef(value.full)
    msg = f"{value!r} is no page: give a title, a reference, or a page that was fetched."
    raise BadParameter(msg)


def _may_be_title(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not _SURROGATE.search(value)


def _content(row: Row) -> str | None:
    """Return the text in a page's row; None where it is hidden or was not asked for."""
    for revision in rows(row.get("revisions")):
        return text(block(block(revision.get("slots")).get("main")).get("content"))
    return "" if row.get("missing") else None


def _not_fetched(title: str, what: str) -> NotFetched:
    return NotFetched(f"{title}: its {what} was not asked for, or may not be seen. Ask: .pages({what}=True).")


__all__ = [
    "TRIMMED",
    "UNSTABLE",
    "Base",
    "Page",
    "PageLike",
    "PageRef",
    "Row",
    "cleaned",
    "normalised",
    "page_ref",
    "text_sha1",
]
