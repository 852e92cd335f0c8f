"""The wiki that the contenders work on: its pages, and how a process reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SETS = tuple("ABCDEFGHIJKLMNO")
"""Names of the page sets; the pages of set A are titled ``Bench A 000`` and so on."""
SET_PAGES = 200
WARM_PAGES = 10
READ = "Bench "
"""Prefix of all titles but those of the pages on which editing is warmed up."""
WARM = "Warm "
FIRST = "Bench O 000"
"""A page that no edit touches."""


@dataclass(frozen=True)
class Wiki:
    """What a process must know to work on the wiki."""

    api: str
    user: str
    """Bot password: ``User@job``."""
    password: str = field(repr=False)
    home: Path
    """Folder for the state of all contenders."""

    def environment(self) -> dict[str, str]:
        """Return the variables set for each contender before it is imported."""
        return {
            "APIBOT_HOME": str(self.home),
            "BENCH_API": self.api,
            "NO_PROXY": "127.0.0.1",
            "PYTHONDONTWRITEBYTECODE": "",  # all are imported as if installed: compiled
            "PYTHONPYCACHEPREFIX": str(self.home / "pycache"),
            "PYWIKIBOT_DIR": str(self.home),
            "PYWIKIBOT_NO_USER_CONFIG": "2",  # 2: without a warning
        }


def pages() -> Iterator[tuple[str, str]]:
    """Give title and text of each page: 3,000 to read and edit, and a few to warm up on."""
    rng = Random(1)
    words = ["".join(rng.choices("abcdefghijklmnoprstuvwz", k=rng.randint(2, 9))) for _ in range(2000)]
    for name in SETS:
        for number in range(SET_PAGES):
            yield f"{READ}{name} {number:03}", _text(rng, words)
    for number in range(WARM_PAGES):
        yield f"{WARM}{number:03}", _text(rng, words)


def _text(rng: Random, words: list[str]) -> str:
    """Return 2 to 5 kB of wikitext."""
    size = rng.randint(2000, 5000)
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < size:
        sentence = " ".join(rng.choices(words, k=60))
        paragraphs.append(
            f"== {sentence[:20].strip()} ==\n'''{sentence[:9].strip()}''' {sentence}, “é” [[{words[0]}]]."
        )
    return "\n\n".join(paragraphs)[:size].rstrip()
