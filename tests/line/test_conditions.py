"""Conditions: every check on every property, their words, and what is refused."""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadParameter
from apibot.core.words import split_line
from apibot.data.pages import Page
from apibot.line import Condition, keep, page
from apibot.line.conditions import CHECKS, PROPERTIES, All, AnyOf, Compare, Not, parse

often = settings(max_examples=150, deadline=None, database=None)


def made(
    title: str = "Ape", text: str = "An ape.", *, ns: int = 0, redirect: bool = False, missing: bool = False
) -> Page:
    """Return a page as if it had come from a wiki."""
    about: dict[str, object] = {"title": title, "ns": ns}
    if missing:
        return Page({**about, "missing": True})
    revision = {"revid": 7, "slots": {"main": {"content": text}}}
    return Page({**about, "pageid": 3, "length": len(text.encode()), "redirect": redirect, "revisions": [revision]})


APE = made()
TALK = made("Talk:Ápe", "#REDIRECT [[Ape]]\nß", ns=1, redirect=True)
GONE = made("Gone", missing=True)


@pytest.mark.parametrize(
    ("word", "ape", "talk", "gone"),
    [
        ("exists", True, True, False),
        ("exists=yes", True, True, False),
        ("exists=no", False, False, True),
        ("exists=true", True, True, False),
        ("exists=False", False, False, True),
        ("exists=1", True, True, False),
        ("exists=0", False, False, True),
        ("redirect", False, True, False),
        ("redirect=NO", True, False, True),
        ("ns=0", True, False, True),
        ("ns!=0", False, True, False),
        ("ns<1", True, False, True),
        ("ns<=1", True, True, True),
        ("ns>0", False, True, False),
        ("ns>=0", True, True, True),
        ("ns>=-1", True, True, True),
        ("size=7", True, False, False),
        ("size!=7", False, True, True),
        ("size<7", False, False, True),
        ("size<=7", True, False, True),
        ("size>7", False, True, False),
        ("size>=7", True, True, False),
        ("size=20", False, True, False),
        ("text=An ape.", True, False, False),
        ("text!=An ape.", False, True, True),
        ("text=", False, False, True),
        ("text~ape", True, False, False),
        ("text~^An.*e\\.$", True, False, False),
        ("text!~ape", False, True, True),
        ("text~ß$", False, True, False),
        ("text^=An", True, False, False),
        ("text$=.", True, False, False),
        ("text*=n a", True, False, False),
        ("text*=.*", False, False, False),
        ("text*=", True, True, True),
        ("title=Ape", True, False, False),
        ("title!=Ape", False, True, True),
        ("title~(?i)^a", True, False, False),
        ("title!~:", True, False, True),
        ("title^=Talk:", False, True, False),
        ("title$=pe", True, True, False),
        ("title*=p", True, True, False),
    ],
)
def test_each_check(word: str, *, ape: bool, talk: bool, gone: bool) -> None:
    condition = parse([word])
    assert [condition(one) for one in (APE, TALK, GONE)] == [ape, talk, gone]
    assert parse(condition.words()) == condition


def test_the_table_above_is_whole() -> None:
    """Every sign of every kind is checked, and every property."""
    [table] = [mark for mark in test_each_check.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]  # pytest adds it
    seen = set()
    for word, *_ in table.args[1]:
        condition = parse([word])
        assert isinstance(condition, Compare)
        seen.add((condition.name, condition.sign))
    assert seen == {(name, sign) for name, (kind, _what) in PROPERTIES.items() for sign in CHECKS[kind]}


@pytest.mark.parametrize(
    ("python", "words"),
    [
        (page.size >= 1000, "size>=1000"),
        (page.size > 1, "size>1"),
        (page.size <= 1, "size<=1"),
        (page.size < 1, "size<1"),
        (page.size == 1, "size=1"),
        (page.size != 1, "size!=1"),
        (1 < page.size, "size>1"),  # noqa: SIM300  # as people write it too
        (page.ns == 0, "ns=0"),
        (page.title == "A b", "title=A b"),
        (page.title != "A", "title!=A"),
        (page.title.matches("^A"), "title~^A"),
        (page.title.startswith("A"), "title^=A"),
        (page.title.endswith("A"), "title$=A"),
        (page.text.contains("a | b"), "text*=a | b"),
        (page.redirect, "redirect=yes"),
        (page.exists, "exists=yes"),
    ],
)
def test_python_and_words_say_the_same(python: Condition, words: str) -> None:
    assert python.words() == [words]
    assert parse([words]) == python


