"""Believable pages for a wiki to practise on: a small encyclopedia of Lyrenia, a country which is nowhere.

The pages come from a seed and are the same wherever and whenever they are made. Among them are the things that bots
are for: misspelt words, double redirects, a broken redirect; and the things that trip bots: pages that keep bots out,
typos in comments and nowiki, titles in several scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from itertools import count as count_from
from random import Random
from typing import NamedTuple, TypeVar

from apibot.core.errors import BadParameter
from apibot.sandbox import example_prose as prose
from apibot.sandbox import example_words as words

TYPOS: dict[str, str] = {
    "goverment": "government",
    "occured": "occurred",
    "recieve": "receive",
    "seperate": "separate",
    "teh": "the",
    "thier": "their",
    "untill": "until",
    "wich": "which",
}
"""Misspelt word -> the right one. They stand in the articles as whole words in small letters."""

MIN_PAGES = 40
"""The smallest wiki that has each of the things promised."""

_T = TypeVar("_T")

_WORD_OR_LINK = re.compile(rf"\[\[.*?\]\]|\b({'|'.join(TYPOS.values())})\b")
_MISSPELLINGS = {right: wrong for wrong, right in TYPOS.items()}
_REGIONAL_PAGES = 100  # a wiki of fewer pages has no categories by region
_LAST_YEAR = 1985  # of what is told about places and species
_BASES = {"home": "town", "water": "river", "hill": "mountain"}
_SECTIONS = (1, 2, 2, 3, 3)  # the numbers of sections that an article may have, by lot
_LONG = 4  # sentences; more become two paragraphs
_TABLES = 0.4  # of the articles that are no stubs
_SEE_ALSO = 0.3
_HIDDEN_TYPOS = (
    'The sign at the entrance has been left as it was.<!-- It reads "teh goverment": do not correct it. -->',
    "The oldest inscription has the spelling <nowiki>recieve</nowiki>, which is often photographed.",
)


class _Plan(NamedTuple):
    """How many pages of each sort a wiki has, besides templates and categories."""

    articles: int
    misspelt: int
    excluded: int
    redirects: int
    talks: int


@dataclass(frozen=True, slots=True)
class _Subject:
    """What an article is about; `number` and `detail` mean what the tables of its kind say."""

    kind: str
    title: str
    bare: str
    region: str
    year: int
    number: int
    detail: str


def example_pages(count: int = 500, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Make the pages of a believable wiki.

    Parameters: the number of pages, all sorts together, at least 40; a seed, the same seed gives the same pages.
    Returns an iterator of (title, wikitext). Titles are in MediaWiki's form and unique.
    Raises BadParameter if there are to be fewer pages than the promises need.

    Of 500 pages, 9 are templates, 17 categories, 392 articles, 59 redirects and 23 talk pages. 47 articles (12 %) have
    one to three of the `TYPOS` in their prose, never in a link, template or category; 2 more have one in a comment or
    nowiki. 6 articles have {{bots}} or {{nobots}}; 5 of these keep out each bot that they do not name, and 3 of the 5
    are misspelt. Of the redirects 11 are double (two of them in one chain of three) and 1 leads to a page that does not
    exist.
    """
    if count < MIN_PAGES:
        msg = f"example_pages: {count} pages are too few for one of each sort; ask for at least {MIN_PAGES}"
        raise BadParameter(msg)
    return _pages(Random(seed), count)  # noqa: S311 - pages, not secrets


def _pages(rng: Random, count: int) -> Iterator[tuple[str, str]]:
    templates = dict(_templates())
    categories = dict(_categories(regional=count >= _REGIONAL_PAGES))
    plan = _plan(count - len(templates) - len(categories))
    titles = _Titles()
    subjects = [_subject(rng, titles, *cast) for cast in _cast(rng, plan.articles)]
    yield from templates.items()
    yield from categories.items()
    yield from _articles(rng, subjects, plan, categories)
    yield from _redirects(_shuffled(rng, subjects), plan.redirects, titles)
    yield from _talks(rng, _shuffled(rng, subjects), plan.talks)


