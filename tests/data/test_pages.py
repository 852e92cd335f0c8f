"""apibot.data.pages: texts as MediaWiki stores them, pages from rows of all shapes, and references."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import subprocess
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.core.errors import ApibotError, BadParameter, BadReply, BadText, NotFetched
from apibot.data.pages import Base, Page, PageRef, normalised, page_ref, text_sha1

Row = dict[str, object]

nasty = st.sampled_from(
    ["\r", "\n", "\r\n", " ", "\t", "\0", "\x0b", "\x0c", "e\u0301", "\u0301", "ﬁ", "\u212b", "\u1100\u1161"]
)
texts = st.lists(nasty | st.text(st.characters(exclude_categories=["Cs"]), max_size=3), max_size=8).map("".join)


# Texts as they are stored.


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_normalised_text_is_nfc_with_lf_and_no_white_space_at_its_end(text: str) -> None:
    got = normalised(text)
    assert unicodedata.is_normalized("NFC", got)
    assert "\r" not in got
    assert got == got.rstrip(" \n\t")


@settings(max_examples=200, deadline=None)
@given(text=texts)
def test_line_ends_and_forms_of_letters_make_no_difference(text: str) -> None:
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    assert normalised(unix) == normalised(unix.replace("\n", "\r\n")) == normalised(unix.replace("\n", "\r"))
    assert normalised(unicodedata.normalize("NFD", text)) == normalised(text)
    assert text_sha1(f"{text} \r\n\t") == text_sha1(text)


EXAMPLES = {
    "": "",
    "A": "A",
    " A ": " A",
    "\n\nA\n\n": "\n\nA",
    "A\r\nB\rC\n": "A\nB\nC",
    "A\r\r\nB": "A\n\nB",
    "A \t\r\n ": "A",
    "e\u0301": "é",
    "\u212b": "Å",
    "A\u00a0": "A\u00a0",
    "A\u2028": "A\u2028",
    "\ufeffA": "\ufeffA",
    "ﬁ": "ﬁ",
    "A\x0c": "A\ufffd",
    "A\x0b": "A\ufffd",
    "A\0": "A\ufffd",
    "A\x01B\x7fC": "A\ufffdB\x7fC",
    "A\uffffB\ufffeC": "A\ufffdB\ufffdC",
    "A\U0001ffff": "A\U0001ffff",
}


@pytest.mark.parametrize("text", EXAMPLES, ids=repr)
def test_examples(text: str) -> None:
    assert normalised(text) == EXAMPLES[text]


ORACLE = r"""
foreach ( [ "Constants", "Utils", "Validator" ] as $name ) {
    require_once "/usr/share/mediawiki/vendor/wikimedia/utfnormal/src/$name.php";
}
$texts = json_decode( stream_get_contents( STDIN ) );
$store = fn ( $text ) => str_replace( [ "\r\n", "\r" ], "\n", rtrim( UtfNormal\Validator::cleanUp( $text ) ) );
echo json_encode( array_map( $store, $texts ) );
"""
"""Validator::cleanUp is MediaWiki's own; the rest is TextContent::normalizeLineEndings."""


def stored(given_texts: list[str]) -> list[str]:
    """Return texts as MediaWiki's own code would store them."""
    command = ["php", "-d", "error_reporting=0", "-r", ORACLE]
    done = subprocess.run(command, input=json.dumps(given_texts), capture_output=True, text=True, check=True)
    got = json.loads(done.stdout)
    assert isinstance(got, list)
    return got


def test_mediawiki_itself_stores_the_same() -> None:
    alone = [chr(n) for n in [*range(0x250), *range(0x300, 0x370), *range(0x2000, 0x2070), *range(0xFFF0, 0x10000)]]
    given_texts = [*EXAMPLES, *(f"a{one}b" for one in alone), *(f"a{one}" for one in alone)]
    wrong = {
        text: (normalised(text), wanted)
        for text, wanted in zip(given_texts, stored(given_texts), strict=True)
        if normalised(text) != wanted
    }
    assert wrong == {}


