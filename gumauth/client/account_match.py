"""As which account a login is kept: a connected one that it belongs to, or a new one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gumauth.accounts.account import DEAD, Account
from gumauth.accounts.references import first_field, holder
from gumauth.client.aliases import called_so
from gumauth.client.identity_request import Whose
from gumauth.errors import AccountConflict
from gumauth.oauth2.identity import NONE, same_identity


@dataclass(frozen=True, kw_only=True)
class Login:
    """A login that has just brought tokens.

    Args:
        whose: As the provider says.
        alias: The name that the person gives the account; None for none.
        source: Where the provider comes from.
        has_refresh_token: Whether one came.
        replaces: Whether the account gets the alias although another person's account has it.
        attended: Whether the person can be asked afterwards: an account whose person is not sure is left as it is.
    """

    whose: Whose
    alias: str | None
    source: str
    has_refresh_token: bool
    replaces: bool = False
    attended: bool = False


@dataclass(frozen=True, kw_only=True)
class Match:
    """The account that a login belongs to.

    Args:
        account: None where the login is of an account that is not connected.
        presumed: The provider did not say that it is the same; its nickname, its name, or that nobody else has come
            without a nickname makes it likely.
    """

    account: Account | None = None
    presumed: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """As which account a login is kept, and what only the person can decide afterwards.

    Args:
        old: The account that the login belongs to; None for a new account.
        is_sure: Whether the provider says that the login belongs to `old`.
        others: All other accounts of the provider.
        alias: What the account is called from now on; None for no alias.
        presumed: The account that this may be again.
        renamed_from: The same account under the alias that it has, where the person wanted another alias.
        wanted_from: Another person's account, which has the alias that the person wanted.
        displaced: Another person's account, from which the alias is taken when the new account is stored: at no moment
            have two accounts one name.
    """

    old: Account | None = None
    is_sure: bool = True
    others: tuple[Account, ...] = ()
    alias: str | None = None
    presumed: Account | None = None
    renamed_from: Account | None = None
    wanted_from: Account | None = None
    displaced: Account | None = None


def decide(login: Login, accounts: Sequence[Account], of_this_service: Sequence[Account]) -> Decision:
    """As which account a login is kept. Promises I1, I2, L3.

    Args:
        login: What came.
        accounts: All of the provider, in the order of their connects.
        of_this_service: Those of them that the login can belong to.

    Raises:
        AccountConflict: The alias that the person wants is another account's.
    """
    found, presumed = match(login, of_this_service), None
    if found.account is not None and found.presumed and login.attended and _could_lose(found.account):
        presumed, found = found.account, Match()
    old = found.account
    return _with_alias(
        login,
        Decision(
            old=old,
            is_sure=not found.presumed,
            others=tuple(account for account in accounts if old is None or account.id != old.id),
            alias=None if old is None else old.alias,
            presumed=presumed,
        ),
    )


def _with_alias(login: Login, decision: Decision) -> Decision:
    """The decision with the alias that the person wants, where no other account is called so."""
    wanted, present = login.alias, decision.alias
    if wanted is None or wanted == present:
        return decision
    other = holder(wanted, decision.others)
    if other is None:
        asks = present is not None and login.attended
        return replace(decision, renamed_from=decision.old) if asks else replace(decision, alias=wanted)
    if (other.alias or "").casefold() != wanted.casefold():
        raise called_so(other, wanted)
    if login.replaces:
        return replace(decision, displaced=other)
    if login.attended:
        return replace(decision, wanted_from=other)
    raise AccountConflict(
        f"{other.label} is the account of {other.nickname or 'somebody else'},"
        f" and {login.whose.nickname or 'another person'} has just consented.",
        hint="Choose another --as, or add --replace.",
    )


def _could_lose(account: Account) -> bool:
    """Whether an account has something that another person's login must not take: living tokens, or a name."""
    return is_alive(account) or account.alias is not None


def match(login: Login, accounts: Sequence[Account]) -> Match:
    """The account that a login belongs to.

    Two logins are one account where the provider says so by an identity. Where it tells none, the nickname stands for
    the identity, and an alias that no account has makes another account.

    Args:
        login: What came.
        accounts: All of the provider, in the order of their connects.
    """
    whose = login.whose
    if whose.identity:
        same = [account for account in accounts if same_identity(account.identity, whose.identity)]
        exact = [account for account in same if account.identity == whose.identity]
        if same:
            called = [account for account in same if login.alias and account.alias == login.alias]
            several = len({account.identity for account in same}) > 1 and not exact
            return Match(account=_preferred(called or exact or same, login.alias), presumed=several)
        dead = [a for a in accounts if not is_alive(a) and not a.identity and _has_nickname(a, whose.nickname)]
        return _presumed([a for a in dead if login.alias is None or a.alias in (None, login.alias)], login.alias)
    unknown = [account for account in accounts if not account.identity]
    if whose.nickname:
        called = [account for account in unknown if _has_nickname(account, whose.nickname)]
        if login.alias:
            called = [account for account in called if account.alias == login.alias]
        return _presumed(called, login.alias)
    return _nameless(login, accounts)


def _nameless(login: Login, accounts: Sequence[Account]) -> Match:
    """A login that nobody put a name to takes the place of one like it, unless that could make two people one."""
    if login.alias:
        called = [account for account in accounts if account.alias == login.alias]
        called = [account for account in called if _is_nameless(account) or not is_alive(account)]
        # Where the provider tells nobody's name, the alias is the person's word; else it could be somebody else.
        return _presumed(called if login.whose.identity == NONE else _without_loss(login, called), login.alias)
    like_it = [a for a in accounts if _is_nameless(a) and a.alias is None and a.source == login.source]
    like_it = [a for a in like_it if a.state != "connecting"]  # another connect's, which goes on
    if login.whose.identity is None:
        like_it = [a for a in like_it if not is_alive(a)]  # it could not be asked now: it may be anybody
    return _presumed(_without_loss(login, like_it), None)


def _without_loss(login: Login, accounts: Sequence[Account]) -> list[Account]:
    """Those whose refresh token would not go on under this login, whose it perhaps is not."""
    return [
        account for account in accounts if login.has_refresh_token or not (account.refreshable and is_alive(account))
    ]


def _presumed(accounts: Sequence[Account], alias: str | None) -> Match:
    if not accounts:
        return Match()
    if len(accounts) > 1 and alias is None and not any(account.alias is None for account in accounts):
        return Match()  # which of them it is cannot be told
    return Match(account=_preferred(accounts, alias), presumed=True)


def _preferred(accounts: Sequence[Account], alias: str | None) -> Account:
    return next((account for account in accounts if account.alias == alias), accounts[0])


def _has_nickname(account: Account, nickname: str | None) -> bool:
    """Whether an account has this nickname, or its first field, which is all that an older gumauth asked for."""
    return bool(nickname) and account.nickname in (nickname, first_field(nickname or ""))


def _is_nameless(account: Account) -> bool:
    return not account.nickname and not account.identity


def is_alive(account: Account) -> bool:
    """Whether an account's tokens may still be good for something."""
    return may_be_alive(account) and account.state != "connecting"


def may_be_alive(account: Account) -> bool:
    """Whether an account's grant may be alive, also that of a connect that was interrupted or goes on."""
    return account.state not in DEAD


def could_share(account: Account, whose: Whose) -> bool:
    """Whether an account may have the same grant as a login, where its service keeps one for a person and an app."""
    return not (account.identity and whose.identity) or same_identity(account.identity, whose.identity)
