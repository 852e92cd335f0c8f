"""Requests as words: what is split, what is read, and that everything written can be read again."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadParameter
from apibot.core.request import Request
from apibot.core.words import from_words, split_line, to_words
from apibot.data.pages import PageRef
from apibot.line.slots import Append, Echo, Replace
from apibot.queries import (
    AllPages,
    ByName,
    Categories,
    CategoryMembers,
    PageIds,
    PageInfo,
    QueryPage,
    RecentChanges,
    RevIds,
    Revisions,
    Titles,
)
from apibot.tasks import CallAction, Edit, Fetch, Purge

often = settings(max_examples=60, deadline=None, database=None)
"""The first reading of a class takes longer than the others."""

# Splitting a line.


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("allpages", [["allpages"]]),
        ("  allpages \t namespace=0\n", [["allpages", "namespace=0"]]),
        ("allpages | edit", [["allpages"], ["edit"]]),
        ("allpages\n|\nedit", [["allpages"], ["edit"]]),
        ("allpages namespace=0|1 | edit", [["allpages", "namespace=0|1"], ["edit"]]),
        ("keep title=a|b", [["keep", "title=a|b"]]),
        ("keep a| b", [["keep", "a|", "b"]]),
        ("keep |a b", [["keep", "|a", "b"]]),
        ("keep a || b", [["keep", "a", "||", "b"]]),
        ("replace '|' x", [["replace", "|", "x"]]),
        ('replace "|" x', [["replace", "|", "x"]]),
        (r"replace \| x", [["replace", "|", "x"]]),
        ("replace 'a | b' x", [["replace", "a | b", "x"]]),
        ('replace "a | b" x', [["replace", "a | b", "x"]]),
        ("edit summary='two words'", [["edit", "summary=two words"]]),
        ("edit 'summary=two words'", [["edit", "summary=two words"]]),
        ('edit summary="it\'s"', [["edit", "summary=it's"]]),
        ("edit summary='say \"hi\"'", [["edit", 'summary=say "hi"']]),
        (r'edit summary="say \"hi\""', [["edit", 'summary=say "hi"']]),
        ("replace a''b x", [["replace", "ab", "x"]]),
        ("""replace 'a'"b"c x""", [["replace", "abc", "x"]]),
        ("replace '' x", [["replace", "", "x"]]),
        ('replace a ""', [["replace", "a", ""]]),
        (r"replace a\ b x", [["replace", "a b", "x"]]),
        (r"replace a\\b x", [["replace", r"a\b", "x"]]),
        (r"replace '\d+' x", [["replace", r"\d+", "x"]]),
        (r'replace "\d+" x', [["replace", r"\d+", "x"]]),
        (r'replace "a\\b" x', [["replace", r"a\b", "x"]]),
        ("replace 'two\nlines' x", [["replace", "two\nlines", "x"]]),
        ("replace # x", [["replace", "#", "x"]]),
        ("keep title~^A size>=1000", [["keep", "title~^A", "size>=1000"]]),
        ("keep ( a or b )", [["keep", "(", "a", "or", "b", ")"]]),
        ("replace $HOME `id` *", [["replace", "$HOME", "`id`", "*"]]),
        ("replace naïve Žofín", [["replace", "naïve", "Žofín"]]),
    ],
)
def test_split(text: str, parts: list[list[str]]) -> None:
    assert split_line(text) == parts


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000", "\u2028", "\x85", "\x0b", "\x1c"])
def test_only_blanks_of_sh_divide_words(blank: str) -> None:
    """sh divides at blank, tab and line break; other white space belongs to titles and texts."""
    assert split_line(f"replace a{blank}b x") == [["replace", f"a{blank}b", "x"]]


@pytest.mark.parametrize("text", ["", "  ", "|", "a |", "| a", "a | | b", "a |\n| b"])
def test_an_empty_part_is_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        split_line(text)


UNCLOSED = ["edit 'a", 'edit "a', "edit summary='a | echo", 'a "b" "c', "a 'b' 'c", '"', "'", "a\\"]


@pytest.mark.parametrize("text", UNCLOSED)
def test_a_missing_quote_is_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        split_line(text)


WORDS = st.lists(st.text(), min_size=1)


@given(st.lists(WORDS, min_size=1))
@often
def test_quoted_words_come_back(parts: list[list[str]]) -> None:
    text = " | ".join(shlex.join(words) for words in parts)
    assert split_line(text) == parts


@given(st.text(alphabet="a '\"\\|=\n"))
@often
def test_split_agrees_with_sh_on_all_but_pipes(text: str) -> None:
    """Whatever stands there is split as sh does, or refused; nothing else ever happens."""
    try:
        expected = shlex.split(text)
    except ValueError:
        with pytest.raises(BadParameter):
            split_line(text)
        return
    if "|" not in text and expected:
        assert split_line(text) == [expected]


@pytest.mark.parametrize("text", ["'" * 5001, '"' * 5001, "\\" * 5001, "a'" * 2500 + '"', '"\\' * 2500])
def test_splitting_takes_time_in_proportion(text: str) -> None:
    with pytest.raises(BadParameter):
        split_line(text)


# Reading words.


def test_positional_then_named() -> None:
    assert from_words(Replace, ["teh", "the", "word=yes"]) == Replace("teh", "the", word=True)
    assert from_words(Replace, ["word=1", "teh", "the"]) == Replace("teh", "the", word=True)
    assert from_words(Replace, ["old=teh", "new=the"]) == Replace("teh", "the")
    assert from_words(Echo, []) == Echo()


def test_a_named_value_is_not_lost_to_a_positional_one() -> None:
    """``old`` is given, so the next word without a name is ``new``; or all is refused, but nothing is dropped."""
    assert from_words(Replace, ["old=teh", "the"]) == Replace("teh", "the")
    with pytest.raises(BadParameter):
        from_words(Replace, ["old=teh", "the", "third"])


@pytest.mark.parametrize("words", [["a", "b", "old=c"], ["old=a", "old=b", "new=c"], ["a", "b", "word=yes", "word=no"]])
def test_a_value_given_twice_is_refused(words: list[str]) -> None:
    with pytest.raises(BadParameter):
        from_words(Replace, words)


def test_equal_signs_in_values() -> None:
    assert from_words(Replace, ["a=b", "c=d=e"]) == Replace("a=b", "c=d=e")
    assert from_words(Edit, ["A", "text==x", "summary=a=b"]) == Edit("A", text="=x", summary="a=b")


def test_keywords_of_python_have_no_underscore_here() -> None:
    assert from_words(AllPages, ["from=B", "to=C"]) == AllPages(from_="B", to="C")
    assert to_words(AllPages(from_="B")) == ["from=B"]


@pytest.mark.parametrize(
    ("kind", "words", "named"),
    [
        (AllPages, ["namespce=0"], "namespce"),
        (AllPages, ["zero"], "zero"),
        (Replace, ["a", "b", "c"], "c"),
        (Replace, ["a", "b", "nope=1"], "nope"),
        (Replace, ["a"], "new"),
        (Replace, ["a", "b", "word=perhaps"], "word"),
        (AllPages, ["namespace=main"], "namespace"),
        (AllPages, ["namespace="], "namespace"),
        (AllPages, ["limit=1.5"], "limit"),
        (AllPages, ["filterredir=some"], "filterredir"),
        (AllPages, ["namespace=0|1"], "namespace"),
        (QueryPage, ["BrokenRedirects", "lmit=5"], "lmit"),
        (CategoryMembers, ["Category:A", "namespace=0|x"], "namespace"),
        (Edit, ["A", "text=x", "create=perhaps"], "create"),
    ],
)
def test_wrong_words_are_refused_by_name(kind: type[Request], words: list[str], named: str) -> None:
    with pytest.raises(BadParameter, match=named) as caught:
        from_words(kind, words)
    assert kind.__name__ in str(caught.value)
    assert caught.value.__cause__ is None


def test_several_numbers() -> None:
    assert from_words(CategoryMembers, ["Category:A", "namespace=0|1|-2"]).namespace == (0, 1, -2)
    assert from_words(CategoryMembers, ["Category:A", "namespace=4"]).namespace == 4
    assert from_words(PageIds, ["5|6"]) == PageIds([5, 6])
    assert from_words(PageIds, ["5"]) == PageIds([5])


@pytest.mark.parametrize("value", ["1|2", "-1|0|7", "12|34"])
def test_a_text_that_looks_like_numbers_stays_a_text(value: str) -> None:
    assert from_words(Replace, [value, value]) == Replace(value, value)
    assert from_words(Edit, ["A", "text=x", f"summary={value}"]).summary == value
    assert from_words(AllPages, [f"prefix={value}"]).prefix == value


@pytest.mark.parametrize("words", [["tags=one"], ["tags=one|two"]])
def test_several_texts(words: list[str]) -> None:
    assert from_words(Edit, ["A", "text=x", *words]).tags == tuple(words[0].removeprefix("tags=").split("|"))


def test_several_titles() -> None:
    assert list(from_words(Titles, ["A"]).titles) == ["A"]
    assert list(from_words(Titles, ["A|B c"]).titles) == ["A", "B c"]


@pytest.mark.parametrize("text", ["plain", "two\nlines\n", "a|b", "1|2", "@other", "x=y", "\ufeffBOM", "'quotes\"", ""])
def test_a_value_from_a_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some text.txt"
    path.write_text(text, encoding="utf-8")
    assert from_words(Append, [f"text=@{path}"]) == Append(text)
    assert from_words(Append, [f"@{path}"]) == Append(text)


@pytest.mark.parametrize("what", ["nothing there", "folder", "latin"])
def test_a_file_that_can_not_be_read_is_named(tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(BadParameter, match=what):
        from_words(Append, [f"text=@{tmp_path / what}"])


# What is written can be read again.

NASTY = [
    "two words",
    " edge ",
    "it's",
    'say "hi"',
    "a|b",
    "|",
    "1|2",
    "a=b",
    "=",
    "word=yes",
    "regex=yes",
    "newline=no",
    "text=x",
    "title=x",
    "limit=3",
    "@home",
    "@",
    "@@x",
    "yes",
    "null",
    "5",
    "-1",
    "\\",
    "{title}",
    "{",
    "Žofín – 東京 🚲",
    "e\u0301",
    "two\nlines",
    "\ttab",
    "\u2028",
    "$HOME `id` ; #",
    "[1, 2]",
    "{'title': 'A'}",
]
TEXT = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]))
SOME = TEXT.filter(bool)
TITLE = st.sampled_from([one for one in NASTY if one.strip()]) | SOME.filter(str.strip)
MAYBE = st.none() | TEXT
NUMBER = st.integers(-(2**31), 2**31)
LIMIT = st.none() | st.integers(1, 5000)
NO_PIPE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="|"), min_size=1)
FEW = st.lists(NO_PIPE, min_size=1, max_size=3)
TIME = st.sampled_from(["2024-05-06T07:08:09Z", "now", datetime(2024, 5, 6, tzinfo=UTC)])
PARAMS = st.dictionaries(st.sampled_from(["a", "b"]), TEXT | st.booleans() | NUMBER, min_size=1)
NAMED = st.builds(Titles, FEW) | st.builds(PageIds, st.lists(NUMBER, min_size=1)) | st.builds(RevIds, st.just([1]))

PLAIN: dict[str, st.SearchStrategy[Request]] = {
    "allpages": st.builds(
        AllPages,
        from_=MAYBE,
        to=MAYBE,
        prefix=MAYBE,
        namespace=st.none() | NUMBER,
        filterredir=st.none() | st.sampled_from(["all", "nonredirects", "redirects"]),
        prtype=st.none() | TEXT | FEW,
        limit=LIMIT,
    ),
    "append": st.builds(Append, TEXT, newline=st.booleans()),
    "categorymembers": st.builds(
        CategoryMembers,
        MAYBE,
        namespace=st.none() | NUMBER | st.lists(NUMBER, min_size=1),
        type=st.none() | FEW,
        start=st.none() | TIME,
        limit=LIMIT,
    ),
    "echo": st.builds(Echo, st.sampled_from(["{title}", "{size} {revid}", "a|b", "1|2", "@x", "{", "template=x", ""])),
    "querypage": st.builds(QueryPage, MAYBE, offset=st.none() | NUMBER, limit=LIMIT),
    "recentchanges": st.builds(
        RecentChanges,
        namespace=st.none() | NUMBER | st.lists(NUMBER, min_size=1),
        user=MAYBE,
        type=st.none() | FEW,
        toponly=st.booleans(),
        start=st.none() | TIME,
    ),
    "replace": st.builds(Replace, SOME, TEXT, word=st.booleans()),
}
"""Slots: whatever is in them can be written."""
HOLDING: dict[str, st.SearchStrategy[Request]] = {
    "byname": st.builds(
        ByName, st.just("list"), NO_PIPE, params=st.none() | PARAMS, limit=LIMIT, pages=st.none() | NAMED
    ),
    "call": st.builds(CallAction, TEXT, params=st.none() | PARAMS),
    "categories": st.builds(Categories, pages=st.none() | NAMED, show=st.none() | FEW),
    "edit": st.builds(Edit, TITLE, text=TEXT, summary=TEXT, tags=st.lists(NO_PIPE), minor=st.booleans()),
    "edit of a reference": st.builds(
        Edit, st.builds(PageRef, TITLE, base=st.integers(1, 9)), append=TEXT, section=st.none() | st.integers(0, 9)
    ),
    "extra": st.builds(AllPages, extra=PARAMS),
    "fetch": st.builds(Fetch, TITLE, redirects=st.booleans()),
    "info": st.builds(PageInfo, pages=NAMED, prop=st.none() | FEW),
    "numbers": st.builds(PageIds, st.lists(NUMBER)),
    "purge": st.builds(Purge, st.lists(NO_PIPE.filter(str.strip), min_size=1), forcelinkupdate=st.booleans()),
    "revisions": st.builds(Revisions, pages=NAMED, limit=LIMIT),
    "revids": st.builds(RevIds, st.lists(NUMBER)),
    "titles": st.builds(Titles, st.lists(NO_PIPE), redirects=st.booleans()),
}
"""Requests that hold others, references, lists or mappings: written so that they can be read again, or refused."""


def meaning(request: Request) -> dict[str, str]:
    """Return a request's fields; a text with pipes and several texts mean the same to MediaWiki."""
    return {
        name: "|".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in request.to_fields().items()
    }


