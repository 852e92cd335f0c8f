"""Taking constructs out: with their line where nothing else stood on it, and with nothing else."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadText
from apibot.data.wikitext import Wikitext
from apibot.data.wikitext.view import View
from tests.support.wikitexts import packed, read

CASES = {
    "a\n{{t}}\nb": "a\n\nb",
    "{{u}}\n{{t}}\nb": "{{u}}\nb",
    "[[a]]\n{{t}}\n[[b]]": "[[a]]\n\n[[b]]",
    "[[Kategorie:A]]\n{{t}}\n[[Kategorie:B]]": "[[Kategorie:A]]\n[[Kategorie:B]]",
    "a\n\n{{t}}\nb": "a\n\nb",
    "a {{u}}\n{{t}}\n{{u}} b": "a {{u}}\n\n{{u}} b",
    "a\n\n{{t}}\n\nb": "a\n\nb",
    "{{t}}\n'''A''' is": "'''A''' is",
    "{{t}}": "",
    "{{t}}\n": "",
    "a\n{{t}}": "a",
    "a\n\n{{t}}\n": "a\n",
    "a\n{{t|\n}}\nb": "a\n\nb",
    "a\n  {{t}}  \nb": "a\n    \nb",
    "a {{t}}\nb": "a \nb",
    "a\n{{t}} b": "a\nb",
    "* a\n{{t}}\n* b": "* a\n\n* b",
    "* {{t}}\n* b": "* \n* b",
    "== A ==\n{{t}}\n\ntext": "== A ==\n\ntext",
    "a\n<!-- c --> {{t}}\nb": "a\n<!-- c --> \nb",
    "{{u|x=\n{{t}}\n|y=1}}": "{{u|x=\n|y=1}}",
    "<noinclude>\n{{t}}\n</noinclude>": "<noinclude>\n</noinclude>",
    "<!-- c -->": "",
    "a\n<!-- c -->\nb": "a\nb",
    "a <!-- c --> b": "a  b",
    "a\n<references />\nb": "a\n\nb",
    "a<ref>r</ref>\nb": "a\nb",
    "a\n[[Datei:A.png|mini]]\nb": "a\n\nb",
    "a\n[[Datei:A.png|20px]]\nb": "a\nb",
    "a\n[[Kategorie:A]]\nb": "a\nb",
    "a\n[[Kategorie:A]]* b": "a* b",
    "a\n[[fr:A]]\n": "a\n",
    "{|\n| {{t}}\n|}": "{|\n| \n|}",
    "{|\n|\n{{t}}\n|}": "{|\n|\n|}",
    "a\n{|\n|}\nb": "a\n\nb",
    "a\n\n{|\n|}\n\nb": "a\n\nb",
    "{|\n|}\nb": "b",
    "a [[b]]\n\n{{t}}\n": "a [[b]]\n",
    "a\n<!-- c --> b": "a\n b",
    "a\n <!-- c -->\nb": "a\nb",
}


def views(w: Wikitext) -> list[View]:
    found = [*w.templates, *w.comments, *w.references, *w.files, *w.categories, *w.language_links, *w.links, *w.tables]
    return [*found, *(tag for tag in w.tags if tag not in found)]


@pytest.mark.parametrize("before", CASES)
def test_the_line_goes_if_nothing_else_is_on_it(before: str) -> None:
    w = read(before)
    wanted = "t" if "{{t" in before else ""
    [first, *_others] = [one for one in views(w) if not wanted or str(one).startswith("{{t")]
    first.remove()
    assert str(w) == CASES[before]


GONE = ("{{t|x}}", "{{t}}", "{{u}}", "<!--c-->", "<ref>r</ref>")
LINES = st.sampled_from([*GONE, "a", "* b", "", " ", "== h ==", "{{t}} {{u}}", "a {{t}}", "x<ref>r</ref>"])


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINES, max_size=9), data=st.data())
def test_all_that_is_removed_goes_and_nothing_else_whatever_the_order(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    w = read(text)
    gone = [*w.templates, *w.comments, *w.tags]
    for view in data.draw(st.permutations(gone)):
        view.remove()
    left = text
    for construct in GONE:
        left = left.replace(construct, "")
    assert packed(str(w)) == packed(left)
    words = [line.split() for line in left.split("\n") if line.split()]
    assert [line.split() for line in str(w).split("\n") if line.split()] == words


def test_many_are_removed_one_after_another() -> None:
    w = read("\n".join(f"{{{{t|{number}}}}}" for number in range(3000)) + "\nend")
    for view in w.templates:
        view.remove()
    assert str(w) == "end"
    w = read("\n".join(f"{{{{t|{number}}}}}" for number in range(3000)) + "\nend")
    for view in reversed(w.templates):
        view.remove()
    assert str(w) == "end"
    w = read("{{t}}" * 3000 + "<!-- c -->{{t}}" * 300)
    for view in w.templates:
        view.remove()
    assert str(w) == "<!-- c -->" * 300


def test_what_would_begin_a_line_of_a_table_is_refused() -> None:
    for text in ("{|\n|\n<ref>r</ref>|- b\n|}", "{|\n|-\n<!-- c -->{{t}}|| b\n|}"):
        w = read(text)
        with pytest.raises(BadText, match="begin a line of a table"):
            (w.templates or w.references)[0].remove()
        assert str(w) == text


def test_a_line_that_begins_with_a_blank_stays_one() -> None:
    w = read(" x\n {{t}} y\n z")
    w.templates[0].remove()
    assert str(w) == " x\n  y\n z"


def test_what_took_the_place_of_raw_text_is_text() -> None:
    w = read("<nowiki>x</nowiki> __TOC__")
    w.tags[0].replace("a __NOTOC__")
    assert w.switches == ["notoc", "toc"]
    assert w.replace("a", "b") == 1


def test_many_are_removed_from_long_lines_in_proportion() -> None:
    """Steps are counted, since time is not to be trusted."""
    counts: list[int] = []
    for size in (150, 600):
        w = read(("word " * 50 + "<ref>r</ref>") * size + "\n{{t}}" * size)
        views: list[View] = [*w.references, *w.templates]
        calls = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        for view in views:
            view.remove()
        sys.setprofile(None)
        counts.append(calls)
    assert counts[1] < 8 * counts[0]


def test_white_space_of_two_texts_beside_each_other_is_one() -> None:
    w = read("\n[[Kategorie:A]]\n")
    w.prepend("[[Kategorie:B]]\n")
    w.categories[1].remove()
    assert str(w) == "[[Kategorie:B]]\n"
    w = read("{{t}}\n")
    w.append("\nb")
    w.prepend("a\n")
    w.prepend("\n")
    w.templates[0].remove()
    assert str(w) == "\na\n\nb"


def test_what_stands_on_one_side_alone_is_no_new_word() -> None:
    w = read("[[a]]{{t}}~~")
    w.templates[0].remove()
    assert str(w) == "[[a]]~~"
