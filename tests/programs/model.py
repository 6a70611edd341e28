"""Any order of events on one account: `python -m tests.programs.model --examples 500`.

Connect, refresh, expire, revoke, disconnect, a crash inside the store, a second process, a clock that jumps. Afterwards
the account is usable, or it is refused for a reason that the server's log confirms; nothing else is allowed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gumauth.client.ending import disconnect, revoke
from gumauth.client.refresh import refresh
from gumauth.client.token import token
from gumauth.errors import GumauthError, NotConnected, ReconnectNeeded, Temporary
from gumauth.store.memory import MemoryStore
from gumauth.testing import AuthorizationServer, Fault
from tests.client.world import Clock, World


class Crash(BaseException):
    """The process died here: nothing after this line ran."""


class CrashingStore(MemoryStore):
    """Dies before or after the call that a test says."""

    countdown: int | None = None
    after = False

    def _step(self, *, done: bool) -> None:
        if self.countdown is None or self.after != done:
            return
        if self.countdown == 0:
            self.countdown = None
            raise Crash
        self.countdown -= 1

    def get(self, key: str) -> str | None:
        self._step(done=False)
        value = super().get(key)
        self._step(done=True)
        return value

    def set(self, key: str, value: str) -> None:
        self._step(done=False)
        super().set(key, value)
        self._step(done=True)

    def delete(self, key: str) -> None:
        self._step(done=False)
        super().delete(key)
        self._step(done=True)


class Life(RuleBasedStateMachine):
    """One account's life."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.server = AuthorizationServer(clock=self.clock)
        self.store = CrashingStore()
        self.died_with_process = False
        """The tokens of the latest connect never reached the store: its grant lives on, and nobody has it."""
        self.world = World(server=self.server, folder=Path(self._folder.name), clock=self.clock, store=self.store)

    def teardown(self) -> None:
        """Nothing is left behind."""
        self.server.close()
        self._folder.cleanup()

    @initialize()
    def begin(self) -> None:
        """Every life begins with a connect."""
        self.world.connect()

    @rule()
    def connect_again(self) -> None:
        """Over a live, dead, or missing account."""
        self.world.context = self.world.new_context()
        families = len(self.server.families)
        try:
            self.world.connect()
        except Crash:
            self.died_with_process |= len(self.server.families) > families
            raise
        self.died_with_process = False

    @rule(seconds=st.sampled_from([1, 60, 3541, 3600, 86_400]))
    def wait(self, seconds: int) -> None:
        """Time goes on."""
        self.clock.move(seconds)

    @rule(seconds=st.sampled_from([1, 3600, 86_400]))
    def clock_goes_back(self, seconds: int) -> None:
        """Somebody sets the clock; the provider's is the same here, so what it gave stays good."""
        self.clock.move(-seconds)

    @rule()
    def ask(self) -> None:
        """A script asks for a token."""
        self._quietly(lambda: self.world.token())

    @rule(processes=st.integers(2, 4))
    def ask_with_several(self, processes: int) -> None:
        """Several scripts ask, one after the other: each is a process of its own to the files."""
        for _ in range(processes):
            self._quietly(lambda: self.world.token())

    @rule()
    def force(self) -> None:
        """A forced refresh."""
        self._quietly(lambda: refresh(self.world.new_context(), ["acme"]))

    @rule(status=st.sampled_from([408, 429, 500, 503]))
    def provider_stumbles(self, status: int) -> None:
        """The next refresh meets a passing failure."""
        self.server.misbehave("refresh", Fault.status(status))

    @rule()
    def revoke(self) -> None:
        """The person revokes."""
        self._quietly(lambda: revoke(self.world.new_context(), "acme"))

    @rule()
    def disconnect(self) -> None:
        """The person disconnects."""
        self._quietly(lambda: disconnect(self.world.new_context(), "acme"))

    @rule(step=st.integers(0, 8), after=st.booleans(), what=st.sampled_from(["refresh", "disconnect", "connect"]))
    def crash(self, step: int, after: bool, what: str) -> None:
        """The process dies at some call of the store."""
        self.store.countdown, self.store.after = step, after
        acts = {
            "refresh": lambda: refresh(self.world.new_context(), ["acme"]),
            "disconnect": lambda: disconnect(self.world.new_context(), "acme"),
            "connect": self.connect_again,
        }
        try:
            self._quietly(acts[what])
        except Crash:
            pass
        finally:
            self.store.countdown = None

    @precondition(lambda self: self.server.families)
    @rule()
    def person_ends_it_there(self) -> None:
        """The grant is ended in the provider's settings."""
        self.server.end_grant(self.server.families[-1].number)

    @invariant()
    def usable_or_rightly_refused(self) -> None:
        """The one thing that must hold after anything."""
        self.server.behave()
        self.clock.move(31)  # a remembered failure has been forgotten
        try:
            record = token(self.world.new_context(), "acme")[1]
        except NotConnected:
            left = [key for key in self.store.keys() if key.startswith("acme/")]  # noqa: SIM118 - not a mapping
            assert not left, "an account that is gone left its record behind"
        except ReconnectNeeded:
            account = self.world.account()
            interrupted = self.died_with_process and account.reason == "The connect was interrupted."
            assert account.state == "leaving" or interrupted or self._ended(), (
                f"refused as {account.state}, yet it lives"
            )
        except Temporary as error:
            raise AssertionError(f"a well-behaved server, and yet: {error}") from error
        else:
            assert self.server.is_active(record.access_token) or self._ended()

    def _ended(self) -> bool:
        """Whether the server says that the grant which the store knows has ended."""
        known = self.server.families[:-1] if self.died_with_process else self.server.families[-1:]
        return any(family.ended is not None for family in known)

    def _quietly(self, act: object) -> None:
        assert callable(act)
        try:
            act()
        except GumauthError:
            pass


def sized(*, examples: int, steps: int) -> settings:
    """How many lives, and of how many events at the most."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def main() -> int:
    """Live as many lives as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    run_state_machine_as_test(Life, settings=sized(examples=options.examples, steps=options.steps))
    print(f"{options.examples} lives of up to {options.steps} events: always usable, or rightly refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
