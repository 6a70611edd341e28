"""The system's keyring through the `keyring` library, in a process that is killed when it hangs. Promise K6."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gumauth.errors import StoreError
from gumauth.platform.child_environment import for_child
from gumauth.store.dbus.addresses import VARIABLE as BUS
from gumauth.store.dbus.addresses import BusUnreachable, session_bus, trusted
from gumauth.store.failures import known
from gumauth.store.keyring.child import Child, ChildEnded
from gumauth.store.keyring_lock import PATIENCE, lock_path
from gumauth.store.selection import BACKENDS, unavailable

if TYPE_CHECKING:
    from gumauth.store.failures import Kind
    from gumauth.store.interface import Run
    from gumauth.store.keyring.worker import Do

NO_BUS = "disabled:"
"""An address at which there is no bus: without any address, libraries look for a bus on their own."""

TO_UNLOCK: tuple[Kind, ...] = ("locked", "no collection")
"""Kinds of failure that a person can mend in a dialog."""

SPEAKS_TO_BUS = ("keyring.backends.SecretService.", "keyring.backends.kwallet.", "keyring.backends.libsecret.")


@dataclass(frozen=True)
class Deadlines:
    """Seconds.

    Args:
        start: Until the worker is ready, also on a cold and loaded machine.
        answer: For an answer that needs no person.
        person: For an answer that a person may have to give.
    """

    start: float = 20.0
    answer: float = 5.0
    person: float = 120.0


class KeyringStore:
    """Keeps secrets where a backend of the `keyring` library keeps them.

    Args:
        name: A name of `BACKENDS`, or the dotted name of a backend.
        run: The run.
        remembered: Whether an account says that its record is in this keyring.
        deadlines: How long is waited.
        service: The name under which the entries stand; None for the present one of the run's data folder.
    """

    def __init__(
        self,
        name: str,
        run: Run,
        *,
        remembered: bool = False,
        deadlines: Deadlines | None = None,
        service: str | None = None,
    ) -> None:
        self.name = name
        self._run, self._remembered = run, remembered
        self._backend = BACKENDS[name] if name in BACKENDS else name  # noqa: SIM401 - `get` takes a KeyringName
        self._needs_bus = self._backend.startswith(SPEAKS_TO_BUS)
        self._service = run.home.service if service is None else service
        self._deadlines = deadlines or Deadlines()
        self._one_at_a_time = threading.Lock()
        self._child: Child | None = None
        self._is_ready = False

    def get(self, key: str) -> str | None:
        """The value under a key; None where there is none.

        Raises:
            StoreError: The keyring cannot be asked.
        """
        value = self._ask("get", key=key)
        return value if isinstance(value, str) else None

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: The value is not kept.
        """
        self._ask("set", key=key, value=value)

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: The value may still be there.
        """
        self._ask("delete", key=key)

    def warm(self) -> None:
        """Start the worker in the background, while the caller waits for something else."""
        with self._one_at_a_time, suppress(OSError, ChildEnded, StoreError):
            self._started()  # what fails now, fails again when the worker is needed

    def close(self) -> None:
        """End the worker."""
        with self._one_at_a_time:
            self._drop()

    def failure(self, kind: Kind, detail: str = "") -> StoreError:
        """The error for a kind of failure of this keyring."""
        return unavailable(self._run, self.name, kind, detail, remembered=self._remembered)

    def _ask(self, do: Do, **fields: str) -> Any:
        with self._one_at_a_time:
            try:
                answer = self._exchange(do, **fields)
                if answer.get("kind") in TO_UNLOCK and self._run.attended:
                    self._run.notify(f"{self.name} is locked. Waiting for you to unlock it…")
                    answer = self._exchange("unlock")
                    if "kind" not in answer:
                        answer = self._exchange(do, **fields)
            except BaseException:
                self._drop()  # the worker may be in the middle of something
                raise
        if "kind" in answer:
            raise self._failure_in(answer)
        return answer.get("value")

    def _failure_in(self, answer: dict[str, Any]) -> StoreError:
        return self.failure(known(answer.get("kind")), str(answer.get("detail", "")))

    def _exchange(self, do: Do, **fields: str) -> dict[str, Any]:
        try:
            child = self._ready()
            child.say({"do": do, **fields})
            answer = self._hear(child, PATIENCE + self._deadlines.answer)
            if "begun" not in answer:
                return answer
            return self._wait(child, asking=do == "unlock")
        except ChildEnded as error:
            raise self.failure("failed", "its process ended") from error
        except OSError as error:
            raise self.failure("failed", "its process could not be started") from error

    def _wait(self, child: Child, *, asking: bool) -> dict[str, Any]:
        """The answer. A person, who may have to answer a dialog, gets more time and a sentence that says so."""
        limits = self._deadlines
        if not self._run.attended:
            return self._hear(child, limits.answer)
        if not asking:
            try:
                return child.hear(limits.answer)
            except TimeoutError:
                self._run.notify(f"Waiting for {self.name}. It may be asking for your permission…")
        return self._hear(child, limits.person)

    def _hear(self, child: Child, seconds: float) -> dict[str, Any]:
        try:
            return child.hear(seconds)
        except TimeoutError as error:
            raise self.failure("timeout", f"{seconds:g} s") from error

    def _ready(self) -> Child:
        child = self._started()
        if not self._is_ready:
            answer = self._hear(child, self._deadlines.start)
            if "ready" not in answer:
                raise self._failure_in(answer)
            self._is_ready = True
        return child

    def _started(self) -> Child:
        address = self._address()
        if self._child is not None and self._child.owner != os.getpid():
            self._child = None  # this process is a fork; the worker belongs to the other process
        if self._child is None:
            self._is_ready = False
            self._child = Child(self._opening(address), self._environ(address))
        return self._child

    def _environ(self, address: str | None) -> dict[str, str]:
        """The worker's environment."""
        # A backend that the person has chosen may need any variable.
        also = ("KEYRING_",) if self._backend in BACKENDS.values() or self._needs_bus else ("KEYRING_", "")
        found = for_child(self._run.environ, also=also)
        return found if address is None else {**found, BUS: address}

    def _address(self) -> str | None:
        """The address of the bus for the worker, whose libraries do not check who listens there.

        On other systems than Linux: the address in the environment, unchecked; None where there is none.

        Raises:
            NoBus: The backend needs a bus, and there is none, or another user listens there.
        """
        if sys.platform != "linux":
            return self._run.environ.get(BUS)
        try:
            address = trusted(session_bus(self._run.environ) or "", self._deadlines.answer)
        except BusUnreachable as error:
            if self._needs_bus:
                raise self.failure("no bus") from error
            return NO_BUS
        if self._needs_bus and not address:
            raise self.failure("no bus")
        return address or NO_BUS

    def _opening(self, address: str | None) -> dict[str, Any]:
        return {
            "backend": self._backend,
            "service": self._service,
            "lock": lock_path(address, self._run.home),
            "bus": address,
            "seconds": self._deadlines.answer,
        }

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def __repr__(self) -> str:
        return f"KeyringStore({self.name!r})"
