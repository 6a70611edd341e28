"""Connects to servers that register gumauth, from the address to the account, as the promises about clients say."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client import credentials
from gumauth.client.connect.connect import Connected
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.retries import connect_as_needed
from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.client.discovery.find import USUAL, Wishes, find
from gumauth.client.discovery.resolve import resolved
from gumauth.client.discovery.service_client import ServiceClient
from gumauth.client.refresh.refresh import refresh
from gumauth.client.registered_clients import RegisteredClients
from gumauth.client.token import token
from gumauth.errors import CallbackTimeout, MissingCredentials, ReconnectNeeded, RegistrationError, Temporary
from gumauth.oauth2.discovery.document import client_document
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, Fault
from tests.callback.test_port_lock import free_port
from tests.client.world import Clock, Walker
from tests.store.memory import MemoryStore


class Person(Walker):
    """Consents at the server; or does not come back."""

    def __init__(self, server: AuthorizationServer, *, comes_back: bool = True) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.server, self.comes_back = server, comes_back

    def _go(self, url: str) -> None:
        from gumauth.testing import deliver

        if self.comes_back:
            deliver(self.server.follow(url))


class Place:
    """A server that registers clients, a resource of it, and a folder and store of gumauth."""

    def __init__(self, server: AuthorizationServer, folder: Path, clock: Clock) -> None:
        self.server, self.folder, self.clock, self.store = server, folder, clock, MemoryStore()
        self.url = server.resource_url
        self.environ: dict[str, str] = {}
        self.person, self.port = Person(server), free_port()

    @property
    def context(self) -> Context:
        return Context({**self.environ, "GUMAUTH_HOME": str(self.folder)}, clock=self.clock, store=self.store)

    @property
    def kept(self) -> RegisteredClients:
        return RegisteredClients(self.context, self.server.issuer)

    def connect(
        self, *, person: Person | None = None, register: bool = False, wishes: Wishes = USUAL, timeout: float = 20.0
    ) -> Connected:
        self.clock.move(1)
        context, self.person = self.context, person or Person(self.server)
        service, port = find(context, self.url, wishes).service, None if self.kept.all() else self.port
        services.write(context, service)
        client = ServiceClient(context, service, register=register, say=self.person.say)
        request = ConnectRequest(resolved=resolved(service), client=client, timeout=timeout, port=port)
        try:
            return asyncio.run(connect_as_needed(context, request, self.person))
        finally:
            self.person.rest()

    def client(self) -> RegisteredClient:
        """The client that was registered last."""
        return self.kept.all()[0]

    def registrations(self) -> int:
        return self.server.count("register")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    clock = Clock()
    with AuthorizationServer(clock=clock) as server:
        yield Place(server, tmp_path / "home", clock)


@pytest.mark.requirement("D7", "M18", "M19", "M20", "M28")
def test_two_connects_use_one_client_and_its_port(place: Place) -> None:
    place.connect()
    first = place.client()
    place.connect()
    assert place.registrations() == 1
    assert place.client().client_id == first.client_id
    assert place.client().worked_at == place.clock()
    assert {uri.rpartition(":")[2] for uri in first.redirect_uris} == {f"{place.port}/callback"}


@pytest.fixture
def taken(place: Place) -> Iterator[int]:
    """The port of the kept client, held by somebody else."""
    place.connect()
    with socket.create_server(("127.0.0.1", place.port)):
        yield place.port


@pytest.mark.requirement("M20")
def test_where_the_registered_port_is_taken_a_client_is_registered_for_another(place: Place, taken: int) -> None:
    place.connect()
    assert place.registrations() == 2
    assert f":{taken}/" not in place.client().redirect_uris[0]


@pytest.mark.requirement("M22")
def test_the_redirect_uri_that_is_sent_is_ours_whatever_the_server_echoes(place: Place) -> None:
    place.server.registration.overrides = {"redirect_uris": ["http://127.0.0.1:1/elsewhere"]}
    assert place.connect().account.state == "ok"


@pytest.mark.requirement("M23")
def test_a_client_whose_secret_has_expired_is_replaced_before_the_browser_opens(place: Place) -> None:
    place.server.registration.auth_method, place.server.registration.secret_lifetime = "client_secret_post", 3600
    place.connect()
    place.clock.move(7200)
    place.connect()
    assert place.registrations() == 2
    assert len(place.person.urls) == 1


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("managed", [True, False])
def test_a_client_that_the_server_has_forgotten_is_replaced_before_the_browser_opens(
    place: Place, managed: bool
) -> None:
    place.server.registration.management = managed
    place.connect()
    place.server.forget_clients()
    place.connect()
    assert (place.registrations(), len(place.person.urls)) == (2, 1)


@pytest.mark.requirement("M24")
def test_invalid_client_for_a_code_registers_another_client_once_and_asks_for_consent_once(place: Place) -> None:
    place.server.misbehave("token", Fault.status(401, b'{"error": "invalid_client"}'))
    assert place.connect().account.state == "ok"
    assert (place.registrations(), len(place.person.urls)) == (2, 2)


@pytest.mark.requirement("M26")
def test_a_server_that_misses_the_client_id_beside_basic_gets_a_client_that_sends_it_in_the_body(place: Place) -> None:
    listed = ["client_secret_basic", "client_secret_post"]
    place.server.metadata_overrides["token_endpoint_auth_methods_supported"] = listed
    body = b'{"error": "unauthorized_client", "error_description": "Missing client_id"}'
    place.server.misbehave("token", Fault.status(401, body))
    assert place.connect().account.state == "ok"
    assert (place.registrations(), place.client().auth_method) == (2, "body")


@pytest.mark.requirement("M28")
def test_a_server_that_cannot_register_now_is_temporary_and_the_next_connect_goes_on(place: Place) -> None:
    place.server.misbehave("register", Fault.status(429, retry_after=7))
    with pytest.raises(Temporary) as caught:
        place.connect()
    assert (caught.value.retry_after, place.person.urls) == (7.0, [])
    assert place.connect().account.state == "ok"


@pytest.mark.requirement("M19")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_that_takes_one_spelling_of_this_machine_is_connected_with_that(place: Place, host: str) -> None:
    place.server.registration.redirect_hosts = (host,)
    assert place.connect().account.state == "ok"
    assert place.client().redirect_uris == (f"http://{host}:{place.port}/callback",)


@pytest.mark.requirement("M15", "M17")
def test_a_server_that_registers_only_whom_it_knows_is_told_with_what_to_do(place: Place) -> None:
    place.server.registration.allowed_names = ("Somebody Else",)
    with pytest.raises(RegistrationError, match="registers only clients on its own allow-list") as caught:
        place.connect()
    assert "`gumauth setup`" in (caught.value.hint or "")
    assert place.person.urls == []


@pytest.mark.requirement("M29")
def test_a_client_that_was_prepared_for_another_issuer_is_not_used(place: Place) -> None:
    service = find(place.context, place.url).service
    credentials.save(place.context, service.name, "an-id", "hidden", issuer="https://other.example")
    with pytest.raises(MissingCredentials, match=r"belongs to https://other\.example"):
        place.connect()
    assert place.registrations() == 0


@pytest.mark.requirement("M25")
def test_after_a_connect_from_which_nobody_came_back_an_older_client_is_replaced(place: Place) -> None:
    place.connect()
    with pytest.raises(CallbackTimeout):
        place.connect(person=Person(place.server, comes_back=False), timeout=0.5)
    place.connect()
    assert place.registrations() == 2


@pytest.mark.requirement("M41")
def test_a_refresh_uses_the_client_of_its_account_whatever_was_registered_since(place: Place) -> None:
    place.server.registration.auth_method = "client_secret_basic"
    place.connect()
    before = place.client().client_id
    place.clock.move(1)
    place.connect(register=True, wishes=replace(USUAL, name="other"))
    assert place.client().client_id != before
    first = min(place.context.accounts.all(), key=lambda account: account.connected_at)
    (done,) = refresh(place.context, [first.label])
    assert done.refreshed


@pytest.mark.requirement("M24")
def test_a_refresh_of_a_forgotten_client_says_connect_again_and_the_connect_registers_anew(place: Place) -> None:
    account = place.connect().account
    place.server.forget_clients()
    place.clock.move(7200)
    with pytest.raises(ReconnectNeeded):
        token(place.context, account.label)
    place.connect()
    assert place.registrations() == 2


@pytest.mark.requirement("M30")
def test_a_server_without_refresh_tokens_is_not_asked_for_them(place: Place) -> None:
    place.server.refresh_tokens = False
    place.connect()
    assert place.client().grant_types == ("authorization_code",)


@pytest.mark.requirement("M16", "M41")
def test_an_account_of_a_client_metadata_document_is_refreshed_also_where_the_variable_is_gone(place: Place) -> None:
    document = "https://project.example/oauth/client.json"
    place.server.client_documents_supported = True
    place.server.client_documents[document] = client_document(document)
    place.environ["GUMAUTH_CLIENT_METADATA_URL"] = document
    account = place.connect().account
    del place.environ["GUMAUTH_CLIENT_METADATA_URL"]
    (done,) = refresh(place.context, [account.label])
    assert (done.refreshed, place.registrations()) == (True, 0)
    assert place.context.accounts.read(done.account).client_id == document
