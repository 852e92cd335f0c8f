"""Time stamps of signatures, in the wiki's language and time zone.

What ``~~~~`` and ``~~~~~`` become (https://www.mediawiki.org/wiki/Help:Signatures) is in the date format that the
content's language has by default, followed by the abbreviation of the time zone between parentheses. The formats are
not to be had from the API, but the five parts tell themselves: hour and minute stand together, the year has four
digits, the month has a name or stands beside the day. All that takes time in proportion to the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple, Self

from apibot.core.arguments import checked
from apibot.core.site import SiteInfo

_FULL = [
    *("january", "february", "march", "april", "may_long", "june", "july"),
    *("august", "september", "october", "november", "december"),
]
_GENITIVE = [f"{name.removesuffix('_long')}-gen" for name in _FULL]
_SHORT = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MESSAGES = (*_FULL, *_GENITIVE, *_SHORT, "timezone-utc")
"""The interface messages with the words of dates (``meta=allmessages``), in the content's language. There is also
``timezone-`` with another abbreviation in small letters, on wikis that have one for their zone."""
_ZONE_MESSAGE = re.compile(r"timezone-(?!local$)([a-z]{2,6})")
_REACH = 120
"""Characters that a time stamp takes at most."""
_GAP = re.compile(r"[^\n\[\]{}|<>]{0,40}")
"""What may stand between two of its parts."""
_DIGIT = r"[\d\u3007一二三四五六七八九]"
_CLOCK = {":": 2, "h": 2, "時": 2, ".": 1}
"""What stands between hours and minutes; a dot may also stand in a date."""
_THAI, _THAI_YEARS = 543, range(2533, 2700)
_PARTS, _YEAR_DIGITS, _MONTHS, _HOURS, _MINUTES = 5, 4, 12, 24, 60
_DAY = _HOURS * _MINUTES


class Stamp(NamedTuple):
    """A time stamp: from where to where it stands in the text, its zone included, and the time in UTC."""

    start: int
    end: int
    time: datetime


@dataclass(frozen=True)
class DateWords:
    """The words of dates in a language.

    Parameters: ``months``, their numbers by name, in all forms and cases; ``zones``, the usual abbreviation by what
    the wiki writes for a time zone.
    """

    months: Mapping[str, int]
    zones: Mapping[str, str]

    @classmethod
    def from_messages(cls, messages: Mapping[str, str]) -> Self:
        """Take them from the wiki's interface messages, as many of MESSAGES as there are, in the content's language."""
        names = {
            messages.get(key, "").strip(): number
            for keys in (_SHORT, _GENITIVE, _FULL)
            for number, key in enumerate(keys, 1)
        }
        found = ((_ZONE_MESSAGE.fullmatch(key), text) for key, text in messages.items())
        return cls(
            months={name: number for name, number in names.items() if re.search(r"[^\W\d_]", name)},
            zones={text: key[1].upper() for key, text in found if key},
        )

    @cached_property
    def token(self) -> re.Pattern[str]:
        """What a time stamp is made of: asides between parentheses, numbers, names of months."""
        names = "|".join(re.escape(name) for name in sorted(self.months, key=len, reverse=True))
        return re.compile(rf"[(\uff08][^()\uff08\uff09]*[)\uff09]|(?<!\d)({names or '(?!)'})|({_DIGIT}+)")


def _english() -> DateWords:
    return DateWords.from_messages(
        {key: key.removesuffix("_long").removesuffix("-gen").capitalize() for key in MESSAGES[:-1]}
    )


ENGLISH = _english()


class _Token(NamedTuple):
    start: int
    end: int
    value: int
    kind: str
    """``number``, ``year`` or ``month``."""


@checked
def find_timestamps(text: str, site: SiteInfo, words: DateWords = ENGLISH) -> list[Stamp]:
    """Find the time stamps of signatures in a text.

    Parameters: ``text``, wikitext; ``site``, the wiki, for its time zone; ``words``, of its language.
    Returns them from first to last. The hour that comes twice when the clock is set back is told by the abbreviation.
    One with an abbreviation that the wiki's zone does not have, other than UTC and GMT, is not among them; nor is one
    whose date there is not. Years of the Thai calendar are understood.
    """
    zone = _zone(site.general.timezone, site.general.timeoffset)
    names = {**{name: name for name in zone.offsets}, **words.zones}
    ending = re.compile(rf"\(({'|'.join(re.escape(name) for name in sorted(names, key=len, reverse=True))})\)")
    return list(_stamps(text, ending, names, zone, words))


@checked
def newest(text: str, site: SiteInfo, words: DateWords = ENGLISH) -> datetime | None:
    """Return the time, in UTC, of the newest time stamp in a text, None if there is none; as ``find_timestamps``."""
    return max((stamp.time for stamp in find_timestamps(text, site, words)), default=None)


def _stamps(
    text: str, ending: re.Pattern[str], names: Mapping[str, str], zone: _Zone, words: DateWords
) -> Iterator[Stamp]:
    done = 0
    for found in ending.finditer(text):
        begin = max(done, found.start() - _REACH, text.rfind("\n", done, found.start()) + 1)
        done = found.end()
        tokens = [
            _Token(at.start(), at.end(), words.months[at[1]], "month") if at[1] else _number(at)
            for at in words.token.finditer(text, begin, found.start())
            if at[1] or at[2]
        ][-_PARTS:]
        if len(tokens) < _PARTS:
            continue
        gaps = [text[one.end : other.start] for one, other in pairwise(tokens)]
        if all(map(_GAP.fullmatch, [*gaps, text[tokens[-1].end : found.start()]])):
            local = _read(tokens, gaps)
            if local and (time := zone.utc(local, names[found[1]])):
                yield Stamp(tokens[0].start, found.end(), time)


def _number(found: re.Match[str]) -> _Token:
    digits = "".join(str(int(unicodedata.numeric(digit))) for digit in found[2][: _YEAR_DIGITS + 1])
    return _Token(found.start(), found.end(), int(digits), "year" if len(digits) == _YEAR_DIGITS else "number")


def _read(tokens: list[_Token], gaps: list[str]) -> datetime | None:
    """Read five parts as a time on the wiki's clock, None if they are none."""
    kinds = [token.kind for token in tokens]
    if kinds.count("year") != 1 or kinds.count("month") > 1:
        return None
    clock_first = _clock_first(kinds, gaps)
    hour, minute = tokens[:2] if clock_first else tokens[3:]
    date = tokens[2:] if clock_first else tokens[:3]
    between = gaps[0] if clock_first else gaps[-1]
    if {hour.kind, minute.kind} != {"number"} or between not in _CLOCK or minute.end - minute.start != len("00"):
        return None
    year = next(token.value for token in date if token.kind == "year")
    first, second = (token for token in date if token.kind != "year")
    if second.kind == "month" or (first.kind != "month" and date[0].kind != "year" and second.value <= _MONTHS):
        first, second = second, first
    try:
        return datetime(_gregorian(year), first.value, second.value, hour.value, minute.value)  # noqa: DTZ001  # the zone is told apart
    except ValueError:
        return None


