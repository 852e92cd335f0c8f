"""Title: what a page is called, or a text says it is, by the rules of its wiki."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import total_ordering
from typing import NamedTuple, NoReturn, cast

from apibot.core.arguments import checked
from apibot.core.errors import BadParameter, InvalidTitle
from apibot.core.site import SiteInfo
from apibot.data.pages import TRIMMED
from apibot.data.titles import urls
from apibot.data.titles.rules import CATEGORY, FILE, MAIN, SPECIAL, TitleRules

_READ_OTHERWISE = re.compile(r"[\[\]{}|<>\n\r\t]|%(?=[0-9A-Fa-f]{2})|&(?=#?\w+;)|~(?=~~)|(?<=~~)~")
"""What a fragment may hold and wikitext would take for something else."""
_LIKE_ADDRESS = re.compile(r"/|[A-Za-z]+:\S")
"""Beginnings of names that a link needs a colon before: of a relative link, of an external one."""


class SpecialPage(NamedTuple):
    """A special page."""

    name: str
    """In the program, the same on all wikis: ``Whatlinkshere``."""
    subpage: str
    """What follows the first slash; "" for nothing."""


class _Draft:
    """A title that is being made: its fields can be set, which takes a third of the time of ways around that."""

    __slots__ = ("fragment", "full", "interwiki", "name", "ns", "site")

    site: SiteInfo
    """The wiki by whose rules it was read."""
    interwiki: str
    """The prefix of another wiki, in small letters; "" for a page of the wiki itself."""
    ns: int
    """Number of the namespace; of another wiki's page that which the text was to have if it named none."""
    name: str
    """Without namespace; "" for a place on whatever page it is on (``#Top``)."""
    fragment: str
    """What follows ``#``, a place on the page; "" for none."""
    full: str
    """With namespace, in the wiki's language, and prefix of another wiki, without fragment: ``Talk:Foo bar``."""


_draft = cast("Callable[[], Title]", _Draft)


