"""What MCP clients read: parsed by the real reader of each format, down to the words of the command in it."""

from __future__ import annotations

import json
import shlex
import tomllib

import pytest

from gumauth.handout.recipes.table import RECIPES
from tests.handout.recipes.odd import BRIDGE, GUMAUTH, ODD, PLAIN, TOKEN
from tests.parts.need import need


def test_claude_is_given_a_helper_for_headers() -> None:
    *add, name, server = shlex.split(RECIPES["claude"].text(ODD))
    assert (add, name) == (["claude", "mcp", "add-json", "-s", "user"], "acme-work")
    read = json.loads(server)
    assert sorted(read) == ["headersHelper", "type", "url"]
    assert (read["type"], read["url"]) == ("http", ODD.url)
    assert shlex.split(read["headersHelper"]) == [*TOKEN, "--for", "mcp"]


def test_codex_is_given_a_helper_for_headers() -> None:
    read = tomllib.loads(RECIPES["codex"].text(ODD))["mcp_servers"]["acme-work"]
    assert sorted(read) == ["http_headers_helper", "url"]
    assert read["url"] == ODD.url
    assert shlex.split(read["http_headers_helper"]) == [*TOKEN, "--for", "mcp"]


@pytest.mark.parametrize(
    ("program", "member"),
    [
        ("gemini", "mcpServers"),
        ("vscode", "servers"),
        ("cursor", "mcpServers"),
        ("zed", "context_servers"),
        ("stdio", "mcpServers"),
    ],
)
def test_clients_that_start_a_program_start_the_bridge(program: str, member: str) -> None:
    server = json.loads(RECIPES[program].text(ODD))[member]["acme-work"]
    assert [server["command"], *server["args"]] == BRIDGE
    assert server.get("type") == ("stdio" if program == "vscode" else None)


def test_opencode_has_the_command_in_one_list() -> None:
    server = json.loads(RECIPES["opencode"].text(ODD))["mcp"]["acme-work"]
    assert server == {"type": "local", "command": BRIDGE, "enabled": True}


def test_goose_reads_yaml() -> None:
    need(modules=("yaml",))
    import yaml

    server = yaml.safe_load(RECIPES["goose"].text(ODD))["extensions"]["acme-work"]
    assert [server.pop("cmd"), *server.pop("args")] == BRIDGE
    assert server == {"enabled": True, "type": "stdio", "name": "acme-work", "envs": {}, "timeout": 300}


def test_the_address_is_left_to_the_account_unless_it_was_named() -> None:
    assert PLAIN.bridge() == ("/opt/gumauth", "mcp", "acme")


def test_codex_writes_the_bridge_because_its_command_knows_no_helper() -> None:
    steps = RECIPES["codex"].steps
    assert steps is not None
    assert [step.argv for step in steps(ODD)] == [("codex", "mcp", "add", "acme-work", "--", *BRIDGE)]


def test_gemini_reads_what_stands_behind_two_dashes_as_it_is() -> None:
    steps = RECIPES["gemini"].steps
    assert steps is not None
    (step,) = steps(ODD)
    assert step.argv == ("gemini", "mcp", "add", "--scope", "user", "acme-work", GUMAUTH, "--", *BRIDGE[1:])
