"""What a key file opens of a shared store: all of it, or access tokens only."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest

from gumauth.accounts.shared.engine import SealedKey, Welcome
from gumauth.accounts.shared.keys import DataKeys, MachineKey, key_id, machine_key, new_keys, of_kind
from gumauth.errors import PassphraseError, RecordCorrupt
from gumauth.platform.frozen import replace
from gumauth.store.sealing import seal, unseal

pytestmark = pytest.mark.requirement("T3")

KEY, OTHER = bytes(range(32)), bytes(32)
ENVIRON = {"GUMAUTH_KEY_FILE": "key"}
KINDS: tuple[Literal["access"], Literal["refresh"]] = ("access", "refresh")


def welcome(*sealed: SealedKey, to: MachineKey) -> Welcome:
    """What an engine with these keys says to a machine."""
    return Welcome(
        store="store",
        offset=0.0,
        role="role",
        connects=True,
        administers=False,
        data_keys=tuple(dict.fromkeys(each.data_key for each in sealed)),
        sealed_keys=tuple(each for each in sealed if to.is_id(each.key_id)),
    )


def test_keys_and_their_ids_are_derived_as_in_every_database() -> None:
    """The values are those of OpenSSL's command line."""
    assert of_kind(KEY, "access").hex() == "3acbdb9c414fbb7ce7f2e6840c976e0cc58e6aa514c3ed4784ddb73d7a07107b"
    assert of_kind(KEY, "refresh").hex() == "96c36d55ba4426a06c86105a233512fb379b433d710b21584b786c91bbec558b"
    assert key_id(KEY) == "82036c939bfc3cc6328ed83f01a1410b"


def test_a_machine_key_is_known_by_the_ids_of_what_it_opens_and_shows_nothing() -> None:
    key = MachineKey(KEY)
    access, refresh = of_kind(KEY, "access"), of_kind(KEY, "refresh")
    assert key.ids == {"access": key_id(access), "refresh": key_id(refresh)}
    assert sorted(key.all_ids) == sorted([key_id(access), key_id(refresh), key_id(KEY)])
    assert [key.is_id(key_id(each)) for each in (KEY, access, refresh, OTHER)] == [True, True, True, False]
    assert key.for_readers == access
    assert repr(key) == "MachineKey(…)"


def test_a_data_key_is_sealed_for_its_kind_its_id_and_its_store() -> None:
    key = MachineKey(KEY)
    for kind in KINDS:
        sealed = key.seal(kind, "one", OTHER, "store")
        assert (sealed.data_key, sealed.kind, sealed.key_id) == ("one", kind, key.ids[kind])
        assert unseal(of_kind(KEY, kind), sealed.sealed, f"data key one {kind} store".encode()) == OTHER
        assert key.open(sealed, "store") == OTHER
        for edited, store in ((replace(sealed, data_key="two"), "store"), (sealed, "another")):
            with pytest.raises(RecordCorrupt, match="does not open"):
                key.open(edited, store)


def test_a_new_pair_is_two_random_keys_under_one_id() -> None:
    key = MachineKey(KEY)
    access, refresh = new_keys(key, "store")
    assert (access.kind, refresh.kind, access.data_key) == ("access", "refresh", refresh.data_key)
    assert access.data_key == str(UUID(access.data_key))
    opened = [key.open(each, "store") for each in (access, refresh, *new_keys(key, "store"))]
    assert [len(each) for each in opened] == [32, 32, 32, 32]
    assert len(set(opened)) == 4


def test_the_key_file_of_a_reader_opens_access_tokens_and_no_refresh_token() -> None:
    key = MachineKey(KEY)
    reader = MachineKey(key.for_readers)
    sealed = new_keys(key, "store")
    keys = DataKeys(reader, welcome(*sealed, to=reader), ENVIRON)
    assert (keys.can_refresh, DataKeys(key, welcome(*sealed, to=key), ENVIRON).can_refresh) == (False, True)
    assert keys.get(keys.newest, "access") == key.open(sealed[0], "store")
    with pytest.raises(PassphraseError, match="refresh tokens are sealed under another key") as raised:
        keys.get(keys.newest, "refresh")
    assert raised.value.hint == "Take the key file of a machine that refreshes."