def test_combined() -> None:
    condition = (page.size >= 5) & ~page.redirect | page.title.startswith("Talk")
    assert [condition(one) for one in (APE, TALK, GONE)] == [True, True, False]
    assert condition.words() == ["size>=5", "not", "redirect=yes", "or", "title^=Talk"]
    assert condition.properties() == {"size", "redirect", "title"}
    assert (~condition).words() == ["not", "(", *condition.words(), ")"]
    assert ((page.ns == 0) & (page.exists | page.redirect)).words() == [
        "ns=0", "(", "exists=yes", "or", "redirect=yes", ")",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "ape", "talk", "gone"),
    [
        ("ns=0 exists", True, False, False),
        ("ns=1 or ns=0", True, True, True),
        ("not ns=0", False, True, False),
        ("not not ns=0", True, False, True),
        ("exists not redirect", True, False, False),
        ("not redirect exists", True, False, False),
        ("ns=1 or ns=0 exists", True, True, False),
        ("( ns=1 or ns=0 ) exists", True, True, False),
        ("not ( ns=1 or exists )", False, False, True),
        ("not ( ns=0 exists )", False, True, True),
        ("( ( ns=0 ) )", True, False, True),
        ("exists ( ns=1 or ( ns=0 not redirect ) )", True, True, False),
        ("title=Gone or title=Ape or title=Nobody", True, False, True),
    ],
)
def test_words_in_groups(words: str, *, ape: bool, talk: bool, gone: bool) -> None:
    condition = parse(words.split())
    assert [condition(one) for one in (APE, TALK, GONE)] == [ape, talk, gone]


def test_only_what_is_needed_is_looked_at() -> None:
    """``and`` and ``or`` stop early, so that a text that may not be seen is not asked for in vain."""
    bare = Page({"title": "A", "ns": 0}, text=False)
    assert parse(["ns=0", "or", "text~x"])(bare)
    assert not parse(["ns=1", "text~x"])(bare)


@pytest.mark.parametrize(
    "use",
    [
        lambda: bool(page.size > 1),
        lambda: all([page.exists, page.redirect]),
        lambda: any([page.exists, page.redirect]),
        lambda: operator.not_(page.redirect),
        lambda: 1 < page.size < 5,
        lambda: list(filter(lambda _one: page.title.startswith("A"), [1])),
        lambda: bool((page.size > 1) & page.exists),
        lambda: bool(~page.exists),
    ],
)
def test_a_condition_has_no_truth_value(use: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="&"):
        use()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("length>5", "length"),
        ("Size>5", "Size"),
        ("size~5", "size"),
        ("size^=5", "size"),
        ("title>A", "title"),
        ("text<=A", "text"),
        ("redirect!=yes", "redirect"),
        ("redirect>0", "redirect"),
        ("size>=many", "many"),
        ("size>=1.5", "1.5"),
        ("size>=", "size"),
        ("size>= 5", "size"),
        ("ns=0|1", "ns"),
        ("redirect=perhaps", "perhaps"),
        ("redirect=", "redirect"),
        ("title~(", "title"),
        ("text!~[", "text"),
        ("title~*", "title"),
        ("size", "size"),
        ("title", "title"),
        ("nonsense", "nonsense"),
        (">=5", ">=5"),
        ("not", "not"),
        ("exists not", "not"),
        ("or", "condition"),
        ("exists or", "condition"),
        ("or exists", "condition"),
        ("exists or or ns=0", "condition"),
        ("not or exists", "condition"),
        ("( exists", r"\("),
        ("( exists ns=0 or ns=1", r"\("),
        ("exists )", r"\)"),
        (")", "condition"),
        ("( )", "condition"),
        ("( exists ) )", r"\)"),
        ("(exists)", "exists"),
        ("exists and redirect", "and"),
        ("", "condition"),
    ],
)
def test_bad_words_are_refused(words: str, named: str) -> None:
    with pytest.raises(BadParameter, match=named):
        parse(words.split())


