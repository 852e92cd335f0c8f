"""Taking constructs out: with their line where nothing else stood on it, and with nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.data.wikitext import Wikitext
from apibot.data.wikitext.view import View
from tests.support.wikitexts import packed, read

CASES = {
    "a\n{{t}}\nb": "a\n\nb",
    "{{u}}\n{{t}}\nb": "{{u}}\nb",
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
