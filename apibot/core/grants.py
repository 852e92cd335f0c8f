"""Grants: bundles of rights that a bot password or an OAuth consumer can be given (Manual:Bot passwords).

A login by one of these has a right only if the account's groups give it and one of the login's grants holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_EDIT = ("edit", "minoredit", "applychangetags", "changetags", "editcontentmodel")
_INTERFACE = (*_EDIT, "editinterface", "edituserjson", "editsitejson")
_UPLOAD = ("upload", "reupload-own")
_SEE_DELETED = ("browsearchive", "deletedhistory", "deletedtext")
BASIC = "basic"
"""The grant that every login has."""
GRANTS: Mapping[str, frozenset[str]] = {
    name: frozenset(rights)
    for name, rights in {
        BASIC: (
            "autocreateaccount",
            "autoconfirmed",
            "autopatrol",
            "editsemiprotected",
            "ipblock-exempt",
            "nominornewtalk",
            "patrolmarks",
            "purge",
            "read",
            "unwatchedpages",
            "writeapi",
        ),
        "highvolume": ("bot", "apihighlimits", "noratelimit", "markbotedits"),
        "import": ("import", "importupload"),
        "editpage": _EDIT,
        "editprotected": (*_EDIT, "editprotected"),
        "editmycssjs": (*_EDIT, "editmyusercss", "editmyuserjson", "editmyuserjs"),
        "editmyoptions": ("editmyoptions", "editmyuserjson"),
        "editinterface": _INTERFACE,
        "editsiteconfig": (*_INTERFACE, "editusercss", "edituserjs", "editsitecss", "editsitejs"),
        "createeditmovepage": (
            *_EDIT,
            "createpage",
            "createtalk",
            "delete-redirect",
            "move",
            "move-categorypages",
            "move-rootuserpages",
            "move-subpages",
            "suppressredirect",
        ),
        "uploadfile": _UPLOAD,
        "uploadeditmovefile": (
            *_UPLOAD,
            "movefile",
            "reupload",
            "reupload-shared",
            "suppressredirect",
            "upload_by_url",
        ),
        "patrol": ("patrol",),
        "rollback": ("rollback",),
        "blockusers": ("block", "blockemail"),
        "viewdeleted": _SEE_DELETED,
        "viewrestrictedlogs": ("suppressionlog",),
        "delete": (
            *_EDIT,
            *_SEE_DELETED,
            "bigdelete",
            "delete",
            "deletelogentry",
            "deleterevision",
            "undelete",
        ),
        "oversight": ("suppressrevision", "viewsuppressed"),
        "protect": (*_EDIT, "editprotected", "protect"),
        "viewmywatchlist": ("viewmywatchlist",),
        "editmywatchlist": ("editmywatchlist",),
        "sendemail": ("sendemail",),
        "createaccount": ("createaccount",),
        "privateinfo": ("viewmyprivateinfo",),
        "mergehistory": ("mergehistory",),
    }.items()
}
"""The grants of MediaWiki itself with their rights: ``$wgGrantPermissions`` of MediaWiki 1.39.

Extensions add their own rights to these, and wikis can change them.
"""
USUAL: Mapping[str, str] = {
    "highvolume": "High-volume (bot) access",
    "editpage": "Edit existing pages",
    "createeditmovepage": "Create, edit, and move pages",
    "uploadfile": "Upload new files",
}
"""What a bot usually needs, with its English name on the forms; a bot that deletes or protects needs more."""
MATTERS: Mapping[str, str] = {
    "read": "nothing can be read",
    "writeapi": "nothing can be written through the API",
    "edit": "no page can be edited",
    "createpage": "no page can be created",
    "createtalk": "no talk page can be created",
    "move": "no page can be moved",
    "bot": "its edits are not marked as a bot's and fill the recent changes of people",
    "noratelimit": "the wiki's rate limits hold it up",
    "apihighlimits": "it gets 500 rows and names 50 pages at once, instead of 5000 and 500",
    "minoredit": "no edit can be marked as minor",
    "suppressredirect": "each move leaves a redirect behind",
    "upload": "no file can be uploaded",
}
"""What most bots miss if they lack a right."""


def grant_for(right: str) -> str | None:
    """Return the grant that brings a right and the least besides, None if no grant of MediaWiki itself does.

    Those of files come last: who moves pages need not upload.
    """
    holding = [name for name, rights in GRANTS.items() if right in rights]
    return min(holding, key=lambda name: (name.startswith("upload"), len(GRANTS[name])), default=None)


def by_grant(rights: Iterable[str]) -> dict[str, list[str]]:
    """Return rights by the grant that would bring them; BASIC is for those that no grant brings, or each login has."""
    found: dict[str, list[str]] = {}
    for right in rights:
        found.setdefault(grant_for(right) or BASIC, []).append(right)
    return found


__all__ = ["BASIC", "GRANTS", "MATTERS", "USUAL", "by_grant", "grant_for"]
