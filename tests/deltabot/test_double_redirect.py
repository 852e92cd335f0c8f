"""double_redirect: where chains end, and the job on a real wiki."""

from __future__ import annotations

from pathlib import Path

import pytest

from apibot import Bridge
from apibot.core.errors import Blocked
from apibot.core.layer import Layer
from apibot.data import Page, Title
from apibot.jobs import run_job
from apibot.runs import read_plan
from apibot.sandbox import Sandbox
from apibot.tasks import Edit
from deltabot.double_redirect import Fate, Place, double_redirect, final_targets
from tests.support.made_up_wiki import SITE
from tests.support.people import Person


def title(text: str) -> Title:
    return Title.parse(text, SITE)


def places_of(*found: tuple[str, Place]) -> dict[Title, Place]:
    return {title(name): place for name, place in found}


KNOWN = places_of(
    ("B", Place(title("C"))),
    ("C", Place()),
    ("C2", Place(title("C#in C2"))),
    ("Long", Place(title("C2#in Long"))),
    ("Loop", Place(title("Pool"))),
    ("Pool", Place(title("Loop#x"))),
    ("Gone", Place(fault="is no page of this wiki")),
    ("Broken", Place(title("Gone"))),
    ("Odd", Place(fault="is a redirect that can not be read")),
)


@pytest.mark.parametrize(
    ("target", "fate"),
    [
        ("B", Fate(title("C"))),
        ("_b_", Fate(title("C"))),
        ("B#own", Fate(title("C#own"))),
        ("C2", Fate(title("C#in C2"))),
        ("C2#own", Fate(title("C#own"))),
        ("Long", Fate(title("C#in Long"))),
        ("C", Fate(reason="leads to C, which is no redirect")),
        ("C#x", Fate(reason="leads to C, which is no redirect")),
        ("A", Fate(reason="leads to itself")),
        ("a#x", Fate(reason="leads to itself")),
        ("Loop", Fate(reason="leads into a loop at Loop")),
        ("Pool", Fate(reason="leads into a loop at Pool")),
        ("Broken", Fate(reason="leads to Gone, which is no page of this wiki")),
        ("Odd", Fate(reason="leads to Odd, which is a redirect that can not be read")),
        ("Unknown", Fate(reason="leads to Unknown, which the wiki says nothing of")),
    ],
)
def test_final_targets(target: str, fate: Fate) -> None:
    known = {**KNOWN, title("A"): Place(title(target))}
    assert final_targets({title("A"): title(target)}, known) == {title("A"): fate}


PAGES = {
    "Article": "Text.",
    "Category:Things": "Text.",
    "Straight": "#REDIRECT [[Article]]",
    "Two": "#REDIRECT [[straight|x]]\n{{R}}\n[[Category:Redirects]]<!-- [[Straight]] -->",
    "Three": "#REDIRECT: [[ :two_]]",
    "Own fragment": "#REDIRECT [[Three#Part_1]]",
    "To a part": "#REDIRECT [[Article#Part 2]]",
    "Inherits": "#redirect [[To a part]]",
    "To the category": "#REDIRECT [[:category:things]]",
    "By namespace": "#REDIRECT [[project:to the project]]",
    "Project:To the project": "#REDIRECT [[:Category:Things]]",
    "Twice the category": "#REDIRECT [[To the category]]",
    "Loop 1": "#REDIRECT [[Loop 2]]",
    "Loop 2": "#REDIRECT [[Loop 1]]",
    "Into the loop": "#REDIRECT [[Loop 1]]",
    "Broken": "#REDIRECT [[Nowhere]]",
    "To broken": "#REDIRECT [[Broken]]",
    "Abroad": "#REDIRECT [[wikipedia:Article]]",
    "To abroad": "#REDIRECT [[Abroad]]",
    "No bots": "#REDIRECT [[Straight]]\n{{nobots}}",
    "Static": "#REDIRECT [[Straight]] __STATICREDIRECT__",
    "Self": "#REDIRECT [[Self]]",
    "To self": "#REDIRECT [[Self]]",
}
FIXED = {
    "Two": "#REDIRECT [[Article|x]]\n{{R}}\n[[Category:Redirects]]<!-- [[Straight]] -->",
    "Three": "#REDIRECT: [[ :Article_]]",
    "Own fragment": "#REDIRECT [[Article#Part 1]]",
    "Inherits": "#redirect [[Article#Part 2]]",
    "By namespace": "#REDIRECT [[Category:Things]]",
    "Twice the category": "#REDIRECT [[Category:Things]]",
}
LEFT_ALONE = {
    "Loop 1": "leads to itself",
    "Into the loop": "leads into a loop at Loop 1",
    "To broken": "leads to Nowhere, which is no page of this wiki",
    "To abroad": "leads to wikipedia:Article, which is on another wiki",
    "Static": "is to stay as it is",
    "To self": "leads into a loop at Self",
}


