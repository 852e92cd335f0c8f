"""Links: to pages, to other languages, and the categories that a page is in.

Which of them a pair of brackets is follows MediaWiki's Parser::handleInternalLinks (1.39).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import unquote

from apibot.core.arguments import checked_class
from apibot.core.errors import BadParameter, BadText, InvalidTitle
from apibot.data.addresses import PROTOCOLS
from apibot.data.titles.rules import CATEGORY, FILE
from apibot.data.titles.title import Title
from apibot.data.wikitext.lines import harmless
from apibot.data.wikitext.node import Node, Pieces, flat, forget, is_unseen, plain, visible, written
from apibot.data.wikitext.places import located
from apibot.data.wikitext.redirect import NAME, redirect_of, redirect_to
from apibot.data.wikitext.view import View, embedded, framed, margins, offence

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext

LinkKind = Literal["category", "file", "language", "page"]
_ADDRESS = re.compile(f"//|{PROTOCOLS}", re.IGNORECASE)
_NOT_TARGETS = frozenset({"brackets", "comment", "entry", "heading", "link", "tag", "variant"})


class Target(NamedTuple):
    """Where a link leads."""

    kind: LinkKind
    title: Title | None
    """None where a template in it makes the target."""


def may_be_special(node: Node) -> bool:
    """Say whether a link may be more than one to a page: such ones have a prefix, or templates in the target."""
    first = node.parts[0][0] if node.parts and node.parts[0] else ""
    return node.kind == "entry" or len(node.parts[0]) > 1 or not isinstance(first, str) or ":" in first


def target_of(node: Node, document: Wikitext) -> Target | None:
    """Return where a pair of brackets, or a line of a gallery, leads; None if it is no link."""
    if node.kind == "entry":
        return _entry_target(node, document)
    if node.kind != "link":
        return None
    if node.name == NAME and (own := redirect_of(document)) and own.node is node:
        return Target("page", own.title)
    words = node.parts[1:]
    if len(words) == 1 and is_unseen(words[0]):
        return None  # the wiki makes a text for it when it is saved, but no link of what is left
    text = plain(node.parts[0])
    if text is None:
        if any(isinstance(piece, Node) and piece.kind in _NOT_TARGETS for piece in node.parts[0]):
            return None
        kind = _kind_of_prefix(node.parts[0], document)
        return None if kind != "file" and _holds_brackets(node) else Target(kind, None)
    found = _read(text, document)
    if found is None or (found.kind != "file" and _holds_brackets(node)):
        return None
    return found


def _kind_of_prefix(target: Pieces, document: Wikitext) -> LinkKind:
    """Return what a link is whose target a template makes a part of, by its namespace if that is plain."""
    before = visible(target[:1]) if isinstance(target[0], str) else ""
    prefix, colon, _name = before.rpartition(":") if before.startswith(":") else before.partition(":")
    found = _read(f"{prefix}:x", document) if colon and prefix.strip() else None
    return found.kind if found else "page"


def _entry_target(node: Node, document: Wikitext) -> Target | None:
    text = plain(node.parts[0])
    if text is None:  # a gallery makes nothing of templates in names
        return None
    try:
        title = Title.parse(unquote(text.strip()), document.site, ns=FILE)
    except InvalidTitle:
        return None
    return Target("file", title) if title.ns == FILE and not title.interwiki else None


def _read(text: str, document: Wikitext) -> Target | None:
    """Read a target that is plain text."""
    if "\n" in text:
        return None
    link = (unquote(text) if "%" in text else text).lstrip(" ")
    if _ADDRESS.match(link):
        return None
    try:
        title = document.title.relative(link) if document.title else Title.parse(link, document.site)
    except InvalidTitle:
        return None
    return Target(_kind(link, title, document), title)


def _kind(link: str, title: Title, document: Wikitext) -> LinkKind:
    if link.startswith(":") or _is_own_prefix(link, document):
        return "page"
    if title.interwiki:
        row = document.site.interwikis.get(title.interwiki)
        talk = document.title is not None and document.title.is_talk
        return "language" if row is not None and row.links_languages and not talk else "page"
    return "file" if title.ns == FILE else "category" if title.ns == CATEGORY else "page"


def _shown_target(target: str, document: Wikitext) -> str:
    """Return what readers see of a link without a text; of one to a subpage without slashes, if it ends with one.

    Rule: MediaWiki's Linker::normalizeSubpageLink (1.39).
    """
    link = unquote(target) if "%" in target else target
    page = document.title
    name, sign, fragment = link.partition("#")
    if page is None or not page.has_subpages or not name.startswith(("/", "../")):
        return link.removeprefix(":")
    if name.startswith("/"):
        return f"{name[1:].rstrip('/')}{sign}{fragment}" if name.endswith("/") else link
    rest = re.sub(r"^(?:\.\./)+", "", name)
    if rest.endswith("/") and rest.strip("/"):
        return f"{rest.rstrip('/')}{sign}{fragment}"
    found = _read(target, document)
    return f"{found.title.without_fragment.full}{sign}{fragment}" if found and found.title else link


def _is_own_prefix(link: str, document: Wikitext) -> bool:
    """Say whether a link begins with a prefix of the wiki itself, which makes it a link to whatever follows."""
    row = document.site.interwikis.get(link.partition(":")[0].strip(" _").lower())
    return row is not None and row.own


def _holds_brackets(node: Node) -> bool:
    """Say whether there are brackets in a link's own text: only a file's can hold a link."""
    inner = (piece for part in node.parts for piece in flat(part) if isinstance(piece, Node))
    return any(piece.kind in {"brackets", "link"} for piece in inner)


@checked_class
class LinkView(View):
    """What all links have."""

    __slots__ = ()

    def _refuse_around(self, pieces: Pieces) -> None:
        """Refuse pieces in its place if brackets around it, which it keeps from it, would become a link."""
        document, node = self._document, self._node
        owner = located(document, node).owner
        if owner is None or owner.kind != "link" or target_of(owner, document):
            return
        old = node.kind, node.parts
        node.kind, node.parts = "text", [pieces]
        found = target_of(owner, document)
        node.kind, node.parts = old
        if found:
            raise BadText(str(owner), f"without {self} in it this would be a link itself")

    @property
    def target(self) -> str:
        """The target as it is written, without comments and white space around it."""
        return visible(self._node.parts[0]).strip()

    @target.setter
    def target(self, value: str) -> None:
        self._alive()
        value = value.strip()
        node = embedded(value, "link", "[[", "]]", self._document.site.tags, parts=1)
        self._take([framed(node.parts[0], *margins(self._node.parts[0])), *self._node.parts[1:]], value)

    @property
    def title(self) -> Title | None:
        """Where it leads; None where a template in it makes the target."""
        found = target_of(self._node, self._document)
        return found.title if found else None

    def _words(self) -> str | None:
        """Return what follows the first pipe, as wikitext; None if there is no pipe."""
        parts = self._node.parts[1:]
        return "|".join(map(written, parts)) if parts else None

    def _set_words(self, value: str | None) -> None:
        self._alive()
        parts: list[Pieces] = []
        if value == "":
            raise BadText(value, "what follows the pipe can not be empty; None takes it out")
        if value is not None:
            parts = embedded(value, "link", "[[x|", "]]", self._document.site.tags).parts[1:]
        self._take([self._node.parts[0], *parts], value or "")

    def _take(self, parts: list[Pieces], value: str) -> None:
        """Take over other parts, if it is still a link of its kind with them."""
        before, old = target_of(self._node, self._document), self._node.parts
        self._node.parts = parts
        after = target_of(self._node, self._document)
        if after is None or (before and after.kind != before.kind):
            self._node.parts = old
            what = f"a link of another kind ({after.kind})" if after else "no link"
            raise BadText(value, f"with it this would be {what}", offence(value, self._document.site.tags))
        for part in old:
            forget(part, [piece for kept in parts for piece in kept])


@checked_class
class Link(LinkView):
    """A link to a page, of this wiki or another."""

    __slots__ = ()

    @property
    def text(self) -> str | None:
        """What follows the first pipe, as wikitext; None if there is no pipe.  Set it to None to take it out."""
        return self._words()

    @text.setter
    def text(self, value: str | None) -> None:
        self._set_words(value)

    @property
    def shown(self) -> str:
        """What readers see, as wikitext."""
        return self.text or _shown_target(self.target, self._document)

    def retarget(self, to: Title | str) -> None:
        """Let it lead elsewhere; what readers see stays.  One that leads there already stays as it is.

        Parameters: ``to``, a title, or wikitext of a target.
        Raises BadText for what can be no target.
        """
        if self._is_redirect:  # nobody sees a text of it
            redirect_to(self._document, to)
            return
        shown = self.shown
        if isinstance(to, str):
            found = _read(to, self._document)
            title, target = found and found.title, to if found is None or found.kind == "page" else f":{to}"
        else:
            title, target = to, to.as_link()[2:-2]
        if title is not None and title == self.title:
            return
        self.target = target
        if self.text is None and self.shown != shown:
            self.text = shown
        elif self.text == self.target and not self.target.startswith(":"):
            self.text = None

    def unlink(self) -> None:
        """Leave only what readers see.

        Raises BadParameter for the link of a redirect, which is more than what readers see.
        """
        self._alive_in_place()
        if self._is_redirect:
            msg = f"{self!r}: the page redirects by it; let it lead elsewhere (redirect_to), or take it out (remove)."
            raise BadParameter(msg)
        shown: Pieces = [piece for part in self._node.parts[1:] for piece in ("&#124;", *part)][1:] or [self.shown]
        self._become(harmless(self._document, self._node, shown))

    @property
    def _is_redirect(self) -> bool:
        return self._node.name == NAME and redirect_of(self._document) is not None


@checked_class
class CategoryLink(LinkView):
    """A category that the page is in.

    Parameters: as of `View`; ``included``, whether it stands in ``<includeonly>``: then pages are in it that include
    this one, not this one itself.
    """

    __slots__ = ("included",)

    def __init__(self, document: Wikitext, node: Node, *, included: bool = False) -> None:
        super().__init__(document, node)
        self.included = included

    @property
    def _shows_nothing(self) -> bool:
        return True

    @property
    def name(self) -> str:
        """Name of the category, without namespace; "" where a template makes it."""
        return self.title.name if self.title else ""

    def is_for(self, category: Title) -> bool:
        """Say whether it puts pages in this category."""
        return self.title is not None and self.title.without_fragment == category

    @property
    def sortkey(self) -> str | None:
        """The key by which the page is sorted there, as wikitext; None for the page's own."""
        return self._words()

    @sortkey.setter
    def sortkey(self, value: str | None) -> None:
        self._set_words(value)


class LanguageLink(LinkView):
    """A link to the same page in another language."""

    __slots__ = ()

    @property
    def _shows_nothing(self) -> bool:
        return True

    @property
    def language(self) -> str:
        """The prefix: ``de``."""
        return self.title.interwiki if self.title else self.target.partition(":")[0].strip().lower()


__all__ = [
    "CategoryLink",
    "LanguageLink",
    "Link",
    "LinkKind",
    "LinkView",
    "Target",
    "may_be_special",
    "target_of",
]
