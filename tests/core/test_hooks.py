"""apibot.core.hooks: chains, scopes, errors, and calls inside and beside calls."""

from __future__ import annotations

import importlib
import inspect
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from apibot.core.errors import ApibotError, HookError, PageMissing
from apibot.core.hooks import Callback, Hooks, hookable
from apibot.core.layer import Layer

WORK, OUTER, FAIL = "Thing::work", "Thing::outer", "Thing::fail"


class Thing:
    label = "Thing"

    def __init__(self) -> None:
        self.hooks = Hooks()
        self.done: list[str] = []

    @hookable
    def work(self, text: str, *, times: int = 1) -> str:
        """Repeat a text."""
        self.done.append(text)
        return text * times

    @hookable
    def outer(self, text: str) -> str:
        """Work by another hookable method."""
        return f"<{self.work(text)}>"

    @hookable
    def fail(self, error: Exception) -> str:
        """Raise what is given."""
        raise error

    @hookable
    def rows(self, number: int) -> Iterator[int]:
        """Give numbers one by one."""
        yield from range(number)


@pytest.fixture
def thing() -> Thing:
    return Thing()


def marking(hooks: Hooks, name: str, mark: str) -> Callback:
    """Hook a callback that puts a mark around the result; returns what held the hook."""
    previous = hooks.hook(name, lambda obj, *args, **kwargs: f"{mark}({previous(obj, *args, **kwargs)})")
    return previous


def test_without_hooks_the_method_is_called(thing: Thing) -> None:
    assert thing.work("a", times=3) == "aaa"
    assert thing.hooks.holder(WORK) is None


def test_a_callback_may_call_what_held_the_hook(thing: Thing) -> None:
    previous = marking(thing.hooks, WORK, "one")
    assert thing.work("a", times=2) == "one(aa)"
    assert previous(thing, "b", times=2) == "bb"
    assert thing.done == ["a", "b"]


def test_chain_of_three_with_the_newest_first(thing: Thing) -> None:
    for mark in ("one", "two", "three"):
        marking(thing.hooks, WORK, mark)
    assert thing.work("a") == "three(two(one(a)))"
    assert thing.done == ["a"]


def test_hooking_returns_what_held_the_hook(thing: Thing) -> None:
    marking(thing.hooks, WORK, "one")
    second = thing.hooks.hook(WORK, lambda obj, text: "replaced")
    third = thing.hooks.hook(WORK, lambda obj, text: f"{second(obj, text)}!")
    assert third(thing, "a") == "replaced"
    assert second(thing, "a") == "one(a)"
    assert thing.work("a") == "one(a)!"


def test_a_callback_that_does_not_call_previous_replaces_the_work(thing: Thing) -> None:
    marking(thing.hooks, WORK, "below")
    thing.hooks.hook(WORK, lambda obj, text, **_: "instead")
    assert thing.work("a", times=5) == "instead"
    assert thing.done == []


def test_a_callback_may_call_previous_more_than_once(thing: Thing) -> None:
    previous = thing.hooks.hook(WORK, lambda obj, text: f"{previous(obj, text)}{previous(obj, text)}")
    assert thing.work("a") == "aa"
    assert thing.done == ["a", "a"]


def test_a_callback_changes_arguments_and_result(thing: Thing) -> None:
    def change(obj: Thing, text: str, *, times: int = 1) -> str:
        return str(previous(obj, text.upper(), times=times + 1)) + "!"

    previous = thing.hooks.hook(WORK, change)
    assert thing.work("a", times=2) == "AAA!"
    assert thing.done == ["A"]


def test_a_callback_gets_the_object_and_the_arguments_as_given(thing: Thing) -> None:
    seen: list[object] = []
    thing.hooks.hook(WORK, lambda *args, **kwargs: seen.append((args, kwargs)))
    thing.work("a")
    thing.work(text="b", times=2)
    assert seen == [((thing, "a"), {}), ((thing,), {"text": "b", "times": 2})]


def test_a_none_is_a_result(thing: Thing) -> None:
    thing.hooks.hook(WORK, lambda obj, text: None)
    assert thing.work("a") is None
    assert thing.done == []


