"""Parameter pages: what they give, and what is said of those that are wrong."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import time
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, field_validator

from apibot.core.errors import PROBLEMS_SHOWN, BadParameter, BadText, ParameterPageError, Problem
from apibot.data import Wikitext
from apibot.data.parameters import (
    DEEPEST,
    DIGITS,
    LONGEST,
    MOST_PROBLEMS,
    Line,
    read_items,
    read_json,
    read_list,
    read_template,
)
from tests.support.wikitexts import SITE

often = settings(max_examples=300, deadline=None, database=None)
SIZE = 1 << 19
SECONDS = 8.0  # generous, for slow machines


class Badge(BaseModel):
    item: Annotated[str, StringConstraints(pattern=r"^Q[1-9]\d*$")]
    limit: int = Field(default=10, ge=1)


class Job(BaseModel):
    name: str
    since: date | None = None
    kind: Literal["all", "new"] = "all"
    badges: list[Badge] = []
    more: dict[str, float] = {}

    @field_validator("name")
    @classmethod
    def _not_evil(cls, name: str) -> str:
        if name == "evil":
            msg = "that name is taken"
            raise ValueError(msg)
        return name


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = ""


PAGE = """{
  "name": "a",
  "since": "2024-01-05",
  "badges": [{"item": "Q42"}, {"limit": 3, "item": "Q1"}],
  "more": {"é": 1.5}
}"""


def refused(text: str, model: type[object] = Job) -> list[Problem]:
    with pytest.raises(ParameterPageError) as caught:
        read_json(text, model)
    assert caught.value.text == text
    assert list(caught.value.problems) == sorted(caught.value.problems, key=lambda one: one.position)
    return list(caught.value.problems)


def test_a_json_page() -> None:
    job = read_json(PAGE, Job)
    assert (job.name, job.since, job.more) == ("a", date(2024, 1, 5), {"é": 1.5})
    assert [(badge.item, badge.limit) for badge in job.badges] == [("Q42", 10), ("Q1", 3)]
    assert read_json('[{"item": "Q1"}]', list[Badge]) == [Badge(item="Q1", limit=10)]
    assert read_json(" 7 \n", int) == 7


def test_all_that_is_wrong_is_said_at_once_with_its_place() -> None:
    text = """{
  "since": "yesterday",
  "badges": [{"item": "Q42"},
    {"limit": 0, "item": "P1", "limmit": 3}, "Q5"],
  "kind": "old", "kind": "new",
  "more": {"x": NaN, "y": 1e999}
}"""
    problems = refused(text)
    assert [(one.path, one.line) for one in problems] == [
        ("name", 1),
        ("since", 2),
        ("badges[1].limit", 4),
        ("badges[1].item", 4),
        ("badges[1].limmit", 4),
        ("badges[2]", 4),
        ("kind", 5),
        ("more.x", 6),
        ("more.y", 6),
    ]
    at = {one.path: text[one.position :] for one in problems}
    assert at["since"].startswith('"yesterday"')
    assert at["badges[1].limit"].startswith('0, "item"')
    assert at["badges[1].limmit"].startswith('"limmit"'), "the key is what is wrong"
    assert at["badges[2]"].startswith('"Q5"')
    assert at["kind"].startswith('"kind": "new"')
    assert at["more.y"].startswith("1e999")
    values = {one.path: one.value for one in problems}
    assert (values["name"], values["since"], values["badges[1].limit"]) == ("", "'yesterday'", "0")


def test_the_message_is_for_people() -> None:
    with pytest.raises(BadText) as caught:
        read_json('{"name": "evil",\n "kind": "x"}', Job)
    assert str(caught.value).splitlines() == [
        "The page of parameters can not be used. Correct it:",
        "line 1, character 10: name = 'evil': Value error, that name is taken",
        "line 2, character 10: kind = 'x': Input should be 'all' or 'new'",
    ]
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own
    assert (str(copy), copy.text, copy.position) == (str(caught.value), caught.value.text, 9)


def test_a_message_ends() -> None:
    text = json.dumps({"name": "a", **{f"x{number}": "y" * 200 for number in range(1000)}})
    with pytest.raises(ParameterPageError) as caught:
        read_json(text, Job)
    assert len(caught.value.problems) == 1000
    lines = str(caught.value).splitlines()
    assert len(lines) == PROBLEMS_SHOWN + 2
    assert lines[-1] == f"and {1000 - PROBLEMS_SHOWN} more"
    assert max(map(len, lines)) < 250


def test_unknown_keys() -> None:
    assert [one.path for one in refused('{"name": "a", "nmae": 1}')] == ["nmae"]
    assert [one.path for one in refused('{"x": 1}', Open)] == ["x"], "refused unless the caller says otherwise"
    assert read_json('{"x": 1}', Open, extra=None).model_extra == {"x": 1}
    assert read_json('{"x": 1, "name": "a"}', Job, extra="ignore") == Job(name="a")


MALFORMED = [
    ("", 0, "Expecting value"),
    ("  \n", 3, "Expecting value"),
    ("{", 1, "key in double quotes"),
    ('{"name": "a"', 12, "comma"),
    ('{"name": "a",}', 13, "key in double quotes"),
    ("{'name': 'a'}", 1, "key in double quotes"),
    ('{"name" "a"}', 8, "colon"),
    ('{"name": a}', 9, "Expecting value"),
    ('{"name": "a"} x', 14, "more text"),
    ('{"name": "a\n"}', 11, "control character"),
    ('{"name": "a', 9, "Unterminated"),
    ("[1, 2", 5, "comma"),
    ("[1 2]", 3, "comma"),
    ("[1,]", 3, "Expecting value"),
    ("[01]", 2, "comma"),
    ("[1}", 2, "comma"),
    ("// comment\n{}", 0, "Expecting value"),
    ("[" * 100_000, DEEPEST, "levels"),
    ("[" * 100_000 + "]" * 100_000, DEEPEST, "levels"),
    ('{"a":' * 50_000, DEEPEST * 5, "levels"),
    ("\ufeff{}", 0, "Expecting value"),
    ("\0", 0, "Expecting value"),
    ("-", 0, "Expecting value"),
    ("NaN", 0, "number"),
    ("-Infinity", 0, "number"),
    ("1e999", 0, "number"),
    ("9" * (DIGITS + 1), 0, "number"),
    ("9" * 100_000, 0, "number"),
    ('"\\ud800"', 0, "half a character"),
    ('"\ud800"', 0, "half a character"),
    ('{"\\udc00": 1}', 1, "half a character"),
    ('{"a": 1, "a": 1}', 9, "twice"),
    ('{"a": {"b": 1, "c": 2, "b": 3}}', 23, "twice"),
]


@pytest.mark.parametrize(("text", "position", "reason"), MALFORMED, ids=[ascii(text[:20]) for text, *_ in MALFORMED])
def test_what_is_no_json_for_a_bot(text: str, position: int, reason: str) -> None:
    [problem, *_] = refused(text, object)
    assert (problem.position, problem.line) == (position, text[:position].count("\n") + 1)
    assert reason in problem.reason
    assert "\ud800" not in str(problem)


@pytest.mark.parametrize("unit", ['{"a":1,', "[", "1,", '"a",', "9", "[[],", '{"":{},', " ", "\n", '"\\ud800",'])
@pytest.mark.parametrize("frame", ["[{}1]", '{{"a":{}'])
def test_hostile_text_takes_linear_time(unit: str, frame: str) -> None:
    text = frame.format(unit * ((LONGEST - len(frame)) // len(unit)))
    started = time.process_time()
    try:
        read_json(text, list[int])
    except ParameterPageError as exc:
        assert len(str(exc)) < 10_000  # noqa: PT017  # both ends are right
    assert time.process_time() - started < SECONDS


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@often
@given(JSONS, st.sampled_from([None, 1]))
def test_any_json_comes_back(value: object, indent: int | None) -> None:
    assert read_json(json.dumps(value, indent=indent), object) == value


@often
@given(
    st.lists(st.sampled_from(["{", "}", "[", "]", ",", ":", '"', '"a"', "1", "-", " ", "\n", "NaN", "null", "\\"])).map(
        "".join
    )
)
def test_any_text_gives_a_value_or_the_error(text: str) -> None:
    try:
        read_json(text, object)
    except ParameterPageError as exc:
        assert all(0 <= one.position <= len(text) for one in exc.problems)  # noqa: PT017  # both ends are right
        json_itself_takes_it = False
    else:
        json_itself_takes_it = True
    if json_itself_takes_it:
        json.loads(text)


# Lists.


class Item(RootModel[Annotated[str, StringConstraints(pattern=r"^Q\d+$")]]):
    """An item of Wikidata."""


def test_a_list_of_lines() -> None:
    text = "# Pages to leave alone\nMain Page\n\n  Talk:A#Top   # disputed\n#x\nC# language\n\t\nÉ\r\n#"
    found = read_list(text)
    assert found == [
        Line("Main Page", 2, 23),
        Line("Talk:A#Top", 4, 36),
        Line("C# language", 6, 63),
        Line("É", 8, 77),
    ]
    assert all(text[line.position :].startswith(line.text) for line in found)
    assert read_list("") == []


def test_items_of_a_list_are_checked() -> None:
    assert [item.root for item in read_items("Q1 # one\nQ2", Item)] == ["Q1", "Q2"]
    assert read_items("1\n#\n2", int) == [1, 2]
    with pytest.raises(ParameterPageError) as caught:
        read_items("1\ntwo\n3 # three\nfour", int)
    assert [(one.line, one.position, one.value) for one in caught.value.problems] == [
        (2, 2, "'two'"),
        (4, 16, "'four'"),
    ]


@pytest.mark.parametrize("unit", ["#", " #", "a\n", "\n", " ", "a #b\n", "#\n"])
def test_a_long_list_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    read_list(unit * (SIZE // len(unit)))
    assert time.process_time() - started < SECONDS


# Templates.


class Settings(BaseModel):
    days: int = Field(default=30, ge=1)
    on: bool = True
    page: str | None = None
    limits: list[int] = []


def test_parameters_of_a_template() -> None:
    found = read_template({"days": " 7\n", "on": "no", " page ": "Talk:A", "limits": " "}, Settings)
    assert found == Settings(days=7, on=False, page="Talk:A", limits=[])
    assert read_template({"days": ""}, Settings) == Settings()
    assert read_template({"note": "x"}, Settings, extra="ignore") == Settings()


def test_wrong_parameters_of_a_template() -> None:
    text = "{{Bot\n| days = 0\n| dasy = 1\n| on = perhaps}}"
    [template] = Wikitext(text, SITE).templates
    with pytest.raises(ParameterPageError) as caught:
        read_template(template, Settings)
    assert [(one.path, one.value, one.line, one.position) for one in caught.value.problems] == [
        ("days", "'0'", 2, 15),
        ("dasy", "'1'", 3, 26),
        ("on", "'perhaps'", 4, 35),
    ]
    assert "\nline 4, character 8: on = 'perhaps': Input should be a valid boolean" in str(caught.value)
    assert caught.value.text == text


def test_a_parameter_that_is_missing_is_told_where_the_template_is() -> None:
    [template] = Wikitext("Settings:\n{{Bot|page=A}}", SITE).templates
    with pytest.raises(ParameterPageError, match="line 2, character 1: name: Field required"):
        read_template(template, Job, extra="ignore")


def test_parameters_that_are_no_template() -> None:
    with pytest.raises(ParameterPageError) as caught:
        read_template({"days": "0"}, Settings)
    assert "\ndays = '0': Input should be" in str(caught.value)


def test_nothing_of_a_page_is_evaluated() -> None:
    for text in ("__import__('os').getcwd()", "{{constructor}}", "${HOME}", "%(x)s", "{0.__class__}"):
        assert read_json(json.dumps({"name": text}), Job).name == text
        assert read_template({"page": text}, Settings).page == text
        with pytest.raises(ParameterPageError):
            read_json(text, Job)


def test_pydantic_is_loaded_with_the_first_page() -> None:
    code = "import sys, apibot.data.parameters; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_page_of_nothing_but_wrong_entries_is_bounded() -> None:
    with pytest.raises(ParameterPageError) as found:
        read_items("x\n" * 2**20, int)
    assert len(found.value.problems) == MOST_PROBLEMS
    with pytest.raises(ParameterPageError, match="longer than") as found:
        read_json("[\n" + "1," * LONGEST + "1]", list[str])
    (problem,) = found.value.problems
    assert (problem.line, problem.position) == (2, LONGEST)
    with pytest.raises(ParameterPageError) as found:
        read_json("[" + "1," * (LONGEST // 2 - 2) + "1]", list[str])
    assert len(found.value.problems) == LONGEST // 2 - 1


@pytest.mark.parametrize("model", ["nix", object()])
def test_what_is_no_model_is_refused(model: Any) -> None:
    for read in (lambda: read_json("{}", model), lambda: read_items("a", model), lambda: read_template({}, model)):
        with pytest.raises(BadParameter, match="can be no model of a page of parameters"):
            read()
