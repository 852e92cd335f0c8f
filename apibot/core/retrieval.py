"""How settings are asked for: exactly, merged from the general to the special, or for one layer.

A section of ``[layers]`` is named by parts of a layer's label ``BACKEND_LEVEL_NAME``.  From the general to the
special, for ``API_Action_Edit``: ``*``, ``Action``, ``API_Action``, ``Action_Edit``, ``API_Action_Edit``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import NamedTuple, cast

from apibot.core.errors import SettingsError

LayerValue = str | int | float | bool | tuple[str | int, ...]
"""Of a parameter or field."""
LayerSettings = Mapping[str, Mapping[str, LayerValue]]
LEVELS = ("Task", "Query", "Action", "Mainmodule")
"""The levels that take settings."""
_LABEL = re.compile(rf"(?:(?P<backend>[A-Za-z0-9]+)_)?(?P<level>{'|'.join(LEVELS)})(?:_(?P<name>\w+))?")
_PART = re.compile(r'"([^"]*)"|([^."]+)')


class Section(NamedTuple):
    """A section of ``[layers]`` that a layer looks into."""

    name: str
    special: bool = False
    """Whether it is meant for what the layer is about and nothing else: then all its keys must be known."""
    backend: bool = False
    """Whether it is meant for one backend."""


def sections(label: str) -> list[Section]:
    """Return the sections that a layer looks into, from the general to the special."""
    found = _LABEL.fullmatch(label)
    if found is None:
        return [Section("*"), Section(label, special=True)]
    backend, level, name = found["backend"], found["level"], found["name"]
    levels = [Section(level, special=not name)]
    if backend:
        levels.append(Section(f"{backend}_{level}", special=not name, backend=True))
    named = [one._replace(name=f"{one.name}_{name}", special=True) for one in levels] if name else []
    return [Section("*"), *levels, *named]


def check_sections(layers: LayerSettings) -> None:
    """Raise SettingsError for a section of ``[layers]`` that no layer looks into."""
    for name in layers:
        if name != "*" and not _LABEL.fullmatch(name):
            msg = (
                f"layers.{name}: no layer looks into this section. Name a level ({', '.join(LEVELS)}), with the "
                "backend before and the name behind it if wanted, like Task_Edit or API_Action_Edit; or '*'."
            )
            raise SettingsError(msg)


class Retrieval:
    """What settings answer; the base of ``apibot.core.schema.Settings``."""

    def exact(self, path: str) -> object:
        """Return one setting, or a block of them.

        Parameters: ``path``, keys with dots between, quoted where one holds a dot itself: ``retry.budget``,
        ``wikis."en.wikipedia".api``.
        Raises SettingsError, naming what there is, if there is none.
        """
        found: object = self
        steps = _steps(path)
        for number, step in enumerate(steps):
            known = dict(_parts(found))
            if step not in known:
                place = ".".join(steps[:number]) or "the settings"
                names = f"Known there: {', '.join(map(str, known))}." if known else "Nothing is."
                msg = f"{path}: there is no {step!r} in {place}. {names}"
                raise SettingsError(msg)
            found = known[step]
        return found

    def merged(self, *paths: str) -> dict[str, object]:
        """Return blocks of settings as one, key by key.

        Parameters: ``paths`` as of ``exact``, from the general to the special: what a later one sets wins, also if
        it is empty; None is not set.  Of names that the user chooses (wikis, accounts, layers) there may be none.
        Raises SettingsError for a path that leads nowhere otherwise.
        """
        found: dict[str, object] = {}
        for path in paths:
            if self._may_lack(path):
                continue
            block = self.exact(path)
            if not _is_block(block):
                msg = f"{path}: is one setting; only blocks of them can be merged."
                raise SettingsError(msg)
            found |= {key: value for key, value in _parts(block) if value is not None}
        return found

    def _may_lack(self, path: str) -> bool:
        """Say whether a path leads to a name of the user's choice that is not there."""
        found: object = self
        for step in _steps(path):
            known = dict(_parts(found))
            if step not in known:
                return isinstance(found, Mapping)
            found = known[step]
        return False

    def layer(self, label: str, known: Container[str] = ()) -> dict[str, LayerValue]:
        """Return what ``[layers]`` says for one layer, merged.

        Parameters: ``label`` of the layer; ``known``, the keys of general sections that it takes: they are meant
        for many layers, and one that does not know a key leaves it out.
        Returns all keys of the special sections, known or not.  An empty value (``false``, ``""``, ``[]``) is
        returned too: it takes away what a more general section gives.
        """
        layers = cast("LayerSettings", self.exact("layers"))
        return {
            key: value
            for section in sections(label)
            for key, value in layers.get(section.name, {}).items()
            if section.special or key in known
        }


def _steps(path: str) -> list[str]:
    return [quoted or plain for quoted, plain in _PART.findall(path)]


def _is_block(value: object) -> bool:
    return isinstance(value, Mapping) or is_dataclass(value)


def _parts(block: object) -> Iterator[tuple[str, object]]:
    """Give the keys of a block of settings with their values."""
    if isinstance(block, Mapping):
        yield from cast("Mapping[str, object]", block).items()
    elif is_dataclass(block):
        for field in fields(block):
            yield field.name, getattr(block, field.name)


__all__ = ["LEVELS", "LayerSettings", "LayerValue", "Retrieval", "Section", "check_sections", "sections"]
