"""docs/examples/opentelemetry_hooks.py on a real wiki: the tree of spans, with faults, threads and errors."""

# pytest gives fixtures and parameters by name

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import INVALID_SPAN, StatusCode, Tracer, get_current_span

from apibot.bridge import Bridge
from apibot.core.errors import Blocked, PageMissing
from apibot.core.hooks import Hooks
from apibot.sandbox import Sandbox
from docs.examples.opentelemetry_hooks import kinds, trace_with
from tests.api.conftest import core_of
from tests.api.test_secrets import secrets
from tests.support.clock import FakeClock
from tests.support.proxy import Wire, answered, api_error


class Traced:
    """A bridge whose spans are kept."""

    def __init__(self, wire: Wire, wiki: Sandbox) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.tracer: Tracer = provider.get_tracer("test")
        hooks = Hooks()
        trace_with(hooks, self.tracer)
        self.bridge = Bridge(core_of(wire.api, wiki.bot, hooks=hooks, clock=FakeClock()))

    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans that have ended, as they began."""
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def roots(self) -> list[ReadableSpan]:
        return [span for span in self.spans if span.parent is None]

    def below(self, parent: ReadableSpan) -> list[ReadableSpan]:
        return [span for span in self.spans if span.parent and span.parent.span_id == ident(parent)]


def ident(span: ReadableSpan) -> object:
    assert span.context is not None
    return span.context.span_id


def about(span: ReadableSpan) -> dict[str, Any]:
    return dict(cast("Mapping[str, Any]", span.attributes))


def names(spans: list[ReadableSpan]) -> list[str]:
    return [span.name for span in spans]


@pytest.fixture
def traced(wire: Wire, apibot_wiki: Sandbox) -> Iterator[Traced]:
    """A bridge that was used once, so that session and tokens are there, with no span kept of that."""
    one = Traced(wire, apibot_wiki)
    one.bridge.edit("Traced", text="Warm.")
    one.exporter.clear()
    wire.clear()
    yield one
    one.bridge.close()


def test_all_seams_of_level_4_are_held() -> None:
    assert {"Task_Edit::go", "Task_Edit::fence", "Task_Fetch::go", "Query_AllPages::batches"} <= set(kinds())


def test_a_task_and_its_requests(traced: Traced, wire: Wire, title: str) -> None:
    traced.bridge.edit(title, append="One.")
    [task] = traced.roots()
    assert (task.name, task.status.status_code) == ("Task_Edit", StatusCode.UNSET)
    assert about(task) == {"apibot.wiki": wire.api, "apibot.page": title}
    requests = traced.below(task)
    assert names(requests) == [f"request {one.action}" for one in wire.requests]
    assert about(requests[0]) == {
        "apibot.wiki": wire.api,
        "apibot.module": "query info|revisions",
        "apibot.page": title,
        "http.response.status_code": 200,
    }
    assert about(requests[-1]) == {
        "apibot.wiki": wire.api,
        "apibot.module": "edit",
        "apibot.page": title,
        "http.response.status_code": 200,
    }
    assert len(traced.spans) == 1 + len(wire.requests)


def test_a_plan_is_traced_too(traced: Traced, title: str, tmp_path: Any) -> None:
    with traced.bridge.run("planned", plan=tmp_path / "plan.jsonl") as run:
        run.bridge.edit(title, text="Planned.")
    [task] = traced.roots()
    assert task.name == "Task_Edit"
    assert "request edit" not in names(traced.below(task))


def test_a_query_and_what_is_done_with_its_rows(traced: Traced, wire: Wire, many: str, title: str) -> None:
    rows = 0
    for page in traced.bridge.allpages(prefix=many).pages(text=True):  # two batches, the second fetched ahead
        rows += bool(page.text)
        assert get_current_span() is INVALID_SPAN
        if rows == 1:
            traced.bridge.edit(title, text="In the loop.")
    query, edit = traced.roots()
    assert (query.name, edit.name) == ("Query_AllPages", "Task_Edit")
    assert about(query)["apibot.rows"] == rows > 500
    batches = traced.below(query)
    assert names(batches) == ["request query"] * len(batches)
    assert len(batches) > 1
    assert len(batches) + len(traced.below(edit)) == len(wire.requests)
    assert {about(span)["apibot.module"] for span in batches} == {"query allpages revisions"}


def test_a_query_that_is_given_up_ends(traced: Traced) -> None:
    assert traced.bridge.allpages().first() is not None
    [query] = traced.roots()
    assert about(query)["apibot.rows"] == 1


def test_a_wait_stands_between_the_requests(traced: Traced, wire: Wire, title: str) -> None:
    wire.once("query", answered(503, "", {"Retry-After": "2"}))
    traced.bridge.fetch(title)
    [task] = traced.roots()
    first, wait, second = traced.below(task)
    assert names([first, wait, second]) == ["request query", "wait", "request query"]
    assert about(first)["http.response.status_code"] == 503
    assert (first.status.status_code, first.status.description) == (StatusCode.ERROR, "HTTP 503")
    assert 2 <= about(wait)["apibot.seconds"] <= 2.5
    assert about(wait)["apibot.why"]
    assert about(second)["http.response.status_code"] == 200
    assert task.status.status_code is StatusCode.UNSET, "it went well in the end"


def failed(span: ReadableSpan) -> str:
    """Return the kind of error that a span records."""
    assert span.status.status_code is StatusCode.ERROR
    [event] = span.events
    assert event.name == "exception"
    return str(dict(event.attributes or {})["exception.type"]).rpartition(".")[2]


def test_an_error_is_recorded(traced: Traced, wire: Wire, title: str) -> None:
    with pytest.raises(PageMissing):
        traced.bridge.edit(title, text="x", create="never")
    wire.once("edit", api_error("blocked", headers={"MediaWiki-API-Error": "blocked"}))
    with pytest.raises(Blocked):
        traced.bridge.edit(title, text="x")
    missing, blocked = traced.roots()
    assert (failed(missing), failed(blocked)) == ("PageMissing", "Blocked")
    refused = traced.below(blocked)[-1]
    assert (refused.name, refused.status.description) == ("request edit", "blocked")
    assert all(span.status.status_code is StatusCode.UNSET for span in traced.below(missing))


@pytest.mark.parametrize("inherited", [False, True])
def test_threads_do_not_mix(traced: Traced, wire: Wire, title: str, *, inherited: bool) -> None:
    pages = [f"{title} {number}" for number in range(4)]
    together = threading.Barrier(len(pages), timeout=30)

    def work(page: str) -> None:
        together.wait()
        traced.bridge.edit(page, text="By a thread.")

    with traced.tracer.start_as_current_span("batch"), ThreadPoolExecutor(len(pages)) as pool:
        contexts = [contextvars.copy_context() for _page in pages]
        done = [
            pool.submit(context.run, work, page) if inherited else pool.submit(work, page)
            for context, page in zip(contexts, pages, strict=True)
        ]
    assert [one.exception() for one in done] == [None] * len(pages)
    [batch] = [span for span in traced.spans if span.name == "batch"]
    tasks = [span for span in traced.spans if span.name == "Task_Edit"]
    assert sorted(about(task)["apibot.page"] for task in tasks) == pages
    assert traced.below(batch) == (tasks if inherited else [])
    for task in tasks:
        assert {about(span).get("apibot.page") for span in traced.below(task)} <= {about(task)["apibot.page"], None}
        assert names(traced.below(task))[-1] == "request edit"
    assert len(traced.spans) == 1 + len(tasks) + len(wire.requests)


@pytest.mark.usefixtures("fresh_home")
def test_no_secret_gets_into_a_span(wire: Wire, apibot_wiki: Sandbox, title: str) -> None:
    traced = Traced(wire, apibot_wiki)
    traced.bridge.edit(title, text="Logs in first.")
    wire.once("edit", api_error("badtoken"))
    traced.bridge.edit(title, text="With another token.")
    traced.bridge.close()
    text = "".join(span.to_json() for span in traced.spans)
    assert "request login" in text
    assert [one for one in secrets(wire, apibot_wiki) if one in text] == []
