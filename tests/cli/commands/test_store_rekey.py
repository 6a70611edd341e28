"""`gumauth store rekey`: another key, without a moment in which a machine with the old or the new one fails."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gumauth.accounts import choice
from gumauth.accounts.account import Account, account_id, stored_fields
from gumauth.accounts.postgresql.administration import AdministeredPostgreSQL
from gumauth.accounts.record import Record
from gumauth.accounts.shared.administration import Administration
from gumauth.accounts.shared.keys import MachineKey
from gumauth.client.context import Context
from gumauth.errors import RecordCorrupt, StoreAway
from gumauth.platform.frozen import replace
from tests.cli.program import Ended, inside
from tests.parts.opened import opened
from tests.parts.shared_store import SharedStore

pytestmark = [pytest.mark.postgresql, pytest.mark.requirement("T3")]

EVERYTHING = ["access token", "client secret", "data key for access", "data key for refresh", "refresh token"]


def kept(context: Context, nickname: str) -> tuple[Account, str]:
    """An account with tokens made just now, written into the store; and its access token."""
    token = secrets.token_hex(16)
    id_ = account_id(nickname, None)
    account = Account(provider="acme", id=id_, nickname=nickname, grant=f"g {id_}", connected_at=time.time())
    record = Record(
        access_token=token,
        refresh_token=f"refresh {token}",
        grant=account.grant or "",
        account=stored_fields(account),
        expires_at=time.time() + 3600,
        obtained_at=time.time(),
    )
    with context.accounts.locked(account) as locked:
        account, _ = locked.put(account, record)
        locked.commit(account)
    return account, token


def keep_secret(context: Context) -> None:
    """A client secret in the store."""
    context.store().set("acme/client", secrets.token_hex(16))


def tokens_of(environ: dict[str, str]) -> dict[str, str]:
    """The tokens that a machine gets from the store, and not from what it keeps."""
    accounts = Context({**environ, "GUMAUTH_HOME": f"{environ['GUMAUTH_HOME']}-{secrets.token_hex(4)}"}).accounts
    return {account.nickname or "": accounts.read(account).access_token for account in list(accounts.all())}


@contextmanager
def rekeyed(store: SharedStore) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """A machine with the old key and one with the new key, which both open the store."""
    old, path = store.machine("old"), store.folder / "new" / "store.key"
    ended = inside(old, "store", "rekey", str(path))
    assert (ended.status, ended.out) == (
        0,
        f"The key in {path} opens the database from now on, beside the present one.\n",
    )
    assert f"has ended, run `GUMAUTH_KEY_FILE={path} gumauth store rekey --finish`." in ended.err
    yield old, store.machine("new", GUMAUTH_KEY_FILE=str(path))


def key_of(environ: dict[str, str]) -> bytes:
    return Path(environ["GUMAUTH_KEY_FILE"]).read_bytes()


def test_both_keys_open_everything_until_it_is_finished_and_then_the_new_one_alone(shared_store: SharedStore) -> None:
    context = Context(shared_store.machine("old"))
    keep_secret(context)
    tokens = {"ada": kept(context, "ada")[1]}
    with rekeyed(shared_store) as (old, new):
        tokens["bob"] = kept(Context(old), "bob")[1]
        tokens["eve"] = kept(Context(new), "eve")[1]
        assert inside(new, "store", "reader-key", str(shared_store.folder / "reader")).status == 0
        readers = shared_store.machine("readers", GUMAUTH_KEY_FILE=str(shared_store.folder / "reader"))
        for machine in (old, new, readers):
            assert tokens_of(machine) == tokens
        assert opened(shared_store, key_of(old)) == opened(shared_store, key_of(new)) == EVERYTHING
        done = inside(new, "store", "rekey", "--finish")
        said = f"Only the key in {new['GUMAUTH_KEY_FILE']} opens the database now; 4 values were sealed anew.\n"
        assert (done.status, done.out) == (0, said)
        assert done.err == "The old key still opens backups that were made before.\n"
        for machine in (new, readers):
            assert tokens_of(machine) == tokens
        assert (opened(shared_store, key_of(old)), opened(shared_store, key_of(new))) == ([], EVERYTHING)
        refused = inside(shared_store.machine("late", GUMAUTH_KEY_FILE=old["GUMAUTH_KEY_FILE"]), "list")
        assert refused.status == 6
        assert "The key of GUMAUTH_KEY_FILE is not the key of this database; nothing was changed." in refused.err
        again = inside(new, "store", "rekey", "--finish", "--json")
        members = {"schema_version": 1, "key_file": new["GUMAUTH_KEY_FILE"], "made_key_file": False}
        assert json.loads(again.out) == {**members, "finished": True, "resealed": 0, "machines": None}
        log = json.loads(inside(new, "store", "log", "--json").out)["entries"]
        assert [entry["action"] for entry in log].count("reseal") == 4
        assert [entry["action"] for entry in log].count("drop key") == 2


def test_a_machine_keeps_tokens_under_its_new_key(shared_store: SharedStore) -> None:
    """What it kept under the old one is removed, and the store is not asked at each handing out."""
    with rekeyed(shared_store) as (old, new):
        kept(Context(old), "ada")
        same = {**new, "GUMAUTH_HOME": old["GUMAUTH_HOME"]}
        count = "select count(*) from gumauth.audit where action = 'take'"
        taken = []
        for _ in range(3):
            context = Context(same)
            context.accounts.read(context.accounts.find("acme/ada"))
            taken += shared_store.ask(count)
        assert taken == ["1", "1", "1"]


def test_a_process_that_began_before_the_end_goes_on(shared_store: SharedStore) -> None:
    with rekeyed(shared_store) as (old, new):
        keep_secret(Context(old))
        kept(Context(old), "ada")
        began = Context(new)
        ada = began.accounts.find("acme/ada")
        assert began.store().get("acme/client")
        assert inside(new, "store", "rekey", "--finish").status == 0
        token = kept(began, "bob")[1]
        keep_secret(began)
        assert tokens_of(new)["bob"] == token
        assert opened(shared_store, key_of(new)) == EVERYTHING
        with began.accounts.locked(ada) as locked:
            assert locked.settle(ada)[1].refresh_token


def test_writing_meanwhile_loses_nothing(shared_store: SharedStore) -> None:
    with rekeyed(shared_store) as (_, new):
        over, tokens = threading.Event(), dict[str, str]()

        def write(name: str) -> None:
            context = Context({**new, "GUMAUTH_HOME": f"{new['GUMAUTH_HOME']}-{name}"})
            while not over.is_set():
                tokens[name] = kept(context, name)[1]

        threads = [threading.Thread(target=write, args=(name,)) for name in ("ada", "bob", "eve")]
        for thread in threads:
            thread.start()
        while len(tokens) < 3:
            time.sleep(0.01)
        ended = inside(new, "store", "rekey", "--finish")
        over.set()
        for thread in threads:
            thread.join()
        assert ended.status == 0, ended.err
        assert tokens_of(new) == tokens
        assert shared_store.ask("select count(*) from gumauth.data_key") == ["1"]
        assert opened(shared_store, shared_store.key_file.read_bytes()) == []


def test_what_was_written_since_it_was_read_is_not_sealed_anew(shared_store: SharedStore) -> None:
    context = Context(shared_store.machine("a"))
    account, _ = kept(context, "ada")
    keep_secret(context)
    administration = choice.administration(context.home, context.environ)
    engine = administration.engine
    row, entry = engine.take(account.key, whole=True), engine.entry("acme/client")
    assert row is not None
    assert entry is not None
    token = kept(context, "ada")[1]
    keep_secret(context)
    assert engine.reseal(account.key, row, replace(row, access=b"older")) is False
    assert engine.reseal_entry("acme/client", entry[0], b"older", entry[1]) is False
    engine.close()
    assert tokens_of(shared_store.machine("b")) == {"ada": token}
    assert Context(shared_store.machine("b")).store().get("acme/client")


class Killed(BaseException):
    """The process dies."""


def test_killed_at_any_statement_it_can_be_run_again(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run again, it dies one statement later; at each point, whoever has the new key gets every token."""
    old = shared_store.machine("old")
    keep_secret(Context(old))
    tokens = {name: kept(Context(old), name)[1] for name in ("ada", "bob")}
    path = shared_store.folder / "store.key"
    new = shared_store.machine("new", GUMAUTH_KEY_FILE=str(path))

    def deaths(run: str, environ: dict[str, str], works: dict[str, str]) -> int:
        for statements in range(100):
            administration = dying(environ, statements)
            try:
                getattr(administration, run)(*([str(path)] if run == "begin_rekey" else []))
            except Killed:
                assert tokens_of(works) == tokens
            else:
                return statements
            finally:
                administration.engine.close()
        raise AssertionError

    assert deaths("begin_rekey", old, old) > 3
    assert deaths("finish_rekey", new, new) > 6
    assert tokens_of(new) == tokens
    assert (opened(shared_store, key_of(old)), opened(shared_store, key_of(new))) == ([], EVERYTHING)


