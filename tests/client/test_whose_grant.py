"""Whose grant it is: which logins are one account, what a connect may end, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import copy
from dataclasses import replace

import pytest

from gumauth.accounts.account import Account
from gumauth.client.connect.connect import Connected
from gumauth.client.connect.connect import connect as run
from gumauth.client.refresh.refresh import refresh
from gumauth.errors import AccountConflict, AmbiguousAccount, Interrupted, NotConnected, StoreError
from gumauth.platform.frozen import replace as replaced
from gumauth.platform.threads import in_thread
from gumauth.registry.lookup import find
from gumauth.testing import AuthorizationServer, Client, Fault, write_provider
from tests.accounts.directly import save
from tests.client.ending import disconnect, revoke
from tests.client.world import Walker, World
from tests.store.memory import MemoryStore

WORKSPACES = {
    "identity_paths": ("sub", "workspace.id"),
    "nickname_paths": (("email", "workspace.name"), "email"),
}
NICKNAME_ONLY: dict[str, object] = {"identity_paths": ()}


def connect(world: World, person: str = "ada", workspace: str | None = None, **options: object) -> Connected:
    answers = options.pop("answers", None)
    walker = Walker(world, nickname=person, workspace=workspace)
    walker.answers = answers  # type: ignore[assignment]
    world.context = world.new_context()
    return world.connect(walker, **options)


def accounts(world: World) -> list[Account]:
    return list(world.new_context().accounts.all())


def labels(world: World) -> list[str]:
    return sorted(account.label for account in accounts(world))


def revocations(world: World) -> int:
    return world.server.count("revoke")


def whose(world: World, label: str) -> tuple[str, str]:
    """The person and workspace that the server has for an account's token, which is good."""
    family = world.server._grants.family_of(world.token(label).access_token)
    assert family is not None, f"{label} is dead"
    return family.person, family.workspace


def refreshed(world: World, label: str, times: int = 1) -> bool:
    return all(refresh(world.new_context(), [label])[0].refreshed for _ in range(times))


# --- I1: which logins are one account


@pytest.mark.requirement("I1", "I2")
@pytest.mark.parametrize("aliases", [("acme", "beta"), (None, None), ("acme", None), (None, "beta")])
def test_two_workspaces_of_one_person_stand_side_by_side(world: World, aliases: tuple[str | None, str | None]) -> None:
    world.write_provider(**WORKSPACES)
    made = [connect(world, "ada", space, alias=alias) for space, alias in zip(("acme", "beta"), aliases, strict=True)]
    for connected, space in zip(made, ("acme", "beta"), strict=True):
        assert refreshed(world, connected.account.label, 5)
        assert whose(world, connected.account.label) == ("ada@example.com", space)
        assert connected.account.nickname == f"ada@example.com at {space}"
    assert len(accounts(world)) == 2
    assert revocations(world) == 0


@pytest.mark.requirement("I1", "I2", "I6")
@pytest.mark.parametrize("aliases", [("mine", "hers"), (None, None)])
def test_two_people_with_one_nickname_stand_side_by_side(world: World, aliases: tuple[str | None, str | None]) -> None:
    world.server.nicknames["grace@example.com"] = "ada@example.com"
    made = [connect(world, person, alias=alias) for person, alias in zip(("ada", "grace"), aliases, strict=True)]
    first, second = (connected.account.label for connected in made)
    assert whose(world, first) == ("ada@example.com", world.server.workspace)
    assert whose(world, second) == ("grace@example.com", world.server.workspace)
    assert refreshed(world, first, 5)
    assert refreshed(world, second, 5)
    assert whose(world, first)[0] == "ada@example.com"
    assert revocations(world) == 0
    if aliases == (None, None):
        assert (first, second) == ("acme/ada@example.com", "acme/2")
        assert any("this one is acme/2; `gumauth rename acme/2 ALIAS`" in notice for notice in made[1].notices)


@pytest.mark.requirement("I1")
def test_the_same_identity_under_another_nickname_is_the_same_account(world: World) -> None:
    first = connect(world).account
    world.server.nicknames["ada@example.com"] = "countess@example.com"
    second = connect(world)
    [account] = accounts(world)
    assert (account.id, account.nickname) == (first.id, "countess@example.com")
    assert "acme/ada@example.com is called acme/countess@example.com from now on." in second.notices


@pytest.mark.requirement("I1")
def test_a_subject_is_the_same_with_an_id_token_and_without(world: World) -> None:
    world.server.send_id_token = True
    first = connect(world).account
    assert first.identity == f"{world.server.issuer} ada"
    world.server.send_id_token = False
    world.write_provider(issuer=None)
    second = connect(world).account
    assert (second.id, second.identity) == (first.id, "ada")


