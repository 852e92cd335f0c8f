"""A wiki that has a row of each kind that the API gives."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

from apibot.sandbox import Sandbox
from tests.support.people import Person
from tests.support.proxy import Wire

EXTENSIONS = Path("/usr/share/mediawiki/extensions")
SETTINGS = r"""
if ( is_file( '%(folder)s/filters' ) ) { # once its tables are there
	wfLoadExtension( 'AbuseFilter' );
}
wfLoadExtension( 'Gadgets' );
$apibotRights = [ 'deletedhistory', 'deletedtext', 'deleterevision', 'deletelogentry', 'suppressrevision',
	'suppressionlog', 'viewsuppressed', 'hideuser', 'abusefilter-hide-log', 'abusefilter-hidden-log' ];
foreach ( $apibotRights as $apibotRight ) {
	$wgGroupPermissions['sysop'][$apibotRight] = true;
}
$wgEnablePartialActionBlocks = true;
$wgWatchlistExpiry = true;
$wgRCWatchCategoryMembership = true;
$wgDefaultUserOptions['hidecategorization'] = 0;
"""
FILTERS = r"""
INSERT INTO abuse_filter (af_pattern, af_user, af_user_text, af_timestamp, af_public_comments, af_comments, af_actions,
    af_hidden, af_enabled, af_deleted)
VALUES ('added_lines contains "naughty"', 1, 'Sysop', '20200101000000', 'Naughty', 'Why.', 'disallow,warn', 0, 1, 0),
    ('false', 1, 'Sysop', '20200101000000', 'Secret', '', '', 1, 0, 1),
    ('added_lines contains "noted"', 1, 'Sysop', '20200101000000', 'Noted', '', '', 0, 1, 0);
INSERT INTO abuse_filter_action (afa_filter, afa_consequence, afa_parameters)
VALUES (1, 'disallow', 'abusefilter-disallowed');
INSERT INTO interwiki (iw_prefix, iw_url, iw_api, iw_wikiid, iw_local, iw_trans)
VALUES ('de', 'https://de.example.org/wiki/$1', '', '', 0, 0);
"""
TEXT = """{{DEFAULTSORT:abc}}{{DISPLAYTITLE:<i>Model page</i>}}[[Category:Models|key]] [[Other page]] {{Tmpl}}
[[File:Model.png|thumb|20px]] [[File:Model.png|300px]] [[de:Ziel]] [[wikipedia:X]] [https://example.org/a x] [[Missing]]
"""


def png(width: int, shade: int) -> bytes:
    """Return a grey square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0)
    lines = (b"\0" + bytes([shade]) * width) * width
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


class World(NamedTuple):
    """A wiki that has a row of each kind."""

    wiki: Sandbox
    wire: Wire
    sysop: Person
    human: Person
    hidden: int
    """A revision whose text, comment and author are hidden."""
    suppressed: int
    """The same, from administrators too."""

    def own(self, who: Person, action: str, kind: str, **params: object) -> None:
        """Do what needs a token of its own kind."""
        token = who.ask(meta="tokens", type=kind)["tokens"][f"{kind}token"]
        reply = who.call(action=action, token=token, **params)
        assert "error" not in reply, reply


@contextmanager
def made_world(folder: Path) -> Iterator[World]:
    """Start such a wiki; ``folder`` is for all it needs."""
    tables = (EXTENSIONS / "AbuseFilter/db_patches/sqlite/tables-generated.sql").read_text()
    (folder / "filters.sql").write_text(tables + FILTERS)
    with Sandbox("models", settings=SETTINGS % {"folder": folder}, home=folder) as wiki, Wire(wiki.url) as wire:
        sysop = Person(wiki.api, wiki.sysop.user, wiki.sysop.password.reveal())
        human = Person(wiki.api, wiki.human.user, wiki.human.password.reveal())
        sysop.do("managetags", operation="create", tag="model tag")
        wiki.maintenance("sql.php", str(folder / "filters.sql"))
        (folder / "filters").touch()
        for name in ("Blocked one", "Blocked two", "Unseen"):
            wiki.maintenance("createAndPromote.php", name, "a long password 99")
        _upload(wiki, folder)
        hidden, suppressed = _write(wiki, sysop, human)
        world = World(wiki, wire, sysop, human, hidden, suppressed)
        _administrate(world)
        wiki.run_jobs()
        yield world


def _upload(wiki: Sandbox, folder: Path) -> None:
    """Put files into the wiki: some of two versions, two that hold the same, one that moves."""
    gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
    frame = b"!\xf9\x04\0\x64\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    made = {"Model.png": png(8, 9), "Same.png": png(6, 9), "Twin.png": png(6, 9), "Gone.png": png(5, 3)}
    made["Moving.gif"] = gif + frame + frame + b";"
    made["Veiled.png"] = png(3, 3)
    again = {"Model.png": png(200, 99), "Gone.png": png(4, 4), "Veiled.png": png(3, 4)}
    for stage, files in (("first", made), ("second", again)):
        images = folder / stage
        images.mkdir()
        for name, content in files.items():
            (images / name).write_bytes(content)
        wiki.maintenance("importImages.php", "--overwrite", "--user=Sysop", f"--comment={stage}", str(images))


