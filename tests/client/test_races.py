"""What happens between two steps of a connect: another process, a store that stumbles, a list that is full."""

from __future__ import annotations

import asyncio
import shlex
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.list import AccountList
from gumauth.accounts.record import VERSION
from gumauth.client.connect.connect import connect
from gumauth.client.context import Context
from gumauth.client.refresh.refresh import refresh
from gumauth.errors import GumauthError, NewerRecord, StoreError
from gumauth.platform.frozen import replace
from gumauth.testing import Fault
from tests.accounts.directly import forget, records_of, resume, save
from tests.callback.test_port_lock import free_port
from tests.client.ending import disconnect
from tests.client.world import Walker, World
from tests.store.memory import MemoryStore


class StumblingStore(MemoryStore):
    """Takes what it is given, and cannot be read for a while after each write to an account's entry."""

    locked = False

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures, self.stumbles_at, self._owed = failures, "nothing", 0

    def set(self, key: str, value: str) -> None:
        super().set(key, value)
        if key.startswith(self.stumbles_at) and self.failures:
            self.failures -= 1
            self._owed = 1

    def get(self, key: str) -> str | None:
        if self._owed or self.locked:
            self._owed = 0
            raise StoreError("The store stumbles.", hint="Wait.")
        return super().get(key)


def stumbling(world: World, failures: int) -> StumblingStore:
    """An account is connected, and from now on its store stumbles so often."""
    world.store = store = StumblingStore(failures)
    world.context = world.new_context()
    world.connect()
    store.stumbles_at = world.account().key
    return store


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.requirement("R9", "L3")
def test_a_refresh_while_the_older_grant_is_being_ended_is_not_deleted_with_it(world: World) -> None:
    world.write_provider(separate_grants=True)
    world.connect()
    world.server.misbehave("revoke", Fault.slow(1.0), times=1)
    again = threading.Thread(target=world.connect)
    again.start()
    until(lambda: world.server.count("revoke", "fault") == 1)
    (done,) = refresh(world.new_context(), ["acme"])
    again.join(20)
    assert done.refreshed
    assert world.server.is_active(world.token().access_token)
    assert refresh(world.new_context(), ["acme"])[0].refreshed


@pytest.mark.requirement("R9", "L2")
def test_an_account_that_was_disconnected_while_its_older_grant_was_ended_stays_away(world: World) -> None:
    world.write_provider(separate_grants=True)
    world.connect()
    world.server.misbehave("revoke", Fault.slow(1.0), times=1)
    again = threading.Thread(target=world.connect)
    again.start()
    until(lambda: world.server.count("revoke", "fault") == 1)
    assert disconnect(world.new_context(), "acme/ada@example.com").forgotten
    again.join(20)
    assert list(world.new_context().accounts.all()) == []


