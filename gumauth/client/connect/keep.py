"""Keeping a new grant: into the store and into the list, as the account that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gumauth.accounts.account import Account, account_id
from gumauth.accounts.record import Record
from gumauth.accounts.references import holder
from gumauth.client.account_lock import account_lock
from gumauth.client.account_match import Login, Match, could_share, is_alive, match, may_be_alive
from gumauth.client.connect.grant import Grant
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.context import Context
from gumauth.client.identity_request import UNASKED, Whose
from gumauth.client.provider_calls.calls import ProviderCalls
from gumauth.client.refresh.expiry import lifetime
from gumauth.client.revoke_request import end_grant
from gumauth.client.scopes import missing
from gumauth.errors import AccountConflict, GumauthError, HomeError, NotConnected, StoreError
from gumauth.oauth2.token_response import scopes_of
from gumauth.platform.frozen import replace

if TYPE_CHECKING:
    from gumauth.client.connect.connect_request import ConnectRequest


class Keeper:
    """Stores one new grant: at once under a name of its own, and as its account when it is known whose it is.

    Args:
        context: Folders, clock, environment.
        request: For the alias and whether it may be taken over.
        calls: The provider, to end what is replaced.
        granted: What came.
        pending: The account that was listed for it before it came.
        attended: Whether the person can be asked afterwards. What is not sure is left as it is until then.
    """

    def __init__(
        self,
        context: Context,
        request: ConnectRequest,
        calls: ProviderCalls,
        granted: Grant,
        *,
        pending: PendingAccount | None = None,
        attended: bool = False,
    ) -> None:
        self.context, self.request, self.calls, self.granted = context, request, calls, granted
        self.attended = attended
        self.notices: list[str] = []
        self.whose = UNASKED
        self._pending = pending or PendingAccount(context, request.resolved)
        self._grant = self._pending.grant
        self.account = self._account(UNASKED, self._pending.id)
        self.replaced: tuple[Account, Record] | None = None
        """The account as it was before, with the tokens that the new ones have replaced."""
        self.presumed: Account | None = None
        """The account that this may be again, which only the person can tell."""
        self.is_sure = True
        """Whether the provider, or the person, says that it is the same account as before."""
        self.wanted_from: Account | None = None
        """The account that has the alias which was asked for, while the person has not decided."""
        self.renamed_from: Account | None = None
        """The same account under the alias that it had, while the person has not decided on the new one."""
        self._displaced: Account | None = None
        self._latest: Record | None = None
        """The tokens as they are stored by now, where another process may have refreshed them."""

    def _account(self, whose: Whose, identifier: str) -> Account:
        granted, requested = scopes_of(self.granted.response.scope), self.granted.requested
        return Account(
            provider=self.request.resolved.name,
            id=identifier,
            nickname=whose.nickname,
            identity=whose.identity,
            scopes=granted or requested,
            requested_scopes=requested,
            missing_scopes=missing(requested, granted, self.calls.traits),
            scopes_chosen=bool(self.request.scopes),
            refresh_expires_at=self.granted.refresh_expires_at,
            refreshable=bool(self.granted.response.refresh_token),
            connected_at=self.context.clock(),
            store=self.context.store().name,
            grant=self._grant,
            source=self.request.resolved.source,
        )

    def hold(self) -> None:
        """Store the tokens before it is known whose they are: killed now, they are found as an unnamed account.

        It is a net: where it tears, `keep` says why.
        """
        self._pending.begin(self.granted.requested)
        self._pending.keep(self.account, self._record())

    def let_go(self) -> None:
        """Forget what was held, once it is stored under its person's name, or has to be given up."""
        if self._kept and self._pending.id == self.account.id:
            self.release()
        else:
            self._pending.discard(self.account if self._kept else None)

    def release(self) -> None:
        """Let the lock of what is held go, and leave the rest: `resume` takes it up."""
        self._pending.release()

    _kept = False

    def keep(self, whose: Whose) -> None:
        """Store, compare, list.

        Raises:
            AccountConflict: The alias is another person's, or another account's nickname.
            StoreError: The store failed again and again; the older record is as it was.
            HomeError: The list cannot be written; the new record was taken out of the store again.
        """
        self.whose = whose
        with account_lock(self.context, f"{self.request.resolved.name}/connect"):
            old, others = self._decide()
            with self._lock_of(self.account):
                self._list()
            self._kept = True
            self._take_alias()
        self._say(old, others)

    def become(self, old: Account) -> None:
        """Put the new tokens into an older account after all, in place of the one that was made for them.

        Raises:
            NotConnected: One of the two is not there any more.
            StoreError: They could not be stored there; both accounts are as they were.
        """
        accounts, provider = self.context.accounts, old.provider
        with (
            account_lock(self.context, f"{provider}/connect"),
            account_lock(self.context, old.key),
            account_lock(self.context, self.account.key),
        ):
            current, own = accounts.get(provider, old.id), accounts.get(provider, self.account.id)
            if current is None or own is None or (current.grant, own.grant) != (old.grant, self._grant):
                raise NotConnected(f"{old.label} or {self.account.label} has changed meanwhile.")
            own, self._latest = self.context.records(own.store).settle(own)
            self._pending.take_up(own)
            self._kept = False
            try:
                self._put_into(current)
            except GumauthError:
                self.account = own
                self._pending.release()
                accounts.save(own)
                raise
            self._kept = self.is_sure = True
            self.let_go()

    def _put_into(self, old: Account) -> None:
        others = [a for a in self.context.accounts.all(old.provider) if a.id not in (old.id, self.account.id)]
        account = replace(self._named_after(old, others), alias=old.alias, expires_at=self.account.expires_at)
        self.account = self.context.accounts.named(account, others, called=old.name)
        self._list()

    def _decide(self) -> tuple[Account | None, list[Account]]:
        """Which account it is and what it is called; gives the account as it was before, and all others."""
        accounts = [a for a in self.context.accounts.all(self.account.provider) if a.grant != self._grant]
        login = Login(
            whose=self.whose,
            alias=self.request.alias,
            source=self.request.resolved.source,
            has_refresh_token=bool(self.granted.response.refresh_token),
        )
        found = match(login, [account for account in accounts if self._is_of_this_service(account)])
        if found.account is not None and found.presumed and self.attended and _could_lose(found.account):
            self.presumed, found = found.account, Match()
        old, self.is_sure = found.account, not found.presumed
        others = [account for account in accounts if old is None or account.id != old.id]
        account = replace(self._named_after(old, others), alias=self._alias(old, others))
        self.account = self.context.accounts.named(account, others, called=None if old is None else old.name)
        return old, others

    def _is_of_this_service(self, account: Account) -> bool:
        """Whether an account is of this service: two provider files of one name may speak of two services."""
        if account.source == self.request.resolved.source:
            return True
        try:
            issued_by = self.context.records(account.store).read(account).token_url
        except StoreError:
            return True  # nothing is there that could be lost
        return issued_by in (None, self.calls.traits.token_endpoint) or self.calls.traits.token_endpoint is None

    def _named_after(self, old: Account | None, others: Sequence[Account]) -> Account:
        whose = self.whose
        if old is not None:
            account = self._account(whose, old.id)
            nickname = whose.nickname or (old.nickname if whose.identity and old.identity else None)
            return replace(account, nickname=nickname, number=old.number)
        alias = self.request.alias
        identifier = account_id(whose.nickname, alias, identity=whose.identity)
        is_taken = any(account.id == identifier for account in others)
        if is_taken or not (whose.is_known or alias):
            identifier = account_id(None, f"unknown {self._grant}")
        return self._account(whose, identifier)

    def _alias(self, old: Account | None, others: Sequence[Account]) -> str | None:
        """The alias that the account gets now: the one that was asked for, where no other account is called so."""
        wanted, present = self.request.alias, None if old is None else old.alias
        if wanted is None or wanted == present:
            return present
        other = holder(wanted, others)
        if other is None:
            if present is not None and self.attended:
                self.renamed_from = old
                return present
            return wanted
        if (other.alias or "").casefold() != wanted.casefold():
            raise called_so(other, wanted)
        if self.request.replace:
            self._displaced = other  # it keeps its name until the new account is stored: no moment has two of one name
            return present
        if self.attended:
            self.wanted_from = other
            return present
        raise AccountConflict(
            f"{other.label} is the account of {other.nickname or 'somebody else'},"
            f" and {self.account.nickname or self.whose.nickname or 'another person'} has just consented.",
            hint="Choose another --as, or add --replace.",
        )

    def _lock_of(self, account: Account) -> AbstractContextManager[object]:
        """The account's lock, which is held already where it is the held one."""
        held = self._pending.is_listed and self._pending.id == account.id
        return nullcontext() if held else account_lock(self.context, account.key)

    def _list(self) -> None:
        old = self.context.accounts.get(self.account.provider, self.account.id)
        if old is not None and old.grant == self._grant:
            self.account = replace(self.account, slot=old.slot, store=old.store, expires_at=old.expires_at)
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
            self.context.accounts.forget(replace(self.account, state="connecting"))

    def _take_alias(self) -> None:
        if self._displaced is None:
            return
        try:
            now = give_name_up(self.context, self._displaced, self.account)
            with self._lock_of(self.account):
                self.account = call(self.context, self.account, self.request.alias)
        except GumauthError as error:
            self.notices.append(f"{self._displaced.label} could not be taken from its account: {error.message}")
        else:
            self.notices += [f"The account that was {self._displaced.label} is called {now.label} now."] if now else []

    def _remember_replaced(self, old: Account) -> None:
        try:
            # Settled, because the free entry is the other one than that of the newest record.
            old, record = self.context.records(old.store).settle(old)
            self.replaced = (old, record)
        except StoreError:
            # Nothing can be ended with it, and the new record takes its place.
            if is_alive(old):
                self.notices.append(f"The older tokens of {old.label} cannot be read: their grant may live on there.")
        self.account = replace(self.account, slot=old.slot, refreshable=self._refresh_token() is not None)
        if self.kept_refresh_token:
            self.account = replace(self.account, refresh_expires_at=old.refresh_expires_at)

    @property
    def kept_refresh_token(self) -> bool:
        """Whether no refresh token came, and the one that the account has goes on."""
        return not self.granted.response.refresh_token and self._refresh_token() is not None

    def _refresh_token(self) -> str | None:
        """The one that came; else the account's older one, where the same client was given it and it is not dead.

        Some services give a refresh token at the first consent only.
        """
        own = self._latest.refresh_token if self._latest else self.granted.response.refresh_token
        if own or self.replaced is None:
            return own
        old, record = self.replaced
        same = (record.client_id, record.token_url) == (self.granted.client_id, self.calls.traits.token_endpoint)
        return record.refresh_token if same and old.state == "ok" else None

    def _record(self) -> Record:
        generation = self.replaced[1].generation if self.replaced else 0
        if self._latest is not None:
            return replace(self._latest, refresh_token=self._refresh_token(), generation=generation)
        response, now = self.granted.response, self.account.connected_at
        lives: float | None = response.expires_in
        if lives is None and self.replaced is not None and self.replaced[1].client_id == self.granted.client_id:
            lives = lifetime(self.replaced[1])
        return Record(
            access_token=response.access_token,
            refresh_token=self._refresh_token(),
            token_type=response.token_type,
            expires_at=None if lives is None else now + lives,
            obtained_at=now,
            generation=generation,
            grant=self._grant,
            token_url=self.calls.traits.token_endpoint,
            client_id=self.granted.client_id,
            extras=dict(self.granted.extras),
            account={},
        )

    def _store(self) -> None:
        records = self.context.records(self.account.store)
        self.account, _ = records.put(self.account, self._record(), firmly=True)
        records.mark(self.account)
        if self.replaced is not None:
            self._drop_replaced(self.replaced[0])

    def _drop_replaced(self, old: Account) -> None:
        """Delete the older record; what it held is in memory still, to be ended at the provider."""
        try:
            self.context.records(old.store).drop(old)
        except StoreError:
            pass  # it belongs to another grant, so it is never taken for this one's

    def _say(self, old: Account | None, others: Sequence[Account]) -> None:
        """What the person should know: which account it is, what it is called now, and which is the default."""
        account = self.account
        if self.replaced is not None and is_alive(self.replaced[0]):
            again = f"This is {self.replaced[0].label} again: its tokens are new now."
            self.notices.append(again if self.whose.identity else f"{self._not_told} {again}")
        elif old is not None and not self.is_sure:
            self.notices.append(f"{self._not_told} It is taken for {old.label}, which had to be connected again.")
        if self.kept_refresh_token:
            self.notices.append(f"No refresh token came; {account.label} keeps the one that it has.")
        if old is not None and old.name not in (account.name, old.id):
            self.notices.append(f"{old.label} is called {account.label} from now on.")
        if account.number is not None and account.nickname and (old is None or old.number is None):
            self.notices.append(
                f"Another account is called {account.nickname} too, and this one is {account.label};"
                f" `gumauth rename {account.argument} ALIAS` gives it a name."
            )
        self._say_default(others)

    @property
    def _not_told(self) -> str:
        return (
            f"{self.account.provider} does not tell who this is, only a nickname."
            if self.whose.nickname
            else (f"{self.account.provider} did not say whose account this is.")
        )

    def _say_default(self, others: Sequence[Account]) -> None:
        try:
            chosen = self.context.accounts.default(self.account.provider)
        except HomeError:
            return  # another account's file: this one is stored and listed
        command = f"`gumauth default {self.account.argument}`"
        ours = {self.account.id, self._pending.id}
        if chosen is None and others:
            self.notices.append(f"{self.account.provider} has no default account; {command} makes this one it.")
        elif chosen is not None and chosen.id not in ours and chosen.state != "connecting":
            self.notices.append(f"{chosen.label} stays the default; {command} changes that.")

    def give_up(self) -> str:
        """End a grant that could not be kept, where that ends no other; gives the sentence that says what became of it.

        A service may keep one grant for all logins of a person: it is left alone where a connected account could
        have it too.
        """
        if not self.calls.traits.separate_grants:
            accounts = self.context.accounts.all(self.account.provider)
            others = (account for account in accounts if account.grant != self._grant and may_be_alive(account))
            sharing = (account for account in others if could_share(account, self.whose))
            if (other := next(sharing, None)) is not None:
                return f"The new grant was not revoked: that could end {other.label} too. It lives on there."
        record = replace(self._record(), refresh_token=self.granted.response.refresh_token)
        try:
            end_grant(self.calls, record, now=self.context.clock(), can_look=self.whose.nickname is not None)
        except GumauthError:
            return "The new grant could not be revoked and lives on there."
        return "The new grant was revoked."


