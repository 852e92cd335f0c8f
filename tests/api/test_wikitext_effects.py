"""Edits of categories, languages, switches, footnotes, marks: the wiki is asked what has become of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
import requests

from apibot.core.site import BLOCKS, SiteInfo
from apibot.data.wikitext import Wikitext
from apibot.sandbox import Sandbox
from tests.api.test_wikitext_links import GERMAN
from tests.support.wikitexts import Edit


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox("effects", settings=GERMAN, home=tmp_path_factory.mktemp("effects")) as wiki:
        wiki.import_pages([("Vorlage:Leer", "<noinclude>x</noinclude>")])
        yield wiki


def ask(wiki: Sandbox, **params: object) -> Any:
    return requests.post(wiki.api, {"format": "json", "formatversion": 2, **params}, timeout=60).json()


@pytest.fixture(scope="module")
def site(german: Sandbox) -> SiteInfo:
    return SiteInfo.from_api(ask(german, action="query", meta="siteinfo", siprop="|".join(BLOCKS))["query"])


def effect(wiki: Sandbox, text: str, title: str) -> dict[str, Any]:
    """What the wiki makes of a text."""
    props = "categories|langlinks|properties|text"
    params = {"text": text, "title": title, "prop": props, "contentmodel": "wikitext", "disablelimitreport": 1}
    reply = ask(wiki, action="parse", **params)["parse"]
    return {
        "categories": {row["category"]: row["sortkey"] for row in reply["categories"]},
        "languages": {row["lang"]: row["title"] for row in reply["langlinks"]},
        "properties": set(reply["properties"]),
        "shown": " ".join(reply["text"].split()),
    }


TEXT = "T ü\n\n{{SORTIERUNG:s}}\n[[Category:a|x]]\n[[Kategorie:B]]* U\n\n[[fr:T]]\n"
EFFECTS: list[tuple[str, Edit, dict[str, Any]]] = [
    (TEXT, lambda w: w.add_category("N", "k"), {"categories": {"A": "x", "B": "s", "N": "k"}}),
    (TEXT, lambda w: w.add_category("A", "{{lc:K}}"), {"categories": {"A": "k", "B": "s"}}),
    (TEXT, lambda w: w.replace_category("A", "N"), {"categories": {"N": "x", "B": "s"}}),
    (TEXT, lambda w: w.remove_category("A"), {"categories": {"B": "s"}}),
    (TEXT, lambda w: w.remove_category("B"), {"categories": {"A": "x"}}),
    ("T [[Kategorie:A|x]][[Kategorie:A|y]]", lambda w: w.add_category("A", "z"), {"categories": {"A": "z"}}),
    ("T<!-- c", lambda w: w.add_category("N"), {"categories": {"N": ""}}),
    (TEXT, lambda w: w.set_language_link("fr:V#w"), {"languages": {"fr": "V#w"}}),
    (TEXT, lambda w: w.set_language_link("it:U"), {"languages": {"fr": "T", "it": "U"}}),
    (TEXT, lambda w: w.remove_language_link("fr"), {"languages": {}}),
    ("T", lambda w: w.add_switch("notoc"), {"properties": {"notoc"}}),
    ("T\n__KEIN_INHALTSVERZEICHNIS__ __forcetoc__", lambda w: w.remove_switch("notoc"), {"properties": {"forcetoc"}}),
    ("#WEITERLEITUNG [[A]]", lambda w: w.add_switch("forcetoc"), {"properties": {"forcetoc"}}),
]


@pytest.mark.parametrize(("text", "edit", "after"), EFFECTS)
def test_an_edit_has_its_effect_and_no_other(
    german: Sandbox, site: SiteInfo, text: str, edit: Edit, after: dict[str, Any]
) -> None:
    before = effect(german, text, "Seite")
    w = Wikitext(text, site, "Seite")
    edit(w)
    found = effect(german, str(w), "Seite")
    assert {name: found[name] for name in after} == after
    if "properties" not in after:
        same = [name for name in before if name not in after]
        assert {name: found[name] for name in same} == {name: before[name] for name in same}


KEYED = [
    "T",
    "T {{SORTIERUNG:k}} [[Kategorie:A]]",
    "{{DEFAULTSORT: k <!-- c --> }}\n{{defaultsort:}}",
    "{{DEFAULTSORT:k}}{{DEFAULTSORT:l}}",
    "{{DEFAULTSORT:k}}{{DEFAULTSORT:l|noreplace}}",
    "{{DEFAULTSORT:k|noerror}}{{DEFAULTSORT:l|noerror}}",
    "{{DEFAULTSORT:k|noreplace}}",
    "{{SORTIERUNG:k}}<includeonly>{{SORTIERUNG:l}}</includeonly><noinclude>{{SORTIERUNG:m}}</noinclude>",
    "<nowiki>{{SORTIERUNG:k}}</nowiki><!-- {{SORTIERUNG:l}} -->",
    "T\n\n[[Kategorie:A]]\n[[fr:T]]\n",
]


def _sorted_by(wiki: Sandbox, text: str) -> str | None:
    found: dict[str, str] = ask(wiki, action="parse", text=text, title="Seite", prop="properties")["parse"][
        "properties"
    ]
    return found.get("defaultsort")


@pytest.mark.parametrize("text", KEYED)
def test_the_key_for_all_categories(german: Sandbox, site: SiteInfo, text: str) -> None:
    w = Wikitext(text, site, "Seite")
    assert w.default_sortkey == _sorted_by(german, text)
    for key in ("Schmidt, Ann", "Z", None):
        w.default_sortkey = key
        assert w.default_sortkey == key == _sorted_by(german, str(w))


SIGNS = ["* U", "# U", ": U", "; U", "== U ==", "! U", "---- U", "<!-- c -->* U", " * U"]
BEFORE = ["T\n", "T [[a]]\n", "* T\n", "T <!-- c -->\n", "== h ==\nT\n", "T\n<!-- c -->", "{|\n| T\n"]


def _packed(shown: str) -> str:
    return "".join(shown.replace("&#160;", " ").split())


@pytest.mark.parametrize("sign", SIGNS)
def test_what_readers_see_stays_when_a_category_goes(german: Sandbox, site: SiteInfo, sign: str) -> None:
    for before in BEFORE:
        text = f"{before}[[Kategorie:A]]{sign}\nV"
        w = Wikitext(text, site, "Seite")
        w.remove_category("A")
        ours, theirs = (effect(german, one, "Seite")["shown"] for one in (str(w), text))
        assert _packed(ours) == _packed(theirs), str(w)


@pytest.mark.parametrize("text", ["V[[Kategorie:U]]", "V<noinclude>{{Doku}}</noinclude>", "V<!-- c", "V\n"])
def test_a_category_of_a_template_is_not_that_of_its_users(german: Sandbox, site: SiteInfo, text: str) -> None:
    before, after = (_used(german, one) for one in (text, _put(text, site)))
    assert after == before
    own = effect(german, _put(text, site), "Vorlage:V")
    assert own["categories"]["N"] == "k"
    assert own["languages"] == {"fr": "V"}


def _put(text: str, site: SiteInfo) -> str:
    w = Wikitext(text, site, "Vorlage:V")
    w.add_category("N", "k")
    w.set_language_link("fr:V")
    return str(w)


def _used(wiki: Sandbox, text: str) -> dict[str, Any]:
    """What a template with this text makes of a page; a template for each text, since the wiki remembers them."""
    name = f"V{crc32(text.encode())}"
    reply = ask(wiki, action="edit", title=f"Vorlage:{name}", text=text, token="+\\")  # that of all strangers
    assert reply["edit"]["result"] == "Success"
    return effect(wiki, f"a{{{{{name}}}}}b", "Seite")


LONE = {
    "{{Leer}}": "",
    "{{#if:}}": "",
    "<!-- c -->": "",
    "[[Kategorie:A]]": "",
    "{|\n| x\n|}": r"<table>(?:(?!</table>).)*x.*?</table>",
    "[[Datei:Fehlt.png|mini|c]]": r'<div class="thumb.*?</div></div></div>',
    "<gallery>Fehlt.png</gallery>": r"<ul class=\"gallery.*?</ul>",
    "<pre>p</pre>": r"<pre>.*?</pre>",
}
ABOVE = ["T", "* T", "== T ==", "T {{Leer}}", "{{Leer}}", "T\n", "", "{|\n| y\n|}"]
BELOW = ["U", "* U", "== U ==", "{{Leer}} U", "{{Leer}}", "\nU", "", "{|\n| y\n|}"]


@pytest.mark.parametrize("lone", LONE)
def test_what_goes_with_its_line_leaves_the_rest_as_it_is_seen(german: Sandbox, site: SiteInfo, lone: str) -> None:
    for above in ABOVE:
        if lone.startswith("[[Kategorie") and above.endswith("\n"):
            continue  # a category takes the blank line before it away, which nobody means
        for below in BELOW:
            text = f"{above}\n{lone}\n{below}"
            w = Wikitext(text, site, "Seite")
            views = [*w.templates, *w.functions, *w.comments, *w.categories, *w.tables, *w.files, *w.tags]
            [view for view in views if str(view) == lone][above.count(lone)].remove()
            before, after = (effect(german, one, "Seite")["shown"] for one in (text, str(w)))
            assert _paragraphs(after) == _paragraphs(
                re.sub(LONE[lone], "", before, count=1) if LONE[lone] else before
            ), (
                text,
                str(w),
            )


def _paragraphs(shown: str) -> str:
    """What is shown, without paragraphs that have nothing in them but a line end."""
    bare = _packed(re.sub(r"<!--.*?-->", "", shown))
    return re.sub(r"<p></p>", "", re.sub(r"(?<=<p>)<br/>|<br/>(?=</p>)", "", bare))


FOOTNOTES = [
    ("T<nowiki>x</nowiki>", lambda w: setattr(w.tags[0], "content", "[[a]] & b"), "T[[a]] &amp; b"),
    ("<pre>x</pre>", lambda w: w.tags[0].set("class", 'c "d"'), 'class="c &quot;d&quot;"'),
    ("<pre class=c/d>x</pre>", lambda w: w.tags[0].set("style", "color:red"), 'class="c/d"'),
    ("<!-- X -->a<!-- END X -->", lambda w: w.set_marked("X", "\n* ''n''\n"), "<i>n</i>"),
]


@pytest.mark.parametrize(("text", "edit", "shown"), FOOTNOTES)
def test_contents_and_attributes_are_shown(german: Sandbox, site: SiteInfo, text: str, edit: Edit, shown: str) -> None:
    w = Wikitext(text, site, "Seite")
    edit(w)
    assert shown in effect(german, str(w), "Seite")["shown"]
