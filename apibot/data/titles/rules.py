"""The rules of titles on a wiki: from a text to prefix, namespace, name and fragment, or to the reason why not.

These are MediaWiki's own (1.39: MediaWikiTitleCodec, Sanitizer's character references, UtfNormal's clean-up of all
input), made for one wiki from its siteinfo.  The names of things: a *key* is the text after all that is done before it
is taken apart; it has blanks where MediaWiki has underscores.
"""

from __future__ import annotations

import re

from apibot.core.errors import BadParameter, InvalidTitle
from apibot.core.site import SiteInfo
from apibot.data.pages import cleaned
from apibot.data.references import BAD
from apibot.data.titles.ip_names import address_name
from apibot.data.titles.letters import capitals, spellings
from apibot.data.titles.text import key_of, origin

MAIN, TALK, USER, USER_TALK, FILE, TEMPLATE, CATEGORY = 0, 1, 2, 3, 6, 10, 14
MEDIA, SPECIAL = -2, -1
"""Numbers of namespaces, the same on all wikis."""
_PREFIXED = frozenset({MAIN, TALK})
"""Namespaces in which names can not begin as if they were in another."""
_USERS = frozenset({USER, USER_TALK})
"""Namespaces in which names may be addresses."""
LONGEST, LONGEST_SPECIAL = 255, 512
"""Bytes of a name at most; of a special page's with what follows it."""
LEGAL = r""" %!"$&'()*,\-.\/0-9:;=?@A-Z\\^_`a-z~\x80-\xFF+"""
"""Characters that titles have on most wikis, as the wikis tell it: a class of bytes, in PHP's syntax."""

EMPTY = "a title needs a name"
NAMELESS = "the name of a namespace alone is no title"
UNREADABLE = "it holds a character that can not be in a text"
PREFIX = "what begins with a namespace or another wiki's prefix is no name"
DOUBLE = "a talk page's name can not begin with a namespace or another wiki's prefix"
ILLEGAL = "can not be in a title"
RELATIVE = "a part of a title can not be . or .. alone"
TILDES = "three tildes are a signature"
TOO_LONG = "it is too long; the most is {most} bytes"
BLANK = "a name can not end with a blank"
COLON = "a name can not begin with a colon"

_DOTS = re.compile(r"(?:^|/)(\.\.?)(?:/|$)")
_DOTTED = 3
"""Characters from which on a name without a slash can not be . or .."""
_PLAIN_CHARACTERS = (
    "!\"$'()*,\\-./0-9;=?@A-Z\\\\^`a-z\u00a1-\u02ff\u0400-\u0481\u05d0-\u05ea\u0621-\u064a\u3041-\u3096\u30a1-\u30fa"
    "\u30fc\u4e00-\u9fff\uac00-\ud7a3"
)
"""Legal everywhere, each the same in all normal forms on its own and beside its like; none white, none invisible."""
PLAIN = re.compile(f"[{_PLAIN_CHARACTERS}](?:[{_PLAIN_CHARACTERS}_:# ]*[{_PLAIN_CHARACTERS}])?")
"""Texts in which only blanks, underscores, colons and number signs may need a second look."""
_SHORT = LONGEST // 4
"""Characters that are never too many bytes."""

Split = tuple[str, int, str, str]
"""Interwiki prefix, namespace, name and fragment."""


class _Refused(Exception):
    """The key is no title; never leaves this module."""

    def __init__(self, reason: str, at: int) -> None:
        self.reason = reason
        self.at = at
        """In the key."""


