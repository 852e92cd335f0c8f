"""The example pages: what the docstring promises, for several sizes and seeds."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import unicodedata
from collections import Counter

import pytest

from apibot.core.errors import BadParameter
from apibot.data.bots import may_edit
from apibot.sandbox.example import MIN_PAGES, TYPOS, example_pages

SIZES = [(500, 1), (500, 2), (MIN_PAGES, 1), (MIN_PAGES, 7), (MIN_PAGES + 1, 3), (99, 1), (100, 1), (3000, 5)]
DIGEST = "10222625168088786abf904c0fa110b55898135804939eed2044703c461b7244"

TYPO = re.compile(rf"\b({'|'.join(TYPOS)})\b")
LINK = re.compile(r"\[\[:?([^\[\]|]+)(?:\|[^\[\]]*)?\]\]")
TEMPLATE = re.compile(r"\{\{([^{}|]+)")
MARKUP = re.compile(
    r"<!--.*?-->|<nowiki>.*?</nowiki>|\[\[.*?\]\]|\{\{[^{}]*\}\}|\{\|.*?\n\|\}|^==[^\n]*==$", re.DOTALL | re.MULTILINE
)
UNPARSED = re.compile(r"<!--.*?-->|<(nowiki|pre)>.*?</\1>", re.DOTALL)
REDIRECT = re.compile(r"#REDIRECT \[\[([^\]#|]+)(?:#[^\]]+)?\]\]")


@pytest.fixture(params=SIZES, ids=str, scope="module")
def pages(request: pytest.FixtureRequest) -> dict[str, str]:
    count, seed = request.param
    made = list(example_pages(count, seed))
    assert len(made) == count
    assert len(dict(made)) == count, "titles are unique"
    return dict(made)


@pytest.fixture(scope="module")
def standard() -> dict[str, str]:
    return dict(example_pages())


def articles(pages: dict[str, str]) -> dict[str, str]:
    return {
        title: text
        for title, text in pages.items()
        if not title.startswith(("Template:", "Category:", "Talk:")) and not text.startswith("#")
    }


def redirects(pages: dict[str, str]) -> dict[str, str]:
    found = {title: REDIRECT.match(text) for title, text in pages.items()}
    return {title: match[1] for title, match in found.items() if match}


def first_upper(title: str) -> str:
    """What MediaWiki makes of a link's target, in each namespace that is used here."""
    namespace, colon, name = title.rpartition(":")
    return namespace + colon + name[0].upper() + name[1:]


def test_the_same_seed_gives_the_same_pages_everywhere() -> None:
    """The digest is pinned: it must come out alike on all versions of Python and in each process."""
    script = "import sys; from apibot.sandbox.example import example_pages; sys.stdout.buffer.write({})".format(
        r"'\n'.join(map('\t'.join, example_pages())).encode()"
    )
    fresh = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout
    assert fresh.decode() == "\n".join(map("\t".join, example_pages(500, 1)))
    assert hashlib.sha256(fresh).hexdigest() == DIGEST


def test_another_seed_gives_other_pages(standard: dict[str, str]) -> None:
    other = dict(example_pages(seed=2))
    assert set(articles(standard)) != set(articles(other))
    assert standard["Örnafjall"] != other["Örnafjall"]


@pytest.mark.parametrize("count", [MIN_PAGES - 1, 0, -1])
def test_too_few_pages_are_refused_at_once(count: int) -> None:
    with pytest.raises(BadParameter, match=f"{count} pages are too few.*at least {MIN_PAGES}"):
        example_pages(count)


