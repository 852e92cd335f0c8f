"""Links: their targets and texts, unlinking and retargeting; nothing beside them changes or is read otherwise."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.data.titles.title import Title
from apibot.data.wikitext import Link, Wikitext
from tests.support.wikitexts import SITE, read, seen, texts

Edit = Callable[[Link], object]


def to(target: Title | str) -> Edit:
    return lambda link: link.retarget(target)


def target(value: str) -> Edit:
    return lambda link: setattr(link, "target", value)


def text(value: str | None) -> Edit:
    return lambda link: setattr(link, "text", value)


CASES: list[tuple[str, Edit, str]] = [
    # Elsewhere, with what readers see as it was.
    ("[[a]]", to("b"), "[[b|a]]"),
    ("[[a]]s", to("b"), "[[b|a]]s"),
    ("[[a|b]]", to("c"), "[[c|b]]"),
    ("[[a|b]]", to("b"), "[[b]]"),
    ("[[a|b|c]]", to("d"), "[[d|b|c]]"),
    ("[[a%20b]]", to("c"), "[[c|a b]]"),
    ("[[:a]]", to("a"), "[[:a]]"),
    ("[[a]] [[b]]", to("A"), "[[a]] [[b]]"),
    ("[[:fr:A]]", to("acme:B"), "[[acme:B|fr:A]]"),
    ("[[a|:b]]", to(":b"), "[[:b|:b]]"),
    ("[[A#b]]", to("C#d"), "[[C#d|A#b]]"),
    ("[[a_b]]", to("C"), "[[C|a_b]]"),
    ("[[ a ]]", to(" b "), "[[ b |a]]"),
    ("[[a<!-- c -->|b]]", to("d"), "[[d<!-- c -->|b]]"),
    ("[[a|b]]", to(Title.parse("Kategorie:C", SITE)), "[[:Kategorie:C|b]]"),
    ("[[a|b]]", to(Title.parse("Datei:C.png", SITE)), "[[:Datei:C.png|b]]"),
    ("[[a|b]]", to(Title.parse("fr:C#d", SITE)), "[[:fr:C#d|b]]"),
    ("[[a|b]]", to("Datei:C.png"), "[[:Datei:C.png|b]]"),
    ("[[a|b]]", to("{{t}}"), "[[{{t}}|b]]"),
    # Target and text by themselves.
    ("[[a]]", target(" b "), "[[b]]"),
    ("[[ a<!-- c --> |x]]", target("b"), "[[ b<!-- c --> |x]]"),
    ("[[a]]", text("b"), "[[a|b]]"),
    ("[[a|b]]", text(None), "[[a]]"),
    ("[[a|b]]", text(" c "), "[[a| c ]]"),
    ("[[a|b]]", text("[c]"), "[[a|[c]]]"),
    ("[[a|b]]", text("{{t|x=[[y]]}}"), "[[a|{{t|x=[[y]]}}]]"),
    ("[[a|b]]", text("<nowiki>]]</nowiki>"), "[[a|<nowiki>]]</nowiki>]]"),
    ("[[a|b]]", text("''c'' = d"), "[[a|''c'' = d]]"),
]


@pytest.mark.parametrize(("before", "edit", "after"), CASES)
def test_a_link_is_changed_and_nothing_else(before: str, edit: Edit, after: str) -> None:
    w = read(f"== h ==\n* x {before}. [[o]]\n")
    edit(w.links[0])
    assert str(w) == f"== h ==\n* x {after}. [[o]]\n"
    edit(w.links[0])
    assert str(w) == f"== h ==\n* x {after}. [[o]]\n"


UNLINKED = [
    ("[[a]]", "a"),
    ("[[a|b]]", "b"),
    ("[[a]]s", "as"),
    ("[[:a]]", "a"),
    ("[[a%20b]]", "a b"),
    ("[[a|''b'' {{t}} c]]", "''b'' {{t}} c"),
    ("[[a|<nowiki>[[b]]</nowiki>]]", "<nowiki>[[b]]</nowiki>"),
    ("[[a<!-- c -->|b]]", "b"),
    ("[[ a ]]", "a"),
    ("[[a|[b]]]", "[b]"),
    ("[[a|b|c]]", "b&#124;c"),
    ("{{t|[[a|b|c]]}}", "{{t|b&#124;c}}"),
    ("[[Datei:A.png|mini|[[a|b|c]]]]", "[[Datei:A.png|mini|b&#124;c]]"),
    ("{|\n| [[a|b|c]] || d\n|}", "{|\n| b&#124;c || d\n|}"),
    ("{|\n|[[a|-]]\n|}", "{|\n|&#45;\n|}"),
    ("x\n[[a|=h]] =\n", "x\n&#61;h =\n"),
    ("[[a|== h ==]]", "&#61;= h =="),
    ("[[a|* b]]", "&#42; b"),
    ("x\n[[a|:b]]", "x\n&#58;b"),
    ("x [[a|* b]]", "x * b"),
    ("_[[a|_b]]", "_&#95;b"),
    ("([[a]])", "(a)"),
    ("{[[a]]}", "{a}"),
    ("[http://x [[a|b]]]", "[http://x b]"),
    ("{{t|[[a|b]]|c=[[d]]}}", "{{t|b|c=[[d]]}}"),
    ("[[Datei:A.png|mini|x [[a|b]] y]]", "[[Datei:A.png|mini|x b y]]"),
    ("<gallery>\nA.png|x [[a|b]]\n</gallery>", "<gallery>\nA.png|x b\n</gallery>"),
    ("== [[a]] ==", "== a =="),
    ("<ref>[[a]]</ref>", "<ref>a</ref>"),
    ("{|\n| [[a|b]] || c\n|}", "{|\n| b || c\n|}"),
]


SUBPAGES = {
    "[[/x]]": "/x",
    "[[/x/]]": "x",
    "[[/x/#y]]": "x#y",
    "[[../x]]": "Diskussion:A/x",
    "[[../x/]]": "x",
    "[[../]]": "Diskussion:A",
    "[[../#y]]": "Diskussion:A#y",
    "[[../../../x]]": "../../../x",
    "[[/x|y]]": "y",
}


@pytest.mark.parametrize("before", SUBPAGES)
def test_readers_see_of_links_to_subpages_what_the_wiki_makes_of_them(before: str) -> None:
    w = read(before, "Diskussion:A/b")
    for link in w.links:
        link.unlink()
    assert str(w) == (SUBPAGES[before] if before != "[[../../../x]]" else before)


@pytest.mark.parametrize("before", ["[[a|]]", "[[a|<!-- c -->]]", "[[Kategorie:A|]]", "[[Datei:A.png|]]", "[[fr:A|]]"])
def test_what_has_an_empty_text_is_no_link(before: str) -> None:
    w = read(before)
    assert (w.links, w.categories, w.files, w.language_links) == ([], [], [], [])


@pytest.mark.parametrize(("before", "after"), UNLINKED)
def test_unlinked_is_what_readers_see(before: str, after: str) -> None:
    w = read(before)
    w.links[0].unlink()
    assert str(w) == after


REFUSED: list[tuple[str, Edit]] = [
    ("[[a]]", to("")),
    ("[[a]]", to("b|c")),
    ("[[a]]", to("b]]")),
    ("[[a]]", to("b[c")),
    ("[[a]]", to("b\nc")),
    ("[[a]]", to("http://b")),
    ("[[a]]", to("<nowiki>b</nowiki>")),
    ("[[a]]", target("Kategorie:B")),
    ("[[a]]", target("fr:B")),
    ("[[a]]", target("Datei:B.png")),
    ("[[a]]", text("")),
    ("[[a]]", text("<!-- c -->")),
    ("[[a]]", text("b]]")),
    ("[[a]]", text("[[b")),
    ("[[a]]", text("b [[c]] d")),
    ("[[a]]", text("{{b")),
    ("[[a]]", text("<!-- b")),
]


@pytest.mark.parametrize(("before", "edit"), REFUSED)
def test_what_can_not_stand_in_a_link_is_refused(before: str, edit: Edit) -> None:
    w = read(before)
    with pytest.raises(BadText) as found:
        edit(w.links[0])
    assert 0 <= found.value.position <= len(found.value.text)
    assert str(w) == before


@pytest.mark.parametrize(
    "before",
    [
        "{{t|[[a|x=y]]}}",
        "<gallery>\nA.png|[[a|b\nc]]\n</gallery>",
        "{[[a|{t]]}}",
        "<[[a|nowiki]]>x</nowiki>",
        "-[[a|{b]]}-",
    ],
)
def test_unlinking_that_would_be_read_otherwise_is_not_given(before: str) -> None:
    w = read(before)
    link = next(one for one in w.links if one.target == "a")
    link.unlink()
    with pytest.raises(BadText, match="something else"):
        str(w)


REMOVED = {
    "a [[b]] c": "a  c",
    "a\n[[b]] c": "a\nc",
    "[[b]]  c": "c",
    "a\n[[b]] \nc": "a\nc",
    "a\n* [[b]] c": "a\n*  c",
    "a\n[[Datei:B.png|mini|[[b]] d]] c": "a\nc",
    "<gallery>\nA.png|x\nb.png\n</gallery>": "<gallery>\nb.png\n</gallery>",
    "{{t|[[b]] c}}": "{{t| c}}",
    "{{t|[[b]] c|d=\n[[b]] e}}": "{{t| c|d=\n[[b]] e}}",
    "{|\n| [[b]] c\n|}": "{|\n|  c\n|}",
}


@pytest.mark.parametrize("before", REMOVED)
def test_what_is_removed_takes_its_line_or_begins_it_with_no_blank(before: str) -> None:
    w = read(before)
    found = [*w.files, *w.links]
    found[0].remove()
    assert str(w) == REMOVED[before]
    with pytest.raises(BadParameter, match="any more"):
        found[0].remove()


def test_links_are_replaced_and_removed() -> None:
    w = read("a [[b]] c [[d]] e")
    first, second = w.links
    first.replace("{{t|[[x]]}}")
    second.remove()
    assert str(w) == "a {{t|[[x]]}} c  e"
    assert [str(link) for link in w.links] == ["[[x]]"]
    for gone in (first, second):
        for change in (gone.unlink, gone.remove, lambda one=gone: one.retarget("y")):
            with pytest.raises(BadParameter):
                change()
    assert str(w) == "a {{t|[[x]]}} c  e"


@pytest.mark.parametrize("text", ["[[b", "{{b", "b]]", "<!-- b", "<ref>b", "-{b"])
def test_half_constructs_are_no_replacement(text: str) -> None:
    w = read("a [[b]] c")
    with pytest.raises(BadText) as found:
        w.links[0].replace(text)
    assert 0 <= found.value.position <= len(text)
    assert str(w) == "a [[b]] c"


# Properties.


def edited(w: Wikitext, edit: Edit, number: int) -> str | None:
    """The text after a change of one of the links; None if there is none, or the change is refused."""
    links = w.links
    if not links:
        return None
    try:
        edit(links[number % len(links)])
        return str(w)
    except BadText:
        return None


def alike(one: str, other: str) -> int:
    """Count the characters that two texts have in common at their beginnings."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


