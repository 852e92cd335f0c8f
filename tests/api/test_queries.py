"""Queries: merging, totals, going on where one stopped, and page sets in all shapes."""

# pytest gives fixtures and parameters by name

from __future__ import annotations

import threading
import uuid

import pytest

from apibot.bridge import Bridge
from apibot.core.errors import BadParameter, BadReply
from apibot.sandbox import Sandbox
from tests.api.conftest import SOME, Connect
from tests.support.people import Person
from tests.support.proxy import Fault, Recorded, Wire, answered

PAGES = 30
EACH = 25
"""Categories of each page: together more than come in one reply to a human."""


def no_prefetching() -> bool:
    """Say whether no thread is left that fetches ahead."""
    return not [one.name for one in threading.enumerate() if one.name.startswith("apibot")]


@pytest.fixture(scope="module")  # another module may reset the wiki
def family(apibot_wiki: Sandbox) -> str:
    """Prefix of PAGES pages, each in EACH categories of its own and in ``Category:PREFIX``."""
    prefix = f"Q{uuid.uuid4().hex[:8]}"
    own = ["".join(f"[[Category:{prefix} {page:02} {one:02}]]" for one in range(EACH - 1)) for page in range(PAGES)]
    apibot_wiki.import_pages((f"{prefix} {page:02}", f"{own[page]}[[Category:{prefix}]]") for page in range(PAGES))
    return prefix


def names(prefix: str) -> list[str]:
    return [f"{prefix} {page:02}" for page in range(PAGES)]


def categories(prefix: str, page: int) -> list[str]:
    return [f"Category:{prefix}", *(f"Category:{prefix} {page:02} {one:02}" for one in range(EACH - 1))]


@pytest.mark.parametrize("account", ["bot", "human"])
def test_generator_with_categories_merges_pages(connect_via: Connect, wire: Wire, family: str, account: str) -> None:
    bridge = connect_via(account)
    pages = list(bridge.categorymembers(f"Category:{family}").pages(text=True, categories=True))
    assert [page.title for page in pages] == names(family)
    assert [sorted(page.categories) for page in pages] == [categories(family, number) for number in range(PAGES)]
    assert all(page.text.startswith("[[Category:") for page in pages)
    continued = [one for one in wire.requests if "clcontinue" in one.params]
    assert bool(continued) == (account == "human"), "750 categories are more than a human's limit of 500"


def test_a_page_with_more_categories_than_come_at_once(connect_via: Connect, human: Person, title: str) -> None:
    wanted = sorted(f"Category:{title} {number:03}" for number in range(510))
    human.save(title, "".join(f"[[{one}]]" for one in wanted))
    bridge = connect_via("human")
    assert sorted(bridge.fetch(title, categories=True).categories) == wanted
    assert sorted(row.title for row in bridge.titles(title).categories()) == wanted
    [page] = bridge.titles(title).pages(text=True, categories=True)
    assert sorted(page.categories) == wanted
    assert page.text.startswith("[[Category:")


def test_merging_by_name(connect_via: Connect, family: str) -> None:
    bridge = connect_via("human")
    rows = bridge.by_name("generator", "categorymembers", title=f"Category:{family}", limit=PAGES - 1)
    pages = list(rows.pages(categories=True))
    assert [page.title for page in pages] == names(family)[:-1]
    assert sum(len(page.categories) for page in pages) == (PAGES - 1) * EACH
    assert len({page.pageid for page in pages}) == PAGES - 1


@pytest.mark.parametrize("limit", [1, 7, 29, 30, 31])
def test_limit_is_a_total(bridge: Bridge, family: str, limit: int) -> None:
    right = min(limit, PAGES)
    assert [row.title for row in bridge.categorymembers(f"Category:{family}", limit=limit)] == names(family)[:right]
    rows = bridge.categorymembers(f"Category:{family}", limit=limit).pages(text=True)
    assert [page.title for page in rows] == names(family)[:right]
    assert rows.count() == right
    found = list(bridge.titles(*names(family)[:2]).categories(limit=limit))
    assert len(found) == limit
    assert bridge.by_name("list", "allpages", prefix=family, limit=limit).count() == right


def test_limit_is_a_total_over_batches(connect_via: Connect, wire: Wire, family: str) -> None:
    bridge = connect_via("human")
    assert bridge.titles(*names(family)).categories(limit=501).count() == 501
    assert bridge.titles(*names(family)).categories(limit=749).count() == 749
    rows = bridge.titles(*names(family)).categories()
    found = [(row.page.title, row.title) for row in rows]
    assert len(found) == len(set(found)) == PAGES * EACH


