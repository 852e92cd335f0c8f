"""Any text as wikitext that shows as the text itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from apibot.core.arguments import checked
from apibot.core.errors import BadParameter
from apibot.data.addresses import ALONE, SLASHED

_RULES = {
    "line": r"\r\n?|\n",
    "lost": r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]",
    "sign": r"[<|{}\[\]=]|&(?=\#?\w*(?:;|\Z))|:(?=//)",
    "run": r"'{2,}|'\Z|~{3,}|~+\Z|[_\uff3f]{2,}|!{2,}",
    "begin": r"\A[*\#:;!+\- \t'~]",
    "scheme": rf"(?<![A-Za-z0-9])(?i:{ALONE}|{SLASHED}):(?=[^\s<>\"]|\Z)",
    "number": r"(?<![A-Za-z0-9])(?:RFC|PMID|ISBN)(?=\s+[0-9])",
}
_SIGNS = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _RULES.items()))
_NAMED = {"<": "&lt;", "&": "&amp;", '"': "&quot;"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_IN_QUOTES = re.compile(r"[&\"<>|{}\[\]~\r\n]|!(?=!)|(?<=!)!")
"""What can not stand in the value of an attribute; the wiki itself makes the rest harmless."""
LOST = "\ufffd"
"""What stands for characters that no wikitext can hold, as the wiki itself would put it."""


@checked
def escaped(text: str, *, line_end: str = "&#10;") -> str:
    """Return wikitext that shows a text as it is: no markup, no link, no template, no signature comes out of it.

    It can stand anywhere in running text: at the beginning of a line, in a cell, a list, a heading, a parameter of a
    template, the text of a link; and saving a page does not change it.  What is harmless stays as it is.  In a term of
    a list (``; term``) a colon still ends the term.  A mark that it begins with does not join what stands before it,
    as ``>`` and U+0338 would, of which the wiki makes one sign.

    Parameters: ``text``; ``line_end``, wikitext for a line end: a reference, which shows as a blank, or ``<br>``.
    """

    def written(found: re.Match[str]) -> str:
        sign, rule = found[0], found.lastgroup or ""
        if rule == "line":
            return line_end
        if rule == "lost":
            return LOST
        if rule == "scheme":
            return f"{sign[:-1]}{_reference(':')}"
        if rule == "number":
            return f"{_reference(sign[0])}{sign[1:]}"
        return "".join(map(_reference, sign))

    found = _SIGNS.sub(written, text)
    return f"{_reference(found[0])}{found[1:]}" if found and unicodedata.combining(found[0]) else found


def attributes_text(attributes: Mapping[str, str]) -> str:
    """Return attributes of HTML as wikitext: a blank and ``name="value"`` for each.

    Raises BadParameter for what can be no name.
    """
    return "".join(_attribute(name, value) for name, value in attributes.items())


@checked
def _attribute(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        msg = f"{name!r} can be no name of an attribute; they are letters, digits and -."
        raise BadParameter(msg)
    return f' {name}="{_IN_QUOTES.sub(lambda found: _reference(found[0]), value)}"'


def _reference(sign: str) -> str:
    return _NAMED.get(sign) or f"&#{ord(sign)};"


class Raw(str):
    """Wikitext where a text is expected that would be escaped otherwise."""

    __slots__ = ()


__all__ = ["LOST", "Raw", "attributes_text", "escaped"]
