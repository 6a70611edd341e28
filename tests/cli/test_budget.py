"""What the commands that machines call cost, counted instead of timed: modules, system calls, and calls on the bus.

A number that is lower than the table's fails too: then the table is told, so that the next one more is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.imported import RUN, imported, imported_by, is_here
from tests.cli.program import environment
from tests.cli.system_calls import own_system_calls
from tests.cli.test_imports import with_record
from tests.parts.counted_bus import CountedBus, counted_bus
from tests.parts.secret_service import Session

SECRET_SERVICE, FILE = "Secret Service", "encrypted file"


@dataclass(frozen=True)
class Budget:
    """What a command may take.

    Args:
        command: Its words.
        store: Where the record is.
        modules: Imported beyond those of an interpreter that does nothing.
        system_calls: After the imports, without memory, and without waiting for and reading of the bus's answers.
        bus_calls: Methods that are called on the session bus.
    """

    command: str
    store: str
    modules: int
    system_calls: int
    bus_calls: int


BUDGETS = (
    Budget("token acme", SECRET_SERVICE, modules=56, system_calls=75, bus_calls=4),
    Budget("token acme", FILE, modules=48, system_calls=70, bus_calls=0),
    Budget("token github --for git get", SECRET_SERVICE, modules=62, system_calls=76, bus_calls=4),
    Budget("list --json", SECRET_SERVICE, modules=36, system_calls=70, bus_calls=0),
    Budget("__complete accounts ac", SECRET_SERVICE, modules=33, system_calls=47, bus_calls=0),
)

CIPHER = "from cryptography.hazmat.bindings._rust import openssl"
"""What opens the encrypted file. How many modules that brings is another number with each version of cryptography."""

ASK_THE_BUS = """
import os
from gumauth.store.dbus.conversation import BUS, Conversation, method_call
with Conversation(os.environ["DBUS_SESSION_BUS_ADDRESS"], 5) as bus:
    bus.call(method_call(BUS, "GetId", answer="s"))
"""
pytestmark = pytest.mark.keyring


def variables(session: Session, store: str) -> dict[str, str]:
    """The environment of a person with two accounts, whose records are in this store."""
    environ = session.environ
    if store == FILE:
        environ = {**environ, **environment(session.folder), "HOME": environ["HOME"]}
    for provider in ("acme", "github"):
        with_record(environ, provider)
    return environ


def through(bus: CountedBus, environ: dict[str, str]) -> dict[str, str]:
    """The environment with the socket in front of the bus in place of the bus's own."""
    return {**environ, "DBUS_SESSION_BUS_ADDRESS": bus.address}


@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: f"{budget.command}, {budget.store}")
def test_a_command_that_machines_call_takes_what_the_table_says(secret_service: Session, budget: Budget) -> None:
    environ, words = variables(secret_service, budget.store), budget.command.split()
    with counted_bus(secret_service.folder / "bus") as bus:
        modules = {name for name in imported(through(bus, environ), *words) if is_here(name)}
    counted = modules - imported_by(CIPHER) if budget.store == FILE else modules
    assert len(counted) == budget.modules, " ".join(sorted(counted))
    assert len(bus.calls()) == budget.bus_calls, " ".join(bus.calls())
    calls = own_system_calls(environ, *words, folder=secret_service.folder, modules=modules)
    assert len(calls) == budget.system_calls, "\n".join(calls)


def test_one_import_more_is_counted(environ: dict[str, str]) -> None:
    more = imported(environ, "list", "--json", code=f"import colorsys; {RUN}")
    assert more - imported(environ, "list", "--json") == {"colorsys"}


def test_one_file_more_that_is_read_is_counted(environ: dict[str, str], tmp_path: Path) -> None:
    modules = imported(environ, "list", "--json")
    read = f"os.close(os.open({str(tmp_path / 'key')!r}, os.O_RDONLY))"
    few, more = (
        own_system_calls(environ, "list", "--json", folder=tmp_path, modules=modules, first=each)
        for each in ("pass", read)
    )
    assert len(more) == len(few) + 2


def test_one_call_more_on_the_bus_is_counted(session_without_keyring: Session) -> None:
    with counted_bus(session_without_keyring.folder / "bus") as bus:
        imported_by(ASK_THE_BUS, environ=through(bus, session_without_keyring.environ))
    assert bus.calls() == ["Hello", "GetId"]
