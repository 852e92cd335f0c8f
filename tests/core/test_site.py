"""SiteInfo: what titles and wikitext mean on a wiki."""

from __future__ import annotations

import pickle

import pytest

from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.core.site import NEEDED, SiteInfo

BLOCKS = {
    "general": {"sitename": "W", "wikiid": "w", "lang": "de", "case": "first-letter", "linktrail": "/x/"},
    "namespaces": {"0": {"id": 0, "name": "", "case": "first-letter"}, "1": {"id": 1, "name": "Diskussion"}},
    "magicwords": [{"name": "redirect", "aliases": ["#WEITERLEITUNG", "#REDIRECT"]}],
    "extensiontags": ["<pre>", "<Nowiki>"],
    "statistics": {"pages": 3},
}


def test_it_is_made_of_the_wikis_own_blocks() -> None:
    site = SiteInfo.from_api(BLOCKS)
    assert site.general.sitename == "W"
    assert site.namespaces[1].name == "Diskussion"
    assert site.word("redirect") == ("#WEITERLEITUNG", "#REDIRECT")
    assert site.word("none") == ()
    assert site.tags == {"pre", "nowiki"}
    assert site.setting("linktrail") == "/x/"
    assert site.interwikis == {}
    assert site.id == "w"


def test_it_goes_through_json_and_pickle_and_leaves_out_what_it_does_not_need() -> None:
    site = SiteInfo.from_api(BLOCKS)
    assert "statistics" not in site.to_api()
    for again in (SiteInfo.from_api(site.to_api()), pickle.loads(pickle.dumps(site))):  # noqa: S301  # our own
        assert again.to_api() == site.to_api()
        assert again.namespaces == site.namespaces


def test_a_wiki_that_does_not_tell_its_tags_has_the_usual_ones() -> None:
    site = SiteInfo.from_api({name: BLOCKS[name] for name in NEEDED})
    assert {"nowiki", "ref", "math"} <= site.tags


@pytest.mark.parametrize("missing", NEEDED)
def test_what_is_no_siteinfo_is_refused(missing: str) -> None:
    with pytest.raises(BadParameter, match=missing):
        SiteInfo.from_api({name: found for name, found in BLOCKS.items() if name != missing})


def test_errors_about_texts_tell_where_and_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(InvalidTitle("a[b", "a title has no [", 1)))  # noqa: S301  # our own
    assert isinstance(error, BadText)
    assert (error.text, error.reason, error.position) == ("a[b", "a title has no [", 1)
    assert str(error) == "'a[b': a title has no [ (at character 1)."
    assert len(str(BadText("x" * 9999, "long"))) < 300


def test_namespaces_are_found_by_all_their_names() -> None:
    spaces = {
        "0": {"id": 0, "name": ""},
        "2": {"id": 2, "name": "Benutzer", "canonical": "User"},
        "3": {"id": 3, "name": "Benutzer Diskussion", "canonical": "User talk"},
        "100": {"id": 100, "name": "ΛΌΓΟΣ", "canonical": "Öl"},
        "101": {"id": 101, "name": "User"},
    }
    aliases = [{"id": 3, "alias": "BD"}, {"id": 3, "alias": "ΛΌΓΟΣ"}]
    site = SiteInfo.from_api({**BLOCKS, "namespaces": spaces, "namespacealiases": aliases})
    names = ("", "benutzer", "USER", " user__Talk_", "bd", "λόγοσ", "Talk", "öl")
    assert [site.namespace_id(name) for name in names] == [0, 2, 2, 3, 3, 3, None, None]


def test_small_letters_are_those_of_the_wikis_php() -> None:
    def lower(php: str) -> str:
        return SiteInfo.from_api({**BLOCKS, "general": {"sitename": "W", "phpversion": php}}).lower("ΛΌΓΟΣ İX")

    assert (lower("8.2.9"), lower("8.3.0"), lower("")) == ("λόγοσ i̇x", "λόγος i̇x", "λόγοσ i̇x")


def test_what_is_made_of_it_is_made_once() -> None:
    site = SiteInfo.from_api(BLOCKS)
    made: list[str] = []

    def make(given: SiteInfo) -> list[str]:
        made.append(given.id)
        return made

    assert site.kept(make) is site.kept(make) is made
    assert made == ["w"]
    again = pickle.loads(pickle.dumps(site))  # noqa: S301  # our own
    again.kept(make)
    assert made == ["w", "w"]
