"""Typed settings, merged from files, environment and call; later wins.

Order: defaults < running sandboxes < user's file < ``./apibot.toml`` < environment < call.
The classes below are the schema: a key that is not a field is refused.  They are checked by ``_typed`` here
and not by pydantic, because reading one page must not pay for importing it.
"""

from __future__ import annotations

import os
import stat
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar, cast

from apibot.core.errors import SettingsError
from apibot.core.secret import Secret

FILE_NAME = "apibot.toml"

LogLevel = Literal["panic", "error", "warning", "info", "debug"]
Tree = dict[str, object]
T = TypeVar("T")


@dataclass(frozen=True)
class WikiSettings:
    """A wiki with a name of its own (``[wikis.NAME]``)."""

    api: str
    """URL of api.php."""
    account: str | None = None
    """Name of the account used where none is asked for."""
    sandbox: bool = False
    """A wiki on this machine that is thrown away: needs no contact."""


@dataclass(frozen=True)
class AccountSettings:
    """An account with a name of its own (``[accounts.NAME]``)."""

    user: str
    """User name; ``User@job`` for a bot password."""
    password: Secret | None = None
    """Only in a file that nobody else can read."""


@dataclass(frozen=True)
class LogSettings:
    """Where the log goes (``[log]``)."""

    screen: LogLevel = "warning"
    """Least level shown on stderr."""
    file: str | None = None
    """Path of a log file, appended to; none if not set."""
    file_level: LogLevel = "debug"
    """Least level written to the file."""


@dataclass(frozen=True)
class RetrySettings:
    """How long a request is tried (``[retry]``)."""

    budget: float = 120.0
    """Seconds that waiting and trying again may take for one request."""
    first_wait: float = 1.0
    """Upper bound in seconds of the first wait; it doubles with each try."""
    longest_wait: float = 30.0
    """Upper bound in seconds of a wait that the server did not ask for."""
    maxlag: int = 5
    """Seconds of database lag at which the wiki is asked to refuse writes."""


@dataclass(frozen=True)
class InfoSettings:
    """When cached info on a wiki is fetched anew (``[info]``)."""

    days: float = 30.0
    """Age in days after which it is; a new MediaWiki version always does."""
    backends: tuple[str, ...] = ("api",)
    """Order in which backends are asked."""


@dataclass(frozen=True)
class Settings:
    """All settings of one core."""

    wiki: str | None = None
    """Name of a wiki below, or the URL of its api.php."""
    account: str | None = None
    """Name of an account below."""
    user: str | None = None
    password: Secret | None = None
    contact: str | None = None
    """Mail address or page where a wiki's people reach the operator; part of the User-Agent."""
    timeout: float = 60.0
    """Seconds to wait for a connection, and between two parts of an answer."""
    strict: bool = True
    """Refuse parameters and values that the wiki's paraminfo does not list; otherwise only log them."""
    backends: tuple[str, ...] = ("api",)
    """Order in which backends are chosen for tasks and queries."""
    wikis: dict[str, WikiSettings] = field(default_factory=dict[str, WikiSettings])
    accounts: dict[str, AccountSettings] = field(default_factory=dict[str, AccountSettings])
    log: LogSettings = LogSettings()
    retry: RetrySettings = RetrySettings()
    info: InfoSettings = InfoSettings()
    layers: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Default parameters by layer label: ``[layers.API_Action_Edit]``."""


class Target(NamedTuple):
    """The wiki and account that settings lead to."""

    api: str
    name: str
    """The wiki's name, or the URL if it has none."""
    sandbox: bool = False
    user: str | None = None
    password: Secret | None = None


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
    tree: Tree = {}
    for path in [*sandbox_files(environ), user_file(environ)]:
        _merge(tree, _read(path, secrets=True))
    own = _typed(Settings, tree, "settings")
    _merge(tree, _read((folder or Path.cwd()) / FILE_NAME, secrets=False))
    from_env: Tree = {key: environ[name] for name, key in ENVIRONMENT.items() if environ.get(name)}
    from_call: Tree = {key: value for key, value in (call or {}).items() if value is not None}
    if "timeout" in from_env:
        from_env["timeout"] = _number(str(from_env["timeout"]), "APIBOT_TIMEOUT")
    _merge(tree, from_env)
    _merge(tree, from_call)
    settings = _typed(Settings, tree, "settings")
    if settings.timeout <= 0:
        msg = f"timeout: {settings.timeout} is not a number of seconds above 0."
        raise SettingsError(msg)
    target = _target(settings, from_env, from_call)
    trusted = {wiki.api for wiki in own.wikis.values()} | {own.wiki, from_env.get("wiki"), from_call.get("wiki")}
    if target.password is not None and "password" not in from_call and target.api not in trusted:
        msg = (
            f"./{FILE_NAME} names {target.api}, which your own settings do not: no password is sent there. Name it in "
            f"{user_file(environ)}, or give its address by --wiki or APIBOT_WIKI."
        )
        raise SettingsError(msg)
    return settings, target


