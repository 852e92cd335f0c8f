"""Regular expressions of users and wiki pages, which may be malformed or hostile: bounded in time and size.

The language is that of Python's ``re`` (https://docs.python.org/3/library/re.html#regular-expression-syntax), which
reads each pattern first; `apibot.core.patternwords` then writes it in the words of ``regex``, which can be told to
give up. ``regex`` is loaded with the first pattern.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from apibot.core.errors import SHOWN, BadPattern, PatternTimeout
from apibot.core.patternwords import LONGEST, rewritten

if TYPE_CHECKING:
    import regex

SECONDS = 2.0
"""Seconds after which the search in one text is given up."""
_FLAGS = (re.IGNORECASE, re.MULTILINE, re.DOTALL, re.VERBOSE, re.ASCII)
_REMEMBERED = 256
_STOPPED = (TimeoutError, MemoryError)  # regex bounds the memory of a search
_REFERENCE = re.compile(r"\\(?:g<([^>]*)>|(0[0-7]{0,2}|[0-3][0-7]{2})|([1-9][0-9]?)|(.))", re.DOTALL)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


class Pattern:
    """A regular expression that gives up in time.

    Parameters: ``text``, as of ``re``; ``ignore_case``, ``multiline``, ``dotall``, ``verbose`` and ``ascii``, the
    flags of ``re`` by these names; ``seconds``, how long one search in one text may take.
    Raises BadPattern if it is none, is longer than LONGEST characters, nests too deep or repeats too much.
    """

    __slots__ = ("_found", "_re", "seconds", "text")

    def __init__(
        self,
        text: str,
        *,
        ignore_case: bool = False,
        multiline: bool = False,
        dotall: bool = False,
        verbose: bool = False,
        ascii: bool = False,  # noqa: A002  # the name of the flag
        seconds: float = SECONDS,
    ) -> None:
        self.text = text
        """As it was given."""
        self.seconds = seconds
        given = (ignore_case, multiline, dotall, verbose, ascii)
        flags = (flag for wanted, flag in zip(given, _FLAGS, strict=True) if wanted)
        self._re = _read(text, sum(flags, start=re.NOFLAG))
        self._found = _compiled(text, rewritten(self._re), self._re.flags)

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return self._re.groups

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
        """Find all places in a text, before the first is given; raises PatternTimeout."""
        return iter(list(self._all(text)))

    def sub(self, new: str | Template | Callable[[regex.Match[str]], str], text: str, count: int = 0) -> str:
        """Return a text with something else at the places, see ``subn``."""
        return self.subn(new, text, count)[0]

    def subn(
        self, new: str | Template | Callable[[regex.Match[str]], str], text: str, count: int = 0
    ) -> tuple[str, int]:
        r"""Put something else at the places in a text.

        Parameters: ``new``, a template (``\1``, ``\g<name>``), or a function from the match to the new text; ``text``;
        ``count``, how many places at most, 0 for all.
        Returns the new text and how many places there were. Raises PatternTimeout, BadPattern for a bad template.
        """
        if isinstance(new, str):
            new = self.template(new)
        pieces: list[str] = []
        done = places = 0
        for found in self._all(text) if isinstance(new, Template) else self.finditer(text):
            pieces += text[done : found.start()], new(found)
            done = found.end()
            places += 1
            if places == count:
                break
        return "".join([*pieces, text[done:]]), places

    def template(self, new: str) -> Template:
        """Read what is to be put at the places; raises BadPattern where ``re`` refuses it."""
        return Template(new, self._re)

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
        msg = (
            f"The regular expression {self.text[:SHOWN]!r} took {cost} on a text of {len(text)} characters and was "
            "given up. Repeat less within what is repeated."
        )
        raise PatternTimeout(msg) from None

    def __repr__(self) -> str:
        return f"<Pattern {self.text!r}>"


class Template:
    r"""What is put at the places of a pattern, as of ``re``: ``\1``, ``\g<name>``, ``\n`` in a text.

    Parameters: ``text``; ``pattern``, that it is for.
    """

    __slots__ = ("_parts",)

    def __init__(self, text: str, pattern: re.Pattern[str]) -> None:
        names = {number: f"?P<{name}>" for name, number in pattern.groupindex.items()}
        groups = "".join(f"({names.get(number, '')})" for number in range(1, pattern.groups + 1))
        try:
            re.sub(groups, text, "", count=1)  # has the same groups, and is quick
        except re.error as exc:
            raise BadPattern(text, f"not what to put there: {exc.msg}", exc.pos or 0) from None
        except IndexError as exc:
            named = ((found.start(), found[1]) for found in _REFERENCE.finditer(text) if found[1])
            unknown = (at for at, name in named if not name.isdecimal() and name not in pattern.groupindex)
            raise BadPattern(text, f"not what to put there: {exc}", next(unknown, 0)) from None
        self._parts = list(_parts(text))

    def __call__(self, found: regex.Match[str]) -> str:
        """Return the new text for a place."""
        return "".join([part if isinstance(part, str) else found[part[0]] or "" for part in self._parts])


def _parts(template: str) -> Iterator[str | tuple[str | int]]:
    """Take a template, which ``re`` has taken, apart: texts, and groups in tuples."""
    done = 0
    for found in _REFERENCE.finditer(template):
        yield template[done : found.start()]
        done = found.end()
        named, octal, number, other = found.groups()
        if octal:
            yield chr(int(octal, 8))
        elif other:
            yield _ESCAPES.get(other, found[0])
        else:
            group = number or named
            yield (int(group) if group.isdecimal() else group,)
    yield template[done:]


@lru_cache(_REMEMBERED)
def compiled(text: str, *, ignore_case: bool = False) -> Pattern:
    """Return a pattern, made once for each text; as of ``Pattern``."""
    return Pattern(text, ignore_case=ignore_case)


def _read(text: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """Let ``re`` read a pattern."""
    if len(text) > LONGEST:
        raise BadPattern(text, f"longer than {LONGEST} characters", LONGEST)
    try:
        return re.compile(text, flags)
    except re.error as exc:
        raise BadPattern(text, f"no regular expression: {exc.msg}", exc.pos or 0) from None
    except (RecursionError, OverflowError) as exc:
        raise BadPattern(text, f"no regular expression: {exc}") from None


def _compiled(text: str, words: str, flags: int) -> regex.Pattern[str]:
    """Let ``regex`` read a pattern in its own words."""
    import regex

    kept = {
        re.IGNORECASE: regex.IGNORECASE,
        re.MULTILINE: regex.MULTILINE,
        re.DOTALL: regex.DOTALL,
        re.ASCII: regex.ASCII,
    }
    try:
        return regex.compile(words, sum((ours for theirs, ours in kept.items() if flags & theirs), start=regex.V0))
    except (regex.error, RecursionError) as exc:
        raise BadPattern(text, f"can not be run: {exc}") from None


__all__ = ["SECONDS", "Pattern", "Template", "compiled"]