def test_limit_is_a_total_over_requests_of_a_list(connect_via: Connect, wire: Wire, many: str) -> None:
    bridge = connect_via("human")
    assert bridge.allpages(prefix=many, limit=502).count() == 502
    assert [one.params["aplimit"] for one in wire.of("query") if "aplimit" in one.params] == ["max", "max"]
    assert bridge.allpages(prefix=many, limit=52).pages(text=True).count() == 52
    assert bridge.recentchanges(limit=3).count() == 3


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_nothing_is_refused(bridge: Bridge, wire: Wire, limit: int) -> None:
    with pytest.raises(BadParameter, match="limit"):
        list(bridge.allpages(limit=limit))
    assert wire.requests == []


def test_first_asks_for_one(bridge: Bridge, wire: Wire, family: str) -> None:
    row = bridge.allpages(prefix=family).first()
    assert row is not None
    assert row.title == names(family)[0]
    assert [one.params["aplimit"] for one in wire.requests] == ["1"]
    wire.clear()
    page = bridge.categorymembers(f"Category:{family}").pages(text=True).first()
    assert page is not None
    assert page.text.startswith("[[Category")
    assert [one.params["gcmlimit"] for one in wire.requests] == ["1"]
    assert bridge.allpages(prefix="No such thing at all").first() is None
    assert bridge.allpages(prefix="No such thing at all").pages(text=True).first() is None


def test_first_of_a_page_set_asks_for_one(bridge: Bridge, wire: Wire, family: str) -> None:
    assert bridge.titles(*names(family)).pages(text=True).first() is not None
    assert [one.params["titles"] for one in wire.requests] == [names(family)[0]]


def test_rows_can_be_iterated_again(bridge: Bridge, wire: Wire, family: str) -> None:
    rows = bridge.allpages(prefix=family)
    assert [row.title for row in rows] == [row.title for row in rows] == names(family)
    pages = rows.pages(text=True)
    assert [page.title for page in pages] == [page.title for page in pages] == names(family)
    assert len(wire.requests) == 4


def test_cursor_goes_on_and_misses_nothing(connect_via: Connect, many: str) -> None:
    bridge = connect_via("human")
    some = f"{many} S"
    everything = [page.title for page in bridge.allpages(prefix=some).pages(text=True)]
    assert len(everything) == SOME
    for stop in (1, 50, 51, SOME):
        rows = bridge.allpages(prefix=some).pages(text=True)
        seen: list[str] = []
        for page in rows:
            seen.append(page.title)
            if len(seen) == stop:
                break
        again = bridge.allpages(prefix=some).pages(text=True)
        again.begin = rows.cursor
        rest = [page.title for page in again]
        assert list(dict.fromkeys(seen + rest)) == everything, f"stopped after {stop}"
        assert len(seen) + len(rest) <= len(everything) + 50, "at most the batch in hand comes again"
    rows = bridge.allpages(prefix=some).pages(text=True)
    assert len(list(rows)) == SOME
    assert rows.cursor is None


def test_cursor_of_a_page_set(connect_via: Connect, family: str) -> None:
    bridge = connect_via("human")
    wanted = [*names(family), *(f"No page {number}" for number in range(50))]
    rows = bridge.titles(*wanted).pages(text=True)
    seen = []
    for page in rows:
        seen.append(page.title)
        if len(seen) == 55:
            break
    again = bridge.titles(*wanted).pages(text=True)
    again.begin = rows.cursor
    assert list(dict.fromkeys(seen + [page.title for page in again])) == wanted
    entries = bridge.titles(*names(family)).categories()
    found = []
    for row in entries:
        found.append((row.page.title, row.title))
        if len(found) == 600:
            break
    later = bridge.titles(*names(family)).categories()
    later.begin = entries.cursor
    found += [(row.page.title, row.title) for row in later]
    assert len(set(found)) == PAGES * EACH


