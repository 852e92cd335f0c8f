"""The exclusion rule of {{bots}} and {{nobots}}: a table of cases, then pairing of braces, masking and hostile text.

Where other libraries decide otherwise is told in docs/bots.md, see test_bots_doc.py.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot.data import Wikitext
from apibot.data.bots import exclusion, may_edit
from tests.support.wikitexts import SITE

SIZE = 2 * 1024 * 1024
SECONDS = 5.0  # generous, for slow machines: a quadratic scan of SIZE characters takes minutes

# text, may "MyBot" edit it?
CASES = [
    ("", True),
    ("No template, though robots are spoken of.", True),
    ("{{robots}} {{botsy}} {{nobots2}}", True),
    # The two short cuts.
    ("{{nobots}}", False),
    ("{{bots}}", True),
    # all and none.
    ("{{bots|allow=all}}", True),
    ("{{bots|allow=none}}", False),
    ("{{bots|deny=all}}", False),
    ("{{bots|deny=none}}", True),
    ("{{bots|allow=ALL}}", True),
    ("{{bots|deny=Other,all}}", False),
    ("{{bots|allow=none,MyBot}}", True),
    ("{{bots|deny=none,MyBot}}", False),
    # Lists.
    ("{{bots|allow=MyBot}}", True),
    ("{{bots|allow=Other,MyBot,Third}}", True),
    ("{{bots|allow=Other}}", False),
    ("{{bots|allow=}}", False),  # a list that names nobody
    ("{{bots|allow}}", True),  # a value without a name, not the parameter allow
    ("{{bots|deny=MyBot}}", False),
    ("{{bots|deny=Other, MyBot ,Third}}", False),
    ("{{bots|deny=Other}}", True),
    ("{{bots|deny=}}", True),
    ("{{bots|deny=MyBot2,NotMyBot}}", True),  # the sample expressions of the documentation: denied (part of a name)
    ("{{bots|allow=AWB}}", False),
    ("{{bots|deny=AWB}}", True),  # the name of an account like others
    # allow and deny in one template: the documentation is silent; each states a ban.
    ("{{bots|allow=MyBot|deny=Other}}", True),
    ("{{bots|allow=MyBot|deny=all}}", False),
    ("{{bots|deny=all|allow=MyBot}}", False),
    ("{{bots|deny=Other|allow=Third}}", False),
    ("{{bots|note=x|deny=all}}", False),
    # Parameters of the same name: the last one counts, as in MediaWiki.
    ("{{bots|deny=MyBot|deny=Other}}", True),
    ("{{bots|deny=Other|deny=MyBot}}", False),
    # {{nobots}} takes no parameters.
    ("{{nobots|deny=Other}}", False),
    ("{{nobots|allow=MyBot}}", False),
    # Several templates: whichever bans, bans.
    ("{{bots|deny=Other}} text {{bots|deny=MyBot}}", False),
    ("{{bots|allow=MyBot}} text {{nobots}}", False),
    ("{{nobots}} text {{bots|allow=MyBot}}", False),
    ("{{bots|allow=Other}}{{bots|allow=MyBot}}", False),
    ("{{bots|deny=Other}}{{bots|deny=Third}}", True),
    # Names of templates as MediaWiki reads titles.
    ("{{Nobots}}", False),
    ("{{Bots|deny=all}}", False),
    ("{{ nobots }}", False),
    ("{{\nnobots\n}}", False),
    ("{{_nobots_}}", False),
    ("{{Template:Bots|deny=all}}", False),
    ("{{template: nobots}}", False),
    ("{{ TEMPLATE :Nobots}}", False),
    ("{{:Template:Nobots}}", False),
    ("{{:nobots}}", True),  # a page of the main namespace
    ("{{User:nobots}}", True),
    ("{{nOBOTS}} {{BOTS|deny=all}}", True),  # other titles
    ("{{Tl|nobots}} {{tl|bots}}", True),
    # White space, case and underscores in parameters.
    ("{{bots | deny = MyBot }}", False),
    ("{{bots\n| Deny =\n  mybot\n}}", False),
    ("{{bots|deny=myBot}}", False),
    ("{{bots|1=MyBot|MyBot}}", True),
    # Not wikitext, or not on the page.
    ("<!-- {{nobots}} -->", True),
    ("<!-- {{nobots}}", True),  # a comment that is not closed reaches to the end
    ("<!-- --> {{nobots}} <!-- -->", False),
    ("<nowiki>{{nobots}}</nowiki>", True),
    ("<NOWIKI >{{nobots}}</nowiki >", True),
    ("<pre class='x'>{{nobots}}</pre>", True),
    ("<syntaxhighlight lang='wiki'>{{nobots}}</syntaxhighlight>", True),
    ("<source>{{nobots}}</source>", True),
    ("<nowiki>{{nobots}}", False),  # a tag that is not closed is text
    ("<nowiki {{nobots}}>", True),
    ("<nowiki {{nobots}}", False),
    ("<nowiki/>{{nobots}}", False),
    ("<nowiki />{{nobots}}<nowiki />", False),
    ("<prefix>{{nobots}}</prefix>", False),
    ("<nowiki><!--</nowiki>{{nobots}}<!-- -->", False),
    ("<!-- <nowiki> -->{{nobots}}</nowiki>", False),
    ("{{bots|deny=<nowiki>MyBot</nowiki>}}", True),
    ("{{<nowiki/>nobots}}", True),
    # Comments within the template vanish.
    ("{{bots|deny=MyBot<!-- it broke the table -->}}", False),
    ("{{bots<!-- please -->|deny=<!-- -->MyBot}}", False),
    ("{{bots|<!-- deny=all -->}}", True),
    ("{{no<!-- -->bots}}", False),
    # Nesting.
    ("{{box|title={{nobots}}}}", False),
    ("{{#if:x|{{nobots}}|}}", False),
    ("[[File:A.png|thumb|{{nobots}}]]", False),
    ("{{bots|note={{x|deny=all}}}}", True),
    ("{{bots|note=[[User:A|deny=all]]}}", True),
    ("{{bots|note=[[File:A|[[B|c]]|deny=all]]}}", True),
    ("{{bots|note={{{x|deny=all}}}}}", True),
    ("{{bots|note={{x|{{y|z}}|deny=all}}|deny=MyBot}}", False),
    ("{{bots|deny={{PAGENAME}},MyBot}}", False),
    ("{{bots|deny=My{{x}}Bot}}", True),
    ("{{bots|allow=[[User:MyBot|MyBot]]}}", False),  # only plain names are names
    ("{{no{{x}}bots}} {{{{x}}nobots}}", True),
    # Braces.
    ("{nobots} {{nobots} {nobots}}", True),
    ("{{{nobots}}}", True),  # a parameter of a template
    ("{{{nobots|deny=all}}}", True),
    ("{{{{nobots}}}}", True),  # the parameter {{{nobots}}} between single braces
    ("{{{{{nobots}}}}}", True),  # a template whose name is a parameter
    ("{ {{nobots}} }", False),
    ("{{nobots}}}", False),
    ("{{nobots", True),
    ("nobots}}", True),
    ("{{unclosed {{nobots}}", False),
    ("}} {{nobots}}", False),
    ("[[ {{nobots}}", False),
    ("{{bots|deny=[[unclosed,MyBot}}", False),  # text to MediaWiki; in doubt the page is left alone
    ("]] {{bots|deny=]],MyBot}}", False),
    ("{{bots|deny=all\n== Not closed ==\n{{x}}", True),
]


@pytest.mark.parametrize(("text", "allowed"), CASES, ids=[text[:40] for text, _ in CASES])
def test_rule(text: str, *, allowed: bool) -> None:
    assert may_edit(text, "MyBot") is allowed
    assert may_edit(f"'''Page'''\n\n{text}", "MyBot") is allowed


# list, account, does the list name it?
NAMES = [
    ("My bot", "My bot", True),
    ("My_bot", "My bot", True),
    ("my  bot", "My_bot", True),
    ("MY BOT", "my bot", True),
    ("Mybot", "My bot", False),
    ("ÉcoBot", "écobot", True),
    ("Робот", "робот", True),
    ("AWB", "AWB", True),
    ("awb", "MyBot", False),
    ("R.*", "RBot", False),
    ("none", "None", False),
    ("all", "None", True),
]


@pytest.mark.parametrize(("listed", "user", "named"), NAMES)
def test_names(listed: str, user: str, *, named: bool) -> None:
    assert may_edit(f"{{{{bots|deny=A,{listed},B}}}}", user) is not named
    assert may_edit(f"{{{{bots|allow=A,{listed},B}}}}", user) is named


# text, kinds of messages the edit leaves, may it?
MESSAGES = [
    ("{{bots|optout=all}}", [], True),  # an edit that leaves no message
    ("{{bots|optout=all}}", ["nosource"], False),
    ("{{bots|optout=nosource}}", ["nosource"], False),
    ("{{bots|optout=nosource, NoLicense}}", ["afd", "nolicense"], False),
    ("{{bots|optout=nosource}}", ["afd"], True),
    ("{{bots|optout=none}}", ["afd"], True),
    ("{{bots|optout=}}", ["afd"], True),
    ("{{bots|optout=afd|allow=MyBot}}", ["afd"], False),
    ("{{bots|optout=afd|deny=MyBot}}", [], False),
    ("{{bots}}", ["afd"], True),
]


@pytest.mark.parametrize(("text", "messages", "allowed"), MESSAGES)
def test_optout(text: str, messages: list[str], *, allowed: bool) -> None:
    assert may_edit(text, "MyBot", messages) is allowed
    assert len(messages) != 1 or may_edit(text, "MyBot", messages[0]) is allowed, "one kind, as it is"


def test_exclusion_gives_the_template_as_it_stands() -> None:
    template = "{{ Bots<!-- why -->\n| note = {{x|<nowiki>}}</nowiki>}} [[A|b]]\n| deny = MyBot }}"
    text = f"<!-- {{{{nobots}}}} --> {{{{bots|deny=Other}}}} {{{{box|{template}}}}} {{{{nobots}}}}"
    assert exclusion(text, "MyBot") == template
    assert exclusion(text, "Third") == "{{nobots}}"
    assert exclusion("{{bots|deny=Other}}", "MyBot") is None


UNITS = [
    "{", "}", "[", "{{", "{{ ", "{{a", "a}}", "{{a}}", "{{{a}}}", "[[a", "[[a]]", "|", ",", "=", "bots", "{{bots|",
    "{{bots|deny=x}}", "{{bots\n", "<!--", "<!---->", "-->", "<nowiki", "<nowiki ", "<nowiki>", "<nowiki/>",
    "</nowiki ", "<pre></pre ", "<nowiki>a</nowiki>", "<pre><source>", " ", "\0",
]  # fmt: skip
FRAMES = [("{{bots|deny=", ""), ("", "{{bots}}"), ("{{bots|deny=", "}}"), ("{{bots|deny=x", " bots <b>")]


@pytest.mark.parametrize("unit", UNITS)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    texts = [before + unit * (SIZE // len(FRAMES) // len(unit)) + after for before, after in FRAMES]
    started = time.process_time()
    for text in texts:
        exclusion(text, "MyBot")
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(("inner", "outer"), [("{{bots|", "}}"), ("{{bots|[[a", "}}"), ("{", "}"), ("[[{{bots|", "]]")])
def test_deep_nesting_takes_linear_time(inner: str, outer: str) -> None:
    depth = SIZE // len(inner + outer)
    started = time.process_time()
    exclusion(inner * depth + "bots|deny=x" + outer * depth, "MyBot")
    assert time.process_time() - started < SECONDS


PARTS = st.sampled_from(
    [
        "{{",
        "}}",
        "{",
        "}",
        "[[",
        "]]",
        "|",
        "<!--",
        "-->",
        "<nowiki>",
        "</nowiki>",
        "<pre/>",
        "x",
        "deny=all",
        "bots",
        "=",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=25).map("".join))
def test_any_text_gives_a_template_of_the_text_or_none(text: str) -> None:
    found = exclusion(text, "MyBot")
    assert found is None or (found in text and found.startswith("{{") and found.endswith("}}") and "bots" in found)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=12).map("".join), st.lists(PARTS, max_size=12).map("".join))
def test_a_plain_template_after_anything_is_found(before: str, after: str) -> None:
    """Only what opens a comment or tag before it, or brackets that touch it, may hide a {{nobots}}."""
    before = before.replace("<!--", "").replace("<nowiki>", "").replace("{", "").replace("}", "")
    assert not may_edit(f"{before}{{{{nobots}}}} {after}", "MyBot")


NESTED = st.sampled_from(
    ["{{bots|", "{{nobots}}", "deny=", "allow=", "MyBot", "all", "{{", "}}", "{", "}", "[[", "]]", "|", "t"]
)


@given(st.lists(st.one_of(NESTED, PARTS), max_size=14).map("".join))
def test_what_the_wikis_own_reading_keeps_out_is_kept_out(text: str) -> None:
    """The scanner of wikitext reads as MediaWiki does (tests/api/test_wikitext_scan.py)."""
    for template in Wikitext(text, SITE).templates_named("Bots", "Nobots"):
        if exclusion(str(template), "MyBot") == str(template):
            assert not may_edit(text, "MyBot")