def test_the_newest_data_key_is_the_last_that_this_key_opens() -> None:
    key, other = MachineKey(KEY), MachineKey(OTHER)
    first, second, third = new_keys(key, "store"), new_keys(key, "store"), new_keys(other, "store")
    keys = DataKeys(key, welcome(*first, *second, *third, to=key), ENVIRON)
    assert keys.newest == second[0].data_key
    assert keys.all == (first[0].data_key, second[0].data_key, third[0].data_key)
    assert keys.store == "store"
    with pytest.raises(PassphraseError, match="access tokens are sealed under another key") as raised:
        keys.get(third[0].data_key, "access")
    assert raised.value.hint == "Take the newest key file."


def test_a_key_of_another_database_is_told_from_a_database_without_keys() -> None:
    key, other = MachineKey(KEY), MachineKey(OTHER)
    with pytest.raises(PassphraseError, match="The key of GUMAUTH_KEY_FILE is not the key of this database") as raised:
        DataKeys(other, welcome(*new_keys(key, "store"), to=other), ENVIRON)
    assert raised.value.hint == "Take the key file of a machine that has the accounts."
    with pytest.raises(PassphraseError, match="has no key yet") as raised:
        DataKeys(key, welcome(to=key), ENVIRON)
    assert raised.value.hint == "Run `gumauth store init`."


def test_a_key_that_opens_no_access_token_is_not_that_of_the_database() -> None:
    """Where somebody has removed a part of its seals."""
    key = MachineKey(KEY)
    _, refresh = new_keys(key, "store")
    with pytest.raises(PassphraseError, match="is not the key of this database"):
        DataKeys(key, welcome(refresh, to=key), ENVIRON)


def test_the_engine_is_asked_again_for_a_data_key_that_it_did_not_have_and_for_no_other() -> None:
    key, asked = MachineKey(KEY), list[list[str]]()
    sealed = new_keys(key, "store")

    def again(ids: object) -> Welcome:
        assert isinstance(ids, list)
        asked.append(ids)
        return welcome(*sealed, to=key)

    keys = DataKeys(key, welcome(*sealed, to=key), ENVIRON, again=again)
    sealed += new_keys(key, "store")
    keys.get(sealed[0].data_key, "access")
    assert asked == []
    assert keys.get(sealed[2].data_key, "access") == key.open(sealed[2], "store")
    assert (asked, keys.newest) == ([key.all_ids], sealed[2].data_key)
    for _ in range(2):
        keys.get(sealed[3].data_key, "refresh")
    assert len(asked) == 1
    alone = DataKeys(key, welcome(*sealed[:2], to=key), ENVIRON)
    with pytest.raises(PassphraseError):
        alone.get(sealed[2].data_key, "access")


def test_all_data_keys_are_opened_where_they_all_can_be() -> None:
    key = MachineKey(KEY)
    reader = MachineKey(key.for_readers)
    first, second = new_keys(key, "store"), new_keys(key, "store")
    keys = DataKeys(key, welcome(*first, *second, to=key), ENVIRON)
    assert keys.open_all() == [
        (each.data_key, each.kind, key.open(each, "store")) for each in (first[0], first[1], second[0], second[1])
    ]
    with pytest.raises(PassphraseError, match="refresh tokens are sealed under another key"):
        DataKeys(reader, welcome(*first, to=reader), ENVIRON).open_all()


def test_a_data_key_is_opened_once() -> None:
    key = MachineKey(KEY)
    sealed = new_keys(key, "store")
    keys = DataKeys(key, welcome(*sealed, to=key), ENVIRON)
    opened = keys.get(keys.newest, "access")
    key._opening.clear()
    assert keys.get(keys.newest, "access") is opened
    with pytest.raises(KeyError):
        keys.get(keys.newest, "refresh")


def test_what_was_edited_does_not_open() -> None:
    key = MachineKey(KEY)
    access, refresh = new_keys(key, "store")
    keys = DataKeys(key, welcome(access, replace(refresh, sealed=seal(OTHER, b"x", b"")), to=key), ENVIRON)
    with pytest.raises(RecordCorrupt, match="was edited"):
        keys.get(keys.newest, "refresh")


def test_without_a_key_file_nothing_can_be_done(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match="GUMAUTH_KEY_FILE is not set"):
        machine_key({})
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_bytes(KEY)
    assert machine_key({"GUMAUTH_KEY_FILE": str(path)}).ids == MachineKey(KEY).ids
