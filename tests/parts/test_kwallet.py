"""Whole lives of accounts whose tokens are in KWallet, with a real kwalletd5 and no `dbus` module of Python."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import KEPT, process
from tests.parts.test_lives import connect, free_port, shown, token

if TYPE_CHECKING:
    from tests.parts.kwallet import KWallet
    from tests.parts.linear import Linear

pytestmark = [pytest.mark.kwallet, pytest.mark.requirement("K17")]


@pytest.fixture
def person(kwallet: KWallet, linear: Linear) -> dict[str, str]:
    """The environment of somebody in a KDE session, with an app at the provider."""
    return environment(kwallet, linear)


def environment(kwallet: KWallet, linear: Linear) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, **kwallet.session.environ, **linear.environment, "PYTHONPATH": path, "XDG_CURRENT_DESKTOP": "KDE"}


def test_the_life_of_an_account_in_an_open_wallet(kwallet: KWallet, linear: Linear, person: dict[str, str]) -> None:
    account = connect(person, "linear", linear.follow, "--port", free_port())
    assert account["store"] == "KWallet"
    (entry,) = kwallet.entries()
    assert entry.startswith("linear/")
    first = token(person, "linear")
    for _ in range(2):
        assert shown(process(person, "refresh", "linear", "--json"))["accounts"][0]["refreshed"] is True
    second = token(person, "linear")
    assert second != first
    assert linear.server.is_active(second)
    assert shown(process(person, "revoke", "linear", "--json"))["revoked"] is True
    assert not linear.server.is_active(second)
    assert shown(process(person, "disconnect", "linear", "--json"))["forgotten"] is True
    assert kwallet.entries() == {}
    assert kwallet.users() == []
