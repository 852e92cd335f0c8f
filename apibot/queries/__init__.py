"""Queries: declarations of what can be asked; data only."""

from __future__ import annotations

from apibot.queries.base import ByName, ModuleQuery, PageIds, PageSet, PropertyQuery, RevIds, Spec, Titles
from apibot.queries.catalogue import (
    USUAL_MODULES,
    AllPages,
    Categories,
    CategoryMembers,
    PageInfo,
    QueryPage,
    RecentChanges,
    Revisions,
)

__all__ = [
    "USUAL_MODULES",
    "AllPages",
    "ByName",
    "Categories",
    "CategoryMembers",
    "ModuleQuery",
    "PageIds",
    "PageInfo",
    "PageSet",
    "PropertyQuery",
    "QueryPage",
    "RecentChanges",
    "RevIds",
    "Revisions",
    "Spec",
    "Titles",
]
