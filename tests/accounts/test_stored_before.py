"""What every version before has stored is read, and what is written today looks as the last version wrote it.

The layouts stand here as they were written then. A test that fails here says that a folder of somebody who updates
gumauth may not be read any more.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gumauth.accounts import account as account_file
from gumauth.accounts import record as record_entry
from gumauth.accounts.account import Account
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.record import Record
from gumauth.accounts.rescue import RescueFile
from gumauth.client import credentials
from gumauth.client.context import Context
from gumauth.client.refresh.refresh import refresh
from gumauth.errors import Busy
from gumauth.platform.folders import Home
from gumauth.platform.frozen import replace
from gumauth.store.encrypted_file import header as header_file
from gumauth.store.named import NamedStore
from gumauth.store.split import SplitStore
from gumauth.testing import AuthorizationServer
from tests.accounts.directly import save
from tests.cli.program import Ended, environment, inside
from tests.client.world import Clock, Walker, World
from tests.store.memory import MemoryStore

ACCOUNT_1 = (
    '"provider": "acme", "id": "%(id)s", "nickname": "%(nickname)s", "alias": %(alias)s, %(later)s'
    '"scopes": ["read"], "requested_scopes": ["read", "write"], "expires_at": %(end)s, "refreshable": true,'
    ' "connected_at": %(connected)s, "refreshed_at": null, "state": "ok", "reason": null, "store": "encrypted file",'
    ' "slot": "b", "grant": "%(grant)s", "source": "%(source)s", "failed_at": null, "retry_at": null,'
    ' "told_to_wait": false'
)
"""The fields of an account as the first version wrote them, with a place for those that the second put in."""

ACCOUNT_2 = ACCOUNT_1.replace("%(later)s", '"identity": "%(identity)s", "number": null, ')
ACCOUNT_3 = (
    f'{ACCOUNT_2}, "missing_scopes": ["write"], "scopes_chosen": true, "refresh_expires_at": null, "refused_at": null,'
    ' "refused_as": null'
)
ACCOUNT_4 = f'{ACCOUNT_3}, "grant_type": "client_credentials"'
"""Only a client's own account is written so; every other one as before."""

ACCOUNT_5 = f'{ACCOUNT_3}, "fields": ["api_key", "api_secret"]'
"""Only a key is written so; its record has the sixth version."""

ACCOUNTS = {1: ACCOUNT_1.replace("%(later)s", ""), 2: ACCOUNT_2, 3: ACCOUNT_3}

RECORD = (
    '{"version": %(version)s, "access_token": "%(access)s", "refresh_token": "%(refresh)s", "token_type": "Bearer",'
    ' "expires_at": %(end)s, "obtained_at": %(connected)s, "generation": %(generation)s, "grant": "%(grant)s",'
    ' "token_url": "%(token_url)s", "client_id": "acme-app", %(extras)s"rescue": "%(rescue)s",'
    ' "account": {%(account)s}}'
)

FILE = '{"version": %(version)s, %(account)s}\n'
"""An account's file."""

HEADER = (
    '{"version": 1, "work": null, "salt": "000102030405060708090a0b0c0d0e0f", "check": "%(check)s", "sum": "%(sum)s"}\n'
)
SORTED_HEADER = '{"check": "%s", "salt": "000102030405060708090a0b0c0d0e0f", "version": 1, "work": null}'
"""What the header's sum is made of."""

NOTE = '{"version": 1, "store": "%s", "file": "%s"}\n'
CLIENT = '{"version": 1, "client_id": "acme-app", "client_secret": %s}'
HEAD = '{"version": 1, "parts": 2, "letter": "x", "sha256": "%s"}'
REMEMBERED = '{"version": 1, "folder": "%s", "inode": %s, "services": ["gumauth %s", "gumauth /before"]}\n'

NICKNAMES = {1: "ada@example.com", 2: "bob@example.com", 3: "grace@example.com"}
"""Version → whose account it wrote."""

ALIASES = {1: '"work"', 2: "null", 3: "null"}


def hashed(text: str, digits: int) -> str:
    return sha256(text.encode()).hexdigest()[:digits]


