"""The one tree of errors.

Each class says by ``advice`` what to do next: ``abort`` the run, ``close`` the backend, ``retry`` later, ``ignore``
this element and go on.

    ApibotError
    ├── BackendClosed
    ├── BadParameter
    │   └── BadText
    │       ├── BadPattern
    │       ├── InvalidTitle
    │       └── ParameterPageError
    ├── BadReply
    ├── BotExcluded
    ├── HookError
    ├── LoginFailed
    ├── NotFetched
    ├── OutcomeUnknown
    ├── PatternTimeout
    ├── PlanError
    ├── SandboxError
    ├── SettingsError
    ├── StateError
    ├── TooLong
    ├── TransportError
    │   ├── ConnectFailed
    │   ├── ConnectionLost
    │   ├── TimedOut
    │   └── TlsFailed
    │       └── CertificateRefused
    └── WikiError
        ├── Blocked
        ├── CaptchaNeeded
        ├── ContentRefused
        ├── EditConflict
        ├── PageExists
        ├── PageMissing
        ├── PermissionDenied
        ├── Protected
        ├── RateLimited
        └── ReadOnly
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

Advice = Literal["abort", "close", "retry", "ignore"]
SHOWN = 200
"""Characters of an offending text that a message shows."""
PROBLEMS_SHOWN = 20
"""Problems of a page that a message shows."""


class ApibotError(Exception):
    """Root of all errors that Apibot raises; the message says what happened, where, and what to do."""

    advice: ClassVar[Advice] = "abort"
    request: Mapping[str, str] | None = None
    """The parameters sent, secrets removed; None if the error happened before the wire."""
    retry_after: float | None = None
    """Seconds that the server wants to be left alone, where it said so."""

    def __reduce__(self) -> tuple[object, ...]:
        """Let errors come whole from other processes, whatever their classes are made with."""
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[ApibotError], args: tuple[object, ...]) -> ApibotError:
    """Return an error with its message; what else it holds is set by who reads it."""
    return kind.__new__(kind, *args)


class BackendClosed(ApibotError):
    """The bridge, core or backend was closed, or no backend can do what was asked."""

    advice = "close"


class BadParameter(ApibotError, ValueError):
    """An unknown parameter, or a value the wiki or the request does not take."""


class BadText(BadParameter):
    """A text that can not be what it is taken for: a title, a value of a template, a table, a page of parameters.

    Parameters: ``text``, the offending one, whole; ``reason``, in words; ``position``, where in it, in characters
    from 0.
    """

    advice: ClassVar[Advice] = "ignore"

    def __init__(self, text: str, reason: str, position: int = 0) -> None:
        self.text = text
        self.reason = reason
        self.position = position
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
        super().__init__(f"{shown!r}: {reason} (at character {position}).")


class BadPattern(BadText):
    """A regular expression that is none."""


class InvalidTitle(BadText):
    """A text that can be no title on the wiki; MediaWiki would refuse it too."""


class Problem(NamedTuple):
    """What is wrong at a place of a page of parameters."""

    path: str
    """Of the value, as in ``jobs[0].name``; "" for the whole."""
    value: str
    """The value, shortened; "" where there is none."""
    reason: str
    line: int
    """From 1; 0 where the place in the text is not known."""
    position: int
    """In the text, in characters from 0."""

    def __str__(self) -> str:
        return self.shown("")

    def shown(self, text: str) -> str:
        """Return it in words; with the text of the page also by the character of its line, from 1."""
        column = f", character {self.position - text.rfind(chr(10), 0, self.position)}" if text else ""
        where = f"line {self.line}{column}" if self.line else ""
        what = f"{self.path} = {self.value}" if self.path and self.value else self.path or self.value
        return ": ".join(part for part in (where, what, self.reason) if part)


class ParameterPageError(BadText):
    """A page of parameters that is malformed, or whose values its model refuses.

    Parameters: ``text``, of the page; ``problems``, all that are wrong in it, from first to last, at least one.
    """

    advice = "abort"

    def __init__(self, text: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(text, self.problems[0].reason, self.problems[0].position)
        shown = [problem.shown(text) for problem in self.problems[:PROBLEMS_SHOWN]]
        if len(self.problems) > PROBLEMS_SHOWN:
            shown.append(f"and {len(self.problems) - PROBLEMS_SHOWN} more")
        self.args = ("The page of parameters can not be used. Correct it:\n" + "\n".join(shown),)


class BadReply(ApibotError):
    """The answer is not what api.php gives: HTML, truncated JSON, another program."""

    advice = "close"  # it was tried again as long as that made sense


class BotExcluded(ApibotError):
    """The page's {{bots}} or {{nobots}} template keeps this account out."""

    advice = "ignore"


