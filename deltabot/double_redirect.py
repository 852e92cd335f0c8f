"""Double redirects: each is made to lead straight to where its chain ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from apibot.core.errors import ApibotError
from apibot.data.redirects import redirect_target, with_redirect_target
from apibot.jobs import job

if TYPE_CHECKING:
    from apibot import Bridge
    from apibot.data import Page


class Place(NamedTuple):
    """What a redirect leads to, as far as one page."""

    title: str
    """As the wiki writes it."""
    target: str | None = None
    """Where it leads on, as it is written there, if it is a redirect."""
    fault: str = ""
    """Why nothing should lead there."""


_UNKNOWN = Place("", fault="the wiki says nothing of")


class Fate(NamedTuple):
    """What is to become of a double redirect: a new target, or a reason to leave it alone."""

    target: str = ""
    reason: str = ""


@job
def double_redirect(
    bridge: Bridge, *, limit: int = 500, summary: str = "Bot: fixing double redirect from [[{old}]] to [[{new}]]"
) -> None:
    """Make double redirects lead straight to where their chains end.

    Loops, chains that end on no page of this wiki, and redirects with __STATICREDIRECT__ are left alone; the log
    says why.

    Parameters: ``limit``, how many of Special:DoubleRedirects to look at; ``summary`` of the edits, in which
    ``{old}`` and ``{new}`` stand for the targets.
    """
    found = list(bridge.querypage("DoubleRedirects", limit=limit).pages(text=True, info=True))
    pages = {page.title: page for page in found if page.redirect and page.has_text}
    targets = {title: target for title, page in pages.items() if (target := redirect_target(page.text))}
    fates = final_targets(targets, places(bridge, targets.values()))
    static = _static_words(bridge) if fates else ()
    for page in found:
        title, new = page.title, fates.get(page.title, Fate(reason="is no redirect that can be read"))
        if not new.reason and any(word in page.text for word in static):
            new = Fate(reason="is to stay as it is, by its __STATICREDIRECT__")
        if new.reason:
            bridge.log(f"{title} is left alone: it {new.reason}.", "warning")
            continue
        page.text = with_redirect_target(page.text, new.target)
        about = summary.replace("{old}", targets[title]).replace("{new}", redirect_target(page.text) or "")
        try:
            bridge.edit(page, summary=about, minor=True)
        except ApibotError as exc:
            if exc.advice in {"abort", "close"}:
                raise
            bridge.log(f"{title} is left alone: {exc}", "warning")


def final_targets(targets: Mapping[str, str], known: Mapping[str, Place]) -> dict[str, Fate]:
    """Follow redirects to where their chains end.

    A redirect keeps its own fragment, as with MediaWiki's own fixer (DoubleRedirectJob, T16904); to one that has
    none, the first fragment further along the chain is given, which that fixer would lose.

    Parameters: ``targets``, titles of redirects and their targets as they are written; ``known``, the pages that
    the chains pass, by title as written, without fragment.
    Returns for each title what is to become of it.
    """
    return {title: _fate(title, target, known) for title, target in targets.items()}


def _fate(start: str, first: str, known: Mapping[str, Place]) -> Fate:
    passed, target, fragment = [start], first, ""
    while True:
        name, sign, further = target.partition("#")
        fragment = fragment or f"{sign}{further}"
        place = known.get(name, _UNKNOWN._replace(title=name)) if name else Place(passed[-1])
        if place.title == start:
            return Fate(reason="leads to itself")
        if place.title in passed:
            return Fate(reason=f"leads into a loop at {place.title}")
        if place.fault:
            return Fate(reason=f"leads to {place.title}, which {place.fault}")
        if place.target is None:
            break
        passed.append(place.title)
        target = place.target
    if len(passed) == 1:
        return Fate(reason=f"leads to {place.title}, which is no redirect")
    return Fate(target=f"{place.title}{fragment}")


def places(bridge: Bridge, targets: Iterable[str]) -> dict[str, Place]:
    """Look up what redirects lead to, and what that leads to, until nothing is new.

    Each step of all chains together costs one request for what is there, and one for the texts of those that are
    redirects; both once for each batch.

    Parameters: ``bridge``; ``targets`` as they are written.
    Returns the pages by title as written, without fragment.
    """
    known: dict[str, Place] = {}
    wave = _names(targets, known)
    while wave:
        there = _looked_up(bridge, wave)
        redirects = [page.title for page in there.values() if page.redirect]
        texts = {page.title: page for page in bridge.titles(*dict.fromkeys(redirects)).pages(text=True, info=True)}
        known |= {name: _place(page, texts.get(page.title)) for name, page in there.items()}
        wave = _names((known[name].target or "" for name in there), known)
    return known


def _names(targets: Iterable[str], known: Mapping[str, Place]) -> list[str]:
    names = (target.partition("#")[0] for target in targets)
    return [name for name in dict.fromkeys(names) if name and name not in known]


def _looked_up(bridge: Bridge, names: list[str]) -> dict[str, Page]:
    """Return the pages by the names asked for.

    They come in the order of the names, but once for all spellings of a title; if there are several spellings, those
    are told that can be, and the others asked for without these, at worst in halves.
    """
    pages = list(bridge.titles(*names).pages(info=True))
    if len(pages) == len(names):
        return dict(zip(names, pages, strict=True))
    by_title = {page.title: page for page in pages}
    spelled = {name: by_title.get(name) or by_title.get(name[0].upper() + name[1:]) for name in names}
    told = {name: page for name, page in spelled.items() if page}
    left = [name for name in names if name not in told]
    half = len(left) if told else len(left) // 2
    return told | _looked_up(bridge, left[:half]) | (_looked_up(bridge, left[half:]) if half else {})


def _place(page: Page, with_text: Page | None) -> Place:
    if "interwiki" in page.row:
        return Place(page.title, fault="is on another wiki")
    if not page.exists:
        shared = page.row.get("known") and not page.row.get("special")  # a file of a shared repository, say
        return Place(page.title, fault="" if shared else "is no page of this wiki")
    if not page.redirect:
        return Place(page.title)
    target = redirect_target(with_text.text) if with_text and with_text.has_text else None
    return Place(page.title, target, "" if target else "is a redirect that can not be read")


def _static_words(bridge: Bridge) -> tuple[str, ...]:
    """Return the words that say, in the wiki's languages, that a redirect is to stay as it is."""
    rows = bridge.by_name("meta", "siteinfo", prop="magicwords")
    return tuple(
        str(alias)
        for row in rows
        if row.get("name") == "staticredirect"
        for alias in cast("list[object]", row.get("aliases") or [])
    )


__all__ = ["Fate", "Place", "double_redirect", "final_targets", "places"]
