"""Signatures that the wiki itself made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apibot.bridge import Bridge
from apibot.data.wikitext.document import Wikitext


def test_who_signed_on_the_wiki(bridge: Bridge, title: str) -> None:
    bridge.edit(title, text="== A ==\nOne. ~~~~\n: Two. -- ~~~~\n: Three. ~~~~~\n== B ==\n~~~", summary="test")
    w = Wikitext(bridge.fetch(title).text, bridge.info.site, title)
    found = w.signatures()
    name = bridge.info.user().name
    assert [one.user for one in found] == [name, name, None]
    assert all(abs(one.time - datetime.now(UTC)) < timedelta(hours=1) for one in found)
    assert [len(one.signatures()) for one in w.sections] == [0, 3, 0]
