"""The doctor: what stands in a bot's way on a wiki, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.bridge.checks_here import HERE
from apibot.bridge.checks_there import THERE, reach
from apibot.bridge.findings import Check, Finding, Findings, Patient, Severity, line
from apibot.core.errors import ApibotError

if TYPE_CHECKING:
    from apibot.bridge.bridge import Bridge


def diagnose(bridge: Bridge) -> list[Finding]:
    """Look at everything and return what was found, also what is well.

    Parameters: ``bridge``, to the wiki, with the account in question.
    What can not be looked at, as the wiki does not answer or refuses the login, is a finding, not an error: what needs
    the wiki is left out then.
    """
    patient = Patient(bridge)
    found = [finding for check in (*HERE, reach) for finding in _looked(check, patient)]
    if patient.answers:
        found += [finding for check in THERE for finding in _looked(check, patient)]
    return found


def _looked(check: Check, patient: Patient) -> Findings:
    """Give what a check finds; what keeps it from looking is a finding too."""
    try:
        yield from check(patient)
    except ApibotError as exc:
        topic = check.__name__.strip("_").replace("_", " ")
        yield Finding("problem", topic, f"It can not be looked at: {line(exc)}", "See to that first.")


__all__ = ["Finding", "Severity", "diagnose"]
