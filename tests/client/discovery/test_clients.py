"""The client of a discovered service, from its registration to the day on which the server has forgotten it."""

from __future__ import annotations

import secrets
import socket
from urllib.parse import urlsplit

import pytest

from gumauth.client import credentials
from gumauth.client.discovery import service_client
from gumauth.client.discovery.find import Wishes
from gumauth.errors import CallbackTimeout, MissingCredentials, RegistrationError, Temporary, TokenEndpointError
from gumauth.oauth2.discovery.document import REDIRECT_URIS, client_document
from gumauth.testing import AuthorizationServer, Client, Fault
from tests.client.discovery.found_world import FoundWorld, Visitor, free_port

DOCUMENT = "https://gumauth.example/oauth/client.json"


def uris(port: int, *hosts: str) -> list[str]:
    return [f"http://{host}:{port}/callback" for host in hosts or ("127.0.0.1", "localhost")]


@pytest.mark.requirement("D7", "M18", "M19", "M28")
def test_one_native_client_is_registered_for_both_hosts_and_used_by_every_later_connect(
    found: FoundWorld, usual_port: int
) -> None:
    first, second = Visitor(found), Visitor(found)
    found.connect(first)
    found.clock.move(1)
    found.connect(second)
    (registered,) = found.events("register")
    assert registered.details["redirect_uris"] == tuple(uris(usual_port))
    assert first.client_ids == second.client_ids == [registered.client_id]
    assert first.said == ["127.0.0.1 has registered gumauth as a client."]
    assert first.said[0] not in second.said
    assert dict(second.details)["Client"] == f"{registered.client_id} (registered before)"


@pytest.mark.requirement("M19")
def test_the_host_of_the_redirect_uri_can_be_chosen_and_is_remembered(found: FoundWorld, usual_port: int) -> None:
    first, second = Visitor(found), Visitor(found)
    found.connect(first, wishes=Wishes(redirect_host="localhost"))
    found.connect(second)
    chosen = uris(usual_port, "localhost")[0]
    assert [each["redirect_uri"] for each in [*first.sent(), *second.sent()]] == [chosen, chosen]


@pytest.mark.requirement("M20")
def test_the_port_that_was_registered_is_bound_again(found: FoundWorld) -> None:
    port = free_port()
    found.connect(port=port)
    person = Visitor(found)
    found.connect(person)
    assert [each["redirect_uri"] for each in person.sent()] == uris(port, "127.0.0.1")
    assert len(found.events("register")) == 1


@pytest.mark.requirement("D7", "M24")
def test_a_client_that_is_unknown_when_the_code_is_exchanged_is_replaced_once_with_one_more_consent(
    found: FoundWorld,
) -> None:
    found.server.misbehave("token", Fault.error("invalid_client", status=401))
    person = Visitor(found)
    connected = found.connect(person)
    registered = [event.client_id for event in found.events("register")]
    assert (len(registered), person.client_ids) == (2, registered)
    assert [client.client_id for client in found.kept()] == [registered[1]]
    assert "The strict resource does not know its client any more; another one is registered." in person.said
    assert found.accounts() == [connected.account.label]


@pytest.mark.requirement("D7", "M24")
def test_a_second_unknown_client_ends_the_connect(found: FoundWorld) -> None:
    found.server.misbehave("token", Fault.error("invalid_client", status=401), times=None)
    person = Visitor(found)
    with pytest.raises(TokenEndpointError, match="invalid_client"):
        found.connect(person)
    assert (len(person.urls), len(found.events("register")), found.accounts()) == (2, 2, [])


@pytest.mark.requirement("M24")
def test_invalid_client_metadata_is_another_thing_and_registers_nothing_anew(found: FoundWorld) -> None:
    found.server.misbehave("token", Fault.error("invalid_client_metadata"))
    person = Visitor(found)
    with pytest.raises(TokenEndpointError):
        found.connect(person)
    assert (len(person.urls), len(found.events("register"))) == (1, 1)


