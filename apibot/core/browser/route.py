"""By which way a host is reached: proxies, trusted certificates, how often a redirect is followed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from apibot.core.errors import SettingsError
from apibot.core.schema import BrowserSettings
from apibot.core.secret import Secret

PROXY_SCHEMES = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"}
TRUSTED = "REQUESTS_CA_BUNDLE"
"""Variable of the environment that names certificates to trust."""


class Route:
    """The way to hosts, by the settings and else by the environment.

    Parameters: ``settings``.
    Raises SettingsError for a proxy that is none, and for certificates that can not be read.
    """

    def __init__(self, settings: BrowserSettings) -> None:
        self.redirects = settings.redirects
        self.verify: str | bool = _certificates(settings) or True
        self._set = settings.proxies
        self._known: dict[str, dict[str, Secret]] = {}
        for scheme, proxy in self._set.items():
            _check(proxy.reveal(), f"browser: proxies.{scheme}")

    def proxies(self, url: str) -> dict[str, str]:
        """Return the proxies for an address by scheme; the environment is asked once for each host."""
        if self._set:
            return {scheme: proxy.reveal() for scheme, proxy in self._set.items()}
        host = host_of(url)
        known = self._known.get(host)
        if known is None:
            from requests.utils import get_environ_proxies

            found = get_environ_proxies(url)
            for scheme, proxy in found.items():
                _check(proxy, f"{scheme}_proxy")
            known = self._known[host] = {scheme: Secret(proxy) for scheme, proxy in found.items()}
        return {scheme: proxy.reveal() for scheme, proxy in known.items()} if known else {}


def _check(proxy: str, where: str) -> None:
    """Refuse what is no address of a proxy; it is not shown, since it may hold a password."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        good = bool(parts.hostname) and parts.scheme in PROXY_SCHEMES and parts.port != 0
    except ValueError:
        parts, good = urlsplit(""), False
    if not good:
        msg = f"{where}: is no address of a proxy. Write it like http://proxy.example:3128."
        raise SettingsError(msg)
    if parts.scheme.startswith("socks") and find_spec("socks") is None:
        msg = f"{where}: a SOCKS proxy needs a package more. Install it: pip install pysocks"
        raise SettingsError(msg)


def _certificates(settings: BrowserSettings) -> str | None:
    """Return the path of the certificates to trust, None for those of requests."""
    where, named = ("browser: ca", settings.ca) if settings.ca else (TRUSTED, os.environ.get(TRUSTED))
    if not named:
        return None
    path = Path(named).expanduser()
    fault = _fault(path, look_inside=where != TRUSTED)
    if fault:
        msg = f"{where}: {named} can not be used ({fault}). Name a file or folder with certificates (PEM)."
        raise SettingsError(msg)
    return str(path)


def _fault(path: Path, *, look_inside: bool) -> str | None:
    """Say what is wrong with a file or folder of certificates; a file of the environment is read when it is needed."""
    if path.is_dir():
        return None
    if not look_inside:
        return None if os.access(path, os.R_OK) else "it can not be read"
    import ssl  # 60 ms, only where certificates are named

    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        return "it holds no certificates"
    except OSError as exc:
        return str(exc.strerror)
    return None


def without_password(url: str) -> str:
    """Return an address without user and password."""
    scheme, mark, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    return scheme + mark + host.rpartition("@")[2] + slash + path


def host_of(url: str) -> str:
    """Return host and port of an address."""
    return without_password(url).rpartition("://")[2].partition("/")[0]


__all__ = ["PROXY_SCHEMES", "TRUSTED", "Route", "host_of", "without_password"]
