"""A download: tried on as long as it gets on, by ranges of a file that stays the same (RFC 9110, 13.1.5 and 14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.browser.exchange import Exchange
from apibot.core.browser.hops import pieces
from apibot.core.browser.parts import Part, validator_of
from apibot.core.browser.route import host_of
from apibot.core.browser.transfer import Asked
from apibot.core.errors import BadReply, ConnectionLost, TimedOut

if TYPE_CHECKING:
    import requests

TRIES = 5
"""How often one call asks for a file that breaks off again and again."""
OK, PARTIAL, NOT_IN_RANGE = 200, 206, 416

Take = Callable[["requests.Response", Exchange], None]
Run = Callable[[Asked, Take], "requests.Response"]
"""Makes one transfer; what it is given reads the body."""


class Range(NamedTuple):
    """Which bytes of a file an answer brings (``Content-Range``)."""

    start: int | None
    total: int | None


def range_of(headers: Mapping[str, str]) -> Range:
    """Read ``bytes 5-9/20``, ``bytes 5-9/*`` or ``bytes */20``; what is not there is None."""
    found = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(?:(\d+)|\*)", headers.get("Content-Range", "").strip())
    start, total = found.groups() if found else (None, None)
    return Range(None if start is None else int(start), None if total is None else int(total))


class Fetching:
    """Brings one file into its part.

    Parameters: ``asked``; ``part``, which is held; ``run``, makes one transfer.
    """

    def __init__(self, asked: Asked, part: Part, run: Run) -> None:
        self._asked = asked
        self._part = part
        self._run = run
        self.kept = part.size if part.validator() else 0
        """Bytes of an earlier call that are still of use."""
        self._begin = -1
        self._whole = False

    def whole(self) -> requests.Response:
        """Fetch until the part is whole; returns the last answer.

        Raises what the last try raised, if it brought nothing new or was one too many.
        """
        for left in reversed(range(TRIES)):
            self._begin = -1
            try:
                reply = self._try()
            except (ConnectionLost, TimedOut):
                if not (left and self._got_on and self._part.validator()):
                    raise
                continue
            if self._whole:
                return reply
        msg = f"{host_of(self._asked.url)}: the file changes faster than it can be fetched. Try it again later."
        raise BadReply(msg)

    @property
    def _got_on(self) -> bool:
        """Whether the last try brought bytes."""
        return 0 <= self._begin < self._part.size

    def _try(self) -> requests.Response:
        headers = {**(self._asked.headers or {}), "Accept-Encoding": "identity"}  # else bytes can not be counted
        validator = self._part.validator()
        if validator is not None:
            headers |= {"Range": f"bytes={self._part.size}-", "If-Range": validator}
        return self._run(self._asked._replace(headers=headers), self._take)

    def _take(self, reply: requests.Response, exchange: Exchange) -> None:
        """Take what an answer brings into the part."""
        part, known = self._part, self._part.validator()
        self._begin = 0 if reply.status_code == OK else part.size
        came, total = range_of(reply.headers)
        if reply.status_code == OK:
            self._anew(validator_of(reply.headers))
            part.add(pieces(reply, exchange))
            self._whole = True
        elif known is None or reply.status_code not in {PARTIAL, NOT_IN_RANGE}:
            msg = f"{host_of(self._asked.url)}: it answers with HTTP {reply.status_code}, no file came."
            raise BadReply(msg)
        elif reply.status_code == NOT_IN_RANGE and total == part.size:
            self._whole = True  # it broke off just before its end was noticed
        elif reply.status_code == NOT_IN_RANGE or came != part.size or _other_version(known, reply.headers):
            self._anew(None)  # so the next try asks for all of it
        else:
            part.add(pieces(reply, exchange, part.size))
            self._whole = total is None or part.size == total

    def _anew(self, validator: str | None) -> None:
        self.kept = 0
        self._part.begin(validator)


def _other_version(known: str, headers: Mapping[str, str]) -> bool:
    """Say whether a server that was asked for one version gives a part of another all the same."""
    return known.startswith('"') and headers.get("ETag", known) != known


__all__ = ["NOT_IN_RANGE", "OK", "PARTIAL", "TRIES", "Fetching", "Range", "Run", "Take", "range_of"]
