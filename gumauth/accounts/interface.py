"""What every keeper of accounts does: the one of this machine (`local`), and those that machines share.

The rules in `client/` ask a keeper of accounts, and know neither account files nor entries in a store, locks or repair.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Literal, Protocol

    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.errors import GumauthError, HomeError, StoreError

    Observation = tuple[Literal["ok", "warn", "fail"], str, str | None]
    """How something is, a sentence about it, and what to do; None where nothing has to be done."""

    Suggest = Callable[[GumauthError, Sequence[Account]], Account]
    """Takes the error for a reference that names no account, and the provider's accounts; gives one, or raises."""
else:
    Protocol = object  # `typing` takes three milliseconds, and a refresh imports this module


class RefreshUnderWay(Exception):
    """Another process is refreshing the account under a lock file that somebody has deleted since.

    Args:
        wait: Waits for the other process, and raises `Busy` when that takes too long. Called without the account's
            lock, which the other process may need.
    """

    def __init__(self, wait: Callable[[], None]) -> None:
        super().__init__()
        self.wait = wait


class NotReserved(Exception):
    """There is no place for the record that a refresh would bring, for this reason: the provider must not be asked."""

    def __init__(self, error: HomeError | StoreError) -> None:
        super().__init__(error.message)
        self.error = error


class Accounts(Protocol):
    """Connected accounts with their records. Each method raises `HomeError` where the list cannot be used."""

    is_shared: bool
    """Whether other machines have the same accounts."""
    unreadable: list[tuple[str, str]]
    """Provider and id of each account that was met and cannot be understood."""
    passed_over: list[str]
    """Sentences about what else was met, could not be read, and was not needed."""

    def find(self, reference: str, suggest: Suggest = ...) -> Account:
        """The account that a reference names, repaired first where it is damaged or its connect was interrupted.

        Args:
            reference: PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME, as a person wrote it.
            suggest: Called where the reference names no account.

        Raises:
            UsageError: The reference cannot name an account.
            AmbiguousAccount: The reference could name several accounts, or the default account has left.
            NotConnected: There is no such account.
            StoreError: The account has to be repaired, and the store cannot be asked.
            Busy: The account has to be repaired, and another process holds its lock.
        """

    def say_passed_over(self) -> None:
        """Tell the person what is in `passed_over`, and empty it."""

    def look_up(self, reference: str, suggest: Suggest = ...) -> Account:
        """`find` without repair, and without asking a store."""

    def get(self, provider: str, identity: str) -> Account | None:
        """The listed account with this id; None where there is none, or where it cannot be understood."""

    def all(self, provider: str | None = None, *, where: Callable[[str], bool] = ...) -> Iterator[Account]:
        """The listed accounts of one provider, or of those for which `where` is true, the oldest of each first."""

    def at_hand(self, provider: str | None = None, *, where: Callable[[str], bool] = ...) -> Iterator[Account]:
        """As `all`, at once: what this machine knows by itself, where the list is in a store that machines share."""

    def default(self, provider: str, accounts: Sequence[Account] | None = None) -> Account | None:
        """The account that the provider's name alone stands for; `accounts` are those of the provider, if known."""

    def default_keys(self, accounts: Sequence[Account], *, all_read: bool = False) -> set[str]:
        """The keys of those of the accounts that are default accounts; `all_read` if no account is missing."""

    def set_default(self, account: Account) -> None:
        """Make an account the default account of its provider."""

    def named(self, account: Account, others: Sequence[Account] | None = None, *, called: str | None = None) -> Account:
        """The account with a number where another account has its nickname as a name; `called` is its present name."""

    def read(self, account: Account) -> Record:
        """The record of an account, without its lock; raises `RecordMissing`, or `StoreError`."""

    @property
    def spread(self) -> float:
        """Seconds by which this machine begins later than others to refresh ahead; infinite where it may not."""

    def locked(
        self, account: Account, *, to_end: bool = False, to_refresh: bool = False, patience: float | None = None
    ) -> LockedAccount:
        """The account, for a `with` block that writes it.

        Args:
            account: The account.
            to_end: Whether it is joined first with what its connect has left.
            to_refresh: Whether it is written only with a reservation.
            patience: Seconds to wait for other processes; None for as long as they may take.
        """

    def confirm(self, account: Account) -> None:
        """Stop where the list says another source, issuer or grant of an account than its tokens were stored with.

        Raises:
            RecordCorrupt: Somebody has edited the list of a store that machines share.
            StoreError: That cannot be known.
        """

    def naming(self, provider: str) -> AbstractContextManager[object]:
        """A block in which only this process names accounts of the provider. It is entered before `locked`."""

    def exclusive(self, name: str, *, patience: float, what: str) -> Exclusive:
        """A block that only this process is in, on all machines that share the accounts.

        Args:
            name: Of the block, such as "issuer/0123".
            patience: Seconds to wait for other processes.
            what: What is guarded, in a sentence.
        """

    def prepare(self, provider: str) -> None:
        """See to it that an account of the provider can be written; damaged ones are repaired."""

    def prove_locks(self) -> None:
        """See to it that accounts can be locked; raises `NoLocks`."""

    def read_note(self, name: str) -> bytes | None:
        """The content of a file that `write_note` keeps; None where there is none.

        Raises:
            HomeError: It cannot be read.
            StoreAway: A store that machines share cannot be asked whether there is one.
        """

    def write_note(self, name: str, content: bytes | None) -> None:
        """Keep a file without secrets beside the accounts, such as "clients/linear.json"; None removes it.

        Raises:
            HomeError: It cannot be written or removed.
            StoreError: A store that machines share does not take it.
        """

    def examine(self) -> Iterator[Observation] | None:
        """What can be said of the store that machines share; None where the accounts are this machine's own.

        Raises:
            StoreError: While it is gone through: something will not work, and what comes after it was not looked at.
        """

    def resume_connects(self, provider: str) -> None:
        """Make accounts of the provider's connects that were interrupted and that no process is at."""


