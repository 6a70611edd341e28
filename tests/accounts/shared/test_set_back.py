"""A store that goes back to an earlier state, more than once: the machine with the latest answer brings it in."""

from __future__ import annotations

import pytest

from gumauth.accounts.record import encode
from gumauth.accounts.rescue import RescueFile
from gumauth.platform.frozen import replace
from tests.accounts.shared.fleet import Fleet, Machine
from tests.accounts.shared.memory_engine import Rows
from tests.accounts.shared.refreshing import KEY, Provider, connect, due, refresh, stored

pytestmark = pytest.mark.requirement("T2")


def refreshed(fleet: Fleet, machine: Machine, provider: Provider) -> Rows:
    """What the store has after a refresh by a machine."""
    fleet.clock.time += 2.0
    refresh(machine.process(), provider, force=True)
    return fleet.memory.copy()


def set_back(fleet: Fleet, rows: Rows) -> None:
    fleet.memory.set_back(rows)
    fleet.clock.time += 2.0


def test_the_same_answer_is_stored_again_each_time(fleet: Fleet, provider: Provider) -> None:
    a = fleet.machine("a")
    connect(a, provider)
    first = fleet.memory.copy()
    due(fleet)
    refreshed(fleet, a, provider)
    for _ in range(3):
        set_back(fleet, first)
        list(a.process().all())
        assert stored(fleet).refresh_token == provider.present
    assert provider.reused == 0


def test_an_answer_to_a_token_that_was_stored_again_is_stored_again_where_the_token_was_stored_first(
    fleet: Fleet, provider: Provider
) -> None:
    a, b = fleet.machine("a"), fleet.machine("b")
    connect(a, provider)
    first = fleet.memory.copy()
    due(fleet)
    second = refreshed(fleet, a, provider)
    set_back(fleet, first)
    list(a.process().all())
    refreshed(fleet, b, provider)
    set_back(fleet, second)  # as of a standby that had heard of it before the first one took over
    list(b.process().all())
    assert stored(fleet).refresh_token == provider.present
    assert refresh(a.process(), provider, force=True).refresh_token == provider.present
    assert provider.reused == 0


def test_an_answer_that_has_the_key_that_opens_it_is_stored_once(fleet: Fleet, provider: Provider) -> None:
    a = fleet.machine("a")
    connect(a, provider)
    before = stored(fleet)
    answer = replace(before, access_token="another", generation=before.generation + 1)
    accounts = a.process()
    account = accounts.find("linear")
    assert before.rescue is not None
    with RescueFile(accounts.home, account.key) as file:
        file.fill(1)
        assert file.keep(encode(answer), before.rescue)
    for _ in range(2):
        with accounts.locked(account, to_refresh=True) as locked:
            assert locked.settle(account)[1].access_token == "another"
    assert fleet.memory.actions(KEY) == ["connect", "refresh"]
