"""The examples in docs/hooks.md do what the text says, on a real wiki."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from apibot.bridge import Bridge
from apibot.core.core import Core
from apibot.core.errors import BadParameter
from apibot.sandbox import Sandbox
from tests.api.conftest import core_of
from tests.support.people import Person
from tests.support.proxy import Wire
from tests.support.seams import TABLE

Run = Callable[[str], Bridge]


@pytest.fixture
def run_example(bridge: Bridge, wire: Wire, apibot_wiki: Sandbox) -> Run:
    """Run the example that holds a text; gives the bridge of the core that it works with."""

    def run(mark: str) -> Bridge:
        blocks = re.findall(r"^```python\n(.*?)^```", TABLE.read_text(), re.DOTALL | re.MULTILINE)
        [code] = [block for block in blocks if mark in block]

        def connected(_name: str, **more: object) -> Core:
            made.append(core_of(wire.api, apibot_wiki.bot, **more))
            return made[-1]

        made: list[Core] = []
        code = code.replace("import apibot\n", "")
        exec(compile(code, TABLE, "exec"), {"apibot": SimpleNamespace(connect=connected), "core": bridge.core})  # noqa: S102  # our own text
        return Bridge(made[0]) if made else bridge

    return run


def test_looking_on(run_example: Run, title: str, capsys: pytest.CaptureFixture[str]) -> None:
    with run_example("def tell") as bridge:
        bridge.edit(title, text="One.")
    assert "about to send" in capsys.readouterr().out
    assert bridge.core.hooks.holder("API_Action_Edit::xfer")


def test_from_the_beginning(run_example: Run, wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    with run_example("hooks = Hooks()") as bridge:
        assert capsys.readouterr().out == f"the core of {wire.api}\n"
        assert bridge.fetch("Main Page").exists


def test_edits_that_only_add_blanks(run_example: Run, title: str, human: Person) -> None:
    bridge = run_example("def worth_it")
    bridge.edit(title, text="One.")
    bridge.edit(title, text="One.\n\nTwo.")
    bridge.edit(title, text="One. Two.")
    bridge.edit(title, append="\n")
    assert human.texts(title) == ["One.\n\nTwo.", "One."]


def test_rows_left_out(run_example: Run, human: Person, title: str) -> None:
    human.save(f"User:{title}", "x")
    bridge = run_example("def no_user_pages")
    assert list(bridge.allpages(namespace=2)) == []
    assert len(list(bridge.allpages(namespace=0, limit=2))) == 2


def test_checking_put_aside(run_example: Run, bridge: Bridge, wire: Wire) -> None:
    run_example("API_Module_Parse::check")
    [sent] = wire.of("parse")
    assert sent.params["newestparameter"] == "1"
    with pytest.raises(BadParameter, match="unknown parameter 'newestparameter'"):
        bridge.by_name("action", "parse", page="Main Page", newestparameter=True)
    assert len(wire.of("parse")) == 1, "outside of the block it is checked again"
