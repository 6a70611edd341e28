"""`gumauth refresh`: the named accounts, or all that can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gumauth.accounts.account import Account
from gumauth.client.context import Context
from gumauth.client.lookup import check_usable, find
from gumauth.client.refresh.refresh import renew
from gumauth.errors import GumauthError, NotRefreshable, ReconnectNeeded


@dataclass(frozen=True)
class Refreshed:
    """What `gumauth refresh` did with one account."""

    account: Account
    refreshed: bool
    error: GumauthError | None = None


def refresh(context: Context, references: Sequence[str]) -> list[Refreshed]:
    """Refresh the named accounts now; without a name, all that can be, and an account that cannot is no error.

    But where a grant is found dead that was not known to be, that is.

    Raises:
        NotConnected: A named account does not exist; nothing was refreshed then.
    """
    if references:
        accounts = [find(context, reference) for reference in references]
    else:
        accounts = list(context.accounts.all())
        context.know_sources(accounts)
        context.say_passed_over()
    return [_refresh_one(context, account, named=bool(references)) for account in accounts]


def _refresh_one(context: Context, account: Account, *, named: bool) -> Refreshed:
    try:
        check_usable(context, account)
        return Refreshed(renew(context, account, force=True)[0], refreshed=True)
    except (NotRefreshable, ReconnectNeeded) as error:
        now = _again(context, account)
        # Told once, so that whoever runs this by a timer knows.
        has_died = account.state == "ok" and now.state == "reconnect"
        return Refreshed(now, refreshed=False, error=error if named or has_died else None)
    except GumauthError as error:
        return Refreshed(_again(context, account), refreshed=False, error=error)


def _again(context: Context, account: Account) -> Account:
    return context.accounts.get(account.provider, account.id) or account