def test_sha1_is_that_of_the_stored_text() -> None:
    assert text_sha1("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert text_sha1("A\r\nЖ e\u0301 \n") == hashlib.sha1("A\nЖ é".encode()).hexdigest()  # noqa: S324  # the wiki's choice  # the wiki's
    assert text_sha1("A") != text_sha1("B")


# Pages.


def row(content: str | None = "old", **more: object) -> Row:
    """Return a page's row as formatversion 2 has it; without text if ``content`` is None."""
    found: Row = {"pageid": 3, "ns": 0, "title": "A", "lastrevid": 7, "length": 3, "contentmodel": "wikitext"}
    if content is not None:
        slots = {"main": {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": content}}
        found["revisions"] = [{"revid": 7, "timestamp": "2024-01-02T03:04:05Z", "slots": slots}]
    return found | more


TIME = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
MISSING: Row = {"ns": 4, "title": "Project:X", "missing": True}
HIDDEN: Row = row(None, revisions=[{"revid": 7, "slots": {"main": {"texthidden": True}}}])
INVALID: Row = {"title": "A|B", "invalidreason": {"text": "no"}, "invalid": True}
SPECIAL: Row = {"ns": -1, "title": "Special:Version", "special": True}
REMOTE: Row = {"title": "fr:A", "interwiki": "fr", "invalid": True}
SUPPRESSED: Row = row(None, revisions=[{"revid": 7, "suppressed": True, "slots": {"main": {"texthidden": True}}}])


def test_a_page_with_its_text() -> None:
    page = Page(row())
    assert (page.title, page.pageid, page.ns, page.exists, page.redirect) == ("A", 3, 0, True, False)
    assert (page.size, page.revid, page.timestamp, page.contentmodel) == (3, 7, TIME, "wikitext")
    assert (page.has_text, page.text, page.original, page.changed) == (True, "old", "old", False)
    assert page.base == Base(7, text_sha1("old"))
    assert page.ref == PageRef("A", 3, 0, 7)
    assert page.row == row()
    assert repr(page) == "<Page 'A' revision 7>"


def test_a_page_that_is_missing() -> None:
    page = Page(MISSING)
    assert (page.exists, page.pageid, page.ns, page.revid, page.size, page.text) == (False, None, 4, 0, 0, "")
    assert page.timestamp is None
    assert page.base == Base(0, "")
    assert page.ref == PageRef("Project:X", None, 4, 0)
    page.text = " \n"
    assert not page.changed
    page.text = "new"
    assert page.changed


@pytest.mark.parametrize("given_row", [HIDDEN, SUPPRESSED], ids=["hidden", "suppressed"])
def test_a_page_whose_text_may_not_be_seen(given_row: Row) -> None:
    page = Page(given_row)
    assert (page.exists, page.has_text, page.changed, page.revid) == (True, False, False, 7)
    for read in (lambda: page.text, lambda: page.original, lambda: page.base):
        with pytest.raises(NotFetched, match="A: its text"):
            read()
    assert page.ref == PageRef("A", 3, 0, 7)


@pytest.mark.parametrize("given_row", [INVALID, SPECIAL, REMOTE], ids=["invalid", "special", "interwiki"])
def test_what_is_no_page(given_row: Row) -> None:
    page = Page(given_row)
    assert (page.exists, page.pageid, page.revid, page.title) == (False, None, 0, given_row["title"])
    assert page.base == Base(0, "")
    assert not page.changed
    with pytest.raises(NotFetched):
        _read = page.text


@pytest.mark.parametrize("given_row", [row(None), row("old"), MISSING], ids=["plain", "with text", "missing"])
def test_what_was_not_asked_for_is_not_there(given_row: Row) -> None:
    page = Page(given_row, text=False)
    assert not page.has_text
    for name in ("text", "original", "categories"):
        with pytest.raises(NotFetched, match=r"was not asked for"):
            getattr(page, name)
    assert issubclass(NotFetched, ApibotError)


def test_of_several_revisions_the_first_counts() -> None:
    times = {n: f"2024-01-02T03:04:0{n}Z" for n in (5, 4)}
    revisions = [{"revid": n, "timestamp": times[n], "slots": {"main": {"content": f"text {n}"}}} for n in (5, 4)]
    page = Page(row(None, revisions=revisions))
    assert (page.revid, page.timestamp, page.text) == (5, TIME, "text 5")
    assert page.base == Base(5, text_sha1("text 5"))


def test_a_page_without_text_is_pinned_by_its_last_revision() -> None:
    assert Page(row(None), text=False).ref == PageRef("A", 3, 0, 7)


def test_a_page_whose_revision_is_not_known_does_not_look_missing() -> None:
    """A base of 0 says that the page was seen to be missing."""
    assert Page({"pageid": 3, "ns": 0, "title": "A"}, text=False).ref.base is None


def test_categories() -> None:
    given_row = row(categories=[{"ns": 14, "title": "Category:B"}, {"ns": 14, "title": "Category:Ж"}])
    assert Page(given_row, categories=True).categories == ["Category:B", "Category:Ж"]
    assert Page(row(), categories=True).categories == []
    assert Page(MISSING, categories=True).categories == []
    with pytest.raises(NotFetched, match=r"categories=True"):
        _read = Page(given_row).categories


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"revisions": []},
        {"revisions": [{}]},
        {"revisions": [{"slots": {}}]},
        {"revisions": None, "pageid": "3"},
        {"title": 5},
    ],
    ids=repr,
)
def test_rows_with_gaps(damaged: Row) -> None:
    page = Page(damaged, categories=True)
    assert not page.has_text
    assert (page.revid, page.size, page.categories, page.changed) == (0, 0, [], False)
    assert repr(page)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("old", False),
        ("old\n\n", False),
        ("old \t\r\n", False),
        ("é", True),
        ("", True),
        (" old", True),
        ("old\nnew", True),
    ],
)
def test_changed_is_what_mediawiki_would_store_otherwise(text: str, *, changed: bool) -> None:
    page = Page(row())
    page.text = text
    assert page.changed is changed
    assert (page.text, page.original, page.base) == (text, "old", Base(7, text_sha1("old")))
    page.text = "old"
    assert not page.changed


