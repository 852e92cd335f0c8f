"""What a page ends with, and which parts of it are included, stays what it was when its sections change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apibot.core.errors import BadText
from apibot.data import Section, Wikitext
from tests.support.wikitexts import read

FOOT = "{{SORTIERUNG:k}}\n[[Kategorie:K]] <!-- c -->\n\n[[fr:K]]\n"
ENDS: dict[str, tuple[str, Callable[[Wikitext], object], str]] = {
    "text": ("== A ==\na\n\n", lambda w: setattr(last(w), "text", "b"), "== A ==\nb\n\n"),
    "no text": ("== A ==\na\n\n", lambda w: setattr(last(w), "text", ""), "== A ==\n\n"),
    "append": ("== A ==\na\n\n", lambda w: last(w).append("b"), "== A ==\na\nb\n\n"),
    "delete": ("a\n\n== A ==\na\n\n", lambda w: last(w).delete(), "a\n\n"),
    "delete all": ("== A ==\na\n\n", lambda w: last(w).delete(), ""),
    "move": (
        "== A ==\na\n\n== B ==\nb\n\n",
        lambda w: last(w).move_before(w.sections[1]),
        "== B ==\nb\n\n== A ==\na\n\n",
    ),
    "insert": ("== A ==\na\n\n", lambda w: last(w).insert_after("== B ==\nb"), "== A ==\na\n\n== B ==\nb\n\n"),
    "add": ("== A ==\na\n\n", lambda w: w.add_section("== B ==\nb\n"), "== A ==\na\n\n== B ==\nb\n\n"),
    "add to nothing": ("", lambda w: w.add_section("== B ==\nb"), "== B ==\nb\n\n"),
    "lead": ("a\n\n", lambda w: setattr(w.sections[0], "text", "b"), "b\n\n"),
    "no lead": ("a\n\n", lambda w: w.sections[0].delete(), ""),
    "new lead": ("", lambda w: setattr(w.sections[0], "text", "b"), "b\n\n"),
}


def last(w: Wikitext) -> Section:
    return w.sections[-1]


@pytest.mark.parametrize("name", ENDS)
def test_what_a_page_ends_with_is_not_the_last_sections(name: str) -> None:
    before, change, after = ENDS[name]
    w = read(before + FOOT)
    change(w)
    assert str(w) == after + FOOT
    assert [one.name for one in w.categories] == ["K"]


def test_the_last_section_is_whole_as_the_api_gives_it() -> None:
    w = read(f"== A ==\na\n\n{FOOT}")
    assert (last(w).text, last(w).raw) == ("a", str(w))
    assert last(w).whole == str(w).rstrip()
    assert last(w).delete() == "== A ==\na"
    w = read("== A ==\nsee [[Kategorie:K]]")
    assert last(w).text == "see [[Kategorie:K]]", "it stands in the text, on no line of its own"


HALVES = "<noinclude>\n== A ==\nx\n</noinclude>\n== B ==\ny\n\n== C ==\nz"


def test_which_sections_are_included_stays() -> None:
    refused: list[Callable[[Wikitext], object]] = [
        lambda w: w.sections[1].delete(),
        lambda w: w.sections[2].move_before(w.sections[1]),
        lambda w: setattr(w.sections[1], "text", "n"),
        lambda w: w.sections[0].delete(),
        lambda w: w.sections[2].append("<noinclude>"),
    ]
    for change in refused:
        w = read(HALVES)
        with pytest.raises(BadText, match="would be included"):
            change(w)
        assert str(w) == HALVES
    w = read(HALVES)
    w.sections[1].title = "N"
    w.sections[2].delete()
    w.sections[2].append("<noinclude>n</noinclude>")
    assert str(w) == "<noinclude>\n== N ==\nx\n</noinclude>\n== C ==\nz\n<noinclude>n</noinclude>"
