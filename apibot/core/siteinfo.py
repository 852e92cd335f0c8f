"""What a wiki says of itself (``meta=siteinfo``, API:Siteinfo), as types.

Each holds as ``raw`` the wiki's own row (formatversion=2), with what has no name here.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from apibot.core.jsons import Json, JsonObject, block, number, real, rows, text, texts, when

Version = tuple[int, ...]
"""Numbers of a version: ``(1, 39, 17)``; compares as one expects: ``version >= (1, 39)``."""


class General(NamedTuple):
    """The wiki as a whole."""

    sitename: str
    generator: str
    """``MediaWiki 1.39.17``."""
    version: Version
    """Its numbers; what follows them (``-wmf.12``) only in ``generator``."""
    git_hash: str | None
    wikiid: str
    lang: str
    """Code of the content's language."""
    fallback: tuple[str, ...]
    """Codes of the languages that stand in for it."""
    rtl: bool
    case: str
    """``first-letter`` if titles begin with a capital, else ``case-sensitive``."""
    mainpage: str
    base: str
    """Address of the main page."""
    server: str
    """Address without path; without scheme (``//example.org``) if the wiki has several."""
    articlepath: str
    """Path of a page, ``$1`` stands for its title."""
    scriptpath: str
    script: str
    """Path of index.php."""
    timezone: str
    timeoffset: int
    """Minutes east of UTC."""
    time: datetime | None
    """The wiki's clock when it was asked."""
    readonly: bool
    readonly_reason: str
    misermode: bool
    """Whether expensive lists are cached or off."""
    uploads: bool
    """Whether files can be uploaded."""
    max_upload: int
    """Bytes of a file at most; 0 if it does not say."""
    max_article: int
    """Bytes of a page's text at most; 0 if it does not say."""
    php: str
    database: str
    """Kind and version."""
    raw: JsonObject


class Namespace(NamedTuple):
    """A namespace."""

    id: int
    name: str
    """In the wiki's language; "" for that without a prefix."""
    canonical: str
    """In English."""
    aliases: tuple[str, ...]
    case: str
    content: bool
    subpages: bool
    raw: JsonObject


class Interwiki(NamedTuple):
    """A prefix that leads to another wiki."""

    prefix: str
    url: str
    """``$1`` stands for the title."""
    language: str | None
    """Name of the language, for prefixes that make language links."""
    local: bool
    api: str | None
    """Address of its api.php, where the wiki knows it."""
    raw: JsonObject

    @property
    def own(self) -> bool:
        """Whether it leads to the wiki itself."""
        return bool(self.raw.get("localinterwiki"))

    @property
    def links_languages(self) -> bool:
        """Whether links with it are links to the same page in another language."""
        return bool(self.language or self.raw.get("extralanglink"))


class Language(NamedTuple):
    """A language that MediaWiki knows."""

    code: str
    name: str
    """In the language itself."""
    bcp47: str
    raw: JsonObject


class MagicWord(NamedTuple):
    """A magic word."""

    name: str
    aliases: tuple[str, ...]
    """All ways to write it."""
    case_sensitive: bool
    raw: JsonObject


class Extension(NamedTuple):
    """An installed extension or skin."""

    name: str
    type: str
    version: str | None
    git_hash: str | None
    url: str | None
    raw: JsonObject


class Skin(NamedTuple):
    """A skin."""

    code: str
    name: str
    default: bool
    usable: bool
    raw: JsonObject


class Statistics(NamedTuple):
    """Counts of the wiki, as of now."""

    pages: int
    articles: int
    edits: int
    images: int
    users: int
    activeusers: int
    admins: int
    jobs: int
    """About how many wait in the queue."""
    raw: JsonObject


class UserGroup(NamedTuple):
    """A group of users."""

    name: str
    rights: frozenset[str]
    """That its members have."""
    add: tuple[str, ...]
    """Groups that its members can add others to."""
    remove: tuple[str, ...]
    add_self: tuple[str, ...]
    remove_self: tuple[str, ...]
    raw: JsonObject


