"""Slots and lines as data: links, copies, words, and what is refused before anything runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

import apibot.line
from apibot.bridge import Bridge
from apibot.core.errors import BadParameter
from apibot.core.request import Query, Task
from apibot.core.words import split_line, to_words
from apibot.data.pages import Page
from apibot.line import (
    SLOTS,
    Line,
    Slot,
    allpages,
    append,
    categorymembers,
    echo,
    edit,
    keep,
    page,
    querypage,
    recentchanges,
    replace,
)
from apibot.line.slots import Replace, slot_from_words


def words_of(line: Line) -> list[str]:
    return [slot.word for slot in line.slots]


# Links.


def test_link_with_gives_the_slot_after_and_link_to_the_one_before() -> None:
    feed, work, write = allpages(), replace("a", "b"), edit()
    assert feed.link_with(work) is work
    assert write.link_to(work) is work
    assert (feed.links, work.links, write.links) == ([work], [write], [])
    assert (feed.sources, work.sources, write.sources) == ([], [feed], [work])
    assert words_of(Line([feed])) == ["allpages", "replace", "edit"]
    assert Line([feed]).slots == [feed, work, write], "the slots themselves, not copies"


def test_links_to_several_and_from_several() -> None:
    one, other, work, show, write = allpages(), querypage("A"), replace("a", "b"), echo(), edit()
    for before in (one, other):
        before.link_with(work)
    work.link_with(show)
    work.link_with(write)
    work.link_with(write)
    assert work.links == [show, write], "linking twice is linking once"
    assert work.sources == [one, other]
    assert sorted(words_of(Line([one, other]))) == ["allpages", "echo", "edit", "querypage", "replace"]
    assert one.following() == [work, show, write]


def test_unlink() -> None:
    feed, only, show, write = allpages(), keep(page.exists), echo(), edit()
    feed.link_with(only)
    only.link_with(write)
    only.rejects_link_with(show)
    feed.unlink(only)
    only.unlink(show)
    assert (feed.links, only.links, only.reject_links) == ([], [write], [])
    assert (only.sources, show.sources) == ([], [])
    with pytest.raises(BadParameter, match="allpages is not linked with keep"):
        feed.unlink(only)
    with pytest.raises(BadParameter, match="keep"):
        only.unlink(show)
    assert feed.link_with(only) is only


@pytest.mark.parametrize("link", [Slot.link_with, Slot.rejects_link_with, lambda one, other: other.link_to(one)])
def test_rings_are_refused(link: Callable[[Slot, Slot], Slot]) -> None:
    first, second, third = keep(page.exists), replace("a", "b"), append("x")
    first.rejects_link_with(second)
    second.link_with(third)
    for after in (first, second, third):
        with pytest.raises(BadParameter, match="ring"):
            link(third, after)
    assert (third.links, third.reject_links, first.sources) == ([], [], [])


def test_a_slot_linked_later_belongs_to_the_line(bridge: Bridge, prefix: str, pages: Callable[..., list[str]]) -> None:
    """``link_with`` edits the graph, also of a line made with ``|`` before."""
    titles = pages("one", "other")
    line = allpages(prefix=prefix) | keep(page.title.endswith("0"))
    line.slots[-1].rejects_link_with(echo("rejected {title}"))
    said: list[str] = []
    result = line.run(bridge, say=said.append)
    assert said == [f"rejected {titles[1]}"]
    assert (result.passed, result.rejected) == (2, 0)


# Copies.


def test_a_pipe_copies() -> None:
    feed, work, write = allpages(), replace("a", "b"), edit()
    first = feed | work
    line = first | write
    assert not any(slot.links or slot.sources for slot in (feed, work, write))
    assert words_of(first) == ["allpages", "replace"]
    assert words_of(line) == ["allpages", "replace", "edit"]
    assert not {id(slot) for slot in line.slots} & {id(slot) for slot in (*first.slots, feed, work, write)}
    assert str(first) == "allpages | replace a b"


def test_a_line_can_be_used_twice() -> None:
    base = allpages(namespace=0) | keep(page.size >= 1000)
    one, other = base | replace("a", "b") | edit(), base | echo()
    assert str(base) == "allpages namespace=0 | keep 'size>=1000'"
    assert str(one) == f"{base} | replace a b | edit"
    assert str(other) == f"{base} | echo"
    tail = replace("a", "b") | edit()
    assert str(base | tail) == str(one)
    assert str(tail | echo()) == "replace a b | edit | echo"
    assert str(tail) == "replace a b | edit"


def test_copies_keep_branches_and_reject_links() -> None:
    feed, only, lost, found = allpages(), keep(page.exists), echo("lost"), echo("found")
    feed.link_with(only)
    only.link_with(found)
    only.rejects_link_with(lost)
    copy = Line([feed]) | append("x")
    only_again = copy.slots[1]
    assert [slot.word for slot in (*only_again.links, *only_again.reject_links)] == ["echo", "echo"]
    assert [slot.links[0].word for slot in copy.slots if slot.word == "echo"] == ["append", "append"]
    [end] = [slot for slot in copy.slots if slot.word == "append"]
    assert len(end.sources) == 2
    assert (found.links, lost.links) == ([], [])


def test_a_pipe_to_a_slot_with_links_takes_them_along() -> None:
    work, write = replace("a", "b"), edit()
    work.link_with(write)
    assert words_of(allpages() | work) == ["allpages", "replace", "edit"]
    assert words_of(allpages() | keep(page.exists) | work) == ["allpages", "keep", "replace", "edit"]


# Lines as text.

LINES = [
    "allpages",
    "allpages namespace=0 limit=5 | echo",
    "allpages from=B 'prefix=two words' | keep 'size>=1000' | replace teh the | edit summary=typo",
    "querypage BrokenRedirects | keep not redirect=yes '(' 'title^=A' or 'title~^B|C' ')' | echo '{title} {size}'",
    "categorymembers 'Category:A b' type=page | append 'it'\"'\"'s' newline=no | edit minor=yes create=never",
    "recentchanges toponly=yes | replace '|' '' | replace '\\d+' '[\\g<0>]' regex=yes | edit tags=one",
    "allpages | replace 'two\nlines' ' ' | edit 'summary=a=b | c'",
]


@pytest.mark.parametrize("text", LINES)
def test_text_comes_back(text: str) -> None:
    line = Line.parse(text)
    again = Line.parse(str(line))
    assert [slot.spec for slot in again.slots] == [slot.spec for slot in line.slots]
    assert str(again) == str(line)
    assert [[words[0], sorted(words[1:])] for words in split_line(str(line))] == [
        [words[0], sorted(words[1:])] for words in split_line(text)
    ]


@pytest.mark.parametrize(
    "line",
    [
        allpages(from_="B") | replace("word=yes", "x") | edit(),
        allpages() | replace("@home", "@") | edit(summary="@me"),
        allpages(prefix="1|2") | replace("1|2", "3|4") | edit(summary="5|6"),
        allpages() | append("") | edit(summary="a\nb"),
        allpages() | append("@x") | echo("1|2"),
        allpages(prtype=["edit", "move"]) | edit(tags=["a", "b"]),
    ],
    ids=str,
)
def test_a_line_made_in_python_comes_back(line: Line) -> None:
    again = Line.parse(str(line))
    assert str(again) == str(line)
    specs = zip(again.slots, line.slots, strict=True)
    assert all(one.spec == other.spec or one.word == "allpages" for one, other in specs)


def test_lines_that_are_no_string_of_slots_have_no_text() -> None:
    feed, show, write = allpages(), echo(), edit()
    feed.link_with(show)
    feed.link_with(write)
    with pytest.raises(BadParameter, match="branch"):
        str(Line([feed]))
    with pytest.raises(BadParameter):
        str(Line([allpages(), querypage("A")]))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", ""),
        ("allpages |", r"\|"),
        ("nothing | edit", "nothing"),
        ("allpages | nothing", "nothing"),
        ("AllPages", "AllPages"),
        ("allpages zero | edit", "zero"),
        ("allpages namespce=0", "namespce"),
        ("allpages | replace a", "new"),
        ("allpages | replace '' b", "replace"),
        ("allpages | replace ( b regex=yes", r"\("),
        ("allpages | replace a)(b c regex=yes word=yes", r"'a\)\(b'.* without its"),
        ("allpages | replace (a) '\\2' regex=yes", "2"),
        ("allpages | replace a '\\g<b>' regex=yes", "b"),
        ("allpages | keep", "condition"),
        ("allpages | keep colour=red", "colour"),
        ("allpages | echo {colour}", "colour"),
        ("allpages | edit A", "A"),
        ("allpages | edit page=A", "page"),
        ("allpages | edit text=A", "text"),
        ("allpages | edit append=A", "append"),
        ("allpages | edit section=1", "section"),
        ("allpages | edit section=new sectiontitle=A", "section"),
        ("allpages | edit smmary=A", "smmary"),
        ("allpages | edit summary='A", "quot"),
    ],
)
def test_a_wrong_line_is_refused(text: str, named: str) -> None:
    """Refused when it is read, naming what is wrong; what an ``edit`` in a line saves is the element's whole text."""
    with pytest.raises(BadParameter, match=named or None):
        Line.parse(text)


