"""How many files a command opens: what it asks of each account costs the same with ten as with a thousand.

Counted, not timed: a clock would need many accounts and a quiet machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gumauth.accounts.account import Account, account_id, encode
from gumauth.accounts.record import Record
from gumauth.client.context import Context
from gumauth.client.lookup import find
from gumauth.errors import GumauthError
from gumauth.platform.frozen import replace
from tests.accounts.directly import records_of, save
from tests.cli.program import environment, inside

FOLDERS: list[str] = []
"""What the watched paths have in them, while any are: a hook of the interpreter's cannot be taken away again."""

OPENED: list[str] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and FOLDERS and FOLDERS[0] in str(arguments[0]):
        OPENED.append(str(arguments[0]))


sys.addaudithook(_note)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The paths of accounts' files that have been opened so far."""
    FOLDERS[:], OPENED[:] = [f"{os.sep}accounts{os.sep}"], []
    yield OPENED
    FOLDERS.clear()


def fill(environ: dict[str, str], count: int, *, default: bool, source: str = "built-in") -> None:
    """Write accounts of acme without names for them, every tenth with an alias, and one of them the default."""
    folder = Path(environ["GUMAUTH_HOME"], "accounts", "acme")
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    os.chmod(folder.parent.parent, 0o700)
    for number in range(count):
        account = replace(one_of_many(number), source=source)
        (folder / f"{account.id}.json").write_bytes(encode(account))
    if default:
        Context(environ).accounts.set_default(one_of_many(0))
    OPENED.clear()


def one_of_many(number: int) -> Account:
    """One of many accounts."""
    nickname = f"person{number}@example.com"
    return Account(
        provider="acme",
        id=account_id(nickname, None),
        nickname=nickname,
        alias=None if number % 10 else f"alias{number}",
        connected_at=1_700_000_000.0 + number,
        store="encrypted file",
        state="reconnect",
        grant=f"{number:016x}",
    )


@pytest.fixture(scope="module", params=[(10, True), (10, False), (100, False), (1000, True), (1000, False)], ids=str)
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int]:
    """A home with so many accounts, one of which is the default or none."""
    count, default = request.param
    environ = environment(tmp_path_factory.mktemp("many"))
    fill(environ, count, default=default)
    return environ, count


@pytest.mark.parametrize(
    "words",
    [
        "list",
        "list --json",
        "refresh",
        "refresh --json",
        "doctor --json",
        "__complete accounts ac",
        "__complete accounts acme/",
        "token acme/nobody",
        "token acme/alias10",
        "token acme/ALIAS0",
        "token acme/PERSON3@example.com",
        "token acme/7",
        "token acme/persno3@example.com",
        "token acmee",
    ],
)
def test_each_account_is_read_once(many: tuple[dict[str, str], int], opened: list[str], words: str) -> None:
    """`default` and the notes of names come to a handful more, however many accounts there are."""
    environ, count = many
    inside(environ, *words.split())
    times = 2 if words.startswith("refresh") else 1  # which looks again at each account before it says what it is like
    assert count <= len(opened) <= times * count + 7
    assert max(opened.count(path) for path in opened if path.endswith(".json")) <= 2


def keep_expired(environ: dict[str, str], account: Account) -> None:
    """List an account with a record whose token has ended."""
    context = Context(environ)
    record = Record(
        access_token="ended", refresh_token="r", grant=account.grant, account={}, obtained_at=1.0, expires_at=10.0
    )
    account, _ = records_of(context).put(account, record)
    records_of(context).mark(account)


@pytest.mark.parametrize("words", ["refresh", "list", "doctor"])
def test_what_helps_many_accounts_of_a_file_is_looked_up_once(
    environ: dict[str, str], opened: list[str], words: str
) -> None:
    """Each of a hundred errors names the command that helps, for which it is asked what the name stands for."""
    fill(environ, 100, default=True, source="/nowhere/acme.py:Provider")
    ended = inside(environ, words)
    assert len(opened) <= 310
    assert "gumauth connect acme" in ended.out + ended.err or words == "refresh"


@pytest.mark.parametrize("words", [["refresh"], ["token", "acme/person3@example.com"]], ids=" ".join)
def test_what_the_provider_is_asked_for_reads_no_other_account_each_time(
    person: tuple[dict[str, str], str], opened: list[str], words: list[str]
) -> None:
    """Every account is due, and every refresh is refused: the reads grow with the accounts, not with their square."""
    environ, file = person
    reads = []
    for count in (5, 15):
        for number in range(count):
            keep_expired(environ, replace(one_of_many(number), source=f"{file}:Provider", state="ok", refreshable=True))
        opened.clear()
        inside(environ, *words)
        reads.append(len(opened))
    per_account = (reads[1] - reads[0]) / 10
    assert per_account <= (10 if words == ["refresh"] else 1)


@pytest.mark.parametrize("reference", ["acme", "acme/person3@example.com", "acme/alias0"])
def test_an_account_that_is_noted_is_found_by_a_few_reads(
    environ: dict[str, str], opened: list[str], reference: str
) -> None:
    reads = []
    for count in (10, 1000):
        fill(environ, count, default=True)
        save(Context(environ), one_of_many(0))
        opened.clear()
        find(Context(environ), reference)
        reads.append(len(opened))
    assert reads[0] == reads[1] <= 3


def test_a_completion_reads_no_other_provider(environ: dict[str, str], opened: list[str]) -> None:
    fill(environ, 10, default=True)
    assert inside(environ, "__complete", "accounts", "lin").out == ""
    assert opened == []


def test_the_first_account_is_the_default_of_many_that_have_none(environ: dict[str, str], opened: list[str]) -> None:
    fill(environ, 100, default=False)
    assert find(Context(environ), "acme").nickname == "person0@example.com"
    assert len(opened) <= 103


def test_what_is_counted_is_what_is_opened(environ: dict[str, str], opened: list[str]) -> None:
    fill(environ, 3, default=False)
    with pytest.raises(GumauthError):
        Context(environ).accounts.look_up("acme/nobody")
    assert len([path for path in opened if path.endswith(".json")]) >= 3
