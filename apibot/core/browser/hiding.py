"""Takes secrets out of what is written down of a transfer: out of what is sent, and out of answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from apibot.core.jsons import Json, JsonObject
from apibot.core.secret import HIDDEN, SECRET_ENDINGS, TOKEN_END, Revealed, Shroud, is_secret, secret_cookies

NAMES = {"lgname", "lgdomain"}
"""Parameters that are hidden where they are sent, but not looked for elsewhere: a user's name is in many answers."""
HEADERS = {"authorization", "cookie", "proxy-authorization", "set-cookie"}
"""Headers that are hidden whole."""
IN_ANSWERS = {"sessionid"}
"""Keys of answers that hold secrets, besides those that end like one."""
NO_SECRET = {"", TOKEN_END, HIDDEN}
"""Values that are none: the second is the token of somebody who is not logged in."""
OF_ONE_REQUEST = {"oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp", "oauth_version"}
"""Parameters that are hidden, but of no use in another request."""

_ENDINGS = "|".join(SECRET_ENDINGS)
_ASSIGNED = re.compile(rf"(?i)((?:{_ENDINGS})[\"']?\s*[:=]\s*[\"']?)([^\"'&\s<>,;}}]+)")
"""``oauth_token=abc`` and ``"csrfToken":"abc"`` in answers that are no JSON."""
_INPUT = re.compile(r"(?i)<input\b[^<>]*>")
_NAMED = re.compile(rf"(?i)\bname=[\"']?[\w.-]*(?:{_ENDINGS})\b")
_VALUE = re.compile(r"(?i)(\bvalue=)(\"[^\"]*\"|'[^']*'|[^\s>]+)")


def hides(name: str) -> bool:
    """Say whether a parameter is not written down, by its name."""
    return is_secret(name) or name.lower().startswith(("lg", "oauth_"))


class Hider:
    """Hides secrets, by their names and, once it has seen them, wherever they turn up."""

    def __init__(self) -> None:
        self._seen = Shroud()

    def params(self, params: Mapping[str, str] | None) -> dict[str, str] | None:
        """Return parameters or form fields without secrets."""
        if params is None:
            return None
        for name, value in params.items():
            if _lasts(name) or isinstance(value, Revealed):
                self._seen.learn([value], passing=name.lower().endswith("token"))  # a password is never forgotten
        return {
            name: HIDDEN if hides(name) or isinstance(value, Revealed) else self.text(value)
            for name, value in params.items()
        }

    def address(self, url: str) -> str:
        """Return an address without user, password, and secret parameters."""
        try:
            parts = urlsplit(url)
        except ValueError:  # no address at all
            return self.text(_plain(url))
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        self._learn([parts.password or "", *(value for name, value in pairs if _lasts(name))])
        if any(hides(name) for name, _value in pairs):
            query = urlencode([(name, HIDDEN if hides(name) else value) for name, value in pairs], safe="*")
            parts = parts._replace(query=query)
        return self.text(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))

    def headers(self, headers: Mapping[str, str | bytes]) -> dict[str, str]:
        """Return headers without secrets."""
        shown: dict[str, str] = {}
        for name, given in headers.items():
            value = given.decode("utf-8", "replace") if isinstance(given, bytes) else given
            low = name.lower()
            if low in HEADERS or is_secret(low):
                self._learn_header(low, value)
                shown[name] = HIDDEN
            else:
                shown[name] = self.address(value) if low in {"location", "referer"} else self.text(value)
        return shown

    def body(self, body: bytes) -> Json:
        """Return a body without secrets: a text, or ``{"base64": ...}`` if it is none."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = self.text(body.decode(errors="surrogateescape"))
            return {"base64": base64.b64encode(text.encode(errors="surrogateescape")).decode()}
        if text.lstrip()[:1] in {"{", "["}:
            try:
                read = cast("Json", json.loads(text))
                hidden = self._json(read)
                return self.text(text if hidden == read else json.dumps(hidden, ensure_ascii=False))
            except (ValueError, RecursionError):
                return self.text(_plain(text))
        return self.text(_plain(text))

    def text(self, text: str) -> str:
        """Return a text without any secret seen so far."""
        return self._seen.over(text)

    def _json(self, value: Json) -> Json:
        if isinstance(value, list):
            return [self._json(one) for one in value]
        if not isinstance(value, dict):
            return value
        found: JsonObject = {}
        for key, one in value.items():
            secret = (is_secret(key) or key in IN_ANSWERS) and isinstance(one, str) and one not in NO_SECRET
            if secret:
                self._learn([str(one)])
            found[key] = HIDDEN if secret else self._json(one)
        return found

    def _learn(self, secrets: Iterable[str]) -> None:
        """Note secrets, so that they are hidden wherever they turn up."""
        self._seen.learn(secrets, passing=True)

    def _learn_header(self, name: str, value: str) -> None:
        if name in {"cookie", "set-cookie"}:
            self._learn(secret_cookies(value))
            return
        signed = re.findall(r'oauth_token="([^"]*)"', value)
        self._learn(signed or [value.partition(" ")[2] or value])


def _lasts(name: str) -> bool:
    """Say whether a parameter holds a secret that may turn up elsewhere."""
    return hides(name) and name.lower() not in NAMES | OF_ONE_REQUEST


def _plain(text: str) -> str:
    """Hide what looks like a secret in a text that is no JSON."""
    text = _INPUT.sub(lambda found: _VALUE.sub(rf"\1{HIDDEN}", found[0]) if _NAMED.search(found[0]) else found[0], text)
    return _ASSIGNED.sub(rf"\1{HIDDEN}", text)


__all__ = [
    "HEADERS",
    "IN_ANSWERS",
    "NAMES",
    "NO_SECRET",
    "OF_ONE_REQUEST",
    "Hider",
    "hides",
]
