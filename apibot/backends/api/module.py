"""Levels 1 and 2 of a task: Module and Action."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from apibot.backends.api.encoding import Params, checked, refuse
from apibot.core.hooks import hookable
from apibot.core.jsons import JsonObject
from apibot.core.layer import Layer
from apibot.core.request import Effect

if TYPE_CHECKING:
    from apibot.backends.api.exchanger import Exchanger
    from apibot.core.core import Core


class Described(Layer):
    """What takes parameters that the wiki's paraminfo describes.

    Parameters: ``core``; ``label``; ``path``, as paraminfo names it: ``edit``, ``query+allpages``.
    """

    def __init__(self, core: Core, label: str, path: str) -> None:
        super().__init__(core, label, None)
        self.path = path

    @hookable
    def check(self, params: Params) -> None:
        """Refuse what the wiki would not take (BadParameter); only log it where settings are lax."""
        info = self.core.info.module(self.path)
        faults = checked(params, info, highlimits=self.core.info.high_limits)
        if self.core.settings.strict:
            refuse(faults)
        for fault in faults:
            self.log.warning("%s", fault)

    @hookable
    def params(self, params: Params) -> dict[str, object]:
        """Check parameters and return them as they are sent, with the module's prefix."""
        self.check(params)
        prefix = self.core.info.module(self.path).prefix
        return {f"{prefix}{name}": value for name, value in params.items()}


class Module(Described):
    """Level 1: checks parameters against paraminfo and exchanges them.

    Parameters: ``core``; ``exchanger``; ``name``, the action.
    """

    def __init__(self, core: Core, exchanger: Exchanger, name: str) -> None:
        super().__init__(core, f"API_Module_{name.capitalize()}", name)
        self.exchanger = exchanger

    @hookable
    def xfer(self, params: Params, effect: Effect) -> JsonObject:
        """Exchange the parameters for the wiki's whole answer."""
        full = self.params(params)
        token = self.core.info.module(self.path).token
        return self.exchanger.call({"action": self.path, **full}, effect=effect, token=token)


class Action(Layer):
    """Level 2: adds default parameters from the settings (``[layers.API_Action_Edit]``) and logs the flow."""

    def __init__(self, core: Core, below: Module) -> None:
        super().__init__(core, f"API_Action_{below.path.capitalize()}", below)

    @property
    def module(self) -> Module:
        """The level below."""
        return cast("Module", self.below)

    @property
    def defaults(self) -> dict[str, object]:
        """Parameters added where the call does not give them; an empty one of the settings adds nothing."""
        known = self.core.info.module(self.module.path).parameters
        found = self.core.settings.layer(self.label, known)
        return {name: value for name, value in found.items() if value not in {"", ()}}

    @hookable
    def params(self, params: Params) -> dict[str, object]:
        """Return the parameters given, and the defaults of those that are not; False overrides a default."""
        return {**self.defaults, **{name: value for name, value in params.items() if value is not None}}

    @hookable
    def xfer(self, params: Params, effect: Effect) -> JsonObject:
        """Exchange, with defaults."""
        reply = self.module.xfer(self.params(params), effect)
        self.log.debug("done: %s", ", ".join(sorted(name for name in params if params[name] is not None)))
        return reply


__all__ = ["Action", "Described", "Module"]
