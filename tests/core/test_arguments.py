"""Arguments of the wrong type are refused as the signature has it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from apibot.core.arguments import checked, checked_class, each
from apibot.core.errors import BadParameter

if TYPE_CHECKING:
    from decimal import Decimal


@checked
def told(
    first: str,
    second: int | str | None = None,
    *others: str | Later,
    share: float = 1.0,
    names: Collection[str] = (),
    call: Callable[[str], str] | None = None,
    unknown: Decimal | None = None,
    shape: Shape | None = None,
) -> str:
    """Tell what was given."""
    return f"{first} {second} {others} {share} {names} {call} {unknown} {shape}"


class Shape(Protocol):
    """What can not be looked at."""

    size: int


class Later:
    """A class that stands behind what names it."""


@checked_class
class Box:
    """A class with doors."""

    def __init__(self, size: int) -> None:
        self.size = size

    @property
    def half(self) -> int:
        """Half of its size."""
        return self.size // 2

    @half.setter
    def half(self, value: int) -> None:
        self.size = 2 * value

    def __setitem__(self, name: str, value: int) -> None:
        self.size = value

    def _inner(self, value: int) -> int:
        return value


untyped: Any = told
AnyBox: Any = Box
FINE: list[Callable[[], object]] = [
    lambda: untyped("a"),
    lambda: untyped("a", 1, "b", Later(), share=2, names=["x"], call=str.upper),
    lambda: untyped(first="a", second=None, share=0.5, names={"x"}),
    lambda: untyped("a", unknown="anything", shape=5),
    lambda: setattr(AnyBox(1), "half", 2),
    lambda: AnyBox(1)._inner("x"),
]
REFUSED: dict[str, Callable[[], object]] = {
    r"told: first is to be a text, not 5. Give str(5).": lambda: untyped(5),
    r"told: first is to be a text, not None.": lambda: untyped(first=None),
    r"told: second is to be a whole number or a text or None, not 1.5. Give str(1.5).": lambda: untyped("a", 1.5),
    r"told: others is to be a text or a Later, not b'x'.": lambda: untyped("a", 1, "b", b"x"),
    r"told: share is to be a number, not '1'.": lambda: untyped("a", share="1"),
    r"told: names is to be a Collection, not 5.": lambda: untyped("a", names=5),
    r"told: call is to be a Callable or None, not 'x'.": lambda: untyped("a", call="x"),
    r"Box.__init__: size is to be a whole number, not 'x'.": lambda: AnyBox("x"),
    r"Box.half: value is to be a whole number, not None.": lambda: setattr(AnyBox(1), "half", None),
    r"Box.__setitem__: name is to be a text, not 5. Give str(5).": lambda: AnyBox(1).__setitem__(5, 1),
}


def test_what_fits_goes_through() -> None:
    for call in FINE:
        call()
    assert told("a", 2, "b") == "a 2 ('b',) 1.0 () None None None"


@pytest.mark.parametrize("message", REFUSED)
def test_what_does_not_fit_is_refused(message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        REFUSED[message]()
    assert str(caught.value) == message


def test_a_long_value_is_shortened() -> None:
    with pytest.raises(BadParameter) as caught:
        untyped(b"x" * 10_000)
    assert len(str(caught.value)) < 300


def test_an_argument_too_many_is_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        untyped("a", nothing=1)


def test_a_function_stays_what_it_is() -> None:
    assert told.__name__ == "told"
    assert told.__doc__ == "Tell what was given."


def test_one_text_is_one_and_not_its_letters() -> None:
    assert each("wikitable") == ["wikitable"]
    assert each(("a", "b")) == each(iter("ab")) == ["a", "b"]
    assert each([]) == []
