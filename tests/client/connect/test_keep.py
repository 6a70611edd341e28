"""Keeping a new grant, step by step."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator

import pytest

from gumauth.accounts.account import account_id
from gumauth.accounts.lock import AccountLock
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.keep import Keeper
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.context import Context
from gumauth.client.identity_request import UNASKED, Whose
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import Busy, StoreError
from gumauth.platform.frozen import replace
from gumauth.provider import TokenResponse
from gumauth.store.memory import MemoryStore
from tests.accounts.directly import records_of
from tests.client.world import World

Make = Callable[..., Keeper]


def called(nickname: str) -> Whose:
    """What a provider says that tells a nickname and no identity."""
    return Whose(nickname=nickname, identity="")


@pytest.fixture
def make(world: World) -> Iterator[Make]:
    """Makes what keeps a grant that has just come; options are those of the request."""
    begun: list[ProviderCalls] = []

    def make(*, scope: str | None = None, expires_in: int | None = 3600, **options: object) -> Keeper:
        world.context = world.new_context()
        request = world.request(**options)
        begun.append(ProviderCalls(world.context, request.resolved))
        response = TokenResponse(
            access_token=secrets.token_urlsafe(16),
            refresh_token=secrets.token_urlsafe(16),
            expires_in=expires_in,
            token_type="Bot",
            scope=scope,
        )
        granted = Grant(response=response, client_id="acme-app", requested=("read", "write"))
        return Keeper(world.context, request, begun[-1], granted)

    yield make
    for calls in begun:
        calls.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr("gumauth.accounts.lock.PATIENCE", 0.05)


@pytest.mark.requirement("K1", "K2")
@pytest.mark.parametrize("held", [True, False])
def test_an_account_is_listed_as_cut_short_with_its_grant_before_its_record_is_written(
    world: World, make: Make, held: bool
) -> None:
    seen: list[tuple[str, str | None, bool]] = []

    class Looking(MemoryStore):
        """Looks into the list at every write."""

        def set(self, key: str, value: str) -> None:
            [account] = world.new_context().accounts.all()
            assert key.startswith(account.key)
            seen.append((account.state, account.nickname, account.grant == json.loads(value)["grant"]))
            super().set(key, value)

    world.store = Looking()
    keeper = make()
    if held:
        keeper.hold()
        keeper.release()
        assert seen == [("connecting", None, True)]
    else:
        keeper.keep(called("ada@example.com"))
        assert seen == [("connecting", "ada@example.com", True)]


@pytest.mark.requirement("K1")
def test_what_is_held_can_be_read_and_goes_when_it_is_let_go(world: World, make: Make) -> None:
    keeper = make()
    keeper.hold()
    [held] = world.new_context().accounts.all()
    assert (held.state, held.nickname, held.alias, held.slot) == ("connecting", None, None, "b")
    record = records_of(world.new_context()).read(held)
    assert record.access_token == keeper.granted.response.access_token
    keeper.let_go()
    assert list(world.new_context().accounts.all()) == []
    assert isinstance(world.store, MemoryStore)
    assert world.store.keys() == []


@pytest.mark.requirement("C11")
@pytest.mark.usefixtures("impatient")
def test_what_is_held_is_locked_until_it_is_let_go(world: World, make: Make) -> None:
    keeper = make()
    lock = AccountLock(world.context.home, keeper.account.key)
    keeper.hold()
    with pytest.raises(Busy):
        lock.acquire()
    keeper.let_go()
    with lock:
        pass


@pytest.mark.requirement("K4")
@pytest.mark.usefixtures("impatient")
def test_where_nothing_can_be_held_nothing_is_left_and_the_account_is_kept_all_the_same(
    world: World, make: Make
) -> None:
    class Refusing(MemoryStore):
        refuses = True

        def set(self, key: str, value: str) -> None:
            if self.refuses:
                raise StoreError("not now")
            super().set(key, value)

    world.store = store = Refusing()
    keeper = make()
    keeper.hold()
    assert list(world.new_context().accounts.all()) == []
    with AccountLock(world.context.home, keeper.account.key):
        pass
    store.refuses = False
    keeper.keep(called("ada@example.com"))
    keeper.let_go()
    assert world.token().access_token == keeper.granted.response.access_token


@pytest.mark.usefixtures("impatient")
def test_where_the_net_is_locked_by_somebody_else_the_account_is_kept_without_it(world: World, make: Make) -> None:
    keeper = make()
    with AccountLock(world.context.home, keeper.account.key):
        keeper.hold()
        assert list(world.new_context().accounts.all()) == []
        keeper.keep(called("ada@example.com"))
        keeper.let_go()
    assert world.account().nickname == "ada@example.com"


@pytest.mark.requirement("R9")
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("held", [True, False])
def test_a_grant_is_kept_with_its_accounts_lock_held(world: World, make: Make, held: bool) -> None:
    keeper = make()
    if held:
        keeper.hold()
    identity = account_id("ada@example.com", None)
    with AccountLock(world.context.home, f"acme/{identity}"), pytest.raises(Busy):
        keeper.keep(called("ada@example.com"))
    assert world.new_context().accounts.get("acme", identity) is None
    keeper.let_go()


@pytest.mark.usefixtures("impatient")
def test_an_account_that_nobody_could_name_is_the_held_one_made_good(world: World, make: Make) -> None:
    keeper = make()
    keeper.hold()
    keeper.keep(UNASKED)
    keeper.let_go()
    [account] = world.new_context().accounts.all()
    assert account == keeper.account
    assert (account.state, account.nickname, account.label) == ("ok", None, "acme/1")
    assert account.expires_at == world.clock.now + 3600
    record = records_of(world.new_context()).read(account)
    assert record.access_token == keeper.granted.response.access_token


def test_an_account_that_nobody_could_name_is_known_by_its_alias(world: World, make: Make) -> None:
    keeper = make(alias="work")
    keeper.hold()
    keeper.keep(UNASKED)
    keeper.let_go()
    [account] = world.new_context().accounts.all()
    assert (account.id, account.alias, account.nickname) == (account_id(None, "work"), "work", None)


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(("scope", "scopes"), [(None, ("read", "write")), ("", ("read", "write")), ("a b", ("a", "b"))])
def test_the_scopes_are_the_granted_ones_or_where_none_are_named_the_requested(
    world: World, make: Make, scope: str | None, scopes: tuple[str, ...]
) -> None:
    make(scope=scope).keep(called("ada@example.com"))
    assert (world.account().scopes, world.account().requested_scopes) == (scopes, ("read", "write"))


@pytest.mark.parametrize(("expires_in", "left"), [(1800, 1800), (None, None)])
def test_the_record_is_what_came(world: World, make: Make, expires_in: int | None, left: float | None) -> None:
    keeper = make(expires_in=expires_in)
    keeper.keep(called("ada@example.com"))
    record, now = world.token(), world.clock.now
    assert (record.access_token, record.refresh_token) == (
        keeper.granted.response.access_token,
        keeper.granted.response.refresh_token,
    )
    assert (record.token_type, record.obtained_at) == ("Bot", now)
    assert record.expires_at == (None if left is None else now + left)
    assert (record.token_url, record.client_id) == (world.server.token_url, "acme-app")


@pytest.mark.requirement("L3")
@pytest.mark.usefixtures("impatient")
def test_an_alias_whose_account_is_busy_is_said_to_stay_with_it(world: World, make: Make) -> None:
    make(alias="work").keep(called("ada@example.com"))
    ada = world.account("acme/work")
    keeper = make(alias="work", replace=True)
    with AccountLock(world.context.home, ada.key):
        keeper.keep(called("grace@example.com"))
    assert len([notice for notice in keeper.notices if "could not be taken from its account" in notice]) == 1
    assert world.new_context().accounts.get("acme", ada.id) == ada


@pytest.mark.requirement("L3")
def test_an_alias_that_was_taken_over_stands_with_one_account(world: World, make: Make) -> None:
    make(alias="work").keep(called("ada@example.com"))
    keeper = make(alias="work", replace=True)
    keeper.keep(called("grace@example.com"))
    aliases = {account.nickname: account.alias for account in world.new_context().accounts.all()}
    assert aliases == {"ada@example.com": None, "grace@example.com": "work"}
    assert not any("could not be taken" in notice for notice in keeper.notices)


@pytest.mark.requirement("L3")
def test_an_account_that_is_connected_again_keeps_its_alias_and_counts_on(world: World, make: Make) -> None:
    make(alias="work").keep(called("ada@example.com"))
    first = world.token("acme/work")
    again = make()
    again.keep(called("ada@example.com"))
    second = world.token("acme/work")
    assert second.access_token == again.granted.response.access_token
    assert second.generation > first.generation
    assert isinstance(world.store, MemoryStore)
    assert len(world.store.keys()) == 1


@pytest.mark.requirement("L3")
@pytest.mark.parametrize("another", [None, "home"])
def test_an_account_that_has_lost_the_alias_by_itself_meanwhile_is_left_as_it_is(
    world: World, make: Make, another: str | None
) -> None:
    make(alias="work").keep(called("ada@example.com"))
    ada = world.account("acme/work")

    class Meanwhile(MemoryStore):
        """While the new record is written, the other account is disconnected, or gets another alias."""

        def set(self, key: str, value: str) -> None:
            accounts = world.new_context().accounts
            accounts.save(replace(ada, alias=another)) if another else accounts.forget(ada)
            super().set(key, value)

    world.store = Meanwhile()
    keeper = make(alias="work", replace=True)
    keeper.keep(called("grace@example.com"))
    aliases = {account.nickname: account.alias for account in world.new_context().accounts.all()}
    assert aliases == {"grace@example.com": "work"} | ({"ada@example.com": another} if another else {})
    assert not any("could not be taken" in notice for notice in keeper.notices)


@pytest.mark.requirement("L3")
def test_an_account_that_is_connected_again_into_another_store_leaves_nothing_in_the_first(
    world: World, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Second(MemoryStore):
        """Answers from now on."""

        name = "second"

    make().keep(called("ada@example.com"))
    first, second = world.store, Second()
    monkeypatch.setattr(Context, "store", lambda _, name="second": {"memory": first, "second": second}[name])
    again = make()
    again.keep(called("ada@example.com"))
    assert world.account().store == "second"
    assert world.token().access_token == again.granted.response.access_token
    assert isinstance(first, MemoryStore)
    assert first.keys() == []


@pytest.mark.requirement("L3")
def test_an_account_is_kept_although_the_older_record_cannot_be_deleted(world: World, make: Make) -> None:
    class Sticky(MemoryStore):
        """Gives nothing up."""

        def delete(self, key: str) -> None:
            raise StoreError("not now")

    world.store = Sticky()
    make().keep(called("ada@example.com"))
    again = make()
    again.keep(called("ada@example.com"))
    assert world.token().access_token == again.granted.response.access_token


@pytest.mark.requirement("L3", "P4")
def test_a_grant_that_could_not_be_kept_is_ended_by_a_provider_file_that_has_the_contract_only(
    world: World, make: Make
) -> None:
    ended = world.folder / "ended"
    world.file.write_text(
        "from mcp.gumstack import AuthProvider\n\n\n"
        "class Plain(AuthProvider):\n"
        '    name = "acme"\n\n'
        '    def get_url(self, redirect_uri, state):\n        return ""\n\n'
        "    async def exchange(self, code, redirect_uri):\n        raise NotImplementedError\n\n"
        "    async def refresh(self, refresh_token):\n        raise NotImplementedError\n\n"
        '    async def get_nickname(self, access_token):\n        return ""\n\n'
        "    async def revoke(self, access_token):\n"
        f"        with open({str(ended)!r}, 'a') as file:\n            print(access_token, file=file)\n"
        "        return True\n"
    )
    keeper = make()
    assert keeper.give_up() == "The new grant was revoked."
    assert ended.read_text().split() == [keeper.granted.response.access_token]


def test_an_account_that_is_disconnected_as_soon_as_it_is_listed_is_no_failure(world: World, make: Make) -> None:
    class Meanwhile(MemoryStore):
        """Another process forgets every account, right after the older record has gone."""

        def delete(self, key: str) -> None:
            super().delete(key)
            accounts = world.new_context().accounts
            for account in list(accounts.all()):
                accounts.forget(account)

    world.store = Meanwhile()
    make().keep(called("ada@example.com"))
    again = make()
    again.keep(called("ada@example.com"))
    assert list(world.new_context().accounts.all()) == []
    assert not any("default" in notice for notice in again.notices)


def test_which_account_stays_the_default_is_said_only_of_another_one(world: World, make: Make) -> None:
    first = make()
    first.hold()
    first.keep(called("ada@example.com"))
    first.let_go()
    assert first.notices == []
    again = make()  # nothing is held
    again.keep(called("ada@example.com"))
    assert again.notices == [
        "acme does not tell who this is, only a nickname. This is acme/ada@example.com again: its tokens are new now."
    ]
    second = make()
    second.keep(called("grace@example.com"))
    assert second.notices == [
        "acme/ada@example.com stays the default; `gumauth default acme/grace@example.com` changes that."
    ]


@pytest.mark.requirement("I6", "R9")
def test_an_account_whose_connect_is_under_way_is_nobodys_default(world: World) -> None:
    """It may leave again, and take the provider's name with it."""
    pending = PendingAccount(world.context, world.request().resolved)
    pending.begin(())
    world.connect()
    pending.discard()
    assert world.new_context().accounts.look_up("acme").nickname == "ada@example.com"
