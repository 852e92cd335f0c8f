"""Slots: the small objects that a line is made of.

A slot is a declaration (a request: what to feed, what to do, what to write) and its links to other slots.
"""

from __future__ import annotations

import re
import shlex
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Concatenate, Literal, ParamSpec, Self, TypeVar, cast

from apibot.core.errors import BadParameter, BadPattern
from apibot.core.patterns import compiled
from apibot.core.request import Query, Request, Task, arg
from apibot.core.words import from_words, to_words
from apibot.data.pages import Page, PageLike
from apibot.line.conditions import All, Condition, parse
from apibot.line.signals import Data
from apibot.queries import AllPages, CategoryMembers, QueryPage, RecentChanges
from apibot.tasks import Edit

if TYPE_CHECKING:
    from apibot.line.line import Line

P = ParamSpec("P")
T = TypeVar("T")
Kind = Literal["feeder", "filter", "worker", "writer"]


class Work(Request):
    """Declaration of a slot that does something with each element."""

    kind: ClassVar[Kind]
    needs_text: ClassVar[bool] = False

    @abstractmethod
    def work(self, page: Page, say: Callable[[str], object], /) -> str | None:
        """Do it.

        Parameters: ``page``, the element; ``say``, where text for the user goes.
        Returns what was done, for the signal's log; None rejects the element.
        """

    def on_data(self, signal: Data, say: Callable[[str], object], /) -> str | None:
        """Take a signal; a slot that works on data blocks, parameters or the log overrides this instead of ``work``.

        Parameters and result are as of ``work``, with the signal in place of its element.
        """
        return self.work(cast("Page", signal.element), say)

    def needs(self) -> frozenset[str]:
        """Return the properties of a page that it looks at."""
        return frozenset({"text"} if self.needs_text else ())

    @classmethod
    def read(cls, words: Sequence[str]) -> Self:
        """Make it from the words of the shell."""
        return from_words(cls, words)

    def words(self) -> list[str]:
        """Return it as words of the shell."""
        return to_words(self)


class Keep(Work):
    """Let pages pass for which a condition holds, and reject the others."""

    kind: ClassVar[Kind] = "filter"
    condition: Condition = arg(kw_only=False)

    def work(self, page: Page, _say: Callable[[str], object], /) -> str | None:
        """Look at the page."""
        return "kept" if self.condition(page) else None

    def needs(self) -> frozenset[str]:
        """Return what the condition looks at."""
        return self.condition.properties()

    @classmethod
    def read(cls, words: Sequence[str]) -> Self:
        """Read the condition."""
        return cls(parse(words))

    def words(self) -> list[str]:
        """Write the condition."""
        return self.condition.words()


class Replace(Work):
    """Replace a text, everywhere on the page."""

    kind: ClassVar[Kind] = "worker"
    needs_text: ClassVar[bool] = True
    old: str = arg(kw_only=False)
    new: str = arg(kw_only=False)
    word: bool = False
    """Only where it stands as a whole word."""
    regex: bool = False
    r"""``old`` is a regular expression, and ``new`` may use its groups (``\1``)."""

    def __post_init__(self) -> None:
        if not self.old:
            msg = "replace: nothing to look for."
            raise BadParameter(msg)
        if self.regex:
            try:
                compiled(self.old)  # by itself first, so that no ) in it ends what is written around it
                compiled(self._pattern).template(self.new)
            except BadPattern as exc:
                raise BadPattern(exc.text, f"replace: {exc.reason}", exc.position) from None

    @property
    def _pattern(self) -> str:
        return rf"\b(?:{self.old})\b" if self.word else self.old

    def work(self, page: Page, _say: Callable[[str], object], /) -> str | None:
        """Replace in the text."""
        if self.regex:
            page.text, count = compiled(self._pattern).subn(self.new, page.text)
        elif self.word:
            page.text, count = re.subn(rf"\b{re.escape(self.old)}\b", lambda _: self.new, page.text)
        else:
            count = page.text.count(self.old)
            page.text = page.text.replace(self.old, self.new)
        return f"{count} replaced"