def test_each_is_fixed_or_left_alone_and_a_second_run_does_nothing(
    apibot_fresh_wiki: Sandbox, bridge: Bridge, human: Person, log_file: Path
) -> None:
    apibot_fresh_wiki.import_pages(PAGES.items())
    run = run_job(bridge, "double_redirect")
    assert {title: human.text(title) for title in PAGES} == PAGES | FIXED
    assert (run.counts.changed, run.counts.excluded, run.counts.failed) == (len(FIXED), 1, 0)
    newest = human.page("Own fragment")["revisions"][0]
    assert newest["comment"] == "Bot: fixing double redirect from [[Three#Part 1]] to [[Article#Part 1]]"
    assert (newest["minor"], newest["user"]) == (True, "Bot")
    log = log_file.read_text()
    assert [title for title, reason in LEFT_ALONE.items() if f"{title} is left alone: it {reason}" not in log] == []
    assert "No bots is left alone: No bots: {{nobots}} keeps Bot out" in log

    again = run_job(bridge, "double_redirect")
    assert (again.counts.changed, again.counts.unchanged) == (0, 0)
    assert [len(human.texts(title)) for title in PAGES] == [2 if title in FIXED else 1 for title in PAGES]


def test_requests_follow_from_the_depth_of_chains_not_from_their_number(
    apibot_fresh_wiki: Sandbox, bridge: Bridge
) -> None:
    def chains(first: int, end: int) -> None:
        apibot_fresh_wiki.import_pages(
            (f"{name} {number}", f"#REDIRECT [[{to} {number}]]" if to else "Text.")
            for number in range(first, end)
            for name, to in (("Alias", "Name"), ("Name", "Page"), ("Page", ""))
        )

    def reads(number: int) -> int:
        run = run_job(bridge, "double_redirect")
        assert run.counts.changed == number
        return run.requests - number

    chains(0, 1)
    run_job(bridge, "double_redirect")  # what the wiki says of itself is known from here on
    chains(1, 2)
    few = reads(1)
    chains(2, 17)
    assert reads(15) == few == 4, "the list, two waves with texts for the first"
    chains(17, 19)
    assert run_job(bridge, "double_redirect", ["limit=1"]).counts.changed == 1


def test_spellings_of_one_title_in_one_batch(apibot_fresh_wiki: Sandbox, bridge: Bridge, human: Person) -> None:
    links = [
        "Straight",
        "straight",
        "talk:to it",
        "Talk:To it",
        "project:X",
        "Project:X",
        "project_:_x",
        "sandbox test:x",
    ]
    redirects = {f"Alias {link}": f"#REDIRECT [[{link}]]" for link in links}
    more = dict.fromkeys(("Straight", "Talk:To it", "Project:X"), "#REDIRECT [[Article]]")
    apibot_fresh_wiki.import_pages({**redirects, **more, "Article": "Text."}.items())
    assert run_job(bridge, "double_redirect").counts.changed == len(links)
    assert [human.text(title) for title in redirects] == ["#REDIRECT [[Article]]"] * len(links)


def script(wiki: Sandbox, target: str) -> str:
    """A redirect of a page that is no wikitext."""
    url = f"{wiki.url}/index.php?title={target}\\u0026action=raw\\u0026ctype=text/javascript"
    return f'/* #REDIRECT */mw.loader.load("{url}");'


def test_what_can_not_be_read_is_left_alone(
    apibot_fresh_wiki: Sandbox, bridge: Bridge, human: Person, log_file: Path
) -> None:
    wiki = apibot_fresh_wiki
    pages = {
        "MediaWiki:A.js": script(wiki, "MediaWiki:B.js"),
        "MediaWiki:B.js": script(wiki, "MediaWiki:C.js"),
        "MediaWiki:C.js": "1;",
        "Odd": "#REDIRECT [[MediaWiki:B.js]]",
        "Bracket": "#REDIRECT [[Straight]]",
        "Good": "#REDIRECT [[Straight]]",
        "Straight": "#REDIRECT [[Article]]",
        "Article": "Text.",
    }
    wiki.import_pages(pages.items())
    wiki.maintenance("sql.php", "--query", "UPDATE page SET page_title = 'Br[cket' WHERE page_title = 'Bracket'")
    assert run_job(bridge, "double_redirect").counts.changed == 1
    assert human.text("Good") == "#REDIRECT [[Article]]"
    log = log_file.read_text()
    assert "MediaWiki:A.js is left alone: it is no redirect that can be read" in log
    assert "Br[cket is left alone: it is no redirect that can be read" in log
    assert "Odd is left alone: it leads to MediaWiki:B.js, which is a redirect that can not be read" in log


