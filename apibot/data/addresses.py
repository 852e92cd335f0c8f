"""How addresses begin that wikis make links of ($wgUrlProtocols, MediaWiki 1.39)."""

from __future__ import annotations

ALONE = "bitcoin|geo|magnet|mailto|matrix|news|sip|sips|sms|tel|urn|xmpp"
"""Schemes that need no slashes, as a regular expression."""
SLASHED = "ftp|ftps|git|gopher|http|https|irc|ircs|mms|nntp|redis|sftp|ssh|svn|telnet|worldwind"
"""Schemes that two slashes follow, as a regular expression."""
PROTOCOLS = f"(?:{ALONE}):|(?:{SLASHED})://"
"""All beginnings, as a regular expression; a link to such an address takes single brackets."""

__all__ = ["ALONE", "PROTOCOLS", "SLASHED"]
