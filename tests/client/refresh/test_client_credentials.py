"""A client's own account is refreshed by a request like the first one: by one process, when due, without a person."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from gumauth.client.refresh.refresh import refresh, refresh_unless_other
from gumauth.errors import MissingCredentials, ReconnectNeeded, Temporary, TokenEndpointError
from gumauth.testing import AuthorizationServer
from tests.cli.program import environment, inside
from tests.client.machine import Machine
from tests.client.world import Clock, World
from tests.loopback import Loopback, loopback

pytestmark = pytest.mark.requirement("V3")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture
def machine(world: World, server: Loopback) -> Machine:
    """A client's own account, connected."""
    machine = Machine(world, server, resource="https://api.example")
    machine.connect()
    return machine


def test_a_token_that_is_due_is_replaced_by_the_same_request(machine: Machine) -> None:
    world = machine.world
    assert world.token().access_token == machine.tokens[0]
    world.clock.move(3601)
    assert world.token().access_token == machine.tokens[1]
    first, second = machine.asked
    assert first.form == second.form
    assert (second.form["grant_type"], second.form["resource"]) == ("client_credentials", "https://api.example")
    account = world.account()
    assert (account.refreshed_at, account.expires_at) == (world.clock.now, world.clock.now + 3600)
    assert (account.refreshable, account.is_of_client) == (True, True)


def test_it_is_refreshed_by_name_and_among_all(machine: Machine) -> None:
    for references in (["acme"], ["acme/acme-app"], []):
        [done] = refresh(machine.world.new_context(), references)
        assert (done.refreshed, done.error) == (True, None)
    assert machine.world.token().access_token == machine.tokens[3]


def test_scopes_that_were_chosen_are_asked_for_at_every_refresh(machine: Machine) -> None:
    machine.connect(scopes=("read", "write"))
    refresh(machine.world.new_context(), ["acme"])
    assert [seen.form["scope"] for seen in machine.asked] == ["read", "read write", "read write"]


def test_a_token_that_was_refused_is_replaced(machine: Machine) -> None:
    machine.world.clock.move(60)
    account, record = refresh_unless_other(machine.world.new_context(), machine.world.account(), machine.tokens[0])
    assert (account.label, record.access_token) == ("acme/acme-app", machine.tokens[1])


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("code", ["invalid_client", "invalid_grant", "unauthorized_client"])
def test_a_refusal_ends_in_words_and_kills_nothing(machine: Machine, code: str) -> None:
    """There is no grant that could be dead."""
    world = machine.world
    machine.server.answer({"error": code}, status=401)
    [done] = refresh(world.new_context(), ["acme"])
    assert type(done.error) is TokenEndpointError
    assert done.error.message == f"acme's token endpoint refused: {code}."
    assert world.account().state == "ok"
    assert world.token().access_token == machine.tokens[0]
    machine.give(1)
    assert refresh(world.new_context(), ["acme"])[0].refreshed


@pytest.mark.requirement("R7")
def test_a_refusal_is_noted_until_the_client_is_another_one(machine: Machine) -> None:
    world = machine.world
    machine.server.answer({"error": "invalid_client"}, status=401)
    world.clock.move(3601)
    for _ in range(3):
        with pytest.raises(TokenEndpointError) as caught:
            world.token()
        assert caught.value.account in (None, "acme/acme-app")
    assert len(machine.asked) == 2
    world.environ["ACME_CLIENT_SECRET"] += "x"
    machine.give(1)
    assert world.token().access_token == machine.tokens[-1]


@pytest.mark.requirement("R7")
def test_a_server_in_trouble_costs_nothing(machine: Machine) -> None:
    world = machine.world
    machine.server.answer({}, status=503)
    world.clock.move(3570)
    assert world.token().access_token == machine.tokens[0]
    world.clock.move(60)
    with pytest.raises(Temporary):
        world.token()
    assert world.account().state == "ok"


def test_without_the_secret_nothing_is_asked(machine: Machine) -> None:
    world = machine.world
    world.environ["ACME_CLIENT_SECRET"] = ""
    [done] = refresh(world.new_context(), ["acme"])
    assert isinstance(done.error, MissingCredentials)
    assert len(machine.asked) == 1


@pytest.mark.requirement("F12")
def test_another_client_or_endpoint_is_not_asked_in_this_accounts_name(machine: Machine) -> None:
    world = machine.world
    world.environ["ACME_CLIENT_ID"] = "other-app"
    with pytest.raises(
        ReconnectNeeded, match=r"client id of acme is not the one .* no token is asked for there"
    ) as told:
        _refresh(world)
    assert "gumauth connect" in (told.value.hint or "")
    assert "--client-credentials`, or set back" in (told.value.hint or "")
    world.environ["ACME_CLIENT_ID"] = "acme-app"
    world.write_provider(token_url=f"{machine.server.url}/elsewhere")
    with pytest.raises(ReconnectNeeded, match="token endpoint of acme"):
        _refresh(world)
    assert len(machine.asked) == 1


def _refresh(world: World) -> None:
    error = refresh(world.new_context(), ["acme"])[0].error
    assert error is not None
    raise error


@pytest.mark.requirement("R2", "R5")
def test_many_processes_ask_once(tmp_path_factory: pytest.TempPathFactory, server: Loopback) -> None:
    folder = tmp_path_factory.mktemp("many")
    with AuthorizationServer() as consent:
        world = World(server=consent, folder=folder, clock=Clock(time.time()))
        machine = Machine(world, server)
    clients = {name: value for name, value in world.environ.items() if name.startswith("ACME_")}
    environ = environment(folder, **clients)
    assert inside(environ, "connect", str(world.file), "--client-credentials", clock=Clock(1.0)).status == 0
    command = [sys.executable, "-m", "gumauth", "token", "acme"]
    running = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(12)]
    printed = {process.communicate(timeout=60)[0].strip() for process in running}
    assert printed == {machine.tokens[1]}
    assert len(machine.asked) == 2


@pytest.mark.requirement("S1")
def test_what_is_noted_of_a_refusal_cannot_be_told_without_the_store(machine: Machine) -> None:
    """It is a hash of the secret too, and stands in the list: its key changes with the token."""
    noted = []
    for _ in range(2):
        machine.server.answer({"error": "invalid_client"}, status=401)
        refresh(machine.world.new_context(), ["acme"])
        noted.append(machine.world.account().refused_as)
        machine.give(1)
        assert refresh(machine.world.new_context(), ["acme"])[0].refreshed
    assert None not in noted
    assert len(set(noted)) == 2
