"""Calling an account otherwise: one name at any moment, and all that meant it by its id still does."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from gumauth.accounts import list as module
from gumauth.accounts.lock import AccountLock
from gumauth.client.aliases import rename
from gumauth.client.context import Context
from gumauth.client.lookup import find
from gumauth.errors import AccountConflict, NotConnected, UsageError
from gumauth.platform.frozen import replace
from tests.accounts.directly import save
from tests.cli.program import environment, inside, listed
from tests.client.test_killed_connects import Killed, Writes


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Two accounts of acme, the second of which is the default."""
    environ = environment(tmp_path)
    listed(environ, "acme", "bob@example.com", alias="play")
    listed(environ, "acme", "ada@example.com", alias="work")
    inside(environ, "default", "acme/work")
    return environ


def test_the_new_name_leads_to_the_account_and_the_old_one_nowhere(environ: dict[str, str]) -> None:
    before, now = rename(Context(environ), "acme/work", "home")
    assert (before.label, now.label) == ("acme/work", "acme/home")
    assert find(Context(environ), "acme/home") == now
    assert find(Context(environ), "acme") == now
    assert find(Context(environ), "acme/ada@example.com") == now
    with pytest.raises(NotConnected):
        find(Context(environ), "acme/work")


def test_nothing_but_the_name_changes(environ: dict[str, str]) -> None:
    before, now = rename(Context(environ), "acme/ada@example.com", "home")
    changed = {name for name in vars(now) if getattr(now, name) != getattr(before, name)}
    assert changed == {"alias"}


def test_an_old_name_is_free_for_another_account(environ: dict[str, str]) -> None:
    rename(Context(environ), "acme/work", "home")
    rename(Context(environ), "acme/play", "work")
    assert find(Context(environ), "acme/work").nickname == "bob@example.com"
    assert [account.label for account in Context(environ).accounts.all("acme")] == ["acme/work", "acme/home"]


def test_without_an_alias_the_nickname_is_the_name_and_a_number_where_it_is_anothers(environ: dict[str, str]) -> None:
    assert rename(Context(environ), "acme/work", None)[1].label == "acme/ada@example.com"
    twin = replace(find(Context(environ), "acme/play"), id="f" * 16, nickname="ada@example.com", alias="twin")
    save(Context(environ), twin)
    assert rename(Context(environ), "acme/twin", None)[1].label == "acme/2"
    assert rename(Context(environ), "acme/2", "twin")[1].label == "acme/twin"


@pytest.mark.requirement("I6")
@pytest.mark.parametrize("alias", ["play", "PLAY", "bob@example.com"])
def test_what_another_account_is_called_is_refused(environ: dict[str, str], alias: str) -> None:
    with pytest.raises(AccountConflict) as caught:
        rename(Context(environ), "acme/work", alias)
    assert caught.value.message == f"{alias} cannot be an alias: acme/play is called so already."
    assert "`gumauth rename acme/play ALIAS`" in (caught.value.hint or "")
    assert find(Context(environ), "acme/work").alias == "work"


@pytest.mark.parametrize("alias", ["WORK", "ada@example.com", "a" * 64])
def test_its_own_names_are_free(environ: dict[str, str], alias: str) -> None:
    assert rename(Context(environ), "acme/work", alias)[1].label == f"acme/{alias}"


@pytest.mark.parametrize("alias", ["", "-x", "a/b", "two words", "a" * 65])
def test_what_cannot_be_typed_is_no_alias(environ: dict[str, str], alias: str) -> None:
    with pytest.raises(UsageError):
        rename(Context(environ), "acme/work", alias)


def test_a_name_waits_for_whoever_changes_the_account(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gumauth.accounts.lock.PATIENCE", 0.05)
    for key in ("acme/connect", find(Context(environ), "acme/work").key):
        with AccountLock(Context(environ).home, key):
            ended = inside(environ, "rename", "acme/work", "home")
        assert (ended.status, ended.out) == (5, "")
    assert inside(environ, "rename", "acme/work", "home").status == 0


@pytest.mark.requirement("K1", "I6")
@pytest.mark.parametrize("alias", ["home", None])
def test_killed_at_any_moment_it_answers_to_one_of_the_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alias: str | None
) -> None:
    writes = Writes()
    for name in ("write_file", "remove_file"):
        monkeypatch.setattr(module, name, writes.hit(name, getattr(module, name)))
    for moment in count():
        (folder := tmp_path / str(moment)).mkdir()
        environ = environment(folder)
        account = listed(environ, "acme", "ada@example.com", alias="work")
        writes.moment, writes.counted = moment, 0
        try:
            rename(Context(environ), "acme/work", alias)
        except Killed:
            pass
        else:
            break
        finally:
            writes.moment = -1
        [now] = Context(environ).accounts.all()
        assert now.name in ("work", alias or "ada@example.com")
        assert find(Context(environ), now.label).id == find(Context(environ), "acme").id == account.id
        rename(Context(environ), now.label, "other")
        assert find(Context(environ), "acme/other").id == account.id
    assert moment >= 4


def test_the_command_says_both_names(environ: dict[str, str]) -> None:
    assert inside(environ, "rename", "acme/work", "home").out == "acme/work is called acme/home now.\n"
    assert inside(environ, "rename", "acme/home", "home").out == "acme/home is called so already.\n"
    told = json.loads(inside(environ, "rename", "home", "--none", "--json").out)
    assert (told["before"], told["account"]["account"], told["account"]["alias"]) == (
        "acme/home",
        "acme/ada@example.com",
        None,
    )
    assert told["account"]["default"] is True


@pytest.mark.parametrize("words", [["acme/work"], ["acme/work", "home", "--none"]])
def test_the_command_wants_an_alias_or_none(environ: dict[str, str], words: list[str]) -> None:
    ended = inside(environ, "rename", *words)
    assert ended.status == 2
    assert "--none" in ended.err
