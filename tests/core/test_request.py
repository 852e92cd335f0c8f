"""apibot.core.request and the classes made of it: what they take, how they compare, and how they cross a border."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apibot import queries, tasks
from apibot.core.errors import BadParameter
from apibot.core.jsons import JsonObject
from apibot.core.request import Effect, Query, Request, Task, arg
from apibot.core.secret import Secret
from apibot.data.pages import Page, PageRef
from apibot.queries import (
    AllPages,
    ByName,
    Categories,
    CategoryMembers,
    PageIds,
    PageInfo,
    QueryPage,
    RecentChanges,
    RevIds,
    Revisions,
    Titles,
)
from apibot.tasks import CallAction, Edit, Fetch, Purge

POSITIONAL: dict[type[Request], tuple[str, ...]] = {
    AllPages: (),
    ByName: ("kind", "module"),
    CallAction: ("action",),
    Categories: (),
    CategoryMembers: ("title",),
    Edit: ("page",),
    Fetch: ("page",),
    PageIds: ("pageids",),
    PageInfo: (),
    Purge: ("pages",),
    QueryPage: ("page",),
    RecentChanges: (),
    RevIds: ("revids",),
    Revisions: (),
    Titles: ("titles",),
}
"""What may be given by position: a promise to all who call."""

EFFECTS: dict[type[Request], Effect] = {CallAction: "write", Edit: "write", Fetch: "read", Purge: "idempotent"}

SAMPLES: list[Request] = [
    AllPages(),
    AllPages(namespace=0, from_="A", limit=5, filterredir="redirects", prtype=("edit", "move")),
    AllPages(extra={"new": 1, "flag": True, "many": ("a", "b"), "text": "1"}),
    ByName("list", "abuselog"),
    ByName("prop", "links", params={"namespace": 0, "titles": ("A", "B")}, limit=3, pages=PageIds((1, 2))),
    CallAction("parse"),
    CallAction("parse", params={"text": "x", "preview": True, "number": 3, "prop": ("text", "links")}),
    Categories(pages=Titles(("A", "Ж")), show=("hidden",)),
    Categories(pages=PageIds((1,)), show="hidden", limit=1),
    CategoryMembers("Category:A", type=("page", "file"), namespace=(0, 1), sort="timestamp"),
    CategoryMembers(type="page", namespace=3, start="2024-01-02T03:04:05Z"),
    Edit("A", text=""),
    Edit(PageRef("A", 3, 0, 7), append="x", tags=("a", "b"), summary="s", minor=True, create="never", bot=False),
    Edit(PageRef(pageid=3, base=0), text="x", section=0, ignore_bots=True),
    Edit("A", text="x", section="new", sectiontitle="T"),
    Fetch("A"),
    Fetch(PageRef(pageid=5), redirects=True, revid=3, categories=True),
    PageIds((1, 2), redirects=True),
    PageInfo(pages=RevIds((4, 5)), prop=("protection",)),
    Purge("A"),
    Purge(("A", PageRef(pageid=3)), forcelinkupdate=True),
    QueryPage("Wantedpages", offset=5),
    RecentChanges(type=("edit", "new"), show="!bot", toponly=True, namespace=(0, 4), dir="newer"),
    RecentChanges(start=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
    RevIds((1,)),
    Revisions(pages=Titles(("A",)), prop=("ids", "user"), startid=4, end="2024-01-01T00:00:00Z"),
    Titles(("A", "B|C", "Ж"), redirects=True),
]


def every(kind: type[Request] = Request) -> set[type[Request]]:
    """Return all request classes of the package that can be made."""
    own = {
        one
        for one in kind.__subclasses__()
        if one.__module__.startswith(("apibot.core", "apibot.queries", "apibot.tasks"))
    }
    return own.union(*(every(one) for one in own))


def names(sample: Request) -> str:
    return f"{type(sample).__name__}-{'-'.join(sample.given())}"


def test_all_request_classes_are_pinned_and_sampled() -> None:
    public = {vars(module)[name] for module in (tasks, queries) for name in module.__all__}
    made = {one for one in public if isinstance(one, type) and issubclass(one, Request)}
    bases = {queries.ModuleQuery, queries.PageSet, queries.PropertyQuery}
    assert made - bases == set(POSITIONAL) == {type(sample) for sample in SAMPLES}
    assert every() - {Task, Query} - bases == set(POSITIONAL)


@pytest.mark.parametrize("kind", POSITIONAL, ids=lambda kind: kind.__name__)
def test_positional_fields_are_pinned(kind: type[Request]) -> None:
    assert kind.positional() == POSITIONAL[kind]
    assert kind.field_names()[: len(POSITIONAL[kind])] == POSITIONAL[kind]
    with pytest.raises(TypeError):
        kind(*["x"] * (len(POSITIONAL[kind]) + 1))


def test_effects_are_pinned() -> None:
    assert {kind: kind.effect for kind in POSITIONAL if issubclass(kind, Task)} == EFFECTS


def test_each_field_and_class_is_documented_where_it_is_used() -> None:
    assert [kind.__name__ for kind in POSITIONAL if (kind.__doc__ or "").startswith(f"{kind.__name__}(")] == []
    assert [kind.__name__ for kind in POSITIONAL if not kind.__doc__] == []


# Data: frozen, compared, copied.


@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_a_request_is_frozen(sample: Request) -> None:
    name = type(sample).field_names()[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(sample, name, "other")
    with pytest.raises(dataclasses.FrozenInstanceError):
        delattr(sample, name)
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.unknown = 1  # type: ignore[attr-defined]  # that is the point


@pytest.mark.parametrize("sample", SAMPLES, ids=names)
@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one)), lambda one: one.replaced()],  # noqa: S301  # our own data
    ids=["copy", "deepcopy", "pickle", "replaced"],
)
def test_a_copy_is_equal(sample: Request, copied: Callable[[Request], Request]) -> None:
    other = copied(sample)
    assert type(other) is type(sample)
    assert other == sample
    assert repr(other) == repr(sample)
    assert other.given() == sample.given()


def test_different_requests_are_not_equal() -> None:
    for one, other in itertools.combinations(SAMPLES, 2):
        assert one != other
    assert cast("Request", Titles(())) != PageIds(())
    assert len(SAMPLES) == len({repr(sample) for sample in SAMPLES})


@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_equal_requests_have_equal_hashes(sample: Request) -> None:
    held = [getattr(sample, name) for name in type(sample).field_names()]
    if any(isinstance(value, Mapping) for value in held):
        with pytest.raises(TypeError, match="unhashable"):
            hash(sample)
    else:
        assert hash(sample) == hash(copy.deepcopy(sample))


def test_a_request_does_not_change_with_the_list_it_was_made_from() -> None:
    titles, tags, pages, types = ["A"], ["t"], ["A"], ["edit"]
    made = [Titles(titles), Edit("A", text="x", tags=tags), Purge(pages), RecentChanges(type=types)]
    before = [repr(one) for one in made]
    for given_list in (titles, tags, pages, types):
        given_list.append("B")
    assert [repr(one) for one in made] == before
    assert made[0] == Titles(("A",))
    assert isinstance(hash(made[0]), int)


def test_a_request_pickled_here_is_read_by_a_process_that_has_not_compiled_it() -> None:
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer))"
    for sample in (Edit("A", text="x"), Titles(("A",))):
        done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(sample), capture_output=True, check=True)
        assert done.stdout.decode().strip() == repr(sample)


def test_replaced_checks_what_it_changes() -> None:
    edit = Edit(PageRef("A", base=3), text="x", tags=("t",))
    assert edit.replaced(text="y") == Edit(PageRef("A", base=3), text="y", tags=("t",))
    assert edit.text == "x"
    assert edit.replaced(page="B").page == PageRef("B")
    with pytest.raises(BadParameter, match="nothing to save"):
        edit.replaced(text=None)
    with pytest.raises(TypeError, match="txt"):
        edit.replaced(txt="y")


def test_given_holds_what_differs_from_the_defaults() -> None:
    assert AllPages().given() == {}
    assert AllPages(namespace=0, limit=None, dir="ascending").given() == {"namespace": 0, "dir": "ascending"}
    assert Fetch("A").given() == {"page": PageRef("A")}
    assert Edit("A", text="", bot=True, minor=True).given() == {"page": PageRef("A"), "text": "", "minor": True}


# Compiled when first used.


def test_a_class_compiled_by_two_threads_at_once() -> None:
    entered, release = threading.Event(), threading.Event()

    class Slow:
        """A default that takes its time while the first thread compiles the class."""

        def __get__(self, obj: object, owner: type) -> int:
            entered.set()
            assert release.wait(20)
            return 5

    class Slowly(Task[None]):
        page: str = arg(kw_only=False)
        number: int = Slow()  # type: ignore[assignment]  # stands for an int

    made: list[object] = []

    def make() -> None:
        try:
            made.append(Slowly("A"))
        except TypeError as exc:
            made.append(exc)

    first, second = threading.Thread(target=make), threading.Thread(target=make)
    first.start()
    assert entered.wait(20)
    second.start()
    second.join(0.3)  # it has to wait for the first
    release.set()
    first.join(20)
    second.join(20)
    assert [repr(one).rpartition(".")[2] for one in made] == ["Slowly(page='A', number=5)"] * 2


def test_many_threads_make_new_classes_at_once() -> None:
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _round in range(20):

            class Base(Task[None]):
                page: str = arg(kw_only=False)
                number: int = 5

            class Sub(Base):
                more: str = ""

            together = threading.Barrier(6, timeout=20)

            def make(n: int, base: type[Base] = Base, sub: type[Base] = Sub, start: Any = together) -> Base:
                start.wait()
                return (base, sub)[n % 2]("A", number=n)

            with ThreadPoolExecutor(6) as pool:
                assert [one.number for one in pool.map(make, range(6))] == list(range(6))
    finally:
        sys.setswitchinterval(old)


@pytest.mark.parametrize("base_first", [True, False])
def test_a_subclass_and_its_base_in_any_order(*, base_first: bool) -> None:
    class Base(Task[None]):
        page: str = arg(kw_only=False)
        number: int = 5

    class Sub(Base):
        second: str = arg(kw_only=False, default="s")
        number: int = 6

    for kind in (Base, Sub) if base_first else (Sub, Base):
        kind.compiled()
    assert Base.positional() == ("page",)
    assert Sub.positional() == ("page", "second")
    assert (Base("A").number, Sub("A", "B").number) == (5, 6)
    assert Base("A") != Sub("A")
    assert Base.field_names() == ("page", "number")
    assert Sub.field_names() == ("page", "second", "number")


def test_class_variables_are_no_fields() -> None:
    class Sub(Task[None]):
        effect: ClassVar[Effect] = "read"
        page: str = arg(kw_only=False)

    assert Sub.field_names() == ("page",)


# Across a border and back.


@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_fields_lead_back_to_the_request(sample: Request) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # pydantic warns, with the values, where it can not tell a type
        written = sample.to_fields()
        assert type(sample).from_fields(written) == sample
        assert type(sample).from_fields(written).to_fields() == written


@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_fields_hold_only_what_was_given(sample: Request) -> None:
    assert set(sample.to_fields()) == set(sample.given())


text = st.text(st.characters(exclude_categories=["Cs"]))
refs = st.builds(
    PageRef,
    text.filter(str.strip),
    st.none() | st.integers(1),
    st.none() | st.integers(0, 15),
    st.none() | st.integers(0),
)
edits = st.builds(
    Edit,
    refs,
    text=text,
    section=st.none() | st.integers(0),
    summary=text,
    minor=st.booleans(),
    bot=st.booleans(),
    create=st.sampled_from([None, "only", "never"]),
    tags=st.lists(text).map(tuple),
)
values = st.integers() | st.booleans() | text | st.lists(text).map(tuple)
calls = st.builds(CallAction, text, params=st.none() | st.dictionaries(text, values))
fetches = st.builds(Fetch, refs, redirects=st.booleans(), revid=st.none() | st.integers(1))
listings = st.builds(
    AllPages, from_=st.none() | text, namespace=st.none() | st.integers(), limit=st.none() | st.integers(1)
)


@settings(max_examples=150, deadline=None)
@given(request=edits | calls | fetches | listings | st.builds(Titles, st.lists(text).map(tuple)))
def test_any_fields_lead_back_to_the_request(request: Request) -> None:
    assert type(request).from_fields(request.to_fields()) == request


def test_words_of_the_shell_are_taken() -> None:
    assert AllPages.from_fields({"namespace": "0", "limit": "5"}) == AllPages(namespace=0, limit=5)
    assert Edit.from_fields({"page": "A", "text": "x", "minor": "true", "section": "3"}) == Edit(
        "A", text="x", minor=True, section=3
    )
    assert Edit.from_fields({"page": "A", "text": "1", "section": "new", "sectiontitle": "T"}).section == "new"


def test_what_is_nested_is_read_by_a_process_that_has_not_used_it() -> None:
    code = "from apibot.queries import Categories; print(Categories.from_fields({'pages': {'titles': ['A']}}).pages)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert "Titles(" in done.stdout


WRONG: list[tuple[type[Request], Mapping[str, object], list[str]]] = [
    (Edit, {"page": "A", "txt": "hunter2"}, ["txt"]),
    (Edit, {"page": "A", "text": "hunter2", "bogus": 1, "more": 2}, ["bogus", "more"]),
    (Edit, {"page": "A", "text": ["hunter2"]}, ["text"]),
    (Edit, {"page": "A", "text": "x", "minor": "hunter2", "section": "hunter2"}, ["minor", "section"]),
    (Edit, {"page": "A", "text": "x", "create": "hunter2"}, ["create"]),
    (Edit, {"text": "hunter2"}, ["page"]),
    (Edit, {"page": "A", "summary": "hunter2"}, ["nothing to save"]),
    (Edit, {"page": {"title": "A", "bse": "hunter2"}, "text": "x"}, ["page", "bse"]),
    (Edit, {"page": {}, "text": "hunter2"}, ["page"]),
    (Edit, {"page": 12, "text": "hunter2"}, ["page"]),
    (Edit, {"page": None, "text": "hunter2"}, ["page"]),
    (Edit, {"page": "A", "text": "x", "tags": "hunter2"}, ["tags"]),
    (Fetch, {"page": "A", "revid": "hunter2"}, ["revid"]),
    (Purge, {}, ["pages"]),
    (CallAction, {"action": "x", "params": {"a": {"b": "hunter2"}}}, ["params", "a"]),
    (AllPages, {"filterredir": "hunter2"}, ["filterredir"]),
    (AllPages, {"namespace": "hunter2"}, ["namespace"]),
    (CategoryMembers, {"title": "A", "tpye": "hunter2"}, ["tpye"]),
    (RecentChanges, {"toponly": "hunter2"}, ["toponly"]),
    (PageInfo, {"pages": {"titles": ["A"], "hunter3": "hunter2"}}, ["pages", "hunter3"]),
    (Titles, {"titles": "hunter2"}, ["titles"]),
    (PageIds, {"pageids": ["hunter2"]}, ["pageids"]),
]


@pytest.mark.parametrize(("kind", "fields", "named"), WRONG, ids=lambda value: getattr(value, "__name__", None))
def test_what_does_not_fit_is_named_and_no_value_shown(
    kind: type[Request], fields: Mapping[str, object], named: list[str]
) -> None:
    with pytest.raises(BadParameter) as caught:
        kind.from_fields(fields)
    message = str(caught.value)
    assert message.startswith(f"{kind.__name__}: ")
    assert [name for name in named if name not in message.partition("Fields:")[0]] == []
    assert "hunter2" not in message
    assert "json-or-python" not in message, "names of pydantic's own say nothing to the reader"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_are_no_fields_is_refused() -> None:
    for wrong in (["A"], "A", None, 5):
        with pytest.raises(BadParameter):
            Edit.from_fields(wrong)  # type: ignore[arg-type]  # damaged input


class Signs(Task[None]):
    """A task with a secret in a field of its own."""

    name: str = arg(kw_only=False)
    password: Secret | None = None


def test_a_secret_can_not_be_written_down() -> None:
    signs = Signs("A", password=Secret("hunter2"))
    assert "hunter2" not in repr(signs)
    writers: list[Callable[[Any], object]] = [pickle.dumps, copy.deepcopy, Signs.to_fields]
    errors = []
    for write in writers:
        with pytest.raises((TypeError, BadParameter)) as caught:
            write(signs)
        errors.append(caught.value)
        assert "hunter2" not in str(caught.value)
    assert isinstance(errors[-1], BadParameter)


def test_a_secret_hidden_in_free_parameters_can_not_be_written_down() -> None:
    call = CallAction("login", params={"lgpassword": Secret("hunter2")})  # type: ignore[dict-item]  # an untyped slip
    with pytest.raises(BadParameter) as caught:
        call.to_fields()
    assert "hunter2" not in str(caught.value)


# What makes no sense is refused when the request is made.

REFUSED: dict[str, Callable[[], object]] = {
    "edit without change": lambda: Edit("A"),
    "edit of no page": lambda: Edit("", text="x"),
    "edit of None": lambda: Edit(None, text="x"),  # type: ignore[arg-type]  # untyped
    "edit of a number": lambda: Edit(12, text="x"),  # type: ignore[arg-type]  # untyped
    "edit text and append": lambda: Edit("A", text="x", append="y"),
    "edit text and prepend": lambda: Edit("A", text="x", prepend="y"),
    "edit new section without title": lambda: Edit("A", text="x", section="new"),
    "edit new section without text": lambda: Edit("A", append="x", section="new", sectiontitle="T"),
    "edit title without section": lambda: Edit("A", text="x", sectiontitle="T"),
    "edit negative section": lambda: Edit("A", text="x", section=-1),
    "edit section by a word": lambda: Edit("A", text="x", section="nwe"),  # type: ignore[arg-type]  # untyped
    "edit create misspelt": lambda: Edit("A", text="x", create="onyl"),  # type: ignore[arg-type]  # untyped
    "edit one tag as text": lambda: Edit("A", text="x", tags="bot"),
    "edit text as bytes": lambda: Edit("A", text=b"x"),  # type: ignore[arg-type]  # untyped
    "fetch no page": lambda: Fetch(""),
    "fetch None": lambda: Fetch(None),  # type: ignore[arg-type]  # untyped
    "purge of None": lambda: Purge(None),  # type: ignore[arg-type]  # untyped
    "purge of an empty title": lambda: Purge(["A", ""]),
    "titles as one text": lambda: Titles("Main Page"),
    "titles in a list of lists": lambda: Titles((["A", "B"],)),  # type: ignore[arg-type]  # bridge.titles([...])
    "pageids as text": lambda: PageIds("12"),  # type: ignore[arg-type]  # untyped
}


@pytest.mark.parametrize("name", REFUSED)
def test_nonsense_is_refused_early(name: str) -> None:
    with pytest.raises(BadParameter):
        REFUSED[name]()


def test_a_fetched_page_is_held_as_a_reference() -> None:
    row: JsonObject = {"pageid": 3, "ns": 0, "title": "A", "lastrevid": 7}
    row["revisions"] = [{"revid": 7, "slots": {"main": {"content": "old"}}}]
    page = Page(row)
    page.text = "new"
    assert Edit(page).page == PageRef("A", 3, 0, 7)
    assert Edit(page).text == "new"
    assert Edit(page, append="x").text is None
    assert Edit(page, text="other").text == "other"
    assert Fetch(page).page == PageRef("A", 3, 0, 7)
    assert Purge([page, "B"]).pages == (PageRef("A", 3, 0, 7), PageRef("B"))
    assert Edit(page).derived is False
    assert Edit(page, append="x").derived is True