EDITS: dict[str, Edit] = {
    "elsewhere": to("New page"),
    "text": text("new"),
    "no text": text(None),
    "unlink": lambda link: link.unlink(),
    "remove": lambda link: link.remove(),
    "replace": lambda link: link.replace("{{new|[[new]]}}"),
}
numbers = st.integers(0, 5)


@settings(max_examples=400)
@given(texts, st.sampled_from(sorted(EDITS)), numbers)
def test_a_changed_text_is_read_as_it_was_changed(before: str, name: str, number: int) -> None:
    w = read(before)
    after = edited(w, EDITS[name], number)
    if after is not None:
        assert seen(read(after)) == seen(w)


@settings(max_examples=400)
@given(texts, st.sampled_from(sorted(EDITS)), numbers)
def test_all_characters_outside_of_a_link_stay(before: str, name: str, number: int) -> None:
    w = read(before)
    links = w.links
    if not links:
        return
    link = links[number % len(links)]
    old, others = str(link), [str(one) for one in links if one != link]
    after = edited(w, EDITS[name], number)
    if after is None:
        return
    if name == "remove":  # blanks after it would begin the line
        before, after, old = (one.replace(" ", "") for one in (before, after, old))
    same = alike(before, after) + alike(before[::-1], after[::-1])
    assert same >= len(before) - len(old)
    assert [str(one) for one in w.links if one in links and one != link] == others


