"""`gumauth connect` with a service that refuses http also for loopback."""

from __future__ import annotations

import hashlib
import json
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.testing import AuthorizationServer, Client, deliver, write_provider
from tests.callback.test_port_lock import free_port
from tests.cli.connecting import piped
from tests.cli.program import inside

if TYPE_CHECKING:
    from tests.cli.connecting import Run

pytestmark = pytest.mark.requirement("C13")


@pytest.fixture
def person(server: AuthorizationServer, environ: dict[str, str], tmp_path: Path) -> tuple[dict[str, str], str]:
    """An environment whose store has the client id, and the file of a service that accepts https alone."""
    port = free_port()
    server.register(Client("acme-id", redirect_uris=(f"https://localhost:{port}/callback",)))
    file = write_provider(server, tmp_path, public_client=True, redirect_ports=(port,), redirect_tls=True)
    credentials.save(Context(environ), "acme", "acme-id", None)
    return environ, str(file)


def redirect_uri(run: Run) -> str:
    return parse_qs(urlsplit(run.address).query)["redirect_uri"][0]


def fingerprint_at(uri: str) -> str:
    """Of the certificate that a browser is shown there."""
    parts = urlsplit(uri)
    shown = ssl.get_server_certificate((parts.hostname or "", parts.port or 0))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()


def test_before_the_address_the_person_is_told_of_the_warning_and_the_fingerprint(
    server: AuthorizationServer, person: tuple[dict[str, str], str]
) -> None:
    environ, file = person
    with piped(environ, "connect", file, "--no-browser", "--json") as run:
        uri, before = redirect_uri(run), run.shown.partition("Open this address")[0]
        assert before.splitlines()[-4:] == [
            "",
            fingerprint := fingerprint_at(uri),
            ":".join(re.findall("..", fingerprint.upper())),
            "",
        ]
        assert f"acme comes back over https only, so gumauth has made a certificate for {uri[:-9]} just now" in before
        assert "Press Advanced, then Proceed (in an older Firefox: Accept the Risk and Continue)." in before
        status, page = deliver(server.follow(run.address))
        assert (status, "acme is connected" in page) == (200, True)
        status, out = run.end()
    assert (status, json.loads(out)["account"]["nickname"]) == (0, "ada@example.com")
    assert server.count("token") == 1


def test_what_to_register_is_the_https_address_everywhere(person: tuple[dict[str, str], str]) -> None:
    environ, file = person
    shown = inside(environ, "providers", file).out
    facts = json.loads(inside(environ, "providers", file, "--json").out)["provider"]
    assert re.fullmatch(r"https://localhost:\d+/callback", facts["redirect_uri"])
    assert facts["redirect_uri"] in shown
    assert "Certificate:       made by gumauth for each connect; the browser will warn of it" in shown
    timed_out = inside(environ, "connect", file, "--no-browser", "--timeout", "0.01")
    assert timed_out.status == 1
    assert f"register {facts['redirect_uri']} there." in timed_out.err


def test_whether_it_is_https_is_a_yes_or_a_no(
    server: AuthorizationServer, person: tuple[dict[str, str], str], tmp_path: Path
) -> None:
    environ, _ = person
    odd = write_provider(server, tmp_path, public_client=True, redirect_tls="no")
    ended = inside(environ, "connect", str(odd), "--no-browser")
    assert (ended.status, "`redirect_tls` is True or False." in ended.err) == (1, True)
