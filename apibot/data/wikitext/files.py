"""Files on a page: their names, captions and parameters, in brackets and in galleries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.arguments import checked_class
from apibot.core.errors import BadText
from apibot.data.titles.rules import FILE
from apibot.data.titles.title import Title
from apibot.data.wikitext.links import LinkView
from apibot.data.wikitext.node import Pieces, forget, is_unseen, visible, written
from apibot.data.wikitext.view import Told, embedded, framed, margins, offence, whole

if TYPE_CHECKING:
    from apibot.core.site import SiteInfo

PREFIXES = ("img_", "timedmedia_")
"""How the names of the magic words begin that are parameters of files; what is none of them is the caption."""
ENGLISH = {
    "alt": ("alt=$1",),
    "baseline": ("baseline",),
    "border": ("border",),
    "bottom": ("bottom",),
    "center": ("center", "centre"),
    "class": ("class=$1",),
    "framed": ("frame", "framed", "enframed"),
    "frameless": ("frameless",),
    "lang": ("lang=$1",),
    "left": ("left",),
    "link": ("link=$1",),
    "manualthumb": ("thumbnail=$1", "thumb=$1"),
    "middle": ("middle",),
    "none": ("none",),
    "page": ("page=$1", "page $1"),
    "right": ("right",),
    "sub": ("sub",),
    "super": ("super", "sup"),
    "text_bottom": ("text-bottom",),
    "text_top": ("text-top",),
    "thumbnail": ("thumb", "thumbnail"),
    "top": ("top",),
    "upright": ("upright", "upright=$1", "upright $1"),
    "width": ("$1px",),
}
"""The usual ones, for a wiki that does not tell its magic words."""
NUMBERS = {"page": r"\d+", "upright": r"[\d.]+", "width": r"\d*(?:x\d+)?"}
"""Which values some of them can have; with others it is a caption that happens to look so."""
GROUPS = (
    frozenset({"framed", "frameless", "thumbnail"}),
    frozenset({"center", "left", "none", "right"}),
    frozenset({"baseline", "bottom", "middle", "sub", "super", "text_bottom", "text_top", "top"}),
)
"""Parameters that exclude each other: the wiki takes the first one of a group.

