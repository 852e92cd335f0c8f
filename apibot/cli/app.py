"""The command ``apibot`` itself: its commands, and what becomes of errors.

Modules of the shell import what a command needs inside of it, so that ``apibot --help`` is there at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from apibot.cli import INTERRUPTED, doctor, jobs, lines, login, plans, queries, tasks, wiki
from apibot.cli.options import VERBOSE
from apibot.cli.show import fail, one_line, say
from apibot.core.errors import ApibotError, BadParameter

app = typer.Typer(
    help="Bots for MediaWiki: rehearse on a real wiki, review the plan, apply each change exactly once.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,  # rich would double the time that the help takes, and read words in [ ] as its own
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def apibot(
    context: typer.Context,
    *,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, show_default=False, help="Show more of the log: -v info, -vv debug."
        ),
    ] = 0,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Look at the options before the command."""
    VERBOSE.set(verbose)
    if version:
        from apibot import __version__

        typer.echo(f"apibot {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sandbox(context: typer.Context) -> None:
    """Start, stop, show and reset real MediaWikis on this machine."""
    from apibot.sandbox.shell import app as commands

    status = commands(args=context.args or ["--help"], prog_name="apibot sandbox", standalone_mode=False)
    raise typer.Exit(status or 0)


app.command("line")(lines.run_line)
app.command("slots")(lines.show_slots)
app.command("query", add_help_option=False)(queries.query)
app.command("do", add_help_option=False)(tasks.do)
app.command("explain")(tasks.explain)
app.command("review")(plans.review)
app.command("apply")(plans.apply)
app.command("login")(login.login)
app.command("logout")(login.logout)
app.command("whoami")(wiki.whoami)
app.command("info")(wiki.info)
app.command("doctor")(doctor.doctor)
app.add_typer(jobs.app, name="job")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status; an error of Apibot's becomes one line on stderr."""
    try:
        status: object = app(arguments, prog_name="apibot", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as exc:
        where = getattr(getattr(exc, "ctx", None), "command_path", "apibot")
        return fail(f"{one_line(exc.format_message()).rstrip('.')}. See: {where} --help", exc.exit_code)
    except BadParameter as exc:
        return fail(str(exc), 2)
    except ApibotError as exc:
        return fail(str(exc))
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except BrokenPipeError:
        with contextlib.suppress(OSError):  # Python flushes once more at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if status == INTERRUPTED:
        say("apibot: interrupted.")
    return status if isinstance(status, int) else 0


__all__ = ["apibot", "app", "run", "sandbox"]
