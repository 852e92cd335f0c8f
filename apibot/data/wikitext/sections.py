"""Sections: found by their headings, changed and moved with what belongs to them.

What is not changed keeps each byte; a heading always begins a line; and no section is made one of another behind
one's back: what would do so is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Never

from apibot.core.arguments import checked_class
from apibot.core.errors import BadParameter, BadText
from apibot.data.pages import TRIMMED
from apibot.data.wikitext import chunks
from apibot.data.wikitext.headings import name_key, shown
from apibot.data.wikitext.node import Node, Pieces, forget, merged, runs_to_the_end, visible, written
from apibot.data.wikitext.outline import Outline, OutlineRow, opened, outline_of
from apibot.data.wikitext.scan import scan
from apibot.data.wikitext.view import View, embedded, margins, whole

if TYPE_CHECKING:
    from apibot.data.dates import DateWords
    from apibot.data.wikitext.document import Wikitext
    from apibot.data.wikitext.signatures import Signature

DEEPEST = 6
"""The highest level of a heading."""


@checked_class
class Section:
    """A section of a text: a heading with what follows, or the lead.  It stays the same whatever else is changed.

    Parameters: ``document``, the text; ``heading``, its node, None for the lead.
    """

    __slots__ = ("_document", "_heading", "_reading")

    def __init__(self, document: Wikitext, heading: Node | None) -> None:
        self._document = document
        self._heading = heading
        self._reading = document.reading

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Section):
            return NotImplemented
        return other._document is self._document and other._heading is self._heading

    def __hash__(self) -> int:
        return id(self._heading)

    def __str__(self) -> str:
        return self.whole

    def __repr__(self) -> str:
        return f"<Section {written([self._heading]).strip()[:60]!r}>" if self._heading else "<Section: the lead>"

    def __reduce__(self) -> Never:
        msg = f"{self!r} can not be copied; copy the Wikitext and look it up there."
        raise BadParameter(msg)

    # The heading.

    @property
    def heading(self) -> Node | None:
        """The heading in the tree; None for the lead."""
        return self._heading

    @property
    def level(self) -> int:
        """How many equals signs its heading has, 1 to 6; 0 for the lead.

        Setting it changes the levels of its subsections by as much.  Raises BadParameter if one would be outside of 1
        to 6, or if the section would take in the one after it as a subsection; change that first.
        """
        return len(self._heading.begin) if self._heading else 0

    @level.setter
    def level(self, value: int) -> None:
        outline, start, end = self._extent("change the level of")
        by = value - self.level
        nodes = [row.heading for row in outline.rows[start:end] if row.heading]
        levels = [len(node.begin) + by for node in nodes]
        if min(levels) < 1 or max(levels) > DEEPEST:
            msg = f"{self!r}: levels are 1 to {DEEPEST}; by {by:+} it and its subsections would have {levels}."
            raise BadParameter(msg)
        if by:
            _not_taken_in(levels, _row(outline, end), self)
            _relevel(nodes, by)
            self._settle_or(outline, range(start, end), lambda: _relevel(nodes, -by))

    @property
    def title(self) -> str:
        """Wikitext of the heading, without white space and comments around it; "" for the lead.

        Raises BadText for what can be no heading, BadParameter for the lead.
        """
        return visible(self._heading.parts[0]).strip() if self._heading else ""

    @title.setter
    def title(self, value: str) -> None:
        heading = self._own_heading("rename")
        value = value.strip()
        if value == self.title:
            return
        before, after = margins(heading.parts[0])
        sign, tags = heading.begin, self._document.site.tags
        text = f"{written(before)}{value}{written(after)}"
        node = embedded(text, "heading", sign, sign, tags, parts=2)
        if node.begin != sign or not visible(node.parts[0]).strip():
            raise BadText(value, f"it can not be the title of a heading of level {len(sign)}")
        old, heading.parts[0] = heading.parts[0], node.parts[0]
        outline, at = self._place()
        self._settle_or(outline, [at], lambda: heading.parts.__setitem__(0, old))
        forget(old, node.parts[0])

    def _settle_or(self, outline: Outline, changed: Collection[int], undo: Callable[[], None]) -> None:
        """Take over what was changed in the headings of some rows, or undo it if that makes others of them."""
        try:
            chunks.settle(self._document, outline.chunks(), anew=changed)
        except BadText:
            undo()
            raise

    @property
    def plain_title(self) -> str | None:
        """What readers see of the heading, without markup; None where only the wiki can tell, "" for the lead."""
        return shown(self._heading, self._document) if self._heading else ""

    @property
    def anchor(self) -> str | None:
        """How links lead to it: ``Some_heading``, the second one of that name ``Some_heading_2``.

        None for the lead, and where only the wiki can tell.  Headings that templates make are not counted.
        """
        outline, at = self._place()
        return outline.anchors[at]

    # Where it is.

    @property
    def number(self) -> int:
        """The number that the API has for it (``section=``), 0 for the lead.

        Headings in templates of the page are counted too, as the wiki does.
        """
        outline, at = self._place()
        return outline.rows[at].number

    @property
    def parent(self) -> Section | None:
        """The section that it is a subsection of; None if it is none."""
        outline, at = self._place()
        above = outline.rows[at].parent
        return None if above is None else Section(self._document, outline.rows[above].heading)

    @property
    def children(self) -> list[Section]:
        """Its subsections, without theirs."""
        outline, at = self._place()
        return [Section(self._document, outline.rows[child].heading) for child in outline.children[at]]

    def __contains__(self, found: object) -> bool:
        """Say whether a construct, or a section, stands in it or in its subsections: ``template in section``.

        Raises BadParameter for anything else; a text is looked for with `Wikitext.find`.
        """
        if not isinstance(found, Section | View):
            msg = f"{found!r:.200} in {self!r}: ask for a construct or a section; a text may be in its text."
            raise BadParameter(msg)
        if found.document is not self._document:
            return False
        if isinstance(found, Section) and found.heading is None:
            return self.heading is None
        start, end = self.span
        return start <= found.span[0] < end

    # The text.

    @property
    def document(self) -> Wikitext:
        """The text that it is in."""
        return self._document

    @property
    def span(self) -> tuple[int, int]:
        """Where it is in the text as that is now, with its subsections: its beginning, and that of what follows.

        Both in characters from 0.
        """
        outline, at = self._place()
        return outline.offsets[at], outline.offsets[outline.lasts[at]]

    @property
    def raw(self) -> str:
        """Its heading and own text up to the next heading, with all blank lines: those of all sections are the text."""
        outline, at = self._place()
        return written(outline.pieces[outline.rows[at].start : outline.rows[at].end])

    @property
    def whole(self) -> str:
        """Its heading and text with all subsections, as the API gives it: without white space at the end."""
        outline, at = self._place()
        last = outline.rows[outline.lasts[at] - 1]
        return written(outline.pieces[outline.rows[at].start : last.end]).rstrip(TRIMMED)

    @property
    def text(self) -> str:
        """Its own text, without heading and subsections, and without blank lines around.

        Setting it leaves the blank lines as they are.  Raises BadText if something in it is not closed, or if a heading
        is in it: that would be another section.
        """
        outline, at = self._place()
        return written(_inside(outline, at)[1])

    @text.setter
    def text(self, value: str) -> None:
        outline, at = self._place()
        before, inside, after = _inside(outline, at)
        if value != written(inside):
            self._put(outline, at, before, self._checked(value.strip("\n").rstrip(chunks.BLANK)), after)

    def signatures(self, words: DateWords | None = None) -> list[Signature]:
        """Return who signed in it and its subsections, and when; places are those in ``whole``.

        Parameters: ``words``, as of `Wikitext.signatures`.
        """
        document = self._document
        return type(document)(self.whole, document.site, document.title).signatures(words)

    def append(self, text: str, *, last: bool = False) -> None:
        """Add wikitext on a new line at the end of its own text, before the blank lines there.

        Parameters: ``text``, which may begin with a line end to make a paragraph; ``last``, after its subsections
        instead of before them.
        Raises BadText as for ``text``.
        """
        outline, at = self._place()
        at = outline.lasts[at] - 1 if last else at
        before, inside, after = _inside(outline, at)
        new = self._checked(text.rstrip(chunks.BLANK))
        if inside and runs_to_the_end(inside[-1]):
            raise BadText(written(inside), "what it ends with is not closed, and would take in what is appended")
        if new:
            self._put(outline, at, before, [*inside, "\n", *new] if inside else new, after)

    def _put(self, outline: Outline, at: int, before: Pieces, inside: Pieces, after: Pieces) -> None:
        """Set the text of a section, with what stands before it and after it."""
        heading, last = outline.rows[at].heading, at + 1 == len(outline.rows)
        if not inside:
            before, after = [heading] if heading else [], after if heading or last else []
        elif heading and not written(before[1:]).endswith("\n"):
            before = [*before, "\n"]
        if inside and not after and not last:
            after = [chunks.GAP]
        found = outline.chunks()
        old, found[at] = found[at], chunks.ended([*before, *inside], after)
        chunks.settle(self._document, found)
        forget(old, found[at])

    def _checked(self, text: str) -> Pieces:
        """Return the pieces of a text that is to stand in a section."""
        pieces = opened(whole(text, self._document.site.tags))
        place = 0
        for piece in pieces:
            if isinstance(piece, Node) and piece.kind == "heading":
                raise BadText(text, "a heading in it would begin another section; insert it as one", place)
            place += len(written([piece]))
        return pieces

    # Other sections.

    def insert_before(self, text: str) -> Section:
        """Put new sections before it; see ``insert_after``."""
        self._own_heading("put something before")
        outline, at = self._place()
        return insert(self._document, outline, at, text)

    def insert_after(self, text: str) -> Section:
        """Put new sections after it and its subsections.

        Parameters: ``text``, wikitext that begins with a heading.
        Returns the first of them.
        Raises BadText for a text that does not begin with a heading, or in which something is not closed; BadParameter
        if the section that follows would become a subsection of a new one.
        """
        outline, at = self._place()
        return insert(self._document, outline, outline.lasts[at], text)

    def insert_last(self, text: str) -> Section:
        """Put new sections after its subsections, as the last of them; see ``insert_after``.

        Raises BadParameter if their levels are too low to be subsections.
        """
        outline, at = self._place()
        self._own_heading("put something into")
        return insert(self._document, outline, outline.lasts[at], text, above=self.level)

    def delete(self) -> str:
        """Take it out with its subsections; return their text, as ``whole``.

        The lead is only emptied.  Then this section, and those in it, can not be changed any more.
        """
        gone = self.whole
        if self._heading is None:
            self.text = ""
            return gone
        outline, start, end = self._extent("delete")
        found = outline.chunks()
        core, foot = chunks.closing(outline)
        if end == len(found):
            gone = "".join(map(written, [*found[start : end - 1], core])).rstrip(TRIMMED)
        chunks.settle(self._document, chunks.without(outline, [start <= at < end for at in range(len(found))]))
        for chunk in found[start:end]:
            forget(chunk, foot)
        return gone

    def move_before(self, other: Section) -> None:
        """Put it and its subsections before another section.

        Raises BadParameter if the other one is in it, or is the lead, or if the section that follows would become its
        subsection.
        """
        other._own_heading("put something before")
        self._move(other._place()[1], other)

    def move_after(self, other: Section) -> None:
        """Put it and its subsections after another section and its subsections; see ``move_before``."""
        outline, at = other._place()
        self._move(outline.lasts[at], other)

    def _move(self, to: int, other: Section) -> None:
        outline, start, end = self._extent("move")
        if other._document is not self._document:
            msg = f"{self!r} and {other!r} are in different texts; delete it in one and insert it in the other."
            raise BadParameter(msg)
        if start <= other._place()[1] < end:
            if other == self:
                return
            msg = f"{self!r} can not be moved beside {other!r}, which is in it."
            raise BadParameter(msg)
        if to in {start, end}:
            return
        block, rest = range(start, end), [at for at in range(len(outline.rows)) if not start <= at < end]
        levels = [len(row.heading.begin) for row in outline.rows[start:end] if row.heading]
        _not_taken_in(levels, _row(outline, to), self)
        place = to if to < start else to - len(block)
        chunks.settle(self._document, chunks.reordered(outline, [*rest[:place], *block, *rest[place:]]))

    # What all need.

    def _place(self) -> tuple[Outline, int]:
        """Return the outline as it is now, and which row this is."""
        outline = outline_of(self._document)
        at = outline.places.get(id(self._heading))
        if at is None or self._reading != self._document.reading:
            msg = f"{self!r}: it is not in the text any more; look it up there anew."
            raise BadParameter(msg)
        return outline, at

    def _extent(self, what: str) -> tuple[Outline, int, int]:
        """Return the outline, and from where to where it goes with its subsections."""
        self._own_heading(what)
        outline, at = self._place()
        return outline, at, outline.lasts[at]

    def _own_heading(self, what: str) -> Node:
        """Refuse what can not be done with the lead."""
        if self._heading is None:
            msg = f"One can not {what} the lead: it has no heading."
            raise BadParameter(msg)
        self._place()
        return self._heading


def sections_of(document: Wikitext) -> list[Section]:
    """Return all sections in order, the lead first; see `Wikitext.sections`."""
    return [Section(document, row.heading) for row in outline_of(document).rows]


def sections_named(document: Wikitext, name: str) -> list[Section]:
    """Return all sections of a name; see `Wikitext.sections_named`."""
    wanted = name_key(scan(name, document.site.tags))
    return [
        Section(document, row.heading)
        for row in outline_of(document).rows
        if row.heading and wanted in {name_key(row.heading.parts[0]), shown(row.heading, document)}
    ]


def insert(document: Wikitext, outline: Outline, at: int, text: str, *, above: int = 0) -> Section:
    """Put new sections in.

    Parameters: ``document``; ``outline`` of it; ``at``, before which row; ``text``; ``above``, level that all of them
    must be over.
    """
    pieces = opened(whole(text.strip("\n"), document.site.tags))
    first = pieces[0] if pieces else ""
    if not isinstance(first, Node) or first.kind != "heading":
        raise BadText(text, "a section begins with a heading (== Title ==)")
    new = chunks.new_chunks(pieces)
    section = Section(document, first)
    levels = [len(chunk[0].begin) for chunk in new if isinstance(chunk[0], Node)]
    if min(levels) <= above:
        msg = f"{section!r}: a subsection here has a level over {above}."
        raise BadParameter(msg)
    _not_taken_in(levels, _row(outline, at), section)
    chunks.settle(document, chunks.joined(outline, at, new))
    return section


def _row(outline: Outline, at: int) -> OutlineRow | None:
    return outline.rows[at] if at < len(outline.rows) else None


def _not_taken_in(levels: list[int], following: OutlineRow | None, section: Section) -> None:
    """Refuse what would make the section that follows a subsection of those with these levels."""
    if following and following.heading and min(levels) < len(following.heading.begin):
        msg = (
            f"{section!r}: with level {min(levels)} there it would take in {following.heading!r}, which follows, as a "
            "subsection. Change the level of that first, or of this one."
        )
        raise BadParameter(msg)


def _relevel(nodes: list[Node], by: int) -> None:
    for node in nodes:
        node.begin = node.sep = "=" * (len(node.begin) + by)


def _inside(outline: Outline, at: int) -> tuple[Pieces, Pieces, Pieces]:
    """Return a section's pieces: heading and blank lines before its text, the text, and what stands after it.

    That is blank lines; in the last section the foot of the page too.
    """
    row = outline.rows[at]
    core, blank = chunks.parted(outline.pieces[row.start : row.end])
    after: Pieces = [blank] if blank else []
    if at + 1 == len(outline.rows):
        core, after = chunks.closing(outline)
    head: Pieces = core[:1] if row.heading else []
    body = merged(core[len(head) :])
    first = body[0] if body else ""
    if not isinstance(first, str):
        return head, body, after
    space = first[: len(first) - len(first.lstrip(chunks.BLANK))]
    cut = space.rfind("\n") + 1
    return merged([*head, first[:cut]]), merged([first[cut:], *body[1:]]), after


__all__ = ["DEEPEST", "Section", "insert", "sections_named", "sections_of"]