@pytest.mark.parametrize(
    "fields",
    [{"text": "x"}, {"section": 1}, {"section": "new", "sectiontitle": "A"}, {"append": "x"}, {"prepend": "x"}],
    ids=str,
)
def test_an_edit_in_a_line_takes_no_text_of_its_own(fields: dict[str, str]) -> None:
    with pytest.raises(BadParameter):
        edit(**fields)  # type: ignore[arg-type]  # any of its fields


def test_a_regex_for_whole_words_may_have_flags() -> None:
    """Refused at once, or done; never an error in the middle of a run."""
    try:
        spec = replace("(?i)teh", "the", regex=True, word=True).spec
    except BadParameter:
        return
    assert isinstance(spec, Replace)
    one = Page({"title": "A", "ns": 0, "revisions": [{"slots": {"main": {"content": "TEH tehx"}}}]})
    spec.work(one, print)
    assert one.text == "the tehx"


# Feeders.


@pytest.mark.parametrize(
    "make",
    [
        lambda: allpages() | querypage("BrokenRedirects"),
        lambda: allpages() | echo() | allpages(),
        lambda: replace("a", "b") | edit(),
        lambda: Line([echo()]),
        lambda: Line([allpages(), echo()]),
        lambda: Line([allpages().link_with(echo())]),
        lambda: Line([]),
    ],
)
def test_a_line_begins_with_a_feeder_and_has_none_in_the_middle(bridge: Bridge, make: Callable[[], Line]) -> None:
    before = bridge.core.browser.counters.requests
    with pytest.raises(BadParameter):
        make().run(bridge)
    with pytest.raises(BadParameter):
        list(make().elements(bridge))
    assert bridge.core.browser.counters.requests == before


