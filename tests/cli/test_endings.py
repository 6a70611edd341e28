"""revoke, disconnect and refresh as a person with two accounts sees them."""

from __future__ import annotations

import json

import pytest

from gumauth.testing import AuthorizationServer, Fault, deliver
from tests.cli.connecting import piped
from tests.cli.program import process


@pytest.fixture
def environ(server: AuthorizationServer, person: tuple[dict[str, str], str]) -> dict[str, str]:
    """With the accounts acme/home, which is the default, and acme/work."""
    environ, file = person
    for alias in ("home", "work"):
        with piped(environ, "connect", file, "--no-browser", "--as", alias) as run:
            deliver(server.follow(run.address, person=f"{alias}@example.com"))
            assert run.end()[0] == 0
    return environ


@pytest.mark.requirement("I6")
def test_the_loss_of_the_default_is_said_and_no_other_account_takes_its_place(environ: dict[str, str]) -> None:
    ended = process(environ, "disconnect", "acme/home")
    assert ended.out == "Revoked acme/home at acme, and forgot it here.\n"
    assert ended.err == "It was the default of acme, which has none now; `gumauth default acme/work` chooses one.\n"
    refused = process(environ, "token", "acme")
    assert (refused.status, refused.out) == (2, "")
    assert "acme has no default account any more. There is acme/work" in refused.err
    assert process(environ, "default", "acme/work").status == 0
    assert process(environ, "token", "acme").status == 0
    assert process(environ, "disconnect", "acme").err == ""


@pytest.mark.requirement("I2", "I6")
@pytest.mark.parametrize("command", ["revoke", "disconnect"])
def test_a_providers_name_is_not_enough_to_end_one_of_several_accounts(
    environ: dict[str, str], server: AuthorizationServer, command: str
) -> None:
    ended = process(environ, command, "acme")
    assert (ended.status, ended.out) == (2, "")
    assert "acme could mean acme/home" in ended.err
    assert "acme/work" in ended.err
    assert server.count("revoke") == 0
    assert len(json.loads(process(environ, "list", "--json").out)["accounts"]) == 2


def test_what_had_been_revoked_before_is_not_said_to_be_revoked_now(environ: dict[str, str]) -> None:
    first, second = (process(environ, "revoke", "acme/work").out for _ in range(2))
    rest = "; it stays in the list until `gumauth disconnect acme/work`.\n"
    assert first == f"Revoked acme/work{rest}"
    assert second == f"acme/work had been revoked before{rest}"
    assert "had been revoked before" in process(environ, "disconnect", "acme/work").out


def test_a_provider_that_is_gone_for_good_does_not_keep_the_account(
    environ: dict[str, str], server: AuthorizationServer
) -> None:
    server.misbehave("revoke", Fault.status(503), times=None)
    ended = process(environ, "disconnect", "acme/work")
    assert ended.status == 5
    assert "To forget it all the same, run `gumauth disconnect acme/work --keep-grant`." in ended.err
    assert process(environ, "disconnect", "acme/work", "--keep-grant").status == 0


def test_of_several_accounts_the_one_that_failed_is_named(environ: dict[str, str], server: AuthorizationServer) -> None:
    server.misbehave("refresh", Fault.status(503), times=1)
    ended = process(environ, "refresh")
    assert ended.status == 5
    assert "error: acme/home: " in ended.err
    assert "Refreshed acme/work" in ended.out
    server.misbehave("refresh", Fault.status(503), times=None)
    reasons = [one["reason"] for one in json.loads(process(environ, "refresh", "--json").out)["accounts"]]
    assert all("503" in reason for reason in reasons)
    assert "acme/work" not in process(environ, "refresh", "acme/work").err.splitlines()[0]
