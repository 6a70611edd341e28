"""`gumauth mcp` as a process: what an MCP client that starts it sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import keep, process

INITIALIZE = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}\n'


@pytest.mark.requirement("H4", "H7")
def test_an_address_that_is_not_connected_is_an_error_with_the_command(environ: dict[str, str]) -> None:
    ended = process(environ, "mcp", "https://mcp.example.com/mcp", stdin=INITIALIZE)
    assert ended.status == 3
    told = json.loads(ended.out)
    words = "https://mcp.example.com/mcp is not connected. Run `gumauth connect https://mcp.example.com/mcp`."
    assert (told["id"], told["error"]["message"]) == (0, words)
    assert ended.err == f"{words}\n"


def test_without_a_message_there_is_neither_output_nor_failure(environ: dict[str, str]) -> None:
    ended = process(environ, "mcp", "linear")
    assert (ended.status, ended.out, ended.err) == (0, "", "")


@pytest.mark.requirement("H7")
def test_a_store_that_does_not_open_is_an_error_with_its_own_status(environ: dict[str, str], tmp_path: Path) -> None:
    keep(environ, "a-token")
    other = tmp_path / "other-key"
    other.touch(mode=0o600)
    other.write_bytes(bytes(32))
    ended = process({**environ, "GUMAUTH_KEY_FILE": str(other)}, "mcp", "acme", stdin=INITIALIZE)
    told = json.loads(ended.out)["error"]
    assert told["message"].split(". ")[0] in ended.err
    assert ended.status == 6


def test_an_env_file_that_is_not_there_reaches_the_client(environ: dict[str, str]) -> None:
    ended = process(environ, "mcp", "linear", "--env-file", "/nowhere/env", stdin=INITIALIZE)
    assert "/nowhere/env cannot be read" in json.loads(ended.out)["error"]["message"]
    assert ended.status == 1
