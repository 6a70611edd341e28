"""A new token, which is shown to its resource once. Promise M45."""

from __future__ import annotations

import time

import pytest

from gumauth.client.connect import afterwards
from gumauth.client.discovery.find import Wishes
from gumauth.testing import Fault
from tests.client.discovery.found_world import FoundWorld

pytestmark = pytest.mark.requirement("M45")


def uses(found: FoundWorld) -> int:
    """How often the resource was asked, also with what it refused."""
    return len([event for event in found.server.log if event.kind == "resource"])


def test_a_token_that_the_resource_accepts_is_not_spoken_of(found: FoundWorld) -> None:
    assert found.connect().notices == ()
    assert uses(found) == 2  # without a token, for the challenge, and with it


def test_a_token_that_the_resource_refuses_is_tried_once_and_told_and_kept(found: FoundWorld) -> None:
    """The resource wants tokens for a name of its own that its metadata do not tell."""
    found.server.misbehave("resource", Fault.status(401), times=None)
    connected = found.connect()
    again = f"`gumauth connect {connected.account.argument} --no-resource`"
    (said,) = connected.notices
    assert said == (
        f"{found.server.resource_url} refuses the new token, although {found.server.issuer} issued it."
        f" If it stays so: {again} asks without `resource`, and `--issuer URL` names another issuer."
        " The account is connected all the same."
    )
    assert uses(found) == 2
    assert (connected.account.state, found.server.is_active(found.token().access_token)) == ("ok", True)
    assert found.events("revoke") == []


def test_where_resource_was_left_out_only_another_issuer_is_named(found: FoundWorld) -> None:
    notices = found.connect(wishes=Wishes(no_resource=True)).notices
    assert len(notices) == 1
    assert "--no-resource" not in notices[0]
    assert "If it stays so: `--issuer URL` names another issuer." in notices[0]


@pytest.mark.parametrize(
    "fault", [Fault.status(403), Fault.status(404), Fault.status(500), Fault.reset(), Fault.captive_portal()]
)
def test_an_answer_that_tells_nothing_of_the_token_is_not_spoken_of(found: FoundWorld, fault: Fault) -> None:
    found.server.resource.challenge_metadata = False
    found.server.misbehave("resource", Fault.status(401))
    found.server.misbehave("resource", fault, times=None)
    assert found.connect().notices == ()


def test_a_resource_that_hangs_does_not_hold_the_connect(found: FoundWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(afterwards, "PATIENCE", 0.2)
    found.server.misbehave("resource", Fault.status(401))
    found.server.misbehave("resource", Fault.hang(), times=None)
    began = time.monotonic()
    assert found.connect().notices == ()
    assert time.monotonic() - began < 5


def test_an_issuer_alone_has_nothing_to_show_its_token_to(found: FoundWorld) -> None:
    found.connect(url=found.server.issuer)
    assert uses(found) == 0
