"""What is not moved, and what is said of accounts that another keeper has."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping

import pytest

from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from tests.cli.program import Ended, inside
from tests.client.move.scene import accounts_in
from tests.parts.shared_store import SharedStore


def with_key(environ: Mapping[str, str], alias: str) -> Ended:
    """Connect a key, which needs no provider."""
    words = ("connect", "weather", "--key", "api_key", "--as", alias)
    return inside(dict(environ), *words, stdin=f"{secrets.token_hex(8)}\n")


def machine(shared: SharedStore, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """A machine's environment for its own accounts, and for those of the database."""
    own = shared.machine(name, GUMAUTH_STORE="file")
    return own, {**own, "GUMAUTH_STORE": shared.address}


def test_a_taken_name_is_an_error_that_names_rename_and_after_that_the_account_moves(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    assert with_key(own, "home").status == with_key(at_database, "work").status == 0
    assert inside(own, "rename", "weather/home", "work").status == 0
    ended = inside(at_database, "move", "weather/work", "--to", "postgresql")
    assert (ended.status, ended.out) == (1, "")
    assert "cannot have that name where it is to be moved: weather/work is called so there." in ended.err
    assert "hint:  Run `gumauth rename weather/work ALIAS` first." in ended.err
    assert inside(own, "rename", "weather/work", "cabin").status == 0
    ended = inside(at_database, "move", "weather/cabin", "--to", "postgresql")
    assert (ended.status, ended.err) == (0, "weather/work stays the default of weather there.\n")
    assert [each.label for each in Context(at_database).accounts.all()] == ["weather/cabin", "weather/work"]


def test_an_account_that_is_there_already_is_not_moved_over_it(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    assert with_key(own, "work").status == with_key(at_database, "work").status == 0
    for environ in (own, at_database):
        before = inside(environ, "token", "weather").out
        for to in ("postgresql", "file"):
            ended = inside(at_database, "move", "weather", "--to", to)
            assert (ended.status, ended.out) == (1, "")
            assert "error: The same account is there already, as weather/work." in ended.err
        assert inside(environ, "token", "weather").out == before


def test_several_accounts_move_in_one_call_with_their_keys_and_the_default(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    for alias in ("one", "two", "three"):
        assert with_key(own, alias).status == 0
    assert inside(own, "default", "weather/two").status == 0
    token = inside(own, "token", "weather").out
    ended = inside(at_database, "move", "weather/two", "weather/one", "--to", "postgresql", "--json")
    assert ended.status == 0
    assert [(each["account"], each["default"], each["moved"]) for each in accounts_in(ended)] == [
        ("weather/two", True, True),
        ("weather/one", False, True),
    ]
    assert ended.err == "weather/two was the default of weather where it was; weather has none there now.\n"
    _, b = machine(shared_store, "b")
    assert inside(b, "token", "weather").out == token
    listed = inside(at_database, "list")
    assert "1 account is kept on this machine alone; `gumauth move ACCOUNT --to postgresql` shares one." in listed.err
    back = inside(b, "move", "weather/two", "weather/nobody", "--to", "file")
    assert (back.status, back.out) == (3, "")  # nothing was moved
    assert inside(b, "token", "weather").out == token


def test_an_account_that_the_other_keeper_has_is_named_with_the_command_that_helps(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    assert with_key(own, "work").status == 0
    ended = inside(at_database, "token", "weather")
    assert ended.status == 3
    assert "error: weather/work is kept on this machine, and not in the database." in ended.err
    assert "hint:  Run `gumauth move weather/work --to postgresql`." in ended.err
    assert inside(at_database, "move", "weather", "--to", "postgresql").status == 0
    ended = inside(own, "token", "weather")
    assert ended.status == 3
    assert "error: weather/work is kept in a database, and not on this machine." in ended.err
    again = inside(at_database, "move", "weather", "--to", "postgresql")
    assert again.out == "weather/work is in PostgreSQL already.\n"


@pytest.mark.requirement("T3")
def test_a_wrong_key_moves_nothing_and_leaves_the_account_usable(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    other = shared_store.folder / "other.key"
    other.touch(mode=0o600)
    other.write_bytes(os.urandom(32))
    own["GUMAUTH_KEY_FILE"] = at_database["GUMAUTH_KEY_FILE"] = str(other)
    assert with_key(own, "work").status == 0
    ended = inside(at_database, "move", "weather", "--to", "postgresql")
    assert ended.status == 6
    assert "is not the key of this database; nothing was changed." in ended.err
    assert inside(own, "token", "weather").status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "nowhere"), "nowhere is no place for accounts."),
        (("--to", "mysql://ada:word@host/x"), "What --to says is no place for accounts."),
        (("--to", "postgresql"), "No database is named."),
        ((), "It was not said where to."),
    ],
)
def test_a_place_that_is_none_is_a_usage_error(shared_store: SharedStore, words: tuple[str, ...], said: str) -> None:
    own, _ = machine(shared_store, "a")
    assert with_key(own, "work").status == 0
    ended = inside(own, "move", "weather", *words)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err


def test_an_address_of_a_database_is_a_place_too_and_none_with_a_password(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    assert with_key(own, "work").status == 0
    word = shared_store.server.password
    ended = inside(own, "move", "weather", "--to", shared_store.address.replace("@", f":{word}@"))
    assert ended.status == 6
    assert word not in ended.err
    assert inside(own, "move", "weather", "--to", shared_store.address).out == "Moved weather/work to PostgreSQL.\n"
    assert inside(at_database, "token", "weather").status == 0


@pytest.mark.requirement("T2")
def test_what_another_machine_has_begun_to_move_is_used_and_ended_by_nobody_else(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    _, b = machine(shared_store, "b")
    assert with_key(at_database, "work").status == 0
    context = Context(at_database)
    account = context.accounts.look_up("weather")
    with context.accounts.locked(account) as locked:
        locked.mark(replace(account, state="moving", moving=("file", "a")))
    for words in (("token",), ("disconnect",), ("move", "--to", "file"), ("move", "--to", "postgresql")):
        ended = inside(b, words[0], "weather/work", *words[1:])
        assert (ended.status, ended.out) == (3, ""), ended
        assert "hint:  Run `gumauth move weather/work --to file`" in ended.err
    with Context(own).accounts.locked(account) as locked:
        locked.mark(replace(account, state="moving", moving=("file", "a"), store="encrypted file"))
    assert inside(at_database, "move", "weather", "--to", "file").out == "Moved weather/work to the encrypted file.\n"
    assert inside(own, "token", "weather").status == 0


@pytest.mark.requirement("T2")
def test_a_database_that_refuses_the_record_leaves_the_account_usable_where_it_was(shared_store: SharedStore) -> None:
    own, at_database = machine(shared_store, "a")
    assert with_key(own, "work").status == 0
    shared_store.ask("alter table gumauth.account add constraint none check (generation < 0) not valid")
    ended = inside(at_database, "move", "weather", "--to", "postgresql")
    assert (ended.status, ended.out) == (6, "")
    assert [(each.label, each.state) for each in Context(own).accounts.all()] == [("weather/work", "ok")]
    assert inside(own, "token", "weather").status == 0
    shared_store.ask("alter table gumauth.account drop constraint none")
    assert inside(at_database, "move", "weather", "--to", "postgresql").status == 0
