"""One account on this machine, with its lock held: its records, its place in the list, and a refresh's reservation."""

from __future__ import annotations

from gumauth.accounts.interface import NotReserved
from gumauth.accounts.lock import AccountLock
from gumauth.accounts.record import encode
from gumauth.accounts.records import Records
from gumauth.errors import Busy, HomeError, NotConnected, StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.accounts.account import Account
    from gumauth.accounts.list import AccountList
    from gumauth.accounts.record import Record


class LockedAccount(Records):
    """`interface.LockedAccount` on this machine.

    Args:
        accounts: The account files.
        key: Provider and id of the account.
        before: Called before the lock is taken.
        patience: Seconds to wait for another process; None for as long as it may take.
    """

    def __init__(
        self,
        accounts: AccountList,
        key: str,
        before: Callable[[], object] = lambda: None,
        patience: float | None = None,
    ) -> None:
        super().__init__(accounts)
        self.lock = AccountLock(accounts.home, key, patience)
        self.notify, self._key, self._before = accounts.notify, key, before

    def __enter__(self) -> LockedAccount:
        self.acquire()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Lock the account."""
        self._before()
        self.lock.acquire()

    def release(self) -> None:
        """Release the account."""
        self.lock.release()

    def listed(self) -> Account | None:
        """The account as it is listed now."""
        return self._accounts.get(*self._key.split("/"))

    def forget(self, account: Account, *, heir: Account | None = None) -> None:
        """Take the account out of the list."""
        self._accounts.forget(account, heir=heir)

    def forget_name(self, account: Account) -> None:
        """Let other accounts have a name that the account does not have any more."""
        self._accounts.forget_name(account)

    def reserve(self, account: Account, record: Record) -> Reservation:
        """The place for the record that a refresh brings."""
        return Reservation(self, account, record)


class Reservation:
    """`interface.Reservation` on this machine: a file that has room for the answer, and a store that takes a record.

    The answer is first written to disk, encrypted; then into the store, read back and compared; then the list points at
    it, and the record before it is deleted with the file on disk.

    Args:
        locked: The account's lock, held.
        account: The account.
        record: The account's present record.

    Raises:
        RefreshUnderWay: Another process has the file.
        NotReserved: There is no room on disk, or the store takes no record.
        StoreError: What a process that was killed has left cannot be put into the store.
    """

    def __init__(self, locked: LockedAccount, account: Account, record: Record) -> None:
        self._locked, self._account, self._record = locked, account, record
        self._file = locked.rescue_file(account)
        try:
            self._file.__enter__()
        except HomeError as error:
            raise NotReserved(error) from error
        try:
            self.left = self._left()
            if self.left is None:
                self._fill()
        except BaseException:
            self._file.__exit__()
            raise

    def _fill(self) -> None:
        try:
            self._file.fill(len(encode(self._record)))
            self._locked.prove(self._account, self._record)
        except (HomeError, StoreError) as error:
            raise NotReserved(error) from error

    def _left(self) -> tuple[Account, Record] | None:
        """What a process that was killed has left in this file, perhaps since this process has read the record."""
        if not self._file.is_used:
            return None
        account, record = self._locked.settle(self._account)
        return None if record.generation == self._record.generation else (account, record)

    def __enter__(self) -> Reservation:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.__exit__()

    def check(self) -> None:
        """Nothing: on one machine, the lock of a process that was stopped is held all the same."""

    def commit(self, account: Account, record: Record) -> tuple[Account, Record]:
        """Store the record that a refresh brought, and list the account."""
        locked = self._locked
        is_rescued = locked.rescue(account, self._record, record, self._file)
        try:
            if locked.lock.take_again():
                self._check_listed()
            account, record = locked.put(account, record, firmly=True)
        except (StoreError, Busy, HomeError):
            if is_rescued:
                locked.notify("The new tokens are kept, encrypted, until the store answers again.")
            raise
        try:
            locked.commit(account)
        except HomeError as error:
            # The record is complete and is found by its generation; only the list is behind.
            locked.notify(f"The new token is stored, but the list could not be written: {error.message}")
        return account, record

    def _check_listed(self) -> None:
        current = self._locked.listed()
        if current is None or current.grant != self._account.grant:
            raise NotConnected(f"{self._account.label} has been disconnected.")
