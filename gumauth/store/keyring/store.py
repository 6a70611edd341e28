"""The operating system's keyring through the `keyring` library, in a process that is ended when it hangs."""

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

NO_BUS = "disabled:"
"""An address that leads nowhere: without one, libraries look for a bus on their own."""

TO_UNLOCK: tuple[Kind, ...] = ("locked", "no collection")
"""Kinds of failure that a person may mend in a dialog."""

SPEAKS_TO_BUS = ("keyring.backends.SecretService.", "keyring.backends.kwallet.", "keyring.backends.libsecret.")


@dataclass(frozen=True)
class Deadlines:
    """Seconds.

    Args:
        start: For the worker to be ready; a cold and loaded machine needs some.
        answer: For an answer that needs nobody.
        person: For an answer that somebody may have to give.
    """

    start: float = 20.0
    answer: float = 5.0
    person: float = 120.0


class KeyringStore:
    """Keeps secrets where a backend of the `keyring` library keeps them.

    Args:
        name: A name of `BACKENDS`, or the dotted name of a backend.
        run: The run.
        remembered: Whether an account says that its record is here.
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
        value = self._ask({"do": "get", "key": key})
        return value if isinstance(value, str) else None

    def set(self, key: str, value: str) -> None:
        """Put a value under a key, in place of an older one.

        Raises:
            StoreError: It is not kept.
        """
        self._ask({"do": "set", "key": key, "value": value})

    def delete(self, key: str) -> None:
        """See to it that there is nothing under a key.

        Raises:
            StoreError: It may still be there.
        """
        self._ask({"do": "delete", "key": key})

    def warm(self) -> None:
        """Start the worker in the background, while something else is waited for."""
        with self._one_at_a_time, suppress(OSError, ChildEnded, StoreError):
            self._started()  # what fails now, fails again when it is needed

    def close(self) -> None:
        """End the worker."""
        with self._one_at_a_time:
            self._drop()

    def failure(self, kind: Kind, detail: str = "") -> StoreError:
        """The error for a kind of failure; where the record is remembered to be here, it names what answers instead."""
        return unavailable(self._run, self.name, kind, detail, remembered=self._remembered)

    def _ask(self, request: dict[str, Any]) -> Any:
        with self._one_at_a_time:
            try:
                answer = self._exchange(request)
                if answer.get("kind") in TO_UNLOCK and self._run.attended:
                    self._run.notify(f"{self.name} is locked. Waiting for you to unlock it…")
                    answer = self._exchange({"do": "unlock"})
                    if "kind" not in answer:
                        answer = self._exchange(request)
            except BaseException:
                self._drop()  # it may be in the middle of something
                raise
        if "kind" in answer:
            raise self.failure(known(answer["kind"]), str(answer.get("detail", "")))
        return answer.get("value")

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            child = self._ready()
            child.say(request)
            answer = self._hear(child, PATIENCE + self._deadlines.answer)
            if "begun" not in answer:
                return answer
            return self._wait(child, asking=request["do"] == "unlock")
        except ChildEnded as error:
            raise self.failure("failed", "its process ended") from error
        except OSError as error:
            raise self.failure("failed", "its process could not be started") from error

    def _wait(self, child: Child, *, asking: bool) -> dict[str, Any]:
        """The answer, for which a person gets more time, and is told."""
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
                raise self.failure(known(answer.get("kind")), str(answer.get("detail", "")))
            self._is_ready = True
        return child

    def _started(self) -> Child:
        address = self._address()
        if self._child is not None and self._child.owner != os.getpid():
            self._child = None  # after a fork: that worker is the other process's
        if self._child is None:
            self._is_ready = False
            self._child = Child(self._opening(address), self._environ(address))
        return self._child

    def _environ(self, address: str | None) -> dict[str, str]:
        """What the worker finds in its environment."""
        # Of one that the person has chosen, nobody knows what it needs.
        also = ("KEYRING_",) if self._backend in BACKENDS.values() or self._needs_bus else ("KEYRING_", "")
        found = for_child(self._run.environ, also=also)
        return found if address is None else {**found, BUS: address}

    def _address(self) -> str | None:
        """Where the worker may look for a bus: libraries ask nobody whose it is.

        Where there is no Linux, that is left to them; None where the environment names no bus there.

        Raises:
            NoBus: The backend needs one, and there is none, or it is another user's.
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
