"""How sandboxes come up and go away, also when something or someone dies."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from apibot.core import settings
from apibot.core.errors import SandboxError, StateError
from apibot.core.infostore import Infostore
from apibot.sandbox import Sandbox, processes, sandboxes
from apibot.sandbox.processes import end, mark, marked, wait_until
from apibot.sandbox.server import free_port

Gone = Callable[[Path, int], bool]

EXPORT = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">
<page><title>Given</title><revision><timestamp>{}</timestamp><contributor><username>Human</username></contributor>
<text xml:space="preserve">[[Category:C]]</text></revision></page>
</mediawiki>"""
OWNER = """
import sys
from pathlib import Path
from apibot.sandbox import Sandbox
wiki = Sandbox("other", home=Path(sys.argv[1]), port=int(sys.argv[2])).up(detached=sys.argv[3] == "detached")
print(wiki.url, flush=True)
if sys.argv[3] == "owned":
    sys.stdin.read()
"""


@contextmanager
def owner(home: Path, port: int, kind: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run another process that starts the sandbox ``other``."""
    command = [sys.executable, "-c", OWNER, str(home), str(port), kind]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def port_of(wiki: Sandbox) -> int:
    return int(wiki.url.rpartition(":")[2])


def arguments(process: int) -> list[str]:
    return Path(f"/proc/{process}/cmdline").read_text().split("\0")


def watchdog_of(wiki: Sandbox) -> int:
    return next(each for each in marked(wiki.folder) if "apibot.sandbox.watchdog" in arguments(each))


def server_of(wiki: Sandbox) -> int:
    """Return PHP's parent: the child of the watchdog."""
    parents = {
        each: Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[1] for each in marked(wiki.folder)
    }
    return next(each for each, parent in parents.items() if parent == str(watchdog_of(wiki)))


def test_up_and_down(home: Path, gone: Gone, query: Any) -> None:
    extra = "$wgLanguageCode = 'de';\n$wgSitename = 'Ein Wiki';"
    with Sandbox("one", home=home, settings=extra) as wiki:
        general = query(wiki, meta="siteinfo")["general"]
        assert (general["lang"], general["sitename"], general["server"]) == ("de", "Ein Wiki", wiki.url)
        assert general["generator"] == f"MediaWiki {wiki.version}"
        status = wiki.status()
        assert status is not None
        assert (status.state, status.url, status.detached) == ("up", wiki.url, False)
        assert sandboxes(home) == [status]
        assert server_of(wiki) in marked(wiki.folder)
        Infostore(home, wiki.api, "Bot").write("identity", {"cookie": "x"})
        folder, port = wiki.folder, port_of(wiki)
    assert gone(folder, port)
    assert wiki.status() is None
    assert sandboxes(home) == []
    assert [path for path in home.rglob("*") if path.is_file() and path.stat().st_size] == []
    assert wiki.down() is False
    with pytest.raises(SandboxError, match="not up"):
        _ = wiki.api


def test_settings_lead_to_each_by_name_and_nobody_else_reads_them(home: Path) -> None:
    environ = {"APIBOT_HOME": str(home)}
    with Sandbox("a", home=home) as one, Sandbox("b-2", home=home) as other:
        assert [each.name for each in sandboxes(home)] == ["a", "b-2"]
        for wiki in (one, other):
            _, target = settings.load({"wiki": wiki.name}, environ=environ, folder=home)
            assert (target.api, target.sandbox, target.user) == (wiki.api, True, "Bot@apibot")
            for role, end in (("bot", ""), ("sysop", "-sysop"), ("human", "-human")):
                call = {"wiki": wiki.name, "account": wiki.name + end}
                _, target = settings.load(call, environ=environ, folder=home)
                account = getattr(wiki, role)
                assert target.password is not None
                assert (target.user, target.password.reveal()) == (account.user, account.password.reveal())
        assert one.folder.stat().st_mode & 0o777 == 0o700
        for name in ("apibot.toml", "facts.json", "LocalSettings.php"):
            assert (one.folder / name).stat().st_mode & 0o777 == 0o600, name
        one.down()
        assert [each.name for each in sandboxes(home)] == ["b-2"]


def test_pages_from_the_start_are_there_again_after_a_reset(home: Path, query: Any) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (home / "dump.xml").write_text(EXPORT.format(yesterday))
    with Sandbox("pages", home=home, pages=home / "dump.xml") as wiki:

        def members() -> list[str]:
            return [
                page["title"] for page in query(wiki, list="categorymembers", cmtitle="Category:C")["categorymembers"]
            ]

        assert members() == ["Given"]
        changes = query(wiki, list="recentchanges")["recentchanges"]
        assert "Given" in [change["title"] for change in changes]
        wiki.import_pages([("More", "[[Category:C]]")])
        assert members() == ["Given", "More"]
        wiki.reset()
        assert members() == ["Given"]


def test_death_of_the_server_clears_everything_away(home: Path, gone: Gone) -> None:
    wiki = Sandbox("server", home=home).up()
    port = port_of(wiki)
    os.kill(server_of(wiki), signal.SIGKILL)
    assert gone(wiki.folder, port)
    assert wiki.down() is False


def test_death_of_the_owner_clears_everything_away(home: Path, gone: Gone, environ: dict[str, str]) -> None:
    port = free_port()
    with owner(home, port, "owned", environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"http://127.0.0.1:{port}\n"
        process.kill()
    assert gone(home / "sandbox" / "other", port)


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (signal.SIGINT, "data"),
        (signal.SIGKILL, "data"),
        (signal.SIGINT, "data/cache/l10n_cache-en.cdb"),
        (signal.SIGKILL, "data/cache/l10n_cache-en.cdb"),
    ],
)
def test_death_while_coming_up_leaves_nothing(
    home: Path, gone: Gone, environ: dict[str, str], number: signal.Signals, moment: str
) -> None:
    port = free_port()
    folder = home / "sandbox" / "other"
    with owner(home, port, "detached", environ) as process:
        assert wait_until((folder / moment).exists, 20)
        process.send_signal(number)
        assert process.wait(20) != 0
    assert gone(folder, port)


