"""Sections: what holds for all texts, and that hostile ones end."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter
from apibot.data.wikitext.document import Wikitext
from apibot.data.wikitext.sections import Section
from tests.data.wikitext.test_sections import outline, read

BODIES = ["", "a", "b c", "{{t|x=y}}", "* l\n* m", "[[x]]\n\ny", "<!-- c -->", " z", "<nowiki>\n== n ==\n</nowiki>"]
GAPS = ["\n", "\n\n", "\n\n\n", "\n \n", "  \n\n"]
TITLES = ["A", "B", "{{t}}", "a = b", "A<!-- c -->", "''x''"]


@st.composite
def pages(draw: st.DrawFn) -> str:
    parts = [draw(st.sampled_from(BODIES)) + draw(st.sampled_from(GAPS)) if draw(st.booleans()) else ""]
    for _section in range(draw(st.integers(0, 7))):
        sign = "=" * draw(st.integers(1, 4))
        space = draw(st.sampled_from(["", " "]))
        head = (
            f"{sign}{space}{draw(st.sampled_from(TITLES))}{space}{sign}{draw(st.sampled_from(['', ' ', '<!-- e -->']))}"
        )
        body = draw(st.sampled_from(BODIES))
        parts.append(f"{head}{draw(st.sampled_from(GAPS[:3])) if body else ''}{body}{draw(st.sampled_from(GAPS))}")
    text = "".join(parts)
    return text.rstrip() + draw(st.sampled_from(["", "", "\n", "\n\n"]))


def picked(draw: st.DataObject, w: Wikitext) -> Section:
    sections = w.sections[1:]
    assume(sections)
    return draw.draw(st.sampled_from(sections))


def chunks(w: Wikitext) -> dict[int, str]:
    """The sections' own texts without what is blank at their ends."""
    return {id(one.heading): one.raw.rstrip() for one in w.sections}


def done(change: Callable[[], object], w: Wikitext, *refusals: str) -> bool:
    """Try a change; return whether it was made. If not, it was refused for one of these reasons, and nothing is new."""
    before = str(w)
    try:
        change()
    except BadParameter as error:
        said = str(error)
    else:
        return True
    assert any(words in said for words in refusals)
    assert str(w) == before
    return False


def same_when_read_again(w: Wikitext) -> None:
    assert outline(w) == outline(read(str(w)))


@given(pages())
def test_all_sections_together_are_the_text(text: str) -> None:
    w = read(text)
    assert "".join(one.raw for one in w.sections) == text
    for one in w.sections:
        one.text = one.text
        if one.heading:
            one.title, one.level = one.title, one.level
    assert str(w) == text


@given(pages(), st.data(), st.sampled_from(["== N ==", "==== N ====\nn\n", "=== N ===\n\nn\n==== M ====\nm"]))
def test_to_insert_and_to_delete_is_to_do_nothing(text: str, data: st.DataObject, new: str) -> None:
    w = read(text)
    at = data.draw(st.sampled_from(w.sections))
    before = chunks(w)
    insert = at.insert_before if at.heading and data.draw(st.booleans()) else at.insert_after
    added: list[Section] = []
    if not done(lambda: added.append(insert(new)), w, "take in"):
        return
    same_when_read_again(w)
    assert before.items() <= chunks(w).items()
    assert added[0].whole == new.rstrip()
    added[0].delete()
    assert str(w) == text


@given(pages(), st.data())
def test_to_move_there_and_back_is_to_do_nothing(text: str, data: st.DataObject) -> None:
    w = read(text)
    one, other = picked(data, w), picked(data, w)
    before = chunks(w)
    everything = w.sections
    follower = next((other for other in everything[everything.index(one) :] if not _inside(other, one)), None)
    move = one.move_before if data.draw(st.booleans()) else one.move_after
    if not done(lambda: move(other), w, "take in", "in it"):
        return
    same_when_read_again(w)
    assert chunks(w) == before
    if follower:
        one.move_before(follower)
    else:  # it was the last one
        one.move_after([section for section in w.sections if not _inside(section, one)][-1])
    assert str(w) == text


