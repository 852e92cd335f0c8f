r"""A regular expression of ``re`` in the words of ``regex``, so that it means the same and costs no more than it may.

Where ``regex`` reads the same words in another way, others are written (all found by comparing the two):

- ``\w \W \b \B``: ``re`` takes letters and numbers of all kinds, ``regex`` marks too, and not all numbers;
- ``\s \S``: ``re`` takes the four separators U+001C to U+001F too;
- ``{`` that begins no repetition: for ``regex`` it may begin a fuzzy match;
- the Latin letters I, with and without dots: all one letter for ``re`` where case is ignored;
- ``[`` within a set, POSIX names of sets, and white space where ``(?x)`` is on.

``regex`` can not be stopped before it searches. What takes long there is bounded: a pattern's length, its depth and
what it repeats at least (each copy is kept), and texts in it are cut, since its tables grow with their third power.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apibot.core.errors import BadPattern

LONGEST = 10_000
"""Characters of a pattern at most."""
LARGEST = 20_000
"""Characters and sets of a pattern at most, when what it repeats is written out as often as it must be there."""
DEEPEST = 50
"""Groups within groups at most."""
_RUN = 24
"""Characters after which a text in a pattern is cut."""
_CUT = "(?>|)"  # matches nothing, always and in one way; regex does not see through it
_I = "Ii\u0130\u0131"
_WORD, _SPACE = r"\p{L}\p{N}_", r"\s\x1c-\x1f"
_SETS = {"w": (_WORD, False), "W": (_WORD, True), "s": (_SPACE, False), "S": (_SPACE, True)}
_BOUNDARY = f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_NO_BOUNDARY = f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))"
_BOUNDARY_SIZE, _I_SIZE = 40, 5  # what is written for these takes as long to compile as so many characters
_NOWHERE = "" if re.search(r"\B", "") else r"(?!\A\Z)"  # an empty text has no \B before Python 3.14
_REPEAT = re.compile(r"(?:[*+?]|\{(?:(\d+)(?:,\d*)?|,\d*)\})[?+]?")
_OPENING = re.compile(r"\((?:\?(?:([aiLmsux]*)(-[imsx]+)?([:)])|P<\w+>|P=(\w+)\)|\([^)]*\)|<?[=!]|>|(#)[^)]*\)))?")
_ESCAPE = re.compile(
    r"\\(?:(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(N\{[^}]*\})|(0[0-7]{0,2}|[1-7][0-7]{2})"
    r"|([1-9][0-9]?)|(.))",
    re.DOTALL,
)
_OCTAL = re.compile(r"\\([0-7]{1,3})")
_FLAGS = {
    "a": re.ASCII,
    "i": re.IGNORECASE,
    "m": re.MULTILINE,
    "s": re.DOTALL,
    "u": re.UNICODE,
    "x": re.VERBOSE,
}
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass
class _Group:
    """What is known of a group while it is read: the flags in it, and how much it holds."""

    flags: re.RegexFlag
    size: int = 0
    last: int = 0
    """Size of its last item, which a repetition multiplies."""


@dataclass
class _Writer:
    """Writes one pattern."""

    pattern: re.Pattern[str]
    at: int = 0
    words: list[str] = field(default_factory=list[str])
    groups: list[_Group] = field(default_factory=list[_Group])
    run: int = 0

    @property
    def text(self) -> str:
        return self.pattern.pattern

    @property
    def group(self) -> _Group:
        return self.groups[-1]

    def has(self, flag: re.RegexFlag) -> bool:
        return bool(self.group.flags & flag)

    def write(self) -> str:
        self.groups = [_Group(re.RegexFlag(self.pattern.flags))]
        while self.at < len(self.text):
            self.one(self.text[self.at])
        return "".join(self.words)

    def one(self, mark: str) -> None:
        """Write what begins here."""
        if self.has(re.VERBOSE) and mark in " \t\n\r\v\f":
            self.at += 1
        elif self.has(re.VERBOSE) and mark == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end + 1
        elif mark == "(":
            self.open()
        elif mark == ")":
            inner = self.groups.pop()
            self.group.last = inner.size
            self.count(inner.size)
            self.put(")", 1)
        elif mark == "[":
            self.item(self.set())
        elif mark == "\\":
            self.escape()
        elif found := _REPEAT.match(self.text, self.at):
            self.repeat(found)
        elif mark in ".^$|":
            self.group.last = 1
            self.put(mark, 1)
        else:
            self.at += 1
            self.character(mark)

    def put(self, words: str, length: int) -> None:
        self.words.append(words)
        self.at += length

    def item(self, words: str) -> None:
        """Write a set or character; a long row of them is cut."""
        self.run += 1
        if self.run % _RUN == 0:
            self.words.append(_CUT)
        self.group.last = 1
        self.count(1)
        self.words.append(words)

    def character(self, character: str) -> None:
        one_of_them = character in _I and self.turkish
        if one_of_them:
            self.count(_I_SIZE - 1)
        self.item(f"[{_I}]" if one_of_them else _quoted(character))

    @property
    def turkish(self) -> bool:
        return self.has(re.IGNORECASE) and not self.has(re.ASCII)

    def count(self, more: int) -> None:
        self.group.size += more
        if self.group.size > LARGEST:
            why = f"too large: what it repeats is more than {LARGEST} characters, written out"
            raise BadPattern(self.text, why, self.at)

    def repeat(self, found: re.Match[str]) -> None:
        least = int(found[1] or 0)
        self.count(self.group.last * max(least - 1, 0))
        self.group.last *= max(least, 1)
        self.put(found[0].replace("{,", "{0,"), len(found[0]))

    def open(self) -> None:
        found = _OPENING.match(self.text, self.at)
        if not found:
            raise BadPattern(self.text, "a group of a kind that is not known", self.at)
        on, off, end, reference, comment = found.groups()
        if comment or end == ")":  # flags at the beginning are those of the whole
            self.at = found.end()
        elif reference:
            self.group.last = 1
            self.put(found[0], len(found[0]))
        else:
            if len(self.groups) > DEEPEST:
                raise BadPattern(self.text, f"more than {DEEPEST} groups within groups", self.at)
            flags = self.group.flags
            for letter in on or "":
                flags = flags & ~(re.ASCII | re.UNICODE) if letter in "au" else flags
                flags |= _FLAGS[letter]
            for letter in (off or "")[1:]:
                flags &= ~_FLAGS[letter]
            self.groups.append(_Group(flags))
            self.put(_without_x(found[0]) if end else found[0], len(found[0]))

    def escape(self) -> None:
        found = self.escaped()
        code, name, octal, number, letter = found.groups()
        if code or octal:
            self.character(chr(int(code[1:], 16) if code else int(octal, 8)))
        elif name:
            self.item(found[0])
        elif number:
            self.group.last = 1
            self.words.append(rf"\g<{number}>")
        elif letter in _SETS and not self.has(re.ASCII):
            inside, negated = _SETS[letter]
            self.item(f"[{'^' if negated else ''}{inside}]")
        elif letter in "bB":
            self.boundary(letter)
        elif letter in "AdDsSwWZ":
            self.item(found[0])
        elif letter == "z":
            self.item(r"\Z")
        else:
            self.character(_CONTROLS.get(letter, letter))

    def boundary(self, letter: str) -> None:
        self.count(_BOUNDARY_SIZE)
        ours = _BOUNDARY if letter == "b" else _NO_BOUNDARY
        self.words.append((_NOWHERE if letter == "B" else "") + (f"\\{letter}" if self.has(re.ASCII) else ours))

    def set(self) -> str:
        """Write a set of characters, from its bracket on."""
        start = self.at
        negated = self.text.startswith("^", self.at + 1)
        self.at += 1 + negated
        first, inside, others = self.at, "", list[str]()
        while self.at == first or self.text[self.at] != "]":
            one, other = self.member()
            inside += one
            others += [other] if other else []
            if self.text[self.at] == "-" and self.text[self.at + 1] != "]":
                self.at += 1
                inside += f"-{self.member()[0]}"
        self.at += 1
        words = f"[{'^' if negated and not others else ''}{inside}]" if inside else ""
        if others:
            words = f"(?:{'|'.join([words, *others] if words else others)})"
            words = f"(?:(?!{words})(?s:.))" if negated else words
        return self.with_i(words, self.text[start : self.at])

    def member(self) -> tuple[str, str]:
        """Write one member of a set; what can not stand in the same brackets comes second."""
        if self.text[self.at] != "\\":
            self.at += 1
            return _quoted(self.text[self.at - 1]), ""
        if found := _OCTAL.match(self.text, self.at):
            self.at = found.end()
            return _quoted(chr(int(found[1], 8))), ""
        found = self.escaped()
        code, name, _octal, _number, letter = found.groups()
        if code:
            return _quoted(chr(int(code[1:], 16))), ""
        if name or letter in "dD" or (letter in _SETS and self.has(re.ASCII)):
            return found[0], ""
        if letter in _SETS:
            inside, negated = _SETS[letter]
            return ("", f"[^{inside}]") if negated else (inside, "")
        return _quoted(_CONTROLS.get(letter, letter)), ""

    def escaped(self) -> re.Match[str]:
        """Read what begins with a backslash."""
        found = _ESCAPE.match(self.text, self.at)
        if not found:
            raise BadPattern(self.text, "an escape of a kind that is not known", self.at)
        self.at = found.end()
        return found

    def with_i(self, words: str, original: str) -> str:
        """Let a set that ignores case take of the letters I what ``re`` takes."""
        if not self.turkish:
            return words
        import regex

        wanted = "".join(re.findall(original, _I, re.IGNORECASE))
        if "".join(regex.findall(words, _I, regex.I | regex.V0)) == wanted:
            return words
        return f"(?:(?![{_I}]){words}|(?-i:[{wanted}]))" if wanted else f"(?:(?![{_I}]){words})"


def _without_x(opening: str) -> str:
    left = opening.replace("x", "")
    return "(?:" if left in {"(?-:", "(?:"} else left.replace("-:", ":")


def _quoted(character: str) -> str:
    return character if character.isalnum() or character == "_" else f"\\U{ord(character):08x}"


def rewritten(pattern: re.Pattern[str]) -> str:
    """Return a pattern, which ``re`` has read, in the words of ``regex``, without the flags that hold for all of it.

    Raises BadPattern if it is too deep, or too large once its repetitions are written out.
    """
    return _Writer(pattern).write()


__all__ = ["DEEPEST", "LARGEST", "LONGEST", "rewritten"]