class Append(Work):
    """Add a text at the end of the page."""

    kind: ClassVar[Kind] = "worker"
    needs_text: ClassVar[bool] = True
    text: str = arg(kw_only=False)
    newline: bool = True
    """Begin on a line of its own."""

    def work(self, page: Page, _say: Callable[[str], object], /) -> str | None:
        """Add it."""
        gap = "\n" if self.newline and page.text and not page.text.endswith("\n") else ""
        page.text = f"{page.text}{gap}{self.text}"
        return "appended"


class Echo(Work):
    """Show something of each page; ``{title}``, ``{size}``, ``{ns}``, ``{pageid}``, ``{revid}`` stand for it."""

    kind: ClassVar[Kind] = "writer"
    template: str = arg(kw_only=False, default="{title}")

    def __post_init__(self) -> None:
        unknown = set(_PLACES.findall(self.template)) - set(_SHOWN)
        if unknown:
            msg = f"echo: {{{'}, {'.join(sorted(unknown))}}} is nothing of a page; there are: {', '.join(_SHOWN)}."
            raise BadParameter(msg)

    def work(self, page: Page, say: Callable[[str], object], /) -> str | None:
        """Show it."""
        say(_PLACES.sub(lambda place: str(getattr(page, place[1])), self.template))
        return "shown"


_SHOWN = ("title", "size", "ns", "pageid", "revid")
_PLACES = re.compile(r"\{(\w+)\}")
Declaration = Query[object] | Task[object] | Work


class Slot:
    """A slot of a line.

    Parameters: ``word``, its name in the shell; ``spec``, what it does.
    """

    def __init__(self, word: str, spec: Declaration) -> None:
        self.word = word
        self.spec = spec
        self.links: list[Slot] = []
        """Where elements go on to."""
        self.reject_links: list[Slot] = []
        """Where rejected ones go."""
        self.sources: list[Slot] = []
        """What feeds it."""

    @property
    def kind(self) -> Kind:
        """What sort of slot it is; parameters from signals are taken from the group of that name."""
        if isinstance(self.spec, Query):
            return "feeder"
        return "writer" if isinstance(self.spec, Task) else self.spec.kind

    def link_with(self, after: Slot) -> Slot:
        """Pass elements on to a slot, besides those linked already; returns that slot."""
        return self._link(self.links, after)

    def link_to(self, before: Slot) -> Slot:
        """Take elements from a slot; returns that slot."""
        before.link_with(self)
        return before

    def rejects_link_with(self, after: Slot) -> Slot:
        """Pass rejected elements on to a slot; returns that slot."""
        return self._link(self.reject_links, after)

    def unlink(self, after: Slot) -> None:
        """Undo a link, of passed or of rejected elements.  Raises BadParameter if there is none."""
        for links in (self.links, self.reject_links):
            if after in links:
                links.remove(after)
                after.sources.remove(self)
                return
        msg = f"{self.word} is not linked with {after.word}."
        raise BadParameter(msg)

    def _link(self, links: list[Slot], after: Slot) -> Slot:
        if after is self or self in after.following():
            msg = f"Linking {self.word} with {after.word} would make a ring, in which elements never end."
            raise BadParameter(msg)
        if after not in links:
            links.append(after)
            after.sources.append(self)
        return after

    def following(self) -> list[Slot]:
        """Return all slots that elements can reach from here."""
        found: dict[Slot, None] = {}
        for after in (*self.links, *self.reject_links):
            found.update(dict.fromkeys([after, *after.following()]))
        return list(found)

    def copied(self) -> Slot:
        """Return the same slot without links."""
        return Slot(self.word, self.spec)

    def __or__(self, after: Slot | Line) -> Line:
        from apibot.line.line import Line

        return Line([self]) | after

    def __str__(self) -> str:
        words = self.spec.words() if isinstance(self.spec, Work) else _plain_words(self.spec)
        return " ".join([self.word, *(shlex.quote(word) for word in words)])

    def __repr__(self) -> str:
        return f"<slot {self}>"


def _plain_words(spec: Request) -> list[str]:
    words = to_words(spec)
    if isinstance(spec, Edit):
        del words[0]  # the page stands in only until there is one
        words = [word for word in words if not word.startswith("text=")]
    return words