def _plan(pages: int) -> _Plan:
    talks, redirects = max(2, pages // 20), max(6, pages // 8)
    articles = pages - talks - redirects
    return _Plan(articles, max(2, round(articles * 0.12)), max(2, articles // 60), redirects, talks)


# Chance: only Random.random is promised to give the same numbers on all versions of Python.


def _below(rng: Random, end: int) -> int:
    return int(rng.random() * end)


def _pick(rng: Random, items: Sequence[_T]) -> _T:
    return items[_below(rng, len(items))]


def _shuffled(rng: Random, items: Sequence[_T]) -> list[_T]:
    return sorted(items, key=lambda _: rng.random())


def _some(rng: Random, items: Sequence[_T], number: int) -> list[_T]:
    """Take a number of the items, in their order."""
    return [items[i] for i in sorted(_shuffled(rng, range(len(items)))[:number])]


# Who and what there is.


class _Titles:
    """The titles given so far; a title that is taken gets a region or a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, title: str, region: str) -> str:
        """Give the title, or the first free variant of it."""
        numbered = (f"{title} ({region}, {number})" for number in count_from(2))
        free = next(one for one in chain([title, f"{title} ({region})"], numbered) if one not in self._taken)
        self._taken.add(free)
        return free


def _cast(rng: Random, number: int) -> Iterator[tuple[str, str, str]]:
    """Yield kind, wished title and plain name of the articles."""
    yield from words.SPECIAL
    for kind in islice(cycle(words.PATTERN), number - len(words.SPECIAL)):
        patterns, *parts = words.NAMES[kind]
        bare = _pick(rng, patterns).format(*(_pick(rng, part) for part in parts))
        yield kind, _pick(rng, words.TITLES.get(kind, ("{}",))).format(bare), bare


def _subject(rng: Random, titles: _Titles, kind: str, title: str, bare: str) -> _Subject:
    region = _pick(rng, words.REGIONS)
    first, more = words.YEARS[kind]
    least, rest = words.NUMBERS[kind]
    return _Subject(
        kind=kind,
        title=titles.new(title, region),
        bare=bare,
        region=region,
        year=first + _below(rng, more),
        number=least + _below(rng, rest),
        detail=_latin(bare) if kind == "species" else _pick(rng, words.DETAILS[kind]),
    )


def _latin(name: str) -> str:
    adjective, noun = name.split(" ", 1)
    return f"{words.GENERA[noun]} {words.EPITHETS[adjective]}"


# Articles.


class _Pen(dict[str, str]):
    """Fills the places of sentences about one subject (see `apibot.sandbox.example_prose`)."""

    def __init__(self, rng: Random, subjects: dict[str, list[_Subject]], subject: _Subject) -> None:
        short = subject.bare.split()[-1] if subject.kind == "person" else _lower(subject)
        super().__init__(
            bare=subject.bare,
            lower=_lower(subject),
            short=words.SHORT[subject.kind].format(short),
            region=subject.region,
            year=str(subject.year),
            end=str(subject.year + subject.number),
            number=f"{subject.number:,}",
            detail=subject.detail,
        )
        self._rng = rng
        self._subjects = subjects
        self._used = {subject.title}
        self._bases: dict[str, _Subject] = {}
        self._first = subject.year + (18 if subject.kind == "person" else 0)
        lifetimes = {"person": subject.number, "ship": 60}
        self._end = subject.year + lifetimes[subject.kind] if subject.kind in lifetimes else _LAST_YEAR
        self._step = words.STEPS[subject.kind]
        self.begin()

    def begin(self) -> None:
        """Start the years of what is told anew."""
        self._year = self._first
        self._census = 1930

    def write(self, sentence: str) -> str:
        """Fill the places of a sentence."""
        return sentence.format_map(self)

    def __missing__(self, place: str) -> str:
        if place[0].isupper():
            text = self[place[0].lower() + place[1:]]
            return text[0].upper() + text[1:]
        plain = place.removeprefix("link_")
        if plain in _BASES or plain in self._subjects:
            subject = self._base(plain) if plain in _BASES else self._other(plain)
            return _link(subject) if plain == place else f"[[{subject.title}]]"
        if place in words.SLOTS:
            return self._word(words.SLOTS[place])
        if place == "later":
            self._year = min(self._end, self._year + 1 + _below(self._rng, self._step))
            return str(self._year)
        if place == "census":
            self._census += 10
            return str(self._census)
        least, rest = words.FIGURES[place]
        return f"{least + _below(self._rng, rest)}"

    def _word(self, choice: Sequence[str]) -> str:
        """Choose a word: one that the page does not have yet, as long as there are some."""
        word = _pick(self._rng, [one for one in choice if one not in self._used] or choice)
        self._used.add(word)
        return word

    def _base(self, place: str) -> _Subject:
        if place not in self._bases:
            self._bases[place] = self._other(_BASES[place])
        return self._bases[place]

    def _other(self, kind: str) -> _Subject:
        """Choose a page to link to: one that the article does not link yet, as long as there are some."""
        subjects = self._subjects[kind]
        start = _below(self._rng, len(subjects))
        turned = [*subjects[start:], *subjects[:start]]
        fresh = next((one for one in turned if one.title not in self._used), None)
        chosen = fresh or next(one for one in turned if one.bare != self["bare"])
        self._used.add(chosen.title)
        return chosen


def _lower(subject: _Subject) -> str:
    """Give the plain name as it stands in running text: that of a species with a small letter."""
    return subject.bare[0].lower() + subject.bare[1:] if subject.kind == "species" else subject.bare


def _link(subject: _Subject) -> str:
    label = _lower(subject)
    same = label[0].upper() + label[1:] == subject.title
    link = f"[[{label}]]" if same else f"[[{subject.title}|{label}]]"
    return words.SHORT[subject.kind].format(link)


def _articles(
    rng: Random, subjects: list[_Subject], plan: _Plan, categories: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Write the articles; which ones are misspelt, excluded or misleading is drawn by lot."""
    by_kind: dict[str, list[_Subject]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject)
    lots = _shuffled(rng, range(len(subjects)))
    excluded = dict(zip(lots[: plan.excluded], cycle(words.EXCLUSIONS), strict=False))
    first = plan.excluded // 2  # so that half of the excluded are misspelt
    misspelt = set(lots[first : first + plan.misspelt])
    misleading = dict(zip(lots[-2:], _HIDDEN_TYPOS, strict=True))
    for index, subject in enumerate(subjects):
        pen = _Pen(rng, by_kind, subject)
        sections = _pick(rng, _SECTIONS)
        paragraphs = _paragraphs(rng, pen, subject, sections)
        if index in misspelt:
            _misspell(rng, paragraphs)
        if index in misleading:
            paragraphs[0] += " " + misleading[index]
        if sections == 1:
            paragraphs.append("{{Stub}}")
        elif rng.random() < _TABLES:
            paragraphs.append(_table(pen, subject))
        if rng.random() < _SEE_ALSO:
            paragraphs.append(pen.write("== See also ==\n* {link_town}\n* {link_river}\n* {link_person}"))
        paragraphs.append(_category_links(subject, categories))
        top = f"{excluded[index]}\n" if index in excluded else ""
        yield subject.title, top + "\n\n".join([f"{_infobox(pen, subject)}\n{paragraphs[0]}", *paragraphs[1:]])


def _paragraphs(rng: Random, pen: _Pen, subject: _Subject, sections: int) -> list[str]:
    """Write the headings and paragraphs of an article."""
    lead = [_pick(rng, prose.LEADS[subject.kind]), *_some(rng, prose.MORE, _pick(rng, (1, 2, 3)))]
    paragraphs = [" ".join(map(pen.write, lead))]
    for heading, sentences in prose.SECTIONS[subject.kind][:sections]:
        told = [pen.write(sentence) for sentence in _some(rng, sentences, _pick(rng, (3, 4, 5, 6)))]
        parts = [told[:3], told[3:]] if len(told) > _LONG else [told]
        paragraphs += [f"== {heading} ==", *(" ".join(part) for part in parts)]
    return paragraphs


def _misspell(rng: Random, paragraphs: list[str]) -> None:
    """Put one to three typos into the paragraphs, outside of links."""
    spots: dict[str, list[tuple[int, int]]] = {}
    for index, paragraph in enumerate(paragraphs):
        for found in _WORD_OR_LINK.finditer(paragraph):
            if found[1]:
                spots.setdefault(found[1], []).append((index, found.start()))
    rights = _shuffled(rng, list(spots))[: _pick(rng, (1, 1, 2, 3))]
    chosen = [(*_pick(rng, spots[right]), right) for right in rights]
    for index, start, right in sorted(chosen, reverse=True):
        text = paragraphs[index]
        paragraphs[index] = text[:start] + _MISSPELLINGS[right] + text[start + len(right) :]


def _infobox(pen: _Pen, subject: _Subject) -> str:
    parameters = (f"| {name} = {pen.write(value)}" for name, value in words.INFOBOX[subject.kind])
    return "\n".join([f"{{{{Infobox {subject.kind}", *parameters, "}}"])


def _table(pen: _Pen, subject: _Subject) -> str:
    caption, heads, cells = words.TABLES[subject.kind]
    pen.begin()
    rows = [" || ".join(map(pen.write, cells)) for _ in range(4)]
    return "\n".join(
        ['{| class="wikitable"', f"|+ {caption}", f"! {' !! '.join(heads)}", *(f"|-\n| {row}" for row in rows), "|}"]
    )


def _category_links(subject: _Subject, categories: dict[str, str]) -> str:
    category = words.KIND_CATEGORIES[subject.kind]
    regional = f"Category:{category} in {subject.region}"
    lines = [f"[[Category:{category}]]"]
    if regional in categories:
        lines.append(f"[[{regional}]]")
    first, space, last = subject.bare.rpartition(" ")
    if subject.kind == "person" and space:
        lines.insert(0, f"{{{{DEFAULTSORT:{last}, {first}}}}}")
    return "\n".join(lines)


# Pages of other sorts.


def _templates() -> Iterator[tuple[str, str]]:
    for kind, parameters in words.INFOBOX.items():
        rows = "\n".join(f"|-\n! {name}\n| {{{{{{{name}|}}}}}}" for name, _ in parameters)
        empty = "\n".join(f"| {name} =" for name, _ in parameters)
        usage = f"<pre>\n{{{{Infobox {kind}\n{empty}\n}}}}\n</pre>"
        about = f"The box of facts for articles of [[:Category:{words.KIND_CATEGORIES[kind]}]]."
        yield f"Template:Infobox {kind}", _documented(f'{{| class="infobox"\n{rows}\n|}}', about, usage)
    for name, (body, about, usage) in words.TEMPLATES.items():
        yield f"Template:{name}", _documented(body, about, usage)


def _documented(body: str, about: str, usage: str) -> str:
    """Put a template and its documentation on one page."""
    return f"{body}<noinclude>\n{about}\n\n== Usage ==\n{usage}\n[[Category:Templates]]\n</noinclude>"


def _categories(*, regional: bool) -> Iterator[tuple[str, str]]:
    for name, (about, parent) in words.CATEGORIES.items():
        yield f"Category:{name}", f"{about}\n\n[[Category:{parent}]]" if parent else about
    for region in words.REGIONS if regional else ():
        for name in words.REGIONAL:
            yield f"Category:{name} in {region}", f"{name} in {region}, Lyrenia.\n\n[[Category:{name}]]"


def _redirects(subjects: list[_Subject], number: int, titles: _Titles) -> Iterator[tuple[str, str]]:
    """Write a broken redirect, a chain of three, and chains of two and single ones for the rest."""
    pairs = max(1, number // 6)
    yield words.BROKEN_REDIRECT
    for index, length in enumerate([3, *[2] * pairs, *[1] * (number - 4 - 2 * pairs)]):
        subject = subjects[index]
        target = subject.title
        for alias in words.ALIASES[subject.kind][:length]:
            title = titles.new(alias.format(subject.bare), subject.region)
            heading = prose.SECTIONS[subject.kind][0][0]
            section = f"#{heading}" if length == 1 and index % 5 == 0 else ""
            category = "\n\n[[Category:Redirects from other names]]" if index % 2 else ""
            yield title, f"#REDIRECT [[{target}{section}]]{category}"
            target = title


def _talks(rng: Random, subjects: list[_Subject], number: int) -> Iterator[tuple[str, str]]:
    """Write talk pages; the first has an archive beside it."""
    first, *others = subjects[: number - 1]
    yield f"Talk:{first.title}/Archive 1", _threads(rng, 3)
    yield f"Talk:{first.title}", f"Older talk: [[Talk:{first.title}/Archive 1]]\n\n{_threads(rng, 2)}"
    for subject in others:
        yield f"Talk:{subject.title}", _threads(rng, _pick(rng, (1, 1, 2, 3)))


def _threads(rng: Random, number: int) -> str:
    threads: list[str] = []
    for heading, post, answer in _some(rng, prose.TALK, number):
        asks, answers = _some(rng, words.WRITERS, 2)
        date = f"{1 + _below(rng, 27)} {_pick(rng, words.MONTHS)} {2009 + _below(rng, 13)}"
        threads.append(f"== {heading} ==\n{post} — {asks}, {date}\n:{answer} — {answers}, {date}")
    return "\n\n".join(threads)


__all__ = ["MIN_PAGES", "TYPOS", "example_pages"]
