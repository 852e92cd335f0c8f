"""Cookies, bound to their host: a cookie whose domain begins with a dot also goes to the hosts below it, others not."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookiejar import Cookie as HttpCookie
from http.cookiejar import DefaultCookiePolicy

from requests.cookies import RequestsCookieJar

from apibot.core.browser.transfer import Cookie


def new_jar() -> RequestsCookieJar:
    """Return an empty jar; Python's own policy would send a host's cookies to all hosts below it."""
    return RequestsCookieJar(DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain))


def saved(jar: RequestsCookieJar) -> list[Cookie]:
    """Return the cookies of a jar as texts."""
    return [
        {
            "name": one.name,
            "value": one.value or "",
            "domain": one.domain,
            "path": one.path,
            "secure": "1" if one.secure else "",
            "expires": "" if one.expires is None else str(one.expires),
        }
        for one in jar
    ]


def restored(cookies: Iterable[Cookie], now: float) -> RequestsCookieJar:
    """Return a jar with saved cookies; those that have expired are left out.

    Parameters: ``cookies``; ``now``, seconds since 1970.
    """
    jar = new_jar()
    for one in cookies:
        given = one.get("expires", "")
        expires = int(given) if given.isdecimal() else None
        if expires is not None and expires <= now:
            continue
        below = one["domain"].startswith(".")
        jar.set_cookie(  # pyright: ignore[reportUnknownMemberType]  # the stub's **kwargs
            HttpCookie(
                version=0,
                name=one["name"],
                value=one["value"],
                port=None,
                port_specified=False,
                domain=one["domain"],
                domain_specified=below,
                domain_initial_dot=below,
                path=one["path"],
                path_specified=True,
                secure=bool(one.get("secure")),
                expires=expires,
                discard=expires is None,
                comment=None,
                comment_url=None,
                rest={},
            )
        )
    return jar


__all__ = ["new_jar", "restored", "saved"]