def sealed(key: bytes, plain: bytes, about: str) -> bytes:
    nonce = os.urandom(12)
    return b"GUM1" + nonce + AESGCM(key).encrypt(nonce, plain, f"gumauth 1 {about}".encode())


def header(key: bytes) -> str:
    check = sealed(key, b"gumauth", "header").hex()
    return HEADER % {"check": check, "sum": hashed(SORTED_HEADER % check, 64)}


@dataclass
class Before:
    """A folder as earlier versions left it: one account of each, with the tokens of a server's living grants.

    Args:
        world: The server at which the grants live.
        environ: The environment of who updates gumauth.
    """

    world: World
    environ: dict[str, str]

    def __post_init__(self) -> None:
        self.data = Path(self.environ["GUMAUTH_HOME"])
        self.key = Path(self.environ["GUMAUTH_KEY_FILE"]).read_bytes()
        self.tokens: dict[int, str] = {}
        """Version → the access token of its account."""
        self.write("secrets/header", header(self.key))
        for version in NICKNAMES:
            self._write_account(version)
        self.write("accounts/acme/default", self.id(1))
        self.write(f"accounts/acme/{hashed('alias work', 16)}.alias", self.id(1))
        secret = self.world.environ["ACME_CLIENT_SECRET"]
        self.write("clients/acme.json", NOTE % ("encrypted file", self.world.file))
        self.seal("client/acme", CLIENT % f'"{secret}"')

    def id(self, version: int) -> str:
        return hashed(f"nickname {NICKNAMES[version]}", 16)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.data / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def seal(self, entry: str, text: str) -> None:
        self.write(f"secrets/{hashed(entry, 32)}.secret", sealed(self.key, text.encode(), f"entry {entry}"))

    def values(self, version: int, kept: Record, source: str, identity: str | None) -> dict[str, object]:
        values: dict[str, object] = {
            "version": version,
            "id": self.id(version),
            "nickname": NICKNAMES[version],
            "alias": ALIASES[version],
            "identity": identity,
            "end": kept.expires_at,
            "connected": time.time() - 10 + version,
            "grant": "g",
            "source": source,
            "access": kept.access_token,
            "refresh": kept.refresh_token,
            "generation": 4,
            "token_url": kept.token_url,
            "rescue": secrets.token_hex(32),
            "extras": '"extras": {"company": "7"}, ' if version == 3 else "",
        }
        return values | {"account": ACCOUNTS[version] % values}

    def _write_account(self, version: int) -> None:
        reference = f"acme/{NICKNAMES[version]}"
        self.world.connect(Walker(self.world, nickname=NICKNAMES[version]))
        listed, kept = self.world.account(reference), self.world.token(reference)
        values = self.values(version, kept, listed.source, listed.identity)
        self.write(f"accounts/acme/{self.id(version)}.json", FILE % values)
        self.seal(f"acme/{self.id(version)}/b", RECORD % values)
        self.tokens[version] = kept.access_token
        if version == 3:
            self._rescue(values)

    def _rescue(self, values: dict[str, object]) -> None:
        """Refresh at the server, and leave the answer where only the rescue file has it."""
        assert refresh(self.world.new_context(), ["acme/grace@example.com"])[0].refreshed
        newer = self.world.token("acme/grace@example.com")
        values = values | {"access": newer.access_token, "refresh": newer.refresh_token, "generation": 5}
        plain = (RECORD % values).encode().ljust((1 << 14) - 32)
        about = f"rescue acme/{self.id(3)}"
        self.write(f"rescue/acme.{self.id(3)}", sealed(bytes.fromhex(str(values["rescue"])), plain, about))
        self.tokens[3] = newer.access_token

    def run(self, *words: str) -> Ended:
        ended = inside(self.environ, *words)
        assert ended.status == 0, ended.err
        return ended

    def kept(self, version: int) -> Record:
        context = Context(self.environ)
        account = context.accounts.get("acme", self.id(version))
        assert account is not None
        return context.accounts.read(account)


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Before]:
    folder = tmp_path / "world"
    folder.mkdir()
    with AuthorizationServer() as server:
        yield Before(World(server=server, folder=folder, clock=Clock(time.time())), environment(tmp_path))


