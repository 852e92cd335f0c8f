"""Parameters of templates in all the usual layouts: what an edit makes of them, and that it makes nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data.wikitext import Template, Wikitext
from tests.support.made_up_wiki import BLOCKS
from tests.support.wikitexts import read

ALIGNED = "{{Infobox Ort\n| Name        = Berlin\n| Einwohner   = 100\n| Land        = DE\n}}"
PIPES_LAST = "{{t|\n a = 1 |\n b = 2\n}}"
ALL_PIPES_LAST = "{{t|\na=1|\nb=2|\n}}"
COMMENTS = "{{t\n|a=1 <!-- one -->\n<!-- Group -->\n|b=2\n}}"
TABLE = "{{t\n| a = \n{|\n|-\n! x !! y\n|-\n| {{u|1|b=2}} || [[c|d]]\n|}\n| b = <nowiki>|=}}</nowiki>\n}}"
REFS = "{{t\n|a=1<ref name=x>{{cite|url=http://x.y/?a=b|titel=[[T|U]]}}</ref>\n|b=<math>a=b|c</math>\n}}"


def put(name: str | int, value: str, before: str | int | None = None) -> Callable[[Template], object]:
    return lambda one: one.set(name, value, before=before)


def out(name: str | int) -> Callable[[Template], object]:
    return lambda one: one.unset(name)


def named(old: str | int, new: str) -> Callable[[Template], object]:
    return lambda one: one.rename(old, new)


CASES: list[tuple[str, Callable[[Template], object], str]] = [
    # Equals signs in a column.
    (ALIGNED, put("Name", "X"), ALIGNED.replace("Berlin", "X")),
    (ALIGNED, put("Neu", "1"), ALIGNED.replace("DE\n", "DE\n| Neu         = 1\n")),
    (ALIGNED, put("Ein sehr langer", "1"), ALIGNED.replace("DE\n", "DE\n| Ein sehr langer = 1\n")),
    (ALIGNED, put("Neu", "1", "Name"), ALIGNED.replace("| Name ", "| Neu         = 1\n| Name ")),
    (ALIGNED, put("Neu", "1", "Land"), ALIGNED.replace("| Land ", "| Neu         = 1\n| Land ")),
    (ALIGNED, out("Land"), ALIGNED.replace("| Land        = DE\n", "")),
    (ALIGNED, out("Name"), ALIGNED.replace("| Name        = Berlin\n", "")),
    (ALIGNED, named("Land", "Staat"), ALIGNED.replace("Land ", "Staat")),
    (ALIGNED, named("Name", "Ein sehr langer"), ALIGNED.replace("Name        =", "Ein sehr langer =")),
    # One line.
    ("{{t|a=1|b=2}}", put("c", "3"), "{{t|a=1|b=2|c=3}}"),
    ("{{t | a = 1 | b = 2 }}", put("c", "3"), "{{t | a = 1 | b = 2 | c = 3 }}"),
    ("{{t | a = 1 | b = 2 }}", out("b"), "{{t | a = 1 }}"),
    ("{{t | a = 1 | b = 2 }}", put("a", ""), "{{t | a =  | b = 2 }}"),
    ("{{t}}", put("c", "3"), "{{t|c=3}}"),
    ("{{t }}", put("c", "3"), "{{t |c=3 }}"),
    ("{{t}}", put(1, "x"), "{{t|x}}"),
    ("{{t}}", put(2, "x"), "{{t|2=x}}"),
    # The pipe before, and at the line's end.
    ("{{t\n}}", put("c", "3"), "{{t\n|c=3\n}}"),
    ("{{t\n|a=1\n|b=2\n}}", put("c", "3"), "{{t\n|a=1\n|b=2\n|c=3\n}}"),
    ("{{t\n|a=1\n|b=2}}", put("c", "3"), "{{t\n|a=1\n|b=2\n|c=3}}"),
    ("{{t\n|a=1\n|b=2}}", put("c", "3", "b"), "{{t\n|a=1\n|c=3\n|b=2}}"),
    ("{{t\n  |a=1\n  |b=2\n}}", put("c", "3"), "{{t\n  |a=1\n  |b=2\n  |c=3\n}}"),
    ("{{t\n  |a=1\n  |b=2\n}}", out("b"), "{{t\n  |a=1\n}}"),
    ("{{t|a=1|b=2\n}}", put("c", "3"), "{{t|a=1|b=2|c=3\n}}"),
    (PIPES_LAST, put("c", "3"), "{{t|\n a = 1 |\n b = 2 |\n c = 3\n}}"),
    (PIPES_LAST, out("b"), "{{t|\n a = 1\n}}"),
    (PIPES_LAST, out("a"), "{{t|\n b = 2\n}}"),
    (ALL_PIPES_LAST, put("c", "3"), "{{t|\na=1|\nb=2|\nc=3|\n}}"),
    (ALL_PIPES_LAST, out("b"), "{{t|\na=1|\n}}"),
    ("{{t|\n a = 1\n}}", put("c", "3"), "{{t|\n a = 1|\n c = 3\n}}"),
    # Comments between parameters, and in them.
    (COMMENTS, put("a", "9"), COMMENTS.replace("a=1", "a=9")),
    (COMMENTS, put("c", "3"), COMMENTS.replace("b=2", "b=2\n|c=3")),
    (COMMENTS, out("a"), "{{t\n<!-- Group -->\n|b=2\n}}"),
    (COMMENTS, out("b"), "{{t\n|a=1 <!-- one -->\n<!-- Group -->\n}}"),
    ("{{t\n|z=0\n|a=1\n<!-- G -->\n|b=2\n}}", out("a"), "{{t\n|z=0\n<!-- G -->\n|b=2\n}}"),
    ("{{t<!-- n -->\n|a<!-- m -->=1}}", put("a", "2"), "{{t<!-- n -->\n|a<!-- m -->=2}}"),
    ("{{t|<!-- c -->a<!-- d -->|b}}", put(1, "x"), "{{t|<!-- c -->x<!-- d -->|b}}"),
    ("{{t|a=<!-- c -->\n}}", put("a", "x"), "{{t|a=x<!-- c -->\n}}"),
    # Numbers and names.
    ("{{t|1|2|a=b}}", put("c", "3"), "{{t|1|2|a=b|c=3}}"),
    ("{{t|1|2|a=b}}", put(3, "x"), "{{t|1|2|a=b|x}}"),
    ("{{t|x=1|2|3}}", put(1, "y"), "{{t|x=1|y|3}}"),
    ("{{t|x=1|2|3}}", out(1), "{{t|x=1||3}}"),
    ("{{t|x=1|2|3}}", out(2), "{{t|x=1|2}}"),
    ("{{t|x=1|2|3}}", out("x"), "{{t|2|3}}"),
    ("{{t\n|1\n|2\n}}", put("c", "3"), "{{t\n|1\n|2\n|c=3\n}}"),
    ("{{t|a|b}}", put("1", "E=mc²"), "{{t|1=E=mc²|2=b}}"),
    ("{{t|a|b}}", put("1", "<nowiki>E=mc²</nowiki>"), "{{t|<nowiki>E=mc²</nowiki>|b}}"),
    ("{{t|a|b}}", put("1", "{{u|x=y}}"), "{{t|{{u|x=y}}|b}}"),
    ("{{t| a |b}}", put(1, "x=y"), "{{t|1=x=y|2=b}}"),
    ("{{t|1=a|b}}", put(1, "c"), "{{t|1=a|c}}"),
    ("{{t|a| b}}", put(2, "c"), "{{t|a|c}}"),
    # Twice, empty.
    ("{{t|a=1|b|a=2}}", put("a", "3"), "{{t|a=1|b|a=3}}"),
    ("{{t|a=1|a=2|b=3}}", out("a"), "{{t|b=3}}"),
    ("{{t|a=1|a=2}}", named("a", "z"), "{{t|z=1|z=2}}"),
    ("{{t\n| a =\n| b =\n}}", put("a", "1"), "{{t\n| a =1\n| b =\n}}"),
    ("{{t\n| a = \n| b = \n}}", put("b", "1"), "{{t\n| a = \n| b = 1\n}}"),
    ("{{t\n| a = \n| b = \n}}", put("c", "1"), "{{t\n| a = \n| b = \n| c = 1\n}}"),
    ("{{t | a = }}", put("b", "1"), "{{t | a = | b = 1}}"),
    # Values with much in them.
    (TABLE, put("b", "1"), TABLE.replace("<nowiki>|=}}</nowiki>", "1")),
    (TABLE, put("c", "1"), TABLE[:-2] + "| c = 1\n}}"),
    (REFS, put("b", "1"), REFS.replace("<math>a=b|c</math>", "1")),
    (REFS, out("a"), "{{t\n|b=<math>a=b|c</math>\n}}"),
    ("{{t|a=1}}", put("a", "x=y"), "{{t|a=x=y}}"),
    ("{{t|a= 1 }}", put("a", "\n* x\n* y\n"), "{{t|a=\n* x\n* y }}"),
    ("{{t|a=1}}", put("b", "\n* x"), "{{t|a=1|b=\n* x}}"),
    ("{{t|a= 1 }}", put("a", "  2  "), "{{t|a= 2 }}"),
    ("{{t|a=1}}", put(" a ", "2"), "{{t|a=2}}"),
    ("{{t|a=1}}", out(" a"), "{{t}}"),
    ("{{t|a=1}}", named("a ", " b "), "{{t|b=1}}"),
    ("{{ t <!-- c -->\n|a}}", lambda one: setattr(one, "name", " u "), "{{ u <!-- c -->\n|a}}"),
    ("{{t|a}}", lambda one: setattr(one, "name", "subst:u"), "{{subst:u|a}}"),
]


@pytest.mark.parametrize(("text", "edit", "after"), CASES)
def test_parameters_are_changed_in_their_layout(text: str, edit: Callable[[Template], object], after: str) -> None:
    w = read(f"a\n{text}\nb")
    edit(w.templates[0])
    assert str(w) == f"a\n{after}\nb"
    edit(w.templates[0])
    assert str(w) == f"a\n{after}\nb"


REFUSED: list[tuple[str, Callable[[Template], object]]] = [
    ("{{t|a=1}}", put("a", "x|y")),
    ("{{t|a=1}}", put("a", "x}}y")),
    ("{{t|a=1}}", put("a", "{{x")),
    ("{{t|a=1}}", put("a", "[[x")),
    ("{{t|a=1}}", put("a", "<!-- x")),
    ("{{t|a=1}}", put("a|b", "x")),
    ("{{t|a=1}}", put("a=", "x")),
    ("{{t|a=1}}", put(" ", "x")),
    ("{{t|a=1}}", named("a", "b<!-- c -->")),
    ("{{t|a=1}}", named("a", "b=")),
    ("{{t|a=1|b=2}}", named("a", "b ")),
    ("{{t|a| b }}", named(1, "x")),
    ("{{t|a| b }}", put(1, "x=y")),
    ("{{t}}", lambda one: setattr(one, "name", "")),
    ("{{t}}", lambda one: setattr(one, "name", "a[b")),
    ("{{t}}", lambda one: setattr(one, "name", "a<b")),
    ("{{t}}", lambda one: setattr(one, "name", "a\nb")),
    ("{{t}}", lambda one: setattr(one, "name", "a}}{{b")),
    ("{{t}}", lambda one: setattr(one, "name", "{a")),
]


@pytest.mark.parametrize(("text", "edit"), REFUSED)
def test_what_can_not_stand_in_a_template_is_refused(text: str, edit: Callable[[Template], object]) -> None:
    w = read(text)
    with pytest.raises(BadParameter) as found:
        edit(w.templates[0])
    assert str(w) == text
    if isinstance(found.value, BadText):
        assert 0 <= found.value.position <= len(found.value.text)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("<ref>{{t|a=1}}</ref>", "a", "</ref>"),
        ("<ref>{{t|a=1}}</ref>", "a", "x<ref>y</ref>"),
        ("{{t|a=1}}<ref>x</ref>", "a", "<ref>"),
        ("{{t|a=\n1}}", "a", "=x"),
        ("{{t|a=1}}<!-- x -->", "a", "<nowiki>y"),
    ],
)
def test_what_would_be_read_otherwise_there_is_never_given(text: str, name: str, value: str) -> None:
    w = read(text)
    try:
        w.templates[0].set(name, value)
        after = str(w)
    except BadText:
        return
    assert read(after).templates[0].get(name) == value


def site_with(case: str) -> SiteInfo:
    spaces = {key: {**row, "case": case} for key, row in BLOCKS["namespaces"].items()}
    return SiteInfo.from_api({**BLOCKS, "namespaces": spaces})


USES = (
    "{{box}} {{Box}} {{_box _}} {{Vorlage:Box}} {{template: box|1}} {{:Box}} {{BOX}} {{subst:box}} "
    "{{Box<!-- c -->\n|a}}"
)
FOUND = {
    "first-letter": USES.replace("{{:Box}} {{BOX}} ", ""),
    "case-sensitive": "{{Box}} {{Vorlage:Box}} {{Box<!-- c -->\n|a}}",
}


@pytest.mark.parametrize("case", FOUND)
@pytest.mark.parametrize("name", ["Box", "Vorlage:Box", "Template:_Box"])
def test_templates_are_found_by_the_rules_of_case(case: str, name: str) -> None:
    w = Wikitext(f"{USES} {{{{Boxen}}}} <nowiki>{{{{Box}}}}</nowiki> {{{{#if:Box}}}}", site_with(case))
    assert " ".join(map(str, w.templates_named(name))) == FOUND[case]


def test_templates_are_found_by_several_names_at_any_depth() -> None:
    w = read("{{a|{{b|{{A}}}}}} <ref>{{Vorlage:b}}</ref> <gallery>x.png|{{a}}</gallery> <!-- {{a}} --> {{c}}")
    assert list(map(str, w.templates_named("A", "B"))) == [
        "{{a|{{b|{{A}}}}}}",
        "{{b|{{A}}}}",
        "{{A}}",
        "{{Vorlage:b}}",
        "{{a}}",
    ]


# Properties.

NAMES = ["a", "bb", "Länge", "1", "2", "3"]
VALUES = ["", "x", "x y", "[[l|m]]", "{{u|v|w=z}}", "<nowiki>|}}=</nowiki>", "a<ref>b|c=d</ref>", "<!-- n -->y", "-"]
GAPS = ["", " ", "\n", "\n ", " <!-- c -->", "\n<!-- c -->\n"]
gap, value = st.sampled_from(GAPS), st.sampled_from(VALUES)
numbered = value
with_name = st.tuples(gap, st.sampled_from(NAMES), gap, gap, value, gap).map(
    lambda one: f"{one[0]}{one[1]}{one[2]}={one[3]}{one[4]}{one[5]}"
)
template = st.tuples(gap, st.lists(with_name | numbered, max_size=6)).map(
    lambda one: "{{" + "|".join([f"T{one[0]}", *one[1]]) + "}}"
)
around = st.sampled_from(
    ["%s", "a %s b", "{{o|%s|p=%s}}", "[[Datei:A.png|mini|%s]]", "* %s\n== h ==\n", "<ref>%s</ref>"]
)


def pairs(one: Template) -> dict[str, str]:
    return {name: one[name] for name in one}


def given_text(inner: str, frame: str) -> Wikitext:
    return read(frame.replace("%s", inner))


def first(w: Wikitext) -> Template:
    found = w.templates_named("T")
    assume(found)  # a footnote in a footnote ends the outer one
    return found[0]


@settings(max_examples=300)
@given(template, around, st.sampled_from([*NAMES, "neu"]), value)
def test_setting_changes_one_value_and_no_other(inner: str, frame: str, name: str, new: str) -> None:
    w = given_text(inner, frame)
    before = pairs(first(w))
    others = [str(one) for one in w.links if one.text is None]
    wanted = read(f"{{{{T|x={new}}}}}").templates[0]["x"]
    try:
        first(w).set(name, new)
    except BadParameter:
        assert str(w) == frame.replace("%s", inner)
        return
    try:
        after = str(w)
    except BadText:
        assert "<ref>" in frame
        assert "<ref>" in new
        return
    assert pairs(first(w)) == {**before, name: wanted}
    assert pairs(first(read(after))) == {**before, name: wanted}
    assert [str(one) for one in read(after).links if one.text is None] == others
    first(w).set(name, new)
    assert str(w) == after


@settings(max_examples=300)
@given(template, around)
def test_a_parameter_that_is_added_can_be_taken_away(inner: str, frame: str) -> None:
    w = given_text(inner, frame)
    before = str(w)
    first(w).set("neu", "[[x]]")
    assert first(read(str(w)))["neu"] == "[[x]]"
    assert first(w).unset("neu")
    assert pairs(first(read(str(w)))) == pairs(first(read(before)))
    assert "".join(str(w).split()) == "".join(before.split())


@settings(max_examples=300)
@given(template, around, st.sampled_from(NAMES))
def test_taking_away_leaves_the_others(inner: str, frame: str, name: str) -> None:
    w = given_text(inner, frame)
    before = pairs(first(w))
    there = name in before
    assert first(w).unset(name) == there
    after = pairs(first(read(str(w))))
    assert {key: one for key, one in after.items() if key != name} == {
        key: one for key, one in before.items() if key != name
    }
    assert after.get(name, "") == ""  # an empty one keeps the place where others follow
    once = str(w)
    first(w).unset(name)
    assert str(w) == once


@settings(max_examples=300)
@given(template, around, st.sampled_from(NAMES))
def test_renaming_changes_a_name_and_no_value(inner: str, frame: str, name: str) -> None:
    w = given_text(inner, frame)
    before = pairs(first(w))
    try:
        first(w).rename(name, "Neuer Name")
    except BadParameter:
        assert str(w) == frame.replace("%s", inner)
        return
    expected = {"Neuer Name" if key == name else key: one for key, one in before.items()}
    assert pairs(first(read(str(w)))) == expected == pairs(first(w))


@settings(max_examples=200)
@given(template, value, value)
def test_setting_different_parameters_commutes(inner: str, one: str, other: str) -> None:
    steps = [("bb", one), ("Länge", other)]
    first_way, second_way = read(inner), read(inner)
    names = first(first_way).names
    for name, new in steps:
        first(first_way).set(name, new)
    for name, new in reversed(steps):
        first(second_way).set(name, new)
    assert pairs(first(first_way)) == pairs(first(second_way))
    if {"bb", "Länge"} <= set(names):  # new ones stand in the order that they came in
        assert str(first_way) == str(second_way)


def test_a_template_is_a_dict_for_those_who_want_one() -> None:
    w = read("{{T|x| a = 1 |a=2|b=}}")
    assert dict(w.templates[0]) == {"1": "x", "a": "2", "b": ""} == dict(w.templates[0].items())


@pytest.mark.parametrize("name", ["subst:", "safesubst: "])
def test_subst_stays_when_a_template_is_renamed(name: str) -> None:
    w = read(f"{{{{{name}T|x}}}}")
    (template,) = w.templates
    template.name = "U"
    assert str(w) == f"{{{{{name}U|x}}}}"
    template.name = "msgnw:V"
    assert str(w) == "{{msgnw:V|x}}"


def test_changes_say_whether_they_changed_anything() -> None:
    (template,) = read("{{T|a=1}}").templates
    assert (template.set("a", "1"), template.set("a", "2"), template.set("b", "3")) == (False, True, True)
    assert (template.rename("x", "y"), template.rename("a", "c")) == (False, True)


def test_all_parameters_of_a_name_are_taken_away() -> None:
    w = read("{{t|1=a||b}} {{t|x=1|x=2|y=3|x=4}}")
    assert (w.templates[0].unset(1), w.templates[1].unset("x")) == (True, True)
    assert str(w) == "{{t||b}} {{t|y=3}}"


SET_AS_READ: list[tuple[str, str | int, str, str]] = [
    ("{{t}}", 1, "\n* l\n", "{{t|\n* l\n}}"),
    ("{{t|y}}", 2, " s ", "{{t|y| s }}"),
    ("{{t\n| x = 1\n}}", "x", "{a}", "{{t\n| x = {a}\n}}"),
    ("{{t\n| x = 1\n}}", "x", '{"a": 1}', '{{t\n| x = {"a": 1}\n}}'),
    ("{{t|x=1|y=2}}", "x", "}", "{{t|x=}|y=2}}"),
    ("{{t|x=1}}", "x", "{a}", "{{t|x={a} }}"),
    ("{{t|x=1}}", "x", "{{{1|}}}", "{{t|x={{{1|}}}}}"),
    ("{{t}}", "x", "{a}", "{{t|x={a} }}"),
    ("{{t\n| x = 1\n}}", "x", "\n== h ==\nfoo", "{{t\n| x =\n== h ==\nfoo\n}}"),
    ("{{t|x=1}}", "y", "\n== h ==\nfoo", "{{t|x=1|y=\n== h ==\nfoo}}"),
    ("{{t\n| a =\n| b = 2\n}}", "a", "1", "{{t\n| a = 1\n| b = 2\n}}"),
    ("{{t\n| a =\n| b =\n}}", "a", "1", "{{t\n| a =1\n| b =\n}}"),
]


@pytest.mark.parametrize(("text", "name", "value", "after"), SET_AS_READ)
def test_a_value_is_read_where_it_stands(text: str, name: str | int, value: str, after: str) -> None:
    w = read(text)
    assert w.templates[0].set(name, value)
    assert str(w) == after
    assert not w.templates[0].set(name, value), "it has it already"
    assert str(w) == after


def test_a_value_that_would_end_the_template_is_refused() -> None:
    for text, name, value in (
        ("{{t|1}}", 1, "{a}"),
        ("{{t|1}}", 1, "}"),
        ("{{t|x=1}}", "x", "a}}"),
        ("{{t}}", "x", "|"),
    ):
        w = read(text)
        with pytest.raises(BadText):
            w.templates[0].set(name, value)
        assert str(w) == text


def test_a_parameter_stands_before_one_that_is_there() -> None:
    w = read("{{t|a=1}}")
    with pytest.raises(BadParameter, match="no parameter c to stand before; there are: a"):
        w.templates[0].set("b", "2", before="c")
    assert w.templates[0].set("b", "2", before="a")
    assert str(w) == "{{t|b=2|a=1}}"
