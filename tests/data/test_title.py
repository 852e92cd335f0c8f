"""Titles offline, on a wiki that is made up; whether they agree with a real one tests/api/test_titles.py says."""

from __future__ import annotations

import copy
import pickle

import pytest

from apibot.core.errors import BadParameter, InvalidTitle
from apibot.core.site import SiteInfo
from apibot.data import SpecialPage, Title
from apibot.data.titles.letters import WIKIMEDIA_CAPITALS
from apibot.data.titles.rules import (
    COLON,
    DOUBLE,
    EMPTY,
    ILLEGAL,
    NAMELESS,
    PREFIX,
    RELATIVE,
    TILDES,
    TOO_LONG,
    UNREADABLE,
)
from tests.support.made_up_wiki import BLOCKS, OTHER, SITE, site_of


def parse(text: str, ns: int = 0) -> Title:
    return Title.parse(text, SITE, ns=ns)


@pytest.mark.parametrize(
    ("text", "full", "ns", "fragment"),
    [
        ("foo", "Foo", 0, ""),
        ("talk:foo bar#Top", "Diskussion:Foo bar", 1, "Top"),
        ("_BILD__: \u00a0ä.JPG_", "Datei:Ä.JPG", 6, ""),
        (":Vorlage:x", "Vorlage:X", 10, ""),
        ("Benutzerin:x", "Benutzer:X", 2, ""),
        ("λόγοσ:x", "Flach:X", 100, ""),
        ("foo:bar", "Foo:bar", 0, ""),
        ("Talk : foo:bar", "Diskussion:Foo:bar", 1, ""),
        ("e\u0301a", "Éa", 0, ""),
        ("ßa", "SSa", 0, ""),
        ("ǆa", "Ǆa", 0, ""),
        ("ŉa", "ʼNa", 0, ""),
        ("a\u200eb\u202e\u3000c", "Ab c", 0, ""),
        ("a&amp;b&#x20;&eacute;&#35;x", "A&b é", 0, "x"),
        ("#x_y#z", "", 0, "x y#z"),
        ("User:::1", "Benutzer:0:0:0:0:0:0:0:1", 2, ""),
        ("User talk:fe80::1/64", "Benutzer Diskussion:FE80:0:0:0:0:0:0:1/64", 3, ""),
        ("User:010.0.0.001", "Benutzer:10.0.0.1", 2, ""),
        ("User:010.0.0.1.2", "Benutzer:010.0.0.1.2", 2, ""),
        ("own:own: talk:x", "Diskussion:X", 1, ""),
        ("own:", "Wiki:Hauptseite", 4, ""),
        ("special:" + "x" * 512, "Spezial:X" + "x" * 511, -1, ""),
        ("x" * 255, "X" + "x" * 254, 0, ""),
        ("a/.../b", "A/.../b", 0, ""),
    ],
)
def test_what_texts_mean(text: str, full: str, ns: int, fragment: str) -> None:
    title = parse(text)
    assert (title.full, title.ns, title.fragment, title.interwiki) == (full, ns, fragment, "")
    assert str(title) == full
    assert title.full == f"{title.namespace}{':' if title.namespace else ''}{title.name}"


@pytest.mark.parametrize(
    ("text", "ns", "full", "name", "url"),
    [
        ("ACME:foo bar#é x", 0, "acme:foo bar", "foo bar", "https://acme.example/wiki/foo_bar#.C3.A9_x"),
        ("own:acme:fr:x", 0, "acme:fr:x", "fr:x", "https://acme.example/wiki/fr:x"),
        ("acme::Talk:x", 10, "acme:Talk:x", "Talk:x", "https://acme.example/wiki/Talk:x"),
        ("acme:x", 10, "acme:Template:x", "x", "https://acme.example/wiki/Template:x"),
        ("fr:É#é x", 0, "fr:É", "É", "https://fr.example/w/index.php?title=%C3%89#é_x"),
        ("fr:", 0, "fr:", "", "https://fr.example/w/index.php?title="),
    ],
)
def test_other_wikis(text: str, ns: int, full: str, name: str, url: str) -> None:
    title = parse(text, ns)
    assert title.external
    assert (title.full, title.name, title.url) == (full, name, url)