@pytest.mark.parametrize("name", PLAIN)
@given(data=st.data())
@often
def test_slots_come_back(name: str, data: st.DataObject) -> None:
    request = data.draw(PLAIN[name])
    assert meaning(from_words(type(request), to_words(request))) == meaning(request)


@pytest.mark.parametrize("name", HOLDING)
@given(data=st.data())
@often
def test_others_come_back_or_are_refused(name: str, data: st.DataObject) -> None:
    request = data.draw(HOLDING[name])
    try:
        words = to_words(request)
    except BadParameter:
        return
    assert meaning(from_words(type(request), words)) == meaning(request)


@pytest.mark.parametrize("value", NASTY)
def test_every_nasty_text_comes_back(value: str) -> None:
    assert from_words(Replace, to_words(Replace(value, value))) == Replace(value, value)
    assert from_words(Append, to_words(Append(value))) == Append(value)
    assert from_words(AllPages, to_words(AllPages(prefix=value))) == AllPages(prefix=value)


def test_a_plain_edit_can_be_written() -> None:
    assert from_words(Edit, to_words(Edit("A page", text="x", summary="y"))) == Edit("A page", text="x", summary="y")
    assert from_words(Fetch, to_words(Fetch("A page"))) == Fetch("A page")
    assert from_words(Purge, to_words(Purge(["A", "B"]))) == Purge(["A", "B"])
