"""`gumauth connect PROVIDER --client-credentials`: for machines, with no browser, no terminal and nobody to ask."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.provider import credential_variables
from gumauth.testing import AuthorizationServer, Client, deliver
from tests.cli.connecting import at_terminal, piped
from tests.cli.program import inside, process
from tests.loopback import Loopback, loopback

pytestmark = pytest.mark.requirement("V3")

FILE = """from gumauth.oauth2 import OAuth2Provider


class Acme(OAuth2Provider):
    name = "acme"
    authorize_url, token_url, revoke_url = "{url}/authorize", "{url}/token", "{url}/revoke"
    scopes = ("read",)
"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        running.answer({"access_token": secrets.token_urlsafe(16), "expires_in": 3600})
        yield running


@pytest.fixture
def machine(server: Loopback, environ: dict[str, str], tmp_path: Path) -> tuple[dict[str, str], str]:
    """An environment with the client's credentials, and the provider file."""
    file = tmp_path / "acme.py"
    file.write_text(FILE.format(url=server.url))
    given = {"ACME_CLIENT_ID": "acme-app", "ACME_CLIENT_SECRET": secrets.token_urlsafe(16)}
    return environ | given, str(file)


def test_the_whole_life_of_a_clients_own_account_without_a_terminal(
    machine: tuple[dict[str, str], str], server: Loopback
) -> None:
    environ, file = machine
    connected = process(environ, "connect", file, "--client-credentials", "--json")
    assert connected.status == 0, connected.err
    account = json.loads(connected.out)["account"]
    assert (account["account"], account["refreshable"], account["state"]) == ("acme/acme-app", True, "ok")
    assert "ACME_CLIENT_SECRET" not in connected.out
    assert len(inside(environ, "token", "acme").out.strip()) == 22
    for words in (["refresh", "acme"], ["refresh"], ["connect", "acme/acme-app"], ["revoke", "acme"]):
        ended = inside(environ, *words)
        assert ended.status == 0, ended.err
    dead = inside(environ, "token", "acme")
    assert dead.status == 3
    assert "gumauth connect acme --client-credentials" in dead.err
    assert inside(environ, "connect", "acme", "--client-credentials", "--as", "bot").status == 0
    assert inside(environ, "disconnect", "acme/bot").status == 0
    assert [seen.path for seen in server.seen] == ["/token"] * 4 + ["/revoke", "/token", "/revoke"]


def test_nothing_is_asked_on_a_terminal_either(machine: tuple[dict[str, str], str]) -> None:
    """Elsewhere it would be asked whether the credentials are to be kept."""
    environ, file = machine
    with at_terminal(environ, "connect", file, "--client-credentials") as run:
        assert run.end()[0] == 0
    assert "Connected acme as acme-app." in run.shown
    assert "?" not in run.shown
    assert "gumauth setup" in run.shown


@pytest.mark.parametrize("lacking", ["ACME_CLIENT_ID", "ACME_CLIENT_SECRET"])
def test_missing_credentials_are_named_and_not_asked_for(
    machine: tuple[dict[str, str], str], server: Loopback, lacking: str
) -> None:
    environ, file = machine
    del environ[lacking]
    with at_terminal(environ, "connect", file, "--client-credentials") as run:
        assert run.end()[0] == 1
    assert lacking in run.shown
    assert server.seen == []


def test_refused_credentials_are_not_asked_for_anew(machine: tuple[dict[str, str], str], server: Loopback) -> None:
    environ, file = machine
    assert inside(environ, "setup", file, "--from-env").status == 0
    for name in ("ACME_CLIENT_ID", "ACME_CLIENT_SECRET"):
        del environ[name]
    server.answer({"error": "invalid_client"}, status=401)
    with at_terminal(environ, "connect", file, "--client-credentials") as run:
        assert run.end()[0] == 1
    assert "refused: invalid_client" in run.shown
    assert "gumauth setup" in run.shown


def test_a_persons_account_is_not_connected_so(machine: tuple[dict[str, str], str], server: Loopback) -> None:
    environ, file = machine
    assert inside(environ, "connect", file, "--client-credentials", "--as", "bot").status == 0
    path = next((Path(environ["GUMAUTH_HOME"]) / "accounts" / "acme").glob("*.json"))
    fields = json.loads(path.read_text())
    del fields["grant_type"]  # as if a person had consented
    path.write_text(json.dumps({**fields, "version": 3}))
    ended = inside(environ, "connect", "acme/bot", "--client-credentials")
    assert ended.status == 2
    assert "acme/bot is a person's account" in ended.err
    assert len(server.seen) == 1


@pytest.mark.requirement("V3", "D5")
def test_an_address_does_where_the_client_is_known_there(environ: dict[str, str]) -> None:
    with AuthorizationServer() as server:
        secret = secrets.token_urlsafe(16)
        server.register(Client("machine", secret, scopes=("read",), redirect_uris=("http://127.0.0.1/callback",)))
        name = server.url.partition("//")[2].replace(":", ".")
        without = process(environ, "connect", server.url, "--client-credentials", "--json")
        assert without.status == 1
        error = json.loads(without.err.splitlines()[-1])["error"]
        assert (error["code"], "gumauth setup" in error["hint"]) == ("missing_credentials", True)
        assert error["message"] == f"No app is known that {name} gives tokens of its own."
        id_variable, secret_variable = credential_variables(name)
        environ |= {id_variable: "machine", secret_variable: secret}
        connected = process(environ, "connect", server.url, "--client-credentials", "--json")
        assert connected.status == 0, connected.err
        assert json.loads(connected.out)["account"]["account"] == f"{name}/machine"
        first = inside(environ, "token", name).out.strip()
        assert inside(environ, "refresh", name).status == 0
        second = inside(environ, "token", name).out.strip()
        assert (first != second, server.is_active(second)) == (True, True)
        assert inside(environ, "disconnect", name).status == 0
        assert not server.is_active(second)


@pytest.mark.requirement("D5")
def test_a_server_at_an_address_that_wants_pushed_requests_gets_them(environ: dict[str, str]) -> None:
    with AuthorizationServer() as server:
        server.person = "ada@example.com"
        server.pushed.required = True
        with piped(environ, "connect", server.url, "--no-browser") as run:
            address = run.address
            assert "request_uri=" in address
            assert "code_challenge=" not in address
            deliver(server.follow(address))
            assert run.end()[0] == 0, run.shown
