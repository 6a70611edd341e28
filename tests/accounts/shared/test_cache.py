"""The tokens that a machine keeps: never a refresh token, and only those of the account's grant."""

from __future__ import annotations

from typing import cast

import pytest

from gumauth.accounts.account import Account
from gumauth.accounts.record import Record, decode
from gumauth.accounts.shared.cache import TokenCache
from gumauth.errors import PassphraseError, StoreError
from gumauth.platform.frozen import fields_of, replace
from gumauth.store.encrypted_file.store import EncryptedStore
from tests.accounts.contract import person
from tests.store.memory import MemoryStore

pytestmark = pytest.mark.requirement("T3")

ADA = person("ada")
RECORD = Record(access_token="open", refresh_token="apart", rescue="0" * 64, generation=3, grant="ada", account={})
ENTRY = f"{ADA.key}/c"


def kept_in(store: MemoryStore) -> TokenCache:
    return TokenCache(cast("EncryptedStore", store))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.mark.parametrize(
    ("refresh_token", "kept_apart", "is_apart"), [("r", None, True), (None, True, True), (None, None, False)]
)
def test_what_is_kept_has_no_refresh_token_and_says_whether_there_is_one(
    store: MemoryStore, refresh_token: str | None, kept_apart: bool | None, is_apart: bool
) -> None:
    cache = kept_in(store)
    cache.keep(ADA, replace(RECORD, refresh_token=refresh_token, kept_apart=kept_apart))
    kept = decode(store.get(ENTRY) or "", "linear")
    assert (kept.access_token, kept.refresh_token, kept.rescue, kept.kept_apart) == ("open", None, None, is_apart)
    assert cache.get(ADA) == kept


def test_a_token_of_another_grant_is_none_of_this_account(store: MemoryStore) -> None:
    cache = kept_in(store)
    cache.keep(ADA, RECORD)
    assert cache.get(replace(ADA, grant="new")) is None
    assert cache.get(person("bob")) is None


@pytest.mark.parametrize("name", ["provider", "id", "grant", "source", "issuer", "grant_type"])
def test_what_decides_where_tokens_go_is_bound_to_the_token_that_is_kept(store: MemoryStore, name: str) -> None:
    """Also where it is under the name of another account."""
    cache, other = kept_in(store), Account(**{**fields_of(ADA), name: "another"})
    cache.keep(ADA, RECORD)
    store.set(f"{other.key}/c", store.get(ENTRY) or "")
    assert cache.get(ADA) is not None
    assert cache.get(other) is None


def test_a_machine_with_another_key_keeps_nothing_older() -> None:
    class OfAnotherKey(MemoryStore):
        fits = False

        def set(self, key: str, value: str) -> None:
            if not self.fits:
                raise PassphraseError("The key does not open it.")
            super().set(key, value)

        def empty(self) -> None:
            self.fits, self._values = True, {}

    store = OfAnotherKey()
    store._values["linear/bob/c"] = "older"
    cache = kept_in(store)
    cache.keep(ADA, RECORD)
    assert store.keys() == [ENTRY]
    kept = cache.get(ADA)
    assert kept is not None
    assert kept.access_token == "open"


def test_what_cannot_be_read_is_not_kept(store: MemoryStore) -> None:
    store.set(ENTRY, "{")
    assert kept_in(store).get(ADA) is None


@pytest.mark.parametrize(("generation", "is_left"), [(2, True), (3, True), (4, False)])
def test_a_token_is_forgotten_once_there_is_a_later_one(store: MemoryStore, generation: int, is_left: bool) -> None:
    cache = kept_in(store)
    cache.keep(ADA, RECORD)
    cache.drop_older(ADA.key, generation)
    assert (store.get(ENTRY) is not None) is is_left


def test_what_cannot_be_read_is_forgotten(store: MemoryStore) -> None:
    store.set(ENTRY, "{")
    cache = kept_in(store)
    cache.drop_older(ADA.key, 1)
    cache.drop_older(ADA.key, 1)
    assert store.get(ENTRY) is None


def test_a_store_that_takes_nothing_costs_nothing_and_one_that_deletes_nothing_says_so() -> None:
    class Full(MemoryStore):
        def set(self, key: str, value: str) -> None:
            raise StoreError("It is full.")

        def delete(self, key: str) -> None:
            raise StoreError("It is full.")

    cache = kept_in(Full())
    cache.keep(ADA, RECORD)
    with pytest.raises(StoreError):
        cache.drop(ADA.key)
