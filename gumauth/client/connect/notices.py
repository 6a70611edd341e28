"""What the person should know of an account that was just connected, in sentences. Promises I2, I4, I6."""

from __future__ import annotations

from gumauth.client.account_match import is_alive
from gumauth.client.connect.pending_account import PendingAccount
from gumauth.errors import HomeError
from gumauth.platform.text import one_line


def notices_of(pending: PendingAccount) -> list[str]:
    """Which account it is, what it is called now, and which account is the default; after `commit`.

    Args:
        pending: The connected account.
    """
    account, old = pending.account, pending.decision.old
    notices = list(pending.notices)
    if pending.replaced is not None and is_alive(pending.replaced[0]):
        again = f"This is {pending.replaced[0].label} again: its tokens are new now."
        notices.append(again if pending.login.whose.identity else f"{_not_told(pending)} {again}")
    elif old is not None and not pending.is_sure:
        notices.append(f"{_not_told(pending)} It is taken for {old.label}, which had to be connected again.")
    notices += _about_what_came_along(pending)
    if pending.kept_refresh_token:
        notices.append(f"No refresh token came; {account.label} keeps the one that it has.")
    if pending.calls.traits.discovered is not None and account.expires_at is None:
        notices.append(
            "The service does not say how long this token lives: it is handed out as it is, until"
            f" `gumauth refresh {account.argument}` or a new connect."
        )
    if old is not None and old.name not in (account.name, old.id):
        notices.append(f"{old.label} is called {account.label} from now on.")
    if account.number is not None and account.nickname and (old is None or old.number is None):
        notices.append(
            f"Another account is called {account.nickname} too, and this one is {account.label};"
            f" `gumauth rename {account.argument} ALIAS` gives it a name."
        )
    return notices + _about_default(pending)


def _not_told(pending: PendingAccount) -> str:
    provider = pending.account.provider
    if pending.login.whose.nickname:
        return f"{provider} does not tell who this is, only a nickname."
    return f"{provider} did not say whose account this is."


def _about_what_came_along(pending: PendingAccount) -> list[str]:
    """That calls reach something else now, such as another company of the same person."""
    before, now = pending.replaced[1].extras if pending.replaced else {}, pending.grant.extras
    names = [
        name
        for name in pending.calls.traits.callback_extras
        if name in now and before.get(name, now[name]) != now[name]
    ]
    label = pending.account.label
    return [
        f"The {one_line(name)} is not the one of before: what uses {label} reaches another one now." for name in names
    ]


def _about_default(pending: PendingAccount) -> list[str]:
    account = pending.account
    try:
        chosen = pending.context.accounts.default(account.provider)
    except HomeError:
        return []  # another account's file: this one is stored and listed
    command = f"`gumauth default {account.argument}`"
    if chosen is None and pending.decision.others:
        return [f"{account.provider} has no default account; {command} makes this one it."]
    # Another grant: the account without a name, which is discarded next, has the same grant.
    if chosen and chosen.state != "connecting" and chosen.id != account.id and chosen.grant != account.grant:
        return [f"{chosen.label} stays the default; {command} changes that."]
    return []
