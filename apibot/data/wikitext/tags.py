"""Comments, tags of extensions, footnotes."""

from __future__ import annotations

import html
import re

from apibot.core.errors import BadText
from apibot.data.wikitext.node import forget, written
from apibot.data.wikitext.scan import scan
from apibot.data.wikitext.view import View

_ATTRIBUTE = re.compile(
    r"""([:_\w][:_.\w-]*)(?:\s*=\s*(?:"([^"]*)(?:"|$)|'([^']*)(?:'|$)|([^\s>]*)))?(?=\s|$)""",
)
"""Rule: MediaWiki's Sanitizer::getAttribsRegex (1.39)."""
_CHARACTER = re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|\w+);")
_OPENING = re.compile(r"(<[^\s/>]+)(.*?)(\s*/?>)", re.DOTALL)


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
    def attributes(self) -> dict[str, str]:
        """Its attributes, names in small letters, character references decoded."""
        found = _OPENING.fullmatch(self._node.begin)
        pairs = _ATTRIBUTE.findall(found[2]) if found else []
        return {name.lower(): _value(double or single or bare) for name, double, single, bare in pairs}

    def set(self, name: str, value: str | None) -> None:
        """Give it an attribute, or another value of one; None takes it away."""
        self._alive()
        found = _OPENING.fullmatch(self._node.begin)
        if not found or not re.fullmatch(r"[\w:-]+", name):
            raise BadText(name, "it is no name of an attribute")
        quoted = "" if value is None else f' {name}="{html.escape(value, quote=False).replace(chr(34), "&quot;")}"'
        inner, there = found[2], False
        for one in reversed(list(_ATTRIBUTE.finditer(inner))):
            if one[1].lower() == name.lower():  # of several the last one counts, and is left
                inner = f"{inner[: one.start()].rstrip()}{'' if there else quoted}{inner[one.end() :]}"
                there = True
        self._node.begin = f"{found[1]}{inner}{'' if there else quoted}{found[3]}"


def _value(text: str) -> str:
    """Return the value that an attribute has as it is written: white space is one blank, characters are decoded."""
    return _CHARACTER.sub(lambda found: html.unescape(found[0]), " ".join(text.split()))


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


__all__ = ["Comment", "Reference", "Tag"]
