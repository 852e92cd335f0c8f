"""Patterns: the language of ``regex`` with braces of wikitext in it; they end in time, whatever they and texts are."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadPattern, PatternTimeout
from apibot.core.patterns import DEEPEST, GROWTH, KEPT, LARGEST, LONGEST, WIDEST, Pattern, Template, compiled

often = settings(max_examples=400, deadline=None, database=None)
SIZE = 1 << 21
"""Bytes of the longest page that MediaWiki takes."""

# The language.

ORDINARY = [
    *"ab \n{}|.^$*+?", "{{", "}}", "[[", "]]", r"\w", r"\S", r"\d", r"\b", r"\A", r"\Z", "[a-c]", "[^i]",
    r"[\W_]", "[]a]", "[^]a]", "[a-]", r"[\]\-a]", r"[\x41-\x43\n\1]", "[{]", r"\1", r"\x41", r"\n", r"\.",
    r"\{", "(a)", "(?P<n>a|b)", "(?P=n)", "(?:", ")", "(?i:", "(?s:", "(?=", "(?!", "(?<=a)", "(?<!b)",
    "(?(1)a|b)", "(?#c)", "{2}", "{,2}", "{1,}", "{1,3}", "*?", "??", "{a}", "{e<=1}", "{1,b}", "(?i)",
    "[aa-b{2}]",
]  # fmt: skip
TEXTS = st.text(alphabet="abiAB1 _\n{}[]|.e", max_size=14)


@often
@given(st.lists(st.sampled_from(ORDINARY), max_size=7).map("".join), st.lists(TEXTS, min_size=1, max_size=3))
def test_what_re_takes_means_what_it_means_for_re(pattern: str, texts: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sets that look like nested ones
        try:
            theirs = re.compile(pattern)
        except re.error:
            return
    ours = Pattern(pattern)
    assert ours.groups == theirs.groups
    for text in texts:
        places = [(found.span(), found.groups()) for found in theirs.finditer(text)]
        assert [(found.span(), found.groups()) for found in ours.finditer(text)] == places
        assert bool(ours.search(text)) is bool(places)
        assert bool(ours.fullmatch(text)) is bool(theirs.fullmatch(text))
        assert ours.sub(r"<\g<0>\n\\\.>", text) == theirs.sub(r"<\g<0>\n\\\.>", text)


BRACES = [
    ("{{s}}", "{{s}}"),
    ("{{Infobox", "{{Infobox"),
    ("{{{1|}}}", "{{{1"),
    ("a{e}", "a{e}"),
    ("(?:ab){e<=1}", "ab{e<=1}"),
    ("a{i<=1,d<=1}", "a{i<=1,d<=1}"),
    ("a{}", "a{}"),
    ("a{,x}", "a{,x}"),
    ("a{1,2", "a{1,2"),
    ("a{ 2 }", "a{ 2 }"),
    ("a{\u0662}", "a{\u0662}"),
    (r"\p{e:}}", "p{e:}}"),
    (r"\N{e<=1}", "N{e<=1}"),
    ("[{}]{2}", "{}"),
    ("{{2}", "{{"),
    ("{{{{(?:{){2}a", "{{{{{{a"),
    (r"a(?#{e}\)){2}", "aa"),
    ("[[a]b]", "[b]"),
    ("[[:a b:]]", "a]"),
    ("[[:digit:]a]+", "1a"),
    (r"\p{Lu}\p{Script=Greek}\pL\x41\101\N{BULLET}", "A\u03b1bAA\u2022"),
    ("(?|(a)|(b))", "b"),
    ("(?<n>a)\\g<n>\\g<1>", "aaa"),
    (f"[{'c-d' * 20}a]+", "cda" * 40),
    ("|".join("abcdefgh" * 20), "h"),
    ("ab" * 400, "ab" * 400),
]


@pytest.mark.parametrize(("pattern", "text"), BRACES, ids=[text[:20] for text, _ in BRACES])
def test_a_brace_that_begins_no_repetition_is_a_brace(pattern: str, text: str) -> None:
    assert Pattern(pattern).fullmatch(text)
    assert not Pattern(pattern).fullmatch(f"{text}!")


MALFORMED = [
    ("(", 1, "missing"),
    ("ab[", 2, "without its ]"),
    ("a)(b", 1, "without its"),
    ("a**", 2, "multiple repeat"),
    ("{{a**", 4, "multiple repeat"),
    ("a{{b}}[z-a]", 10, "bad character range"),
    ("a(?#no end", 1, "not taken"),
    ("\\", 0, "not taken"),
    (r"\p{Nothing}", 11, "unknown property"),
    (r"\p{inf}", 0, "infinity"),
    (r"\N{LATIN SMALL LETTER A WITH MACRON AND GRAVE}", 0, "string of length 2"),
    (r"b\L<names>", 1, "not taken"),
    (r"b\K", 1, "not taken"),
    *(
        (f"b{group}a)", 1, "not taken")
        for group in ("(?x:", "(?V1)", "(?r)", "(?L:", "(?b)", "(?fi)", "(?w)", "(?(?=a)")
    ),
    *((f"(a{call})", 2, "not taken") for call in ("(?R)", "(?0)", "(?1)", "(?+1)", "(?-1)", "(?&n)", "(?P>n)", "(*F)")),
    ("(?a)b(?u)", 0, "incompatible"),
    ("b{4,2}", 2, "greater"),
    ("b{0,4294967295}", 2, "too big"),
    (f"b{{0,{'9' * 5000}}}", 0, "digits"),
    ("b" * (LONGEST + 1), LONGEST, "longer than"),
    ("b" + "(" * (DEEPEST + 1), DEEPEST + 1, "groups within groups"),
    ("((a{1000}){1000}){1000}", 10, "too large"),
    ("(?:" * 20 + "ab" + "){2}" * 20, 111, "too large"),
    (f"a{{{LARGEST + 1}}}", 1, "too large"),
    ("a{" + "9" * 5000 + "}", 1, "too large"),
    ("(?:^){100000000}", 5, "too large"),
    ("(?:a|){10000000}", 6, "too large"),
    (r"(a)(?:\1){100000000}", 9, "too large"),
    ("(?=a){1000000}", 5, "too large"),
    ("a{4000000000}", 1, "too large"),
    ("(?:(?:a?){1000}){1000}", 16, "too large"),
    (f"(?:[{'a' * 200}]b){{100}}", 207, "too large"),
    (f"[{'a' * (WIDEST // 2)}]", 0, "too wide"),
    ("b|" * (WIDEST + 1), 2 * WIDEST + 1, "too wide"),
]


@pytest.mark.parametrize(("text", "position", "reason"), MALFORMED, ids=[text[:24] for text, *_ in MALFORMED])
def test_what_is_none_is_refused(text: str, position: int, reason: str) -> None:
    with pytest.raises(BadPattern, match=re.escape(reason)) as caught:
        Pattern(text)
    assert (caught.value.text, caught.value.position) == (text, position)


# Templates.

TEMPLATES = (
    *(r"\1", r"\2\1", r"[\g<1>]", r"\g<n>", r"\g<0>", r"\n\t\\", r"\.\-\[", r"\0", r"\012", r"\101", r"\11"),
    *("plain", "", r"\é", r"\g<02>{0}"),
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_are_those_of_re(template: str) -> None:
    groups = "(x)" * 9 + "()" if template == r"\11" else ""
    pattern, text = rf"{groups}(?P<n>a)|(b)", f"{'x' * 9}a ab"
    assert Pattern(pattern).sub(template, text) == re.sub(pattern, template, text)
    assert Pattern(pattern).subn(template, text, 1) == re.subn(pattern, template, text, count=1)


BAD_TEMPLATES = [
    (r"a\2", 1),
    (r"a\g<m>", 1),
    (r"\g<1>\g<m>", 5),
    (r"\g<n>\g<0>\g<x>", 10),
    (r"\11", 0),
    (r"b\q", 1),
    ("\\", 0),
    (r"\g<", 0),
    (r"\\\g<²>", 2),
    (r"\n\U00110000", 2),
    (r"\Uffffffff", 0),
    (rf"\g<{'9' * 5000}>", 0),
]


@pytest.mark.parametrize(("new", "position"), BAD_TEMPLATES, ids=[text[:20] for text, _ in BAD_TEMPLATES])
def test_a_bad_template_is_refused_at_once(new: str, position: int) -> None:
    with pytest.raises(BadPattern, match="put there") as caught:
        Pattern("(?P<n>a)").template(new)
    assert (caught.value.text, caught.value.position) == (new, position)
    assert Pattern("(?P<n>a)").template(new, plain=True).text == new


def test_a_plain_template_stands_for_itself() -> None:
    pattern = Pattern("(a)")
    assert pattern.sub(pattern.template(r"\1\q\\", plain=True), "aba") == r"\1\q\\b\1\q\\"


def test_a_function_says_what_to_put_there_and_where() -> None:
    pattern = Pattern(r"(\d)|x")
    assert pattern.sub(lambda found: f"<{found[1] or found.start()}>", "1x2") == "<1><1><2>"
    assert pattern.subn(pattern.template("."), "1x2", 2) == ("..2", 2)
    assert pattern.subn(".", "1x2x", 2, where=lambda found: found[0] == "x") == ("1.2.", 2)


GROWING: list[tuple[str, str | Template, str]] = [
    ("(?s).*", r"\g<0>" * 2400, "ab" * (SIZE // 2)),
    ("(?=(.*))", r"\1", "a" * 100_000),
    ("(?P<n>a*)b", r"\g<n>" * 100, "a" * SIZE + "b"),
    ("a", "b" * (GROWTH // 100), "a" * 200),
    ("a", Template("b" * (GROWTH // 100), None), "a" * 200),
]


@pytest.mark.parametrize(("pattern", "new", "text"), GROWING, ids=[pattern for pattern, *_ in GROWING])
def test_no_text_grows_without_bound(pattern: str, new: str | Template, text: str) -> None:
    with pytest.raises(PatternTimeout, match=f"longer by more than {GROWTH} and was given up. Put less there"):
        Pattern(pattern, seconds=60).sub(new, text)


def test_a_text_may_grow_as_long_as_there_is_room() -> None:
    assert len(Pattern("a+").sub(r"\g<0>" * 9, "a" * (GROWTH // 16))) == GROWTH // 16 * 9


def test_places_that_are_held_at_once_are_bounded() -> None:
    pattern = Pattern("(a)" + "(b)?" * 14, seconds=60)
    assert sum(1 for _ in pattern.finditer("a" * (KEPT // 16))) == KEPT // 16
    with pytest.raises(PatternTimeout, match="more memory than it may"):
        pattern.finditer("a" * (KEPT // 16 + 1))


# Hostile ones.

MANY = "".join(f"{chr(0x4E00 + 4 * n)}-{chr(0x4E01 + 4 * n)}" for n in range(330))
LETTERS = [chr(0x100 + n) for n in range(WIDEST)]
HOSTILE = [
    (r"(a+)+$", "a"),
    (r"(x+x+)+y", "x"),
    (r"(?:(?:a|aa)+|(?:a|a)+)+(?:c|$)b", "a"),
    (r"(?:a|b|ab)*(?:ba|a|b)*c?$x", "ab"),
    (r"^(([a-z])+.)+[A-Z]?([a-z])+$", "a"),
    (r"(?:.*,){20}x?$.", ","),
    (r"(.*)\1{9}x?$.", "ab"),
    (r"(?=(a+))a*b?\1", "a"),
    (r"(?i)(?:i|ı|İ)*(?:x|y)", "i"),
    (r"(?<!a.*)b", "ab"),
    (r"\{\{([^{}]|\{\{([^{}]|\{\{[^{}]*\}\})*\}\})*\}\}", "{{"),
    ("(" * 45 + "a|b" + ")" * 45 + "*", "ab"),
    ("(?:(a)|b)*", "ab"),
    ("(?=((?:(a)|(b))*+))", "ab"),
    ("(?:" + "(?=(.))" * 100 + ".)*+", "ab"),
    ("(?:a|" * DEEPEST + "b" + ")" * DEEPEST, "a"),
    ("(?:a*" * DEEPEST + "b?" + ")*" * DEEPEST, "a"),
    ("(?:aab|aac|(?=a" * 25 + "b" + "))" * 25, "a"),
    ("()" * (LONGEST // 2), "a"),
    ("(a)?" * (LONGEST // 4), "a"),
    ("", "a"),
    ("a" * LONGEST, "a" * 9999 + "b"),
    ("(?i)" + "i" * (LONGEST - 4), "i"),
    (r"\x41" * (LONGEST // 4), "A"),
    ("(?:a)" * (LONGEST // 5), "a"),
    ("a{1}" * (LONGEST // 4), "a"),
    ("[a]" * 330, "a"),
    (f"a{{{LARGEST - 1}}}b?", "a"),
    ("(?=a){9999}", "a"),
    ("(?:(?:a?){100}){66}", "a"),
    (r"\X(?!)", "\u0301"),
    (r"\X", "\U0001f1e6"),
    (f"[{MANY}]", "\u9fff"),
    (f"(?i)[{MANY}]", "\u9fff"),
    (f"(?:(?=[^{MANY}]*+).)*", "\u9fff"),
    (f"(?:(?=[{MANY[:24]}\u9fff]*).)*", "\u9fff"),
    ("(?i)" + "|".join(LETTERS), "\u9fff"),
    (f"(?:(?={'|'.join(LETTERS)})*.)*", LETTERS[-1]),
    (r"(?:(?=[^\n\d]*).)*", "a"),
]
CHILD = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from apibot.core.errors import PatternTimeout
from apibot.core.patterns import Pattern
text, piece, size = json.load(sys.stdin)
page, pattern = piece * (size // len(piece.encode())), Pattern(text, seconds=0.2)
for what in (pattern.search, lambda page: pattern.sub("", page), lambda page: pattern.sub(lambda _: "", page)):
    try:
        what(page)
    except PatternTimeout:
        print("given up")
    else:
        print("found out")
"""


