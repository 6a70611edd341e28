"""What the commands that machines call may import: the cause of their speed, held without a clock."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from gumauth.context import Context
from gumauth.store.records import Record
from tests.cli.program import listed, process

HEAVY = {
    *("asyncio", "ssl", "socket", "http", "httpx", "httpcore", "anyio", "h11", "certifi", "urllib", "email"),
    *("typer", "click", "rich", "pydantic", "keyring", "secretstorage", "platformdirs", "importlib.metadata"),
    *("typing", "dataclasses", "inspect", "pathlib", "subprocess", "threading", "contextvars", "logging", "shutil"),
    *("argparse", "difflib", "unicodedata", "tempfile", "webbrowser", "traceback", "textwrap", "cryptography"),
}
MODULE = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)
FAST = (
    ["--version"],
    ["list", "--json"],
    ["token", "acme"],
    ["token", "acme", "--json"],
    ["token", "acme", "--header"],
    ["default", "acme"],
    ["__complete", "accounts", "ac"],
    ["__complete", "providers", "li"],
)


def imported(environ: dict[str, str], *words: str) -> set[str]:
    """The modules that a run imports, beyond those of an interpreter that does nothing."""
    ended = process(environ, *words, options=["-X", "importtime"])
    assert ended.status == 0, ended.err
    return set(MODULE.findall(ended.err))


@pytest.fixture
def connected(environ: dict[str, str]) -> dict[str, str]:
    """A home with one account, and its record in the encrypted file."""
    context = Context(environ)
    account = listed(environ, "acme", "ada@example.com", grant="g")
    records = context.records()
    account, _ = records.put(account, Record(access_token="an-access-token", grant="g", account={}))
    records.point(account)
    return environ


@pytest.mark.parametrize("words", FAST, ids=" ".join)
def test_a_command_that_machines_call_imports_nothing_heavy(connected: dict[str, str], words: list[str]) -> None:
    allowed = _cipher() if words[0] == "token" else set()
    modules = imported(connected, *words) - _always() - allowed
    tops = {module for module in modules if module in HEAVY or module.partition(".")[0] in HEAVY}
    assert not tops


@pytest.mark.requirement("P1")
@pytest.mark.parametrize(
    "words", [["--help"], ["list"], ["list", "--json"], ["__complete", "providers", ""]], ids=" ".join
)
def test_no_provider_is_imported(connected: dict[str, str], words: list[str]) -> None:
    modules = imported(connected, *words)
    assert not {module for module in modules if module.startswith("gumauth.providers.")}
    assert not modules & {"gumauth.oauth2", "gumauth.provider_file", "httpx"}


def test_help_imports_neither_rich_nor_a_command(environ: dict[str, str]) -> None:
    modules = imported(environ, "token", "--help")
    assert "typer" in modules
    assert not modules & {"rich", "pydantic", "gumauth.cli.token", "gumauth.context"}


def _always() -> set[str]:
    """What this interpreter imports by itself, for its site packages and `-m`."""
    return _imported_by("import runpy")


def _cipher() -> set[str]:
    """What reading the encrypted file costs; the keyring's way has its own list, beside the store."""
    return _imported_by("from cryptography.hazmat.primitives.ciphers.aead import AESGCM")


def _imported_by(code: str) -> set[str]:
    bare = [sys.executable, "-X", "importtime", "-c", code]
    shown = subprocess.run(bare, env=dict(os.environ), capture_output=True, text=True, check=True).stderr
    return set(MODULE.findall(shown))


def test_what_talks_to_providers_leaves_out_the_command_line_of_httpx() -> None:
    """Rich, Click and Pygments, which it imports along, are more than a third of its import."""
    modules = _imported_by("import gumauth.wire")
    assert "httpx" in modules
    assert not {module for module in modules if module.partition(".")[0] in {"rich", "click", "pygments", "typer"}}
