"""``apibot line`` and ``apibot slots``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from apibot.cli.options import Account, AsJson, PlanFile, WikiName, connected, performing, what_next
from apibot.cli.show import progress, say, write, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from apibot.line import LineResult

STANDS_IN = ("page", "text")
"""Fields of a task on a page that the element gives, where it is a writer of a line."""


def run_line(
    text: Annotated[str, typer.Argument(metavar="LINE", help="Slots with pipes between; see: apibot slots.")],
    *,
    wiki: WikiName = None,
    account: Account = None,
    plan: PlanFile = None,
    as_json: AsJson = False,
) -> None:
    """Run a line of slots, or plan it.

    Like: apibot line "allpages namespace=0 | keep size>=1000 | replace teh the word=yes | edit summary=typo"
    """
    from apibot.line import Line

    line = Line.parse(text)
    with (
        connected(wiki, account, bar=True) as bridge,
        progress("pages", why=lambda: bridge.core.pace.why) as tick,
        performing(bridge, plan, {"line": str(line)}) as performer,
    ):
        result = line.run(performer, progress=tick, say=say if as_json else write)
    for title, error in result.failures:
        say(f"failed: {title}: {error}")
    if as_json:
        write_json(
            {**vars(result), "failures": [{"title": title, "error": str(error)} for title, error in result.failures]}
        )
    else:
        say(_told(result, plan))
    raise typer.Exit(1 if result.failed else 0)


def _told(result: LineResult, plan: Path | None) -> str:
    ends = f"{result.passed} passed, {result.rejected} rejected, {result.failed} failed"
    left_out = f", {result.not_fetched} not fetched" if result.not_fetched else ""
    done = f"{result.changed} {'changed' if plan is None else 'changes planned'}; {result.requests} requests"
    advice = "" if plan is None else f"\n{what_next(plan)}"
    return f"{ends}{left_out}; {done}.{advice}"


def show_slots(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Tell the parameters of this slot.")] = None,
) -> None:
    """List the slots for lines, or explain one."""
    from apibot.cli.docs import doc_lines, field_lines, first_line
    from apibot.core.errors import BadParameter
    from apibot.core.request import Task
    from apibot.line import SLOTS

    if name is None:
        for word, kind in SLOTS.items():
            typer.echo(f"{word:<18}{first_line(kind)}")
        return
    if name not in SLOTS:
        msg = f"There is no slot {name!r}; there are: {', '.join(SLOTS)}."
        raise BadParameter(msg)
    kind = SLOTS[name]
    hidden = STANDS_IN if Task in kind.__mro__ else ()
    lines = _condition_lines() if name == "keep" else field_lines(kind, hidden)
    typer.echo("\n".join([*doc_lines(kind), "", *lines]))


def _condition_lines() -> list[str]:
    """Return lines that tell the conditions of ``keep``."""
    from apibot.line.conditions import CHECKS, PROPERTIES

    lines = [f"  {name:<10}{kind:<8}{' '.join(CHECKS[kind]):<22}{text}" for name, (kind, text) in PROPERTIES.items()]
    return [*lines, "", "Conditions: name, sign, value, like size>=1000; all must hold; or, not and ( ) are words."]


__all__ = ["STANDS_IN", "run_line", "show_slots"]
