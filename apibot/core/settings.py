"""Typed settings, merged from files, environment and call; later wins.

Order: defaults < running sandboxes < user's file < ``./apibot.toml`` < environment < call.
What there may be is in ``apibot.core.schema``, which wiki and account they lead to in ``apibot.core.target``.
"""

from __future__ import annotations

import operator
import os
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Literal, TypeVar, cast

from apibot.core.errors import SettingsError
from apibot.core.files import is_open_to_others
from apibot.core.retrieval import check_sections
from apibot.core.schema import SECRETS, Settings
from apibot.core.secret import Secret
from apibot.core.target import Given, Target, find_target
from apibot.core.vault import Vault

FILE_NAME = "apibot.toml"

Tree = dict[str, object]
T = TypeVar("T")


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for all state: ``APIBOT_HOME``, or the platform's place for it."""
    if given := environ.get("APIBOT_HOME"):
        return Path(given).expanduser().absolute()
    import platformdirs  # only where APIBOT_HOME is not set: 20 ms

    return platformdirs.user_state_path("apibot")


def user_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the user's settings file, which need not exist."""
    if environ.get("APIBOT_HOME"):
        return home_folder(environ) / FILE_NAME
    import platformdirs

    return platformdirs.user_config_path("apibot") / FILE_NAME


def sandbox_files(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the settings files of the running sandboxes."""
    return sorted(home_folder(environ).glob(f"sandbox/*/{FILE_NAME}"))


ENVIRONMENT = {
    "APIBOT_WIKI": "wiki",
    "APIBOT_USER": "user",
    "APIBOT_PASSWORD": "password",
    "APIBOT_OAUTH2_TOKEN": "oauth2_token",
    "APIBOT_CONTACT": "contact",
    "APIBOT_TIMEOUT": "timeout",
}


def load(
    call: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> tuple[Settings, Target]:
    """Merge all layers of settings and find the wiki and account they lead to.

    Parameters: ``call``, the settings given in code (None values count as not given); ``environ``, the
    environment; ``folder``, where ``apibot.toml`` is looked for (the working directory).
    Raises SettingsError naming the file and key at fault.
    """
    settings, given = read(call, environ=environ, folder=folder)
    return settings, find_target(settings, given, Vault(home_folder(environ)))


def read(
    call: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> tuple[Settings, Given]:
    """Merge all layers of settings, for who looks for no account; parameters and errors as of ``load``."""
    tree: Tree = {}
    for path in [*sandbox_files(environ), user_file(environ)]:
        _merge(tree, _read_own(path))
    own = _typed(Settings, tree, "settings")
    foreign = _read_foreign((folder or Path.cwd()) / FILE_NAME)
    _merge(tree, foreign)
    from_env: Tree = {key: environ[name] for name, key in ENVIRONMENT.items() if environ.get(name)}
    from_call: Tree = {key: value for key, value in (call or {}).items() if value is not None}
    if "timeout" in from_env:
        from_env["timeout"] = _number(str(from_env["timeout"]), "APIBOT_TIMEOUT")
    _merge(tree, from_env)
    _merge(tree, from_call)
    settings = _typed(Settings, tree, "settings")
    check_sections(settings.layers)
    _check_numbers(settings)
    if lacking := [name for name, wiki in settings.wikis.items() if not wiki.api]:
        msg = f"wikis.{lacking[0]}: 'api' is missing."
        raise SettingsError(msg)
    known = frozenset(wiki.api for wiki in own.wikis.values()) | {own.wiki, from_env.get("wiki"), from_call.get("wiki")}
    ties = {
        name: frozenset(wiki.api for wiki in own.wikis.values() if wiki.account == name)
        for name in _accounts_named(foreign) - {own.account}
    }
    return settings, Given(from_env, from_call, known, ties, user_file(environ))


def _accounts_named(tree: Tree) -> set[str]:
    """Return the accounts that a file chooses, for all wikis or for one."""
    blocks = [tree, *(cast("Tree", wiki) for wiki in _block(tree, "wikis").values())]
    return {str(block["account"]) for block in blocks if "account" in block}


ABOVE_ZERO = (
    "timeout",
    "browser.pool",
    "pace.writes_at_once",
    "pace.in_flight",
    "pace.total",
    "pace.download",
    "pace.upload",
)
FROM_ZERO = (
    "browser.redirects",
    "info.days",
    "pace.write_interval",
    "retry.budget",
    "retry.run_budget",
    "retry.first_wait",
    "retry.longest_wait",
    "retry.maxlag",
)
"""Settings that are numbers, by what they may be at least."""


def _check_numbers(settings: Settings) -> None:
    """Refuse a number with which nothing could ever be sent."""
    for paths, fits, wanted in ((ABOVE_ZERO, operator.gt, "above 0"), (FROM_ZERO, operator.ge, "0 or above")):
        of_wikis = [f'wikis."{name}".{path}' for name in settings.wikis for path in paths if path.startswith("pace.")]
        for path in (*paths, *of_wikis):
            value = settings.exact(path)
            if isinstance(value, int | float) and not fits(value, 0):
                msg = f"{path}: {value} is not a number {wanted}."
                raise SettingsError(msg)


OWN_ONLY = ("browser.ca", "browser.proxies", "browser.replay")
"""What a file of the working folder may not say: whom to trust, and which way requests go."""
WRITTEN = ("browser.record", "log.file", "log.html", "log.json")
"""Paths that are written to: such a file may only name some in its own folder."""


def _read_foreign(path: Path) -> Tree:
    """Read the file of the working folder, which somebody else may have put there."""
    tree = _read_file(path)
    found = {f"{block}.{key}": value for block in ("browser", "log") for key, value in _block(tree, block).items()}
    if _holds_secret(tree):
        msg = f"{path}: holds a password. Keep secrets in {user_file()} or in the environment."
        raise SettingsError(msg)
    if refused := [key for key in OWN_ONLY if key in found]:
        msg = f"{path}: may not set {', '.join(refused)}, since anybody could have put it there. Use {user_file()}."
        raise SettingsError(msg)
    folder = path.parent.resolve()
    if outside := [key for key in WRITTEN if key in found and not _inside(folder, str(found[key]))]:
        msg = f"{path}: {', '.join(outside)} must lie in its own folder. Elsewhere only {user_file()} may have it."
        raise SettingsError(msg)
    return tree


def _inside(folder: Path, name: str) -> bool:
    return (folder / Path(name).expanduser()).resolve().is_relative_to(folder)


def _block(tree: Tree, name: str) -> Tree:
    return cast("Tree", tree.get(name) or {})


def _read_own(path: Path) -> Tree:
    """Read a file of the user's own; with secrets only if nobody else can read it."""
    tree = _read_file(path)
    proxies = cast("Tree", _block(tree, "browser").get("proxies") or {})
    secret = _holds_secret(tree) or any("@" in str(address) for address in proxies.values())
    if secret and is_open_to_others(path.stat().st_mode):
        msg = f"{path}: holds a password and others can read it. Run: chmod 600 {path}"
        raise SettingsError(msg)
    return tree


def _read_file(path: Path) -> Tree:
    """Read one TOML file; a missing one is empty."""
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as exc:
        msg = f"{path}: can not be read ({exc.strerror}). Correct its permissions."
        raise SettingsError(msg) from exc
    import tomllib

    try:
        tree = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        msg = f"{path}: is not TOML: {exc}."
        raise SettingsError(msg) from exc
    _typed(Settings, tree, str(path))  # so that the message names this file
    return tree


def _holds_secret(tree: Tree) -> bool:
    inner = (cast("Tree", value) for value in tree.values() if isinstance(value, dict))
    return any(key in tree for key in SECRETS) or any(map(_holds_secret, inner))


def _merge(into: Tree, more: Mapping[str, object]) -> None:
    """Merge nested mappings; what comes later wins."""
    for key, value in more.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(cast("Tree", old), cast("Tree", value))
        else:
            into[key] = value


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        msg = f"{where}: {text!r} is not a number of seconds."
        raise SettingsError(msg) from None


def _typed(kind: type[T], tree: Mapping[str, object], where: str) -> T:
    """Make a settings class from a mapping; SettingsError for an unknown key or a wrong type."""
    hints = typing.get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]  # T is one of the classes above
    for key in tree:
        if key not in known:
            msg = f"{where}: unknown key {key!r}. Known: {', '.join(sorted(known))}."
            raise SettingsError(msg)
    for name, spec in known.items():
        if name not in tree and spec.default is MISSING and spec.default_factory is MISSING:
            msg = f"{where}: {name!r} is missing."
            raise SettingsError(msg)
    return kind(**{key: convert(hints[key], value, f"{where}: {key}") for key, value in tree.items()})


