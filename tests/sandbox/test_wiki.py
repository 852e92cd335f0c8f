"""What a wiki that is up can do; all on one wiki, put back between the tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from apibot.core.errors import SandboxError
from apibot.sandbox import Sandbox

EXPORT = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">
{pages}</mediawiki>"""
PAGE = """<page><title>{}</title><revision><timestamp>2020-01-02T03:04:05Z</timestamp>
<contributor><username>Human</username></contributor><text xml:space="preserve">{}</text></revision></page>
"""
PAGES = [
    ("A/B", "[[Target]] {{Sort}}"),
    ("Begin", "#REDIRECT [[Middle]]"),
    ("Middle", "#REDIRECT [[Target]]"),
    ("Target", "Größe & <b>weight</b> – 重さ"),
    ("Template:Sort", "[[Category:Sorted]]"),
]


def put_pairs(wiki: Sandbox, _: Path) -> None:
    wiki.import_pages(iter(PAGES))


def put_folder(wiki: Sandbox, folder: Path) -> None:
    for title, end in (("A%2FB", "wiki"), ("Begin", "txt"), ("Middle", "mediawiki"), ("Target", "wiki")):
        (folder / f"{title}.{end}").write_text(dict(PAGES)[title.replace("%2F", "/")])
    (folder / "Template%3ASort.wiki").write_text(PAGES[-1][1])
    (folder / "README.md").write_text("no page")
    wiki.import_pages(folder)


def put_export(wiki: Sandbox, folder: Path) -> None:
    rows = [PAGE.format(title, text.replace("&", "&amp;").replace("<", "&lt;")) for title, text in PAGES]
    (folder / "dump.xml").write_text(EXPORT.format(pages="".join(rows)))
    wiki.import_pages(folder / "dump.xml")


@pytest.mark.parametrize("put", [put_pairs, put_folder, put_export])
def test_imported_pages_are_there_with_links_and_categories(
    put: Callable[[Sandbox, Path], None], apibot_fresh_wiki: Sandbox, tmp_path: Path, query: Any
) -> None:
    wiki = apibot_fresh_wiki
    put(wiki, tmp_path)
    found = query(wiki, generator="allpages", prop="revisions", rvprop="content", rvslots="main")["pages"]
    texts = {page["title"]: page["revisions"][0]["slots"]["main"]["content"] for page in found}
    del texts["Main Page"]
    assert texts == dict(PAGES[:4])
    members = query(wiki, list="categorymembers", cmtitle="Category:Sorted")["categorymembers"]
    assert {page["title"] for page in members} == {"A/B", "Template:Sort"}
    doubles = query(wiki, list="querypage", qppage="DoubleRedirects")["querypage"]["results"]
    assert [page["title"] for page in doubles] == ["Begin"]
    statistics = query(wiki, meta="siteinfo", siprop="statistics")["statistics"]
    assert (statistics["pages"], statistics["jobs"]) == (6, 0)


def test_a_page_that_is_there_gets_a_new_revision(apibot_wiki: Sandbox, query: Any) -> None:
    for text in ("one", "two"):
        apibot_wiki.import_pages([("Twice", text)])
    page = query(apibot_wiki, titles="Twice", prop="revisions", rvprop="content", rvslots="main", rvlimit="9")
    texts = [revision["slots"]["main"]["content"] for revision in page["pages"][0]["revisions"]]
    assert texts == ["two", "one"]


def test_a_bad_title_is_refused_before_anything_is_saved(apibot_wiki: Sandbox, query: Any) -> None:
    for title in ("", "A<B", "Special:Version", "x" * 256):
        with pytest.raises(SandboxError, match="title of a page"):
            apibot_wiki.import_pages([("Never saved", "text"), (title, "text")])
    assert query(apibot_wiki, titles="Never saved")["pages"][0]["missing"]


