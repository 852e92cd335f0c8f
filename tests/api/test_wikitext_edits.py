"""What our edits of templates, links and files do on a German wiki, by what it then shows."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Iterator

import pytest

from apibot.core.site import BLOCKS, SiteInfo
from apibot.data.wikitext import FileLink, Template, Wikitext
from apibot.sandbox import Sandbox
from tests.api.test_wikitext_links import GERMAN, ask
from tests.support.world import png

PAGE = "Project:Seite/Unter"
NAMES = ["Ort", "Zahl", "Neu", "1", "2", "3"]
SHOWN = "".join(f'<span class="p-{name}">{{{{{{{name}|fehlt}}}}}}</span>' for name in NAMES)
CAPTION = re.compile(
    r'<div class="(?:thumbcaption|gallerytext)">(?:<div class="magnify">.*?</div>)?(.*?)</div>', re.DOTALL
)


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    pictures = tmp_path_factory.mktemp("pictures")
    for name in ("Bild.png", "Anderes.png"):
        (pictures / name).write_bytes(png(900, 7))
    home = tmp_path_factory.mktemp("edits")
    with Sandbox("edits", settings=f"{GERMAN}\n$wgEnableUploads = true;", home=home) as wiki:
        wiki.import_pages([("Vorlage:Zeig", SHOWN)])
        wiki.maintenance("importImages.php", str(pictures))
        yield wiki


@pytest.fixture(scope="module")
def site(german: Sandbox) -> SiteInfo:
    return SiteInfo.from_api(ask(german, action="query", meta="siteinfo", siprop="|".join(BLOCKS))["query"])


def page(wiki: Sandbox, text: str) -> str:
    """The HTML that the wiki makes of a text."""
    reply = ask(wiki, action="parse", text=text, title=PAGE, prop="text", disablelimitreport=True)
    return str(reply["parse"]["text"])


def words(page: str) -> str:
    """What readers see of some HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


# Templates.

LAYOUTS = [
    "{{Zeig|Ort=a|Zahl=b}}",
    "{{Zeig | Ort = a | Zahl = b }}",
    "{{Zeig\n|Ort=a\n|Zahl=b\n}}",
    "{{Zeig\n| Ort  = a\n| Zahl = b\n}}",
    "{{Zeig|\n Ort = a |\n Zahl = b\n}}",
    "{{Zeig|\nOrt=a|\nZahl=b|\n}}",
    "{{Zeig\n|Ort=a <!-- x -->\n<!-- y -->\n|Zahl=\n}}",
    "{{Vorlage:zeig|eins|zwei|Ort=a}}",
    "{{template:Zeig|Zahl=b|eins| zwei |drei}}",
    "{{Zeig|Ort=a|Ort=c|1=d|e}}",
    "{{zeig}}",
    "{{Zeig\n}}",
]
VALUES = [
    "neu",
    "zwei Wörter",
    "a = b",
    "<nowiki>x|y}}</nowiki>",
    "[[Link|text]]",
    "{{lc:ABC}}",
    "{{#if:|x|y=z}}",
    "5 < 6",
]
RESULTS = ["neu", "zwei Wörter", "a = b", "x|y}}", "text", "abc", "y=z", "5 < 6"]


def found(wiki: Sandbox, text: str) -> dict[str, str]:
    """The parameters that the wiki has for the template."""
    shown = re.findall(r'<span class="p-([^"]*)">(.*?)</span>', page(wiki, text), re.DOTALL)
    pairs = {name: words(value) for name, value in shown}
    assert list(pairs) == NAMES
    return {name: value for name, value in pairs.items() if value != "fehlt"}


def _set(one: Template, name: str, value: str, shown: str) -> Callable[[dict[str, str]], dict[str, str]]:
    one.set(name, value)
    return lambda before: {**before, name: shown}


