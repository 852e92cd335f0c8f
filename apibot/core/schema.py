"""What settings there are: the classes below are the schema, and a key that is not a field is refused.

They are checked by ``apibot.core.settings`` and not by pydantic, because reading one page must not pay for
importing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from apibot.core.retrieval import LayerValue, Retrieval
from apibot.core.secret import Secret

LogLevel = Literal["panic", "error", "warning", "info", "debug"]
Method = Literal["login", "clientlogin", "oauth1", "oauth2"]
"""How an account logs in: ``login`` is that of bot passwords."""
FetchRule = Literal["always", "never", "if_missing", "if_older", "on_new_version", "on_new_revision"]
"""When a kind of info is fetched anew; each of the last three also when it is missing or of another wiki."""
InfoType = Literal["general", "site", "param", "user", "messages", "filerepos", "globaluser"]


@dataclass(frozen=True)
class PaceSettings:
    """How fast a wiki is asked (``[pace]``, ``[wikis.NAME.pace]``); None is the default for that wiki."""

    write_interval: float | None = None
    """Seconds from the beginning of one write to that of the next; by default 5 on Wikimedia's wikis, else 0."""
    writes_at_once: int | None = None
    """Writes under way at the same time; by default 1 on Wikimedia's wikis, elsewhere as many as there are."""
    in_flight: int | None = None
    """Requests under way at the same time; by default 3 on Wikimedia's wikis, elsewhere as many as there are."""
    total: int | None = None
    """Bytes per second on average, up and down together; no bound by default."""
    download: int | None = None
    upload: int | None = None


@dataclass(frozen=True)
class WikiSettings:
    """A wiki with a name of its own (``[wikis.NAME]``)."""

    api: str = ""
    """URL of api.php; each wiki needs one, in whichever file."""
    account: str | None = None
    """Name of the account used where none is asked for."""
    sandbox: bool = False
    """A wiki on this machine that is thrown away: needs no contact."""
    pace: PaceSettings = PaceSettings()


@dataclass(frozen=True)
class AccountSettings:
    """An account with a name of its own (``[accounts.NAME]``); secrets only in a file that nobody else can read."""

    user: str = ""
    """User name; ``User@job`` for a bot password; may be left out where OAuth tells it."""
    method: Method | None = None
    """How it logs in; follows from what else is given if None."""
    password: Secret | None = None
    oauth2_token: Secret | None = None
    """Access token of an owner-only OAuth 2 consumer."""
    consumer_key: str | None = None
    """The four of OAuth 1.0a, owner-only or after three-legged authorisation."""
    consumer_secret: Secret | None = None
    access_token: Secret | None = None
    access_secret: Secret | None = None

    @property
    def how(self) -> Method | None:
        """How it logs in, None if it can not: bot passwords by ``login``, other passwords by ``clientlogin``."""
        if self.method is not None:
            return self.method
        if self.oauth2_token is not None:
            return "oauth2"
        if self.consumer_key is not None:
            return "oauth1"
        if self.password is None:
            return None
        return "login" if "@" in self.user else "clientlogin"


class LoginMethod(NamedTuple):
    """What is to be known of a way to log in."""

    title: str
    """What people call it."""
    needs: tuple[str, ...] = ()
    """Fields of AccountSettings that must be there."""
    token: str | None = None
    """The one of them that is the token of OAuth, None where there is no OAuth."""


METHODS: Mapping[Method | None, LoginMethod] = {
    None: LoginMethod("not at all"),
    "login": LoginMethod("bot password", ("user", "password")),
    "clientlogin": LoginMethod("password", ("user", "password")),
    "oauth1": LoginMethod(
        "OAuth 1.0a", ("consumer_key", "consumer_secret", "access_token", "access_secret"), "access_token"
    ),
    "oauth2": LoginMethod("OAuth 2", ("oauth2_token",), "oauth2_token"),
}
"""The ways to log in; what they do is in ``apibot.backends.api.logins.WAYS``."""
SECRETS = ("password", "oauth2_token", "consumer_secret", "access_token", "access_secret")
"""Keys that hold secrets."""


@dataclass(frozen=True)
class LogSettings:
    """Where the log goes (``[log]``)."""

    screen: LogLevel = "warning"
    """Least level shown on stderr."""
    file: str | None = None
    """Path of a log file, appended to; none if not set."""
    file_level: LogLevel = "debug"
    """Least level written to the file."""
    html: str | None = None
    """Path of a log file for browsers."""
    html_level: LogLevel = "info"
    json: str | None = None
    """Path of a log file with one JSON object a line."""
    json_level: LogLevel = "debug"
    levels: dict[str, LogLevel] = field(default_factory=dict[str, LogLevel])
    """Least level by layer label, ``*`` stands for any text: ``API_Action_* = "debug"``."""


@dataclass(frozen=True)
class RetrySettings:
    """How long a request is tried (``[retry]``)."""

    budget: float = 120.0
    """Seconds that waiting and trying again may take for one request."""
    run_budget: float = 3600.0
    """Seconds that all requests of a run may wait together because of faults, where no server asked for it."""
    first_wait: float = 1.0
    """Upper bound in seconds of the first wait; it doubles with each try."""
    longest_wait: float = 30.0
    """Upper bound in seconds of a wait that the server did not ask for."""
    maxlag: int = 5
    """Seconds of database lag at which the wiki is asked to refuse writes."""


@dataclass(frozen=True)
class BrowserSettings:
    """How the network is reached (``[browser]``)."""

    proxies: dict[str, Secret] = field(default_factory=dict[str, Secret])
    """Proxy by scheme: ``https = "http://proxy:3128"``; those of the environment if not set."""
    ca: str | None = None
    """Path of a file or folder with certificates to trust; that of requests (``REQUESTS_CA_BUNDLE``) if not set."""
    redirects: int = 5
    """Redirects that a transfer follows at most."""
    pool: int = 8
    """Connections kept open to one host."""
    record: str | None = None
    """Path of a request log that can be replayed, secrets removed; none if not set."""
    replay: str | None = None
    """Path of such a log, from which all answers are taken: nothing goes over the wire."""


@dataclass(frozen=True)
class InfoSettings:
    """When cached info on a wiki is fetched anew (``[info]``)."""

    days: float = 30.0
    """Age in days that ``if_older`` means."""
    backends: tuple[str, ...] = ("api",)
    """Order in which backends are asked."""
    fetch: dict[InfoType, FetchRule] = field(default_factory=dict[InfoType, FetchRule])
    """Rule by kind of info, where another than its default is wanted."""


@dataclass(frozen=True)
class Settings(Retrieval):
    """All settings of one core; ``exact``, ``merged`` and ``layer`` retrieve them."""

    wiki: str | None = None
    """Name of a wiki below, or the URL of its api.php."""
    account: str | None = None
    """Name of an account below."""
    user: str | None = None
    password: Secret | None = None
    oauth2_token: Secret | None = None
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
    pace: PaceSettings = PaceSettings()
    browser: BrowserSettings = BrowserSettings()
    info: InfoSettings = InfoSettings()
    layers: dict[str, dict[str, LayerValue]] = field(default_factory=dict[str, dict[str, LayerValue]])
    """Default parameters and fields by layer, general or special: see ``apibot.core.retrieval``."""


__all__ = [
    "METHODS",
    "SECRETS",
    "AccountSettings",
    "BrowserSettings",
    "FetchRule",
    "InfoSettings",
    "InfoType",
    "LogLevel",
    "LogSettings",
    "LoginMethod",
    "Method",
    "PaceSettings",
    "RetrySettings",
    "Settings",
    "WikiSettings",
]
