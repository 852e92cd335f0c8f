"""The ways to log in, a function each: from the account to the name by which the wiki knows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from apibot.backends.api import oauth
from apibot.backends.api.encoding import Params
from apibot.core.browser import Auth
from apibot.core.errors import ApibotError, BadReply, LoginFailed, WikiError
from apibot.core.jsons import Json, JsonObject, block, rows, text
from apibot.core.login import Answer, LoginField, LoginStep
from apibot.core.schema import Method
from apibot.core.secret import SECRET_ENDINGS, Secret
from apibot.core.target import Target

MOST_STEPS = 12
"""Steps of one login after which it is given up: somebody answers the same wrong thing again and again."""
SECRET_NAMES = (*SECRET_ENDINGS, "code", "pin")
"""How names of fields end that nobody should see typed, whatever the wiki says of them."""
THROTTLED = "login-throttled"
"""Code of the refusal to look at any more logins for a while."""


class Send(Protocol):
    """Sends a request without an assertion (Exchanger.call)."""

    def __call__(self, params: Params, *, post: bool = False, anonymous: bool = False) -> JsonObject:
        """Send one request and return the wiki's answer."""
        ...


class Entrance(NamedTuple):
    """What a way to log in works with."""

    target: Target
    call: Send
    answer: Answer | None = None
    """Who answers what the wiki asks for besides the password."""
    over: Callable[[str], str] = str
    """Takes secrets out of a text: a wiki may repeat what it was sent."""

    def ask(self, **params: object) -> JsonObject:
        """Post a request that asserts nobody, its texts in English.

        Raises LoginFailed if the wiki has forgotten the session in which this login began.
        """
        try:
            return self.call({**params, "uselang": "en"}, post=True, anonymous=True)
        except WikiError as exc:
            if exc.code not in {"badtoken", "sessionlost"}:
                raise
            msg = "it has forgotten how the login began, maybe since the answer took too long. Log in again."
            raise self.refused(msg) from exc

    def token(self) -> Secret:
        """Return the login token of a new session."""
        tokens = block(block(self.ask(action="query", meta="tokens", type="login").get("query")).get("tokens"))
        return Secret(text(tokens.get("logintoken")) or "")

    def password(self) -> Secret:
        """Return the account's password; LoginFailed if only a session was kept, and that is no more."""
        if self.target.password is None:
            user, where = self.target.user, self.target.name
            login = f"apibot login --user {user}"
            msg = f"The session of {user!r} on {where} has ended, and no password was kept. Run: {login}"
            raise LoginFailed(msg)
        return self.target.password

    def refused(self, reason: str, retry_after: float | None = None) -> LoginFailed:
        """Return the error for a login that the wiki refused."""
        wait = "" if retry_after is None else f" Try again in {retry_after:.0f} s, not before."
        who = f" of {self.target.user!r}" if self.target.user else ""
        error = LoginFailed(f"{self.target.name} refused the login{who}: {' '.join(self.over(reason).split())}{wait}")
        error.retry_after = retry_after
        return error

    def no_answer(self) -> BadReply:
        """Return the error for what is no answer to a login."""
        return BadReply(f"{self.target.api} gives no answer to a login. Is it an api.php?")


def bot_password(entrance: Entrance) -> str:
    """Log in with ``action=login`` (API:Login), as bot passwords do.

    Raises LoginFailed with the wiki's reason.
    """
    password, token = entrance.password(), entrance.token()
    reply = entrance.ask(action="login", lgname=entrance.target.user, lgpassword=password, lgtoken=token)
    result = block(reply.get("login"))
    if not result:
        raise entrance.no_answer()
    name = text(result.get("lgusername"))
    if result.get("result") == "Success":
        if name is None:
            raise entrance.no_answer()
        return name
    given = result.get("reason")
    reason = block(given).get("text") if isinstance(given, dict) else given
    told = str(reason or result.get("result")).strip()
    raise entrance.refused(told, seconds_in(told) if block(given).get("code") == THROTTLED else None)


def client_login(entrance: Entrance) -> str:
    """Log in with ``action=clientlogin`` (API:Login#Method 2), as people do, by as many steps as the wiki wants.

    Raises LoginFailed with the wiki's reason, or if it asks for what there is nobody to answer.
    """
    target = entrance.target
    password, token = entrance.password(), entrance.token()
    always = {"action": "clientlogin", "logintoken": token, "loginmessageformat": "wikitext"}
    first = {"username": target.user, "password": password, "rememberMe": True, "loginreturnurl": target.api}
    reply = entrance.ask(**always, **first)
    more: list[JsonObject] | None = None
    for _ in range(MOST_STEPS):
        result = block(reply.get("clientlogin"))
        if result.get("status") == "PASS":
            return text(result.get("username")) or str(target.user)
        if result.get("status") == "FAIL" and more is None and result.get("messagecode") != THROTTLED:
            more = _wanted_at_once(entrance)
            if more:
                reply = entrance.ask(**{**_answers(entrance, {"requests": list[Json](more)}), **always, **first})
                continue
        if result.get("status") != "UI":
            raise _not_passed(entrance, result)
        reply = entrance.ask(**{**_answers(entrance, result), **always, "logincontinue": True})
    msg = f"still not satisfied after {MOST_STEPS} answers. Look at them, or use a bot password."
    raise entrance.refused(msg)


def _wanted_at_once(entrance: Entrance) -> list[JsonObject]:
    """Return what the wiki wants together with the password, like a captcha after wrong ones; mostly nothing.

    Where that is missing, it says no more than that the password is wrong.
    """
    reply = entrance.ask(action="query", meta="authmanagerinfo", amirequestsfor="login", amimessageformat="wikitext")
    wanted = rows(block(block(reply.get("query")).get("authmanagerinfo")).get("requests"))
    return [one for one in wanted if one.get("required") == "required" and not KNOWN & _fields(one).keys()]


