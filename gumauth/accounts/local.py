"""The keeper of accounts on this machine: account files, records in stores, locks, and the repair of all three."""

from __future__ import annotations

from gumauth.accounts.list import AccountList, no_suggestion
from gumauth.errors import NotConnected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import Suggest
    from gumauth.accounts.lock import AccountLock
    from gumauth.accounts.locked import LockedAccount
    from gumauth.accounts.record import Record
    from gumauth.accounts.repair import Repair
    from gumauth.platform.folders import Home
    from gumauth.store.interface import Store


class LocalAccounts(AccountList):
    """`interface.Accounts` on this machine.

    Looking an account up needs the account files only; records, locks and repair are imported when they are needed.

    Args:
        home: The folders.
        store: Gives the store of a name; for None, the store for new accounts.
        notify: Takes one sentence for the person.
    """

    def __init__(self, home: Home, store: Callable[[str | None], Store], notify: Callable[[str], None]) -> None:
        super().__init__(home)
        self._store, self._notify = store, notify

    def find(self, reference: str, suggest: Suggest = no_suggestion) -> Account:
        """The account that a reference names, repaired first where that is needed."""
        account = self._readable(reference, suggest)
        if account.state != "connecting":
            return account
        return self._repair().resume(account) or self.find(reference, suggest)

    def _readable(self, reference: str, suggest: Suggest) -> Account:
        try:
            account = self.look_up(reference, suggest)
        except NotConnected:
            if not self.unreadable:
                raise
        else:
            if not self.unreadable:
                return account
        self._repair().write_again()
        return self.look_up(reference, suggest)

    def read(self, account: Account) -> Record:
        """The record of an account, without its lock."""
        from gumauth.accounts.records import Records

        return Records(self._store, self).read(account)

    def locked(self, account: Account, *, to_end: bool = False) -> LockedAccount:
        """The account for the length of a `with` block in which no other process changes it."""
        from gumauth.accounts.locked import LockedAccount

        if not to_end:
            return LockedAccount(self, self._store, self._notify, account.key)
        return LockedAccount(self, self._store, self._notify, account.key, lambda: self._repair().resume(account))

    def naming(self, provider: str) -> AccountLock:
        """A block in which no other process gives a name to an account of the provider."""
        from gumauth.accounts.lock import AccountLock

        return AccountLock(self.home, f"{provider}/connect")

    def prepare(self, provider: str) -> None:
        """See to it that an account of the provider can be written; damaged ones are repaired."""
        self.check_folder(provider)
        for _ in self.all(provider):
            pass
        if self.unreadable:
            # A connect that wrote over a damaged file would leave the grant of that account behind.
            self._repair().write_again()

    def prove_locks(self) -> None:
        """See to it that accounts can be locked."""
        from gumauth.accounts.lock import prove_locks

        prove_locks(self.home)

    def resume_connects(self, provider: str) -> None:
        """Make accounts of the provider's interrupted connects."""
        self._repair().resume_all(provider)

    def _repair(self) -> Repair:
        from gumauth.accounts.repair import Repair

        return Repair(self, self._store, self._notify)
