"""Sections: where they are, and how they are replaced, is what the wiki says."""

# ruff: noqa: PLR0917  # pytest gives fixtures and parameters by name

from __future__ import annotations

from typing import Any

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, EditConflict
from tests.api.conftest import SECTIONS
from tests.support.people import Person
from tests.support.proxy import Wire


@pytest.mark.parametrize("change", [{"text": "== One ==\nOurs."}, {"append": " Ours."}], ids=["text", "append"])
@pytest.mark.parametrize(
    ("theirs", "kept"),
    [
        (
            SECTIONS.replace("== One ==\nFirst.", "== Zero ==\nTheirs.\n\n== One ==\nFirst, changed."),
            "== Zero ==\nTheirs.\n\n",
        ),
        (SECTIONS.replace("== One ==\nFirst.\n\n", ""), "== Two ==\nSecond.\n\n=== Two a ===\nDeep.\n\n"),
    ],
    ids=["one more", "one less"],
)
def test_section_numbers_that_shifted_meanwhile(
    bridge: Bridge, wire: Wire, human: Person, title: str, old: int, change: dict[str, Any], theirs: str, kept: str
) -> None:
    """Number 1 is another section now: it may neither be replaced nor be added to."""
    wire.before("edit", lambda: human.save(title, theirs))
    try:
        bridge.edit(title, section=1, **change)
    except (EditConflict, BadParameter):
        assert human.text(title) == theirs
    else:
        assert kept in str(human.text(title))


@pytest.mark.parametrize(
    "body",
    ["Ünïcödé ßtart.\n\n== Ä ==\nÖ 𝄞.\n\n== Zwei ==\nß.", "== A ==\nx\n<nowiki>\n== no ==\n</nowiki>\n== B ==\ny"],
)
def test_sections_are_found_behind_other_characters(
    bridge: Bridge, wire: Wire, human: Person, title: str, body: str
) -> None:
    human.save(title, body)
    bridge.edit(title, section=2, append=" More.")
    assert human.text(title) == body + " More."
    bridge.edit(title, section=1, append=" First.")
    other = f"{title} by the wiki"
    human.save(other, body + " More.")
    section = human.call(action="parse", prop="wikitext", section=1, page=other)["parse"]["wikitext"]
    human.do("edit", title=other, section=1, text=section + " First.")
    assert human.text(title) == human.text(other)


TRICKY = {
    "template with headings": "{{%s}}\n\n== A ==\na\n\n== B ==\nb",
    "comment": "x\n<!--\n== no ==\n-->\n== A == <!-- c -->\na\n== B ==\nb",
    "levels": "= Top =\nt\n== A ==\na\n==== B ====\nb\n= Next =\nn",
    "nothing before": "== A ==\na\n\n\n\n== B ==\n\n\nb\n\n\n",
    "html heading": "<h2>H</h2>\nh\n== A ==\na\n== B ==\nb",
    "in a reference": "a<ref>\n== no ==\n</ref>\n== A ==\na\n== B ==\nb",
    "too few": "= A\n== A =\na\n= B ==\nb\n=======C=======\nc",
    "included only": "<noinclude>\n== A ==\na\n</noinclude>\n== B ==\nb\n<includeonly>\n== C ==\nc</includeonly>",
    "in a table": "{|\n|\n== A ==\na\n|}\n== B ==\nb",
}


@pytest.mark.parametrize("section", [0, 1, 2])
@pytest.mark.parametrize("name", TRICKY)
def test_sections_are_those_of_the_wiki(bridge: Bridge, human: Person, title: str, name: str, section: int) -> None:
    template, other = f"Template:{title}", f"{title} by the wiki"
    human.save(template, "== Of a template ==\nt")
    body = TRICKY[name].replace("%s", title)
    for one in (title, other):
        human.save(one, body)
    old = human.call(action="parse", page=other, prop="wikitext", section=section)
    if "error" in old:
        with pytest.raises(BadParameter):
            bridge.edit(title, section=section, append=" More.")
        return
    human.do("edit", title=other, section=section, text=old["parse"]["wikitext"] + " More.")
    bridge.edit(title, section=section, append=" More.")
    assert human.text(title) == human.text(other)


@pytest.mark.parametrize("text", ["", "== One ==\nX.\n\n\n", "X."])
@pytest.mark.parametrize("section", [0, 1, 2, 4])
def test_a_section_is_replaced_as_the_wiki_does_it(
    bridge: Bridge, human: Person, title: str, old: int, section: int, text: str
) -> None:
    other = f"{title} by the wiki"
    human.save(other, SECTIONS)
    human.do("edit", title=other, section=section, text=text)
    bridge.edit(title, section=section, text=text)
    assert human.text(title) == human.text(other)


@pytest.mark.parametrize("before", ["", "Text.", "Text.\n\n", SECTIONS])
def test_a_new_section_is_added_as_the_wiki_does_it(bridge: Bridge, human: Person, title: str, before: str) -> None:
    other = f"{title} by the wiki"
    for name in (title, other):
        if before:
            human.save(name, before)
    human.do("edit", title=other, section="new", sectiontitle="New", text="Body.")
    bridge.edit(title, section="new", sectiontitle="New", text="Body.")
    assert human.text(title) == human.text(other)


@pytest.mark.parametrize("section", [5, 99])
def test_a_section_that_is_not_there(bridge: Bridge, wire: Wire, title: str, old: int, section: int) -> None:
    with pytest.raises(BadParameter, match=f"no section {section}"):
        bridge.edit(title, section=section, text="X.")
    assert wire.of("edit") == []
