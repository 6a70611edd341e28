"""The contract of a store, as a test class: what every implementation passes.

A subclass gives a fixture `store`, an empty store of its kind, and where the place outlives the object `again`, a
function that gives another object for the same place.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

import pytest

from gumauth.store.interface import Store
from gumauth.store.open import probe

KEY = "linear/0123456789abcdef/a"


def reads(store: Store) -> object:
    return store.get(KEY)


def writes(store: Store) -> None:
    store.set(KEY, '{"number": 2}')


def deletes(store: Store) -> None:
    store.delete(KEY)


def random_value(size: int = 40) -> str:
    """One line of JSON of about this many characters, with a secret in it that is new every time."""
    return json.dumps({"version": 1, "access_token": secrets.token_urlsafe(size)[:size]})


class StoreContract:
    """What every store promises."""

    @pytest.fixture
    def again(self, store: Store) -> Callable[[], Store]:
        return lambda: store

    def test_a_key_that_was_never_set_has_no_value(self, store: Store) -> None:
        assert store.get("linear/0123456789abcdef/a") is None

    def test_a_value_comes_back_as_it_was_set(self, store: Store, again: Callable[[], Store]) -> None:
        value = random_value()
        store.set("linear/0123456789abcdef/a", value)
        assert again().get("linear/0123456789abcdef/a") == value

    def test_setting_again_replaces(self, store: Store) -> None:
        store.set("linear/0123456789abcdef/a", random_value())
        value = random_value(9)
        store.set("linear/0123456789abcdef/a", value)
        assert store.get("linear/0123456789abcdef/a") == value

    def test_keys_do_not_touch_each_other(self, store: Store) -> None:
        first, second, third = random_value(), random_value(), random_value()
        store.set("linear/0123456789abcdef/a", first)
        store.set("linear/0123456789abcdef/b", second)
        store.set("github/0123456789abcdef/a", third)
        store.delete("linear/0123456789abcdef/a")
        assert store.get("linear/0123456789abcdef/a") is None
        assert store.get("linear/0123456789abcdef/b") == second
        assert store.get("github/0123456789abcdef/a") == third

    def test_deleting_what_is_not_there_is_no_error(self, store: Store) -> None:
        store.delete("linear/0123456789abcdef/a")
        store.delete("linear/0123456789abcdef/a")

    def test_text_that_is_not_ascii_survives(self, store: Store) -> None:
        value = '{"version": 1, "nickname": "Zo\u00eb \U0001f600 \u65e5\u672c \\" \\\\ \' $x %s"}'
        store.set("linear/0123456789abcdef/a", value)
        assert store.get("linear/0123456789abcdef/a") == value

    @pytest.mark.requirement("K9")
    def test_a_record_of_64_kib_survives(self, store: Store, again: Callable[[], Store]) -> None:
        value = random_value(65536 - 34)
        assert len(value) == 65536
        store.set("linear/0123456789abcdef/a", value)
        assert again().get("linear/0123456789abcdef/a") == value
        store.delete("linear/0123456789abcdef/a")
        assert store.get("linear/0123456789abcdef/a") is None

    @pytest.mark.requirement("K4")
    def test_it_proves_itself(self, store: Store) -> None:
        probe(store)

    @pytest.mark.requirement("S2")
    def test_its_repr_shows_no_value(self, store: Store) -> None:
        value = random_value()
        store.set("linear/0123456789abcdef/a", value)
        assert json.loads(value)["access_token"] not in repr(store)