@pytest.mark.parametrize(
    "make",
    [
        lambda: page.size >= "many",  # type: ignore[operator]  # as untyped code does
        lambda: page.size >= 1.5,  # type: ignore[operator]  # as untyped code does
        lambda: page.size >= None,  # type: ignore[operator]  # as untyped code does
        lambda: page.size == True,  # noqa: E712  # a truth value is no number
        lambda: page.title == 5,
        lambda: page.title.matches("("),
        lambda: page.title.startswith(("A", "B")),  # type: ignore[arg-type]  # as untyped code does
        lambda: page.text.contains(None),  # type: ignore[arg-type]  # as untyped code does
        lambda: Compare("colour", "=", "red"),
        lambda: Compare("size", "=~", 1),
        lambda: Compare("redirect", "=", 2),
        keep,
        lambda: keep(cast("Condition", False)),  # noqa: FBT003  # what page.redirect == False comes to
        lambda: keep(cast("Condition", "size>=1000")),
        lambda: keep(cast("Condition", page.title)),
    ],
)
def test_bad_python_is_refused_at_once(make: Callable[[], object]) -> None:
    with pytest.raises(BadParameter):
        make()


# Any condition, written and read again, holds for the same pages.

LETTERS = st.text("aA=~!| ()'\"\n|é", max_size=4)
COMPARE = st.one_of(
    st.builds(Compare, st.sampled_from(["title", "text"]), st.sampled_from(["=", "!=", "^=", "$=", "*="]), LETTERS),
    st.builds(Compare, st.sampled_from(["title", "text"]), st.sampled_from(["~", "!~"]), LETTERS.map(re.escape)),
    st.builds(
        Compare,
        st.sampled_from(["ns", "size"]),
        st.sampled_from(sorted(CHECKS["number"])),
        st.integers(-3, 9),
    ),
    st.builds(Compare, st.sampled_from(["exists", "redirect"]), st.just("="), st.booleans()),
)


def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(All, several), st.builds(AnyOf, several))


CONDITION: st.SearchStrategy[Condition] = st.recursive(COMPARE, combined, max_leaves=8)
PAGES = st.builds(made, LETTERS, LETTERS, ns=st.integers(-1, 2), redirect=st.booleans(), missing=st.booleans())


@given(CONDITION, st.lists(PAGES, min_size=1, max_size=8))
@often
def test_words_mean_the_same(condition: Condition, pages: list[Page]) -> None:
    again = parse(condition.words())
    assert [again(one) for one in pages] == [condition(one) for one in pages]
    assert again.properties() == condition.properties()


@given(CONDITION, st.lists(PAGES, min_size=1, max_size=8))
@often
def test_a_slot_in_a_line_means_the_same(condition: Condition, pages: list[Page]) -> None:
    [[word, *words]] = split_line(str(keep(condition)))
    assert word == "keep"
    assert [parse(words)(one) for one in pages] == [condition(one) for one in pages]
    assert shlex.join([word, *words]) == str(keep(condition))


@given(CONDITION, CONDITION, PAGES)
@often
def test_operators_are_those_of_logic(one: Condition, other: Condition, page: Page) -> None:
    assert (one & other)(page) == (one(page) and other(page))
    assert (one | other)(page) == (one(page) or other(page))
    assert (~one)(page) == (not one(page))
    assert keep(one, other).spec == keep(one & other).spec


def test_conditions_can_be_compared_and_hashed() -> None:
    assert (page.size >= 1) & page.exists == parse(["size>=1", "exists"])
    assert len({page.exists, parse(["exists=yes"]), page.redirect}) == 2
    assert repr(parse(["size>=1"])) == repr(page.size >= 1)
