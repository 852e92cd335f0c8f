"""Changes of tables, and of what is in them and around them, one after another: views of tables tell what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from hypothesis import example, given
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.data.wikitext import Table, Wikitext
from apibot.data.wikitext.node import written
from tests.support.wikitexts import read

T = TypeVar("T")


def one(found: Sequence[T], at: int) -> T:
    """One of those found; if there is none, nothing can be changed."""
    if not found:
        reason = "there is none"
        raise BadParameter(reason)
    return found[at % len(found)]


def followed(w: Wikitext, new: str, change: Callable[..., None], *args: object) -> None:
    """Make a change of a view, and one of the text."""
    change(*args)
    w.append(new)


OWN: dict[str, Callable[[Table, int, str], object]] = {
    "set": lambda table, at, new: table.set(at % max(len(table), 1), at // 8 % 3, new),
    "append": lambda table, _at, new: table.append([new]),
    "extend": lambda table, at, new: table.extend([[new], [new] * (at % 3)]),
    "insert": lambda table, at, new: table.insert(at % 8, [new]),
    "remove_row": lambda table, at, _new: table.remove_row(at % max(len(table), 1)),
    "sort": lambda table, at, _new: table.sort(lambda row: [*row.values()], reverse=at % 2 > 0),
    "caption": lambda table, at, new: setattr(table, "caption", new if at % 3 else None),
    "replace": lambda table, at, new: table.replace(["{|\n| r\n|}", new][at % 2]),
}
ELSEWHERE: dict[str, Callable[[Wikitext, int, str], object]] = {
    "link.target": lambda w, at, _new: setattr(one(w.links, at), "target", "Ziel"),
    "link.text": lambda w, at, new: setattr(one(w.links, at), "text", new),
    "link.retarget": lambda w, at, _new: one(w.links, at).retarget("Ziel"),
    "link.unlink": lambda w, at, _new: one(w.links, at).unlink(),
    "link.remove": lambda w, at, _new: one(w.links, at).remove(),
    "link.replace": lambda w, at, new: one(w.links, at).replace(new),
    "template.set": lambda w, at, new: one(w.templates, at).set(1, new),
    "template.replace": lambda w, at, new: one(w.templates, at).replace(new),
    "template.remove": lambda w, at, _new: one(w.templates, at).remove(),
    "comment.text": lambda w, _at, _new: setattr(one(w.comments, 0), "text", "d"),
    "comment.replace": lambda w, at, new: one(w.comments, at).replace(new),
    "tag.content": lambda w, at, new: setattr(one(w.tags, at), "content", new),
    "add_category": lambda w, _at, new: w.add_category("B", new),
    "remove_category": lambda w, _at, _new: w.remove_category("A"),
    "text.append": lambda w, _at, new: w.append(new),
    "text.prepend": lambda w, at, new: w.prepend(["{|\n| p\n|}\n", f"{new}\n"][at % 2]),
    "text.replace": lambda w, _at, new: w.replace("a", new),
    "both": lambda w, at, new: followed(w, new, setattr, one(w.links, at), "target", "Ziel"),
    "template again": lambda w, at, new: followed(w, new, one(w.templates, at).replace, str(one(w.templates, at))),
    "section.move": lambda w, at, _new: one(w.sections[1:], at).move_before(one(w.sections[1:], at // 8)),
    "sections": lambda w, _at, _new: w.sections,
    "another view": lambda w, at, new: one(w.tables, at).append([new]),
    "another view.set": lambda w, at, new: one(w.tables, at).set(0, 0, new),
}
LOOK = "look"
LOOK_AGAIN = (LOOK, 0, "")
CELLS = """
    a|b|[[A]]|[[b|c]]|[[a||b]]|{{t|a}}|{{t|a||b}} [[x]]|<!--c-->|<!--c-->d|a<!--c-->|<ref>[[r]]</ref>|[[Kategorie:A]]|
    rowspan=2 ¦ s|colspan=2 ¦ s|title={{t|a}} ¦ s|style="{{u}}" rowspan={{u|2}} ¦ s|<b title=c>d</b>
