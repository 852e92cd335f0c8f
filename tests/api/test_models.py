"""Row classes: a real wiki is made to have each kind of row, and every column is read from what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
import requests

from apibot.bridge import Bridge
from apibot.bridge.rows import bound
from apibot.core.errors import NotFetched
from apibot.core.request import Value
from apibot.data import (
    AbuseLogEntry,
    Block,
    Category,
    DataRow,
    File,
    FileVersion,
    LogEntry,
    PageRef,
    PageRevisions,
    PageUse,
    RecentChange,
    Revision,
    User,
    UserContribution,
    WatchlistChange,
)
from apibot.data.rows.kinds import ROW_CLASSES
from apibot.queries import ByName, Titles
from tests.api.conftest import Connect
from tests.support.world import TEXT, World, made_world, png

R = TypeVar("R", bound=DataRow)
UNMADE = {
    "AbuseLogEntry.wiki": "told by logs of several wikis",
    "ArchivedFile.pagecount": "files of several pages need programs that unpack them",
    "FileVersion.filemissing": "needs a damaged disk",
    "_Image.anon": "addresses may not upload here",
    "_Image.pagecount": "files of several pages need programs that unpack them",
    "PageProps.disambiguation": "extension Disambiguator is not bundled",
    "PageProps.page_image": "set by extension PageImages",
    "PageProps.wikibase_item": "set by Wikibase",
    "SearchResult.redirectsnippet": "the sandbox's database finds titles only",
    "SearchResult.redirecttitle": "the same",
    "SearchResult.sectionsnippet": "the same",
    "SearchResult.sectiontitle": "the same",
}
"""Columns that are not seen in a reply here, and why; their names are MediaWiki's own code's."""


@pytest.fixture(scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("models")) as world:
        yield world


@pytest.fixture
def world(_world: World) -> Iterator[World]:
    _world.wire.clear()
    yield _world
    _world.wire.clear()


@pytest.fixture
def bridge(world: World, connect_via: Connect) -> Bridge:
    return connect_via("sysop", wire=world.wire, wiki=world.wiki)


PAGES = (
    "Model page",
    "Moved page",
    "Missing",
    "Doomed",
    "Template:Tmpl",
    "Category:Models",
    "Tagged",
    "Redirecting",
    "To redirect",
    "By nobody",
    "File:Model.png",
    "File:Same.png",
    "File:Moving.gif",
    "File:Veiled.png",
    "Nothing",
)
ASKED: Mapping[str, Mapping[str, Value]] = {
    "allusers": {"activeusers": True},
    "backlinks": {"title": "Model page", "redirect": True},
    "categorymembers": {"title": "Category:Models"},
    "deletedrevs": {"prop": ["revid", "user"]},  # MediaWiki breaks on content that is hidden
    "embeddedin": {"title": "Template:Tmpl"},
    "imageinfo": {"urlwidth": 50, "limit": 50},
    "imageusage": {"title": "File:Model.png", "redirect": True},
    "iwbacklinks": {"prefix": "wikipedia"},
    "langbacklinks": {"lang": "de"},
    "pageswithprop": {"propname": "defaultsort"},
    "prefixsearch": {"search": "Mod"},
    "querypage": {"page": "Ancientpages"},
    "search": {"search": "Model", "what": "title"},
    "usercontribs": {"user": ("Human", "Sysop")},
    "users": {"users": ("Human", "Blocked one", "Nobody here", "192.0.2.7", "Sysop", "Blocked two", "Unseen")},
    "watchlist": {"allrev": True},
}
"""Parameters besides those that all get: ``prop`` and ``slots`` with all there is."""
OF_HISTORY = {"revisions", "deletedrevisions"}
"""Properties whose whole list comes for one page only."""


def ask(bridge: Bridge, name: str, limit: int | None = None) -> list[DataRow]:
    """Return rows of a module, with all that it can tell."""
    module = bridge.info.module(f"query+{name}")
    params: dict[str, Value] = {}
    prop = module.parameters.get("prop")
    if prop is not None:
        params["prop"] = [one for one in prop.values if one not in {*prop.deprecated_values, "parsetree"}]
    if "slots" in module.parameters:
        params["slots"] = "*"
    params |= ASKED.get(name, {})
    if module.group == "list":
        return list(bound(bridge.core, ByName("list", name, params=params, limit=limit)))
    sets = [("Moved page",), ("By nobody",), ("Doomed",)] if name in OF_HISTORY else [PAGES]
    asked = [ByName("prop", name, params=params, pages=Titles(titles)) for titles in sets]
    return [row for one in asked for row in bound(bridge.core, one)]


NO_ROWS = {"extracts", "pageimages", "stashimageinfo"}
"""Properties that are no lists, but single values of a page or of no page at all."""


def test_every_list_and_property_has_its_row_class(world: World) -> None:
    modules = world.sysop.call(action="paraminfo", modules="query+*")["paraminfo"]["modules"]
    there = {one["name"] for one in modules if one["group"] in {"list", "prop"}}
    assert there - NO_ROWS == set(ROW_CLASSES)


@pytest.mark.parametrize("name", sorted(ROW_CLASSES))
def test_every_column_can_be_read(bridge: Bridge, name: str) -> None:
    rows = ask(bridge, name)
    assert {type(row) for row in rows} == {ROW_CLASSES[name]}
    for row in rows:
        for attribute in row.columns():
            getattr(row, attribute)
        assert type(row).from_json(row.to_json()) == row
        assert repr(row)
        assert row._repr_html_()


def test_every_column_is_there_in_some_reply(bridge: Bridge) -> None:
    """A column that several classes inherit counts as one."""
    columns: set[str] = set()
    seen: set[str] = set()
    for name, kind in ROW_CLASSES.items():
        keys = {key for row in ask(bridge, name) for key in row}
        for attribute in kind.columns():
            owner = next(base for base in kind.__mro__ if attribute in vars(base))
            columns.add(f"{owner.__name__}.{attribute}")
            if getattr(kind, attribute).name in keys:
                seen.add(f"{owner.__name__}.{attribute}")
    assert columns - seen == set(UNMADE)


# What helps beyond columns.


def rows_of(kind: type[R], rows: Sequence[DataRow]) -> list[R]:
    """Return rows as what they are, which the name of a module alone does not tell a type checker."""
    found = [row for row in rows if isinstance(row, kind)]
    assert found
    assert len(found) == len(rows)
    return found


def test_what_is_hidden_has_empty_columns_and_flags(world: World, bridge: Bridge, connect_via: Connect) -> None:
    numbers = (world.hidden, world.suppressed)
    nobody = connect_via(None, wire=world.wire, wiki=world.wiki)
    for who, sees in ((bridge, True), (nobody, False)):
        history = rows_of(Revision, ask_history(who, "Moved page"))
        for number in numbers:
            row = next(one for one in history if one.revid == number)
            assert (row.userhidden, row.commenthidden, row.texthidden, row.sha1hidden) == (True,) * 4
            assert row.suppressed is (number == world.suppressed)
            assert (row.user, row.comment) == (("Human", "hidden later") if sees else ("", ""))
            assert bool(row.sha1) is sees
            if not sees:
                with pytest.raises(NotFetched, match=f"Revision {number}: its text is hidden"):
                    _text = row.text
        shown = next(one for one in history if one.revid not in numbers)
        assert [shown.userhidden, shown.commenthidden, shown.texthidden, shown.suppressed] == [False] * 4
        assert (shown.page, shown.contentmodel, shown.deleted) == (
            PageRef("Moved page", history_id(shown), 0),
            "wikitext",
            False,
        )
        assert shown.text
        assert shown.size == len(shown.text)


def ask_history(bridge: Bridge, title: str) -> list[DataRow]:
    """Return all revisions of a page."""
    prop = ["ids", "user", "comment", "content", "sha1", "size", "flags", "timestamp"]
    return list(bridge.by_name("prop", "revisions", pages=bridge.titles(title), prop=prop, slots="main", limit=50))


def history_id(row: Revision) -> int:
    about = row["page"]
    assert isinstance(about, dict)
    return int(about["pageid"])


def test_hidden_log_entries_name_no_page(world: World, bridge: Bridge, connect_via: Connect) -> None:
    def entries(who: Bridge) -> dict[int, LogEntry]:
        return {row.logid: row for row in rows_of(LogEntry, ask(who, "logevents"))}

    seen, unseen = entries(bridge), entries(connect_via("human", wire=world.wire, wiki=world.wiki))
    hidden = {number for number, row in seen.items() if row.actionhidden}
    assert {seen[number].type for number in hidden} >= {"move", "protect"}
    assert all(seen[number].page.title and seen[number].suppressed for number in hidden)
    assert hidden & unseen.keys()
    for number in hidden & unseen.keys():
        row = unseen[number]
        assert (row.title, row.user, dict(row.params), row.actionhidden) == ("", "", {}, True)
        with pytest.raises(NotFetched, match="LogEntry: the row names no page"):
            _page = row.page
    block = next(row for row in seen.values() if row.type == "block" and row.title == "User:Blocked two")
    assert block.params["duration"] == "3 days"
    assert block.page == PageRef("User:Blocked two", None, 2)


def test_times_are_in_utc_and_endless_ones_none(bridge: Bridge) -> None:
    now = datetime.now(UTC)
    by_user = {row.user: row for row in rows_of(Block, ask(bridge, "blocks"))}
    endless, partial = by_user["Blocked one"], by_user["Blocked two"]
    assert (endless["expiry"], endless.expiry) == ("infinity", None)
    assert partial.expiry is not None
    assert partial.timestamp is not None
    assert partial.expiry.tzinfo is UTC
    assert partial.expiry - partial.timestamp == timedelta(days=3)
    assert abs(now - partial.timestamp) < timedelta(hours=1)
    assert partial["timestamp"] == partial.timestamp.isoformat().replace("+00:00", "Z")
    assert by_user["192.0.2.0/24"].rangestart == "192.0.2.0"


def test_blocks_tell_what_they_close(bridge: Bridge) -> None:
    by_user = {row.user: row for row in rows_of(Block, ask(bridge, "blocks"))}
    whole, partial = by_user["Blocked one"].restrictions, by_user["Blocked two"].restrictions
    assert (whole.pages, whole.namespaces, whole.actions, len(whole)) == ((), (), (), 0)
    assert [row.page.title for row in partial.pages] == ["Model page"]
    assert (partial.namespaces, partial.actions) == ((4, 10), ("upload",))


def test_users(bridge: Bridge) -> None:
    by_name = {row.name: row for row in rows_of(User, ask(bridge, "users"))}
    human, blocked, partly = by_name["Human"], by_name["Blocked one"], by_name["Blocked two"]
    assert "bureaucrat" in human.groups
    assert [dict(one)["group"] for one in human.groupmemberships] == ["bureaucrat"]
    assert (human.exists, human.blocked, human.blockexpiry) == (True, False, None)
    assert (blocked.blocked, blocked.blockpartial, blocked.blockedby, blocked.blockexpiry) == (
        True,
        False,
        "Sysop",
        None,
    )
    assert (partly.blocked, partly.blockpartial) == (True, True)
    assert (by_name["Nobody here"].exists, by_name["Nobody here"].cancreate) == (False, True)
    assert (by_name["192.0.2.7"].exists, by_name["192.0.2.7"].invalid) == (False, True)
    assert by_name["Unseen"].hidden


def test_changes_tell_by_how_much_a_text_grew(bridge: Bridge) -> None:
    change = next(
        row for row in rows_of(RecentChange, ask(bridge, "recentchanges")) if row.comment == "unseen by the watcher"
    )
    assert (change.type, change.page.title, change.oldlen, change.size, change.diff) == ("edit", "Tagged", 1, 4, 3)
    edit = next(row for row in rows_of(UserContribution, ask(bridge, "usercontribs")) if row.revid == change.revid)
    assert (edit.size, edit.sizediff, edit.timestamp) == (4, 3, change.timestamp)
    seen = next(row for row in rows_of(WatchlistChange, ask(bridge, "watchlist")) if row.revid == change.revid)
    assert seen.notificationtimestamp == change.timestamp
    assert seen.expiry is not None
    kinds = {row.type for row in rows_of(RecentChange, ask(bridge, "recentchanges"))}
    assert kinds == {"edit", "new", "log", "categorize"}


def test_a_file_is_its_page_with_its_versions(world: World) -> None:
    params = {"prop": "imageinfo", "iiprop": "url|size|mime|sha1|timestamp|user|archivename", "iilimit": 9}
    titles = "File:Model.png|File:Nothing.png"
    by_title = {row["title"]: File(row) for row in world.sysop.ask(titles=titles, **params)["pages"]}
    file, nothing = by_title["File:Model.png"], by_title["File:Nothing.png"]
    newest, oldest = file.versions
    assert (file.exists, file.width, file.height, file.mime, file.imagerepository) == (
        True,
        200,
        200,
        "image/png",
        "local",
    )
    assert (file.url, file.sha1, file.size, file.timestamp) == (newest.url, newest.sha1, newest.size, newest.timestamp)
    assert file.user == "Sysop"
    assert (oldest.width, newest.archivename, oldest.page) == (8, "", file.page)
    assert oldest.archivename.endswith("!Model.png")
    assert requests.get(file.url, timeout=30).content == png(200, 99)
    assert (nothing.exists, nothing.versions, nothing.url, nothing.size, nothing.timestamp) == (False, (), "", 0, None)


def test_revisions_of_several_pages_come_with_their_page(bridge: Bridge) -> None:
    pages = rows_of(PageRevisions, ask(bridge, "allrevisions"))
    page = next(one for one in pages if one.title == "Model page")
    assert {row.page for row in page.revisions} == {page.page}
    assert {row.text for row in page.revisions} == {TEXT.strip()}
    gone = next(one for one in rows_of(PageRevisions, ask(bridge, "alldeletedrevisions")) if one.title == "Doomed")
    assert {row.deleted for row in gone.revisions} == {True}
    assert len(gone.revisions) == 3


def test_filters_and_what_they_caught(bridge: Bridge) -> None:
    caught = {row.filter: row for row in rows_of(AbuseLogEntry, ask(bridge, "abuselog"))}
    naughty, noted = caught["Naughty"], caught["Noted"]
    assert (naughty.filter_id, naughty.result, naughty.revid, naughty.page.title) == ("1", ("disallow",), 0, "Caught")
    assert naughty.details["added_lines"] == ["naughty"]
    assert (noted.result, noted.revid > 0) == ((), True)
    filters = {row["description"]: row for row in ask(bridge, "abusefilters")}
    flags = {name: [getattr(row, flag) for flag in ("enabled", "deleted", "private")] for name, row in filters.items()}
    assert flags == {"Naughty": [True, False, False], "Secret": [False, True, True], "Noted": [True, False, False]}


def test_both_ends_of_a_link_are_told(bridge: Bridge) -> None:
    uses = rows_of(PageUse, ask(bridge, "redirects"))
    told = {(row.page.title, row.other.title, row.fragment) for row in uses}
    assert told == {("Model page", "Redirecting", "Top"), ("Moved page", "Other page", "")}
    [category] = rows_of(
        Category, list(bridge.by_name("list", "allcategories", prefix="Models", prop=["size", "hidden"]))
    )
    assert (category.page.title, category.hidden, category.pages) == ("Category:Models", True, 3)
    [same] = rows_of(Category, list(bridge.by_name("prop", "categoryinfo", pages=bridge.titles("Category:Models"))))
    assert (same.page.title, same.size) == ("Category:Models", category.size)


def test_versions_by_name_tell_their_page(bridge: Bridge) -> None:
    rows = rows_of(FileVersion, ask(bridge, "imageinfo"))
    assert {row.page.title for row in rows if row.filehidden} == {"File:Veiled.png"}
    assert [row.duration for row in rows if row.page.title == "File:Moving.gif"] == [2.0]


def test_a_list_that_stands_beside_the_query_is_followed_to_its_end(bridge: Bridge, world: World) -> None:
    """``list=watchlistraw``: MediaWiki puts its rows elsewhere than those of all other lists."""
    whole = [row["title"] for row in ask(bridge, "watchlistraw")]
    assert len(whole) > 5
    assert len(set(whole)) == len(whole)
    assert [row["title"] for row in ask(bridge, "watchlistraw", limit=3)] == whole[:3]