CHAINS = {
    **{f"Alias {number}": f"#REDIRECT [[Name {number}]]\n[[Category:Aliases]]" for number in range(3)},
    **{f"Name {number}": f"#REDIRECT [[Page {number}]]" for number in range(3)},
    **{f"Page {number}": "Text." for number in range(4)},
}


def test_plan_then_apply_and_what_a_human_edited_meanwhile_is_planned_again(
    apibot_fresh_wiki: Sandbox, bridge: Bridge, human: Person, tmp_path: Path
) -> None:
    apibot_fresh_wiki.import_pages(CHAINS.items())
    path = tmp_path / "plan.jsonl"
    run = run_job(bridge, "double_redirect", ["limit=50", "summary=To [[{new}]]"], plan=path)
    assert run.counts.changed == 3
    assert {title: human.text(title) for title in CHAINS} == CHAINS, "a plan changes nothing"
    plan = read_plan(path)
    assert plan.header.producer == {
        "job": "double_redirect",
        "options": {"limit": 50, "summary": "To [[{new}]]"},
    }
    assert [record.request.given()["summary"] for record in plan.records] == [f"To [[Page {n}]]" for n in range(3)]

    human.save("Alias 1", "#REDIRECT [[Name 1#Part]]\n{{R from alias}}")
    human.save("Name 3", "#REDIRECT [[Page 3]]")
    human.save("Alias 3", "#REDIRECT [[Name 3]]")  # is in no plan, so in none that comes of it
    done = bridge.apply(path)
    assert (done.applied, [record.n for record in done.stale], done.replanned) == (2, [2], 1)
    assert human.text("Alias 0") == "#REDIRECT [[Page 0]]\n[[Category:Aliases]]"
    assert human.text("Alias 1") == "#REDIRECT [[Name 1#Part]]\n{{R from alias}}"
    stale = tmp_path / "plan.jsonl.stale.jsonl"
    assert done.stale_file == stale

    (record,) = read_plan(stale).records
    assert "+#REDIRECT [[Page 1#Part]]" in record.diff
    assert bridge.apply(stale).applied == 1
    assert human.text("Alias 1") == "#REDIRECT [[Page 1#Part]]\n{{R from alias}}"
    assert human.text("Alias 3") == "#REDIRECT [[Name 3]]"


def test_a_conflict_on_one_page_does_not_keep_the_others_from_being_fixed(
    apibot_fresh_wiki: Sandbox, bridge: Bridge, human: Person
) -> None:
    apibot_fresh_wiki.import_pages(CHAINS.items())
    human.do("protect", title="Alias 2", protections="edit=sysop")

    def faster(layer: Layer, task: Edit, seen: Page) -> object:
        if seen.title == "Alias 0":
            human.save("Alias 0", "Taken over for an article.")
        return previous(layer, task, seen)

    with bridge.core.hooks.hooked("Task_Edit::go", faster) as previous:
        run = run_job(bridge, "double_redirect")
    assert (run.counts.changed, run.counts.failed) == (1, 2)
    assert [human.text(f"Alias {number}") for number in range(3)] == [
        "Taken over for an article.",
        "#REDIRECT [[Page 1]]\n[[Category:Aliases]]",
        CHAINS["Alias 2"],
    ]


def test_a_blocked_bot_stops(apibot_fresh_wiki: Sandbox, bridge: Bridge, human: Person, log_file: Path) -> None:
    apibot_fresh_wiki.import_pages(CHAINS.items())
    human.do("block", user="Bot", expiry="never", reason="test")
    with pytest.raises(Blocked):
        run_job(bridge, "double_redirect")
    assert "ended early" in log_file.read_text()
    assert {title: human.text(title) for title in CHAINS} == CHAINS


def test_it_can_be_called_as_a_function(apibot_fresh_wiki: Sandbox, bridge: Bridge, human: Person) -> None:
    apibot_fresh_wiki.import_pages(CHAINS.items())
    double_redirect(bridge, limit=1, summary="From {old}")
    assert human.page("Alias 0")["revisions"][0]["comment"] == "From Name 0"
    assert human.text("Alias 1") == CHAINS["Alias 1"]
