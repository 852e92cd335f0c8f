"""``apibot sandbox``: start, stop, show and reset real wikis on this machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from apibot.core.errors import SandboxError
from apibot.core.settings import home_folder
from apibot.sandbox.wiki import Pages, Sandbox, SandboxStatus, sandboxes

app = typer.Typer(
    help="A real MediaWiki on this machine: up in a second, gone without a trace.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The wiki's name: letters, digits, - and _.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]


@app.command()
def up(
    name: _Name = "sandbox",
    *,
    pages: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Pages from the start: XML export, or folder of wikitext.")
    ] = None,
    example: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Start with this number of made-up pages.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; a free one if not given.")] = None,
    settings: Annotated[Path | None, typer.Option(metavar="FILE", help="PHP lines for LocalSettings.php.")] = None,
    as_json: _AsJson = False,
) -> None:
    """Start a wiki that stays until it is taken down, and write its address."""
    if pages is not None and example is not None:
        msg = "Give --pages or --example, not both."
        raise typer.BadParameter(msg)
    wiki = Sandbox(name, pages=_pages(pages, example), settings=_read_settings(settings), port=port)
    there = wiki.status()
    if there and there.state == "up":
        _say(f"The sandbox {name} is up already.")
    else:
        there = wiki.up(detached=True).status()
        _say(f"The sandbox {name} is up. Use it with --wiki {name}; stop it with: apibot sandbox down {name}")
    if there:
        typer.echo(_as_json(there) if as_json else there.url)


@app.command()
def down(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The wiki's name, sandbox if not given.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All wikis.")] = False,
) -> None:
    """Stop a wiki and remove everything of it."""
    if every and name is not None:
        msg = "Give NAME or --all, not both."
        raise typer.BadParameter(msg)
    names = _all_names() if every else [name or "sandbox"]
    for each in names:
        _say(f"The sandbox {each} is gone." if Sandbox(each).down() else f"The sandbox {each} is not up.")
    if not names:
        _say("No sandbox is up.")


@app.command()
def status(*, as_json: _AsJson = False) -> None:
    """Write name, state, version and address of all wikis that are up."""
    found = sandboxes()
    if as_json:
        typer.echo(json.dumps([json.loads(_as_json(each)) for each in found]))
        return
    for each in found:
        typer.echo(f"{each.name}\t{each.state}\tMediaWiki {each.version}\t{each.url}")
    if not found:
        _say("No sandbox is up. Start one with: apibot sandbox up")


@app.command()
def reset(name: _Name = "sandbox") -> None:
    """Put a wiki back to how it was when it came up."""
    Sandbox(name).reset()
    _say(f"The sandbox {name} is as it was when it came up.")


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _as_json(found: SandboxStatus) -> str:
    return json.dumps(asdict(found), default=str)


def _all_names() -> list[str]:
    """Return the names of all sandboxes, also of those that died half-made."""
    return sorted(path.name for path in home_folder().glob("sandbox/*") if path.is_dir())


def _pages(path: Path | None, example: int | None) -> Pages | None:
    if example is None:
        return path
    from apibot.sandbox.example import example_pages

    return example_pages(example)


def _read_settings(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").removeprefix("<?php")
    except (OSError, UnicodeDecodeError) as exc:
        msg = f"{path}: can not be read as settings ({exc})."
        raise SandboxError(msg) from exc


__all__ = ["app", "down", "reset", "status", "up"]
