r"""Regular expressions of users and wiki pages, which may be malformed or hostile: bounded in time and memory.

The language is that of the package ``regex``, version 0 (https://pypi.org/project/regex/), which is that of Python's
``re`` and more, with these rules of our own:

- a ``{`` that begins no repetition (``{n}``, ``{n,}``, ``{n,m}``, ``{,m}``) is a brace, since wikitext is full of
  them; ``regex`` would take some for fuzzy matching;
- refused is what can not be bounded, or leaves places that overlap or go backwards: recursion, lists, verbs, ``\K``,
  and all flags but a, i, m, s, u.

``regex`` can not be stopped before it searches, nor within one step of a search. So a pattern is weighed before it is
compiled: ``regex`` keeps a copy of whatever must be repeated, builds tables for a text that grow with the third power
of its length, and looks through a set from its beginning for each character. On a text of 2 MiB a search may still be
given up some seconds late, and take some hundred megabytes. ``regex`` is loaded with the first pattern.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from apibot.core.errors import SHOWN, BadParameter, BadPattern, PatternTimeout

if TYPE_CHECKING:
    import regex

SECONDS = 2.0
"""Seconds after which the search in one text is given up."""
LONGEST = 10_000
"""Characters of a pattern at most."""
LARGEST = 20_000
"""Parts of a pattern at most, when what it repeats is written out as often as it must be there; each takes 1 kB."""
DEEPEST = 50
"""Groups within groups at most."""
WIDEST = 2_000
"""Alternatives of a pattern at most, of which each character of its sets and properties counts for two."""
GROWTH = 1 << 24
"""Characters by which replacing may lengthen a text at most."""
KEPT = 1 << 20
"""Places with their groups that are held at once at most, each group counting as a place."""
_RUN = (
    50  # parts after which a text is cut, since regex builds tables for it, and a row of alternatives, which it joins
)
_LOOP = 30  # characters of a set that regex may repeat in one step, in which it does not look at the clock
_CUT = "(?!(?!))"  # matches nothing, always and in one way; regex does not see through it
_REMEMBERED = 64
_STOPPED = (TimeoutError, MemoryError)  # regex bounds the memory of a search
_FLAGS = "[aimsu]*(?:-[ims]+)?"
_PROPERTY = r"[pP]\{\^?[A-Za-z0-9][A-Za-z0-9 _&.-]*(?:[:=][A-Za-z0-9][A-Za-z0-9 _&./-]*)?\}"
_CODE = r"N\{[A-Za-z0-9 -]+\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-9]{1,3}"
_MEMBER = re.compile(r"\\.|\[:\^?[A-Za-z]+:\]|[^\]\\]", re.DOTALL)
_TOKENS = {
    "nothing": rf"\(\?(?:\#(?:\\.|[^\\)])*+|{_FLAGS})\)",
    "open": rf"\((?![?*])|\(\?(?:{_FLAGS}:|P?<\w+>|<?[=!]|>|\||\(\w+\))",
    "close": r"\)",
    "either": r"\|",
    "repeat": r"(?:[*+?]|\{(?:(?P<least>[0-9]+)(?:,[0-9]*)?|,[0-9]*)\})[?+]?",
    "set": rf"\[\^?\]?(?:{_MEMBER.pattern})*+\]",
    "property": rf"\\(?:{_PROPERTY}|[pP][CLMNPSZ])",
    "part": rf"\(\?P=\w+\)|\\(?:{_CODE}|g<\w+>|[^gKL])|[^\\(\[]",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{token})" for kind, token in _TOKENS.items()), re.DOTALL)
_WIDTHS = {"either": 1, "set": 2, "property": 2}
_DIGITS = 10  # of a number, more than any that is taken
_UNKNOWN = {
    "(": "a group, flag or verb of a kind that is not taken",
    "[": "a set without its ]",
    "\\": "an escape of a kind that is not taken",
}
_ESCAPE = re.compile(rf"\\(?:{_CODE}|g<[^>]*>|.|$)", re.DOTALL)
_REFERENCE = re.compile(r"\\(?:(g<|[1-9])|.)", re.DOTALL)
_FAULTS = (ValueError, TypeError, IndexError, RecursionError, OverflowError, MemoryError)  # of regex, beside its own


class Pattern:
    """A regular expression that gives up in time.

    Parameters: ``text``, as of ``regex``, with the rules above; ``ignore_case``; ``seconds``, how long one search in
    one text may take.
    Raises BadPattern if it is none, or takes more than LONGEST, LARGEST, DEEPEST or WIDEST.
    """

    __slots__ = ("_found", "seconds", "text")

    def __init__(self, text: str, *, ignore_case: bool = False, seconds: float = SECONDS) -> None:
        self.text = text
        """As it was given."""
        self.seconds = seconds
        self._found = _compiled(text, ignore_case=ignore_case)

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return self._found.groups

    def search(self, text: str) -> regex.Match[str] | None:
        """Find the first place in a text; raises PatternTimeout."""
        try:
            return self._found.search(text, timeout=self.seconds)
        except _STOPPED as exc:
            self._give_up(text, exc)

    def fullmatch(self, text: str) -> regex.Match[str] | None:
        """Say whether the whole text is meant; raises PatternTimeout."""
        try:
            return self._found.fullmatch(text, timeout=self.seconds)
        except _STOPPED as exc:
            self._give_up(text, exc)

    def finditer(self, text: str) -> Iterator[regex.Match[str]]:
        """Find all places in a text, before the first is given; raises PatternTimeout, also for more than KEPT."""
        most = KEPT // (self.groups + 1)
        places: list[regex.Match[str]] = []
        for found in self._all(text):
            if len(places) == most:
                self._give_up(text, MemoryError())
            places.append(found)
        return iter(places)

    def sub(self, new: str | Template | Callable[[regex.Match[str]], str], text: str, count: int = 0) -> str:
        """Return a text with something else at the places, see ``subn``."""
        return self.subn(new, text, count)[0]

    def subn(
        self,
        new: str | Template | Callable[[regex.Match[str]], str],
        text: str,
        count: int = 0,
        *,
        where: Callable[[regex.Match[str]], bool] | None = None,
    ) -> tuple[str, int]:
        r"""Put something else at the places in a text.

        Parameters: ``new``, a template (``\1``, ``\g<name>``), or a function from the match to the new text; ``text``;
        ``count``, how many places at most, 0 for all; ``where``, says of each place in turn whether it is one.
        Returns the new text and how many places there were.
        Raises BadPattern for a bad template; PatternTimeout, also if the text would grow by more than GROWTH.
        """
        if isinstance(new, str):
            new = self.template(new)
        pieces: list[str] = []
        done = places = 0
        room = len(text) + GROWTH
        for found in self._all(text) if isinstance(new, Template) else self.finditer(text):
            if where and not where(found):
                continue
            if isinstance(new, Template) and new.most(found) > room:
                self._refuse(
                    f"would make a text of {len(text)} characters longer by more than {GROWTH}", "Put less there"
                )
            pieces += text[done : found.start()], _text(new(found))
            room -= len(pieces[-1])
            done = found.end()
            places += 1
            if places == count:
                break
        return "".join([*pieces, text[done:]]), places

    def template(self, new: str, *, plain: bool = False) -> Template:
        """Read what is to be put at the places, or take it as it is if ``plain``; raises BadPattern."""
        return Template(new, None if plain else self._found)

    def _all(self, text: str) -> Iterator[regex.Match[str]]:
        """Find all places; to be used up at once, since the time between two counts too."""
        end = time.monotonic() + self.seconds
        try:
            for found in self._found.finditer(text, timeout=self.seconds):
                yield found
                if time.monotonic() > end:  # regex looks at the clock in a long search only
                    self._give_up(text, TimeoutError())
        except _STOPPED as exc:
            self._give_up(text, exc)

    def _give_up(self, text: str, why: Exception) -> NoReturn:
        cost = "more memory than it may" if isinstance(why, MemoryError) else f"more than {self.seconds:g} s"
        self._refuse(f"took {cost} on a text of {len(text)} characters", "Repeat less within what is repeated")

    def _refuse(self, what: str, hint: str) -> NoReturn:
        msg = f"The regular expression {self.text[:SHOWN]!r} {what} and was given up. {hint}."
        raise PatternTimeout(msg) from None

    def __repr__(self) -> str:
        return f"<Pattern {self.text!r}>"


class Template:
    r"""What is put at the places of a pattern: ``\1``, ``\g<name>``, ``\n`` in a text, as of ``regex``.

    Parameters: ``text``; ``pattern``, that it is for; None for a text that stands for itself.
    Raises BadPattern for unknown groups and escapes.
    """

    __slots__ = ("_plain", "_references", "text")

    def __init__(self, text: str, pattern: regex.Pattern[str] | None) -> None:
        self.text = text
        """As it was given."""
        self._plain = pattern is None or "\\" not in text
        self._references = 0 if self._plain else sum(1 for found in _REFERENCE.finditer(text) if found[1])
        if pattern is not None and not self._plain:
            _check(text, pattern)

    def most(self, found: regex.Match[str]) -> int:
        """Return how many characters it puts at a place at most."""
        longest = max(end - start for start, end in found.regs) if self._references else 0
        return len(self.text) + self._references * longest

    def __call__(self, found: regex.Match[str]) -> str:
        """Return the new text for a place."""
        return self.text if self._plain else found.expand(self.text)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    msg = f"The function that is to return what is put at a place returned {value!r:.200}, no text."
    raise BadParameter(msg)


def _check(template: str, pattern: regex.Pattern[str]) -> None:
    """Try a template on a match that has the same groups, all of them empty."""
    import regex

    names = {number: f"?P<{name}>" for name, number in pattern.groupindex.items()}
    groups = "".join(f"({names.get(number, '')})" for number in range(1, pattern.groups + 1))
    tried = regex.compile(groups, regex.V0, cache_pattern=False).match("")
    if tried and (fault := _fault(template, tried)):
        alone = (found.start() for found in _ESCAPE.finditer(template) if _fault(found[0], tried))
        raise BadPattern(template, f"not what to put there: {fault}", next(alone, 0))


def _fault(template: str, tried: regex.Match[str]) -> str:
    """Return what is wrong with a template; "" if it can be used."""
    import regex

    try:
        tried.expand(template)
    except (regex.error, *_FAULTS) as exc:
        return _said(exc)
    return ""


def _said(exc: Exception) -> str:
    return getattr(exc, "msg", None) or str(exc) or "it takes too much memory"


@lru_cache(_REMEMBERED)
def compiled(text: str, *, ignore_case: bool = False) -> Pattern:
    """Return a pattern, made once for each text; as of ``Pattern``."""
    return Pattern(text, ignore_case=ignore_case)


def _compiled(text: str, *, ignore_case: bool) -> regex.Pattern[str]:
    """Weigh a pattern and let ``regex`` compile it."""
    if len(text) > LONGEST:
        raise BadPattern(text, f"longer than {LONGEST} characters", LONGEST)
    words = _read(text)
    import regex

    flags = regex.V0 | (regex.I if ignore_case else 0)
    try:
        return regex.compile("".join(word for _, word in words), flags, cache_pattern=False)
    except (regex.error, *_FAULTS) as exc:
        position = _origin(text, words, getattr(exc, "pos", None) or 0)
        raise BadPattern(text, f"no regular expression: {_said(exc)}", position) from None


@dataclass
class _Weight:
    """What is known of a pattern while it is read."""

    groups: list[int] = field(default_factory=lambda: [0])
    """Parts of the groups that are open, the whole pattern first."""
    last: int = 0
    """Parts of what a repetition would multiply."""
    width: int = 0

    def add(self, kind: str, length: int, times: int) -> None:
        """Count a token."""
        if kind == "open":
            self.groups.append(1)
        elif kind == "close":
            self.last = self.groups.pop()
            self.groups[-1] += self.last
        elif kind == "repeat":
            self.groups[-1] += self.last * (times - 1)
            self.last *= times
        elif kind != "nothing":
            self.last = length if kind in _WIDTHS else 1
            self.groups[-1] += self.last
            self.width += _WIDTHS.get(kind, 0) * self.last

    def fault(self) -> str:
        """Say what is too much, if anything is."""
        if self.groups[-1] > LARGEST:
            return f"too large: what it repeats is more than {LARGEST} parts, written out"
        if self.width > WIDEST:
            return f"too wide: alternatives, and twice the characters of sets, are more than {WIDEST}"
        return f"more than {DEEPEST} groups within groups" if len(self.groups) > DEEPEST + 1 else ""


def _read(text: str) -> list[tuple[int, str]]:
    """Write a pattern as ``regex`` shall read it, by tokens, each with where it was; refuse what is too much."""
    weight = _Weight()
    words: list[tuple[int, str]] = []
    at = run = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise BadPattern(text, _UNKNOWN[text[at]], at)
        kind, word = found.lastgroup or "", found[0]
        if kind == "close" and len(weight.groups) == 1:
            raise BadPattern(text, "a ) without its (", at)
        weight.add(kind, len(word), int((found["least"] or "").lstrip("0")[:_DIGITS] or 1))
        if fault := weight.fault():
            raise BadPattern(text, fault, at)
        run += weight.last if kind in _WIDTHS else 1
        if run >= _RUN and kind not in {"repeat", "nothing"}:
            words.append((at, _CUT))
            run = 0
        words.append((at, _written(kind, word)))
        at = found.end()
    return words


def _written(kind: str, word: str) -> str:
    """Write a token so that ``regex`` can not read it in another way."""
    if kind == "set":
        quoted = word[0] + _MEMBER.sub(lambda found: r"\[" if found[0] == "[" else found[0], word[1:-1]) + word[-1]
        return f"(?:{_CUT}{quoted})" if len(word) > _LOOP else quoted
    if word.startswith("(?#"):
        return "(?#)"
    return r"\{" if word == "{" else word


def _origin(text: str, words: list[tuple[int, str]], position: int) -> int:
    """Return where in a pattern is what stands at a position of its words."""
    done = 0
    for (start, word), (end, _) in pairwise([*words, (len(text), "")]):
        if position < done + len(word):
            return min(start + position - done, end)
        done += len(word)
    return len(text)


__all__ = ["DEEPEST", "GROWTH", "KEPT", "LARGEST", "LONGEST", "SECONDS", "WIDEST", "Pattern", "Template", "compiled"]
