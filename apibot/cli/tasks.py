"""``apibot do``: one task; ``apibot explain``: what a task or query is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from apibot.cli.options import Account, AsJson, Help, PlanFile, WikiName, Words, connected, performing, what_next
from apibot.cli.queries import catalogue, page_row
from apibot.cli.show import say, write, write_json

if TYPE_CHECKING:
    from apibot.core.request import Request, Task


def do(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Task: edit, fetch, purge.")] = None,
    words: Words = None,
    *,
    wiki: WikiName = None,
    account: Account = None,
    plan: PlanFile = None,
    as_json: AsJson = False,
    wants_help: Help = False,
) -> None:
    """Do one task, or plan it.

    Like: apibot do edit Sandbox append=Hello summary=test; "apibot do NAME --help" tells the parameters.
    """
    from apibot.cli.docs import doc_lines, field_lines
    from apibot.core.words import from_words

    known = tasks()
    if name is None or wants_help:
        typer.echo(context.get_help())
        lines = (
            [*doc_lines(known[name]), *field_lines(known[name])] if name in known else [f"Tasks: {', '.join(known)}"]
        )
        typer.echo("\n".join(["", *lines]))
        raise typer.Exit(0 if wants_help else 2)
    task = from_words(_named(name, known), words or [])
    with connected(wiki, account) as bridge, performing(bridge, plan, "python") as performer:
        result = performer.perform(task)
    if plan is None or as_json:
        _show(result, as_json=as_json)
    if plan is not None:
        changed = getattr(result, "changed", True)
        say(f"Planned.\n{what_next(plan)}" if changed else "Nothing would change; the plan is empty.")
    raise typer.Exit(1 if _failed(result) else 0)


def tasks() -> dict[str, type[Task[object]]]:
    """Return the tasks that are declared, by their names in the shell."""
    from apibot import tasks
    from apibot.core.request import Task

    kinds = [cast("type[object]", getattr(tasks, name)) for name in tasks.__all__]
    known = [
        cast("type[Task[object]]", kind) for kind in kinds if issubclass(kind, Task) and kind is not tasks.CallAction
    ]
    return {kind.__name__.lower(): kind for kind in known}


def _named(name: str, known: dict[str, type[Task[object]]]) -> type[Task[object]]:
    from apibot.core.errors import BadParameter

    if name not in known:
        msg = f"There is no task {name!r}; there are: {', '.join(known)}."
        raise BadParameter(msg)
    return known[name]


def _show(result: object, *, as_json: bool) -> None:
    """Write a task's result."""
    from apibot.data.pages import Page
    from apibot.tasks import EditResult, PurgeResult

    if as_json:
        write_json(page_row(result) if isinstance(result, Page) else result)
    elif isinstance(result, Page):
        if result.exists:
            write(result.text)
    elif isinstance(result, EditResult):
        what = "created" if result.created else "saved" if result.changed else "unchanged, it is so already"
        write(f"{result.title}: {what}" + (f", revision {result.revid}" if result.revid else ""))
    elif isinstance(result, PurgeResult):
        for title in result.purged:
            write(f"{title}: purged")
    else:
        write_json(result)
    for title in _failed(result):
        say(f"{title}: there is no such page.")


def _failed(result: object) -> tuple[str, ...]:
    """Return the titles of pages that a task needed and that do not exist."""
    from apibot.data.pages import Page
    from apibot.tasks import PurgeResult

    if isinstance(result, Page):
        return () if result.exists else (result.title,)
    return result.missing if isinstance(result, PurgeResult) else ()


def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A task or a query, as in: apibot do, apibot query.")],
) -> None:
    """Explain a task or query.

    Tells its fields, and the levels that it passes: by their names hooks and settings know them.  Nothing is sent.
    """
    from apibot.cli.docs import doc_lines, field_lines, labels
    from apibot.core.errors import BadParameter

    found = cast("dict[str, type[Request]]", {**catalogue(), **tasks()})
    if name not in found:
        msg = f"There is no task or query {name!r}; there are: {', '.join(sorted(found))}."
        raise BadParameter(msg)
    kind = found[name]
    stack = [f"  {label}" for label in labels(kind)]
    typer.echo("\n".join([*doc_lines(kind), "", "Fields:", *field_lines(kind), "", "Levels:", *stack]))


__all__ = ["do", "explain", "tasks"]
