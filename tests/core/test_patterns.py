"""Patterns: they mean what ``re`` means, and end in time, whatever they and the texts are."""

from __future__ import annotations

import contextlib
import re
import sys
import threading
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadPattern, PatternTimeout
from apibot.core.patterns import Pattern, compiled
from apibot.core.patternwords import DEEPEST, LARGEST, LONGEST

often = settings(max_examples=600, deadline=None, database=None)
SECONDS = 0.2
SLACK = 2.0
"""Seconds more that a slow machine may take."""

# What the two read in different ways, and pieces of all the rest.
PIECES = [
    *"abiIİıßſkKé²_ \n{}[|.^$~*+?)(", "\u0301", "\x1c", "{{", r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", r"\b", r"\B",
    r"\A", r"\Z", "[a-c]", "[^i]", "[i-k]", r"[\W_]", r"[^\W\d]", r"[\S\n]", r"[^\s]", "[]a]", "[^]a]", "[a-]", "[-a]",
    "[a-c-e]", r"[\]\-a]", r"[\x41-\x43\n\1]", r"[\b\d]", r"\1", r"\x41", r"\u0130", r"\U00000130", r"\101", r"\0",
    r"\n",
    "(a)", "(?P<n>b|i)", "(?P=n)", "(?:", "(?i:", "(?-i:", "(?s:", "(?m:", "(?x:", "(?a:", "(?=", "(?!", "(?<=a)",
    "(?<!b)", "(?>", "(?(1)a|b)", "(?#c)", "{2}", "{,2}", "{1,}", "{,}", "{1,3}", "*?", "+?", "??", "*+", "{a}",
    "{e<=1}",
    "[[a]", "[a&&b]", "[a--b]", "[a||b]", "[[:alpha:]]", "(?i)", "(?x)", "(?a)", "(?s)", "(?m)", "#x\n", r"\.", r"\{",
    r"\N{BULLET}", r"[\N{BULLET}a]", r"\p{L}", r"\X", r"\m", r"\z",
]  # fmt: skip
PATTERNS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
TEXTS = st.text(alphabet="abiIİıßſkKKéE\u0301²_ \n\x1c{}[]|AeEc•", max_size=14)