@total_ordering
class Title(_Draft):
    """A title on a wiki, normalised and valid; made by ``parse``, ``of`` and ``from_url``, and never changed.

    Titles are the same if wiki, interwiki prefix, namespace, name and fragment are; they are sorted by these.  For
    pages, whatever part of them is meant, compare ``without_fragment``.  ``str`` gives ``full``, without the fragment:
    what the wiki calls the page.
    """

    __slots__ = ()

    def __init__(self) -> None:
        msg = "A title is made by Title.parse(text, site), Title.of(ns, name, site) or Title.from_url(url, site)."
        raise TypeError(msg)

    @classmethod
    def parse(cls, text: str | Title, site: SiteInfo, *, ns: int = 0) -> Title:
        """Read a title as the wiki would, in a link or when it is asked for a page.

        Parameters: ``text``; a title of that wiki is returned as it is; ``site``, what the wiki says of itself;
        ``ns``, number of the namespace of a text that names none.
        Raises InvalidTitle with the reason and the place for what the wiki would refuse; BadParameter if it has no
        such namespace, for a title of another wiki, and for what is no text.
        Rules: https://www.mediawiki.org/wiki/Manual:Page_title
        """
        if not isinstance(text, str):
            return _of_site(text, site)
        rules = site.kept(TitleRules)
        interwiki, ns, name, fragment = rules.plain(text, ns) or rules.full(text, ns)
        return _made(rules, interwiki, ns, name, fragment)

    @classmethod
    @checked
    def of(cls, ns: int | str, name: str, site: SiteInfo) -> Title:
        """Make a title of its namespace and its name, as databases and dumps have them.

        Parameters: ``ns``, number or name of the namespace; ``name``, with blanks or underscores; ``site``.
        Raises InvalidTitle if there can be no such page in that namespace; BadParameter if there is no such one.
        """
        id, rules = _namespace(ns, site), site.kept(TitleRules)
        return _made(rules, "", id, rules.named(name, id))

    @classmethod
    @checked
    def from_url(cls, url: str, site: SiteInfo) -> Title:
        """Read the title in an address of one of the wiki's pages, or of another wiki's that has a prefix here.

        Parameters: ``url``, with the wiki's path of pages or ``index.php?title=``; ``site``.
        Raises InvalidTitle for any other address.
        """
        text, fragment = urls.read_url(url, site)
        rules = site.kept(TitleRules)
        try:  # an address has no character references
            interwiki, ns, name, inside = rules.full(text, MAIN, references=False)
        except InvalidTitle as error:
            raise InvalidTitle(url, error.reason) from None
        return _made(rules, interwiki, ns, name, fragment or inside)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = f"A title can not be changed: {name}."
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        self.__setattr__(name, None)

    def __reduce__(self) -> tuple[Callable[..., Title], tuple[SiteInfo, str, int, str, str]]:
        return _made_again, (self.site, self.interwiki, self.ns, self.name, self.fragment)

    def __str__(self) -> str:
        return self.full

    def __repr__(self) -> str:
        return f"<Title {self.full + ('#' if self.fragment else '') + self.fragment!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Title):
            return NotImplemented
        return self.name == other.name and self.ns == other.ns and self._order == other._order

    def __lt__(self, other: object) -> bool:
        return self._order < other._order if isinstance(other, Title) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.interwiki, self.ns, self.name, self.fragment))

    @property
    def _order(self) -> tuple[str, str, int, str, str]:
        return self.site.id, self.interwiki, self.ns, self.name, self.fragment

    @property
    def _rules(self) -> TitleRules:
        return self.site.kept(TitleRules)

    @property
    def key(self) -> str:
        """The name as the database has it (``page_title``), with underscores and without namespace."""
        return self.name.replace(" ", "_")

    @property
    def namespace(self) -> str:
        """The namespace's name in the wiki's language; "" for that of articles."""
        return self.site.namespaces[self.ns].name

    @property
    def canonical(self) -> str:
        """The full title with the namespace's name in English, which every wiki understands."""
        prefix = f"{self.interwiki}:" if self.interwiki else ""
        return f"{prefix}{self._rules.canonical_prefixes[self.ns]}{self.name}"

    @checked
    def in_namespace(self, *wanted: int | str) -> bool:
        """Tell whether it is in one of these namespaces, given by number or by any of their names.

        Raises BadParameter for a namespace that the wiki does not have.
        """
        return not self.interwiki and self.ns in {_namespace(one, self.site) for one in wanted}

    @property
    def external(self) -> bool:
        """Whether it is a page of another wiki, as its prefix says."""
        return bool(self.interwiki)

    # Talk and subject.

    @property
    def is_talk(self) -> bool:
        """Whether it is in a namespace for talk."""
        return self.ns > MAIN and self.ns % 2 == 1

    @property
    def talk(self) -> Title:
        """The page where this one is talked about; itself if it is such a page.

        Raises InvalidTitle for special pages, other wikis' pages and where the wiki has no namespace for it.
        """
        if self.ns < MAIN:
            raise InvalidTitle(self.full, "it has no talk page")
        return self._beside(self.ns | 1, "talk page")

    @property
    def subject(self) -> Title:
        """The page that a talk page is about; itself if it is none.

        Raises InvalidTitle for other wikis' pages and where the wiki has no namespace for it.
        """
        return self._beside(self.ns - self.is_talk, "subject page")

    def _beside(self, ns: int, what: str) -> Title:
        if ns not in self.site.namespaces or self.interwiki or not self.name:
            raise InvalidTitle(self.full, f"it has no {what}")
        return _made(self._rules, "", ns, self.name)

    # Subpages.

    @property
    def has_subpages(self) -> bool:
        """Whether slashes divide names in its namespace; never said of other wikis, of which it is not known."""
        return self.site.namespaces[self.ns].subpages and not self.interwiki

    @property
    def parts(self) -> tuple[str, ...]:
        """The name taken apart at its slashes; whole in namespaces without subpages.

        Slashes that a name begins with do not divide.
        """
        if not self.has_subpages:
            return (self.name,)
        slashes = len(self.name) - len(self.name[:-1].lstrip("/")) - 1  # all but the last of nothing but slashes
        begin = max(slashes, 1)
        first, *others = self.name[begin:].split("/")
        return (self.name[:begin] + first, *others)

    @property
    def root(self) -> Title:
        """The page that all subpages hang on: ``A`` of ``A/B/C``; itself if it is no subpage."""
        return self._named(self.parts[0])

    @property
    def base(self) -> Title:
        """The page that this subpage hangs on: ``A/B`` of ``A/B/C``; itself if it is no subpage."""
        return self._named(self.name[: self._divider])

    @property
    def subpage(self) -> str:
        """The last part of a subpage's name: ``C`` of ``A/B/C``; the whole name if it is no subpage."""
        return self.name[self._divider :].removeprefix("/") if self._divider else self.name

    @property
    def _divider(self) -> int | None:
        """Where the last part of a subpage's name begins, with its slash; None if it is no subpage."""
        at = self.name.rfind("/") if self.has_subpages else -1
        return at if at > 0 else None

    def _named(self, name: str) -> Title:
        return _made(self._rules, self.interwiki, self.ns, name.rstrip(" "))

    @checked
    def relative(self, text: str) -> Title:
        """Read a link on this page: ``/x`` and ``../y`` where there are subpages, ``#top``, or any other title.

        Raises InvalidTitle, also for ``../`` above the first page.
        Rule: https://www.mediawiki.org/wiki/Help:Links
        """
        title = self.parse(self._absolute(text), self.site)
        here = not title.name and not title.interwiki
        return self.with_fragment(title.fragment) if here else title

    def _absolute(self, text: str) -> str:
        """Return a link on this page as one that means the same everywhere."""
        link, hash_, fragment = text.partition("#")
        link = link.strip(TRIMMED)
        if not self.has_subpages:
            return text
        if link.startswith("/"):
            return f"{self.full}/{link[1:].rstrip('/')}{hash_}{fragment}"
        above = self._climbed(link)
        return text if above is None else f"{above}{hash_}{fragment}"

    def _climbed(self, link: str) -> str | None:
        """Return where ``../x`` leads to, None if it leads nowhere."""
        steps = 0
        while link.startswith("../", 3 * steps):
            steps += 1
        parts = self.full.split("/")
        if not 0 < steps < len(parts):
            return None
        above, below = "/".join(parts[:-steps]), link[3 * steps :].rstrip("/").strip()
        return f"{above}/{below}" if below else above

    # Special pages.

    @property
    def special(self) -> SpecialPage | None:
        """Which special page it is; None for other pages, and where the wiki has none of that name."""
        if self.ns != SPECIAL or self.interwiki:
            return None
        name, _slash, subpage = self.name.partition("/")
        found = self.site.kept(_special_names).get(_folded(name))
        return None if found is None else SpecialPage(found, subpage)

    # Variants.

    @property
    def without_fragment(self) -> Title:
        """The page itself."""
        return self.with_fragment("")

    @checked
    def with_fragment(self, fragment: str) -> Title:
        """Return a place on the same page; "" for the page itself."""
        if fragment == self.fragment:
            return self
        return _made(self._rules, self.interwiki, self.ns, self.name, fragment.replace("_", " "))

    @checked
    def with_namespace(self, ns: int | str) -> Title:
        """Return the page of the same name in another namespace, given by number or by any of its names.

        Raises InvalidTitle if there can be none; BadParameter for a namespace that the wiki does not have.
        """
        return self.of(ns, self.name, self.site)

    @checked
    def as_link(self, text: str | None = None) -> str:
        """Return wikitext that links to it.

        Parameters: ``text`` to show, as wikitext; None for the title.
        A colon stands before what would otherwise be no link: categories, files, links to other languages.
        """
        fragment = _READ_OTHERWISE.sub(lambda found: f"%{ord(found[0]):02X}", self.fragment)
        target = f"{self.full}{'#' if fragment else ''}{fragment}"
        shown = "" if text is None else f"|{text}"
        return f"[[{':' if self._needs_colon else ''}{target}{shown}]]"

    @property
    def _needs_colon(self) -> bool:
        if self.interwiki:
            row = self.site.interwikis.get(self.interwiki)
            return row is not None and row.links_languages
        return self.ns in {CATEGORY, FILE} or (self.ns == MAIN and _LIKE_ADDRESS.match(self.name) is not None)

    @property
    def url(self) -> str:
        """The page's address; that of another wiki's page as its prefix has it, "" if the prefix has none."""
        if not self.interwiki:
            return urls.page_url(self.site, self.full) + urls.fragment_of(self.fragment, foreign=False)
        row = self.site.interwikis.get(self.interwiki)
        if row is None:
            return ""
        name = urls.encoded(self.full.removeprefix(f"{self.interwiki}:"))
        address = row.url.replace("$1", name) if name else row.url.replace("$1", "").removesuffix("?")
        return address + urls.fragment_of(self.fragment, foreign=not row.local)


