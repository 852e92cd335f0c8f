"""What is known of a wiki, in memory and on disk, fetched anew by the rules of the settings.

All processes of a user share the files: of those that miss the same thing at the same moment one fetches it and the
others wait for that, and one that runs for long takes what another has fetched since.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.errors import BackendClosed, SettingsError, StateError
from apibot.core.jsons import JsonObject, block, real
from apibot.core.schema import FetchRule, InfoType

if TYPE_CHECKING:
    from apibot.core.core import Core
    from apibot.core.infostore import Stamp

DAY = 86400.0
LOOK_SECONDS = 5.0
"""For so long what is in memory is used without a look at the file and the rules."""
BY_THE_WAY = 1.0
"""Seconds to wait for another process where only a by-product is to be kept."""
_ANEW: tuple[FetchRule, ...] = ("on_new_revision", "if_older")
DEFAULTS: Mapping[InfoType, tuple[FetchRule, ...]] = {
    "general": _ANEW,
    "site": _ANEW,
    "param": _ANEW,
    "user": ("if_missing",),
    "messages": _ANEW,
    "filerepos": _ANEW,
    "globaluser": ("if_older",),
}
"""Rules where the settings have none: fetched anew if one of them says so.

``general`` and ``user`` also ride on the first query of a process, see ``RIDES``.
"""
RIDES: Mapping[InfoType, tuple[FetchRule | None, ...]] = {
    "general": (None, "always", "on_new_version", "on_new_revision"),
    "user": (None, "always"),
}
"""Kinds that ride on the first query made anyway, and by which rules; None stands for no rule in the settings."""
VERSION_KEYS = ("generator", "server", "wikiid")
REVISION_KEYS = ("git-hash", "rev")
ORIGIN_KEYS = (*VERSION_KEYS, *REVISION_KEYS)
"""Keys of siteinfo's general block that tell where and when something held."""


class _Held(NamedTuple):
    entry: JsonObject
    stamp: Stamp | None
    looked: float


