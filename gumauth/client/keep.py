"""Keeping a new grant: into the store, into the list, and only then the end of the one that it replaces."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gumauth.accounts import Account, account_id
from gumauth.client.calls import Calls
from gumauth.client.grant import end_grant
from gumauth.client.binding import token_endpoint
from gumauth.client.locks import account_lock
from gumauth.context import Context
from gumauth.errors import AccountConflict, GumauthError, HomeError, StoreError
from gumauth.provider import TokenResponse
from gumauth.store.records import Record
from gumauth.token_response import scopes_of
from gumauth.values import replace

if TYPE_CHECKING:
    from gumauth.client.connect import ConnectRequest


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What the provider gave.

    Args:
        response: The tokens.
        client_id: The client in whose name it was asked.
        requested: Scopes asked for.
    """

    response: TokenResponse
    client_id: str | None
    requested: tuple[str, ...]


class Unknown:
    """In place of a nickname: the provider was asked whose account it is, and did not answer."""


Nickname = str | Unknown | None
"""None where the provider has no word for whose account it is."""


class Keeper:
    """Stores one new grant: at once under a name of its own, and under the person's when that is known.

    Args:
        context: Folders, clock, environment.
        request: For the alias and whether it may be taken over.
        calls: The provider, to end what is replaced.
        granted: What came.
    """

    def __init__(self, context: Context, request: ConnectRequest, calls: Calls, granted: Granted) -> None:
        self.context, self.request, self.calls, self.granted = context, request, calls, granted
        self.notices: list[str] = []
        self._grant = secrets.token_hex(8)
        self.account = self._account(None, f"unknown {self._grant}")
        self._held: Account | None = None
        self._net = account_lock(self.context, self.account.key)
        self._replaced: Record | None = None
        self._displaced: Account | None = None

    def _account(self, nickname: str | None, alias: str | None) -> Account:
        scope = self.granted.response.scope
        return Account(
            provider=self.request.found.name,
            id=account_id(nickname, alias),
            nickname=nickname,
            scopes=scopes_of(scope) if scope else self.granted.requested,
            requested_scopes=self.granted.requested,
            refreshable=bool(self.granted.response.refresh_token),
            connected_at=self.context.clock(),
            store=self.context.store().name,
            grant=self._grant,
            source=self.request.found.source,
        )

    def hold(self) -> None:
        """Store the tokens before it is known whose they are: killed now, they are found as an unnamed account.

        It is a net: where it tears, `keep` says why.
        """
        try:
            self._net.acquire()  # until it is let go: nobody takes it for the account of a connect that was cut short
        except GumauthError:
            return
        held = self._held = replace(self.account, state="connecting")
        try:
            self.context.accounts.save(held)
            records = self.context.records(held.store)
            self._held, _ = records.put(held, self._record())
            records.point(self._held)
        except GumauthError:
            self.let_go()

    def let_go(self) -> None:
        """Forget what was held, once it is stored under its person's name, or has to be given up."""
        held, self._held = self._held, None
        if held is None:
            return
        try:
            if not (self._kept and held.id == self.account.id):
                self.context.records(held.store).erase(held)
                self.context.accounts.forget(held)
        except GumauthError:
            pass  # it is marked as cut short, and `resume` clears it away
        finally:
            self.release()

    def release(self) -> None:
        """Let the lock of what is held go, and leave the rest: `resume` takes it up."""
        self._net.release()

    _kept = False

    def keep(self, nickname: Nickname) -> None:
        """Store, compare, list.

        Raises:
            AccountConflict: The alias is another person's.
            StoreError: The store failed again and again; the older record is as it was.
            HomeError: The list cannot be written; the new record was taken out of the store again.
        """
        alias = self.request.alias
        # An account whose owner could not be asked for must not take the place of another one.
        stands_for = f"unknown {self._grant}" if isinstance(nickname, Unknown) else None
        named = None if isinstance(nickname, Unknown) else nickname
        with account_lock(self.context, f"{self.request.found.name}/connect"):
            account = self._account(named, alias or stands_for)
            with self._lock_of(account):
                self.account = replace(account, alias=alias)
                self._check_alias()
                self._list()
            self._kept = True
            self._take_alias()
        self._say_default()

    def _lock_of(self, account: Account) -> AbstractContextManager[object]:
        """The account's lock, which is held already where it is the held one."""
        held = self._held is not None and self._held.id == account.id
        return nullcontext() if held else account_lock(self.context, account.key)

    def _list(self) -> None:
        old = self.context.accounts.get(self.account.provider, self.account.id)
        if old is not None and old.grant == self._grant:
            self.account = replace(old, state="ok")
            return self.context.accounts.save(self.account)
        if old is None:
            # Listed before its record is written: killed in between, the record is found by its grant.
            self.context.accounts.save(replace(self.account, state="connecting"))
        else:
            self._remember_replaced(old)
        try:
            self._store()
        except GumauthError:
            self._take_back(listed=old is None)
            raise
        return None

    def _take_back(self, *, listed: bool) -> None:
        """Leave nothing of a grant that could not be kept; the older record and its place in the list stay."""
        try:
            self.context.records(self.account.store).take_back(self.account)
        except StoreError:
            pass  # there is none, or it belongs to a grant that the list does not know
        if listed:
            self.context.accounts.forget(self.account)

    def _check_alias(self) -> None:
        if self.account.alias is None:
            return
        holder = self.context.accounts.with_alias(self.account.provider, self.account.alias)
        if holder is None or holder.id == self.account.id:
            return
        if not self.request.replace:
            raise AccountConflict(
                f"{holder.label} is the account of {holder.nickname or 'somebody else'},"
                f" and {self.account.nickname or 'another person'} has just consented.",
                hint="Choose another --as, or add --replace.",
            )
        self._displaced = holder

    def _take_alias(self) -> None:
        """Take the alias from whoever had it: each of their refreshes would lead it back to them."""
        if self._displaced is None:
            return
        try:
            with account_lock(self.context, self._displaced.key):
                holder = self.context.accounts.get(self._displaced.provider, self._displaced.id)
                if holder is not None and holder.alias == self.account.alias:
                    self.context.accounts.save(replace(holder, alias=None))
        except GumauthError as error:
            self.notices.append(f"{self._displaced.label} could not be taken from its account: {error.message}")

    def _remember_replaced(self, old: Account) -> None:
        try:
            # Settled, because the free entry is the other one than that of the newest record.
            old, self._replaced = self.context.records(old.store).settle(old)
            self._old = old
        except StoreError:
            pass  # unreadable: nothing to end, and the new record takes its place
        self.account = replace(self.account, alias=self.account.alias or old.alias, slot=old.slot)

    def _record(self) -> Record:
        response, now = self.granted.response, self.account.connected_at
        return Record(
            access_token=response.access_token,
            refresh_token=response.refresh_token,
            token_type=response.token_type,
            expires_at=None if response.expires_in is None else now + response.expires_in,
            obtained_at=now,
            generation=self._replaced.generation if self._replaced else 0,
            grant=self._grant,
            token_url=token_endpoint(self.calls),
            client_id=self.granted.client_id,
            account={},
        )

    def _store(self) -> None:
        records = self.context.records(self.account.store)
        self.account, _ = records.put_firmly(self.account, self._record())
        records.point(self.account)
        if self._replaced is not None:
            self._drop_replaced()

    def _drop_replaced(self) -> None:
        """Delete the older record; what it held is in memory still, to be ended at the provider."""
        try:
            self.context.records(self._old.store).drop(self._old)
        except StoreError:
            pass  # it belongs to another grant, so it is never taken for this one's

    def _say_default(self) -> None:
        try:
            chosen = self.context.accounts.default(self.account.provider)
        except HomeError:
            return  # another account's file: this one is stored and listed
        ours = {self.account.id, self._held.id if self._held else ""}
        if chosen is not None and chosen.id not in ours:
            self.notices.append(
                f"{chosen.label} stays the default; `gumauth default {self.account.argument}` changes that."
            )

    def end_replaced(self) -> None:
        """End the grant that the new one replaces.

        Raises:
            GumauthError: It could not be ended at the provider, and lives on there.
        """
        try:
            if self._displaced is not None:
                self._end_displaced(self._displaced)
        finally:
            self._end_own()

    def _end_displaced(self, displaced: Account) -> None:
        from gumauth.client.ending import disconnect_account

        ended = disconnect_account(self.context, displaced)
        if ended.error is not None:
            raise GumauthError(f"{ended.account.label} is still there: {ended.error.message}")

    def _end_own(self) -> None:
        if self._replaced is not None and not getattr(self.calls.provider, "revokes_whole_grant", False):
            end_grant(self.calls, self._replaced)


def give_up(calls: Calls, response: TokenResponse) -> bool:
    """End a new grant that could not be kept; whether the provider agreed."""
    record = Record(access_token=response.access_token, refresh_token=response.refresh_token, account={})
    try:
        end_grant(calls, record)
        return True
    except GumauthError:
        return False
