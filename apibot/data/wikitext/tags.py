"""Comments, tags of extensions, footnotes."""

from __future__ import annotations

import html
import re

from apibot.core.arguments import checked_class
from apibot.core.errors import BadText
from apibot.data.wikitext.attributes import ATTRIBUTE, NAME, attributes_of
from apibot.data.wikitext.node import forget, written
from apibot.data.wikitext.scan import scan
from apibot.data.wikitext.view import View

BLOCKS = frozenset({"gallery", "imagemap", "inputbox", "poem", "pre", "references", "source", "syntaxhighlight"})
"""Tags whose content is set apart from the text around it."""
_TAG_NAME = re.compile(r"<[^\s/>]*+")


@checked_class
class Comment(View):
    """A comment."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """What is between its marks, as it is."""
        return self._node.begin.removeprefix("<!--").removesuffix("-->")

    @text.setter
    def text(self, value: str) -> None:
        if "-->" in value:
            raise BadText(value, "it would end the comment", value.find("-->"))
        self._alive()
        self._node.begin = f"<!--{value}-->"


@checked_class
class Tag(View):
    """A tag of an extension, with what is in it."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Name of the tag, in small letters."""
        return self._node.name

    @property
    def content(self) -> str | None:
        """What is in it, as it is; None for a tag that is closed at once (``<ref name="a" />``)."""
        return written(self._node.parts[0]) if self._node.parts else None

    @content.setter
    def content(self, value: str) -> None:
        self._alive()
        closing = re.search(rf"</{re.escape(self.name)}\s*>", value, re.IGNORECASE)
        if closing:
            raise BadText(value, f"it would end <{self.name}>", closing.start())
        begin = self._node.begin
        opening = begin if self._node.parts else f"{begin.removesuffix('/>').rstrip()}>"
        again = scan(f"{opening}{value}</{self.name}>", self._document.site.tags)[0]
        if not isinstance(again, str):
            for part in self._node.parts:
                forget(part)
            self._node.begin, self._node.parts, self._node.end = again.begin, again.parts, self._node.end or again.end

    @property
    def _is_block(self) -> bool:
        return self.name in BLOCKS

    @property
    def attributes(self) -> dict[str, str]:
        """Its attributes, names in small letters, character references decoded."""
        return attributes_of(_divided(self._node.begin)[1])

    def set(self, name: str, value: str | None) -> None:
        """Give it an attribute, or another value of one; None takes it away.

        Raises BadText for what can be no name, or if one of the others is not closed and would take in the new one.
        """
        if not NAME.fullmatch(name):
            raise BadText(name, "it is no name of an attribute")
        self._alive()
        begin, inner, end = _divided(self._node.begin)
        quoted = "" if value is None else f' {name}="{html.escape(value, quote=False).replace(chr(34), "&quot;")}"'
        wanted = {one: text for one, text in attributes_of(inner).items() if one != name.lower()}
        there = False
        for one in reversed(list(ATTRIBUTE.finditer(inner))):
            if one[1].lower() == name.lower():  # of several the last one counts, and is left
                inner = f"{inner[: one.start()].rstrip()}{'' if there else quoted}{inner[one.end() :]}"
                there = True
        inner += "" if there else quoted
        found = attributes_of(inner)
        found.pop(name.lower(), None)
        if found != wanted:
            raise BadText(str(self), "one of its attributes is not closed")
        self._node.begin = f"{begin}{inner}{end}"

    def unset(self, name: str) -> bool:
        """Take an attribute away; return whether it was there."""
        found = name.lower() in self.attributes
        self.set(name, None)
        return found


def _divided(opening: str) -> tuple[str, str, str]:
    """Return an opening tag as its name, its attributes and its end."""
    name = _TAG_NAME.match(opening)
    at = name.end() if name else 0
    inner = opening[at:].removesuffix(">").removesuffix("/").rstrip()
    return opening[:at], inner, opening[at + len(inner) :]


@checked_class
class Reference(Tag):
    """A footnote (``<ref>``)."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The name by which it can be used again; "" if it has none."""
        return self.attributes.get("name", "")

    @label.setter
    def label(self, value: str) -> None:
        self.set("name", value or None)

    @property
    def group(self) -> str:
        """The group of footnotes that it is one of; "" for the usual one."""
        return self.attributes.get("group", "")

    @group.setter
    def group(self, value: str) -> None:
        self.set("group", value or None)


__all__ = ["BLOCKS", "Comment", "Reference", "Tag"]
