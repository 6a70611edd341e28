"""The command on machines that share their accounts: what is done on one is seen by the others."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import inside
from tests.parts.shared_store import SharedStore

pytestmark = pytest.mark.postgresql


def connected(store: SharedStore, machine: str = "a") -> None:
    """An account without a provider to ask."""
    ended = inside(store.machine(machine), "connect", "openweather", "--key", "api_key", stdin="a-value")
    assert ended.status == 0, ended.err


@pytest.mark.requirement("T1")
def test_what_one_machine_changes_the_other_sees_in_its_next_run(shared_store: SharedStore) -> None:
    a, b = shared_store.machine("a"), shared_store.machine("b")
    assert inside(b, "list", "--json").status == 0
    connected(shared_store)
    assert inside(b, "token", "openweather").out == "a-value\n"
    assert inside(b, "rename", "openweather", "rain").status == 0
    assert inside(a, "token", "openweather/rain").out == "a-value\n"
    assert inside(a, "disconnect", "openweather").status == 0
    assert json.loads(inside(b, "list", "--json").out)["accounts"] == []
    assert inside(b, "token", "openweather").status == 3


def test_completion_names_what_the_machine_knows_and_asks_nobody(shared_store: SharedStore) -> None:
    connected(shared_store)
    b = shared_store.machine("b")
    assert inside(b, "__complete", "accounts", "").out == ""
    assert inside(b, "list").status == 0
    inside(shared_store.machine("a"), "rename", "openweather", "rain")
    assert inside(b, "__complete", "accounts", "o").out == "openweather\nopenweather/1\n"
