"""How the parameters of a template are set out: their names, their values and the white space around these."""

from __future__ import annotations

from apibot.data.wikitext.node import Node, Pieces, flat, merged, visible, written
from apibot.data.wikitext.view import margins


def name_and_value(part: Pieces) -> tuple[Pieces | None, Pieces]:
    """Return a part's name, None if it has none, and its value."""
    for at, piece in enumerate(part):
        if isinstance(piece, Node) and piece.kind == "equals":
            return part[:at], part[at + 1 :]
    return None, part


def is_filled(part: Pieces) -> bool:
    """Say whether a part has a name, and a value that is not empty."""
    name, value = name_and_value(part)
    return name is not None and bool(visible(value).strip())


def at_colon(name: Pieces, skip: int) -> tuple[Pieces, Pieces] | None:
    """Return what stands up to the first colon behind so many characters of the first text, and what follows."""
    for at, piece in enumerate(name):
        if isinstance(piece, str):
            colon = piece.find(":", skip) + 1
            if colon:
                return [*name[:at], piece[:colon]], [piece[colon:], *name[at + 1 :]]
            skip = 0 if piece.strip() else skip
    return None


def setting(part: Pieces) -> tuple[str, str, str, str]:
    """Return the white space before and after the name, and before and after the value."""
    name, value = name_and_value(part)
    head, tail = written(name or []), written(value)
    word, text = head.strip(), tail.strip()
    gap = head[head.find(word) + len(word) :] if word else ""
    if not text:
        return head[: len(head) - len(head.lstrip())], gap, *_halves(tail)
    return (
        head[: len(head) - len(head.lstrip())],
        gap,
        tail[: len(tail) - len(tail.lstrip())],
        tail[len(tail.rstrip()) :],
    )


def _halves(space: str) -> tuple[str, str]:
    """Divide the white space of an empty value: a line end belongs after it."""
    line, sign, rest = space.partition("\n")
    return line, sign + rest


def filled(width: int, head: str, gap: str) -> str:
    """Return the white space before an equals sign, so that it stands where the others do."""
    return " " * max(width - len(head), min(len(gap), 1))


def ending(part: Pieces, space: str, more: Pieces | None = None) -> Pieces:
    """Return a part that ends with other white space, and with more pieces."""
    end = setting(part)[3] if name_and_value(part)[0] is not None else written(margins(part)[1][-1:])
    pieces = merged(part)
    last = pieces[-1] if pieces else ""
    if isinstance(last, str):
        rest = last.removesuffix(end)
        pieces[-1:] = [rest]
        if rest[-1:].isspace() and "\n" not in space:
            space = ""  # there is no value, and the white space after its equals sign will do
    return [*pieces, space, *(more or [])]


def comments_in(pieces: Pieces) -> Pieces:
    """Return the comments among white space."""
    return [piece for piece in pieces if isinstance(piece, Node)]


def own_lines(trail: Pieces) -> Pieces:
    """Return what follows a value from the first comment on that has a line of its own."""
    for at, piece in enumerate(trail[:-1]):
        if isinstance(piece, str) and "\n" in piece:
            return trail[at:]
    return []


def is_plain(pieces: Pieces) -> bool:
    """Say whether a value can stand without a name: the wiki would take an equals sign for the end of one."""
    return not any("=" in piece if isinstance(piece, str) else piece.kind == "equals" for piece in flat(pieces))


__all__ = [
    "at_colon",
    "comments_in",
    "ending",
    "filled",
    "is_filled",
    "is_plain",
    "name_and_value",
    "own_lines",
    "setting",
]