def test_hooks_of_other_names_and_cores_are_left_alone(thing: Thing) -> None:
    other = Thing()
    marking(thing.hooks, WORK, "mine")
    marking(thing.hooks, "Thing::other", "other")
    marking(thing.hooks, "Other::work", "other")
    assert (thing.work("a"), other.work("a")) == ("mine(a)", "a")


def test_a_hook_that_triggers_another_hooked_call(thing: Thing) -> None:
    def callback(obj: Thing, text: str) -> str:
        return f"{obj.work('inner')} {previous(obj, text)}"

    previous = thing.hooks.hook(OUTER, callback)
    marking(thing.hooks, WORK, "one")
    assert thing.outer("a") == "one(inner) <one(a)>"


def test_a_hook_that_triggers_the_same_call(thing: Thing) -> None:
    def callback(obj: Thing, text: str) -> str:
        return obj.work(text[1:]) + "." if text.startswith("+") else str(previous(obj, text))

    previous = thing.hooks.hook(WORK, callback)
    assert thing.work("+++a") == "a..."
    assert thing.done == ["a"]


def test_a_hook_taken_within_its_own_call_counts_from_the_next_call_on(thing: Thing) -> None:
    def callback(obj: Thing, text: str) -> str:
        marking(obj.hooks, WORK, "late")
        return str(previous(obj, text))

    previous = thing.hooks.hook(WORK, callback)
    assert thing.work("a") == "a"
    assert thing.work("b") == "late(b)"


def test_concurrent_calls_do_not_mix(thing: Thing) -> None:
    together = threading.Barrier(8, timeout=10)

    def callback(obj: Thing, text: str, *, times: int = 1) -> str:
        together.wait()  # all are in the callback at once
        return str(previous(obj, f"{text}-{threading.get_ident()}", times=times))

    previous = thing.hooks.hook(WORK, callback)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: (thing.work(str(n)), threading.get_ident()), range(8)))
    assert got == [(f"{n}-{ident}", ident) for n, (_text, ident) in enumerate(got)]


def test_hooking_from_many_threads_loses_none(thing: Thing) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: marking(thing.hooks, WORK, f"m{n}"), range(50)))
    assert thing.work("a").count("(") == 50


# Scopes.


def test_a_scope_ends_with_its_block(thing: Thing) -> None:
    with thing.hooks.hooked(WORK, lambda obj, text: f"scoped {previous(obj, text)}") as previous:
        assert thing.work("a") == "scoped a"
    assert thing.work("a") == "a"
    assert thing.hooks.holder(WORK) is None


def test_a_scope_ends_with_an_error_too(thing: Thing) -> None:
    with pytest.raises(KeyError), thing.hooks.hooked(WORK, lambda obj, text: "scoped"):
        raise KeyError
    assert thing.work("a") == "a"


def test_a_scope_above_a_lasting_hook(thing: Thing) -> None:
    marking(thing.hooks, WORK, "lasting")
    with thing.hooks.hooked(WORK, lambda obj, text: f"scoped {previous(obj, text)}") as previous:
        assert thing.work("a") == "scoped lasting(a)"
    assert thing.work("a") == "lasting(a)"


def test_a_lasting_hook_taken_within_a_scope_outlives_it(thing: Thing) -> None:
    with thing.hooks.hooked(WORK, lambda obj, text: "scoped"):
        marking(thing.hooks, WORK, "lasting")
        assert thing.work("a") == "lasting(scoped)"
    assert thing.work("a") == "lasting(a)"


def leave(thing: Thing, order: str) -> list[str]:
    """Enter scopes a, b, c and leave them in another order; returns what a call gave after each step."""
    scopes = {mark: ExitStack() for mark in "abc"}

    def callback(mark: str) -> tuple[Callback, list[Callback]]:
        below: list[Callback] = []
        return (lambda obj, text: f"{mark}{below[0](obj, text)}"), below

    for mark, scope in scopes.items():
        function, below = callback(mark)
        below.append(scope.enter_context(thing.hooks.hooked(WORK, function)))
    seen = [thing.work("-")]
    for mark in order:
        scopes[mark].close()
        seen.append(thing.work("-"))
    return seen


