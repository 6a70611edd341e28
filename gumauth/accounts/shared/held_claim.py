"""Claims as this machine takes them: waited for, kept alive while their holder lives, and released."""

from __future__ import annotations

import os
import threading
import time
from operator import sub

from gumauth.accounts.shared.engine import Claim, Held, Moved
from gumauth.errors import Busy, ClaimLost, RefreshElsewhere, StoreAway, StoreError
from gumauth.platform.clocks import since_boot
from gumauth.platform.frozen import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from gumauth.accounts.shared.engine import Engine
    from gumauth.accounts.shared.marked_claims import MarkedClaims

    Lender: TypeAlias = Engine | MarkedClaims

LEASE = 45.0
"""Seconds of a claim: longer than the provider is asked (35 s), and shorter than what a person waits."""

LATEST_SEND = 5.0
"""Seconds after a claim was asked for at which the provider is still asked: the answer comes before the claim ends."""

PATIENCE = 60.0
"""Seconds to wait for another machine. One that is dead is followed before that."""

RENEWAL = 10.0
"""Seconds between two renewals of a claim that lasts as long as its holder lives."""

FIRST_PAUSE, LAST_PAUSE = 0.05, 1.0


def waited_for(
    engine: Lender,
    name: str,
    *,
    generation: int | None = None,
    life: float = 0.0,
    patience: float = PATIENCE,
    what: str = "",
) -> Claim | Moved:
    """A claim, waited for as long as another machine has it.

    Args:
        engine: The store's.
        name: What is claimed.
        generation: The account must still have this one; else nothing is claimed.
        life: Seconds that the account's present token is still good: as long as it is, another machine is not waited
            for, and one that has died is not followed, because it may come back with the answer that it got.
        patience: Seconds to wait.
        what: What it is called in a sentence.

    Raises:
        RefreshElsewhere: Another machine has it, and the present token is good.
        Busy: Another machine has had it all the time.
        StoreAway: The store does not answer.
    """
    end, pause = time.monotonic() + patience, FIRST_PAUSE
    while True:
        got = engine.claim(name, LEASE, take_over=life <= ENOUGH_LIFE, generation=generation)
        if not isinstance(got, Held):
            return got
        if life > 0.0:
            raise RefreshElsewhere(f"{got.machine} is refreshing {what or name}.", hint="Nothing needs to be done.")
        if (left := end - time.monotonic()) <= 0.0:
            raise Busy(
                f"{got.machine} has been at {what or name} for {got.seconds:.0f} s.",
                hint="Try again; `gumauth doctor` looks at the database.",
            )
        time.sleep(min(pause * (0.5 + _random()), left))
        pause = min(2 * pause, LAST_PAUSE)


ENOUGH_LIFE = 20.0
"""Seconds of life of a token that allow to wait for a machine that died with a claim, and perhaps with an answer."""


def _random() -> float:
    return os.urandom(1)[0] / 255


class HeldClaim:
    """A claim of this process, renewed on a thread of its own while the process lives, unless it is for one request.

    A process that is killed or stopped renews nothing, and its claim ends.

    Args:
        engine: The store's.
        claim: Just taken.
        is_renewed: Whether it is renewed.
    """

    def __init__(self, engine: Lender, claim: Claim, *, is_renewed: bool) -> None:
        self.claim, self._engine = claim, engine
        self._is_over = threading.Event()
        self._clocks = _clocks()
        if is_renewed:
            threading.Thread(target=self._renew, name="claim", daemon=True).start()

    def _renew(self) -> None:
        while not self._is_over.wait(RENEWAL):
            try:
                if not self._engine.renew(self.claim, LEASE):
                    return
            except StoreAway:
                continue
            except StoreError:
                return  # what is written next is refused, and told

    def renew(self) -> None:
        """Have the claim from now on for its whole time, for another request.

        Raises:
            ClaimLost: Another machine has it by now.
            StoreAway: The store does not answer.
        """
        since = time.monotonic()
        if not self._engine.renew(self.claim, LEASE):
            raise ClaimLost("Another machine has taken the account over; nothing was sent.")
        self.claim, self._clocks = replace(self.claim, since=since), _clocks()

    def check_young(self) -> None:
        """Stop before the provider is asked, where its answer could come after the claim has ended. Promise T2.

        Raises:
            ClaimLost: The claim is too old: this process was stopped, or the machine slept.
        """
        slept = max(map(sub, _clocks(), self._clocks))
        if max(time.monotonic() - self.claim.since, slept) > LATEST_SEND:
            raise ClaimLost("This process was held up for so long that another machine may be refreshing by now.")

    def release(self) -> None:
        """End the claim; where the store is away, it ends by itself."""
        self._is_over.set()
        try:
            self._engine.release(self.claim)
        except StoreError:
            pass  # nothing is lost by it, and it must not hide what happened in the block


def _clocks() -> tuple[float, float]:
    """Clocks that go on while the machine sleeps, as the monotonic one does not, or a virtual machine is held up."""
    return since_boot(), time.time()
