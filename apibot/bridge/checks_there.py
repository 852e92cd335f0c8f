"""The doctor's checks on the wiki."""

from __future__ import annotations

from collections.abc import Mapping

from apibot.bridge.findings import Check, Finding, Findings, Patient, Severity, line, listed
from apibot.core.errors import ApibotError, BadParameter, LoginFailed, ReadOnly, SettingsError
from apibot.core.grants import BASIC, MATTERS, by_grant
from apibot.core.jsons import block, real
from apibot.core.schema import METHODS

OLDEST = (1, 35)
"""Oldest MediaWiki that Apibot supports."""
TRIED = (1, 39)
"""Newest that its tests run on."""
VITAL = {"read", "writeapi", "edit"}
"""Rights without which hardly any bot can do anything."""
SKEW_NOTED = 5.0
"""Seconds by which clocks may differ without a word."""
SKEW_TOO_MUCH = 300.0
"""From which on signatures of OAuth 1.0a are refused (the extension OAuth, ``MWOAuthServer``)."""
LAG_NOTED = 1.0
PATIENCE = "Wait; it is somebody's decision, and mostly ends soon."
LIMITED = ("edit", "move", "upload", "rollback", "purge")
"""Actions whose limits are told."""
USED: Mapping[str, tuple[str, ...]] = {
    "json": ("formatversion",),
    "main": ("action", "format", "errorformat", "errorlang", "uselang", "assertuser", "maxlag", "curtimestamp"),
    "edit": (
        "title",
        "pageid",
        "text",
        "summary",
        "minor",
        "notminor",
        "bot",
        "tags",
        "watchlist",
        "baserevid",
        "nocreate",
        "createonly",
        "token",
    ),
    "paraminfo": ("modules", "helpformat"),
    "parse": ("oldid", "prop"),
    "purge": ("titles", "pageids", "revids"),
    "query": ("prop", "list", "meta", "generator", "titles", "pageids", "revids", "redirects"),
    "query+allmessages": ("messages", "lang"),
    "query+info": (),
    "query+logevents": ("action", "title", "prop", "limit"),
    "query+revisions": ("prop", "slots", "limit", "dir"),
    "query+siteinfo": ("prop",),
    "query+tokens": ("type",),
    "query+userinfo": ("prop",),
}
"""Parameters that Apibot itself sends, by module."""


def reach(patient: Patient) -> Findings:
    """Find out whether the wiki answers, and whom it sees."""
    try:
        general, account = patient.general, patient.account
    except LoginFailed as exc:
        remedy = "Check the name and its password or token; store them anew with: apibot login"
        yield Finding("problem", "login", f"The login is refused: {line(exc)}", remedy)
    except ReadOnly as exc:  # not even a login is taken then
        yield Finding("problem", "read-only", f"The wiki takes no login at the moment: {line(exc)}", PATIENCE)
    except SettingsError as exc:
        yield Finding("problem", "settings", line(exc), "Correct the settings.")
    except ApibotError as exc:
        remedy = "Check the address, the network, and whether the wiki is up."
        yield Finding("problem", "connection", f"The wiki can not be asked: {line(exc)}", remedy)
    else:
        patient.answers = True
        who = f"the anonymous user {account.name}" if account.anonymous else account.name
        yield Finding("ok", "connection", f"{general.sitename} ({patient.target.name}) answers; it sees {who}.")


def _wiki_version(patient: Patient) -> Findings:
    general = patient.general
    oldest, tried = (".".join(map(str, one)) for one in (OLDEST, TRIED))
    if not general.version:
        yield Finding("advice", "mediawiki", f"The wiki does not tell its version, but {general.generator!r}.")
    elif general.version < OLDEST:
        text = f"{general.generator} is older than {oldest}, the oldest that Apibot supports."
        yield Finding("problem", "mediawiki", text, "Have the wiki upgraded; it gets no security fixes either.")
    elif general.version[:2] > TRIED:
        text = (
            f"{general.generator} is newer than {tried}, which Apibot's tests run on; what it gives up is told below."
        )
        yield Finding("ok", "mediawiki", text)
    else:
        yield Finding("ok", "mediawiki", f"{general.generator} is supported ({oldest} and later).")


