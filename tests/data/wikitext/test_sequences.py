"""Changes of all kinds one after another: sections and all that is found stay those of a fresh reading."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.data.wikitext import Section, Wikitext
from apibot.data.wikitext.node import written
from tests.support.wikitexts import read, seen, texts, titles

T = TypeVar("T")
SECONDS = 60
Change = Callable[[Wikitext, int, str], object]
"""Changes a text: which of those found, counted round, and a new text."""


def one(found: Sequence[T], at: int) -> T:
    """One of those found; if there is none, nothing can be changed."""
    if not found:
        reason = "there is none"
        raise BadParameter(reason)
    return found[at % len(found)]


def a_section(w: Wikitext, at: int) -> Section:
    return one(w.sections, at)


METHODS: dict[str, Change] = {
    "append": lambda w, _at, new: w.append(new),
    "prepend": lambda w, _at, new: w.prepend(new),
    "read": lambda w, _at, new: w.read(new),
    "replace": lambda w, at, new: w.replace("aht"[at % 3], new),
    "add_category": lambda w, at, _new: w.add_category("ABC"[at % 3]),
    "remove_category": lambda w, at, _new: w.remove_category("AB"[at % 2]),
    "replace_category": lambda w, at, _new: w.replace_category("AB"[at % 2], "BA"[at // 2 % 2]),
    "set_language_link": lambda w, at, _new: w.set_language_link(["fr:A", "it:B"][at % 2]),
    "remove_language_link": lambda w, at, _new: w.remove_language_link(["fr", "it"][at % 2]),
    "neat": lambda w, _at, _new: w.neat(),
    "redirect_to": lambda w, _at, _new: w.redirect_to("Ziel"),
    "add_switch": lambda w, at, _new: w.add_switch(["toc", "notoc"][at % 2]),
    "remove_switch": lambda w, _at, _new: w.remove_switch("toc"),
    "set_marked": lambda w, _at, new: w.set_marked("X", new),
    "add_section": lambda w, _at, new: w.add_section(f"== {new} ==\n{new}"),
}
LOOKUPS = {"category", "files_named", "find", "links_to", "marked", "section", "sections_named", "signatures"}
LOOKUPS |= {"templates_named"}
VIEWS: dict[str, Change] = {
    "link.target": lambda w, at, _new: setattr(one(w.links, at), "target", "Ziel"),
    "link.text": lambda w, at, new: setattr(one(w.links, at), "text", new),
    "link.unlink": lambda w, at, _new: one(w.links, at).unlink(),
    "link.remove": lambda w, at, _new: one(w.links, at).remove(),
    "link.replace": lambda w, at, new: one(w.links, at).replace(new),
    "category.sortkey": lambda w, at, _new: setattr(one(w.categories, at), "sortkey", "k"),
    "file.caption": lambda w, at, new: setattr(one(w.files, at), "caption", new),
    "file.remove": lambda w, at, _new: one(w.files, at).remove(),
    "template.set": lambda w, at, new: one(w.templates, at).set("b", new),
    "default_sortkey": lambda w, at, new: setattr(w, "default_sortkey", [new, None][at % 2]),
    "category.remove": lambda w, at, _new: one(w.categories, at).remove(),
    "function.argument": lambda w, at, new: setattr(one(w.functions, at), "argument", new),
    "template.remove": lambda w, at, _new: one(w.templates, at).remove(),
    "template.unset": lambda w, at, _new: one(w.templates, at).unset("b"),
    "template.replace": lambda w, at, new: one(w.templates, at).replace(new),
    "tag.content": lambda w, at, new: setattr(one(w.tags, at), "content", new),
    "tag.remove": lambda w, at, _new: one(w.tags, at).remove(),
    "comment.text": lambda w, at, _new: setattr(one(w.comments, at), "text", " n "),
    "comment.remove": lambda w, at, _new: one(w.comments, at).remove(),
    "table.remove": lambda w, at, _new: one(w.tables, at).remove(),
    "table.append": lambda w, at, new: one(w.tables, at).append([new]),
    "table.set": lambda w, at, new: one(w.tables, at).set(0, 0, new),
}
SECTIONS: dict[str, Change] = {
    "section.text": lambda w, at, new: setattr(a_section(w, at), "text", new),
    "section.title": lambda w, at, new: setattr(a_section(w, at), "title", new),
    "section.level": lambda w, at, _new: setattr(a_section(w, at), "level", at % 5 + 1),
    "section.append": lambda w, at, new: a_section(w, at).append(new),
    "section.delete": lambda w, at, _new: a_section(w, at).delete(),
    "section.insert_before": lambda w, at, new: a_section(w, at).insert_before(f"=== {new} ==="),
    "section.insert_after": lambda w, at, new: a_section(w, at).insert_after(f"== n ==\n{new}"),
    "section.insert_last": lambda w, at, new: a_section(w, at).insert_last(f"==== n ====\n{new}"),
    "section.move_before": lambda w, at, _new: a_section(w, at).move_before(a_section(w, at // 8)),
    "section.move_after": lambda w, at, _new: a_section(w, at).move_after(a_section(w, at // 8)),
}
CHANGES = METHODS | VIEWS | SECTIONS
NEW = ["", "n", "n\nm", "[[q]]", "{{w}}", "<!--z-->", "* n", "|", "=", "a == b", "]", "}", "{", "[[Kategorie:Z]]", "\n"]
TABLE = "\n{|\n! a\n|-\n| b\n|}\n"
BITS = [
    "\n== h ==\n",
    "\n=== i {{t}} ===\n",
    "\n= j\n",
    TABLE,
    "<!-- X -->a<!-- END X -->",
    "{{t|\n== q ==\n}}",
    "[[a|\n== r ==\n]]",
]
longer = st.lists(st.one_of(texts, st.sampled_from(BITS)), max_size=6).map("".join)
steps = st.lists(
    st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 63), st.sampled_from(NEW), st.booleans()),
    min_size=1,
    max_size=6,
)


def test_all_changes_of_a_text_are_tried() -> None:
    public = {name for name, one in vars(Wikitext).items() if callable(one) and not name.startswith("_")}
    assert public == METHODS.keys() | LOOKUPS


def sections(w: Wikitext) -> list[tuple[int, int, str, str | None]]:
    return [(one.number, one.level, one.raw, one.anchor) for one in w.sections]


@given(longer, titles, steps)
def test_what_is_known_of_a_text_is_never_stale(
    text: str, title: str | None, changes: list[tuple[str, int, str, bool]]
) -> None:
    w = read(text, title)
    for name, at, new, look in changes:
        if look:
            assert sections(w) == sections(read(str(w), title))
        before = written(w.pieces)
        try:
            CHANGES[name](w, at, new)
        except (BadText, BadParameter, InvalidTitle):
            assert written(w.pieces) == before
        try:
            str(w)
        except BadText:
            assert str(w.read(w.sound)) == w.sound == before
    again = read(str(w), title)
    assert sections(w) == sections(again)
    assert seen(w) == seen(again)


def outcome(w: Wikitext, change: Change, at: int, new: str) -> tuple[bool, str]:
    """Whether a change is made, and the text then."""
    try:
        change(w, at, new)
    except (BadText, BadParameter, InvalidTitle):
        return False, written(w.pieces)
    return True, written(w.pieces)


def stays_whole(text: str, title: str | None) -> bool:
    """Whether no link is taken apart by looking at sections or changing tables, since it stands around them."""
    w = read(text, title)
    before = seen(w)
    for view in w.tables:
        view.append([""] * max(len(view.header), 1))
    return bool(w.sections) and {**seen(w), "switches": []} == {**before, "switches": []}


TWICE: list[tuple[str, str | None, list[tuple[str, int, str, bool]]]] = [
    ("{{x}}\n<!--c-->\nz", None, [("template.replace", 0, "[[Kategorie:Z]]", False), ("comment.remove", 0, "", False)]),
    ("* l\n\n<!--c-->\n", "Vorlage:V", [("comment.remove", 0, "", False), ("add_category", 0, "", False)]),
    ("<ref>r</ref>[[fr:T]]\nx", None, [("tag.remove", 0, "", False), ("remove_language_link", 0, "", False)]),
    ("{{x}}<!--c-->\nb", None, [("template.replace", 0, "n\n", False), ("comment.remove", 0, "", False)]),
]


def the_same(text: str, title: str | None, changes: list[tuple[str, int, str, bool]]) -> None:
    """Make each change on a fresh reading too."""
    w = read(text, title)
    for name, at, new, look in changes:
        before = str(w)
        try:
            if not stays_whole(before, title):
                return
        except (BadText, BadParameter):
            return
        if look:
            assert all(before[slice(*view.span)] == str(view) for view in (*w.templates, *w.links, *w.tags, *w.tables))
        assert outcome(w, CHANGES[name], at, new) == outcome(read(before, title), CHANGES[name], at, new)
        try:
            str(w)
        except BadText:
            w.read(w.sound)


@pytest.mark.parametrize(("text", "title", "changes"), TWICE)
def test_a_change_once_told_otherwise(text: str, title: str | None, changes: list[tuple[str, int, str, bool]]) -> None:
    the_same(text, title, changes)


@given(longer, titles, steps)
def test_a_change_is_the_same_whatever_was_done_before(
    text: str, title: str | None, changes: list[tuple[str, int, str, bool]]
) -> None:
    the_same(text, title, changes)


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda w: pickle.loads(pickle.dumps(w)),  # noqa: S301  # what it wrote itself
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_another_text(name: str) -> None:
    w = read("a [[b]]\n== c ==\nd", "Diskussion:S")
    (link,) = w.links
    w.sections[1].append("e")
    other = COPIES[name](w)
    assert other == w
    assert other.title == w.title
    link.target = "x"
    other.sections[1].append("f")
    assert (str(w), str(other)) == ("a [[x]]\n== c ==\nd\ne", "a [[b]]\n== c ==\nd\ne\nf")


@pytest.mark.parametrize("name", COPIES)
def test_nesting_does_not_end_copies(name: str) -> None:
    text = "{{a|" * 5000 + "}}" * 5000
    assert str(COPIES[name](read(text))) == text


def test_what_str_refuses_is_taken_back() -> None:
    w = read("a{[[b]]}")
    w.links[0].replace("{x}")
    with pytest.raises(BadText, match="read as something else"):
        str(w)
    assert str(w.read(w.sound)) == "a{[[b]]}"


@pytest.mark.parametrize("name", COPIES)
def test_what_is_found_in_a_text_is_not_copied(name: str) -> None:
    w = read("[[a]]\n== b ==\n")
    for found in (w.links[0], w.sections[1]):
        with pytest.raises(BadParameter, match="copy the Wikitext"):
            COPIES[name](found)


def test_what_is_shown_of_a_view_is_short() -> None:
    w = read(f"{{{{t|{'x' * 1000}}}}} [[a]]")
    assert len(repr(w.templates[0])) < 300
    assert repr(w.links[0]) == "<Link [[a]]>"


TABLE_OF_LINKS = "{|\n|+ [[C]]\n! a\n|-\n| [[A]]\n|-\n| b\n|}\n== [[H]] ==\n[[T]]\n"
GONE: dict[str, tuple[str, Callable[[Wikitext], object]]] = {
    "section.text": ("T", lambda w: setattr(w.sections[1], "text", "new")),
    "section.title": ("H", lambda w: setattr(w.sections[1], "title", "new")),
    "section.delete": ("T", lambda w: w.sections[1].delete()),
    "table.set": ("A", lambda w: w.tables[0].set(0, 0, "new")),
    "table.remove_row": ("A", lambda w: w.tables[0].remove_row(0)),
    "table.caption": ("C", lambda w: setattr(w.tables[0], "caption", None)),
    "table.caption set": ("C", lambda w: setattr(w.tables[0], "caption", "new")),
    "table.remove": ("A", lambda w: w.tables[0].remove()),
    "set_marked": ("M", lambda w: w.set_marked("X", "new")),
}


@pytest.mark.parametrize("name", GONE)
def test_what_is_taken_out_can_not_be_changed_any_more(name: str) -> None:
    target, change = GONE[name]
    w = read(f"{TABLE_OF_LINKS}<!-- X -->[[M]]<!-- END X -->")
    (link,) = w.links_to(target)
    others = [one for one in w.links if one != link]
    change(w)
    with pytest.raises(BadParameter, match="not in the text any more"):
        link.target = "Q"
    for one in others:
        if one in w.links:
            one.target = "R"
    assert str(w).count("[[R]]") == len(w.links)


def test_a_cell_is_compared_with_what_it_is_now() -> None:
    w = read("{|\n! a\n|-\n| {{u|2}} [[A]]\n|-\n| {{u|3}} [[A]]\n|}")
    (table,) = w.tables
    assert table.rows[0]["a"] == "{{u|2}} [[A]]"
    w.templates[0].set(1, "4")
    table.sort(lambda row: row["a"])
    assert [row["a"] for row in table.rows] == ["{{u|3}} [[A]]", "{{u|4}} [[A]]"]
    table.set(1, 0, "{{u|2}} [[A]]")
    assert str(w) == "{|\n! a\n|-\n| {{u|3}} [[A]]\n|-\n| {{u|2}} [[A]]\n|}"


def test_a_link_is_removed_from_where_it_is_now() -> None:
    w = read("{|\n! a\n|-\n|\n[[X]] y\n|}")
    (link,) = w.links
    w.tables[0].append(["z"])
    link.remove()
    assert "\ny\n" in str(w)


def test_all_of_many_can_be_removed() -> None:
    start = time.monotonic()
    w = read(
        "[[a]] b\n" * 20_000 + "<gallery>\n" + "A.png|b\n" * 20_000 + "</gallery>" + "{{t" + "|x=1" * 20_000 + "}}"
    )
    for one in [*w.links, *w.files]:
        one.remove()
    assert w.templates[0].unset("x")
    assert not [*w.links, *w.files]
    assert "x" not in str(w)
    assert time.monotonic() - start < SECONDS
