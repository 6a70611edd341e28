"""Clients and services that several machines share: set up or registered on one, used on all. Promise T1."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gumauth.client.client_registration import obtain
from gumauth.client.context import Context
from gumauth.client.registered_clients import RegisteredClients
from gumauth.testing import AuthorizationServer, Fault
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql

URI = "http://localhost:4862/callback"


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def client_of(server: AuthorizationServer, context: Context, *, anew: bool) -> str:
    """The id of the client with which a connect of this machine begins."""
    found = obtain(
        context,
        issuer=server.issuer,
        registration_url=server.registration_url,
        token_url=server.token_url,
        auth_methods=None,
        redirect_uris=(URI,),
        grant_types=("authorization_code",),
        anew=anew,
        say=lambda _sentence: None,
    )
    return asyncio.run(found).client_id


@pytest.mark.requirement("T1", "M28")
@pytest.mark.parametrize("anew", [False, True])
def test_of_four_machines_that_need_a_client_at_once_one_registers_it(
    shared_store: SharedStore, server: AuthorizationServer, anew: bool
) -> None:
    server.misbehave("register", Fault.slow(4), times=None)  # so long that all have begun
    contexts = [Context(shared_store.machine(name)) for name in "abcd"]
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(lambda context: client_of(server, context, anew=anew), contexts))
    assert server.count("register") == len(ids) == 1
    assert shared_store.ask("select count(*) from gumauth.claim") == ["0"]
    fifth = Context(shared_store.machine("e"))
    assert {client.client_id for client in RegisteredClients(fifth, server.issuer).all()} == ids


@pytest.mark.requirement("T1", "M28")
def test_a_client_that_is_wanted_anew_is_not_one_that_was_there_before(
    shared_store: SharedStore, server: AuthorizationServer
) -> None:
    first = client_of(server, Context(shared_store.machine("a")), anew=False)
    assert client_of(server, Context(shared_store.machine("b")), anew=False) == first
    assert client_of(server, Context(shared_store.machine("c")), anew=True) != first