def _read_only(patient: Patient) -> Findings:
    if patient.general.readonly:
        text = f"The wiki takes no writes at the moment: {patient.general.readonly_reason or 'it gives no reason'}"
        yield Finding("problem", "read-only", text, PATIENCE)
    else:
        yield Finding("ok", "read-only", "The wiki takes writes.")


def _clock(patient: Patient) -> Findings:
    skew = patient.bridge.info.skew()
    told = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the wiki's"
    if abs(skew) < SKEW_NOTED:
        yield Finding("ok", "clock", "This machine's clock agrees with the wiki's.")
    else:
        signed = patient.target.account.how == "oauth1"
        grave = signed and abs(skew) >= SKEW_TOO_MUCH
        text = f"This machine's clock is {told}" + (": signatures of OAuth 1.0a are refused." if grave else ".")
        yield Finding("problem" if grave else "advice", "clock", text, "Let a time service set it (NTP).")


def _lag(patient: Patient) -> Findings:
    asked = {"action": "query", "maxlag": "-1", "format": "json", "formatversion": "2"}
    reply = block(patient.bridge.xfer(patient.target.api, data=asked).json())  # by no exchange: that would wait
    error, most = block(reply.get("error")), patient.core.settings.retry.maxlag
    found = error.get("lag") if error.get("code") == "maxlag" else None
    lags = [one.seconds for one in patient.bridge.info.lags()]
    lag = max([*lags, real(found) or 0.0])
    if lag > most:
        text = f"The wiki's database is {lag:.0f} s behind: writes are put off until that is {most} s (retry.maxlag)."
        yield Finding("advice", "lag", text, "Wait; or come back when fewer others write.")
    elif lag >= LAG_NOTED:
        yield Finding("ok", "lag", f"The wiki's database is {lag:.0f} s behind, which holds nothing up.")
    else:
        yield Finding("ok", "lag", "The wiki's database is up to date.")


def _block(patient: Patient) -> Findings:
    found = patient.account.block
    if found is None:
        yield Finding("ok", "block", "The account is not blocked.")
        return
    until = "without end" if found.expiry is None else f"until {found.expiry:%Y-%m-%d %H:%M} UTC"
    text = f"{'Partly blocked' if found.partial else 'Blocked'} by {found.by or 'the wiki'} {until}: {found.reason}"
    remedy = f"Stop, and talk to {found.by or 'the people of the wiki'}; the block's number is {found.id}."
    yield Finding("advice" if found.partial else "problem", "block", text, remedy)


def _rights(patient: Patient) -> Findings:
    account, groups = patient.account, patient.bridge.info.groups()
    given = frozenset[str]().union(*(groups[name].rights for name in account.groups if name in groups))
    names = listed(sorted(account.groups - account.implicit_groups)) or "no group but those of everybody"
    text = f"The login has {len(given & account.rights)} of the {len(given)} rights that the account's groups give"
    yield Finding("ok", "rights", f"{text} ({names}).")
    if patient.target.by_grants:
        yield from _grants(patient, sorted(given - account.rights))
    elif given - account.rights:
        text = f"The wiki takes away from this login: {listed(sorted(given - account.rights))}."
        yield Finding(
            "advice", "rights", text, "Ask its people why ($wgRevokePermissions, or a second factor missing)."
        )
    yield from _needed(patient, given)


def _grants(patient: Patient, lacking: list[str]) -> Findings:
    """Tell what the groups give and the login lacks, by the grants that would bring it."""
    grants = by_grant(lacking)
    rest = grants.pop(BASIC, [])
    for grant, rights in grants.items():
        reasons = [f"without {right!r} {MATTERS[right]}" for right in rights if right in MATTERS]
        text = f"The groups give {listed(rights)}, but this login lacks the grant {grant!r}"
        if reasons:
            severity: Severity = "problem" if VITAL & set(rights) else "advice"
            yield Finding(severity, "rights", f"{text}: {'; '.join(reasons)}.", _add_grant(patient, grant))
        else:
            yield Finding("ok", "rights", f"{text}. Few bots need it.")
    if rest:
        yield Finding("ok", "rights", f"The groups give {listed(rest)}, which no grant brings. Few bots need that.")