def _unset(one: Template, name: str, _value: str, _shown: str) -> Callable[[dict[str, str]], dict[str, str]]:
    one.unset(name)
    left = {name: ""} if name in one else {}  # it keeps the place where others follow
    return lambda before: {key: value for key, value in before.items() if key != name} | left


def _rename(one: Template, name: str, _value: str, _shown: str) -> Callable[[dict[str, str]], dict[str, str]]:
    new = "Neu" if name != "Neu" else "Ort"
    if new in one or any(part != part.strip() for key, part in ((key, one[key]) for key in one)):
        return dict
    one.rename(name, new)
    return lambda before: {(new if key == name else key): value for key, value in before.items()}


OPERATIONS = {"set": _set, "unset": _unset, "rename": _rename}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_wiki_shows_the_parameters_that_were_changed(german: Sandbox, site: SiteInfo, operation: str) -> None:
    source = random.Random(operation)
    for layout in LAYOUTS:
        before = found(german, layout)
        for name in NAMES if operation != "set" else [*NAMES, *NAMES]:
            at = source.randrange(len(VALUES))
            w = Wikitext(f"x {layout} y", site)
            (one,) = w.templates_named("Zeig")
            if name not in one and operation == "rename":
                continue
            expected = OPERATIONS[operation](one, name, VALUES[at], RESULTS[at])(before)
            assert found(german, str(w)) == expected, str(w)


# Links.

LINKS = [
    "[[a]]", "[[a]]s", "[[a|b]]", "[[:Kategorie:A]]", "[[:fr:A]]", "[[acme:A|b|c]]", "[[a_b]]", "[[ a#b ]]",
    "[[a|''b'' <nowiki>[[c]]</nowiki>]]", "[[a<!-- c -->|b]]", "[[a|[b]]]", "[[a%20b]]", "[[a&amp;b]]",
    "[[/a]]", "[[/a/]]", "[[/a/#b]]", "[[../a]]", "[[../a/]]", "[[../]]", "[[../#b]]", "[[/a|b]]",
]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_readers_see_the_same_after_a_link_leads_elsewhere_or_nowhere(
    german: Sandbox, site: SiteInfo, link: str
) -> None:
    text = f"x {link} y"
    shown = words(page(german, text))
    w = Wikitext(text, site, PAGE)
    w.links[0].retarget("Neues Ziel")
    reply = ask(german, action="parse", text=str(w), title=PAGE, prop="text|links")["parse"]
    assert [row["title"] for row in reply["links"]] == ["Neues Ziel"], str(w)
    assert words(re.sub("<!--.*?-->", "", reply["text"], flags=re.DOTALL)) == shown, str(w)
    w = Wikitext(text, site, PAGE)
    w.links[0].unlink()
    after = page(german, str(w))
    assert words(after) == shown, str(w)
    assert "<a " not in after


@pytest.mark.parametrize("target", ["a", ":a", "Kategorie:A", "Datei:Bild.png", "fr:A"])
@pytest.mark.parametrize("text", ["|", "|<!-- c -->"])
def test_what_has_an_empty_text_is_no_link_there(german: Sandbox, target: str, text: str) -> None:
    props = "links|categories|images|langlinks|iwlinks"
    reply = ask(german, action="parse", text=f"x [[{target}{text}]] y", title=PAGE, prop=props)["parse"]
    assert [row for prop in props.split("|") for row in reply[prop]] == []


# Files.

