"""Whole lives of accounts whose tokens are in a real KeePassXC."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import KEPT, process
from tests.parts.secret_service import wait_until
from tests.parts.test_lives import connect, free_port, shown, token

if TYPE_CHECKING:
    from tests.parts.keepassxc import KeePassXC
    from tests.parts.linear import Linear

pytestmark = [pytest.mark.keepassxc, pytest.mark.requirement("K17")]


def environment(keepassxc: KeePassXC, linear: Linear) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, **keepassxc.session.environ, **linear.environment, "PYTHONPATH": path}


def test_the_life_of_an_account_where_programs_may_have_entries_unasked(keepassxc: KeePassXC, linear: Linear) -> None:
    """Deleting would show a dialog: what is left in the database is of no use."""
    keepassxc.start()
    person = environment(keepassxc, linear)
    for _ in range(2):
        account = connect(person, "linear", linear.follow, "--port", free_port())
        assert account["store"] == "Secret Service"
        tokens = {token(person, "linear")}
        for _ in range(2):
            assert shown(process(person, "refresh", "linear", "--json"))["accounts"][0]["refreshed"] is True
            tokens.add(token(person, "linear"))
        assert len(tokens) == 3
        assert shown(process(person, "revoke", "linear", "--json"))["revoked"] is True
        assert shown(process(person, "disconnect", "linear", "--json"))["forgotten"] is True
        assert not any(linear.server.is_active(token) for token in tokens)
    wait_until(lambda: set(keepassxc.passwords()) == {("gumauth (empty)", "")})
    assert len(keepassxc.passwords()) <= 3
