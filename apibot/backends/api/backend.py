"""The API backend: its parts, and which requests it implements."""

from __future__ import annotations

from apibot.backends.api.edit import ApiEdit
from apibot.backends.api.exchanger import Exchanger
from apibot.backends.api.identity import Identity
from apibot.backends.api.info import ApiInfo
from apibot.backends.api.module import Action, Module
from apibot.backends.api.query import ApiQuery
from apibot.backends.api.query_module import QueryAction, QueryModule
from apibot.backends.api.task import ApiCall, ApiFetch, ApiPurge
from apibot.backends.api.tokens import Tokens
from apibot.core.core import Core, LayerMaker
from apibot.core.hooks import Hooks, hookable
from apibot.core.login import Answer
from apibot.core.request import Query, Request
from apibot.queries import USUAL_MODULES
from apibot.tasks import CallAction, Edit, Fetch, Purge


class ApiBackend:
    """Talks with api.php.

    Parameters: ``core``, whose browser and settings it uses; ``answer``, who answers what a login asks for.
    """

    name = "api"
    label = "API_Backend"

    def __init__(self, core: Core, answer: Answer | None = None) -> None:
        self._core = core
        self._answer = answer
        self.exchanger = self.new_exchanger()
        self.identity = self.new_identity()
        self.tokens = self.new_tokens()
        self.exchanger.identity = self.identity
        self.exchanger.tokens = self.tokens
        self.info = self.new_info()
        self.query = QueryAction(core, QueryModule(core, self.exchanger, self.info))
        self._actions: dict[str, Action] = {}
        self._tasks: dict[type[Request], LayerMaker] = {
            CallAction: lambda kind: ApiCall(core, kind, self.action),
            Edit: lambda kind: ApiEdit(core, kind, self.action("edit"), self.query),
            Fetch: lambda kind: ApiFetch(core, kind, self.query),
            Purge: lambda kind: ApiPurge(core, kind, self.action("purge")),
        }

    @property
    def hooks(self) -> Hooks:
        """The hooks of the core."""
        return self._core.hooks

    @hookable
    def new_exchanger(self) -> Exchanger:
        """Return what talks with api.php."""
        return Exchanger(self._core)

    @hookable
    def new_identity(self) -> Identity:
        """Return what logs in."""
        return Identity(self._core, self.exchanger, self._answer)

    @hookable
    def new_tokens(self) -> Tokens:
        """Return what holds the tokens."""
        return Tokens(self.exchanger)

    @hookable
    def new_info(self) -> ApiInfo:
        """Return what api.php says of the wiki."""
        return ApiInfo(self._core, self.exchanger, USUAL_MODULES)

    def action(self, name: str) -> Action:
        """Return level 2 of an action, made once."""
        if name not in self._actions:
            self._actions[name] = Action(self._core, Module(self._core, self.exchanger, name))
        return self._actions[name]

    def maker(self, kind: type[Request]) -> LayerMaker | None:
        """Return what makes level 3 of a request; all queries share one."""
        if issubclass(kind, Query):
            return lambda kind: ApiQuery(self._core, kind, self.query)
        return self._tasks.get(kind)

    def login(self, *, anew: bool = False) -> str | None:
        """Log in and return the account's name, None if anonymous; ``anew`` takes up no saved session.

        Raises LoginFailed.
        """
        return self.identity.login(anew=anew)

    def logout(self) -> None:
        """End the session on the wiki and forget it here."""
        self.identity.logout()

    def close(self) -> None:
        """Nothing is open but the browser, which is the core's."""


__all__ = ["ApiBackend"]
