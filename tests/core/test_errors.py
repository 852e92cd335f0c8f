"""Errors as data: each can be copied, and comes whole from another process."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from apibot.core.errors import ApibotError, BadText, ParameterPageError, Problem, TooLong, WikiError

VALUES: dict[str, object] = {
    "text": "ab\ud800" * 200,
    "reason": "it is none",
    "position": 3,
    "problems": [Problem("a[0]", "1", "it is wrong", 2, 5), Problem("", "", "so is this", 0, 0)],
    "seconds": 12.5,
    "event": "maxlag",
    "why": "the wiki is busy",
    "code": "badtoken",
    "info": "Invalid CSRF token.",
    "what": "edit of A",
    "hint": "Log in.",
}
"""For the parameters of all errors; what has none of these names takes a message."""


def every(kind: type[ApibotError] = ApibotError) -> Iterator[type[ApibotError]]:
    yield kind
    for inner in kind.__subclasses__():
        if inner.__module__.startswith("apibot."):
            yield from every(inner)


KINDS = list(every())


def made(kind: type[ApibotError]) -> ApibotError:
    """Return an error of a class with all that it can hold."""
    names = inspect.signature(kind).parameters.values() if "__init__" in vars_of(kind) else ()
    given = [VALUES[one.name] for one in names if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = {one.name: VALUES[one.name] for one in names if one.kind is one.KEYWORD_ONLY}
    error = kind(*(given or ["it did not work"]), **named)
    error.request = {"action": "edit"}
    error.retry_after = 2.5
    error.add_note("on page A")
    return error


def vars_of(kind: type[ApibotError]) -> set[str]:
    return {name for one in kind.__mro__ if issubclass(one, ApibotError) for name in vars(one)}


def told(error: BaseException) -> tuple[object, ...]:
    return type(error), str(error), error.args, vars(error)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_error_can_be_copied_and_pickled(kind: type[ApibotError]) -> None:
    error = made(kind)
    assert len(vars(error)) > 2
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert told(pickle.loads(pickle.dumps(error, protocol))) == told(error)  # noqa: S301  # our own
    for back in (copy.copy(error), copy.deepcopy(error)):
        assert told(back) == told(error)
        assert back is not error


def test_what_those_with_parameters_hold_is_there() -> None:
    error = WikiError("badtoken", "Invalid", hint="Log in.")
    error.data = [{"code": "badtoken"}]
    back = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert (back.code, back.info, back.data) == ("badtoken", "Invalid", [{"code": "badtoken"}])
    assert str(back) == "Invalid [badtoken] Log in."
    late = copy.copy(TooLong(90, "maxlag", "The wiki is busy"))
    assert (late.seconds, late.event) == (90, "maxlag")


class Own(BadText):
    """An error of somebody else's, made with what no other is made with."""

    def __init__(self, number: int, *, more: str) -> None:
        super().__init__(str(number), more)
        self.number = number


def fail(number: int) -> None:
    if number:
        raise Own(number, more="odd")
    page = "page"
    raise ParameterPageError(page, [Problem("a", "1", "wrong", 1, 2)])


def test_errors_come_from_other_processes() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        with pytest.raises(Own, match="odd") as caught:
            pool.submit(fail, 7).result()
        assert (caught.value.number, caught.value.text) == (7, "7")
        with pytest.raises(ParameterPageError, match="Correct it:\nline 1"):
            pool.submit(fail, 0).result()
