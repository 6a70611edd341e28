"""The account of a new grant, from before the tokens come until the account that they belong to is listed.

Killed at any moment, a usable credential is left (promises K1, K2, L3, Y7):

1. `begin` lists an account without a name as "connecting", before the request that brings tokens,
2. `save` stores the tokens as that account's, as soon as they are there,
3. `commit` stores and lists them as the account that they belong to, when it is known whose they are,
4. `discard` takes the account without a name away again.

`Accounts.find` and `resume_connects` make an account of what a killed process has left, or clear it away.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.record import Record
from gumauth.client import aliases
from gumauth.client.account_match import Decision, Login, decide, is_alive
from gumauth.client.connect.grant import Grant
from gumauth.client.context import Context
from gumauth.client.identity_request import UNASKED, Whose
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.errors import GumauthError, NotConnected, StoreError
from gumauth.platform.frozen import replace

if TYPE_CHECKING:
    from gumauth.accounts.interface import LockedAccount


class PendingAccount:
    """One new grant, and the account that it becomes.

    The lock of the account without a name is held from `begin` to `discard` or `release`: no other process takes that
    account for what an interrupted connect has left.

    Args:
        context: Folders, clock, environment.
        calls: The provider.
        scopes_chosen: Whether the person has chosen the scopes.
        grant_type: As the account remembers it.
    """

    account: Account
    """The account as it is listed; from `save` on."""
    grant: Grant
    login: Login

    def __init__(
        self, context: Context, calls: ProviderCalls, *, scopes_chosen: bool = False, grant_type: str | None = None
    ) -> None:
        self.context, self.calls, self._scopes_chosen = context, calls, scopes_chosen
        self.notices: list[str] = []
        self.decision = Decision()
        self.is_sure = True
        """Whether the provider, or the person, says that it is the same account as before."""
        self.replaced: tuple[Account, Record] | None = None
        """The account as it was before, with the tokens that the new ones have replaced."""
        grant = secrets.token_hex(8)
        self._blank = self._unnamed = Account(
            provider=calls.resolved.name,
            id=account_id(None, f"unknown {grant}"),
            refreshable=True,  # its record says whether there is something to refresh it with
            connected_at=context.clock(),
            state="connecting",
            store=context.store().name,
            grant=grant,
            source=calls.resolved.source,
            grant_type=grant_type,
            issuer=calls.resolved.issuer,
        )
        self._locked: LockedAccount = context.accounts.locked(self._unnamed)
        self._is_listed = self._has_record = self._is_committed = False
        self._latest: Record | None = None
        """The tokens as they are stored by now, where another process may have refreshed them."""

    def begin(self, requested: tuple[str, ...]) -> None:
        """List the account without a name, if it is not listed; where that fails, `commit` says why.

        Args:
            requested: Scopes asked for.
        """
        if self._is_listed:
            return
        self._unnamed = replace(self._unnamed, requested_scopes=requested, connected_at=self.context.clock())
        try:
            self._locked.acquire()
        except GumauthError:
            return
        self._is_listed = True
        try:
            self._locked.mark(self._unnamed)
        except GumauthError:
            self.discard()

    def save(self, grant: Grant) -> None:
        """Store the tokens before it is known whose they are; where that fails, `commit` says why."""
        self.grant = grant
        self.begin(grant.requested)
        self.account = self._as_account(UNASKED, self._unnamed.id)
        if not self._is_listed:
            return
        self._has_record = True
        try:
            self._unnamed, _ = self._locked.put(replace(self.account, state="connecting"), self.new_record())
            self._locked.mark(self._unnamed)
        except GumauthError:
            self.discard()

    def commit(self, grant: Grant, login: Login) -> None:
        """Store the tokens, compare what is read back, and list them as the account that they belong to.

        Args:
            grant: With the tokens.
            login: Whose they are, and what the person wants the account to be called.

        Raises:
            AccountConflict: The alias is another person's, or another account's nickname.
            StoreError: The store failed again and again; the older record is as it was.
            HomeError: The list cannot be written; the new record was taken out of the store again.
        """
        self.grant, self.login = grant, login
        accounts, provider = self.context.accounts, self._unnamed.provider
        with accounts.naming(provider):
            known = [account for account in accounts.all(provider) if account.grant != self._unnamed.grant]
            of_this_service = [account for account in known if self._is_of_this_service(account)]
            self.decision = decision = decide(login, known, of_this_service)
            self.is_sure = decision.is_sure
            account = replace(self._named_after(decision.old, decision.others), alias=decision.alias)
            called = None if decision.old is None else decision.old.name
            self.account = accounts.named(account, decision.others, called=called)
            with self._lock() as locked:
                self._store_and_list(locked)
            self._is_committed = True
            if decision.displaced is not None:
                try:
                    self.notices += self._give_alias(decision.displaced)
                except GumauthError as error:
                    name = decision.displaced.label
                    self.notices.append(f"{name} could not be taken from its account: {error.message}")

    def merge_into(self, old: Account) -> None:
        """Put the new tokens into an older account after all, in place of the account that was listed for them.

        Raises:
            NotConnected: One of the two is not there any more.
            StoreError: They could not be stored there; both accounts are as they were.
        """
        accounts = self.context.accounts
        with (
            accounts.naming(old.provider),
            accounts.locked(old) as locked,
            accounts.locked(self.account) as own_locked,
        ):
            current, own = locked.listed(), own_locked.listed()
            if current is None or own is None or (current.grant, own.grant) != (old.grant, self._unnamed.grant):
                raise NotConnected(f"{old.label} or {self.account.label} has changed meanwhile.")
            own, self._latest = own_locked.settle(own)
            # Killed from here on, the process leaves what any interrupted connect leaves.
            self._unnamed = replace(own, nickname=None, alias=None, identity=None, number=None, state="connecting")
            own_locked.mark(self._unnamed)
            self._is_committed = False
            try:
                others = [a for a in accounts.all(old.provider) if a.id not in (old.id, own.id)]
                account = replace(self._named_after(current, others), alias=current.alias)
                self.account = accounts.named(account, others, called=current.name)
                self._store_and_list(locked)
            except GumauthError:
                self.account = own
                own_locked.mark(own)
                raise
            self._is_committed = self._has_record = self.is_sure = True
            self._take_away(own_locked)

    def give_alias(self, displaced: Account | None = None) -> list[str]:
        """Give the connected account the alias that the person wants; gives what to tell the person of it.

        Args:
            displaced: The account that has the alias, and loses it; None where no account has it.

        Raises:
            GumauthError: The alias stays where it is.
        """
        with self.context.accounts.naming(self.account.provider):
            return self._give_alias(displaced)

    def discard(self) -> None:
        """Take the account without a name out of store and list, unless it has become the account itself."""
        try:
            if self._is_listed and not (self._is_committed and self._unnamed.id == self.account.id):
                self._take_away(self._locked)
        finally:
            self.release()

    def _take_away(self, locked: LockedAccount) -> None:
        with suppress(GumauthError):  # it is listed as "connecting", so that `resume_connects` clears it away
            if self._has_record:
                locked.erase(self._unnamed)
            locked.forget(self._unnamed, heir=self.account if self._is_committed else None)

    def release(self) -> None:
        """Release the lock of the account without a name; that account is as it is."""
        self._is_listed = False
        self._locked.release()

    @property
    def kept_refresh_token(self) -> bool:
        """Whether no refresh token came, and the one that the account has goes on. Promise I4."""
        return not self.grant.response.refresh_token and self._refresh_token() is not None

    def new_record(self) -> Record:
        """The record that the account has, or is to have."""
        older, refresh_token = None if self.replaced is None else self.replaced[1], self._refresh_token()
        if self._latest is not None:
            generation = 0 if older is None else older.generation
            return replace(self._latest, refresh_token=refresh_token, generation=generation)
        token_url = self.calls.traits.token_endpoint
        return self.grant.record(self.account, older, refresh_token=refresh_token, token_url=token_url)

    def _refresh_token(self) -> str | None:
        """The new one; else the account's older one, where the same client was given it and it is not dead.

        Some services give a refresh token at the first consent only.
        """
        new = self._latest.refresh_token if self._latest else self.grant.response.refresh_token
        if new or self.replaced is None:
            return new
        old, record = self.replaced
        traits = self.calls.traits
        same = record.client_id == self.grant.client_id and (
            record.token_url == traits.token_endpoint or record.token_url in traits.former_token_urls
        )
        return record.refresh_token if same and old.state == "ok" else None

    def _is_of_this_service(self, account: Account) -> bool:
        """Whether an account is of this service: two provider files of one name may speak of two services.

        A client's own account is none of a person's, whatever the two are called, and a key is neither's.
        """
        if account.is_key or account.grant_type != self._unnamed.grant_type:
            return False
        if account.source == self._unnamed.source:
            return True
        try:
            issued_by = self.context.accounts.read(account).token_url
        except StoreError:
            return True  # nothing is there that could be lost
        return self.calls.traits.takes_tokens_of(issued_by) or self.calls.traits.token_endpoint is None

    def _named_after(self, old: Account | None, others: Sequence[Account]) -> Account:
        """The account of the login: an older one with the new grant, or a new one under an id that is free."""
        whose, alias = self.login.whose, self.login.alias
        if old is not None:
            nickname = whose.nickname or (old.nickname if whose.identity and old.identity else None)
            return replace(self._as_account(whose, old.id), nickname=nickname, number=old.number)
        identifier = account_id(whose.nickname, alias, identity=whose.identity)
        is_taken = any(account.id == identifier for account in others)
        if is_taken or not (whose.is_known or alias):
            identifier = self._unnamed.id
        return self._as_account(whose, identifier)

    def _as_account(self, whose: Whose, identifier: str) -> Account:
        blank = replace(
            self._blank,
            id=identifier,
            nickname=whose.nickname,
            identity=whose.identity,
            scopes_chosen=self._scopes_chosen,
            connected_at=self.context.clock(),
            state="ok",
        )
        return self.grant.account(blank, self.calls.traits)

    def _lock(self) -> AbstractContextManager[LockedAccount]:
        """The account's lock, which is held already where the account without a name becomes the account itself."""
        is_held = self._is_listed and self._unnamed.id == self.account.id
        return nullcontext(self._locked) if is_held else self.context.accounts.locked(self.account)

    def _store_and_list(self, locked: LockedAccount) -> None:
        old = locked.listed()
        if old is not None and old.grant == self._unnamed.grant:
            self.account = replace(self.account, slot=old.slot, store=old.store, expires_at=old.expires_at)
            return locked.mark(self.account)
        if old is None:
            # Listed before its record is written: killed in between, the record is found by its grant.
            locked.mark(replace(self.account, state="connecting"))
        else:
            self._remember_replaced(locked, old)
        try:
            self.account, _ = locked.put(self.account, self.new_record(), firmly=True)
            locked.mark(self.account)
        except GumauthError:
            # Nothing is left of a grant that could not be kept; the older record and its place in the list stay.
            with suppress(StoreError):
                locked.take_back(self.account)
            if old is None:
                locked.forget(replace(self.account, state="connecting"))
            raise
        if self.replaced is not None:
            with suppress(StoreError):  # left behind, it belongs to another grant: it is never taken for this one's
                locked.drop(self.replaced[0])
        return None

    def _remember_replaced(self, locked: LockedAccount, old: Account) -> None:
        try:
            # Settled, because the free entry is the other one than that of the newest record.
            self.replaced = locked.settle(old)
            old = self.replaced[0]
        except StoreError:
            # Nothing can be ended with it, and the new record takes its place.
            if is_alive(old):
                self.notices.append(f"The older tokens of {old.label} cannot be read: their grant may live on there.")
        refreshable = self.account.refreshable or self._refresh_token() is not None
        self.account = replace(self.account, slot=old.slot, refreshable=refreshable)
        if self.kept_refresh_token:
            self.account = replace(self.account, refresh_expires_at=old.refresh_expires_at)

    def _give_alias(self, displaced: Account | None) -> list[str]:
        accounts = self.context.accounts
        now = None if displaced is None else aliases.take(accounts, displaced, to=self.account)
        with self._lock() as locked:
            self.account = aliases.give(accounts, locked, self.account, self.login.alias)
        if now is None or displaced is None:
            return []
        return [f"The account that was {displaced.label} is called {now.label} now."]