class Restrictions(NamedTuple):
    """How pages can be protected."""

    types: tuple[str, ...]
    """Actions that can be restricted."""
    levels: tuple[str, ...]
    """Rights or groups they can be restricted to; "" is everybody."""
    cascading: tuple[str, ...]
    """Levels that can cascade."""
    semiprotected: tuple[str, ...]
    raw: JsonObject


class RightsInfo(NamedTuple):
    """The licence of the wiki's content."""

    url: str
    text: str
    raw: JsonObject


class Lag(NamedTuple):
    """How far a database copy is behind."""

    host: str
    """"" if the wiki does not tell."""
    seconds: float
    """-1 where there is nothing that could be behind."""


class FileRepo(NamedTuple):
    """A repository of files that the wiki uses (``meta=filerepoinfo``)."""

    name: str
    displayname: str
    local: bool
    url: str
    can_upload: bool
    raw: JsonObject


def general(row: JsonObject) -> General:
    """Read siteinfo's block ``general``."""

    def of(key: str) -> str:
        return text(row.get(key)) or ""

    return General(
        sitename=of("sitename"),
        generator=of("generator"),
        version=version(of("generator")),
        git_hash=text(row.get("git-hash")),
        wikiid=of("wikiid"),
        lang=of("lang"),
        fallback=tuple(code for code, _row in _by(row.get("fallback"), "code")),
        rtl=bool(row.get("rtl")),
        case=of("case"),
        mainpage=of("mainpage"),
        base=of("base"),
        server=of("server"),
        articlepath=of("articlepath"),
        scriptpath=of("scriptpath"),
        script=of("script"),
        timezone=of("timezone"),
        timeoffset=number(row.get("timeoffset")) or 0,
        time=when(row.get("time")),
        readonly=bool(row.get("readonly")),
        readonly_reason=of("readonlyreason"),
        misermode=bool(row.get("misermode")),
        uploads=bool(row.get("uploadsenabled")),
        max_upload=number(row.get("maxuploadsize")) or 0,
        max_article=number(row.get("maxarticlesize")) or 0,
        php=of("phpversion"),
        database=f"{of('dbtype')} {of('dbversion')}".strip(),
        raw=row,
    )


def version(generator: str) -> Version:
    """Return the numbers in a version: ``MediaWiki 1.46.0-wmf.12`` has (1, 46, 0); () if there are none."""
    found = re.search(r"\d{1,9}(\.\d{1,9})*", generator)
    return tuple(map(int, found[0].split("."))) if found else ()


def namespaces(found: Json, aliases: Json) -> dict[int, Namespace]:
    """Read the blocks ``namespaces`` and ``namespacealiases``."""
    also: dict[int, list[str]] = {}
    for row in rows(aliases):
        also.setdefault(number(row.get("id")) or 0, []).append(text(row.get("alias")) or "")
    made = [
        Namespace(
            id=number(row.get("id")) or 0,
            name=text(row.get("name")) or "",
            canonical=text(row.get("canonical")) or "",
            aliases=tuple(also.get(number(row.get("id")) or 0, ())),
            case=text(row.get("case")) or "",
            content=bool(row.get("content")),
            subpages=bool(row.get("subpages")),
            raw=row,
        )
        for row in map(block, block(found).values())
    ]
    return {one.id: one for one in made}


def interwikis(found: Json) -> dict[str, Interwiki]:
    """Read the block ``interwikimap``; by prefix."""
    return {
        prefix: Interwiki(
            prefix=prefix,
            url=text(row.get("url")) or "",
            language=text(row.get("language")),
            local=bool(row.get("local")),
            api=text(row.get("api")),
            raw=row,
        )
        for prefix, row in _by(found, "prefix")
    }


def languages(found: Json) -> dict[str, Language]:
    """Read the block ``languages``; by code."""
    return {
        code: Language(code, text(row.get("name")) or "", text(row.get("bcp47")) or code, row)
        for code, row in _by(found, "code")
    }


def magic_words(found: Json) -> dict[str, MagicWord]:
    """Read the block ``magicwords``; by name."""
    return {
        name: MagicWord(name, texts(row.get("aliases")), bool(row.get("case-sensitive")), row)
        for name, row in _by(found, "name")
    }