def prepare(found: FoundWorld) -> str:
    """A client that a person has registered and entered with `gumauth setup`; gives its id."""
    secret = secrets.token_urlsafe(16)
    client = Client("prepared", secret=secret, redirect_uris=("http://127.0.0.1/callback",), any_port=True)
    found.server.register(client)
    credentials.save(found.context, found.name, "prepared", secret, issuer=found.server.issuer)
    return "prepared"


@pytest.mark.requirement("M24", "M28")
def test_a_prepared_client_is_used_and_never_replaced(found: FoundWorld) -> None:
    prepare(found)
    person = Visitor(found)
    found.connect(person)
    found.server.misbehave("token", Fault.error("invalid_client", status=401))
    with pytest.raises(TokenEndpointError, match="invalid_client") as failed:
        found.connect(person)
    assert (person.client_ids, found.events("register")) == (["prepared", "prepared"], [])
    assert "gumauth setup" in (failed.value.hint or "")
    assert credentials.find(found.context, found.name, issuer=found.server.issuer) is not None


@pytest.mark.requirement("M29")
def test_the_clients_of_one_issuer_are_not_used_at_another(found: FoundWorld) -> None:
    found.connect()
    mine = found.kept()[0].client_id
    with AuthorizationServer(clock=found.clock) as other:
        person = Visitor(found)
        found.connect(person, url=other.resource_url, wishes=Wishes(name="other"))
        assert mine not in person.client_ids
        assert other.count("register") == 1


@pytest.mark.requirement("M25")
def test_a_client_that_only_the_page_knows_to_be_dead_is_replaced_at_the_next_connect(found: FoundWorld) -> None:
    found.server.registration.management = False
    found.connect()
    found.clock.move(1)
    found.server.forget_clients()
    found.server.misbehave("refresh", Fault.error("invalid_grant"), times=None)  # it does not say so
    person = Visitor(found)
    with pytest.raises(CallbackTimeout) as failed:
        found.connect(person, timeout=0.3)
    assert (len(person.refused), len(found.events("register"))) == (1, 1)
    assert "another one is registered then" in (failed.value.hint or "")
    later = Visitor(found)
    assert found.connect(later, timeout=5).account.state == "ok"
    assert later.client_ids == [found.events("register")[1].client_id]


@pytest.mark.requirement("M25")
def test_register_is_named_where_the_page_refuses_a_document(found: FoundWorld) -> None:
    publish(found)
    found.server.client_documents_refused = True
    person = Visitor(found)
    with pytest.raises(CallbackTimeout) as failed:
        found.connect(person, timeout=0.3)
    assert "If its page refuses the client, connect again with --register." in (failed.value.hint or "")
    assert person.refused == ["clients of this host are not trusted"]
    again = Visitor(found)
    found.connect(again, register=True)
    assert again.client_ids == [found.events("register")[0].client_id]


@pytest.mark.requirement("D7")
def test_register_replaces_a_client_that_is_good(found: FoundWorld) -> None:
    found.connect()
    person = Visitor(found)
    found.connect(person, register=True)
    assert person.client_ids == [found.events("register")[1].client_id]


@pytest.mark.requirement("M26")
@pytest.mark.parametrize("method", ["none", "client_secret_post", "client_secret_basic"])
def test_the_method_of_the_registration_is_used_and_no_other(found: FoundWorld, method: str) -> None:
    """The server, which lists every method, takes a registered client by its own alone, and refuses two at once."""
    found.server.registration.auth_method = method
    found.server.registration.secret = "always" if method == "none" else "by method"
    found.connect()
    assert found.server.is_active(found.refreshed().access_token)
    assert (len(found.events("refresh")), found.events("refresh", "refused")) == (1, [])


@pytest.mark.requirement("M27")
@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_secret_method_without_a_secret_is_refused_before_anything_is_opened(found: FoundWorld, method: str) -> None:
    found.server.registration.auth_method, found.server.registration.secret = method, "never"
    person = Visitor(found)
    with pytest.raises(RegistrationError, match="secret"):
        found.connect(person)
    assert (person.urls, found.accounts(), found.kept()) == ([], [], [])


