"""Values of the wrong type, as callers without types give them: each is refused with an error of the tree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from apibot.core.errors import BadParameter
from apibot.data import (
    PageRef,
    Section,
    Title,
    Wikitext,
    archived,
    escaped,
    exclusion,
    find_timestamps,
    may_edit,
    newest,
    normalised,
    older_than,
    read_items,
    read_json,
    read_list,
    read_template,
    renewed,
    report,
    same_but_stamp,
    text_sha1,
    wikitable,
)
from apibot.data.wikitext import CategoryLink, Comment, FileLink, Link, Reference, Table, Tag, Template
from tests.support.wikitexts import SITE

TEXT = """\
{{T|a=1|2}} [[A|b]] <ref name="r">x</ref> <!-- c --> <!-- M -->m<!-- END M --> [[Datei:F.jpg|mini|100px|cap]]
== H ==
h
== I ==
i
[[Kategorie:K|s]]
[[de:D]]
{|
! A
|-
| x
|}
"""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ODD: tuple[object, ...] = (5, 1.5, True, None, b"x", ["x"], ("x",), {"x": "y"}, object(), NOW)


def page() -> Wikitext:
    return Wikitext(TEXT, SITE, "P")


def setting(name: str) -> Callable[[Any, Any], None]:
    return lambda view, odd: setattr(view, name, odd)


def found(kind: type[Any], call: Callable[[Any, Any], object]) -> Callable[[Any], object]:
    """Try a call on the first view of a kind."""
    places = {
        Wikitext: lambda w: w,
        Template: lambda w: w.templates[0],
        Link: lambda w: w.links[0],
        FileLink: lambda w: w.files[0],
        CategoryLink: lambda w: w.categories[0],
        Reference: lambda w: w.references[0],
        Tag: lambda w: w.tags[0],
        Comment: lambda w: w.comments[0],
        Section: lambda w: w.section("H"),
        Table: lambda w: w.tables[0],
    }

    def tried(odd: Any) -> object:
        whole = page()
        try:
            return call(places[kind](whole), odd)
        finally:
            assert str(whole) == TEXT

    return tried


NONE = (None,)
CALLS: dict[str, tuple[Callable[[Any], object], tuple[object, ...]]] = {
    "Wikitext": (lambda odd: Wikitext(odd, SITE), ()),
    "Wikitext title": (lambda odd: Wikitext("", SITE, odd), NONE),
    "Title.parse": (lambda odd: Title.parse(odd, SITE), ()),
    "Title.of": (lambda odd: Title.of(0, odd, SITE), ()),
    "Title.of ns": (lambda odd: Title.of(odd, "A", SITE), (5, True)),
    "Title.from_url": (lambda odd: Title.from_url(odd, SITE), ()),
    "relative": (lambda odd: Title.parse("A", SITE).relative(odd), ()),
    "with_fragment": (lambda odd: Title.parse("A", SITE).with_fragment(odd), ()),
    "as_link": (lambda odd: Title.parse("A", SITE).as_link(odd), NONE),
    "may_edit": (lambda odd: may_edit(odd, "Bot"), ()),
    "may_edit user": (lambda odd: may_edit("{{bots}}", odd), ()),
    "may_edit messages": (lambda odd: may_edit("{{bots}}", "Bot", odd), (["x"], ("x",), {"x": "y"})),
    "exclusion": (lambda odd: exclusion(odd, "Bot"), ()),
    "escaped": (escaped, ()),
    "normalised": (normalised, ()),
    "text_sha1": (text_sha1, ()),
    "find_timestamps": (lambda odd: find_timestamps(odd, SITE), ()),
    "newest": (lambda odd: newest(odd, SITE), ()),
    "read_json": (lambda odd: read_json(odd, int), ()),
    "read_list": (read_list, ()),
    "read_items": (lambda odd: read_items(odd, int), ()),
    "read_template": (lambda odd: read_template(odd, dict[str, str]), ({"x": "y"},)),
    "read_template value": (lambda odd: read_template({"a": odd}, dict[str, str]), ()),
    "renewed": (lambda odd: renewed("a", odd), ()),
    "renewed old": (lambda odd: renewed(odd, "a"), NONE),
    "same_but_stamp": (lambda odd: same_but_stamp(odd, "a"), ()),
    "report": (lambda odd: report(odd, stamp=NOW), ()),
    "report stamp": (lambda odd: report("", stamp=odd), (NOW,)),
    "report intro": (lambda odd: report("", stamp=NOW, intro=odd), ()),
    "report label": (lambda odd: report("", stamp=NOW, label=odd), ()),
    "report category": (lambda odd: report("", stamp=NOW, categories=[odd]), ()),
    "wikitable": (lambda odd: wikitable(odd, ["a"]), (["x"], ("x",), {"x": "y"})),
    "wikitable columns": (lambda odd: wikitable([], odd), (["x"], ("x",), b"x")),
    "wikitable classes": (lambda odd: wikitable([], ["a"], classes=odd), (["x"], ("x",), b"x")),
    "wikitable attributes": (lambda odd: wikitable([], ["a"], attributes=odd), (None, {"x": "y"})),
    "wikitable attribute": (lambda odd: wikitable([], ["a"], attributes={"colspan": odd}), ()),
    "wikitable limit": (lambda odd: wikitable([], ["a"], limit=odd), (5, True, None)),
    "escaped line_end": (lambda odd: escaped("a\n", line_end=odd), ()),
    "PageRef": (PageRef, ()),
    "archived source": (lambda odd: archived(odd, None, when=lambda _one: True), ()),
    "archived archive": (lambda odd: archived(page(), odd, when=lambda _one: True), NONE),
    "archived header": (lambda odd: archived(page(), None, when=lambda _one: True, header=odd), ()),
    "archived stay": (lambda odd: archived(page(), None, when=lambda _one: True, stay=[odd]), ()),
    "archived level": (lambda odd: archived(page(), None, when=lambda _one: True, level=odd), (5, True)),
    "archived keep": (lambda odd: archived(page(), None, when=lambda _one: True, keep=odd), (5, True)),
    "older_than": (lambda odd: older_than(odd, NOW), (5, 1.5, True)),
    "older_than now": (lambda odd: older_than(1, odd), (NOW,)),
}
for kind, name, call, fine in (
    *(
        (Wikitext, name, lambda w, odd, name=name: getattr(w, name)(odd), ())
        for name in (
            "read",
            "section",
            "sections_named",
            "add_section",
            "templates_named",
            "links_to",
            "files_named",
            "append",
            "prepend",
            "add_category",
            "remove_category",
            "set_language_link",
            "remove_language_link",
            "redirect_to",
            "add_switch",
            "remove_switch",
            "marked",
        )
    ),
    (Wikitext, "set_marked name", lambda w, odd: w.set_marked(odd, "x"), ()),
    (Wikitext, "set_marked", lambda w, odd: w.set_marked("M", odd), ()),
    (Wikitext, "add_category key", lambda w, odd: w.add_category("K", odd), NONE),
    (Wikitext, "replace_category", lambda w, odd: w.replace_category("K", odd), ()),
    (Wikitext, "replace", lambda w, odd: w.replace(odd, "x"), ()),
    (Wikitext, "replace new", lambda w, odd: w.replace("h", odd), ()),
    (Wikitext, "replace count", lambda w, odd: w.replace("h", "h", count=odd), (5, True)),
    (Wikitext, "replace outside", lambda w, odd: w.replace("h", "h", outside=odd), ()),
    (Template, "replace", lambda v, odd: v.replace(odd), ()),
    (Template, "name", setting("name"), ()),
    (Template, "set", lambda v, odd: v.set("a", odd), ()),
    (Template, "set new", lambda v, odd: v.set("new", odd), ()),
    (Template, "set name", lambda v, odd: v.set(odd, "x"), (5, True)),
    (Template, "set before", lambda v, odd: v.set("new", "x", before=odd), (5, True, None)),
    (Template, "item", lambda v, odd: v.__setitem__("a", odd), ()),
    (Template, "rename", lambda v, odd: v.rename("a", odd), ()),
    (Template, "rename old", lambda v, odd: v.rename(odd, "b"), (5, True)),
    (Template, "unset", lambda v, odd: v.unset(odd), (5, True)),
    (Template, "get", lambda v, odd: v.get(odd), (5, True)),
    (Link, "target", setting("target"), ()),
    (Link, "text", setting("text"), NONE),
    (Link, "retarget", lambda v, odd: v.retarget(odd), ()),
    (CategoryLink, "sortkey", setting("sortkey"), NONE),
    (FileLink, "name", setting("name"), ()),
    (FileLink, "caption", setting("caption"), NONE),
    (FileLink, "set", lambda v, odd: v.set("width", odd), ()),
    (FileLink, "set name", lambda v, odd: v.set(odd, "x"), ()),
    (FileLink, "unset", lambda v, odd: v.unset(odd), ()),
    (Comment, "text", setting("text"), ()),
    (Tag, "content", setting("content"), ()),
    (Tag, "set", lambda v, odd: v.set("a", odd), NONE),
    (Tag, "set name", lambda v, odd: v.set(odd, "a"), ()),
    (Reference, "label", setting("label"), ()),
    (Reference, "group", setting("group"), ()),
    (Section, "title", setting("title"), ()),
    (Section, "level", setting("level"), (5, True)),
    (Section, "text", setting("text"), ()),
    (Section, "append", lambda v, odd: v.append(odd), ()),
    (Section, "insert_before", lambda v, odd: v.insert_before(odd), ()),
    (Section, "insert_after", lambda v, odd: v.insert_after(odd), ()),
    (Section, "insert_last", lambda v, odd: v.insert_last(odd), ()),
    (Section, "move_before", lambda v, odd: v.move_before(odd), ()),
    (Section, "move_after", lambda v, odd: v.move_after(odd), ()),
    (Table, "append", lambda v, odd: v.append(odd), (["x"], ("x",))),
    (Table, "append cell", lambda v, odd: v.append([odd]), ()),
    (Table, "append named cell", lambda v, odd: v.append({"A": odd}), ()),
    (Table, "extend", lambda v, odd: v.extend(odd), ()),
    (Table, "insert", lambda v, odd: v.insert(0, odd), (["x"], ("x",))),
    (Table, "insert at", lambda v, odd: v.insert(odd, ["x"]), (5, True)),
    (Table, "remove_row", lambda v, odd: v.remove_row(odd), (True,)),
    (Table, "set", lambda v, odd: v.set(0, "A", odd), ()),
    (Table, "set row", lambda v, odd: v.set(odd, "A", "y"), (True,)),
    (Table, "set column", lambda v, odd: v.set(0, odd, "y"), (True,)),
    (Table, "caption", setting("caption"), NONE),
    (Table, "sort", lambda v, odd: v.sort(odd), ()),
    (Table, "replace", lambda v, odd: v.replace(odd), ()),
):
    CALLS[f"{kind.__name__} {name}"] = (found(kind, call), fine)


@pytest.mark.parametrize("name", CALLS)
def test_a_value_of_the_wrong_type_is_refused(name: str) -> None:
    call, fine = CALLS[name]
    for odd in ODD:
        if any(odd is one for one in fine) or odd in fine:
            continue
        with pytest.raises(BadParameter) as caught:
            call(odd)
        assert caught.value.args
