"""The keeper of shared accounts passes the contract of all keepers, on PostgreSQL."""

from __future__ import annotations

import time

import pytest

from gumauth.accounts import choice
from gumauth.accounts.interface import Accounts
from gumauth.accounts.postgresql.engine import PostgreSQL
from gumauth.platform.folders import locate
from tests.accounts.contract import AccountsContract, Again
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql


class TestPostgreSQL(AccountsContract):
    """Each process is another one of the same machine."""

    @pytest.fixture
    def again(self, shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch) -> Again:
        # The contract compares whole accounts: their times are those of one clock, to the last digit.
        monkeypatch.setattr(PostgreSQL, "_offset", lambda _engine: 0.0)
        environ = shared_store.machine("a")
        return lambda: choice.shared(locate(environ), environ, print, time.time)

    @pytest.fixture
    def keeper(self, again: Again) -> Accounts:
        return again()

    @pytest.fixture
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gumauth.accounts.shared.locked.PATIENCE", 0.05)
        monkeypatch.setattr("gumauth.accounts.shared.locked.LOCK_PATIENCE", 0.05)