def test_prefixes_that_are_never_found() -> None:
    assert (parse("RFC:x").interwiki, parse("RFC:x").full) == ("", "RFC:x")


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("", EMPTY, 0),
        (" : _", EMPTY, 4),
        ("Talk:", NAMELESS, 5),
        ("Talk:#x", NAMELESS, 5),
        ("a\x00b", UNREADABLE, 1),
        ("é\udc80", UNREADABLE, 1),
        ("a&#0;b", UNREADABLE, 1),
        ("Talk:Bild:x", DOUBLE, 5),
        ("Talk: acme:x", DOUBLE, 6),
        ("a  <b", f"'<' {ILLEGAL}", 3),
        ("Talk:\u200ea\u0301&amp;&gt;", f"'>' {ILLEGAL}", 13),
        ("a%41", f"'%41' {ILLEGAL}", 1),
        ("&amp;eacute;", f"'&eacute;' {ILLEGAL}", 0),
        ("a\tb", f"'\\t' {ILLEGAL}", 1),
        ("Bild:a/../b", RELATIVE, 7),
        ("..", RELATIVE, 0),
        ("User: ./x", RELATIVE, 6),
        ("a__~~~~", TILDES, 3),
        ("é" * 128, TOO_LONG.format(most=255), 127),
        ("Special:" + "é" * 257, TOO_LONG.format(most=512), 264),
        ("::x", COLON, 1),
        ("Bild: :x", COLON, 6),
    ],
)
def test_what_is_refused_and_where(text: str, reason: str, position: int) -> None:
    with pytest.raises(InvalidTitle) as caught:
        parse(text)
    assert (caught.value.text, caught.value.reason, caught.value.position) == (text, reason, position)


def test_namespaces_that_are_not_there() -> None:
    for call in (
        lambda: parse("x", 99),
        lambda: parse("x:<", 99),
        lambda: Title.of("Portal", "x", SITE),
        lambda: parse("x").in_namespace(98),
    ):
        with pytest.raises(BadParameter, match="no namespace"):
            call()


def test_titles_are_values() -> None:
    title = parse("Talk:foo#a")
    assert title == parse("Diskussion:Foo#a")
    assert hash(title) == hash(parse("Diskussion:Foo#a"))
    assert {title, parse("talk:foo#a")} == {title}
    assert title != parse("talk:foo")
    assert title.without_fragment == parse("talk:foo")
    assert title != Title.parse("Talk:foo#a", OTHER)
    assert title != title.full
    assert Title.parse("b", OTHER) < parse("a")
    assert sorted(map(parse, ("b", "acme:a", "talk:a", "a#z", "a"))) == [
        *map(parse, ("a", "a#z", "b", "talk:a", "acme:a"))
    ]
    assert repr(title) == "<Title 'Diskussion:Foo#a'>"
    again = pickle.loads(pickle.dumps(title))  # noqa: S301  # our own
    assert again == title == copy.copy(title)
    assert (again.full, again.url) == (title.full, title.url)


def test_titles_can_not_be_changed_nor_made_otherwise() -> None:
    title = parse("a")
    with pytest.raises(AttributeError, match="can not be changed"):
        title.name = "b"
    with pytest.raises(AttributeError):
        del title.ns
    with pytest.raises(AttributeError):
        title.more = 1
    with pytest.raises(TypeError, match=r"Title\.parse"):
        Title()


def test_names_and_namespaces() -> None:
    title = parse("user talk:foo bar/x")
    assert (title.name, title.key, title.canonical) == ("Foo bar/x", "Foo_bar/x", "User talk:Foo bar/x")
    assert title.in_namespace(3)
    assert title.in_namespace(0, "benutzer_diskussion")
    assert not title.in_namespace("", "Talk")
    assert not parse("acme:x").in_namespace(0)
    assert title.with_namespace("Vorlage").full == "Vorlage:Foo bar/x"
    assert title.with_fragment("a_b") == parse("user talk:foo bar/x#a b")
    assert parse("acme:x", 10).canonical == "acme:Template:x"


def test_titles_of_databases() -> None:
    assert Title.of(1, "foo_bar:x", SITE) == parse("Talk:Foo bar:x")
    assert Title.of("", "x&amp", SITE).name == "X&amp"
    assert Title.of(0, "W: Talk:x", SITE).name == "W: Talk:x"
    assert Title.of(2, "Talk:x", SITE).full == "Benutzer:Talk:x"
    assert Title.of(3, "::1", SITE) == parse("User talk:::1")


