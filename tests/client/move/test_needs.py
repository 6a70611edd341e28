"""What refreshing needs comes along: clients that `gumauth setup` keeps or that were registered, and services."""

from __future__ import annotations

import time

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.client.move.needs import bring
from gumauth.client.registered_clients import RegisteredClients
from gumauth.errors import AccountConflict
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.registered_client import RegisteredClient
from tests.accounts.directly import records_of
from tests.client.move.scene import scene
from tests.parts.shared_store import SharedStore

ISSUER = "https://auth.example.com"
URL = "https://mcp.example.com/mcp"


@pytest.mark.requirement("T1", "R9")
def test_a_kept_client_and_an_answer_that_was_rescued_come_along(shared_store: SharedStore) -> None:
    with scene(shared_store) as s:
        assert s.run(s.own, "setup", "acme", "--from-env").status == 0
        records = records_of(Context(s.own))
        account, record = records.settle(Context(s.own).accounts.look_up("acme"))
        assert s.run(s.own, "refresh", "acme").status == 0
        newer = records.newest(account)
        records.drop(Context(s.own).accounts.look_up("acme"))
        account, _ = records.put(account, record)
        records.mark(account)
        old = records.newest(account)
        with records.rescue_file(account) as file:
            file.fill(4096)
            assert records.rescue(account, old, newer, file)
        ended = s.run(s.at_database, "move", "acme", "--to", "postgresql")
        assert (ended.status, ended.err) == (0, "")
        bare = {name: value for name, value in s.b.items() if not name.startswith("ACME_")}
        assert s.run(bare, "token", "acme").out.strip() == newer.access_token
        assert s.refreshes(bare)
        assert s.run(bare, "move", "acme", "--to", "file").status == 0
        assert s.refreshes({**bare, "GUMAUTH_STORE": "file"})
        assert s.server.count("reuse") == 0


def discovered() -> tuple[Account, Record]:
    """An account of a discovered service, and its record."""
    account = Account(
        provider="mcp.example.com",
        id="0" * 16,
        nickname="ada",
        connected_at=time.time(),
        grant="g",
        source=URL,
        issuer=ISSUER,
        store="encrypted file",
    )
    return account, Record(access_token="a", refresh_token="r", client_id="registered", grant="g", account={})


def test_a_registered_client_and_a_discovered_service_come_along_and_no_other_is_written_over(
    shared_store: SharedStore,
) -> None:
    source = Context(shared_store.machine("a", GUMAUTH_STORE="file"))
    target = Context(shared_store.machine("a"))
    account, record = discovered()
    clients = [
        RegisteredClient(client_id=name, registered_at=1.0, redirect_uris=(), grant_types=("authorization_code",))
        for name in ("registered", "other")
    ]
    for client in clients:
        RegisteredClients(source, ISSUER).add(client)
    service = Service(name="mcp.example.com", url=URL, issuer=ISSUER, token_url=f"{ISSUER}/token")
    services.write(source, service)
    assert bring(source, target, account, record) == []
    seen = Context(shared_store.machine("b"))
    assert RegisteredClients(seen, ISSUER).all() == (clients[0],)
    assert services.read(seen, "mcp.example.com") == service
    assert bring(source, target, account, record) == []
    services.write(source, other := Service(name="x.example", url=f"{URL}/2", issuer=ISSUER, token_url=ISSUER))
    services.write(target, Service(name="x.example", url=URL, issuer=ISSUER, token_url=ISSUER))
    elsewhere = Account(**{**vars(account), "provider": other.name, "source": other.url})
    with pytest.raises(AccountConflict, match="is to be moved"):
        bring(source, target, elsewhere, record)


def test_another_client_that_is_kept_there_is_not_written_over(shared_store: SharedStore) -> None:
    source = Context(shared_store.machine("a", GUMAUTH_STORE="file"))
    target = Context(shared_store.machine("a"))
    account, record = discovered()
    account = Account(**{**vars(account), "provider": "linear", "source": "built-in", "issuer": None})
    credentials.save(source, "linear", "registered", None)
    credentials.save(target, "linear", "another", None)
    with pytest.raises(AccountConflict, match="Another client of linear is kept where linear/ada is to be moved"):
        bring(source, target, account, record)
    found = credentials.stored(target, "linear")
    assert found is not None
    assert found.client_id == "another"