class Remembered:
    """The kinds of info on one wiki.

    Parameters: ``core``, whose settings, clock and Infostore it uses; ``general``, gives siteinfo's general block as
    it is known.
    """

    def __init__(self, core: Core, general: Callable[[], JsonObject]) -> None:
        self._core = core
        self._general = general
        self._held: dict[InfoType, _Held] = {}
        self._fetched: set[InfoType] = set()
        self._fetching: list[InfoType] = []
        self.lock = threading.RLock()
        """Held while anything of this is looked at, changed or fetched."""

    def get(
        self, kind: InfoType, whole: Callable[[JsonObject], bool], fetch: Callable[[JsonObject], JsonObject]
    ) -> JsonObject:
        """Return what is known of a kind, fetched if need be.

        Parameters: ``kind``; ``whole``, says whether all that is wanted is there and of the right shape; ``fetch``,
        gives new data from the old ones that still hold ({} if none), which they are added to.
        Raises SettingsError if it is never to be fetched and is not there.
        """
        with self.lock:
            if kind in self._fetching:  # by a hook on the request that is to bring it
                msg = f"{self._core.target.name}: its info ({kind}) is wanted by what is done to fetch it."
                raise BackendClosed(msg)
            now = self._core.clock.monotonic()
            held = self._held.get(kind)
            if held is not None and now - held.looked < LOOK_SECONDS and whole(held.entry):
                return held.entry
            origin = {} if kind == "general" else self._general()  # before the lock: locks are never taken crosswise
            store = self._core.infostore
            stamp = store.stamp(kind)
            entry = held.entry if held is not None and held.stamp == stamp else store.read(kind)

            def holds(one: JsonObject) -> bool:
                return whole(one) and self._holds(kind, one, origin)

            if not holds(entry):
                patience = self._core.settings.retry.budget + self._core.settings.timeout
                entry = store.once(kind, holds, lambda one: self._fetch(kind, one, origin, fetch), patience)
                stamp = store.stamp(kind)
            self._held[kind] = _Held(entry, stamp, now)
            return entry

    @property
    def fetching(self) -> bool:
        """Whether the thread that holds the lock is fetching something."""
        return bool(self._fetching)

    def held(self, kind: InfoType) -> JsonObject:
        """Return what is in memory of a kind, whether it holds or not; {} if nothing is."""
        found = self._held.get(kind)
        return {} if found is None else found.entry

    def put(self, kind: InfoType, data: JsonObject, general: JsonObject | None = None) -> None:
        """Keep what has come by another way than ``get``, with the general block that it came with.

        It is a by-product of an answer that came: where it can not be written, this process alone has it.
        """
        with self.lock:
            entry = self._stamped(data, self._general() if general is None else general)
            try:
                self._core.infostore.write(kind, entry, BY_THE_WAY)
            except StateError as exc:
                self._core.log.named("API_Info").info("the info (%s) is not kept for others: %s", kind, exc)
            self._fetched.add(kind)
            self._held[kind] = _Held(entry, self._core.infostore.stamp(kind), self._core.clock.monotonic())

    def note(self, kind: InfoType, data: JsonObject) -> None:
        """Keep it in memory alone: what changes so often that other processes have no use for it."""
        with self.lock:
            held = self._held.get(kind)
            if held is not None:
                self._held[kind] = held._replace(entry={**held.entry, **data})

    def look_again(self) -> None:
        """Let everything be measured by the rules before it is used again."""
        with self.lock:
            self._held = {kind: held._replace(looked=-LOOK_SECONDS) for kind, held in self._held.items()}

    def rule(self, kind: InfoType) -> FetchRule | None:
        """Return the rule of the settings, None if they have none for this kind."""
        return self._core.settings.info.fetch.get(kind)

    def rides(self, kind: InfoType) -> bool:
        """Say whether a kind rides on a query made anyway."""
        return self.rule(kind) in RIDES.get(kind, ())

    def age(self, entry: JsonObject) -> float:
        """Return the seconds since something was fetched."""
        fetched = real(entry.get("fetched"))
        return float("inf") if fetched is None else self._core.clock.now() - fetched

    def _holds(self, kind: InfoType, entry: JsonObject, origin: JsonObject) -> bool:
        rule = self.rule(kind)
        rules = DEFAULTS[kind] if rule is None else (rule,)
        return not any(self._outdated(kind, entry, origin, one) for one in rules)

    def _outdated(self, kind: InfoType, entry: JsonObject, origin: JsonObject, rule: FetchRule) -> bool:
        if rule == "always":
            return kind not in self._fetched
        if rule == "if_older":
            return self.age(entry) > self._core.settings.info.days * DAY
        if rule in {"never", "if_missing"} or kind == "general":  # the general block tells the version itself
            return False
        return differs(block(entry.get("of")), origin, revision=rule == "on_new_revision")

    def _fetch(
        self, kind: InfoType, old: JsonObject, origin: JsonObject, fetch: Callable[[JsonObject], JsonObject]
    ) -> JsonObject:
        if self.rule(kind) == "never":
            msg = (
                f"{self._core.target.name}: what is wanted of its info ({kind}) is not cached, and info.fetch in the "
                f"settings says never to fetch it. Set {kind} to if_missing there."
            )
            raise SettingsError(msg)
        held = old if self._holds(kind, old, origin) else {}
        if not held and old:
            self._core.log.named("API_Info").info("the info (%s) has changed or is old: it is fetched anew", kind)
        self._fetching.append(kind)
        try:
            data = {**held, **fetch(held)}
        finally:
            self._fetching.remove(kind)
        self._fetched.add(kind)
        return self._stamped(data, block(data.get("general")) or origin)

    def _stamped(self, data: JsonObject, origin: JsonObject) -> JsonObject:
        return {**data, "fetched": self._core.clock.now(), "of": {key: origin.get(key) for key in ORIGIN_KEYS}}


def differs(old: JsonObject, new: JsonObject, *, revision: bool) -> bool:
    """Say whether two general blocks are of different wikis, versions or, with ``revision``, states of the code."""
    keys = ORIGIN_KEYS if revision else VERSION_KEYS
    return any(old.get(key) != new.get(key) for key in keys)


__all__ = [
    "BY_THE_WAY",
    "DAY",
    "DEFAULTS",
    "LOOK_SECONDS",
    "ORIGIN_KEYS",
    "REVISION_KEYS",
    "RIDES",
    "VERSION_KEYS",
    "Remembered",
    "differs",
]
