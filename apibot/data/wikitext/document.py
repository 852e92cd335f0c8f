"""Wikitext: a page's text as an object that can be looked through and changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from apibot.core.arguments import checked_class
from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data.titles.rules import CATEGORY, FILE, TEMPLATE
from apibot.data.titles.title import Title
from apibot.data.wikitext import categories, languages, marks, redirect, replacing, seams, sections, sortkey, switches
from apibot.data.wikitext.braces import template_title
from apibot.data.wikitext.files import FileLink
from apibot.data.wikitext.foot import included
from apibot.data.wikitext.links import CategoryLink, LanguageLink, Link, LinkKind, may_be_special, target_of
from apibot.data.wikitext.node import Node, Pieces, walked, written
from apibot.data.wikitext.outline import Outline, outline_of
from apibot.data.wikitext.places import Place
from apibot.data.wikitext.sections import Section
from apibot.data.wikitext.table.table import Table, tables_of
from apibot.data.wikitext.tags import Comment, Reference, Tag
from apibot.data.wikitext.templates import Template
from apibot.data.wikitext.view import RECENT, whole

if TYPE_CHECKING:
    from typing import Self

    import regex

    from apibot.data.dates import DateWords
    from apibot.data.wikitext.signatures import Signature

P = ParamSpec("P")
R = TypeVar("R")


def _change(method: Callable[Concatenate[Wikitext, P], R]) -> Callable[Concatenate[Wikitext, P], R]:
    """Let a method count as a change of the text, whatever it does."""

    @wraps(method)
    def counted(self: Wikitext, /, *args: P.args, **kwargs: P.kwargs) -> R:
        self.changes += 1
        self.places = {}
        try:
            return method(self, *args, **kwargs)
        finally:
            self.places = {}

    return counted


@checked_class
class Wikitext:
    """A text, by the rules of its wiki.  What is not changed stays as it was, byte for byte; nothing else is touched.

    What is looked up are views: changing them changes the text, and ``str`` gives it.  Comments, ``<nowiki>`` and the
    like are never taken for wikitext.  What could not stand somewhere is refused by the change; a text that would be
    read otherwise than it was changed, since two pieces of it joined, is refused by ``str`` (BadText).

    Parameters: ``text``; ``site``, what the wiki says of itself (``bridge.info.site``); ``title`` of the page, by
    which relative links (``[[/x]]``) are read, and what is a talk page or a template.
    """

    def __init__(self, text: str, site: SiteInfo, title: Title | str | None = None) -> None:
        self.site = site
        self.title = None if title is None else Title.parse(title, site)
        self.pieces: Pieces = redirect.read(text, site)
        self.sound = text
        """The text when it was last known to be read as it is here: as it was given, or as ``str`` gave it last."""
        self.reading = 0
        """Counts how often the whole was read anew; views of an earlier reading can not be changed any more."""
        self.changes = 0
        """Counts the changes, any of which may have changed what sections there are."""
        self.recent: deque[tuple[int, Node]] = deque(maxlen=RECENT)
        """Which of the last changes were of one construct, and of which; see `view.changed_since`."""
        self.outline: Outline | None = None
        """The sections as they were when they were last looked at."""
        self.places: dict[int, Place] = {}
        """Where nodes were when one of them was last looked for, by their ids; see `places.located`."""
        self.spans: tuple[tuple[int, int], Mapping[Node, tuple[int, int]]] = ((-1, -1), {})
        """A stamp, and the places that nodes had in the text then; see `places.span_of`."""

    @property
    def stamp(self) -> tuple[int, int]:
        """What is another after each change."""
        return self.reading, self.changes

    def __str__(self) -> str:
        return seams.checked_text(self)

    def __repr__(self) -> str:
        text = written(self.pieces)
        return f"<Wikitext {text[:60]!r}, {len(text)} characters>"

    def __eq__(self, other: object) -> bool:
        return written(self.pieces) == written(other.pieces) if isinstance(other, Wikitext) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __copy__(self) -> Self:
        """Make another one of the text as it is now; views stay those of this one."""
        return type(self)(str(self), self.site, self.title)

    def __deepcopy__(self, _memo: object) -> Self:
        return self.__copy__()  # what the wiki says of itself does not change

    def __reduce__(self) -> tuple[type[Self], tuple[str, SiteInfo, Title | None]]:
        return type(self), (str(self), self.site, self.title)

    def read(self, text: str) -> Self:
        """Take another text in place of all; views of the old one can not be changed any more.

        ``w.read(w.sound)`` takes back what ``str`` refused: all changes since it last gave the text.
        """
        self.pieces = redirect.read(text, self.site)
        self.sound = text
        self.reading += 1
        self.places = {}
        return self

    # What is in it.

    @property
    def links(self) -> list[Link]:
        """Links to pages of this wiki and others; without categories, files that are shown, and other languages."""
        return [Link(self, node) for node in self._targets("page")]

    @property
    def categories(self) -> list[CategoryLink]:
        """The categories it puts pages in, in order; ``included`` tells those in ``<includeonly>``."""
        inner = included(self)
        return [CategoryLink(self, node, included=id(node) in inner) for node in self._targets("category")]

    def category(self, name: Title | str) -> CategoryLink | None:
        """Return the link that puts the page in a category, the last one if there are several; None if there is none.

        Parameters: ``name``, with or without namespace.  Raises InvalidTitle.
        """
        title = self._category(name)
        found = [link for link in self.categories if not link.included and link.is_for(title)]
        return found[-1] if found else None

    @property
    def language_links(self) -> list[LanguageLink]:
        """Links to the same page in other languages."""
        return [LanguageLink(self, node) for node in self._targets("language")]

    @property
    def files(self) -> list[FileLink]:
        """Files that are shown, also in galleries."""
        return [FileLink(self, node) for node in self._targets("file")]

    def _targets(self, kind: LinkKind) -> Iterator[Node]:
        links = (node for node in walked(self.pieces) if node.kind in {"link", "entry"})
        if kind != "page":
            links = (node for node in links if may_be_special(node))
        return (node for node in links if (found := target_of(node, self)) and found.kind == kind)

    @property
    def templates(self) -> list[Template]:
        """Templates that are used, outer ones first; without parser functions and variables."""
        found = (Template(self, node) for node in self._of("template"))
        return [one for one in found if not one.is_function]

    @property
    def functions(self) -> list[Template]:
        """Parser functions and variables: ``{{#if:...}}``, ``{{DEFAULTSORT:...}}``, ``{{PAGENAME}}``."""
        found = (Template(self, node) for node in self._of("template"))
        return [one for one in found if one.is_function]

    @property
    def comments(self) -> list[Comment]:
        """Comments."""
        return [Comment(self, node) for node in self._of("comment")]

    @property
    def tags(self) -> list[Tag]:
        """Tags of extensions with what is in them: ``<nowiki>``, ``<gallery>``, ``<ref>``."""
        return [Tag(self, node) for node in self._of("tag")]

    @property
    def references(self) -> list[Reference]:
        """Footnotes (``<ref>``)."""
        return [Reference(self, node) for node in self._of("tag") if node.name == "ref"]

    @property
    def tables(self) -> list[Table]:
        """Tables (``{|``): first those in the text itself, outer ones before those in them, then those in tags."""
        return tables_of(self)

    def _of(self, kind: str) -> Iterator[Node]:
        return (node for node in walked(self.pieces) if node.kind == kind)

    @property
    def redirect(self) -> Link | None:
        """The link by which the page redirects; None if it does not."""
        found = redirect.redirect_of(self)
        return Link(self, found.node) if found else None

    @property
    def switches(self) -> list[str]:
        """Behaviour switches (``__NOTOC__``) by their names in the program: ``notoc``; each once.

        Those in ``<includeonly>`` are for other pages.
        """
        return switches.switches_of(self)

    # Sections.

    @property
    def sections(self) -> list[Section]:
        """The sections in order, with all subsections; the first is the lead, which has no heading.

        Brackets around a heading do not hold it: they are taken apart, and are no link any more.
        """
        return sections.sections_of(self)

    def section(self, name: str) -> Section | None:
        """Return the first section of a name, None if there is none; see ``sections_named``."""
        return next(iter(self.sections_named(name)), None)

    def sections_named(self, name: str) -> list[Section]:
        """Return all sections of a name.

        Parameters: ``name``, wikitext of the heading, or what readers see of it; comments and white space around it
        do not matter, underscores are blanks.
        """
        return sections.sections_named(self, name)

    def add_section(self, text: str) -> Section:
        """Add sections at the end of the page; see `Section.insert_after`."""
        outline = outline_of(self)
        return sections.insert(self, outline, len(outline.rows), text)

    def signatures(self, words: DateWords | None = None) -> list[Signature]:
        """Return who signed and when, in order.

        Parameters: ``words``, of dates in the language of the wiki's content (`bridge.date_words()`); only English ones
        may be left out.
        What is in comments, ``<nowiki>`` and the like is no signature.
        """
        from apibot.data.wikitext.signatures import signatures_of

        return signatures_of(self, words)

    # Templates.

    def templates_named(self, *names: Title | str) -> list[Template]:
        """Return the uses of templates.

        Parameters: ``names``, in any form that the wiki takes for them; with those of redirects to them, if wanted.
        Raises InvalidTitle.
        """
        wanted = {self._title(name, TEMPLATE) for name in names}
        found = ((node, template_title(node, self.site, self.title)) for node in self._of("template"))
        return [Template(self, node) for node, title in found if title and title.without_fragment in wanted]

    def links_to(self, *names: Title | str) -> list[Link]:
        """Return the links to pages of these names, whichever section they lead to; see `links`."""
        wanted = {self._title(name, 0) for name in names}
        return [link for link in self.links if link.title and link.title.without_fragment in wanted]

    def files_named(self, *names: Title | str) -> list[FileLink]:
        """Return the uses of these files, in galleries too.

        Parameters: ``names``, with or without namespace.
        """
        wanted = {self._title(name, FILE) for name in names}
        return [file for file in self.files if file.title in wanted]

    def _title(self, name: Title | str, ns: int) -> Title:
        return Title.parse(name, self.site, ns=ns).without_fragment

    # Changes.

    @_change
    def append(self, text: str) -> None:
        """Add wikitext at the end; BadText if something in it is not closed."""
        self.pieces += whole(text, self.site.tags)

    @_change
    def prepend(self, text: str) -> None:
        """Add wikitext at the beginning; BadText if something in it is not closed, or if the page redirects."""
        pieces = whole(text, self.site.tags)
        if redirect.redirect_of(self):
            raise BadText(text, "what stands before a redirect ends it; append it")
        self.pieces[:0] = pieces

    def find(
        self,
        text: str,
        *,
        regex: bool = False,
        word: bool = False,
        ignore_case: bool = False,
        outside: Collection[str] = replacing.USUAL,
    ) -> list[regex.Match[str]]:
        """Find a text, or the places of a regular expression, in the text itself: what ``replace`` would replace.

        Parameters: as of ``replace``.
        Returns the places in order; theirs are those in ``str``.
        Raises BadPattern, PatternTimeout; BadParameter for unknown constructs.
        """
        return replacing.find(self, replacing.sought(text, regex=regex, word=word, ignore_case=ignore_case), outside)

    def replace(
        self,
        old: str,
        new: str | Callable[[regex.Match[str]], str],
        *,
        regex: bool = False,
        word: bool = False,
        ignore_case: bool = False,
        count: int = 0,
        outside: Collection[str] = replacing.USUAL,
    ) -> int:
        r"""Replace in the text itself.

        Parameters: ``old``, a text, or with ``regex`` an expression of `apibot.core.patterns`, which may take 2 s;
        ``new``, a text, which may use its groups (``\1``), or a function from the match; ``word``, only where it stands
        as a whole word; ``ignore_case``; ``count``, how many places at most, 0 for all; ``outside``, constructs that
        are left alone (`replacing.CONSTRUCTS`, `replacing.LOOKS`), also where a place only reaches into one.
        Returns how many places there were.  Views that were had before can not be changed any more, if there were any.
        Raises BadPattern, PatternTimeout; BadParameter for unknown constructs.
        """
        pattern = replacing.sought(old, regex=regex, word=word, ignore_case=ignore_case)
        instead = pattern.template(new, plain=not regex) if isinstance(new, str) else new
        return replacing.replace(self, pattern, instead, outside, count)

    @_change
    def add_category(self, name: Title | str, sortkey: str | None = None) -> bool:
        """Put the page in a category: after its last one, or at the end, before links to other languages.

        Parameters: ``name``, with or without namespace; ``sortkey``, wikitext.
        Returns whether anything changed: not if it is there already with that key, or with any if None is given.
        Raises InvalidTitle, BadText.
        """
        return categories.add(self, self._category(name), sortkey)

    @_change
    def remove_category(self, name: Title | str) -> bool:
        """Take the page out of a category, with the line if nothing else is on it; return whether it was in it."""
        return categories.remove(self, self._category(name))

    @_change
    def replace_category(self, old: Title | str, new: Title | str) -> bool:
        """Put the page in another category in place of one, with the same sort key; return whether it was in it."""
        return categories.replace(self, self._category(old), self._category(new))

    def _category(self, name: Title | str) -> Title:
        title = self._title(name, CATEGORY)
        if title.ns != CATEGORY or title.interwiki:
            msg = f"{title} is no category of this wiki."
            raise BadParameter(msg)
        return title

    @property
    def default_sortkey(self) -> str | None:
        """The key by which the page is sorted in its categories (``{{DEFAULTSORT:...}}``), as wikitext.

        None if it has none of its own.  Setting it changes the one that counts, or adds one before the categories; None
        takes all away.  Raises BadText for what can be no key.
        """
        return sortkey.key_of(self)

    @default_sortkey.setter
    @_change
    def default_sortkey(self, value: str | None) -> None:
        sortkey.set_key(self, value)

    @_change
    def set_language_link(self, to: Title | str) -> bool:
        """Link to the page in another language, in place of the link to that language if there is one.

        Parameters: ``to``, a title with the language's prefix: ``de:Seite``.
        Returns whether anything changed.
        """
        return languages.put(self, Title.parse(to, self.site))

    @_change
    def remove_language_link(self, language: str) -> bool:
        """Take the links to a language out, with their lines if nothing else is on them."""
        return languages.remove(self, language)

    @_change
    def neat(self) -> bool:
        """Set categories, then links to other languages, out at the end of the page, each on a line, in their order.

        Those in templates, ``<noinclude>`` and the like stay where they are; so do all of a template, where the place
        says for which pages they are.  Returns whether anything changed.
        """
        return categories.neat(self)

    @_change
    def redirect_to(self, to: Title | str) -> None:
        """Let the page redirect; what else is on it stays, also a colon before the old target.

        Parameters: ``to``, a title, or wikitext of a target.  It brings its fragment: one that is to stay is put on it
        (``to.with_fragment(w.redirect.title.fragment)``).
        Raises BadText for what nothing can redirect to: what is no title, a section of the page itself, some special
        pages.
        """
        redirect.redirect_to(self, to)

    @_change
    def add_switch(self, name: str) -> bool:
        """Add a behaviour switch at the top, by its name in the program (``notoc``); return whether it was missing."""
        return switches.add(self, name)

    @_change
    def remove_switch(self, name: str) -> bool:
        """Take a behaviour switch out, however it is written; return whether it was there."""
        return switches.remove(self, name)

    def marked(self, name: str) -> str:
        """Return what stands between ``<!-- NAME -->`` and ``<!-- END NAME -->``.

        Raises BadText if not exactly one pair of them is there, in this order.
        """
        return marks.marked(self, name)

    @_change
    def set_marked(self, name: str, text: str) -> bool:
        """Put wikitext between ``<!-- NAME -->`` and ``<!-- END NAME -->``; return whether it is another.

        Raises BadText as ``marked`` does, and if something in the text is not closed.
        """
        return marks.set_marked(self, name, text)


__all__ = ["Wikitext"]
