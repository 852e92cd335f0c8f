"""A request on its way: prepared, sent, led on by redirects, its answer read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import requote_uri

from apibot.core.browser.connection import Session
from apibot.core.browser.exchange import Exchange, too_large
from apibot.core.browser.faults import FOREIGN
from apibot.core.browser.forms import form
from apibot.core.browser.route import Route, host_of
from apibot.core.browser.transfer import Asked
from apibot.core.errors import BadReply

BOUND = {"authorization", "cookie", "proxy-authorization"}
"""Headers that never go to another host."""
OF_BODY = {"content-type", "content-length", "content-encoding"}
KEEPS_BODY = {307, 308}
"""Redirects after which the body is sent again; after the others nothing but a GET follows."""
DRAINED = 64 * 1024
"""Bytes of a redirect's body that are read, so that the connection can be kept."""
LARGEST = 256 * 1024 * 1024
"""Bytes of an answer that are held in memory, packed or not; MediaWiki's own bound is far below."""
CHUNK = 64 * 1024
"""Bytes of an answer that are taken at once."""


def prepared(asked: Asked, session: Session, stack: ExitStack) -> requests.PreparedRequest:
    """Return a request as it goes out, signed; its files are closed with the stack."""
    headers = CaseInsensitiveDict[str | bytes](session.headers)
    headers.update(asked.headers or {})
    body: object = asked.data
    if asked.files:
        made = form(asked.data or {}, asked.files, stack)
        headers["Content-Type"] = made.content_type
        body = made
    request = requests.PreparedRequest()
    request.prepare(  # pyright: ignore[reportUnknownMemberType]  # the stub gives no types
        method=asked.method,
        url=asked.url,
        headers=headers,
        data=body,
        params=asked.params,
        auth=asked.auth,
        cookies=session.cookies,
    )
    return request


def led_on(asked: Asked, reply: requests.Response, session: Session) -> Asked | None:
    """Return the request that an answer leads to, None if it leads nowhere.

    What tells who is asking does not go to another host.  Raises BadReply for a redirect that may not be followed.
    """
    target = session.target(reply)
    if target is None:
        return None
    url = urljoin(reply.url, requote_uri(target))
    if not url.lower().startswith(("http://", "https://")):
        msg = f"{host_of(asked.url)}: it redirects to what can not be fetched ({target[:100]!r})."
        raise BadReply(msg)
    away = not _same_place(reply.url, url)
    keeps_body = reply.status_code in KEEPS_BODY
    if away and keeps_body and asked.method != "GET":
        msg = f"{host_of(asked.url)}: it wants what was sent to go to {host_of(url)} as well. Use that address at once."
        raise BadReply(msg)
    dropped = (BOUND if away else set[str]()) | (set[str]() if keeps_body else OF_BODY)
    headers = {name: value for name, value in (asked.headers or {}).items() if name.lower() not in dropped}
    return Asked(
        url,
        data=asked.data if keeps_body else None,
        files=asked.files if keeps_body else None,
        headers=headers,
        auth=None if away else asked.auth,
    )


def _same_place(old: str, new: str) -> bool:
    """Say whether two addresses belong to one server; https in place of http, on their usual ports, is the same."""
    before, after = _place(old), _place(new)
    return before == after or (before, after) == (("http", after[1], 80), ("https", after[1], 443))


def _place(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def send(session: Session, asked: Asked, exchange: Exchange, route: Route, *, redirects: bool) -> requests.Response:
    """Send a request, and those that its answer leads to; the body of the last answer is not read yet.

    Raises BadReply for more redirects than the settings allow.
    """
    now = asked
    while True:
        reply = _send(session, now, exchange, route)
        try:
            following = led_on(now, reply, session) if redirects else None
            _refuse_loop(following, exchange, route)
        except BaseException:
            reply.close()
            raise
        if following is None:
            return reply
        with suppress(*FOREIGN):  # a body that nobody wants
            reply.raw.read(DRAINED, decode_content=False)
        reply.close()
        exchange.redirects += 1
        now = following


def _refuse_loop(following: Asked | None, exchange: Exchange, route: Route) -> None:
    if following is not None and exchange.redirects == route.redirects:
        msg = f"{host_of(following.url)}: the redirects to it are more than {route.redirects} ([browser] redirects)."
        raise BadReply(msg)


def _send(session: Session, asked: Asked, exchange: Exchange, route: Route) -> requests.Response:
    with ExitStack() as stack:
        request = prepared(asked, session, stack)
        size = request.headers.get("Content-Length")
        exchange.sending(int(size) if size else None)
        exchange.headers = request.headers
        return session.send(
            request,
            stream=True,
            timeout=exchange.patience(),
            proxies=route.proxies(asked.url),
            allow_redirects=False,
        )


def pieces(reply: requests.Response, exchange: Exchange, before: int = 0) -> Iterator[bytes]:
    """Give an answer's body, unpacked, in pieces as they come.

    Parameters: ``reply``; ``exchange``; ``before``, bytes of the same file that are there already.
    """
    size = reply.headers.get("Content-Length", "")
    total = before + int(size) if size.isdecimal() else None
    while piece := reply.raw.read1(CHUNK, decode_content=True):
        exchange.unpacked += len(piece)
        yield piece
        exchange.show("down", before + reply.raw.tell(), total)


def whole(reply: requests.Response, exchange: Exchange) -> bytes:
    """Return an answer's body, unpacked; BadReply if it is larger than what is held in memory."""
    found: list[bytes] = []
    for piece in pieces(reply, exchange):
        found.append(piece)
        if exchange.unpacked > LARGEST:
            raise too_large(LARGEST)
    return found[0] if len(found) == 1 else b"".join(found)


__all__ = [
    "BOUND",
    "CHUNK",
    "DRAINED",
    "KEEPS_BODY",
    "LARGEST",
    "OF_BODY",
    "led_on",
    "pieces",
    "prepared",
    "send",
    "whole",
]
