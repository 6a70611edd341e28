"""Moving accounts: which, from where to where, and what became of each. Promises T1 and R9."""

from __future__ import annotations

from gumauth.accounts import choice
from gumauth.client.lookup import find
from gumauth.client.move.between import Arrived, Crossing
from gumauth.client.move.within import change_store, is_crossing
from gumauth.errors import GumauthError, NotConnected, UsageError
from gumauth.platform.frozen import frozen, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.account import Account
    from gumauth.client.context import Context

DATABASE = "postgresql"
OWN = ("keyring", "file")
"""What `--to` may say beside `DATABASE` and an address: this machine's stores, as GUMAUTH_STORE calls them."""


@frozen
class Moved:
    """What became of one account.

    Args:
        account: As it is listed now, or as it was found where it was not moved.
        context: The run whose accounts have it.
        is_new: Whether it was moved; False where it was there already, and where it failed.
        error: Why it was not moved.
        sentences: What else the person should know.
        was_default: Whether it was its provider's default account where it was.
    """

    account: Account
    context: Context
    is_new: bool = False
    error: GumauthError | None = None
    sentences: tuple[str, ...] = ()
    was_default: bool = False


@frozen
class _Found:
    account: Account
    context: Context


def move(context: Context, references: Sequence[str], to: str) -> list[Moved]:
    """Move accounts, one after the other.

    Args:
        context: The run.
        references: The accounts.
        to: "postgresql", for the database that the run has; the address of a database; "keyring" or "file".

    Raises:
        UsageError: `to` is nothing of that, or no database is named.
        NotConnected: One of the accounts is not there; nothing was moved then.
    """
    target = _target(context, to)
    own = target if not target.is_shared else context.at(OWN[0]) if context.is_shared else context
    shared = target if target.is_shared else context if context.is_shared else None
    found = [_find(context, own, shared, reference, is_to_shared=target.is_shared) for reference in references]
    word = DATABASE if target.is_shared else to
    done = [_moved(each, own, shared, target, word) for each in found]
    return [
        replace(one, sentences=(*one.sentences, *_without_default(each.context, one)))
        for each, one in zip(found, done, strict=True)
    ]


def _without_default(source: Context, moved: Moved) -> list[str]:
    """A sentence where the provider's name alone stands for no account any more, in the place that the default left."""
    provider = moved.account.provider
    left = list(source.accounts.all(provider)) if moved.was_default else []
    if not left or source.accounts.default(provider, left) is not None:
        return []
    return [f"{moved.account.label} was the default of {provider} where it was; {provider} has none there now."]


def _target(context: Context, to: str) -> Context:
    """The run whose accounts are those where to move."""
    if to in OWN:
        return context.at(to)
    if choice.is_shared({"GUMAUTH_STORE": to}):
        return context.at(to)
    if to != DATABASE:
        shown = to if to.isalnum() else "What --to says"  # an address may have a password in it
        raise UsageError(
            f"{shown} is no place for accounts.", hint="Write `--to postgresql`, `--to keyring` or `--to file`."
        )
    if not context.is_shared:
        raise UsageError(
            "No database is named.",
            hint="Set GUMAUTH_STORE to its address, or write it: `--to postgresql://HOST/DATABASE`.",
        )
    return context


def _find(context: Context, own: Context, shared: Context | None, reference: str, *, is_to_shared: bool) -> _Found:
    """An account where it is to be moved from; else where it is to be moved to, as what is there already."""
    first, second = (own, shared) if is_to_shared or shared is None else (shared, own)
    try:
        return _Found(account=find(first, reference), context=first)
    except NotConnected:
        if second is None:
            raise
    try:
        return _Found(account=find(second, reference), context=second)
    except NotConnected:
        find(context, reference)  # in the words of the run's own keeper
        raise


def _moved(found: _Found, own: Context, shared: Context | None, target: Context, to: str) -> Moved:
    """Move one account; gives what became of it, also where that is an error."""
    try:
        arrived = _arrived(found, own, shared, target, to)
    except GumauthError as error:
        return Moved(account=found.account, context=found.context, error=error)
    return Moved(
        account=arrived.account,
        context=target,
        is_new=arrived.is_new,
        sentences=arrived.sentences,
        was_default=arrived.was_default,
    )


def _arrived(found: _Found, own: Context, shared: Context | None, target: Context, to: str) -> Arrived:
    account = found.account
    if target.is_shared:
        return Crossing(own, target, to).move(account)
    if found.context.is_shared or is_crossing(account):
        if shared is None:
            raise UsageError(
                f"A move of {account.label} to or from a database has begun, and ends only with that.",
                hint="Set GUMAUTH_STORE to its address, and run the command again.",
            )
        return Crossing(shared, target, to).move(account)
    now = change_store(target, account, to)
    return Arrived(account=now or account, is_new=now is not None)
