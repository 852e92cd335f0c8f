"""A real wiki behind a wire that can be cut, an account on it, and other people."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from apibot.bridge import Bridge
from apibot.composition import connect
from apibot.core.core import Core
from apibot.core.settings import home_folder
from apibot.sandbox import Sandbox, SandboxAccount
from tests.support.clock import FakeClock
from tests.support.people import Person
from tests.support.proxy import Wire

CONTACT = "tests@example.org"
MANY = 505
"""More pages than the bot gets with their text in one reply."""
SOME = 55
"""The same for the human."""

SECTIONS = "Lead.\n\n== One ==\nFirst.\n\n== Two ==\nSecond.\n\n=== Two a ===\nDeep.\n\n== Three ==\nThird."
LINES = "\n\n".join(f"Line {number}." for number in range(9))


def core_of(api: str, account: SandboxAccount | None, **more: Any) -> Core:
    """Connect as an account of the sandbox, None for nobody; ``more`` as of ``connect``."""
    who = {} if account is None else {"user": account.user, "password": account.password.reveal()}
    return connect(api, **{"contact": CONTACT, **who, **more})


class Connect(Protocol):
    """Makes a bridge through the wire; it is closed when the test ends."""

    def __call__(
        self,
        account: str | None = "bot",
        *,
        wire: Wire | None = None,
        wiki: Sandbox | None = None,
        clock: FakeClock | None = None,
        timeout: float = 30.0,
        log: dict[str, str] | None = None,
        password: str | None = None,
    ) -> Bridge: ...


@pytest.fixture
def title() -> str:
    """A title that no other test uses."""
    return f"T {uuid.uuid4()}"


PAGE = """<page><title>{name}</title><ns>0</ns><revision><timestamp>2020-01-01T00:00:00Z</timestamp>
<contributor><username>Someone</username></contributor><model>wikitext</model><format>text/x-wiki</format>
<text xml:space="preserve">Text of {name}.</text></revision></page>
"""


@pytest.fixture(scope="module")  # another module may reset the wiki
def many(apibot_wiki: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Prefix of MANY pages ``PREFIX 0000``, whose texts tell their titles; the first SOME have `` S`` before it."""
    prefix = f"R{uuid.uuid4().hex[:8]}"
    names = [f"{prefix} {'S ' if number < SOME else ''}{number:04}" for number in range(MANY)]
    export = tmp_path_factory.mktemp("export") / "many.xml"
    export.write_text("<mediawiki>" + "".join(PAGE.format(name=name) for name in names) + "</mediawiki>")
    # No links, so no link tables to be made: this is several times as fast as import_pages.
    apibot_wiki.maintenance("importDump.php", "--no-updates", "--username-prefix=x", str(export))
    return prefix


@pytest.fixture(scope="session")
def _wire(apibot_wiki: Sandbox) -> Iterator[Wire]:
    with Wire(apibot_wiki.url) as wire:
        yield wire


@pytest.fixture
def wire(_wire: Wire) -> Iterator[Wire]:
    """The wire to the wiki that all tests share, as if nothing had gone over it."""
    _wire.clear()
    yield _wire
    _wire.clear()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for all state in which nothing is remembered: no session, no info on the wiki."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("APIBOT_HOME", str(home))
    return home


@pytest.fixture
def connect_via(wire: Wire, apibot_wiki: Sandbox, clock: FakeClock) -> Iterator[Connect]:
    shared_wire, shared_clock = wire, clock
    made: list[Bridge] = []
    shutil.rmtree(home_folder() / "pace", ignore_errors=True)  # other tests' clocks may be ahead of this one's

    def make(
        account: str | None = "bot",
        *,
        wire: Wire | None = None,
        wiki: Sandbox | None = None,
        clock: FakeClock | None = None,
        timeout: float = 30.0,
        log: dict[str, str] | None = None,
        password: str | None = None,
    ) -> Bridge:
        who = None if account is None else getattr(wiki or apibot_wiki, account)
        other = {} if password is None else {"password": password}
        core = core_of((wire or shared_wire).api, who, timeout=timeout, log=log, clock=clock or shared_clock, **other)
        made.append(Bridge(core))
        return made[-1]

    yield make
    for bridge in made:
        bridge.close()


