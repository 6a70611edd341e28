"""The command on machines that share their accounts: what is done on one is seen by the others."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

import pytest

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.testing import AuthorizationServer, deliver
from tests.cli.connecting import acme, piped
from tests.cli.program import inside
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql


def connected(store: SharedStore, machine: str = "a") -> None:
    """An account without a provider to ask."""
    ended = inside(store.machine(machine), "connect", "openweather", "--key", "api_key", stdin="a-value")
    assert ended.status == 0, ended.err


@pytest.mark.requirement("T1")
def test_what_one_machine_changes_the_other_sees_in_its_next_run(shared_store: SharedStore) -> None:
    a, b = shared_store.machine("a"), shared_store.machine("b")
    assert inside(b, "list", "--json").status == 0
    connected(shared_store)
    assert inside(b, "token", "openweather").out == "a-value\n"
    assert inside(b, "rename", "openweather", "rain").status == 0
    assert inside(a, "token", "openweather/rain").out == "a-value\n"
    assert inside(a, "disconnect", "openweather").out.startswith(
        "Forgot openweather/rain on all machines. The key stays"
    )
    assert json.loads(inside(b, "list", "--json").out)["accounts"] == []
    assert inside(b, "token", "openweather").status == 3


def test_completion_names_what_the_machine_knows_and_asks_nobody(shared_store: SharedStore) -> None:
    connected(shared_store)
    b = shared_store.machine("b")
    assert inside(b, "__complete", "accounts", "").out == ""
    assert inside(b, "list").status == 0
    inside(shared_store.machine("a"), "rename", "openweather", "rain")
    assert inside(b, "__complete", "accounts", "o").out == "openweather\nopenweather/1\n"


@pytest.mark.requirement("T4")
def test_while_the_store_is_away_what_the_machine_has_is_shown_and_nothing_is_said_to_be_missing(
    shared_store: SharedStore,
) -> None:
    connected(shared_store)
    known = shared_store.machine("a", GUMAUTH_CACHE_SECONDS="0")
    shared_store.server.ask(f"alter database {shared_store.database} allow_connections false")
    shared_store.cut()
    for words in (["list", "--json"], ["token", "openweather"]):
        for _ in range(2):  # also where it is not asked again so soon
            ended = inside(known, *words)
            assert ended.status == 0
            assert ended.err.endswith("This machine's copy of the list is used.\n")
            assert ended.err.count("\n") == 1
    assert inside(known, "token", "openweather").out == "a-value\n"
    changes = (
        ["default", "linear/work"],
        ["token", "linear"],
        ["setup", "linear", "--forget"],
        ["rename", "openweather", "rain"],
        ["disconnect", "openweather"],
    )
    for words in changes:
        ended = inside(known, *words)
        assert (ended.status, ended.out) == (5, ""), words
        assert "error: The database at 127.0.0.1:" in ended.err, words
    assert inside(shared_store.machine("new"), "list").status == 5
    shared_store.server.ask(f"alter database {shared_store.database} allow_connections true")
    assert inside(known, "disconnect", "openweather").status == 0


@pytest.mark.parametrize("value", ["-1", "soon", "1e3", "86401"])
def test_a_number_of_seconds_that_is_none_is_an_error(shared_store: SharedStore, value: str) -> None:
    ended = inside(shared_store.machine("a", GUMAUTH_CACHE_SECONDS=value), "token", "linear")
    assert ended.status == 6
    assert f"GUMAUTH_CACHE_SECONDS is {value!r}, and no number from 0 to 86400." in ended.err


def test_an_account_of_a_file_that_this_machine_does_not_have_is_told_what_to_do(
    shared_store: SharedStore, tmp_path: Path
) -> None:
    with AuthorizationServer() as server:
        file, client = acme(server, tmp_path)
        a, b = shared_store.machine("a", **client), shared_store.machine("b", **client)
        with piped(a, "connect", str(file), "--no-browser") as run:
            deliver(server.follow(run.address))
            assert run.end()[0] == 0, run.shown
        assert "which another shell or machine does not have" in run.shown
        file.rename(tmp_path / "elsewhere.py")
        assert inside(b, "token", "acme").status == 0
        for words in (["refresh", "acme"], ["doctor", "acme"], ["revoke", "acme"]):
            ended = inside(b, *words)
            assert ended.status == 1
            said = " ".join((ended.out + ended.err).split())
            assert f"{file} cannot be read: No such file or directory." in said
            assert "Put it there: every machine that refreshes the account needs the file" in said
        assert inside(b, "disconnect", "acme", "--keep-grant").status == 0
        assert inside(a, "refresh", "acme").status == 3


@pytest.mark.requirement("Y3")
@pytest.mark.skipif(os.name == "nt", reason="rights are not in the mode there")
def test_a_copy_that_others_can_write_is_refused(shared_store: SharedStore) -> None:
    connected(shared_store)
    environ = shared_store.machine("a")
    folder = Path(Context(environ).home.data)
    for place in (folder / "accounts", folder, folder.parent):
        place.chmod(0o777)
        ended = inside(environ, "token", "openweather")
        assert (ended.status, ended.out) == (6, ""), place
        assert "other users can write" in ended.err
        place.chmod(0o700)
    assert inside(environ, "token", "openweather").status == 0


def test_a_default_is_that_of_a_role(shared_store: SharedStore) -> None:
    for name in ("one", "two"):
        words = ("connect", "openweather", "--key", "api_key", "--as", name)
        assert inside(shared_store.machine("a"), *words, stdin=f"value of {name}").status == 0
    address = shared_store.address_of(shared_store.role("gumauth_connector"))
    theirs, mine = shared_store.machine("b", GUMAUTH_STORE=address), shared_store.machine("c")
    assert inside(theirs, "default", "openweather/two").status == 0
    assert inside(theirs, "token", "openweather").out == "value of two\n"
    assert inside(mine, "token", "openweather").out == "value of one\n"


@pytest.mark.requirement("T5")
def test_a_default_account_that_is_not_for_this_role_is_not_said_to_have_left(shared_store: SharedStore) -> None:
    for name in ("one", "two"):
        words = ("connect", "openweather", "--key", "api_key", "--as", name)
        assert inside(shared_store.machine("a"), *words, stdin=f"value of {name}").status == 0
    shared_store.ask(
        "insert into gumauth.reader (name, role) select name, 'gumauth_admin' from gumauth.account where alias = 'one'"
    )
    address = shared_store.address_of(shared_store.role("gumauth_reader"))
    b = shared_store.machine("b", GUMAUTH_STORE=address)
    ended = inside(b, "token", "openweather")
    assert ended.status == 2
    said, hint = ended.err.splitlines()
    assert said.endswith(
        "The default account of openweather is not for this role of the database. There is openweather/two."
    )
    assert hint == "hint:  Name one of them, or choose one: `gumauth default openweather/two`."
    assert inside(b, "default", "openweather/two").status == 0
    assert inside(b, "token", "openweather").out == "value of two\n"


@pytest.mark.requirement("H6")
def test_a_program_with_a_home_alone_finds_the_store_by_the_settings(
    shared_store: SharedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(shared_store)
    home = tmp_path / "home"
    folder = home / ".config" / "gumauth"
    folder.mkdir(parents=True)
    lines = {
        "store": shared_store.address,
        "key_file": shared_store.key_file,
        "machine": "desk",
        "cache_seconds": "500",
    }
    (folder / "settings.toml").write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()))
    poor = {"HOME": str(home), "PATH": os.environ["PATH"]}
    assert inside(poor, "token", "openweather").out == "a-value\n"
    assert inside(poor, "rename", "openweather", "rain").status == 0
    assert shared_store.ask("select machine from gumauth.audit where action = 'rename'") == ["desk"]
    assert inside(poor, "list").status == 0
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    for module in [name for name in sys.modules if name.startswith("gumauth.accounts.postgresql")]:
        monkeypatch.delitem(sys.modules, module)
    assert inside(poor, "token", "openweather/rain").out == "a-value\n"
    ended = inside(poor, "list")
    assert (ended.status, ended.err) == (
        6,
        "error: Accounts in PostgreSQL need a driver that is not installed.\nhint:  Install `gumauth[postgresql]`.\n",
    )


EVIL = """
import os
open(os.environ["GUMAUTH_HOME"] + "/was-run", "w").close()
class Evil:
    async def exchange(self, *_): ...