@pytest.mark.parametrize(
    ("order", "seen"),
    [
        ("cba", ["cba-", "ba-", "a-", "-"]),
        ("abc", ["cba-", "cb-", "c-", "-"]),
        ("bca", ["cba-", "ca-", "a-", "-"]),
        ("acb", ["cba-", "cb-", "b-", "-"]),
    ],
)
def test_scopes_left_in_any_order(thing: Thing, order: str, seen: list[str]) -> None:
    assert leave(thing, order) == seen


@pytest.mark.parametrize("order", ["cba", "abc", "bca", "acb"])
def test_scopes_left_in_any_order_leave_nothing_behind(thing: Thing, order: str) -> None:
    leave(thing, order)
    assert thing.hooks.holder(WORK) is None


def test_scopes_that_overlap_for_ever_do_not_pile_up(thing: Thing) -> None:
    last = ExitStack()
    for _round in range(2000):  # as two threads do that each hook for a while
        following = ExitStack()
        following.enter_context(thing.hooks.hooked(WORK, lambda obj, text: "scoped"))
        last.close()
        last = following
    last.close()
    assert thing.work("a") == "a"


# Errors.


def clumsy(obj: object, *args: object, **kwargs: object) -> str:
    msg = "wrong key"
    raise KeyError(msg)


def test_a_callback_that_raises_is_named(thing: Thing) -> None:
    thing.hooks.hook(WORK, clumsy)
    with pytest.raises(HookError, match=rf"clumsy on hook {WORK} failed: KeyError: 'wrong key'") as caught:
        thing.work("a")
    assert isinstance(caught.value.__cause__, KeyError)
    assert thing.done == []


def test_a_callback_with_wrong_parameters_is_named(thing: Thing) -> None:
    def takes_nothing() -> None:
        """Take nothing."""

    thing.hooks.hook(WORK, takes_nothing)
    with pytest.raises(HookError, match="takes_nothing"):
        thing.work("a")


@pytest.mark.parametrize("above", [0, 1, 3])
@pytest.mark.parametrize("below", [0, 2])
def test_only_the_callback_at_fault_is_named(thing: Thing, above: int, below: int) -> None:
    for number in range(below):
        marking(thing.hooks, WORK, f"below{number}")
    thing.hooks.hook(WORK, clumsy)
    for number in range(above):
        marking(thing.hooks, WORK, f"above{number}")
    with pytest.raises(HookError) as caught:
        thing.work("a")
    assert str(caught.value).count("hook Thing::work") == 1
    assert "clumsy" in str(caught.value)
    assert getattr(caught.value, "__notes__", []) == []


def test_an_error_of_ours_raised_by_a_callback_gets_a_note(thing: Thing) -> None:
    def refuses(obj: Thing, text: str) -> str:
        code = "missingtitle"
        raise PageMissing(code)

    thing.hooks.hook(WORK, refuses)
    marking(thing.hooks, WORK, "above")
    with pytest.raises(PageMissing) as caught:
        thing.work("a")
    [note] = caught.value.__notes__
    assert "refuses" in note
    assert WORK in note


@pytest.mark.parametrize("error", [PageMissing("missingtitle"), ValueError("no")])
def test_an_error_from_below_passes_unmarked(thing: Thing, error: Exception) -> None:
    for mark in ("one", "two"):
        marking(thing.hooks, FAIL, mark)
    with pytest.raises(type(error)) as caught:
        thing.fail(error)
    assert caught.value is error
    assert getattr(error, "__notes__", []) == []


def test_a_callback_may_catch_an_error_from_below(thing: Thing) -> None:
    def lenient(obj: Thing, error: Exception) -> str:
        try:
            return str(previous(obj, error))
        except ApibotError:
            return "caught"

    previous = thing.hooks.hook(FAIL, lenient)
    assert thing.fail(PageMissing("missingtitle")) == "caught"


def test_a_callback_that_fails_while_it_handles_an_error_is_named(thing: Thing) -> None:
    def handler(obj: Thing, error: Exception) -> str:
        try:
            return str(previous(obj, error))
        except ApibotError:
            return str(1 / 0)

    previous = thing.hooks.hook(FAIL, handler)
    with pytest.raises(HookError, match=r"handler .*ZeroDivisionError"):
        thing.fail(PageMissing("missingtitle"))