class HookError(ApibotError):
    """A callback that was hooked raised; the message names it."""


class LoginFailed(ApibotError):
    """The wiki refused the account, its password or its token, or asks for what nobody is there to answer."""

    advice = "close"
    retry_after: float | None = None
    """Seconds that the wiki wants no more logins of this account for; None if it did not say so."""


class NotFetched(ApibotError):
    """A property was read that was not asked for, or may not be seen; nothing is fetched behind your back."""

    advice = "ignore"


class OutcomeUnknown(ApibotError):
    """A write was sent and its reply was lost; the wiki was asked and shows no trace of it (yet)."""

    advice = "ignore"


class PatternTimeout(ApibotError):
    """A regular expression was given up: it took too long or too much memory, or would make a text far longer."""

    advice = "ignore"


class PlanError(ApibotError):
    """A plan file is malformed, was changed by hand, or belongs to another wiki."""


class SandboxError(ApibotError):
    """The local wiki can not be installed, started or stopped."""


class SettingsError(ApibotError):
    """Settings are missing, malformed or unsafe."""


class StateError(ApibotError):
    """A state file can not be read, written or locked."""


class TooLong(ApibotError):
    """A server wants to be left alone for longer than the request may wait.

    Parameters: ``seconds``, how long; ``event``, what the server had said; ``why``, in words.
    """

    advice = "retry"

    def __init__(self, seconds: float, event: str, why: str) -> None:
        self.seconds = seconds
        self.event = event
        super().__init__(f"{why}; {seconds:.0f} s are left, more than a request may wait")


class TransportError(ApibotError):
    """The request did not bring back an answer."""

    advice = "close"  # it was tried again as long as that made sense
    sent: bool = True
    """False if certainly no part of the request went out."""


class ConnectFailed(TransportError):
    """No connection was made: the request was certainly not sent."""

    sent = False


class ConnectionLost(TransportError):
    """The connection ended before the whole answer was there."""


class TimedOut(TransportError):
    """The answer did not come in time."""


class TlsFailed(TransportError):
    """The encrypted connection broke, or the server speaks no TLS as it should."""


class CertificateRefused(TlsFailed):
    """The server's certificate is not valid: the request was certainly not sent."""

    sent = False


class WikiError(ApibotError):
    """The wiki answered with an error.

    Parameters: ``code``, the API's; ``info``, its text; ``what`` was being done and ``hint``, what to do, for the
    message.
    """

    advice: ClassVar[Advice] = "ignore"

    def __init__(self, code: str, info: str = "", *, what: str = "", hint: str = "") -> None:
        self.code = code
        self.info = info
        self.data: object = None
        """The wiki's whole list of errors."""
        prefix = f"{what}: " if what else ""
        super().__init__(f"{prefix}{info or 'the wiki refused'} [{code}] {hint}".rstrip())


class Blocked(WikiError):
    """The account or its address is blocked."""

    advice = "close"


class CaptchaNeeded(WikiError):
    """The wiki wants a captcha solved; a bot account with skipcaptcha is not asked."""


class ContentRefused(WikiError):
    """A filter or blacklist of the wiki refuses the text, title or file; change it, or ask the wiki's people."""


class EditConflict(WikiError):
    """Someone else saved the same place first."""

    advice = "retry"


class PageExists(WikiError):
    """The page was to be created and is already there."""


class PageMissing(WikiError):
    """The page does not exist (any more)."""


class PermissionDenied(WikiError):
    """The account lacks a right, or the login a grant."""


class Protected(WikiError):
    """The page or title is protected from this account."""


class RateLimited(WikiError):
    """The wiki's limit of actions in a time is used up."""

    advice = "retry"


class ReadOnly(WikiError):
    """The wiki takes no writes at the moment."""

    advice = "retry"


__all__ = [
    "PROBLEMS_SHOWN",
    "SHOWN",
    "Advice",
    "ApibotError",
    "BackendClosed",
    "BadParameter",
    "BadPattern",
    "BadReply",
    "BadText",
    "Blocked",
    "BotExcluded",
    "CaptchaNeeded",
    "CertificateRefused",
    "ConnectFailed",
    "ConnectionLost",
    "ContentRefused",
    "EditConflict",
    "HookError",
    "InvalidTitle",
    "LoginFailed",
    "NotFetched",
    "OutcomeUnknown",
    "PageExists",
    "PageMissing",
    "ParameterPageError",
    "PatternTimeout",
    "PermissionDenied",
    "PlanError",
    "Problem",
    "Protected",
    "RateLimited",
    "ReadOnly",
    "SandboxError",
    "SettingsError",
    "StateError",
    "TimedOut",
    "TlsFailed",
    "TooLong",
    "TransportError",
    "WikiError",
]
