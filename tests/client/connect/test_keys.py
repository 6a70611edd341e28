"""A key: which account it is, what cannot be kept, and what a kill at any moment leaves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from gumauth.accounts.account import Account
from gumauth.client.connect.keys import check_fields, check_name, check_value, keep, match, prepare
from gumauth.client.context import Context
from gumauth.client.key_values import of_field, value_of, values_of
from gumauth.client.refresh.refresh import refresh, refresh_account
from gumauth.client.revoke import disconnect, revoke
from gumauth.client.token import token, usable
from gumauth.errors import (
    AccountConflict,
    AmbiguousAccount,
    CannotRevoke,
    GumauthError,
    NotConnected,
    NotRefreshable,
    ReconnectNeeded,
    RecordCorrupt,
    StoreError,
    UsageError,
)
from gumauth.platform.frozen import replace
from gumauth.testing import AuthorizationServer
from tests.accounts.directly import records_of
from tests.client.test_killed_connects import Writes, killed, writes
from tests.client.world import Clock
from tests.client.world import World as GrantWorld
from tests.store.memory import MemoryStore

__all__ = ["writes"]


def key(alias: str | None = None, number: int | None = None, provider: str = "gong") -> Account:
    identifier = secrets.token_hex(8)
    return Account(provider=provider, id=identifier, alias=alias, number=number, source="key", fields=("api_key",))


def grant(nickname: str, alias: str | None = None) -> Account:
    return Account(provider="gong", id=secrets.token_hex(8), nickname=nickname, alias=alias)


@pytest.mark.parametrize("name", ["openweather", "open-weather.2", "gong"])
def test_a_key_may_have_any_name_of_a_provider(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["OpenWeather", "./auth.py", "auth.py", "https://example.com", "", "a b", "a/b", ".."])
def test_what_is_no_name_cannot_name_a_key(name: str) -> None:
    with pytest.raises(UsageError, match="cannot name a key"):
        check_name(name)


@pytest.mark.parametrize(
    "fields", [["api_key"], ["access_key", "access_key_secret"], ["X-Api-Key2"], ["_"], ["k" * 20]]
)
def test_fields_have_the_names_that_configurations_have(fields: list[str]) -> None:
    check_fields(fields)


@pytest.mark.requirement("S1", "S3")
@pytest.mark.parametrize(
    "word",
    [
        "api_key=value",
        "a,b",
        "é",
        "",
        "k" * 65,
        "-x",
        "a b",
        "9f86d081884c7d659a2feaa0c55ad015",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "ghp-AbCdEfGhIjKlMnOpQrStUvWxYz",
    ],
)
def test_a_word_that_is_no_name_of_a_field_or_may_be_the_key_itself_is_refused_and_not_repeated(word: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_fields(["api_key", word])
    assert len(word) < 3 or word not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (["a", "a"], "The field a is named twice."),
        (["id_token"], "No field can be called id_token."),
        ([f"f{number}" for number in range(17)], "A key has 16 fields at most."),
    ],
)
def test_fields_that_could_not_be_told_apart_are_refused(fields: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_fields(fields)
    assert caught.value.message == words


@pytest.mark.requirement("S5")
@pytest.mark.parametrize("value", ["", "a\nb", "a\rb", "a\0b", "\x1b[31m", "x" * 8193, "a\u2028b"])
def test_a_value_of_more_than_a_line_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(UsageError, match=r"The value of api_key .*nothing was kept") as caught:
        check_value("api_key", value)
    assert not value or value not in str(caught.value)


def test_a_value_may_have_blanks_and_letters_of_any_language() -> None:
    check_value("password", "käse & brot")
    check_value("password", "x" * 8192)


def test_the_key_without_an_alias_is_the_one_that_a_bare_name_means() -> None:
    plain, work = key(number=1), key("work")
    assert match("gong", None, [work, plain]) is plain
    assert match("gong", "work", [work, plain]) is work
    assert match("gong", "WORK", [work, plain]) is work
    assert match("gong", "1", [work, plain]) is plain
    assert match("gong", None, [work]) is None
    assert match("gong", "home", [work, plain]) is None
    assert match("gong", None, []) is None
    with pytest.raises(AmbiguousAccount):
        match("gong", None, [plain, key(number=2)])


@pytest.mark.requirement("I6", "L3")
def test_a_key_stands_beside_a_grant_under_a_name_of_its_own_and_never_takes_one() -> None:
    ada = grant("ada@example.com", "home")
    with pytest.raises(UsageError, match="is no key: a key beside it needs a name"):
        match("gong", None, [ada])
    assert match("gong", "key", [ada]) is None
    for name in ("home", "ada@example.com", ada.id):
        with pytest.raises(AccountConflict, match="is there already, and is no key"):
            match("gong", name, [ada])


class World:
    """A folder, a store, and a context for each command."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.environ, self.store = {"GUMAUTH_HOME": str(folder / "home")}, MemoryStore()
        self.now = 1_800_000_000.0

    @property
    def context(self) -> Context:
        return Context(self.environ, store=self.store, clock=lambda: self.now)

    def connect(self, alias: str | None = None, **values: str) -> Account:
        prepare(self.context, "gong", alias)
        return keep(self.context, "gong", alias, values).account

    def values(self, reference: str = "gong") -> dict[str, str]:
        return values_of(*usable(self.context, reference))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_key_is_kept_and_handed_out_without_an_end(world: World) -> None:
    value = secrets.token_urlsafe(16)
    account = world.connect(api_key=value)
    assert (account.label, account.state, account.fields, account.source) == ("gong/1", "ok", ("api_key",), "key")
    assert (account.expires_at, account.refreshable, account.connected_at) == (None, False, world.now)
    world.now += 1e9
    assert token(world.context, "gong")[1].access_token == value
    assert token(world.context, "gong/1", min_valid=1e6)[1].access_token == value
    assert world.values() == {"api_key": value}


