"""The client that one machine has set up is every machine's: accounts of people, of the client itself, of devices."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer
from tests.cli.program import inside
from tests.loopback import loopback
from tests.parts.by_address import account_of, connecting_by_device
from tests.parts.shared_store import SharedStore

pytestmark = [pytest.mark.postgresql, pytest.mark.requirement("T1")]

FILE = """from gumauth.oauth2 import OAuth2Provider


class Acme(OAuth2Provider):
    name = "acme"
    authorize_url, token_url, revoke_url = "{url}/authorize", "{url}/token", "{url}/revoke"
    scopes = ("read",)
"""


def test_what_one_machine_has_set_up_another_refreshes_with_until_it_is_forgotten(
    shared_store: SharedStore, tmp_path: Path
) -> None:
    a, b, secret = shared_store.machine("a"), shared_store.machine("b"), secrets.token_urlsafe(16)
    with loopback() as server:
        server.answer({"access_token": secrets.token_urlsafe(16), "expires_in": 3600})
        file = tmp_path / "acme.py"
        file.write_text(FILE.format(url=server.url))
        assert inside(b, "list").status == 0
        assert inside(a, "setup", str(file), "-", stdin=f"acme-app\n{secret}\n").status == 0
        (kept,) = shared_store.ask("select encode(value, 'hex') from gumauth.entry where name like 'client/%'")
        assert secret.encode() not in bytes.fromhex(kept)
        assert inside(b, "connect", str(file), "--client-credentials").status == 0
        for machine in (a, b):
            ended = inside(machine, "refresh", "acme")
            assert ended.status == 0, ended.err
        assert inside(a, "setup", str(file), "--forget").status == 0
        ended = inside(b, "refresh", "acme")
        assert ended.status == 1
        assert "error: The client credentials of acme are missing" in ended.err
    assert shared_store.ask("select name from gumauth.entry") == []


def test_an_account_of_an_address_is_refreshed_by_a_machine_that_never_saw_it(shared_store: SharedStore) -> None:
    a, b = shared_store.machine("a"), shared_store.machine("b")
    with AuthorizationServer() as server:
        server.device.interval = 1
        with connecting_by_device(a, server.issuer) as waiting:
            server.approve(waiting.code)
            account = account_of(waiting.ended())["account"]
        ended = inside(b, "refresh", account)
        assert ended.status == 0, ended.err
        assert server.is_active(inside(b, "token", account).out.strip())
        assert inside(b, "disconnect", account).out.endswith("and forgot it on all machines.\n")
        assert inside(a, "list", "--json").out.strip() == '{"schema_version": 1, "accounts": []}'
        assert server.count("register") == 1
