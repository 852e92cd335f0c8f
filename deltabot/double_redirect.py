"""Double redirects: each is made to lead straight to where its chain ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from apibot.core.errors import ApibotError, InvalidTitle
from apibot.jobs import job

if TYPE_CHECKING:
    from apibot import Bridge
    from apibot.data import Page, Title, Wikitext


class Redirect(NamedTuple):
    """A redirect as it is written."""

    title: Title
    target: Title
    text: Wikitext


class Place(NamedTuple):
    """What is at a title that a redirect leads to."""

    target: Title | None = None
    """Where it leads on, if it is a redirect."""
    fault: str = ""
    """Why nothing should lead there."""


_UNKNOWN = Place(fault="the wiki says nothing of")


class Fate(NamedTuple):
    """What is to become of a double redirect: a new target, or a reason to leave it alone."""

    target: Title | None = None
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
    redirects = {page.title: redirect for page in found if (redirect := _redirect(bridge, page))}
    targets = {redirect.title: redirect.target for redirect in redirects.values()}
    fates = final_targets(targets, places(bridge, targets.values()))
    for page in found:
        redirect = redirects.get(page.title)
        fate = fates[redirect.title] if redirect else Fate(reason="is no redirect that can be read")
        if redirect and fate.target and "staticredirect" in redirect.text.switches:
            fate = Fate(reason="is to stay as it is, by its __STATICREDIRECT__")
        if not redirect or not fate.target:
            bridge.log(f"{page.title} is left alone: it {fate.reason}.", "warning")
            continue
        redirect.text.redirect_to(fate.target)
        page.text = str(redirect.text)
        about = summary.replace("{old}", _linked(redirect.target)).replace("{new}", _linked(fate.target))
        try:
            bridge.edit(page, summary=about, minor=True)
        except ApibotError as exc:
            if exc.advice in {"abort", "close"}:
                raise
            bridge.log(f"{page.title} is left alone: {exc}", "warning")


def final_targets(targets: Mapping[Title, Title], known: Mapping[Title, Place]) -> dict[Title, Fate]:
    """Follow redirects to where their chains end.

    A redirect keeps its own fragment, as with MediaWiki's own fixer (DoubleRedirectJob, T16904); to one that has
    none, the first fragment further along the chain is given, which that fixer would lose.

    Parameters: ``targets`` of redirects, by their titles; ``known``, what is at the pages that the chains pass, by
    title without fragment.
    Returns for each title what is to become of it.
    """
    return {title: _fate(title, target, known) for title, target in targets.items()}


def _fate(start: Title, target: Title, known: Mapping[Title, Place]) -> Fate:
    passed, fragment = [start], ""
    while True:
        page, fragment = target.without_fragment, fragment or target.fragment
        place = known.get(page, _UNKNOWN)
        if page == start:
            return Fate(reason="leads to itself")
        if page in passed:
            return Fate(reason=f"leads into a loop at {page}")
        if place.fault:
            return Fate(reason=f"leads to {page}, which {place.fault}")
        if place.target is None:
            break
        passed.append(page)
        target = place.target
    if len(passed) == 1:
        return Fate(reason=f"leads to {page}, which is no redirect")
    return Fate(page.with_fragment(fragment))


def places(bridge: Bridge, targets: Iterable[Title]) -> dict[Title, Place]:
    """Look up what redirects lead to, and what that leads to, until nothing is new.

    Each step of all chains together costs one request for what is there, and one for the texts of those that are
    redirects; both once for each batch.

    Parameters: ``bridge``; ``targets``.
    Returns what is there by title, without fragment.
    """
    known: dict[Title, Place] = {}
    wave = {target.without_fragment for target in targets}
    while wave:
        named = bridge.titles(*sorted(map(str, wave)))
        there = {bridge.title(page.title): page for page in named.pages(info=True)}
        read = bridge.titles(*(str(title) for title, page in there.items() if page.redirect)).pages(
            text=True, info=True
        )
        further = {found.title: found.target for page in read if (found := _redirect(bridge, page))}
        known |= {title: _place(there.get(title), further.get(title)) for title in wave}
        wave = {target.without_fragment for target in further.values()} - known.keys()
    return known


def _place(page: Page | None, target: Title | None) -> Place:
    if page is None:
        return _UNKNOWN
    if "interwiki" in page.row:
        return Place(fault="is on another wiki")
    if not page.exists:
        shared = page.row.get("known") and not page.row.get("special")  # a file of a shared repository, say
        return Place(fault="" if shared else "is no page of this wiki")
    return Place(target, "is a redirect that can not be read" if page.redirect and not target else "")


def _redirect(bridge: Bridge, page: Page) -> Redirect | None:
    """Return a redirect as it is written, None if it can not be read as one."""
    if not page.redirect or not page.has_text:
        return None
    try:
        text = bridge.wikitext(page)
    except InvalidTitle:  # a page from before the wiki had that namespace, say
        return None
    link = text.redirect
    return Redirect(text.title, link.title, text) if text.title and link and link.title else None


def _linked(title: Title) -> str:
    """Return a title as a link in a summary has it, with its fragment."""
    return title.as_link()[2:-2]


__all__ = ["Fate", "Place", "Redirect", "double_redirect", "final_targets", "places"]
