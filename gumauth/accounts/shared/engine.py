"""What an engine must promise whose accounts several machines share. PostgreSQL is one; see `postgresql/engine.py`.

An engine keeps, for each name, one row that it replaces whole and only where the row is as expected (compare and set);
it lends claims that end by the engine's own clock, each with a number that is higher than that of every earlier claim
(a lease with a fence), and refuses a write under a claim that another has followed; and it tells its time. Neither
transactions over several rows, nor sessions, nor a language of its own are asked of it: a key-value store with a
version for each entry is enough. What is secret is sealed before it gets here.
"""

from __future__ import annotations

from gumauth.platform.frozen import frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, Protocol

    Kind = Literal["access", "refresh"]
else:
    Protocol = object  # `typing` takes three milliseconds, and every handing out imports this module


@frozen
class SealedKey:
    """A data key as the engine has it.

    Args:
        data_key: Its id.
        kind: What it opens.
        key_id: The id of the key under which it is sealed.
        sealed: The data key, sealed.
    """

    data_key: str
    kind: Kind
    key_id: str
    sealed: bytes


@frozen
class Welcome:
    """What the engine says of itself and of who asks.

    Args:
        store: The id of the store, which is made with it.
        offset: Seconds that the engine's clock is ahead of this machine's.
        role: Who asks, as the engine knows them.
        connects: Whether the role may connect, refresh and end accounts; if not, it may only read tokens.
        administers: Whether the role may change keys and read the log.
        data_keys: The ids of all data keys, the newest last.
        sealed_keys: The data keys that the asking machine's keys open.
    """

    store: str
    offset: float
    role: str
    connects: bool
    administers: bool
    data_keys: tuple[str, ...]
    sealed_keys: tuple[SealedKey, ...]


@frozen
class Change:
    """One row of what is new.

    Args:
        kind: An account, or a note.
        name: Provider and id of an account; the name of a note.
        change: The number of the change.
        content: JSON of the account, the note's content; None where it is gone.
        number: The last number that was the account's name, also of one that is gone.
        generation: The account's generation.
    """

    kind: str
    name: str
    change: int
    content: str | None = None
    number: int | None = None
    generation: int = 0


@frozen
class Changes:
    """What is new since a change, and what there is altogether, by which a copy is known to be whole.

    Args:
        rows: What is new.
        defaults: Provider → the id of its default account, or "-" where it has none any more.
        last: The number of the latest change.
        count: How many rows there are.
        total: The sum of the numbers of their latest changes.
    """

    rows: tuple[Change, ...]
    defaults: dict[str, str]
    last: int
    count: int
    total: int


@frozen
class Row:
    """An account as the engine has it.

    Args:
        content: The account as JSON, without its tokens.
        generation: Raised by every write of the tokens.
        access: Sealed: the access token, and what handing it out needs. None where there are no tokens.
        refresh: Sealed: the refresh token; None also for who may not have it.
        data_key: The id of the data key.
        change: The number of the account's latest change.
    """

    content: str
    generation: int
    access: bytes | None
    refresh: bytes | None
    data_key: str | None
    change: int = 0


@frozen
class Claim:
    """A name that only this machine writes, for some seconds.

    Args:
        name: Of the account, or of what else is claimed.
        fence: The claim's number.
        generation: The account's generation when it was claimed; 0 where there was no such account.
        since: When it was asked for, by this machine's monotonic clock.
        change: The number of the account's latest change; 0 where there was no such account.
    """

    name: str
    fence: int
    generation: int
    since: float
    change: int = 0


@frozen
class Held:
    """Another machine has the claim.

    Args:
        machine: What it calls itself.
        seconds: How long ago it took the claim.
    """

    machine: str
    seconds: float


@frozen
class Moved:
    """The account has another generation by now, and nothing was claimed."""

    generation: int


class Engine(Protocol):
    """The rows and claims of one store. All methods raise `StoreAway` where the engine cannot be asked at present.

    An engine may have a method `observe`, which gives what it can say of itself to `gumauth doctor`.

    `StoreError`: It can, and refuses.
    """

    name: str
    """The engine's name, which accounts remember as their store."""

    def welcome(self, key_ids: Sequence[str] = ()) -> Welcome:
        """What the engine says of itself, and the data keys that keys of these ids open."""

    def close(self) -> None:
        """End the connection, if there is one; the next method makes a new one."""

    def changes(self, since: int) -> Changes:
        """What is new since a change; 0 for everything."""

    def take(self, name: str, *, whole: bool) -> Row | None:
        """The tokens of an account, which the engine writes into its log; `whole` with the refresh token."""

    def claim(
        self, name: str, seconds: float, *, take_over: bool, generation: int | None = None, drawn: str = ""
    ) -> Claim | Held | Moved:
        """A claim for some seconds.

        Args:
            name: Provider and id of an account, or the name of something else.
            seconds: How long.
            take_over: Whether a claim of another machine may be followed that has ended and was not released, where
                the account's generation is still that of the claim.
            generation: The account must have this generation.
            drawn: A text that this machine has drawn for the claim, of 32 letters and digits. A claim of this machine
                that has another one is another machine's: of a copy of this machine's memory.
        """

    def renew(self, claim: Claim, seconds: float) -> bool:
        """Let a claim last some seconds from now; whether it is still this machine's."""

    def release(self, claim: Claim) -> None:
        """End a claim; nothing happens where it has ended."""

    def put(self, claim: Claim, row: Row, number: int | None, *, action: str) -> int:
        """Write an account whole, in place of the generation before it; gives the generation that is there now.

        The same once more, under the same claim, is no other write: the answer to the first may have been lost.

        Raises:
            ClaimLost: Another machine has the claim by now.
        """

    def mark(self, claim: Claim, content: str, number: int | None, *, action: str) -> None:
        """Write an account's content, and leave its tokens; raises as `put`."""

    def erase(self, claim: Claim, *, whole: bool, heir: str | None, action: str) -> int:
        """Delete an account's tokens; `whole`, the account too: its heir is the default then.

        Gives the generation that is there now: a higher one, if anything was deleted. Raises as `put`.
        """

    def set_default(self, provider: str, identity: str) -> None:
        """Make an account the default account of its provider, for this role."""

    def write_note(self, name: str, content: str | None) -> None:
        """Write a note, which every machine copies; None removes it. Not secret."""

    def entry(self, name: str) -> tuple[bytes, str] | None:
        """A sealed value with the id of its data key; None where there is none."""

    def set_entry(self, name: str, value: bytes | None, data_key: str | None) -> None:
        """Keep a sealed value; None deletes it."""

    def add_key(self, keys: Sequence[SealedKey]) -> None:
        """Keep data keys, sealed under the machines' keys: all of them, or none."""