def _made(rules: TitleRules, interwiki: str, ns: int, name: str, fragment: str = "") -> Title:
    """Make a title of what is known to be valid."""
    draft = _draft()
    draft.site = rules.site
    draft.interwiki = interwiki
    draft.ns = ns
    draft.name = name
    draft.fragment = fragment
    if interwiki:  # another wiki does not know this one's names of namespaces
        draft.full = f"{interwiki}:{rules.canonical_prefixes[ns]}{name}"
    else:
        draft.full = rules.prefixes[ns] + name
    draft.__class__ = Title
    return draft


def _of_site(title: object, site: SiteInfo) -> Title:
    """Refuse titles of other wikis, and what an untyped caller may give."""
    if isinstance(title, Title) and title.site.id == site.id:
        return title
    msg = f"{title!r:.200} is no title of {site.id}: give a text, or a Title that was made for this wiki."
    raise BadParameter(msg)


def _made_again(site: SiteInfo, interwiki: str, ns: int, name: str, fragment: str) -> Title:
    """Make a title of what was kept of it."""
    return _made(site.kept(TitleRules), interwiki, ns, name, fragment)


def _namespace(ns: int | str, site: SiteInfo) -> int:
    """Return a namespace's number by its number or name."""
    found = site.namespace_id(ns) if isinstance(ns, str) else ns
    if found is None or found not in site.namespaces:
        msg = f"The wiki {site.id} has no namespace {ns!r}."
        raise BadParameter(msg)
    return found


def _special_names(site: SiteInfo) -> dict[str, str]:
    """Return the names of special pages in the program by all names, with blanks and in capitals."""
    pages = site.special_pages.items()
    # Where two pages have a name, it is the page's whose name it is in the program, or whose first alias it is.
    found = {_folded(alias): name for name, aliases in pages for alias in aliases[1:]}
    found |= {_folded(aliases[0]): name for name, aliases in reversed(pages) if aliases}
    found |= {_folded(name): name for name in site.special_pages}
    return found


def _folded(name: str) -> str:
    return name.replace("_", " ").upper()


__all__ = ["SpecialPage", "Title"]
