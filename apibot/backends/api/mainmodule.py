"""Mainmodule: the parameters that go with every request, whatever the action (API:Main module)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.backends.api.encoding import encode
from apibot.core.hooks import hookable
from apibot.core.layer import Layer
from apibot.core.request import Effect

if TYPE_CHECKING:
    from apibot.core.core import Core

_ALWAYS = {"format": "json", "formatversion": "2", "errorformat": "plaintext", "errorlang": "en"}


class Mainmodule(Layer):
    """The main module; more parameters (``uselang``, ``requestid``, ...) by ``[layers.API_Mainmodule]``."""

    def __init__(self, core: Core) -> None:
        super().__init__(core, "API_Mainmodule", None)

    @hookable
    def params(self, effect: Effect, user: str | None) -> dict[str, str]:
        """Return the parameters for one request.

        Parameters: ``effect`` of the request: writes ask to be refused while the database lags; ``user``, who must be
        logged in for it to be done, None for nobody in particular.
        """
        own = {name: encode(value) for name, value in self.core.settings.layer(self.label).items()}
        given = {**_ALWAYS, **{name: text for name, text in own.items() if text}}
        if user is not None:
            given["assertuser"] = user
        if effect != "read":
            given["maxlag"] = str(self.core.settings.retry.maxlag)
        return given


__all__ = ["Mainmodule"]
