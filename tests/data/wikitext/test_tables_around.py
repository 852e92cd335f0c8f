"""Tables and what is around them; what is refused since it would make something else of a table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apibot.core.errors import BadParameter
from apibot.data.wikitext import Table
from apibot.data.wikitext.document import Wikitext
from tests.data.wikitext.test_tables import SITE

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