def test_death_of_the_watchdog_is_noticed_and_cleared_away(home: Path, gone: Gone) -> None:
    wiki = Sandbox("dog", home=home).up()
    first = port_of(wiki)
    os.kill(watchdog_of(wiki), signal.SIGKILL)
    assert wait_until(lambda: [each.state for each in sandboxes(home)] == ["broken"], 5)
    with pytest.raises(SandboxError, match="broken"):
        wiki.reset()
    again = Sandbox("dog", home=home).up()
    second = port_of(again)
    assert first != second
    assert [each.state for each in sandboxes(home)] == ["up"]
    assert wiki.down() is False  # that one is not its own
    os.kill(watchdog_of(again), signal.SIGKILL)
    assert again.down() is True
    assert gone(wiki.folder, first)
    assert gone(wiki.folder, second)


def test_a_detached_one_stays_until_it_is_taken_down(
    home: Path, gone: Gone, environ: dict[str, str], query: Any
) -> None:
    port = free_port()
    with owner(home, port, "detached", environ) as process:
        assert process.wait(30) == 0
    wiki = Sandbox("other", home=home)
    watchdog = watchdog_of(wiki)
    assert not wait_until(lambda: watchdog not in marked(wiki.folder), 1.1)  # it looks for an owner twice a second
    status = wiki.status()
    assert status is not None
    assert (status.state, status.detached) == ("up", True)
    wiki.import_pages([("From here", "text")])
    wiki.reset()
    assert query(wiki, titles="From here")["pages"][0]["missing"]
    with pytest.raises(SandboxError, match="up already"):
        Sandbox("other", home=home).up()
    assert wiki.down() is True
    assert gone(wiki.folder, port)


def test_removing_the_folder_by_hand_ends_it(home: Path, gone: Gone) -> None:
    wiki = Sandbox("rm", home=home).up()
    port = port_of(wiki)
    shutil.rmtree(wiki.folder)
    assert gone(wiki.folder, port)


