"""The keeper of accounts on this machine: account files, records in stores, locks, and the repair of all three."""

from __future__ import annotations

from gumauth.accounts.list import AccountList, is_any, no_suggestion, own_lock
from gumauth.errors import NotConnected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import Suggest
    from gumauth.accounts.lock import AccountLock
    from gumauth.accounts.locked import LockedAccount
    from gumauth.accounts.record import Record
    from gumauth.platform.lock import Lock


class LocalAccounts(AccountList):
    """`interface.Accounts` on this machine.

    Looking an account up needs the account files only: records, locks and repair are imported when they are needed.
    """

    is_shared = False

    def find(self, reference: str, suggest: Suggest = no_suggestion) -> Account:
        """The account that a reference names, repaired first where that is needed."""
        try:
            account = self._readable(reference, suggest)
        finally:
            self.say_passed_over()
        if account.state != "connecting":
            return account
        from gumauth.accounts.repair import resume

        return resume(self, account) or self.find(reference, suggest)

    def _readable(self, reference: str, suggest: Suggest) -> Account:
        try:
            account = self.look_up(reference, suggest)
        except NotConnected:
            if not self.unreadable:
                raise
        else:
            if not self.unreadable:
                return account
        from gumauth.accounts.repair import write_again

        write_again(self)
        return self.look_up(reference, suggest)

    def at_hand(self, provider: str | None = None, *, where: Callable[[str], bool] = is_any) -> Iterator[Account]:
        """The listed accounts."""
        return self.all(provider, where=where)

    def read(self, account: Account) -> Record:
        """The record of an account, without its lock."""
        from gumauth.accounts.records import Records

        return Records(self).read(account)

    spread = 0.0

    def locked(
        self,
        account: Account,
        *,
        to_end: bool = False,
        to_refresh: bool = False,  # noqa: ARG002 - it is locked in the same way
        patience: float | None = None,
    ) -> LockedAccount:
        """The account, for a `with` block that writes it."""
        from gumauth.accounts.locked import LockedAccount

        if not to_end:
            return LockedAccount(self, account.key, patience=patience)
        from gumauth.accounts.repair import resume

        return LockedAccount(self, account.key, before=lambda: resume(self, account))

    def confirm(self, account: Account) -> None:
        """Nothing: who can write the list of one machine is its person."""

    def naming(self, provider: str) -> AccountLock:
        """A block in which only this process names accounts of the provider."""
        from gumauth.accounts.lock import AccountLock

        return AccountLock(self.home, f"{provider}/connect")

    def exclusive(self, name: str, *, patience: float, what: str) -> Lock:
        """A block that only this process is in."""
        return own_lock(self.home, name, patience, what)

    def prepare(self, provider: str) -> None:
        """See to it that an account of the provider can be written; damaged ones are repaired."""
        self.check_folder(provider)
        for _ in self.all(provider):
            pass
        if self.unreadable:
            from gumauth.accounts.repair import write_again

            # A connect that wrote over a damaged file would leave the grant of that account behind.
            write_again(self)

    def examine(self) -> None:
        """The accounts are this machine's own."""

    def resume_connects(self, provider: str) -> None:
        """Make accounts of the provider's interrupted connects."""
        from gumauth.accounts.repair import resume_all

        resume_all(self, provider)