@pytest.mark.requirement("K12", "I8")
def test_the_accounts_of_all_versions_are_listed(before: Before) -> None:
    listed = json.loads(before.run("list", "--json").out)["accounts"]
    assert [(each["account"], each["default"], each["state"]) for each in listed] == [
        ("acme/work", True, "ok"),
        ("acme/bob@example.com", False, "ok"),
        ("acme/grace@example.com", False, "ok"),
    ]


@pytest.mark.requirement("K12", "I8")
@pytest.mark.parametrize("reference", ["acme", "acme/work", "acme/ada@example.com", "acme/bob@example.com"])
def test_the_tokens_of_all_versions_are_handed_out(before: Before, reference: str) -> None:
    version = 2 if "bob" in reference else 1
    assert before.run("token", reference).out.strip() == before.tokens[version]


@pytest.mark.requirement("K12", "K13")
def test_the_records_of_all_versions_are_refreshed_with_the_kept_client_and_written_as_today(before: Before) -> None:
    """The refresh token of the third was spent before; the one that is good is in the rescue file alone."""
    before.run("refresh")
    for version, nickname in NICKNAMES.items():
        token = before.run("token", f"acme/{nickname}").out.strip()
        assert token != before.tokens[version]
        assert before.world.server.is_active(token)
        assert before.kept(version).refresh_token
        file = before.data / "accounts" / "acme" / f"{before.id(version)}.json"
        assert json.loads(file.read_text())["version"] == 3
    assert before.kept(3).extras == {"company": "7"}
    assert before.kept(3).generation == 7  # the rescued answer, and the refresh
    assert not list((before.data / "rescue").iterdir())


@pytest.mark.requirement("K12")
def test_the_default_of_an_earlier_version_is_changed_and_is_written_as_it_was(before: Before) -> None:
    before.run("default", "acme/bob@example.com")
    assert (before.data / "accounts" / "acme" / "default").read_text() == before.id(2)
    assert before.run("token", "acme").out.strip() == before.tokens[2]


@pytest.mark.requirement("K12")
def test_the_client_that_an_earlier_setup_kept_is_found_by_its_file_and_forgotten(before: Before) -> None:
    assert credentials.kept_for(Context(before.environ), str(before.world.file)) == ["acme"]
    assert json.loads(before.run("setup", "acme", "--forget", "--json").out)["forgotten"] is True
    assert credentials.find(Context(before.environ), "acme") is None