def test_leaving_a_loop_leaves_no_thread(connect_via: Connect, wire: Wire, many: str) -> None:
    bridge = connect_via("human")
    assert no_prefetching()
    for _page in bridge.allpages(prefix=many).pages(text=True):
        break
    assert no_prefetching()
    rows = (1 // 0 for _page in bridge.allpages(prefix=many).pages(text=True))
    with pytest.raises(ZeroDivisionError):
        next(rows)
    assert no_prefetching()


def test_prefetching_is_one_ahead(connect_via: Connect, wire: Wire, many: str) -> None:
    bridge = connect_via("human")
    bridge.fetch("Main Page")
    wire.clear()
    batches = bridge.allpages(prefix=many).pages(text=True).batches()
    next(batches)
    next(batches)
    assert 2 <= len(wire.requests) <= 3
    batches.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(wire.requests) <= 3
    assert no_prefetching()


def test_an_error_in_a_later_batch_is_raised_where_it_belongs(connect_via: Connect, wire: Wire, many: str) -> None:
    bridge = connect_via("human")
    bridge.fetch("Main Page")

    def schedule(request: Recorded, _number: int) -> Fault | None:
        return answered(404, "<html>gone</html>") if "gapcontinue" in request.params else None

    wire.schedule = schedule
    rows = iter(bridge.allpages(prefix=many).pages(text=True))
    assert len([next(rows) for _page in range(50)]) == 50, "what came before the error is given"
    with pytest.raises(BadReply, match="404"):
        next(rows)
    assert no_prefetching()


def test_a_continuation_that_repeats_itself_ends(bridge: Bridge, wire: Wire) -> None:
    wire.always(
        answered(
            200, {"batchcomplete": True, "continue": {"apcontinue": "X", "continue": "-||"}, "query": {"allpages": []}}
        )
    )
    with pytest.raises(BadReply, match="repeats"):
        list(bridge.allpages())
    assert len(wire.requests) <= 3


# Page sets.


def test_titles_come_in_the_order_asked_for(bridge: Bridge, wire: Wire, family: str) -> None:
    wanted = [*reversed(names(family)), "No such page"]
    pages = list(bridge.titles(*wanted).pages(text=True))
    assert [page.title for page in pages][:PAGES] == list(reversed(names(family)))
    assert [(page.title, page.exists, page.text) for page in pages[PAGES:]] == [("No such page", False, "")]
    assert len(wire.requests) == 1


def test_normalised_titles(bridge: Bridge, human: Person, title: str) -> None:
    human.save(title, "Here.")
    human.save(f"User:{title}", "Theirs.")
    asked = [f" {title[0].lower()}{title[1:].replace(' ', '_')} ", f"user:{title}", f"USER :  {title}"]
    pages = list(bridge.titles(asked[1], asked[0]).pages(text=True))
    assert [(page.title, page.text) for page in pages] == [(f"User:{title}", "Theirs."), (title, "Here.")]
    [page] = bridge.titles(asked[2]).pages(text=True)
    assert page.title == f"User:{title}"


def test_a_title_in_decomposed_form_is_found(bridge: Bridge, human: Person, title: str) -> None:
    human.save(f"{title} é", "Composed.")
    human.save(f"{title} z", "Last.")
    pages = list(bridge.titles(f"{title} z", f"{title} e\u0301").pages(text=True))
    assert [page.text for page in pages] == ["Last.", "Composed."]


def test_duplicates_are_given_once(bridge: Bridge, human: Person, title: str) -> None:
    human.save(title, "Here.")
    pages = list(bridge.titles(title, "Main Page", title, title.replace(" ", "_")).pages(text=True))
    assert [page.title for page in pages] == [title, "Main Page"]


def test_invalid_special_and_interwiki_titles(bridge: Bridge, sysop: Person, title: str) -> None:
    pages = list(bridge.titles("Bad<title", title, "Special:Version", "Media:X.png", "Main Page").pages(text=True))
    found = {page.title: page.exists for page in pages}
    assert found["Bad<title"] is False
    assert found[title] is False
    assert found["Special:Version"] is False
    assert found["Main Page"] is True
    assert [page.title for page in pages][:3] == ["Bad<title", title, "Special:Version"]


def test_interwiki_titles_are_no_pages(bridge: Bridge) -> None:
    pages = list(bridge.titles("Main Page", "wikipedia:Elsewhere", "Absent").pages(text=True))
    rows = {page.title: page for page in pages}
    assert [page.title for page in pages] == ["Main Page", "wikipedia:Elsewhere", "Absent"]
    assert not rows["wikipedia:Elsewhere"].exists
    with pytest.raises(BadParameter, match="another wiki"):
        bridge.fetch("wikipedia:Elsewhere")


@pytest.mark.parametrize("asked", ["Bad<title", "Special:Version", "A|B", "", " "])
def test_what_is_no_title_is_refused_when_fetched(bridge: Bridge, asked: str) -> None:
    with pytest.raises(BadParameter):
        bridge.fetch(asked)


def test_a_title_with_a_pipe_is_one_title(bridge: Bridge, wire: Wire, human: Person, title: str) -> None:
    human.save(title, "Here.")
    pages = list(bridge.titles("Main Page|Category:X", title).pages(text=True))
    assert [page.title for page in pages] == ["Main Page|Category:X", title]
    assert [page.exists for page in pages] == [False, True]
    [single] = bridge.titles("Main Page|Category:X").pages(text=True)
    assert not single.exists
    assert single.title == "Main Page|Category:X"


def test_redirects_are_followed_only_when_asked(bridge: Bridge, human: Person, title: str) -> None:
    human.save(f"{title} target", "Aim.")
    human.save(f"{title} from", f"#REDIRECT [[{title} target]]")
    human.save(f"{title} also", f"#REDIRECT [[{title} target]]")
    asked = (f"{title} from", "Main Page", f"{title} also", f"{title} target")
    plain = list(bridge.titles(*asked).pages(info=True))
    assert [(page.title, page.redirect) for page in plain] == [
        (asked[0], True), ("Main Page", False), (asked[2], True), (asked[3], False),
    ]  # fmt: skip
    followed = list(bridge.titles(*asked, redirects=True).pages(text=True))
    assert [page.title for page in followed] == [asked[3], "Main Page"]
    assert bridge.fetch(asked[0], redirects=True).text == "Aim."
    assert bridge.fetch(asked[0]).redirect


def test_more_titles_than_one_request_may_name(bridge: Bridge, wire: Wire, family: str) -> None:
    wanted = [f"None {number}" for number in range(1000)] + names(family)
    pages = list(bridge.titles(*wanted).pages(text=True))
    assert [page.title for page in pages] == wanted
    assert sum(page.exists for page in pages) == PAGES
    assert [len(one.params["titles"].split("|")) for one in wire.requests] == [500, 500, PAGES]
    assert {one.method for one in wire.requests} == {"GET", "POST"}, "what is too long for an address is posted"


def test_pageids_and_revids(bridge: Bridge, human: Person, title: str) -> None:
    first = human.save(title, "One.")
    second = human.save(title, "Two.")
    pageid = human.page(title)["pageid"]
    [page] = bridge.pageids(pageid).pages(text=True)
    assert (page.text, page.revid) == ("Two.", second)
    pages = list(bridge.revids(first, second).pages(text=True))
    assert sorted((page.revid, page.text) for page in pages) == [(first, "One."), (second, "Two.")]
    missing = list(bridge.pageids(99999999, pageid).pages(text=True))
    assert [page.exists for page in missing] == [False, True]


def test_history_and_current_revisions(bridge: Bridge, human: Person, title: str) -> None:
    made = [human.save(title, f"Text {number}.") for number in range(5)]
    other = human.save(f"{title} 2", "Other.")
    assert [row.revid for row in bridge.titles(title).revisions()] == list(reversed(made))
    assert [row.revid for row in bridge.titles(title).revisions(limit=2)] == made[:-3:-1]
    both = {row.page.title: row.revid for row in bridge.titles(title, f"{title} 2").revisions()}
    assert both == {title: made[-1], f"{title} 2": other}
    assert [row.lastrevid for row in bridge.titles(title).info()] == [made[-1]]


def test_by_name_reaches_any_module(bridge: Bridge, human: Person, title: str) -> None:
    human.save(title, f"[[{title} aim]]")
    assert bridge.by_name("action", "parse", page=title, prop="links")["parse"]
    assert [row["title"] for row in bridge.by_name("prop", "links", pages=bridge.titles(title))] == [f"{title} aim"]
    assert [row["title"] for row in bridge.titles(title).property("links")] == [f"{title} aim"]
    assert bridge.by_name("meta", "siteinfo", prop="statistics").first() is not None
    users = list(bridge.by_name("list", "users", users=["Human", "Nobody at all"]))
    assert [row["name"] for row in users] == ["Human", "Nobody at all"]
    with pytest.raises(BadParameter, match="nonsense"):
        bridge.by_name("action", "nonsense")
    with pytest.raises(BadParameter):
        list(bridge.by_name("list", "nonsense"))