Rule: MediaWiki's Parser::makeImage and Linker::makeImageLink (1.39).
"""
BLOCKS = frozenset({"framed", "manualthumb", "thumbnail"}).union(GROUPS[1])
"""Those that set a file apart from the text around it."""
ELSEWHERE = frozenset({"border", "class", "manualthumb", "upright", "width"}).union(*GROUPS)
"""What is no parameter in a gallery, but the text under the file (Parser::renderImageGallery)."""


class FileWord(NamedTuple):
    """A way to write a parameter of files."""

    name: str
    """In English, as the program has it: ``thumbnail``."""
    before: str
    after: str
    valued: bool

    def value(self, text: str) -> str | None:
        """Return the value that a text gives to the parameter, "" if it takes none; None if it is not this one."""
        if not self.valued:
            return "" if text == self.before else None
        if len(text) < len(self.before + self.after) or not text.startswith(self.before):
            return None
        if not text.endswith(self.after):
            return None
        value = text[len(self.before) : len(text) - len(self.after)].strip()
        return value if re.fullmatch(NUMBERS.get(self.name, ".*"), value, re.DOTALL) else None


def file_words(site: SiteInfo) -> tuple[FileWord, ...]:
    """Return the ways to write parameters of files on a wiki."""
    own = {name: site.word(name) for name in site.magic_words if name.startswith(PREFIXES)}
    words = {name.partition("_")[2]: aliases for name, aliases in own.items()} or ENGLISH
    return tuple(_file_word(name, alias) for name, aliases in words.items() for alias in aliases)


def words_in(site: SiteInfo, *, gallery: bool) -> Iterator[FileWord]:
    """Give the ways to write parameters of files in brackets, or in a gallery."""
    return (word for word in site.kept(file_words) if not (gallery and word.name in ELSEWHERE))


def word_of(text: str, site: SiteInfo, *, gallery: bool) -> tuple[FileWord, str] | None:
    """Return which parameter a part of a file is, and its value; None for a caption."""
    found = ((word, word.value(text.strip())) for word in words_in(site, gallery=gallery))
    return next(((word, value) for word, value in found if value is not None), None)


def option_end(text: str, site: SiteInfo, *, gallery: bool) -> int:
    """Return how much of a part of a file no reader sees: all of ``mini``, the ``alt=`` of an alt text, or nothing."""
    found = word_of(text, site, gallery=gallery)
    if found is None:
        return 0
    word, _value = found
    return text.find(word.before) + len(word.before) if word.name == "alt" else len(text)


def _file_word(name: str, alias: str) -> FileWord:
    before, sign, after = alias.partition("$1")
    return FileWord(name, before, after, bool(sign))


@checked_class
class FileLink(LinkView):
    """A file that is shown, in double brackets or as a line of a gallery."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Name of the file, without namespace; "" where a template makes it.

        Set it with or without namespace.  Raises InvalidTitle; BadText for a title in another one.
        """
        return self.title.name if self.title else ""

    @name.setter
    def name(self, value: str) -> None:
        title = Title.parse(value, self._document.site, ns=FILE)
        if title.ns != FILE or title.interwiki:
            raise BadText(value, "it is no file")
        prefix = self._prefix()
        bare = self._in_gallery and ":" not in title.name
        self.target = f"{prefix}{title.name}" if prefix or bare else title.full

    def _prefix(self) -> str:
        """Return the namespace as it is written, with its colon; "" where there is none, as in galleries."""
        name, colon, _rest = self.target.partition(":")
        site = self._document.site
        return name + colon if colon and Title.parse(f"{name}:x", site).ns == FILE else ""

    @property
    def _is_block(self) -> bool:
        return not self._in_gallery and not BLOCKS.isdisjoint(self.parameters)

    @property
    def _in_gallery(self) -> bool:
        return self._node.kind == "entry"

    @property
    def parameters(self) -> dict[str, str]:
        """Its parameters but for the caption: values by name in English; "" for those that have none (``thumb``).

        They are what was read; ``set`` changes one.
        """
        found = (self._known(part) for part in self._node.parts[1:])
        return Told((one[0], one[1]) for one in found if one)

    @property
    def caption(self) -> str | None:
        """The last part that is no parameter, as wikitext; None if there is none."""
        at = self._caption_at()
        return written(self._node.parts[at]).strip() if at else None

    @caption.setter
    def caption(self, value: str | None) -> None:
        at = self._caption_at()
        self._alive()
        if value is None:
            self._keep([part for part in self._node.parts[1:] if self._known(part)])
            return
        value = value.strip()
        if value and value == self.caption:
            return
        pieces = self._part(value)
        if not visible(pieces).strip():
            raise BadText(value, "a caption can not be empty; None takes it out")
        if self._known(pieces):
            raise BadText(value, "files have a parameter of that name; it can be no caption")
        if at:
            self._put(at, pieces)
        else:
            self._node.parts.append(pieces)

    def set(self, name: str, value: str = "") -> None:
        """Give it a parameter, or another value of one, in place of those that exclude it (``left`` and ``right``).

        Parameters: ``name`` in English (``alt``, ``thumbnail``, ``width``, ``left``), or a word of the wiki (``mini``);
        ``value``, "" for those that have none, and for an empty one (``link=``).
        Raises BadText for a parameter that files on the wiki do not have there, or a value that can not stand there.
        """
        name = self._name(name)
        word = self._word(name, value)
        self._alive()
        pieces = self._part(word)
        parts = self._node.parts
        group = next((group for group in GROUPS if name in group), frozenset({name}))
        found = [at for at, part in enumerate(parts) if at and (self._known(part) or ("",))[0] in group]
        if not found:
            parts.insert(self._caption_at() or len(parts), pieces)
            return
        if self._known(parts[found[-1]]) != (name, value.strip()):
            self._put(found[-1], pieces)
        if len(group) > 1:
            others = set(found[:-1])
            self._keep([part for at, part in enumerate(parts) if at and at not in others])

    def _put(self, at: int, pieces: Pieces) -> None:
        """Put other pieces in a part; white space and comments around them stay."""
        self._set_part(at, framed(pieces, *margins(self._node.parts[at])))

    def _keep(self, kept: list[Pieces]) -> None:
        """Keep some of the parameters; an empty one alone would make it no link."""
        if len(kept) == 1 and not self._in_gallery and is_unseen(kept[0]):
            kept = []
        there = {id(part) for part in kept}
        for part in self._node.parts[1:]:
            if id(part) not in there:
                forget(part)
        self._node.parts[1:] = kept

    def unset(self, name: str) -> bool:
        """Take a parameter away, wherever it is given; return whether it was there."""
        self._alive()
        name = self._name(name)
        parts = self._node.parts
        kept = [part for part in parts[1:] if (self._known(part) or ("",))[0] != name]
        found = len(kept) + 1 < len(parts)
        self._keep(kept)
        return found

    def _name(self, name: str) -> str:
        """Return the name in English of a parameter, which may be given by a word of the wiki."""
        words = list(self._ways())
        own = (word.name for word in words if word.before.rstrip("= ") == name)
        return name if any(word.name == name for word in words) else next(own, name)

    def _word(self, name: str, value: str) -> str:
        """Return a parameter as it is written; one that has no value otherwise may have an empty one."""
        own = [word for word in self._ways() if word.name == name]
        bare = not value and (name in NUMBERS or any(not word.valued for word in own))
        for word in own:
            inner = value.strip().removesuffix(word.after)  # 300px is as good as 300
            written_as = f"{word.before}{inner}{word.after}"
            if word.value(written_as) == inner and word.valued != bare:
                return written_as
        names = ", ".join(sorted({word.name for word in self._ways()}))
        have = f"{name} can not have this value" if own else f"there are: {names}"
        raise BadText(value if own else name, f"files on this wiki have no such parameter here; {have}")

    def _ways(self) -> Iterator[FileWord]:
        """Give the ways to write parameters where it stands."""
        return words_in(self._document.site, gallery=self._in_gallery)

    def _part(self, value: str) -> Pieces:
        tags = self._document.site.tags
        if self._in_gallery:
            pieces = whole(value, tags)
            if any(isinstance(piece, str) and ("\n" in piece or "|" in piece) for piece in pieces):
                raise BadText(value, "it can not stand in a line of a gallery", offence(value, tags))
            return pieces
        return embedded(value, "link", "[[x|", "]]", tags, parts=2).parts[1]

    def _known(self, part: Pieces) -> tuple[str, str] | None:
        """Return the name and the value of a part that is a parameter."""
        found = word_of(visible(part), self._document.site, gallery=self._in_gallery)
        return (found[0].name, found[1]) if found else None

    def _caption_at(self) -> int:
        """Return which part the caption is, 0 if there is none."""
        parts = self._node.parts
        return next((n for n in range(len(parts) - 1, 0, -1) if not self._known(parts[n])), 0)


__all__ = [
    "BLOCKS",
    "ELSEWHERE",
    "ENGLISH",
    "GROUPS",
    "NUMBERS",
    "PREFIXES",
    "FileLink",
    "FileWord",
    "file_words",
    "option_end",
    "word_of",
    "words_in",
]
