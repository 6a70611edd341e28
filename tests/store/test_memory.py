"""The store that keeps secrets in the process."""

from __future__ import annotations

import pytest

from tests.store.contract import StoreContract, random_value
from tests.store.memory import MemoryStore


class TestMemoryStore(StoreContract):
    """The memory store keeps the contract."""

    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    def test_it_lists_its_keys(self, store: MemoryStore) -> None:
        store.set("linear/0123456789abcdef/b", random_value())
        store.set("linear/0123456789abcdef/a", random_value())
        assert store.keys() == ["linear/0123456789abcdef/a", "linear/0123456789abcdef/b"]
