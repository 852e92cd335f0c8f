"""Sections: found, changed and moved, with each byte of the others kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data.wikitext.document import Wikitext
from apibot.data.wikitext.sections import Section

SITE = SiteInfo.from_api(
    {
        "general": {"sitename": "W", "wikiid": "w", "lang": "en", "case": "first-letter"},
        "namespaces": {
            "0": {"id": 0, "name": "", "case": "first-letter"},
            "6": {"id": 6, "name": "File", "canonical": "File", "case": "first-letter"},
            "10": {"id": 10, "name": "Template", "canonical": "Template", "case": "first-letter"},
            "14": {"id": 14, "name": "Category", "canonical": "Category", "case": "first-letter"},
        },
    }
)


def read(text: str) -> Wikitext:
    return Wikitext(text, SITE)


TREE = "Lead.\n\n== A ==\na\n\n=== A1 ===\na1\n\n==== A11 ====\na11\n\n=== A2 ===\na2\n\n== B ==\nb\n\n= C =\nc"


def outline(w: Wikitext) -> list[tuple[int, int, str]]:
    return [(one.number, one.level, one.title) for one in w.sections]


# text, what is found: number, level, title
FOUND = [
    ("", [(0, 0, "")]),
    ("x", [(0, 0, "")]),
    ("==a==", [(0, 0, ""), (1, 2, "a")]),
    ("x\n== a = b == <!-- c -->  \ny", [(0, 0, ""), (1, 2, "a = b")]),
    ("=== a ==\n== b ===", [(0, 0, ""), (1, 2, "= a"), (2, 2, "b =")]),
    ("== {{t|a=b|\n}} ==\nx", [(0, 0, ""), (1, 2, "{{t|a=b|\n}}")]),
    ("==<!-- c --> a <!-- d --> b<!-- e -->==", [(0, 0, ""), (1, 2, "a  b")]),
    ("=====", [(0, 0, ""), (1, 2, "=")]),
    ("======= a =======", [(0, 0, ""), (1, 6, "= a =")]),
    ("<nowiki>\n== a ==\n</nowiki>\n== b ==", [(0, 0, ""), (1, 2, "b")]),
    ("<!--\n== a ==\n-->\n== b ==", [(0, 0, ""), (1, 2, "b")]),
    ("{{t|\n== a ==\n}}\n== b ==", [(0, 0, ""), (2, 2, "b")]),
    ("== {{t|\n== a ==\n}} ==\n== b ==", [(0, 0, ""), (2, 2, "{{t|\n== a ==\n}}"), (3, 2, "b")]),
    ("<ref>\n== a ==\n</ref>\n== b ==", [(0, 0, ""), (1, 2, "b")]),
    ("[[x|\n== a ==\n]]\n== b ==", [(0, 0, ""), (1, 2, "a"), (2, 2, "b")]),
    ("{{x\n== a ==", [(0, 0, ""), (1, 2, "a")]),
    ("== a ==<!-- b", [(0, 0, "")]),
    ("x == a ==\n == b ==", [(0, 0, "")]),
]


@pytest.mark.parametrize(("text", "found"), FOUND)
def test_sections_are_found(text: str, found: list[tuple[int, int, str]]) -> None:
    w = read(text)
    assert outline(w) == found
    assert str(w) == text
    assert "".join(one.raw for one in w.sections) == text


def test_the_tree() -> None:
    w = read(TREE)
    lead, a, a1, a11, a2, b, c = w.sections
    assert a.children == [a1, a2]
    assert a1.children == [a11]
    assert (lead.children, a11.children, b.children) == ([], [], [])
    assert (lead.parent, a.parent, a1.parent, a11.parent, a2.parent) == (None, None, a, a1, a)
    assert (b.parent, c.parent) == (None, None)
    assert a.whole == TREE[TREE.index("== A ==") : TREE.index("== B ==")].rstrip()
    assert str(a1) == "=== A1 ===\na1\n\n==== A11 ====\na11"
    assert lead.whole == lead.text == "Lead."
    assert a.text == "a"
    assert a.raw == "== A ==\na\n\n"
    assert repr(a) == "<Section '== A =='>"


def test_levels_that_are_left_out() -> None:
    w = read("=== a ===\n== b ==\n===== c =====\n==== d ====\n=== e ===")
    _lead, a, b, c, d, e = w.sections
    assert [one.parent for one in (a, b, c, d, e)] == [None, None, b, b, b]


NAMES = [
    ("A b", "== A b =="),
    (" A_b ", "== A b =="),
    ("A<!-- x --> b", "==  A  b  =="),
    ("A b", "== A_b<!-- c --> =="),
    ("''A'' [[x|b]]", "== ''A'' [[x|b]] =="),
    ("A b", "== ''A'' [[x|b]] =="),
    ("{{t}}", "== {{t}} =="),
    ("A & b", "== A &amp; b =="),
]


@pytest.mark.parametrize(("name", "heading"), NAMES)
def test_sections_by_name(name: str, heading: str) -> None:
    w = read(f"x\n== other ==\n{heading}\n== a b ==\n{heading}\n")
    assert [one.number for one in w.sections_named(name)] == [2, 4]
    found = w.section(name)
    assert found is not None
    assert found.number == 2
    assert w.section("nothing") is None
    assert w.section("") is None


ANCHORS = [
    ("Plain title", "Plain_title"),
    ("a_b  c", "a_b_c"),
    ("'''bold''' and ''it''", "bold_and_it"),
    ("[[Page|shown]] [[:Category:C]] [[A b]]", "shown_Category:C_A_b"),
    ("[http://x.org/ text] http://y.org", "text_http://y.org"),
    ("a <b>b</b> <span style='x'>c</span>", "a_b_c"),
    ("A &amp; B <nowiki>''x''</nowiki>", "A_&_B_''x''"),
    ("It's 5''''x'''", "It's_5'x"),
    ("{{t}}", None),
    ("a [http://x.org]", None),
    ("<foo>a</foo>", None),
    ("a<ref>b</ref>", None),
    ("[[File:A.png]]", None),
    ("'''a ''b", None),
]


@pytest.mark.parametrize(("title", "anchor"), ANCHORS)
def test_anchors(title: str, anchor: str | None) -> None:
    (_lead, one) = read(f"== {title} ==").sections
    assert one.anchor == anchor


def test_anchors_of_the_same_name() -> None:
    w = read("== A ==\n== a ==\n== A 2 ==\n== {{t}} ==\n== A ==\n== B ==")
    assert [one.anchor for one in w.sections] == [None, "A", "a_2", "A_2_2", None, "A_3", "B"]
    w.sections[1].title = "B"
    assert [one.anchor for one in w.sections] == [None, "B", "a", "A_2", None, "A_3", "B_2"]


# what is done with the section named B, the text before and after
Change = Callable[[Section], object]
CHANGES: list[tuple[str, Change, str, str]] = [
    ("text", lambda b: setattr(b, "text", "new"), "== B ==\nold\n\n== C ==", "== B ==\nnew\n\n== C =="),
    ("text 2", lambda b: setattr(b, "text", "new"), "== B ==\n\nold\n== C ==", "== B ==\n\nnew\n== C =="),
    ("text of none", lambda b: setattr(b, "text", "new"), "== B ==\n== C ==", "== B ==\nnew\n== C =="),
    ("text at the end", lambda b: setattr(b, "text", "new\n"), "== B ==", "== B ==\nnew"),
    ("text with a comment", lambda b: setattr(b, "text", "new"), "== B ==<!-- c -->\nold", "== B ==<!-- c -->\nnew"),
    ("no text", lambda b: setattr(b, "text", ""), "== B ==\n\nold\n\n== C ==", "== B ==\n\n== C =="),
    ("subsections stay", lambda b: setattr(b, "text", "n"), "== B ==\no\n=== D ===\n", "== B ==\nn\n=== D ===\n"),
    ("append", lambda b: b.append(": x"), "== B ==\nold\n\n\n== C ==", "== B ==\nold\n: x\n\n\n== C =="),
    ("append to none", lambda b: b.append("x\n"), "== B ==\n\n== C ==", "== B ==\nx\n\n== C =="),
    ("append a paragraph", lambda b: b.append("\nx"), "== B ==\nold", "== B ==\nold\n\nx"),
    ("append nothing", lambda b: b.append("\n"), "== B ==\nold\n", "== B ==\nold\n"),
    (
        "append at last",
        lambda b: b.append("x", last=True),
        "== B ==\n=== D ===\nd\n\n== C ==",
        "== B ==\n=== D ===\nd\nx\n\n== C ==",
    ),
    ("title", lambda b: setattr(b, "title", "{{n|=}}"), "==<!-- c --> B==\nold", "==<!-- c --> {{n|=}}==\nold"),
    (
        "level",
        lambda b: setattr(b, "level", 3),
        "==B== <!-- c -->\n=== D ===\n=c=",
        "===B=== <!-- c -->\n==== D ====\n=c=",
    ),
    ("delete", lambda b: b.delete(), "x\n\n== B ==\nb\n=== D ===\n\n\n== C ==", "x\n\n== C =="),
    ("delete the last", lambda b: b.delete(), "x\n\n== B ==\nb\n", "x\n"),
    ("delete the only one", lambda b: b.delete(), "== B ==\nb\n", "\n"),
    ("insert before", lambda b: b.insert_before("== N ==\nn\n"), "x\n== B ==\nb", "x\n== N ==\nn\n\n== B ==\nb"),
    ("insert after", lambda b: b.insert_after("== N =="), "== B ==\nb", "== B ==\nb\n\n== N =="),
    (
        "insert after 2",
        lambda b: b.insert_after("== N =="),
        "== B ==\nb\n=== D ===\n== C ==",
        "== B ==\nb\n=== D ===\n== N ==\n\n== C ==",
    ),
    (
        "insert two",
        lambda b: b.insert_after("== N ==\n=== M ==="),
        "== B ==\nb\n\n\n",
        "== B ==\nb\n\n== N ==\n=== M ===\n\n\n",
    ),
    (
        "insert last",
        lambda b: b.insert_last("=== N ==="),
        "== B ==\n=== D ===\nd\n== C ==",
        "== B ==\n=== D ===\nd\n=== N ===\n\n== C ==",
    ),
]


@pytest.mark.parametrize(("change", "before", "after"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_changes(change: Change, before: str, after: str) -> None:
    w = read(before)
    section = w.section("B")
    assert section
    change(section)
    assert str(w) == after
    assert outline(w) == outline(read(after))


MOVES = [
    ("B before A", "== A ==\na\n\n== B ==\nb", "== B ==\nb\n\n== A ==\na"),
    (
        "B before A",
        "x\n== A ==\na\n\n\n== B ==\nb\n\n=== D ===\nd\n",
        "x\n== B ==\nb\n\n=== D ===\nd\n\n\n== A ==\na\n",
    ),
    ("A after B", "== A ==\na\n== B ==\nb\n\n== C ==", "== B ==\nb\n\n== A ==\na\n== C =="),
    ("A after C", "== A ==\na\n== B ==\nb\n\n== C ==", "== B ==\nb\n\n== C ==\n== A ==\na"),
    ("A after A", "== A ==\na\n== B ==\nb", "== A ==\na\n== B ==\nb"),
    ("A before B", "== A ==\na\n== B ==\nb", "== A ==\na\n== B ==\nb"),
    ("C after A", "== A ==\n=== D ===\n== B ==\n== C ==", "== A ==\n=== D ===\n== C ==\n== B =="),
]


@pytest.mark.parametrize(("move", "before", "after"), MOVES)
def test_moves(move: str, before: str, after: str) -> None:
    w = read(before)
    what, word, where = move.split()
    section, other = w.section(what), w.section(where)
    assert section
    assert other
    (section.move_before if word == "before" else section.move_after)(other)
    assert str(w) == after
    assert outline(w) == outline(read(after))


def test_the_lead() -> None:
    w = read("== A ==")
    w.sections[0].append("x")
    assert str(w) == "x\n\n== A =="
    w.sections[0].text = "y"
    assert str(w) == "y\n\n== A =="
    assert w.sections[0].delete() == "y"
    assert str(w) == "== A =="
    w.sections[0].insert_after("== N ==")
    assert str(w) == "== N ==\n\n== A =="
    w.add_section("== Z ==\nz")
    assert str(w) == "== N ==\n\n== A ==\n\n== Z ==\nz"
    empty = read("")
    empty.add_section("== Z ==\nz\n")
    assert str(empty) == "== Z ==\nz"


REFUSED: list[tuple[str, Change, type[BadParameter], str]] = [
    ("too high", lambda b: setattr(b, "level", 6), BadParameter, r"\[6, 7, 7\]"),
    ("too low", lambda b: setattr(b, "level", 0), BadParameter, "1 to 6"),
    ("takes in", lambda b: setattr(b.children[0], "level", 2), BadParameter, "take in <Section '=== E ==='|=== E ==="),
    ("a line end", lambda b: setattr(b, "title", "a\nb"), BadText, "can not"),
    ("open braces", lambda b: setattr(b, "title", "{{a"), BadText, "can not"),
    ("no title", lambda b: setattr(b, "title", ""), BadText, "can not"),
    ("open tag", lambda b: setattr(b, "title", "<nowiki>"), BadText, "other headings"),
    ("heading in text", lambda b: setattr(b, "text", "x\n== a =="), BadText, "insert"),
    ("open text", lambda b: setattr(b, "text", "x {{a"), BadText, "not closed"),
    ("open comment", lambda b: b.append("x <!-- a"), BadText, "not closed"),
    ("open comment 2", lambda b: b.append("x <!-->"), BadText, "not closed"),
    ("open includeonly", lambda b: b.append("x <includeonly>"), BadText, "not closed"),
    ("open tag in text", lambda b: b.append("<nowiki>"), BadText, "not closed"),
    ("no heading", lambda b: b.insert_after("x"), BadText, "heading"),
    ("nothing", lambda b: b.insert_after(""), BadText, "heading"),
    ("insert that takes in", lambda b: b.children[0].insert_after("== N =="), BadParameter, "take in"),
    ("insert that is no subsection", lambda b: b.insert_last("== N =="), BadParameter, "over 2"),
    ("into itself", lambda b: b.move_after(b.children[0]), BadParameter, "in it"),
    ("move that takes in", lambda b: b.move_before(read_of(b).sections_named("F2")[0]), BadParameter, "take in"),
    ("before the lead", lambda b: b.move_before(read_of(b).sections[0]), BadParameter, "lead"),
    ("the lead", lambda b: read_of(b).sections[0].move_after(b), BadParameter, "lead"),
    ("the lead's title", lambda b: setattr(read_of(b).sections[0], "title", "x"), BadParameter, "lead"),
    ("the lead's level", lambda b: setattr(read_of(b).sections[0], "level", 1), BadParameter, "lead"),
    ("another text", lambda b: b.move_after(read("== x ==").sections[1]), BadParameter, "different"),
]
LONG = (
    "lead\n\n== B ==\nb\n=== D ===\n=== E ===\n\n== F ==\n=== F1 ===\n=== F2 ===\n<nowiki>\n== x ==\n</nowiki>\n== G =="
)


def read_of(section: Section) -> Wikitext:
    return section._document


@pytest.mark.parametrize(("change", "error", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_changes_nothing(change: Change, error: type[BadParameter], words: str) -> None:
    w = read(LONG)
    section = w.section("B")
    assert section
    with pytest.raises(error, match=words):
        change(section)
    assert str(w) == LONG
    assert outline(w) == outline(read(LONG))


def test_an_open_comment_is_not_moved_before_others() -> None:
    text = "== A ==\na\n== B ==\n<!-- b"
    w = read(text)
    with pytest.raises(BadText, match="== A =="):
        w.sections[2].move_before(w.sections[1])
    assert str(w) == text
    with pytest.raises(BadText, match="== C =="):
        w.add_section("== C ==")
    with pytest.raises(BadText, match="not closed"):
        w.sections[2].append("x")
    w.sections[1].move_after(w.sections[1])
    assert str(w) == text


def test_what_is_not_closed_and_harms_nobody_is_moved() -> None:
    w = read("== A ==\n{{a\n== B ==\n[[b]\n== C ==\n<nowiki>")
    w.sections[1].move_after(w.sections[3])
    assert str(w) == "== B ==\n[[b]\n== C ==\n<nowiki>\n== A ==\n{{a"


def test_equals_signs_in_titles() -> None:
    w = read("==a==\n== b ==\n======= c =======")
    _lead, a, b, c = w.sections
    b.title = "=x="
    a.title = "=x"
    with pytest.raises(BadText, match="can not"):
        a.title = "=x="
    with pytest.raises(BadText, match="other headings"):
        c.level = 5
    assert str(w) == "===x==\n== =x= ==\n======= c ======="
    a.level = 3
    assert str(w) == "====x===\n== =x= ==\n======= c ======="


def test_sections_that_are_gone_refuse_changes() -> None:
    w = read(TREE)
    _lead, a, a1, _a11, _a2, b, _c = w.sections
    a.delete()
    for gone in (a, a1):
        with pytest.raises(BadParameter, match="not in the text any more"):
            gone.text = "x"
        with pytest.raises(BadParameter, match="not in the text any more"):
            b.move_after(gone)
        with pytest.raises(BadParameter, match="not in the text any more"):
            gone.title = "x"
    b.text = "still there"
    assert str(w) == "Lead.\n\n== B ==\nstill there\n\n= C =\nc"
    w.read(str(w))
    with pytest.raises(BadParameter, match="not in the text any more"):
        b.text = "x"


def test_sections_stay_what_they_are_when_others_change() -> None:
    w = read("{{t}}\n\n== A ==\n{{t}}\n\n== B ==\nb")
    a, b = w.sections[1:]
    w.templates[0].replace("x\n\n== New ==\n{{u|\n== h ==\n}}")
    w.prepend("Top.\n")
    assert (a.number, b.number) == (3, 4)
    w.templates[1].remove()
    assert a.raw == "== A ==\n\n"
    a.title = "AA"
    b.move_before(a)
    assert str(w) == "Top.\nx\n\n== New ==\n{{u|\n== h ==\n}}\n\n== B ==\nb\n\n== AA =="
    assert [one.number for one in w.sections] == [0, 1, 3, 4]


GLUED: list[tuple[str, Callable[[Wikitext], object], list[str] | None]] = [
    ("x", lambda w: w.append("== A =="), None),
    ("x\n", lambda w: w.append("== A =="), ["A"]),
    ("== A ==", lambda w: w.append("x"), None),
    ("== A ==", lambda w: w.append("\nx"), ["A"]),
    ("== A ==", lambda w: w.append("<!-- c -->"), ["A"]),
    ("== A ==", lambda w: w.append("{{t}}"), None),
    ("== A ==", lambda w: w.prepend("x"), None),
    ("x {{t}}", lambda w: w.templates[0].replace("== A =="), None),
    ("x\n{{t}}\n", lambda w: w.templates[0].replace("== A =="), ["A"]),
    ("x\n{{t}} y", lambda w: w.templates[0].replace("== A =="), None),
]


@pytest.mark.parametrize(("text", "change", "titles"), GLUED)
def test_a_heading_needs_its_line(text: str, change: Callable[[Wikitext], object], titles: list[str] | None) -> None:
    w = read(text)
    change(w)
    if titles is None:  # the heading would be none: such a text is not given
        with pytest.raises(BadText, match="something else"):
            str(w)
        return
    again = str(w)
    assert [one.title for one in w.sections[1:]] == titles
    assert str(w) == again
    assert outline(w) == outline(read(again))


def test_a_marked_place_with_other_headings() -> None:
    w = read("<!-- M -->\n== A ==\n<!-- END M -->\n== B ==")
    b = w.sections[2]
    w.set_marked("M", "\n{{a|\n== x ==\n}}\n")
    assert b.number == 2


def test_brackets_around_a_heading_are_taken_apart() -> None:
    text = "[[File:A.png|x [[b\n== H ==\nc]] y]]\n== I ==\n[[d]]"
    w = read(text)
    link = w.files[0]
    assert [one.title for one in w.sections] == ["", "H", "I"]
    assert str(w) == text
    assert [one.target for one in w.links] == ["d"]
    with pytest.raises(BadParameter, match="not in the text any more"):
        link.target = "File:B.png"


def test_what_stands_in_a_section_is_in_it() -> None:
    w = read("{{a}}\n== A ==\n{{b}} <!-- {{no}} -->\n=== {{t}} ===\n{{c|{{d}}}} [[x]]\n== C ==\n{{e}}")
    lead, first, inner, last = w.sections
    assert [[one.name for one in w.templates if one in section] for section in w.sections] == [
        ["a"],
        ["b", "t", "c", "d"],
        ["t", "c", "d"],
        ["e"],
    ]
    assert w.links[0] in first
    assert [section in first for section in w.sections] == [False, True, True, False]
    with pytest.raises(BadParameter, match="ask for a construct or a section"):
        assert "b" in first
    assert read(str(w)).templates[1] not in first
    assert "".join(str(w)[slice(*one.span)] for one in (lead, first, last)) == str(w)
    first.move_after(last)
    assert [one.name for one in w.templates if one in inner] == ["t", "c", "d"]
    assert str(w)[slice(*inner.span)] == inner.whole
    gone = w.templates[0]
    gone.remove()
    with pytest.raises(BadParameter, match="not in the text any more"):
        assert gone in lead


def test_a_title_is_set_without_white_space_and_not_to_nothing() -> None:
    w = read("==  A ==\nx")
    one = w.sections[1]
    for _time in range(3):
        one.title = " X "
    assert str(w) == "==  X ==\nx"
    with pytest.raises(BadText, match="can not be the title"):
        one.title = "<!-- c -->"
    assert w.sections[0] not in one
    assert w.sections[0] in w.sections[0]