@pytest.mark.requirement("K12")
def test_who_has_a_lock_in_the_older_folder_is_waited_for(before: Before) -> None:
    before.write(f"state/locks/acme.{before.id(1)}.lock", b"")
    before.write(f"locks/acme.{before.id(1)}.lock", b"")
    lock = AccountLock(Context(before.environ).home, f"acme/{before.id(1)}", timeout=0)
    with (before.data / "state" / "locks" / f"acme.{before.id(1)}.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            lock.acquire()
    before.run("refresh", "acme/work")


@pytest.mark.requirement("K12")
def test_the_names_that_a_folder_remembers_lead_to_its_entries(tmp_path: Path) -> None:
    stores: dict[str, MemoryStore] = {}
    make: Callable[[str], MemoryStore] = lambda service: stores.setdefault(service, MemoryStore())  # noqa: E731
    make("gumauth /before").set("acme/0/a", "kept")
    path = tmp_path / "keyring.json"
    content = REMEMBERED % (tmp_path, tmp_path.stat().st_ino, tmp_path)
    path.touch(mode=0o600)
    path.write_text(content)
    store = NamedStore(Home(data=str(tmp_path), service=f"gumauth {tmp_path}"), make)
    assert store.get("acme/0/a") == "kept"
    path.unlink()
    store._noted = None
    store.set("acme/0/b", "new")
    assert path.read_text() == content


@pytest.mark.requirement("K12")
def test_a_value_in_parts_is_read_and_is_written_as_it_was() -> None:
    store = MemoryStore()
    value = "a" * 12
    parts = {"key": HEAD % hashed(value, 64), "key/x0": "a" * 10, "key/x1": "aa"}
    for name, text in parts.items():
        store.set(name, text)
    assert SplitStore(store, limit=10).get("key") == value
    for name in parts:
        store.delete(name)
    SplitStore(store, limit=10).set("key", value)
    assert {name: store.get(name) for name in store.keys()} == parts  # noqa: SIM118


@pytest.mark.requirement("K12")
def test_what_is_written_today_has_the_layout_of_the_last_version(before: Before, tmp_path: Path) -> None:
    """Whoever changes a layout raises its version, and adds the older one above."""
    kept = Record(access_token="t", refresh_token="r", expires_at=9.5, token_url="https://a.example/t", account={})
    values = before.values(3, kept, "/acme.py:Acme", "i")
    account = account_file.parse((FILE % values).encode())
    assert isinstance(account, Account)
    assert account_file.encode(account).decode() == FILE % values
    assert record_entry.encode(record_entry.decode(RECORD % values, "acme")) == RECORD % values
    text = header(before.key)
    assert header_file.encode(header_file.decode(text.encode(), "header")).decode() == text
    context = Context({"GUMAUTH_HOME": str(tmp_path / "new")}, store=MemoryStore())
    credentials.save(context, "acme", "acme-app", None, file="/acme.py")
    assert (tmp_path / "new" / "clients" / "acme.json").read_text() == NOTE % ("memory", "/acme.py")
    assert context.store().get("client/acme") == CLIENT % "null"
    save(context, account)
    written = {path.name: path.read_text() for path in (tmp_path / "new" / "accounts" / "acme").iterdir()}
    hint = hashed("alias grace@example.com", 16)
    assert written == {f"{account.id}.json": FILE % values, f"{hint}.alias": account.id, "default": account.id}


@pytest.mark.requirement("K12", "V3")
def test_a_clients_own_account_alone_has_the_layout_of_the_fourth_version(before: Before) -> None:
    """An older gumauth can use all other accounts beside it."""
    kept = Record(access_token="t", expires_at=9.5, token_url="https://a.example/t", account={})
    values = before.values(3, kept, "/acme.py:Acme", "i") | {"version": 4}
    values["account"] = ACCOUNT_4 % values
    account = account_file.parse((FILE % values).encode())
    assert account is not None
    assert account.is_of_client
    assert account_file.encode(account).decode() == FILE % values
    assert record_entry.encode(record_entry.decode(RECORD % values, "acme")) == RECORD % values
    no_longer = account_file.encode(replace(account, grant_type=None))
    assert (json.loads(no_longer)["version"], b"grant_type" in no_longer) == (3, False)


@pytest.mark.requirement("K12")
def test_a_key_alone_has_the_layout_of_the_fifth_version_and_its_record_that_of_the_sixth(before: Before) -> None:
    """An older gumauth can use all other accounts beside it."""
    kept = Record(access_token="", expires_at=None, token_url=None, account={})
    values = before.values(3, kept, "key", "i") | {"version": 5, "end": "null"}
    values["account"] = ACCOUNT_5 % values
    account = account_file.parse((FILE % values).encode())
    assert account is not None
    assert account.fields == ("api_key", "api_secret")
    assert account_file.encode(account).decode() == FILE % values
    values_of_fields = '"credentials": {"api_key": "k", "api_secret": "s"}, "account":'
    text = RECORD.replace('"account":', values_of_fields) % (values | {"version": 6})
    assert record_entry.encode(record_entry.decode(text, "acme")) == text
    assert account_file.parse((FILE % values).replace('["api_key", "api_secret"]', "[]").encode()) is None


@pytest.mark.requirement("K13")
def test_an_answer_is_rescued_as_the_last_version_did_it(tmp_path: Path) -> None:
    key = secrets.token_bytes(32)
    with RescueFile(Home(data=str(tmp_path), service="gumauth"), "acme/0123456789abcdef") as file:
        file.fill(100)
        assert file.keep("an answer", key.hex())
    content = (tmp_path / "rescue" / "acme.0123456789abcdef").read_bytes()
    plain = AESGCM(key).decrypt(content[4:16], content[16:], b"gumauth 1 rescue acme/0123456789abcdef")
    assert (content[:4], len(content), plain.rstrip()) == (b"GUM1", 1 << 14, b"an answer")