def _target(settings: Settings, from_env: Tree, from_call: Tree) -> Target:
    """Choose api.php and account; a secret is used only for the wiki it was meant for."""
    name = settings.wiki
    if not name:
        known = ", ".join(sorted(settings.wikis))
        hint = f"one of: {known}" if known else "the URL of its api.php, or start one with: apibot sandbox up"
        msg = f"No wiki was named. Give --wiki, wiki= or APIBOT_WIKI: {hint}."
        raise SettingsError(msg)
    if "://" in name:
        wiki = WikiSettings(name)
    elif name in settings.wikis:
        wiki = settings.wikis[name]
    else:
        known = ", ".join(sorted(settings.wikis)) or "none"
        msg = f"Unknown wiki {name!r}. Known: {known}. Name it in {FILE_NAME} or give the URL of its api.php."
        raise SettingsError(msg)
    if "@" in wiki.api.partition("://")[2].partition("/")[0]:
        msg = "The address of the wiki holds a user or password. Take them out; give user= and APIBOT_PASSWORD."
        raise SettingsError(msg)
    account_name = settings.account or wiki.account
    account = AccountSettings("")
    if account_name:
        if account_name not in settings.accounts:
            msg = f"Unknown account {account_name!r}. Known: {', '.join(sorted(settings.accounts)) or 'none'}."
            raise SettingsError(msg)
        account = settings.accounts[account_name]
    user, password = settings.user, settings.password
    if "user" not in from_call and not _meant_for(wiki, settings, from_env, from_call):
        user = password = None
    if user is not None and password is None and user == account.user:
        password = account.password
    if user is None:
        user, password = account.user or None, account.password
    if user is not None and password is None:
        msg = f"No password for {user!r} on {name}. Set APIBOT_PASSWORD, or keep it in {user_file()} (owner-only)."
        raise SettingsError(msg)
    return Target(api=wiki.api, name=name, sandbox=wiki.sandbox, user=user, password=password)


def _meant_for(wiki: WikiSettings, settings: Settings, from_env: Tree, from_call: Tree) -> bool:
    """Say whether user and password of the environment or a file are meant for this wiki."""
    if "wiki" not in from_call and "account" not in from_call:
        return True
    if "account" in from_call or wiki.account:
        return False
    named = from_env.get("wiki")
    if named is None:
        return True
    api = settings.wikis[str(named)].api if str(named) in settings.wikis else named
    return api == wiki.api


def _read(path: Path, *, secrets: bool) -> Tree:
    """Read one TOML file; a missing one is empty."""
    try:
        raw = path.read_bytes()
        mode = path.stat().st_mode
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
    if _holds_secret(tree):
        if not secrets:
            msg = f"{path}: holds a password. Keep secrets in {user_file()} or in the environment."
            raise SettingsError(msg)
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            msg = f"{path}: holds a password and others can read it. Run: chmod 600 {path}"
            raise SettingsError(msg)
    return tree


def _holds_secret(tree: Tree) -> bool:
    inner = (cast("Tree", value) for value in tree.values() if isinstance(value, dict))
    return "password" in tree or any(map(_holds_secret, inner))


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
    return kind(**{key: _convert(hints[key], value, f"{where}: {key}") for key, value in tree.items()})


def _convert(hint: object, value: object, where: str) -> object:
    """Bring one value to its annotated type."""
    wanted = hint
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return _convert(next(one for one in args if one is not type(None)), value, where)
    if origin is Literal:
        if value not in args:
            raise _wrong(where, value, "one of " + ", ".join(map(str, args)))
        return value
    if origin is dict and isinstance(value, dict):
        given = cast("Tree", value)
        return {key: _convert(args[1], item, f"{where}.{key}") for key, item in given.items()}
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_convert(args[0], item, where) for item in cast("list[object]", value))
    if isinstance(hint, type) and is_dataclass(hint) and isinstance(value, dict):
        return cast("object", _typed(hint, cast("Tree", value), where))
    return _plain(wanted, value, where)


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
    shown = "a value of another type" if "password" in where else repr(value)
    return SettingsError(f"{where}: {shown} is not {wanted}.")


__all__ = [
    "ENVIRONMENT",
    "FILE_NAME",
    "AccountSettings",
    "InfoSettings",
    "LogLevel",
    "LogSettings",
    "RetrySettings",
    "Settings",
    "Target",
    "Tree",
    "WikiSettings",
    "home_folder",
    "load",
    "sandbox_files",
    "user_file",
]
