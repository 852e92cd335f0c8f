"""What a wiki may ask for in the midst of a login, and who answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class LoginField(NamedTuple):
    """One thing that the wiki asks for."""

    name: str
    """Key of the answer."""
    label: str = ""
    """What to call it, as the wiki says it to people."""
    help: str = ""
    type: str = "string"
    """``string``, ``password``, ``select``, ``multiselect``, ``checkbox``, or ``button``: pressed by the answer 1."""
    secret: bool = False
    """Whether nobody should see it typed."""
    optional: bool = False
    options: Mapping[str, str] = {}
    """Values to choose from, with their labels."""


class LoginStep(NamedTuple):
    """What the wiki asks for: a code from a phone or a mail, a captcha, a new password, or anything else."""

    wiki: str
    """Name of the wiki."""
    user: str
    message: str
    """What it says to people."""
    code: str
    """The message's name, like ``oathauth-auth-ui``."""
    fields: tuple[LoginField, ...]


Answer = Callable[[LoginStep], Mapping[str, str]]
"""Answers a step: a value for each field by its name; those left out are left to the wiki."""


__all__ = ["Answer", "LoginField", "LoginStep"]
