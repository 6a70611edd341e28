"""What the commands that machines call may import: the cause of their speed, held without a clock."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.store.named import NamedStore
from tests.accounts.directly import records_of
from tests.cli.id_tokens import id_token
from tests.cli.imported import RUN, imported, imported_by
from tests.cli.program import inside, listed
from tests.parts.kwallet import KWallet
from tests.parts.secret_service import Session
from tests.parts.shared_store import SharedStore
from tests.programs.stage import stage

SHORT_LIST = "__future__, _json, errno, gc, time"
"""What the commands that machines call import beside gumauth's own modules. Each of these is small."""

ID_TOKEN = id_token(ends=4_000_000_000)

FAST = (
    ["--version"],
    ["list", "--json"],
    ["token", "acme"],
    ["token", "acme", "--json"],
    ["token", "acme", "--header"],
    ["token", "acme", "--for", "mcp"],
    ["token", "github", "--for", "git", "get"],
    ["token", "github", "--for", "git", "store"],
    ["token", "git.example.com", "--for", "git", "get"],
    ["token", "openweather"],
    ["token", "acme", "--id-token"],
    ["token", "acme", "--id-token", "--json"],
    ["token", "acme", "--for", "kubectl"],
    ["token", "acme", "--for", "gcp"],
    ["run", "A=acme", "--", "true"],
    ["default", "acme"],
    ["__complete", "accounts", "ac"],
    ["__complete", "providers", "li"],
    ["__complete", "help", "li"],
    ["__complete", "programs", "m"],
)


@pytest.fixture
def connected(environ: dict[str, str]) -> dict[str, str]:
    """A home with accounts, one of a host of one's own and a key, and their records in the encrypted file."""
    with_record(environ)
    with_record(environ, "github")
    with_record(environ, "git.example.com", source="gitlab --host git.example.com")
    assert inside(environ, "connect", "openweather", "--key", "api_key", stdin="a-value").status == 0
    return environ


def with_record(environ: dict[str, str], provider: str = "acme", **fields: object) -> None:
    """List an account, with more of its fields, and put its record into the store that the environment selects."""
    context = Context(environ)
    store = context.store()
    account = listed(environ, provider, "ada@example.com", grant="g", store=store.name, **fields)
    records = records_of(context)
    account, _ = records.put(account, Record(access_token="an-access-token", grant="g", id_token=ID_TOKEN, account={}))
    records.mark(account)
    if isinstance(store, NamedStore):
        store.close()


def connected_there(environ: dict[str, str]) -> Account:
    """An account on the list of a shared store, with a record there and in the machine's cache."""
    accounts = Context(environ).accounts
    account = Account(
        provider="acme", id=account_id("ada", None), nickname="ada", connected_at=1.0, store="PostgreSQL", grant="g"
    )
    with accounts.locked(account) as locked:
        record = Record(access_token=secrets.token_urlsafe(8), grant="g", obtained_at=1.0, account={})
        account, _ = locked.put(account, record)
        locked.commit(account)
    return account


@pytest.mark.parametrize("words", FAST, ids=" ".join)
def test_a_command_that_machines_call_imports_the_short_list_and_no_more(
    connected: dict[str, str], words: list[str]
) -> None:
    with_a_file = words[0] in ("token", "run")
    more = ", gumauth.platform.digest, cryptography.hazmat.bindings._rust" if with_a_file else ""
    if {"--id-token", "--for"} & {*words}:
        more += ", binascii"  # the claims are in base64
    modules = imported(connected, *words)
    assert not _foreign(modules) - imported_by(f"import {SHORT_LIST}{more}")
    if words[:2] != ["__complete", "programs"]:  # the recipes know what is no program to link
        assert not {"gumauth.errors.others", "gumauth.platform.lock"} & modules


def test_the_bridge_starts_without_what_it_does_not_need(connected: dict[str, str]) -> None:
    """Clients wait for it at each of their starts."""
    modules = imported(connected, "mcp", "acme")
    assert "gumauth.handout.bridge.run" in modules
    unwanted = ("typer", "rich", "click", "keyring", "pydantic", "mcp", "h2", "importlib.metadata", "difflib")
    assert [name for name in unwanted if name in modules] == []
    assert not {"gumauth.oauth2.provider", "gumauth.oauth2.error_meaning", "gumauth.client.loading"} & modules


@pytest.mark.keyring
@pytest.mark.parametrize("option", [[], ["--json"], ["--header"], ["--for", "mcp"]], ids=" ".join)
def test_a_good_token_in_the_secret_service_needs_only_a_socket_and_a_lock(
    secret_service: Session, option: list[str]
) -> None:
    with_record(secret_service.environ)
    modules = imported(secret_service.environ, "token", "acme", *option)
    assert "gumauth.store.secret_service.store" in modules
    assert not _foreign(modules) - imported_by(f"import {SHORT_LIST}, fcntl, _socket")


