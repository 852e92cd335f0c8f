"""What holds for all titles, whatever the text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from apibot.core.errors import InvalidTitle
from apibot.data import Title
from apibot.data.titles.rules import PLAIN, TitleRules
from tests.support.made_up_wiki import NAMES, SITE
from tests.support.nasty_titles import PIECES

often = settings(
    max_examples=300,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
PREFIXES = ["Talk:", "Bild:", "acme:", "own:", "fr:", "User:"]

nasty = st.lists(
    st.sampled_from([*dict.fromkeys(piece for pieces, _ in PIECES for piece in pieces), *PREFIXES])
    | st.text(max_size=3),
    max_size=6,
).map("".join)


def read(text: str, ns: int = 0) -> Title | InvalidTitle:
    """The title, or why there is none."""
    try:
        return Title.parse(text, SITE, ns=ns)
    except InvalidTitle as error:
        return error


@often
@given(nasty, st.sampled_from([*NAMES]))
def test_any_text_is_a_title_or_refused(text: str, ns: int) -> None:
    title = read(text, ns)
    if isinstance(title, InvalidTitle):
        assert title.text == text
        assert 0 <= title.position <= len(text)
        return
    assert len(title.name.encode()) <= (512 if title.ns == -1 else 765)
    stable = unicodedata.is_normalized("NFC", title.full) and len(title.name.encode()) <= 255 and "\n" not in text
    assume(stable and title.name and not title.external)
    again = Title.parse(f":{title.full}", SITE)
    assert again == title.without_fragment
    assert Title.parse(again.full, SITE) == again
    assert Title.parse(again.as_link()[2:-2], SITE) == again
    assert Title.of(again.ns, again.key, SITE) == again


@often
@given(nasty)
def test_addresses_lead_back(text: str) -> None:
    title = read(text)
    assume(isinstance(title, Title) and title.name)
    assert isinstance(title, Title)
    whole = f"{title.full}{title.fragment}"
    assume(unicodedata.is_normalized("NFC", whole) and not set(whole) & {"\t", "\n", "\r", "\x0c", "\ufffd"})
    assume("\n" not in text)
    if title.external:
        assume("$1" in SITE.interwikis[title.interwiki].url)
        assert Title.from_url(title.without_fragment.url, SITE).url == title.without_fragment.url
    else:
        assert Title.from_url(title.url, SITE) == title


@often
@given(nasty)
def test_a_talk_page_leads_back(text: str) -> None:
    title = read(text)
    assume(isinstance(title, Title) and title.name and not title.external and title.ns | 1 in NAMES and title.ns >= 0)
    assert isinstance(title, Title)
    talk = title.talk
    assert talk.is_talk
    assert talk.subject.talk == talk
    assert not talk.subject.is_talk
    assert talk.subject.name == talk.name == title.name


@often
@given(st.from_regex(PLAIN, fullmatch=True) | nasty, st.sampled_from([*NAMES]))
def test_the_short_way_ends_where_the_long_one_does(text: str, ns: int) -> None:
    assume(PLAIN.fullmatch(text))
    rules = SITE.kept(TitleRules)
    short = rules.plain(text, ns)
    if short is not None:
        assert short == rules.full(text, ns)


def test_plain_characters_are_plain() -> None:
    """Each is legal, no space, the same in normal form, and melts into nothing before it."""
    rules = SITE.kept(TitleRules)
    plain = [one for one in map(chr, range(0x110000)) if PLAIN.fullmatch(one)]
    assert len(plain) > 30_000
    second = {
        unicodedata.normalize("NFD", chr(code))[-1]
        for code in range(0x110000)
        if len(unicodedata.normalize("NFD", chr(code))) > 1
    }
    for one in plain:
        assert unicodedata.is_normalized("NFC", one)
        assert unicodedata.combining(one) == 0
        assert one not in second
        if one not in "./":
            assert rules.full(f"x{one}", 0) == ("", 0, f"X{one}", "")


HOSTILE = [
    *("own:", "own: ", "a", ":", "_", "&", "&a", "&#", "&#1", "&amp;", "%", "~", "./", "../", "/", "#", "e\u0301"),
    *("\u0301", "\u200e", " \u3000", "<", "Talk:", "acme:", "1:", "0", "1.", "\U0001d15e", "\n", "\x00", "own:\n"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_two_mebibytes_end_soon(piece: str) -> None:
    text = piece * (2**21 // len(piece.encode()))
    begin = time.perf_counter()
    title = read(text)
    assert not isinstance(title, InvalidTitle) or len(str(title)) < 3000
    assert time.perf_counter() - begin < 20
