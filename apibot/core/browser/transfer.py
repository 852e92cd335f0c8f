"""What goes into a transfer and what comes out of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, cast
from urllib.parse import parse_qsl, urlsplit

from apibot.core.errors import BadReply
from apibot.core.jsons import Json
from apibot.core.secret import is_secret

Direction = Literal["up", "down"]
Cookie = dict[str, str]


class Prepared(Protocol):
    """A request just before it goes out (requests.PreparedRequest), as who signs it sees it."""

    method: str | None
    url: str | None
    headers: MutableMapping[str, str]
    body: bytes | str | None


Auth = Callable[[Prepared], Prepared]
"""Signs a request, each try anew."""


class Meter(Protocol):
    """Who keeps the average speed below its caps."""

    def moved(self, direction: Direction, count: int) -> None:
        """Count bytes that went over the wire; waits as long as the caps on the average speed want it."""
        ...


class Progress(NamedTuple):
    """How far the body of a transfer is, in bytes as they go over the wire."""

    direction: Direction
    done: int
    total: int | None
    """None if it is not known."""


Watch = Callable[[Progress], object]
"""Is told how far a transfer is, after each piece."""


class FilePart(NamedTuple):
    """A file to be sent in a form, or a part of one."""

    source: Path | bytes
    """Path of the file, which is read as it is sent; or the bytes themselves."""
    name: str | None = None
    """File name that the server is told, in any script; that of the path if None."""
    kind: str = "application/octet-stream"
    """MIME type."""
    start: int = 0
    """First byte to be sent."""
    length: int | None = None
    """Bytes to be sent; all that follow if None."""

    @property
    def file_name(self) -> str:
        """The name that the server is told."""
        return self.name or (self.source.name if isinstance(self.source, Path) else "file")


class Asked(NamedTuple):
    """One request as it is asked for."""

    url: str
    params: Mapping[str, str] | None = None
    data: Mapping[str, str] | None = None
    files: Mapping[str, FilePart] | None = None
    headers: Mapping[str, str] | None = None
    auth: Auth | None = None

    @property
    def method(self) -> str:
        """GET, or POST where there is something to be sent."""
        return "GET" if self.data is None and not self.files else "POST"

    @property
    def address_is_secret(self) -> bool:
        """Whether the address holds a password or token, which errors of libraries would show."""
        try:
            parts = urlsplit(self.url)
        except ValueError:  # no address at all
            return "@" in self.url
        names = {*(self.params or {}), *(name for name, _value in parse_qsl(parts.query, keep_blank_values=True))}
        return "@" in parts.netloc or any(map(is_secret, names))


class Transfer(NamedTuple):
    """One finished transfer."""

    url: str
    status: int
    headers: Mapping[str, str]
    """Names in any case."""
    body: bytes
    seconds: float
    """From sending to the last byte."""
    first: float = 0.0
    """Seconds from sending to the first byte."""

    @property
    def text(self) -> str:
        """The body as text (UTF-8, wrong bytes replaced)."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Json:
        """Return the body read as JSON; BadReply if it is none."""
        try:
            return cast("Json", json.loads(self.body))
        except (ValueError, RecursionError) as exc:
            msg = f"{self.url}: the answer is not JSON but begins with {self.text[:60]!r}."
            raise BadReply(msg) from exc


class Download(NamedTuple):
    """One finished transfer into a file."""

    url: str
    status: int
    """200, or 206 and 416 if the file was taken up where it was broken off."""
    headers: Mapping[str, str]
    """Of the last answer, names in any case."""
    path: Path
    size: int
    """Bytes of the whole file."""
    kept: int
    """How many of these an earlier call had brought already."""
    seconds: float
    """From sending to the last byte."""
    first: float = 0.0
    """Seconds from sending to the first byte."""


class Moved(NamedTuple):
    """Bytes that went in one direction."""

    wire: int = 0
    """As on the wire: packed, with headers."""
    unpacked: int = 0
    """Of bodies, unpacked."""


class Counters(NamedTuple):
    """What went over the wire since the browser was made."""

    requests: int = 0
    """Requests that were sent, those that redirects led to included."""
    redirects: int = 0
    """How often a redirect was followed."""
    failed: int = 0
    """Transfers that ended with an error."""
    up: Moved = Moved()
    down: Moved = Moved()
    seconds: float = 0.0
    """Spent in transfers, of all threads together."""


__all__ = [
    "Asked",
    "Auth",
    "Cookie",
    "Counters",
    "Direction",
    "Download",
    "FilePart",
    "Meter",
    "Moved",
    "Prepared",
    "Progress",
    "Transfer",
    "Watch",
]
