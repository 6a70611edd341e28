"""The account of a connect whose person is not known yet: it keeps the tokens from the moment at which they come."""

from __future__ import annotations

import secrets

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.record import Record
from gumauth.client.account_lock import account_lock
from gumauth.client.context import Context
from gumauth.errors import GumauthError
from gumauth.platform.frozen import replace
from gumauth.registry.resolved import ResolvedProvider


class PendingAccount:
    """An account without a name, listed as "connecting" before the code is exchanged.

    A process that is killed later leaves it, with the tokens where they had come, and `resume` makes an account of it.
    Its lock is held until it is released: nobody takes it for the account of a connect that was cut short.

    Args:
        context: Folders, clock, environment.
        resolved: The provider.
    """

    def __init__(self, context: Context, resolved: ResolvedProvider) -> None:
        self._context = context
        self.grant = secrets.token_hex(8)
        self._account = Account(
            provider=resolved.name,
            id=account_id(None, f"unknown {self.grant}"),
            refreshable=True,  # its record says whether there is something to refresh it with
            connected_at=context.clock(),
            state="connecting",
            store=context.store().name,
            grant=self.grant,
            source=resolved.source,
        )
        self._lock = account_lock(context, self._account.key)
        self._has_record = False
        self.is_listed = False
        """Whether the account is in the list, and its lock is held."""

    @property
    def id(self) -> str:
        """The account's id."""
        return self._account.id

    def begin(self, requested: tuple[str, ...]) -> None:
        """Put the account into the list, if it is not there; where that fails, storing the grant says why.

        Args:
            requested: Scopes asked for.
        """
        if self.is_listed:
            return
        self._account = replace(self._account, requested_scopes=requested, connected_at=self._context.clock())
        try:
            self._lock.acquire()
        except GumauthError:
            return
        self.is_listed = True
        try:
            self._context.accounts.save(self._account)
        except GumauthError:
            self.discard()

    def keep(self, account: Account, record: Record) -> None:
        """Write the tokens into the store.

        Args:
            account: What is known of the account by now.
            record: With the tokens.
        """
        if not self.is_listed:
            return
        self._has_record = True
        try:
            records = self._context.records(self._account.store)
            self._account, _ = records.put(replace(account, state="connecting"), record)
            records.mark(self._account)
        except GumauthError:
            self.discard()

    def take_up(self, account: Account) -> None:
        """Make a listed account of this connect a pending one, until it is discarded: another is to have its tokens.

        Killed meanwhile, it is what a connect that was cut short leaves. To be called with its lock held.

        Raises:
            HomeError: The list cannot be written.
        """
        self._account = replace(account, nickname=None, alias=None, identity=None, number=None, state="connecting")
        self._context.accounts.save(self._account)
        self.is_listed = self._has_record = True

    def discard(self, heir: Account | None = None) -> None:
        """Take the account out of store and list: its tokens are kept as another one's, or there are none to keep.

        Args:
            heir: The account that it has become.
        """
        if not self.is_listed:
            return
        try:
            if self._has_record:
                self._context.records(self._account.store).erase(self._account)
            self._context.accounts.forget(self._account, heir=heir)
        except GumauthError:
            pass  # it is marked as cut short, and `resume` clears it away
        finally:
            self.release()

    def release(self) -> None:
        """Let its lock go and leave the rest: it has a name by now, or `resume` takes it up."""
        self.is_listed = False
        self._lock.release()