KNOWN = {"username", "password"}
"""Fields that need no answer."""


def _answers(entrance: Entrance, result: JsonObject) -> dict[str, Secret]:
    """Return what is to be sent for a step: what somebody answers, and what the wiki filled in itself."""
    fields = {name: block(field) for one in rows(result.get("requests")) for name, field in _fields(one).items()}
    filled = {name: text(field.get("value")) or "" for name, field in fields.items() if field.get("type") == "hidden"}
    asked = tuple(_field(name, one) for name, one in fields.items() if one.get("type") not in {"hidden", "null"})
    notes = [text(one.get(key)) or "" for one in fields.values() if one.get("type") == "null" for key in NOTES]
    message = " ".join(part for part in (text(result.get("message")), *notes) if part)
    step = LoginStep(
        entrance.target.name, str(entrance.target.user), message, text(result.get("messagecode")) or "", asked
    )
    if entrance.answer is None:
        wanted = ", ".join(field.label or field.name for field in asked) or "more"
        msg = f"it asks for: {wanted} ({message}) Nobody is there to answer: run apibot login, or use a bot password."
        raise entrance.refused(msg)
    return {name: Secret(value) for name, value in {**filled, **entrance.answer(step)}.items()}


NOTES = ("label", "help", "value")
"""Where a field that is no question says something."""


def _fields(request: JsonObject) -> JsonObject:
    return block(request.get("fields"))


def _field(name: str, field: JsonObject) -> LoginField:
    kind = text(field.get("type")) or "string"
    return LoginField(
        name,
        label=text(field.get("label")) or "",
        help=text(field.get("help")) or "",
        type=kind,
        secret=bool(field.get("sensitive")) or kind == "password" or name.lower().endswith(SECRET_NAMES),
        optional=bool(field.get("optional")),
        options={key: str(value) for key, value in block(field.get("options")).items()},
    )


def _not_passed(entrance: Entrance, result: JsonObject) -> ApibotError:
    """Return the error for a step that leads no further."""
    status, message = result.get("status"), text(result.get("message")) or ""
    if status == "FAIL":
        throttled = result.get("messagecode") == THROTTLED
        return entrance.refused(message or "it does not say why", seconds_in(message) if throttled else None)
    if status == "REDIRECT":
        where = (text(result.get("redirecttarget")) or "elsewhere").partition("?")[0]
        return entrance.refused(f"it wants a browser to go to {where}. Use a bot password or OAuth.")
    if status == "RESTART":
        return entrance.refused(f"{message} The login belongs to no account here: link it in a browser first.".strip())
    return entrance.no_answer()


DURATION = re.compile(r"(\d+) (second|minute|hour|day|week)s?")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


LONGEST = 604800
"""Seconds for which a throttle is believed."""


def seconds_in(told: str) -> float | None:
    """Return the seconds that an English text says in words, like ``2 minutes and 30 seconds``; None if it does not."""
    found = DURATION.findall(told)
    return float(min(LONGEST, sum(int(amount[:9]) * SECONDS[unit] for amount, unit in found))) if found else None


def with_token(entrance: Entrance) -> str:
    """Ask the wiki whose the token of OAuth is: with it there is no login.

    Raises LoginFailed if it is nobody's (any more), or somebody else's than the settings say.
    """
    target = entrance.target
    try:
        reply = entrance.call({"action": "query", "meta": "userinfo"}, anonymous=True)
    except (LoginFailed, WikiError) as exc:
        if isinstance(exc, WikiError) and not exc.code.startswith("mwoauth-"):
            raise
        said = exc.info if isinstance(exc, WikiError) else str(exc)
        msg = f"{said}. Is the token revoked or expired, or the clock wrong? Run: apibot login"
        raise entrance.refused(msg) from exc
    user = block(block(reply.get("query")).get("userinfo"))
    name = text(user.get("name"))
    if name is None:
        raise entrance.no_answer()
    if user.get("anon") or not user.get("id"):
        msg = "it does not know the token, or takes none. Is it for this wiki? Run: apibot login"
        raise entrance.refused(msg)
    if target.user and not same_name(target.user, name):
        msg = f"the token is that of {name!r}. Correct the user in the settings, or: apibot login"
        raise entrance.refused(msg)
    return name


def same_name(one: str, other: str) -> bool:
    """Say whether two user names are the same to MediaWiki."""
    plain = [name.replace("_", " ").strip() for name in (one, other)]
    return len({name[:1].upper() + name[1:] for name in plain}) == 1


class Way(NamedTuple):
    """A way to log in."""

    enter: Callable[[Entrance], str]
    """Logs in, and returns the account's name."""
    signer: Callable[[Target], Auth] | None = None
    """Makes what signs each request; None where cookies tell who it is."""


WAYS: Mapping[Method, Way] = {
    "login": Way(bot_password),
    "clientlogin": Way(client_login),
    "oauth1": Way(with_token, oauth.signed),
    "oauth2": Way(with_token, oauth.bearer),
}


__all__ = [
    "DURATION",
    "KNOWN",
    "LONGEST",
    "MOST_STEPS",
    "NOTES",
    "SECONDS",
    "SECRET_NAMES",
    "THROTTLED",
    "WAYS",
    "Entrance",
    "Send",
    "Way",
    "bot_password",
    "client_login",
    "same_name",
    "seconds_in",
    "with_token",
]
