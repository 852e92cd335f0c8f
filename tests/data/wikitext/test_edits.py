"""Edits by views and by the page's methods: what they make of a text, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.data.wikitext import Wikitext
from apibot.data.wikitext.node import written
from apibot.data.wikitext.view import View
from tests.support.wikitexts import Edit, read, seen, texts

BOX = "{{Box\n| name   = Foo\n| people = 12 <!-- c -->\n| map    = {{Map|a=1}}\n}}"
EDITS: list[tuple[str, Edit, str]] = [
    # Links.
    ("a [[b]] c", lambda w: w.links[0].unlink(), "a b c"),
    ("a [[b|''x'' [y]]] c", lambda w: w.links[0].unlink(), "a ''x'' [y] c"),
    ("[[:Kategorie:B]]", lambda w: w.links[0].unlink(), "Kategorie:B"),
    ("[[b]]s", lambda w: w.links[0].retarget("C"), "[[C|b]]s"),
    ("[[b|c]]", lambda w: w.links[0].retarget("D"), "[[D|c]]"),
    ("[[b|C]]", lambda w: w.links[0].retarget("C"), "[[C]]"),
    ("[[ b <!-- x -->|c]]", lambda w: setattr(w.links[0], "target", "d"), "[[ d <!-- x -->|c]]"),
    ("[[b]]", lambda w: setattr(w.links[0], "text", "c|d"), "[[b|c|d]]"),
    ("[[b|c]]", lambda w: setattr(w.links[0], "text", None), "[[b]]"),
    ("[[b]]", lambda w: w.links[0].retarget("Kategorie:C"), "[[:Kategorie:C|b]]"),
    # Files.
    ("[[Datei:A.png|mini|x]]", lambda w: setattr(w.files[0], "name", "b.png"), "[[Datei:B.png|mini|x]]"),
    ("[[Bild:A.png|mini| x [[y]] ]]", lambda w: setattr(w.files[0], "caption", "z"), "[[Bild:A.png|mini| z ]]"),
    ("[[Bild:A.png|mini|x]]", lambda w: w.files[0].set("width", "90"), "[[Bild:A.png|mini|90px|x]]"),
    ("[[Bild:A.png|80px|x|70px]]", lambda w: w.files[0].set("width", "90"), "[[Bild:A.png|80px|x|90px]]"),
    ("[[Bild:A.png|hochkant=1.2|x]]", lambda w: w.files[0].unset("upright"), "[[Bild:A.png|x]]"),
    (
        "<gallery>\na.png|x\nBild:b.png\n</gallery>",
        lambda w: setattr(w.files[0], "name", "c.png"),
        "<gallery>\nC.png|x\nBild:b.png\n</gallery>",
    ),
    (
        "<gallery>\na.png|x\n</gallery>",
        lambda w: setattr(w.files[0], "caption", "y [[z]]"),
        "<gallery>\na.png|y [[z]]\n</gallery>",
    ),
    # Templates.
    (BOX, lambda w: w.templates[0].set("people", "13"), BOX.replace("12", "13")),
    (BOX, lambda w: w.templates[0].set("x", "1"), BOX[:-2] + "| x      = 1\n}}"),
    (BOX, lambda w: w.templates[0].set("x", "1", before="people"), BOX.replace("| people", "| x      = 1\n| people")),
    (BOX, lambda w: w.templates[0].unset("map"), "{{Box\n| name   = Foo\n| people = 12 <!-- c -->\n}}"),
    (BOX, lambda w: w.templates[0].rename("people", "Leute"), BOX.replace("people", "Leute ")),
    (BOX, lambda w: setattr(w.templates[0], "name", "Ort"), BOX.replace("Box", "Ort")),
    ("{{t|a=1|b=2}}", lambda w: w.templates[0].set("c", "3"), "{{t|a=1|b=2|c=3}}"),
    ("{{t\n |a=1\n |b=2}}", lambda w: w.templates[0].set("c", "3"), "{{t\n |a=1\n |b=2\n |c=3}}"),
    ("{{t\n|a=\n|b=\n}}", lambda w: w.templates[0].set("a", "x"), "{{t\n|a=x\n|b=\n}}"),
    ("{{t|a|b|c}}", lambda w: w.templates[0].unset(2), "{{t|a||c}}"),
    ("{{t|a|b}}", lambda w: w.templates[0].unset(2), "{{t|a}}"),
    ("{{t|a|b|c}}", lambda w: w.templates[0].rename(1, "n"), "{{t|n=a|2=b|3=c}}"),
    ("{{t|a|b}}", lambda w: w.templates[0].set(1, "x=y"), "{{t|1=x=y|2=b}}"),
    ("{{t|a}}", lambda w: w.templates[0].set(2, "b"), "{{t|a|b}}"),
    ("{{t|a=1|a=2}}", lambda w: w.templates[0].set("a", "3"), "{{t|a=1|a=3}}"),
    ("{{t|a=1|b|a=2}}", lambda w: w.templates[0].unset("a"), "{{t|b}}"),
    ("{{t|a=<nowiki>|</nowiki>}}", lambda w: w.templates[0].set("a", "{{!}}x"), "{{t|a={{!}}x}}"),
    ("{{t|a= x }}", lambda w: w.templates[0].set("a", " x"), "{{t|a= x }}"),
    # Categories.
    ("Text.", lambda w: w.add_category("N"), "Text.\n\n[[Kategorie:N]]"),
    ("Text.\n", lambda w: w.add_category("Category:n", "k"), "Text.\n\n[[Kategorie:N|k]]\n"),
    (
        "T\n[[Kategorie:A]]\n{{stub}}\n",
        lambda w: w.add_category("N"),
        "T\n[[Kategorie:A]]\n[[Kategorie:N]]\n{{stub}}\n",
    ),
    ("T\n\n[[fr:T]]\n[[it:T]]\n", lambda w: w.add_category("N"), "T\n\n[[Kategorie:N]]\n\n[[fr:T]]\n[[it:T]]\n"),
    ("T\n{{SORTIERUNG:x}}\n", lambda w: w.add_category("N"), "T\n{{SORTIERUNG:x}}\n[[Kategorie:N]]\n"),
    ("T<noinclude>\nd\n</noinclude>", lambda w: w.add_category("N"), "T<noinclude>\nd\n[[Kategorie:N]]\n</noinclude>"),
    ("[[Category:a|x]]", lambda w: w.add_category("A"), "[[Category:a|x]]"),
    ("[[Category:a|x]]", lambda w: w.add_category("A", "y"), "[[Category:a|y]]"),
    ("T\n[[Kategorie:A]]\n[[Kategorie:B]]\n", lambda w: w.remove_category("b"), "T\n[[Kategorie:A]]\n"),
    ("T\n\n[[Kategorie:A]]\n\n[[fr:T]]", lambda w: w.remove_category("A"), "T\n\n[[fr:T]]"),
    ("a [[Kategorie:A]] b", lambda w: w.remove_category("A"), "a  b"),
    (
        "<includeonly>[[Kategorie:A]]</includeonly>",
        lambda w: w.replace_category("A", "B"),
        "<includeonly>[[Kategorie:B]]</includeonly>",
    ),
    (
        "[[Kategorie:A|k]]\n[[Kategorie:C]]\n",
        lambda w: w.replace_category("A", "B"),
        "[[Kategorie:B|k]]\n[[Kategorie:C]]\n",
    ),
    ("[[Kategorie:A]]\n[[Kategorie:B]]\n", lambda w: w.replace_category("A", "B"), "[[Kategorie:B]]\n"),
    # Other languages.
    ("T", lambda w: w.set_language_link("fr:X"), "T\n\n[[fr:X]]"),
    ("T\n\n[[fr:X]]\n", lambda w: w.set_language_link("it:Y"), "T\n\n[[fr:X]]\n[[it:Y]]\n"),
    ("T\n\n[[fr:X]]\n", lambda w: w.set_language_link("fr:Y"), "T\n\n[[fr:Y]]\n"),
    ("T\n\n[[fr:X]]\n[[it:Y]]\n", lambda w: w.remove_language_link("fr"), "T\n\n[[it:Y]]\n"),
    # Switches, redirects, marks, tags.
    ("T", lambda w: w.add_switch("notoc"), "__KEIN_INHALTSVERZEICHNIS__\nT"),
    ("__notoc__\nT", lambda w: w.add_switch("notoc"), "__notoc__\nT"),
    ("T\n＿＿目次＿＿\nU", lambda w: w.remove_switch("toc"), "T\nU"),
    ("<nowiki>__TOC__</nowiki>", lambda w: w.remove_switch("toc"), "<nowiki>__TOC__</nowiki>"),
    ("#WEITERLEITUNG [[a]]", lambda w: w.add_switch("notoc"), "#WEITERLEITUNG [[a]]\n__KEIN_INHALTSVERZEICHNIS__"),
    ("#redirect : [[a#b|c]]\nx", lambda w: w.redirect_to("D#e"), "#redirect : [[D#e|c]]\nx"),
    ("T", lambda w: w.redirect_to("D"), "#WEITERLEITUNG [[D]]\nT"),
    ("a<!-- X -->b<!--END X-->c", lambda w: w.set_marked("X", "{{n}}"), "a<!-- X -->{{n}}<!--END X-->c"),
    ('<ref name="a">x</ref>', lambda w: setattr(w.references[0], "content", "{{y}}"), '<ref name="a">{{y}}</ref>'),
    ("<ref name=a/>", lambda w: setattr(w.references[0], "label", 'b "c"'), '<ref name="b &quot;c&quot;"/>'),
    ("<ref>x</ref>", lambda w: setattr(w.references[0], "group", "n"), '<ref group="n">x</ref>'),
    ("<!-- a -->", lambda w: setattr(w.comments[0], "text", "b"), "<!--b-->"),
    ("a {{t}} b", lambda w: w.templates[0].replace("[[x]]"), "a [[x]] b"),
    # In the text itself.
    ("teh <!--teh--> {{teh|teh}}", lambda w: w.replace("teh", "the"), "the <!--teh--> {{teh|the}}"),
    ("aa aa", lambda w: w.replace("a+", r"<\g<0>>", regex=True, count=1), "<aa> aa"),
    (
        "[[a]] a {{a}} <ref>a</ref>",
        lambda w: w.replace("a", "b", outside=["link", "template", "reference"]),
        "[[a]] b {{a}} <ref>a</ref>",
    ),
    ("== a ==\na", lambda w: w.replace("a", "b", outside=["heading"]), "== a ==\nb"),
    ("a http://a.b/a [//a a]", lambda w: w.replace("a", "x"), "x http://a.b/a [//a x]"),
]


@pytest.mark.parametrize(
    ("text", "edit", "after"), EDITS, ids=lambda one: repr(one)[:40] if isinstance(one, str) else ""
)
def test_an_edit_makes_what_was_asked_and_no_more(text: str, edit: Edit, after: str) -> None:
    w = read(text)
    edit(w)
    assert str(w) == after
    assert seen(w) == seen(read(after))


REFUSED: list[tuple[str, Edit]] = [
    ("[[a]]", lambda w: setattr(w.links[0], "target", "b|c")),
    ("[[a]]", lambda w: setattr(w.links[0], "target", "b\nc")),
    ("[[a]]", lambda w: setattr(w.links[0], "target", "a{b")),
    ("[[a]]", lambda w: setattr(w.links[0], "target", "")),
    ("[[a]]", lambda w: setattr(w.links[0], "target", "Kategorie:B")),
    ("[[a]]", lambda w: setattr(w.links[0], "text", "")),
    ("[[a]]", lambda w: setattr(w.links[0], "text", "b]] c")),
    ("[[a|b]]", lambda w: setattr(w.links[0], "text", "[[c]]")),
    ("[[Datei:A.png|x]]", lambda w: setattr(w.files[0], "caption", "a|b")),
    ("[[Datei:A.png|x]]", lambda w: setattr(w.files[0], "caption", "mini")),
    ("[[Datei:A.png|x]]", lambda w: w.files[0].set("nonsense", "1")),
    ("[[Datei:A.png|x]]", lambda w: w.files[0].set("width", "wide")),
    ("{{t|a=1}}", lambda w: w.templates[0].set("a", "b|c")),
    ("{{t|a=1}}", lambda w: w.templates[0].set("a", "b}} {{c")),
    ("{{t|a=1}}", lambda w: w.templates[0].set("a=b", "c")),
    ("{{t|a=1}}", lambda w: w.templates[0].set("", "c")),
    ("{{t|a=1|b=2}}", lambda w: w.templates[0].rename("a", "b")),
    ("{{t|a|b }}", lambda w: w.templates[0].rename(1, "n")),
    ("{{t}}", lambda w: setattr(w.templates[0], "name", "a|b")),
    ("x", lambda w: w.append("{{a")),
    ("x", lambda w: w.append("<ref>b")),
    ("x", lambda w: w.append("<!-- b")),
    ("#REDIRECT [[a]]", lambda w: w.prepend("x")),
    ("x", lambda w: w.add_category("a[b")),
    ("x", lambda w: w.add_category("fr:A")),
    ("x", lambda w: w.add_category("A", "")),
    ("x", lambda w: w.add_category("A", "b]]c")),
    ("x", lambda w: w.set_language_link("acme:A")),
    ("x", lambda w: w.add_switch("nonsense")),
    ("x", lambda w: w.marked("X")),
    ("<!--X-->a<!--X-->b<!--END X-->", lambda w: w.set_marked("X", "y")),
    ("<!--END X-->a<!--X-->", lambda w: w.set_marked("X", "y")),
    ("<!--X-->a<!--END X-->", lambda w: w.set_marked("X", "<!--END X-->")),
    ("<!--X-->a<!--END X-->", lambda w: w.set_marked("X", "{{")),
    ("<ref>x</ref>", lambda w: setattr(w.references[0], "content", "</ref>")),
    ("<!-- a -->", lambda w: setattr(w.comments[0], "text", "-->")),
    ("x", lambda w: w.replace("", "y")),
    ("x", lambda w: w.replace("(", "y", regex=True)),
    ("x", lambda w: w.replace("x", "y", outside=["nonsense"])),
    ("x", lambda w: w.redirect_to("a[b")),
]


@pytest.mark.parametrize(("text", "edit"), REFUSED)
def test_what_is_refused_changes_nothing(text: str, edit: Edit) -> None:
    w = read(text)
    with pytest.raises((BadText, BadParameter, InvalidTitle)) as found:
        edit(w)
    assert str(w) == text
    if isinstance(found.value, BadText):
        assert 0 <= found.value.position <= len(found.value.text)


JOINED: list[tuple[str, Edit]] = [
    ("{{x|[[a|E=mc]]}}", lambda w: w.links[0].unlink()),
    ("{[[a|{b]]}}", lambda w: w.links[0].unlink()),
    ("<[[a|ref]]>x</ref>", lambda w: w.links[0].unlink()),
    ("{<!--c-->{b}}", lambda w: w.comments[0].remove()),
    ("<!--c-->== b ==", lambda w: w.comments[0].remove()),
    ("<ref>{{t|a}}</ref>", lambda w: w.templates[0].set(1, "<ref>x</ref>")),
    ("== a", lambda w: w.append(" ==")),
    ("[[a]]", lambda w: w.prepend("[")),
    ("__NO", lambda w: w.append("TOC__")),
    ("~~", lambda w: w.append("~~")),
]


@pytest.mark.parametrize(("text", "edit"), JOINED)
def test_a_text_that_would_be_read_otherwise_is_not_given(text: str, edit: Edit) -> None:
    w = read(text)
    edit(w)
    with pytest.raises(BadText, match="something else"):
        str(w)


GONE: list[tuple[str, Callable[[Wikitext], list[Callable[[], object]]]]] = [
    ("{{t|[[a]]}}", lambda w: [w.templates[0].remove, w.links[0].unlink]),
    ("{{t|[[a]]}}", lambda w: [partial(w.templates[0].set, 1, "x"), w.links[0].unlink]),
    ("[[Kategorie:A]]", lambda w: [lambda: w.remove_category("A"), w.categories[0].remove]),
    ("<!--X-->[[a]]<!--END X-->", lambda w: [lambda: w.set_marked("X", "y"), w.links[0].unlink]),
    ("<ref>[[a]]</ref>", lambda w: [partial(setattr, w.references[0], "content", "y"), w.links[0].unlink]),
    ("[[a|{{b}}]]", lambda w: [partial(setattr, w.links[0], "text", "y"), w.templates[0].remove]),
    ("a [[b]]", lambda w: [lambda: w.replace("a", "c"), w.links[0].unlink]),
    ("[[a]]", lambda w: [w.links[0].unlink, w.links[0].unlink]),
]


@pytest.mark.parametrize(("text", "steps"), GONE)
def test_what_is_not_in_the_text_any_more_can_not_be_changed(
    text: str, steps: Callable[[Wikitext], list[Callable[[], object]]]
) -> None:
    w = read(text)
    first, second = steps(w)
    first()
    after = str(w)
    with pytest.raises(BadParameter, match="any more"):
        second()
    assert str(w) == after


OPERATIONS: dict[str, Edit] = {
    "unlink": lambda w: w.links[0].unlink(),
    "retarget": lambda w: w.links[-1].retarget("New"),
    "text": lambda w: setattr(w.links[0], "text", "new"),
    "add category": lambda w: w.add_category("New", "k"),
    "remove category": lambda w: w.remove_category("A"),
    "replace category": lambda w: w.replace_category("A", "New"),
    "language": lambda w: w.set_language_link("it:New"),
    "no language": lambda w: w.remove_language_link("fr"),
    "caption": lambda w: setattr(w.files[0], "caption", "new"),
    "set": lambda w: w.templates[-1].set("b", "new"),
    "set first": lambda w: w.templates[0].set(1, "new"),
    "unset": lambda w: w.templates[0].unset("b"),
    "rename": lambda w: w.templates[-1].rename(1, "new"),
    "no template": lambda w: w.templates[0].remove(),
    "no comment": lambda w: w.comments[0].remove(),
    "reference": lambda w: setattr(w.references[0], "content", "new [[new]]"),
    "switch": lambda w: w.add_switch("notoc"),
    "no switch": lambda w: w.remove_switch("toc"),
    "replace": lambda w: w.replace("text", "new"),
    "append": lambda w: w.append("\nnew"),
    "prepend": lambda w: w.prepend("new\n"),
}


def tried(text: str, *names: str) -> str | None:
    """The text after operations; None if one had nothing to do, or the outcome was refused."""
    w = read(text)
    try:
        for name in names:
            OPERATIONS[name](w)
        return str(w)
    except (BadText, BadParameter, IndexError):
        return None


@settings(max_examples=400)
@given(texts, st.sampled_from(sorted(OPERATIONS)))
def test_what_is_given_reads_as_it_was_changed(text: str, name: str) -> None:
    w = read(text)
    try:
        OPERATIONS[name](w)
        after = str(w)
    except (BadText, BadParameter, IndexError):
        return
    assert seen(w) == seen(read(after))


IDEMPOTENT = (
    "add category",
    "replace category",
    "remove category",
    "language",
    "no language",
    "set",
    "set first",
    "caption",
    "switch",
    "no switch",
    "reference",
    "retarget",
    "text",
    "unset",
)


@settings(max_examples=300)
@given(texts, st.sampled_from(IDEMPOTENT))
def test_twice_is_once(text: str, name: str) -> None:
    once = tried(text, name)
    if once is not None and (again := tried(once, name)) is not None:
        assert again == once


COMMUTING = [
    ("add category", "set"),
    ("caption", "reference"),
    ("retarget", "no switch"),
    ("set", "remove category"),
    ("language", "caption"),
    ("no comment", "replace category"),
    ("switch", "caption"),
]


@settings(max_examples=300)
@given(texts, st.sampled_from(COMMUTING))
def test_changes_of_different_things_commute(text: str, pair: tuple[str, str]) -> None:
    one, other = tried(text, *pair), tried(text, *reversed(pair))
    if one is not None and other is not None and "{{t" not in text.replace("{{t}}", ""):
        assert one == other


@settings(max_examples=300)
@given(texts)
def test_a_category_that_is_added_can_be_removed(text: str) -> None:
    w = read(text)
    if not w.add_category("Brand new"):
        return
    try:
        added = str(w)
    except BadText:
        return
    w = read(added)
    assert any(link.name == "Brand new" for link in w.categories)
    w.remove_category("Brand new")
    assert all(link.name != "Brand new" for link in w.categories)
    assert "".join(written(w.pieces).split()) == "".join(text.split())


def test_bulk_changes_take_time_in_proportion() -> None:
    count = 2**18 // 64
    w = read("[[a|b]] {{t|x=1}} [[Kategorie:A]] <!--c-->\nSome text here, and more.\n" * count)
    for link in w.links:
        link.unlink()
    for one in w.templates:
        one.set("x", "2")
    w.remove_category("A")
    for comment in w.comments:
        comment.remove()
    assert w.replace("Some", "Any") == count
    assert str(w).count("b {{t|x=2}}") == count


def test_deep_nesting_can_be_changed() -> None:
    count = 5000
    w = read("{{t|" * count + "[[a]]" + "}}" * count)
    w.links[0].unlink()
    w.templates[0].set("x", "1")
    assert str(w).endswith("|x=1}}")
    assert w == read(str(w))


SIGNS = [
    ("a <!-- c -->[[b]]", lambda w: w.links[0].replace("\u0338")),
    ("<ref>b</ref>", lambda w: setattr(w.references[0], "content", "\u0338")),
    ("<ref>[[b]]</ref>", lambda w: w.links[0].replace("\u0327\u0338")),
    ("{{t|a=b}}", lambda w: w.templates[0].set("a", "\u0338")),
    ("==[[b]] ==\nc", lambda w: w.links[0].replace("\u0338")),
]


@pytest.mark.parametrize(("text", "edit"), SIGNS)
def test_signs_that_the_wiki_would_make_one_are_refused(text: str, edit: Edit) -> None:
    w = read(text)
    edit(w)
    with pytest.raises(BadText, match="one sign"):
        str(w)
    assert str(w.read(w.sound)) == text


def test_signs_that_were_there_or_do_no_harm_stay() -> None:
    w = read("a >\u0338 b [[c]] <b>\u0338</b>")
    w.links[0].text = "\u0338"
    assert str(w) == "a >\u0338 b [[c|\u0338]] <b>\u0338</b>"


def test_each_view_knows_where_it_is() -> None:
    w = read(
        "a {{t|x={{u}}|<!-- c -->y}} [[l|m]]\n<ref>[[Kategorie:K]]</ref> [[Datei:F.png|mini|c [[n]]]]\n{{SORTIERUNG:s}}"
    )
    for _time in range(2):
        found: list[View] = [*w.templates, *w.functions, *w.links, *w.categories, *w.files, *w.comments, *w.tags]
        for view in found:
            assert str(w)[slice(*view.span)] == str(view)
            assert view.document is w
        w.prepend("longer ")
        w.links[0].target = "elsewhere"
    gone = w.templates[0]
    gone.replace("t")
    with pytest.raises(BadParameter, match="not in the text any more"):
        assert str(gone.span)


def test_places_of_the_values_of_a_template() -> None:
    w = read("a\n{{t|one| x = <!-- c --> two |x=three|<!-- d -->four}}")
    [one] = w.templates
    places = one.places()
    assert {name: str(w)[at : at + 3] for name, at in places.items()} == {"1": "one", "x": "thr", "2": "<!-"}
    assert places["x"] == str(w).index("three")
