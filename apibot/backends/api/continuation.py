"""Continuation of a query (API:Continue): read from each reply, refused where it would never end; replies merged."""

from __future__ import annotations

import marshal
from typing import NoReturn, cast

from apibot.core.errors import BadReply
from apibot.core.jsons import Json, JsonObject

IDLE = 10_000
"""Replies in a row that may bring nothing new: a filter that finds little on a large wiki gives thousands of them
(API:Query, "miser mode")."""
LONGEST = 20_000
"""Characters that a continuation may have: each module's is at most some titles and numbers."""


class Continuation:
    """How the replies of one query follow one another.

    Parameters: ``wiki``, its name, for errors; ``start``, where to begin, None for the beginning.
    """

    def __init__(self, wiki: str, start: JsonObject | None = None) -> None:
        self.params: JsonObject = start or {}
        """What the next request has to say; {} when the query has ended."""
        self._wiki = wiki
        self._seen = {_mark(self.params)}
        self._brought: set[int] = set()
        self._idle = 0

    def read(self, reply: JsonObject) -> None:
        """Take up what a reply says of the next one.

        Raises BadReply for a continuation that is none, that was there before, that grows without bound, or that
        leads through nothing but replies without anything new.
        """
        found = reply.get("continue")
        self.params = self._checked(found) if found is not None else {}
        if not self.params:
            return
        mark = _mark(self.params)
        if mark in self._seen:
            self._refuse(f"repeats itself ({mark[:200]}); it would never end")
        if len(mark) > LONGEST:
            self._refuse(f"has {len(mark)} characters; it seems to grow without end")
        self._seen.add(mark)
        if self._brings(reply.get("query")):
            self._idle = 0
            return
        self._idle += 1
        if self._idle >= IDLE:
            self._refuse(f"led through {IDLE} replies in a row that brought nothing new. Narrow the query down")

    def _checked(self, found: Json) -> JsonObject:
        """Return a continuation as it is sent with the next request."""
        if not isinstance(found, dict):
            self._refuse("is none")
        params: JsonObject = {}
        for key, value in found.items():
            if isinstance(value, bool) or not isinstance(value, str | int):
                self._refuse(f"has no text as {key[:50]!r}")
            if not (str(value).isascii() or _is_unicode(str(value))):
                self._refuse(f"has half a character in {key[:50]!r}")
            params[key] = value
        return params

    def _brings(self, query: Json) -> bool:
        """Say whether a reply brings what none has brought before."""
        if not query:
            return False
        try:
            mark = hash(marshal.dumps(query, 2))  # of what was read from JSON; the fastest way to see all of it
        except ValueError:  # nested too deep for it
            return True
        known = mark in self._brought
        self._brought.add(mark)
        return not known

    def _refuse(self, why: str) -> NoReturn:
        msg = f"{self._wiki}: the continuation of the query {why}."
        raise BadReply(msg)


def _mark(params: JsonObject) -> str:
    return repr(sorted(params.items()))


def _is_unicode(text: str) -> bool:
    """Say whether a text can be sent: half of a surrogate pair can not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def merge(into: JsonObject, more: JsonObject) -> None:
    """Merge one reply's query block into another's: pages by their identity, lists one after the other."""
    for key, value in more.items():
        old = into.get(key)
        if key == "pages" and isinstance(old, list) and isinstance(value, list):
            _merge_pages(cast("list[JsonObject]", old), cast("list[JsonObject]", value))
        else:
            into[key] = _merged(old, value)


def _merged(old: Json, new: Json) -> Json:
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *(one for one in new if one not in old)] if _small(old, new) else [*old, *new]
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return new


def _small(old: list[Json], new: list[Json]) -> bool:
    """Say whether looking for repeated rows costs nothing; only tiny blocks like ``redirects`` are repeated."""
    few = 64
    return len(old) + len(new) <= few


def _merge_pages(old: list[JsonObject], new: list[JsonObject]) -> None:
    known = {_identity(page): page for page in old}
    for page in new:
        held = known.get(_identity(page))
        if held is None:
            old.append(page)
            known[_identity(page)] = page
        else:
            for key, value in page.items():
                held[key] = _merged(held.get(key), value)


def _identity(page: JsonObject) -> tuple[object, object]:
    return page.get("pageid"), page.get("title")


__all__ = ["IDLE", "LONGEST", "Continuation", "merge"]