@pytest.mark.requirement("I1")
def test_an_id_token_tells_who_it_is_where_nobody_answers_at_the_userinfo(world: World) -> None:
    world.server.send_id_token = True
    connect(world)
    world.server.misbehave("userinfo", Fault.status(503), times=None)
    connected = connect(world)
    [account] = accounts(world)
    assert account.nickname == "ada@example.com"
    assert connected.account.id == account.id


@pytest.mark.requirement("I1", "I2")
def test_where_only_a_nickname_is_told_another_alias_makes_another_account(world: World) -> None:
    world.write_provider(**NICKNAME_ONLY)
    world.server.nicknames["grace@example.com"] = "ada@example.com"
    connect(world, "ada", alias="mine")
    connect(world, "grace", alias="hers")
    assert labels(world) == ["acme/hers", "acme/mine"]
    assert whose(world, "acme/mine")[0] == "ada@example.com"
    assert whose(world, "acme/hers")[0] == "grace@example.com"
    connect(world, "grace", alias="hers")
    assert labels(world) == ["acme/hers", "acme/mine"]
    assert revocations(world) == 0


@pytest.mark.requirement("I1")
def test_a_provider_file_may_tell_an_identity_by_a_method_of_its_own(world: World) -> None:
    world.write_provider(**NICKNAME_ONLY)
    with world.file.open("a") as file:
        file.write(
            "\n    async def get_identity(self, access_token):\n"
            "        return (await self._resource(self.nickname_url, access_token))['sub']\n"
        )
    world.server.nicknames["grace@example.com"] = "ada@example.com"
    assert connect(world, "ada").account.identity == "ada"
    assert connect(world, "grace").account.identity == "grace"
    assert labels(world) == ["acme/2", "acme/ada@example.com"]


@pytest.mark.requirement("I1", "P4")
@pytest.mark.parametrize("body", ["raise ValueError('no')", "return ['a']", "return 'a\\x00b'", "return 'a' * 501"])
def test_an_identity_that_is_none_is_said_and_the_nickname_stands_in(world: World, body: str) -> None:
    world.write_provider(**NICKNAME_ONLY)
    with world.file.open("a") as file:
        file.write(f"\n    async def get_identity(self, access_token):\n        {body}\n")
    connected = connect(world)
    assert not connected.account.identity
    assert connected.account.nickname == "ada@example.com"
    if body.startswith("return"):
        assert any("`get_identity` returned" in notice for notice in connected.notices)


# --- I2 and I3: what a connect may replace and end


@pytest.mark.requirement("I2", "I3")
@pytest.mark.parametrize("one_grant", [True, False])
def test_connecting_again_five_times_leaves_a_living_token_each_time(world: World, one_grant: bool) -> None:
    world.server.one_grant = one_grant
    for _ in range(5):
        connected = connect(world)
        assert whose(world, "acme")[0] == "ada@example.com"
        assert refreshed(world, "acme")
    assert "This is acme/ada@example.com again: its tokens are new now." in connected.notices
    assert len(accounts(world)) == 1
    assert revocations(world) == 0


@pytest.mark.requirement("I3")
def test_where_grants_are_separate_the_older_one_is_ended_and_that_is_said(world: World) -> None:
    world.write_provider(separate_grants=True)
    connect(world)
    old = world.token()
    connected = connect(world)
    assert "The older grant of acme/ada@example.com was ended." in connected.notices
    assert not world.server.is_active(str(old.refresh_token))
    assert refreshed(world, "acme")


@pytest.mark.requirement("I3")
@pytest.mark.parametrize("fault", [Fault.status(401), Fault.status(403), Fault.status(503)])
def test_an_older_grant_is_not_ended_before_the_new_token_has_been_seen_to_work(world: World, fault: Fault) -> None:
    world.write_provider(separate_grants=True)
    world.server.send_id_token = True
    connect(world)
    world.server.misbehave("userinfo", fault, times=None)
    connected = connect(world)
    assert revocations(world) == 0
    assert any("new token has not been seen to work" in n or "503" in n for n in connected.notices), connected.notices
    world.server.behave()
    assert refreshed(world, "acme")


@pytest.mark.requirement("I2", "I3")
@pytest.mark.parametrize(("answer", "ended"), [(True, True), (False, False)])
def test_on_a_terminal_the_older_grant_is_ended_only_after_a_yes(world: World, answer: bool, ended: bool) -> None:
    world.write_provider(separate_grants=True)
    connect(world)
    old = world.token()
    connect(world, answers={"End the older grant of acme/ada@example.com": answer})
    assert world.asked == ["End the older grant of acme/ada@example.com at acme?"]
    assert world.server.is_active(old.access_token) is not ended
    assert refreshed(world, "acme")


@pytest.mark.requirement("I3")
def test_a_dead_account_is_connected_again_without_a_question_and_nothing_is_ended(world: World) -> None:
    world.write_provider(separate_grants=True)
    connect(world)
    world.server.end_grant(1)
    assert not refresh(world.new_context(), ["acme"])[0].refreshed
    connected = connect(world, answers={})
    assert world.asked == []
    assert not any("again" in notice for notice in connected.notices)
    assert revocations(world) == 0
    assert [account.state for account in accounts(world)] == ["ok"]


