"""Titles as links and lists have them: what reading them costs, without the wiki."""

from __future__ import annotations

from random import Random
from typing import Protocol, runtime_checkable

COUNT = 20_000
_NAMESPACES = ("", "", "", "", "", "", "", "Talk:", "User:", "user talk:", "File:", "Category:", "Template:")
_WORDS = (
    "Foo",
    "bar",
    "Berlin",
    "Élan",
    "München",
    "St. Louis",
    "J. R. R.",
    "of",
    "in",
    "the",
    "list",
    "(1999)",
    "C/2020",
    "東京",
)
_BLANKS = (" ", " ", " ", " ", "_")
_ENDS = ("", "", "", "", "", "", "", "#Top", "#See also", ": a film")


@runtime_checkable
class TitleReader(Protocol):
    """A contender that knows what titles are."""

    def titles(self, texts: list[str]) -> int:
        """Read titles, return the number of characters of all names."""
        ...


def texts() -> list[str]:
    """Return texts of titles, the same each time: articles for the most part, some with namespaces and fragments."""
    rng = Random(1)
    return [
        rng.choice(_NAMESPACES) + rng.choice(_BLANKS).join(rng.choices(_WORDS, k=rng.randint(1, 5))) + rng.choice(_ENDS)
        for _ in range(COUNT)
    ]


__all__ = ["COUNT", "TitleReader", "texts"]
