"""The account of a discovered service in use: refreshed, moved, forgotten, lost, and disconnected."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gumauth.client import credentials
from gumauth.client.discovery.find import Wishes, find
from gumauth.client.revoke import disconnect
from gumauth.errors import DiscoveryError, HomeError, ReconnectNeeded, Temporary, TokenEndpointError, UsageError
from gumauth.oauth2.discovery.document import client_document
from gumauth.testing import AuthorizationServer, Fault
from gumauth.testing.messages import Request, Response, json_response
from tests.client.discovery.found_world import FoundWorld, Visitor
from tests.client.world import Clock

DAY = 86400.0

LACKS_REFRESH_TOKEN = "No refresh token came: when this token ends, the account must be connected again."


class Moving(AuthorizationServer):
    """A strict server whose token endpoint can be moved; nothing is at its former place."""

    token_path = "/token"

    @property
    def token_url(self) -> str:
        return self.url + self.token_path

    def answer(self, request: Request) -> Response:
        if request.path == self.token_path:
            return super().answer(replace(request, target="/token"))
        return json_response({}, status=404) if request.path == "/token" else super().answer(request)


@pytest.fixture
def connected(found: FoundWorld) -> FoundWorld:
    found.connect()
    return found


@pytest.fixture
def moving(tmp_path: Path, usual_port: int) -> Iterator[FoundWorld]:
    """With one account."""
    clock = Clock()
    with Moving(clock=clock) as server:
        world = FoundWorld(server=server, folder=tmp_path, clock=clock)
        world.connect()
        yield world


def move(world: FoundWorld) -> None:
    assert isinstance(world.server, Moving)
    world.server.token_path = "/v2/token"


def file_of(world: FoundWorld) -> Path:
    return Path(world.context.home.data, "services", f"{world.name}.json")


@pytest.mark.requirement("D9")
def test_a_token_endpoint_that_has_moved_is_followed_at_once_and_remembered(moving: FoundWorld) -> None:
    move(moving)
    assert moving.server.is_active(moving.refreshed().access_token)
    service = moving.service()
    assert service is not None
    assert (service.token_url, service.former_token_urls) == (
        f"{moving.server.url}/v2/token",
        (f"{moving.server.url}/token",),
    )
    moving.refreshed()
    assert len(moving.events("refresh")) == 2


@pytest.mark.requirement("D9")
def test_metadata_that_are_older_than_a_day_are_read_again_before_the_refresh(moving: FoundWorld) -> None:
    reads = len(moving.events("server_metadata"))
    moving.refreshed()
    assert len(moving.events("server_metadata")) == reads
    move(moving)
    moving.clock.move(DAY)
    moving.token()
    assert len(moving.events("server_metadata")) == reads + 1
    assert len(moving.events("refresh")) == 2


@pytest.mark.requirement("D9")
@pytest.mark.parametrize("issuer", ["https://elsewhere.example", None, ""])
def test_metadata_of_another_issuer_move_nothing(moving: FoundWorld, issuer: str | None) -> None:
    before = moving.service()
    move(moving)
    moving.server.metadata_overrides = {"issuer": issuer}
    moving.clock.move(3601)
    with pytest.raises((TokenEndpointError, Temporary)):
        moving.token()
    now = moving.service()
    assert before is not None
    assert now is not None
    assert (now.token_url, now.former_token_urls) == (before.token_url, ())
    assert moving.account().state == "ok"
    moving.server.metadata_overrides = {}
    moving.clock.move(DAY)
    assert moving.server.is_active(moving.token().access_token)


@pytest.mark.requirement("D9")
def test_a_redirect_of_the_token_endpoint_moves_nothing(connected: FoundWorld) -> None:
    with AuthorizationServer(clock=connected.clock) as other:
        connected.server.misbehave("refresh", Fault.redirect(other.token_url), times=None)
        connected.clock.move(3601)
        with pytest.raises((TokenEndpointError, Temporary)):
            connected.token()
        assert other.log == []
    connected.server.behave()
    connected.clock.move(DAY)
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("D9")
def test_an_endpoint_without_tls_is_not_moved_to(connected: FoundWorld) -> None:
    connected.server.metadata_overrides = {"token_endpoint": "http://elsewhere.example/token"}
    connected.clock.move(DAY)
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("D2", "D9", "M29")
def test_a_resource_that_names_another_issuer_now_is_not_connected_and_the_account_stays(
    connected: FoundWorld,
) -> None:
    with AuthorizationServer(clock=connected.clock) as other:
        connected.server.trust(other)
        person = Visitor(connected)
        with pytest.raises(DiscoveryError) as failed:
            connected.connect(person)
        assert failed.value.message.startswith(
            f"The issuer of {connected.name} was {connected.server.issuer}, and is {other.issuer} now;"
        )
        assert connected.account().label in (failed.value.hint or "")
        assert person.urls == []
        assert connected.server.is_active(connected.refreshed().access_token)  # by the issuer of before
        assert other.count("token") + other.count("refresh") == 0


@pytest.mark.requirement("M38")
def test_a_refresh_without_a_refresh_token_keeps_the_one_of_before(connected: FoundWorld) -> None:
    connected.server.misbehave("refresh", Fault.without("refresh_token"))
    before = connected.token()
    after = connected.refreshed()
    assert (after.access_token != before.access_token, after.refresh_token) == (True, before.refresh_token)


@pytest.mark.requirement("M39")
def test_the_token_is_refreshed_before_it_expires(connected: FoundWorld) -> None:
    before = connected.token()
    connected.clock.move(3590)
    assert connected.server.is_active(before.access_token)
    assert connected.token().access_token != before.access_token


@pytest.mark.requirement("M40")
def test_one_refresh_is_made_for_many_who_ask_at_once_and_nobody_deletes(connected: FoundWorld) -> None:
    connected.server.misbehave("refresh", Fault.slow(0.3))
    connected.clock.move(3590)
    got: list[str] = []
    asking = [threading.Thread(target=lambda: got.append(connected.token().access_token)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(20)
    assert (len(got), len(set(got)), connected.server.is_active(got[0])) == (8, 1, True)
    assert len(connected.events("refresh")) + len(connected.events("refresh", "refused")) == 1
    assert connected.account().state == "ok"


@pytest.mark.requirement("M41")
@pytest.mark.parametrize("method", ["none", "client_secret_post", "client_secret_basic"])
def test_an_older_account_is_refreshed_by_its_own_client_whatever_was_registered_since(
    found: FoundWorld, method: str
) -> None:
    found.server.registration.auth_method = method
    found.server.registration.secret = "by method"
    found.connect(alias="older")
    first = found.token().client_id
    found.server.registration.auth_method = "client_secret_post"
    found.connect(
        Visitor(found), url=found.server.add_resource("/other").url, wishes=Wishes(name="other"), register=True
    )
    second = found.token("other").client_id
    assert first != second
    assert found.refreshed().client_id == first
    assert found.token("other").client_id == second
    assert [event.client_id for event in found.events("refresh")] == [first, second]
    assert found.events("refresh", "refused") == []


@pytest.mark.requirement("M41", "M29")
def test_a_client_that_is_prepared_later_is_not_used_for_the_tokens_of_another(connected: FoundWorld) -> None:
    credentials.save(connected.context, connected.name, "prepared", None, issuer=connected.server.issuer)
    first = connected.token().client_id
    assert connected.refreshed().client_id == first
    assert [event.client_id for event in connected.events("refresh")] == [first]


@pytest.mark.requirement("M24", "M41")
def test_a_client_that_is_forgotten_is_told_by_the_refresh_and_the_next_connect_registers_another(
    connected: FoundWorld,
) -> None:
    connected.server.forget_clients()
    with pytest.raises(ReconnectNeeded) as failed:
        connected.refreshed()
    assert "does not know its client any more" in failed.value.message
    assert failed.value.hint == f"Run `gumauth connect {connected.name}`."
    assert (connected.account().state, connected.kept()) == ("reconnect", [])
    person = Visitor(connected)
    assert connected.connect(person).account.state == "ok"
    assert len(person.urls) == 1
    assert connected.accounts() == [connected.account().label]
    assert connected.server.is_active(connected.refreshed().access_token)


@pytest.mark.requirement("M24")
@pytest.mark.parametrize("fault", [Fault.status(401), Fault.status(503), Fault.error("invalid_request")])
def test_no_other_failure_of_a_refresh_loses_the_client_or_the_account(connected: FoundWorld, fault: Fault) -> None:
    connected.server.misbehave("refresh", fault, times=None)
    connected.clock.move(3601)
    with pytest.raises((TokenEndpointError, Temporary)):
        connected.token()
    assert (connected.account().state, len(connected.kept())) == ("ok", 1)
    connected.server.behave()
    connected.clock.move(3600)
    assert connected.server.is_active(connected.token().access_token)


@pytest.mark.requirement("M43")
def test_that_no_refresh_token_came_is_said(found: FoundWorld) -> None:
    found.server.misbehave("token", Fault.without("refresh_token"))
    assert found.connect().notices == (LACKS_REFRESH_TOKEN,)


@pytest.mark.requirement("M43")
def test_a_server_that_never_gives_refresh_tokens_is_said_to_need_a_new_connect(found: FoundWorld) -> None:
    """And it is not asked to register a client for a grant that it does not have, which it would refuse."""
    found.server.refresh_tokens = False
    assert found.connect().notices == (LACKS_REFRESH_TOKEN,)
    assert found.kept()[0].grant_types == ("authorization_code",)


@pytest.mark.requirement("M43")
def test_a_lifetime_that_is_not_told_is_said_and_not_guessed(found: FoundWorld) -> None:
    found.server.misbehave("token", Fault.without("expires_in"))
    connected = found.connect()
    until = f"`gumauth refresh {connected.account.argument}` or a new connect"
    said = f"The service does not say how long this token lives: it is handed out as it is, until {until}."
    assert connected.notices == (said,)
    assert found.token().expires_at is None


@pytest.mark.requirement("D9")
@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"version": 1}'])
def test_a_file_of_the_service_that_was_lost_or_damaged_is_written_anew_by_asking_the_address(
    connected: FoundWorld, content: bytes | None
) -> None:
    before = connected.service()
    assert before is not None
    file = file_of(connected)
    file.unlink() if content is None else file.write_bytes(content)
    assert connected.server.is_active(connected.refreshed().access_token)
    now = connected.service()
    assert now is not None
    assert (now.url, now.token_url, now.resource) == (before.url, before.token_url, before.resource)


def test_a_file_of_a_newer_gumauth_is_not_overwritten(connected: FoundWorld) -> None:
    file = file_of(connected)
    written = json.dumps({**json.loads(file.read_bytes()), "version": 99, "more": 1})
    file.write_text(written)
    with pytest.raises(HomeError, match="newer"):
        connected.refreshed()
    assert file.read_text() == written
    assert connected.account().state == "ok"


def test_a_file_that_an_older_gumauth_wrote_without_some_members_stays_readable(connected: FoundWorld) -> None:
    file = file_of(connected)
    kept = ("version", "name", "url", "issuer", "token_url", "resource", "has_resource")
    file.write_text(json.dumps({name: value for name, value in json.loads(file.read_bytes()).items() if name in kept}))
    service = connected.service()
    assert service is not None
    assert (service.registration_url, service.scopes, service.redirect_host) == (None, (), "127.0.0.1")
    assert connected.server.is_active(connected.refreshed().access_token)


@pytest.mark.requirement("M47")
def test_a_name_that_belongs_to_another_address_is_refused_and_another_is_asked_for(connected: FoundWorld) -> None:
    other = connected.server.add_resource("/other")
    with pytest.raises(UsageError) as failed:
        connected.connect(url=other.url)
    assert failed.value.message == f"{connected.name} is the name of {connected.server.resource_url} already."
    assert failed.value.hint == f"Give this one another: `gumauth connect {other.url} --name NAME`."


@pytest.mark.requirement("F12", "M29")
def test_a_new_name_with_the_variables_of_another_one_is_refused(connected: FoundWorld) -> None:
    assert connected.name.startswith("127.0.0.1.")
    alike = connected.name.replace("127.0", "127-0")
    with pytest.raises(UsageError) as failed:
        connected.connect(wishes=Wishes(name=alike))
    assert failed.value.message.startswith(f"{alike} would have the client of {connected.name}: both are read from ")


def test_the_same_address_again_is_the_same_account(connected: FoundWorld) -> None:
    connected.connect()
    assert connected.accounts() == [connected.account().label]


def test_a_disconnect_ends_the_grant_with_the_client_that_got_it(connected: FoundWorld) -> None:
    token = connected.token()
    outcome = disconnect(connected.new_context(), connected.account())
    assert (outcome.revoked, connected.server.is_active(token.access_token)) == (True, False)
    assert {event.client_id for event in connected.events("revoke")} == {token.client_id}
    assert connected.accounts() == []


@pytest.mark.requirement("D6")
def test_an_issuer_is_connected_as_the_person_that_it_names(found: FoundWorld) -> None:
    person = Visitor(found)
    connected = found.connect(person, url=found.server.issuer)
    assert connected.account.nickname == "ada@example.com"
    assert person.sent()[0]["scope"] == "openid profile email"
    assert [label for label, _ in person.details] == ["Issuer", "Client", "Scopes", "Redirect URI"]
    assert "resource" not in person.sent()[0]
    assert find(found.context, found.server.issuer).service.has_resource is False


@pytest.mark.requirement("M41")
def test_a_client_with_a_document_is_used_by_a_refresh_that_knows_no_document_any_more(found: FoundWorld) -> None:
    url = "https://gumauth.example/oauth/client.json"
    found.environ["GUMAUTH_CLIENT_METADATA_URL"] = url
    found.server.client_documents_supported = True
    found.server.client_documents = {url: client_document(url)}
    found.connect()
    del found.environ["GUMAUTH_CLIENT_METADATA_URL"]
    assert found.refreshed().client_id == url
    assert [event.client_id for event in found.events("refresh")] == [url]


@pytest.mark.requirement("D5")
def test_a_server_that_refuses_the_resource_in_a_refresh_is_asked_once_more_without(connected: FoundWorld) -> None:
    connected.server.resource_parameter = "refused"
    assert connected.server.is_active(connected.refreshed().access_token)
    asked = [event.details.get("resource") for event in connected.server.log if event.kind == "refresh"]
    assert asked == [connected.server.resource_url, None]
    connected.refreshed()
    assert len([event for event in connected.server.log if event.kind == "refresh"]) == 3


@pytest.mark.requirement("D2")
def test_the_issuer_that_was_chosen_among_several_is_asked_again_by_later_connects(found: FoundWorld) -> None:
    with AuthorizationServer(clock=found.clock) as second:
        found.server.trust(found.server, second)
        found.connect(wishes=Wishes(issuer=second.issuer))
        found.connect()
        assert (found.server.count("token"), second.count("token")) == (0, 2)
