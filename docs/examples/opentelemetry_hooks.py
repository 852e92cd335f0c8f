"""Spans of OpenTelemetry for all that a core does, made through hooks alone.

Each task and each query is a span; below it are one for each request to the wiki and one for each wait.  Parameters
are not recorded, but for those that name a module or a page, so no secret gets into a span.  Use::

    hooks = Hooks()
    trace_with(hooks, opentelemetry.trace.get_tracer("my-bot"))
    core = apibot.connect("mine", hooks=hooks)

Needs the package opentelemetry-api, and one that exports spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opentelemetry.trace import Status, StatusCode, Tracer, use_span

import apibot.queries
import apibot.tasks
from apibot.core.hooks import Hooks
from apibot.core.request import Query, Task

Call = Callable[..., Any]
MODULES = ("action", "generator", "list", "prop", "meta")
PAGES = ("title", "titles", "pageid", "pageids", "revids", "page", "pages")
LONGEST = 200


def kinds() -> Iterator[str]:
    """Give the seams of level 4: a task's ``go`` and ``fence``, a query's ``batches``."""
    for module in (apibot.tasks, apibot.queries):
        for name in module.__all__:
            kind = getattr(module, name)
            if isinstance(kind, type) and issubclass(kind, Task):
                yield from (f"Task_{name}::go", f"Task_{name}::fence")
            elif isinstance(kind, type) and issubclass(kind, Query):
                yield f"Query_{name}::batches"


def named(params: Mapping[str, object]) -> dict[str, str]:
    """Return what tells modules and pages, and nothing else."""
    modules = " ".join(str(params[name]) for name in MODULES if params.get(name))
    pages = " ".join(str(params[name]) for name in PAGES if params.get(name))
    found = {"apibot.module": modules, "apibot.page": pages[:LONGEST]}
    return {name: text for name, text in found.items() if text}


class Spans:
    """The callbacks; each is called with what held its hook before, and then as that is."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    def task(self, previous: Call, layer: Any, request: Any, seen: object) -> Any:
        """Make a span of a task."""
        about = {"apibot.wiki": layer.core.target.name, **named(request.given())}
        with self.tracer.start_as_current_span(layer.label, attributes=about):
            return previous(layer, request, seen)

    def query(self, previous: Call, layer: Any, request: Any, *args: Any) -> Iterator[Any]:
        """Make a span of a query, from its first batch to its end."""
        about = {"apibot.wiki": layer.core.target.name, **named(request.given())}
        span = self.tracer.start_span(layer.label, attributes=about)
        rows = 0
        try:
            batches = previous(layer, request, *args)
            while True:
                with use_span(span):  # only while it works: what is done with its rows is not part of it
                    batch = next(batches, None)
                if batch is None:
                    return
                rows += len(batch.rows)
                yield batch
        finally:
            span.set_attribute("apibot.rows", rows)
            span.end()

    def request(self, previous: Call, exchanger: Any, params: Any, **kwargs: Any) -> Any:
        """Make a span of a request to api.php."""
        about = {"apibot.wiki": exchanger.core.target.name, **named(params)}
        with self.tracer.start_as_current_span(f"request {params.get('action')}", attributes=about) as span:
            transfer = previous(exchanger, params, **kwargs)
            span.set_attribute("http.response.status_code", transfer.status)
            fault = transfer.headers.get("MediaWiki-API-Error")
            if fault or transfer.status >= 400:
                span.set_status(Status(StatusCode.ERROR, fault or f"HTTP {transfer.status}"))
            return transfer

    def wait(self, previous: Call, pace: Any, seconds: float, why: str) -> Any:
        """Make a span of a wait."""
        with self.tracer.start_as_current_span("wait", attributes={"apibot.seconds": seconds, "apibot.why": why}):
            return previous(pace, seconds, why)


def hold(hooks: Hooks, name: str, callback: Call) -> None:
    """Let a callback hold a hook; it gets what held it before as its first argument."""

    def held(*args: Any, **kwargs: Any) -> Any:
        return callback(previous, *args, **kwargs)

    previous = hooks.hook(name, held)


def trace_with(hooks: Hooks, tracer: Tracer) -> None:
    """Make spans of all tasks, queries, requests and waits of the cores that have these hooks."""
    spans = Spans(tracer)
    for name in kinds():
        hold(hooks, name, spans.query if name.startswith("Query") else spans.task)
    hold(hooks, "API_Exchanger::browse", spans.request)
    hold(hooks, "Pace::wait", spans.wait)


__all__ = ["Spans", "hold", "kinds", "named", "trace_with"]
