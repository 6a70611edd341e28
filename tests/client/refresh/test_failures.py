"""A refusal for good: asked once, told each time, and asked again when something has changed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from gumauth.cli.commands import doctor_checks
from gumauth.client.refresh.refresh import refresh, refresh_account
from gumauth.errors import GumauthError, Temporary, TokenEndpointError
from gumauth.testing import Client, Fault
from tests.client.world import Walker, World

REFUSALS = {
    "invalid_client": Fault.error("invalid_client", status=401, description="Who are you?"),
    "404": Fault.status(404, b"Not Found"),
    "403": Fault.status(403),
    "no access token": Fault.without("access_token", "refresh_token"),
}


@pytest.fixture
def expired(connected: World) -> World:
    """With one account, whose token has ended."""
    connected.clock.move(3700)
    return connected


def refused(world: World) -> TokenEndpointError:
    with pytest.raises(TokenEndpointError) as caught:
        world.token()
    return caught.value


def requests(world: World) -> int:
    return sum(event.kind == "refresh" for event in world.server.log)


@pytest.mark.parametrize("kind", REFUSALS)
def test_five_tokens_make_one_request(expired: World, kind: str) -> None:
    expired.server.misbehave("refresh", REFUSALS[kind], times=None)
    before = requests(expired)
    first = refused(expired)
    made = requests(expired) - before
    for _ in range(4):
        expired.clock.move(60)
        again = refused(expired)
        assert first.message in again.message
        assert again.hint == (
            "Mend that, then run `gumauth refresh acme/ada@example.com`: the provider is not asked before."
            " Or connect again: `gumauth connect acme`."
        )
    assert requests(expired) - before == made >= 1
    account = expired.account()
    assert (account.state, account.reason) == ("ok", first.message)


def wrong_secret(world: World) -> None:
    world.environ["ACME_CLIENT_SECRET"] = secrets.token_urlsafe(16)


def test_a_wrong_secret_is_asked_with_once_and_the_right_one_at_once(expired: World) -> None:
    right = expired.environ["ACME_CLIENT_SECRET"]
    wrong_secret(expired)
    for _ in range(3):
        refused(expired)
    assert expired.server.count("refresh", "refused") == 1
    wrong_secret(expired)
    refused(expired)
    assert expired.server.count("refresh", "refused") == 2
    expired.environ["ACME_CLIENT_SECRET"] = right
    assert expired.server.is_active(expired.token().access_token)
    account = expired.account()
    assert (account.reason, account.refused_at, account.refused_as) == (None, None, None)


def change_file(world: World) -> None:
    world.write_provider(title="Acme")


def change_neighbour(world: World) -> None:
    (world.folder / "settings.py").write_text("TENANT = 'acme'\n")


def change_variable(world: World) -> None:
    world.environ["ACME_TENANT"] = "acme"


def explicit_refresh(world: World) -> None:
    assert refresh(world.new_context(), ["acme"])[0].refreshed


def connect_again(world: World) -> None:
    world.connect(Walker(world))


def an_hour_later(world: World) -> None:
    world.clock.move(3600)


@pytest.mark.parametrize(
    "change", [change_file, change_neighbour, change_variable, explicit_refresh, connect_again, an_hour_later]
)
def test_what_may_have_mended_it_makes_it_asked_again(expired: World, change: Callable[[World], None]) -> None:
    expired.server.misbehave("refresh", REFUSALS["404"])
    refused(expired)
    refused(expired)
    change(expired)
    assert expired.server.is_active(expired.token().access_token)
    assert expired.account().refused_at is None


def test_an_explicit_refresh_asks_each_time(expired: World) -> None:
    expired.server.misbehave("refresh", REFUSALS["invalid_client"], times=None)
    before = requests(expired)
    for _ in range(3):
        assert not refresh(expired.new_context(), ["acme"])[0].refreshed
    assert requests(expired) - before == 3


def test_a_token_that_has_life_is_handed_out_meanwhile(connected: World) -> None:
    connected.clock.move(3560)
    connected.server.misbehave("refresh", REFUSALS["invalid_client"], times=None)
    before = requests(connected)
    tokens = {connected.token().access_token for _ in range(3)}
    assert len(tokens) == 1
    assert connected.server.is_active(tokens.pop())
    assert requests(connected) - before == 1
    assert all("still good" in said for said in connected.notices)


def test_a_program_whose_requests_are_refused_does_not_ask_each_time(connected: World) -> None:
    connected.clock.move(100)
    used = connected.token().access_token
    connected.server.misbehave("refresh", REFUSALS["invalid_client"], times=None)
    before = requests(connected)
    for _ in range(3):
        with pytest.raises(TokenEndpointError):
            refresh_account(connected.new_context(), connected.account(), force=True, unless=used)
    assert requests(connected) - before == 1


def test_a_failure_that_passes_is_forgotten_with_the_refusal_before_it(expired: World) -> None:
    expired.server.misbehave("refresh", REFUSALS["404"])
    refused(expired)
    expired.server.misbehave("refresh", Fault.status(503))
    with pytest.raises(Temporary):
        refresh_account(expired.new_context(), expired.account(), force=True)
    assert expired.account().refused_at is None
    expired.clock.move(31)
    assert expired.server.is_active(expired.token().access_token)


@pytest.mark.requirement("S1")
def test_the_list_holds_no_hash_of_a_secret_that_could_be_guessed(expired: World) -> None:
    """The same secret and file, and another account: another key, another hash."""
    expired.environ["ACME_CLIENT_SECRET"] = "123456"
    expired.server.register(
        Client("acme-app", secret="654321", redirect_uris=("http://127.0.0.1/callback",), any_port=True)
    )
    refused(expired)
    first = expired.account().refused_as
    expired.environ["ACME_CLIENT_SECRET"] = "654321"
    expired.connect()
    expired.clock.move(3700)
    expired.environ["ACME_CLIENT_SECRET"] = "123456"
    refused(expired)
    assert first != expired.account().refused_as


def test_a_good_token_is_not_asked_what_was_refused(connected: World, monkeypatch: pytest.MonkeyPatch) -> None:
    connected.server.misbehave("refresh", REFUSALS["404"])
    assert not refresh(connected.new_context(), ["acme"])[0].refreshed
    assert connected.account().refused_at is not None
    monkeypatch.setattr("gumauth.client.refresh.failures.noted_failure", pytest.fail)
    assert connected.server.is_active(connected.token().access_token)


def test_doctor_names_an_account_whose_refresh_was_refused(expired: World) -> None:
    expired.server.misbehave("refresh", REFUSALS["invalid_client"])
    refused(expired)
    context = expired.new_context()
    found = [
        finding for finding in doctor_checks.accounts(context, list(context.accounts.all())) if finding.status == "warn"
    ]
    assert len(found) == 1
    assert found[0].message.startswith("A refresh of acme/ada@example.com was refused: acme's token endpoint refused:")
    assert found[0].hint == "Mend that, then run `gumauth refresh acme/ada@example.com`."


def test_a_file_that_is_gone_is_told_and_not_the_refusal_of_before(expired: World) -> None:
    expired.server.misbehave("refresh", REFUSALS["404"])
    refused(expired)
    Path(expired.file).unlink()
    with pytest.raises(GumauthError, match=r"acme\.py"):
        expired.token()
