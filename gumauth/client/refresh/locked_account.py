"""One account with its lock held: read again, written, and noted."""

from __future__ import annotations

from gumauth.client.lookup import check_usable, connect_command
from gumauth.errors import HomeError, NotConnected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gumauth.accounts.account import Account
    from gumauth.accounts.records import Records
    from gumauth.client.account_lock import AccountLock
    from gumauth.client.context import Context


class LockedAccount:
    """An account while this process alone may change it, as it is listed once the lock is held.

    Args:
        context: Folders, clock, environment.
        account: As last read.
        lock: The account's, held.

    Raises:
        NotConnected: It is not listed any more.
        ReconnectNeeded: Only a new connect helps.
    """

    def __init__(self, context: Context, account: Account, lock: AccountLock) -> None:
        self.context, self.account, self.lock = context, account, lock
        self.account = current = self.still_there(of_any_grant=True)
        check_usable(context, current)
        self.records: Records = context.records(current.store)

    def still_there(self, *, of_any_grant: bool = False) -> Account:
        """The account as it is listed now.

        Raises:
            NotConnected: It has been disconnected, or connected again.
        """
        account = self.account
        current = self.context.accounts.get(account.provider, account.id)
        if current is None or not (of_any_grant or current.grant == account.grant):
            raise NotConnected(
                f"{account.label} has been disconnected.",
                command=connect_command(self.context, account),
                account=account.label,
            )
        return current

    def note(self, account: Account) -> None:
        """Write what is only a note in the list: losing it costs nothing."""
        try:
            self.context.accounts.save(account)
            self.account = account
        except HomeError:
            pass
