"""Claims with a text that is drawn for each, by which a machine knows its own again, and not those of its copies.

Whoever has the lock of an account on a machine and finds the claim of this machine's own in the store, knows that its
holder is dead, and follows at once. But machines that go on from one copy of a memory, as virtual machines do, have
the same names of host, boot and disk. So the text of a claim stands in the locked file from before the claim until its
release: who died with a claim has left the text for the next process here, and a copy that was made between two claims
has none. Promise T2.
"""

from __future__ import annotations

import os
import time

from gumauth.accounts.shared.engine import Claim
from gumauth.platform.digest import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.shared.engine import Engine, Held, Moved

LENGTH = 32


class MarkedClaims:
    """Claims under one lock of this machine, with `claim`, `renew` and `release` as an engine has them.

    Args:
        engine: The store's.
        handle: The open lock file, while it is locked.
    """

    def __init__(self, engine: Engine, handle: int) -> None:
        self._engine, self._handle = engine, handle

    def claim(
        self, name: str, seconds: float, *, take_over: bool, generation: int | None = None
    ) -> Claim | Held | Moved:
        """A claim for some seconds; also where it is that of a process of this machine, which is dead."""
        left = self._read()
        drawn = left or _drawn()
        if not left:
            self._write(drawn)
        got = self._engine.claim(name, seconds, take_over=take_over, generation=generation, drawn=drawn)
        if not left and not isinstance(got, Claim):
            self._write("")
        return got

    def renew(self, claim: Claim, seconds: float) -> bool:
        """Let a claim last some seconds from now; whether it is still this machine's."""
        return self._engine.renew(claim, seconds)

    def release(self, claim: Claim) -> None:
        """End a claim; where the store does not hear of it, the next process here can follow."""
        self._engine.release(claim)
        self._write("")

    def _read(self) -> str:
        try:
            os.lseek(self._handle, 0, os.SEEK_SET)
            found = os.read(self._handle, LENGTH + 1).decode("ascii", "replace")
        except OSError:
            found = ""
        return found if len(found) == LENGTH and found.isalnum() else ""

    def _write(self, text: str) -> None:
        try:
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.ftruncate(self._handle, 0)
            os.write(self._handle, text.encode())
        except OSError:
            pass  # the next process here waits for the claim to end, as one of another machine does


def _drawn() -> str:
    """A text that no other claim has; the clock is in it, for a kernel whose random numbers were copied too."""
    clocks = f"{time.time_ns()} {time.monotonic_ns()} {os.getpid()}"
    return sha256(os.urandom(16) + clocks.encode()).hexdigest()[:LENGTH]