@settings(max_examples=300)
@given(texts, numbers)
def test_there_and_back(before: str, number: int) -> None:
    w = read(before)
    links = w.links
    if not links:
        return
    link = links[number % len(links)]
    old, shown = link.target, link.shown
    try:
        link.retarget("Somewhere else")
        assert link.shown == shown
        link.retarget(old)
    except BadText:
        return
    assert link.shown == shown
    assert link.target == old


@settings(max_examples=300)
@given(texts)
def test_changes_of_different_links_commute(before: str) -> None:
    one, other = read(before), read(before)
    if len(one.links) < 2:
        return
    first, last = one.links[0], one.links[-1]
    try:
        first.retarget("New page")
        last.text = "new"
        last_too, first_too = other.links[-1], other.links[0]
        last_too.text = "new"
        first_too.retarget("New page")
        assert str(one) == str(other)
    except BadParameter:
        return  # one is in the other


@settings(max_examples=200)
@given(texts)
def test_no_link_is_left_when_all_are_unlinked(before: str) -> None:
    w = read(before)
    links = w.links
    for link in links:
        link.unlink()
    assert not set(links) & set(w.links)  # one around another one may be a link now
    try:
        assert seen(read(str(w))) == seen(w)
    except BadText:
        return


def test_links_to_a_page_are_found_whichever_section_they_lead_to() -> None:
    w = read("[[alt#x|a]] [[Alt]] [[:Alt]] [[Alt/x]] [[Kategorie:Alt]] {{t|[[alt]]}} [[fr:Alt]]")
    assert list(map(str, w.links_to("Alt"))) == ["[[alt#x|a]]", "[[Alt]]", "[[:Alt]]", "[[alt]]"]
    assert w.links_to("Neu") == []


