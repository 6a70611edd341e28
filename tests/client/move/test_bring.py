"""What is copied with an account, from one store of a machine to another, and what stays or is told; no database."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.client.move.needs import bring, leave
from gumauth.client.registered_clients import RegisteredClients
from gumauth.errors import AccountConflict
from gumauth.oauth2.discovery.service import Service
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.platform.frozen import replace
from tests.accounts.directly import save
from tests.cli.program import environment

ISSUER, URL, NAME = "https://auth.example.com", "https://mcp.example.com/mcp", "mcp.example.com"
RECORD = Record(access_token="a", refresh_token="r", client_id="registered", grant="g", account={})
ACME = Account(
    provider="acme", id="0" * 16, nickname="ada", connected_at=time.time(), grant="g", source="built-in", store="file"
)
DISCOVERED = replace(ACME, provider=NAME, source=URL, issuer=ISSUER)
UNTOLD = (
    "ACME_CLIENT_ID is set here and did not come along: whoever refreshes acme/ada needs it. "
    "`gumauth setup acme --from-env` keeps it beside the account."
)


def context(folder: Path, name: str, **more: str) -> Context:
    place = folder / name
    place.mkdir()
    return Context(environment(place, **more))


@pytest.fixture
def source(tmp_path: Path) -> Context:
    return context(tmp_path, "source")


@pytest.fixture
def target(tmp_path: Path) -> Context:
    return context(tmp_path, "target")


def service(url: str = URL, token_url: str = f"{ISSUER}/token", name: str = NAME) -> Service:
    return Service(name=name, url=url, issuer=ISSUER, token_url=token_url)


def client(name: str) -> RegisteredClient:
    return RegisteredClient(client_id=name, registered_at=1.0, redirect_uris=(), grant_types=("authorization_code",))


@pytest.mark.parametrize("is_set", [True, False])
def test_a_variable_that_stays_behind_is_told_where_it_is_set(tmp_path: Path, target: Context, is_set: bool) -> None:
    given = {"ACME_CLIENT_ID": "an-id", "ACME_CLIENT_SECRET": "a-secret"} if is_set else {}
    assert bring(context(tmp_path, "source", **given), target, ACME, RECORD) == ([UNTOLD] if is_set else [])


def test_of_a_key_nothing_comes_along_and_nothing_is_told(tmp_path: Path, target: Context) -> None:
    source = context(tmp_path, "source", ACME_CLIENT_ID="an-id", ACME_CLIENT_SECRET="a-secret")
    credentials.save(source, "acme", "registered", None)
    assert bring(source, target, replace(ACME, fields=("api_key",)), RECORD) == []
    assert credentials.note_of(target, "acme") is None


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_variable_beside_a_kept_client_is_not_missed(tmp_path: Path, target: Context, where: str) -> None:
    source = context(tmp_path, "source", ACME_CLIENT_ID="an-id", ACME_CLIENT_SECRET="a-secret")
    credentials.save(source if where == "here" else target, "acme", "registered", "kept")
    assert bring(source, target, ACME, RECORD) == []
    found = credentials.stored(target, "acme")
    assert found is not None
    assert (found.client_id, found.client_secret) == ("registered", "kept")


def test_a_kept_client_comes_with_its_file_and_issuer(source: Context, target: Context) -> None:
    credentials.save(source, NAME, "registered", "kept", file="/own/acme.py", issuer=ISSUER)
    assert bring(source, target, DISCOVERED, RECORD) == []
    note = credentials.note_of(target, NAME)
    assert note is not None
    assert (note.file, note.issuer) == ("/own/acme.py", ISSUER)
    found = credentials.stored(target, NAME, issuer=ISSUER)
    assert found is not None
    assert (found.client_id, found.client_secret) == ("registered", "kept")
    assert bring(source, target, DISCOVERED, RECORD) == []


def test_a_variable_is_not_missed_of_an_issuer_whose_client_is_kept_there(tmp_path: Path, target: Context) -> None:
    given = {"MCP_EXAMPLE_COM_CLIENT_ID": "an-id", "MCP_EXAMPLE_COM_CLIENT_SECRET": "a-secret"}
    source = context(tmp_path, "source", **given)
    assert [each.partition(" is set")[0] for each in bring(source, target, DISCOVERED, RECORD)] == [*given][:1]
    credentials.save(target, NAME, "other", "kept", issuer=ISSUER)
    assert bring(source, target, DISCOVERED, RECORD) == []


def test_a_variable_is_not_missed_beside_a_registered_client(tmp_path: Path, target: Context) -> None:
    source = context(tmp_path, "source", MCP_EXAMPLE_COM_CLIENT_ID="an-id", MCP_EXAMPLE_COM_CLIENT_SECRET="a-secret")
    RegisteredClients(source, ISSUER).add(client("registered"))
    assert bring(source, target, DISCOVERED, RECORD) == []
    assert RegisteredClients(target, ISSUER).all() == (client("registered"),)


def test_what_is_kept_for_a_host_comes_along_for_that_host(source: Context, target: Context) -> None:
    place = "gitlab --host git.example.com"
    account = replace(ACME, provider="gitlab", source=place)
    for _ in range(2):
        credentials.save(source, "gitlab", "registered", "kept", issuer=place)
        assert bring(source, target, account, RECORD) == []
        note = credentials.note_of(target, "gitlab")
        assert note is not None
        assert note.issuer == place


def test_what_is_kept_there_of_the_same_client_stays(source: Context, target: Context) -> None:
    credentials.save(source, "acme", "registered", "older")
    credentials.save(target, "acme", "registered", "newer")
    assert bring(source, target, ACME, RECORD) == []
    found = credentials.stored(target, "acme")
    assert found is not None
    assert found.client_secret == "newer"


def test_a_kept_client_whose_secret_is_gone_from_the_store_does_not_come_along(
    source: Context, target: Context
) -> None:
    credentials.save(source, "acme", "registered", "kept")
    note = credentials.note_of(source, "acme")
    assert note is not None
    source.store(note.store).delete("client/acme")
    assert credentials.stored(source, "acme") is None
    assert bring(source, target, ACME, RECORD) == []
    assert credentials.note_of(target, "acme") is None


@pytest.mark.parametrize("client_id", [None, "another"])
def test_a_client_that_the_tokens_are_not_for_is_not_copied(
    source: Context, target: Context, client_id: str | None
) -> None:
    RegisteredClients(source, ISSUER).add(client("registered"))
    credentials.save(source, "acme", "registered", None)
    assert bring(source, target, DISCOVERED, replace(RECORD, client_id=client_id)) == []
    assert RegisteredClients(target, ISSUER).all() == ()
    assert bring(source, target, ACME, replace(RECORD, client_id="another")) == []
    assert credentials.note_of(target, "acme") is None


def test_a_kept_client_comes_along_where_the_record_does_not_say_what_client_it_is_for(
    source: Context, target: Context
) -> None:
    credentials.save(source, "acme", "kept", None)
    assert bring(source, target, ACME, replace(RECORD, client_id=None)) == []
    found = credentials.stored(target, "acme")
    assert found is not None
    assert found.client_id == "kept"


def test_clients_that_are_registered_there_stay_beside_the_one_that_comes(source: Context, target: Context) -> None:
    RegisteredClients(source, ISSUER).add(client("registered"))
    RegisteredClients(target, ISSUER).add(client("other"))
    for _ in range(2):
        assert bring(source, target, DISCOVERED, RECORD) == []
        assert {each.client_id for each in RegisteredClients(target, ISSUER).all()} == {"registered", "other"}


def test_a_service_comes_along_and_one_that_is_there_stays_as_it_is(source: Context, target: Context) -> None:
    services.write(source, service())
    assert bring(source, target, DISCOVERED, RECORD) == []
    assert services.read(target, NAME) == service()
    services.write(source, service(token_url=f"{ISSUER}/other"))
    assert bring(source, target, DISCOVERED, RECORD) == []
    assert services.read(target, NAME) == service()


def test_a_service_that_is_not_known_here_writes_nothing_there(source: Context, target: Context) -> None:
    assert bring(source, target, DISCOVERED, RECORD) == []
    assert services.read(target, NAME) is None


def test_another_service_of_that_name_is_told_with_its_address(source: Context, target: Context) -> None:
    services.write(source, service())
    services.write(target, service(url="https://mcp.example.com/2"))
    with pytest.raises(AccountConflict) as caught:
        bring(source, target, DISCOVERED, RECORD)
    assert caught.value.message == f"{NAME} is https://mcp.example.com/2 where {NAME}/ada is to be moved."
    assert caught.value.hint == "Connect it there under another name: `gumauth connect URL --name NAME`."


def test_of_a_provider_that_is_no_address_no_service_comes_along(source: Context, target: Context) -> None:
    services.write(source, service(name="acme"))
    assert bring(source, target, ACME, RECORD) == []
    assert services.read(target, "acme") is None


def test_another_kept_client_is_told_and_stays(source: Context, target: Context) -> None:
    credentials.save(source, "acme", "registered", None)
    credentials.save(target, "acme", "another", None)
    with pytest.raises(AccountConflict) as caught:
        bring(source, target, ACME, RECORD)
    assert caught.value.message == (
        "Another client of acme is kept where acme/ada is to be moved, and it could not be refreshed with that."
    )
    assert caught.value.hint == "Connect it there anew: `gumauth connect acme`."


@pytest.mark.parametrize(("others", "is_there"), [([], False), ([("api_key",)], False), ([("api_key",), None], True)])
def test_a_service_is_forgotten_with_its_last_account(
    source: Context, others: list[tuple[str, ...] | None], is_there: bool
) -> None:
    services.write(source, service())
    for number, fields in enumerate(others):
        save(source, replace(DISCOVERED, id=f"{number:016}", nickname=f"n{number}", fields=fields))
    leave(source, DISCOVERED)
    assert (services.read(source, NAME) is not None) is is_there


def test_the_service_of_a_name_stays_where_the_account_is_of_no_address(source: Context) -> None:
    services.write(source, service(name="acme"))
    leave(source, ACME)
    assert services.read(source, "acme") == service(name="acme")