@pytest.mark.parametrize(
    ("ns", "name", "reason", "position"),
    [
        (0, "Talk:x", PREFIX, 0),
        (0, "acme:x", PREFIX, 0),
        (0, "own:x", PREFIX, 0),
        (1, "Bild:x", DOUBLE, 0),
        (0, " :x", COLON, 1),
        (1, "", EMPTY, 0),
        (0, "x#y", f"'#' {ILLEGAL}", 1),
        (1, "a&lt;", f"'&lt;' {ILLEGAL}", 1),
        (1, "a\x01", UNREADABLE, 1),
    ],
)
def test_what_no_database_holds(ns: int, name: str, reason: str, position: int) -> None:
    with pytest.raises(InvalidTitle) as caught:
        Title.of(ns, name, SITE)
    assert (caught.value.text, caught.value.reason, caught.value.position) == (name, reason, position)


def test_talk_and_subject() -> None:
    assert [parse("x").talk, parse("x").subject] == [parse("Talk:x"), parse("x")]
    assert [parse("Talk:x#a").talk, parse("Talk:x#a").subject] == [parse("Talk:x"), parse("x")]
    assert parse("Talk:x").is_talk
    assert not parse("Media:x").is_talk
    for text in ("Special:x", "Media:x", "acme:x", "#x", "Flat:x", "Category:x"):
        with pytest.raises(InvalidTitle, match="talk page"):
            _ = parse(text).talk
    assert parse("Special:x").subject == parse("Special:x")


def test_subpages() -> None:
    title = parse("Talk:A/b /c")
    assert title.parts == ("A", "b ", "c")
    assert (title.root, title.base, title.subpage) == (parse("Talk:A"), parse("Talk:A/b"), "c")
    whole = parse("A/b")
    assert (whole.parts, whole.root, whole.base, whole.subpage) == (("A/b",), whole, whole, "A/b")
    slashes = parse("Talk://a/b/")
    assert (slashes.parts, slashes.root.name, slashes.base.name, slashes.subpage) == (
        ("//a", "b", ""),
        "//a",
        "//a/b",
        "",
    )
    assert parse("Talk:/").parts == ("/",)


def test_relative_titles() -> None:
    title = parse("Talk:A/b")
    assert [title.relative(link).full for link in ("/c/", "../c", "../", "c", ":c")] == [
        "Diskussion:A/b/c", "Diskussion:A/c", "Diskussion:A", "C", "C",
    ]  # fmt: skip
    assert title.relative("#top") == parse("Talk:A/b#top")
    assert title.relative("/c#d").fragment == "d"
    with pytest.raises(InvalidTitle, match=r"\. or \.\."):
        title.relative("../../c")
    assert parse("A").relative("/c").full == "/c"


def test_special_pages() -> None:
    assert parse("Special:linkliste/A/b").special == SpecialPage("Whatlinkshere", "A/b")
    assert parse("Special:links hierher").special == SpecialPage("Whatlinkshere", "")
    assert parse("Special:WHATLINKSHERE").special == SpecialPage("Whatlinkshere", "")
    assert parse("Special:Nothing").special is None
    assert parse("Version").special is None


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Talk:a#b c", "[[Diskussion:A#b c]]"),
        ("Category:a", "[[:Kategorie:A]]"),
        ("File:a", "[[:Datei:A]]"),
        ("Media:a", "[[Medium:A]]"),
        ("fr:a", "[[:fr:a]]"),
        ("acme:a", "[[acme:a]]"),
        ("/a", "[[:/a]]"),
        ("http://a", "[[:Http://a]]"),
        ("Star: a", "[[Star: a]]"),
        ("a#[b]|{c}%41", "[[A#%5Bb%5D%7C%7Bc%7D%2541]]"),
        ("a#&amp;lt;~~~~", "[[A#%26lt;%7E%7E%7E%7E]]"),
    ],
)
def test_links(text: str, link: str) -> None:
    assert parse(text).as_link() == link
    assert parse(text).as_link("''x''") == link[:-2] + "|''x'']]"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Talk:a b", "Diskussion:A_b"),
        ("é/;@$!*(),~:-._", "%C3%89/;@$!*(),~:-."),
        ("a+b?c=d&e'f\"g\\h^i`j", "A%2Bb%3Fc%3Dd%26e%27f%22g%5Ch%5Ei%60j"),
        ("a%#b c%20d&é#", "A%25#b_c%2520d&é#"),
    ],
)
def test_addresses(text: str, path: str) -> None:
    title = parse(text)
    assert title.url == f"https://w.example/wiki/{path}"
    assert Title.from_url(title.url, SITE) == title


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://w.example/wiki/a_b", "A b"),
        ("//W.EXAMPLE/wiki/a_b?action=edit", "A b"),
        ("/wiki/a+b", "A+b"),
        ("https://w.example/w/index.php?oldid=3&title=talk%3Aa+b#c_d", "Talk:A b#c d"),
        ("https://w.example/w/index.php/a", "A"),
        ("https://w.example/wiki/a&amp", "A&amp"),
        ("https://w.example/wiki/a%23b", "A#b"),
        ("https://acme.example/wiki/a_b", "acme:a b"),
        ("https://fr.example/w/index.php?title=%C3%A9", "fr:é"),
    ],
)
def test_reading_addresses(url: str, text: str) -> None:
    assert Title.from_url(url, SITE) == parse(text)


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "https://elsewhere.example/wiki/A", "https://w.example/", "https://w.example/w/index.php?curid=3", "https://[/wiki/A",
        "https://w.example/wiki/%FF", "https://w.example/wiki/a%3Cb", "https://w.example/other/A", "https://bare.example/A",
        "https://rfc.example/1",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page(url: str) -> None:
    with pytest.raises(InvalidTitle) as caught:
        Title.from_url(url, SITE)
    assert caught.value.text == url


