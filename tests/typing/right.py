"""What type checkers must understand; never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import assert_type

import apibot
from apibot import Bridge, StandaloneBridge, connect
from apibot.bridge.doctor import Finding
from apibot.bridge.rows import PageRows, PageSetRows
from apibot.core.browser import Transfer
from apibot.core.core import Core
from apibot.core.hooks import Hooks
from apibot.core.info import Info
from apibot.core.jsons import Json, JsonObject
from apibot.core.layer import Attempt, Layer
from apibot.core.login import LoginField, LoginStep
from apibot.core.rows import Rows
from apibot.core.userinfo import Block as OwnBlock
from apibot.data import (
    AbuseLogEntry,
    Block,
    BlockedPage,
    BlockRestrictions,
    DeletedPageRevisions,
    File,
    FileVersion,
    PageCategory,
    PageInfoRow,
    QueryPageRow,
    RecentChange,
    Revision,
    Table,
    User,
    row_class,
)
from apibot.data.pages import Page, PageRef
from apibot.data.rows.base import DataRow, column
from apibot.queries import AllPages, RecentChanges, Titles
from apibot.tasks import CallAction, Edit, EditResult, Fetch, Purge, PurgeResult


def connecting() -> None:
    assert_type(apibot.connect("sandbox"), Core)
    assert_type(Bridge(apibot.connect("sandbox")).core, Core)
    with StandaloneBridge("sandbox", contact="me@example.org", timeout=5) as bridge:
        assert_type(bridge, StandaloneBridge)
        assert_type(bridge.info, Info)
        assert_type(bridge.info.general().version, tuple[int, ...])
        assert_type(bridge.info.namespaces()[10].name, str)
        assert_type(bridge.info.user().block, OwnBlock | None)
        assert_type(bridge.info.interwikis()["de"].language, str | None)
        assert_type(bridge.info.messages("mainpage"), Mapping[str, str])
        assert_type(bridge.info.limit("edit", "tags"), int | None)
        assert_type(bridge.doctor(), list[Finding])
    with apibot.connect("sandbox", hooks=Hooks(), log={"html": "a.html", "levels": {"API_*": "debug"}}) as core:
        assert_type(core, Core)
        assert_type(core.settings.exact("retry.budget"), object)
        assert_type(core.settings.merged("pace"), dict[str, object])


def tasks(bridge: Bridge) -> None:
    assert_type(bridge.fetch("A"), Page)
    assert_type(bridge.fetch(PageRef(pageid=3), redirects=True).text, str)
    assert_type(bridge.edit("A", text="x"), EditResult)
    assert_type(bridge.edit(bridge.fetch("A"), summary="s", minor=True, section="new", create="only"), EditResult)
    assert_type(bridge.change("A", str.upper), EditResult)
    assert_type(bridge.change("A", lambda text: text or None, summary="s"), EditResult)
    assert_type(bridge.purge(["A", PageRef("B")]), PurgeResult)
    assert_type(bridge.purge("A", forcelinkupdate=True), PurgeResult)
    assert_type(bridge.xfer("http://127.0.0.1/", data={"a": "b"}), Transfer)
    assert_type(bridge.log("text", "warning"), None)


def performed(core: Core, bridge: Bridge) -> None:
    assert_type(core.perform(Edit("A", text="x")), EditResult)
    assert_type(core.perform(Fetch("A")), Page)
    assert_type(core.perform(Purge("A")), PurgeResult)
    assert_type(core.perform(CallAction("parse", params={"text": "x"})), JsonObject)
    assert_type(bridge.perform(Edit("A", text="x")), EditResult)
    assert_type(core.fence(Edit("A", text="x")), Attempt[EditResult])
    assert_type(core.stack(Edit), list[Layer])
    assert_type(core.stack(AllPages), list[Layer])


def queries(bridge: Bridge) -> None:
    assert_type(bridge.allpages(namespace=0, limit=50), PageRows[PageRef])
    assert_type(bridge.allpages(filterredir="nonredirects", from_="A").first(), PageRef | None)
    assert_type(bridge.allpages().pages(text=True), Rows[Page])
    assert_type(bridge.allpages().pages(text=True, categories=True).first(), Page | None)
    assert_type(bridge.allpages().count(), int)
    assert_type(bridge.allpages().cursor, str | None)
    assert_type(bridge.allpages().batches(), Iterator[list[PageRef]])
    assert_type(bridge.categorymembers("Category:A", type=["page"]), PageRows[PageRef])
    assert_type(bridge.querypage("Wantedpages"), PageRows[QueryPageRow])
    assert_type(bridge.recentchanges(type="edit", extra={"new": 1}), PageRows[RecentChange])
    for change in bridge.recentchanges(dir="newer"):
        assert_type(change, RecentChange)
        assert_type(change.revid, int)
        assert_type(change.bot, bool)
        assert_type(change.user, str)
        assert_type(change["comment"], object)
        assert_type(change.page, PageRef)


def properties(bridge: Bridge) -> None:
    assert_type(bridge.titles("A", "B"), PageSetRows)
    assert_type(bridge.titles("A", redirects=True).pages(text=True), Rows[Page])
    assert_type(bridge.titles("A").categories(show=["hidden"]), Rows[PageCategory])
    assert_type(bridge.titles("A").info(), Rows[PageInfoRow])
    assert_type(bridge.revids(1).revisions(limit=1), Rows[Revision])
    assert_type(bridge.pageids(1, 2).property("links", namespace=0), Rows[DataRow])
    assert_type(bridge.titles("A").first(), PageRef | None)


def models(bridge: Bridge) -> None:
    for change in bridge.recentchanges():
        assert_type(change.timestamp, datetime | None)
        assert_type(change["timestamp"], object)
        assert_type(change.tags, tuple[str, ...])
        assert_type(change.logparams, Mapping[str, Json])
        assert_type(change.to_json(), str)
        assert_type(RecentChange.from_json("{}"), RecentChange)
        assert_type(change.diff, int)
    assert_type(bridge.fetch("A").timestamp, datetime | None)
    assert_type(Page.from_json("{}"), Page)
    assert_type(Block({}).expiry, datetime | None)
    assert_type(Block({}).restrictions, BlockRestrictions)
    assert_type(Block({}).restrictions.namespaces, tuple[int, ...])
    assert_type(Block({}).restrictions.pages, tuple[BlockedPage, ...])
    assert_type(User({}).blocked, bool)
    assert_type(User({}).groups, tuple[str, ...])
    assert_type(User.groups, column[tuple[str, ...]])
    assert_type(File({}).sha1, str)
    assert_type(File({}).width, int)
    assert_type(File({}).timestamp, datetime | None)
    assert_type(File({}).versions, tuple[FileVersion, ...])
    assert_type(FileVersion({}).duration, float)
    assert_type(AbuseLogEntry({}).details, Mapping[str, Json])
    assert_type(DeletedPageRevisions({}).revisions, tuple[Revision, ...])
    assert_type(row_class("blocks"), type[DataRow])
    table = Table(bridge.recentchanges(limit=5))
    assert_type(table, Table[RecentChange])
    assert_type(table[0], RecentChange)
    assert_type(table[1:], Table[RecentChange])
    assert_type(Table(bridge.allpages()), Table[PageRef])


def by_name(bridge: Bridge) -> None:
    assert_type(bridge.by_name("list", "abuselog", limit=10), Rows[DataRow])
    assert_type(bridge.by_name("prop", "links", pages=bridge.titles("A")), Rows[DataRow])
    assert_type(bridge.by_name("meta", "siteinfo", prop=["general"]), Rows[DataRow])
    assert_type(bridge.by_name("generator", "allpages", namespace=0), PageRows[PageRef])
    assert_type(bridge.by_name("generator", "allpages").pages(text=True), Rows[Page])
    assert_type(bridge.by_name("action", "parse", text="x", preview=True), JsonObject)


def logins() -> None:
    def answer(step: LoginStep) -> dict[str, str]:
        assert_type(step.fields, tuple[LoginField, ...])
        return {field.name: field.label for field in step.fields if not field.optional}

    with connect("mine", oauth2_token="x", answer=answer) as core:
        assert_type(core.login(anew=True), str | None)
    assert_type(StandaloneBridge("mine", user="Me", password="x", answer=answer), StandaloneBridge)


def requests() -> None:
    assert_type(Edit("A", text="x").summary, str)
    assert_type(Edit("A", text="x").replaced(text="y"), Edit)
    assert_type(Edit.from_fields({"page": "A"}), Edit)
    assert_type(Edit("A", text="x").settled(), Edit)
    assert_type(Edit("A", text="x").to_fields(), JsonObject)
    assert_type(RecentChanges(limit=5).limit, int | None)
    assert_type(Titles(["A"]).redirects, bool)