@pytest.mark.requirement("S2")
def test_no_value_is_in_the_repr_of_its_record_or_in_the_list(world: World, tmp_path: Path) -> None:
    first, second = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    world.connect(access_key=first, access_key_secret=second)
    _, record = usable(world.context, "gong")
    listed = "".join(file.read_text() for file in tmp_path.rglob("*") if file.is_file() and file.suffix == ".json")
    for value in (first, second):
        assert value not in repr(record)
        assert value not in listed
    assert '"access_key_secret"' in listed


def test_several_fields_have_no_one_token_and_each_has_its_value(world: World) -> None:
    world.connect(access_key="AK", access_key_secret="SK")
    with pytest.raises(UsageError, match="gong/1 has several fields: access_key and access_key_secret"):
        token(world.context, "gong")
    account, record = usable(world.context, "gong")
    assert value_of(account, record, "access_key_secret") == "SK"
    with pytest.raises(UsageError, match="has no field 'secret'"):
        value_of(account, record, "secret")
    found = of_field(world.context, "gong#access_key")
    assert found is not None
    assert found[2] == "AK"
    assert of_field(world.context, "gong") is None
    assert of_field(world.context, "nobody#access_key") is None


@pytest.mark.requirement("R9", "L3")
def test_connecting_again_replaces_the_values_and_keeps_the_account(world: World) -> None:
    before = world.connect(api_key="old-value")
    world.now += 60
    now = world.connect(api_key="new-value")
    assert (now.id, now.label, now.connected_at) == (before.id, before.label, world.now)
    assert now.grant != before.grant
    assert world.values() == {"api_key": "new-value"}
    assert not [key for key in world.store.keys() if "old-value" in (world.store.get(key) or "")]  # noqa: SIM118
    assert [account.id for account in world.context.accounts.all()] == [before.id]


def test_an_alias_is_another_key_and_a_renamed_one_keeps_its_values(world: World) -> None:
    from gumauth.client.aliases import rename

    world.connect(api_key="one")
    world.connect("work", api_key="two")
    rename(world.context, "gong/1", "home")
    third = world.connect(api_key="three")
    assert {account.label for account in world.context.accounts.all()} == {"gong/home", "gong/work", "gong/2"}
    assert [world.values(name) for name in ("gong/home", "gong/work", third.label)] == [
        {"api_key": value} for value in ("one", "two", "three")
    ]


@pytest.mark.requirement("I2")
def test_a_field_is_lost_only_where_somebody_says_so(world: World) -> None:
    world.connect(access_key="AK", access_key_secret="SK")
    with pytest.raises(AccountConflict, match="has access_key and access_key_secret, and would have api_key"):
        world.connect(api_key="K")
    assert world.values() == {"access_key": "AK", "access_key_secret": "SK"}
    assert keep(world.context, "gong", None, {"api_key": "K"}, replaces=True).account.fields == ("api_key",)
    world.connect(api_key="K", region="eu")
    assert world.values() == {"api_key": "K", "region": "eu"}


class Full(MemoryStore):
    """Takes a record and says that it has not, once it is full."""

    full = False

    def set(self, key: str, value: str) -> None:
        super().set(key, value)
        if self.full and not key.startswith("probe/"):
            raise StoreError("it is full")


@pytest.mark.requirement("K2", "L3")
def test_a_store_that_fails_leaves_the_values_of_before_or_nothing(world: World) -> None:
    world.store = store = Full()
    store.full = True
    with pytest.raises(StoreError):
        world.connect(api_key="new")
    assert list(world.context.accounts.all()) == []
    assert left(world) == []
    store.full = False
    world.connect(api_key="old")
    store.full = True
    with pytest.raises(StoreError):
        world.connect(api_key="new")
    assert world.values() == {"api_key": "old"}
    assert len(left(world)) == 1


