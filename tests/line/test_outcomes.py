"""What becomes of elements: passed, rejected, failed, changed; and what ends a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BackendClosed, Blocked, EditConflict, PageMissing, Protected
from apibot.data.pages import Page
from apibot.line import Line, allpages, append, echo, edit, keep, page, querypage, replace
from apibot.runs import read_plan
from tests.api.conftest import Connect
from tests.line.conftest import MakePages, marked, meddling
from tests.support.people import Person
from tests.support.proxy import Fault, Recorded, Wire, answered, api_error


def counts(line: Line, bridge: Bridge) -> dict[str, int]:
    """Run a line and return its counts that are not 0, but for requests."""
    result = line.run(bridge, say=len)
    assert result.failed == len(result.failures)
    names = ("passed", "rejected", "failed", "not_fetched", "changed")
    return {name: count for name in names if (count := getattr(result, name))}


def fix(prefix: str, meddle: Callable[[Page], object] | None = None) -> Line:
    """Return the line that corrects a typo; in between something may happen."""
    line = allpages(prefix=prefix) | replace("teh", "the")
    return (line | meddling(meddle) if meddle else line) | edit(summary="typo")


def at(title: str, then: Callable[[], object]) -> Callable[[Page], object]:
    """Return what is done when this page comes by."""
    return lambda page: page.title == title and then()


def test_each_is_counted(bridge: Bridge, prefix: str, pages: MakePages, human: Person) -> None:
    titles = pages("teh", "the", "{{nobots}} teh", "x", "teh {{bots|deny=Bot}}", "{{bots|deny=Other}} teh")
    line = allpages(prefix=prefix) | keep(page.size > 1) | replace("teh", "the") | edit(summary="typo")
    assert counts(line, bridge) == {"passed": 3, "rejected": 3, "changed": 2}
    assert human.texts(titles[0]) == ["the", "teh"]
    assert human.texts(titles[1]) == ["the"]
    assert human.texts(titles[2]) == ["{{nobots}} teh"]
    newest = human.page(titles[5])["revisions"][0]
    assert (newest["content"], newest["comment"]) == ("{{bots|deny=Other}} the", "typo")
    assert counts(line, bridge) == {"passed": 3, "rejected": 3}


def test_a_ban_may_be_put_aside_on_request(bridge: Bridge, prefix: str, pages: MakePages, human: Person) -> None:
    [title] = pages("{{nobots}} teh")
    assert counts(allpages(prefix=prefix) | replace("teh", "the") | edit(ignore_bots=True), bridge) == {
        "passed": 1,
        "changed": 1,
    }
    assert human.text(title) == "{{nobots}} the"


def test_a_protected_page_fails_alone(
    bridge: Bridge, prefix: str, pages: MakePages, sysop: Person, human: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    sysop.do("protect", title=titles[1], protections="edit=sysop")
    result = fix(prefix).run(bridge)
    assert (result.passed, result.failed, result.changed) == (2, 1, 2)
    [(title, error)] = result.failures
    assert title == titles[1]
    assert isinstance(error, Protected)
    assert [human.text(one) for one in titles] == ["the", "teh", "the"]


def test_a_page_deleted_before_the_write_fails_alone(
    bridge: Bridge, prefix: str, pages: MakePages, sysop: Person, human: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    result = fix(prefix, at(titles[1], lambda: sysop.do("delete", title=titles[1]))).run(bridge)
    assert (result.passed, result.failed, result.changed) == (2, 1, 2)
    [(title, error)] = result.failures
    assert title == titles[1]
    assert isinstance(error, PageMissing)
    assert human.text(titles[1]) is None


def test_a_conflict_fails_alone_and_the_other_edit_stands(
    bridge: Bridge, prefix: str, pages: MakePages, human: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    result = fix(prefix, at(titles[1], lambda: human.save(titles[1], "teh, by a human"))).run(bridge)
    if result.failed:
        [(title, error)] = result.failures
        assert title == titles[1]
        assert isinstance(error, EditConflict)
        assert human.texts(titles[1]) == ["teh, by a human", "teh"]
    else:
        assert human.texts(titles[1])[:2] == ["the, by a human", "teh, by a human"]
    assert [human.text(one) for one in titles[::2]] == ["the", "the"]


def test_a_page_moved_before_the_write_is_followed_or_fails_alone(
    bridge: Bridge, prefix: str, pages: MakePages, human: Person
) -> None:
    titles = pages("teh", "teh", "teh")
    to = f"{prefix} moved"
    sysop_move = at(titles[1], lambda: human.do("move", **{"from": titles[1], "to": to}))
    result = fix(prefix, sysop_move).run(bridge)
    assert result.passed + result.failed == 3
    assert human.text(titles[1]) == f"#REDIRECT [[{to}]]"
    assert human.text(to) == ("teh" if result.failed else "the")


def test_a_page_deleted_before_its_text_is_fetched(
    bridge: Bridge, prefix: str, pages: MakePages, sysop: Person, tmp_path: Path
) -> None:
    """It fails under its own name, or passes as a page that is missing; it is not made anew, nor written down so."""
    titles = pages("teh", "teh", "teh")

    def delete(number: int) -> None:
        if number == 3:
            sysop.do("delete", title=titles[1])

    line = allpages(prefix=prefix) | keep(page.size > 1) | append("more") | edit()
    result = line.plan(bridge, tmp_path / "plan.jsonl", progress=delete)
    planned = [str(record.request.given()["page"]) for record in read_plan(tmp_path / "plan.jsonl").records]
    assert sorted(planned) == [titles[0], titles[2]]
    assert [title for title, _error in result.failures] in ([], [titles[1]])
    sysop.save(titles[1], "again")
    result = line.run(bridge, progress=delete)
    assert sysop.text(titles[1]) is None
    assert [title for title, _error in result.failures] in ([], [titles[1]])
    assert (result.changed, result.passed + result.failed + result.rejected) == (2, 3)


def test_missing_pages_that_nothing_changes_are_not_made(
    bridge: Bridge, prefix: str, human: Person, run_jobs: Callable[[], None], tmp_path: Path
) -> None:
    human.save(prefix, f"[[{prefix} red]] [[{prefix} pink]]")
    run_jobs()
    feed = querypage("Wantedpages") | keep(page.title.startswith(prefix))
    result = (feed | replace("a", "b") | edit()).run(bridge)
    assert (result.passed, result.changed, result.failures) == (2, 0, [])
    assert human.text(f"{prefix} red") is None
    result = (feed | append("A stub.") | edit(create="only")).run(bridge)
    assert (result.changed, result.failures) == (2, [])
    assert human.text(f"{prefix} pink") == "A stub."


def test_a_lost_reply_fails_alone(bridge: Bridge, wire: Wire, prefix: str, pages: MakePages, human: Person) -> None:
    titles = pages("teh", "teh", "teh")
    wire.once("edit", api_error("internal_api_error_DBQueryError"))
    result = fix(prefix).run(bridge)
    assert result.passed + result.failed == 3
    assert [human.text(title) for title in titles[1:]] == ["the", "the"]


# What ends a line.


def test_a_closed_backend_ends_the_line(connect_via: Connect, prefix: str, pages: MakePages, human: Person) -> None:
    titles = pages("teh", "teh", "teh")
    bridge = connect_via()
    with pytest.raises(BackendClosed):
        fix(prefix, at(titles[1], bridge.close)).run(bridge)
    assert [human.text(title) for title in titles] == ["the", "teh", "teh"]


def test_a_block_ends_the_line(bridge: Bridge, prefix: str, pages: MakePages, sysop: Person, wire: Wire) -> None:
    titles = pages("teh", "teh", "teh", "teh")
    try:
        with pytest.raises(Blocked):
            fix(prefix, at(titles[1], lambda: sysop.do("block", user="Bot"))).run(bridge)
    finally:
        sysop.do("unblock", user="Bot")
    assert [sysop.text(title) for title in titles] == ["the", "teh", "teh", "teh"]
    assert len(wire.of("edit")) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupt_ends_the_line(
    bridge: Bridge, prefix: str, pages: MakePages, human: Person, error: type[BaseException]
) -> None:
    titles = pages("teh", "teh", "teh")

    def stop() -> None:
        raise error

    with pytest.raises(error):
        fix(prefix, at(titles[1], stop)).run(bridge)
    assert [human.text(title) for title in titles] == ["the", "teh", "teh"]


def test_a_hidden_text_fails_alone(bridge: Bridge, prefix: str, pages: MakePages, wire: Wire, human: Person) -> None:
    titles = pages("teh", "teh")

    def hide(request: Recorded, _number: int) -> Fault | None:
        if "revisions" not in request.params.get("prop", ""):
            return None
        reply = wire.send_again(request)
        [first] = [page for page in reply["query"]["pages"] if page["title"] == titles[0]]
        first["revisions"][0]["slots"]["main"] = {"contentmodel": "wikitext", "texthidden": True}
        return answered(200, reply)

    wire.schedule = hide
    result = (allpages(prefix=prefix) | replace("teh", "the") | edit()).run(bridge)
    assert [title for title, _error in result.failures] == [titles[0]]
    assert [human.text(title) for title in titles] == ["teh", "the"]


# Echo, and what it is told.


def test_echo(bridge: Bridge, prefix: str, pages: MakePages, human: Person, capsys: pytest.CaptureFixture[str]) -> None:
    [title] = pages("žluťoučký")
    shown = human.page(title)
    line = allpages(prefix=prefix) | echo("{title}|{size}|{ns}|{pageid}|{revid} {}{{x")
    line.run(bridge)
    revid = shown["revisions"][0]["revid"]
    assert capsys.readouterr().out == f"{title}|13|0|{shown['pageid']}|{revid} {{}}{{{{x\n"


def test_filters_see_what_is_there(bridge: Bridge, prefix: str, pages: MakePages, human: Person) -> None:
    titles = pages("a", f"#REDIRECT [[{prefix} 0]]", "ccc")
    human.save(f"Talk:{prefix} 0", "talk")

    def kept(words: str, namespace: int = 0) -> list[str]:
        line = allpages(prefix=prefix, namespace=namespace) | Line.parse(f"allpages | keep {words}").slots[1].copied()
        return [one.title for one in line.elements(bridge)]

    assert kept("redirect") == [titles[1]]
    assert kept("not redirect size>=2") == [titles[2]]
    assert kept("title~'[02]$'") == [titles[0], titles[2]]
    assert kept("ns=1", namespace=1) == [f"Talk:{prefix} 0"]
    assert kept("text^=#REDIRECT or text=a") == titles[:2]
    assert kept("exists=no") == []


def test_rejected_by_several_filters_is_counted_once(bridge: Bridge, prefix: str, pages: MakePages) -> None:
    pages("a", "bb", "ccc")
    line = allpages(prefix=prefix) | keep(page.size > 1) | marked([], refuse=" 1") | keep(page.size > 1)
    assert counts(line, bridge) == {"passed": 1, "rejected": 2}
