"""Level 3 of tasks: from the request to an action's parameters, from its answer to the result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar, cast

from apibot.backends.api.answers import sound
from apibot.backends.api.module import Action
from apibot.backends.api.query import CATEGORIES, INFO, NAMED_PAGES, TEXT
from apibot.backends.api.query_module import Pageset, QueryAction, Submodule
from apibot.core.core import Core
from apibot.core.errors import ApibotError, BadParameter, OutcomeUnknown, PageMissing, PermissionDenied, PlanError
from apibot.core.hooks import hookable
from apibot.core.jsons import JsonObject
from apibot.core.layer import Attempt, Layer
from apibot.core.request import Request, Task
from apibot.data.pages import Page, PageRef
from apibot.tasks import CallAction, Fetch, Purge, PurgeResult

T = TypeVar("T", bound=Task[object])
R = TypeVar("R")


class ApiTask(Layer, ABC, Generic[T, R]):
    """Level 3: checks the right, and does what a subclass says in ``do``.

    Parameters: ``core``; ``kind``, the request class; ``below``, the action.
    """

    right: ClassVar[str] = "read"
    """What the account must have."""

    def __init__(self, core: Core, kind: type[Request], below: Layer | None) -> None:
        super().__init__(core, f"API_Task_{kind.__name__}", below)

    @hookable
    def go(self, request: T, seen: object) -> R:
        """Do it."""
        self.permit()
        return self.do(request, seen)

    @hookable
    def fence(self, request: T, seen: object) -> Attempt[R]:
        """Say what would be done, with the texts before and after."""
        self.permit()
        return self.attempt(request, seen)

    def attempt(self, request: T, seen: object) -> Attempt[R]:  # noqa: ARG002  # for those that can be planned
        """Return what would be done; PlanError where that shows only when it is done."""
        msg = f"{type(request).__name__} can not be planned: what it does shows only when it is done."
        raise PlanError(msg)

    def permit(self) -> None:
        """Raise PermissionDenied if the account lacks the right."""
        user = self.core.info.user()
        if self.right not in user.rights:  # perhaps it was given since that was remembered
            user = self.core.info.user(recent=True)
        if self.right not in user.rights:
            who = user.name if not user.anonymous else "an anonymous user"
            code, text = "permissiondenied", f"{who} lacks the right {self.right!r}; ask for it, or for a login with it"
            raise PermissionDenied(code, text, what=self.label)

    @abstractmethod
    def do(self, request: T, seen: object) -> R:
        """Do it."""


class ApiWrite(ApiTask[T, R]):
    """Level 3 of writes: fence, send, and ask where the reply was lost."""

    def do(self, request: T, seen: object) -> R:
        """Bring the request into its fenced form and send it once."""
        return self.send(self.fenced(request, seen, shown=False), seen)

    def attempt(self, request: T, seen: object) -> Attempt[R]:
        """Return the fenced form with all that is shown for review."""
        return self.fenced(request, seen, shown=True)

    def send(self, attempt: Attempt[R], seen: object) -> R:
        """Send a fenced request; if its reply is lost, ask whether it landed.

        Raises OutcomeUnknown if the wiki shows no trace of it: it may still be at work, so nothing is sent again.
        """
        if attempt.done is not None:
            return attempt.done
        try:
            result = self.result(attempt, cast("Action", self.below).xfer(attempt.params, "write"))
        except OutcomeUnknown as unknown:
            result = self._asked(attempt, unknown)
        self.tell(attempt, result, seen)
        return result

    def _asked(self, attempt: Attempt[R], unknown: OutcomeUnknown) -> R:
        """Ask whether a write whose reply was lost has landed; its result if so."""
        self.log.warning("%s Asking the wiki whether it landed.", unknown)
        cause: ApibotError = unknown
        trace = "The wiki was asked and shows no trace of it, but may still be working on it."
        try:
            found = self.landed(attempt)
        except ApibotError as exc:
            found, cause, trace = None, exc, f"It could not be asked about: {exc}"
        if found is not None:
            self.log.info("%s: it landed", attempt.title)
            return found
        error = OutcomeUnknown(f"{unknown} {trace} Look at the page's history before you repeat it.")
        error.request = unknown.request
        raise error from cause

    @abstractmethod
    def fenced(self, request: T, seen: object, *, shown: bool) -> Attempt[R]:
        """Return the fenced form; ``shown`` wants the texts of before and after even if a read is needed."""

    @abstractmethod
    def landed(self, attempt: Attempt[R]) -> R | None:
        """Ask the primary database whether it landed; the result if so, None if there is no trace of it."""

    @abstractmethod
    def result(self, attempt: Attempt[R], reply: JsonObject) -> R:
        """Read the wiki's answer; OutcomeUnknown if it says nothing of the write."""

    @abstractmethod
    def tell(self, attempt: Attempt[R], result: R, seen: object) -> None:
        """Bring what the caller holds of the page up to date."""