@pytest.mark.requirement("I2", "I3", "K4")
@pytest.mark.parametrize("one_grant", [True, False])
def test_a_login_that_could_not_be_kept_takes_no_living_account_with_it(world: World, one_grant: bool) -> None:
    """Ada is connected under her nickname; ann has the alias that the next login of ada asks for."""
    world.server.one_grant = one_grant
    connect(world, "ada")
    connect(world, "ann", alias="bob")
    with pytest.raises(AccountConflict, match=r"could end acme/ada@example\.com too\. It lives on there\."):
        connect(world, "ada", alias="bob")
    assert revocations(world) == 0
    assert whose(world, "acme/ada@example.com")[0] == "ada@example.com"
    assert whose(world, "acme/bob")[0] == "ann@example.com"


@pytest.mark.requirement("I3", "K4")
def test_a_login_that_could_not_be_kept_is_ended_where_grants_are_separate(world: World) -> None:
    world.write_provider(separate_grants=True)
    connect(world, "ada")
    connect(world, "ann", alias="bob")
    with pytest.raises(AccountConflict, match=r"The new grant was revoked\."):
        connect(world, "ada", alias="bob")
    assert [family.ended is not None for family in world.server.families] == [False, False, True]
    assert whose(world, "acme/ada@example.com")[0] == "ada@example.com"


@pytest.mark.requirement("I3", "K4")
def test_a_store_that_fails_over_a_living_account_does_not_end_the_grant_that_both_may_have(world: World) -> None:
    class Broken(MemoryStore):
        """Takes no record any more."""

        broken = False

        def set(self, key: str, value: str) -> None:
            if self.broken and key.startswith("acme/"):
                raise StoreError("The store is full.")
            super().set(key, value)

    world.store = store = Broken()
    world.server.one_grant = True
    connect(world)
    store.broken = True
    with pytest.raises(StoreError, match=r"The store is full\. The new grant was not revoked"):
        connect(world)
    store.broken = False
    assert refreshed(world, "acme")


# --- I2: what only the person can tell


@pytest.mark.requirement("I2")
@pytest.mark.parametrize(
    ("answer", "left"), [(True, ["acme/ada@example.com"]), (False, ["acme/2", "acme/ada@example.com"])]
)
def test_a_nickname_alone_is_asked_about_on_a_terminal_before_anything_is_replaced(
    world: World, answer: bool, left: list[str]
) -> None:
    world.write_provider(**NICKNAME_ONLY)
    world.server.nicknames["grace@example.com"] = "ada@example.com"
    connect(world, "ada")
    connected = connect(world, "grace", answers={"Is it acme/ada@example.com again": answer})
    assert len(world.asked) == 1
    assert labels(world) == left
    assert whose(world, connected.account.label)[0] == "grace@example.com"
    assert world.new_context().accounts.look_up("acme").label == "acme/ada@example.com"
    assert revocations(world) == 0
    assert isinstance(world.store, MemoryStore)
    assert len(world.store.keys()) == len(left)


@pytest.mark.requirement("I2")
def test_where_nobody_can_be_asked_a_nickname_alone_is_taken_for_the_same_account_and_that_is_said(
    world: World,
) -> None:
    world.write_provider(**NICKNAME_ONLY)
    connect(world)
    connected = connect(world)
    assert any(
        notice.startswith("acme does not tell who this is, only a nickname. This is acme/ada@example.com again")
        for notice in connected.notices
    )
    assert labels(world) == ["acme/ada@example.com"]


@pytest.mark.requirement("I2", "L3")
@pytest.mark.parametrize(("answer", "alias"), [(True, "work"), (False, None)])
def test_an_alias_in_use_goes_over_after_a_yes_and_the_login_is_kept_in_any_case(
    world: World, answer: bool, alias: str | None
) -> None:
    connect(world, "bob", alias="work")
    connected = connect(world, "ada", alias="work", answers={"acme/work is the account of bob@example.com": answer})
    assert connected.account.alias == alias
    by_person = {account.nickname: account.alias for account in accounts(world)}
    assert by_person == {"ada@example.com": alias, "bob@example.com": None if answer else "work"}
    assert whose(world, connected.account.label)[0] == "ada@example.com"
    assert revocations(world) == 0


@pytest.mark.requirement("I2")
@pytest.mark.parametrize(
    ("answers", "alias"), [(None, "home"), ({"Call it acme/home": True}, "home"), ({"Call it": False}, "work")]
)
def test_the_same_account_under_another_alias_is_renamed_and_that_is_said_or_asked(
    world: World, answers: dict[str, bool] | None, alias: str
) -> None:
    connect(world, alias="work")
    connected = connect(world, alias="home", answers=answers)
    assert [account.alias for account in accounts(world)] == [alias]
    if answers is None:
        assert "acme/work is called acme/home from now on." in connected.notices
    assert whose(world, f"acme/{alias}")[0] == "ada@example.com"


