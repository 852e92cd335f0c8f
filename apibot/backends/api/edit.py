"""Level 3 of Edit: fenced, asked about when its reply is lost, never over somebody else's edit.

A second copy of what is sent here is answered by the wiki with "no change", ``editconflict`` or ``articleexists``:
``baserevid`` without time stamps, ``nocreate`` with ``pageid`` for a page that exists, ``createonly`` for one that
does not (API:Edit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from apibot.backends.api.query_module import QueryAction
from apibot.backends.api.sections import section_range, with_section
from apibot.backends.api.task import ApiWrite, read_page
from apibot.core.core import Core
from apibot.core.errors import (
    ApibotError,
    BotExcluded,
    EditConflict,
    NotFetched,
    OutcomeUnknown,
    PageExists,
    PageMissing,
)
from apibot.core.jsons import JsonObject, block, number, rows
from apibot.core.layer import Attempt
from apibot.core.request import Request
from apibot.data.bots import exclusion
from apibot.data.pages import UNSTABLE, Base, Page, PageRef, normalised, text_sha1
from apibot.tasks import CallAction, Edit, EditResult

if TYPE_CHECKING:
    from apibot.backends.api.module import Action

HISTORY = 50
"""Newest revisions that are looked through for an edit whose reply was lost."""
ROUNDS = 4
"""How often a change that follows from the page's text is tried in all, if someone else saves first each time."""


class Seen(NamedTuple):
    """The page as an edit finds it."""

    title: str
    pageid: int | None
    revid: int
    """0 if it does not exist."""
    text: str | None
    """None if it is not needed."""


