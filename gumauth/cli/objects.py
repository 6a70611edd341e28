"""The objects that `--json` prints."""

from __future__ import annotations

from gumauth.cli.words import iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gumauth.accounts import Account
    from gumauth.context import Context


def account_object(context: Context, account: Account) -> dict[str, Any]:
    """An account, as every command prints it."""
    return {
        "provider": account.provider,
        "account": account.label,
        "nickname": account.nickname,
        "alias": account.alias,
        "default": is_default(context, account),
        "state": state(account, context.clock()),
        "reason": account.reason,
        "scopes": list(account.scopes),
        "requested_scopes": list(account.requested_scopes),
        "expires_at": iso(account.expires_at),
        "refreshable": account.refreshable,
        "connected_at": iso(account.connected_at),
        "refreshed_at": iso(account.refreshed_at),
        "store": account.store,
        "source": account.source,
    }


def is_default(context: Context, account: Account) -> bool:
    """Whether the provider's name alone stands for this account."""
    chosen = context.accounts.default_id(account.provider)
    if chosen is None:
        first = context.accounts.default(account.provider)
        chosen = first.id if first else None
    return chosen == account.id


CUT_SHORT = {"revoking": "reconnect", "leaving": "revoked", "connecting": "reconnect"}


def state(account: Account, now: float) -> str:
    """How an account is: "ok", "expired", "reconnect" or "revoked".

    An account whose disconnect was cut short is as good as revoked. One whose connect was has to be connected again; of
    one whose revoke was, it is not known what became, and it is not said to be revoked.
    """
    if account.state in CUT_SHORT:
        return CUT_SHORT[account.state]
    if account.state == "ok" and account.expires_at is not None and account.expires_at <= now:
        return "expired"
    return account.state
