"""The examples in docs/pages.md are what happens."""

from __future__ import annotations

import doctest
from pathlib import Path

from apibot.bridge import Bridge

PAGE = Path(__file__).parents[2] / "docs" / "pages.md"


def test_the_examples_are_what_happens(bridge: Bridge) -> None:
    bridge.edit("Docs", text="Something to be listed.")
    text = PAGE.read_text(encoding="utf-8").replace("```python\n", "").replace("\n```\n", "\n")
    page = doctest.DocTestParser().get_doctest(text, {"bridge": bridge}, "pages.md", str(PAGE), 0)
    said: list[str] = []
    runner = doctest.DocTestRunner()
    result = runner.run(page, out=said.append)
    assert result.failed == 0, "".join(said)
    assert result.attempted > 50
