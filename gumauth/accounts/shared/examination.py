"""What `gumauth doctor` says of a shared store: the engine, role and keys, clocks, a claim, and what this machine has.

Nothing is changed but what is written and deleted again under a name of its own.
"""

from __future__ import annotations

import os
import time

from gumauth.accounts.shared.engine import Claim
from gumauth.accounts.shared.entries import SharedStore
from gumauth.accounts.shared.keys import DataKeys, machine_key
from gumauth.errors import StoreError
from gumauth.platform.text import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import Observation
    from gumauth.accounts.shared.engine import Welcome
    from gumauth.accounts.shared.replica import Replica

CLOCK = 2.0
"""Seconds by which clocks may differ without a word."""

PROBE_SECONDS = 10.0


def examine(accounts: Replica, listed: Sequence[Account]) -> Iterator[Observation]:
    """What can be said, from what is kept here to the way to the store and what works there.

    Args:
        accounts: The keeper.
        listed: The accounts as the copy has them.

    Raises:
        StoreError: Something will not work; what comes after it was not looked at.
    """
    yield from _kept(accounts, listed)
    engine = accounts.engine
    if observe := getattr(engine, "observe", None):
        yield from observe()
    welcome = engine.welcome()
    yield "ok", f"{one_line(welcome.role, 80)} {_may(welcome)}.", None
    yield "ok", _clocks(welcome.offset), None
    yield from _keys(accounts, welcome)
    if welcome.connects:
        yield "ok", f"A claim is given and released in {_claimed(accounts):.0f} ms.", None
        _probe(accounts)
        yield "ok", "A sealed value is written, read and deleted.", None


def _may(welcome: Welcome) -> str:
    """What the role may do."""
    if welcome.connects:
        administers = ", and may administer the store" if welcome.administers else ""
        return f"may connect, refresh and end accounts{administers}"
    return "may read tokens, and neither connect nor refresh"


def _clocks(offset: float) -> str:
    if offset > CLOCK:
        way = "ahead of"
    elif offset < -CLOCK:
        way = "behind"
    else:
        return "Its clock and this machine's agree."
    return f"Its clock is {abs(offset):.0f} s {way} this machine's, which is allowed for."


def _keys(accounts: Replica, welcome: Welcome) -> Iterator[Observation]:
    key = machine_key(accounts.environ)
    welcome = accounts.engine.welcome(key.all_ids)
    keys = DataKeys(key, welcome, accounts.environ)
    keys.get(keys.newest, "access")
    if keys.can_refresh:
        keys.get(keys.newest, "refresh")
    if keys.can_refresh or not welcome.connects:
        what = "access and refresh tokens" if keys.can_refresh else "access tokens, and no refresh token"
        yield "ok", f"The key file opens {what}.", None
    else:
        yield (
            "warn",
            "The key file opens access tokens only: this machine cannot refresh, although its role may.",
            "Take the key file of a machine that refreshes, or a role that reads.",
        )


def _claimed(accounts: Replica) -> float:
    """Milliseconds for a claim and its release."""
    began = time.monotonic()
    claim = accounts.engine.claim(f"probe/{os.urandom(8).hex()}", PROBE_SECONDS, take_over=True)
    if not isinstance(claim, Claim):
        raise StoreError("The database gave no claim on a new name.", hint="Run `gumauth store init` again.")
    accounts.engine.release(claim)
    return 1000 * (time.monotonic() - began)


def _probe(accounts: Replica) -> None:
    from gumauth.store.open import probe

    probe(SharedStore(accounts.session))


def _kept(accounts: Replica, listed: Sequence[Account]) -> Iterator[Observation]:
    """The copy and the cache, as they are before the store is asked."""
    state = accounts.state
    if not state.store:
        yield "ok", "This machine has no copy of the list yet.", None
        return
    kept = sum(accounts.cache.get(account) is not None for account in listed)
    count = "1 account" if len(listed) == 1 else f"{len(listed)} accounts"
    age = max(accounts.clock() - state.at, 0.0)
    asked = "asked in vain" if state.is_away else "brought up to date"
    yield (
        "ok",
        (f"This machine has a copy of the list, with {count} and tokens of {kept}; it was {asked} {age:.0f} s ago."),
        None,
    )
