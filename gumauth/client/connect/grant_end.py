"""Ending a grant when a connect ends: the new grant that could not be kept, or the older grant that was replaced.

Promises I2, I3: no grant is ended that another account could have too, and none before the new token works.
"""

from __future__ import annotations

from gumauth.accounts.record import Record
from gumauth.client.account_match import could_share, may_be_alive
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.client.revoke_request import end_grant
from gumauth.errors import GumauthError
from gumauth.platform.frozen import replace


def end_unkept(pending: PendingAccount) -> str:
    """End a new grant that could not be kept; gives the sentence that says what became of the grant.

    A service may keep one grant for all logins of a person: the grant is left alone where a connected account could
    have it too.
    """
    whose, new = pending.login.whose, pending.new_record()
    if not pending.calls.traits.separate_grants:
        accounts = pending.context.accounts.all(pending.account.provider)
        grants = (account for account in accounts if account.grant != new.grant and not account.is_key)
        others = (account for account in grants if may_be_alive(account))
        if (other := next((account for account in others if could_share(account, whose)), None)) is not None:
            return f"The new grant was not revoked: that could end {other.label} too. It lives on there."
    record = replace(new, refresh_token=pending.grant.response.refresh_token)
    try:
        end_grant(pending.calls, record, now=pending.context.clock(), can_look=whose.nickname is not None)
    except GumauthError:
        return "The new grant could not be revoked and lives on there."
    return "The new grant was revoked."


def end_older(pending: PendingAccount, record: Record) -> None:
    """End an older grant, after the new token has been seen to work.

    Args:
        pending: The connected account.
        record: With the older tokens.

    Raises:
        GumauthError: The new token was not seen to work, or the older grant could not be ended, and lives on.
    """
    account, calls = pending.account, pending.calls
    new = pending.context.accounts.read(account)
    works = calls.call("is_active", new.access_token) if calls.traits.has("is_active") else bool(account.nickname)
    if works is not True:
        raise GumauthError("it was not tried, because the new token has not been seen to work.")
    end_grant(calls, record, now=pending.context.clock(), can_look=account.nickname is not None)
