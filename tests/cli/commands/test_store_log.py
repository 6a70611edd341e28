"""`gumauth store log` and `reader-key`: what was done, and machines that may only read tokens."""

from __future__ import annotations

import json
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.testing import AuthorizationServer
from gumauth.testing.person import consent, deliver
from tests.cli.connecting import acme, piped
from tests.cli.program import Screen, inside
from tests.parts.opened import opened
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql


@pytest.fixture
def connected(shared_store: SharedStore) -> Iterator[tuple[SharedStore, dict[str, str], str]]:
    """A store with an account and with client credentials, the machine that connected it, and the secret."""
    with AuthorizationServer() as server:
        provider, credentials = acme(server, shared_store.folder)
        machine = shared_store.machine("first", **credentials)
        with piped(machine, "connect", str(provider), "--no-browser") as connecting:
            address = connecting.until(re.compile(r"http://127\S+/authorize\?\S+"))[0]
            assert deliver(consent(address, approve=True, login="ada"))[0] == 200
            assert connecting.end()[0] == 0, connecting.shown
        secret = secrets.token_hex(16)
        assert inside({**machine, "ACME_CLIENT_SECRET": secret}, "setup", "acme", "--from-env").status == 0
        yield shared_store, machine, secret


@pytest.mark.requirement("T5")
def test_the_log_says_who_did_what_when_and_no_secret(connected: tuple[SharedStore, dict[str, str], str]) -> None:
    store, machine, secret = connected
    token = inside(machine, "token", "acme").out.strip()
    second = store.machine("second", GUMAUTH_STORE=store.address_of(role := store.role("gumauth_reader")))
    assert inside(second, "token", "acme").out.strip() == token
    shown = inside(machine, "store", "log", "--json")
    entries = json.loads(shown.out)["entries"]
    taken = entries[0]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", taken.pop("at"))
    assert re.fullmatch(r"acme/[0-9a-f]{16}", taken.pop("name"))
    account = "acme/ada@example.com"
    assert taken == {"action": "take", "account": account, "role": role, "machine": "second", "generation": 1}
    assert [entry["action"] for entry in entries if entry["account"]][-2:] == ["connect", "connect begins"]
    assert {entry["role"] for entry in entries[1:]} == {"admin"}
    text = inside(machine, "store", "log", stream=Screen)
    assert account in text.out
    for words in (shown.out, text.out):
        assert token not in words
        assert secret not in words
    _of_one_account(machine)


def _of_one_account(machine: dict[str, str]) -> None:
    """The log of one account, and as many lines as wanted."""
    every = json.loads(inside(machine, "store", "log", "--json").out)["entries"]
    names = [entry["name"] for entry in every if entry["account"]]
    assert 1 < len(names) < len(every)
    for reference in ("acme/ada@example.com", names[0]):
        ended = inside(machine, "store", "log", "--json", "--account", reference)
        assert [entry["name"] for entry in json.loads(ended.out)["entries"]] == names
    of_acme = json.loads(inside(machine, "store", "log", "--json", "--account", "acme").out)["entries"]
    assert of_acme == [entry for entry in every if entry["name"].startswith("acme/")]
    assert json.loads(inside(machine, "store", "log", "--json", "--limit", "1").out)["entries"] == every[:1]
    assert "These are the latest 1; --limit shows more." in inside(machine, "store", "log", "--limit", "1").err
    assert inside(machine, "store", "log", "--account", "linear").err == "The log has no such entry.\n"


@pytest.mark.requirement("T5")
def test_the_log_is_for_administrators(shared_store: SharedStore) -> None:
    address = shared_store.address_of(shared_store.role("gumauth_connector"))
    ended = inside(shared_store.machine("a", GUMAUTH_STORE=address), "store", "log")
    assert (ended.status, ended.out) == (6, "")
    assert "does not let this role do that" in ended.err


@pytest.mark.requirement("T3", "T5")
def test_a_machine_with_the_readers_key_gets_tokens_and_cannot_refresh(
    connected: tuple[SharedStore, dict[str, str], str],
) -> None:
    store, machine, _ = connected
    path = store.folder / "for readers" / "key"
    written = inside(machine, "store", "reader-key", str(path))
    assert (written.status, written.out) == (0, f"{path} has the key of machines that may only read tokens.\n")
    assert (path.stat().st_size, stat.S_IMODE(path.stat().st_mode)) == (32, 0o600)
    own, readers = store.key_file.read_bytes(), path.read_bytes()
    assert readers != own
    everything = ["access token", "client secret", "data key for access", "data key for refresh", "refresh token"]
    assert opened(store, own) == everything
    assert opened(store, readers) == ["access token", "data key for access"]
    address = store.address_of(store.role("gumauth_reader"))
    reader = store.machine("reader", GUMAUTH_STORE=address, GUMAUTH_KEY_FILE=str(path))
    assert inside(reader, "token", "acme").out == inside(machine, "token", "acme").out
    for words in (["token", "acme"], ["refresh", "acme"]):
        ended = inside(reader, *words, clock=lambda: time.time() + 3700)
        assert (ended.status, ended.out) == (5, ""), ended.err
        assert "may read tokens, and not change accounts" in ended.err
        assert "Wait for a machine that may refresh" in ended.err
    again = inside(reader, "store", "reader-key", str(path.parent / "other"))
    assert again.status == 6
    assert "is itself that of a machine that may only read tokens" in again.err
    # also with a role that may do everything: the key decides too
    strong = store.machine("strong", GUMAUTH_KEY_FILE=str(path))
    assert inside(strong, "token", "acme", clock=lambda: time.time() + 3700).status == 5


def test_a_readers_key_is_written_over_nothing(shared_store: SharedStore) -> None:
    path = shared_store.folder / "there"
    path.write_text("mine")
    link = shared_store.folder / "link"
    link.symlink_to(shared_store.folder / "elsewhere")
    for each in (path, link):
        ended = inside(shared_store.machine("a"), "store", "reader-key", str(each), "--json")
        assert (ended.status, ended.out) == (6, "")
        assert "is there already; nothing was written" in ended.err
    assert path.read_text() == "mine"
    assert not (shared_store.folder / "elsewhere").exists()
    assert sorted(Path(each).name for each in shared_store.folder.iterdir() if "tmp" in each.name) == []