def _add_grant(patient: Patient, grant: str) -> str:
    if METHODS[patient.target.account.how].token is not None:
        return f"Propose a new OAuth consumer with the grant {grant!r} (Special:OAuthConsumerRegistration)."
    return f"Tick the grant {grant!r} for this bot password (Special:BotPasswords)."


def _needed(patient: Patient, given: frozenset[str]) -> Findings:
    """Tell what not even the groups give."""
    account = patient.account
    there = frozenset[str]().union(*(one.rights for one in patient.bridge.info.groups().values()))  # not all wikis have
    missing = [right for right in MATTERS if right in there - given - account.rights]
    for right in missing:
        if right in VITAL:
            remedy = "Ask the wiki's people for a group that gives it." if not account.anonymous else "Log in."
            yield Finding("problem", "rights", f"The account lacks {right!r}: {MATTERS[right]}.", remedy)
    if "bot" in missing and not account.anonymous:
        more = listed([repr(right) for right in missing if right in {"noratelimit", "apihighlimits"}])
        text = f"No group of the account gives 'bot'{f', {more}' if more else ''}: {MATTERS['bot']}."
        yield Finding("advice", "rights", text, "Ask the wiki's bureaucrats for the bot flag, by its bot policy.")


def _limits(patient: Patient) -> Findings:
    limits = [one for one in patient.account.ratelimits if one.action in LIMITED and one.hits]
    if not limits:
        yield Finding("ok", "limits", "No rate limit holds for the account.")
    for one in limits:
        text = (
            f"{one.action}: {one.hits} in {one.seconds:.0f} s, so one each {one.seconds / one.hits:.1f} s on average."
        )
        yield Finding("ok", "limits", text)


def _pace(patient: Patient) -> Findings:
    for text in patient.core.pace.explain():
        yield Finding("ok", "pace", f"{text[0].upper()}{text[1:]}.")


def _parameters(patient: Patient) -> Findings:
    remedy, count = "Look for a newer Apibot before the wiki is upgraded.", 0
    for path, names in sorted(used().items()):
        count += len(names)
        try:
            module = patient.bridge.info.module(path)
        except BadParameter:
            yield Finding("advice", "parameters", f"The wiki has no module {path}, which Apibot uses or offers.")
            continue
        known = module.parameters
        for fault, found in (
            ("does not know", sorted(names - known.keys())),
            ("gives up", sorted(name for name in names & known.keys() if known[name].deprecated)),
        ):
            if found:
                text = f"The wiki {fault} {listed(found)} of the module {path}, which Apibot uses or offers."
                yield Finding("advice", "parameters", text, remedy if fault == "gives up" else "")
        if module.deprecated:
            text = f"The wiki gives up the module {path}, which Apibot uses or offers."
            yield Finding("advice", "parameters", text, remedy)
    yield Finding("ok", "parameters", f"{count} parameters that Apibot uses or offers were looked up.")


def used() -> dict[str, set[str]]:
    """Return the parameters that Apibot sends or offers, by module."""
    from apibot import queries

    found = {path: set(names) for path, names in USED.items()}
    for kind in map(vars(queries).get, queries.__all__):
        spec = getattr(kind, "spec", None)
        if isinstance(kind, type) and isinstance(spec, queries.Spec):
            names = {name.rstrip("_") for name in kind.__annotations__} - {"spec", "row"}
            found.setdefault(f"query+{spec.module}", set()).update(names)
    return found


THERE: tuple[Check, ...] = (_wiki_version, _read_only, _clock, _lag, _block, _rights, _limits, _pace, _parameters)
"""What is looked at where the wiki answers."""

__all__ = [
    "LAG_NOTED",
    "LIMITED",
    "OLDEST",
    "PATIENCE",
    "SKEW_NOTED",
    "SKEW_TOO_MUCH",
    "THERE",
    "TRIED",
    "USED",
    "VITAL",
    "reach",
    "used",
]