def test_proportions_of_the_docstring(standard: dict[str, str]) -> None:
    sorts = Counter(title.partition(":")[0] for title in standard if ":" in title)
    assert sorts == {"Template": 9, "Category": 17, "Talk": 23}
    leads_to = redirects(standard)
    assert len(leads_to) == 59
    assert len(articles(standard)) == 392
    assert sum(target in leads_to for target in leads_to.values()) == 11
    visible = {title for title, text in articles(standard).items() if TYPO.search(MARKUP.sub("", text))}
    hidden = {title for title, text in articles(standard).items() if TYPO.search(text)} - visible
    assert (len(visible), len(hidden)) == (47, 2)
    excluded = {title for title, text in standard.items() if not may_edit(text, "MyBot")}
    assert (len(excluded), len(excluded & visible)) == (5, 3)
    assert sum(text.lower().startswith(("{{bots|", "{{nobots}}")) for text in standard.values()) == 6


def test_titles_are_in_mediawikis_form(pages: dict[str, str]) -> None:
    for title in pages:
        assert title == first_upper(title)
        assert title == " ".join(title.split())
        assert unicodedata.is_normalized("NFC", title)
        assert not re.search(r"[#<>\[\]|{}_\x00-\x1f\x7f]|~~~|//|/\.|%[0-9A-Fa-f]{2}|&\w+;", title)
        assert len(title.encode()) < 256
        assert title.count(":") == (title.startswith(("Template:", "Category:", "Talk:")))


def test_titles_of_all_sorts(pages: dict[str, str]) -> None:
    scripts = {unicodedata.name(letter).split()[0] for title in pages for letter in title if letter.isalpha()}
    assert {"LATIN", "GREEK", "CYRILLIC", "CJK"} <= scripts
    assert any("'" in title for title in pages)
    assert any(re.search(r" \(\w+\)$", title) for title in pages)
    assert any("/" in title for title in pages)


def test_texts_are_as_mediawiki_saves_them(pages: dict[str, str]) -> None:
    """Unicode in its composed form, no carriage returns, no white space at the end of a page or line."""
    for title, text in pages.items():
        assert unicodedata.is_normalized("NFC", text), title
        assert not re.search(r"\r|[ \t]$|\s\Z", text, re.MULTILINE), title


def test_links_templates_and_categories_exist(pages: dict[str, str]) -> None:
    missing: dict[str, set[str]] = {}
    for title, text in pages.items():
        parsed = UNPARSED.sub("", text)
        targets = {first_upper(found[1].partition("#")[0]) for found in LINK.finditer(parsed)}
        names = {found[1].strip() for found in TEMPLATE.finditer(re.sub(r"\{\{\{.*?\}\}\}", "", parsed))}
        targets |= {f"Template:{first_upper(name)}" for name in names if not name.startswith("DEFAULTSORT:")}
        if targets - pages.keys():
            missing[title] = targets - pages.keys()
    assert missing == {"Vanished villages": {"Atlas of vanished villages"}}


def test_each_page_is_in_the_tree_of_categories(pages: dict[str, str]) -> None:
    for title in pages:
        if title.startswith("Category:") and title != "Category:Contents":
            path = [title]
            while path[-1] != "Category:Contents":
                path += re.findall(r"\[\[(Category:[^\]]+)\]\]", pages[path[-1]])
                assert len(path) < 10
    for title, text in articles(pages).items():
        assert "[[Category:" in text, title


def test_redirects_lead_to_articles(pages: dict[str, str]) -> None:
    leads_to = redirects(pages)
    lengths: Counter[int] = Counter()
    for start in leads_to:
        path = [start]
        while path[-1] in leads_to:
            path.append(leads_to[path[-1]])
            assert path[-1] not in path[:-1], "no loops"
        assert path[-1] in pages or start == "Vanished villages"
        lengths[len(path) - 1] += 1
    assert lengths[3] == 1
    assert lengths[2] >= 2
    assert lengths[1] > lengths[2]
    assert [start for start, target in leads_to.items() if target not in pages] == ["Vanished villages"]


