"""The exclusion rule of {{bots}} and {{nobots}}, as English Wikipedia's Template:Bots documents it.

The documentation, and what follows from it here:

- ``{{nobots}}`` bans all bots and takes no parameters (any given are not looked at); ``{{bots}}`` bans none.
- ``allow=LIST`` bans all bots that are not in the list; ``deny=LIST`` bans all bots that are in it. A list is
  separated by commas; ``all`` in it means every bot, and ``none`` names nobody, so that ``allow=none`` bans all and
  ``deny=none`` bans none. An empty ``allow=`` names nobody too.
- ``optout=LIST`` keeps out the messages (kinds of notices, such as ``nosource``) that are in the list, ``optout=all``
  every message. It says nothing to a bot that leaves no messages.
- The documentation is silent on ``allow`` and ``deny`` in one template. Each of them states a ban, so both hold:
  ``{{bots|deny=all|allow=Me}}`` keeps Me out. Likewise with several templates on a page, which the documentation
  calls incorrect because bots differ: whichever bans, bans. In doubt the page is left alone.
- ``AWB`` stands for bots made with AutoWikiBrowser; here it is a name like others.
- Names of templates are read as MediaWiki reads titles: the first letter in either case, with or without
  ``Template:``, spaces and underscores alike. Names of accounts and parameters match in any case.
- What comments, nowiki, pre, syntaxhighlight and source hold is not looked at. Templates that come in by way of
  another template, a redirect or a localised namespace name are not seen: a text alone does not tell.

A table of cases, and where other libraries differ, is in docs/bots.md.

All functions are pure and take time in proportion to the length of the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from apibot.core.arguments import checked, each

_GONE = "\0"  # stands for each character of a comment: vanishes from names and values, as in MediaWiki
_OTHER = "\1"  # stands for what is there but can not be part of a name: nowiki, or a nested template or link

_TEMPLATE, _PARAMETER = 2, 3  # braces in a row

_HIDDEN = re.compile(r"<!--|<(nowiki|pre|syntaxhighlight|source)(?=[\s/>])", re.IGNORECASE)
_CLOSING = {tag: re.compile(rf"</{tag}\s*+>", re.IGNORECASE) for tag in ("nowiki", "pre", "syntaxhighlight", "source")}
_TOKEN = re.compile(r"\{\{+|\}\}+|\[\[|\]\]")


@checked
def may_edit(text: str, user: str, messages: Collection[str] = ()) -> bool:
    """Say whether the page's {{bots}} and {{nobots}} let an account edit it.

    Parameters: the page's wikitext; the account's name without "User:"; the kinds of messages the edit leaves, if it
    leaves any (as in ``optout=``, for example ``["nosource"]``).
    Returns False if a template keeps the account out, else True.
    Rule: https://en.wikipedia.org/wiki/Template:Bots, read as this module's docstring says.
    """
    return exclusion(text, user, messages) is None


@checked
def exclusion(text: str, user: str, messages: Collection[str] = ()) -> str | None:
    """Find the template that keeps an account out of a page.

    Parameters: as for `may_edit`; one kind of message may be given as it is.
    Returns the wikitext of the first such template to end, as it stands on the page, or None if there is none.
    """
    if "bots" not in text and "Bots" not in text:
        return None
    names = {_normal(user)} - {"none"}
    kinds = {_normal(kind) for kind in each(messages)}
    for start, end, inner in _templates(_masked(text)):
        name, *parameters = inner.replace(_GONE, "").split("|")
        if _keeps_out(_template_name(name), _lists(parameters), names, kinds):
            return text[start:end]
    return None


def _keeps_out(template: str, lists: dict[str, set[str]], names: set[str], kinds: set[str]) -> bool:
    """Apply the rule to one template."""
    if template == "nobots":
        return True
    if template != "bots":
        return False
    every = {"all"}
    not_allowed = "allow" in lists and lists["allow"].isdisjoint(names | every)
    denied = not lists.get("deny", set()).isdisjoint(names | every)
    opted_out = bool(kinds) and not lists.get("optout", set()).isdisjoint(kinds | every)
    return not_allowed or denied or opted_out


def _template_name(head: str) -> str:
    """Normalise what stands before the first pipe; empty if it is a page of another namespace."""
    namespace, colon, name = head.replace("_", " ").rpartition(":")
    if colon and namespace.strip(" \n\t:").lower() != "template":
        return ""
    name = name.strip()
    return name[:1].lower() + name[1:]


def _lists(parameters: list[str]) -> dict[str, set[str]]:
    """Read the named parameters as lists; the last of the same name counts, as in MediaWiki."""
    pairs = (parameter.partition("=") for parameter in parameters)
    return {_normal(key): {_normal(item) for item in value.split(",")} for key, equals, value in pairs if equals}


@checked
def _normal(name: str) -> str:
    """Bring a name into the form in which names are compared."""
    return " ".join(name.replace("_", " ").split()).casefold()


def _masked(text: str) -> str:
    """Blank out comments and the tags whose content is not wikitext, keeping all positions."""
    pieces: list[str] = []
    done = position = 0
    last_bracket = text.rfind(">")
    unclosed: set[str] = set()
    while found := _HIDDEN.search(text, position):
        tag = (found[1] or "").lower()
        if not tag:
            end = text.find("-->", found.end())
            position = len(text) if end < 0 else end + len("-->")
        elif found.end() > last_bracket:
            position = found.end()
            continue
        else:
            position = text.index(">", found.end()) + 1
            if text[position - 2] != "/" and tag not in unclosed:
                if closing := _CLOSING[tag].search(text, position):
                    position = closing.end()
                else:
                    # MediaWiki takes such a tag, up to its bracket, for text; the end is not looked for again.
                    unclosed.add(tag)
        pieces += text[done : found.start()], (_OTHER if tag else _GONE) * (position - found.start())
        done = position
    return "".join([*pieces, text[done:]])


def _templates(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and own text of the templates that may be meant, inner ones first.

    Braces are paired as MediaWiki's preprocessor does it: a run of closing braces takes the innermost open run, three
    at once (a parameter) where both have them, else two. The own text of a template has one placeholder for each
    template, parameter or link in it, so that no part of the text is read twice.
    """
    last = max(text.rfind("bots"), text.rfind("Bots"))
    pieces: list[str] = []
    opened: list[tuple[int, int, int]] = []  # position, number of braces (0 for a link), index in pieces
    done = 0
    for token in _TOKEN.finditer(text):
        if not opened and token.end() > last:
            return
        at, mark = token.start(), token[0]
        pieces.append(text[done:at])
        done = token.end()
        if mark[0] in "{[":
            opened.append((at, len(mark) if mark[0] == "{" else 0, len(pieces)))
        elif mark == "]]":
            if opened and not opened[-1][1]:
                del pieces[opened.pop()[2] :]
                mark = _OTHER
        else:
            left = len(mark)
            while left > 1 and (run := _innermost_run(opened)):
                start, braces, index = run
                taken = min(left, braces, _PARAMETER)
                left, rest, at = left - taken, braces - taken, at + taken
                if taken == _TEMPLATE and "ots" in (inner := "".join(pieces[index + 1 :])):
                    yield start + rest, at, inner
                pieces[index:] = ("{", _OTHER) if rest else (_OTHER,)
                if rest > 1:
                    opened.append((start, rest, index))
            mark = "}" if left else ""
        pieces.append(mark)


def _innermost_run(opened: list[tuple[int, int, int]]) -> tuple[int, int, int] | None:
    """Take the innermost run of opening braces off the stack; unclosed links above it are text."""
    while opened:
        run = opened.pop()
        if run[1]:
            return run
    return None


__all__ = ["exclusion", "may_edit"]