def failing_by_another_call(obj: Thing, text: str) -> str:
    """Make a call of its own that fails: that is no error from below."""
    return obj.fail(ValueError("of its own making"))


@pytest.mark.parametrize("hooked_too", [False, True])
def test_an_error_of_another_call_made_by_the_callback_is_the_callbacks(thing: Thing, *, hooked_too: bool) -> None:
    thing.hooks.hook(WORK, failing_by_another_call)
    if hooked_too:
        marking(thing.hooks, FAIL, "only looks on")
    with pytest.raises(HookError, match=f"failing_by_another_call on hook {WORK}"):
        thing.work("a")


def test_an_interruption_is_no_error_of_the_callback(thing: Thing) -> None:
    def interrupted(obj: Thing, text: str) -> str:
        raise KeyboardInterrupt

    thing.hooks.hook(WORK, interrupted)
    with pytest.raises(KeyboardInterrupt):
        thing.work("a")


def test_a_callback_without_a_name_is_named_by_its_repr(thing: Thing) -> None:
    class Counter:
        def __call__(self, obj: object, text: str) -> str:
            raise KeyError(text)

        def __repr__(self) -> str:
            return "<the counter>"

    thing.hooks.hook(WORK, Counter())
    with pytest.raises(HookError, match="<the counter>"):
        thing.work("a")


def test_a_callback_that_fails_between_its_rows_is_named(thing: Thing) -> None:
    def filtering(obj: Thing, number: int) -> Iterator[int]:
        for row in previous(obj, number):  # type: ignore[attr-defined]  # a Callback returns object
            yield 10 // (2 - row)

    previous = thing.hooks.hook("Thing::rows", filtering)
    rows = thing.rows(4)
    assert [next(rows), next(rows)] == [5, 10]
    with pytest.raises(HookError, match="filtering"):
        next(rows)


# The decorator.


def test_name_and_docstring_are_kept_on_the_class() -> None:
    assert inspect.getdoc(Thing.work) == "Repeat a text."
    assert Thing.work.__name__ == "work"
    assert list(inspect.signature(vars(Thing.work)["default"]).parameters) == ["self", "text", "times"]


def test_name_docstring_and_signature_are_kept_on_the_object(thing: Thing) -> None:
    bound: Any = thing.work
    assert inspect.getdoc(bound) == "Repeat a text."
    assert bound.__name__ == "work"
    assert list(inspect.signature(bound).parameters) == ["text", "times"]


def test_a_subclass_with_a_method_of_its_own(thing: Thing) -> None:
    class Louder(Thing):
        @hookable
        def work(self: Thing, text: str, *, times: int = 1) -> str:
            plain: Callable[..., str] = vars(Thing.work)["default"]
            return plain(self, text.upper(), times=times)

    louder = Louder()
    marking(louder.hooks, WORK, "one")
    assert louder.work("a") == "one(A)"


def all_layers(kind: type[Layer] = Layer) -> Iterator[type[Layer]]:
    for one in kind.__subclasses__():
        yield one
        yield from all_layers(one)


def test_what_overrides_a_hookable_method_is_hookable() -> None:
    importlib.import_module("apibot.backends.api")
    hidden = [
        f"{kind.__name__}.{name}"
        for kind in {one: None for one in all_layers() if one.__module__.startswith("apibot.")}
        for name, value in vars(kind).items()
        if not hasattr(value, "default") and any(hasattr(vars(base).get(name), "default") for base in kind.__mro__[1:])
    ]
    assert hidden == []


def test_what_no_hook_can_be_is_refused() -> None:
    hooks = Hooks()
    wrong: list[Callable[[], object]] = [
        lambda: hooks.hook("API_Action_Edit", clumsy),
        lambda: hooks.hook("::xfer", clumsy),
        lambda: hooks.hook("API_Action_Edit::", clumsy),
        lambda: hooks.hook(WORK, "clumsy"),  # type: ignore[arg-type]  # the untyped caller's slip
    ]
    for call in wrong:
        with pytest.raises(ApibotError):
            call()
