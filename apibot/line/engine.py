"""The engine: pushes signals through the slots of a line, one after the other, depth first."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from apibot.core.errors import ApibotError, BadParameter, BotExcluded, NotFetched, PageMissing
from apibot.core.layer import Wanted
from apibot.core.request import Query, Request, Task
from apibot.core.rows import Rows
from apibot.data.pages import Page
from apibot.line.signals import DEFAULT_KEY, Block, Data, End, Start
from apibot.line.slots import Slot, Work
from apibot.queries import AllPages
from apibot.runs.apply import page_sets
from apibot.runs.performer import Performer
from apibot.tasks import Edit

AT_ONCE = 500
"""Elements that are gathered before what a slot needs of them is fetched, in one go."""


@dataclass
class LineResult:
    """What became of the elements of a line."""

    passed: int = 0
    """Reached an end of the line."""
    rejected: int = 0
    """Kept out by a filter, or by {{bots}}, and not linked on."""
    failed: int = 0
    not_fetched: int = 0
    """Left out by the wiki itself, because a condition could be put to it."""
    changed: int = 0
    """Writes that changed something, or are planned to."""
    requests: int = 0
    failures: list[tuple[str, ApibotError]] = field(default_factory=list[tuple[str, ApibotError]])
    """Element and error for each that failed."""


@dataclass
class _State:
    """What a slot remembers while a line runs."""

    spec: Request
    """Its declaration with the parameters that hold for the stream."""
    open: int = 0
    """Streams that have begun and not ended."""
    pending: list[tuple[Data, Request]] = field(default_factory=list[tuple[Data, Request]])
    """Elements that wait for their texts, each with the declaration that holds for it."""
    seen: set[int] = field(default_factory=set[int])
    """Numbers of the elements that came by, for slots where branches meet again."""


class Engine:
    """Runs the slots of one line once.

    Parameters: ``slots``; ``performer``, who performs what writers ask; ``say``, where slots' text for the user
    goes; ``progress``, called with the number of elements fed so far.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        performer: Performer,
        say: Callable[[str], object],
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self.result = LineResult()
        self._slots = slots
        self._performer = performer
        self._say = say
        self._progress = progress
        self._states = {slot: _State(slot.spec) for slot in slots}
        self._out: list[Data] = []
        self._number = 0
        self._fetched: dict[int | str, Page] = {}
        self._fed: set[int | str] = set()
        heads = [slot.spec for slot in slots if slot.kind == "feeder"]
        self._once_anyway = len(heads) == 1 and isinstance(heads[0], AllPages)

    def signals(self) -> Iterator[Data]:
        """Run the line and give each data signal that reaches an end of it, with its element and log."""
        before = self._performer.core.browser.counters.requests
        try:
            for slot in self._slots:
                if slot.kind == "feeder":
                    yield from self._feed(slot)
        finally:
            self.result.requests = self._performer.core.browser.counters.requests - before

    def _feed(self, slot: Slot) -> Iterator[Data]:
        """Send a feeder's elements down the line."""
        query = cast("Query[object]", slot.spec)
        wanted = Wanted(pages=True, info=True, text=_text_at_once(slot))
        rows = Rows(self._performer.core, query, lambda row: Page(row, text=wanted.text), wanted)
        self._start(slot, Start(source=str(slot)))
        before = self._number
        for page in rows:
            if not self._is_new(page):
                continue
            self._number += 1
            data = Data(number=self._number, blocks={DEFAULT_KEY: Block(page, key=self._number)})
            data.note(slot.kind, slot.word, "fed")
            if page.title:
                self._pass_on(slot.links, data)
            else:
                self._fail(slot, data, _gone(f"page {page.pageid}"))
            yield from self._taken()
            if self._progress is not None:
                self._progress(self._number)
        self._end(slot, End(count=self._number - before))
        yield from self._taken()

    def _is_new(self, page: Page) -> bool:
        """Say whether a page was not fed yet: recent changes, or two feeders, give one twice."""
        if self._once_anyway:
            return True
        key = page.pageid or page.title
        known = key in self._fed
        self._fed.add(key)
        return not known

    def _taken(self) -> list[Data]:
        out, self._out = self._out, []
        return out

    # Start and End go once through each slot, however many branches lead to it.

    def _start(self, slot: Slot, signal: Start) -> None:
        state = self._states[slot]
        state.open += 1
        if state.open == 1:
            state.spec = self._taking(slot, slot.spec, signal)
            signal.note(slot.kind, slot.word, "start")
            for after in (*slot.links, *slot.reject_links):
                self._start(after, copy.deepcopy(signal))

    def _end(self, slot: Slot, signal: End) -> None:
        state = self._states[slot]
        state.open -= 1
        if state.open == 0:
            self._fetch_pending(slot)
            state.spec = slot.spec
            state.seen.clear()
            signal.note(slot.kind, slot.word, "end")
            for after in (*slot.links, *slot.reject_links):
                self._end(after, copy.deepcopy(signal))

    def _pass_on(self, links: Sequence[Slot], data: Data) -> None:
        for number, after in enumerate(links):
            last = number == len(links) - 1
            self._receive(after, data if last else data.branched())

    def _receive(self, slot: Slot, data: Data) -> None:
        state = self._states[slot]
        if len(slot.sources) > 1:
            if data.number in state.seen:
                return
            state.seen.add(data.number)
        spec = self._taking(slot, state.spec, data)
        if state.pending or ("text" in needs(spec) and not cast("Page", data.element).has_text):
            state.pending.append((data, spec))
            if len(state.pending) >= AT_ONCE:
                self._fetch_pending(slot)
        else:
            self._work(slot, data, spec)

    def _fetch_pending(self, slot: Slot) -> None:
        """Fetch the text of the elements that wait for it, together, and go on with them."""
        pending, self._states[slot].pending = self._states[slot].pending, []
        lacking = [page for data, _spec in pending if not (page := cast("Page", data.element)).has_text]
        if not all((page.pageid or page.title) in self._fetched for page in lacking):
            self._fetched = self._texts(lacking)
        for data, spec in pending:
            page = cast("Page", data.element)
            now = page if page.has_text else copy.copy(self._fetched.get(page.pageid or page.title, page))
            if page.pageid and not now.exists:
                self._fail(slot, data, _gone(page.title))
            elif not now.has_text and "text" in needs(spec):
                self._fail(slot, data, _hidden(page.title))
            else:
                data.element = now
                self._work(slot, data, spec)

    def _texts(self, pages: Sequence[Page]) -> dict[int | str, Page]:
        """Fetch pages with their texts; branches that need the same ones share them."""
        return {
            page.pageid or page.title: page
            for query in page_sets([page.ref for page in pages])
            for page in Rows(self._performer.core, query, Page, Wanted(pages=True, info=True, text=True))
        }

    def _fail(self, slot: Slot, data: Data, error: ApibotError) -> None:
        """Count an element that failed."""
        title = cast("Page", data.element).title
        data.note(slot.kind, slot.word, f"failed: {error}")
        self._log(slot, f"{title} failed: {error}")
        self.result.failed += 1
        self.result.failures.append((title, error))

    def _work(self, slot: Slot, data: Data, spec: Request) -> None:
        """Let a slot do its work on an element, and send the element where it then belongs."""
        page = cast("Page", data.element)
        try:
            job = spec.on_data(data, self._say) if isinstance(spec, Work) else self._write(spec, page)
        except BotExcluded as exc:
            job = None
            self._log(slot, f"{exc}")
        except ApibotError as exc:
            if exc.advice in {"abort", "close"}:
                raise
            self._fail(slot, data, exc)
            return
        data.note(slot.kind, slot.word, job or "rejected")
        if job is None:
            self._pass_on(slot.reject_links, data)
            self.result.rejected += not slot.reject_links
        else:
            self._pass_on(slot.links, data)
            if not slot.links:
                self.result.passed += 1
                self._out.append(data)

    def _write(self, spec: Request, page: Page) -> str:
        if not page.exists and not page.changed:
            return "unchanged"
        task = cast("Edit", spec).replaced(page=page.ref, text=page.text)
        result = self._performer.perform(task, page)
        self.result.changed += result.changed
        return "saved" if result.changed else "unchanged"

    def _taking(self, slot: Slot, spec: Request, signal: Start | Data) -> Request:
        """Return the declaration with the parameters that the signal has for this slot; they are taken from it."""
        groups = [signal.params.pop(group) for group in (slot.kind, slot.word) if group in signal.params]
        for group in groups:
            unknown = set(group) - set(spec.field_names())
            if unknown:
                msg = f"{slot.word}: the signal gives it {', '.join(sorted(unknown))}, which it does not have."
                raise BadParameter(msg)
            spec = spec.replaced(**group)
        return spec

    def _log(self, slot: Slot, text: str) -> None:
        self._performer.core.log.named(f"Line_{slot.word}").warning("%s", text)


def _gone(title: str) -> PageMissing:
    return PageMissing("missingtitle", "the page was deleted meanwhile", what=title)


def _hidden(title: str) -> NotFetched:
    return NotFetched(f"{title}: its text is hidden.")


def needs(spec: Request) -> frozenset[str]:
    """Return what a slot's declaration needs of an element; what is written is a text."""
    if isinstance(spec, Work):
        return spec.needs()
    return frozenset({"text"} if isinstance(spec, Task) else ())


def _text_at_once(slot: Slot) -> bool:
    """Say whether texts can come with the list itself: nothing before their first use rejects an element."""
    return bool(slot.links) and all(
        "text" in needs(after.spec) or (after.kind != "filter" and _text_at_once(after)) for after in slot.links
    )


__all__ = ["AT_ONCE", "Engine", "LineResult", "needs"]