@pytest.fixture
def bridge(connect_via: Connect, wire: Wire) -> Bridge:
    """The bot's bridge, warmed up: session, tokens, and what the wiki says of itself are there."""
    bridge = connect_via()
    bridge.fetch("Main Page")
    bridge.core.info.module("edit")
    wire.clear()
    return bridge


def _person(wiki: Sandbox, role: str) -> Person:
    account = getattr(wiki, role)
    return Person(wiki.api, account.user, account.password.reveal())


@pytest.fixture(scope="session")
def sysop(apibot_wiki: Sandbox) -> Person:
    return _person(apibot_wiki, "sysop")


@pytest.fixture(scope="session")
def human(sysop: Person) -> Person:
    """Somebody else; it is the sysop, who may edit as often as tests do."""
    return sysop


@pytest.fixture(scope="session")
def other_bot(apibot_wiki: Sandbox) -> Person:
    """The bot's own account, in another process."""
    return _person(apibot_wiki, "bot")


@pytest.fixture
def old(human: Person, title: str) -> int:
    """Revision of the page ``title`` with SECTIONS, by somebody else."""
    return human.save(title, SECTIONS)


SWITCHES = """
$apibotSwitches = %(folder)s;
$wgDBservers[0]['trxMode'] = 'DEFERRED'; # so that a question is answered while a save is held
if ( is_file( "$apibotSwitches/small" ) ) {
	$wgAPIMaxResultSize = (int)file_get_contents( "$apibotSwitches/small" );
}
if ( is_file( "$apibotSwitches/readonly" ) ) {
	$wgReadOnly = 'just being mended';
}
$wgHooks['ApiMaxLagInfo'][] = static function ( &$info ) use ( $apibotSwitches ) {
	if ( is_file( "$apibotSwitches/lag" ) ) {
		unlink( "$apibotSwitches/lag" ); # the next one finds no lag
		$info['lag'] = 60;
	}
};
$wgHooks['MultiContentSave'][] = static function () use ( $apibotSwitches ) {
	for ( $i = 0; $i < 400 && is_file( "$apibotSwitches/hold" ); $i++ ) {
		touch( "$apibotSwitches/holding" );
		usleep( 25000 );
		clearstatcache();
	}
};
"""
"""PHP lines: what a test switches on by a file in a folder holds from the wiki's next request on."""


@pytest.fixture(scope="session")
def _switched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Wire, Path]]:
    folder = tmp_path_factory.mktemp("switches")
    settings = SWITCHES % {"folder": f"'{folder}'"}
    with (
        Sandbox("switched", settings=settings, home=tmp_path_factory.mktemp("switched")) as wiki,
        Wire(wiki.url) as wire,
    ):
        yield wiki, wire, folder


@pytest.fixture
def switches(_switched: tuple[Sandbox, Wire, Path]) -> Iterator[Path]:
    """The folder of switches, see SWITCHES; all are off at the beginning."""
    folder = _switched[2]
    yield folder
    for path in folder.iterdir():
        path.unlink()


@pytest.fixture
def switched_wire(_switched: tuple[Sandbox, Wire, Path]) -> Iterator[Wire]:
    """The wire to the wiki that has switches."""
    wire = _switched[1]
    wire.clear()
    yield wire
    wire.clear()


@pytest.fixture
def connect_switched(
    connect_via: Connect, _switched: tuple[Sandbox, Wire, Path], switched_wire: Wire
) -> Callable[..., Bridge]:
    """As connect_via, to the wiki that has switches."""

    def make(account: str | None = "bot", *, timeout: float = 30.0) -> Bridge:
        return connect_via(account, wire=switched_wire, wiki=_switched[0], timeout=timeout)

    return make


@pytest.fixture(scope="session")
def switched_sysop(_switched: tuple[Sandbox, Wire, Path]) -> Person:
    return _person(_switched[0], "sysop")
