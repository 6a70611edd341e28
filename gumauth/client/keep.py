"""Keeping a new grant: into the store, into the list, and only then the end of the one that it replaces."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gumauth.accounts import Account, account_id
from gumauth.client.calls import Calls
from gumauth.client.grant import end_grant
from gumauth.client.identity import token_endpoint
from gumauth.client.locks import account_lock
from gumauth.context import Context
from gumauth.errors import AccountConflict, GumauthError, StoreError
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
        nickname: Whose account it is; None where the provider has no word for it; another object where it was asked
            and did not answer.
        client_id: The client in whose name it was asked.
        requested: Scopes asked for.
    """

    response: TokenResponse
    nickname: Any
    client_id: str | None
    requested: tuple[str, ...]


class Keeper:
    """Stores one new grant.

    Args:
        context: Folders, clock, environment.
        request: For the alias and whether it may be taken over.
        calls: The provider, to end what is replaced.
        granted: What came.
    """

    def __init__(self, context: Context, request: ConnectRequest, calls: Calls, granted: Granted) -> None:
        self.context, self.request, self.calls, self.granted = context, request, calls, granted
        self.notices: list[str] = []
        self.account = self._account()
        self._replaced: Record | None = None
        self._displaced: Account | None = None

    def _account(self) -> Account:
        nickname = self.granted.nickname if isinstance(self.granted.nickname, str) else None
        grant, alias = secrets.token_hex(8), self.request.alias
        unknown = nickname is None and self.granted.nickname is not None
        # An account whose owner could not be asked for must not take the place of another one.
        identity = account_id(nickname, alias or (f"unknown {grant}" if unknown else None))
        scope, now = self.granted.response.scope, self.context.clock()
        return Account(
            provider=self.request.found.name,
            id=identity,
            nickname=nickname,
            alias=alias,
            scopes=scopes_of(scope) if scope else self.granted.requested,
            requested_scopes=self.granted.requested,
            refreshable=bool(self.granted.response.refresh_token),
            connected_at=now,
            store=self.context.store().name,
            grant=grant,
            source=self.request.found.source,
        )

    def keep(self) -> None:
        """Store, compare, list.

        Raises:
            AccountConflict: The alias is another person's.
            StoreError: The store failed again and again; the older record is as it was.
            HomeError: The list cannot be written; the new record was taken out of the store again.
        """
        with account_lock(self.context, self.account.key):
            self._check_alias()
            old = self.context.accounts.get(self.account.provider, self.account.id)
            if old is None:
                # Listed before its record is written: killed in between, the record is found by its grant.
                self.context.accounts.save(replace(self.account, state="connecting"))
            else:
                self._remember_replaced(old)
            try:
                self._store()
            except GumauthError:
                if old is None:
                    self.context.accounts.forget(self.account)
                raise
        self._say_default()

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

    def _remember_replaced(self, old: Account) -> None:
        same_store = old.store == self.account.store
        self.account = replace(
            self.account,
            alias=self.account.alias or old.alias,
            slot=old.slot if same_store else self.account.slot,
        )
        try:
            self._replaced = self.context.records(old.store).newest(old)
            self._old = old
        except StoreError:
            self._replaced = None  # unreadable: nothing to end, and the new record takes its place

    def _store(self) -> None:
        response, now = self.granted.response, self.context.clock()
        record = Record(
            access_token=response.access_token,
            refresh_token=response.refresh_token,
            token_type=response.token_type,
            expires_at=None if response.expires_in is None else now + response.expires_in,
            obtained_at=now,
            generation=self._replaced.generation if self._replaced else 0,
            grant=self.account.grant,
            token_url=token_endpoint(self.calls),
            client_id=self.granted.client_id,
            account={},
        )
        records = self.context.records(self.account.store)
        self.account, record = records.put_firmly(self.account, record)
        try:
            records.point(self.account)
        except GumauthError:
            records.drop(self.account)
            raise

    def _say_default(self) -> None:
        chosen = self.context.accounts.default(self.account.provider)
        if chosen is not None and chosen.id != self.account.id:
            self.notices.append(
                f"{chosen.label} stays the default; `gumauth default {self.account.label}` changes that."
            )

    def end_replaced(self) -> None:
        """End the grant that the new one replaces, and delete its record.

        Raises:
            GumauthError: It could not be ended at the provider, and lives on there.
        """
        if self._displaced is not None:
            from gumauth.client.ending import disconnect

            disconnect(self.context, f"{self._displaced.provider}/{self._displaced.id}")
            self.context.accounts.save(self.account)
        if self._replaced is None:
            return
        try:
            if not getattr(self.calls.provider, "revokes_whole_grant", False):
                end_grant(self.calls, self._replaced)
        finally:
            self._drop_replaced()

    def _drop_replaced(self) -> None:
        if self._old.store == self.account.store:
            self.context.records(self.account.store).drop_other(self.account)
        else:
            self.context.records(self._old.store).drop(self._old)


def give_up(calls: Calls, response: TokenResponse) -> bool:
    """End a new grant that could not be kept; whether the provider agreed."""
    record = Record(access_token=response.access_token, refresh_token=response.refresh_token, account={})
    try:
        end_grant(calls, record)
        return True
    except GumauthError:
        return False
