"""Three machines that refresh, in any order of their steps, with kills, cuts and lost answers.

No spent token is sent while its successor is stored, or is on the machine that asks.
"""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gumauth.accounts.shared.keeper import SharedAccounts
from gumauth.errors import GumauthError, StoreAway
from tests.accounts.shared.fleet import Fleet, Machine
from tests.accounts.shared.refreshing import Killed, Provider, connect, refresh, rescued, stored

EXAMPLES = int(os.environ.get("GUMAUTH_TEST_EXAMPLES", "12"))

IN_MEMORY = "/dev/shm"
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["go"] * 12 + ["away", "lost", "kill", "pass 46", "pass 46", "pass 3600", "set back"]),
    ),
    min_size=20,
    max_size=120,
)


class Actor:
    """A machine whose process goes on by one step when it is told to.

    Args:
        machine: The machine.
        stage: What all of them share.
    """

    def __init__(self, machine: Machine, stage: Stage) -> None:
        self.machine, self._stage = machine, stage
        machine.hear = self.hear
        self._go, self._waits = threading.Semaphore(0), threading.Semaphore(0)
        self._told, self._is_killed = "go", False
        self._thread: threading.Thread | None = None
        self.error: BaseException | None = None

    @property
    def runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def step(self, told: str) -> None:
        """Let its process come to its next step, or its end; where it has none, a new one begins."""
        self._told = told
        if self.runs:
            self._go.release()
        else:
            self._is_killed = False
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._waits.acquire()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            self._refresh()
        except (Killed, GumauthError):
            pass
        except BaseException as error:  # noqa: BLE001 - raised in the test's thread
            self.error = error
        self._thread = None
        self._waits.release()

    def _refresh(self) -> None:
        accounts = self.machine.process()
        provider = self._stage.provider
        asker = Asker(self, accounts, self._stage)
        refresh(accounts, asker if provider else provider, force=self._stage.is_forced)

    def hear(self, what: str, when: str) -> None:
        if threading.current_thread() is not self._thread or self._is_killed:
            if self._is_killed:
                raise Killed
            return
        self._waits.release()
        self._go.acquire()
        if self._told == "kill":
            self._is_killed = True
            self.machine.freeze()
            raise Killed
        if (self._told, when) in (("away", "before"), ("lost", "after")) and what != "ask":
            raise StoreAway("It does not answer.")


class Asker(Provider):
    """Asks the provider for one process, and looks whether the token may be sent."""

    def __init__(self, actor: Actor, accounts: SharedAccounts, stage: Stage) -> None:
        super().__init__()
        self._actor, self._accounts, self._stage = actor, accounts, stage

    def ask(self, token: str | None) -> tuple[str, str]:
        self._actor.hear("ask", "before")
        provider, record = self._stage.provider, stored(self._stage.fleet)
        if token != provider.present:
            assert record.refresh_token != provider.present, "the successor is stored"
            own = rescued(self._actor.machine, self._accounts, record)
            assert own is None or own.refresh_token != provider.present, "the successor is on this machine"
        given = provider.ask(token)
        self._actor.hear("ask", "after")
        return given


class Stage:
    """What the three machines share."""

    def __init__(self, folder: Path) -> None:
        self.fleet, self.provider, self.is_forced = Fleet(folder), Provider(), False
        machines = [self.fleet.machine(name) for name in ("a", "b", "c")]
        connect(machines[0], self.provider)
        self.first = self.fleet.memory.copy()
        self.actors = [Actor(machine, self) for machine in machines]
        self.fleet.clock.time += 3550.0

    def step(self, number: int, told: str) -> None:
        """One step of one machine, or time that passes."""
        if told.startswith("pass"):
            self.fleet.clock.time += float(told.split()[1])
        elif told == "set back":
            self.back()
        else:
            self.actors[number].step(told)

    def back(self) -> None:
        """Nothing; see the subclass."""

    def end(self) -> None:
        """Kill what still runs."""
        for actor in self.actors:
            while actor.runs:
                actor.step("kill")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gumauth.accounts.shared.locked.PAUSE", 0.0)
    monkeypatch.setattr("gumauth.accounts.shared.held_claim.FIRST_PAUSE", 0.0)


@pytest.mark.requirement("T2")
@pytest.mark.requirement("T1")
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_no_spent_token_is_sent_while_its_successor_is_stored_or_on_the_machine_that_asks(
    steps: list[tuple[int, str]],
) -> None:
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if os.path.isdir(IN_MEMORY) else None) as folder:
        stage = Stage(Path(folder))
        try:
            for number, told in steps:
                stage.step(number, told)
        finally:
            stage.end()
        stage.fleet.clock.time += 4000.0
        for actor in stage.actors:
            actor.machine.hear = lambda _what, _when: None
            record = refresh(actor.machine.process(), stage.provider)
            assert record.refresh_token == stage.provider.present
