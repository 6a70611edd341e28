"""Services as npm's emulate understands them, which nobody here wrote: our facts connect, refresh and end there."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.client.revoke import revoke
from gumauth.provider import credential_variables
from tests.client.world import Clock
from tests.parts.emulate import Emulated, Emulation, emulating
from tests.parts.standin import StandIn
from tests.providers.machine import Machine

pytestmark = [pytest.mark.node, pytest.mark.requirement("F5")]

ADA = {"name": "Ada", "email": "ada@example.com"}
SERVICES = {
    "github": Emulated(
        hosts=("github.com", "api.github.com"), client="oauth_apps", seed={"users": [{**ADA, "login": "ada"}]}
    ),
    "google": Emulated(
        hosts=("accounts.google.com", "oauth2.googleapis.com", "openidconnect.googleapis.com"),
        client="oauth_clients",
        seed={"users": [ADA]},
        elsewhere={"/token": "/oauth2/token", "/revoke": "/oauth2/revoke", "/v1/userinfo": "/oauth2/v2/userinfo"},
    ),
    "linear": Emulated(
        hosts=("linear.app", "api.linear.app"),
        client="oauth_apps",
        seed={"organization": {"name": "Acme", "url_key": "acme"}, "users": [ADA]},
    ),
    "microsoft": Emulated(
        hosts=("login.microsoftonline.com", "graph.microsoft.com"),
        client="oauth_clients",
        seed={"users": [ADA]},
        elsewhere={f"/common/oauth2/v2.0/{last}": f"/oauth2/v2.0/{last}" for last in ("authorize", "token")},
    ),
    "okta": Emulated(
        hosts=("acme.okta.com",),
        client="oauth_clients",
        seed={
            "users": [{"login": "ada@example.com", "first_name": "Ada", "last_name": "L."}],
            "authorization_servers": [{"id": "default", "name": "default"}],
        },
        options=" --host acme.okta.com",
        app={"token_endpoint_auth_method": "client_secret_basic", "auth_server_id": "default"},
    ),
    "slack": Emulated(
        hosts=("slack.com",),
        client="oauth_apps",
        seed={"team": {"name": "Acme", "domain": "acme"}, "users": [{"name": "ada", "email": "ada@example.com"}]},
        has_secret=False,
    ),
    "vercel": Emulated(
        hosts=("vercel.com", "api.vercel.com"), client="integrations", seed={"users": [{**ADA, "username": "ada"}]}
    ),
}


@pytest.fixture(scope="module")
def port() -> int:
    """Of the callback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def secret() -> str:
    """Of the apps."""
    return secrets.token_urlsafe(24)


@pytest.fixture(scope="module")
def emulations(port: int, secret: str) -> Iterator[dict[str, Emulation]]:
    """All services."""
    with emulating(SERVICES, port, secret) as running:
        yield running


@pytest.fixture
def machine(
    request: pytest.FixtureRequest,
    standin: StandIn,
    emulations: dict[str, Emulation],
    port: int,
    secret: str,
    tmp_path: Path,
) -> Machine:
    """Is led to one service."""
    name: str = request.param
    emulation = emulations[name]
    for host in SERVICES[name].hosts:
        standin.answer_for(host, emulation.answer)
    environ = {**standin.environment, "GUMAUTH_HOME": str(tmp_path / "home")}
    service = f"{name}{SERVICES[name].options}"
    machine = Machine(service, environ, Clock(time.time()), follow=emulation.follow, port=port)
    id_variable, secret_variable = credential_variables(machine.resolved.name)
    machine.environ |= {id_variable: "app", secret_variable: secret if SERVICES[name].has_secret else ""}
    return machine


@pytest.mark.parametrize(
    ("machine", "nickname", "refreshes", "revokes"),
    [
        ("github", "ada", False, False),  # an app's tokens are ended by another request there than GitHub documents
        ("google", "ada@example.com", True, True),
        ("linear", "ada@example.com at acme", True, True),
        ("microsoft", "ada@example.com", True, False),
        ("okta", "ada@example.com", True, True),
        ("slack", "ada at Acme", False, False),
        ("vercel", "ada@example.com", False, False),
    ],
    indirect=["machine"],
)
def test_a_service_that_somebody_else_plays_connects_refreshes_and_ends(
    machine: Machine, nickname: str, refreshes: bool, revokes: bool
) -> None:
    account, _ = machine.connect()
    assert (account.nickname, account.state, account.missing_scopes) == (nickname, "ok", ())
    assert account.identity
    first = machine.token()
    error = machine.refresh_by_hand()
    assert (machine.token().access_token != first.access_token, error is None) == (refreshes, refreshes)
    outcome = revoke(machine.context, account)
    assert (outcome.revoked, outcome.error is None) == (revokes, revokes)
    again, _ = machine.connect()
    assert (again.id, again.identity, again.state) == (account.id, account.identity, "ok")
    assert machine.notices == []
