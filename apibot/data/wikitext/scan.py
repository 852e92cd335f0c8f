"""Reading wikitext: which braces, brackets, tags, comments and headings belong together.

The rules are those of MediaWiki's preprocessor (Preprocessor_Hash, 1.39) for a page that is viewed, so that a template
here is one there.  Each character is looked at a bounded number of times: a text of any kind is read in time in
proportion to its length, and nesting is limited by memory alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from apibot.data.wikitext.node import Kind, Node, Pieces, is_silent, merged

IGNORED = ("noinclude", "onlyinclude")
"""Tags that mean nothing on the page itself: what is between them belongs to it."""
INCLUDED = "includeonly"
"""The tag whose content belongs only to pages that include this one."""
PARSED = frozenset({INCLUDED, "gallery", "imagemap", "indicator", "langconvert", "poem", "ref", "references"})
"""Tags whose content is wikitext; that of others is never looked at."""
GALLERY = "gallery"
_DEEPEST = 6  # level of a heading
_ARGUMENT, _PAIR = 3, 2  # braces


class _Open:
    """What was opened and is not closed yet."""

    __slots__ = ("count", "named", "opened", "parts", "prefix")

    def __init__(self, opened: str, count: int, prefix: str = "") -> None:
        self.opened = opened
        """``{``, ``[``, ``-{`` or, for a heading, a line end."""
        self.count = count
        """How many of its characters are still to be closed; the level of a heading."""
        self.prefix = prefix
        self.parts: list[Pieces] = [[]]
        self.named = False
        """Whether the parameter in hand has its equals sign already."""

    def literal(self) -> Pieces:
        """Return what it is if it is never closed."""
        begin = {"\n": "", "-{": "-{"}.get(self.opened, self.opened * self.count)
        out: Pieces = [self.prefix + begin]
        for number, part in enumerate(self.parts):
            if number:
                out.append("|")
            out += ["=" if not isinstance(piece, str) and piece.kind == "equals" else piece for piece in part]
        return out


class _Patterns:
    """What to look for in each state; the tags are those of the wiki.

    Parameters: ``tags``, names of extension tags in small letters.
    """

    def __init__(self, tags: frozenset[str]) -> None:
        ending = [INCLUDED, *IGNORED, *tags]
        names = "|".join(map(re.escape, [*ending, *(f"/{name}" for name in IGNORED)]))
        self.tag = re.compile(rf"<({names})(?=\s|/?>)", re.IGNORECASE)
        self.closing = {name: re.compile(rf"</{re.escape(name)}\s*>", re.IGNORECASE) for name in ending}
        common = rf"\[\[+|\{{\{{+|-\{{+|<(?=!--|(?:{names})(?:\s|/?>))"
        closings = {"": "", "\n": "|\n", "[": r"|\]{2,3}", "{": r"|\}{2,3}", "-{": r"|\}-"}
        self.states: Mapping[tuple[str, bool, bool], re.Pattern[str]] = {
            (opened, pipe, equals): re.compile(
                common + closing + (r"|\n(?==)" * (opened != "\n")) + r"|\|" * pipe + "|=" * equals, re.IGNORECASE
            )
            for opened, closing in closings.items()
            for pipe, equals in ((False, False), (True, False), (True, True))
        }


_patterns = lru_cache(maxsize=64)(_Patterns)


def scan(text: str, tags: frozenset[str]) -> Pieces:
    """Read wikitext.

    Parameters: ``text``; ``tags``, names of the wiki's extension tags in small letters (`SiteInfo.tags`).
    Returns the pieces; written out they are the text again.
    """
    return _Scan(text, _patterns(tags)).pieces()


class _Scan:
    """One reading of a text; ``within``, names of the tags that it is the content of, which can not be in it again."""

    def __init__(self, text: str, patterns: _Patterns, within: frozenset[str] = frozenset()) -> None:
        self.text = text
        self.within = within
        self.patterns = patterns
        self.at = 0
        self.root: Pieces = []
        self.stack: list[_Open] = []
        self.out = self.root
        """Where pieces go."""
        self.pattern = patterns.states["", False, False]
        self.no_bracket = False
        """Whether no ``>`` is left."""
        self.never_closed: set[str] = set()

    def pieces(self) -> Pieces:
        """Read it all."""
        text = self.text
        if text.startswith("="):
            self.line_start()
        while True:
            found = self.pattern.search(text, self.at)
            if found:
                start = found.start()
                if start > self.at:
                    self.out.append(text[self.at : start])
                    self.at = start
                ACTIONS[text[start]](self, found[0])
            else:
                self.out.append(text[self.at :])
                self.at = len(text)
                if not (self.stack and self.stack[-1].opened == "\n"):
                    break
                self.heading_end()
        for opened in self.stack:
            self.root += opened.literal()
        return merged(self.root)

    # The state.

    def push(self, opened: _Open) -> None:
        """Go into something that was opened."""
        self.stack.append(opened)
        self.restate()

    def pop(self) -> _Open:
        """Leave what is open."""
        opened = self.stack.pop()
        self.restate()
        return opened

    def restate(self) -> None:
        """Tell what to look for now, and where pieces go."""
        if not self.stack:
            self.out, self.pattern = self.root, self.patterns.states["", False, False]
            return
        top = self.stack[-1]
        pipe = top.opened in {"{", "-{"}
        self.out = top.parts[-1]
        self.pattern = self.patterns.states[top.opened, pipe, pipe and len(top.parts) > 1 and not top.named]

    # What is found.

    def line_end(self, _found: str) -> None:
        """Take the end of a heading's line, or a line end with an equals sign after it."""
        if self.stack and self.stack[-1].opened == "\n":
            self.heading_end()
            if not self.text.startswith("=", self.at + 1):
                return
        self.out.append("\n")
        self.at += 1
        self.line_start()

    def line_start(self) -> None:
        """Begin what may become a heading."""
        rest = self.text[self.at : self.at + _DEEPEST]
        count = len(rest) - len(rest.lstrip("="))
        top = self.stack[-1] if self.stack else None
        if count == 1 and top and top.opened in {"{", "-{"} and len(top.parts) > 1 and not top.named:
            return  # it stands between a parameter's name and value
        heading = _Open("\n", count)
        heading.parts[0].append("=" * count)
        self.push(heading)
        self.at += count

    def heading_end(self) -> None:
        """See whether a line that began like a heading ends like one."""
        opened = self.pop()
        self.out += _heading(merged(opened.parts[0]), opened.count)

    def brackets(self, found: str) -> None:
        """Open a link."""
        self.push(_Open("[", len(found)))
        self.at += len(found)

    def braces(self, found: str) -> None:
        """Open a template or an argument."""
        self.push(_Open("{", len(found)))
        self.at += len(found)

    def dash(self, found: str) -> None:
        """Open a language variant, or what has braces enough to be more."""
        braces = len(found) - 1
        self.push(_Open("{", braces, "-") if braces > 1 else _Open("-{", _PAIR))
        self.at += len(found)

    def pipe(self, _found: str) -> None:
        """Begin the next part."""
        self.stack[-1].parts.append([])
        self.stack[-1].named = False
        self.restate()
        self.at += 1

    def equals(self, _found: str) -> None:
        """Set a parameter's name apart."""
        self.out.append(Node("equals", "=", []))
        self.stack[-1].named = True
        self.restate()
        self.at += 1

    def close_braces(self, found: str) -> None:
        """Close a template, an argument or a language variant."""
        top = self.stack[-1]
        if top.opened == "-{":
            self.closed("variant", _PAIR, "-{", "}-")
        elif min(len(found), top.count) >= _ARGUMENT:
            self.closed("argument", _ARGUMENT, "{{{", "}}}")
        else:
            self.closed("template", _PAIR, "{{", "}}")

    def close_brackets(self, found: str) -> None:
        """Close a link; ``[[Page|[http://a b]]]`` has the first of its three in the text (MediaWiki's T4702)."""
        top = self.stack[-1]
        split = _split(top.parts[0])
        if len(found) > _PAIR and any(isinstance(piece, str) and "[" in piece for part in split[1:] for piece in part):
            split[-1] = merged([*split[-1], "]"])
            self.at += 1
        odd = top.count % _PAIR  # the pairs are counted from the left, and the odd one is then in the target
        top.parts = split
        self.closed("brackets" if odd else "link", _PAIR, "[[", "]]")

    def closed(self, kind: Kind, taken: int, opening: str, closing: str) -> None:
        """Make a node of what was open, and leave open what of its opening is left."""
        opened = self.pop()
        node = Node(kind, opening, [merged(part) for part in opened.parts], sep="|", end=closing)
        self.at += len(closing)
        left, sign, prefix = opened.count - taken, opened.opened, opened.prefix
        if left >= _PAIR:
            self.push(_Open(sign, left, prefix))
        elif left and sign == "{" and prefix:
            self.push(_Open("-{", _PAIR))
        elif left or prefix:
            self.out.append(prefix + sign * left)
        self.out.append(node)

    def angle(self, _found: str) -> None:
        """Take a comment or a tag."""
        start = self.at
        if self.text.startswith("<!--", start):
            end = self.text.find("-->", start + 4)
            self.at = len(self.text) if end < 0 else end + 3
            self.out.append(Node("comment", self.text[start : self.at], []))
            return
        found = self.patterns.tag.match(self.text, start)
        end = -1 if self.no_bracket or not found else self.text.find(">", found.end())
        if not found or end < 0:
            self.no_bracket = True
            self.out.append("<")
            self.at += 1
            return
        self.tag(found[1].lower(), end + 1)

    def tag(self, name: str, end: int) -> None:
        """Take a tag that ends there, with what is in it."""
        opening = self.text[self.at : end]
        self.at = end
        if name in self.within:
            self.out.append(opening)
        elif name.removeprefix("/") in IGNORED:
            self.out.append(Node("ignored", opening, []))
        elif opening.endswith("/>"):
            self.out.append(Node("tag", opening, [], name=name))
        elif name not in self.never_closed and (found := self.patterns.closing[name].search(self.text, end)):
            self.at = found.end()
            self.out.append(self.whole(name, opening, self.text[end : found.start()], found[0]))
        elif name == INCLUDED:
            self.at = len(self.text)
            self.out.append(self.whole(name, opening, self.text[end:], ""))
        else:
            self.never_closed.add(name)
            self.out.append(opening)

    def whole(self, name: str, opening: str, content: str, closing: str) -> Node:
        """Make a node of a tag; none can hold itself, so that this ends after as many levels as there are tags."""
        inner = _Scan(content, self.patterns, self.within | {name})
        pieces = inner.pieces() if name in PARSED else merged([content])
        if name == GALLERY:
            pieces = _entries(pieces)
        return Node("tag", opening, [pieces], end=closing, name=name, raw=name not in PARSED)


ACTIONS: Mapping[str, Callable[[_Scan, str], None]] = {
    "\n": _Scan.line_end,
    "[": _Scan.brackets,
    "{": _Scan.braces,
    "-": _Scan.dash,
    "|": _Scan.pipe,
    "=": _Scan.equals,
    "}": _Scan.close_braces,
    "]": _Scan.close_brackets,
    "<": _Scan.angle,
}
"""What to do, by the first character of what was found."""


def _split(pieces: Pieces) -> list[Pieces]:
    """Return the parts of a link: they are set apart by pipes in its own text."""
    parts: list[Pieces] = [[]]
    for piece in pieces:
        if isinstance(piece, str) and "|" in piece:
            first, *others = piece.split("|")
            parts[-1].append(first)
            parts.extend([other] for other in others)
        else:
            parts[-1].append(piece)
    return parts


def _entries(pieces: Pieces) -> Pieces:
    """Return the content of a gallery with its lines as nodes of a file and its parameters."""
    lines: list[Pieces] = [[]]
    for piece in pieces:
        if isinstance(piece, str):
            first, *others = piece.split("\n")
            lines[-1].append(first)
            lines.extend([other] for other in others)
        else:
            lines[-1].append(piece)
    out: Pieces = []
    for number, line in enumerate(lines):
        if number:
            out.append("\n")
        whole = merged(line)
        if any(not isinstance(piece, str) or piece.strip() for piece in whole):
            out.append(Node("entry", "", [merged(part) for part in _split(whole)], sep="|"))
        else:
            out += whole
    return merged(out)


def _heading(line: Pieces, count: int) -> Pieces:
    """Return the heading that a line is, or else the line.

    It ends with equals signs, after which only white space and comments stand; its level is the smaller number of
    signs.  A line of nothing but signs is a heading with some of them as its title, if they are enough.

    Parameters: ``line``, its pieces; ``count``, of the signs that it begins with, 6 at most.
    """
    end = len(line)
    while end and is_silent(line[end - 1], " \t"):
        end -= 1
    last = line[end - 1] if end else ""
    if not isinstance(last, str):
        return line
    kept = last.rstrip(" \t")
    signs = len(kept) - len(kept.rstrip("="))
    if end == 1 and signs == len(kept):
        level = 0 if signs < 3 else min(_DEEPEST, (signs - 1) // 2)  # noqa: PLR2004  # one on each side of one
    else:
        level = min(signs, count)
    if not level:
        return line
    title = merged([*line[: end - 1], kept[:-level]])
    first = title[0] if title else ""
    title[:1] = [first[level:]] if isinstance(first, str) else [first]
    sign = "=" * level
    return [Node("heading", sign, [merged(title), merged([last[len(kept) :], *line[end:]])], sep=sign)]


__all__ = ["ACTIONS", "GALLERY", "IGNORED", "INCLUDED", "PARSED", "scan"]