@pytest.mark.requirement("I1", "I2")
def test_a_nameless_login_takes_the_place_of_the_nameless_account_of_its_source(world: World) -> None:
    """Each would be one more account otherwise, and the first would stay the default, however dead."""
    world.write_provider(nickname_url=None)
    first = connect(world)
    assert first.account.label == "acme/1"
    for _ in range(3):
        connected = connect(world)
    assert labels(world) == ["acme/1"]
    assert world.server.is_active(world.token("acme").access_token)
    assert any("did not say whose account this is" in n and "acme/1 again" in n for n in connected.notices)
    assert revocations(world) == 0
    connect(world, alias="work")
    assert labels(world) == ["acme/1", "acme/work"]


@pytest.mark.requirement("I2")
@pytest.mark.parametrize(("answer", "left"), [(True, ["acme/1"]), (False, ["acme/1", "acme/2"])])
def test_a_nameless_login_is_asked_about_on_a_terminal(world: World, answer: bool, left: list[str]) -> None:
    world.write_provider(nickname_url=None)
    connect(world)
    connect(world, answers={"Is it acme/1 again": answer})
    assert labels(world) == left


@pytest.mark.requirement("I2")
def test_a_nameless_login_does_not_get_the_refresh_token_of_a_nameless_account(world: World) -> None:
    """It may be another person's: an hour later the token would be theirs."""
    world.write_provider(nickname_url=None)
    connect(world, "ada")
    world.server.misbehave("token", Fault.without("refresh_token"))
    connect(world, "grace")
    assert labels(world) == ["acme/1", "acme/2"]
    assert whose(world, "acme/1")[0] == "ada@example.com"
    assert whose(world, "acme/2")[0] == "grace@example.com"


# --- I4: refresh tokens that come once


@pytest.mark.requirement("I4")
@pytest.mark.parametrize("one_grant", [True, False])
@pytest.mark.parametrize("facts", [{}, {"separate_grants": True}, NICKNAME_ONLY])
def test_a_refresh_token_that_comes_once_is_kept_at_every_later_connect(
    world: World, one_grant: bool, facts: dict[str, object]
) -> None:
    world.write_provider(**facts)
    world.server.refresh_once, world.server.one_grant = True, one_grant
    for turn in range(3):
        connected = connect(world)
        assert connected.account.refreshable
        assert refreshed(world, "acme"), turn
        said = "No refresh token came; acme/ada@example.com keeps the one that it has." in connected.notices
        assert said == (turn > 0)
        assert not any("must be connected again" in notice for notice in connected.notices)
    assert revocations(world) == 0


@pytest.mark.requirement("I4", "F12")
def test_a_refresh_token_of_another_client_is_not_kept(world: World) -> None:
    world.server.refresh_once = True
    connect(world)
    uris = ("http://127.0.0.1/callback",)
    world.server.register(
        Client("other-app", secret=world.environ["ACME_CLIENT_SECRET"], redirect_uris=uris, any_port=True)
    )
    world.environ["ACME_CLIENT_ID"] = "other-app"
    world.server.misbehave("token", Fault.without("refresh_token"))
    connected = connect(world)
    assert not connected.account.refreshable
    assert world.token().refresh_token is None
    assert any("No refresh token came: when this token ends" in notice for notice in connected.notices)


@pytest.mark.requirement("I4")
def test_a_dead_refresh_token_is_not_kept(world: World) -> None:
    connect(world)
    world.server.end_grant(1)
    refresh(world.new_context(), ["acme"])
    world.server.misbehave("token", Fault.without("refresh_token"))
    assert not connect(world).account.refreshable


# --- I5: revoked is said of what is sure


@pytest.mark.requirement("I5")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_an_access_token_that_cannot_be_ended_is_told_with_its_end(world: World, end: object) -> None:
    assert callable(end)
    world.server.self_contained = True
    connect(world)
    record = world.token()
    ended = end(world.new_context(), "acme")
    assert (ended.revoked, ended.error, ended.lives_until) == (True, None, record.expires_at)
    assert not world.server.is_active(str(record.refresh_token))
    assert world.server.is_active(record.access_token)


@pytest.mark.requirement("I5", "L1")
@pytest.mark.parametrize("end", [revoke, disconnect])
@pytest.mark.parametrize("status", [404, 401, 400])
def test_a_revocation_endpoint_that_is_not_there_makes_no_revoked(world: World, end: object, status: int) -> None:
    assert callable(end)
    connect(world)
    record = world.token()
    world.server.misbehave("revoke", Fault.error("invalid_token", status=status), times=None)
    ended = end(world.new_context(), "acme")
    assert (ended.revoked, ended.forgotten) == (False, False)
    assert ended.error is not None
    assert world.token() == record
    assert world.server.is_active(record.access_token)


