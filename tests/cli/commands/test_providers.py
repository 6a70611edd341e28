"""`gumauth providers`: what can be connected, and how."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gumauth.cli.commands.providers_words import WORDS
from gumauth.client.context import Context
from gumauth.client.discovery import services
from gumauth.client.discovery.find import Wishes, find
from gumauth.oauth2.facts import KINDS
from gumauth.registry.lookup import built_in_names
from gumauth.registry.lookup import find as find_class
from gumauth.registry.told import told
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
    assert {"name": "example", "source": authorization_server.resource_url, "title": None, "kind": None} in every


def test_a_word_finds_the_services_in_whose_name_title_or_kind_it_occurs(environ: dict[str, str]) -> None:
    found = json.loads(inside(environ, "providers", "HUGGINGF", "--json").out)["providers"]
    assert found == [{"name": "huggingface", "source": "built-in", "title": "Hugging Face", "kind": "code"}]
    every = json.loads(inside(environ, "providers", "--json").out)["providers"]
    of_a_kind = json.loads(inside(environ, "providers", "mail", "--json").out)["providers"]
    assert {"google"} <= {one["name"] for one in of_a_kind} < {one["name"] for one in every}
    missed = inside(environ, "providers", "github!")
    assert (missed.status, "Did you mean github" in missed.err) == (2, True)


def test_the_list_has_a_heading_for_each_kind_and_what_is_from_elsewhere_last(environ: dict[str, str]) -> None:
    listed(environ, "example", "ada@example.com", source="https://mcp.example.com/mcp")
    rows = [line.split("   ")[0] for line in inside(environ, "providers").out.splitlines()]
    headings = [rows.index(KINDS["code"]), rows.index("github"), rows.index(KINDS["work"]), rows.index("linear")]
    assert headings == sorted(headings)
    assert rows[rows.index("From elsewhere") :] == ["From elsewhere", "example"]


def test_what_the_list_reads_in_the_files_is_what_the_classes_say() -> None:
    classes = {name: find_class(name, cwd="/").provider_class for name in built_in_names()}
    said = {name: (each.title, each.kind, each.tenant or "") for name, each in classes.items()}  # type: ignore[attr-defined]
    assert {name: (told(name).title, told(name).kind, told(name).tenant) for name in classes} == said
    assert (told("nothing").title, told("nothing").kind) == ("", "")


def test_what_else_is_known_of_a_service_is_shown(environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "acme.py"
    file.write_text(ACME)
    file.chmod(0o600)
    facts = json.loads(inside(environ, "providers", str(file), "--json").out)["provider"]
    assert facts["mcp_url"] == "https://mcp.acme.example/mcp"
    assert (facts["token_variables"], facts["unverified"]) == (["ACME_TOKEN"], ["whether tokens end"])
    shown = inside(environ, "providers", str(file))
    assert "Token variables:   ACME_TOKEN (read by acme's own tools)\n" in shown.out
    assert "whether tokens end" in shown.out
    assert "`gumauth connect https://mcp.acme.example/mcp`" in shown.err


ACME = """
from gumauth import OAuth2Provider


class Acme(OAuth2Provider):
    name = "acme"
    authorize_url = "https://acme.example/authorize"
    token_url = "https://acme.example/token"
    mcp_url = "https://mcp.acme.example/mcp"
    token_variables = ("ACME_TOKEN",)
    unverified = ("whether tokens end",)
"""


@pytest.mark.parametrize(
    ("name", "secret", "wanted"),
    [
        (
            "linear",
            "LINEAR_CLIENT_SECRET (where",
            "LINEAR_CLIENT_ID, and LINEAR_CLIENT_SECRET where the app has a secret",
        ),
        ("slack", "none\n", "SLACK_CLIENT_ID"),
        ("notion", "NOTION_CLIENT_SECRET\n", "NOTION_CLIENT_ID and NOTION_CLIENT_SECRET"),
    ],
)
def test_every_command_says_the_same_of_the_client_secret(
    environ: dict[str, str], name: str, secret: str, wanted: str
) -> None:
    shown = inside(environ, "providers", name)
    assert f"Client secret:     {secret}" in shown.out
    assert shown.err.startswith(f"Run `gumauth setup {name}`, or set {wanted}; then ")
    refused = inside(environ, "connect", name, "--no-browser")
    assert (refused.status, refused.err.endswith(f"hint:  Run `gumauth setup {name}`, or set {wanted}.\n")) == (1, True)


@pytest.mark.requirement("K3")
def test_a_note_of_the_credentials_that_is_cut_off_is_none(environ: dict[str, str]) -> None:
    note = Path(environ["GUMAUTH_HOME"]) / "clients" / "linear.json"
    note.parent.mkdir(parents=True)
    note.write_text('{"version": 1, "st')
    done = process(environ, "providers")
    assert (done.status, "gumauth has a bug" in done.err) == (0, False)


@pytest.mark.parametrize(
    ("word", "some"),
    [
        ("git", {"forgejo", "bitbucket", "github-enterprise"}),
        ("wiki", {"confluence", "notion"}),
        ("documents", {"notion"}),
        ("Identity", {"okta", "keycloak"}),
        ("CRM", {"hubspot", "salesforce"}),
    ],
)
def test_a_word_finds_the_services_that_are_for_it(environ: dict[str, str], word: str, some: set[str]) -> None:
    found = {one["name"] for one in json.loads(inside(environ, "providers", word, "--json").out)["providers"]}
    assert some <= found < set(built_in_names())


def test_the_words_are_about_services_that_there_are() -> None:
    assert {name for names in WORDS.values() for name in names.split()} <= set(built_in_names())


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (
            ["qqzzq"],
            "No service's name or kind has 'qqzzq'.",
            "Connect another service by the address of its MCP server",
        ),
        (["slakc"], "No service's name or kind has 'slakc'.", "Did you mean slack?"),
        (["mcp.example.com"], "No service's name or kind has 'mcp.example.com'.", "Did you mean https://mcp.example.c"),
        (["--host", "a.b"], "--host stands behind the name of a service, and none is", "Write `gumauth providers NAME"),
        (["--tenant", "t"], "--tenant stands behind the name of a service, and none is", "Write `gumauth providers NA"),
    ],
)
def test_what_means_no_service_is_told(environ: dict[str, str], words: list[str], error: str, hint: str) -> None:
    ended = inside(environ, "providers", *words)
    assert (ended.status, ended.out) == (2, "")
    assert f"error: {error}" in ended.err
    assert f"hint:  {hint}" in ended.err