""".replace("\n", "").split("|")
cells = st.sampled_from([text.strip().replace("¦", "|") for text in CELLS] + ["\n* l [[m]]", "\n{|\n| n [[o]]\n|}", ""])
rows = st.lists(st.tuples(st.sampled_from(["| ", "! ", "| ", "|+ "]), cells).map("".join), max_size=3).map("\n".join)
starts = st.sampled_from(["{|\n", "{| class={{u}}\n", ":{| class=a\n! h !! [[i]] !! h\n|-\n"])
tables = st.tuples(starts, st.lists(rows, max_size=4).map("\n|-\n".join), st.just("\n|}")).map("".join)
between = st.sampled_from(
    ["\n", "\n\n== h ==\n", "\n[[Kategorie:A]]\n", "\n<!--c-->\n", "\n[[l]]\n", "\n<ref>{{t|a}}</ref>\n"]
)
texts = st.lists(st.tuples(tables, between).map("".join), min_size=1, max_size=3).map("".join)
NEW = [
    *("", "n", "[[q]]", "{{w|v}}", "<!--z-->", "* n", "a || b", "x\n", "|", "!", "<b"),
    *("\n|-\n| x", "\n| x", "\n|}\n", "\n{|\n| y\n|}"),
]
steps = st.lists(
    st.tuples(st.sampled_from([*OWN, *ELSEWHERE, LOOK]), st.integers(0, 63), st.sampled_from(NEW)),
    min_size=1,
    max_size=8,
)


def told(table: Table) -> tuple[object, ...]:
    return table.header, table.lists, table.rows, table.cells, table.caption, table.attributes, len(table)


def by_text(tables: Iterable[Table]) -> dict[str, list[Table]]:
    out: dict[str, list[Table]] = {}
    for table in tables:
        out.setdefault(str(table), []).append(table)
    return out


def with_another(text: str, old: str, new: str) -> Iterator[str]:
    """Texts in which one of the places of a part is another."""
    at = text.find(old)
    while at >= 0:
        yield text[:at] + new + text[at + len(old) :]
        at = text.find(old, at + 1)


@given(texts, steps)
@example("{|\n| b [[x]]\n|}\n", [LOOK_AGAIN, ("link.replace", 0, "\n{|\n| y\n|}")])
@example("{|\n! [[x]]\n|-\n| b\n|}\n", [LOOK_AGAIN, ("link.replace", 0, "\n| y")])
@example("{|\n| [[x]]\n|}\n", [LOOK_AGAIN, ("both", 0, "n"), ("set", 0, "n")])
@example(
    "{|\n| {{x}}\n|}\n", [LOOK_AGAIN, ("template.set", 0, "m"), ("template again", 0, "n"), ("template.set", 0, "n")]
)
@example("{|\n| {{x}}\n|}\n", [LOOK_AGAIN, ("template.set", 0, "m"), ("set", 0, "{{w|v}}"), ("template.set", 0, "n")])
@example("{|\n\n|}\n", [("caption", 1, "\n{|\n| y\n|}")])
@example("{|\n| p\n|}\n", [("text.prepend", 0, ""), ("set", 0, "n")])
@example(
    "{|\n| [[Kategorie:A]]\n|}\n{|\n| a\n|}\n",
    [
        ("add_category", 0, "n"),
        ("add_category", 0, "\n|-\n| x"),
        ("set", 0, ""),
        ("add_category", 0, "n"),
        ("set", 1, ""),
    ],
)
def test_tables_are_what_they_are_in_the_text(text: str, changes: list[tuple[str, int, str]]) -> None:
    w = read(text)
    views = w.tables
    for name, at, new in changes:
        views = w.tables if name == LOOK else views
        before = written(w.pieces)
        view = one(views, at)
        old = str(view)
        try:
            if name in OWN:
                OWN[name](view, at, new)
                assert written(w.pieces) in {before, *with_another(before, old, str(view))}
            elif name in ELSEWHERE:
                ELSEWHERE[name](w, at, new)
        except (BadText, BadParameter, InvalidTitle):
            assert written(w.pieces) == before
        try:
            fresh = read(str(w)).tables
        except BadText:
            w.read(w.sound)
            fresh = read(str(w)).tables
        assert [told(table) for table in w.tables] == [told(table) for table in fresh]
        there, held = by_text(fresh), by_text([view for view in views if view.node.kind == "table"])
        for one_text, found in held.items():
            if len(found) == len(there.get(one_text, [])):  # of fewer nobody could say which is which
                assert list(map(told, found)) == list(map(told, there[one_text]))
        if not w.tables:
            return