def dying(environ: dict[str, str], statements: int) -> Administration:
    """An administration whose process dies when so many statements have been answered."""
    context = Context(environ)
    administration = choice.administration(context.home, context.environ)
    connection = administration.engine.connection  # type: ignore[attr-defined]
    ask, left = connection.ask, [statements]

    def counted(*words: object, **more: object) -> object:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return ask(*words, **more)

    connection.ask = counted
    return administration


def test_a_database_that_is_away_in_the_middle_is_told_and_it_is_run_again(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rekeyed(shared_store) as (old, new):
        kept(Context(old), "ada")
        context = Context(new)
        administration = choice.administration(context.home, context.environ)
        engine = administration.engine

        def away(*_: object) -> bool:
            raise StoreAway("it is away")

        monkeypatch.setattr(engine, "drop_keys", away)
        with pytest.raises(StoreAway):
            administration.finish_rekey()
        engine.close()
        assert inside(new, "store", "rekey", "--finish").status == 0


def test_the_key_that_is_being_replaced_cannot_finish(shared_store: SharedStore) -> None:
    with rekeyed(shared_store) as (old, new):
        ended = inside(old, "store", "rekey", "--finish")
        assert ended.status == 6
        assert "The key of GUMAUTH_KEY_FILE is the one that is being replaced; nothing was changed." in ended.err
        back = inside(new, "store", "rekey", old["GUMAUTH_KEY_FILE"])
        assert back.status == 0, back.err
        assert inside(old, "store", "rekey", "--finish").status == 0
        assert "is not the key of this database" in inside(new, "store", "rekey", "--finish").err


def put_back(store: SharedStore, rows: list[str], made_at: str = "clock_timestamp()") -> None:
    """Have data keys in the database again, as somebody who can write there and has copies of their rows."""
    for row in rows:
        data_key, kind, key_id, sealed = row.split("|")
        store.ask(
            f"insert into gumauth.data_key values ('{data_key}', {made_at}) on conflict do nothing;"
            f"insert into gumauth.sealed_key values ('{data_key}', '{kind}', '{key_id}', '\\x{sealed}')"
        )


SEALED = "select data_key, kind, key_id, encode(sealed, 'hex') from gumauth.sealed_key"


@pytest.mark.parametrize("made_at", ["clock_timestamp()", "'2020-01-01'"])
def test_a_key_that_was_replaced_is_not_used_again_on_a_machine_that_knew_it(
    shared_store: SharedStore, made_at: str
) -> None:
    with rekeyed(shared_store) as (old, begun):
        new = {**begun, "GUMAUTH_CACHE_SECONDS": "0"}
        token = kept(Context(old), "ada")[1]
        rows = shared_store.ask(SEALED)  # under the new key too: the old key's owner knows what is in them
        assert inside(new, "token", "acme").out == f"{token}\n"
        assert inside(new, "store", "rekey", "--finish").status == 0
        assert inside(new, "list").status == 0
        put_back(shared_store, rows, made_at)
        for words in (["list"], ["token", "acme"], ["refresh", "acme"], ["doctor"]):
            ended = inside(new, *words)
            assert "The database has a key again that was replaced" in " ".join((ended.out + ended.err).split()), words
            assert ended.status in (1, 6)
        with pytest.raises(RecordCorrupt):
            kept(Context(new), "bob")
        ended = inside(new, "store", "rekey", str(shared_store.folder / "third"))
        assert ended.status == 0, ended.err
        third = {**new, "GUMAUTH_KEY_FILE": str(shared_store.folder / "third")}
        assert inside(third, "store", "rekey", "--finish").status == 0
        assert inside(third, "token", "acme").out == f"{token}\n"


def test_a_process_that_goes_on_does_not_open_what_is_sealed_under_a_key_that_is_back(
    shared_store: SharedStore,
) -> None:
    with rekeyed(shared_store) as (old, new):
        account, _ = kept(Context(old), "ada")
        rows, value = (
            shared_store.ask(SEALED),
            shared_store.ask("select access, refresh, data_key from gumauth.account"),
        )
        assert inside(new, "list").status == 0
        assert inside(new, "store", "rekey", "--finish").status == 0
        going = Context(new).accounts
        list(going.all())
        put_back(shared_store, rows)
        access, refresh, data_key = value[0].split("|")
        shared_store.ask(
            f"update gumauth.account set access = '{access}', refresh = '{refresh}', data_key = '{data_key}'"
        )
        with pytest.raises(RecordCorrupt, match="a key again that was replaced"), going.locked(account) as locked:
            locked.settle(account)


def test_a_key_that_is_put_back_in_the_middle_is_not_the_one_that_is_kept(shared_store: SharedStore) -> None:
    with rekeyed(shared_store) as (old, new):
        kept(Context(old), "ada")
        rows = shared_store.ask(SEALED)
        assert inside(new, "store", "rekey", "--finish").status == 0
        put_back(shared_store, [row for row in rows if row.split("|")[2] in ids_of(new)], "'2020-01-01'")
        assert inside(new, "store", "rekey", "--finish").status == 0
        data_keys = shared_store.ask("select id from gumauth.data_key")
        assert len(data_keys) == 1
        assert data_keys[0] not in {row.split("|")[0] for row in rows}


def test_no_change_begins_while_another_one_is_being_finished(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rekeyed(shared_store) as (old, new):
        kept(Context(old), "ada")
        third, tried = shared_store.folder / "third", list[Ended]()
        drop = AdministeredPostgreSQL.drop_keys

        def meanwhile(engine: AdministeredPostgreSQL, data_key: str) -> bool:
            for machine in (new, {**new, "GUMAUTH_HOME": f"{new['GUMAUTH_HOME']}-2"}):
                tried.append(inside(machine, "store", "rekey", str(third)))
            return drop(engine, data_key)

        with monkeypatch.context() as patched:
            patched.setattr(AdministeredPostgreSQL, "drop_keys", meanwhile)
            assert inside(new, "store", "rekey", "--finish").status == 0
        assert [ended.status for ended in tried] == [5, 5]
        assert all("the change of the key" in ended.err for ended in tried)
        assert not third.exists()
        assert inside(new, "store", "rekey", str(third)).status == 0


def test_the_old_key_begins_nothing_once_the_new_one_has_begun_to_finish(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rekeyed(shared_store) as (old, new):
        token = kept(Context(old), "ada")[1]
        with monkeypatch.context() as patched:

            def killed(*_arguments: object) -> bool:
                raise Killed

            patched.setattr(AdministeredPostgreSQL, "drop_keys", killed)
            context = Context(new)
            with pytest.raises(Killed):
                choice.administration(context.home, context.environ).finish_rekey()
        before = shared_store.ask(SEALED)
        third = shared_store.folder / "third"
        ended = inside(old, "store", "rekey", str(third))
        assert (ended.status, ended.out) == (6, "")
        assert "Take the newest key file." in ended.err
        assert shared_store.ask(SEALED) == before
        assert not third.exists()
        assert inside(new, "store", "rekey", "--finish").status == 0
        assert tokens_of(new) == {"ada": token}


def test_who_has_used_the_database_is_told_before_the_new_key_is_copied(shared_store: SharedStore) -> None:
    shared_store.ask("delete from gumauth.audit")
    kept(Context(shared_store.machine("a")), "ada")
    tokens_of(shared_store.machine("b"))
    tokens_of(shared_store.machine("c"))
    shared_store.ask("update gumauth.audit set at = at - interval '31 days' where machine = 'c'")
    shared_store.ask("update gumauth.audit set at = at - interval '2 days' where machine = 'a'")
    admin = shared_store.machine("admin")
    ended = inside(admin, "store", "rekey", str(shared_store.folder / "second"))
    assert "In the last 30 days, b and a have used it, the latest first." in " ".join(ended.err.split())
    ended = inside(admin, "store", "rekey", str(shared_store.folder / "second"), "--json")
    assert json.loads(ended.out)["machines"] == ["admin", "b", "a"]


def ids_of(environ: dict[str, str]) -> list[str]:
    return MachineKey(key_of(environ)).all_ids


def test_without_another_key_there_is_nothing_to_finish(shared_store: SharedStore) -> None:
    ended = inside(shared_store.machine("a"), "store", "rekey", "--finish")
    said = f"Only the key in {shared_store.key_file} opens the database already.\n"
    assert (ended.status, ended.out) == (0, said)
    assert shared_store.ask("select count(*) from gumauth.data_key") == ["1"]


def test_what_does_not_open_keeps_the_old_key(shared_store: SharedStore) -> None:
    with rekeyed(shared_store) as (old, new):
        account, _ = kept(Context(old), "ada")
        token = kept(Context(old), "bob")[1]
        shared_store.ask(f"update gumauth.account set refresh = 'edited' where name = '{account.key}'")
        ended = inside(new, "store", "rekey", "--finish")
        assert ended.status == 6
        assert f"{account.key} in the database cannot be opened" in ended.err
        assert "the old key was kept" in ended.err
        assert tokens_of(new)["bob"] == token
        shared_store.ask(f"update gumauth.account set access = null, data_key = null where name = '{account.key}'")
        assert inside(new, "store", "rekey", "--finish").status == 0


@pytest.mark.parametrize("granted", ["gumauth_reader", "gumauth_connector"])
def test_only_an_administrator_changes_the_key(shared_store: SharedStore, granted: str) -> None:
    machine = shared_store.machine("a", GUMAUTH_STORE=shared_store.address_of(shared_store.role(granted)))
    before = shared_store.ask("select * from gumauth.sealed_key order by kind")
    for words in ([str(shared_store.folder / "new")], ["--finish"]):
        ended = inside(machine, "store", "rekey", *words)
        assert ended.status == 6, ended.out
        assert "may not change the key of the database" in ended.err
    assert shared_store.ask("select * from gumauth.sealed_key order by kind") == before
    assert not (shared_store.folder / "new").exists()


def test_the_file_of_the_new_key_is_another_one(shared_store: SharedStore) -> None:
    machine = shared_store.machine("a")
    same = inside(machine, "store", "rekey", machine["GUMAUTH_KEY_FILE"])
    assert (same.status, same.out) == (6, "")
    assert "The file has the key that the database has already; nothing was changed." in same.err
    text = shared_store.folder / "text"
    text.touch(mode=0o600)
    text.write_text("no key")
    wrong = inside(machine, "store", "rekey", str(text))
    assert wrong.status == 6
    assert f"{text} does not hold a key of 32 bytes." in wrong.err
    assert text.read_text() == "no key"


@pytest.mark.parametrize("words", [[], ["new", "--finish"]])
def test_it_is_begun_or_finished(tmp_path: Path, words: list[str]) -> None:
    environ = {"HOME": str(tmp_path), "GUMAUTH_HOME": str(tmp_path / "g"), "GUMAUTH_STORE": "postgresql://h/d"}
    ended = inside({**os.environ, **environ}, "store", "rekey", *words)
    assert (ended.status, ended.out) == (2, "")
    assert "`gumauth store rekey` takes either the FILE of the new key, or --finish." in ended.err
