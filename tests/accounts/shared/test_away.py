"""The store is away: what a machine has is used, with a warning, and all else is refused with the reason."""

from __future__ import annotations

import os

import pytest

from gumauth.accounts.shared.replica import AWAY_SECONDS
from gumauth.errors import HomeError, StoreAway
from tests.accounts.shared.fleet import Fleet
from tests.accounts.shared.memory_engine import away
from tests.accounts.shared.refreshing import KEY, Provider, connect, due, refresh, stored

pytestmark = pytest.mark.requirement("T4")


def test_a_good_token_of_this_machine_is_read_with_a_warning(fleet: Fleet) -> None:
    machine = fleet.machine("a")
    connect(machine, Provider())
    machine.process().find("linear")
    fleet.clock.time += 70.0
    machine.hear = away()
    accounts = machine.process()
    account = accounts.find("linear")
    assert accounts.read(account).access_token == stored(fleet).access_token
    assert machine.notices == ["The store does not answer. This machine's copy of the list is used."]


def test_a_store_that_is_away_is_not_asked_again_for_some_seconds(fleet: Fleet) -> None:
    machine, asked = fleet.machine("a"), list[str]()
    connect(machine, Provider())
    machine.process().find("linear")
    fleet.clock.time += 70.0

    def hear(what: str, _when: str) -> None:
        asked.append(what)
        raise StoreAway("The store does not answer.")

    machine.hear = hear
    for _ in range(3):
        machine.process().find("linear")
    assert asked == ["welcome"]
    fleet.clock.time += AWAY_SECONDS + 1.0
    machine.process().find("linear")
    assert asked == ["welcome", "welcome"]
    fleet.clock.time += AWAY_SECONDS + 1.0
    machine.hear = lambda _what, _when: None
    machine.notices.clear()
    machine.process().find("linear")
    assert machine.notices == []


def test_a_token_that_is_not_here_is_refused_each_time_with_the_reason(fleet: Fleet) -> None:
    connect(fleet.machine("a"), Provider())
    machine = fleet.machine("b")
    machine.hear = away()
    for _ in range(2):
        with pytest.raises(StoreAway):
            machine.process().find("linear")


def test_an_account_without_its_token_here_is_refused_with_the_reason(fleet: Fleet) -> None:
    connect(fleet.machine("a"), Provider())
    machine = fleet.machine("b")
    accounts = machine.process()
    account = accounts.find("linear")
    machine.hear = away()
    with pytest.raises(StoreAway):
        accounts.read(account)


def test_a_token_that_has_ended_is_refreshed_only_when_the_store_answers(fleet: Fleet) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect(machine, provider)
    due(fleet, left=0.0)
    machine.hear = away()
    with pytest.raises(StoreAway):
        refresh(machine.process(), provider)
    machine.hear = lambda _what, _when: None
    assert refresh(machine.process(), provider).refresh_token == provider.present
    assert (len(provider.sent), provider.reused) == (1, 0)


def test_a_store_that_goes_away_after_the_claim_is_not_the_reason_for_a_lost_token(fleet: Fleet) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect(machine, provider)
    due(fleet)
    machine.hear = away("claim", when="after")
    with pytest.raises(StoreAway):
        refresh(machine.process(), provider)
    assert provider.sent == []
    machine.hear = lambda _what, _when: None
    refresh(machine.process(), provider)
    assert provider.reused == 0


def test_the_copy_is_used_where_its_folder_cannot_be_written(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = fleet.machine("a")
    connect(machine, Provider())
    machine.process().find("linear")
    fleet.machine("b").process().write_note("clients/linear.json", b"{}")
    fleet.clock.time += 70.0

    def full(path: str, _content: bytes) -> None:
        raise HomeError(f"{os.path.basename(path)} cannot be written.")

    monkeypatch.setattr("gumauth.accounts.shared.mirror.write_file", full)
    assert machine.process().find("linear").label == "linear/ada"
    assert machine.notices == ["changes.json cannot be written. This machine's copy of the list is as old as it is."]
    monkeypatch.undo()
    assert machine.process().find("linear").label == "linear/ada"


def test_a_disk_that_is_full_after_the_store_has_written_undoes_nothing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, provider = fleet.machine("a"), Provider()
    connect(machine, provider)
    due(fleet)

    def full(path: str, _content: bytes = b"") -> None:
        raise HomeError(f"{os.path.basename(path)} cannot be written.")

    with monkeypatch.context() as patched:
        provider.answered = lambda: patched.setattr("gumauth.accounts.shared.mirror.write_file", full)
        refreshed = refresh(machine.process(), provider)
        patched.setattr("gumauth.accounts.shared.mirror.remove_file", full)
        accounts = machine.process()
        account = accounts.known(KEY)
        assert account is not None
        with accounts.locked(account, to_refresh=True) as locked:
            locked.mark(account)
            locked.forget(account)
    assert refreshed.refresh_token == provider.present
    assert len([notice for notice in machine.notices if notice.endswith("is behind.")]) == 3
    assert fleet.memory.rows.accounts[KEY].content is None
    assert list(machine.process().all()) == []