def test_a_record_without_its_values_is_named(world: World) -> None:
    account = world.connect(api_key="value")
    _, record = usable(world.context, "gong")
    for odd in (None, {"other": "value"}):
        with pytest.raises(RecordCorrupt, match="gong/1"):
            values_of(account, replace(record, credentials=odd))
    with pytest.raises(GumauthError, match="control characters"):
        values_of(account, replace(record, credentials={"api_key": "a\nb"}))


@pytest.mark.requirement("K3")
def test_a_lost_account_file_is_written_again_as_a_key(world: World, tmp_path: Path) -> None:
    account = world.connect("work", access_key="AK", access_key_secret="SK")
    (file,) = tmp_path.rglob(f"{account.id}.json")
    file.write_text("{")
    assert world.values("gong/work") == {"access_key": "AK", "access_key_secret": "SK"}
    assert world.context.accounts.get("gong", account.id) == account


def left(world: World) -> list[str]:
    """What is in the store beside what a probe has left."""
    return [key for key in world.store.keys() if not key.startswith("probe/")]  # noqa: SIM118


@pytest.mark.requirement("K1", "K2")
@pytest.mark.parametrize("alias", [None, "work"])
def test_a_first_key_that_is_killed_is_there_or_can_be_entered_again(
    tmp_path: Path, writes: Writes, alias: str | None
) -> None:
    for moment in count():
        world = World(tmp_path / f"{moment}")
        if not killed(lambda world: world.connect(alias, api_key="new"), world, writes, moment):
            break
        try:
            assert world.values("gong") == {"api_key": "new"}
        except (NotConnected, ReconnectNeeded):
            assert left(world) == [], writes.done
        _end_well(world, alias)
    assert moment > 8


@pytest.mark.requirement("K1", "K2", "L3")
@pytest.mark.parametrize("alias", [None, "work"])
def test_killed_while_a_key_is_replaced_its_old_values_or_the_new_ones_are_there(
    tmp_path: Path, writes: Writes, alias: str | None
) -> None:
    for moment in count():
        world = World(tmp_path / f"{moment}")
        world.connect(alias, api_key="old")
        if not killed(lambda world: world.connect(alias, api_key="new"), world, writes, moment):
            break
        assert world.values("gong")["api_key"] in ("old", "new")
        _end_well(world, alias)
    assert moment > 8


def _end_well(world: World, alias: str | None) -> None:
    world.connect(alias, api_key="newest")
    assert world.values("gong") == {"api_key": "newest"}
    (account,) = world.context.accounts.all()
    with world.context.accounts.locked(account) as locked:
        locked.erase(account)
    assert left(world) == []


def test_records_of_grants_are_written_as_before(world: World) -> None:
    """An older gumauth reads the others, and leaves the file of a key alone."""
    account = world.connect(api_key="value")
    text = world.store.get(f"{account.key}/{account.slot}") or ""
    assert text.startswith('{"version": 6, ')
    assert records_of(world.context).read(account).credentials == {"api_key": "value"}


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[GrantWorld]:
    """A provider that tells nobody's name, and a key of its name without an alias."""
    with AuthorizationServer() as server:
        world = GrantWorld(server, tmp_path, Clock())
        world.write_provider(nickname_url=None)
        prepare(world.context, "acme", None)
        keep(world.context, "acme", None, {"api_key": "the-key"})
        world.clock.move(10)
        yield world


@pytest.mark.requirement("I2", "L3")
def test_a_login_takes_no_key_for_an_account_of_its_own(beside: GrantWorld) -> None:
    for _ in range(2):
        beside.connect()
    key, grant = beside.new_context().accounts.all()
    assert (key.label, grant.label) == ("acme/1", "acme/2")
    assert beside.token("acme").access_token == "the-key", "the first stays the default"
    assert beside.server.is_active(beside.token("acme/2").access_token)
    refreshed = refresh(beside.new_context(), [])
    assert [(one.account.label, one.refreshed, one.error) for one in refreshed] == [
        ("acme/1", False, None),
        ("acme/2", True, None),
    ]
    assert disconnect(beside.new_context(), grant).revoked
    assert beside.token("acme/1").access_token == "the-key"
    asked = len(beside.server.log)
    gone = disconnect(beside.new_context(), key)
    assert (gone.revoked, gone.forgotten, len(beside.server.log)) == (False, True, asked)
    assert isinstance(beside.store, MemoryStore)
    assert beside.store.keys() == []


@pytest.mark.requirement("L3")
def test_a_login_gets_no_name_of_a_key(beside: GrantWorld) -> None:
    keep(beside.context, "acme", "work", {"api_key": "another"})
    for replaces in (False, True):
        with pytest.raises(AccountConflict, match="work cannot be an alias: acme/work is called so already"):
            beside.connect(alias="work", replace=replaces)
    assert beside.server.count("authorize") == 0
    with pytest.raises(CannotRevoke, match="acme/work is a key"):
        revoke(beside.new_context(), beside.account("acme/work"))
    with pytest.raises(NotRefreshable, match="acme/work is a key: there is nothing to refresh"):
        refresh_account(beside.new_context(), beside.account("acme/work"), force=True)