def test_typos_stand_in_prose_only(pages: dict[str, str]) -> None:
    """Seen: some 12 % of the articles; else only in a comment and in nowiki, in one page each that has no other."""
    visible = {title: TYPO.findall(MARKUP.sub("", text)) for title, text in pages.items()}
    misspelt = {title for title, typos in visible.items() if typos}
    assert misspelt <= articles(pages).keys()
    assert len(misspelt) == max(2, round(0.12 * len(articles(pages))))
    assert {len(visible[title]) for title in misspelt} <= {1, 2, 3}
    hidden = {title for title, text in pages.items() if TYPO.search(text)} - misspelt
    assert len(hidden) == 2
    markup = " ".join(piece for title in misspelt for piece in (m[0] for m in MARKUP.finditer(pages[title])))
    assert not TYPO.search(markup)
    assert sum("<!--" in pages[title] for title in hidden) == 1
    assert sum("<nowiki>" in pages[title] for title in hidden) == 1


def test_all_typos_occur(standard: dict[str, str]) -> None:
    text = "\n".join(MARKUP.sub("", text) for text in articles(standard).values())
    assert set(TYPO.findall(text)) == set(TYPOS)
    assert all(re.search(rf"\b{right}\b", text) for right in TYPOS.values())


def test_some_pages_keep_bots_out(pages: dict[str, str]) -> None:
    excluded = {title for title, text in pages.items() if not may_edit(text, "MyBot")}
    assert len(excluded) >= 2
    assert excluded <= articles(pages).keys()
    assert any(TYPO.search(MARKUP.sub("", pages[title])) for title in excluded)
    assert {"Template:Bots", "Template:Nobots"} <= pages.keys()


def test_all_forms_of_exclusion_occur(standard: dict[str, str]) -> None:
    heads = {text.splitlines()[0] for text in standard.values()}
    assert {"{{nobots}}", "{{bots|deny=all}}", "{{bots|allow=none}}"} <= heads
    assert any(may_edit(text, "MyBot") != may_edit(text, "GardenBot") for text in standard.values())
    assert any(may_edit(text, "MyBot") != may_edit(text, "ExampleBot") for text in standard.values())


def test_articles_read_like_prose(pages: dict[str, str]) -> None:
    for title, text in articles(pages).items():
        bare = re.sub(r"<!--.*?-->|</?nowiki>", "", re.sub(r"\{\|.*?\n\|\}", "", text, flags=re.DOTALL))
        bare = re.sub(r"\{\{[^{}]*\}\}", "", bare)
        plain = LINK.sub(lambda found: found[0].strip("[]").rpartition("|")[2], bare).replace("''", "")
        lines = [line for line in plain.splitlines() if line and not line.startswith(("==", "*", "Category:", "File:"))]
        assert len(lines) >= 2, title
        assert len(plain.split()) > 50, title
        for line in lines:
            assert re.fullmatch(r"[^a-z{}|].*[.!?]", line.lstrip("'")), (title, line)
            assert not re.search(r"  | [,.;]|\b([Aa]n?|[Tt]he) (a|an|the)\b|\ba [aeiou]|\ban [^aeiou]|[{}]", line), line


def test_articles_differ(standard: dict[str, str]) -> None:
    """Few sentences are the same on two pages, although they come from one table."""
    sentences = Counter(
        sentence
        for text in articles(standard).values()
        for line in text.splitlines()
        if line and line[0] not in "{}|!=*["
        for sentence in re.split(r"(?<=\.) ", line)
    )
    assert sum(sentences.values()) > 4000
    assert len(sentences) > 0.8 * sum(sentences.values())


def test_all_constructs_occur(standard: dict[str, str]) -> None:
    text = "\n".join(standard.values())
    for construct in (
        '{| class="wikitable"',
        "{{Stub}}",
        "{{DEFAULTSORT:",
        "== See also ==",
        "<noinclude>",
        "<includeonly>",
    ):
        assert construct in text
    assert "<ref" not in text
    assert {f"Template:Infobox {kind}" for kind in ("town", "river", "mountain", "person", "species", "ship")} <= set(
        standard
    )
    archives = [title for title in standard if title.endswith("/Archive 1")]
    assert archives
    assert archives[0].removesuffix("/Archive 1") in standard
