"""apibot.core.infostore: whole files or none, owner-only, no update lost, and nothing but one wiki forgotten."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apibot.core.errors import ConnectFailed, StateError
from apibot.core.infostore import Infostore, Kind, forget
from apibot.core.jsons import JsonObject

API = "http://127.0.0.1:8080/api.php"
KINDS: tuple[Kind, ...] = ("site", "user", "identity")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.fixture
def store(tmp_path: Path) -> Infostore:
    return Infostore(tmp_path / "home", API, "Bot@job")


def names(folder: Path) -> list[str]:
    """Return the files below a folder that are neither locks nor folders."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read(store: Infostore, kind: Kind) -> None:
    assert store.read(kind) == {}
    store.write(kind, {"a": [1, None, "Ж"], "b": {}})
    assert store.read(kind) == {"a": [1, None, "Ж"], "b": {}}
    store.write(kind, {"c": 1})
    assert store.read(kind) == {"c": 1}
    assert {other: store.read(other) for other in KINDS if other != kind} == {k: {} for k in KINDS if k != kind}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.text(), JSON, max_size=4))
def test_any_json_comes_back(tmp_path: Path, data: JsonObject) -> None:
    store = Infostore(tmp_path, API, None)
    store.write("site", data)
    assert store.read("site") == data


def test_text_that_is_no_unicode_comes_back(store: Infostore) -> None:
    store.write("site", {"sitename": "\ud800"})  # JSON of a wiki can hold such an escape
    assert store.read("site") == {"sitename": "\ud800"}


def test_delete_forgets_one_kind(store: Infostore) -> None:
    for kind in KINDS:
        store.write(kind, {"of": kind})
    store.delete("user")
    store.delete("user")
    assert [store.read(kind) for kind in KINDS] == [{"of": "site"}, {}, {"of": "identity"}]