def test_wikis_with_other_addresses() -> None:
    query = site_of(server="http://w.example:8080", articlepath="/index.php?title=$1", script="/index.php")
    title = Title.parse("a b&c", query)
    assert title.url == "http://w.example:8080/index.php?title=A_b%26c"
    assert Title.from_url(title.url, query) == title
    root = site_of(articlepath="/$1", mainpageisdomainroot=True)
    main = Title.parse("Project:Hauptseite#x", root)
    assert main.url == "https://w.example/#x"
    assert Title.from_url(main.url, root) == main
    assert Title.from_url("https://w.example/A", root).full == "A"
    assert Title.parse("bare:x", SITE).url == "https://bare.example/"


def test_wikis_with_other_letters() -> None:
    def names(site: SiteInfo) -> list[str]:
        return [Title.parse(f"{letter}x", site).name[:-1] for letter in "ißǆǅᾳ\u10d0ⅷ"]

    assert names(SITE) == ["I", "SS", "Ǆ", "Ǆ", "ΑΙ", "\u1c90", "Ⅷ"]
    assert names(site_of(lang="lez")) == ["İ", "SS", "Ǆ", "Ǆ", "ΑΙ", "\u1c90", "Ⅷ"]
    assert names(site_of(server="//tr.wikipedia.org", lang="tr")) == ["İ", "ß", "Ǆ", "ǅ", "ᾼ", "\u10d0", "ⅷ"]
    assert all(len(capital) == 1 for capital in WIKIMEDIA_CAPITALS.values())
    assert Title.parse("a\ufedf", site_of(lang="ar")).name == "A\u0644"
    assert Title.parse("a\ufedf", SITE).name == "A\ufedf"
    assert Title.parse("\u0d28\u0d4d\u200d", site_of(allunicodefixes=True)).name == "\u0d7b"


def test_wikis_with_other_rules() -> None:
    strict = site_of(legaltitlechars=r" %!\"$&'()*,\-.\/0-9:;=?@A-Z\\^_`a-z~\x80-\xFF")
    with pytest.raises(InvalidTitle, match=r"'\+'"):
        Title.parse("a+b", strict)
    assert Title.parse("a[b", site_of(legaltitlechars="a-z[")).name == "A[b"
    assert Title.parse("a+b", site_of(legaltitlechars="z-a")).name == "A+b"
    sensitive = {"0": {**BLOCKS["namespaces"]["0"], "case": "case-sensitive"}, "2": BLOCKS["namespaces"]["2"]}
    site = SiteInfo.from_api({**BLOCKS, "namespaces": sensitive})
    assert [Title.parse(text, site).full for text in ("a", "user:a")] == ["a", "Benutzer:A"]
    assert Title.parse("λόγος:x", SITE).ns == 0
    assert Title.parse("ΛΌΓΟΣ:x", site_of(phpversion="8.3.0")).ns == 100
