"""Pages of reports: how they are set out, and whether a new one says anything new."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from apibot.core.arguments import checked, each
from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.core.site import SiteInfo
from apibot.data.pages import normalised
from apibot.data.titles.rules import CATEGORY
from apibot.data.titles.title import Title

STAMP = "%Y-%m-%d %H:%M (UTC)"
_STAMPED = re.compile(r"(<onlyinclude>)\d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)(</onlyinclude>)")
_TAG = "<onlyinclude>"
_PREFIX = "Category:"
_ANY_WIKI = SiteInfo(
    {
        "general": {},
        "namespaces": {
            "0": {"id": 0, "name": ""},
            str(CATEGORY): {"id": CATEGORY, "name": "Category", "canonical": "Category"},
        },
    }
)
"""What is common to all wikis, by which names are checked that come without one."""


def stamped(when: datetime) -> str:
    """Return a time as reports have it, in UTC: ``2026-01-31 12:00 (UTC)``.

    Raises BadParameter for one without a time zone, and at the ends of the calendar, where UTC has no such day.
    """
    if when.tzinfo is None:
        msg = f"{when} has no time zone; take datetime.now(UTC), or replace(tzinfo=...)."
        raise BadParameter(msg)
    try:
        return when.astimezone(UTC).strftime(STAMP)
    except OverflowError:
        msg = f"{when} can not be told in UTC; take a time that is not at the end of the calendar."
        raise BadParameter(msg) from None


@checked
def report(
    body: str,
    *,
    stamp: datetime,
    intro: str = "",
    label: str = "Update: ",
    categories: Iterable[str | Title] = (),
) -> str:
    """Return the text of a page with a report.

    Other pages that include it get the time of its last update (``<onlyinclude>``).

    Parameters: ``body``, wikitext; ``stamp``, when it was made, with a time zone; ``intro``, wikitext above the line
    with the time; ``label``, wikitext before the time; ``categories``, that the page is in: titles of this wiki's, or
    names without namespace.
    Raises BadParameter for a time without a zone and a title that is no category's; InvalidTitle for what can not be
    the name of a category (one with ``~~~~`` or ``{{subst:`` neither, which saving would change); BadText for
    ``<onlyinclude>`` above the time.
    """
    for text in (intro, label):
        if _TAG in text.lower():
            raise BadText(text, f"there is one {_TAG} in a report, around its time", text.lower().find(_TAG))
    line = f"{label}{_TAG}{stamped(stamp)}</onlyinclude>"
    names = "\n".join(map(_category, each(categories)))
    return "\n\n".join(text for text in (_end(intro, line), body.strip("\n"), names) if text)


def _end(intro: str, line: str) -> str:
    return f"{intro.rstrip()}\n{line}" if intro.strip() else line


@checked
def _category(name: str | Title) -> str:
    if isinstance(name, Title):
        if name.ns != CATEGORY or name.interwiki:
            msg = f"{name} is no category of this wiki, so a report can not be in it."
            raise BadParameter(msg)
        return f"[[{name.full}]]"
    if (at := name.find("#")) >= 0:
        raise InvalidTitle(name, "'#' can not be in the name of a category", at)
    try:
        Title.parse(f"{_PREFIX}{name}", _ANY_WIKI)
    except InvalidTitle as exc:
        raise InvalidTitle(name, exc.reason, max(exc.position - len(_PREFIX), 0)) from None
    return f"[[{_PREFIX}{name.strip()}]]"


@checked
def same_but_stamp(old: str, new: str) -> bool:
    """Say whether two texts of a report differ in nothing but the time in the first ``<onlyinclude>``.

    They are compared as the wiki would store them.  What is no time there is compared like all else.
    """
    return _unstamped(old) == _unstamped(new)


def _unstamped(text: str) -> str:
    text = normalised(text)
    found = _STAMPED.match(text, max(text.find(_TAG), 0))
    return f"{text[: found.end(1)]}{text[found.start(2) :]}" if found else text


@checked
def renewed(old: str | None, new: str, *, least: int = 0) -> str:
    """Return the text to save: the old one where nothing but the time differs, so that nothing is saved.

    Parameters: ``old``, text of the page, None if there is none; ``new``, of the report; ``least``, characters that a
    report has at least, so that one that failed does not take the place of one that did not.
    Raises BadText for a new text that is shorter.
    """
    if len(new) < least:
        raise BadText(new, f"a report has at least {least} characters, this one {len(new)}; it is not to be saved")
    return old if old is not None and same_but_stamp(old, new) else new


__all__ = ["STAMP", "renewed", "report", "same_but_stamp", "stamped"]
