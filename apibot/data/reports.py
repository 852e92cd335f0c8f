"""Pages of reports: how they are set out, and whether a new one says anything new."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from apibot.core.errors import BadParameter, BadText
from apibot.data.pages import normalised
from apibot.data.titles.title import Title

STAMP = "%Y-%m-%d %H:%M (UTC)"
_STAMPED = re.compile(r"(<onlyinclude>)\d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)(</onlyinclude>)")
_TAG = "<onlyinclude>"
_NO_NAME = re.compile(r"[\[\]{}|<>#\n]")


def stamped(when: datetime) -> str:
    """Return a time as reports have it, in UTC: ``2026-01-31 12:00 (UTC)``.

    Raises BadParameter for one without a time zone.
    """
    if when.tzinfo is None:
        msg = f"{when} has no time zone; take datetime.now(UTC), or replace(tzinfo=...)."
        raise BadParameter(msg)
    return when.astimezone(UTC).strftime(STAMP)


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
    with the time; ``label``, wikitext before the time; ``categories``, that the page is in, their names without
    namespace.
    Raises BadParameter for a time without a zone; BadText for what can not be the name of a category, and for
    ``<onlyinclude>`` above the time.
    """
    for text in (intro, label):
        if _TAG in text.lower():
            raise BadText(text, f"there is one {_TAG} in a report, around its time", text.lower().find(_TAG))
    line = f"{label}{_TAG}{stamped(stamp)}</onlyinclude>"
    names = "\n".join(map(_category, categories))
    return "\n\n".join(text for text in (_end(intro, line), body.strip("\n"), names) if text)


def _end(intro: str, line: str) -> str:
    return f"{intro.rstrip()}\n{line}" if intro.strip() else line


def _category(name: str | Title) -> str:
    if isinstance(name, Title):
        return f"[[{name.full}]]"
    found = _NO_NAME.search(name)
    if found or not name.strip():
        raise BadText(name, "it can not be the name of a category", found.start() if found else 0)
    return f"[[Category:{name.strip()}]]"


def same_but_stamp(old: str, new: str) -> bool:
    """Say whether two texts of a report differ in nothing but the time in the first ``<onlyinclude>``.

    They are compared as the wiki would store them.  What is no time there is compared like all else.
    """
    return _unstamped(old) == _unstamped(new)


def _unstamped(text: str) -> str:
    text = normalised(text)
    found = _STAMPED.match(text, max(text.find(_TAG), 0))
    return f"{text[: found.end(1)]}{text[found.start(2) :]}" if found else text


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
