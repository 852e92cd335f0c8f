"""Settings of layers on a real wiki: default fields, default parameters, and that plans keep what was reviewed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, SettingsError
from apibot.queries import AllPages
from tests.api.conftest import Connect
from tests.support.people import Person
from tests.support.proxy import Wire

Set = Callable[[str], Bridge]


@pytest.fixture
def with_settings(connect_via: Connect, fresh_home: Path) -> Set:
    """Connect with settings, each time anew."""

    def connected(text: str) -> Bridge:
        (fresh_home / "apibot.toml").write_text(text)
        return connect_via()

    return connected


def comments(human: Person, title: str) -> list[Any]:
    return [one["comment"] for one in human.page(title)["revisions"]]


def sent(wire: Wire, action: str) -> dict[str, str]:
    return dict([one for one in wire.requests if one.action == action][-1].params)


def test_default_fields_of_an_edit(with_settings: Set, wire: Wire, human: Person, title: str) -> None:
    bridge = with_settings('[layers.Task_Edit]\nsummary = "By settings"\nbot = false\nminor = true\n')
    bridge.edit(title, text="One.")
    assert "bot" not in sent(wire, "edit")
    assert "minor" in sent(wire, "edit")
    bridge.edit(title, text="Two.", summary="Given", bot=True, minor=False)
    assert "bot" in sent(wire, "edit")
    assert "minor" not in sent(wire, "edit")
    bridge.change(title, lambda text: text + " Three.")
    bridge.change(title, lambda text: text + " Four.", summary="Given too")
    page = bridge.fetch(title)
    page.text += " Five."
    bridge.edit(page)
    assert comments(human, title) == ["By settings", "Given too", "By settings", "Given", "By settings"]


def test_default_parameters_from_the_general_to_the_special(
    with_settings: Set, wire: Wire, human: Person, title: str
) -> None:
    bridge = with_settings(
        """
        [layers."*"]
        summary = "all"
        redirects = true
        [layers.API_Action]
        summary = "actions"
        [layers.API_Action_Edit]
        summary = "edits"
        recreate = true
        [layers.Mainmodule]
        uselang = "de"
        [layers.API_Mainmodule]
        requestid = 5
        """
    )
    bridge.edit(title, text="One.")
    edit = sent(wire, "edit")
    assert (edit["uselang"], edit["requestid"], edit["recreate"]) == ("de", "5", "1")
    assert edit["summary"] == "all", "the task knows summary, and gives it to the action"
    assert "redirects" not in edit, "meant for whoever knows it"
    assert comments(human, title) == ["all"]


def test_an_empty_value_takes_a_default_away(with_settings: Set, wire: Wire, title: str) -> None:
    bridge = with_settings(
        '[layers.Action]\nsummary = "actions"\nrecreate = true\n'
        '[layers.API_Action_Edit]\nsummary = ""\nrecreate = false\n'
        '[layers.Mainmodule]\nuselang = "de"\n[layers.API_Mainmodule]\nuselang = ""\n'
    )
    bridge.edit(title, text="One.")
    assert {"summary", "recreate", "uselang"}.isdisjoint(sent(wire, "edit"))


def test_a_parameter_that_the_wiki_does_not_know_is_refused_only_if_meant_for_the_action(
    with_settings: Set, title: str
) -> None:
    with_settings('[layers.Action]\nnonsense = "x"\n').edit(title, text="One.")
    with pytest.raises(BadParameter, match="edit: unknown parameter 'nonsense'"):
        with_settings('[layers.Action_Edit]\nnonsense = "x"\n').edit(title, text="Two.")


def test_default_fields_of_a_query(with_settings: Set, wire: Wire) -> None:
    bridge = with_settings("[layers.Query]\nlimit = 3\n[layers.Query_AllPages]\nfilterredir = 'redirects'\n")
    assert len(list(bridge.allpages(filterredir="nonredirects"))) == 3
    list(bridge.allpages())
    assert sent(wire, "query")["apfilterredir"] == "redirects"
    list(bridge.titles("Main Page", "Other").pages())
    with pytest.raises(SettingsError, match=r"layers\.Query_AllPages: unknown key 'filter'\. Known: dir, extra, "):
        list(with_settings("[layers.Query_AllPages]\nfilter = 'x'\n").allpages())
    assert AllPages(limit=None).named() == {"limit"}


def test_a_plan_keeps_what_was_reviewed_whatever_the_settings_say_later(
    with_settings: Set, wire: Wire, human: Person, title: str, tmp_path: Path
) -> None:
    with with_settings("").run("plain", plan=tmp_path / "plain.jsonl") as run:
        run.bridge.edit(title, text="Planned without settings.")
    bridge = with_settings('[layers.Task_Edit]\nsummary = "By settings"\nbot = false\n')
    assert bridge.apply(tmp_path / "plain.jsonl").applied == 1
    assert "bot" in sent(wire, "edit")
    with bridge.run("with", plan=tmp_path / "with.jsonl") as run:
        run.bridge.edit(title, text="Planned with settings.")
    assert with_settings("").apply(tmp_path / "with.jsonl").applied == 1
    assert "bot" not in sent(wire, "edit")
    assert comments(human, title) == ["By settings", 'Created page with "Planned without settings."']


def test_redirects_by_default_are_followed_but_not_in_a_plan(
    with_settings: Set, human: Person, title: str, tmp_path: Path
) -> None:
    human.save(title, "#REDIRECT [[Main Page]]")
    bridge = with_settings("[layers.Query]\nredirects = true\n")
    assert [page.title for page in bridge.titles(title).pages()] == ["Main Page"]
    with bridge.run("redirect", plan=tmp_path / "plan.jsonl") as run:
        run.bridge.edit(title, text="#REDIRECT [[Project:About]]")
    assert bridge.apply(tmp_path / "plan.jsonl").applied == 1
    assert human.text(title) == "#REDIRECT [[Project:About]]"