@pytest.mark.requirement("I5", "L1")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_where_the_provider_refuses_a_token_that_should_live_the_grant_has_ended(world: World, end: object) -> None:
    """As at services that answer 400 or 404 for a token that was ended in their settings before."""
    assert callable(end)
    connect(world)
    world.server.end_grant(1)
    world.server.misbehave("revoke", Fault.error("invalid_request", status=400), times=None)
    assert end(world.new_context(), "acme").revoked


@pytest.mark.requirement("I5")
def test_an_expired_access_token_proves_nothing_of_the_refresh_token(world: World) -> None:
    connect(world)
    world.clock.move(3601)
    world.server.misbehave("revoke", Fault.status(404), times=None)
    ended = revoke(world.new_context(), "acme")
    assert not ended.revoked
    assert ended.error is not None


# --- I6: names


@pytest.mark.requirement("I6")
def test_an_alias_that_is_another_accounts_nickname_is_refused_before_the_browser_opens(world: World) -> None:
    connect(world, "bob")
    walker = Walker(world, nickname="ann")
    with pytest.raises(
        AccountConflict, match=r"BOB@example\.com cannot be an alias: acme/bob@example\.com is called so"
    ):
        world.connect(walker, alias="BOB@example.com")
    assert walker.urls == []


@pytest.mark.requirement("I6")
def test_a_nickname_that_is_another_accounts_alias_does_not_become_a_name(world: World) -> None:
    connect(world, "ann", alias="bob@example.com")
    connected = connect(world, "bob")
    assert connected.account.label == "acme/2"
    assert whose(world, "acme/bob@example.com")[0] == "ann@example.com"
    assert whose(world, "acme/2")[0] == "bob@example.com"
    assert any("`gumauth default acme/2`" in notice for notice in connected.notices)


@pytest.mark.requirement("I6")
def test_the_first_field_of_a_nickname_is_enough_where_it_means_one_account(world: World) -> None:
    world.write_provider(**WORKSPACES)
    connect(world, "ada", "acme")
    assert whose(world, "acme/ada@example.com") == ("ada@example.com", "acme")
    connect(world, "ada", "beta")
    with pytest.raises(AmbiguousAccount, match=r"acme/ada@example\.com could mean") as refused:
        world.token("acme/ada@example.com")
    assert refused.value.exit_code == 2
    assert "acme/ada@example.com at beta" in refused.value.message


@pytest.mark.requirement("I6")
def test_every_label_leads_to_its_account(world: World) -> None:
    world.server.nicknames.update({"grace@example.com": "ada@example.com", "eve@example.com": "ada@example.com"})
    for person, alias in (("ada", None), ("grace", None), ("eve", "work"), ("bob", "2x")):
        connect(world, person, alias=alias)
    context = world.new_context()
    assert len(set(labels(world))) == 4
    for account in accounts(world):
        assert context.accounts.look_up(account.label) == account


# --- I7 and W9: what is told later


@pytest.mark.requirement("I7")
def test_a_lifetime_that_is_not_told_at_a_connect_is_the_one_that_is_known(world: World) -> None:
    connect(world)
    world.server.misbehave("token", Fault.without("expires_in"))
    assert connect(world).account.expires_at == world.clock.now + 3600


@pytest.mark.requirement("I8")
def test_who_could_not_be_asked_at_a_connect_is_asked_at_the_next_refresh(world: World) -> None:
    world.server.misbehave("userinfo", Fault.status(503), times=None)
    account = connect(world).account
    assert (account.label, account.nickname, account.identity) == ("acme/1", None, None)
    world.clock.move(3601)
    world.token("acme")
    assert world.account("acme/1").identity is None
    world.server.behave()
    world.clock.move(3601)
    world.token("acme")
    account = world.account("acme/1")
    assert (account.nickname, account.identity) == ("ada@example.com", f"{world.server.issuer} ada")
    asked = world.server.count("userinfo", "ok")
    world.clock.move(3601)
    world.token("acme/1")
    assert world.server.count("userinfo", "ok") == asked
    connected = connect(world)
    assert connected.account.label == "acme/ada@example.com"
    assert "acme/1 is called acme/ada@example.com from now on." in connected.notices
    assert len(accounts(world)) == 1


@pytest.mark.requirement("R9")
def test_a_question_that_is_interrupted_leaves_the_account_connected(world: World) -> None:
    world.write_provider(separate_grants=True)
    connect(world)

    class Undecided(Walker):
        """Presses Ctrl-C at the question."""

        async def agree(self, question: str, *, usually: bool) -> bool:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
            raise AssertionError

    person = Undecided(world)
    person.answers = {}
    with pytest.raises(Interrupted, match=r"acme/ada@example\.com is connected"):
        asyncio.run(run(world.new_context(), world.request(), person))
    person.rest()
    assert revocations(world) == 0
    assert refreshed(world, "acme")
    assert len(accounts(world)) == 1


