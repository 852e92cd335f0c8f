"""Ask Pywikibot what it makes of the cases of docs/bots.md, on a real wiki; say where the page tells otherwise.

Run it as ``python -m bench.bots_elsewhere``, with the extra ``bench`` installed.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from apibot.sandbox import Sandbox

PAGE = Path(__file__).resolve().parents[1] / "docs" / "bots.md"
ROW = re.compile(r"^\| `(.*)` \| (?:yes|no) \| (\*\*)?(yes|no)(?:\*\*)? \|$", re.MULTILINE)
TEMPLATES = [
    ("Template:Bots", "b"),
    ("Template:Nobots", "n"),
    ("Template:Box", "{{{title|}}}"),
    ("Template:Tl", "{{{1}}}"),
]


def main() -> int:
    """Compare; return the exit status."""
    rows = [
        (text.replace(r"\|", "|").replace(r"\n", "\n"), told == "yes")
        for text, _, told in ROW.findall(PAGE.read_text())
    ]
    os.environ["PYWIKIBOT_NO_USER_CONFIG"] = "2"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # Pywikibot writes into the folder it is started in
        pages = [*TEMPLATES, *((f"Case {number}", text) for number, (text, _) in enumerate(rows))]
        with Sandbox("elsewhere", pages=pages, home=Path(folder)) as wiki:
            answers = asked(wiki.api, len(rows))
    wrong = [text for (text, told), answer in zip(rows, answers, strict=True) if answer != told]
    for text in wrong:
        print(f"docs/bots.md tells otherwise of {text!r}")
    print(f"{len(rows)} cases, {len(wrong)} of them told wrongly")
    return 1 if wrong or not rows else 0


def asked(api: str, count: int) -> list[bool]:
    """Return what Pywikibot says of each case."""
    import pywikibot
    from pywikibot import config
    from pywikibot.family import AutoFamily

    config.minthrottle = config.put_throttle = 0
    site = pywikibot.Site("elsewhere", AutoFamily("elsewhere", api), user="MyBot")
    print(f"Pywikibot {pywikibot.__version__}")
    return [pywikibot.Page(site, f"Case {number}").botMayEdit() for number in range(count)]


if __name__ == "__main__":
    sys.exit(main())