ANY_PAGE = "*"
"""Stands for the page in a writer's declaration until there is one."""


def feeder(word: str, kind: Callable[P, Query[T]]) -> Callable[P, Slot]:
    """Return the function that makes a feeder from a query class; its arguments are the query's fields."""

    def make(*args: P.args, **kwargs: P.kwargs) -> Slot:
        return Slot(word, cast("Query[object]", kind(*args, **kwargs)))

    make.__doc__ = kind.__doc__
    return make


def worker(word: str, kind: Callable[P, Work]) -> Callable[P, Slot]:
    """Return the function that makes a slot from its declaration."""

    def make(*args: P.args, **kwargs: P.kwargs) -> Slot:
        return Slot(word, kind(*args, **kwargs))

    make.__doc__ = kind.__doc__
    return make


_OWN_TEXT = ("page", "text", "append", "prepend", "section", "sectiontitle")
"""Fields of a task on a page that the element stands for."""


def _no_text(word: str, fields: Collection[str]) -> None:
    given = [name for name in _OWN_TEXT if name in fields]
    if given:
        msg = f"{word}: {', '.join(given)}: a line saves each element's whole text; change it by slots before {word}."
        raise BadParameter(msg)


def writer(word: str, kind: Callable[Concatenate[PageLike, P], Task[T]]) -> Callable[P, Slot]:
    """Return the function that makes a writer from a task on a page; the page is the element."""

    def make(*args: P.args, **kwargs: P.kwargs) -> Slot:
        _no_text(word, kwargs)
        given = cast("Callable[..., Task[object]]", kind)
        return Slot(word, given(ANY_PAGE, *args, **{**kwargs, "text": ""}))

    make.__doc__ = kind.__doc__
    return make


allpages = feeder("allpages", AllPages)
categorymembers = feeder("categorymembers", CategoryMembers)
querypage = feeder("querypage", QueryPage)
recentchanges = feeder("recentchanges", RecentChanges)
replace = worker("replace", Replace)
append = worker("append", Append)
echo = worker("echo", Echo)
edit = writer("edit", Edit)


def keep(*conditions: Condition) -> Slot:
    """Let pages pass for which all conditions hold; the others are rejected and may be linked on from there."""
    if not conditions or not all(isinstance(cast("object", one), Condition) for one in conditions):
        msg = "keep: a condition is missing, like page.size >= 1000."
        raise BadParameter(msg)
    return Slot("keep", Keep(conditions[0] if len(conditions) == 1 else All(conditions)))


SLOTS: Mapping[str, type[Request]] = {
    "allpages": AllPages,
    "append": Append,
    "categorymembers": CategoryMembers,
    "echo": Echo,
    "edit": Edit,
    "keep": Keep,
    "querypage": QueryPage,
    "recentchanges": RecentChanges,
    "replace": Replace,
}
"""The words of the shell."""


def slot_from_words(words: Sequence[str]) -> Slot:
    """Make a slot from its word and its parameters.

    Raises BadParameter.
    """
    word, *rest = words
    kind = SLOTS.get(word)
    if kind is None:
        msg = f"There is no slot {word!r}; there are: {', '.join(SLOTS)}."
        raise BadParameter(msg)
    if issubclass(kind, Work):
        return Slot(word, kind.read(rest))
    if issubclass(kind, Task):
        _no_text(word, {word.partition("=")[0] for word in rest})
        return Slot(word, cast("Task[object]", from_words(cast("type[Request]", kind), [ANY_PAGE, "text=", *rest])))
    return Slot(word, cast("Query[object]", from_words(kind, rest)))


__all__ = [
    "ANY_PAGE",
    "SLOTS",
    "Append",
    "Declaration",
    "Echo",
    "Keep",
    "Kind",
    "Replace",
    "Slot",
    "Work",
    "allpages",
    "append",
    "categorymembers",
    "echo",
    "edit",
    "feeder",
    "keep",
    "querypage",
    "recentchanges",
    "replace",
    "slot_from_words",
    "worker",
    "writer",
]