def test_pages_that_are_none_are_refused(apibot_wiki: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no pages in it"):
        apibot_wiki.import_pages(tmp_path)
    with pytest.raises(SandboxError, match="no file or folder"):
        apibot_wiki.import_pages(tmp_path / "nowhere.xml")
    with pytest.raises(SandboxError, match="no valid Unicode"):
        apibot_wiki.import_pages([("Half", "\ud800")])
    (tmp_path / "latin.wiki").write_bytes(b"\xe4")
    with pytest.raises(SandboxError, match="not UTF-8"):
        apibot_wiki.import_pages(tmp_path)


def test_a_file_that_is_no_export_is_refused(apibot_wiki: Sandbox, tmp_path: Path) -> None:
    for text in ("plain text", EXPORT.format(pages="<page><title>Cut"), ""):
        (tmp_path / "dump.xml").write_text(text)
        with pytest.raises(SandboxError, match=r"importDump\.php failed"):
            apibot_wiki.import_pages(tmp_path / "dump.xml")


def test_reset_forgets_texts_and_the_server_shows_none_of_them_again(
    apibot_fresh_wiki: Sandbox, log_in: Any, query: Any
) -> None:
    wiki = apibot_fresh_wiki

    def write_and_read(text: str) -> str:
        call = log_in(wiki, wiki.bot)
        token = call(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
        assert call(action="edit", title="Same", text=text, token=token)["edit"]["result"] == "Success"
        page = query(wiki, titles="Same", prop="revisions", rvprop="content", rvslots="main")["pages"][0]
        return str(page["revisions"][0]["slots"]["main"]["content"])

    url = wiki.url
    assert write_and_read("before the reset") == "before the reset"
    wiki.reset()
    assert wiki.url == url
    assert query(wiki, titles="Same")["pages"][0]["missing"]
    assert write_and_read("after the reset") == "after the reset"


def test_accounts_log_in_and_have_their_groups(apibot_wiki: Sandbox, log_in: Any) -> None:
    groups = {"bot": {"bot"}, "sysop": {"sysop", "bureaucrat", "interface-admin"}, "human": set[str]()}
    for role, expected in groups.items():
        account = getattr(apibot_wiki, role)
        found = log_in(apibot_wiki, account)(action="query", meta="userinfo", uiprop="groups|rights")
        info = found["query"]["userinfo"]
        assert info["name"] == account.user.partition("@")[0]
        assert set(info["groups"]) - {"*", "user", "autoconfirmed"} == expected
        assert ("noratelimit" in info["rights"]) == (role != "human")


def test_the_bot_password_has_all_grants(apibot_wiki: Sandbox, log_in: Any) -> None:
    found = log_in(apibot_wiki, apibot_wiki.bot)(action="query", meta="userinfo", uiprop="rights")
    assert {"edit", "createpage", "move", "upload", "bot", "apihighlimits"} <= set(found["query"]["userinfo"]["rights"])


def test_sessions_outlive_what_a_script_changes_and_its_change_is_seen(apibot_fresh_wiki: Sandbox, log_in: Any) -> None:
    call = log_in(apibot_fresh_wiki, apibot_fresh_wiki.human)
    ask = {"action": "query", "meta": "userinfo", "uiprop": "groups"}
    assert "sysop" not in call(**ask)["query"]["userinfo"]["groups"]
    apibot_fresh_wiki.maintenance("createAndPromote.php", "--force", "--sysop", "Human")
    assert "sysop" in call(**ask)["query"]["userinfo"]["groups"]


def test_jobs_run_when_told_and_not_before(
    apibot_fresh_wiki: Sandbox, run_jobs: Callable[[], None], log_in: Any, query: Any
) -> None:
    wiki = apibot_fresh_wiki
    wiki.import_pages([("Template:Sort", "nothing"), ("User of it", "{{Sort}}")])
    call = log_in(wiki, wiki.bot)
    token = call(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
    call(action="edit", title="Template:Sort", text="[[Category:Late]]", token=token)

    def members() -> list[str]:
        found = query(wiki, list="categorymembers", cmtitle="Category:Late")["categorymembers"]
        return [page["title"] for page in found if page["ns"] == 0]

    assert members() == []
    run_jobs()
    assert members() == ["User of it"]


def test_a_maintenance_script_reads_stdin_and_says_what_went_wrong(apibot_wiki: Sandbox) -> None:
    wiki = apibot_wiki
    wiki.maintenance("edit.php", "--user", "Human", "From stdin", input="Gruß")
    assert wiki.maintenance("getText.php", "From stdin") == "Gruß"
    with pytest.raises(SandboxError, match="has no maintenance script 'nosuch"):
        wiki.maintenance("nosuch.php")
    with pytest.raises(SandboxError, match=r"getText\.php failed with exit status 1.*does not exist") as caught:
        wiki.maintenance("getText.php", "No such page")
    assert "\n" not in str(caught.value)


def test_a_browser_gets_pages_styles_scripts_and_files(apibot_wiki: Sandbox) -> None:
    wiki = apibot_wiki
    pretty = requests.get(f"{wiki.url}/wiki/Special:RecentChanges", timeout=60)
    plain = requests.get(f"{wiki.url}/index.php?title=Special:RecentChanges", timeout=60)
    root = requests.get(wiki.url, timeout=60)
    assert (pretty.status_code, plain.status_code, root.status_code) == (200, 200, 200)
    assert "Main Page" in pretty.text
    assert root.url == f"{wiki.url}/wiki/Main_Page"
    linked = [
        address.replace("&amp;", "&") for address in re.findall(r'(?:href|src)="([^"]*load\.php[^"]*)"', root.text)
    ]
    kinds = [requests.get(urljoin(wiki.url, address), timeout=60).headers["content-type"] for address in linked]
    assert {kind.partition(";")[0] for kind in kinds} == {"text/css", "text/javascript"}


def test_files_are_served_from_the_folder_of_uploads_alone(apibot_wiki: Sandbox) -> None:
    (apibot_wiki.folder / "data" / "images" / "a.txt").write_text("a file")
    got = requests.get(f"{apibot_wiki.url}/images/a.txt", timeout=60)
    assert (got.status_code, got.text) == (200, "a file")
    for path in ("%2e%2e/sandbox.sqlite", "%2e%2e/%2e%2e/apibot.toml", "b.txt", ""):
        assert requests.get(f"{apibot_wiki.url}/images/{path}", timeout=60).status_code == 404, path


def test_facts_and_secrets(apibot_wiki: Sandbox) -> None:
    assert apibot_wiki.api == f"{apibot_wiki.url}/api.php"
    assert re.fullmatch(r"1\.\d+\.\d+.*", apibot_wiki.version)
    password = apibot_wiki.bot.password.reveal()
    assert password not in repr(apibot_wiki.bot) + str(apibot_wiki.status())