@pytest.mark.requirement("M28")
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_cannot_register_now_is_to_be_tried_later_and_loses_nothing(
    found: FoundWorld, status: int
) -> None:
    found.connect()
    before = found.token()
    found.server.misbehave("register", Fault.status(status, retry_after=0.01), times=None)
    person = Visitor(found)
    with pytest.raises(Temporary):
        found.connect(person, register=True)
    assert (person.urls, found.token(), len(found.kept())) == ([], before, 1)


@pytest.mark.requirement("M15")
def test_without_a_registration_it_is_said_what_to_register_and_where(found: FoundWorld, usual_port: int) -> None:
    found.server.registration.enabled = False
    found.server.metadata_overrides = {"service_documentation": "https://acme.example/apps"}
    person = Visitor(found)
    with pytest.raises(MissingCredentials) as failed:
        found.connect(person)
    assert person.urls == []
    assert failed.value.message == "The strict resource does not register clients by itself."
    assert failed.value.hint == (
        f"Register an app there (https://acme.example/apps) with the redirect URI {uris(usual_port)[0]}, then run"
        f" `gumauth setup {found.server.resource_url}`."
    )
    client = prepare(found)
    found.connect(person)
    assert person.client_ids == [client]


def publish(found: FoundWorld, port: int | None = None) -> None:
    """Our client metadata document, as a server has fetched it."""
    published = client_document(DOCUMENT)
    if port is not None:
        published["redirect_uris"] = [uri.replace("4862", str(port)) for uri in published["redirect_uris"]]
    found.environ["GUMAUTH_CLIENT_METADATA_URL"] = DOCUMENT
    found.server.client_documents_supported = True
    found.server.client_documents = {DOCUMENT: published}


@pytest.mark.requirement("M16", "M21")
def test_a_server_that_takes_only_documents_is_connected_on_the_port_of_the_document(
    found: FoundWorld, usual_port: int
) -> None:
    publish(found, usual_port)
    found.server.registration.enabled = False
    found.server.client_documents_ports = "exact"
    person = Visitor(found)
    found.connect(person)
    assert [each["redirect_uri"] for each in person.sent()] == uris(usual_port, "127.0.0.1")
    assert person.client_ids == [DOCUMENT]
    assert ("Client", f"{DOCUMENT} (its client metadata document)") in person.details
    assert found.server.is_active(found.refreshed().access_token)
    assert found.kept() == []


@pytest.mark.requirement("M21")
def test_the_usual_port_is_that_of_the_document() -> None:
    assert {urlsplit(uri).port for uri in REDIRECT_URIS} == {None, service_client.USUAL_PORT}


@pytest.mark.requirement("M16")
def test_a_server_that_takes_only_documents_is_said_to(found: FoundWorld) -> None:
    publish(found)
    del found.environ["GUMAUTH_CLIENT_METADATA_URL"]
    found.server.registration.enabled = False
    with pytest.raises(MissingCredentials) as failed:
        found.connect()
    assert failed.value.hint is not None
    assert failed.value.hint.endswith(" Or set GUMAUTH_CLIENT_METADATA_URL: it takes client metadata documents.")


@pytest.mark.requirement("M16", "M21")
def test_a_document_is_good_with_any_port_where_the_usual_one_is_taken(found: FoundWorld, usual_port: int) -> None:
    publish(found)
    person = Visitor(found)
    with socket.create_server(("127.0.0.1", usual_port)):
        found.connect(person)
    assert person.client_ids == [DOCUMENT]
    assert not found.events("register")


@pytest.mark.requirement("M30")
@pytest.mark.parametrize("value", [None, "", 7, [], {}])
def test_optional_members_of_a_registration_may_be_anything(found: FoundWorld, value: object) -> None:
    names = ("client_name", "grant_types", "redirect_uris", "scope", "application_type", "client_id_issued_at")
    more = ("registration_client_uri", "registration_access_token", "client_secret_expires_at", "response_types")
    found.server.registration.overrides = dict.fromkeys((*names, *more), value)
    assert found.connect().account.state == "ok"