class Exclusive(Protocol):
    """A `with` block that one process is in.

    Raises:
        Busy: On entering: another process has been in it for too long.
        HomeError: On entering: the lock file cannot be made.
        StoreError: On entering: a store that machines share cannot be asked.
    """

    has_waited: bool
    """Whether another process was in it when this one came."""

    def __enter__(self) -> Exclusive: ...
    def __exit__(self, *error: object) -> None: ...


class LockedAccount(Protocol):
    """One account that no other process changes. A method that is given the account is given its value as it is by now.

    `mark` and `commit` raise `HomeError` where the list cannot be written; what reads or writes a record raises
    `StoreError` where the store cannot be used, and `RecordMissing`.

    Raises:
        Busy: On entering: another process has held the account for too long.
        NoLocks: On entering: the disk knows no locks.
    """

    def __enter__(self) -> LockedAccount: ...
    def __exit__(self, *error: object) -> None: ...
    def acquire(self) -> None:
        """Enter, where a `with` block is too narrow."""

    def release(self) -> None:
        """Leave; nothing happens where the account is not locked."""

    def listed(self) -> Account | None:
        """The account as it is listed now."""

    def settle(self, account: Account) -> tuple[Account, Record]:
        """The account with its latest record, after a write that was interrupted has been completed."""

    def newest(self, account: Account) -> Record:
        """The latest record; nothing is completed."""

    def warm(self, account: Account) -> None:
        """Begin in the background what makes the account's store slow to write to."""

    def reserve(self, account: Account, record: Record) -> Reservation:
        """The place for the record that a refresh brings; raises `NotReserved`, or `RefreshUnderWay`."""

    def put(self, account: Account, record: Record, *, firmly: bool = False) -> tuple[Account, Record]:
        """Store a record beside the present one, for `commit`; `firmly` if it cannot be had again. Gives both."""

    def mark(self, account: Account) -> None:
        """Write the account into the list."""

    def commit(self, account: Account) -> None:
        """Write the account into the list, pointing at the record that was `put`, and delete the one before it."""

    def drop(self, account: Account) -> None:
        """Delete the record that this value of the account points at."""

    def take_back(self, account: Account) -> None:
        """Delete the records of the account's grant, but not those of an older grant."""

    def erase(self, account: Account) -> None:
        """Delete all records of the account, and see that they are gone."""

    def forget(self, account: Account, *, heir: Account | None = None) -> None:
        """Take the account out of the list; the account that it has become is the default in its place."""

    def forget_name(self, account: Account) -> None:
        """Let other accounts have the name of this earlier value of the account."""


class Reservation(Protocol):
    """The place for the record that a refresh brings, until the end of a `with` block."""

    left: tuple[Account, Record] | None
    """The account and the record of another process, which is newer than the present one; None mostly."""

    def __enter__(self) -> Reservation: ...
    def __exit__(self, *error: object) -> None: ...
    def check(self) -> None:
        """Stop, right before the provider is asked, where another may be asking by now; raises `ClaimLost`."""

    def commit(self, account: Account, record: Record) -> tuple[Account, Record]:
        """Store the record and list the account; gives both as stored. Where the store fails, the disk has the record.

        Raises:
            NotConnected: The account has been disconnected, or connected again.
            StoreError: The record is not in the store after several tries.
        """