class ApiFetch(ApiTask[Fetch, Page]):
    """Fetch, by ``action=query``."""

    def do(self, request: Fetch, seen: object) -> Page:  # noqa: ARG002  # what was seen is what is fetched anew
        """Fetch the page."""
        ref = cast("PageRef", request.page)
        modules = [INFO, TEXT, *([CATEGORIES] if request.categories else [])]
        row = read_page(cast("QueryAction", self.below), ref, modules, redirects=request.redirects, revid=request.revid)
        return Page(row, categories=request.categories)


def read_page(
    query: QueryAction,
    ref: PageRef,
    modules: Sequence[Submodule] = (INFO, TEXT),
    *,
    redirects: bool = False,
    revid: int | None = None,
) -> Mapping[str, object]:
    """Fetch one page's row.

    Raises BadParameter for a title that is none, PageMissing for a number that is no page's or no revision's.
    """
    if revid is not None:
        pageset = Pageset("revids", (str(revid),))
    elif ref.pageid:
        pageset = Pageset("pageids", (str(ref.pageid),), redirects)
    else:
        pageset = Pageset("titles", (str(ref.title),), redirects)
    rows: list[JsonObject] = []
    outside: list[JsonObject] = []
    for answer in query.answers(modules, pageset):
        rows += sound(answer.query.get("pages"), "pages")
        outside += sound(answer.query.get("interwiki"), "interwiki")
    if outside:
        msg = f"{ref} is a page of another wiki ({outside[0].get('iw')}); connect to that one."
        raise BadParameter(msg)
    if not rows or (rows[0].get("missing") and not rows[0].get("title")):
        code, why = ("nosuchrevid", f"no revision {revid}") if revid else ("nosuchpageid", f"there is no {ref}")
        raise PageMissing(code, why)
    row = rows[0]
    if row.get("invalid") or row.get("special"):
        reason = row.get("invalidreason")
        text = reason.get("text") if isinstance(reason, dict) else "it is a special page, which has no text"
        msg = f"{ref.title!r} is no title of a page: {text}"
        raise BadParameter(msg)
    return row


class ApiPurge(ApiTask[Purge, PurgeResult]):
    """Purge, in as many requests as the wiki's limit makes necessary."""

    right = "purge"

    def do(self, request: Purge, seen: object) -> PurgeResult:  # noqa: ARG002  # pages are named, not seen
        """Purge the pages."""
        refs = cast("tuple[PageRef, ...]", request.pages)
        size = NAMED_PAGES[self.core.info.high_limits]
        flags = {
            "forcelinkupdate": request.forcelinkupdate,
            "forcerecursivelinkupdate": request.forcerecursivelinkupdate,
        }
        rows: list[JsonObject] = []
        by_param = {
            "pageids": [str(ref.pageid) for ref in refs if ref.pageid],
            "titles": [str(ref.title) for ref in refs if not ref.pageid],
        }
        for param, values in by_param.items():
            for at in range(0, len(values), size):
                reply = cast("Action", self.below).xfer({param: values[at : at + size], **flags}, request.effect)
                rows += sound(reply.get("purge", ""), "purge")
        names = {
            bool(done): tuple(_name(row) for row in rows if bool(row.get("purged")) is done) for done in (True, False)
        }
        return PurgeResult(purged=names[True], missing=names[False])

    def attempt(self, request: Purge, seen: object) -> Attempt[PurgeResult]:  # noqa: ARG002  # as above
        """Return what would be purged; a second purge does no harm."""
        titles = tuple(str(ref) for ref in cast("tuple[PageRef, ...]", request.pages))
        return Attempt(request, {}, ", ".join(titles), expected=PurgeResult(titles, ()))


def _name(row: JsonObject) -> str:
    return str(row.get("title") or row.get("pageid"))


class ApiCall(ApiTask[CallAction, JsonObject]):
    """Any action by its name; the levels below are made for it.

    Parameters: as ApiTask; ``actions``, gives level 2 for an action's name.
    """

    def __init__(self, core: Core, kind: type[Request], actions: Callable[[str], Action]) -> None:
        super().__init__(core, kind, None)
        self._actions = actions

    def attempt(self, request: CallAction, seen: object) -> Attempt[JsonObject]:
        """Call it while planning, if it only reads."""
        if self.core.info.module(request.action).writes:
            return super().attempt(request, seen)
        return Attempt(request, {}, request.action, done=self.do(request, seen))

    def do(self, request: CallAction, seen: object) -> JsonObject:  # noqa: ARG002  # it knows no pages
        """Call it; a write whose reply is lost can not be asked about and raises OutcomeUnknown."""
        writes = self.core.info.module(request.action).writes
        return self._actions(request.action).xfer(request.params or {}, "write" if writes else "read")


__all__ = ["ApiCall", "ApiFetch", "ApiPurge", "ApiTask", "ApiWrite", "read_page"]
