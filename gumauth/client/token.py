"""Handing out a token that is good now. A good one costs two reads: no lock, no network, no heavy import."""

from __future__ import annotations

from gumauth.client.refresh.expiry import is_due, is_too_short
from gumauth.errors import NotConnected, ReconnectNeeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.account import Account
    from gumauth.accounts.records import Record
    from gumauth.client.context import Context
    from gumauth.client.provider_sources import Sources


def token(context: Context, reference: str, *, min_valid: float | None = None) -> tuple[Account, Record]:
    """An account with a record whose access token is valid now, refreshed first if it is due.

    Args:
        context: Folders, clock, environment.
        reference: PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME.
        min_valid: Seconds for which the token must be good. Where the account's tokens live no longer than that, one is
            given that has four fifths of its lifetime left, with a warning.

    Raises:
        NotConnected: There is no such account.
        ReconnectNeeded: Its grant is dead or ended.
        Temporary: It is due and could not be refreshed this time.
        StoreError: The record cannot be read.
    """
    account = find(context, reference)
    check_usable(context, account)
    record = context.records(account.store).read(account)
    if is_due(record, context.clock(), min_valid):
        if not record.refresh_token or not account.refreshable:
            return account, without_refresh(context, account, record)
        from gumauth.client.refresh.refresh import renew

        account, record = renew(context, account, min_valid=min_valid)
    if is_too_short(record, min_valid):
        lifetime = f"{(record.expires_at or 0.0) - record.obtained_at:.0f} s"
        context.notify(
            f"A token of {account.label} lives for {lifetime} only, and cannot be good for as long as asked."
        )
    return account, record


def find(context: Context, reference: str, *, whole: bool = False) -> Account:
    """The account that a reference names; what was damaged or cut short is mended on the way.

    Args:
        context: Folders, clock, environment.
        reference: PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME; an alias or nickname alone, where one account has it.
        whole: Whether such a name alone is refused.

    Raises:
        NotConnected: There is none.
        UsageError: The reference cannot name one.
    """
    try:
        account = _listed(context, reference, whole=whole)
    finally:
        context.say_passed_over()
    if account.state != "connecting":
        return account
    from gumauth.client.repair import resume

    return resume(context, account) or find(context, reference, whole=whole)


def _listed(context: Context, reference: str, *, whole: bool) -> Account:
    try:
        account = look_up(context, reference, whole=whole)
    except NotConnected:
        if not context.accounts.unreadable:
            raise
    else:
        if not context.accounts.unreadable:
            return account
    from gumauth.client.repair import repair

    repair(context)
    return look_up(context, reference, whole=whole)


def look_up(context: Context, reference: str, *, whole: bool = False) -> Account:
    """The account that a reference names, as it is listed: nothing is mended, and the store is not asked.

    Args:
        context: Folders, clock, environment.
        reference: As `find` has it.
        whole: As `find` has it.

    Raises:
        NotConnected: There is none; the hint is what was perhaps meant, or the connect that helps.
        UsageError: The reference cannot name one, or could mean several.
    """

    def otherwise(reference: str, accounts: Sequence[Account]) -> Account:
        from gumauth.client.suggestions import instead

        return instead(context, reference, accounts, whole=whole)

    return context.accounts.find(reference, otherwise)


def check_usable(context: Context, account: Account) -> None:
    """Stop where only a new connect helps.

    Raises:
        ReconnectNeeded: The grant is dead, revoked, or being given up.
    """
    if account.state == "ok":
        return
    why = {
        "reconnect": f"The grant of {account.label} is dead",
        "revoked": f"{account.label} was revoked",
        "revoking": f"A revoke of {account.label} has begun, and its end is not known",
        "leaving": f"{account.label} is being disconnected",
    }.get(account.state, f"{account.label} cannot be used")
    reason = f": {account.reason}" if account.reason else "."
    raise ReconnectNeeded(why + reason, hint=f"Run `{mending_command(context, account)}`.")


def without_refresh(context: Context, account: Account, record: Record) -> Record:
    """The record of an account that cannot be refreshed, for as long as its token has life.

    Raises:
        ReconnectNeeded: It has none left.
    """
    if record.expires_at is None or record.expires_at > context.clock():
        context.notify(f"The token of {account.label} ends soon and cannot be refreshed.")
        return record
    raise ReconnectNeeded(
        f"The token of {account.label} has expired, and its provider gave no refresh token.",
        hint=f"Run `{connect_command(context, account)}`.",
    )


def mending_command(context: Context, account: Account, sources: Sources | None = None) -> str:
    """The command that helps an account which is not "ok": what was begun is run again, else it is connected again."""
    begun = {"revoking": "revoke", "leaving": "disconnect"}.get(account.state)
    return f"gumauth {begun} {account.argument}" if begun else connect_command(context, account, sources)


def connect_command(context: Context, account: Account, sources: Sources | None = None) -> str:
    """The command that connects this account again.

    Args:
        context: Where the accounts are.
        account: The account.
        sources: Where the accounts come from, if that was looked up already.
    """
    from gumauth.client.provider_sources import sources_of

    what = (sources or sources_of(context)).argument(account)
    return f"gumauth connect {what}" + (f" --as {account.alias}" if account.alias else "")
