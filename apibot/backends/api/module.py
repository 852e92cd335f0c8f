"""Levels 1 and 2 of a task: Module and Action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apibot.backends.api.encoding import Params, checked, refuse
from apibot.core.hooks import hookable
from apibot.core.jsons import JsonObject
from apibot.core.layer import Layer
from apibot.core.request import Effect

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger
    from apibot.core.core import Core


class Module(Layer):
    """Level 1: checks parameters against paraminfo and exchanges them.

    Parameters: ``core``; ``exchanger``; ``name``, the action.
    """

    def __init__(self, core: Core, exchanger: Exchanger, name: str) -> None:
        super().__init__(core, f"API_Module_{name.capitalize()}", None)
        self.name = name
        self.exchanger = exchanger

    def check(self, path: str, params: Params) -> None:
        """Refuse what the wiki would not take (BadParameter); only log it where settings are lax."""
        info = self.core.info.module(path)
        faults = checked(params, info, highlimits="apihighlimits" in self.core.info.user().rights)
        if self.core.settings.strict:
            refuse(faults)
        for fault in faults:
            self.log.warning("%s", fault)

    @hookable
    def xfer(self, params: Params, effect: Effect) -> JsonObject:
        """Exchange the parameters for the wiki's whole answer."""
        self.check(self.name, params)
        info = self.core.info.module(self.name)
        full = {f"{info.prefix}{name}": value for name, value in params.items()}
        return self.exchanger.call({"action": self.name, **full}, effect=effect, token=info.token)


class Action(Layer):
    """Level 2: adds default parameters from the settings (``[layers.API_Action_Edit]``) and logs the flow."""

    def __init__(self, core: Core, below: Module) -> None:
        super().__init__(core, f"API_Action_{below.name.capitalize()}", below)
        self.module = below

    @property
    def defaults(self) -> dict[str, object]:
        """Parameters added where the call does not give them."""
        return dict(self.core.settings.layers.get(self.label, {}))

    @hookable
    def xfer(self, params: Params, effect: Effect) -> JsonObject:
        """Exchange, with defaults."""
        given = {name: value for name, value in params.items() if value is not None}  # False overrides a default
        reply = self.module.xfer({**self.defaults, **given}, effect)
        self.log.debug("done: %s", ", ".join(sorted(given)))
        return reply


__all__ = ["Action", "Module"]
