"""`--trace`, and GUMAUTH_DEBUG=1 beside an error, as a person sees them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer, Fault, deliver
from tests.cli.connecting import acme, piped
from tests.cli.program import environment, inside


def heads(shown: str) -> list[str]:
    """The first lines of requests, answers and results, without ports and times."""
    lines = [line for line in shown.splitlines() if re.match(r"#\d|\w+ returned|the browser", line)]
    return [re.sub(r"\d+ ms|127\.0\.0\.1:\d+", "…", line) for line in lines]


@pytest.mark.requirement("S1")
def test_a_connect_and_a_refresh_show_what_is_sent_and_what_comes(server: AuthorizationServer, tmp_path: Path) -> None:
    file, variables = acme(server, tmp_path)
    environ = environment(tmp_path, **variables)
    with piped(environ, "connect", str(file), "--no-browser", "--trace") as run:
        address = run.address
        deliver(server.follow(address))
        status, out = run.end()
    assert (status, out) == (0, "Connected acme as ada@example.com.\n")
    assert heads(run.shown) == [
        "get_url returned http://…/authorize",
        "the browser brought",
        "#1 exchange > POST http://…/token",
        "#1 exchange < 200 OK, …",
        "exchange returned tokens",
        "#2 get_nickname > GET http://…/userinfo",
        "#2 get_nickname < 200 OK, …",
        'get_nickname returned "ada@example.com"',
        'get_identity returned "http://… ada"',
    ]
    code = re.search(r"the browser brought\n   < \?code = (.*)\n", run.shown)
    assert code is not None
    assert f"   > code = {code[1]}\n" in run.shown
    tokens = re.findall(r"< access_token = (\(secret, \d+ characters, sha256 [0-9a-f]{8}\))\n", run.shown)
    assert len(tokens) == 2
    assert f"   > authorization: Bearer {tokens[0]}\n" in run.shown
    assert tokens[0] == tokens[1]
    hidden = run.shown.replace(address, "")
    assert "state=" not in hidden
    refreshed = inside(environ, "refresh", "acme", "--trace")
    assert heads(refreshed.err) == [
        "#1 refresh > POST http://…/token",
        "#1 refresh < 200 OK, …",
        "refresh returned tokens",
    ]
    server.misbehave("refresh", Fault.error("invalid_grant"))
    failed = inside({**environ, "GUMAUTH_DEBUG": "1"}, "refresh", "acme")
    assert failed.status == 3
    assert heads(failed.err) == ["#1 refresh > POST http://…/token", "#1 refresh < 400 Bad Request, …"]
    assert '   < error = "invalid_grant"\nerror: ' in failed.err