def _inside(section: Section | None, outer: Section) -> bool:
    while section:
        if section == outer:
            return True
        section = section.parent
    return False


@given(pages(), st.data())
def test_what_is_deleted_leaves_the_others_alone(text: str, data: st.DataObject) -> None:
    w = read(text)
    one = picked(data, w)
    gone = {id(section.heading) for section in w.sections if _inside(section, one)}
    before = chunks(w)
    whole = one.whole
    assert one.delete() == whole
    same_when_read_again(w)
    assert chunks(w) == {key: chunk for key, chunk in before.items() if key not in gone}
    assert len(str(w)) < len(text)


@given(pages(), st.data(), st.integers(1, 6))
def test_levels_go_up_and_down(text: str, data: st.DataObject, level: int) -> None:
    w = read(text)
    one = picked(data, w)
    old, inside = one.level, [section for section in w.sections if _inside(section, one)]
    if not done(lambda: setattr(one, "level", level), w, "take in", "1 to 6"):
        return
    same_when_read_again(w)
    assert [section for section in w.sections if _inside(section, one)] == inside
    one.level = old
    assert str(w) == text


@given(pages(), st.data(), st.sampled_from([*BODIES, "n\n", "\nn"]))
def test_a_text_that_is_set_is_there_and_nothing_else_changes(text: str, data: st.DataObject, new: str) -> None:
    w = read(text)
    one = data.draw(st.sampled_from(w.sections))
    before = chunks(w)
    one.text = new
    assert one.text == new.strip("\n")
    same_when_read_again(w)
    del before[id(one.heading)]
    assert before.items() <= chunks(w).items()
    again = str(w)
    one.text = new
    assert str(w) == again


@given(pages(), st.data(), st.sampled_from(BODIES[1:]))
def test_what_is_appended_stands_before_the_next_heading(text: str, data: st.DataObject, new: str) -> None:
    w = read(text)
    last = data.draw(st.booleans())
    one = data.draw(st.sampled_from(w.sections))
    before = one.raw.rstrip()
    one.append(new, last=last)
    assert one.whole.endswith(new) if last else one.raw.rstrip().endswith(new)
    assert one.raw.startswith(before)
    same_when_read_again(w)


# Time.

SECONDS = 60
HOSTILE = ["== a ==\n", "\n=", "=\n", "[[\n== a ==\n", "[[", "== [http://a", "== <a ", "== __a", "== '' ''' ", "===\n"]


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_texts_end(piece: str) -> None:
    start = time.monotonic()
    all_is_looked_at(piece * (2**18 // len(piece)))
    assert time.monotonic() - start < SECONDS


@pytest.mark.long
@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_hostile_texts_of_two_mebibytes_end(piece: str) -> None:
    start = time.monotonic()
    all_is_looked_at(piece * (2**21 // len(piece)))
    assert time.monotonic() - start < SECONDS * 10


def all_is_looked_at(text: str) -> None:
    w = read(text)
    sections = w.sections
    same = "".join(one.raw for one in sections) == text
    assert same
    assert sum(len(one.children) for one in sections) == sum(one.parent is not None for one in sections)
    assert sum(len(one.text) for one in sections) <= len(text)
    assert [one.number for one in sections] == list(range(len(sections)))
    assert len({one.anchor for one in sections}) == len(sections)
    if len(sections) > 2:
        sections[1].move_after(sections[-1])
    w.sections_named("a")


def test_deeply_nested_brackets_end() -> None:
    count = 2**16
    text = "[[" * count + "\n== a ==\n" + "]]" * count
    start = time.monotonic()
    assert [one.title for one in read(text).sections] == ["", "a"]
    assert time.monotonic() - start < SECONDS
