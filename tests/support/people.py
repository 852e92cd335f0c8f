"""Other people on the wiki, and a second pair of eyes: a bare client that shares no code with Apibot."""

from __future__ import annotations

import http.cookiejar
import json
import urllib.request
from typing import Any
from urllib.parse import urlencode


class Person:
    """An account, logged in straight at the wiki.

    Parameters: ``api``, the address of api.php; ``user`` and ``password``.
    """

    def __init__(self, api: str, user: str, password: str) -> None:
        self.api = api
        self._user, self._password = user, password
        self._log_in()

    def _log_in(self) -> None:
        self.jar = http.cookiejar.CookieJar()
        cookies = urllib.request.HTTPCookieProcessor(self.jar)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        token = self.ask(meta="tokens", type="login")["tokens"]["logintoken"]
        done = self.call(action="login", lgname=self._user, lgpassword=self._password, lgtoken=token)
        assert done["login"]["result"] == "Success", done
        self._token = self.ask(meta="tokens")["tokens"]["csrftoken"]

    def call(self, **params: object) -> Any:
        """Send one request and return the whole answer."""
        given = {key: str(value) for key, value in params.items()} | {"format": "json", "formatversion": "2"}
        with self._opener.open(self.api, urlencode(given).encode(), timeout=30) as reply:
            return json.loads(reply.read())

    def ask(self, **params: object) -> Any:
        """Return the block ``query`` of a query's answer."""
        return self.call(action="query", **params)["query"]

    def do(self, action: str, **params: object) -> Any:
        """Do something that needs a token; return the action's block."""
        reply = self.call(action=action, token=self._token, **params)
        if reply.get("error", {}).get("code") == "badtoken":  # the wiki was reset, and forgot its sessions
            self._log_in()
            reply = self.call(action=action, token=self._token, **params)
        assert "error" not in reply, reply
        return reply[action]

    def save(self, title: str, text: str, **params: object) -> int:
        """Save a page's whole text; return the number of the revision."""
        done = self.do("edit", title=title, text=text, **params)
        assert done["result"] == "Success", done
        return int(done.get("newrevid") or 0)

    def page(self, title: str) -> Any:
        """Return a page with its history, newest first, the texts as ``content``."""
        rows = self.ask(
            titles=title, prop="revisions", rvprop="ids|user|content|comment|tags|flags", rvslots="main", rvlimit=50
        )
        page = rows["pages"][0]
        for one in page.get("revisions", []):
            one["content"] = one.pop("slots")["main"].get("content")
        return page

    def texts(self, title: str) -> list[str]:
        """Return the texts of a page's revisions, newest first; [] for a page that does not exist."""
        return [one["content"] for one in self.page(title).get("revisions", [])]

    def text(self, title: str) -> str | None:
        """Return a page's text, None if it does not exist."""
        return next(iter(self.texts(title)), None)


__all__ = ["Person"]
