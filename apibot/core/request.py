"""A request is data: a class whose annotations are its fields.

The classes become frozen dataclasses on first use, so that importing a whole catalogue of them costs little.
pydantic is used where a request crosses a border (JSON, the shell) and loaded only then.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import threading
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Literal,
    Protocol,
    Self,
    TypeVar,
    cast,
    dataclass_transform,
)

from apibot.core.errors import BadParameter
from apibot.core.jsons import JsonObject

R_co = TypeVar("R_co", covariant=True)
Row_co = TypeVar("Row_co", covariant=True)
_compiling = threading.RLock()
_compiled: set[type] = set()

Value = str | int | bool | Sequence[str]
"""Of a parameter that no field stands for."""
Extra = Mapping[str, Value]
"""Parameters of a module that no field stands for, unprefixed."""
Effect = Literal["read", "idempotent", "write"]
"""What a second copy of a request may do: nothing, the same again, or harm."""


def arg(*, kw_only: Literal[False], default: Any = dataclasses.MISSING) -> Any:  # noqa: ANN401  # stands for any field
    """Declare a field that may be given by position."""
    return dataclasses.field(kw_only=kw_only, default=default)


class _Signature:
    """What ``inspect.signature`` and ``help`` show of a request class, also before its first use."""

    def __get__(self, obj: object, owner: type[Request]) -> inspect.Signature:
        if "__dataclass_fields__" not in vars(owner):  # a class without a text is asked while it is being made
            owner.compiled()
        whole = inspect.signature(owner.__init__)
        return whole.replace(parameters=[*whole.parameters.values()][1:])  # without self


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(arg,))
class Request:
    """Base of all requests: frozen, comparable, hashable data."""

    __pydantic_config__: ClassVar[Any]
    __signature__ = _Signature()

    if not TYPE_CHECKING:  # a visible __new__ would hide the signature from type checkers

        def __new__(cls, *args: object, **kwargs: object) -> Self:
            """Compile the class first, and note which fields are given."""
            cls.compiled()
            made = object.__new__(cls)
            object.__setattr__(made, "_named", frozenset((*cls.positional()[: len(args)], *kwargs)))
            return made

    @classmethod
    def compiled(cls) -> type[Self]:
        """Make the class a dataclass if it is none yet, and return it."""
        if cls not in _compiled:
            with _compiling:
                for base in reversed(cls.__mro__):
                    if issubclass(base, Request) and base is not Request and base not in _compiled:
                        dataclasses.dataclass(frozen=True, kw_only=True)(base)
                        _compiled.add(base)
        return cls

    def __post_init__(self) -> None:
        """Freeze what was given: a request does not change with the list it was made from."""
        for name, value in vars(self).items():
            if isinstance(value, list | dict | datetime):
                object.__setattr__(self, name, _frozen(cast("object", value)))

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Return the names of the fields, positional ones first."""
        found = dataclasses.fields(cast("Any", cls.compiled()))
        return tuple(f.name for f in sorted(found, key=lambda f: bool(f.kw_only)))

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        """Return the names of the fields that may be given by position, in order."""
        return tuple(f.name for f in dataclasses.fields(cast("Any", cls.compiled())) if not f.kw_only)

    def given(self) -> dict[str, object]:
        """Return the fields that differ from their defaults."""
        return {
            f.name: value
            for f in dataclasses.fields(cast("Any", self))
            if (value := getattr(self, f.name)) != f.default
        }

    def named(self) -> frozenset[str]:
        """Return the names of the fields that were given, be it with their defaults, or that are not as by default."""
        return frozenset[str](self.__dict__.get("_named", ())) | self.given().keys()

    def replaced(self, **changes: object) -> Self:
        """Return a copy with some fields changed."""
        made = cast("Self", dataclasses.replace(cast("Any", self), **changes))
        object.__setattr__(made, "_named", self.named() | changes.keys())
        return made

    def settled(self) -> Self:
        """Return a copy whose fields all count as given, so that no setting fills any of them in."""
        return self.replaced(**{name: getattr(self, name) for name in self.field_names()})

    @classmethod
    @functools.cache
    def _adapter(cls) -> Any:  # noqa: ANN401  # pydantic's, which is not imported here
        from pydantic import ConfigDict, TypeAdapter  # only when a request crosses a border

        cls.compiled()
        for hint in typing.get_type_hints(cls).values():
            for inner in typing.get_args(hint):
                if isinstance(inner, type) and issubclass(inner, Request):
                    inner.compiled()
        cls.__pydantic_config__ = ConfigDict(extra="forbid", hide_input_in_errors=True)
        return TypeAdapter(cls)

    def to_fields(self) -> JsonObject:
        """Return the request as JSON, without fields that have their defaults.

        Raises BadParameter for a request that can not be written down (it holds a secret).
        """
        from pydantic import PydanticSchemaGenerationError
        from pydantic_core import PydanticSerializationError

        try:
            dumped = self._adapter().dump_python(self, mode="json", exclude_defaults=True)
        except (PydanticSchemaGenerationError, PydanticSerializationError) as exc:
            msg = f"{type(self).__name__}: can not be written down: it holds a secret, or what is no data."
            raise BadParameter(msg) from exc
        return cast("JsonObject", dumped)

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> Self:
        """Make a request from JSON or from words of the shell.

        Raises BadParameter naming each unknown field and each value of a wrong type.
        """
        from pydantic import ValidationError

        try:
            made = cast("Self", cls._adapter().validate_python(fields))
        except ValidationError as exc:
            faults = dict.fromkeys(f"{_place(fault['loc'])}: {fault['msg']}" for fault in exc.errors())
            msg = f"{cls.__name__}: {'; '.join(faults)}. Fields: {', '.join(cls.field_names())}."
            raise BadParameter(msg) from None
        object.__setattr__(made, "_named", frozenset(fields))
        return made


