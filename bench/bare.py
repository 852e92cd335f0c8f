"""A bare loop with requests, as someone writes it who knows the API: 500 pages at a time, nothing ahead, no checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import requests

from bench.wiki import Wiki


class Bare:
    """The bare loop."""

    def __init__(self, wiki: Wiki) -> None:
        self.api = wiki.api
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "bench/1 (sandbox)"
        token = self._get(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        reply = self._post(action="login", lgname=wiki.user, lgpassword=wiki.password, lgtoken=token)
        if reply["login"]["result"] != "Success":
            msg = f"The login of the bare loop failed: {reply['login']}"
            raise RuntimeError(msg)
        self.token: str = self._get(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]

    def read(self, prefix: str, work: Callable[[], object]) -> int:
        """Read the texts of pages, do the work for each, return the number of characters."""
        characters = 0
        for page in self._pages(prefix):
            characters += len(page["revisions"][0]["slots"]["main"]["content"])
            work()
        return characters

    def edit(self, prefix: str, line: str) -> int:
        """Add a line to pages, return how many were changed."""
        saved = 0
        for page in self._pages(prefix):
            revision = page["revisions"][0]
            reply = self._post(
                action="edit",
                pageid=page["pageid"],
                baserevid=revision["revid"],
                text=revision["slots"]["main"]["content"] + line,
                summary="Bench",
                nocreate=1,
                bot=1,
                token=self.token,
            )
            saved += "newrevid" in reply["edit"]
        return saved

    def _pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Give pages with their texts; a batch of such small ones comes complete in one reply."""
        following: dict[str, str] = {}
        while True:
            reply = self._get(
                action="query",
                generator="allpages",
                gapprefix=prefix,
                gaplimit=500,
                prop="revisions",
                rvprop="ids|timestamp|content",
                rvslots="main",
                **following,
            )
            yield from reply["query"]["pages"]
            if "continue" not in reply:
                return
            following = reply["continue"]

    def _get(self, **params: str | int) -> dict[str, Any]:
        full = {**params, "format": "json", "formatversion": 2}
        reply: dict[str, Any] = self.session.get(self.api, params=full, timeout=60).json()
        return reply

    def _post(self, **params: str | int) -> dict[str, Any]:
        full = {**params, "format": "json", "formatversion": 2}
        reply: dict[str, Any] = self.session.post(self.api, data=full, timeout=60).json()
        return reply
