"""The account that a reference names, and what to run where it cannot be used."""

from __future__ import annotations

from gumauth.errors import MayNotRefresh, NotConnected, ReconnectNeeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gumauth.accounts.account import Account, State
    from gumauth.accounts.interface import LockedAccount, Suggest
    from gumauth.client.context import Context
    from gumauth.client.provider_sources import Sources
    from gumauth.errors import GumauthError

MOVING: State = "moving"
"""The state of an account that nobody refreshes, because a move of it has begun."""

BEGUN: dict[State, str] = {"revoking": "revoke", "leaving": "disconnect"}
"""The state of an account that a command has begun to end → that command, to be run again."""


def find(context: Context, reference: str, *, whole: bool = False) -> Account:
    """The account that a reference names, repaired first where it was damaged or its connect was interrupted.

    Args:
        context: Folders, clock, environment.
        reference: PROVIDER, PROVIDER/ALIAS or PROVIDER/NICKNAME; an alias or nickname alone, where one account has it.
        whole: Whether an alias or nickname alone is refused.

    Raises:
        NotConnected: There is no such account; the hint is what was perhaps meant, or the connect that helps.
        UsageError: The reference cannot name an account.
        AmbiguousAccount: The reference could name several accounts.
    """
    suggest = _suggest(context, reference, whole=whole)
    account = context.accounts.find(reference, suggest)
    return (
        account
        if account.state != MOVING
        else _after_move(context, account) or context.accounts.find(reference, suggest)
    )


def _after_move(context: Context, account: Account) -> Account | None:
    """The account as a move leaves it that another process is at; None where it has moved away."""
    try:
        with context.accounts.locked(account) as locked:
            return locked.listed()
    except MayNotRefresh:
        return context.accounts.get(account.provider, account.id)


def look_up(context: Context, reference: str) -> Account:
    """The account that a reference names, as it is listed: nothing is repaired, and no store is asked.

    Raises:
        GumauthError: As `find`.
    """
    return context.accounts.look_up(reference, _suggest(context, reference, whole=False))


def _suggest(context: Context, reference: str, *, whole: bool) -> Suggest:
    def suggest(error: GumauthError, accounts: Sequence[Account]) -> Account:
        from gumauth.client.suggestions import suggestion

        return suggestion(context, reference, accounts, error, whole=whole)

    return suggest


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
        MOVING: f"A move of {account.label} has begun{_where(account)}, and has not ended",
    }
    why = whys.get(account.state, f"{account.label} cannot be used")
    reason = f": {account.reason}" if account.reason else "."
    raise ReconnectNeeded(why + reason, command=mending_command(context, account), account=account.label)


def _where(account: Account) -> str:
    """On which machine an account's move has begun, in words."""
    return f" on {account.moving[1]}" if account.moving and account.moving[1:2] > ("",) else ""


def disconnected(context: Context, account: Account) -> NotConnected:
    """The error for an account that is not listed any more."""
    from gumauth.client.other_keeper import kept_elsewhere

    return kept_elsewhere(context, account.label) or NotConnected(
        f"{account.label} has been disconnected.", command=connect_command(context, account), account=account.label
    )


def still_listed(locked: LockedAccount, account: Account) -> Account:
    """The account as it is listed now; raises `NotConnected` where another process has disconnected it meanwhile."""
    current = locked.listed()
    if current is None:
        raise NotConnected(f"{account.label} has been disconnected by another process.")
    return current


def mending_command(context: Context, account: Account, sources: Sources | None = None) -> str:
    """The command that helps an account which is not "ok": an interrupted command again, or else a new connect."""
    if account.state == MOVING and account.moving:
        return f"gumauth move {account.argument} --to {account.moving[0]}"
    begun = BEGUN.get(account.state)
    return f"gumauth {begun} {account.argument}" if begun else connect_command(context, account, sources)


def connect_command(context: Context, account: Account, sources: Sources | None = None) -> str:
    """The command that connects this account again.

    Args:
        context: Where the accounts are.
        account: The account.
        sources: Which provider files the accounts come from, if that was looked up already.
    """
    what = (sources or context.sources).argument(account)
    return f"gumauth connect {what}{connect_options(account)}"


def connect_options(account: Account) -> str:
    """The options with which `gumauth connect PROVIDER` connects this account again."""
    alias = f" --as {account.alias}" if account.alias else ""
    fields = "".join(f" --key {field}" for field in account.fields or ())
    return alias + (" --client-credentials" if account.is_of_client else fields)
