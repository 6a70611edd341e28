"""Connecting a client itself: no browser, no port, no person, and an account that is told from a person's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from gumauth.accounts.account import CLIENT_CREDENTIALS
from gumauth.client.connect.client_credentials import ClientCredentials
from gumauth.client.connect.connect import connect
from gumauth.client.revoke import disconnect, revoke
from gumauth.errors import AccountConflict, MissingCredentials, TokenEndpointError, UsageError
from gumauth.platform.frozen import replace
from tests.accounts.directly import records_of, save
from tests.client.machine import Machine
from tests.client.world import Walker, World
from tests.loopback import Loopback, loopback

pytestmark = pytest.mark.requirement("V3")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


def listed(world: World) -> list[str]:
    return sorted(account.label for account in world.new_context().accounts.all())


def test_the_account_is_the_clients_and_is_called_by_its_id(world: World, server: Loopback) -> None:
    machine = Machine(world, server)
    connected = machine.connect()
    account = world.account()
    assert connected.account == account
    assert connected.notices == ()
    assert (account.nickname, account.grant_type, account.refreshable) == ("acme-app", CLIENT_CREDENTIALS, True)
    assert (account.scopes, account.requested_scopes, account.state) == (("read",), ("read",), "ok")
    assert account.identity == f"client_credentials {server.url}/token acme-app"
    assert world.token().access_token == machine.tokens[0]
    assert len(machine.asked) == 1


def test_the_same_client_again_is_the_same_account(world: World, server: Loopback) -> None:
    machine = Machine(world, server)
    machine.connect()
    first = world.account()
    assert machine.connect().notices == ("This is acme/acme-app again: its tokens are new now.",)
    assert listed(world) == ["acme/acme-app"]
    assert (world.account().id, world.token().access_token) == (first.id, machine.tokens[1])


def test_another_client_or_another_token_endpoint_is_another_account(world: World, server: Loopback) -> None:
    machine = Machine(world, server)
    machine.connect()
    world.environ["ACME_CLIENT_ID"] = "other-app"
    machine.connect()
    assert listed(world) == ["acme/acme-app", "acme/other-app"]
    Machine(world, server, token_url=f"{server.url}/elsewhere/token")
    machine.connect()
    assert len(listed(world)) == 3


def test_an_issuer_tells_clients_apart_where_the_service_has_one(world: World, server: Loopback) -> None:
    Machine(world, server, issuer="https://issuer.example").connect()
    assert world.account().identity == "client_credentials https://issuer.example acme-app"


def test_a_persons_account_and_a_clients_are_never_one(world: World, server: Loopback) -> None:
    """Even where the person is called as the client is, and the older account is dead."""
    world.connect()
    save(world.context, replace(world.account(), state="reconnect", nickname="acme-app", identity=""))
    machine = Machine(world, server)
    machine.connect()
    accounts = list(world.new_context().accounts.all())
    assert {account.grant_type: account.state for account in accounts} == {None: "reconnect", CLIENT_CREDENTIALS: "ok"}


def test_an_alias_of_a_person_is_not_taken_and_nobody_is_asked(world: World, server: Loopback) -> None:
    world.connect(alias="work")
    machine = Machine(world, server)
    person = Walker(world)
    with pytest.raises(AccountConflict):
        machine.connect(person, alias="work")
    assert (person.urls, person.asked, listed(world)) == ([], [], ["acme/work"])


def test_scopes_that_were_chosen_are_asked_for_again(world: World, server: Loopback) -> None:
    machine = Machine(world, server)
    machine.connect(scopes=("read", "write"))
    machine.connect()
    assert [seen.form["scope"] for seen in machine.asked] == ["read write", "read write"]


def test_the_scopes_of_a_person_are_not_asked_for(world: World, server: Loopback) -> None:
    world.connect(scopes=("read", "write"))
    machine = Machine(world, server)
    machine.connect()
    assert machine.asked[0].form["scope"] == "read"


def test_a_missing_id_or_secret_is_said_and_nothing_is_sent(world: World, server: Loopback) -> None:
    machine = Machine(world, server, public_client=True)
    world.environ["ACME_CLIENT_SECRET"] = ""
    with pytest.raises(MissingCredentials, match="ACME_CLIENT_SECRET is not set"):
        machine.connect()
    del world.environ["ACME_CLIENT_ID"]
    with pytest.raises(MissingCredentials, match="ACME_CLIENT_ID and ACME_CLIENT_SECRET"):
        machine.connect()
    assert (machine.asked, listed(world)) == ([], [])


@pytest.mark.parametrize(
    "refusal",
    [
        {"error": "unauthorized_client"},
        {"error": "unsupported_grant_type"},
        {"error": "invalid_request", "error_description": "requested grant type is not allowed for this client"},
    ],
)
def test_a_service_that_gives_clients_no_tokens_is_told_with_what_helps(
    world: World, server: Loopback, refusal: dict[str, str]
) -> None:
    machine = Machine(world, server)
    server.answer(refusal, status=400)
    with pytest.raises(TokenEndpointError, match=refusal["error"]) as caught:
        machine.connect()
    assert "Allow the client credentials grant" in (caught.value.hint or "")
    assert listed(world) == []


def test_a_provider_file_that_cannot_ask_is_named(world: World, server: Loopback) -> None:
    machine = Machine(world, server)
    text = world.file.read_text()
    world.file.write_text(f"{text}\n    request_token = None\n")
    with pytest.raises(UsageError, match="its provider file has no `request_token`"):
        machine.connect()


def test_no_refresh_token_is_missed(world: World, server: Loopback) -> None:
    assert not any("refresh token" in notice.lower() for notice in Machine(world, server).connect().notices)


@pytest.mark.parametrize("end", [revoke, disconnect])
def test_to_end_it_is_to_end_the_access_token(world: World, server: Loopback, end: type) -> None:
    machine = Machine(world, server)
    machine.connect()
    server.answer({})
    outcome = end(world.new_context(), world.account())
    assert outcome.revoked
    [ended] = [seen.form for seen in server.seen if seen.path == "/revoke"]
    assert (ended["token"], ended["token_type_hint"]) == (machine.tokens[0], "access_token")
    assert listed(world) == (["acme/acme-app"] if end is revoke else [])


@pytest.mark.requirement("K1")
def test_a_connect_that_was_killed_leaves_an_account_that_learns_which_client_it_is(
    world: World, server: Loopback
) -> None:
    machine = Machine(world, server)
    machine.connect()
    account, record = world.account(), world.token()
    unnamed = replace(account, id="0" * 16, nickname=None, identity=None, state="connecting", slot="a")
    disconnect(world.new_context(), account, keep_grant=True)
    unnamed, _ = records_of(world.context).put(unnamed, record)
    save(world.context, unnamed)
    world.clock.move(3601)
    assert world.token().access_token == machine.tokens[1]
    named = world.account()
    assert (named.nickname, named.identity) == ("acme-app", account.identity)
    machine.connect()
    assert len(listed(world)) == 1


def test_a_strict_server_gives_renews_and_ends_the_clients_tokens(world: World) -> None:
    request = world.request(grant_type=CLIENT_CREDENTIALS, scopes=("read",))
    asyncio.run(connect(world.new_context(), request, Walker(world), ClientCredentials))
    first = world.token().access_token
    assert world.server.is_active(first)
    world.clock.move(3601)
    second = world.token().access_token
    assert (second != first, world.server.is_active(second)) == (True, True)
    assert revoke(world.new_context(), world.account()).revoked
    assert not world.server.is_active(second)
    assert {family.person for family in world.server.families} == {""}


@pytest.mark.requirement("L1")
def test_that_nobodys_name_is_told_for_a_token_is_no_sign_that_it_has_ended(world: World, server: Loopback) -> None:
    """The place that is asked for a person's name refuses a living token of a client."""
    Machine(world, server).connect()
    server.answer({"error": "invalid_request"}, status=400)
    outcome = revoke(world.new_context(), world.account())
    assert (outcome.revoked, world.account().state) == (False, "ok")
