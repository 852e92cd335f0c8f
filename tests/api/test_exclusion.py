"""{{bots}} and {{nobots}} on real pages."""

# ruff: noqa: PLR0917, FBT001  # pytest gives fixtures and parameters by name

from __future__ import annotations

from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BotExcluded
from tests.support.people import Person
from tests.support.proxy import Wire

OUT = ["{{bots|deny=Bot}}", "{{nobots}}", "{{bots|allow=Someone}}", "{{Bots|deny=all}}"]


@pytest.mark.parametrize("template", OUT)
@pytest.mark.parametrize(
    "change",
    [
        {"text": "New."},
        {"append": "x"},
        {"section": 0, "text": "New."},
        {"section": "new", "sectiontitle": "H", "text": "x"},
    ],
)
def test_a_page_that_keeps_the_bot_out(
    bridge: Bridge, wire: Wire, human: Person, title: str, template: str, change: dict[str, Any]
) -> None:
    human.save(title, f"{template}\nText.")
    with pytest.raises(BotExcluded, match="Bot") as caught:
        bridge.edit(title, **change)
    assert template in str(caught.value)
    assert wire.of("edit") == []
    assert len(human.texts(title)) == 1
    assert caught.value.advice == "ignore"


@pytest.mark.parametrize("template", OUT)
def test_on_request_of_its_owner_it_is_edited(bridge: Bridge, human: Person, title: str, template: str) -> None:
    human.save(title, f"{template}\nText.")
    assert bridge.edit(title, append="x", ignore_bots=True).changed
    assert human.text(title) == f"{template}\nText.x"


@pytest.mark.parametrize(
    "template", ["{{bots}}", "{{bots|deny=Someone}}", "{{bots|allow=Bot}}", "<nowiki>{{nobots}}</nowiki>"]
)
def test_a_page_that_lets_the_bot_in(bridge: Bridge, human: Person, title: str, template: str) -> None:
    human.save(title, template)
    assert bridge.edit(title, append="x").changed


def test_a_page_object_whose_new_text_lacks_the_template(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    """What counts is what stands on the page, not what the bot makes of it."""
    human.save(title, "{{nobots}}\nText.")
    page = bridge.fetch(title)
    page.text = "Text."
    with pytest.raises(BotExcluded):
        bridge.edit(page)
    assert wire.of("edit") == []


def test_a_template_put_there_meanwhile(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    """A change that is made again on a newer text heeds what that says."""
    human.save(title, "Text.")
    done: list[int] = []

    def schedule(request: Any, _number: int) -> None:
        if request.action == "edit" and not done:
            done.append(human.save(title, "{{nobots}}\nText."))

    wire.schedule = schedule
    with pytest.raises(BotExcluded):
        bridge.edit(title, append="x")
    assert human.texts(title) == ["{{nobots}}\nText.", "Text."]


def test_a_page_known_by_its_revision_only_is_looked_at(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    """A reference that pins the revision brings no text: the page must be read before it is edited."""
    human.save(title, "{{nobots}}\nText.")
    page = bridge.fetch(title)
    with pytest.raises(BotExcluded):
        bridge.edit(page.ref, text="New.")
    assert human.texts(title) == ["{{nobots}}\nText."]


@pytest.mark.parametrize("info", [False, True])
def test_a_page_fetched_without_its_text_is_looked_at(
    bridge: Bridge, wire: Wire, human: Person, title: str, info: bool
) -> None:
    human.save(title, "{{nobots}}\nText.")
    [page] = bridge.titles(title).pages(info=info)
    with pytest.raises(BotExcluded):
        bridge.edit(page, text="New.")
    assert human.texts(title) == ["{{nobots}}\nText."]


def test_an_edit_by_page_id(bridge: Bridge, human: Person, title: str) -> None:
    human.save(title, "{{nobots}}\nText.")
    [page] = bridge.pageids(human.page(title)["pageid"])
    with pytest.raises(BotExcluded):
        bridge.edit(page, text="New.")