@pytest.mark.requirement("I1")
def test_two_files_of_one_name_that_speak_of_two_services_do_not_share_accounts(world: World) -> None:
    """Ids such as 1 are everywhere."""
    connect(world)
    mine = world.token()
    with AuthorizationServer(clock=world.clock) as other:
        secret, uris = world.environ["ACME_CLIENT_SECRET"], ("http://127.0.0.1/callback",)
        other.register(Client("acme-app", secret=secret, redirect_uris=uris, any_port=True))
        folder = world.folder / "other"
        folder.mkdir()
        file = write_provider(other, folder, redirect_host="127.0.0.1", redirect_ports=(), issuer=None)
        elsewhere = copy(world)
        elsewhere.server = other
        person = Walker(elsewhere)
        request = replace(world.request(), resolved=find(str(file), cwd="/"))
        asyncio.run(run(world.new_context(), request, person))
        person.rest()
    assert labels(world) == ["acme/2", "acme/ada@example.com"]
    assert world.token("acme/ada@example.com") == mine


def test_an_account_that_is_gone_is_not_found_by_what_it_was_called(world: World) -> None:
    world.server.nicknames["grace@example.com"] = "ada@example.com"
    connect(world, "ada")
    connect(world, "grace")
    world.context.accounts.set_default(world.account("acme/2"))
    disconnect(world.new_context(), "acme/ada@example.com", keep_grant=True)
    assert whose(world, "acme/2")[0] == "grace@example.com"
    disconnect(world.new_context(), "acme/2")
    with pytest.raises(NotConnected):
        world.token("acme/2")


@pytest.mark.requirement("I6")
def test_a_number_that_was_a_name_is_given_to_nobody_else(world: World) -> None:
    """Who asks for acme/2 must not get another person's token one day."""
    for person in ("grace", "eve"):
        world.server.nicknames[f"{person}@example.com"] = "ada@example.com"
    connect(world, "ada")
    assert connect(world, "grace").account.label == "acme/2"
    connect(world, "eve", alias="work")
    connected = connect(world, "grace", alias="work", replace=True)
    assert connected.account.label == "acme/work"
    assert labels(world) == ["acme/3", "acme/ada@example.com", "acme/work"]
    assert whose(world, "acme/3")[0] == "eve@example.com"
    disconnect(world.new_context(), "acme/3")
    world.server.nicknames["bob@example.com"] = "ada@example.com"
    assert connect(world, "bob").account.label == "acme/4"


@pytest.mark.requirement("I1")
def test_a_dead_accounts_nickname_does_not_stay_on_another_persons_login(world: World) -> None:
    connect(world, "ada", alias="work")
    revoke(world.new_context(), "acme/work")
    world.server.misbehave("userinfo", Fault.status(503), times=None)
    assert connect(world, "grace", alias="work").account.nickname is None
    world.server.behave()
    world.clock.move(3601)
    world.token("acme/work")
    assert world.account("acme/work").nickname == "grace@example.com"
    with pytest.raises(NotConnected):
        world.token("acme/ada@example.com")


@pytest.mark.requirement("I4")
def test_a_login_whose_owner_could_not_be_asked_does_not_get_the_refresh_token_of_its_alias(world: World) -> None:
    world.server.refresh_once = True
    connect(world, "grace")
    disconnect(world.new_context(), "acme", keep_grant=True)
    world.server.misbehave("userinfo", Fault.status(503), times=None)
    connect(world, "ada", alias="work")
    with pytest.raises(AccountConflict, match="somebody else"):
        connect(world, "grace", alias="work")
    world.server.behave()
    world.clock.move(3601)
    assert whose(world, "acme/work")[0] == "ada@example.com"


@pytest.mark.requirement("I4")
def test_where_nobodys_name_is_told_an_alias_is_the_persons_word_for_the_account(world: World) -> None:
    world.write_provider(nickname_url=None)
    world.server.refresh_once = True
    for _ in range(3):
        connect(world, "ada", alias="mine")
        assert refreshed(world, "acme/mine")
    assert labels(world) == ["acme/mine"]


@pytest.mark.requirement("I6")
def test_what_stands_for_the_default_is_written_down_before_it_can_change(world: World) -> None:
    connect(world, "grace")
    world.clock.move(1)
    connect(world, "eve")
    path = world.folder / "home" / "accounts" / "acme" / "default"
    path.unlink()
    assert whose(world, "acme")[0] == "grace@example.com"
    world.clock.move(10)
    connect(world, "grace")
    assert whose(world, "acme")[0] == "grace@example.com"


@pytest.mark.requirement("I3", "K4")
def test_a_login_that_could_not_be_kept_is_not_ended_where_a_killed_connect_has_its_grant(world: World) -> None:
    world.server.one_grant = True
    connect(world, "grace", alias="work")
    connect(world, "ada")
    ada = world.account("acme/ada@example.com")
    save(world.context, replaced(ada, state="connecting"))
    with pytest.raises(AccountConflict, match="The new grant was not revoked"):
        connect(world, "ada", alias="work")
    assert whose(world, "acme/ada@example.com")[0] == "ada@example.com"