def special_pages(found: Json) -> dict[str, tuple[str, ...]]:
    """Read the block ``specialpagealiases``: what a special page is called, by its name in the program."""
    return {name: texts(row.get("aliases")) for name, row in _by(found, "realname")}


def extensions(found: Json) -> dict[str, Extension]:
    """Read the block ``extensions``; by name."""
    return {
        name: Extension(
            name=name,
            type=text(row.get("type")) or "",
            version=text(row.get("version")),
            git_hash=text(row.get("vcs-version")),
            url=text(row.get("url")),
            raw=row,
        )
        for name, row in _by(found, "name")
    }


def skins(found: Json) -> dict[str, Skin]:
    """Read the block ``skins``; by code."""
    return {
        code: Skin(code, text(row.get("name")) or "", bool(row.get("default")), not row.get("unusable"), row)
        for code, row in _by(found, "code")
    }


def statistics(found: Json) -> Statistics:
    """Read the block ``statistics``."""
    row = block(found)

    def of(key: str) -> int:
        return number(row.get(key)) or 0

    return Statistics(
        pages=of("pages"),
        articles=of("articles"),
        edits=of("edits"),
        images=of("images"),
        users=of("users"),
        activeusers=of("activeusers"),
        admins=of("admins"),
        jobs=of("jobs"),
        raw=row,
    )


def groups(found: Json) -> dict[str, UserGroup]:
    """Read the block ``usergroups``; by name."""
    return {
        name: UserGroup(
            name=name,
            rights=frozenset(texts(row.get("rights"))),
            add=texts(row.get("add")),
            remove=texts(row.get("remove")),
            add_self=texts(row.get("add-self")),
            remove_self=texts(row.get("remove-self")),
            raw=row,
        )
        for name, row in _by(found, "name")
    }


def restrictions(found: Json) -> Restrictions:
    """Read the block ``restrictions``."""
    row = block(found)
    return Restrictions(
        types=texts(row.get("types")),
        levels=texts(row.get("levels")),
        cascading=texts(row.get("cascadinglevels")),
        semiprotected=texts(row.get("semiprotectedlevels")),
        raw=row,
    )


def rights_info(found: Json) -> RightsInfo:
    """Read the block ``rightsinfo``."""
    row = block(found)
    return RightsInfo(text(row.get("url")) or "", text(row.get("text")) or "", row)


def lags(found: Json) -> tuple[Lag, ...]:
    """Read the block ``dbrepllag``."""
    return tuple(Lag(text(row.get("host")) or "", _seconds(row.get("lag"))) for row in rows(found))


def file_extensions(found: Json) -> tuple[str, ...]:
    """Read the block ``fileextensions``."""
    return tuple(name for name, _row in _by(found, "ext"))


def file_repos(found: Json) -> dict[str, FileRepo]:
    """Read ``meta=filerepoinfo``; by name."""
    return {
        name: FileRepo(
            name=name,
            displayname=text(row.get("displayname")) or name,
            local=bool(row.get("local")),
            url=text(row.get("url")) or "",
            can_upload=bool(row.get("canUpload")),
            raw=row,
        )
        for name, row in _by(found, "name")
    }


def _by(found: Json, key: str) -> list[tuple[str, JsonObject]]:
    """Return a block's rows, each with the text that is its key."""
    return [(name, row) for row in rows(found) if (name := text(row.get(key))) is not None]


def _seconds(value: Json) -> float:
    found = real(value)
    return -1.0 if found is None else found


__all__ = [
    "Extension",
    "FileRepo",
    "General",
    "Interwiki",
    "Lag",
    "Language",
    "MagicWord",
    "Namespace",
    "Restrictions",
    "RightsInfo",
    "Skin",
    "Statistics",
    "UserGroup",
    "Version",
    "extensions",
    "file_extensions",
    "file_repos",
    "general",
    "groups",
    "interwikis",
    "lags",
    "languages",
    "magic_words",
    "namespaces",
    "restrictions",
    "rights_info",
    "skins",
    "special_pages",
    "statistics",
    "version",
]
