"""What the first version of gumauth left goes on, and gets its identity by the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from gumauth.client.context import Context
from gumauth.client.refresh.refresh import refresh
from gumauth.errors import AmbiguousAccount
from gumauth.testing import AuthorizationServer
from tests.accounts.directly import records_of
from tests.client.ending import disconnect
from tests.client.older import ACCOUNT, SECOND_ACCOUNT, make_older, make_second, older_id
from tests.client.test_killed_connects import Writes, killed, writes
from tests.client.world import Clock, Walker, World

__all__ = ["writes"]


@pytest.fixture
def older(world: World) -> World:
    """Ada, the default, as acme/work; and grace, of whom only the nickname is known."""
    world.connect(alias="work")
    world.connect(Walker(world, nickname="grace@example.com"))
    make_older(world.new_context())
    world.context = world.new_context()
    return world


def test_an_older_file_holds_what_the_first_version_wrote(older: World) -> None:
    folder = Path(older.context.home.data) / "accounts" / "acme"
    ada, grace = older_id("nickname", "ada@example.com"), older_id("nickname", "grace@example.com")
    assert (ada, grace) == ("3cc3756fe7788f58", "7fed14191dc99de7")
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{ada}.json", f"{grace}.json", "c54cee5aa1e92cb5.alias", "default"}
    assert (folder / "default").read_text() == ada
    assert list(json.loads((folder / f"{ada}.json").read_text())) == ["version", *ACCOUNT]


@pytest.mark.requirement("I8", "R1")
@pytest.mark.parametrize("reference", ["acme", "acme/work", "acme/ada@example.com", "acme/grace@example.com"])
def test_an_older_account_is_found_by_every_name_that_it_had(older: World, reference: str) -> None:
    assert older.server.is_active(older.token(reference).access_token)
    assert older.server.count("userinfo") == 2, "a good token is nobody's business"


@pytest.mark.requirement("I8")
def test_an_older_account_gets_its_identity_at_its_next_refresh_and_keeps_its_id(older: World) -> None:
    before = older.account("acme/work")
    assert (before.identity, before.id) == (None, "3cc3756fe7788f58")
    older.clock.move(3601)
    older.token("acme/work")
    after = older.account("acme/work")
    assert (after.identity, after.id, after.nickname) == (f"{older.server.issuer} ada", before.id, "ada@example.com")
    assert older.account("acme/grace@example.com").identity is None


@pytest.mark.requirement("I8", "I1")
@pytest.mark.parametrize("expired", [False, True])
def test_connecting_an_older_account_again_is_the_same_account(older: World, expired: bool) -> None:
    older.clock.move(3601 if expired else 1)
    connected = older.connect()
    assert (connected.account.id, connected.account.alias) == ("3cc3756fe7788f58", "work")
    assert connected.account.identity == f"{older.server.issuer} ada"
    assert len(list(older.new_context().accounts.all())) == 2
    assert older.server.count("revoke") == 0
    assert refresh(older.new_context(), ["acme/work"])[0].refreshed


@pytest.mark.requirement("I8", "I2")
def test_another_person_with_an_older_accounts_nickname_does_not_take_its_place(older: World) -> None:
    older.server.nicknames["eve@example.com"] = "ada@example.com"
    connected = older.connect(Walker(older, nickname="eve"))
    assert connected.account.label == "acme/2"
    family = older.server._grants.family_of(older.token("acme/work").access_token)
    assert family is not None
    assert family.person == "ada@example.com"
    assert older.account("acme/work").identity == f"{older.server.issuer} ada"
    assert older.server.count("revoke") == 0


@pytest.mark.requirement("I8")
def test_a_dead_older_account_is_taken_up_again_by_its_nickname(older: World) -> None:
    older.server.end_grant(1)
    assert not refresh(older.new_context(), ["acme/work"])[0].refreshed
    assert older.account("acme/work").state == "reconnect"
    connected = older.connect()
    assert (connected.account.label, connected.account.state) == ("acme/work", "ok")
    assert len(list(older.new_context().accounts.all())) == 2


@pytest.mark.requirement("I8")
def test_an_older_account_whose_grant_has_died_unnoticed_is_taken_up_again(older: World) -> None:
    """Its token should have life and is refused: the refresh that is tried then tells that it is dead."""
    older.server.end_grant(1)
    connected = older.connect()
    assert (connected.account.label, connected.account.state) == ("acme/work", "ok")
    assert len(list(older.new_context().accounts.all())) == 2


@pytest.mark.requirement("I8")
def test_an_older_account_whose_nickname_has_two_fields_by_now_is_the_same(older: World) -> None:
    paths = {"identity_paths": ("sub", "workspace.id"), "nickname_paths": (("email", "workspace.name"), "email")}
    older.server.send_workspace = True
    older.write_provider(**paths)
    connected = older.connect()
    assert (connected.account.id, connected.account.label) == ("3cc3756fe7788f58", "acme/work")
    assert connected.account.nickname == "ada@example.com at acme"
    other = older.connect(Walker(older, workspace="beta"))
    assert other.account.label == "acme/ada@example.com at beta"


@pytest.mark.requirement("I6", "I8")
def test_a_name_that_an_older_gumauth_gave_two_accounts_is_decided_by_nobody(world: World) -> None:
    world.connect(Walker(world, nickname="ann"), alias="work")
    world.connect(Walker(world, nickname="bob"))
    make_older(world.new_context())
    folder = Path(world.context.home.data) / "accounts" / "acme"
    ann = folder / f"{older_id('nickname', 'ann@example.com')}.json"
    ann.write_text(ann.read_text().replace('"work"', '"bob@example.com"'))
    (folder / f"{older_id('alias', 'bob@example.com')}.alias").write_text(ann.stem)
    with pytest.raises(AmbiguousAccount, match="could mean") as refused:
        world.token("acme/bob@example.com")
    assert f"acme/{ann.stem} (ann@example.com)" in refused.value.message
    family = world.server._grants.family_of(world.token(f"acme/{ann.stem}").access_token)
    assert family is not None
    assert family.person == "ann@example.com"


@pytest.mark.requirement("I8", "L1")
def test_an_older_account_is_disconnected_as_it_was(older: World) -> None:
    assert disconnect(older.new_context(), "acme/work").revoked
    assert disconnect(older.new_context(), "acme/grace@example.com").revoked
    assert older.store.keys() == []  # type: ignore[attr-defined]
    assert not list((Path(older.context.home.data) / "accounts" / "acme").iterdir())


def connect_again(world: World) -> object:
    return world.connect(Walker(world))


def use(world: World) -> object:
    world.clock.move(3601)
    return world.token("acme/work")


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Callable[[int], World]]:
    """Makes a home of the first version for each moment, all at one server."""
    clock = Clock()
    with AuthorizationServer(clock=clock) as server:

        def make(number: int) -> World:
            (tmp_path / str(number)).mkdir()
            world = World(server, tmp_path / str(number), clock)
            world.connect(alias="work")
            make_older(world.new_context())
            world.context = world.new_context()
            return world

        yield make


@pytest.mark.no_cover
@pytest.mark.requirement("I8", "K1")
@pytest.mark.parametrize("act", [connect_again, use])
def test_killed_anywhere_on_the_way_an_older_account_is_usable(
    homes: Callable[[int], World], writes: Writes, act: Callable[[World], object]
) -> None:
    for moment in count():
        world = homes(moment)
        if not killed(act, world, writes, moment):
            break
        token = world.token("acme/work")
        assert world.server.is_active(token.access_token), writes.done
        assert refresh(world.new_context(), ["acme/work"])[0].refreshed, writes.done
        assert world.account("acme/work").identity == f"{world.server.issuer} ada", writes.done
    assert moment > 5


def test_a_record_of_the_first_version_is_rewritten_as_one_of_this(older: World) -> None:
    refresh(older.new_context(), ["acme/work"])
    account = older.account("acme/work")
    text = older.store.get(f"{account.key}/{account.slot}")
    assert text is not None
    assert json.loads(text)["version"] == 3
    assert records_of(Context(older.environ, store=older.store)).read(account).account["nickname"] == "ada@example.com"


@pytest.mark.requirement("I8", "K12")
def test_what_the_second_version_left_goes_on_and_is_written_as_this_one_does(world: World) -> None:
    world.write_provider(scopes=("read", "write"))
    before = world.connect(alias="work").account
    make_second(world.new_context())
    path = Path(world.context.home.data) / "accounts" / "acme" / f"{before.id}.json"
    assert list(json.loads(path.read_text())) == ["version", *SECOND_ACCOUNT]
    token = world.token("acme/work")
    assert world.server.is_active(token.access_token)
    assert (world.account().identity, token.extras) == (before.identity, {})
    world.clock.move(3601)
    assert world.server.is_active(world.token("acme/work").access_token)
    account = world.account("acme/work")
    text = world.store.get(f"{account.key}/{account.slot}")
    assert text is not None
    assert (json.loads(text)["version"], json.loads(path.read_text())["version"]) == (3, 3)
    assert disconnect(world.new_context(), "acme/work").revoked


@pytest.mark.requirement("I8", "K1")
def test_a_refresh_of_the_second_version_that_was_cut_short_is_taken_up(world: World) -> None:
    world.connect()
    records, account = records_of(world.context), world.account()
    record = world.token()
    records.put(account, record)
    make_second(world.new_context())
    assert world.server.is_active(world.token().access_token)
    assert refresh(world.new_context(), ["acme"])[0].refreshed
