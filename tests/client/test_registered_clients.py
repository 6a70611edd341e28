"""The clients that are kept for an issuer."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.registered_clients import RegisteredClients, is_noted, port_of_kept
from gumauth.errors import HomeError, NewerRecord, OtherStore, RecordCorrupt, StoreError
from gumauth.oauth2.registered_client import RegisteredClient
from gumauth.platform.frozen import replace
from gumauth.store.interface import Store
from tests.store.memory import MemoryStore

ISSUER = "https://issuer.example"
CODE = "authorization_code"
HERE = "http://localhost:4862/callback"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def context(tmp_path: Path, store: MemoryStore) -> Context:
    return Context({"GUMAUTH_HOME": str(tmp_path)}, store=store)


@pytest.fixture
def clients(context: Context) -> RegisteredClients:
    return RegisteredClients(context, ISSUER)


def client(name: str, at: float = 1.0, *, secret: str | None = None, uri: str = HERE) -> RegisteredClient:
    return RegisteredClient(
        client_id=name,
        client_secret=secret,
        auth_method="body" if secret else "none",
        redirect_uris=(uri,),
        grant_types=(CODE, "refresh_token"),
        registered_at=at,
    )


def ids(clients: RegisteredClients) -> list[str]:
    return [each.client_id for each in clients.all()]


def test_what_was_added_is_found_again_the_newest_first(context: Context, clients: RegisteredClients) -> None:
    assert clients.all() == ()
    assert not is_noted(context, ISSUER)
    clients.add(client("one", 1.0))
    clients.add(client("two", 2.0, secret="s"))
    again = RegisteredClients(context, ISSUER)
    assert again.all() == (client("two", 2.0, secret="s"), client("one", 1.0))
    assert again.find("one") == client("one", 1.0)
    assert again.find("three") is None
    assert is_noted(context, ISSUER)


@pytest.mark.requirement("M28")
def test_the_clients_of_two_issuers_are_kept_apart_in_one_entry_each(
    context: Context, clients: RegisteredClients, store: MemoryStore
) -> None:
    clients.add(client("one"))
    clients.add(client("two"))
    RegisteredClients(context, f"{ISSUER}/tenant").add(client("theirs"))
    assert ids(clients) == ["two", "one"]
    assert len(keys := store.keys()) == 2
    assert all(key.startswith("issuer/") and len(key) == 39 for key in keys)


@pytest.mark.requirement("M10")
@pytest.mark.parametrize(
    ("other", "is_same"),
    [(f"{ISSUER}/", True), (f"{ISSUER}/a", False), (f"{ISSUER}//", False), ("http://issuer.example", False)],
)
def test_an_issuer_keeps_its_clients_when_the_slash_of_its_root_comes_or_goes(
    context: Context, clients: RegisteredClients, other: str, is_same: bool
) -> None:
    clients.add(client("one"))
    assert bool(RegisteredClients(context, other).all()) is is_same


@pytest.mark.requirement("S1", "S2")
def test_no_secret_lies_beside_the_store(clients: RegisteredClients, tmp_path: Path) -> None:
    clients.add(replace(client("one", secret="hidden-secret"), management_token="hidden-token"))
    (note,) = (tmp_path / "issuers").iterdir()
    assert json.loads(note.read_text()) == {"version": 1, "store": "memory", "issuer": ISSUER}
    assert (note.stat().st_mode & 0o777, note.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"hidden" not in file.read_bytes()


@pytest.mark.requirement("Y3")
def test_a_folder_of_notes_that_others_can_write_is_refused(clients: RegisteredClients, tmp_path: Path) -> None:
    clients.add(client("one"))
    (tmp_path / "issuers").chmod(0o777)
    with pytest.raises(HomeError, match="is not used"):
        Context({"GUMAUTH_HOME": str(tmp_path)})


@pytest.mark.requirement("M20", "M23")
def test_a_connect_begins_with_the_newest_client_that_fits(clients: RegisteredClients) -> None:
    elsewhere = "http://localhost:5000/callback"
    for each in (
        client("other port", 5.0, uri=elsewhere),
        replace(client("doubtful", 4.0), doubtful_since=4.5),
        replace(client("expiring", 3.0, secret="s"), secret_expires_at=1050.0),
        replace(client("device", 2.0), grant_types=("device",)),
        client("good", 1.0),
    ):
        clients.add(each)

    def newest(grant: str, uri: str | None) -> str | None:
        found = clients.newest(grant, uri, 1000.0)
        return found.client_id if found else None

    assert newest(CODE, HERE) == "good"
    assert newest(CODE, elsewhere) == "other port"
    assert newest("device", None) == "device"
    assert newest(CODE, "http://localhost:6000/callback") is None
    assert newest("client_credentials", None) is None


def test_a_client_that_worked_is_no_more_in_doubt(clients: RegisteredClients) -> None:
    clients.add(client("one"))
    clients.doubt("one", 5.0)
    assert clients.all() == (replace(client("one"), doubtful_since=5.0),)
    clients.worked("one", 6.0)
    assert clients.all() == (replace(client("one"), worked_at=6.0),)
    clients.worked("unknown", 7.0)
    clients.update(client("unknown"))
    assert clients.all() == (replace(client("one"), worked_at=6.0),)


def test_where_the_last_client_is_dropped_nothing_stays(
    context: Context, clients: RegisteredClients, store: MemoryStore
) -> None:
    clients.add(client("one"))
    clients.add(client("two"))
    clients.drop("one")
    clients.drop("unknown")
    assert ids(clients) == ["two"]
    clients.drop("two")
    assert (store.keys(), is_noted(context, ISSUER), clients.all()) == ([], False, ())


@pytest.mark.requirement("M41")
def test_of_too_many_clients_those_go_first_that_never_worked_and_none_that_an_account_uses(
    clients: RegisteredClients,
) -> None:
    for at in range(20):
        clients.add(client(f"c{at}", float(at)))
    clients.worked("c0", 100.0)
    clients.add(client("new", 20.0), keep=("c1",))
    assert ids(clients) == ["new", *(f"c{at}" for at in reversed(range(3, 20))), "c1", "c0"]


@pytest.mark.requirement("M41")
def test_more_clients_than_the_bound_are_kept_where_accounts_use_all_of_them(clients: RegisteredClients) -> None:
    used = [f"c{at}" for at in range(25)]
    for at, name in enumerate(used):
        clients.add(client(name, float(at)), keep=used)
    assert len(clients.all()) == 25


def test_clients_with_long_secrets_do_not_outgrow_the_store(clients: RegisteredClients) -> None:
    for at in range(20):
        clients.add(client(f"c{at}", float(at), secret="s" * 8000))
    assert ids(clients) == ["c19", "c18", "c17", "c16", "c15"]


@pytest.mark.requirement("K12")
def test_a_damaged_entry_is_said_and_a_newer_gumauths_is_not_overwritten(
    clients: RegisteredClients, store: MemoryStore, tmp_path: Path
) -> None:
    clients.add(client("one"))
    (key,) = store.keys()
    for damaged in ("{", '{"version": 1}', '{"version": 1, "clients": [7]}', '{"version": 1, "clients": [{}]}'):
        store.set(key, damaged)
        with pytest.raises(RecordCorrupt, match=r"The stored clients of https://issuer\.example cannot be read"):
            clients.all()
        assert clients.readable() == ()
    store.set(key, '{"version": 2}')
    for ask in (clients.all, clients.readable, lambda: clients.add(client("two"))):
        with pytest.raises(NewerRecord):
            ask()
    store.set(key, "{")
    clients.add(client("two"))
    assert ids(clients) == ["two"]


def test_a_store_that_does_not_keep_is_an_error_and_nothing_is_noted(context: Context) -> None:
    class Forgetful(MemoryStore):
        def set(self, key: str, value: str) -> None: ...

    forgetful = Context(context.environ, store=Forgetful())
    with pytest.raises(StoreError, match="did not give back"):
        RegisteredClients(forgetful, ISSUER).add(client("one"))
    assert not is_noted(context, ISSUER)


class Moved(Context):
    """Another store is selected, and the one that holds the clients is gone."""

    def store(self, name: str | None = None) -> Store:
        if name == "KWallet":
            raise OtherStore("The record is in KWallet.")
        return super().store(name)


def test_where_the_store_of_the_clients_is_gone_a_new_client_is_kept_in_the_selected_one(
    context: Context, clients: RegisteredClients, tmp_path: Path
) -> None:
    clients.add(client("one"))
    (note,) = (tmp_path / "issuers").iterdir()
    note.write_text(json.dumps({"version": 1, "store": "KWallet", "issuer": ISSUER}))
    moved = RegisteredClients(Moved(context.environ, store=MemoryStore()), ISSUER)
    with pytest.raises(OtherStore):
        moved.all()
    moved.add(client("two"))
    assert ids(moved) == ["two"]
    assert json.loads(note.read_text())["store"] == "memory"


@pytest.mark.requirement("M20")
def test_the_port_is_the_newest_clients(context: Context, clients: RegisteredClients) -> None:
    assert port_of_kept(context, ISSUER) is None
    clients.add(client("one", 1.0))
    clients.add(client("two", 2.0, uri="http://127.0.0.1:5000/callback"))
    clients.add(replace(client("device", 3.0), redirect_uris=()))
    assert port_of_kept(context, ISSUER) == 5000


def test_what_several_threads_add_at_once_is_all_kept(context: Context) -> None:
    def add(name: str) -> None:
        RegisteredClients(context, ISSUER).add(client(name))

    threads = [threading.Thread(target=add, args=(f"c{at}",)) for at in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(ids(RegisteredClients(context, ISSUER))) == sorted(f"c{at}" for at in range(10))
    assert [name for name in os.listdir(os.path.join(context.home.data, "locks")) if name.startswith("issuer.")]
