"""The account that a reference names, and what to run where it cannot be used."""

from __future__ import annotations

from gumauth.errors import NotConnected, ReconnectNeeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.account import Account, State
    from gumauth.client.context import Context
    from gumauth.client.provider_sources import Sources

BEGUN: dict[State, str] = {"revoking": "revoke", "leaving": "disconnect"}
"""The states of what was cut short → the command that is run again."""


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
    whys: dict[State, str] = {
        "reconnect": f"The grant of {account.label} is dead",
        "revoked": f"{account.label} was revoked",
        "revoking": f"A revoke of {account.label} has begun, and its end is not known",
        "leaving": f"{account.label} is being disconnected",
    }
    why = whys.get(account.state, f"{account.label} cannot be used")
    reason = f": {account.reason}" if account.reason else "."
    raise ReconnectNeeded(why + reason, command=mending_command(context, account), account=account.label)


def mending_command(context: Context, account: Account, sources: Sources | None = None) -> str:
    """The command that helps an account which is not "ok": what was begun is run again, else it is connected again."""
    begun = BEGUN.get(account.state)
    return f"gumauth {begun} {account.argument}" if begun else connect_command(context, account, sources)


def connect_command(context: Context, account: Account, sources: Sources | None = None) -> str:
    """The command that connects this account again.

    Args:
        context: Where the accounts are.
        account: The account.
        sources: Where the accounts come from, if that was looked up already.
    """
    what = (sources or context.sources).argument(account)
    return f"gumauth connect {what}" + (f" --as {account.alias}" if account.alias else "")