def test_of_two_at_once_one_wins_and_no_command_line_has_a_password(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = tmp_path / "commands"
    wrapper = tmp_path / "bin" / "php"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {listing}\nexec {shutil.which("php")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")

    def start(_: int) -> str:
        try:
            Sandbox("same", home=home).up()
        except SandboxError as exc:
            return str(exc)
        return "up"

    with ThreadPoolExecutor(2) as pool:
        first, second = sorted(pool.map(start, range(2)))
    assert "started or stopped by another process" in first
    assert second == "up"
    wiki = Sandbox("same", home=home)
    commands = listing.read_text()
    assert commands.count("install.php") == 1
    for account in (wiki.bot, wiki.sysop, wiki.human):
        assert account.password.reveal() not in commands
    assert wiki.down() is True


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", ".x", "-x", "ü", "x" * 65, "demo-sysop", "demo-human"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(SandboxError, match="can not name a sandbox"):
        Sandbox(name)


def test_a_port_that_can_not_be_used_is_refused(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"Port {port} .*in use"):
            Sandbox("port", home=home, port=port).up()
    with pytest.raises(SandboxError, match=r"Port 70000 .*no such port"):
        Sandbox("port", home=home, port=70000).up()
    assert list(home.iterdir()) == []


def test_a_port_taken_meanwhile_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("apibot.sandbox.server.check_port", lambda port: port)
        with pytest.raises(SandboxError, match=f"Was port {port} taken"):
            Sandbox("port", home=home, port=port).up()
    assert not (home / "sandbox" / "port").exists()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PATH", "", "PHP is missing here. Install .*apt-get install --no-install-recommends mediawiki php-cli"),
        ("APIBOT_MEDIAWIKI", "/nowhere", "MediaWiki is missing here: no api.php in /nowhere. Install .*apt-get"),
    ],
)
def test_what_is_missing_is_told(home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SandboxError, match=says) as caught:
        Sandbox("none", home=home).up()
    assert "\n" not in str(caught.value)
    assert list(home.iterdir()) == []


def test_missing_php_extensions_are_told(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    php = tmp_path / "bin" / "php"
    php.parent.mkdir()
    php.write_text("#!/bin/sh\necho dom\n")
    php.chmod(0o755)
    monkeypatch.setenv("PATH", f"{php.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SandboxError, match="PHP lacks apcu, intl, mbstring, pdo_sqlite, xmlreader"):
        Sandbox("none", home=home / "state").up()
    assert not (home / "state").exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"settings": "this is no PHP"}, "(?i)syntax error"),
        ({"settings": "$wgHooks['ApiBeforeMain'][] = function () { throw new Exception( 'odd' ); };"}, "odd"),
        ({"pages": Path("/nowhere.xml")}, "no file or folder"),
        ({"pages": [("A<B", "text")]}, "title of a page"),
    ],
)
def test_a_wiki_that_can_not_come_up_says_why_and_leaves_nothing(home: Path, wrong: dict[str, Any], says: str) -> None:
    wiki = Sandbox("wrong", home=home, **wrong)
    with pytest.raises(SandboxError, match=says) as caught:
        wiki.up()
    assert "\n" not in str(caught.value)
    assert not wiki.folder.exists()
    assert not marked(wiki.folder)


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="can not be used"):
        Sandbox("x", home=tmp_path / "file").up()


def test_a_damaged_state_counts_as_not_up_and_can_be_removed(home: Path) -> None:
    wiki = Sandbox("odd", home=home)
    wiki.folder.mkdir(parents=True)
    (wiki.folder / "apibot.toml").write_text("")
    for facts in ("", "{}", json.dumps({"id": 1})):
        (wiki.folder / "facts.json").write_text(facts)
        assert wiki.status() is None
    with pytest.raises(SandboxError, match="not up"):
        _ = wiki.bot
    assert wiki.down() is True
    assert not wiki.folder.exists()


def test_only_marked_processes_are_found_and_ended(home: Path) -> None:
    folder = home / "sandbox" / "x"
    wait = [sys.executable, "-c", "input()"]
    with (
        subprocess.Popen([*wait, str(folder)], stdin=subprocess.PIPE) as stranger,
        subprocess.Popen([*wait, mark(folder / "y")], stdin=subprocess.PIPE) as neighbour,
        subprocess.Popen([*wait, mark(folder)], stdin=subprocess.PIPE) as own,
    ):
        try:
            assert wait_until(lambda: marked(folder) == {own.pid}, 5)
            end(folder)
            assert own.wait(5) == -signal.SIGKILL
            assert (stranger.poll(), neighbour.poll()) == (None, None)
        finally:
            for process in (stranger, neighbour, own):
                process.kill()


def test_where_there_is_no_proc_ps_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ps = tmp_path / "ps"
    ps.write_text("#!/bin/sh\necho '    1 /sbin/init'\necho '12345 php -d apibot.sandbox=/x api.php'\n")
    ps.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = dict(processes._command_lines_of_ps())
    assert found == {1: ["/sbin/init"], 12345: ["php", "-d", "apibot.sandbox=/x", "api.php"]}