def test_a_text_may_be_set_that_was_not_fetched() -> None:
    page = Page(row(), text=False)
    page.text = "new"
    assert (page.has_text, page.text, page.changed) == (True, "new", True)
    with pytest.raises(NotFetched):
        _read = page.original


@pytest.mark.parametrize("wrong", [None, 5, b"x", ["x"]])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    page = Page(row())
    with pytest.raises(BadParameter):
        page.text = wrong  # type: ignore[assignment]  # untyped
    assert page.text == "old"


def test_saved_takes_over_what_the_wiki_has_now() -> None:
    page = Page(MISSING)
    page.text = "new"
    page.saved(row("new"))
    assert (page.exists, page.revid, page.text, page.original, page.changed) == (True, 7, "new", "new", False)
    assert page.ref == PageRef("A", 3, 0, 7)


def test_categories_from_before_a_save_are_not_taken_for_those_after_it() -> None:
    page = Page(row(categories=[{"title": "Category:B"}]), categories=True)
    page.saved(row("new"))
    with pytest.raises(NotFetched):
        _read = page.categories


def test_only_what_is_meant_to_be_set_can_be_set() -> None:
    page = Page(row())
    for name in ("title", "revid", "txt"):
        with pytest.raises(AttributeError):
            setattr(page, name, "x")


def test_two_pages_of_the_same_row_are_apart() -> None:
    shared = row()
    one, other = Page(shared), Page(shared)
    one.text = "new"
    assert (other.text, shared) == ("old", row())


# JSON.

parts = st.fixed_dictionaries({}, optional={name: st.booleans() for name in ("text", "categories", "info")})
contents = st.text(st.characters(), max_size=20)
fetched = st.builds(row, st.none() | contents) | st.sampled_from(
    [MISSING, HIDDEN, INVALID, SPECIAL, REMOTE, SUPPRESSED]
)


def told(page: Page) -> dict[str, object]:
    """Return all that a page tells, with the errors by their class."""
    names = ("title", "pageid", "ns", "exists", "redirect", "size", "revid", "timestamp", "contentmodel", "categories")
    found: dict[str, object] = {}
    for name in (*names, "has_text", "text", "original", "changed", "base", "ref", "current", "row"):
        try:
            found[name] = getattr(page, name)
        except NotFetched as exc:
            found[name] = str(exc)
    return found


@settings(deadline=None)
@given(given_row=fetched, asked=parts, text=st.none() | contents, saved=st.booleans())
def test_a_page_comes_back_from_json_and_pickle_whole(
    given_row: Row, asked: dict[str, bool], text: str | None, *, saved: bool
) -> None:
    page = Page(given_row, **asked)
    if saved:
        page.saved(row("saved"))
    if text is not None:
        page.text = text
    whole = page.to_json()
    for back in (Page.from_json(whole), pickle.loads(pickle.dumps(page)), copy.deepcopy(page)):  # noqa: S301  # our own data
        assert told(back) == told(page)
        assert back.to_json() == whole
    whole.encode()