"""


@pytest.mark.requirement("T3")
def test_no_code_is_run_that_somebody_has_written_into_the_list_of_the_database(
    shared_store: SharedStore, tmp_path: Path
) -> None:
    environ = shared_store.machine("a")
    accounts = Context(environ).accounts
    account = Account(
        provider="acme", id=account_id("ada", None), nickname="ada", refreshable=True, connected_at=1.0, grant="g"
    )
    with accounts.locked(account) as locked:
        record = Record(
            access_token=secrets.token_urlsafe(8), refresh_token=secrets.token_urlsafe(8), grant="g", account={}
        )
        account, _ = locked.put(account, record)
        locked.commit(account)
    (tmp_path / "evil.py").write_text(EVIL)
    source = f"'\"{tmp_path / 'evil.py'}:Evil\"'"
    shared_store.ask(
        f"update gumauth.account set content = jsonb_set(content::jsonb, '{{source}}', {source})::json,"
        " change = nextval('gumauth.change')"
    )
    for words in (["token", "acme"], ["refresh", "acme"], ["connect", "acme"], ["doctor"]):
        ended = inside(environ, *words)
        assert "the row was edited" in ended.out + ended.err, words
        assert ended.status != 0
    assert inside(environ, "disconnect", "acme").out.endswith("its grant may live on at acme.\n")
    assert not Path(environ["GUMAUTH_HOME"], "was-run").exists()
