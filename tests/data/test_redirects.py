"""Redirects as wikitext: what is one and where it leads, and that nothing but the target changes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter
from apibot.data.redirects import redirect_target, with_redirect_target

CASES = [
    ("#REDIRECT [[Target]]", "Target"),
    ("#redirect[[Target]]", "Target"),
    ("#REDIRECT: [[Target]]", "Target"),
    ("#REDIRECT :[[Target]]", "Target"),
    ("\n \t\n#REDIRECT\n[[Target]]\n", "Target"),
    ("#WEITERLEITUNG [[Ziel]]", "Ziel"),
    ("#перенаправление [[Цель]]", "Цель"),
    ("#تغییر_مسیر [[هدف]]", "هدف"),
    ("#পুনর্নির্দেশ [[ক]]", "ক"),
    ("＃転送 [[東京]]", "東京"),
    ("#REDIRECT [[Target|label]]", "Target"),
    ("#REDIRECT [[Target#Section|x|y]] behind", "Target#Section"),
    ("#REDIRECT [[Target#A_b]]", "Target#A b"),
    ("#REDIRECT [[Target#]]", "Target"),
    ("#REDIRECT [[ :Category:Big__things ]]", "Category:Big things"),
    ("#REDIRECT [[:w:Elsewhere]]", "w:Elsewhere"),
    ("#REDIRECT [[_small\u00a0_ title_]]", "small title"),
    ("#REDIRECT [[A%20b%23C]]", "A b#C"),
    ("#REDIRECT [[100% wool]]", "100% wool"),
    ("#REDIRECT [[AT&amp;T]]", "AT&T"),
    ("#REDIRECT [[Rock&#39;n&#x27;roll]]", "Rock'n'roll"),
    ("#REDIRECT [[A&copyB]]", "A&copyB"),
    ("#REDIRECT [[#Section]]", "#Section"),
    ("#REDIRECT [[A]] and [[B]]", "A"),
    ("", None),
    ("Text. #REDIRECT [[Target]]", None),
    ("<!-- x -->#REDIRECT [[Target]]", None),
    ("#REDIRECT Target", None),
    ("#REDIRECT to [[Target]]", None),
    ("# REDIRECT [[Target]]", None),
    ("#REDIRECT [[]]", None),
    ("#REDIRECT [[ : ]]", None),
    ("#REDIRECT [[|label]]", None),
    ("#REDIRECT [[Target", None),
    ("#REDIRECT [[Tar\nget]]", None),
    ("#REDIRECT [[{{Target}}]]", None),
    ("#REDIRECT [[A%5BB]]", None),
]


@pytest.mark.parametrize(("text", "target"), CASES)
def test_target(text: str, target: str | None) -> None:
    assert redirect_target(text) == target


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("#REDIRECT [[A]]", "B", "#REDIRECT [[B]]"),
        ("\n#OHJAUS : [[ A_1 |x]]\t{{R}}\n[[Category:C]]<!-- [[A]] -->\r\n", "B", None),
        ("#REDIRECT [[:Category:A]]", "Category:B", "#REDIRECT [[:Category:B]]"),
        ("#REDIRECT [[A#Part_1]]", "B", "#REDIRECT [[B#Part 1]]"),
        ("#REDIRECT [[A]]", "B#Other", "#REDIRECT [[B#Other]]"),
        ("#REDIRECT [[A#Part]]", "B#Other", "#REDIRECT [[B#Other]]"),
        ("#REDIRECT [[A#x%5B1%5D]]", "100%", "#REDIRECT [[100%#x%5B1%5D]]"),
        ("#REDIRECT [[A]]", "B#50% [sic]", "#REDIRECT [[B#50%25 %5Bsic%5D]]"),
    ],
)
def test_nothing_but_the_target_changes(text: str, target: str, expected: str | None) -> None:
    assert with_redirect_target(text, target) == (expected or text.replace("A_1", target))


@pytest.mark.parametrize("text", ["", "A text with a [[link]].", "#REDIRECT [[]]"])
def test_what_is_no_redirect_is_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="not the text of a redirect"):
        with_redirect_target(text, "B")


@pytest.mark.parametrize("target", ["", " ", "#Part", "A]]", "A|b", "A\nb", "{{A}}", "<b>"])
def test_what_can_be_no_target_is_refused(target: str) -> None:
    with pytest.raises(BadParameter, match="target"):
        with_redirect_target("#REDIRECT [[A]]", target)


TITLES = st.text(st.characters(exclude_characters="[]{}|<>#%_:&", exclude_categories=("C", "Z")), min_size=1)
BEHIND = st.text()


@given(TITLES, TITLES, TITLES, st.sampled_from(["", "|label", "|a|b"]), BEHIND)
def test_any_target_can_be_set_and_read(old: str, new: str, fragment: str, label: str, behind: str) -> None:
    text = f"\n#REDIRECT: [[{old}{label}]]{behind}"
    changed = with_redirect_target(text, f"{new}#{fragment}")
    assert redirect_target(changed) == f"{new}#{fragment}"
    assert changed == f"\n#REDIRECT: [[{new}#{fragment}{label}]]{behind}"
    kept = with_redirect_target(changed, old)
    assert redirect_target(kept) == f"{old}#{fragment}"


@pytest.mark.parametrize("part", [" ", "\n:", "#R ", "|", "[[", "_", "#R [[a|"])
def test_hostile_texts_take_little_time(part: str) -> None:
    begun = time.perf_counter()
    assert redirect_target("#R" + part * 200_000) is None
    assert redirect_target("#R [[" + part * 200_000) is None
    assert time.perf_counter() - begun < 5
