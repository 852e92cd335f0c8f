"""Wikitext as a tree that can be changed; what is not changed stays as it was, byte for byte.

``node`` is the tree, ``scan`` reads it; the other modules say what its constructs mean and how they are changed.
"""

from __future__ import annotations

from apibot.data.wikitext.document import Wikitext
from apibot.data.wikitext.files import FileLink
from apibot.data.wikitext.links import CategoryLink, LanguageLink, Link
from apibot.data.wikitext.sections import Section
from apibot.data.wikitext.signatures import Signature
from apibot.data.wikitext.table.table import Table
from apibot.data.wikitext.tags import Comment, Reference, Tag
from apibot.data.wikitext.templates import Parameter, Template

__all__ = [
    "CategoryLink",
    "Comment",
    "FileLink",
    "LanguageLink",
    "Link",
    "Parameter",
    "Reference",
    "Section",
    "Signature",
    "Table",
    "Tag",
    "Template",
    "Wikitext",
]
