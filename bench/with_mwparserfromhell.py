"""Bare mwparserfromhell, as its manual shows it."""

from __future__ import annotations

import mwparserfromhell

from bench.texts import CATEGORY, PARAMETER, VALUE
from bench.wiki import Wiki


class WithMwparserfromhell:
    """mwparserfromhell; it knows no wiki, so that names are compared as they stand."""

    def __init__(self, _wiki: Wiki) -> None:
        """Set up nothing."""

    def categories(self, given: list[str]) -> int:
        """Put each article in a category behind its last one; return the characters of all."""
        characters = 0
        for text in given:
            code = mwparserfromhell.parse(text)
            found = [link for link in code.filter_wikilinks() if str(link.title).startswith("Category:")]
            if all(str(link.title) != f"Category:{CATEGORY}" for link in found):
                code.insert_after(found[-1], f"\n[[Category:{CATEGORY}]]")
            characters += len(str(code))
        return characters

    def templates(self, given: list[str]) -> int:
        """Set a parameter of each article's infobox; return the characters of all."""
        characters = 0
        for text in given:
            code = mwparserfromhell.parse(text)
            for template in code.filter_templates():
                if template.name.matches("Infobox town"):
                    template.add(PARAMETER, VALUE)
            characters += len(str(code))
        return characters
