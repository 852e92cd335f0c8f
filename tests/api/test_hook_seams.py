"""Each seam that docs/hooks.md lists exists on a live core, can be hooked, and fires when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.core.core import Core
from apibot.core.hooks import Hooks
from apibot.core.layer import Layer
from apibot.sandbox import Sandbox
from tests.api.conftest import core_of
from tests.support.clock import FakeClock
from tests.support.proxy import Wire, answered
from tests.support.seams import fits, parts, seams, table

HOOKS = table()


class Recorder(Hooks):
    """Notes the names of hooks as they fire; anything can be watched, also what is not made yet."""

    def __init__(self) -> None:
        super().__init__()
        self.fired: set[str] = set()
        self.watched: set[str] = set()

    def watch(self, name: str) -> None:
        if name not in self.watched:
            self.watched.add(name)
            previous = self.hook(name, lambda *args, **kwargs: self._passed(name, previous, args, kwargs))

    def _passed(
        self, name: str, previous: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> object:
        self.fired.add(name)
        return previous(*args, **kwargs)

    def watch_all(self, core: Core) -> None:
        for label, methods in seams(core).items():
            for method in methods:
                self.watch(f"{label}::{method}")


def use(bridge: Bridge, wire: Wire, title: str, recorder: Recorder, folder: Path) -> None:
    """Use all parts of a core once, watching each as soon as it is there."""
    for _round in range(2):  # some parts are made by their first use, and fire with the second
        bridge.edit(title, append="Text.")
        with bridge.run("planned", plan=folder / "plan.jsonl") as run:
            run.bridge.edit(title, text="Planned.")
        bridge.fetch(title)
        bridge.by_name("action", "expandtemplates", text="x", prop="wikitext")
        bridge.by_name("action", "query", meta="siteinfo")
        list(bridge.allpages(limit=2))
        list(bridge.allpages(limit=2).pages(info=True))
        list(bridge.by_name("meta", "siteinfo", prop=["general"]))
        list(bridge.titles(title).info())
        wire.once("purge", answered(503, "", {"Retry-After": "1"}))
        bridge.purge(title)
        bridge.xfer(wire.url)
        bridge.core.browser.download(f"{wire.url}/api.php?action=query&format=json", folder / "download.json")
        bridge.core.logout()
        recorder.watch_all(bridge.core)


class Used:
    """A core after everything was used."""

    def __init__(self, names: dict[str, set[str]], fired: set[str]) -> None:
        self.names = names
        self.fired = fired


@pytest.fixture(scope="module")
def used(apibot_wiki: Sandbox, _wire: Wire, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    folder = tmp_path_factory.mktemp("used")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("APIBOT_HOME", str(folder / "home"))
        (folder / "home").mkdir()
        recorder = Recorder()
        for hook in table():
            if "*" not in hook:
                recorder.watch(hook)
        _wire.clear()
        with core_of(_wire.api, apibot_wiki.bot, hooks=recorder, clock=FakeClock()) as core:
            use(Bridge(core), _wire, "Hook seams", recorder, folder)
            names = seams(core)
        yield Used(names, recorder.fired)
        _wire.clear()


def test_the_table_is_read() -> None:
    assert len(table()) > 40


@pytest.mark.parametrize("hook", sorted(set(HOOKS)))
def test_a_seam_is_there_can_be_hooked_and_fires(used: Used, hook: str) -> None:
    label, _, method = hook.partition("::")
    meant = {name: methods for name, methods in used.names.items() if fits(name, label)}
    assert meant, f"no part has a label like {label}"
    assert {name for name, methods in meant.items() if method not in methods} == set()
    assert [name for name in used.fired if fits(name, hook)], f"{hook} did not fire"


def test_what_can_be_hooked_is_listed(used: Used) -> None:
    """No seam is left out of the table."""
    hooks = table()
    unlisted = {
        f"{label}::{method}"
        for label, methods in used.names.items()
        for method in methods
        if not any(fits(f"{label}::{method}", hook) for hook in hooks)
    }
    assert unlisted == set()


def test_all_that_can_be_hooked_fires_but_tasks_that_were_not_planned(used: Used) -> None:
    every = {f"{label}::{method}" for label, methods in used.names.items() for method in methods}
    assert {name for name in every - used.fired if not name.endswith("::fence")} == set()


def test_each_layer_has_its_parts_labels(used: Used, bridge: Bridge) -> None:
    labels = {part.label for part in parts(bridge.core) if isinstance(part, Layer)}
    assert labels <= set(used.names)
