"""A connect that is killed before or after anything that it writes: what has come is used, as one account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from gumauth.accounts.list import AccountList
from gumauth.errors import GumauthError, NotConnected, ReconnectNeeded, Temporary
from gumauth.platform.frozen import replace
from gumauth.platform.lock import OPEN
from gumauth.testing import AuthorizationServer, Fault
from tests.accounts.directly import save
from tests.client.ending import revoke
from tests.client.world import Clock, World
from tests.store.memory import MemoryStore

W = TypeVar("W")


class Killed(BaseException):
    """In place of SIGKILL."""


class Writes:
    """Counts what is written, and ends the process before or after one of it."""

    def __init__(self) -> None:
        self.moment, self.counted = -1, 0
        self.done: list[str] = []

    def hit(self, method: str, function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def write(*arguments: object, **options: object) -> None:
            self._tick(f"before {method}")
            function(*arguments, **options)
            self._tick(f"after {method}")

        return write

    def _tick(self, what: str) -> None:
        if self.counted == self.moment:
            self.done.append(what)
            raise Killed
        self.counted += 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[AuthorizationServer]:
    with AuthorizationServer(clock=clock) as running:
        yield running


def new_world(server: AuthorizationServer, clock: Clock, folder: Path) -> World:
    folder.mkdir()
    return World(server, folder, clock)


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> Writes:
    counting = Writes()
    for owner, methods in ((MemoryStore, ("set", "delete")), (AccountList, ("save", "forget"))):
        for method in methods:
            monkeypatch.setattr(owner, method, counting.hit(method, getattr(owner, method)))
    return counting


def killed(act: Callable[[W], object], world: W, writes: Writes, moment: int) -> bool:
    """Do something, and be killed at that moment; False if it ends before."""
    writes.moment, writes.counted = moment, 0
    try:
        act(world)
    except Killed:
        for lock in list(OPEN):  # as the kernel does
            lock.release()
        return True
    finally:
        writes.moment = -1
    return False


def killed_at(world: World, writes: Writes, moment: int) -> bool:
    """Connect, and be killed at that moment; False if it ends before."""
    return killed(World.connect, world, writes, moment)


def stored(world: World) -> set[str]:
    """The accounts of which there is something in the store."""
    assert isinstance(world.store, MemoryStore)
    return {key.rpartition("/")[0] for key in world.store.keys() if key.startswith("acme/")}  # noqa: SIM118


@pytest.mark.no_cover
@pytest.mark.requirement("K1", "R9")
@pytest.mark.parametrize("reference", ["acme", "acme/ada@example.com"])
def test_a_first_connect_that_is_killed_leaves_one_usable_account_or_none(
    server: AuthorizationServer, clock: Clock, tmp_path: Path, writes: Writes, reference: str
) -> None:
    for moment in count():
        world = new_world(server, clock, tmp_path / str(moment))
        if not killed_at(world, writes, moment):
            break
        if not stored(world):
            with pytest.raises(GumauthError):
                world.token()
            continue
        try:
            token = world.token(reference)
        except NotConnected:
            assert reference != "acme", "killed before the person's name was known"
            token = world.token("acme")
        assert server.is_active(token.access_token), writes.done
        assert world.token("acme").access_token == token.access_token, writes.done
        [account] = world.new_context().accounts.all()
        assert account.state == "ok"
        assert stored(world) == {account.key}, writes.done
    assert moment > 20


@pytest.mark.no_cover
@pytest.mark.requirement("K1", "R9")
def test_connecting_again_and_being_killed_leaves_the_older_login_or_the_newer(
    server: AuthorizationServer, clock: Clock, tmp_path: Path, writes: Writes
) -> None:
    for moment in count():
        world = new_world(server, clock, tmp_path / str(moment))
        world.connect()
        world.context = world.new_context()
        if not killed_at(world, writes, moment):
            break
        for account in (world.account("acme/ada@example.com"), *world.new_context().accounts.all()):
            if account.key in stored(world):
                token = world.token(f"acme/{account.nickname or account.id}")
                assert server.is_active(token.access_token), writes.done
            else:  # its record was not written any more
                assert account.nickname is None
    assert moment > 20


@pytest.mark.no_cover
@pytest.mark.requirement("Y7", "L1")
def test_a_revoke_that_is_killed_hands_out_no_revoked_token_and_can_be_run_again(
    server: AuthorizationServer, clock: Clock, tmp_path: Path, writes: Writes
) -> None:
    for moment in count():
        world = new_world(server, clock, tmp_path / str(moment))
        world.connect()
        access_token = world.token().access_token
        if not killed(lambda world: revoke(world.new_context(), "acme"), world, writes, moment):
            break
        state = world.account().state
        if server.is_active(access_token):
            assert state in ("ok", "revoking"), writes.done
        else:
            with pytest.raises(ReconnectNeeded):
                world.token()
            assert state in ("revoking", "revoked"), writes.done
        assert revoke(world.new_context(), "acme").revoked
        assert (world.account().state, stored(world)) == ("revoked", set())
        assert not server.is_active(access_token)
    assert moment > 5


@pytest.mark.requirement("Y7")
def test_a_revoke_that_has_begun_says_what_to_run(server: AuthorizationServer, clock: Clock, tmp_path: Path) -> None:
    world = new_world(server, clock, tmp_path / "world")
    world.connect()
    save(world.context, replace(world.account(), state="revoking"))
    with pytest.raises(ReconnectNeeded, match="its end is not known") as caught:
        world.token()
    assert caught.value.hint == "Run `gumauth revoke acme/ada@example.com`."


@pytest.mark.requirement("Y7", "L1")
def test_a_revoke_that_fails_leaves_the_account_as_it_was(
    server: AuthorizationServer, clock: Clock, tmp_path: Path
) -> None:
    world = new_world(server, clock, tmp_path / "world")
    world.connect()
    before = world.account()
    server.misbehave("revoke", Fault.status(503))
    assert isinstance(revoke(world.new_context(), "acme").error, Temporary)
    assert world.account() == before
    assert server.is_active(world.token().access_token)