@pytest.mark.parametrize(("text", "piece"), HOSTILE, ids=[f"{n} {text[:20]}" for n, (text, _) in enumerate(HOSTILE)])
def test_each_ends_in_time_and_memory(text: str, piece: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps([text, piece, SIZE]),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(done.stdout.splitlines()) <= {"given up", "found out"}


PIECES = [
    *ORDINARY, "[[:alpha:]]", "[[:a", ":]", "(?>", "(?|", "(?(1)", "(?#", "(?-i)", "(?a)", "(?u)", "(?x)",
    "(?r)", "{1000}", "{,}", "{0}", "{4000000000}", "{1,4000000000}", "*+", r"\g<1>", r"\g<n>", r"\u0130",
    r"\101", r"\p{L}", r"\pL", r"\p", r"\P{^Lu}", r"\p{e:", r"\X", r"\R", r"\N{BULLET}", r"\N", r"\G", r"\K",
    r"\L<n>", "(?R)", "(?1)", "(*PRUNE)", "aaaa" * 50, "x|y|z|", "\u0130ß", "()", "(?:a|)", "a?", "[", "(",
    "\\",
]  # fmt: skip


@often
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.booleans(), TEXTS)
def test_any_text_is_a_pattern_or_refused(text: str, ignore_case: bool, page: str) -> None:  # noqa: FBT001  # generated
    pattern, position = None, 0
    try:
        pattern = Pattern(text, ignore_case=ignore_case, seconds=0.1)
    except BadPattern as exc:
        position = exc.position
    assert 0 <= position <= len(text)
    if not pattern:
        return
    with contextlib.suppress(PatternTimeout):
        places = [found.span() for found in pattern.finditer(page * 20)]
        assert places == sorted(places)
        assert all(start <= end for start, end in places)
        assert len(pattern.sub(r"\g<0>x", page * 20)) == len(page * 20) + len(places)


@pytest.mark.parametrize("what", ["search", "fullmatch", "finditer", "sub"])
def test_who_gave_up_says_what_and_on_what(what: str) -> None:
    pattern, text = Pattern("(?:a|aa)+$", seconds=0.1), f"{'a' * 499}b"
    with pytest.raises(PatternTimeout, match=r"\+\$' took more than 0\.1 s on a text of 500 characters"):
        pattern.sub("", text) if what == "sub" else getattr(pattern, what)(text)


def test_many_short_searches_count_together() -> None:
    """``regex`` itself looks at its clock in a long search only."""
    with pytest.raises(PatternTimeout):
        Pattern("", seconds=0.01).sub("x", "a" * SIZE)


def test_it_can_be_given_up_in_any_thread() -> None:
    caught: list[BaseException] = []

    def search() -> None:
        try:
            Pattern("(?:a|aa)+$", seconds=0.1).search(f"{'a' * 500}b")
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