class TitleRules:
    """What titles are on a wiki; kept by the site: ``site.kept(TitleRules)``.

    Parameters: ``site``, what the wiki says of itself.
    """

    def __init__(self, site: SiteInfo) -> None:
        self.site = site
        self.prefixes = {id: _prefix(space.name) for id, space in site.namespaces.items()}
        """What stands before a name, by number of the namespace."""
        self.canonical_prefixes = {id: _prefix(space.canonical or space.name) for id, space in site.namespaces.items()}
        """The same in English."""
        self._lower = site.lower
        self._ids = {name: id for name, id in site.namespace_ids.items() if name}
        # Prefixes are looked up in small letters: one that has others is never found.
        self._interwikis = {prefix for prefix in site.interwikis if site.lower(prefix) == prefix}
        self._own = {prefix for prefix in self._interwikis if site.interwikis[prefix].own}
        self._longest_prefix = max(map(len, [*self._ids, *self._interwikis, ""]))
        self._capitalised = {id for id, space in site.namespaces.items() if space.case != "case-sensitive"}
        self._capitals = capitals(site)
        self._characters, self._sequences = spellings(site)
        legal = site.setting("legaltitlechars") or LEGAL
        self._illegal = re.compile(f"[^{_class(legal)}]|%[0-9A-Fa-f]{{2}}|&[A-Za-z0-9\x80-\U0010ffff]+;")
        self._plain_prefixes = _plain_prefixes(site)
        self._usual = legal == LEGAL

    def plain(self, text: str, ns: int) -> Split | None:
        """Take a text apart that is PLAIN; None if it needs the full rules."""
        if not PLAIN.fullmatch(text) or not self._usual or ns not in self.prefixes:
            return None
        name = text.replace("_", " ") if "_" in text else text
        if "  " in name:
            return None
        fragment = ""
        if "#" in name:
            name, _hash, fragment = name.partition("#")
            name = name.rstrip(" ")
        if ":" in name:
            place = self._plain_place(name, ns)
            if place is None:
                return None
            ns, name = place
        if not name or name[0] in ": " or ("." in name and ("/" in name or len(name) < _DOTTED) and _DOTS.search(name)):
            return None
        if len(name) > _SHORT and len(name.encode()) > LONGEST:
            return None
        if ns in _USERS and (":" in name or name[0].isdigit()):
            return None
        if ns not in self._capitalised:
            return "", ns, name, fragment
        first = name[0]
        return "", ns, (self._capitals.get(first) or first.upper()) + name[1:], fragment

    def _plain_place(self, name: str, ns: int) -> tuple[int, str] | None:
        """Read the namespace that stands before a plain name; None if the full rules must."""
        prefix, _colon, rest = name.partition(":")
        found = self._plain_prefixes.get(prefix)
        if found is None:
            small = self._lower(prefix.rstrip(" "))
            if small in self._interwikis:
                return None
            found = self._ids.get(small)
            if found is None:
                return ns, name
        if found == TALK and ":" in rest and self._is_prefix(self._next_prefix(rest, 0, len(rest))[0]):
            return None
        return found, rest

    def full(self, text: str, ns: int, *, references: bool = True) -> Split:
        """Take a text apart by all the rules.

        Parameters: ``text``; ``ns``, the namespace of a text that names none; ``references``, whether it may hold
        character references (``&amp;``), as wikitext does and addresses do not.
        Raises InvalidTitle; BadParameter if there is no such namespace.
        """
        if ns not in self.prefixes:
            msg = f"The wiki {self.site.id} has no namespace {ns}."
            raise BadParameter(msg)
        try:
            return self._split(self._key(text, references=references), ns)
        except _Refused as refused:
            raise InvalidTitle(text, refused.reason, origin(text, refused.at, references=references)) from None

    def named(self, text: str, ns: int) -> str:
        """Return a name, which is all of a text, as the wiki has it in a namespace.

        Raises InvalidTitle if no page there can be called so.
        """
        try:
            return self._whole(self._key(text, references=False), ns)
        except _Refused as refused:
            raise InvalidTitle(text, refused.reason, origin(text, refused.at, references=False)) from None

    def _whole(self, key: str, ns: int) -> str:
        if BAD in key:
            raise _Refused(UNREADABLE, key.index(BAD))
        if not key:
            raise _Refused(EMPTY, 0)
        if ns in _PREFIXED and self._is_prefix(self._next_prefix(key, 0, len(key))[0]):
            raise _Refused(DOUBLE if ns == TALK else PREFIX, 0)
        self._check(key, 0, ns)
        return self._finished(key, 0, ns, external=False)

    def _is_prefix(self, small: str) -> bool:
        return bool(self._ids.get(small)) or small in self._interwikis

    def capital(self, name: str) -> str:
        """Return a name with its first letter as a capital."""
        first = name[:1]
        return (self._capitals.get(first) or first.upper()) + name[1:]

    def _key(self, text: str, *, references: bool) -> str:
        return key_of(text, self.cleaned, references=references)

    def cleaned(self, text: str) -> str:
        """Return a text as the wiki takes all that it is sent."""
        clean = cleaned(text)
        if self._characters:
            clean = clean.translate(self._characters)
        for sequence, character in self._sequences.items():
            clean = clean.replace(sequence, character)
        return clean

    def _split(self, key: str, ns: int) -> Split:
        if BAD in key:
            raise _Refused(UNREADABLE, key.index(BAD))
        start = 0
        if key.startswith(":"):
            ns, start = MAIN, _after(key, 1)
        if start == len(key):
            raise _Refused(EMPTY, start)
        interwiki, found, start, end = self._prefix(key, start)
        if found is not None:
            ns = found
        if interwiki in self._own:
            return self._split(self._key(self.site.general.mainpage, references=False), MAIN)
        if interwiki and key.startswith(":", start):
            ns, start = MAIN, _after(key, start + 1)
            end = max(start, len(key[:end].rstrip(" ")))
        name, hash_, fragment = key[start:end].partition("#")
        if hash_:
            name = name.rstrip(" ")
        self._check(name, start, ns)
        return interwiki, ns, self._finished(name, start, ns, external=bool(interwiki)), fragment

    def _finished(self, name: str, start: int, ns: int, *, external: bool) -> str:
        """Return a name as the wiki has it; refuse what can be no page of its namespace."""
        if not name and ns != MAIN:
            raise _Refused(NAMELESS, start)
        if not external and ns in self._capitalised:
            name = self.capital(name)
        if ns in _USERS:
            name = address_name(name)
        if name.startswith(":"):
            raise _Refused(COLON, start)
        if name.endswith(" "):  # a line's end that vanished stood behind it
            raise _Refused(BLANK, start + len(name) - 1)
        return name

    def _prefix(self, key: str, start: int) -> tuple[str, int | None, int, int]:
        """Read what stands before the name: interwiki prefix, namespace if one is named, where the name is.

        A prefix of the wiki itself alone is returned; followed by something it says nothing.
        """
        end = whole = len(key)
        if "\n" in key:  # MediaWiki's pattern for prefixes ends at a line's end, and at the last one drops it
            end -= key.endswith("\n")
            if "\n" in key[:end]:
                return "", None, start, whole
        while True:
            prefix, after = self._next_prefix(key, start, end)
            if not prefix:
                return "", None, start, whole
            ns = self._ids.get(prefix)
            if ns is not None:
                if ns == TALK:
                    inner, _after_it = self._next_prefix(key, after, end)
                    if self._is_prefix(inner):
                        raise _Refused(DOUBLE, after)
                return "", ns, after, end
            if prefix not in self._interwikis:
                return "", None, start, whole
            if prefix not in self._own or after == end:
                return prefix, None, after, end
            start, whole = after, end

    def _next_prefix(self, key: str, start: int, end: int) -> tuple[str, int]:
        """Return what stands before the next colon in small letters, and where it goes on; "" if it is no prefix."""
        colon = key.find(":", start + 1, min(end, start + self._longest_prefix + 2))
        if colon < 0:
            return "", start
        return self._lower(key[start:colon].rstrip(" ")), min(_after(key, colon + 1), end)

    def _check(self, name: str, start: int, ns: int) -> None:
        """Refuse a name for what it holds."""
        if bad := self._illegal.search(name):
            reason = f"{bad[0]!r} {ILLEGAL}"
            raise _Refused(reason, start + bad.start())
        if "." in name and (dots := _DOTS.search(name)):
            raise _Refused(RELATIVE, start + dots.start(1))
        if "~~~" in name:
            raise _Refused(TILDES, start + name.index("~~~"))
        most = LONGEST_SPECIAL if ns == SPECIAL else LONGEST
        if len(name) * 4 > most and len(found := name.encode()) > most:
            raise _Refused(TOO_LONG.format(most=most), start + len(found[:most].decode(errors="ignore")))