@often
@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=3))
def test_a_pattern_means_what_it_means_for_re(pattern: str, texts: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sets that look like nested ones
        try:
            theirs = re.compile(pattern)
        except re.error:
            with pytest.raises(BadPattern):
                Pattern(pattern)
            return
        ours = Pattern(pattern)
    for text in texts:
        places = [(found.span(), found.groups()) for found in theirs.finditer(text)]
        assert [(found.span(), found.groups()) for found in ours.finditer(text)] == places
        assert bool(ours.search(text)) is bool(places)
        assert bool(ours.fullmatch(text)) is bool(theirs.fullmatch(text))
        assert ours.sub(r"<\g<0>\n\\\.>", text) == theirs.sub(r"<\g<0>\n\\\.>", text)


@pytest.mark.parametrize(
    "pattern", [r"\w", r"\W", r"\s", r"\S", r"\d", r"[^\W_]", "(?i)[h-k]", "(?i)ı", "(?i)[^İ]", "."]
)
def test_every_character_is_taken_as_re_takes_it(pattern: str) -> None:
    import unicodedata

    known = [one for one in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(one) not in {"Cn", "Cs"}]
    theirs, ours = re.compile(pattern), Pattern(pattern)
    assert [f"{ord(one):x}" for one in known if bool(theirs.match(one)) != bool(ours.fullmatch(one))] == []


FLAGS = [("ignore_case", "I"), ("multiline", "M"), ("dotall", "S"), ("verbose", "X"), ("ascii", "A")]


@pytest.mark.parametrize(("name", "flag"), FLAGS)
def test_flags(name: str, flag: str) -> None:
    pattern, text = "^É.\\w (b)#?", "éxa\nÉ\néb\nÉ\xa0b\nÉaab\nÉ\n\n b"
    theirs = re.compile(pattern, getattr(re, flag))
    ours = Pattern(pattern, **{name: True})
    assert [found.span() for found in ours.finditer(text)] == [found.span() for found in theirs.finditer(text)]
    assert ours.groups == theirs.groups


TEMPLATES = (
    *(r"\1", r"\2\1", r"[\g<1>]", r"\g<n>", r"\g<0>", r"\n\t\\", r"\.\-\[", r"\0", r"\012", r"\101", r"\11"),
    *("plain", "", r"\é"),
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates(template: str) -> None:
    groups = "(x)" * 9 + "()" if template == r"\11" else ""
    pattern, text = rf"{groups}(?P<n>a)|(b)", f"{'x' * 9}a ab"
    assert Pattern(pattern).sub(template, text) == re.sub(pattern, template, text)
    assert Pattern(pattern).subn(template, text, 1) == re.subn(pattern, template, text, count=1)


def test_a_function_says_what_to_put_there() -> None:
    pattern = Pattern(r"(\d)|x")
    assert pattern.sub(lambda found: f"<{found[1] or found.start()}>", "1x2") == "<1><1><2>"
    assert pattern.subn(pattern.template("."), "1x2", 2) == ("..2", 2)


BAD_TEMPLATES = [
    (r"a\2", 2),
    (r"a\g<m>", 1),
    (r"\g<1>\g<m>", 5),
    (r"\g<n>\g<0>\g<x>", 10),
    (r"\q", 0),
    ("\\", 0),
    (r"\g<", 3),
]


@pytest.mark.parametrize(("new", "position"), BAD_TEMPLATES)
def test_a_bad_template_is_refused_at_once(new: str, position: int) -> None:
    with pytest.raises(BadPattern, match="put there") as caught:
        Pattern("(?P<n>a)").template(new)
    assert (caught.value.text, caught.value.position) == (new, position)


MALFORMED = [
    ("(", 0, "missing"),
    ("ab[", 2, "unterminated"),
    ("a**", 2, "multiple repeat"),
    ("a(?i)b", 1, "global flags"),
    (r"\p{L}", 0, "bad escape"),
    ("(?<=a*)b", 0, "look-behind"),
    ("a" * (LONGEST + 1), LONGEST, "longer than"),
    ("(" * LONGEST, 0, "no regular expression"),
    ("b" + "(" * (DEEPEST + 1) + ")" * (DEEPEST + 1), DEEPEST + 1, "groups within groups"),
    ("((a{1000}){1000}){1000}", 10, "too large"),
    ("(?:" * 20 + "ab" + "){2}" * 20, 115, "too large"),
    (f"a{{{LARGEST + 1}}}", 1, "too large"),
    ("(?:(?:(?:[^i]|x){30,}){30,}){30,}", 28, "too large"),
    (r"\b" * (LONGEST // 2), LARGEST // 20 + 2, "too large"),
    ("(?i)" + "i" * (LONGEST - 4), LARGEST // 5 + 5, "too large"),
    ("a{99999999999999}", 0, "too large"),
]


@pytest.mark.parametrize(("text", "position", "reason"), MALFORMED, ids=[text[:24] for text, *_ in MALFORMED])
def test_what_is_none_is_refused_at_once(text: str, position: int, reason: str) -> None:
    started = time.process_time()
    with pytest.raises(BadPattern, match=reason) as caught:
        Pattern(text)
    assert time.process_time() - started < SLACK
    assert caught.value.text == text
    assert caught.value.position == position


SIZE = 1 << 21
HOSTILE = [
    (r"(a+)+$", "a" * SIZE + "b"),
    (r"(x+x+)+y", "x" * SIZE),
    (r"(?:(?:a|aa)+|(?:a|a)+)+c", "a" * SIZE),
    (r"(?:a|b|ab)*(?:ba|a|b)*c", "ab" * (SIZE // 2)),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * SIZE),
    (r"(?:.*,){20}x", "," * SIZE),
    (r"(.*)\1{9}x", "ab" * (SIZE // 2)),
    (r"(?=(a+))a*b\1", "a" * SIZE),
    (r"(a?){64}a{64}", "a" * 63),
    (r"(?i)(?:i|ı|İ)*x", "i" * SIZE),
    (r"(?<!(?:ab|aa))c\b.*\bd\w*e", "c d " * (SIZE // 4)),
    (r"\{\{([^{}]|\{\{([^{}]|\{\{[^{}]*\}\})*\}\})*\}\}", "{{" * (SIZE // 2)),
    ("(" * 45 + "a|b" + ")" * 45 + "*", "ab" * (SIZE // 2)),  # runs out of the memory that a search may take
    ("a" * LONGEST, "a" * (LONGEST - 1) + "b" + "a" * LONGEST),
    ("(?i)" + "i" * (LARGEST // 5 - 1), "i" * SIZE),
    (r"\b" * (LARGEST // 40 - 1), "a" * SIZE),
    ("(?:(a|b)*){200}", "ab" * (SIZE // 2)),
    ("(?:(?:a?b?|){140}){40}", "ab" * (SIZE // 2)),
]


@pytest.mark.parametrize(("text", "page"), HOSTILE, ids=[text[:24] for text, _ in HOSTILE])
@pytest.mark.parametrize("what", ["search", "sub"])
def test_each_ends_in_time(text: str, page: str, what: str) -> None:
    started = time.monotonic()
    pattern = Pattern(text, seconds=SECONDS)
    with contextlib.suppress(PatternTimeout):
        pattern.search(page) if what == "search" else pattern.sub(r"\g<0>", page)
    assert time.monotonic() - started < SECONDS + SLACK


@pytest.mark.parametrize("what", ["search", "fullmatch", "finditer", "sub"])
def test_who_gave_up_says_what_and_on_what(what: str) -> None:
    pattern, text = Pattern("(?:.*,){20}x", seconds=0.1), "," * 500
    with pytest.raises(PatternTimeout, match=r"x' took more than 0\.1 s on a text of 500 characters"):
        pattern.sub("", text) if what == "sub" else getattr(pattern, what)(text)


def test_many_short_searches_count_together() -> None:
    """``regex`` itself looks at its clock in a long search only."""
    with pytest.raises(PatternTimeout):
        Pattern("", seconds=0.01).sub("x", "a" * SIZE)


def test_it_can_be_given_up_in_any_thread() -> None:
    caught: list[BaseException] = []

    def search() -> None:
        try:
            Pattern("(?:.*,){20}x", seconds=0.1).search("," * 500)
        except PatternTimeout as exc:
            caught.append(exc)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(caught) == 4


def test_a_pattern_is_made_once() -> None:
    assert compiled("a+") is compiled("a+")
    assert compiled("a+", ignore_case=True).fullmatch("aA")
    assert not compiled("a+").fullmatch("aA")
    assert repr(compiled("a+")) == "<Pattern 'a+'>"
