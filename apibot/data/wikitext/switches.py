"""Behaviour switches: magic words between double underscores, in the wiki's language (``__NOTOC__``)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from apibot.core.errors import BadParameter, BadText
from apibot.core.site import SiteInfo
from apibot.data.wikitext.foot import insert_after, is_template
from apibot.data.wikitext.lines import cut
from apibot.data.wikitext.node import Node, Pieces, flatten, strings
from apibot.data.wikitext.redirect import redirect_of
from apibot.data.wikitext.scan import INCLUDED
from apibot.data.wikitext.switchwords import Switches

if TYPE_CHECKING:
    from apibot.data.wikitext.document import Wikitext


def switches_of(document: Wikitext) -> list[str]:
    """Return the switches in a text, by their names in the program; not those in ``<includeonly>``."""
    known = document.site.kept(Switches)
    texts = (text for _home, _at, text in strings(document.pieces, {INCLUDED}))
    there = {name for text in texts for name, _found in known.places(text)}
    return [name for name in known.aliases if name in there]


def add(document: Wikitext, name: str) -> bool:
    """Add a switch; see `Wikitext.add_switch`."""
    word = _known(document.site, name).aliases[name][0]
    if name in switches_of(document):
        return False
    page = document.pieces
    if (found := redirect_of(document)) and found.node in page:  # the page must begin with it
        insert_after(page, found.node, [word])
    elif is_template(document):  # it is not to be one of the pages that include it, nor is a line end
        page[:0] = [Node("ignored", "<noinclude>", []), word, Node("ignored", "</noinclude>", [])]
    else:
        page[:0] = [f"{word}\n" if page else word]
    return True


def remove(document: Wikitext, name: str) -> bool:
    """Take a switch out; see `Wikitext.remove_switch`."""
    known = _known(document.site, name)
    flatten(document.pieces)
    found = ((home, text) for home, _at, text in strings(document.pieces))
    homes = {id(home): home for home, text in found if any(one == name for one, _place in known.places(text))}
    cuts: list[tuple[Pieces, Pieces]] = []
    for home in homes.values():
        parted = [one for piece in home for one in _parted(piece, name, known)]
        words = {id(one) for one in parted if isinstance(one, Node) and one.kind == "text"}
        page = home is document.pieces
        kept = cut(parted, words, starts=page, ends=page, joins=False)
        _refuse_new(name, known, home, kept)
        cuts.append((home, kept))
    for home, kept in cuts:
        home[:] = kept
    return bool(cuts)


def _parted(piece: str | Node, name: str, known: Switches) -> Pieces:
    """Return a text with the uses of a switch in it as nodes."""
    if isinstance(piece, Node):
        return [piece]
    out: Pieces = []
    done = 0
    for one, found in known.places(piece):
        if one == name:
            out += [piece[done : found.start()], Node("text", found[0], [])]
            done = found.end()
    return [one for one in [*out, piece[done:]] if one]


def _refuse_new(name: str, known: Switches, home: Pieces, kept: Pieces) -> None:
    """Refuse to make a switch of what is left around one: ``__NO__TOC__TOC__``."""
    before, after = ([piece for piece in pieces if isinstance(piece, str)] for pieces in (home, kept))
    found = Counter(one for text in after for one, _place in known.places(text))
    found.subtract(one for text in before for one, _place in known.places(text) if one != name)
    if new := next((one for one, count in found.items() if count > 0), None):
        text = "".join(before)
        at = next((place.start() for one, place in known.places(text) if one == name), 0)
        raise BadText(text, f"without what stands in it another switch would come out of it ({new})", at)


def _known(site: SiteInfo, name: str) -> Switches:
    known = site.kept(Switches)
    if name not in known.aliases:
        msg = f"The wiki has no behaviour switch {name!r}; it has: {', '.join(sorted(known.aliases))}."
        raise BadParameter(msg)
    return known


__all__ = ["add", "remove", "switches_of"]
