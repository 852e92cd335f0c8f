"""Bridge: one object with a function for each task and query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypeVar, overload

from apibot.bridge.functions import generates, performs
from apibot.bridge.rows import PageRows, PageSetRows, bound
from apibot.core.browser import Download, FilePart, Transfer, Watch
from apibot.core.core import Core
from apibot.core.errors import EditConflict, PageExists
from apibot.core.info import Info
from apibot.core.jsons import JsonObject
from apibot.core.request import Task, Value
from apibot.core.rows import Rows
from apibot.core.schema import LogLevel
from apibot.data.pages import Page, PageLike, PageRef, page_ref
from apibot.data.rows.base import DataRow
from apibot.queries import AllPages, ByName, CategoryMembers, PageIds, QueryPage, RecentChanges, RevIds, Titles
from apibot.tasks import CallAction, Edit, EditResult, Fetch, Purge

if TYPE_CHECKING:
    from apibot.bridge.doctor import Finding
    from apibot.bridge.runs import BridgeRun
    from apibot.data.dates import DateWords
    from apibot.data.titles.title import Title
    from apibot.data.wikitext import Wikitext
    from apibot.runs import Applied, Performer

R = TypeVar("R")
CONFLICTS = 5
"""How often a change is tried in all, if someone else saves first each time."""


class Bridge:
    """The functions of a wiki for quick scripts.

    Parameters: ``core``; ``performer``, who performs tasks in its place (a run that plans).
    """

    def __init__(self, core: Core, performer: Performer | None = None) -> None:
        self.core = core
        self._performer = performer

    def perform(self, task: Task[R], seen: object = None) -> R:
        """Perform a task; ``seen`` is the page it is about, as far as it was fetched."""
        return (self._performer or self.core).perform(task, seen)

    @property
    def info(self) -> Info:
        """What the wiki says of itself and of the account."""
        return self.core.info

    def on(self, wiki: str) -> Bridge:
        """Return the functions of another wiki, in the same run; it is closed with this one.

        Parameters: ``wiki``, a name from the settings or the URL of an api.php.  The account that the settings have
        for it is used; without one, that of this wiki, if both belong to one farm.
        Raises SettingsError; PlanError while planning, since a plan is for one wiki.
        """
        if self._performer is None:
            return Bridge(self.core.on(wiki))
        other = self._performer.on(wiki)
        return Bridge(other.core, other)

    # Service functions.

    def title(self, text: str, ns: int = 0) -> Title:
        """Read a title by the wiki's own rules; ``ns`` is the namespace of a text that names none.

        For many titles take ``site = bridge.info.site`` once, and ``Title.parse(text, site)``.
        Raises InvalidTitle with the reason and the place for what the wiki would refuse.
        """
        from apibot.data.titles.title import Title

        return Title.parse(text, self.info.site, ns=ns)

    def wikitext(self, page: Page | str, title: str | None = None) -> Wikitext:
        """Take a text apart by the wiki's own rules, to look through it and to change it; ``str`` gives it again.

        Parameters: ``page`` whose text it is, or a text; ``title`` of the page that a text is of, for relative links.
        Raises NotFetched for a page whose text was not asked for; InvalidTitle.
        """
        from apibot.data.wikitext import Wikitext

        if isinstance(page, str):
            return Wikitext(page, self.info.site, title)
        return Wikitext(page.text, self.info.site, page.title)

    def date_words(self) -> DateWords:
        """Return the words of dates in the wiki's language, by which time stamps of signatures are read."""
        from apibot.data.dates import MESSAGES, DateWords

        return DateWords.from_messages(self.info.messages(*MESSAGES))

    def log(self, text: str, level: LogLevel = "info") -> None:
        """Write a line into the log."""
        self.core.log(text, level)

    def xfer(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        progress: Watch | None = None,
    ) -> Transfer:
        """Make an HTTP transfer with any host: GET, or POST where there is something to send; no login goes along.

        Parameters: ``url``; ``params``, added to the address; ``data``, form fields; ``files``, sent in the same form,
        read from disk as they go out; ``headers``, besides the browser's own; ``progress``, is told how far it is.
        Raises TransportError, BadReply.
        """
        return self.core.browser.xfer(url, params=params, data=data, files=files, headers=headers, progress=progress)

    def download(
        self, url: str, path: str | Path, *, sha1: str | None = None, progress: Watch | None = None
    ) -> Download:
        """Fetch a file from any host; it stands at its path only when it is whole, and is taken up if it breaks off.

        Parameters: ``url``; ``path``; ``sha1`` of the file in hexadecimal, to be checked; ``progress``, is told how
        far it is.
        Raises TransportError; BadReply for what is not the file; StateError if it can not be written.
        """
        return self.core.browser.download(url, Path(path), sha1=sha1, progress=progress)

    def doctor(self) -> list[Finding]:
        """Look for what stands in a bot's way on the wiki: login, rights, limits, clocks, files, what is out of date.

        Returns what was found, with what to do about it; what can not be looked at is a finding, not an error.
        """
        from apibot.bridge.doctor import diagnose

        return diagnose(self)

    # Tasks.

    edit = performs(Edit)
    fetch = performs(Fetch)
    purge = performs(Purge)

    def change(
        self, page: PageLike, fn: Callable[[str], str | None], *, summary: str = "", minor: bool = False
    ) -> EditResult:
        """Change a page's text by a function, which is called again on the new text if someone else saved first.

        Parameters: ``page``; ``fn``, takes the text ("" for a missing page) and returns the new one, or None to
        leave it; ``summary``; ``minor``.
        Raises as Edit does; EditConflict if others are faster again and again.
        """
        given_page = page_ref(page)
        ref = PageRef(given_page.title, given_page.pageid)
        given = {name: value for name, value in (("summary", summary), ("minor", minor)) if value}
        tries_left = CONFLICTS
        while True:
            fetched = self.fetch(ref)
            new = fn(fetched.text)
            if new is None:
                return EditResult(fetched.title, fetched.pageid, fetched.revid, fetched.revid, changed=False)
            fetched.text = new
            try:
                return self.perform(Edit(fetched).replaced(**given), fetched)
            except (EditConflict, PageExists):
                tries_left -= 1
                if not tries_left:
                    raise

    # Runs.

    def run(self, name: str, *, plan: str | Path | None = None) -> AbstractContextManager[BridgeRun]:
        """Group writes: ``with bridge.run("tidy") as run: run.bridge.edit(...)``.

        Parameters: ``name`` of the run; ``plan``, a file: nothing is changed then, and what would be is written
        there, if the block ends well.
        """
        from apibot.bridge.runs import begun  # runs cost 6 ms to import, and reading a page needs none

        return begun(self, name, plan)

    def apply(self, path: str | Path, *, progress: Callable[[int], object] | None = None) -> Applied:
        """Make exactly the changes of a plan; what has become stale is planned again into ``FILE.stale.jsonl``.

        Parameters: ``path`` of the plan; ``progress``, called with the number of changes looked at so far.
        Raises PlanError for a plan that is damaged or meant for another wiki or account.
        """
        from apibot.runs import apply

        return apply(self, path, progress)

    # Queries.

    allpages = generates(AllPages)
    categorymembers = generates(CategoryMembers)
    querypage = generates(QueryPage)
    recentchanges = generates(RecentChanges)

    def titles(self, *titles: str | Title, redirects: bool = False) -> PageSetRows:
        """Return the pages of these titles; ``redirects`` follows redirects."""
        names = [str(page_ref(one).title) for one in titles]
        return self._set(Titles(names), redirects=redirects)

    def pageids(self, *pageids: int, redirects: bool = False) -> PageSetRows:
        """Return the pages of these numbers."""
        return self._set(PageIds(pageids), redirects=redirects)

    def revids(self, *revids: int) -> PageSetRows:
        """Return the pages of these revisions; their text is that revision's."""
        return self._set(RevIds(revids))

    def _set(self, query: Titles | PageIds | RevIds, *, redirects: bool = False) -> PageSetRows:
        if redirects:  # otherwise it is the settings' to say
            query = query.replaced(redirects=True)
        return PageSetRows(self.core, query, query.make_row)

    @overload
    def by_name(
        self,
        kind: Literal["action"],
        name: str,
        *,
        limit: int | None = None,
        pages: None = None,
        **params: Value,
    ) -> JsonObject: ...
    @overload
    def by_name(
        self,
        kind: Literal["generator"],
        name: str,
        *,
        limit: int | None = None,
        pages: None = None,
        **params: Value,
    ) -> PageRows[PageRef]: ...
    @overload
    def by_name(
        self,
        kind: Literal["list", "prop", "meta"],
        name: str,
        *,
        limit: int | None = None,
        pages: PageSetRows | None = None,
        **params: Value,
    ) -> Rows[DataRow]: ...
    def by_name(
        self,
        kind: Literal["action", "generator", "list", "prop", "meta"],
        name: str,
        *,
        limit: int | None = None,
        pages: PageSetRows | None = None,
        **params: Value,
    ) -> JsonObject | PageRows[PageRef] | Rows[DataRow]:
        """Reach any module of the API by its name.

        Parameters: ``kind`` of the module; ``name``; ``limit``, how many rows in all; ``pages``, whose property it
        is; and the module's own parameters, unprefixed, as its help page has them.
        Returns rows, of the class that fits the module where there is one; pages for a generator;
        the wiki's whole answer for an action.
        Raises BadParameter for a module or parameter that the wiki does not know.
        """
        given = {key.rstrip("_"): value for key, value in params.items()}
        if kind == "action":
            whole = given if limit is None else {**given, "limit": limit}
            return self.perform(CallAction(name, params=whole))
        if kind == "generator":
            query = ByName("list", name, params=given, limit=limit)
            return PageRows(self.core, query, PageRef.from_api)
        named = pages.named if pages is not None else None
        return bound(self.core, ByName(kind, name, params=given, limit=limit, pages=named))

    # Life.

    def close(self) -> None:
        """Close connections and files."""
        self.core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


__all__ = ["CONFLICTS", "Bridge"]