def test_a_redirect_gets_no_text_when_it_is_retargeted() -> None:
    w = read("#WEITERLEITUNG [[B]]\n[[B]]")
    assert w.redirect
    w.redirect.retarget("C")
    w.links[1].retarget("D")
    assert str(w) == "#WEITERLEITUNG [[C]]\n[[D|B]]"


JOINED: list[tuple[str, Callable[[Wikitext], object]]] = [
    ("[[c [[a]] d]]", lambda w: w.links[0].unlink()),
    ("[[c [[a]] d]]", lambda w: w.links[0].remove()),
    ("_[[a]]_NOTOC__", lambda w: w.links[0].remove()),
    ("~~[[a]]~~", lambda w: w.links[0].remove()),
    ("__[[Kategorie:A]]NOTOC__", lambda w: w.remove_category("A")),
    ("~~<!-- c -->~", lambda w: w.comments[0].remove()),
]


@pytest.mark.parametrize(("text", "change"), JOINED)
def test_what_would_come_out_of_two_texts_is_refused_at_once(text: str, change: Callable[[Wikitext], object]) -> None:
    w = read(text)
    with pytest.raises(BadText):
        change(w)
    assert str(w) == text


def test_brackets_that_hold_two_links_stay_brackets() -> None:
    w = read("[[c [[a]] d [[b]]]] [[Datei:A.png|mini|[[a]]]]")
    w.links[0].unlink()
    assert str(w) == "[[c a d [[b]]]] [[Datei:A.png|mini|[[a]]]]"
    w.links[1].unlink()
    assert str(w) == "[[c a d [[b]]]] [[Datei:A.png|mini|a]]"


def test_a_prefix_tells_what_a_link_is_whose_name_a_template_makes() -> None:
    w = read(
        "[[Kategorie:{{PAGENAME}}|k]] [[Datei:{{x}}|mini|c]] [[:Kategorie:{{x}}]] [[fr:{{x}}]] [[{{x}}:y]] [[a:{{x}}]]"
    )
    assert [(one.name, one.sortkey, one.title) for one in w.categories] == [("", "k", None)]
    assert [(one.name, one.caption) for one in w.files] == [("", "c")]
    assert [(str(one), one.language) for one in w.language_links] == [("[[fr:{{x}}]]", "fr")]
    assert list(map(str, w.links)) == ["[[:Kategorie:{{x}}]]", "[[{{x}}:y]]", "[[a:{{x}}]]"]
