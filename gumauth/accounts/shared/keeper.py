"""The keeper of the accounts that several machines share. Promises T1 to T6.

Which accounts there are is looked up in this machine's copy of the list, and a token that is good is read from this
machine's cache: that costs what an account of one machine costs. The store is asked for what is new when the copy is a
minute old, for a token that is not in the cache, and for everything that changes something.
"""

from __future__ import annotations

from gumauth.accounts.list import is_any, no_suggestion, own_lock
from gumauth.accounts.shared.cache import BOUND
from gumauth.accounts.shared.replica import RECENT, Replica
from gumauth.accounts.shared.vouched_notes import edited, forget, is_vouched_for, vouch
from gumauth.errors import GumauthError, NotConnected, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from gumauth.accounts.account import Account
    from gumauth.accounts.interface import Observation, Suggest
    from gumauth.accounts.record import Record
    from gumauth.accounts.shared.entries import SharedStore
    from gumauth.accounts.shared.exclusive import SharedExclusive
    from gumauth.accounts.shared.locked import SharedLocked


class SharedAccounts(Replica):
    """`interface.Accounts` of a shared store."""

    is_shared = True

    @property
    def entries(self) -> SharedStore:
        """The store for client ids and secrets."""
        from gumauth.accounts.shared.entries import SharedStore

        return SharedStore(self.session)

    @property
    def spread(self) -> float:
        """Seconds by which this machine begins later than others to refresh ahead; infinite where it may not."""
        return self.state.spread if self.state.connects else float("inf")

    def find(self, reference: str, suggest: Suggest = no_suggestion) -> Account:
        """The account that a reference names."""
        account = self.look_up(reference, suggest)
        if account.state != "connecting":
            return account
        from gumauth.accounts.repair import resume

        return resume(self, account) or self.find(reference, suggest)

    def look_up(self, reference: str, suggest: Suggest = no_suggestion) -> Account:
        """The account that a reference names, as it is listed."""
        self.update(self.believed)
        is_unknown, account = False, None
        try:
            account = super().look_up(reference, no_suggestion)
        except NotConnected:
            is_unknown = True
        except UsageError:
            pass
        if account is not None and account.state == "ok" and not self.unreadable:
            return account
        is_unknown = is_unknown or bool(self.unreadable)  # what is damaged may be the account that is meant
        self._mend()
        self.update(RECENT)  # it may have been connected on another machine just now, or connected again
        if is_unknown:
            self.check_present()
        return super().look_up(reference, suggest)

    def _mend(self) -> None:
        """Have the copy made anew where a file of it is damaged."""
        if self.unreadable:
            self.unreadable.clear()
            self.outdate(whole=True)

    def update_now(self) -> None:
        """Bring the copy up to date; what this machine has and the store may not have is stored again."""
        super().update_now()
        keys, self._to_settle = self._to_settle, []
        for key in keys:
            self._store_again(key)

    def _store_again(self, key: str) -> None:
        account = self.known(key)
        if account is None:
            return
        try:
            with self.locked(account, to_refresh=True, patience=0.0) as locked:
                account, _ = locked.settle(account)
                is_stored = locked.held is not None
                if account.state == "reconnect":
                    locked.rescue_file(account).drop()  # it has no answer to the latest refresh: do not look again
        except GumauthError:
            return  # another process is at it; or the next refresh does it
        if is_stored:
            self.notify(f"The latest tokens of {account.label}, which this machine has kept, were stored again.")

    def get(self, provider: str, identity: str) -> Account | None:
        """The listed account with this id."""
        self.update(RECENT)
        return super().get(provider, identity)

    def all(self, provider: str | None = None, *, where: Callable[[str], bool] = is_any) -> Iterator[Account]:
        """The listed accounts."""
        self.update(RECENT)
        found = list(super().all(provider, where=where))
        if not self.unreadable:
            return iter(found)
        self._mend()
        self.update(RECENT)
        return super().all(provider, where=where)

    def at_hand(self, provider: str | None = None, *, where: Callable[[str], bool] = is_any) -> Iterator[Account]:
        """The listed accounts as the copy has them; the store is not asked."""
        return super().all(provider, where=where)

    def default(self, provider: str, accounts: Sequence[Account] | None = None) -> Account | None:
        """The account that the provider's name alone stands for."""
        self.update(RECENT)
        return super().default(provider, accounts)

    def set_default(self, account: Account) -> None:
        """Make an account the default account of its provider, for this role of the database."""
        self.engine.set_default(account.provider, account.id)
        super().set_default(account)

    def read(self, account: Account) -> Record:
        """The record of an account without its refresh token: this machine's, or else the store's."""
        return self.cache.get(account) or self.take(account)

    def locked(
        self, account: Account, *, to_end: bool = False, to_refresh: bool = False, patience: float | None = None
    ) -> SharedLocked:
        """The account, for a `with` block that writes it."""
        from gumauth.accounts.shared.locked import SharedLocked

        if not to_end:
            return SharedLocked(self, account.key, to_refresh=to_refresh, patience=patience)
        from gumauth.accounts.repair import resume

        return SharedLocked(self, account.key, before=lambda: resume(self, account))

    def confirm(self, account: Account) -> None:
        """Stop where somebody has edited what the list says of an account's source, issuer or grant."""
        if self.cache.get(account) is not None:
            return
        present, *_ = self._taken(account, whole=False)
        if any(getattr(present, name) != getattr(account, name) for name in BOUND):
            from gumauth.accounts.shared.sealed import edited as edited_row

            raise edited_row(account)

    def naming(self, provider: str) -> AbstractContextManager[object]:
        """A block in which only this process, on all machines, names accounts of the provider."""
        from gumauth.accounts.shared.locked import SharedLocked

        return SharedLocked(self, f"{provider}/connect", after=self.update_now)

    def exclusive(self, name: str, *, patience: float, what: str) -> SharedExclusive:
        """A block that only this process is in, of all machines."""
        from gumauth.accounts.shared.exclusive import SharedExclusive

        return SharedExclusive(self, name, own_lock(self.home, name, patience, what), patience=patience, what=what)

    def prepare(self, provider: str) -> None:
        """See to it that an account of the provider can be written."""
        self.check_folder(provider)
        self.update_now()
        self.session.keys.get(self.session.keys.newest, "refresh")

    def read_note(self, name: str) -> bytes | None:
        """The content of a note; None where there is none. Raises `StoreAway` where that cannot be known."""
        self.update(RECENT)
        content = super().read_note(name)
        if content is None:
            self.check_present()
        elif self.state.connects and not self._is_vouched_for(name, content):
            self.outdate(whole=True)  # it may have been written between the two questions, or its copy is damaged
            self.update_now()
            content = super().read_note(name)
            if content is not None and not self._is_vouched_for(name, content):
                raise edited(name)
        return content

    def _is_vouched_for(self, name: str, content: bytes) -> bool:
        return is_vouched_for(self.entries, name, content)

    def write_note(self, name: str, content: bytes | None) -> None:
        """Keep a file without secrets beside the accounts, on all machines; None removes it."""
        if content is None:
            self.engine.write_note(name, None)
            forget(self.entries, name)
        else:
            present = super().read_note(name)
            is_good = present is not None and self._is_vouched_for(name, present)
            vouch(self.entries, name, present if is_good else None, content)
            self.engine.write_note(name, content.decode())
        super().write_note(name, content)

    def examine(self) -> Iterator[Observation]:
        """What can be said of the store."""
        from gumauth.accounts.shared.examination import examine

        return examine(self, list(self.at_hand()))

    def resume_connects(self, provider: str) -> None:
        """Make accounts of the provider's interrupted connects."""
        from gumauth.accounts.repair import resume_all

        resume_all(self, provider)