@pytest.mark.requirement("I2", "I3")
def test_an_older_grant_of_a_presumed_account_is_never_ended_unasked(world: World) -> None:
    world.write_provider(**NICKNAME_ONLY, separate_grants=True)
    world.server.nicknames["grace@example.com"] = "ada@example.com"
    connect(world, "ada")
    connect(world, "grace")
    assert revocations(world) == 0


@pytest.mark.requirement("I2")
def test_after_a_yes_the_account_keeps_its_names_and_has_the_tokens_that_are_good_by_then(world: World) -> None:
    """Also where another process has refreshed the new account while the person thought about it."""
    world.write_provider(**NICKNAME_ONLY)
    connect(world, "ada", alias="work")
    before = world.account("acme/work")

    class Slow(Walker):
        """Answers when the new token has been refreshed."""

        async def agree(self, question: str, *, usually: bool) -> bool:
            self.asked.append(question)
            [own] = [account for account in accounts(world) if account.id != before.id]
            assert refreshed(world, own.label)
            return True

    person = Slow(world, nickname="ada")
    person.answers = {}
    connected = world.connect(person, alias="work")
    assert world.asked == [
        "acme tells only a nickname. Is it acme/work (ada@example.com) again, whose tokens the new ones replace?"
    ]
    [account] = accounts(world)
    assert (account.id, account.alias, account.label) == (before.id, "work", "acme/work")
    assert account == connected.account
    assert account.expires_at == world.token("acme/work").expires_at == world.clock.now + 3600
    assert refreshed(world, "acme", 2)
    assert isinstance(world.store, MemoryStore)
    assert len(world.store.keys()) == 1
    assert world.server.count("reuse") == 0


class Meanwhile(Walker):
    """Says yes after something else has happened."""

    def __init__(self, world: World, happens: Callable[[], object], nickname: str = "ada") -> None:
        super().__init__(world, nickname=nickname)
        self.happens, self.answers = happens, {}

    async def agree(self, question: str, *, usually: bool) -> bool:
        self.asked.append(question)
        self.happens()
        return True


@pytest.mark.requirement("I2", "R9")
def test_an_account_that_is_disconnected_while_the_person_is_asked_does_not_come_back(world: World) -> None:
    world.write_provider(**NICKNAME_ONLY)
    connect(world, "ada")
    person = Meanwhile(world, lambda: disconnect(world.new_context(), "acme/ada@example.com"))
    connected = world.connect(person)
    assert any("has changed meanwhile" in notice for notice in connected.notices), connected.notices
    assert labels(world) == ["acme/2"]
    assert refreshed(world, "acme/2")


@pytest.mark.requirement("I2", "K1")
def test_where_the_store_fails_after_a_yes_both_accounts_are_as_they_were(world: World) -> None:
    class Full(MemoryStore):
        """Takes no record from some moment on."""

        full = False

        def set(self, key: str, value: str) -> None:
            if self.full:
                raise StoreError("The store is full.")
            super().set(key, value)

    world.store = store = Full()
    world.write_provider(**NICKNAME_ONLY)
    connect(world, "ada")
    connected = world.connect(Meanwhile(world, lambda: setattr(store, "full", True)))
    assert "acme/ada@example.com stays beside it: The store is full." in connected.notices
    store.full = False
    states = {account.label: account.state for account in accounts(world)}
    assert states == {"acme/ada@example.com": "ok", "acme/2": "ok"}
    assert connected.account == world.account("acme/2")
    assert refreshed(world, "acme/2")
    assert refreshed(world, "acme/ada@example.com")


@pytest.mark.requirement("I2", "I6")
@pytest.mark.parametrize("taken", [True, False])
def test_a_name_that_another_account_got_while_the_person_was_asked_stays_there(world: World, taken: bool) -> None:
    connect(world, "bob", alias="work")
    happens = (lambda: connect(world, "eve", alias="work", replace=True)) if taken else (lambda: None)

    class Late(Meanwhile):
        async def agree(self, question: str, *, usually: bool) -> bool:
            await in_thread(self.happens)
            return True

    connected = world.connect(Late(world, happens), alias="work")
    if taken:
        assert whose(world, "acme/work")[0] == "eve@example.com"
        assert any(notice.startswith("acme/work keeps its name: ") for notice in connected.notices)
    else:
        assert whose(world, "acme/work")[0] == "ada@example.com"
    assert len(set(labels(world))) == len(labels(world))


# --- What an enemy found in the first version of this


