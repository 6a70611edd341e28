"""The objects that `--json` prints."""

from __future__ import annotations

from gumauth.cli.terminal.formatting import iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from gumauth.accounts.account import Account
    from gumauth.client.context import Context

    ShownState = Literal["ok", "expired", "reconnect", "revoked"]


def account_object(context: Context, account: Account) -> dict[str, Any]:
    """One account, as every command prints it."""
    return account_objects(context, [account])[0]


def account_objects(context: Context, accounts: Sequence[Account], *, all_read: bool = False) -> list[dict[str, Any]]:
    """Accounts, as every command prints them.

    Args:
        context: Where the accounts are listed.
        accounts: Accounts of any providers.
        all_read: Whether `accounts` holds all accounts of each provider, in order: they are not read again to find the
            default account.
    """
    defaults, now = context.accounts.default_keys(accounts, all_read=all_read), context.clock()
    return [_object(account, now, default=account.key in defaults) for account in accounts]


def _object(account: Account, now: float, *, default: bool) -> dict[str, Any]:
    return {
        "provider": account.provider,
        "account": account.label,
        "nickname": account.nickname,
        "alias": account.alias,
        "default": default,
        "state": state(account, now),
        "reason": account.reason,
        "scopes": list(account.scopes),
        "requested_scopes": list(account.requested_scopes),
        "missing_scopes": list(account.missing_scopes),
        "expires_at": iso(account.expires_at),
        "refresh_expires_at": iso(account.refresh_expires_at),
        "refreshable": account.refreshable,
        "connected_at": iso(account.connected_at),
        "refreshed_at": iso(account.refreshed_at),
        "store": account.store,
        "source": account.source,
        "fields": None if account.fields is None else list(account.fields),
    }


def state(account: Account, now: float) -> ShownState:
    """The state of an account as a person reads it.

    An interrupted disconnect leaves an account "revoked"; an interrupted connect, "reconnect". An interrupted revoke
    leaves "reconnect" too: whether the grant has ended is unknown, and "revoked" would say that. So does an interrupted
    move: the account cannot be used until somebody runs the command again that its reason names. Promise I5.
    """
    match account.state:
        case "connecting" | "revoking" | "moving":
            return "reconnect"
        case "leaving":
            return "revoked"
        case "ok" if account.expires_at is not None and account.expires_at <= now:
            return "expired"
        case lasting:
            return lasting