def _prefix(namespace: str) -> str:
    return f"{namespace}:" if namespace else ""


def _class(legal: str) -> str:
    """Return the inside of a class of bytes in PHP as one of characters in Python."""
    inside = legal.replace(r"\xFF", r"\U0010ffff").replace("[", r"\[")
    try:
        re.compile(f"[^{inside}]")
    except re.error:
        return _class(LEGAL)
    return inside


def _plain_prefixes(site: SiteInfo) -> dict[str, int]:
    """Return the namespaces by their names as they are usually written."""
    names = {name for one in site.namespaces.values() for name in (one.name, one.canonical, *one.aliases) if name}
    return {name: id for name in names if (id := site.namespace_id(name)) is not None}


def _after(key: str, start: int) -> int:
    """Return where a key goes on after a colon."""
    return start + 1 if key.startswith(" ", start) else start


__all__ = [
    "BLANK",
    "CATEGORY",
    "COLON",
    "DOUBLE",
    "EMPTY",
    "FILE",
    "ILLEGAL",
    "LEGAL",
    "LONGEST",
    "LONGEST_SPECIAL",
    "MAIN",
    "MEDIA",
    "NAMELESS",
    "PLAIN",
    "PREFIX",
    "RELATIVE",
    "SPECIAL",
    "TALK",
    "TEMPLATE",
    "TILDES",
    "TOO_LONG",
    "UNREADABLE",
    "USER",
    "USER_TALK",
    "Split",
    "TitleRules",
]
