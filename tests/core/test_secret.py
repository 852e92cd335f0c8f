"""apibot.core.secret: what was learned is found in all forms, and no more is kept than needed."""

from __future__ import annotations

import html
import json
import threading
import time
from unicodedata import normalize
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apibot.core.secret import HIDDEN, SHORTEST, Secret, Shroud, secret_cookies, secrets_among, without_secrets

PASSWORDS = [
    'pä"ss wörd+123',
    "p/a'ss\\w&rd<>",
    "line\nbreak\tand tab",
    "100%25 sure%2B",
    "漢字漢字漢字漢字🦊",
    "\u0001\u2028\ud800 odd one",
    "e\u0301e\u0301e\u0301e\u0301 decomposed",
    "'''\"\"\"'''\"\"\"",
]


def forms(secret: str) -> list[str]:
    """Return texts in which a secret stands as others write it."""
    address = {"safe": "", "errors": "surrogatepass"}
    return [
        secret,
        normalize("NFC", secret),
        quote(secret, **address),
        quote_plus(secret, **address),
        urlencode({"password": secret}, errors="surrogatepass"),
        json.dumps({"password": secret}),
        json.dumps([secret], ensure_ascii=False),
        json.dumps([secret]).replace("/", "\\/"),  # as PHP does
        html.escape(secret),
        html.escape(secret).replace("&#x27;", "&#039;"),
        repr({"password": secret}),
    ]


@pytest.mark.parametrize("secret", PASSWORDS)
def test_a_secret_is_hidden_in_all_forms(secret: str) -> None:
    shroud = Shroud()
    shroud.learn([secret])
    for text in forms(secret):
        shown = shroud.over(f"the wiki says: {text}, no less")
        assert HIDDEN in shown
        assert len(shown) < len("the wiki says: , no less") + 30
        assert not [one for one in forms(secret)[:4] if one in shown]


@given(secret=st.text(st.characters(), min_size=SHORTEST, max_size=40))
@example("********")
def test_any_text_is_hidden(secret: str) -> None:
    shroud = Shroud()
    shroud.learn([Secret(secret).reveal()])
    for text in forms(secret):
        if len(text) >= SHORTEST:
            assert secret not in shroud.over(f"<{text}>")


def test_short_ones_stay_and_tokens_are_known_without_their_end() -> None:
    shroud = Shroud()
    shroud.learn(["short+\\", "+\\", "", "0123456789abcdef+\\"], passing=True)
    assert shroud.over("short +\\ and 0123456789abcdef, 0123456789abcdef+\\") == "short +\\ and ***, ***+\\"


def test_a_longer_one_leaves_nothing_of_itself() -> None:
    shroud = Shroud()
    shroud.learn(["hunter2-0123", "hunter2-0123-and-more"])
    assert shroud.over("xhunter2-0123-and-more") == f"x{HIDDEN}"


def test_of_passing_ones_the_last_are_kept_and_of_others_all() -> None:
    shroud = Shroud(most=3)
    shroud.learn(["the-password", "the-token"])
    shroud.learn([f"passing-{number}" for number in range(3)], passing=True)
    shroud.learn(["passing-0", "the-password"], passing=True)  # seen again: now the last of all
    shroud.learn(["passing-3", "passing-4"], passing=True)
    text = "the-password the-token passing-0 passing-1 passing-2 passing-3 passing-4"
    assert shroud.over(text) == "*** *** *** passing-1 passing-2 *** ***"
    shroud.learn(["passing-0"])
    shroud.learn([f"passing-{number}" for number in range(5, 100)], passing=True)
    assert shroud.over(f"{text} passing-99") == "*** *** *** passing-1 passing-2 passing-3 passing-4 ***"


def test_it_does_not_grow_and_stays_quick() -> None:
    shroud = Shroud()
    empty = time.perf_counter()
    for _ in range(1000):
        assert shroud.over("a line of the log " * 10)
    empty = time.perf_counter() - empty
    assert empty < 0.1, "where nothing was learned it costs nothing"
    for number in range(2000):
        shroud.learn([f"{number:040x}+\\"], passing=True)
    began = time.perf_counter()
    assert shroud.over("0123456789 lorem ipsum dolor " * 35_000).startswith("0123456789 lorem")
    assert time.perf_counter() - began < 3, "a megabyte, with as many secrets as there can be"
    assert shroud.over(f"{1999:040x} {0:040x}") == f"{HIDDEN} {0:040x}"


def test_threads_learn_and_hide_at_once() -> None:
    shroud = Shroud(most=2000)
    shroud.learn(["the-password"])
    wrong: list[str] = []

    def work(number: int) -> None:
        for count in range(200):
            mine = f"secret-of-{number}-{count}"
            shroud.learn([mine], passing=True)
            wrong.extend({"the-password", mine} & set(shroud.over(f"the-password {mine}").split()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_it_shows_nothing_of_itself() -> None:
    shroud = Shroud()
    shroud.learn(["the-password"])
    shroud.learn(["the-passing-token"], passing=True)
    assert "the-pass" not in f"{shroud!r} {vars(shroud)!r}"


def test_cookies() -> None:
    header = "s=0123456789; Path=/; expires=Thu, 01 Jan 2037 00:00:00; HttpOnly, UserName=SomeName; path=/, t=ab=c"
    assert [value for value in secret_cookies(header) if value] == ["0123456789", "ab=c"]
    assert list(secret_cookies("wikiUserID=12345678; wiki_session=abc")) == ["abc"]


def test_parameters() -> None:
    params = {"title": "A", "token": "t", "x": Secret("y").reveal(), "text": "z" * 300}
    assert secrets_among(params) == {"token": "t", "x": "y"}
    assert without_secrets(params) == {"title": "A", "token": HIDDEN, "x": HIDDEN, "text": f"{'z' * 200}…"}
