"""Articles, titles and rows for the jobs that need no wiki once they run."""

from __future__ import annotations

from random import Random

ARTICLES = 200
TITLES = 20_000
ROWS = 100_000
CATEGORY = "Benchmarked pages"
PARAMETER, VALUE = "population", "12,345"
"""Which parameter of the infobox is set, and to what."""

_WORDS = """
    Foo bar Berlin Élan München town river history of the north lake church railway station people born music film list
    (1999) C/2020 東京 war
""".split()  # noqa: SIM905  # words in one string, where quotes would drown them
_SPACES = ("", "", "", "", "", "", "", "Talk:", "User:", "user talk:", "File:", "Category:", "Template:")
_BLANKS = (" ", " ", " ", " ", "_")
_ENDS = ("", "", "", "", "", "", "", "#Top", "#See also", ": a film")


def titles() -> list[str]:
    """Return texts of titles: articles for the most part, some with namespaces, fragments, underscores."""
    rng = Random(2)
    return [_title(rng) for _ in range(TITLES)]


def _title(rng: Random) -> str:
    name = rng.choice(_BLANKS).join(rng.choices(_WORDS, k=rng.randint(1, 5)))
    return f"{rng.choice(_SPACES)}{name}{rng.choice(_ENDS)}"


def articles() -> list[str]:
    """Return articles of 6 to 12 kB: an infobox, prose with links and footnotes, sections, categories."""
    rng = Random(3)
    return [_article(rng) for _ in range(ARTICLES)]


def _article(rng: Random) -> str:
    rows = "".join(f"| {word:<12} = {rng.choice(_WORDS)} [[{_title(rng)}]]\n" for word in _WORDS[5:17])
    place = "| map          = {{Map|zoom=9|place={{PAGENAME}}}}\n"
    box = f"{{{{Infobox town\n{rows}| {PARAMETER:<12} = 1\n{place}}}}}\n"
    sections = "".join(f"\n== {rng.choice(_WORDS)} ==\n{_prose(rng)}" for _ in range(rng.randint(3, 6)))
    ends = "".join(f"[[Category:{rng.choice(_WORDS)} {number}]]\n" for number in range(rng.randint(1, 5)))
    return f"{box}{_prose(rng)}{sections}\n{ends}"


def _prose(rng: Random) -> str:
    """Return a few sentences."""
    sentences = []
    for _ in range(rng.randint(4, 9)):
        words = " ".join(rng.choices(_WORDS, k=14))
        note = f"<ref>{{{{cite web|url=https://example.org/{rng.randrange(999)}|title={words[:20]}|year=2020}}}}</ref>"
        sentences.append(f"'''{words[:6]}''' {words} [[{_title(rng)}|{words[:8]}]] and [[{_title(rng)}]].{note}")
    return " ".join(sentences) + "\n"


def rows() -> list[dict[str, object]]:
    """Return rows of revisions as the API gives them."""
    rng = Random(4)
    return [
        {
            "revid": number + 1,
            "parentid": number,
            "minor": bool(rng.randrange(2)),
            "user": f"User {rng.randrange(999)}",
            "userid": rng.randrange(999),
            "timestamp": "2026-01-31T12:34:56Z",
            "size": rng.randrange(9999),
            "comment": "A change",
            "slots": {},
            "tags": [],
        }
        for number in range(ROWS)
    ]


__all__ = ["ARTICLES", "CATEGORY", "PARAMETER", "ROWS", "TITLES", "VALUE", "articles", "rows", "titles"]
