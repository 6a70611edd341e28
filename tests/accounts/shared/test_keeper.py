"""The keeper of shared accounts passes the contract of all keepers, on an engine in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from gumauth.accounts.interface import Accounts
from tests.accounts.contract import AccountsContract, Again
from tests.accounts.shared.fleet import Fleet


@pytest.mark.requirement("T1")
class TestOneMachine(AccountsContract):
    """Each process is one of the same machine."""

    @pytest.fixture
    def again(self, tmp_path: Path) -> Again:
        return Fleet(tmp_path).machine("a").process

    @pytest.fixture
    def keeper(self, again: Again) -> Accounts:
        return again()

    @pytest.fixture
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gumauth.accounts.shared.locked.PATIENCE", 0.05)
        monkeypatch.setattr("gumauth.accounts.shared.locked.LOCK_PATIENCE", 0.05)


class TestTwoMachines(TestOneMachine):
    """Each process is on another machine than the one before, and two seconds later."""

    @pytest.fixture
    def again(self, tmp_path: Path) -> Again:
        fleet = Fleet(tmp_path)
        machines = [fleet.machine(name, GUMAUTH_CACHE_SECONDS="0") for name in ("a", "b")]

        def another() -> Accounts:
            machines.reverse()
            fleet.clock.time += 2.0
            return machines[0].process()

        return another
