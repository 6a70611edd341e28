"""What one connect of a discovered service may not do to others, to the accounts that are there, and to Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable

import pytest

from gumauth.cli.commands.connect_discovered import asked_again, remembered
from gumauth.cli.provider_argument import Wanted
from gumauth.client.connect.connect_request import ConnectRequest
from gumauth.client.connect.retries import connect_as_needed
from gumauth.client.discovery import renewal, services
from gumauth.client.discovery.find import Wishes, find
from gumauth.client.discovery.resolve import resolved
from gumauth.client.discovery.service_client import ServiceClient
from gumauth.client.lookup import look_up
from gumauth.client.registered_clients import RegisteredClients
from gumauth.client.revoke import disconnect, revoke
from gumauth.errors import DiscoveryError, NetworkError, TokenEndpointError, UsageError
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer, Fault
from gumauth.testing.messages import Response
from tests.client.discovery.found_world import FoundWorld, Visitor


class Leaving(Visitor):
    """A person who presses Ctrl-C as soon as the page is shown, after something has happened."""

    def __init__(self, world: FoundWorld, first: Callable[[], None]) -> None:
        super().__init__(world)
        self._first = first

    def open_url(self, url: str) -> None:
        self._first()
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().call_soon(task.cancel)

    async def pasted(self) -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""  # pragma: no cover


@pytest.mark.requirement("C10")
def test_ctrl_c_does_not_wait_for_the_lock_of_the_issuer(found: FoundWorld) -> None:
    found.connect()
    found.clock.move(10)
    lock = RegisteredClients(found.new_context(), found.server.issuer).locked()
    person = Leaving(found, lambda: (lock.__enter__(), None)[1])
    context = found.new_context()
    service = find(context, found.server.resource_url).service
    client = ServiceClient(context, service, say=person.say)
    request = ConnectRequest(resolved=resolved(service), client=client, timeout=30)
    began = time.monotonic()
    try:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(connect_as_needed(context, request, person))
        assert time.monotonic() - began < 10
    finally:
        lock.__exit__(None, None, None)
    assert found.kept()[0].doubtful_since is None


@pytest.mark.requirement("I2")
def test_a_connect_that_fails_changes_nothing_of_the_other_accounts(found: FoundWorld) -> None:
    found.connect()
    before, context = found.service(), found.new_context()
    assert before is not None
    found.clock.move(10)
    other = find(context, found.server.resource_url, Wishes(no_resource=True, redirect_host="localhost")).service
    assert (before.resource, other.resource) == (found.server.resource_url, None)
    with pytest.raises(TimeoutError), remembered(context, resolved(other)):
        assert services.read(context, other.name) == other
        raise TimeoutError
    assert services.read(context, other.name) == before


def test_a_connect_that_fails_leaves_what_another_process_has_written_meanwhile(found: FoundWorld) -> None:
    found.connect()
    context = found.new_context()
    found.clock.move(10)
    other = find(context, found.server.resource_url).service
    found.clock.move(10)
    newer = find(context, found.server.resource_url).service
    with pytest.raises(TimeoutError), remembered(context, resolved(other)):
        services.write(context, newer)
        raise TimeoutError
    assert services.read(context, other.name) == newer


@pytest.mark.requirement("D9")
def test_a_first_connect_is_remembered_although_another_one_has_failed_meanwhile(found: FoundWorld) -> None:
    class Meanwhile(Visitor):
        def open_url(self, url: str) -> None:
            context = found.new_context()
            service = find(context, found.server.resource_url).service
            with pytest.raises(TimeoutError), remembered(context, resolved(service)):
                raise TimeoutError
            assert services.read(context, service.name) is None
            super().open_url(url)

    found.connect(Meanwhile(found))
    service = found.service()
    assert service is not None
    assert (service.issuer, service.url) == (found.server.issuer, found.server.resource_url)
    assert os.listdir(os.path.join(found.new_context().home.data, "services")) == [f"{found.name}.json"]


def test_an_account_is_found_by_its_address_in_any_case(found: FoundWorld) -> None:
    found.connect()
    typed = found.server.resource_url.replace("http://", "HTTP://")
    assert look_up(found.new_context(), typed).source == found.server.resource_url


@pytest.mark.requirement("D9", "F12", "M29")
def test_a_resource_that_names_another_issuer_gets_no_token_sent_there_although_its_file_was_lost(
    found: FoundWorld,
) -> None:
    with AuthorizationServer(clock=found.clock) as honest, AuthorizationServer(clock=found.clock) as evil:
        found.server.trust(honest)
        found.connect()
        evil.metadata_overrides = {"token_endpoint": f"{honest.url}/token"}
        found.server.trust(evil)
        services.forget(found.context, found.name)
        found.refreshed()
        service = found.service()
        assert service is not None
        assert service.issuer == honest.issuer
        services.forget(found.context, found.name)
        with pytest.raises(DiscoveryError) as failed:
            found.connect()
        assert (honest.issuer in failed.value.message, evil.issuer in failed.value.message) == (True, True)
        services.write(found.context, replace(service, issuer=evil.issuer, revoke_url=f"{evil.url}/revoke"))
        outcome = revoke(found.new_context(), found.account())
        assert (outcome.revoked, type(outcome.error)) == (False, DiscoveryError)
        assert [event.kind for event in evil.log if event.kind in ("token", "refresh", "revoke", "userinfo")] == []


def test_a_page_of_another_origin_than_the_issuers_is_shown(found: FoundWorld) -> None:
    with AuthorizationServer(clock=found.clock) as other:
        page = f"{other.url}/authorize"
        service = replace(find(found.context, found.server.resource_url).service, authorize_url=page)
        client = ServiceClient(found.context, service, say=found.notices.append)
        assert ("Sign-in at", page) in client.details()


def test_the_last_account_takes_what_was_found_with_it_and_an_earlier_one_does_not(found: FoundWorld) -> None:
    found.connect()
    found.connect(alias="work")
    disconnect(found.new_context(), found.account(f"{found.name}/work"))
    assert found.service() is not None
    disconnect(found.new_context(), found.account())
    assert found.service() is None
    assert found.kept()
    found.connect()
    assert len(found.events("register")) == 1


class Asked(Visitor):
    """Somebody who presses Enter at every question."""

    attended = True

    def __init__(self, world: FoundWorld) -> None:
        super().__init__(world)
        self.questions: list[tuple[str, bool]] = []

    async def agree(self, question: str, *, usually: bool) -> bool:
        self.questions.append((question, usually))
        return usually


@pytest.mark.requirement("I2")
def test_enter_takes_the_one_account_of_a_resource_for_the_same_and_not_one_of_two(found: FoundWorld) -> None:
    found.connect()
    found.connect(person := Asked(found))
    assert [usually for _, usually in person.questions] == [True]
    assert len(found.accounts()) == 1
    found.connect(alias="work")
    found.connect(person := Asked(found))
    assert [usually for _, usually in person.questions] == [False]
    assert len(found.accounts()) == 3


@pytest.mark.requirement("Y6")
def test_a_file_of_a_newer_gumauth_is_in_the_way_of_no_other_address(found: FoundWorld) -> None:
    found.connect()
    service = found.service()
    assert service is not None
    path = os.path.join(found.context.home.data, "services", "a.example.json")
    with open(path, "wb") as file:
        file.write(b'{"version": 99}\n')
    assert services.named_by(found.context, found.server.resource_url) == service


@pytest.mark.requirement("D5", "D9")
def test_metadata_that_are_read_again_leave_what_a_connect_has_remembered_meanwhile(found: FoundWorld) -> None:
    found.connect()
    service = found.service()
    assert service is not None
    without = replace(service, resource=None, redirect_host="localhost")

    def answer(response: Response) -> Response:
        services.write(found.context, without)
        return response

    found.clock.move(renewal.DAY + 1)
    found.server.misbehave("server_metadata", Fault("a connect meanwhile", answer))
    renewed = renewal.renewed(found.new_context(), resolved(service)).traits.discovered
    assert renewed == replace(without, discovered_at=found.clock.now) == found.service()


@pytest.mark.requirement("D3", "Y8")
def test_a_server_that_drips_is_not_waited_for_without_end(found: FoundWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gumauth.client.discovery.find.PATIENCE", 0.2)
    found.server.misbehave("server_metadata", Fault.slow(2))
    with pytest.raises(NetworkError, match=r"within 0\.2 seconds"):
        find(found.context, found.server.resource_url)


def test_a_service_that_has_a_name_is_not_given_another_unsaid(found: FoundWorld) -> None:
    found.connect()
    service = found.service()
    assert service is not None
    wanted = Wanted(resolved=resolved(service), account=None, alias=None)
    with pytest.raises(UsageError) as failed:
        asked_again(found.new_context(), wanted, Wishes(name="other"), found.notices.append)
    assert failed.value.hint == f"Run `gumauth connect {found.server.resource_url} --name other`."
    again = asked_again(found.new_context(), wanted, Wishes(name=found.name), found.notices.append)
    assert again.resolved.name == found.name


@pytest.mark.requirement("R3", "M24")
def test_a_refresh_does_not_wait_for_a_connect_that_registers_a_client(
    found: FoundWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    found.connect()
    found.server.forget_clients()
    found.clock.move(4000)
    monkeypatch.setattr(renewal, "SECONDS", 0.1)
    began = time.monotonic()
    with RegisteredClients(found.new_context(), found.server.issuer).locked(), pytest.raises(TokenEndpointError):
        found.token()
    assert time.monotonic() - began < 10
    assert len(found.kept()) == 1