def _write(wiki: Sandbox, sysop: Person, human: Person) -> tuple[int, int]:
    """Make pages and hide revisions; return the numbers of a hidden and a suppressed one."""
    sysop.do("edit", title="Category:Models", text="__HIDDENCAT__", watchlist="watch")
    sysop.save("Template:Tmpl", "[[Category:Models]]")
    sysop.save("Model page", TEXT, summary="one")
    human.save("Other page", "[[Model page]]", summary="two", minor=1)
    sysop.save("Redirecting", "#REDIRECT [[Model page#Top]] {{Tmpl}} [[de:Ziel]] [[wikipedia:X]]")
    sysop.save("Abroad", "#REDIRECT [[wikipedia:X#Y]]")
    sysop.save("To redirect", "[[Redirecting]]")
    numbers = []
    for suppress in ("no", "yes"):
        numbers.append(human.save("Other page", f"hidden later {suppress}", summary="hidden later"))
        human.save("Other page", f"[[Model page]] {suppress}", summary="stays")
        sysop.do("revisiondelete", type="revision", ids=numbers[-1], hide="content|comment|user", suppress=suppress)
    sysop.save("Doomed", "to be deleted")
    gone = human.save("Doomed", "to be deleted too", summary="x")
    sysop.save("Doomed", "still to be deleted")
    sysop.do("revisiondelete", type="revision", ids=gone, hide="content|comment|user", suppress="yes")
    sysop.save("Tagged", "x", tags="model tag")
    sysop.save("MediaWiki:Gadgets-definition", "== stuff ==\n* mygadget[ResourceLoader]|mygadget.js")
    sysop.save("MediaWiki:Bad image list", "* [[:File:Same.png]]")
    nobody = {"action": "edit", "title": "By nobody", "text": "x", "token": "+\\", "format": "json"}
    assert "Success" in requests.post(wiki.api, data=nobody, timeout=30).text
    return numbers[0], numbers[1]


def _administrate(world: World) -> None:
    """Delete, protect, block, move, watch, stash, be caught by filters."""
    sysop, do = world.sysop, world.sysop.do
    do("delete", title="Doomed", reason="away")
    do("delete", title="File:Gone.png", reason="away")
    do("protect", title="Never", protections="create=sysop", expiry="infinite", reason="no")
    do("protect", title="Not yet", protections="create=sysop", expiry="2 days", reason="no")
    do("protect", title="Model page", protections="edit=sysop|move=autoconfirmed", expiry="infinite|1 week")
    do("block", user="Blocked one", expiry="infinite", reason="bad", nocreate=1, autoblock=1, allowusertalk=1)
    partly = {"pagerestrictions": "Model page", "namespacerestrictions": "4|10", "actionrestrictions": "upload"}
    do("block", user="Blocked two", expiry="3 days", reason="partly", partial=1, allowusertalk=1, **partly)
    do("block", user="192.0.2.0/24", expiry="1 year", reason="range", anononly=1)
    do("block", user="Unseen", expiry="infinite", reason="worse", hidename=1)
    world.own(sysop, "userrights", "userrights", user="Human", add="bureaucrat", expiry="1 month")
    world.own(sysop, "watch", "watch", titles="Tagged|Model page|Other page")
    world.own(sysop, "watch", "watch", titles="Tagged", expiry="1 week")
    do("move", **{"from": "Other page", "to": "Moved page", "reason": "mv"})
    for kind, log in (("move", "logging"), ("protect", "logging")):
        entry = sysop.ask(list="logevents", letype=kind, lelimit=1)["logevents"][0]["logid"]
        do("revisiondelete", type=log, ids=entry, hide="content|comment|user", suppress="yes")
    old = sysop.ask(titles="File:Veiled.png", prop="imageinfo", iiprop="archivename", iilimit=2)["pages"][0]
    number = old["imageinfo"][1]["archivename"].partition("!")[0]
    do(
        "revisiondelete",
        type="oldimage",
        target="File:Veiled.png",
        ids=number,
        hide="content|comment|user",
        suppress="yes",
    )
    dead = sysop.ask(list="filearchive")["filearchive"][0]["id"]
    do(
        "revisiondelete",
        type="filearchive",
        target="File:Gone.png",
        ids=dead,
        hide="content|comment|user",
        suppress="yes",
    )
    world.human.save("Tagged", "more", summary="unseen by the watcher")
    for text in ("naughty", "noted"):
        world.human.call(
            action="edit", title="Caught", text=text, token=world.human.ask(meta="tokens")["tokens"]["csrftoken"]
        )
    stash = {"action": "upload", "filename": "Stashed.png", "stash": "1", "format": "json", "ignorewarnings": "1"}
    stash["token"] = sysop.ask(meta="tokens")["tokens"]["csrftoken"]
    files = {"file": ("Stashed.png", png(7, 7), "image/png")}
    reply = requests.post(world.wiki.api, data=stash, files=files, cookies=sysop.jar, timeout=30)
    assert "Success" in reply.text, reply.text


__all__ = ["TEXT", "World", "made_world", "png"]
