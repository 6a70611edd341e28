"""Client ids and secrets in a shared store: sealed for their name, their store and a data key."""

from __future__ import annotations

import pytest

from gumauth.accounts.shared.entries import SharedStore
from gumauth.accounts.shared.keys import MachineKey, new_keys
from gumauth.errors import KeyReplaced, RecordCorrupt
from gumauth.store.sealing import unseal
from tests.accounts.shared.fleet import Fleet, Machine

pytestmark = pytest.mark.requirement("T3")


def store_of(machine: Machine) -> SharedStore:
    """As another process has it."""
    return machine.process().entries


def test_what_one_machine_puts_there_another_reads_and_any_deletes(fleet: Fleet, machine: Machine) -> None:
    store, other = store_of(machine), store_of(fleet.machine("b"))
    assert (store.name, store.get("client/linear")) == ("memory", None)
    store.set("client/linear", "s3cret")
    assert other.get("client/linear") == "s3cret"
    other.delete("client/linear")
    other.delete("client/linear")
    assert store.get("client/linear") is None


def test_a_value_is_sealed_for_its_name_its_store_and_its_data_key(fleet: Fleet, machine: Machine) -> None:
    """In this form, which entries in databases have; who may only read tokens does not open it."""
    store_of(machine).set("client/linear", "s3cret")
    sealed, data_key = fleet.memory.rows.entries["client/linear"]
    key = machine.process().session.keys.get(data_key, "refresh")
    assert unseal(key, sealed, f"entry memory client/linear {data_key}".encode()) == b"s3cret"


def test_a_value_in_the_place_of_another_does_not_open(fleet: Fleet, machine: Machine) -> None:
    store = store_of(machine)
    store.set("client/linear", "s3cret")
    fleet.memory.rows.entries["client/other"] = fleet.memory.rows.entries["client/linear"]
    with pytest.raises(RecordCorrupt, match=r"The value of client/other in the database does not open\."):
        store.get("client/other")


def test_a_key_that_was_replaced_meanwhile_is_asked_for_and_the_value_sealed_again(
    fleet: Fleet, machine: Machine
) -> None:
    store = store_of(machine)
    store.set("client/linear", "before")
    made = new_keys(MachineKey(fleet.key_file.read_bytes()), "memory")
    fleet.memory.rows.sealed_keys[:] = made
    refused: list[str] = []

    def hear(what: str, when: str) -> None:
        if (what, when, refused) == ("set_entry", "before", []):
            refused.append(what)
            raise KeyReplaced("The key was replaced.")

    machine.hear = hear
    store.set("client/linear", "after")
    assert (refused, fleet.memory.rows.entries["client/linear"][1]) == (["set_entry"], made[0].data_key)
    assert store_of(machine).get("client/linear") == "after"
