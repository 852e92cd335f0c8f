"""apibot.core.grants: the table is the wiki's own."""

from __future__ import annotations

import json

import pytest

from apibot.core.grants import BASIC, GRANTS, MATTERS, USUAL, by_grant, grant_for
from apibot.sandbox import Sandbox


def test_the_table_is_that_of_the_wiki(apibot_wiki: Sandbox) -> None:
    said = apibot_wiki.maintenance("eval.php", input="echo json_encode( $wgGrantPermissions );")
    own = {name: {right for right, given in rights.items() if given} for name, rights in json.loads(said).items()}
    assert {name: set(rights) for name, rights in GRANTS.items()} == own


@pytest.mark.parametrize(
    ("right", "grant"),
    [
        ("noratelimit", "highvolume"),
        ("edit", "editpage"),
        ("move", "createeditmovepage"),
        ("upload", "uploadfile"),
        ("suppressredirect", "createeditmovepage"),
        ("read", BASIC),
        ("deletedtext", "viewdeleted"),
        ("userrights", None),
    ],
)
def test_the_smallest_grant(right: str, grant: str | None) -> None:
    assert grant_for(right) == grant


def test_what_matters_can_be_had() -> None:
    assert [right for right in MATTERS if grant_for(right) is None] == []


def test_each_usual_grant_is_missed() -> None:
    """Nobody is told to tick what its lack is never told of."""
    assert by_grant(MATTERS).keys() == {BASIC, *USUAL}


def test_rights_by_what_brings_them() -> None:
    found = by_grant(["move", "userrights", "bot", "read", "createpage"])
    assert found == {"createeditmovepage": ["move", "createpage"], BASIC: ["userrights", "read"], "highvolume": ["bot"]}
    assert by_grant([]) == {}