# Owner-only.


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_owner_only(store: Infostore, kind: Kind) -> None:
    old = os.umask(0)
    try:
        store.write(kind, {"a": 1})
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.home.rglob("*") if path.is_file()}
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(store.path(kind).parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_becomes_owner_only(store: Infostore) -> None:
    store.write("identity", {"a": 1})
    store.path("identity").chmod(0o644)
    store.write("identity", {"a": 2})
    assert stat.S_IMODE(store.path("identity").stat().st_mode) == 0o600


# Whole or not at all.


def test_the_old_file_stays_whole_if_it_can_not_be_replaced(store: Infostore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("site", {"old": 1})

    def failing(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        patch.setattr(Path, "replace", failing)
        with pytest.raises(StateError, match="No space left on device"):
            store.write("site", {"new": 1})
    assert store.read("site") == {"old": 1}
    assert names(store.home) == [store.path("site").name]


def test_the_old_file_stays_whole_if_the_disk_is_full(store: Infostore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("site", {"old": 1})

    def failing(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(StateError, match="No space left on device"):
            store.update("site", lambda data: data.update(new=1))
    assert store.read("site") == {"old": 1}
    assert names(store.home) == [store.path("site").name]


def test_the_old_file_stays_whole_after_an_interruption(store: Infostore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("site", {"old": 1})

    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.write("site", {"new": 1})
    assert store.read("site") == {"old": 1}
    assert names(store.home) == [store.path("site").name]


KILLED = """
import os, signal, sys
from pathlib import Path
from apibot.core.infostore import Infostore
Path.replace = os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Infostore(Path(sys.argv[1]), sys.argv[2], "Bot@job").write("identity", {"new": "hunter2"})
"""


def test_a_process_that_is_killed_leaves_the_old_file_and_can_be_forgotten(store: Infostore) -> None:
    store.write("identity", {"old": 1})
    done = subprocess.run([sys.executable, "-c", KILLED, store.home, API], check=False)
    assert done.returncode < 0
    assert store.read("identity") == {"old": 1}
    store.write("identity", {"newer": 1})  # the lock of the killed one holds nobody up
    assert store.read("identity") == {"newer": 1}
    forget(store.home, API)
    assert names(store.home) == [], "what the killed process was writing is forgotten too: it may hold a login"


def test_an_update_that_fails_changes_nothing(store: Infostore) -> None:
    store.write("site", {"old": 1})

    def change(data: JsonObject) -> None:
        data["new"] = 1
        msg = "no connection"
        raise ConnectFailed(msg)

    with pytest.raises(ConnectFailed):
        store.update("site", change)
    assert store.read("site") == {"old": 1}


def test_an_error_of_the_change_is_not_taken_for_one_of_the_file(store: Infostore) -> None:
    def change(_data: JsonObject) -> None:
        msg = "of the change itself"
        raise ConnectionResetError(msg)

    with pytest.raises(ConnectionResetError, match="of the change itself"):
        store.update("site", change)


# What can not be used.


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"a": 1', b"\0" * 512, b"\xff\xfe{}", b"[]", b"null", b'"text"', b"12", b'{"a": 1}{', b"[" * 100_000],
    ids=lambda content: repr(content[:10]),
)
def test_a_damaged_file_is_read_as_empty_and_can_be_replaced(store: Infostore, content: bytes) -> None:
    path = store.path("site")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert store.read("site") == {}
    assert store.update("site", lambda data: data.update(a=1)) == {"a": 1}
    assert store.read("site") == {"a": 1}


CALLS: dict[str, Callable[[Infostore], object]] = {
    "read": lambda store: store.read("site"),
    "write": lambda store: store.write("site", {"a": 1}),
    "update": lambda store: store.update("site", lambda data: None),
    "delete": lambda store: store.delete("site"),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("blocked", ["home", "folder", "file"])
def test_what_can_not_be_used_is_said_in_one_line(tmp_path: Path, name: str, blocked: str) -> None:
    store = Infostore(tmp_path / "home", API, None)
    path = store.path("site")
    at = store.home if blocked == "home" else path.parent
    if blocked == "file":
        path.mkdir(parents=True)
    else:
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text("a file where a folder should be")
    with pytest.raises(StateError) as caught:
        CALLS[name](store)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert blocked == "file" or names(tmp_path) == [at.name]


# Several at once.

ADDING = """
import sys
from pathlib import Path
from apibot.core.infostore import Infostore
store = Infostore(Path(sys.argv[1]), sys.argv[2], None)
for number in range(25):
    store.update("site", lambda data: data.update({f"{sys.argv[3]}.{number}": number}))
"""


def test_updates_of_several_processes_lose_nothing(tmp_path: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", ADDING, tmp_path, API, str(n)]) for n in range(4)]
    assert [one.wait(timeout=60) for one in running] == [0] * 4
    assert len(Infostore(tmp_path, API, None).read("site")) == 100


# Which files are whose.


def test_wikis_and_users_have_files_of_their_own(tmp_path: Path) -> None:
    apis = [
        API,
        "https://127.0.0.1:8080/api.php",
        "http://127.0.0.1:8080/w/api.php",
        "http://127.0.0.1:8081/api.php",
        "http://127_0.0.1:8080/api.php",
        f"http://{'x' * 300}.org/api.php",
        f"http://{'x' * 300}.net/api.php",
    ]
    users = [None, "Bot", "bot", "Bot@job", "Бот", "Äffin", "äffin", "A/B", "A\\B", "..", "A" * 400]
    paths = {
        (api, user, kind): Infostore(tmp_path, api, user).path(kind) for api in apis for user in users for kind in KINDS
    }
    assert len({paths[api, None, "site"] for api in apis}) == len(apis)
    assert {path for (api, _user, kind), path in paths.items() if kind == "site"} == {
        paths[api, None, "site"] for api in apis
    }
    private = [str(path).casefold() for (_api, _user, kind), path in paths.items() if kind != "site"]
    assert len(set(private)) == len(apis) * len(users) * 2
    for path in paths.values():
        assert path.parent.parent == tmp_path
        assert len(path.name) < 240


def test_forget_removes_exactly_one_wikis_files(tmp_path: Path) -> None:
    others = ["https://127.0.0.1:8080/api.php", "http://127.0.0.1:80/api.php", f"{API}5", f"{API}@x", f"{API}.json"]
    for api in [API, *others]:
        for user in (None, "Bot@job", "Other"):
            for kind in KINDS:
                Infostore(tmp_path, api, user).write(kind, {"api": api})
    (tmp_path / "info" / "notes.txt").write_text("mine")
    before = names(tmp_path)
    forget(tmp_path, API)
    mine = {Infostore(tmp_path, API, user).path(kind).name for user in (None, "Bot@job", "Other") for kind in KINDS}
    assert names(tmp_path) == sorted(name for name in before if name not in mine)
    assert [path.name for path in tmp_path.rglob(Infostore(tmp_path, API, None).path("site").stem + "*")] == []
    for api in others:
        assert Infostore(tmp_path, api, "Other").read("identity") == {"api": api}


def test_forget_what_was_never_remembered(tmp_path: Path) -> None:
    forget(tmp_path / "missing", API)
    (tmp_path / "info").write_text("a file where a folder should be")
    forget(tmp_path, API)
    assert names(tmp_path) == ["info"]
