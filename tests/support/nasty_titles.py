"""Titles to try rules on: made up of what is hard about them."""

from __future__ import annotations

from random import Random

from apibot.core.site import SiteInfo
from apibot.data.titles.rules import SPECIAL

MANY = 5000
SEPARATOR = "\x1f"
"""Stands in no title, since the API takes it for the end of one."""

_WHITE = " \u00a0\u1680\u180e\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e\u2060\ufeff\u00ad\u061c\u2066\u034f\u115f\u3164"
_CONTROL = "\x00\x01\t\n\r\x0b\x7f\x80\x85\x9f\ufffd\ufffe\uffff\ud800\udfff"
_words = str.split
PIECES: list[tuple[list[str], float]] = [
    (_words("a B foo Foo_bar Zürich ß ŉ ı i İ ǆ ǅ ΐ ა ﬁ ⅷ ⓐ 𐐨 🐈 漢字"), 6),
    (["Foo bar", "👩\u200d🚀", "e\u0301", "\u0301", "\u1100\u1161", "\u212b", "\ufb1d", "\U0001d15e"], 2),
    (["\U000e0041", "\u0378", "\U0010ffff", " ", "  ", " : "], 1),
    (_words("_ __ : :: / // . .. ./ ../ /. /.. ... ~ ~~ ~~~ ~~~~~ # #x #a_b%20 ## % %4 %41 %c3%9f"), 4),
    (_words(r"""+ ? = ' " \ ^ ` $1 * ! @ , ; (x) -"""), 1),
    (_words("& &amp; &lt; &#65; &#x41; &#0; &#xD800; &#99999999999999999999; &eacute; &nbsp; &NotEqualTilde;"), 1),
    (_words("&רלמ; &foo; &#; &#x; &ampx; &#x202E; &#35; &#58; &amp;amp; &#x0000000000000041; &#10; &#13; &#x9;"), 1),
    (_words("127.0.0.1 001.02.3.4 1.2.3.4/24 1.2.3.256 010.000.00.1/32 ::1 :: fe80::1 FE80::0001/64 a:b::c:d"), 0.5),
    (_words("1:02:003:0004:5:6:7:8/128 1::/129 ::ffff:1.2.3.4 1::2::3 ::/0 abcd:: 1:2:3:4:5:6:7:: 12345::1"), 0.5),
    (_words("1:2:3:4:5:6:7:8 ::1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6::8 0:0::0:0 ::00/00 1::/128"), 0.5),
    ([*_WHITE, *_UNSEEN], 2),
    ([*_CONTROL, *"#<>[]|{}"], 0.5),
]
"""What titles are made of, and how often of each."""
_STARTS = ("", "", "", ":", " :", "_")
_COLONS = (":", ":", ":", " :_", "::", ": ")
_ENDS = ("", "", "", "#Top", "_", " #", "\u200e", "\n")


def _prefixes(site: SiteInfo, rng: Random) -> list[str]:
    """Names of namespaces and other wikis in several spellings."""
    names = [name for one in site.namespaces.values() for name in (one.name, one.canonical, *one.aliases) if name]
    names += [*site.interwikis][:12]
    return [
        spelled
        for name in names
        for spelled in (
            name,
            name.upper(),
            name.lower(),
            name.replace(" ", "_"),
            name.replace(" ", "_ \u00a0"),
            "".join(rng.choice((letter.upper(), letter.lower())) for letter in name),
        )
    ]


def cased() -> list[str]:
    """All characters that are other characters in another case."""
    every = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    return [one for one in every if (one.upper(), one.lower(), one.title()) != (one, one, one)]


def made_up(site: SiteInfo, seed: int, count: int = MANY) -> list[str]:
    """Titles, each once."""
    rng = Random(seed)
    spaces = _prefixes(site, rng)
    specials = [name for name in spaces if site.namespace_id(name) == SPECIAL]
    special = [alias for aliases in site.special_pages.values() for alias in aliases]
    found: dict[str, None] = {}
    while len(found) < count:
        kind = rng.choices(("long", "special", "any"), (5, 10, 85))[0]
        if kind == "long":
            text = _start(rng, spaces) + _long(rng)
        elif kind == "special":
            text = f"{rng.choice(specials)}:{rng.choice(special)}{rng.choice(('', '/x', '/a_b/', '#f'))}"
        else:
            text = _start(rng, spaces) + _middle(rng)
        text += rng.choice(_ENDS)
        if SEPARATOR not in text:
            found[text] = None
    return list(found)


def _start(rng: Random, spaces: list[str]) -> str:
    prefixes = rng.choices(spaces, k=rng.choice((0, 0, 1, 1, 1, 2, 3)))
    return rng.choice(_STARTS) + "".join(prefix + rng.choice(_COLONS) for prefix in prefixes)


def _long(rng: Random) -> str:
    """About as many bytes as a title can have."""
    letter = rng.choice(("x", "é", "漢", "🐈"))
    return letter * ((rng.choice((255, 512)) + rng.randint(-4, 4)) // len(letter.encode()))


def _middle(rng: Random) -> str:
    kinds = rng.choices([pieces for pieces, _ in PIECES], [weight for _, weight in PIECES], k=rng.randint(1, 5))
    return "".join(rng.choice(pieces) for pieces in kinds)
