"""A sandbox: a real MediaWiki on this machine, up in a second and gone without a trace."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeGuard

from apibot.core.errors import SandboxError
from apibot.core.secret import Secret
from apibot.core.settings import FILE_NAME, home_folder
from apibot.sandbox import mediawiki, server, state, watchdog
from apibot.sandbox.mediawiki import MediaWiki
from apibot.sandbox.pages import folder_pages, order
from apibot.sandbox.processes import end, marked, wait_until
from apibot.sandbox.state import Facts, SandboxAccount

Pages = Path | Iterable[tuple[str, str]]
"""An XML export, a folder of wikitext files, or pairs of title and text."""
_BOT, _SYSOP, _HUMAN, _APP = "Bot", "Sysop", "Human", "apibot"
_END_SECONDS = 0.5
"""Seconds in which a watchdog that is just ending has ended."""
_LOCK_SECONDS = 30.0
"""Seconds that stopping and resetting wait for another process that starts or stops the same sandbox."""


@dataclass(frozen=True)
class SandboxStatus:
    """How a sandbox is."""

    name: str
    url: str
    api: str
    version: str
    """Version of MediaWiki."""
    folder: Path
    """Its state folder."""
    detached: bool
    """Whether it stays when the process that started it ends."""
    state: Literal["up", "broken"]
    """``broken`` if its watchdog died; ``down`` removes what is left."""


class Sandbox:
    """A wiki by its name: starts it, stops it, or works on the one that is up.

    Parameters: ``name``, letters, digits, - and _; ``pages``, what it holds from the start beside its main page;
    ``settings``, PHP lines for the end of LocalSettings.php; ``port`` on 127.0.0.1, a free one if None; ``home``,
    the folder for all state, that of the settings if None.

    As a context manager it is up inside and gone afterwards, also if this process is killed::

        with Sandbox("demo") as wiki:
            print(wiki.url, wiki.bot.user)

    All members but ``up``, ``down``, ``status``, ``name``, ``home`` and ``folder`` raise SandboxError if the wiki is
    not up.
    """

    def __init__(
        self,
        name: str = "sandbox",
        *,
        pages: Pages | None = None,
        settings: str = "",
        port: int | None = None,
        home: Path | None = None,
    ) -> None:
        self.name = state.check_name(name)
        """The wiki's name."""
        self.home = (home or home_folder()).resolve()  # a process is found again by its folder
        """The folder for all state."""
        self.folder = state.folder_of(self.home, name)
        """The state folder of this wiki; there while it is up."""
        self._pages = pages
        self._settings = settings
        self._port = port
        self._id: str | None = None
        """Of the wiki that this object started."""

    def up(self, *, detached: bool = False) -> Self:
        """Start the wiki; with ``detached`` it stays when this process ends, until ``down``.

        Raises SandboxError if PHP or MediaWiki is missing, the port is taken, the wiki is up already, or
        MediaWiki does not come up; nothing is left behind then.  StateError if its folder can not be used.
        """
        program = mediawiki.find()
        program.check()
        _check_pages(self._pages)
        port = server.free_port() if self._port is None else server.check_port(self._port)
        with state.locked(self.home, self.name, 0):
            there = self.status()
            if there and there.state == "up":
                stop = f"apibot sandbox down {self.name}"
                msg = f"The sandbox {self.name!r} is up already at {there.url}. Stop it with: {stop}"
                raise SandboxError(msg)
            try:
                self._clear()
                self._start(program, port, detached=detached)
            except BaseException:
                self._clear()
                raise
        return self

    def down(self) -> bool:
        """Stop the wiki and remove everything of it; return whether there was something to remove.

        A wiki of the same name that was started by someone else after this object's own had ended is left alone.
        """
        with state.locked(self.home, self.name, _LOCK_SECONDS):
            facts = state.read_facts(self.folder)
            if self._id is not None and facts is not None and facts.id != self._id:
                return False
            there = self.folder.exists() or bool(marked(self.folder))
            self._clear()
        return there

    def status(self) -> SandboxStatus | None:
        """Return how the wiki is, None if it is not up."""
        facts = state.read_facts(self.folder)
        if facts is None:
            return None
        alive = facts.watchdog in marked(self.folder)  # and it lives only as long as the server
        return SandboxStatus(
            name=self.name,
            url=facts.url,
            api=facts.api,
            version=facts.version,
            folder=self.folder,
            detached=facts.detached,
            state="up" if alive else "broken",
        )

    def reset(self) -> None:
        """Put the wiki back to how it was right after ``up``, pages included.

        The server is started anew, on the same port: it keeps texts in memory by row numbers that are used again.
        """
        with state.locked(self.home, self.name, _LOCK_SECONDS):
            facts = self._facts
            before = server.which_round(facts)
            if before is None or facts.watchdog not in marked(self.folder):
                msg = f"The sandbox {self.name!r} is broken. Remove it with: apibot sandbox down {self.name}"
                raise SandboxError(msg)
            os.kill(facts.watchdog, signal.SIGUSR1)
            server.wait_for(facts, lambda: facts.watchdog not in marked(self.folder), before + 1)
            server.ask_api(facts)

    def maintenance(self, script: str, *arguments: str, input: str | None = None) -> str:  # noqa: A002 - named as in subprocess.run
        """Run one of MediaWiki's maintenance scripts and return what it wrote to stdout.

        Parameters: ``script``, a file name like ``runJobs.php``, or a path in MediaWiki's folder for a script of an
        extension; ``arguments``, its arguments, which everyone on this machine can see; ``input``, its stdin.
        Raises SandboxError if there is no such script or it fails.
        """
        facts = self._facts
        try:
            return mediawiki.find().run(self.folder, script, *arguments, text=input)
        finally:
            server.forget_caches(facts)

    def run_jobs(self) -> None:
        """Run the wiki's jobs until none is left."""
        self.maintenance("runJobs.php")

    def import_pages(self, pages: Pages) -> None:
        """Put pages into the wiki; one that is there gets a new revision.

        Parameters: ``pages``, an XML export; or a folder of wikitext files (``*.wiki``, ``*.txt``, ``*.mediawiki``)
        named by the page's title, percent-decoded (``A%2FB.wiki`` is ``A/B``); or pairs of title and text.
        All tables of links, categories and recent changes are right afterwards.
        Raises SandboxError for pages that can not be imported.
        """
        facts = self._facts
        _check_pages(pages)
        try:
            self._import(mediawiki.find(), pages)
        finally:
            server.forget_caches(facts)

    @property
    def api(self) -> str:
        """Return the address of api.php."""
        return self._facts.api

    @property
    def url(self) -> str:
        """Return the wiki's address without a slash at the end."""
        return self._facts.url

    @property
    def version(self) -> str:
        """Return the version of MediaWiki, like ``1.39.17``."""
        return self._facts.version

    @property
    def bot(self) -> SandboxAccount:
        """Return the bot password of the account in the group ``bot``, with all grants."""
        return state.read_account(self.folder, self.name, "bot")

    @property
    def sysop(self) -> SandboxAccount:
        """Return the account in the groups sysop, bureaucrat and interface-admin."""
        return state.read_account(self.folder, self.name, "sysop")

    @property
    def human(self) -> SandboxAccount:
        """Return the account without groups."""
        return state.read_account(self.folder, self.name, "human")

    def __enter__(self) -> Self:
        """Start the wiki."""
        return self.up()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the wiki."""
        self.down()

    @property
    def _facts(self) -> Facts:
        facts = state.read_facts(self.folder)
        if facts is None:
            raise state.not_up(self.name)
        return facts

    def _start(self, program: MediaWiki, port: int, *, detached: bool) -> None:
        """Start in an empty place; the watchdog comes first, so that it clears up should this process be killed."""
        self._id = secrets.token_hex(8)
        self.folder.mkdir(mode=0o700)
        command, environ = program.server(self.folder, port), program.server_environ(self.folder, self._id)
        dog = _WATCHDOGS[self.folder] = watchdog.start(self.folder, command, environ, detached=detached)
        facts = Facts(id=self._id, port=port, version=program.version, watchdog=dog.pid, detached=detached)
        try:
            accounts = self._install(program, facts)
            server.wait_for(facts, lambda: dog.poll() is not None)
            with ThreadPoolExecutor(1) as pool:  # the server reads MediaWiki's code while the accounts are made
                answered = pool.submit(server.ask_api, facts)
                self._fill(program, accounts)
                answered.result()
            server.forget_caches(facts)
            shutil.copytree(self.folder / state.DATA, self.folder / state.SNAPSHOT)
            state.write(self.folder, self.name, facts, accounts)
        except (OSError, SandboxError) as exc:
            if wait_until(lambda: dog.poll() is not None, _END_SECONDS):
                msg = f"PHP's web server ended while the wiki was made. Was port {port} taken meanwhile? Try again."
                raise SandboxError(msg) from exc
            if isinstance(exc, OSError):
                msg = f"{self.folder}: can not be filled ({exc.strerror}). Correct that, or set APIBOT_HOME."
                raise SandboxError(msg) from exc
            raise

    def _install(self, program: MediaWiki, facts: Facts) -> dict[str, SandboxAccount]:
        """Make the wiki with its first account; return what all accounts are to be, by role."""
        accounts = {
            "bot": SandboxAccount(f"{_BOT}@{_APP}", Secret(secrets.token_hex(16))),
            "sysop": SandboxAccount(_SYSOP, Secret(secrets.token_urlsafe(18))),
            "human": SandboxAccount(_HUMAN, Secret(secrets.token_urlsafe(18))),
        }
        password = accounts["sysop"].password.reveal()
        more = self._settings
        program.install(self.folder, name=self.name, url=facts.url, sysop=_SYSOP, password=password, settings=more)
        return accounts

    def _fill(self, program: MediaWiki, accounts: Mapping[str, SandboxAccount]) -> None:
        """Make the other accounts and the pages."""
        rows: dict[str, dict[str, str | list[str]]] = {
            _BOT: {"password": accounts["bot"].password.reveal(), "groups": ["bot"], "appId": _APP},
            _HUMAN: {"password": accounts["human"].password.reveal(), "groups": []},
        }
        program.run(self.folder, str(mediawiki.HERE / "accounts.php"), text=json.dumps(rows))
        if self._pages is not None:
            self._import(program, self._pages)
            if _is_export(self._pages):  # an import makes no recent changes, and nothing is lost by making them anew
                program.run(self.folder, "rebuildrecentchanges.php")

    def _import(self, program: MediaWiki, pages: Pages) -> None:
        if _is_export(pages):
            program.run(self.folder, "importDump.php", "--username-prefix=imported", str(pages.absolute()))
            program.run(self.folder, "initSiteStats.php", "--update")
        else:
            pairs = folder_pages(pages) if isinstance(pages, Path) else pages
            program.run(self.folder, str(mediawiki.HERE / "pages.php"), text=order(pairs, _HUMAN))
        program.run(self.folder, "runJobs.php")

    def _clear(self) -> None:
        """End all processes and remove the folder."""
        end(self.folder)
        if dog := _WATCHDOGS.pop(self.folder, None):
            dog.wait()
        state.remove(self.folder)


_WATCHDOGS: dict[Path, subprocess.Popen[bytes]] = {}
"""The watchdogs started by this process: its children, to be waited for when they end."""


def sandboxes(home: Path | None = None) -> list[SandboxStatus]:
    """Return how all sandboxes of a folder for state are, sorted by name; those being started are not among them."""
    found = (Sandbox(path.parent.name, home=home).status() for path in _settings_files(home or home_folder()))
    return [status for status in found if status]


def _settings_files(home: Path) -> list[Path]:
    return sorted(home.glob(f"sandbox/*/{FILE_NAME}"))


def _is_export(pages: Pages) -> TypeGuard[Path]:
    return isinstance(pages, Path) and not pages.is_dir()


def _check_pages(pages: Pages | None) -> None:
    """Raise SandboxError for a path from which no pages can be taken."""
    if isinstance(pages, Path) and not os.access(pages, os.R_OK):
        msg = f"{pages}: no file or folder to take pages from, or not readable. Give an XML export or a folder."
        raise SandboxError(msg)


__all__ = ["Pages", "Sandbox", "SandboxStatus", "sandboxes"]
