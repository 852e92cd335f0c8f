"""Several wikis and accounts in one process, and one run over two wikis."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.composition import StandaloneBridge
from apibot.core.errors import BackendClosed, PlanError, SettingsError
from apibot.sandbox import Sandbox
from tests.api.conftest import core_of
from tests.support.people import Person


@pytest.fixture(scope="module")
def second(apibot_wiki: Sandbox) -> Iterator[Sandbox]:
    """Another wiki beside the one that all tests share."""
    with Sandbox("second", home=apibot_wiki.home) as wiki:
        yield wiki


@pytest.fixture
def both(apibot_wiki: Sandbox, second: Sandbox) -> Iterator[tuple[Bridge, Bridge]]:
    with StandaloneBridge(apibot_wiki.name) as here:
        yield here, here.on(second.name)


def whose(wiki: Sandbox, title: str) -> str:
    page = Person(wiki.api, wiki.sysop.user, wiki.sysop.password.reveal()).page(title)
    return str(page["revisions"][0]["user"])


def test_another_wiki(both: tuple[Bridge, Bridge], apibot_wiki: Sandbox, second: Sandbox, title: str) -> None:
    here, there = both
    here.edit(title, text="Here.")
    there.edit(title, text="There.")
    assert (here.fetch(title).text, there.fetch(title).text) == ("Here.", "There.")
    assert there.info.general().server == second.url
    assert (whose(apibot_wiki, title), whose(second, title)) == ("Bot", "Bot")
    assert here.on(second.name).core is there.core, "it is made once"
    assert here.on(apibot_wiki.name).core is here.core
    assert there.on(apibot_wiki.api).core.target.api == apibot_wiki.api


def test_it_is_closed_with_the_first(apibot_wiki: Sandbox, second: Sandbox) -> None:
    with StandaloneBridge(apibot_wiki.name) as here:
        there = here.on(second.name)
        there.fetch("Main Page")
    with pytest.raises(BackendClosed):
        there.fetch("Main Page")
    with pytest.raises(BackendClosed):
        here.on(second.name)


def test_one_run_over_two_wikis(both: tuple[Bridge, Bridge], second: Sandbox, title: str) -> None:
    here, there = both
    with here.run("both") as run:
        run.bridge.edit(title, text="One.")
        run.bridge.on(second.name).edit(title, text="Two.")
        run.bridge.on(second.name).edit(title, text="Two.")
    assert (run.counts.changed, run.counts.unchanged) == (2, 1)
    of_one = here.core.browser.counters.requests
    assert of_one < run.requests <= of_one + there.core.browser.counters.requests
    assert f"{run.requests} requests" in run.summary()


def test_a_plan_is_for_one_wiki(both: tuple[Bridge, Bridge], second: Sandbox, tmp_path: Path, title: str) -> None:
    here, there = both
    with pytest.raises(PlanError, match="a plan is for one wiki"), here.run("p", plan=tmp_path / "p.jsonl") as run:
        run.bridge.on(second.name).edit(title, text="Not made.")
    assert not there.fetch(title).exists
    assert list(tmp_path.iterdir()) == []


def test_an_account_does_not_travel_to_a_stranger(apibot_wiki: Sandbox, second: Sandbox) -> None:
    """Given in the call, for one wiki; the other is addressed by its URL and has no account in the settings."""
    with Bridge(core_of(apibot_wiki.api, apibot_wiki.bot)) as here:
        assert here.info.user().name == "Bot"
        assert here.on(second.api).core.target.user is None
        with pytest.raises(SettingsError, match="Unknown wiki 'nowhere'"):
            here.on("nowhere")


def test_within_a_farm_it_does(apibot_wiki: Sandbox) -> None:
    """Two addresses of one host: the same server knows the account anyway."""
    with Bridge(core_of(apibot_wiki.api, apibot_wiki.bot)) as here:
        other = here.on(f"{apibot_wiki.url}/./api.php")
        assert other.info.user(fresh=True).name == "Bot"
        assert other.core.hooks is here.core.hooks


def test_nor_to_one_that_only_the_working_folder_names(
    apibot_wiki: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it is on the same host: a folder of somebody else's there, or one without TLS."""
    (tmp_path / "apibot.toml").write_text(f'[wikis.odd]\napi = "{apibot_wiki.url}/./api.php"\n')
    monkeypatch.chdir(tmp_path)
    with (
        Bridge(core_of(apibot_wiki.api, apibot_wiki.bot)) as here,
        pytest.raises(SettingsError, match="no password is sent there"),
    ):
        here.on("odd")
    with Bridge(core_of(apibot_wiki.api, None)) as here:
        assert here.on("odd").core.target.user is None


def test_several_accounts_at_once(apibot_wiki: Sandbox, title: str) -> None:
    """Each keeps its own session, whatever the others do meanwhile."""
    names = {"bot": "Bot", "sysop": "Sysop", "human": "Human"}

    def work(role: str) -> list[str]:
        with Bridge(core_of(apibot_wiki.api, getattr(apibot_wiki, role))) as bridge:
            for number in range(4):
                bridge.edit(f"{title} {role}", append=f"\n* {number}")
            return [str(row["user"]) for row in bridge.titles(f"{title} {role}").revisions(prop=("user",))]

    with ThreadPoolExecutor(len(names)) as pool:
        for role, users in zip(names, pool.map(work, names), strict=True):
            assert set(users) == {names[role]}