def _place(parts: tuple[int | str, ...]) -> str:
    """Return where a fault is, by the names of fields; pydantic's own names of types say nothing to the reader."""
    types = {"str", "int", "float", "bool", "list", "dict", "tuple"}
    fields = [str(part) for part in parts if re.fullmatch(r"[a-z0-9]\w*", str(part)) and part not in types]
    return ".".join(fields) or "value"


def _frozen(value: object) -> object:
    """Return a value that does not change: lists as tuples, times as the wiki writes them."""
    if isinstance(value, list):
        return tuple(_frozen(one) for one in cast("list[object]", value))
    if isinstance(value, dict):
        return {key: _frozen(one) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, datetime):
        if value.tzinfo is None:
            msg = f"{value}: a time needs its time zone, like datetime.now(UTC)."
            raise BadParameter(msg)
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


class RowKind(Protocol):
    """A class whose instances are rows."""

    @classmethod
    def from_api(cls, row: Mapping[str, object], /) -> object:
        """Make a row from what the API gave."""
        ...


RowType = type[RowKind]
"""So that a class with a field named ``type`` can still name it."""


class Task(Request, Generic[R_co]):
    """A request that does something; ``R`` is its result."""

    effect: ClassVar[Effect] = "write"


class Query(Request, Generic[Row_co]):
    """A request for rows of info; ``Row`` is what each row becomes."""

    row: ClassVar[RowType]
    """What its rows become."""

    def limited(self, limit: int) -> Self:
        """Return the query with a smaller total, where it has one."""
        if "limit" not in self.field_names():
            return self
        old = self.given().get("limit")
        return self.replaced(limit=min(limit, old) if isinstance(old, int) else limit)

    @property
    def make_row(self) -> Callable[[Mapping[str, object]], Row_co]:
        """What makes a row of what the API gave."""
        return cast("Callable[[Mapping[str, object]], Row_co]", self.row.from_api)


__all__ = ["Effect", "Extra", "Query", "Request", "RowKind", "RowType", "Task", "Value", "arg"]