def _clock_first(kinds: list[str], gaps: list[str]) -> bool:
    """Say whether hour and minute stand before the date."""
    year = kinds.index("year")
    if year != len(kinds) // 2:
        return year > len(kinds) // 2
    if "month" in kinds:
        return kinds.index("month") > year
    return _CLOCK.get(gaps[0], 0) >= _CLOCK.get(gaps[-1], 0)


def _gregorian(year: int) -> int:
    return year - _THAI if year in _THAI_YEARS else year


class _Zone:
    """A time zone and the abbreviations it has had.

    Parameters: ``info``; ``offsets``, from UTC by abbreviation.
    """

    def __init__(self, info: tzinfo, offsets: Mapping[str, timedelta]) -> None:
        self.info = info
        self.offsets = offsets

    def utc(self, local: datetime, name: str) -> datetime | None:
        """Return the time in UTC of a time on the clock; None if there is none, at the ends of the calendar."""
        try:
            for fold in (0, 1):
                there = local.replace(tzinfo=self.info, fold=fold)
                if there.tzname() == name:
                    return there.astimezone(UTC)
            return (local - self.offsets[name]).replace(tzinfo=UTC)
        except (KeyError, OverflowError):
            return None


@lru_cache(64)
def _zone(name: str, minutes: int) -> _Zone:
    """Return a zone by its IANA name, or where that is not known by its minutes east of UTC."""
    from datetime import timezone
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    always = {"UTC": timedelta(), "GMT": timedelta()}
    try:
        info = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        offset = timedelta(minutes=minutes if abs(minutes) < _DAY else 0)  # junk reads as nothing
        return _Zone(timezone(offset), always)
    days = (datetime(year, month, 1, tzinfo=info) for year in range(2001, 2038) for month in range(1, 13))
    return _Zone(info, {str(day.tzname()): day.utcoffset() or timedelta() for day in days} | always)


__all__ = ["ENGLISH", "MESSAGES", "DateWords", "Stamp", "find_timestamps", "newest"]
