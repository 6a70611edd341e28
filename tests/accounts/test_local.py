"""The keeper of accounts on this machine passes the contract of all keepers."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.accounts.interface import Accounts
from gumauth.accounts.local import LocalAccounts
from gumauth.errors import NotConnected
from gumauth.platform.folders import Home
from gumauth.platform.frozen import replace
from tests.accounts.contract import AccountsContract, Again, connect, new_record, person
from tests.store.memory import MemoryStore


class TestLocalAccounts(AccountsContract):
    """Files in a folder, and a store in memory."""

    @pytest.fixture
    def again(self, tmp_path: Path) -> Again:
        store = MemoryStore()
        return lambda: LocalAccounts(Home(data=str(tmp_path), service="gumauth"), lambda _name: store, print)

    @pytest.fixture
    def keeper(self, again: Again) -> Accounts:
        return again()

    @pytest.fixture
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gumauth.accounts.lock.PATIENCE", 0.05)

    def test_a_record_that_was_put_is_found_where_its_commit_is_missing(self, keeper: Accounts, again: Again) -> None:
        ada, _ = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked:
            put, second = locked.put(ada, new_record(ada), firmly=True)
        with again().locked(ada) as locked:
            settled, record = locked.settle(ada)
        assert (settled.slot, record) == (put.slot, second)

    def test_the_record_of_an_account_that_was_connected_again_meanwhile_is_not_kept(
        self, keeper: Accounts, again: Again, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody has taken the lock away."""
        monkeypatch.setattr("gumauth.accounts.lock.AccountLock.take_again", lambda _lock: True)
        ada, record = connect(keeper, person("ada"))
        with keeper.locked(ada) as locked, locked.reserve(ada, record) as reservation:
            locked.mark(replace(ada, grant="another"))
            with pytest.raises(NotConnected):
                reservation.commit(ada, record)