def convert(hint: object, value: object, where: str) -> object:
    """Bring one value to its annotated type; SettingsError, which says ``where``, if it is of another."""
    wanted = hint
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return _one_of([one for one in args if one is not type(None)], value, where)
    if origin is Literal:
        if value not in args:
            raise _wrong(where, value, "one of " + ", ".join(map(str, args)))
        return value
    if origin in {dict, Mapping} and isinstance(value, dict):
        given = cast("Tree", value)
        return {convert(args[0], key, where): convert(args[1], item, f"{where}.{key}") for key, item in given.items()}
    if origin in {tuple, Sequence}:
        if not isinstance(value, list | tuple):
            raise _wrong(where, value, "a list")
        return tuple(convert(args[0], item, where) for item in cast("list[object]", value))
    if isinstance(hint, type) and is_dataclass(hint) and isinstance(value, dict):
        return cast("object", _typed(hint, cast("Tree", value), where))
    return _plain(wanted, value, where)


def _one_of(hints: list[object], value: object, where: str) -> object:
    """Bring a value to the first of several types that it fits."""
    faults: list[str] = []
    for hint in hints:
        try:
            return convert(hint, value, where)
        except SettingsError as exc:
            faults.append(str(exc))
    if len(hints) == 1:
        raise SettingsError(faults[0])
    raise _wrong(where, value, " or ".join(fault.rpartition(" is not ")[2].rstrip(".") for fault in faults))


def _plain(hint: object, value: object, where: str) -> object:
    """Check a value that has no parts."""
    if hint is Secret and isinstance(value, str):
        return Secret(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise _wrong(where, value, str(getattr(hint, "__name__", hint)))


def _wrong(where: str, value: object, wanted: str) -> SettingsError:
    shown = "a value of another type" if wanted == Secret.__name__ else repr(value)
    return SettingsError(f"{where}: {shown} is not {wanted}.")


__all__ = [
    "ABOVE_ZERO",
    "ENVIRONMENT",
    "FILE_NAME",
    "FROM_ZERO",
    "OWN_ONLY",
    "WRITTEN",
    "Tree",
    "convert",
    "home_folder",
    "load",
    "read",
    "sandbox_files",
    "user_file",
]
