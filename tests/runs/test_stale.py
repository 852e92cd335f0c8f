"""Stale records: the page is not what it was; nothing is overwritten, and what is left to do is planned again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import EditConflict
from apibot.data.pages import Page
from apibot.line import Line, allpages, append, edit, keep, replace
from apibot.line import page as the_page
from apibot.runs import Applied, read_plan, reviewed
from tests.line.conftest import MakePages, meddling
from tests.runs.conftest import Changes, rows, typo_line
from tests.support.people import Person
from tests.support.proxy import Wire

Planned = Callable[..., Path]


def the_stale_file(result: Applied, plan: Path) -> Path:
    """Return the new plan; it is where it should be, and as private as the first."""
    stale = plan.with_name(f"{plan.name}.stale.jsonl")
    assert result.stale_file == stale
    assert stale.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in plan.parent.iterdir()) == [plan.name, stale.name]
    assert result.replanned == len(read_plan(stale).records)
    return stale


# Plans of lines: the line runs again on the new text.


@pytest.fixture
def line_plan(bridge: Bridge, prefix: str, pages: MakePages, plan: Path) -> list[str]:
    """A plan to correct three pages; their titles."""
    titles = pages("teh\n\nA.\n\nB.", "teh", "teh")
    assert typo_line(prefix).plan(bridge, plan).changed == 3
    return titles


def test_a_human_s_edit_survives(
    bridge: Bridge, plan: Path, line_plan: list[str], human: Person, changes: Changes
) -> None:
    human.save(line_plan[0], "teh\n\nA.\n\nB, teh best.")
    result = bridge.apply(plan)
    assert (result.applied, result.already, len(result.stale), result.replanned) == (2, 0, 1, 1)
    assert human.text(line_plan[0]) == "teh\n\nA.\n\nB, teh best.", "nothing is merged without review"
    stale = the_stale_file(result, plan)
    header, record = rows(stale)
    assert header == rows(plan)[0]
    assert (record["n"], record["request"]["fields"]["text"]) == (1, "the\n\nA.\n\nB, the best.")
    assert [line for line in reviewed(read_plan(stale)) if line.startswith(("-", "+"))] == [
        "-teh",
        "+the",
        "-B, teh best.",
        "+B, the best.",
    ]
    seen = len(changes())
    again = bridge.apply(stale)
    assert (again.applied, again.stale_file) == (1, None)
    assert changes()[seen:] == [(line_plan[0], "Bot", "typo")]
    assert human.text(line_plan[0]) == "the\n\nA.\n\nB, the best."


def test_someone_else_did_it_already(bridge: Bridge, plan: Path, line_plan: list[str], human: Person) -> None:
    human.save(line_plan[1], "the")
    human.save(line_plan[2], "quite another text")
    result = bridge.apply(plan)
    assert (result.applied, result.already, len(result.stale), result.replanned) == (1, 1, 1, 0)
    assert len(rows(the_stale_file(result, plan))) == 1


def test_a_page_deleted_meanwhile_stays_deleted(
    bridge: Bridge, plan: Path, line_plan: list[str], sysop: Person
) -> None:
    sysop.do("delete", title=line_plan[1])
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale), result.failed) == (2, 1, [])
    assert sysop.text(line_plan[1]) is None
    assert len(rows(the_stale_file(result, plan))) == 1, "there is nothing left to correct"


def test_a_page_deleted_meanwhile_is_not_planned_anew(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, sysop: Person
) -> None:
    """A line that would change any text, an empty one too, is not run on what is no page any more."""
    titles = pages("one", "two")
    (allpages(prefix=prefix) | append("More.") | edit()).plan(bridge, plan)
    sysop.do("delete", title=titles[1])
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale)) == (1, 1)
    planned = [str(record.request.given()["page"]) for record in read_plan(the_stale_file(result, plan)).records]
    assert planned == []
    assert sysop.text(titles[1]) is None


def test_a_page_made_anew_meanwhile(
    bridge: Bridge, plan: Path, line_plan: list[str], sysop: Person, human: Person
) -> None:
    sysop.do("delete", title=line_plan[1])
    human.save(line_plan[1], "Another page, teh same title.")
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale)) == (2, 1)
    assert human.text(line_plan[1]) == "Another page, teh same title."


def test_a_page_moved_meanwhile_is_followed(bridge: Bridge, plan: Path, line_plan: list[str], human: Person) -> None:
    to = f"{line_plan[1]} moved"
    human.do("move", **{"from": line_plan[1], "to": to})
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale), result.replanned) == (2, 1, 1)
    assert human.text(to) == "teh"
    stale = the_stale_file(result, plan)
    assert [str(record.request.given()["page"]) for record in read_plan(stale).records] == [to]
    assert bridge.apply(stale).applied == 1
    assert human.text(to) == "the"
    assert human.text(line_plan[1]) == f"#REDIRECT [[{to}]]"


def test_it_goes_through_the_whole_line_again(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    line = allpages(prefix=prefix, limit=3) | keep(the_page.size < 9) | replace("teh", "the") | edit()
    line.plan(bridge, plan)
    human.save(titles[0], "teh, and much longer now")
    human.save(titles[1], "{{nobots}} teh")
    human.save(titles[2], "teh teh")
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale), result.replanned) == (0, 3, 1)
    [_header, record] = rows(the_stale_file(result, plan))
    assert record["request"]["fields"]["text"] == "the the"


def test_a_line_with_a_slot_of_one_s_own(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person
) -> None:
    """It can not be read again from its text; what was applied is told, and what is stale is not lost."""
    titles = pages("teh", "teh")

    def louder(element: Page) -> None:
        element.text += "!"

    (allpages(prefix=prefix) | meddling(louder) | edit()).plan(bridge, plan)
    human.save(titles[1], "teh end")
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale)) == (1, 1)
    assert human.text(titles[1]) == "teh end"
    the_stale_file(result, plan)


def test_values_with_signs_come_through_the_line_s_text(
    bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person
) -> None:
    """Texts that look like words with a meaning of their own: a file to read, a field, several numbers."""
    titles = pages("a@home 1|2", "word=yes")
    line: Line = (
        allpages(prefix=prefix)
        | replace("@home", "@work")
        | replace("1|2", "'3' | \"4\"")
        | replace("word=yes", "regex=yes")
        | append("@end", newline=False)
        | edit(summary="@me, 1|2")
    )
    line.plan(bridge, plan)
    for title in titles:
        human.save(title, f"{human.text(title)} word=yes ")
    result = bridge.apply(plan)
    assert (len(result.stale), result.replanned) == (2, 2)
    bridge.apply(the_stale_file(result, plan))
    assert human.text(titles[0]) == "a@work '3' | \"4\" regex=yes@end"
    assert human.text(titles[1]) == "regex=yes regex=yes@end"
    assert human.page(titles[1])["revisions"][0]["comment"] == "@me, 1|2"


# Plans of Python: the same texts are planned on the pages as they are now.


@pytest.fixture
def python_plan(title: str, planned: Planned, human: Person) -> list[str]:
    """A plan to change two pages and to make two; their titles."""
    titles = [f"{title} {number}" for number in range(4)]
    for name in titles[:2]:
        human.save(name, "One.")
    planned(
        (titles[0], {"append": "\nTwo.", "summary": "a"}),
        (titles[1], {"text": "New."}),
        (titles[2], {"text": "Made."}),
        (titles[3], {"text": "Made.", "create": "only"}),
    )
    return titles


def test_edited_meanwhile(bridge: Bridge, plan: Path, python_plan: list[str], human: Person, changes: Changes) -> None:
    human.save(python_plan[0], "One, by a human.")
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale), result.replanned) == (3, 1, 1)
    assert human.text(python_plan[0]) == "One, by a human."
    stale = the_stale_file(result, plan)
    header, record = rows(stale)
    assert header == rows(plan)[0]
    assert record["base"]["revid"] == human.page(python_plan[0])["revisions"][0]["revid"]
    assert "-One, by a human." in record["diff"], "the review shows what it would undo"
    seen = len(changes())
    assert bridge.apply(stale).applied == 1
    assert changes()[seen:] == [(python_plan[0], "Bot", "a")]
    assert human.text(python_plan[0]) == "One.\nTwo."


def test_another_edit_of_the_same_bot_is_not_taken_for_this_one(
    bridge: Bridge, plan: Path, python_plan: list[str], other_bot: Person
) -> None:
    other_bot.save(python_plan[1], "By another job of this bot.")
    result = bridge.apply(plan)
    assert (result.applied, result.already, len(result.stale)) == (3, 0, 1)
    assert other_bot.text(python_plan[1]) == "By another job of this bot."


def test_deleted_meanwhile(bridge: Bridge, plan: Path, python_plan: list[str], sysop: Person) -> None:
    """What was to change a page is not turned into making one: the one who deleted it would be overruled."""
    sysop.do("delete", title=python_plan[1])
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale)) == (3, 1)
    assert sysop.text(python_plan[1]) is None
    assert len(rows(the_stale_file(result, plan))) == 1


def test_moved_meanwhile(bridge: Bridge, plan: Path, python_plan: list[str], human: Person) -> None:
    """The change follows the page; its redirect is not written over."""
    to = f"{python_plan[1]} moved"
    human.do("move", **{"from": python_plan[1], "to": to})
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale), result.replanned) == (3, 1, 1)
    assert human.text(to) == "One."
    assert bridge.apply(the_stale_file(result, plan)).applied == 1
    assert human.text(to) == "New."
    assert human.text(python_plan[1]) == f"#REDIRECT [[{to}]]"


def test_made_meanwhile(bridge: Bridge, plan: Path, python_plan: list[str], human: Person) -> None:
    for name in python_plan[2:]:
        human.save(name, "Made by a human.")
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale), result.replanned) == (2, 2, 1)
    assert [human.texts(name) for name in python_plan[2:]] == [["Made by a human."]] * 2
    [_header, record] = rows(the_stale_file(result, plan))
    assert record["request"]["fields"]["page"]["title"] == python_plan[2]
    assert record["base"]["revid"] > 0
    assert "create" not in record["request"]["fields"]


def test_made_and_deleted_again_meanwhile(
    bridge: Bridge, plan: Path, python_plan: list[str], sysop: Person, human: Person
) -> None:
    human.save(python_plan[2], "Made by a human.")
    sysop.do("delete", title=python_plan[2])
    assert bridge.apply(plan).applied == 4, "the page is missing, as it was"


def test_a_bot_banned_meanwhile(bridge: Bridge, plan: Path, python_plan: list[str], human: Person) -> None:
    """One page that can not be planned again does not keep the others from it."""
    human.save(python_plan[0], "{{nobots}}")
    human.save(python_plan[1], "One, by a human.")
    result = bridge.apply(plan)
    assert (result.applied, len(result.stale), result.replanned) == (2, 2, 1)
    [record] = read_plan(the_stale_file(result, plan)).records
    assert str(record.request.given()["page"]) == python_plan[1]


def test_planning_again_asks_for_many_at_once(
    bridge: Bridge, title: str, planned: Planned, human: Person, wire: Wire
) -> None:
    titles = [f"{title} {number}" for number in range(10)]
    for name in titles:
        human.save(name, "One.")
    path = planned(*[(name, {"text": "New."}) for name in titles])
    for name in titles:
        human.save(name, "Two.")
    wire.clear()
    result = bridge.apply(path)
    assert (len(result.stale), result.replanned) == (10, 10)
    assert len(wire.requests) <= 3


# Between the look-up and the write.


def test_an_edit_in_the_last_moment(bridge: Bridge, prefix: str, pages: MakePages, plan: Path, human: Person) -> None:
    titles = pages("teh", "teh")
    typo_line(prefix).plan(bridge, plan)
    result = bridge.apply(plan, progress=lambda number: number == 1 and human.save(titles[1], "teh teh, a human's"))
    assert (result.applied, len(result.stale), result.replanned) == (1, 1, 1)
    assert human.text(titles[1]) == "teh teh, a human's"
    bridge.apply(the_stale_file(result, plan))
    assert human.text(titles[1]) == "the the, a human's"


@pytest.mark.parametrize("what", ["delete", "move", "make"])
def test_another_change_in_the_last_moment(
    bridge: Bridge, plan: Path, python_plan: list[str], sysop: Person, what: str
) -> None:
    meanwhile: dict[str, tuple[int, Callable[[], Any]]] = {
        "delete": (1, lambda: sysop.do("delete", title=python_plan[1])),
        "move": (1, lambda: sysop.do("move", **{"from": python_plan[1], "to": f"{python_plan[1]} moved"})),
        "make": (3, lambda: sysop.save(python_plan[3], "By the sysop.")),
    }
    at, then = meanwhile[what]
    result = bridge.apply(plan, progress=lambda number: number == at and then())
    assert result.applied + len(result.stale) == 4
    assert result.failed == []
    if what == "delete":
        assert (sysop.text(python_plan[1]), len(result.stale)) == (None, 1)
    elif what == "make":
        assert (sysop.text(python_plan[3]), len(result.stale)) == ("By the sysop.", 1)
    else:
        assert sysop.text(python_plan[1]) == f"#REDIRECT [[{python_plan[1]} moved]]"


def test_an_edit_that_was_planned_is_not_made_over_another(
    bridge: Bridge, title: str, planned: Planned, human: Person
) -> None:
    human.save(title, "One.")
    path = planned((title, {"text": "New."}))
    [record] = read_plan(path).records
    human.save(title, "One, by a human.")
    with pytest.raises(EditConflict):
        bridge.perform(record.request)
    assert human.text(title) == "One, by a human."
