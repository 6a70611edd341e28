"""From one store of a machine to the other: an encrypted file and a real gnome-keyring."""

from __future__ import annotations

import pytest

from gumauth.accounts.account import Account
from gumauth.client.context import Context
from gumauth.platform.frozen import replace
from tests.accounts.directly import records_of, save
from tests.cli.program import environment, inside
from tests.client.move.test_refused import with_key
from tests.parts.secret_service import Session

pytestmark = pytest.mark.keyring


@pytest.fixture
def environ(secret_service: Session) -> dict[str, str]:
    """The file is the store; a keyring answers too."""
    made = environment(secret_service.folder, **secret_service.environ)
    made |= {"GUMAUTH_STORE": "file", "GUMAUTH_HOME": str(secret_service.folder / "gumauth")}
    assert with_key(made, "work").status == 0
    return made


def account_of(environ: dict[str, str]) -> Account:
    return Context(environ).accounts.look_up("weather")


def entries(environ: dict[str, str], account: Account, store: str) -> int:
    """How many records of an account a store has."""
    kept = Context(environ).store(store)
    return sum(kept.get(f"{account.key}/{slot}") is not None for slot in "ab")


@pytest.mark.requirement("K1")
def test_a_record_goes_to_the_keyring_and_back_and_is_in_one_of_them(environ: dict[str, str]) -> None:
    token = inside(environ, "token", "weather").out
    for to, name, other in (
        ("keyring", "Secret Service", "encrypted file"),
        ("file", "encrypted file", "Secret Service"),
    ):
        assert inside(environ, "move", "weather", "--to", to).status == 0
        account = account_of(environ)
        assert (account.store, account.state, account.moving) == (name, "ok", None)
        assert (entries(environ, account, name), entries(environ, account, other)) == (1, 0)
        assert inside(environ, "token", "weather").out == token
        assert "already" in inside(environ, "move", "weather", "--to", to).out


@pytest.mark.requirement("K1")
@pytest.mark.parametrize("to", ["keyring", "file"])
def test_an_interrupted_move_goes_on_in_either_direction(environ: dict[str, str], to: str) -> None:
    token = inside(environ, "token", "weather").out
    before = account_of(environ)
    stores = {"keyring": "Secret Service", "file": "encrypted file"}
    other = next(name for name in stores.values() if name != stores[to])
    save(Context(environ), replace(before, state="moving", moving=("keyring", "")))
    ended = inside(environ, "token", "weather")
    assert (ended.status, ended.out) == (3, "")
    assert "hint:  Run `gumauth move weather/work --to keyring`." in ended.err
    records = records_of(Context(environ))
    written, _ = records.put(replace(before, store="Secret Service"), records.newest(before))
    assert inside(environ, "move", "weather", "--to", to).status == 0
    account = account_of(environ)
    assert (account.store, account.state) == (stores[to], "ok")
    assert (entries(environ, account, stores[to]), entries(environ, account, other)) == (1, 0)
    if to == "keyring":
        written = account
        records.put(before, records.newest(account))
    else:
        written, _ = records.put(replace(account, store="Secret Service"), records.newest(account))
    save(Context(environ), replace(written, state="moving", moving=("keyring", "", "encrypted file")))
    assert inside(environ, "move", "weather", "--to", to).status == 0
    account = account_of(environ)
    assert (account.store, account.state) == (stores[to], "ok")
    assert (entries(environ, account, stores[to]), entries(environ, account, other)) == (1, 0)
    assert inside(environ, "token", "weather").out == token