# The shell's words and Python's functions are the same declarations.

PYTHON: dict[str, Slot] = {
    "allpages namespace=0 from=A limit=5 filterredir=redirects": allpages(
        namespace=0, from_="A", limit=5, filterredir="redirects"
    ),
    "append x newline=no": append("x", newline=False),
    "categorymembers Category:A namespace=4": categorymembers("Category:A", namespace=4),
    "echo {size}": echo("{size}"),
    "edit summary=typo minor=yes bot=no": edit(summary="typo", minor=True, bot=False),
    "keep size>=5 not redirect": keep((page.size >= 5) & ~page.redirect),
    "querypage BrokenRedirects limit=3": querypage("BrokenRedirects", limit=3),
    "recentchanges toponly=1": recentchanges(toponly=True),
    "replace a b word=yes": replace("a", "b", word=True),
}


@pytest.mark.parametrize("word", sorted(SLOTS))
def test_words_and_functions_agree(word: str) -> None:
    [text] = [text for text in PYTHON if text.split()[0] == word]
    slot = slot_from_words(text.split())
    assert slot.word == PYTHON[text].word == word
    assert slot.spec == PYTHON[text].spec
    assert slot.kind == PYTHON[text].kind
    assert str(slot) == str(PYTHON[text])
    assert type(slot.spec) is SLOTS[word]


@pytest.mark.parametrize("word", sorted(SLOTS))
def test_each_slot_is_a_documented_function(word: str) -> None:
    function = getattr(apibot.line, word)
    assert word in apibot.line.__all__
    assert inspect.getdoc(function)
    assert SLOTS[word].__doc__
    kind = SLOTS[word]
    if word != "keep":
        assert function.__doc__ == kind.__doc__


def test_kinds() -> None:
    kinds = {word: slot.kind for text, slot in PYTHON.items() for word in [text.split()[0]]}
    feeders = [word for word, kind in SLOTS.items() if issubclass(kind, Query)]
    assert {word: kinds[word] for word in feeders} == dict.fromkeys(feeders, "feeder")
    assert [word for word, kind in SLOTS.items() if issubclass(kind, Task)] == ["edit"]
    assert {word: kind for word, kind in kinds.items() if word not in feeders} == {
        "append": "worker",
        "echo": "writer",
        "edit": "writer",
        "keep": "filter",
        "replace": "worker",
    }


# What the workers do to a text.


@pytest.mark.parametrize(
    ("slot", "before", "after"),
    [
        (replace("teh", "the"), "teh tehran teh", "the theran the"),
        (replace("teh", "the", word=True), "teh tehran, teh.", "the tehran, the."),
        (replace(".", "!"), "a.b", "a!b"),
        (replace(".", "!", word=True), "a.b c", "a!b c"),
        (replace("a", r"\1\n"), "a", r"\1\n"),
        (replace("a", r"\1\g<0>", word=True), "a ab", r"\1\g<0> ab"),
        (replace(r"(\w)\.", r"\1!", regex=True), "a. b.", "a! b!"),
        (replace(r"a|b", "x", regex=True, word=True), "a ab b", "x ab x"),
        (replace("a", "", regex=True), "banana", "bnn"),
        (append("x"), "a", "a\nx"),
        (append("x"), "a\n", "a\nx"),
        (append("x"), "", "x"),
        (append("x", newline=False), "a", "ax"),
    ],
)
def test_workers(slot: Slot, before: str, after: str) -> None:
    one = Page({"title": "A", "ns": 0, "revisions": [{"slots": {"main": {"content": before}}}]})
    spec = slot.spec
    assert not isinstance(spec, Query | Task)
    assert spec.work(one, print) is not None
    assert one.text == after


def test_words_of_a_request_are_words_of_its_slot() -> None:
    assert to_words(Replace("a", "b")) == Replace("a", "b").words() == ["a", "b"]
