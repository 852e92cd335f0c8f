"""A source of info that knows what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apibot.core.jsons import Json, JsonObject


class Source:
    """Answers what it was given, and notes what it was asked."""

    def __init__(self, name: str, **known: Any) -> None:
        self.name = name
        self.known = known
        self.asked: list[str] = []

    def _answer(self, what: str) -> Any:
        self.asked.append(what)
        return self.known.get(what)

    def site(self, name: str, *, fresh: bool = False) -> Json:
        found: Json = self._answer(name)
        return found

    def user(self, *, fresh: bool = False, recent: bool = False) -> JsonObject | None:
        found: JsonObject | None = self._answer("fresh" if fresh else "recent" if recent else "user")
        return found

    def global_user(self, name: str | None) -> JsonObject | None:
        found: JsonObject | None = self._answer("globaluser")
        return found

    def messages(self, names: Sequence[str], language: str | None) -> Mapping[str, str] | None:
        found: Mapping[str, str] | None = self._answer("messages")
        return found

    def file_repos(self) -> Json:
        found: Json = self._answer("filerepos")
        return found

    def module(self, path: str) -> JsonObject | None:
        found: JsonObject | None = self._answer(path)
        return found

    def help(self, path: str) -> JsonObject | None:
        found: JsonObject | None = self._answer(f"help {path}")
        return found

    def clocks(self) -> tuple[float, float] | None:
        found: tuple[float, float] | None = self._answer("clocks")
        return found


__all__ = ["Source"]
