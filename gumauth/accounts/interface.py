"""What every keeper of accounts does: the one of this machine (`local`), and those that machines share.

The rules in `client/` ask a keeper of accounts, and know neither account files nor records' entries, locks or repairs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Protocol

    from gumauth.accounts.account import Account
    from gumauth.accounts.record import Record
    from gumauth.errors import GumauthError, HomeError, StoreError

    Suggest = Callable[[GumauthError, Sequence[Account]], Account]
else:
    Protocol = object  # `typing` takes three milliseconds, and a refresh imports this module


class RefreshUnderWay(Exception):
    """Another process is refreshing the account, and does not hold the lock that this process holds."""

    def wait(self) -> None:
        """Wait until the other process has stored its answer; call this without the account's lock.

        Raises:
            Busy: The other process takes too long.
        """
        raise NotImplementedError


class NotReserved(Exception):
    """There is no place for the record that a refresh would bring, so the provider must not be asked.

    Args:
        error: Why.
    """

    def __init__(self, error: HomeError | StoreError) -> None:
        super().__init__(error.message)
        self.error = error


class Accounts(Protocol):
    """Connected accounts with their records.

    Attributes:
        unreadable: Provider and id of each account that was met and cannot be understood.
        passed_over: Sentences about what else could not be read, and was not needed.
    """

    unreadable: list[tuple[str, str]]
    passed_over: list[str]

    def find(self, reference: str, suggest: Suggest = ...) -> Account:
        """The account that a reference names, repaired first where it was damaged or its connect was interrupted.

        Args:
            reference: PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME, as a person wrote it.
            suggest: Called where the reference names no account, with the error to raise and the accounts of the
                provider; gives an account, or raises.

        Raises:
            UsageError: The reference cannot name an account.
            AmbiguousAccount: The reference could name several accounts, or the default account has left.
            NotConnected: There is no such account.
            Busy: Another process holds the lock of an account that has to be repaired.
            StoreError: The account has to be repaired, and the store cannot be asked.
        """

    def look_up(self, reference: str, suggest: Suggest = ...) -> Account:
        """`find` without repairing and without asking a store: the account as it is listed."""

    def get(self, provider: str, identity: str) -> Account | None:
        """The listed account with this id; None where there is none, or where it cannot be understood."""

    def all(self, provider: str | None = None, *, where: Callable[[str], bool] = ...) -> Iterator[Account]:
        """The listed accounts of one provider, or of all providers for which `where` is true, the oldest first."""

    def default(self, provider: str, accounts: Sequence[Account] | None = None) -> Account | None:
        """The account that the provider's name alone stands for; `accounts` are those of the provider, if known."""

    def default_keys(self, accounts: Sequence[Account], *, all_read: bool = False) -> set[str]:
        """The keys of those of the accounts that are default accounts; `all_read` if no account is missing."""

    def set_default(self, account: Account) -> None:
        """Make an account the default account of its provider."""

    def named(self, account: Account, others: Sequence[Account] | None = None, *, called: str | None = None) -> Account:
        """The account with a number where its nickname names another account; `called` is its present name."""

    def read(self, account: Account) -> Record:
        """The record of an account, without its lock.

        Raises:
            RecordMissing: There is none.
            StoreError: The store cannot be asked.
        """

    def locked(self, account: Account, *, to_end: bool = False) -> LockedAccount:
        """The account for the length of a `with` block in which no other process changes it.

        Args:
            account: As last read.
            to_end: Whether the grant is to be ended. What an interrupted connect has left of the same grant is joined
                to the account first.
        """

    def naming(self, provider: str) -> AbstractContextManager[object]:
        """A block in which no other process gives a name to an account of the provider. Enter it before `locked`."""

    def prepare(self, provider: str) -> None:
        """See to it that an account of the provider can be written; damaged ones are repaired.

        Raises:
            HomeError: It cannot be written.
        """

    def prove_locks(self) -> None:
        """See to it that accounts can be locked.

        Raises:
            NoLocks: The disk knows no locks.
            HomeError: There can be no lock file.
        """

    def resume_connects(self, provider: str) -> None:
        """Make accounts of the provider's connects that were interrupted; those that another process is at, wait."""


class LockedAccount(Protocol):
    """One account while no other process changes it. Writing an account needs one of these.

    Raises:
        Busy: On entering: another process has held the account for too long.
        NoLocks: On entering: the disk knows no locks.
        HomeError: On entering: the account cannot be locked.
    """

    def __enter__(self) -> LockedAccount:
        """Lock the account."""

    def __exit__(self, *error: object) -> None:
        """Release the account."""

    def acquire(self) -> None:
        """Lock the account, where a `with` block is too narrow; see `release`."""

    def release(self) -> None:
        """Release the account; nothing happens where it is not locked."""

    def listed(self) -> Account | None:
        """The account as it is listed now; None where it is not listed any more."""

    def settle(self, account: Account) -> tuple[Account, Record]:
        """The account with its latest record, after a write that was interrupted is completed.

        Raises:
            RecordMissing: There is no record.
            StoreError: The store cannot be asked, or an answer that was kept on disk cannot be put into it.
        """

    def newest(self, account: Account) -> Record:
        """The latest record; nothing is completed. Raises as `settle`."""

    def warm(self, account: Account) -> None:
        """Begin in the background what makes the account's store slow to write to."""

    def reserve(self, account: Account, record: Record) -> Reservation:
        """The place for the record that a refresh brings, held until the end of a `with` block.

        Raises:
            RefreshUnderWay: Another process has the place.
            NotReserved: There is no room on disk, or the store takes no record.
            StoreError: What a process that was killed has left cannot be put into the store.
        """

    def put(self, account: Account, record: Record) -> tuple[Account, Record]:
        """Store a record beside the present one; `commit` makes the account point at it. Gives both as stored.

        Raises:
            StoreError: The record is not stored; the present one is untouched.
        """

    def put_firmly(self, account: Account, record: Record) -> tuple[Account, Record]:
        """`put` for a record that cannot be had again: storing is tried more than once."""

    def mark(self, account: Account) -> None:
        """Write the account into the list; its record stays as it is.

        Raises:
            HomeError: The list cannot be written.
        """

    def commit(self, account: Account) -> None:
        """Write the account with the record that was `put` into the list, and delete the record before it.

        Raises:
            HomeError: The list cannot be written. The record is found all the same.
        """

    def drop(self, account: Account) -> None:
        """Delete the record that this value of the account points at."""

    def take_back(self, account: Account) -> None:
        """Delete the records of the account's grant; the record of an older grant stays."""

    def erase(self, account: Account) -> None:
        """Delete all records of the account.

        Raises:
            StoreError: A record is still there.
        """

    def forget(self, account: Account, *, heir: Account | None = None) -> None:
        """Take the account out of the list; `heir` is the account that it has become, and the default in its place."""

    def forget_name(self, account: Account) -> None:
        """Let other accounts have the name of this value of the account, from which it was renamed."""


class Reservation(Protocol):
    """The place for the record that a refresh brings. Promise K13.

    Attributes:
        left: The account and the record of a process that was killed after its refresh; None mostly.
    """

    left: tuple[Account, Record] | None

    def __enter__(self) -> Reservation:
        """The reservation itself; it holds from `reserve` on."""

    def __exit__(self, *error: object) -> None:
        """Give the place up."""

    def commit(self, account: Account, record: Record) -> tuple[Account, Record]:
        """Store the record that a refresh brought, and list the account. Gives both as stored.

        Raises:
            NotConnected: The account has been disconnected, or connected again.
            StoreError: The record is not in the store after several tries; where possible it is on disk, encrypted.
        """
