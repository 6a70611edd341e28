"""`gumauth providers`: what can be connected, and how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.client.discovery.find import Wishes, find
from gumauth.testing import AuthorizationServer
from tests.cli.program import inside, listed, process


def test_providers_says_how_to_connect_one(environ: dict[str, str]) -> None:
    facts = json.loads(inside({**environ, "LINEAR_CLIENT_ID": "x"}, "providers", "linear", "--json").out)["provider"]
    assert facts["redirect_uri"] == "http://localhost:4862/callback"
    assert facts["variables"] == ["LINEAR_CLIENT_ID", "LINEAR_CLIENT_SECRET"]
    assert facts["credentials"] == "environment"
    shown = inside(environ, "providers", "linear")
    for word in ("http://localhost:4862/callback", "LINEAR_CLIENT_ID", "LINEAR_CLIENT_SECRET"):
        assert word in shown.out
    assert "gumauth setup linear" in shown.err


def test_providers_lists_the_built_in_ones(environ: dict[str, str]) -> None:
    names = [one["name"] for one in json.loads(inside(environ, "providers", "--json").out)["providers"]]
    assert {"github", "google", "linear"} <= set(names)
    assert "linear" in inside(environ, "providers").out


def test_a_provider_that_was_found_at_an_address_is_asked_again_by_its_name(
    environ: dict[str, str], authorization_server: AuthorizationServer
) -> None:
    context = Context(environ)
    service = find(context, authorization_server.resource_url, Wishes(name="example")).service
    services.write(context, service)
    listed(environ, "example", "ada@example.com", source=service.url)
    found = json.loads(inside(environ, "providers", "example", "--json").out)["provider"]
    assert (found["name"], found["source"]) == ("example", authorization_server.resource_url)
    assert (found["issuer"], found["client"]) == (authorization_server.issuer, "registration")
    shown = inside(environ, "providers", "example")
    assert "Register an app" not in shown.out
    assert shown.err == "Run `gumauth connect example`.\n"
    every = json.loads(inside(environ, "providers", "--json").out)["providers"]
    assert {"name": "example", "source": authorization_server.resource_url} in every


@pytest.mark.requirement("K3")
def test_a_note_of_the_credentials_that_is_cut_off_is_none(environ: dict[str, str]) -> None:
    note = Path(environ["GUMAUTH_HOME"]) / "clients" / "linear.json"
    note.parent.mkdir(parents=True)
    note.write_text('{"version": 1, "st')
    done = process(environ, "providers")
    assert (done.status, "gumauth has a bug" in done.err) == (0, False)