def test_the_json_of_a_page_tells_what_was_asked_for_and_what_was_changed() -> None:
    page = Page(row(), info=False)
    wanted = {"row": row(), "asked": {"text": True, "categories": False, "info": False}}
    assert json.loads(page.to_json()) == wanted
    page.text = "new"
    assert json.loads(page.to_json()) == wanted | {"text": "new"}


ASKED = '"asked": {"text": true, "categories": false, "info": false}'


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ('{"row": {}, ', 12),
        (" []", 1),
        (" {}", 1),
        ('{"row": {"title": "A"}}', 0),
        (f'{{"row": [], {ASKED}}}', 0),
        ('{"row": {}, "asked": {"text": true}}', 0),
        (f'{{"row": {{}}, {ASKED}, "asked": {{"text": 1, "categories": false, "info": true}}}}', 0),
        ('{"row": {}, "asked": {"text": true, "categories": false, "info": false, "more": true}}', 0),
        (f'{{"row": {{}}, {ASKED}, "text": 5}}', 0),
        (f'{{"row": {{}}, {ASKED}, "more": 5}}', 0),
        (f'{{"row": {{"revid": NaN}}, {ASKED}}}', 0),
    ],
)
def test_what_is_no_page_in_json_is_refused_with_the_position(text: str, position: int) -> None:
    with pytest.raises(BadText, match="Page") as caught:
        Page.from_json(text)
    assert (caught.value.text, caught.value.position) == (text, position)


def test_a_time_that_is_none() -> None:
    for wrong in ("yesterday", 5, "2024-01-02", ["x"]):
        page = Page(row(None, revisions=[{"revid": 7, "timestamp": wrong}]))
        with pytest.raises(BadReply, match=r"A: the time of its revision should be a time \(ISO 8601\), and is"):
            _time = page.timestamp


def test_what_was_fetched_does_not_change_and_pages_are_themselves() -> None:
    page = Page(row())
    with pytest.raises(TypeError):
        page.row["title"] = "B"  # type: ignore[index]  # pyright: ignore[reportIndexIssue]  # that is the point
    assert page != Page(row())
    assert len({page, Page(row())}) == 2


# References.

REFUSED: dict[str, Callable[[], PageRef]] = {
    "nothing": PageRef,
    "empty title": lambda: PageRef(""),
    "number 0": lambda: PageRef(pageid=0),
    "empty title and number 0": lambda: PageRef("", 0, 0, 5),
    "namespace alone": lambda: PageRef(ns=4, base=3),
    "white space": lambda: PageRef(" \n"),
    "negative number": lambda: PageRef(pageid=-1),
    "negative base": lambda: PageRef("A", base=-5),
    "title that is no text": lambda: PageRef(5),  # type: ignore[arg-type]  # untyped
    "row without a page": lambda: PageRef.from_api({"ns": 0, "user": "X"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_names_no_page_is_refused(name: str) -> None:
    with pytest.raises(BadParameter):
        REFUSED[name]()


def test_a_reference_is_plain_data() -> None:
    ref = PageRef("A", 3, 0, 7)
    assert {ref, PageRef("A", 3, 0, 7), copy.deepcopy(ref), pickle.loads(pickle.dumps(ref))} == {ref}  # noqa: S301  # our own data
    assert ref != PageRef("A", 3, 0)
    assert (str(ref), str(PageRef(pageid=3))) == ("A", "page 3")
    with pytest.raises(AttributeError):
        ref.title = "B"  # type: ignore[misc]  # that is the point


def test_references_from_rows() -> None:
    assert PageRef.from_api({"ns": 0, "title": "A", "pageid": 3, "revid": 9}) == PageRef("A", 3, 0)
    assert PageRef.from_api({"ns": 0, "title": "A", "pageid": 0}) == PageRef("A", None, 0)
    assert PageRef.from_api({"pageid": 3}) == PageRef(None, 3)


def test_page_ref_takes_titles_references_and_pages() -> None:
    ref = PageRef("A", 3)
    assert page_ref("A") == PageRef("A")
    assert page_ref(ref) is ref
    assert page_ref(Page(row())) == PageRef("A", 3, 0, 7)
    for wrong in (None, 5, {"title": "A"}, ["A"]):
        with pytest.raises(BadParameter):
            page_ref(wrong)  # type: ignore[arg-type]  # untyped