Edit = Callable[[FileLink], object]
FILES: list[tuple[str, Edit, str]] = [
    ("[[Datei:Bild.png|mini|x]]", lambda one: setattr(one, "name", "anderes.png"), "[[File:Anderes.png|thumb|x]]"),
    ("[[Bild:Bild.png|mini|x]]", lambda one: setattr(one, "caption", "y [[z]]"), "[[File:Bild.png|thumb|y [[z]]]]"),
    ("[[Bild:Bild.png|mini|x|y]]", lambda one: setattr(one, "caption", None), "[[File:Bild.png|thumb]]"),
    ("[[Datei:Bild.png|x]]", lambda one: one.set("thumbnail"), "[[File:Bild.png|thumb|x]]"),
    ("[[Datei:Bild.png|mini|x]]", lambda one: one.set("upright"), "[[File:Bild.png|thumb|upright|x]]"),
    (
        "[[Datei:Bild.png|mini|hochkant|x]]",
        lambda one: one.set("upright", "1.5"),
        "[[File:Bild.png|thumb|upright=1.5|x]]",
    ),
    ("[[Datei:Bild.png|mini|90px|80px]]", lambda one: one.set("width", "70"), "[[File:Bild.png|thumb|70px]]"),
    ("[[Datei:Bild.png|mini|rechts|x]]", lambda one: one.set("left"), "[[File:Bild.png|thumb|left|x]]"),
    ("[[Datei:Bild.png|rahmenlos|x]]", lambda one: one.set("framed"), "[[File:Bild.png|frame|x]]"),
    ("[[Datei:Bild.png|mini|links|zentriert|x]]", lambda one: one.set("none"), "[[File:Bild.png|thumb|none|x]]"),
    ("[[Datei:Bild.png|90px]]", lambda one: one.set("alt", "a = b"), "[[File:Bild.png|90px|alt=a = b]]"),
    ("[[Datei:Bild.png|90px]]", lambda one: one.set("link", "Ziel"), "[[File:Bild.png|90px|link=Ziel]]"),
    ("[[Datei:Bild.png|mini|links|x]]", lambda one: one.unset("left"), "[[File:Bild.png|thumb|x]]"),
    ("[[Datei:Bild.png|hochgestellt|20px]]", lambda one: one.set("text_top"), "[[File:Bild.png|text-top|20px]]"),
    (
        "<gallery>\nBild.png|x\n</gallery>",
        lambda one: setattr(one, "name", "anderes.png"),
        "<gallery>\nFile:Anderes.png|x\n</gallery>",
    ),
    (
        "<gallery>\nBild.png|mini\n</gallery>",
        lambda one: setattr(one, "caption", "90px"),
        "<gallery>\nFile:Bild.png|90px\n</gallery>",
    ),
    (
        "<gallery>\nBild.png|alternativtext=x|y\n</gallery>",
        lambda one: one.set("alt", "z"),
        "<gallery>\nFile:Bild.png|alt=z|y\n</gallery>",
    ),
    (
        "<gallery>\nBild.png|y\n</gallery>",
        lambda one: one.set("link", "Ziel"),
        "<gallery>\nFile:Bild.png|link=Ziel|y\n</gallery>",
    ),
]


@pytest.mark.parametrize(("text", "edit", "same"), FILES)
def test_the_wiki_shows_files_as_they_were_changed(
    german: Sandbox, site: SiteInfo, text: str, edit: Edit, same: str
) -> None:
    w = Wikitext(text, site)
    edit(w.files[0])
    assert page(german, str(w)) == page(german, same) != page(german, text)


PARTS = [
    "links",
    "rechts",
    "90px",
    "hochkant",
    "alternativtext=x",
    "verweis=Ziel",
    "rand",
    "oben",
    "mini",
    "wörter",
    "Rechts",
]


@pytest.mark.parametrize("place", ["[[Datei:Bild.png|mini|%s]]", "<gallery>\nBild.png|%s\n</gallery>"])
def test_captions_are_those_of_the_wiki(german: Sandbox, site: SiteInfo, place: str) -> None:
    source = random.Random(place)
    for _time in range(40):
        parts = source.sample([part for part in PARTS if part != "mini" or "gallery" in place], source.randint(1, 4))
        text = place.replace("%s", "|".join(parts))
        shown = CAPTION.search(page(german, text))
        assert shown, text
        assert words(shown[1]) == (Wikitext(text, site).files[0].caption or ""), text
