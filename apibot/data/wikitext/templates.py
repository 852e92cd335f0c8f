"""Templates: their names and parameters, changed without touching how the rest of them is set out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from apibot.core.arguments import checked_class
from apibot.core.errors import BadParameter, BadText
from apibot.data.titles.title import Title
from apibot.data.wikitext.braces import function_of, template_title, with_modifiers, without_modifiers
from apibot.data.wikitext.node import Node, Pieces, flat, forget, merged, plain, visible, written
from apibot.data.wikitext.scan import scan
from apibot.data.wikitext.setting import (
    at_colon,
    comments_in,
    ending,
    filled,
    is_filled,
    is_plain,
    name_and_value,
    own_lines,
    setting,
)
from apibot.data.wikitext.view import View, embedded, framed, margins, notes, offence


class Parameter(NamedTuple):
    """A parameter as it is given to a template."""

    name: str
    """Without white space around it; its number for one that is not named."""
    value: str
    """Wikitext, as the wiki takes it: without comments of its own, and if it is named without white space around it.

    Comments in links, templates and tags that it holds are there.
    """
    named: bool


@checked_class
class Template(View):
    """A template that is used."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name as it is written, without comments and white space around it.

        Setting it keeps ``subst:`` and the like before it.
        """
        return visible(self._node.parts[0]).strip()

    @name.setter
    def name(self, value: str) -> None:
        self._alive()
        value = with_modifiers(value.strip(), self.name, self._document.site)
        node = embedded(value, "template", "{{", "}}", self._document.site.tags, parts=1)
        site, page = self._document.site, self._document.title
        if plain(node.parts[0]) is not None and not (template_title(node, site, page) or function_of(node, site)):
            raise BadText(value, "it can not be the name of a template", offence(value, site.tags))
        self._set_part(0, framed(node.parts[0], *margins(self._node.parts[0])))

    @property
    def title(self) -> Title | None:
        """The page that is included; None where other templates make its name, or it is a function."""
        return template_title(self._node, self._document.site, self._document.title)

    @property
    def is_function(self) -> bool:
        """Whether it is a parser function or a variable: ``{{#if:...}}``, ``{{PAGENAME}}``."""
        return function_of(self._node, self._document.site) is not None

    @property
    def function(self) -> str:
        """Which parser function or variable it is, by its name in the program: ``if``, ``defaultsort``, ``pagename``.

        That is the same on wikis of all languages.  "" for a template.
        """
        return function_of(self._node, self._document.site) or ""

    @property
    def argument(self) -> str | None:
        """What stands between the colon and the first pipe of a parser function, as wikitext; None for others.

        It is taken without comments and white space around it.  Parameters after it are those of `parameters`.
        Setting it raises BadText for what would end it, BadParameter for what is no function with a colon.
        """
        found = self._divided()
        return None if found is None else visible(found[1]).strip()

    @argument.setter
    def argument(self, value: str) -> None:
        self._alive()
        found = self._divided()
        if found is None:
            msg = f"{self!r} has no argument: it is no parser function with a colon."
            raise BadParameter(msg)
        if value.strip() != self.argument:
            node = embedded(value.strip(), "template", "{{:", "}}", self._document.site.tags, parts=1)
            pieces = merged([str(node.parts[0][0])[1:], *node.parts[0][1:]])
            self._set_part(0, [*found[0], *framed(pieces, *margins(found[1]))])

    def _divided(self) -> tuple[Pieces, Pieces] | None:
        """Return the name of a parser function up to its colon, and its argument."""
        name = flat(self._node.parts[0])
        first = next((piece for piece in name if isinstance(piece, str) and piece.strip()), "")
        skip = len(first) - len(without_modifiers(first.lstrip(), self._document.site))
        return at_colon(name, skip) if self.is_function else None

    @property
    def _is_block(self) -> bool:
        return True  # as most are that have a line of their own, and those that show nothing

    # Parameters.

    @property
    def parameters(self) -> list[Parameter]:
        """All parameters in their order, with those that are given again later, and so have no effect."""
        found: list[Parameter] = []
        number = 0
        for part in self._node.parts[1:]:
            name, value = name_and_value(part)
            if name is None:
                number += 1
                found.append(Parameter(str(number), visible(value), named=False))
            else:
                found.append(Parameter(visible(name).strip(), visible(value).strip(), named=True))
        return found

    @property
    def names(self) -> list[str]:
        """Names of the parameters, each once."""
        return list(dict.fromkeys(one.name for one in self.parameters))

    def keys(self) -> list[str]:
        """Return the names of the parameters, so that ``dict`` takes a template."""
        return self.names

    def items(self) -> list[tuple[str, str]]:
        """Return the parameters with their values, those that count."""
        return list({one.name: one.value for one in self.parameters}.items())

    def places(self) -> dict[str, int]:
        """Return where the values that count begin in the whole text, by the names of their parameters.

        In characters from 0; where the template itself is, ``span`` tells.
        """
        node = self._node
        found: dict[str, int] = {}
        at = self.span[0] + len(node.begin) + len(written(node.parts[0]))
        for part, one in zip(node.parts[1:], self.parameters, strict=True):
            name, value = name_and_value(part)
            head = 0 if name is None else len(written(name)) + len("=") + len(written(margins(value)[0]))
            found[one.name] = at + len(node.sep) + head
            at += len(node.sep) + len(written(part))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: object) -> bool:
        return self._at(str(name)) is not None

    def get(self, name: str | int, default: str | None = None) -> str | None:
        """Return a parameter's value as wikitext without comments, the last one if it is given several times.

        Parameters: ``name``, or number; ``default``, returned if it is not given.
        """
        at = self._at(str(name))
        if at is None:
            return default
        found, value = name_and_value(self._node.parts[at])
        return visible(value) if found is None else visible(value).strip()

    def __getitem__(self, name: str | int) -> str:
        value = self.get(name)
        if value is None:
            msg = f"{self.name}: no parameter {name}; there are: {', '.join(self.names) or 'none'}."
            raise KeyError(msg)
        return value

    def set(self, name: str | int, value: str, *, before: str | int | None = None) -> bool:
        """Give a parameter a value; the white space around an old one stays, a new one is set out like its neighbour.

        Returns whether anything changed: not if it has that value already.

        Parameters: ``name``, or number; ``value``, wikitext, which may begin on a line of its own; ``before``, the
        parameter that a new one is to stand before; last otherwise.
        Raises BadText for a value that would end the template or begin another parameter; BadParameter if there is no
        parameter ``before``.
        """
        self._alive()
        key = str(name).strip()
        at = self._at(key)
        place = None if before is None else self._at(str(before))
        if before is not None and place is None:
            msg = f"{self.name}: no parameter {before} to stand before; there are: {', '.join(self.names) or 'none'}."
            raise BadParameter(msg)
        if at is None and place is None and self._is_next(key) and "=" not in value:
            self._node.parts.append(self._value("", "", value, "", last=True))
            return True
        named, old = name_and_value(self._node.parts[at]) if at is not None else ([], [])
        lines = ""
        if named is not None:  # the wiki takes off what is around it
            head = value[: len(value) - len(value.lstrip())]
            lines, value = head if "\n" in head else "", value.strip()
        if self.get(key) == value or self._has(key, value, named is None, notes(old)):
            return False
        if at is None:
            self._add(key, value, place, lines)
        elif named is not None:
            self._set_named(at, named, value, lines)
        else:
            self._set_unnamed(at, key, value)
        return True

    def _has(self, key: str, value: str, spaced: bool, there: Collection[str]) -> bool:  # noqa: FBT001  # what was looked at
        """Say whether it has a value that differs in comments alone, which are there."""
        pieces = scan(value, self._document.site.tags)
        noted, seen = notes(pieces), visible(pieces)
        return bool(noted) and noted <= {*there} and self.get(key) == (seen if spaced else seen.strip())

    def _is_next(self, key: str) -> bool:
        """Say whether a new parameter of that name needs none."""
        numbers = sum(1 for part in self._node.parts[1:] if name_and_value(part)[0] is None)
        return key == str(numbers + 1) and not self._is_spread()

    def _set_named(self, at: int, named: Pieces, value: str, lines: str) -> None:
        """Give a part that has a name another value."""
        parts = self._node.parts
        space, trail = margins(name_and_value(parts[at])[1])
        filled_in = [part for part in parts[1:] if is_filled(part)]
        if lines:
            space = [*comments_in(space), lines]
        elif not space and not is_filled(parts[at]) and filled_in:
            space = merged([setting(filled_in[-1])[2]])  # one that was empty is set out as those that are not
        pieces = self._value(visible(named), visible(space), value, visible(trail), last=at + 1 == len(parts))
        self._set_part(at, [*named, Node("equals", "=", []), *framed(pieces, space, trail)])

    def _set_unnamed(self, at: int, key: str, value: str) -> None:
        """Give a part that has no name another value; one with an equals sign in it needs a name."""
        parts = self._node.parts
        if "=" in value and not is_plain(self._value(key, "", value, "", last=False)):
            self._number(at + 1)
            pieces = self._value(key, "", value, "", last=at + 1 == len(parts))
            self._set_part(at, [key, Node("equals", "=", []), *pieces])
            return
        first, last = map(comments_in, margins(parts[at]))
        self._set_part(at, framed(self._value("", "", value, "", last=at + 1 == len(parts)), first, last))

    def _value(self, name: str, space: str, value: str, trail: str, *, last: bool) -> Pieces:
        """Return the pieces of a value as they are read where it is to stand.

        Parameters: ``name``, "" for none; ``space`` and ``trail``, which stand around it; ``last``, whether the closing
        braces follow.  One with a name that ends with a brace has a blank between that and them if need be.
        """
        tags = self._document.site.tags
        begin = f"{{{{x|{f'{name}=' if name else ''}{space}"
        try:
            node = embedded(value, "template", begin, f"{trail}}}}}" if last else f"{trail}|}}}}", tags, parts=3 - last)
        except BadText:
            if not (last and name and not trail and value.endswith("}")):
                raise
            node = embedded(value, "template", begin, " }}", tags, parts=2)
        pieces = name_and_value(node.parts[1])[1]
        if not value:
            return []
        if isinstance(begins := pieces[0], str):
            pieces[0] = begins.removeprefix(space)
        if isinstance(ends := pieces[-1], str):
            pieces[-1] = ends.removesuffix(trail)
        return merged(pieces)

    def __setitem__(self, name: str | int, value: str) -> None:
        self.set(name, value)

    def rename(self, old: str | int, new: str) -> bool:
        """Give a parameter another name, wherever it is given; value and white space stay.

        Returns whether there was one of the old name.

        Raises BadText for what can be no name; BadParameter if there is one of that name already.
        """
        self._alive()
        name = _word(new, self._document.site.tags)
        if name == str(old).strip() or self._at(str(old)) is None:
            return False
        if self._at(name) is not None:
            msg = f"{self.name}: there is a parameter {name} already; unset one of them before {old} is called so."
            raise BadParameter(msg)
        for at in self._all(str(old)):
            if name_and_value(self._node.parts[at])[0] is None:
                self._number(at)
        width = self._column()
        for at in self._all(str(old)):
            named, value = name_and_value(self._node.parts[at])
            before, after = margins(named or [])
            if width and comments_in(after) == []:
                after = [filled(width, written(before) + name, written(after))]
            self._set_part(at, [*before, name, *after, Node("equals", "=", []), *value])
        return True

    def unset(self, name: str | int) -> bool:
        """Take a parameter away, wherever it is given; return whether it was there.

        Those after one without a name keep their numbers: one that is empty stays in its place.
        """
        self._alive()
        parts = self._node.parts
        found = self._all(str(name))
        last = max((at for at, part in enumerate(parts) if at and name_and_value(part)[0] is None), default=0)
        for at in reversed(found):  # from behind, so that the places of the others stay
            if name_and_value(parts[at])[0] is None and at < last:
                self._set_part(at, [])
            else:
                self._cut(at)
        return bool(found)

    def __delitem__(self, name: str | int) -> None:
        if not self.unset(name):
            msg = f"{self.name}: no parameter {name} to take away."
            raise KeyError(msg)

    def _number(self, at: int) -> None:
        """Name a part that has no name, and those after it: they would take its place once it has one.

        Raises BadParameter if a value has white space around it, which the wiki would take off a named one.
        """
        parts = self._node.parts
        number = sum(1 for part in parts[1:at] if name_and_value(part)[0] is None)
        found = [part for part in parts[at:] if name_and_value(part)[0] is None]
        if any(text != text.strip() for text in map(visible, found)):
            msg = f"{self.name}: parameter {number + 1} can not be named, for it or one after it has white space in it."
            raise BadParameter(msg)
        for one, part in enumerate(found, number + 1):
            part[:0] = [str(one), Node("equals", "=", [])]

    def _at(self, key: str) -> int | None:
        """Return which part gives a parameter its value."""
        found = self._all(key)
        return found[-1] if found else None

    def _all(self, key: str) -> list[int]:
        """Return which parts give a parameter a value; the last one counts."""
        key = key.strip()
        found: list[int] = []
        number = 0
        for at, part in enumerate(self._node.parts[1:], 1):
            name, _value = name_and_value(part)
            number += name is None
            if key == (str(number) if name is None else visible(name).strip()):
                found.append(at)
        return found

    def _cut(self, at: int) -> None:
        """Take a part out; the white space before the closing braces stays, and comments on lines of their own."""
        parts = self._node.parts
        gone = parts.pop(at)
        named, value = name_and_value(gone)
        spaced = named is not None and (at == 1 or name_and_value(parts[at - 1])[0] is not None)
        kept = own_lines(margins(value)[1]) if spaced else []
        forget(gone, kept)
        if not spaced:
            return  # of one without a name, white space is part of the value
        if kept:
            parts[at - 1] = ending(parts[at - 1], written(kept[:1]), kept[1:])
        elif at == len(parts):
            parts[at - 1] = ending(parts[at - 1], setting(gone)[3])

    def _add(self, key: str, value: str, at: int | None, lines: str) -> None:
        """Add a parameter, last if ``at`` is None; ``lines``, the white space that its value begins with."""
        parts = self._node.parts
        word = _word(key, self._document.site.tags)
        last = self._last_named()
        model = at or last
        lead, gap, space, trail = setting(parts[model]) if model else self._unnamed_setting()
        if model and (width := self._column()):
            gap = filled(width, lead + word, gap)
        end: Pieces = []
        if at is None:
            at = len(parts)
            if last == at - 1 and last:
                end = ending(parts[last], self._between(last))
            elif last and not written(parts[-1]).strip():
                at -= 1  # where a pipe stands at the end of each line, nothing stands after the last one
        elif at == last == len(parts) - 1:
            trail = self._between(at)
        space = lines or space
        pieces = self._value(word, space, value, trail, last=at == len(parts))
        if end:
            parts[last] = end
        parts.insert(at, [lead + word + gap, Node("equals", "=", []), space, *pieces, trail])

    def _unnamed_setting(self) -> tuple[str, str, str, str]:
        """Return the white space of a first parameter with a name."""
        last = written(self._node.parts[-1])
        trail = last[len(last.rstrip()) :]
        if len(self._node.parts) == 1:
            return "", "", "", trail
        return last[: len(last) - len(last.lstrip(" "))], "", "", trail if "\n" in trail else ""

    def _between(self, last: int) -> str:
        """Return the white space that the last parameter ends with once another one follows."""
        parts = self._node.parts
        if last == 1 and "\n" in setting(parts[1])[0]:
            return ""  # pipes stand at the ends of lines
        before = parts[last - 1]
        space = visible(margins(name_and_value(before)[1])[1] if last > 1 else margins(before)[1])
        _line, sign, rest = space.rpartition("\n")
        return sign + rest

    def _last_named(self) -> int:
        named = [at for at, part in enumerate(self._node.parts) if at and name_and_value(part)[0] is not None]
        return named[-1] if named else 0

    def _is_spread(self) -> bool:
        """Say whether each parameter has a line of its own."""
        return any("\n" in written(part) for part in self._node.parts[1:])

    def _column(self) -> int:
        """Return where all equals signs stand, counted from the pipe; 0 if not all at the same place."""
        heads = {len(written(name)) for part in self._node.parts[1:] if (name := name_and_value(part)[0]) is not None}
        names = [
            visible(name).strip() for part in self._node.parts[1:] if (name := name_and_value(part)[0]) is not None
        ]
        return heads.pop() if len(heads) == 1 and len({len(name) for name in names}) > 1 else 0


def _word(name: str, tags: frozenset[str]) -> str:
    """Return a parameter's name if it can be one."""
    node = embedded(name, "template", "{{x|", "=}}", tags, parts=2)
    found, _value = name_and_value(node.parts[1])
    if not name.strip() or found is None or visible(found) != name:
        raise BadText(name, "it can not be the name of a parameter", max(name.find("="), 0))
    return name.strip()


__all__ = ["Parameter", "Template"]