@pytest.mark.keyring
def test_so_does_a_command_with_it(secret_service: Session) -> None:
    with_record(secret_service.environ)
    modules = imported(secret_service.environ, "run", "A=acme", "--", "true")
    assert "gumauth.store.secret_service.store" in modules
    assert not _foreign(modules) - imported_by(f"import {SHORT_LIST}, fcntl, _socket")


@pytest.mark.kwallet
@pytest.mark.parametrize("option", [[], ["--json"], ["--header"]], ids=" ".join)
def test_so_does_one_in_kwallet(kwallet: KWallet, option: list[str]) -> None:
    environ = {**kwallet.session.environ, "XDG_CURRENT_DESKTOP": "KDE"}
    with_record(environ)
    modules = imported(environ, "token", "acme", *option)
    assert "gumauth.store.kwallet" in modules
    assert not _foreign(modules) - imported_by(f"import {SHORT_LIST}, fcntl, _socket")


@pytest.mark.postgresql
@pytest.mark.requirement("T4")
@pytest.mark.parametrize(
    "words",
    [*([*("token", "acme"), *more] for more in ([], ["--json"], ["--for", "mcp"], ["--for", "git", "get"])), FAST[14]],
    ids=" ".join,
)
def test_so_does_one_of_a_shared_store_that_this_machine_keeps(shared_store: SharedStore, words: list[str]) -> None:
    environ = shared_store.machine("a")
    account = connected_there(environ)
    assert inside(environ, "token", account.label).status == 0
    modules = imported(environ, *words)
    more = ", fcntl, gumauth.platform.digest, binascii, cryptography.hazmat.bindings._rust"
    assert "gumauth.accounts.shared.keeper" in modules
    assert not _foreign(modules) - imported_by(f"import {SHORT_LIST}{more}")
    assert not {"psycopg2", "socket", "threading", "gumauth.accounts.shared.locked", "gumauth.errors.others"} & modules


@pytest.mark.postgresql
@pytest.mark.requirement("T4")
def test_completion_and_a_token_of_this_machines_own_know_no_shared_store(
    shared_store: SharedStore, connected: dict[str, str]
) -> None:
    environ = shared_store.machine("a")
    connected_there(environ)
    assert "psycopg2" not in imported(environ, "__complete", "accounts", "ac")
    assert not {each for each in imported(connected, "token", "acme") if each.startswith("gumauth.accounts.shared")}


@pytest.mark.parametrize("heavy", ["dataclasses", "json", "typing", "rich.text", "httpx"])
def test_one_heavy_import_more_is_noticed(connected: dict[str, str], heavy: str) -> None:
    modules = imported_by(f"import {heavy}; {RUN}", "list", "--json", environ=connected)
    assert _foreign(modules) - imported_by(f"import {SHORT_LIST}")


def test_a_table_is_drawn_without_rich(connected: dict[str, str]) -> None:
    """Its import takes five times as long as the rest of `gumauth list`."""
    modules = imported(connected, "list")
    assert "gumauth.cli.terminal.tables" in modules
    assert not _foreign(modules) - imported_by(f"import {SHORT_LIST}")


@pytest.mark.requirement("P1")
@pytest.mark.parametrize(
    "words", [["--help"], ["list"], ["list", "--json"], ["__complete", "providers", ""]], ids=" ".join
)
def test_no_provider_is_imported(connected: dict[str, str], words: list[str]) -> None:
    modules = imported(connected, *words)
    assert not {module for module in modules if module.startswith("gumauth.providers.")}
    assert not modules & {"gumauth.oauth2.provider", "gumauth.registry.files.runner", "httpx"}


@pytest.mark.parametrize("words", [["token", "--help"], ["connect", "-h"], ["--help"], []], ids=" ".join)
def test_help_imports_neither_typer_nor_a_command(environ: dict[str, str], words: list[str]) -> None:
    """Nor regular expressions: they take longer than folding the lines of a help text."""
    modules = imported(environ, *words)
    assert "gumauth.cli.parsing.help" in modules
    assert not modules & {"gumauth.cli.commands.token", "gumauth.client.context"}
    assert not _foreign(modules) - imported_by(f"import {SHORT_LIST}")


def test_httpx_is_imported_without_its_command_line() -> None:
    """Rich, Click and Pygments, which it imports along, are more than a third of its import."""
    modules = imported_by("import gumauth.oauth2.http.client")
    assert "httpx" in modules
    assert not {module for module in modules if module.partition(".")[0] in {"rich", "click", "pygments", "typer"}}


def test_a_refresh_imports_httpx_only_where_the_providers_own_code_may_use_it(tmp_path: Path) -> None:
    """What a request needs beside gumauth is what an event loop and HTTP need."""
    heavy = {"httpx", "httpcore", "anyio", "certifi", "email", "http.client", "importlib.metadata", "rich", "typer"}
    with stage(tmp_path) as play:
        assert imported(play.environ, "refresh", "acme") & heavy == set()
        with play.world.file.open("a") as file:
            file.write("\n    def own(self) -> None:\n        pass\n")
        assert "httpx" in imported(play.environ, "refresh", "acme")


def _foreign(modules: set[str]) -> set[str]:
    return {module for module in modules if module.partition(".")[0] != "gumauth"}