@pytest.mark.requirement("K2", "L3")
@pytest.mark.parametrize("failures", [1, 2, 3])
def test_storing_that_is_tried_again_leaves_the_older_record_until_the_list_points_away(
    world: World, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    store = stumbling(world, failures)
    old = world.account()
    before = store._values[f"{old.key}/{old.slot}"]
    seen: list[str | None] = []
    write = AccountList.save

    def watch(accounts: AccountList, account: Account) -> None:
        if account.id == old.id:
            seen.append(store._values.get(f"{old.key}/{old.slot}"))
        write(accounts, account)

    monkeypatch.setattr(AccountList, "save", watch)
    try:
        world.connect()
    except StoreError:
        assert failures == 3
        assert store._values[f"{old.key}/{old.slot}"] == before
        assert world.account() == old
    else:
        assert seen == [before]
    store.stumbles_at = "nothing"
    assert world.server.is_active(world.token().access_token)
    assert refresh(world.new_context(), ["acme"])[0].refreshed


@pytest.mark.requirement("K1", "K2")
def test_a_connect_never_writes_over_a_record_that_the_list_does_not_point_at_yet(world: World) -> None:
    """A refresh was cut short before it moved the pointer: the entry that seems free holds the only good record."""
    world.connect()
    behind = world.account()
    world.clock.move(3601)
    world.token()
    save(world.context, behind)
    assert isinstance(world.store, MemoryStore)
    newest = {key: world.store.get(key) for key in world.store.keys()}  # noqa: SIM118 - not a mapping
    world.store = Refusing(world.store, refuse_after=0)
    world.context = world.new_context()
    with pytest.raises(StoreError):
        world.connect()
    world.store = world.store.inner
    assert {key: world.store.get(key) for key in newest} == newest
    assert refresh(world.new_context(), ["acme"])[0].refreshed


class Refusing:
    """Writes every record of an account as it should, and says that it did not."""

    name = "memory"

    def __init__(self, inner: MemoryStore, refuse_after: int) -> None:
        self.inner, self._left = inner, refuse_after

    def get(self, key: str) -> str | None:
        return self.inner.get(key)

    def set(self, key: str, value: str) -> None:
        self.inner.set(key, value)
        if not key.startswith("probe/"):
            raise StoreError("It may be there.", hint="Wait.")

    def delete(self, key: str) -> None:
        self.inner.delete(key)


@pytest.mark.requirement("L3")
def test_an_alias_that_was_taken_over_never_leads_back_to_the_other_person(world: World) -> None:
    world.connect(Walker(world, nickname="bob@example.com"), alias="work")
    world.connect(alias="work", replace=True)
    assert world.account("acme/work").nickname == "ada@example.com"
    assert world.account("acme/bob@example.com").alias is None
    assert refresh(world.new_context(), ["acme/bob@example.com"])[0].refreshed
    assert world.account("acme/work").nickname == "ada@example.com"


@pytest.mark.requirement("L3", "C11")
def test_two_people_who_connect_under_one_alias_at_once_do_not_both_get_it(world: World) -> None:
    both = threading.Barrier(2)

    class Together(MemoryStore):
        def set(self, key: str, value: str) -> None:
            if not key.startswith("probe/"):
                try:
                    both.wait(1.0)
                except threading.BrokenBarrierError:
                    pass  # only one has come so far
            super().set(key, value)

    world.store = Together()
    outcomes: list[object] = []

    def run(nickname: str) -> None:
        person = Walker(world, nickname=nickname)
        try:
            outcomes.append(asyncio.run(connect(world.new_context(), world.request(alias="work"), person)))
        except GumauthError as error:
            outcomes.append(error)
        person.rest()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("ada", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [account.alias for account in world.new_context().accounts.all()] == ["work"], outcomes


@pytest.mark.requirement("L3", "K11")
def test_a_stored_account_is_kept_although_its_alias_file_cannot_be_written(world: World) -> None:
    world.connect(alias="work")
    old = world.account()
    folder = world.folder / "home" / "accounts" / "acme"
    (hint,) = folder.glob("*.alias")
    hint.unlink()
    hint.mkdir()
    assert world.connect(alias="work").account.id == old.id
    assert world.server.is_active(world.token().access_token)
    assert refresh(world.new_context(), ["acme"])[0].refreshed


@pytest.mark.requirement("K3")
def test_a_stored_account_is_kept_although_another_ones_file_cannot_be_read(world: World) -> None:
    world.connect(Walker(world, nickname="bob@example.com"))
    folder = world.folder / "home" / "accounts" / "acme"
    (file,) = folder.glob("*.json")
    file.write_text('{"version": 2}')
    account = world.connect().account
    assert world.server.is_active(world.token(f"acme/{account.nickname}").access_token)


@pytest.mark.requirement("R9")
def test_an_account_that_went_while_its_connect_was_waited_for_is_not_brought_back(world: World) -> None:
    world.connect()
    stale = replace(world.account(), state="connecting")
    forget(world.context, stale)
    assert resume(world.new_context(), stale) is None
    assert list(world.new_context().accounts.all()) == []


@pytest.mark.requirement("F12")
def test_an_older_refresh_token_is_not_sent_to_another_server_to_be_ended(world: World) -> None:
    world.connect()
    moved = world.server.token_url.replace("127.0.0.1", "localhost")
    world.write_provider(token_url=moved, separate_grants=True)
    connected = world.connect()
    assert world.server.count("revoke") == 0
    assert any("older grant" in notice for notice in connected.notices), connected.notices


@pytest.mark.requirement("K12")
def test_a_newer_record_is_neither_written_over_nor_forgotten(world: World) -> None:
    """A newer gumauth has refreshed, and was cut short before the list pointed at its record."""
    world.connect()
    account = world.account()
    assert isinstance(world.store, MemoryStore)
    present = world.store.get(f"{account.key}/{account.slot}")
    assert present is not None
    free = f"{account.key}/{'a' if account.slot == 'b' else 'b'}"
    newer = present.replace('"version": 3', f'"version": {VERSION + 1}')
    world.store.set(free, newer)
    (done,) = refresh(world.new_context(), ["acme"])
    assert isinstance(done.error, NewerRecord)
    with pytest.raises(NewerRecord):
        disconnect(world.new_context(), "acme")
    assert world.store.get(free) == newer
    assert world.account() == account
    assert world.server.count("refresh") == world.server.count("revoke") == 0


@pytest.mark.requirement("L2", "K7")
def test_a_disconnect_that_could_not_ask_the_store_leaves_the_account_usable(world: World) -> None:
    store = stumbling(world, 0)
    before = world.account()
    store.locked = True
    with pytest.raises(StoreError):
        disconnect(world.new_context(), "acme")
    store.locked = False
    assert world.account() == before
    assert world.server.is_active(world.token().access_token)


@pytest.mark.requirement("L3")
def test_who_reads_while_the_account_is_connected_again_gets_the_new_token(world: World) -> None:
    """A reader takes no lock: it has read the list before, and asks the store after."""
    world.connect()
    read_before = world.account()
    world.connect()
    context = world.new_context()
    assert world.server.is_active(records_of(context).read(read_before).access_token)


@pytest.mark.requirement("S4")
def test_a_nickname_in_a_hint_is_one_word_of_a_shells_command(world: World) -> None:
    """Who pastes the hint must not run what somebody else has chosen to be called."""
    world.connect()
    connected = world.connect(Walker(world, nickname="$(touch here) `id`; x@example.com"))
    (notice,) = connected.notices
    command = notice.split("`", 1)[1].rsplit("`", 1)[0]
    assert shlex.split(command) == ["gumauth", "default", f"acme/{connected.account.nickname}"]


class Leaving(Walker):
    """Comes back, does not go on to the page, and says so."""

    def __init__(self, world: World, gone: Callable[[], object]) -> None:
        super().__init__(world)
        self.gone = gone

    def _go(self, url: str) -> None:
        back = urlsplit(self.world.server.follow(url))
        connection = HTTPConnection(back.hostname or "", back.port, timeout=10)
        connection.request("GET", f"{back.path}?{back.query}")
        connection.getresponse().read()
        connection.close()
        self.gone()


@pytest.mark.requirement("C10", "L3")
def test_ctrl_c_while_the_page_is_shown_leaves_one_account(world: World) -> None:
    async def interrupted() -> None:
        loop = asyncio.get_running_loop()
        person = Leaving(world, lambda: loop.call_soon_threadsafe(connecting.cancel))
        connecting = asyncio.ensure_future(connect(world.context, world.request(), person))
        with pytest.raises(asyncio.CancelledError):
            await connecting
        person.rest()

    asyncio.run(interrupted())
    (account,) = world.new_context().accounts.all()
    assert (account.nickname, account.state) == ("ada@example.com", "ok")
    assert isinstance(world.store, MemoryStore)
    assert len(world.store.keys()) == 1


@pytest.mark.requirement("C11")
def test_two_connects_with_two_data_folders_take_turns_and_both_finish(world: World) -> None:
    """The port is the machine's: it does not matter whose folders they use."""
    world.write_provider(redirect_ports=(free_port(),))
    homes = [world.folder / "one", world.folder / "two"]
    contexts = [Context({**world.environ, "GUMAUTH_HOME": str(home)}, store=world.store) for home in homes]
    people = [Walker(world, nickname=name) for name in ("ada@example.com", "grace@example.com")]

    async def both() -> None:
        connects = (connect(context, world.request(), one) for context, one in zip(contexts, people, strict=True))
        await asyncio.gather(*connects)
        for person in people:
            await asyncio.to_thread(person.rest)

    asyncio.run(both())
    assert [[a.nickname for a in context.accounts.all()] for context in contexts] == [
        ["ada@example.com"],
        ["grace@example.com"],
    ]
    assert sum("Another connect is waiting" in sentence for person in people for sentence in person.said) == 1