@pytest.mark.requirement("I2", "I6")
@pytest.mark.parametrize("command", ["revoke", "disconnect"])
def test_a_nickname_that_is_another_accounts_id_ends_nobody_else(world: World, command: str) -> None:
    ada = connect(world, "ada").account
    world.server.nicknames["bob@example.com"] = ada.id
    assert connect(world, "bob").account.label == "acme/2"
    context = world.new_context()
    assert context.accounts.look_up(ada.key).label == "acme/ada@example.com"
    act = revoke if command == "revoke" else disconnect
    assert act(context, ada.key).revoked
    assert whose(world, "acme/2")[0] == "bob@example.com"


@pytest.mark.requirement("I2", "I6")
def test_the_name_of_an_account_that_has_left_does_not_mean_another_person(world: World) -> None:
    world.server.nicknames.update({"ann@example.com": "Unknown", "bob@example.com": "Unknown"})
    connect(world, "ann")
    assert connect(world, "bob").account.label == "acme/2"
    disconnect(world.new_context(), "acme/Unknown")
    for act in (lambda: world.token("acme/Unknown"), lambda: disconnect(world.new_context(), "acme/Unknown")):
        with pytest.raises(NotConnected):
            act()
    assert whose(world, "acme/2")[0] == "bob@example.com"


@pytest.mark.requirement("I6")
def test_who_was_called_by_a_nickname_first_keeps_the_name(world: World) -> None:
    world.server.nicknames.update({"ann@example.com": "Unknown", "bob@example.com": "Unknown"})
    connect(world, "ann")
    connect(world, "bob")
    assert connect(world, "ann").account.label == "acme/Unknown"
    assert connect(world, "bob").account.label == "acme/2"
    assert whose(world, "acme/Unknown")[0] == "ann@example.com"


@pytest.mark.requirement("I2")
@pytest.mark.parametrize("answers", [None, {"Is it acme/ann again": False}, {"Is it acme/ann": False}])
def test_a_dead_accounts_alias_does_not_go_to_another_login_unsaid(
    world: World, answers: dict[str, bool] | None
) -> None:
    world.write_provider(**NICKNAME_ONLY)
    world.server.nicknames.update({"ann@example.com": "Unknown", "bob@example.com": "Unknown"})
    connect(world, "ann", alias="ann")
    world.server.end_grant(1)
    refresh(world.new_context(), ["acme/ann"])
    connected = connect(world, "bob", answers=answers)
    if answers is None:
        assert any("taken for acme/ann" in notice for notice in connected.notices)
    else:
        assert connected.account.alias is None
        assert world.account("acme/ann").state == "reconnect"


@pytest.mark.requirement("I2")
def test_a_login_that_could_not_be_asked_takes_no_living_nameless_account(world: World) -> None:
    world.server.misbehave("userinfo", Fault.status(503), times=None)
    connect(world, "ann")
    connect(world, "bob")
    assert labels(world) == ["acme/1", "acme/2"]
    assert whose(world, "acme/1")[0] == "ann@example.com"


@pytest.mark.requirement("I5", "F12")
@pytest.mark.parametrize("end", [revoke, disconnect])
def test_tokens_of_another_client_are_not_said_to_be_revoked(world: World, end: object) -> None:
    """A server answers 200 to a token that is not this client's, and does nothing."""
    assert callable(end)
    connect(world)
    record = world.token()
    uris = ("http://127.0.0.1/callback",)
    secret = world.environ["ACME_CLIENT_SECRET"]
    world.server.register(Client("other-app", secret=secret, redirect_uris=uris, any_port=True))
    world.environ["ACME_CLIENT_ID"] = "other-app"
    assert not end(world.new_context(), "acme").revoked
    assert world.server.is_active(record.access_token)


@pytest.mark.requirement("I4", "K1")
def test_a_refresh_token_that_came_with_a_killed_connect_is_kept_by_the_next(world: World) -> None:
    world.server.refresh_once = True
    connect(world, "ada")
    ada = world.account()
    save(world.context, replaced(ada, state="connecting"))
    connected = connect(world, "ada")
    assert connected.account.refreshable
    assert refreshed(world, "acme")
    assert labels(world) == ["acme/ada@example.com"]


@pytest.mark.requirement("I6", "K3")
def test_a_file_that_is_written_again_brings_no_alias_back_that_has_gone_over(world: World) -> None:
    connect(world, "ada", alias="work")
    ada = world.account("acme/work")
    connect(world, "bob", alias="work", replace=True)
    (world.folder / "home" / "accounts" / "acme" / f"{ada.id}.json").write_text("{")
    world.token("acme/ada@example.com")
    assert sorted(labels(world)) == ["acme/ada@example.com", "acme/work"]
    assert whose(world, "acme/work")[0] == "bob@example.com"


@pytest.mark.requirement("I2")
def test_an_account_that_may_end_with_another_is_named(world: World) -> None:
    world.server.one_grant = True
    connect(world, "ada")
    other = replaced(world.account(), id="f" * 16, grant="e" * 16, number=7)
    save(world.context, other)
    revoke(world.new_context(), "acme/ada@example.com")
    assert "acme/7 is the same person's, and may end with it at acme." in world.notices
