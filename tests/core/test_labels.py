"""The labels of all levels and parts: hooks and settings are named by them, so they are pinned."""

from __future__ import annotations

from pathlib import Path

import pytest

from apibot import queries, tasks
from apibot.backends.api import ApiBackend
from apibot.composition import connect
from apibot.core.core import Core
from apibot.core.errors import BackendClosed
from apibot.core.request import Request, Task
from apibot.queries import USUAL_MODULES
from apibot.tasks import Edit
from tests.support.seams import parts, seams

BASES = {queries.ModuleQuery, queries.PageSet, queries.PropertyQuery}
GOLDEN = Path(__file__).with_name("labels.golden.txt")


@pytest.fixture
def core() -> Core:
    """A core whose browser may not be used."""
    core = connect("http://127.0.0.1:1/api.php", contact="me@example.org")
    core.hooks.hook("Browser::xfer", lambda *_args, **_kwargs: pytest.fail("nothing is to be sent"))
    return core


def kinds() -> list[type[Request]]:
    """Return all tasks and queries that can be asked for."""
    found = [getattr(module, name) for module in (tasks, queries) for name in sorted(module.__all__)]
    return [one for one in found if isinstance(one, type) and issubclass(one, Request) and one not in BASES]


def test_labels_and_hookable_methods_are_pinned(core: Core) -> None:
    with core:
        lines = [f"{kind.__name__}: {' > '.join(layer.label for layer in core.stack(kind))}" for kind in kinds()]
        backend = core.backends["api"]
        assert isinstance(backend, ApiBackend)
        for path in USUAL_MODULES:
            if path.startswith("query+"):
                backend.query.module.submodule(path.removeprefix("query+"))
        by_label = {label: " ".join(sorted(methods)) for label, methods in seams(core).items()}
    lines += ["", *(f"{label}: {by_label[label]}" for label in sorted(by_label))]
    assert lines == GOLDEN.read_text().splitlines()


def test_one_label_is_one_kind_of_part(core: Core) -> None:
    with core:
        for kind in kinds():
            core.stack(kind)
        classes: dict[str, set[type]] = {}
        for part in parts(core):
            classes.setdefault(part.label, set()).add(type(part))
    assert {label: found for label, found in classes.items() if len(found) > 1} == {}


def test_stacks_are_walked_top_down(core: Core) -> None:
    with core:
        for kind in kinds():
            stack = core.stack(kind)
            assert [layer.below for layer in stack] == [*stack[1:], None]
            assert stack == core.stack(kind)
            assert len({layer.label for layer in stack}) == len(stack)


def test_a_request_that_no_backend_implements_is_refused(core: Core) -> None:
    class Strange(Task[None]):
        """A task of somebody else's."""

    with core, pytest.raises(BackendClosed, match=r"No backend implements Strange \(tried: api\)"):
        core.stack(Strange)


def test_a_closed_core_is_refused(core: Core) -> None:
    core.close()
    core.close()
    with pytest.raises(BackendClosed, match="closed"):
        core.stack(Edit)
    with pytest.raises(BackendClosed, match="closed"):
        core.perform(Edit("A", text="x"))
