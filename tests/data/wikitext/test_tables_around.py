"""Tables and what is around them; what is refused since it would make something else of a table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apibot.core.errors import BadParameter
from apibot.data.wikitext import Table
from apibot.data.wikitext.document import Wikitext
from tests.data.wikitext.test_tables import SITE
from tests.support.wikitexts import read

AROUND = [
    ("[[File:a.png|thumb|\n", "\n]]"),
    ("-{zh:\n", "\n}-"),
    ("[[File:a.png|[[b]]\n", "\n]]\n== h =="),
    ("[[a|\n== h ==\n", "\n]]"),
]


@pytest.mark.parametrize(("before", "after"), AROUND)
@pytest.mark.parametrize("look", [False, True])
def test_a_table_in_a_link_can_be_changed(before: str, after: str, *, look: bool) -> None:
    w = Wikitext(f"{before}{{|\n| a || b\n|-\n| c || d\n|}}{after}", SITE)
    assert not look or w.sections
    w.tables[0].set(1, 0, "X")
    w.tables[0].append(["e", "f"])
    assert str(w) == f"{before}{{|\n| a || b\n|-\n| X || d\n|-\n| e || f\n|}}{after}"


def test_a_row_of_headings_is_not_made_one_of_the_header() -> None:
    text = "{|\n! a !! b\n|-\n| 2 || 2\n|-\n! colspan=2 | part\n|-\n| 1 || 1\n|}"
    document = Wikitext(text, SITE)
    changes: list[Callable[[Table], None]] = [
        lambda one: one.remove_row(0),
        lambda one: one.sort(lambda row: row["a"], reverse=True),
    ]
    for change in changes:
        with pytest.raises(BadParameter, match="row of headings"):
            change(document.tables[0])
    document.tables[0].remove_row(2)
    assert document.tables[0].lists == [["2", "2"], ["part", "part"]]


def test_what_was_read_of_a_table_is_not_set() -> None:
    (one,) = Wikitext("{|\n! a\n|-\n| 1\n|}", SITE).tables
    with pytest.raises(BadParameter, match=r"set\(\)"):
        one.rows[0]["a"] = "2"
    with pytest.raises(BadParameter, match=r"set\(\)"):
        del one.rows[0]["a"]


def test_a_comment_stays_with_its_cell() -> None:
    document = Wikitext("{|\n! a !! b\n|-\n| 2 <!-- about -->\n|-\n| 3<!-- d --> <!-- e -->\n|}", SITE)
    (one,) = document.tables
    one.set(0, "b", "new")
    one.set(1, "b", "new")
    text = "{|\n! a !! b\n|-\n| 2 <!-- about -->\n| new\n|-\n| 3<!-- d --> <!-- e -->\n| new\n|}"
    assert str(document) == text


def test_a_table_knows_where_it_is() -> None:
    outer, tagged, last = (
        "{|\n| x {{t}}\n{|\n| y\n|}\n|}",
        "<includeonly>\n{|\n| z\n|}\n</includeonly>",
        "{|\n|-\n| w\n|}",
    )
    w = read(f"a [[b]]\n{outer}\n== S ==\n{tagged}\n{last}")
    changes: list[Callable[[], object]] = [
        lambda: w.prepend("longer "),
        lambda: w.tables[0].append(["n"]),
        lambda: w.tables[1].set(0, 0, "m"),
    ]
    for change in changes:
        for one in w.tables:
            assert str(w)[slice(*one.span)] == str(one)
        change()
    tables = w.tables
    section = w.section("S")
    assert section is not None
    assert [one in section for one in tables] == [False, False, True, True]
    w.links[0].target = "elsewhere"
    tables[2].append(["v"])
    for one in tables:
        assert str(w)[slice(*one.span)] == str(one)
    tables[1].remove()
    with pytest.raises(BadParameter, match="not in the text any more"):
        str(tables[1].span)


def test_a_table_looked_up_before_other_text_changed_knows_where_it_is() -> None:
    w = read("a\n{|\n| x\n|}\nb [[c]]")
    [one] = w.tables
    w.add_category("K")
    w.links[0].remove()
    w.prepend("zz\n")
    assert str(w)[slice(*one.span)] == str(one)
    w.read("other")
    with pytest.raises(BadParameter, match="not in the text any more"):
        str(one.span)


def test_a_table_that_is_not_closed_takes_in_what_follows() -> None:
    w = read("{|\n! a\n|-\n| 1\n")
    [held] = w.tables
    held.append(["2"])
    w.append("more\n")
    with pytest.raises(BadParameter, match="look it up there anew"):
        held.append(["3"])
    w.tables[0].append(["3"])
    assert str(w) == "{|\n! a\n|-\n| 1\n|-\n| 2\nmore\n|-\n| 3\n"


def test_a_table_that_was_changed_stays_one_when_sections_are_looked_at() -> None:
    w = read("== h ==\n{|\n! a\n|-\n| 1\n|}\n\n== i ==\nx")
    [one] = w.tables
    one.set(0, 0, "2")
    first, second = w.sections[1:]
    assert one in first
    assert one not in second
    first.move_after(second)
    first.title = "j"
    one.append(["3"])
    assert one in first
    assert str(w) == "== i ==\nx\n\n== j ==\n{|\n! a\n|-\n| 2\n|-\n| 3\n|}"


def test_what_is_taken_out_of_something_in_a_cell_shows_in_the_table() -> None:
    w = read("{|\n| {{t|[[x]] y}}\n|-\n| <ref>{{u}} z</ref>\n|}")
    [one] = w.tables
    assert one.lists == [["{{t|[[x]] y}}"], ["<ref>{{u}} z</ref>"]]
    w.links[0].remove()
    w.templates[1].remove()
    assert one.lists == [["{{t| y}}"], ["<ref> z</ref>"]]
    one.set(0, 0, "{{t|[[x]] y}}")
    assert "[[x]]" in str(w)


def test_a_table_in_a_tag_whose_content_is_another_is_gone() -> None:
    w = read("<ref>\n{|\n| a\n|}\n</ref>")
    [one] = w.tables
    w.tags[0].content = "b"
    with pytest.raises(BadParameter, match="not in the text any more"):
        str(one.span)
