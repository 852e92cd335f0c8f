"""Files: names, captions and parameters in the wiki's language and in English, in brackets and in galleries."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import BadParameter, BadText
from apibot.data.wikitext import FileLink, Wikitext
from tests.support import made_up_wiki
from tests.support.wikitexts import read, seen

Edit = Callable[[FileLink], object]


def put(name: str, value: str = "") -> Edit:
    return lambda file: file.set(name, value)


def out(name: str) -> Edit:
    return lambda file: file.unset(name)


def caption(value: str | None) -> Edit:
    return lambda file: setattr(file, "caption", value)


def called(value: str) -> Edit:
    return lambda file: setattr(file, "name", value)


def gallery(line: str) -> str:
    return f"<gallery mode=packed>\nDatei:Z.png|z\n{line}\n\n y.png |y\n</gallery>"


READ: list[tuple[str, str, dict[str, str], str | None]] = [
    ("[[Datei:A.png]]", "A.png", {}, None),
    ("[[Bild: a b.png |mini]]", "A b.png", {"thumbnail": ""}, None),
    ("[[File:A.png|thumb|left|90px|x]]", "A.png", {"thumbnail": "", "left": "", "width": "90"}, "x"),
    (
        "[[Datei:A.png|mini|hochkant=1.2|links|x [[y|z]]]]",
        "A.png",
        {"thumbnail": "", "upright": "1.2", "left": ""},
        "x [[y|z]]",
    ),
    ("[[Datei:A.png|hochkant]]", "A.png", {"upright": ""}, None),
    ("[[Datei:A.png|hochkant=groß]]", "A.png", {}, "hochkant=groß"),
    ("[[Datei:A.png|Mini]]", "A.png", {}, "Mini"),
    ("[[Datei:A.png|x90px|10x20px]]", "A.png", {"width": "10x20"}, None),
    ("[[Datei:A.png| mini <!-- c -->| x <!-- d --> ]]", "A.png", {"thumbnail": ""}, "x <!-- d -->"),
    ("[[Datei:A.png|mini=B.png|x]]", "A.png", {"manualthumb": "B.png"}, "x"),
    ("[[Datei:A.pdf|seite=3|verweis=|alt=a = b]]", "A.pdf", {"page": "3", "link": "", "alt": "a = b"}, None),
    ("[[Datei:A.png|x|y]]", "A.png", {}, "y"),
    ("[[Datei:A.png|mini|]]", "A.png", {"thumbnail": ""}, ""),
    ("[[Datei:A.png|{{t|mini|90px}}]]", "A.png", {}, "{{t|mini|90px}}"),
    (gallery("A.png"), "A.png", {}, None),
    (gallery("File:A.png|x [[y|z]]"), "A.png", {}, "x [[y|z]]"),
    (gallery("a.png|alt=b|verweis=C|x"), "A.png", {"alt": "b", "link": "C"}, "x"),
    (gallery("a.png|mini"), "A.png", {}, "mini"),
    (gallery("a.png|x|90px"), "A.png", {}, "90px"),
]


def the_one(w: Wikitext) -> FileLink:
    """The file in brackets, or the second one of the gallery."""
    return w.files[1 if w.tags else 0]


@pytest.mark.parametrize(("text", "name", "parameters", "words"), READ)
def test_files_are_read(text: str, name: str, parameters: dict[str, str], words: str | None) -> None:
    file = the_one(read(text))
    assert (file.name, file.parameters, file.caption) == (name, parameters, words)


CASES: list[tuple[str, Edit, str]] = [
    ("[[Datei:A.png|mini|x]]", called("b.png"), "[[Datei:B.png|mini|x]]"),
    ("[[ Bild : A.png |x]]", called("B.png"), "[[ Bild :B.png |x]]"),
    ("[[file:A.png]]", called("B_b.png"), "[[file:B b.png]]"),
    ("[[Datei:A:b.png]]", called("C.png"), "[[Datei:C.png]]"),
    ("[[Datei:A.png|mini|x]]", caption("y [[z|w]]"), "[[Datei:A.png|mini|y [[z|w]]]]"),
    ("[[Datei:A.png|mini| x ]]", caption(" y "), "[[Datei:A.png|mini| y ]]"),
    ("[[Datei:A.png|x|mini]]", caption("y"), "[[Datei:A.png|y|mini]]"),
    ("[[Datei:A.png|mini]]", caption("y"), "[[Datei:A.png|mini|y]]"),
    ("[[Datei:A.png|x|mini|y]]", caption("z"), "[[Datei:A.png|x|mini|z]]"),
    ("[[Datei:A.png|x|mini|y]]", caption(None), "[[Datei:A.png|mini]]"),
    ("[[Datei:A.png|mini]]", caption(None), "[[Datei:A.png|mini]]"),
    ("[[Datei:A.png|mini|]]", out("thumbnail"), "[[Datei:A.png]]"),
    ("[[Datei:A.png|mini|]]", caption("x"), "[[Datei:A.png|mini|x]]"),
    ("[[Datei:A.png|mini]]", caption("[http://x y]"), "[[Datei:A.png|mini|[http://x y]]]"),
    ("[[Datei:A.png]]", put("thumbnail"), "[[Datei:A.png|mini]]"),
    ("[[Datei:A.png|thumb]]", put("thumbnail"), "[[Datei:A.png|thumb]]"),
    ("[[Datei:A.png|x]]", put("upright"), "[[Datei:A.png|hochkant|x]]"),
    ("[[Datei:A.png|x]]", put("upright", "1.5"), "[[Datei:A.png|hochkant=1.5|x]]"),
    ("[[Datei:A.png|upright=2|x]]", put("upright", "1.5"), "[[Datei:A.png|hochkant=1.5|x]]"),
    ("[[Datei:A.png|upright|x]]", put("upright", "1.5"), "[[Datei:A.png|hochkant=1.5|x]]"),
    ("[[Datei:A.png|mini|90px]]", put("width", "80"), "[[Datei:A.png|mini|80px]]"),
    ("[[Datei:A.png|90px|80px]]", put("width", "70"), "[[Datei:A.png|90px|70px]]"),
    ("[[Datei:A.png| 90px |x]]", put("width", "80"), "[[Datei:A.png| 80px |x]]"),
    ("[[Datei:A.png|rahmenlos|rechts|x]]", put("thumbnail"), "[[Datei:A.png|mini|rechts|x]]"),
    ("[[Datei:A.png|mini|rechts|x]]", put("left"), "[[Datei:A.png|mini|links|x]]"),
    ("[[Datei:A.png|right|x|links]]", put("none"), "[[Datei:A.png|x|ohne]]"),
    ("[[Datei:A.png|mini]]", put("alt", "a = [b]"), "[[Datei:A.png|mini|alternativtext=a = [b]]]"),
    ("[[Datei:A.png|alt=x]]", put("alt", "y"), "[[Datei:A.png|alternativtext=y]]"),
    ("[[Datei:A.png|mini|thumb|x]]", out("thumbnail"), "[[Datei:A.png|x]]"),
    ("[[Datei:A.png|x]]", out("thumbnail"), "[[Datei:A.png|x]]"),
    ("[[Datei:A.png|x]]", lambda file: file.replace("[[a]]"), "[[a]]"),
    # In galleries.
    (gallery("a.png|x"), called("b.png"), gallery("B.png|x")),
    (gallery(" Bild:a.png |x"), called("b.png"), gallery(" Bild:B.png |x")),
    (gallery("a.png"), caption("x [[y|z]]"), gallery("a.png|x [[y|z]]")),
    (gallery("a.png|alt=b| x "), caption("y"), gallery("a.png|alt=b| y ")),
    (gallery("a.png|mini"), caption("y"), gallery("a.png|y")),
    (gallery("a.png|x"), caption("90px"), gallery("a.png|90px")),
    (gallery("a.png|alt=b|x"), caption(None), gallery("a.png|alt=b")),
    (gallery("a.png|x"), put("alt", "b"), gallery("a.png|alternativtext=b|x")),
    (gallery("a.png|alt=a|x"), put("alt", "b"), gallery("a.png|alternativtext=b|x")),
    (gallery("a.png|alt=a|x"), out("alt"), gallery("a.png|x")),
]


@pytest.mark.parametrize(("text", "edit", "after"), CASES)
def test_a_file_is_changed_and_nothing_else(text: str, edit: Edit, after: str) -> None:
    w = read(f"a\n{text} b\n")
    edit(the_one(w))
    assert str(w) == f"a\n{after} b\n"
    again = read(str(w))
    assert seen(again) == seen(w)
    if again.files:
        edit(the_one(again))
        assert str(again) == f"a\n{after} b\n"


REFUSED: list[tuple[str, Edit]] = [
    ("[[Datei:A.png]]", called("")),
    ("[[Datei:A.png]]", called("a|b")),
    ("[[Datei:A.png]]", caption("a|b")),
    ("[[Datei:A.png]]", caption("")),
    ("[[Datei:A.png]]", caption(" ")),
    ("[[Datei:A.png]]", caption("<!-- c -->")),
    ("[[Datei:A.png]]", caption("mini")),
    ("[[Datei:A.png]]", caption("90px")),
    ("[[Datei:A.png]]", caption("]]")),
    ("[[Datei:A.png]]", caption("[[a")),
    ("[[Datei:A.png]]", put("width", "90em")),
    ("[[Datei:A.png]]", put("width")),
    ("[[Datei:A.png]]", put("thumbnail", "1")),
    ("[[Datei:A.png]]", put("alt", "a|b")),
    ("[[Datei:A.png]]", put("winzig")),
    ("[[Datei:A.png]]", put("upright", "big")),
    (gallery("a.png"), called("a|b")),
    (gallery("a.png"), caption("a\nb")),
    (gallery("a.png"), caption("a|b")),
    (gallery("a.png"), caption("alt=a")),
    (gallery("a.png"), caption("<!-- a")),
    (gallery("a.png"), caption("{{a")),
    (gallery("a.png"), put("thumbnail")),
    (gallery("a.png"), put("width", "90")),
]


@pytest.mark.parametrize(("text", "edit"), REFUSED)
def test_what_can_not_stand_in_a_file_is_refused(text: str, edit: Edit) -> None:
    w = read(text)
    with pytest.raises(BadParameter) as found:
        edit(the_one(w))
    assert str(w) == text
    if isinstance(found.value, BadText):
        assert 0 <= found.value.position <= len(found.value.text)


def test_what_was_in_a_caption_that_is_gone_can_not_be_changed() -> None:
    w = read("[[Datei:A.png|mini|x [[y]]]]")
    link = w.links[0]
    w.files[0].caption = None
    with pytest.raises(BadParameter, match="any more"):
        link.unlink()
    assert str(w) == "[[Datei:A.png|mini]]"


def test_a_wiki_that_does_not_tell_its_words_has_the_english_ones() -> None:
    w = Wikitext("[[Datei:A.png|text-top|center|sup|mini]]", made_up_wiki.SITE)
    assert w.files[0].parameters == {"text_top": "", "center": "", "super": ""}
    assert w.files[0].caption == "mini"


# Properties.

PARTS = [
    "mini",
    "thumb",
    "rahmenlos",
    "links",
    "rechts",
    "90px",
    "x80px",
    "hochkant",
    "hochkant=1.2",
    "alt=x",
    "verweis=",
]
CAPTIONS = ["x", " x ", "[[l|m]]", "{{u|a|b=c}}", "", "<!-- c -->y", "''z''", "seite=x", "a<ref>b|c</ref>"]
part = st.sampled_from(PARTS + CAPTIONS)
file_text = st.tuples(st.sampled_from(["Datei:A.png", "Bild: a.png "]), st.lists(part, max_size=5)).map(
    lambda one: "|".join([one[0], *(one[1] if one[1] != [""] else [])])
)
places = st.sampled_from(
    ["[[%s]]", "a [[%s]] b", "<gallery>\n%s\nb.png|c\n</gallery>", "{{t|x=[[%s]]}}", "{|\n| [[%s]]\n|}"]
)
VALUES = {
    "thumbnail": "",
    "left": "",
    "frameless": "",
    "width": "70",
    "upright": "1.7",
    "alt": "new [x]",
    "link": "New",
}


@settings(max_examples=300)
@given(file_text, places, st.sampled_from(sorted(VALUES)))
def test_a_parameter_that_is_set_is_read_there(inner: str, place: str, name: str) -> None:
    w = read(place.replace("%s", inner))
    before, file = str(w), w.files[0]
    old, words = file.parameters, file.caption
    try:
        file.set(name, VALUES[name])
    except BadText:
        assert str(w) == before
        assert w.tags
        return
    new = read(str(w)).files[0]
    assert new.parameters[name] == VALUES[name]
    assert new.caption == words
    assert set(new.parameters) - {name} <= set(old)
    once = str(w)
    file.set(name, VALUES[name])
    assert str(w) == once
    file.unset(name)
    assert name not in read(str(w)).files[0].parameters
    assert (read(str(w)).files[0].caption or "") == (words or "")


@settings(max_examples=300)
@given(file_text, places, st.sampled_from(CAPTIONS).filter(bool))
def test_a_caption_that_is_set_is_read_there(inner: str, place: str, words: str) -> None:
    w = read(place.replace("%s", inner))
    file = w.files[0]
    parameters = file.parameters
    file.caption = words
    once = str(w)
    new = read(once).files[0]
    assert (new.caption or "").endswith(words.strip())
    assert new.parameters == parameters
    file.caption = words
    assert str(w) == once
    file.caption = None
    assert read(str(w)).files[0].caption is None
    assert read(str(w)).files[0].parameters == parameters


@settings(max_examples=300)
@given(file_text, places)
def test_another_name_changes_nothing_else(inner: str, place: str) -> None:
    w = read(place.replace("%s", inner))
    file = w.files[0]
    rest = (file.parameters, file.caption, [str(one) for one in w.files[1:]])
    file.name = "new name.svg"
    new = read(str(w))
    assert new.files[0].name == "New name.svg"
    assert (new.files[0].parameters, new.files[0].caption, [str(one) for one in new.files[1:]]) == rest
    assert inner.partition("|")[2] in str(w)


@settings(max_examples=200)
@given(file_text, places)
def test_different_changes_commute(inner: str, place: str) -> None:
    changes: list[Edit] = [called("new.png"), put("alt", "new"), caption("new")]
    one, other = read(place.replace("%s", inner)), read(place.replace("%s", inner))
    for change in changes:
        change(one.files[0])
    for change in reversed(changes):
        change(other.files[0])
    assert one.files[0].parameters == other.files[0].parameters
    assert one.files[0].caption == other.files[0].caption
    assert (one.files[0].caption or "").removeprefix("<!-- c -->") == "new"
    assert read(str(one)).files[0].name == read(str(other)).files[0].name == "New.png"


def test_files_of_a_name_are_found_and_renamed_with_or_without_namespace() -> None:
    w = read("[[Datei:A.png|mini]] [[Bild:a.png]] <gallery>\nA.png|x\nB.png\n</gallery> [[:Datei:A.png]]")
    found = w.files_named("A.png")
    assert found == w.files_named("File:A.png")
    assert len(found) == 3
    for one in found:
        one.name = "File:C.png"
    assert str(w) == "[[Datei:C.png|mini]] [[Bild:C.png]] <gallery>\nC.png|x\nB.png\n</gallery> [[:Datei:A.png]]"
    with pytest.raises(BadText, match="no file"):
        w.files[0].name = "Benutzer:X"


def test_what_was_read_of_a_file_is_not_set() -> None:
    w = read("[[Datei:A.png|mini|alt=x]]")
    with pytest.raises(BadParameter, match=r"set\(\)"):
        w.files[0].parameters["alt"] = "y"
    own = copy.copy(w.files[0].parameters)
    own["alt"] = "y"
    assert w.files[0].parameters["alt"] == "x"


def test_parameters_may_have_an_empty_value_and_names_of_the_wiki() -> None:
    w = read("[[Datei:A.png|20px|x]]")
    (file,) = w.files
    file.set("link")
    file.set("alternativtext", "")
    file.set("mini")
    assert str(w) == "[[Datei:A.png|20px|verweis=|alternativtext=|mini|x]]"
    assert file.parameters == {"width": "20", "link": "", "alt": "", "thumbnail": ""}
    assert (file.unset("verweis"), file.unset("thumb"), file.unset("nosuch")) == (True, True, False)
    assert str(w) == "[[Datei:A.png|20px|alternativtext=|x]]"
    for name, value in (("width", ""), ("width", "200em"), ("left", "x"), ("nosuch", "")):
        with pytest.raises(BadText, match="no such parameter"):
            file.set(name, value)


def test_a_width_may_be_given_with_its_unit() -> None:
    w = read("[[Datei:A.png]]")
    w.files[0].set("width", "300px")
    w.files[0].set("alt", "20px")
    assert str(w) == "[[Datei:A.png|300px|alternativtext=20px]]"
