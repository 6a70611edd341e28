"""`gumauth default`: chooses the account that a provider's name alone stands for."""

from __future__ import annotations

import json

from tests.cli.program import inside, listed


def test_the_default_moves(environ: dict[str, str]) -> None:
    listed(environ, "linear", "ada", connected_at=1.0)
    listed(environ, "linear", "bob", connected_at=2.0)
    ended = inside(environ, "default", "linear/bob", "--json")
    assert json.loads(ended.out)["account"]["default"] is True
    accounts = json.loads(inside(environ, "list", "--json").out)["accounts"]
    assert [(account["nickname"], account["default"]) for account in accounts] == [("ada", False), ("bob", True)]
