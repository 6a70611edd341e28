"""A person consents on another device, while the client polls as fast as it may (RFC 8628)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gumauth.testing import AuthorizationServer, Client, Fault, PageRefused
from gumauth.testing.person import request
from tests.testing.clients import PUBLIC, App, Clock
from tests.testing.discovery.asking import ask, call

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass
class Device:
    """A client without a browser, and the clock of the server that it asks."""

    app: App
    clock: Clock

    def start(self, **changes: str | None) -> dict[str, Any]:
        status, told = self.ask(**changes)
        assert status == 200, told
        return told

    def ask(self, **changes: str | None) -> tuple[int, dict[str, Any]]:
        form = {"client_id": self.app.client.client_id, "scope": "read write", **changes}
        return self.app.post(self.app.server.device_url, form)

    def poll(self, told: dict[str, Any], *, after: float = 5, **changes: str | None) -> tuple[int, dict[str, Any]]:
        self.clock.now += after
        form = {"grant_type": GRANT_TYPE, "device_code": told["device_code"], "client_id": self.app.client.client_id}
        return self.app.post(self.app.server.token_url, {**form, **changes})

    def error(self, told: dict[str, Any], *, after: float = 5) -> str:
        """The error code of a poll that gives no tokens."""
        return str(self.poll(told, after=after)[1]["error"])


@pytest.fixture
def device() -> Iterator[Device]:
    clock = Clock()
    with AuthorizationServer(clock=clock) as server:
        server.register(PUBLIC)
        yield Device(App(server), clock)


def test_the_answer_has_what_the_person_needs(device: Device) -> None:
    told, url = device.start(), device.app.server.url
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", told["user_code"])
    assert len(told.pop("device_code")) > 40
    user_code = told.pop("user_code")
    assert told == {
        "verification_uri": f"{url}/activate",
        "verification_uri_complete": f"{url}/activate?user_code={user_code}",
        "expires_in": 900,
        "interval": 5,
    }
    [event] = device.app.server.log
    assert (event.kind, event.client_id, event.details) == ("device", "app", {"scopes": ("read", "write")})


def test_polls_are_answered_pending_until_the_person_consents(device: Device) -> None:
    told, server = device.start(), device.app.server
    assert [device.poll(told) for _ in range(2)] == [
        (400, {"error": "authorization_pending", "error_description": "the person has not decided yet"}),
    ] * 2
    server.approve(told["user_code"], person="grace", workspace="beta")
    status, fields = device.poll(told)
    assert (status, fields["scope"], "refresh_token" in fields) == (200, "read write", True)
    assert device.app.whoami(fields["access_token"])[1]["email"] == "grace@example.com"
    assert server.families[0].workspace == "beta"
    assert device.app.refresh(fields["refresh_token"])[0] == 200
    status, again = device.poll(told)
    assert (status, again["error"]) == (400, "invalid_grant")
    assert [(event.kind, event.outcome) for event in server.log][:5] == [
        ("device", "ok"), ("poll", "refused"), ("poll", "refused"), ("consent", "ok"), ("token", "ok"),
    ]  # fmt: skip
    assert server.log[1].details == {"error": "authorization_pending"}


def test_a_poll_before_its_time_costs_five_seconds_each_for_good(device: Device) -> None:
    told = device.start()
    assert device.error(told, after=4.9) == "slow_down"
    assert device.error(told, after=9.9) == "slow_down"
    assert device.error(told, after=14.9) == "slow_down"
    assert device.error(told, after=20) == "authorization_pending"
    device.app.server.approve(told["user_code"])
    assert device.error(told, after=19.9) == "slow_down"
    assert device.poll(told, after=25)[0] == 200


def test_the_first_poll_can_come_at_once_where_that_is_set(device: Device) -> None:
    told = device.start()
    assert device.error(told, after=0) == "slow_down"
    device.app.server.device.first_poll_waits = False
    told = device.start()
    assert device.error(told, after=0) == "authorization_pending"
    assert device.error(told, after=0) == "slow_down"


@pytest.mark.parametrize(("interval", "said", "waits"), [(None, None, 5.0), (1, 1, 1.0), (0.5, 0.5, 0.5)])
def test_the_interval_is_set_and_five_where_none_is_said(
    device: Device, interval: float | None, said: float | None, waits: float
) -> None:
    device.app.server.device.interval = interval
    told = device.start()
    assert told.get("interval") == said
    assert device.error(told, after=waits) == "authorization_pending"
    assert device.error(told, after=waits - 0.1) == "slow_down"


def test_a_code_that_is_denied_stays_so(device: Device) -> None:
    told = device.start()
    device.app.server.deny(told["user_code"])
    assert [device.error(told) for _ in range(2)] == ["access_denied", "access_denied"]
    with pytest.raises(PageRefused, match="the code was used before"):
        device.app.server.approve(told["user_code"])
    assert device.app.server.count("denied") == 1
    assert device.app.server.families == []


def test_codes_expire_by_the_clock(device: Device) -> None:
    device.app.server.device.expires_in = 60
    told = device.start()
    assert told["expires_in"] == 60
    assert device.error(told, after=59) == "authorization_pending"
    assert device.error(told, after=1) == "expired_token"
    with pytest.raises(PageRefused, match="the code has expired"):
        device.app.server.approve(told["user_code"])


def test_a_code_is_typed_with_or_without_its_dash_and_is_that_of_one_request(device: Device) -> None:
    first, second = device.start(), device.start()
    device.app.server.approve(first["user_code"].replace("-", "").lower())
    assert (device.poll(first)[0], device.poll(second)[0]) == (200, 400)
    with pytest.raises(PageRefused, match="there is no such code"):
        device.app.server.approve("BBBB-BBBB")


def test_a_device_code_of_another_client_or_of_nobody_is_refused(device: Device) -> None:
    device.app.server.register(Client("other"))
    told = device.start()
    device.app.server.approve(told["user_code"])
    assert device.poll(told, client_id="other")[1]["error"] == "invalid_grant"
    assert device.poll(told, device_code="never-issued")[1]["error"] == "invalid_grant"
    assert device.poll(told)[0] == 200


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": "secretive"}, 401, "invalid_client"),
        ({"client_id": "narrow"}, 400, "invalid_scope"),
        ({"client_id": "browser"}, 400, "unauthorized_client"),
        ({"resource": "no URI"}, 400, "invalid_target"),
    ],
)
def test_a_request_for_codes_is_checked(
    device: Device, changes: dict[str, str | None], status: int, error: str
) -> None:
    server = device.app.server
    server.register(Client("secretive", secrets.token_urlsafe(12)))
    server.register(Client("narrow", scopes=("read",)))
    server.register(Client("browser", grant_types=("authorization_code",)))
    got, refused = device.ask(**changes)
    assert (got, refused["error"]) == (status, error)
    assert server.count("device", "refused") == 1


def test_a_get_or_a_query_gets_no_codes(device: Device) -> None:
    url = device.app.server.device_url
    assert request("GET", url)[0] == 405
    assert request("POST", f"{url}?client_id=app", {"scope": "read"})[0] == 400


def test_a_confidential_client_authenticates_at_both_endpoints(device: Device) -> None:
    secret = secrets.token_urlsafe(12)
    device.app.client = device.app.server.register(Client("confidential", secret))
    told = device.start(client_secret=secret)
    device.app.server.approve(told["user_code"])
    assert device.poll(told)[0] == 401
    assert device.poll(told, client_secret=secret)[0] == 200


def test_the_tokens_are_for_the_resource_that_was_named(device: Device) -> None:
    url = device.app.server.resource_url
    told = device.start(resource=url)
    device.app.server.approve(told["user_code"])
    _, fields = device.poll(told, resource=url)
    assert call(url, "ping", token=fields["access_token"]).status == 200
    assert device.app.server.families[0].resource == url
    told = device.start(resource=url)
    device.app.server.approve(told["user_code"])
    assert device.poll(told, resource=url + "/")[1]["error"] == "invalid_target"


def test_the_answer_can_be_as_services_have_it(device: Device) -> None:
    settings = device.app.server.device
    settings.uri_name, settings.complete = "verification_url", False
    settings.overrides, settings.without = {"interval": 0, "message": "Go there"}, ("expires_in",)
    told = device.start()
    assert set(told) == {"device_code", "user_code", "verification_url", "interval", "message"}
    assert (told["interval"], told["message"]) == (0, "Go there")


def test_errors_can_come_as_github_sends_them(device: Device) -> None:
    settings = device.app.server.device
    settings.error_status, settings.slow_down_interval = 200, True
    told = device.start()
    assert device.poll(told)[0] == 200
    status, slow = device.poll(told, after=1)
    assert (status, slow["error"], slow["interval"]) == (200, "slow_down", 10)
    assert device.poll(told, after=1)[1]["interval"] == 15
    device.app.server.deny(told["user_code"])
    assert device.poll(told, after=15)[0] == 200


def test_the_person_can_use_the_page(device: Device) -> None:
    told, url = device.start(), f"{device.app.server.url}/activate"
    status, _, page = request("GET", told["verification_uri_complete"])
    assert (status, f'name="user_code" value="{told["user_code"]}"' in page) == (200, True)
    assert 'name="user_code" value=""' in request("GET", told["verification_uri"])[2]
    typed = {"user_code": told["user_code"], "login": "grace"}
    assert request("POST", url, typed)[0] == 400
    assert "You can go back" in request("POST", url, {**typed, "decision": "allow"})[2]
    assert request("POST", url, {**typed, "decision": "allow"})[0] == 400
    _, fields = device.poll(told)
    assert device.app.whoami(fields["access_token"])[1]["email"] == "grace@example.com"
    told = device.start()
    request("POST", url, {"user_code": told["user_code"], "decision": "deny"})
    assert device.error(told) == "access_denied"


def test_the_page_shows_foreign_text_as_text(device: Device) -> None:
    page = request("GET", f"{device.app.server.url}/activate?user_code=%22%3E%3Cscript%3E")[2]
    assert "&quot;&gt;&lt;script&gt;" in page
    assert "<script>" not in page


def test_the_grant_is_in_the_metadata_and_can_be_off(device: Device) -> None:
    server = device.app.server
    well_known = f"{server.url}/.well-known/oauth-authorization-server"
    described = ask("GET", well_known).json
    assert described["device_authorization_endpoint"] == server.device_url
    assert GRANT_TYPE in described["grant_types_supported"]
    told = device.start()
    server.device.enabled = False
    described = ask("GET", well_known).json
    assert "device_authorization_endpoint" not in described
    assert GRANT_TYPE not in described["grant_types_supported"]
    assert (device.ask()[0], device.error(told)) == (404, "unsupported_grant_type")


def test_the_endpoint_and_the_polls_can_misbehave(device: Device) -> None:
    server = device.app.server
    server.misbehave("device", Fault.status(503))
    assert request("POST", server.device_url, {"client_id": "app"})[0] == 503
    told = device.start()
    server.misbehave("token", Fault.error("slow_down", status=429))
    assert device.poll(told)[0] == 429
    assert device.error(told) == "authorization_pending"


def test_no_event_holds_a_device_code(device: Device) -> None:
    told = device.start()
    device.poll(told)
    device.app.server.approve(told["user_code"])
    _, fields = device.poll(told)
    shown = repr(device.app.server.log) + repr(device.app.server.families)
    assert [secret for secret in (told["device_code"], fields["access_token"]) if secret in shown] == []