def called_so(other: Account, wanted: str) -> AccountConflict:
    """The error for an alias that is what another account is called without one."""
    return AccountConflict(
        f"{wanted} cannot be an alias: {other.label} is called so already.", hint="Choose another --as."
    )


def _could_lose(account: Account) -> bool:
    """Whether an account has something that another person's login must not take: living tokens, or a name."""
    return is_alive(account) or account.alias is not None


def give_name_up(context: Context, displaced: Account, to: Account) -> Account | None:
    """Take the alias from the account that has it; that one is called by its nickname or a number from now on.

    To be called with the lock of connecting held.

    Returns:
        The account without the alias; None where it had lost it by itself.

    Raises:
        GumauthError: It could not be taken, or whom it would go to is not there any more.
    """
    if context.accounts.get(to.provider, to.id) is None:
        raise NotConnected(f"{to.label} has been disconnected.")
    with account_lock(context, displaced.key):
        current = context.accounts.get(displaced.provider, displaced.id)
        if current is None or current.alias != displaced.alias:
            return None
        context.accounts.save(now := context.accounts.named(replace(current, alias=None)))
        return now


def call(context: Context, account: Account, alias: str | None) -> Account:
    """Give an account an alias, if no other one is called so; gives the account as it is now.

    To be called with the locks of connecting and of the account held.

    Raises:
        NotConnected: The account is not there any more.
        AccountConflict: Another account is called so by now.
    """
    current = context.accounts.get(account.provider, account.id)
    if current is None:
        raise NotConnected(f"{account.label} has been disconnected.")
    others = [other for other in context.accounts.all(account.provider) if other.id != account.id]
    if alias is None or holder(alias, others) is not None:
        raise AccountConflict(f"{account.provider}/{alias} is another account's name by now.")
    context.accounts.save(now := context.accounts.named(replace(current, alias=alias), others))
    return now