class ApiEdit(ApiWrite[Edit, EditResult]):
    """Edit, by ``action=edit``.

    Parameters: as ApiTask; ``query``, to read the page and ask about it.
    """

    right = "edit"

    def __init__(
        self,
        core: Core,
        kind: type[Request],
        below: Action,
        query: QueryAction,
    ) -> None:
        super().__init__(core, kind, below)
        self._query = query

    def do(self, request: Edit, seen: object) -> EditResult:
        """Save; a change that follows from the page's text is made again if someone else saved first."""
        tied_to: str | None = None
        rounds_left = ROUNDS
        while True:
            attempt = self.fenced(request, seen, shown=False)
            if tied_to not in {None, attempt.tied_to}:
                code, why = "editconflict", f"section {request.section} is another one now, or was changed"
                raise EditConflict(code, why, what=attempt.title)
            tied_to = attempt.tied_to
            try:
                return self.send(attempt, seen)
            except (EditConflict, PageExists):
                rounds_left -= 1
                if not request.repeatable or not rounds_left:
                    raise
                self.log.info("%s: someone else saved first; the change is made on the new text", attempt.title)
                request = request.replaced(page=replace(cast("PageRef", request.page), base=None))

    def fenced(self, request: Edit, seen: object, *, shown: bool) -> Attempt[EditResult]:
        """Return the edit as the whole new text on a known revision.

        Raises EditConflict if the page is not at the revision that the request pins, PageExists or PageMissing where
        it must not or must exist, BotExcluded by {{bots}}.
        """
        ref = cast("PageRef", request.page)
        page = self._seen(request, ref, seen, shown=shown)
        _check_existence(request, page)
        after, tied_to = self._new_text(request, page)
        pinned = request.replaced(
            page=PageRef(page.title or ref.title, page.pageid, ref.ns, page.revid),
            text=after,
            append=None,
            prepend=None,
            section=None,
            sectiontitle=None,
        )
        done = None
        if page.revid and page.text is not None and normalised(after) == normalised(page.text):
            done = EditResult(page.title, page.pageid, page.revid, page.revid, changed=False)
        elif page.text is not None and not request.ignore_bots:
            self._heed_bots(page)
        return Attempt(
            request=pinned,
            params=self._params(request, page, after),
            title=page.title,
            base_revid=page.revid,
            before=page.text,
            after=after,
            done=done,
            expected=EditResult(page.title, page.pageid, page.revid, page.revid, created=not page.revid),
            since=self._last_creation(page.title) if done is None and not page.revid and not shown else 0,
            tied_to=tied_to,
        )

    def _seen(self, request: Edit, ref: PageRef, seen: object, *, shown: bool) -> Seen:
        """Return the page as far as the edit must know it, reading it only where it must be read."""
        if isinstance(seen, Page) and seen.has_text and seen.current and ref == seen.ref:
            return Seen(seen.title, seen.pageid, seen.revid if seen.exists else 0, seen.original)
        if isinstance(seen, Base) and seen.revid == ref.base and not request.derived and not shown:
            return Seen(ref.title or "", ref.pageid, seen.revid, None)
        page = Page(read_page(self._query, ref))
        now = page.revid if page.exists else 0
        same = (
            not request.derived and normalised(request.text or "") == normalised(page.text) if page.has_text else False
        )
        if ref.base not in {None, now} and not same and not request.follows:
            code, why = "editconflict", f"revision {now} is current, the change was made on {ref.base}"
            raise EditConflict(code, why, what=page.title)
        if not page.has_text:
            msg = f"{page.title}: its text is hidden, so it can not be edited."
            raise NotFetched(msg)
        return Seen(page.title, page.pageid, now, page.text)

    def _heed_bots(self, page: Seen) -> None:
        user = self.core.info.user().name
        template = exclusion(page.text or "", user)
        if template is not None:
            msg = f"{page.title}: {template} keeps {user} out; leave the page alone, or ask who put it there."
            raise BotExcluded(msg)

    def _new_text(self, request: Edit, page: Seen) -> tuple[str, str | None]:
        """Return the whole text that the page shall have, and the part of the old one that this depends on.

        A section's number may be another section's tomorrow: text added to it depends on its heading, a text that
        replaces it on what it replaces.
        """
        old = page.text or ""
        if request.section == "new":
            heading = f"== {request.sectiontitle} =="
            return "\n\n".join([*([old] if old.strip() else []), heading, str(request.text)]), None
        if request.section is None:
            return _changed(request, old), None
        start, end = section_range(self._sections(page.revid), int(request.section), len(old), page.title)
        section = old[start:end].rstrip()
        tied_to = section if request.text is not None else section.partition("\n")[0] if request.section else ""
        return with_section(old, start, end, _changed(request, section)), tied_to

    def _sections(self, revid: int) -> list[JsonObject]:
        """Ask the wiki's parser where the sections of a revision are."""
        reply = self.core.perform(CallAction("parse", params={"oldid": revid, "prop": "sections"}))
        return rows(block(reply.get("parse")).get("sections"))

    def _params(self, request: Edit, page: Seen, after: str) -> dict[str, object]:
        """Return the fenced form."""
        rights = self.core.info.user().rights
        fence: dict[str, object] = (
            {"pageid": page.pageid, "baserevid": page.revid, "nocreate": True}
            if page.revid
            else {"title": page.title, "createonly": True}
        )
        return {
            **fence,
            "text": after,
            "summary": request.summary or None,
            "minor": request.minor,
            "notminor": not request.minor,
            "bot": request.bot and "bot" in rights,
            "tags": request.tags or None,
            "watchlist": "nochange",
        }

    def result(self, attempt: Attempt[EditResult], reply: JsonObject) -> EditResult:
        """Read what the wiki says of the edit."""
        edit = block(reply.get("edit"))
        if edit.get("result") != "Success":
            msg = f"{attempt.title}: the wiki's answer to the edit says nothing of it."
            raise OutcomeUnknown(msg)
        base = attempt.base_revid or 0
        old = number(edit.get("oldrevid")) or 0
        return EditResult(
            title=str(edit.get("title", attempt.title)),
            pageid=number(edit.get("pageid")),
            revid=number(edit.get("newrevid")) or base,
            base=base,
            changed="newrevid" in edit,
            created=bool(edit.get("new")),
            merged="newrevid" in edit and old != base,
        )

    def tell(self, attempt: Attempt[EditResult], result: EditResult, seen: object) -> None:
        """Bring the page object that was saved up to date, by reading it again if what is stored is not what was sent.

        If it can not be read, the object stays as it was: its next edit will conflict, and the saved one is saved.
        """
        if result.merged:
            self.log.warning("%s: someone else saved first, and the wiki merged both edits", result.title)
        if not isinstance(seen, Page):
            return
        row: Mapping[str, object] = _row(result, normalised(attempt.after or ""))
        if result.merged or (result.changed and not _stable(attempt.after)):
            try:
                row = read_page(self._query, PageRef(pageid=result.pageid))
            except ApibotError as exc:
                self.log.warning("%s: was saved, but could not be read again: %s", result.title, exc)
                return
        seen.saved(row)

    def landed(self, attempt: Attempt[EditResult]) -> EditResult | None:
        """Look in the page's history for a revision of this account on the base that was recorded before."""
        user = self.core.info.user().name
        base = attempt.base_revid or 0
        ref = cast("PageRef", cast("Edit", attempt.request).page)
        mine = [one for one in self._history(ref, attempt.since) if one["user"] == user]
        newer = [one for one in mine if (number(one.get("revid")) or 0) > base] if base else mine
        if _stable(attempt.after):  # otherwise the stored text is not the one that was sent
            sha1 = text_sha1(attempt.after or "")
            found = [one for one in newer if one.get("sha1", sha1) == sha1]
        else:
            found = [one for one in newer if one.get("parentid") == base]
        if not found:
            return None
        row = found[-1]
        return EditResult(
            title=attempt.title,
            pageid=number(row.get("pageid")),
            revid=number(row.get("revid")) or 0,
            base=base,
            created=not base,
            merged=row.get("parentid") != base,
            confirmed_late=True,
        )

    def _history(self, ref: PageRef, since: int) -> list[JsonObject]:
        """Return the newest revisions of an existing page, or the first one of a page that was to be created."""
        named: dict[str, object] = {"pageids": ref.pageid} if ref.base else {"titles": ref.title}
        order: dict[str, object] = {"rvlimit": HISTORY} if ref.base else {"rvlimit": 1, "rvdir": "newer"}
        params = {"prop": "revisions", "rvprop": ("ids", "user", "sha1", "timestamp"), **named, **order}
        query = block(self._query.module.exchange(params, primary=True).get("query"))
        found = [
            {"user": "", **row, "pageid": page.get("pageid")}
            for page in rows(query.get("pages"))
            for row in rows(page.get("revisions"))
        ]
        return found or ([] if ref.base else self._creations(str(ref.title), since))

    def _creations(self, title: str, since: int) -> list[JsonObject]:
        """Return the last entry of the creation log on a title, if it is newer than a log id.

        The log survives if the page is deleted at once; its times are too coarse to tell old from new.
        """
        params = {
            "list": "logevents",
            "leaction": "create/create",
            "letitle": title,
            "leprop": ("ids", "user"),
            "lelimit": 1,
        }
        query = block(self._query.module.exchange(params, primary=True).get("query"))
        found = rows(query.get("logevents"))
        return [
            {"revid": 0, "parentid": 0, "user": "", **row} for row in found if (number(row.get("logid")) or 0) > since
        ]

    def _last_creation(self, title: str) -> int:
        """Return the id of that entry before a page is created, 0 if there is none."""
        return next((number(row.get("logid")) or 0 for row in self._creations(title, 0)), 0)


def _check_existence(request: Edit, page: Seen) -> None:
    """Raise PageExists or PageMissing where the page must not or must exist."""
    if request.create == "only" and page.revid:
        code, why = "articleexists", "the page is there already"
        raise PageExists(code, why, what=page.title)
    if (request.create == "never" or request.section not in {None, "new"}) and not page.revid:
        code, why = "missingtitle", "the page does not exist"
        raise PageMissing(code, why, what=page.title)


def _changed(request: Edit, old: str) -> str:
    """Return an old text, of a page or section, as the request changes it."""
    if request.text is not None:
        return request.text
    return f"{request.prepend or ''}{old}{request.append or ''}"


def _stable(after: str | None) -> bool:
    return after is not None and UNSTABLE.search(after) is None


def _row(result: EditResult, content: str) -> JsonObject:
    """Return the page's row as a query would give it after the edit."""
    revision: JsonObject = {"revid": result.revid, "parentid": result.base, "slots": {"main": {"content": content}}}
    size = len(content.encode())
    return {
        "title": result.title,
        "pageid": result.pageid,
        "lastrevid": result.revid,
        "length": size,
        "revisions": [revision],
    }


__all__ = ["HISTORY", "ROUNDS", "ApiEdit", "Seen"]
